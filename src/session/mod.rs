//! What a person works with: the timeline, the manifest in the pane, what is selected, and what was done so far.
//!
//! One plain value: [`Session::update`] takes a message and changes it. Whatever is done by hand runs as a command
//! and is shown as one.

mod check;
mod deed;
mod inspect;
mod saved;
mod script;

use std::sync::Arc;

pub use check::{Change, Check, Diagnostic, FieldChange, Remedy};
pub use deed::{Cascade, Deed, Force};
pub use inspect::{Acted, Inspection, Told};
pub use saved::{Saved, SavedError};

use crate::cluster::object::ObjectKey;
use crate::kubectl::Answer;
use crate::manifest;
use crate::scene::Scene;
use crate::timeline::{Ask, Recording, Timeline};

/// The file that the manifest pane is applied as.
pub const FILE: &str = "manifest.yaml";
/// How fast time can pass, in hundredths.
pub const SPEEDS: &[i64] = &[25, 50, 100, 200, 400, 800, 1600];
/// What the page starts with: a Service and a set of three, much as in the Kubernetes tutorial on StatefulSets.
pub const FIRST_MANIFEST: &str = include_str!("first.yaml");
/// How long a person must have written nothing before the manifest is checked, in milliseconds.
const CHECK_AFTER_MS: i64 = 150;
/// How often it is checked again while the cluster changes, in milliseconds of real time.
const RECHECK_AFTER_MS: i64 = 500;
/// The most real time that one tick stands for: a page that was hidden does not leap.
const TICK_MAX_MS: i64 = 250;

/// Something that a person wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Msg {
    /// The text of the manifest pane is this now.
    Edit(String),
    /// Takes the fix of a diagnostic, by its number in the check.
    Fix(usize),
    /// Applies it.
    Apply,
    /// Does something to the cluster.
    Do(Deed),
    /// Runs a command line.
    Run(String),
    /// Selects an object to look at closely, or none.
    Select(Option<ObjectKey>),
    /// Lets time pass.
    Play,
    /// Stops it.
    Pause,
    /// Goes to the next record.
    Step,
    /// Goes back to the record before.
    StepBack,
    /// Looks at an instant: so many milliseconds since the start.
    Seek(i64),
    /// Makes time pass at so many hundredths.
    Speed(i64),
    /// Drops the cluster and what was done; the manifest stays.
    StartAgain,
    /// Takes the last `StartAgain` back.
    Undo,
    /// So many milliseconds of real time went by.
    Tick(i64),
}

/// One command and what it printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number, from 0 on.
    pub number: usize,
    /// When it was run, in milliseconds since the start.
    pub at_ms: i64,
    /// The command line.
    pub command: String,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// The exit code.
    pub exit: i32,
    /// Whether it has not ended yet.
    pub waits: bool,
}

/// All of it.
#[derive(Clone, Debug)]
pub struct Session {
    timeline: Timeline,
    manifest: String,
    check: Arc<Check>,
    entries: Vec<Arc<Entry>>,
    selected: Option<ObjectKey>,
    playing: bool,
    speed: i64,
    nothing_ahead: bool,
    scene: Arc<Scene>,
    drawn: (usize, i64),
    /// The run that was dropped by starting again.
    dropped: Option<Box<Timeline>>,
    /// For how long the text in the pane has rested since it was changed and not checked.
    unchecked_ms: Option<i64>,
    /// The position in the log at the last check, and the real time since then.
    checked_at: usize,
    since_check_ms: i64,
}

impl Default for Session {
    fn default() -> Self {
        Self::fresh(FIRST_MANIFEST.to_owned())
    }
}

impl Session {
    /// A session with a run and a text in the pane.
    pub fn new(timeline: Timeline, manifest: String) -> Self {
        let scene = Scene::of(timeline.view(), timeline.log(), &Scene::default());
        let mut session = Self {
            timeline,
            manifest,
            check: Arc::default(),
            entries: Vec::new(),
            selected: None,
            playing: true,
            speed: 100,
            nothing_ahead: false,
            scene: Arc::new(scene),
            drawn: (0, 0),
            dropped: None,
            unchecked_ms: None,
            checked_at: 0,
            since_check_ms: 0,
        };
        session.list_entries();
        session.check_manifest();
        session
    }

