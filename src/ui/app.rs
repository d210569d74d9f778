//! What every component shares: signals to draw from and a way to send messages.

use std::sync::Arc;

use leptos::prelude::*;

use super::fold::{self, Side};
use super::keep;
use super::seat::{self, Seat};
use super::stage::{self, Strip};
use super::time::CLOCK_STEP_MS;
use super::turns::Turns;
use crate::browser;
use crate::cluster::object::ObjectKey;
use crate::i18n::{Locale, Messages};
use crate::scene::{Place, Scene, Thought};
use crate::session::{Acted, Check, Deed, Entry, Front, Inspection, Msg};
use crate::terminal::Prompt;

/// The page's state.
#[derive(Clone, Copy)]
pub struct App {
    pub(super) seat: StoredValue<Seat, LocalStorage>,
    pub(super) turns: StoredValue<Turns, LocalStorage>,
    /// The deed that was answered with a pulse.
    pub(super) pulsed: StoredValue<Option<Arc<Thought>>>,
    locale: Locale,
    /// The position in the log and the selection that the closer look was made for.
    looked: StoredValue<(usize, Option<ObjectKey>)>,
    /// The compact shelves.
    pub(super) strips: StoredValue<Vec<(Place, Strip)>>,
    /// What the stage shows.
    pub scene: RwSignal<Arc<Scene>>,
    /// What is told of it beside the stage: the same, a little later.
    pub told: RwSignal<Arc<Scene>>,
    /// Milliseconds since the start.
    pub clock_ms: RwSignal<i64>,
    /// Milliseconds from the start to the last instant that is known.
    pub known_ms: RwSignal<i64>,
    /// Whether the cluster's code is being fetched and its run brought back.
    pub waking: RwSignal<bool>,
    /// Whether time passes.
    pub playing: RwSignal<bool>,
    /// How fast, in hundredths.
    pub speed: RwSignal<i64>,
    /// Whether the last step found nothing.
    pub nothing_ahead: RwSignal<bool>,
    /// Whether starting again can be taken back.
    pub can_undo: RwSignal<bool>,
    /// What the terminals are ready for.
    pub prompts: RwSignal<Vec<Prompt>>,
    /// The file that is open in the manifest pane, and all that there are.
    pub files: RwSignal<(String, Vec<String>)>,
    /// The text in the manifest pane.
    pub manifest: RwSignal<String>,
    /// What is wrong with it, and what applying it would do.
    pub check: RwSignal<Arc<Check>>,
    /// What was done so far.
    pub entries: RwSignal<Vec<Arc<Entry>>>,
    /// The last Apply and its answer.
    pub applied: RwSignal<Option<Arc<Entry>>>,
    /// What is selected.
    pub selected: RwSignal<Option<ObjectKey>>,
    /// A closer look at it.
    pub inspection: RwSignal<Option<Arc<Inspection>>>,
    /// What happened last.
    pub recent: RwSignal<Arc<Vec<Acted>>>,
    /// Something that the person should know of the page itself.
    pub notice: RwSignal<Option<String>>,
    /// Whether only the stage is shown, for a projector.
    pub presenting: RwSignal<bool>,
    /// The panes that are folded.
    pub folded: RwSignal<Vec<Side>>,
    /// Whether the About panel is open.
    pub about: RwSignal<bool>,
}

/// The page's state, in a component.
pub fn use_app() -> App {
    expect_context()
}

impl App {
    /// Begins with an empty cluster, or with the run that was kept.
    pub(super) fn new(locale: Locale) -> Self {
        let (waiting, saved, notice) = keep::kept(locale.messages().pane);
        let seat = Seat::new(waiting, saved);
        let session = seat.front();
        let app = Self {
            scene: RwSignal::new(Arc::clone(session.scene())),
            told: RwSignal::new(Arc::clone(session.scene())),
            clock_ms: RwSignal::new(0),
            known_ms: RwSignal::new(0),
            waking: RwSignal::new(false),
            playing: RwSignal::new(session.is_playing()),
            speed: RwSignal::new(session.speed()),
            nothing_ahead: RwSignal::new(false),
            can_undo: RwSignal::new(false),
            prompts: RwSignal::new(Vec::new()),
            files: RwSignal::new((session.file().to_owned(), session.files())),
            manifest: RwSignal::new(session.manifest().to_owned()),
            check: RwSignal::new(Arc::clone(session.check())),
            entries: RwSignal::new(Vec::new()),
            applied: RwSignal::new(None),
            selected: RwSignal::new(None),
            inspection: RwSignal::new(None),
            recent: RwSignal::new(Arc::default()),
            notice: RwSignal::new(notice),
            presenting: RwSignal::new(false),
            folded: RwSignal::new(fold::kept()),
            about: RwSignal::new(false),
            locale,
            pulsed: StoredValue::new(None),
            strips: StoredValue::new(Vec::new()),
            turns: StoredValue::new_local(Turns::new()),
            looked: StoredValue::new((usize::MAX, None)),
            seat: StoredValue::new_local(seat),
        };
        app.with(|session| browser::keep_manifest(session.manifest()));
        app.publish();
        app
    }

