//! The session before anybody wants something of its cluster.
//!
//! It stands on the page until the cluster's code is there, and needs none of it: an empty cluster in which time
//! passes. [`Session::wake`] goes on from it.

use std::sync::Arc;

use super::{Acted, Check, Deed, Entry, Inspection, Msg, Piece, Saved, Session};
use super::{
    FILE, FIRST_MANIFEST, Front, SEED, SPEED, SPEEDS, TERMINALS, TICK_MAX_MS, saved::Run, script,
};
use crate::cluster::config::Config;
use crate::cluster::object::ObjectKey;
use crate::kubectl::Completion;
use crate::scene::{NodeStrip, Scene};
use crate::terminal::Prompt;
use crate::timeline::{Recording, Timeline};

/// A session in which nothing was asked of the cluster yet.
#[derive(Clone, Debug)]
pub struct Waiting {
    manifest: String,
    /// Whether a person has written in the pane.
    touched: bool,
    elapsed_ms: i64,
    playing: bool,
    speed: i64,
    scene: Arc<Scene>,
    check: Arc<Check>,
    prompts: Vec<Prompt>,
}

impl Waiting {
    /// With a text in the manifest pane; without one it is the first manifest.
    pub fn new(manifest: Option<String>) -> Self {
        Self {
            manifest: manifest.unwrap_or_else(|| FIRST_MANIFEST.to_owned()),
            touched: false,
            elapsed_ms: 0,
            playing: true,
            speed: SPEED,
            scene: Arc::new(empty_scene()),
            check: Arc::default(),
            prompts: vec![Prompt::ready(); usize::from(TERMINALS)],
        }
    }

    /// As it was kept; `None` if anything was done in the run, which takes a cluster.
    pub fn restore(saved: &Saved) -> Option<Self> {
        let run = Run::read(&saved.run).ok()?;
        if run.file != FILE || run.log != Recording::new(SEED).log() {
            return None;
        }
        let fresh = Self::new(Some(saved.manifest.clone()));
        Some(Self {
            touched: true,
            elapsed_ms: run.at_ms,
            playing: run.playing,
            speed: run.speed,
            ..fresh
        })
    }

    /// Whether it can do what a message says without a cluster.
    pub fn takes(msg: &Msg) -> bool {
        matches!(
            msg,
            Msg::Edit(_) | Msg::Play | Msg::Pause | Msg::Speed(_) | Msg::Tick(_) | Msg::See
        )
    }
}

/// An empty cluster as it is drawn: its nodes.
fn empty_scene() -> Scene {
    let strip = |name| {
        Arc::new(NodeStrip {
            name,
            word: "Ready".into(),
            is_ready: true,
            pods: Vec::new(),
        })
    };
    let nodes = Config::page(SEED).nodes;
    Scene {
        nodes: nodes.into_iter().map(|it| strip(it.name)).collect(),
        ..Scene::default()
    }
}

impl Session {
    /// Starts the cluster of a session that was waiting, and lets the time pass that went by.
    pub fn wake(waiting: Waiting) -> Self {
        let mut timeline = Timeline::new(Recording::new(SEED));
        timeline.advance(waiting.elapsed_ms);
        let mut session = Self::new(timeline, waiting.manifest);
        session.touched = waiting.touched;
        session.playing = waiting.playing;
        session.speed = waiting.speed;
        session.draw();
        session
    }
}

impl Front for Waiting {
    fn update(&mut self, msg: Msg) {
        match msg {
            Msg::Edit(text) => (self.manifest, self.touched) = (text, true),
            Msg::Play => self.playing = true,
            Msg::Pause => self.playing = false,
            Msg::Speed(speed) if SPEEDS.contains(&speed) => self.speed = speed,
            Msg::Tick(ms) if self.playing => {
                self.elapsed_ms += ms.clamp(0, TICK_MAX_MS) * self.speed / 100;
            }
            // The rest is for whom it wakes.
            _ => {}
        }
    }

    fn scene(&self) -> &Arc<Scene> {
        &self.scene
    }

    fn manifest(&self) -> &str {
        &self.manifest
    }

    fn file(&self) -> &str {
        FILE
    }

    fn files(&self) -> Vec<String> {
        vec![FILE.to_owned()]
    }

    fn check(&self) -> &Arc<Check> {
        &self.check
    }

    fn entries(&self) -> &[Arc<Entry>] {
        &[]
    }

    fn applied(&self) -> Option<&Arc<Entry>> {
        None
    }

    fn prompts(&self) -> &[Prompt] {
        &self.prompts
    }

