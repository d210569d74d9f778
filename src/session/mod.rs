//! What a person works with: the timeline, the manifest in the pane, what is selected, and what was done so far.
//!
//! One plain value: [`Session::update`] takes a message and changes it. Whatever is done by hand runs as a command
//! and is shown as one.

mod check;
mod deed;
mod front;
mod inspect;
mod link;
mod saved;
mod script;
mod waiting;

use std::sync::Arc;

pub use check::{Change, Check, Diagnostic, FieldChange, Remedy};
pub use deed::{Cascade, Deed, Force};
pub use front::Front;
pub use inspect::{Acted, Inspection, Told};
pub use link::Piece;
pub use saved::{Saved, SavedError};
pub use waiting::Waiting;

use crate::cluster::object::ObjectKey;
use crate::kubectl::complete;
use crate::manifest;
use crate::scene::Scene;
use crate::terminal::{self, Prompt};
use crate::timeline::{Ask, Recording, Timeline};

/// The file that the manifest pane begins with.
pub const FILE: &str = "web.yaml";
/// The seed of a run.
const SEED: u64 = 1;
/// How many terminals there are.
pub const TERMINALS: u8 = 2;
/// How fast time passes at first, in hundredths.
const SPEED: i64 = 100;
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

/// The most things that the cluster does in one tick: where there is more to do, its clock goes slower and the page
/// still answers.
const STEPS_MAX: usize = 300;

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
    /// Puts a text into the pane under a file's name, in place of what is there.
    Start {
        /// The file's name.
        file: String,
        /// Its text.
        text: String,
    },
    /// Opens a file of the working directory in the pane; a new one if there is none of this name.
    Open(String),
    /// Types lines into a terminal.
    Run {
        /// The terminal's number, from 1 on.
        terminal: u8,
        /// The lines.
        text: String,
    },
    /// Ctrl+C in a terminal.
    Interrupt(u8),
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
    /// So many milliseconds of real time went by. What came of it is seen with [`Msg::See`]: no frame shall do both.
    Tick(i64),
    /// Shows what time has brought.
    See,
}

/// One command and what it printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number, from 0 on.
    pub number: usize,
    /// When it was run, in milliseconds since the start.
    pub at_ms: i64,
    /// The command as it is shown, with its terminal, what it printed and its exit code.
    pub shown: terminal::Entry,
}

impl std::ops::Deref for Entry {
    type Target = terminal::Entry;

    fn deref(&self) -> &terminal::Entry {
        &self.shown
    }
}

