//! The verbs, one a file, in one alphabetical list: a new verb is a file and a line here.

mod annotate;
mod api_resources;
pub(super) mod apply;
mod attach;
mod auth;
mod cluster_info;
mod config;
mod cordon;
mod create;
mod delete;
mod describe;
mod done;
pub(super) mod drain;
mod edit;
pub(super) mod events;
mod exec;
pub(super) mod explain;
mod expose;
pub(super) mod get;
pub(super) mod help;
#[cfg(test)]
pub(super) mod kit;
mod label;
mod last_applied;
mod logs;
mod made;
mod patch;
mod port_forward;
mod proxy;
pub(super) mod replace;
pub(super) mod rollout;
mod run;
mod scale;
pub(super) mod set;
mod taint;
mod targets;
mod top;
mod version;
pub(super) mod wait;

use super::args::{Args, Flag, GLOBAL, Takes};
use super::distance;
use super::fault::Fault;
use super::next::Next;
use super::output::Output;
use super::wait::Wait;
use super::workspace::Workspace;
use super::{Answer, target};
use crate::cluster::Cluster;
use crate::cluster::value::Value;
use done::{Shows, check_dry_run};
use help::Help;

/// One verb.
pub(super) struct Verb {
    /// Its word.
    pub name: &'static str,
    /// The flags that it knows.
    pub flags: &'static [Flag],
    /// What it says of itself.
    pub help: Help,
    /// What it does.
    pub run: fn(&mut Command<'_>) -> Result<(), Fault>,
}

pub(super) const VERBS: &[Verb] = &[
    annotate::VERB,
    api_resources::VERB,
    api_resources::VERSIONS,
    apply::VERB,
    attach::VERB,
    auth::VERB,
    cluster_info::VERB,
    config::VERB,
    cordon::CORDON,
    create::VERB,
    delete::VERB,
    describe::VERB,
    drain::VERB,
    edit::VERB,
    events::VERB,
    exec::VERB,
    explain::VERB,
    expose::VERB,
    get::VERB,
    help::HELP,
    label::VERB,
    logs::VERB,
    help::OPTIONS,
    patch::VERB,
    port_forward::VERB,
    proxy::VERB,
    replace::VERB,
    rollout::VERB,
    run::VERB,
    scale::VERB,
    set::VERB,
    taint::VERB,
    top::VERB,
    cordon::UNCORDON,
    version::VERB,
    wait::VERB,
];

/// Every command there is: the verbs, and each with each of its subcommands (`rollout undo`).
pub fn commands() -> impl Iterator<Item = String> {
    VERBS.iter().flat_map(|verb| {
        let inner = verb.help.subcommands.iter();
        let inner = inner.map(|(name, _)| format!("{} {name}", verb.name));
        std::iter::once(verb.name.to_owned()).chain(inner)
    })
}

/// A command under way.
pub(super) struct Command<'a> {
    /// The cluster.
    pub cluster: &'a mut Cluster,
    /// Files and context.
    pub workspace: &'a mut Workspace,
    /// Words and flags.
    pub args: Args,
    /// What was printed so far.
    pub output: Output,
    /// What the command waits for before it ends.
    pub wait: Option<Wait>,
    /// What it goes on with then.
    pub next: Option<Next>,
    /// The verb's word.
    pub verb: &'static str,
    /// How it prints what it has changed.
    pub shows: Shows,
    /// The objects that it has changed, where they are printed whole.
    pub shown: Vec<Value>,
}

/// Runs kubectl with these words.
pub(super) fn run(
    cluster: &mut Cluster,
    workspace: &mut Workspace,
    mut words: Vec<String>,
) -> Answer {
    // Global flags may stand before the verb.
    let at = verb_position(&words);
    let Some(name) = at.map(|at| words.remove(at)) else {
        return match Args::read("", &[], words) {
            Ok(_) => help::everything().into(),
            Err(fault) => Output::failed(&format!("{fault}\n"), 1).into(),
        };
    };
    let Some(verb) = VERBS.iter().find(|verb| verb.name == name) else {
        return Output::failed(&unknown_command(&name), 1).into();
    };
    let args = match Args::read(&verb.path(&words), verb.flags, words) {
        Ok(args) => args,
        Err(fault) => return Output::failed(&format!("{fault}\n"), 1).into(),
    };
    if args.is_on("help") {
        return help::of(verb).into();
    }
    let mut command = Command {
        cluster,
        workspace,
        args,
        output: Output::default(),
        wait: None,
        next: None,
        verb: verb.name,
        shows: Shows::default(),
        shown: Vec::new(),
    };
    let done = command.heed(verb).and_then(|()| (verb.run)(&mut command));
    if let Err(fault) = done {
        command.fail(&fault);
    }
    command.show_changed(verb.name == apply::VERB.name);
    Answer {
        output: command.output,
        wait: command.wait,
        next: command.next,
    }
}