    fn elapsed_ms(&self) -> i64 {
        self.elapsed_ms
    }

    fn furthest_ms(&self) -> i64 {
        self.elapsed_ms
    }

    fn is_playing(&self) -> bool {
        self.playing
    }

    fn speed(&self) -> i64 {
        self.speed
    }

    fn is_nothing_ahead(&self) -> bool {
        false
    }

    fn can_undo(&self) -> bool {
        false
    }

    fn position(&self) -> usize {
        0
    }

    fn selected(&self) -> Option<&ObjectKey> {
        None
    }

    fn inspect(&self) -> Option<Inspection> {
        None
    }

    fn recent(&self) -> Vec<Acted> {
        Vec::new()
    }

    fn command_of(&self, _deed: &Deed) -> Option<String> {
        None
    }

    fn complete(&self, _terminal: u8, _line: &str, _cursor: usize) -> Completion {
        Completion::default()
    }

    fn pieces(&self, text: &str) -> Vec<Piece> {
        let text = text.to_owned();
        vec![Piece { text, key: None }]
    }

    fn script(&self) -> String {
        script::nothing_done()
    }

    fn log(&self) -> String {
        Recording::new(SEED).log()
    }

    fn save(&self) -> Saved {
        let run = Run {
            at_ms: self.elapsed_ms,
            playing: self.playing,
            speed: self.speed,
            file: FILE,
            log: &self.log(),
        };
        Saved {
            manifest: self.manifest.clone(),
            run: run.write(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same done before the cluster is there and after.
    fn both(messages: &[Msg]) -> (Waiting, Session, Session) {
        let (mut waiting, mut session) = (Waiting::new(None), Session::default());
        for msg in messages {
            assert!(Waiting::takes(msg), "{msg:?}");
            Front::update(&mut waiting, msg.clone());
            session.update(msg.clone());
        }
        session.update(Msg::See);
        let woken = Session::wake(waiting.clone());
        (waiting, woken, session)
    }

    /// All that the page sees of a session, but for the check of the manifest, which needs the cluster.
    fn seen(front: &dyn Front) -> impl PartialEq + std::fmt::Debug {
        let times = (
            front.elapsed_ms(),
            front.furthest_ms(),
            front.is_playing(),
            front.speed(),
        );
        let texts = (
            front.file().to_owned(),
            front.manifest().to_owned(),
            front.log(),
            front.script(),
        );
        let shown = (
            front.scene().clone(),
            front.prompts().to_vec(),
            front.entries().to_vec(),
        );
        let flags = (
            front.can_undo(),
            front.is_nothing_ahead(),
            front.applied().cloned(),
        );
        let looks = (front.recent(), front.inspect(), front.selected().cloned());
        let rest = (
            front.files(),
            front.save(),
            front.pieces("pod/web-0 created\n"),
        );
        (times, texts, shown, flags, looks, rest)
    }

    #[test]
    fn who_waits_looks_like_an_empty_cluster_and_becomes_one() {
        let an_hour = vec![Msg::Tick(TICK_MAX_MS); 3600 * 4];
        let busy = [
            Msg::Tick(130),
            Msg::Speed(400),
            Msg::Tick(9999),
            Msg::Edit("a: 1\n".into()),
            Msg::Speed(77),
            Msg::Pause,
            Msg::Tick(100),
            Msg::Play,
            Msg::Tick(-5),
            Msg::Tick(10),
        ];
        for messages in [&[][..], &busy[..], &an_hour[..]] {
            let (waiting, woken, session) = both(messages);
            assert_eq!(seen(&waiting), seen(&session));
            assert_eq!(seen(&woken), seen(&session));
        }
    }

    #[test]
    fn what_is_done_after_waking_comes_to_the_same() {
        let (_, mut woken, mut session) =
            both(&[Msg::Edit(FIRST_MANIFEST.to_owned()), Msg::Tick(200)]);
        for session in [&mut woken, &mut session] {
            session.update(Msg::Apply);
            for _ in 0..60 {
                session.update(Msg::Tick(TICK_MAX_MS));
            }
            session.update(Msg::See);
        }
        assert_eq!(woken.log(), session.log());
        assert_eq!(seen(&woken), seen(&session));
    }

    #[test]
    fn whatever_needs_the_cluster_wakes_it() {
        for msg in [
            Msg::Apply,
            Msg::Step,
            Msg::StartAgain,
            Msg::Select(None),
            Msg::Seek(0),
        ] {
            assert!(!Waiting::takes(&msg), "{msg:?}");
        }
    }
}
