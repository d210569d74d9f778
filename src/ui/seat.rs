//! Who stands behind the page: one who waits, until the cluster's code is fetched and a session goes on from there.
//!
//! The page is drawn without that code. It is fetched by the first message that needs the cluster, or by the first
//! touch of what may send one; what is asked for meanwhile is held until it is there.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::{SplitLoaderError, wasm_split};

use super::{App, keep};
use crate::session::{Front, Msg, Saved, Session, Waiting};

/// Why there is no session.
enum Failure {
    /// Its code could not be fetched.
    NotFetched,
    /// The run that was kept cannot be brought back: why.
    NotRestored(String),
}

impl From<SplitLoaderError> for Failure {
    fn from(_: SplitLoaderError) -> Self {
        Self::NotFetched
    }
}

/// What a session goes on from.
enum Begin {
    Waiting(Waiting),
    Saved(Saved),
}

/// Opens a session. All that only a session needs is in a file of its own, which is fetched by the first call.
#[wasm_split(cluster, fallible, wasm_split_path = ::leptos::wasm_split)]
fn open(begin: Begin) -> Result<Box<dyn Front>, Failure> {
    let session = match begin {
        Begin::Waiting(waiting) => Session::wake(waiting),
        Begin::Saved(saved) => {
            Session::restore(saved).map_err(|error| Failure::NotRestored(error.to_string()))?
        }
    };
    Ok(Box::new(session))
}

enum Who {
    Waiting(Waiting),
    Session(Box<dyn Front>),
}

/// Whoever is behind the page.
pub(super) struct Seat {
    who: Who,
    /// The run that was kept, until it is brought back.
    saved: Option<Saved>,
    is_waking: bool,
    /// What was asked for while the session is being opened.
    held: Vec<Msg>,
}

impl Seat {
    pub(super) fn new(waiting: Waiting, saved: Option<Saved>) -> Self {
        Self {
            who: Who::Waiting(waiting),
            saved,
            is_waking: false,
            held: Vec::new(),
        }
    }

    /// What the page sees.
    pub(super) fn front(&self) -> &dyn Front {
        match &self.who {
            Who::Waiting(waiting) => waiting,
            Who::Session(session) => &**session,
        }
    }

    /// Whether what it shows is to be kept over a reload: not while the run that was kept is being brought back.
    pub(super) fn is_kept(&self) -> bool {
        self.saved.is_none()
    }

    /// Whether there is a run to be brought back.
    pub(super) fn has_saved(&self) -> bool {
        self.saved.is_some()
    }

    /// Does what a message says; `false` if the session has to be opened for it.
    pub(super) fn update(&mut self, msg: Msg) -> bool {
        match &mut self.who {
            Who::Session(session) => session.update(msg),
            Who::Waiting(waiting)
                if !self.is_waking && self.saved.is_none() && Waiting::takes(&msg) =>
            {
                waiting.update(msg);
            }
            // The clock stands still meanwhile.
            Who::Waiting(_) if matches!(msg, Msg::Tick(_) | Msg::See) => {}
            Who::Waiting(_) => {
                self.held.push(msg);
                return self.is_waking;
            }
        }
        true
    }

    /// What a session is to be opened from; `None` if there is one, or will be.
    fn begin(&mut self) -> Option<Begin> {
        let Who::Waiting(waiting) = &self.who else {
            return None;
        };
        if std::mem::replace(&mut self.is_waking, true) {
            return None;
        }
        Some(match &self.saved {
            Some(saved) => Begin::Saved(saved.clone()),
            None => Begin::Waiting(waiting.clone()),
        })
    }

    /// Goes on with what came of it.
    fn settle(&mut self, opened: Result<Box<dyn Front>, Failure>) {
        self.is_waking = false;
        let held = std::mem::take(&mut self.held);
        match opened {
            Ok(session) => {
                self.saved = None;
                self.who = Who::Session(session);
                for msg in held {
                    self.update(msg);
                }
            }
            // Nothing that was written is lost; what was asked for can be asked for again.
            Err(Failure::NotFetched) => {
                if let Who::Waiting(waiting) = &mut self.who {
                    for msg in held {
                        waiting.update(msg);
                    }
                }
            }
            Err(Failure::NotRestored(_)) => (self.saved, self.held) = (None, held),
        }
    }
}

/// Has the session opened, unless there is one.
pub(super) fn wake(app: App) {
    let Some(begin) = app.seat.try_update_value(Seat::begin).flatten() else {
        return;
    };
    app.waking.set(true);
    if let Begin::Saved(_) = begin {
        keep::try_to_restore();
    }
    spawn_local(async move {
        let opened = open(begin).await;
        app.waking.set(false);
        let is_again = matches!(opened, Err(Failure::NotRestored(_)));
        let texts = app.messages().pane;
        match &opened {
            Ok(_) => keep::restored(),
            Err(Failure::NotFetched) => {
                keep::restored();
                app.notice.set(Some(texts.not_fetched.to_owned()));
            }
            Err(Failure::NotRestored(why)) => {
                keep::give_up();
                app.notice.set(Some((texts.not_restored)(why)));
            }
        }
        app.seat.update_value(|seat| seat.settle(opened));
        app.publish();
        if is_again {
            wake(app);
        }
    });
}
