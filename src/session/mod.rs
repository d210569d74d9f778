//! What a person works with: the timeline, the manifest in the pane, and what was done so far.
//!
//! One plain value: [`Session::update`] takes a message and changes it. Whatever is done by hand runs as a kubectl
//! command and is shown as one.

mod check;

use std::sync::Arc;

pub use check::{Change, Check, Diagnostic, FieldChange, Remedy};

use crate::cluster::object::StatefulSet;
use crate::cluster::value::Text;
use crate::kubectl::Wait;
use crate::scene::{Place, Scene};
use crate::timeline::{Ask, Recording, Timeline};

/// The file that the manifest pane is applied as.
pub const FILE: &str = "manifest.yaml";
/// How fast time can pass, in hundredths.
pub const SPEEDS: &[i64] = &[25, 50, 100, 200, 400, 1000];
/// The most real time that one tick stands for: a page that was hidden does not leap.
const TICK_MAX_MS: i64 = 250;
/// What the page starts with: a Service and a set of three, much as in the Kubernetes tutorial on StatefulSets.
const FIRST_MANIFEST: &str = include_str!("first.yaml");

/// Something that a person wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Msg {
    /// The text of the manifest pane is this now.
    Edit(String),
    /// Applies it.
    Apply,
    /// Changes the number of replicas by so many.
    Scale(Place, i32),
    /// Deletes the pod of this name.
    DeletePod(Place),
    /// Gives a container of a set an image.
    SetImage {
        /// The set.
        set: Place,
        /// The container.
        container: Text,
        /// The image.
        image: String,
    },
    /// Lets time pass.
    Play,
    /// Stops it.
    Pause,
    /// Goes to the next record.
    Step,
    /// Makes time pass at so many hundredths.
    Speed(i64),
    /// Drops the cluster and what was done; the manifest stays.
    StartAgain,
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
    /// What it still waits for.
    pub wait: Option<Wait>,
}

/// All of it.
#[derive(Clone, Debug)]
pub struct Session {
    timeline: Timeline,
    manifest: String,
    entries: Vec<Arc<Entry>>,
    /// The number of the last Apply among the entries.
    applied: Option<usize>,
    playing: bool,
    speed: i64,
    nothing_ahead: bool,
    scene: Arc<Scene>,
    drawn: (usize, i64),
}

impl Default for Session {
    fn default() -> Self {
        Self::new(Recording::new(1), FIRST_MANIFEST.to_owned())
    }
}

impl Session {
    /// A session with a run and a text in the pane.
    pub fn new(recording: Recording, manifest: String) -> Self {
        let timeline = Timeline::new(recording);
        let scene = Scene::of(timeline.view(), timeline.log(), &Scene::default());
        Self {
            timeline,
            manifest,
            entries: Vec::new(),
            applied: None,
            playing: true,
            speed: 100,
            nothing_ahead: false,
            scene: Arc::new(scene),
            drawn: (0, 0),
        }
    }

    /// The run.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// The text in the manifest pane.
    pub fn manifest(&self) -> &str {
        &self.manifest
    }

    /// What was done so far.
    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// The last Apply and its answer.
    pub fn applied(&self) -> Option<&Arc<Entry>> {
        self.entries.get(self.applied?)
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

    /// What the stage shows.
    pub fn scene(&self) -> &Arc<Scene> {
        &self.scene
    }

    /// Does what a person wants.
    pub fn update(&mut self, msg: Msg) {
        if !matches!(msg, Msg::Tick(_)) {
            self.nothing_ahead = false;
        }
        match msg {
            Msg::Edit(text) => self.manifest = text,
            Msg::Apply => self.apply(),
            Msg::Scale(set, by) => self.scale(&set, by),
            Msg::DeletePod(pod) => {
                let line = format!("kubectl delete pod {}{}", pod.name, in_namespace(&pod));
                self.run(line);
            }
            Msg::SetImage {
                set,
                container,
                image,
            } => {
                let image = word(&format!("{container}={}", image.trim()));
                let line = format!(
                    "kubectl set image statefulset/{} {image}{}",
                    set.name,
                    in_namespace(&set)
                );
                self.run(line);
            }
            Msg::Play => self.playing = true,
            Msg::Pause => self.playing = false,
            Msg::Step => {
                self.playing = false;
                self.nothing_ahead = self.timeline.step().is_none();
            }
            Msg::Speed(speed) => {
                if SPEEDS.contains(&speed) {
                    self.speed = speed;
                }
            }
            Msg::StartAgain => {
                let seed = self.timeline.recording().seed;
                let speed = self.speed;
                *self = Self::new(Recording::new(seed), std::mem::take(&mut self.manifest));
                self.speed = speed;
            }
            Msg::Tick(ms) => {
                if self.playing {
                    let real_ms = ms.clamp(0, TICK_MAX_MS);
                    self.timeline.advance(real_ms * self.speed / 100);
                }
            }
        }
        self.settle_waits();
        self.draw();
    }

    fn apply(&mut self) {
        let text = self.manifest.clone();
        self.timeline.act(Ask::File {
            name: FILE.to_owned(),
            text,
        });
        self.run(format!("kubectl apply -f {FILE}"));
        self.applied = self.entries.len().checked_sub(1);
    }

    fn scale(&mut self, place: &Place, by: i32) {
        let store = &self.timeline.view().store;
        let Some(set) = store.find::<StatefulSet>(&place.namespace, &place.name) else {
            return;
        };
        let replicas = set.spec.replicas().saturating_add(by).max(0);
        let line = format!(
            "kubectl scale statefulset {} --replicas={replicas}{}",
            place.name,
            in_namespace(place)
        );
        self.run(line);
    }

    fn run(&mut self, command: String) {
        let at_ms = self.timeline.elapsed_ms();
        let answer = self.timeline.act(Ask::Line(command.clone()));
        self.entries.push(Arc::new(Entry {
            number: self.entries.len(),
            at_ms,
            command,
            stdout: answer.output.stdout,
            stderr: answer.output.stderr,
            exit: answer.output.exit,
            wait: answer.wait,
        }));
    }

    /// Lets commands end that wait for nothing any more.
    fn settle_waits(&mut self) {
        for entry in &mut self.entries {
            let over = |wait: &Wait| wait.is_over(self.timeline.cluster());
            if entry.wait.as_ref().is_some_and(over) {
                Arc::make_mut(entry).wait = None;
            }
        }
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

fn in_namespace(place: &Place) -> String {
    match &*place.namespace {
        "default" => String::new(),
        namespace => format!(" -n {namespace}"),
    }
}

/// A word of a command line, quoted if it must be.
fn word(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=@,+".contains(letter);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests;