    /// A session in which nothing has been done, with a text in the pane.
    pub fn fresh(manifest: String) -> Self {
        Self::new(Timeline::new(Recording::new(1)), manifest)
    }

    /// The run.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// The text in the manifest pane.
    pub fn manifest(&self) -> &str {
        &self.manifest
    }

    /// What is wrong with it, and what applying it would do.
    pub fn check(&self) -> &Arc<Check> {
        &self.check
    }

    /// What was done so far.
    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// The last Apply and its answer.
    pub fn applied(&self) -> Option<&Arc<Entry>> {
        let apply = apply_command();
        self.entries.iter().rev().find(|it| it.command == apply)
    }

    /// What is selected.
    pub fn selected(&self) -> Option<&ObjectKey> {
        self.selected.as_ref()
    }

    /// Whether time passes.
    pub fn is_playing(&self) -> bool {
        self.playing
    }

    /// How fast, in hundredths.
    pub fn speed(&self) -> i64 {
        self.speed
    }

    /// Whether the last step found nothing.
    pub fn is_nothing_ahead(&self) -> bool {
        self.nothing_ahead
    }

    /// Whether starting again can be taken back.
    pub fn can_undo(&self) -> bool {
        self.dropped.is_some()
    }

    /// What the stage shows.
    pub fn scene(&self) -> &Arc<Scene> {
        &self.scene
    }

    /// What happened last, the latest first.
    pub fn recent(&self) -> Vec<Acted> {
        inspect::recent(&self.timeline)
    }

    /// The command that a deed is, as it is shown; `None` if what it is about is not there.
    pub fn command_of(&self, deed: &Deed) -> Option<String> {
        let line = deed.command(&self.timeline.view().store)?;
        Some(script::shown(&line).into_owned())
    }

    /// A closer look at what is selected.
    pub fn inspect(&self) -> Option<Inspection> {
        let key = self.selected.as_ref()?;
        Some(inspect::inspect(&self.timeline, key))
    }

    /// What was done, as a shell script for a real cluster.
    pub fn script(&self) -> String {
        script::script(&self.timeline.recording().actions)
    }

    /// Does what a person wants.
    pub fn update(&mut self, msg: Msg) {
        if !matches!(msg, Msg::Tick(_)) {
            self.nothing_ahead = false;
        }
        match msg {
            Msg::Edit(text) => {
                self.manifest = text;
                self.unchecked_ms = Some(0);
            }
            Msg::Fix(number) => self.fix(number),
            Msg::Apply => self.apply(),
            Msg::Do(deed) => {
                if let Some(line) = deed.command(&self.timeline.view().store) {
                    self.run(line);
                }
            }
            Msg::Run(line) => {
                let line = line.trim().trim_start_matches("$ ");
                if !line.is_empty() {
                    self.run(line.to_owned());
                }
            }
            Msg::Select(key) => self.selected = key,
            Msg::Play => self.playing = true,
            Msg::Pause => self.playing = false,
            Msg::Step => {
                self.playing = false;
                self.nothing_ahead = self.timeline.step().is_none();
            }
            Msg::StepBack => {
                self.playing = false;
                self.timeline.step_back();
            }
            Msg::Seek(ms) => {
                self.playing = false;
                self.timeline.seek(ms);
            }
            Msg::Speed(speed) => {
                if SPEEDS.contains(&speed) {
                    self.speed = speed;
                }
            }
            Msg::StartAgain => self.start_again(),
            Msg::Undo => self.undo(),
            Msg::Tick(ms) => self.tick(ms.clamp(0, TICK_MAX_MS)),
        }
        self.list_entries();
        self.draw();
    }

    fn tick(&mut self, real_ms: i64) {
        if self.playing {
            self.timeline.advance(real_ms * self.speed / 100);
        }
        // What is said of the manifest may be overtaken by what the cluster does.
        self.since_check_ms += real_ms;
        let is_overtaken = self.checked_at != self.timeline.view().at
            && self.since_check_ms >= RECHECK_AFTER_MS
            && self.check.depends_on_cluster();
        if is_overtaken && self.unchecked_ms.is_none() {
            self.check_manifest();
        }
        if let Some(rested_ms) = self.unchecked_ms {
            let rested_ms = rested_ms + real_ms;
            self.unchecked_ms = Some(rested_ms);
            if rested_ms >= CHECK_AFTER_MS {
                self.check_manifest();
            }
        }
    }