impl Verb {
    /// Its word, and that of the subcommand that these words begin with.
    fn path(&self, words: &[String]) -> String {
        if let Some(path) = (self.name == "create")
            .then(|| create::path(words))
            .flatten()
        {
            return path;
        }
        let first = words.first();
        let subcommand = first.filter(|first| self.help.has_subcommand(first));
        match subcommand {
            Some(subcommand) => format!("{} {subcommand}", self.name),
            None => self.name.to_owned(),
        }
    }
}

/// Where the verb stands: before it there may be flags, and their values.
fn verb_position(words: &[String]) -> Option<usize> {
    let takes_next = |word: &str| {
        GLOBAL.iter().any(|flag| {
            let short = flag.short.is_some_and(|it| word == format!("-{it}"));
            flag.takes == Takes::Value && (short || word.strip_prefix("--") == Some(flag.name))
        })
    };
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if !word.starts_with('-') {
            return Some(at);
        }
        at += if takes_next(word) { 2 } else { 1 };
    }
    None
}

/// Verbs of a real kubectl that are refused by name.
const ELSEWHERE: &[&str] = &[
    "autoscale",
    "certificate",
    "completion",
    "cp",
    "debug",
    "diff",
    "kustomize",
    "plugin",
];
/// Words that people look for a verb by (`SuggestFor`).
const MEANT: &[(&str, &[&str])] = &[
    ("list", &["get", "wait"]),
    ("ps", &["get", "wait"]),
    ("resize", &["scale"]),
    ("rm", &["delete"]),
];

fn unknown_command(name: &str) -> String {
    if ELSEWHERE.contains(&name) {
        return format!("{}\n", elsewhere(name));
    }
    let lower = name.to_ascii_lowercase();
    let meant = MEANT.iter().find(|(word, _)| *word == lower);
    let meant = meant.map_or(&[][..], |(_, verbs)| verbs);
    let near: Vec<&str> = VERBS
        .iter()
        .map(|verb| verb.name)
        .filter(|verb| {
            distance(verb, &lower) <= 2 || verb.starts_with(&lower) || meant.contains(verb)
        })
        .collect();
    let mut text = format!("error: unknown command {name:?} for \"kubectl\"\n");
    if !near.is_empty() {
        text.push_str("\nDid you mean this?\n");
        for verb in near {
            text.push_str(&format!("\t{verb}\n"));
        }
    }
    text
}

/// Our own words: a real kubectl does what was asked for.
pub(super) fn elsewhere(what: &str) -> Fault {
    Fault::client(format!(
        "kubectl {what} is not simulated here; a real kubectl would do it."
    ))
}

/// Prints why single objects failed: of several faults each has its bare text (`MultipleErrors`).
pub(super) fn print_faults(faults: &[Fault], output: &mut Output) {
    for fault in faults {
        match fault {
            Fault::Client(text) if faults.len() > 1 => output.error_line(text),
            _ => output.error_line(&fault.to_string()),
        }
        output.exit = 1;
    }
}

impl Command<'_> {
    /// Prints why something failed; the command goes on and ends with 1.
    pub(super) fn fail(&mut self, fault: &Fault) {
        self.output.error_line(&fault.to_string());
        self.output.exit = 1;
    }

    /// Prints why single objects failed.
    pub(super) fn fail_all(&mut self, faults: &[Fault]) {
        print_faults(faults, &mut self.output);
    }

    /// Refuses what was asked for and is not here: flags that are not simulated, and another context.
    fn heed(&mut self, verb: &Verb) -> Result<(), Fault> {
        if let Some(flag) = self.args.refused(verb.flags) {
            return Err(elsewhere(&format!("{} --{flag}", verb.name)));
        }
        for (name, why) in self.args.deprecated(verb.flags) {
            let text = format!("Flag --{name} has been deprecated, {why}");
            self.output.error_line(&text);
        }
        // `delete` has no object to show, and words of its own for that.
        let changes = verb.flags.iter().any(|it| it.name == "dry-run");
        if changes && verb.name != delete::VERB.name {
            check_dry_run(self.args.get("dry-run"))?;
            self.shows = Shows::read(verb.name, self.args.get("output"))?;
        }
        let names =
            ["get", "describe", "delete", "label", "annotate", "patch"].contains(&verb.name);
        if names
            && target::read(&self.args.words)
                .is_ok_and(|it| it.includes(crate::cluster::object::Kind::Endpoints))
        {
            self.warn(
                "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
            );
        }
        match self.args.get("context") {
            Some(name) if *name != *self.workspace.context => {
                Err(Fault::client(format!("context {name:?} does not exist")))
            }
            _ => Ok(()),
        }
    }

    /// Prints a warning.
    pub(super) fn warn(&mut self, text: &str) {
        self.output.error_line(&format!("Warning: {text}"));
    }

    /// Prints warnings.
    pub(super) fn warn_all(&mut self, texts: &[String]) {
        for text in texts {
            self.warn(text);
        }
    }

    /// The namespaces and selectors of the command.
    pub(super) fn scope(&self) -> Result<target::Scope, Fault> {
        target::Scope::read(&self.args, self.workspace)
    }
}
