//! What every component shares: signals to draw from and a way to send messages.

use std::sync::Arc;

use leptos::prelude::*;

use crate::browser;
use crate::i18n::{Locale, Messages};
use crate::scene::Scene;
use crate::session::{Entry, Msg, Session};

/// The page's state.
#[derive(Clone, Copy)]
pub struct App {
    session: StoredValue<Session, LocalStorage>,
    locale: Locale,
    /// What the stage shows.
    pub scene: RwSignal<Arc<Scene>>,
    /// Milliseconds since the start.
    pub clock_ms: RwSignal<i64>,
    /// Whether time passes.
    pub playing: RwSignal<bool>,
    /// How fast, in hundredths.
    pub speed: RwSignal<i64>,
    /// Whether the last step found nothing.
    pub nothing_ahead: RwSignal<bool>,
    /// The text in the manifest pane.
    pub manifest: RwSignal<String>,
    /// What was done so far.
    pub entries: RwSignal<Vec<Arc<Entry>>>,
    /// The last Apply and its answer.
    pub applied: RwSignal<Option<Arc<Entry>>>,
}

/// The page's state, in a component.
pub fn use_app() -> App {
    expect_context()
}

impl App {
    /// Starts a session.
    pub(super) fn new() -> Self {
        let session = Session::default();
        let app = Self {
            scene: RwSignal::new(Arc::clone(session.scene())),
            clock_ms: RwSignal::new(0),
            playing: RwSignal::new(session.is_playing()),
            speed: RwSignal::new(session.speed()),
            nothing_ahead: RwSignal::new(false),
            manifest: RwSignal::new(session.manifest().to_owned()),
            entries: RwSignal::new(Vec::new()),
            applied: RwSignal::new(None),
            locale: Locale::default(),
            session: StoredValue::new_local(session),
        };
        app.session.with_value(|session| {
            browser::keep_manifest(session.manifest());
            keep_log(session);
        });
        app
    }

    /// The language of the page.
    pub fn locale(self) -> Locale {
        self.locale
    }

    /// Its texts.
    pub fn messages(self) -> &'static Messages {
        self.locale.messages()
    }

    /// Does what a person wants, and lets every component know what is different now.
    pub fn send(self, msg: Msg) {
        self.session.update_value(|session| session.update(msg));
        self.session.with_value(|session| self.publish(session));
    }

    fn publish(self, session: &Session) {
        let scene = session.scene();
        if !Arc::ptr_eq(&*self.scene.read_untracked(), scene) {
            self.scene.set(Arc::clone(scene));
        }
        let entries = session.entries();
        if *self.entries.read_untracked() != entries {
            self.entries.set(entries.to_vec());
            self.applied.set(session.applied().cloned());
            keep_log(session);
        }
        if *self.manifest.read_untracked() != session.manifest() {
            self.manifest.set(session.manifest().to_owned());
            browser::keep_manifest(session.manifest());
        }
        // The clock shows tenths of a second.
        let clock_ms = session.timeline().elapsed_ms() / 100 * 100;
        set(self.clock_ms, clock_ms);
        set(self.playing, session.is_playing());
        set(self.speed, session.speed());
        set(self.nothing_ahead, session.is_nothing_ahead());
    }
}

fn set<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, now: T) {
    if *signal.read_untracked() != now {
        signal.set(now);
    }
}

fn keep_log(session: &Session) {
    browser::keep_log(session.timeline().recording().log());
}
