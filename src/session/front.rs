//! What the page sees of a session, whether its cluster is there yet or not.

use std::sync::Arc;

use super::{Acted, Check, Deed, Entry, Inspection, Msg, Piece, Saved, Session};
use super::{apply_command, complete, inspect, link, script};
use crate::cluster::object::ObjectKey;
use crate::kubectl::Completion;
use crate::scene::Scene;
use crate::terminal::{Prompt, READY};

/// A session as the page sees it.
///
/// The page is drawn before the cluster's code is there: until a person wants something of the cluster, a
/// [`Waiting`](super::Waiting) stands for it. So the page names this alone, and never [`Session`] itself.
pub trait Front {
    /// Does what a person wants.
    fn update(&mut self, msg: Msg);
    /// What the stage shows.
    fn scene(&self) -> &Arc<Scene>;
    /// The text in the manifest pane.
    fn manifest(&self) -> &str;
    /// The file that it is.
    fn file(&self) -> &str;
    /// The files of the working directory, the one in the pane among them.
    fn files(&self) -> Vec<String>;
    /// What is wrong with the text in the pane, and what applying it would do.
    fn check(&self) -> &Arc<Check>;
    /// What was done so far.
    fn entries(&self) -> &[Arc<Entry>];
    /// The last Apply and its answer.
    fn applied(&self) -> Option<&Arc<Entry>>;
    /// What every terminal is ready for, the first one first.
    fn prompts(&self) -> &[Prompt];
    /// Milliseconds from the start to the instant that is shown.
    fn elapsed_ms(&self) -> i64;
    /// Milliseconds from the start to the last instant that was shown so far.
    fn furthest_ms(&self) -> i64;
    /// Whether time passes.
    fn is_playing(&self) -> bool;
    /// How fast, in hundredths.
    fn speed(&self) -> i64;
    /// Whether the last step found nothing.
    fn is_nothing_ahead(&self) -> bool;
    /// Whether starting again can be taken back.
    fn can_undo(&self) -> bool;
    /// How many records have happened up to the instant that is shown.
    fn position(&self) -> usize;
    /// What is selected.
    fn selected(&self) -> Option<&ObjectKey>;
    /// A closer look at what is selected.
    fn inspect(&self) -> Option<Inspection>;
    /// What happened last, the latest first.
    fn recent(&self) -> Vec<Acted>;
    /// The command that a deed is, as it is shown; `None` if what it is about is not there.
    fn command_of(&self, deed: &Deed) -> Option<String>;
    /// What could stand at a place of a line that is typed into a terminal.
    fn complete(&self, terminal: u8, line: &str, cursor: usize) -> Completion;
    /// A text in pieces, with what its names name.
    fn pieces(&self, text: &str) -> Vec<Piece>;
    /// What was done, as a shell script for a real cluster.
    fn script(&self) -> String;
    /// The log of what was asked for.
    fn log(&self) -> String;
    /// What has to be kept for [`Session::restore`].
    fn save(&self) -> Saved;
}

impl Front for Session {
    fn update(&mut self, msg: Msg) {
        Self::update(self, msg);
    }

    fn scene(&self) -> &Arc<Scene> {
        &self.scene
    }

    fn manifest(&self) -> &str {
        &self.manifest
    }

    fn file(&self) -> &str {
        &self.file
    }

    fn files(&self) -> Vec<String> {
        let files = self.timeline.workspace().files.keys();
        let mut names: Vec<String> = files.cloned().chain([self.file.clone()]).collect();
        names.sort();
        names.dedup();
        names
    }

    fn check(&self) -> &Arc<Check> {
        &self.check
    }

    fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    fn applied(&self) -> Option<&Arc<Entry>> {
        let apply = apply_command(&self.file);
        self.entries.iter().rev().find(|it| it.command == apply)
    }

    fn prompts(&self) -> &[Prompt] {
        &self.prompts
    }

    fn elapsed_ms(&self) -> i64 {
        self.timeline.elapsed_ms()
    }

    fn furthest_ms(&self) -> i64 {
        self.timeline.furthest_ms()
    }

    fn is_playing(&self) -> bool {
        self.playing
    }

    fn speed(&self) -> i64 {
        self.speed
    }

    fn is_nothing_ahead(&self) -> bool {
        self.nothing_ahead
    }

    fn can_undo(&self) -> bool {
        self.dropped.is_some()
    }

    fn position(&self) -> usize {
        self.timeline.view().at
    }

    fn selected(&self) -> Option<&ObjectKey> {
        self.selected.as_ref()
    }

    fn inspect(&self) -> Option<Inspection> {
        let key = self.selected.as_ref()?;
        Some(inspect::inspect(&self.timeline, key))
    }

    fn recent(&self) -> Vec<Acted> {
        inspect::recent(&self.timeline)
    }

    fn command_of(&self, deed: &Deed) -> Option<String> {
        let line = self.command_line(deed)?;
        Some(script::shown(&line).into_owned())
    }

    fn complete(&self, terminal: u8, line: &str, cursor: usize) -> Completion {
        // In a container there are other names.
        let is_outside = self
            .prompt(terminal)
            .is_some_and(|it| !it.inside && it.text == READY);
        let timeline = &self.timeline;
        if is_outside {
            complete(timeline.cluster(), timeline.workspace(), line, cursor)
        } else {
            Completion::default()
        }
    }

    fn pieces(&self, text: &str) -> Vec<Piece> {
        let namespace = &self.timeline.workspace().namespace;
        link::pieces(text, &self.timeline.view().store, namespace)
    }

    fn script(&self) -> String {
        let (done, entries) = self.timeline.done();
        script::script(&done, &entries)
    }

    fn log(&self) -> String {
        self.timeline.recording().log()
    }

    fn save(&self) -> Saved {
        self.saved()
    }
}
