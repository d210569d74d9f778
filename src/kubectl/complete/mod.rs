//! What the word that is being typed can become: commands, verbs, flags and their values, kinds, names, fields.
//!
//! Mirrors the completion that `kubectl completion bash` brings (cobra's `__complete` with kubectl's functions for
//! resources, names, containers and contexts), and goes further where the cluster is at hand: labels, containers, revisions,
//! fields.
//! A pure function of the cluster, the workspace and the line; it never fails.

mod cut;
mod found;
mod kubectl;
mod objects;
mod values;

use super::workspace::Workspace;
use crate::cluster::Cluster;
use found::Found;

/// What a word can become.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// The byte of the line where the piece that is completed begins: behind the last blank, or inside of a word behind
    /// its last `/`, `=`, `,` or `.`.
    pub start: usize,
    /// What can stand from there to the cursor, in order.
    pub candidates: Vec<Candidate>,
    /// The longest beginning that all candidates have: what a first press of the key puts there.
    pub common: String,
}

/// One thing that a word can become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What replaces the line from `start` to the cursor.
    pub text: String,
    /// What it is, in a word or two of Kubernetes' own: the status of a pod, the image of a container; may be empty.
    pub about: String,
}

impl Candidate {
    /// Whether the word goes on behind it, so that no blank is to follow.
    pub fn is_open(&self) -> bool {
        self.text.ends_with(['/', '=', ',', '.'])
    }
}

impl Completion {
    /// Nothing fits.
    fn nothing(at: usize) -> Self {
        Self {
            start: at,
            candidates: Vec::new(),
            common: String::new(),
        }
    }
}

/// The words that a line can begin with.
const COMMANDS: &[&str] = &[
    "cat", "clear", "cp", "curl", "cut", "date", "echo", "for", "grep", "head", "help", "if", "k",
    "kubectl", "ls", "mv", "oc", "rm", "seq", "sleep", "sort", "tail", "tee", "touch", "tr",
    "uniq", "watch", "wc", "while", "xargs",
];
/// Those whose words are files.
const READERS: &[&str] = &[
    "cat", "cp", "cut", "grep", "head", "ls", "mv", "rm", "sort", "tail", "touch", "uniq", "wc",
];
/// Words behind which a command begins.
const OPENERS: &[&str] = &[
    "!", "do", "elif", "else", "if", "then", "until", "while", "{",
];
/// Commands whose words are a command.
const WRAPPERS: &[&str] = &["sudo", "time", "watch", "xargs"];

/// Completes the word of a line that ends at the cursor, which is a byte of the line.
///
/// ```
/// use ordinal::cluster::{Cluster, config::Config};
/// use ordinal::kubectl::{Workspace, complete};
///
/// let cluster = Cluster::new(Config::page(1));
/// let line = "kubectl get statef";
/// let completion = complete(&cluster, &Workspace::default(), line, line.len());
/// assert_eq!((completion.start, &*completion.common), (12, "statefulsets.apps"));
/// ```
pub fn complete(cluster: &Cluster, workspace: &Workspace, line: &str, cursor: usize) -> Completion {
    let end = line.floor_char_boundary(cursor);
    let Some(cut) = cut::cut(line.get(..end).unwrap_or_default()) else {
        return Completion::nothing(end);
    };
    let place = Place { cluster, workspace };
    let mut found = Found::new(&cut.word);
    let words: Vec<&str> = cut.words.iter().map(|word| &**word).collect();
    if cut.is_file {
        place.files(&mut found);
    } else {
        place.command(&words, &mut found);
    }
    found.finish(end)
}

/// Where a line is typed.
struct Place<'a> {
    cluster: &'a Cluster,
    workspace: &'a Workspace,
}

impl Place<'_> {
    /// The next word of a command with these words.
    fn command(&self, words: &[&str], found: &mut Found<'_>) {
        let words = inner(words);
        let Some((name, rest)) = words.split_first() else {
            found.offer_all(COMMANDS);
            return;
        };
        let has_files = READERS.contains(name) && !found.piece().starts_with('-');
        let is_pattern = *name == "grep" && rest.iter().all(|word| word.starts_with('-'));
        match *name {
            "kubectl" | "k" | "oc" => self.kubectl(rest, found),
            _ if has_files && !is_pattern => {
                self.files(found);
            }
            _ => {}
        }
    }

    /// The files of the working directory.
    fn files(&self, found: &mut Found<'_>) {
        if found.piece().starts_with("./") {
            found.skip(2);
        }
        for name in self.workspace.files.keys() {
            found.offer(name, "");
        }
    }
}

/// The words of the command that is inside of others: behind `do`, `A=b` and `watch -n 1`.
fn inner<'a>(mut words: &'a [&'a str]) -> &'a [&'a str] {
    while let Some((first, rest)) = words.split_first() {
        if OPENERS.contains(first) || is_assignment(first) {
            words = rest;
        } else if WRAPPERS.contains(first) {
            words = behind_flags(rest);
        } else {
            break;
        }
    }
    words
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && name
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || it == b'_')
    })
}

/// The words behind the flags of `watch` and its like: `-n 1`, `-I {}`, `-d`.
fn behind_flags<'a>(mut words: &'a [&'a str]) -> &'a [&'a str] {
    while let [flag, rest @ ..] = words {
        if !flag.starts_with('-') {
            break;
        }
        let takes = matches!(*flag, "-n" | "--interval" | "-I" | "-L" | "-P");
        words = rest.get(usize::from(takes)..).unwrap_or_default();
    }
    words
}

#[cfg(test)]
mod tests;
