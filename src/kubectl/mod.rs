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
mod line;
mod output;
mod preview;
mod print;
pub mod status;
mod target;
mod verb;
mod wait;
mod workspace;

pub use complete::{Candidate, Completion, complete};
pub use distance::distance;
pub use line::words;
pub use output::Output;
pub use preview::{Preview, Prospect, Refusal, preview};
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
}

/// Runs one command line at the present instant of the cluster.
///
/// ```
/// use ordinal::cluster::{Cluster, config::Config};
/// use ordinal::kubectl::{self, Workspace};
///
/// let mut cluster = Cluster::new(Config::page(1));
/// let mut workspace = Workspace::default();
/// let answer = kubectl::run(&mut cluster, &mut workspace, "kubectl delete pod web-0");
/// assert_eq!(answer.output.stderr, "Error from server (NotFound): pods \"web-0\" not found\n");
/// assert_eq!(answer.output.exit, 1);
/// ```
pub fn run(cluster: &mut Cluster, workspace: &mut Workspace, line: &str) -> Answer {
    let words = match line::words(line) {
        Ok(words) => words,
        Err(error) => return Output::failed(&format!("error: {error}\n"), 2).into(),
    };
    let mut words = words.into_iter();
    match words.next().as_deref() {
        None => Answer::default(),
        Some("kubectl" | "k" | "oc") => verb::run(cluster, workspace, words.collect()),
        Some(other) => Output::failed(&format!("{other}: command not found\n"), 127).into(),
    }
}

impl From<Output> for Answer {
    fn from(output: Output) -> Self {
        Self { output, wait: None }
    }
}