    fn fix(&mut self, number: usize) {
        // What was found in another text does not fit this one.
        if self.unchecked_ms.is_some() {
            return;
        }
        let found = self.check.diagnostics.get(number);
        if let Some(edits) = found.and_then(|it| it.fix.as_ref()) {
            self.manifest = manifest::apply(&self.manifest, edits);
            self.check_manifest();
        }
    }

    fn apply(&mut self) {
        let text = self.manifest.clone();
        self.timeline.act(Ask::File {
            name: FILE.to_owned(),
            text,
        });
        self.run(apply_command());
    }

    fn run(&mut self, line: String) {
        self.timeline.act(Ask::Line(line));
        self.check_manifest();
    }

    fn start_again(&mut self) {
        let seed = self.timeline.recording().seed;
        let fresh = Timeline::new(Recording::new(seed));
        let was = std::mem::replace(&mut self.timeline, fresh);
        // Starting again twice does not lose what was there before.
        if !was.recording().actions.is_empty() {
            self.dropped = Some(Box::new(was));
        }
        self.playing = true;
        self.forget_what_was_drawn();
    }

    fn undo(&mut self) {
        if let Some(dropped) = self.dropped.take() {
            let was = std::mem::replace(&mut self.timeline, *dropped);
            // What was done since can be taken back again in its turn.
            if !was.recording().actions.is_empty() {
                self.dropped = Some(Box::new(was));
            }
            self.forget_what_was_drawn();
        }
    }

    fn forget_what_was_drawn(&mut self) {
        self.selected = None;
        self.entries.clear();
        self.scene = Arc::default();
        self.drawn = (usize::MAX, 0);
        self.check_manifest();
    }

    /// Checks the text in the pane against the cluster as it is shown.
    fn check_manifest(&mut self) {
        self.unchecked_ms = None;
        self.since_check_ms = 0;
        self.checked_at = self.timeline.view().at;
        let text = &self.manifest;
        let see = |cluster: &mut _, workspace: &_| check::check(cluster, workspace, text);
        let check = self.timeline.try_out(see);
        if check != *self.check {
            self.check = Arc::new(check);
        }
    }

    /// Lists the commands up to the instant that is shown, with what came of them so far.
    fn list_entries(&mut self) {
        let now_ms = self.timeline.elapsed_ms();
        let actions = &self.timeline.recording().actions;
        let mut number = 0;
        for (action, answer) in actions.iter().zip(self.timeline.answers()) {
            let Ask::Line(line) = &action.ask else {
                continue;
            };
            if action.at_ms > now_ms {
                break;
            }
            let command = script::shown(line);
            let known = self.entries.get(number);
            let is_same = known.is_some_and(|it| it.command == command && shows(it, answer));
            if !is_same {
                let entry = Arc::new(Entry {
                    number,
                    at_ms: action.at_ms,
                    command: command.into_owned(),
                    stdout: answer.output.stdout.clone(),
                    stderr: answer.output.stderr.clone(),
                    exit: answer.output.exit,
                    waits: answer.wait.is_some(),
                });
                match self.entries.get_mut(number) {
                    Some(known) => *known = entry,
                    None => self.entries.push(entry),
                }
            }
            number += 1;
        }
        self.entries.truncate(number);
    }

    /// Draws the scene anew if something happened, or a second went by.
    fn draw(&mut self) {
        let view = self.timeline.view();
        let drawn = (view.at, self.timeline.elapsed_ms() / 1000);
        if drawn != self.drawn {
            self.drawn = drawn;
            let scene = Scene::of(view, self.timeline.log(), &self.scene);
            if scene != *self.scene {
                self.scene = Arc::new(scene);
            }
        }
    }
}

/// Whether an entry shows what has come of its command so far: what was printed only grows.
fn shows(entry: &Entry, answer: &Answer) -> bool {
    let output = &answer.output;
    entry.waits == answer.wait.is_some()
        && entry.stdout.len() == output.stdout.len()
        && entry.stderr.len() == output.stderr.len()
}

fn apply_command() -> String {
    format!("kubectl apply -f {FILE}")
}

#[cfg(test)]
mod tests;
