//! kubectl: the command language by which people (and recordings) act on the cluster.
//!
//! Owns command lines, their words and flags, the verbs (one a file in `verb`) and the texts that they print, byte for
//! byte as kubectl v1.36.2 prints them (reference chapter 8).
//! Reading a line never fails: what cannot be understood is answered as kubectl answers it.

mod apply_diff;
mod args;
mod complete;
mod describe;
mod distance;
mod fault;
mod files;
mod next;
mod output;
mod preview;
mod print;
mod selector;
pub mod status;
mod target;
mod verb;
mod wait;
mod workspace;

pub use complete::{Candidate, Completion, complete};
pub use distance::distance;
pub use next::{After, Next, Stream};
pub use output::Output;
pub use preview::{Preview, Prospect, Refusal, preview};
pub use print::of_api as api_json;
pub use verb::commands;
pub use wait::Wait;
pub use workspace::Workspace;

use crate::cluster::Cluster;

/// What came of a command line: what it printed so far, and what it still waits for.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// What was printed.
    pub output: Output,
    /// What the command waits for before it ends.
    pub wait: Option<Wait>,
    /// What it goes on with then.
    pub next: Option<Next>,
}

/// Runs kubectl with these words at the present instant of the cluster; `input` is what is piped to it (`-f -`).
///
/// ```
/// use ordinal::cluster::{Cluster, config::Config};
/// use ordinal::kubectl::{self, Workspace};
///
/// let mut cluster = Cluster::new(Config::page(1));
/// let mut workspace = Workspace::default();
/// let words = ["delete", "pod", "web-0"].map(String::from);
/// let answer = kubectl::run(&mut cluster, &mut workspace, words.to_vec(), None);
/// assert_eq!(answer.output.stderr, "Error from server (NotFound): pods \"web-0\" not found\n");
/// assert_eq!(answer.output.exit, 1);
/// ```
pub fn run(
    cluster: &mut Cluster,
    workspace: &mut Workspace,
    words: Vec<String>,
    input: Option<String>,
) -> Answer {
    workspace.input = input;
    verb::run(cluster, workspace, words)
}

impl From<Output> for Answer {
    fn from(output: Output) -> Self {
        Self {
            output,
            wait: None,
            next: None,
        }
    }
}