    /// Brings back the run that was kept, once the page is drawn.
    pub(super) fn go_on(self) {
        if self.seat.with_value(Seat::has_saved) {
            self.wake();
        }
    }

    /// Has the cluster's code fetched, if it is not there.
    pub(super) fn wake(self) {
        seat::wake(self);
    }

    /// Its texts.
    pub fn messages(self) -> &'static Messages {
        self.locale.messages()
    }

    /// Reads the session.
    pub fn with<T>(self, read: impl FnOnce(&dyn Front) -> T) -> T {
        self.seat.with_value(|seat| read(seat.front()))
    }

    /// The command that a deed is.
    pub fn command_of(self, deed: &Deed) -> Option<String> {
        self.with(|session| session.command_of(deed))
    }

    /// Does what a person wants, and lets every component know what is different now. The stage shows it in the next
    /// frames; what happened is listed when its turn comes.
    pub fn send(self, msg: Msg) {
        self.update(msg);
        self.with(|session| {
            self.publish_rest(session);
            if *self.selected.read_untracked() != session.selected().cloned() {
                self.look_closer(session);
            }
        });
        self.answer();
    }

    /// Lets time pass, on the clock and beside the stage.
    pub(super) fn tick(self, real_ms: i64) {
        self.update(Msg::Tick(real_ms));
        self.with(|session| self.publish_rest(session));
    }

    /// Makes what came of it into a scene, which is shown a part at a time.
    pub(super) fn see(self) {
        self.update(Msg::See);
    }

    /// Whether time passes or something is not shown yet or not whole, so that the next frame has something to do.
    pub(super) fn is_busy(self) -> bool {
        self.with(|session| {
            let shows =
                |it: RwSignal<Arc<Scene>>| Arc::ptr_eq(&*it.read_untracked(), session.scene());
            session.is_playing() || !shows(self.scene) || !shows(self.told)
        }) || stage::is_opening(self)
    }

    fn update(self, msg: Msg) {
        let done = self.seat.try_update_value(|seat| seat.update(msg));
        if done == Some(false) {
            self.wake();
        }
    }

    /// Shows on the stage a part of what has become of it, so that no frame takes long.
    pub(super) fn draw(self, part: impl Fn(&Scene, &Arc<Scene>) -> Arc<Scene>) {
        self.with(|session| {
            let goal = session.scene();
            let shown = self.scene.get_untracked();
            if Arc::ptr_eq(&shown, goal) {
                return;
            }
            let next = part(&shown, goal);
            if Arc::ptr_eq(&next, goal) || *next != *shown {
                self.scene.set(next);
            }
        });
    }

    /// Tells beside the stage what has become of it.
    pub(super) fn tell(self) {
        self.with(|session| {
            let now = session.scene();
            if !Arc::ptr_eq(&*self.told.read_untracked(), now) {
                self.told.set(Arc::clone(now));
            }
        });
    }

    /// Looks closer at what has become of it: only so often that it can be read.
    pub(super) fn look(self) {
        self.with(|session| self.look_closer(session));
    }

    /// Lets every component know what is different now.
    pub(super) fn publish(self) {
        self.with(|session| {
            self.publish_rest(session);
            self.look_closer(session);
        });
        self.answer();
    }

    fn publish_rest(self, session: &dyn Front) {
        let check = session.check();
        if !Arc::ptr_eq(&*self.check.read_untracked(), check) {
            self.check.set(Arc::clone(check));
        }
        let entries = session.entries();
        if *self.entries.read_untracked() != entries {
            self.entries.set(entries.to_vec());
            set(self.applied, session.applied().cloned());
            browser::keep_log(session.log());
        }
        set(self.prompts, session.prompts().to_vec());
        let file = (session.file().to_owned(), session.files());
        set(self.files, file);
        if *self.manifest.read_untracked() != session.manifest() {
            self.manifest.set(session.manifest().to_owned());
            browser::keep_manifest(session.manifest());
        }
        let step = CLOCK_STEP_MS;
        set(self.clock_ms, session.elapsed_ms() / step * step);
        // Rounded up, so that the end of the slider is the end.
        set(
            self.known_ms,
            (session.furthest_ms() + step - 1) / step * step,
        );
        set(self.playing, session.is_playing());
        set(self.speed, session.speed());
        set(self.nothing_ahead, session.is_nothing_ahead());
        set(self.can_undo, session.can_undo());
    }

    /// Looks at the selection anew if something happened.
    fn look_closer(self, session: &dyn Front) {
        let looked = (session.position(), session.selected().cloned());
        if self.looked.with_value(|last| *last == looked) {
            return;
        }
        set(self.selected, looked.1.clone());
        set(self.recent, Arc::new(session.recent()));
        set(self.inspection, session.inspect().map(Arc::new));
        self.looked.set_value(looked);
    }
}

fn set<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, now: T) {
    if *signal.read_untracked() != now {
        signal.set(now);
    }
}
