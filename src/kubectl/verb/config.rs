//! `kubectl config`: the context that commands go to.

use super::{Command, Verb};
use crate::kubectl::args::{truth, value};
use crate::kubectl::fault::Fault;

pub(super) const VERB: Verb = Verb {
    name: "config",
    flags: &[
        truth("current", ' '),
        truth("minify", ' '),
        value("output", 'o'),
    ],
    run,
};

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    let words: Vec<&str> = command.args.words.iter().map(|word| &**word).collect();
    let context = command.workspace.context.clone();
    match &*words {
        ["set-context", rest @ ..] => {
            let named = rest.first().is_none_or(|name| **name == *context);
            if rest.is_empty() && !command.args.is_on("current") {
                return Err(Fault::client(
                    "you must specify a non-empty context name or --current",
                ));
            }
            if let Some(namespace) = command.args.get("namespace").filter(|_| named) {
                command.workspace.namespace = namespace.into();
            }
            let name = rest.first().copied().unwrap_or(&context);
            let word = if named { "modified" } else { "created" };
            command.output.line(&format!("Context {name:?} {word}."));
        }
        ["current-context"] => command.output.line(&context),
        ["use-context", name] if **name == *context => {
            command
                .output
                .line(&format!("Switched to context {name:?}."));
        }
        ["use-context", name] => {
            return Err(Fault::client(format!(
                "no context exists with the name: {name:?}"
            )));
        }
        ["get-contexts", ..] => {
            let namespace = &command.workspace.namespace;
            let shown = if &**namespace == "default" {
                ""
            } else {
                namespace
            };
            let width = context.len().max(4) + 3;
            let row = |mark: &str, name: &str, cluster: &str, user: &str, namespace: &str| {
                format!("{mark:<10}{name:<width$}{cluster:<width$}{user:<width$}{namespace}")
                    .trim_end()
                    .to_owned()
            };
            let header = row("CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE");
            command.output.line(&header);
            command
                .output
                .line(&row("*", &context, &context, &context, shown));
        }
        [other, ..] => {
            return Err(Fault::Plain(format!(
                "error: unknown command \"config {other}\""
            )));
        }
        [] => {
            return Err(Fault::client(
                "a subcommand is missing: set-context, get-contexts, current-context, use-context",
            ));
        }
    }
    Ok(())
}
