//! `kubectl auth`: there is one person here, and she may do everything (minikube's user, of `system:masters`).

use super::help::{Group, Help, no_subcommand};
use super::{Command, Verb};
use crate::kubectl::args::{truth, value};
use crate::kubectl::fault::Fault;
use crate::kubectl::print::Table;
use crate::kubectl::target;

pub(super) const VERB: Verb = Verb {
    name: "auth",
    flags: &[
        truth("all-namespaces", 'A'),
        truth("quiet", 'q').says("Print nothing, only set the exit code."),
        value("subresource", ' ').says("The subresource in question, such as scale."),
        truth("list", ' ').refused(),
        value("output", 'o').refused(),
    ],
    help: Help {
        group: Group::Troubleshooting,
        about: "Ask what one may do. In this cluster that is everything.",
        usage: "auth SUBCOMMAND [options]",
        examples: &[
            (
                "May I scale sets?",
                "auth can-i patch statefulsets --subresource=scale",
            ),
            ("Who am I?", "auth whoami"),
        ],
        subcommands: &[
            ("can-i", "Whether something is allowed: VERB KIND"),
            ("whoami", "Who one is"),
        ],
        elsewhere: &["reconcile"],
    },
    run: |command| match command.args.words.first().map(|it| &**it) {
        Some("can-i") => can_i(command),
        Some("whoami") => {
            let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
            let rows = [
                row(["ATTRIBUTE", "VALUE"]),
                row(["Username", "minikube-user"]),
                row(["Groups", "[system:masters system:authenticated]"]),
            ];
            Table::default().print(&rows, &mut command.output.stdout);
            Ok(())
        }
        _ => no_subcommand(command, &VERB),
    },
};

const VERBS: &[&str] = &[
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "use",
    "bind",
    "impersonate",
    "*",
    "approve",
    "sign",
    "escalate",
    "attest",
];

fn can_i(command: &mut Command<'_>) -> Result<(), Fault> {
    let [_, verb, what] = &*command.args.words.clone() else {
        return Err(Fault::client(
            "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' \
             for help and examples.",
        ));
    };
    // These warnings end in a newline of their own.
    if !what.starts_with('/') {
        let kind = what.split('/').next().unwrap_or(what);
        let resource = (kind != "*").then(|| target::resource(kind));
        match resource {
            Some(Err(_)) => command.warn(&format!(
                "the server doesn't have a resource type '{kind}'\n"
            )),
            Some(Ok(resource))
                if !resource.is_namespaced() && !command.args.is_on("all-namespaces") =>
            {
                let plural = resource.plural();
                let text = match plural.split_once('.') {
                    Some((plural, group)) => {
                        format!("resource '{plural}' is not namespace scoped in group '{group}'\n")
                    }
                    None => format!("resource '{plural}' is not namespace scoped\n"),
                };
                command.warn(&text);
            }
            _ => {}
        }
        if !VERBS.contains(&&**verb) {
            command.warn(&format!("verb '{verb}' is not a known verb\n"));
        }
    }
    if !command.args.is_on("quiet") {
        command.output.line("yes");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::kit::Kit;

    #[test]
    fn everything_is_allowed() {
        let mut kit = Kit::new();
        for (line, said) in [
            ("can-i create pods", "yes\n"),
            ("can-i '*' '*'", "yes\n"),
            ("can-i get /healthz", "yes\n"),
            ("can-i delete sts/web -q", ""),
            (
                "can-i list nodes",
                "yes\nWarning: resource 'nodes' is not namespace scoped\n\n",
            ),
            (
                "can-i list sc",
                "yes\nWarning: resource 'storageclasses' is not namespace scoped in group 'storage.k8s.io'\n\n",
            ),
            (
                "can-i scale nope",
                "yes\nWarning: the server doesn't have a resource type 'nope'\n\n\
                 Warning: verb 'scale' is not a known verb\n\n",
            ),
            (
                "can-i get",
                "error: you must specify two arguments: verb resource or verb resource/resourceName.\n\
                 See 'kubectl auth can-i -h' for help and examples.\n[exit 1]\n",
            ),
            (
                "can-i --list",
                "error: kubectl auth --list is not simulated here; a real kubectl would do it.\n[exit 1]\n",
            ),
            (
                "whoami",
                "ATTRIBUTE   VALUE\nUsername    minikube-user\nGroups      [system:masters system:authenticated]\n",
            ),
            (
                "reconcile",
                "error: kubectl auth reconcile is not simulated here; a real kubectl would do it.\n[exit 1]\n",
            ),
        ] {
            assert_eq!(kit.says(&format!("kubectl auth {line}")), said, "{line}");
        }
    }
}