/// All of it.
#[derive(Clone, Debug)]
pub struct Session {
    timeline: Timeline,
    /// The file that is open in the pane, and its text there.
    file: String,
    manifest: String,
    /// The file's text in the working directory, as it was last seen.
    kept: Option<String>,
    /// Whether a person has written in the pane since the file was opened.
    touched: bool,
    /// How many files `kubectl edit` had opened.
    opened: usize,
    prompts: Vec<Prompt>,
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
        let scene = Scene::of(
            timeline.view(),
            timeline.log(),
            timeline.disks(),
            &Scene::default(),
        );
        let mut session = Self {
            opened: timeline.workspace().opened.len(),
            timeline,
            file: FILE.to_owned(),
            manifest,
            kept: None,
            touched: false,
            prompts: Vec::new(),
            check: Arc::default(),
            entries: Vec::new(),
            selected: None,
            playing: true,
            speed: SPEED,
            nothing_ahead: false,
            scene: Arc::new(scene),
            drawn: (0, 0),
            dropped: None,
            unchecked_ms: None,
            checked_at: 0,
            since_check_ms: 0,
        };
        session.list_entries();
        session.read_prompts();
        session.check_manifest();
        session
    }

    /// A session in which nothing has been done, with a text in the pane.
    pub fn fresh(manifest: String) -> Self {
        Self::new(Timeline::new(Recording::new(SEED)), manifest)
    }

    /// The run.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// What a terminal is ready for.
    pub fn prompt(&self, terminal: u8) -> Option<&Prompt> {
        self.prompts.get(usize::from(terminal.checked_sub(1)?))
    }

    /// Does what a person wants.
    pub fn update(&mut self, msg: Msg) {
        let is_of_time = matches!(msg, Msg::Tick(_) | Msg::See);
        if !is_of_time {
            self.nothing_ahead = false;
        }
        match msg {
            Msg::Edit(text) => {
                self.manifest = text;
                self.touched = true;
                self.unchecked_ms = Some(0);
            }
            Msg::Start { file, text } => self.start(file, text),
            Msg::Open(file) => self.open(&file),
            Msg::Fix(number) => self.fix(number),
            Msg::Apply => self.apply(),
            Msg::Do(deed) => {
                if let Some(line) = self.command_line(&deed) {
                    self.run(line);
                }
            }
            Msg::Run { terminal, text } => {
                let pending = self
                    .prompt(terminal)
                    .is_some_and(|it| !it.pending.is_empty());
                // An empty line is no deed: in the past it would cost what comes after.
                if text.trim().is_empty() && !pending {
                    return;
                }
                let is_new = !self.timeline.workspace().files.contains_key(&self.file);
                if self.touched || (is_new && self.kept.is_none()) {
                    self.keep_file();
                }
                self.timeline.act(Ask::Typed { terminal, text });
                self.check_manifest();
            }
            Msg::Interrupt(terminal) => {
                let prompt = self.prompt(terminal);
                let stops = prompt.is_some_and(|it| it.busy.is_some() || !it.pending.is_empty());
                if stops {
                    self.timeline.act(Ask::Interrupt(terminal));
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
            Msg::See => {
                self.see();
                return;
            }
        }
        self.follow_files();
        self.list_entries();
        self.read_prompts();
        if !is_of_time {
            self.draw();
        }
    }

    fn read_prompts(&mut self) {
        let prompts = (1..=TERMINALS).map(|terminal| self.timeline.prompt(terminal));
        self.prompts = prompts.collect();
    }

    /// The command that a deed is, in the namespace that kubectl works in now.
    fn command_line(&self, deed: &Deed) -> Option<String> {
        deed.command(&self.timeline.view().store, self.timeline.namespace())
    }

    /// Writes the text in the pane into its file, if that says something else.
    fn keep_file(&mut self) {
        let kept = self.timeline.workspace().files.get(&self.file);
        if kept != Some(&self.manifest) {
            self.timeline.act(Ask::File {
                name: self.file.clone(),
                text: self.manifest.clone(),
            });
        }
        self.kept = Some(self.manifest.clone());
        self.touched = false;
    }

    fn start(&mut self, file: String, text: String) {
        if self.touched {
            self.keep_file();
        }
        self.kept = self.timeline.workspace().files.get(&file).cloned();
        (self.file, self.manifest, self.touched) = (file, text, false);
        self.check_manifest();
    }

    fn open(&mut self, file: &str) {
        let file = file.trim();
        if file.is_empty() || file == self.file {
            return;
        }
        let known = self.timeline.workspace().files.get(file).cloned();
        self.start(file.to_owned(), known.unwrap_or_default());
    }

    /// Shows in the pane what commands have made of its file, unless a person writes in it; and what they have opened.
    fn follow_files(&mut self) {
        let workspace = self.timeline.workspace();
        let count = workspace.opened.len();
        let opened = workspace
            .opened
            .last()
            .filter(|_| count > self.opened)
            .cloned();
        self.opened = count;
        if let Some(file) = opened {
            if file == self.file {
                self.kept = None;
                self.manifest = self
                    .timeline
                    .workspace()
                    .files
                    .get(&file)
                    .cloned()
                    .unwrap_or_default();
            }
            self.open(&file);
            return;
        }
        let now = workspace.files.get(&self.file);
        if now != self.kept.as_ref() {
            let now = now.cloned();
            let is_followed = !self.touched && self.kept.as_ref() == Some(&self.manifest);
            if let (Some(text), true) = (&now, is_followed) {
                self.manifest.clone_from(text);
                self.check_manifest();
            }
            self.kept = now;
        }
    }

    fn tick(&mut self, real_ms: i64) {
        if self.playing {
            self.timeline
                .advance_some(real_ms * self.speed / 100, STEPS_MAX);
        }
        self.since_check_ms += real_ms;
        if let Some(rested_ms) = &mut self.unchecked_ms {
            *rested_ms += real_ms;
        }
    }

    /// Draws what time has brought, or checks the manifest again: no frame shall do both.
    fn see(&mut self) {
        let is_rested = self.unchecked_ms.is_some_and(|it| it >= CHECK_AFTER_MS);
        // What is said of the manifest may be overtaken by what the cluster does. That waits for a turn in which
        // nothing happened; if there is none, not for ever.
        let is_overtaken = self.unchecked_ms.is_none()
            && self.checked_at != self.timeline.view().at
            && self.check.depends_on_cluster();
        let since_ms = self.since_check_ms;
        let is_due = |after_ms| is_overtaken && since_ms >= after_ms;
        if is_rested || is_due(3 * RECHECK_AFTER_MS) || (!self.draw() && is_due(RECHECK_AFTER_MS)) {
            self.check_manifest();
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
            self.touched = true;
            self.check_manifest();
        }
    }

    fn apply(&mut self) {
        self.keep_file();
        self.run(apply_command(&self.file));
    }

    fn run(&mut self, line: String) {
        self.timeline.act(Ask::Line(line));
        self.check_manifest();
    }

    fn start_again(&mut self) {
        let seed = self.timeline.recording().seed;
        let mut fresh = Timeline::new(Recording::new(seed));
        carry_files(&self.timeline, &mut fresh);
        self.opened = 0;
        let was = std::mem::replace(&mut self.timeline, fresh);
        // Starting again twice does not lose what was there before.
        if was.recording().has_deeds() {
            self.dropped = Some(Box::new(was));
        }
        self.playing = true;
        self.forget_what_was_drawn();
    }

    fn undo(&mut self) {
        if let Some(mut dropped) = self.dropped.take() {
            carry_files(&self.timeline, &mut dropped);
            let was = std::mem::replace(&mut self.timeline, *dropped);
            self.opened = self.timeline.workspace().opened.len();
            // What was done since can be taken back again in its turn.
            if was.recording().has_deeds() {
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
        let (file, text) = (&self.file, &self.manifest);
        let see = |cluster: &mut _, workspace: &_| check::check(cluster, workspace, file, text);
        let check = self.timeline.try_out(see);
        if check != *self.check {
            self.check = Arc::new(check);
        }
    }

    /// Lists the commands up to the instant that is shown, with what came of them so far.
    fn list_entries(&mut self) {
        let now = self.timeline.view().now;
        let mut number = 0;
        for found in self.timeline.entries() {
            if found.at > now {
                break;
            }
            let known = self.entries.get(number);
            if !known.is_some_and(|it| shows(&it.shown, found)) {
                let mut shown = found.clone();
                shown.command = script::shown(&shown.command).into_owned();
                let at_ms = self.timeline.since_start_ms(found.at);
                let entry = Arc::new(Entry {
                    number,
                    at_ms,
                    shown,
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

    /// Draws the scene anew if something happened, or a second went by; `false` if it is the same.
    fn draw(&mut self) -> bool {
        let view = self.timeline.view();
        let requests = self.timeline.requests();
        let happened = view.at + requests.len() + self.timeline.disks().writes();
        let drawn = (happened, self.timeline.elapsed_ms() / 1000);
        let is_new = drawn != self.drawn;
        if is_new {
            self.drawn = drawn;
            let scene = Scene::of(
                view,
                self.timeline.log(),
                self.timeline.disks(),
                &self.scene,
            );
            let scene = scene.with_requests(requests, view.now);
            if scene != *self.scene {
                self.scene = Arc::new(scene);
            }
        }
        is_new
    }
}

/// Writes the files of a run into another: the cluster is another one, the files are a person's work and stay.
fn carry_files(from: &Timeline, to: &mut Timeline) {
    for (name, text) in from.workspace().files.iter() {
        if to.workspace().files.get(name) != Some(text) {
            let (name, text) = (name.clone(), text.clone());
            to.act(Ask::File { name, text });
        }
    }
}

/// Whether an entry shows what has come of its command so far: what was printed only grows, or is wiped.
fn shows(known: &terminal::Entry, found: &terminal::Entry) -> bool {
    let size = |it: &terminal::Entry| {
        (
            it.exit,
            it.printed.wiped,
            it.printed.len(),
            it.at,
            it.terminal,
        )
    };
    size(known) == size(found) && script::shown(&found.command) == known.command
}

fn apply_command(file: &str) -> String {
    format!("kubectl apply -f {}", script::word(file))
}

#[cfg(test)]
mod tests;
