//! Every text that a person reads on the page, Kubernetes' own words aside.
//!
//! A text is a field of [`Messages`], its key; a language is one constant of that type in a file of its own, so that a
//! missing text does not compile.
//! Nouns of Kubernetes (StatefulSet, Pod, Ready …) stay as they are in every language.

mod about;
mod closer;
mod console;
mod en;
mod pane;

pub use about::{About, Chapter, filled};
pub use closer::Closer;
pub use console::Console;
pub use pane::Pane;

use crate::cluster::record::{Component, Stop};
use crate::scene::{Column, PodCard, Shelf, Thought};

/// A language of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Locale {
    /// English.
    #[default]
    En,
}

impl Locale {
    /// Its tag, for the page's `lang`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
        }
    }

    /// Its texts.
    pub fn messages(self) -> &'static Messages {
        match self {
            Self::En => &en::MESSAGES,
        }
    }
}

/// The texts of one language. A field's name is the key of its text.
pub struct Messages {
    /// What the page is, beside its name.
    pub tagline: &'static str,
    /// Which Kubernetes is simulated: takes its version.
    pub simulates: fn(&str) -> String,
    /// The heading of the manifest pane.
    pub manifest: &'static str,
    /// What the text field of the manifest is for.
    pub manifest_label: &'static str,
    /// The button that applies the manifest.
    pub apply: &'static str,
    /// The heading above what the last Apply answered.
    pub answer: &'static str,
    /// How many fields of the manifest nobody acts on.
    pub not_acted_on: fn(usize) -> String,
    /// What it means that nobody acts on a field.
    pub not_acted_on_means: &'static str,
    /// A line of the manifest, counted from 1.
    pub line: fn(usize) -> String,
    /// The heading of the stage.
    pub stage: &'static str,
    /// What stands on an empty stage.
    pub stage_empty: &'static str,
    /// The row of name plates, and what it says of them.
    pub row_name: (&'static str, &'static str),
    /// The row of pods.
    pub row_pod: (&'static str, &'static str),
    /// The row of claims and volumes.
    pub row_claim: (&'static str, &'static str),
    /// So many pods of a set are ready.
    pub ready_of: fn(&Shelf) -> String,
    /// A revision of a set.
    pub revision: fn(&str) -> String,
    /// A set that is being deleted, or gone.
    pub set_deleting: &'static str,
    /// A set that is gone while something of it is left.
    pub set_gone: &'static str,
    /// A Service and what it is; `None` if there is none of this name.
    pub service: fn(&str, Option<bool>) -> String,
    /// The buttons that change the number of replicas.
    pub scale_down: fn(&str) -> String,
    /// The same, upwards.
    pub scale_up: fn(&str) -> String,
    /// The number between them.
    pub replicas: &'static str,
    /// The button that deletes a pod.
    pub delete_pod: fn(&str) -> String,
    /// The table of a set's columns.
    pub columns: fn(&str) -> String,
    /// The label of an image's field: takes the container.
    pub image_of: fn(&str) -> String,
    /// The button beside it.
    pub set_image: &'static str,
    /// A plate of an ordinal that the set no longer asks for.
    pub scaled_away: &'static str,
    /// A column without a pod.
    pub no_pod: &'static str,
    /// Why there is none: the ordinal is not asked for.
    pub beyond_replicas: fn(i32) -> String,
    /// Why a pod that was told to end is still there: its node does not answer.
    pub end_unknown: &'static str,
    /// What a pod waits for while its node prepares it.
    pub starting: &'static str,
    /// What a pod waits for that runs and is not Ready.
    pub not_ready_yet: &'static str,
    /// Why there is none: it has not been made yet.
    pub not_made_yet: &'static str,
    /// The same with what the set's controller waits for.
    pub not_made_because: fn(&Stop) -> String,
    /// A pod without an address.
    pub no_ip: &'static str,
    /// A pod without a node.
    pub no_node: &'static str,
    /// Which life of its name a pod is, and the address of the one before.
    pub life: fn(&PodCard) -> String,
    /// Seconds until a pod is killed.
    pub grace_left: fn(i64) -> String,
    /// How often its containers were started again.
    pub restarts: fn(i32) -> String,
    /// A set without claim templates.
    pub no_claim: &'static str,
    /// A claim that has not been made yet.
    pub claim_not_made: &'static str,
    /// A claim without a volume.
    pub no_volume: &'static str,
    /// A column in one sentence, for those who do not see it.
    pub column: fn(&Column) -> String,
    /// Ordinals that are not drawn.
    pub undrawn: fn(usize) -> String,
    /// What the lines on a disk are.
    pub files: &'static str,
    /// Files that are not drawn on a disk.
    pub files_more: fn(usize) -> String,
    /// The heading of the nodes.
    pub nodes: &'static str,
    /// A node in one sentence: its name, its status and how many pods it carries.
    pub node: fn(&str, &str, usize) -> String,
    /// What the pods of a ReplicaSet are, after its name.
    pub no_identity: &'static str,
    /// Pods that nobody owns.
    pub bare_pods: &'static str,
    /// Who acts, as in `StatefulSet controller`.
    pub who: fn(&Thought) -> String,
    /// A component by itself.
    pub component: fn(Component) -> &'static str,
    /// What they did or wait for.
    pub did: fn(&Thought) -> String,
    /// Why somebody waits.
    pub waits: fn(&Stop) -> String,
    /// Before anybody has acted.
    pub nobody_acted: &'static str,
    /// The manifest pane.
    pub pane: &'static Pane,
    /// The panel that looks closer and says why.
    pub closer: &'static Closer,
    /// The About panel.
    pub about: &'static About,
    /// The controls of time.
    pub time: &'static str,
    /// Lets time pass.
    pub play: &'static str,
    /// Stops it.
    pub pause: &'static str,
    /// Goes to the next record.
    pub step: &'static str,
    /// Goes back to the record before.
    pub step_back: &'static str,
    /// The slider over what has happened so far.
    pub moment: &'static str,
    /// Takes starting again back.
    pub undo: &'static str,
    /// Hides all but the stage, for a projector.
    pub present: &'static str,
    /// The overview of a large set.
    pub overview: fn(&str) -> String,
    /// What stands in no column.
    pub loose: &'static str,
    /// A volume that no claim has.
    pub disk_without_claim: &'static str,
    /// How many pods use a claim that is no set's.
    pub used_by: fn(usize) -> String,
    /// How fast time passes.
    pub speed: &'static str,
    /// Drops everything and starts anew.
    pub start_again: &'static str,
    /// The cluster's code is being fetched, or its run is brought back.
    pub waking: &'static str,
    /// A step found nothing.
    pub nothing_ahead: &'static str,
    /// The panes beside the stage.
    pub panes: &'static Panes,
    /// The terminals.
    pub console: &'static Console,
    /// The button that changes between light and dark.
    pub theme: &'static str,
    /// The page after the program has broken.
    pub broken: &'static Broken,
}

/// The names of the panes that can be folded, as the buttons for them say them.
pub struct Panes {
    /// All of them.
    pub title: &'static str,
    /// The manifest pane.
    pub manifest: &'static str,
    /// The terminals.
    pub terminals: &'static str,
    /// The panel that says why.
    pub why: &'static str,
}

/// The texts of the page that is shown when the program has broken.
pub struct Broken {
    /// The heading.
    pub title: &'static str,
    /// What happened, and what is kept.
    pub text: &'static str,
    /// The heading of the manifest.
    pub manifest: &'static str,
    /// The heading of the log of actions.
    pub log: &'static str,
    /// The heading of the error.
    pub error: &'static str,
    /// Copies all of it.
    pub copy: &'static str,
    /// It is copied.
    pub copied: &'static str,
    /// It cannot be copied.
    pub not_copied: &'static str,
    /// Starts again.
    pub restart: &'static str,
}
