//! `kubectl top`, as a cluster without a metrics server answers it.

use super::Verb;
use super::help::{Group, Help, no_subcommand};
use crate::kubectl::args::{truth, value};
use crate::kubectl::fault::Fault;

pub(super) const VERB: Verb = Verb {
    name: "top",
    flags: &[
        value("selector", 'l'),
        value("field-selector", ' '),
        value("sort-by", ' ').says("Sort by cpu or by memory."),
        truth("all-namespaces", 'A'),
        truth("containers", ' ').says("Show each container."),
        truth("sum", ' ').says("Add everything up."),
        truth("no-headers", ' '),
    ],
    help: Help {
        group: Group::Cluster,
        about: "Show what nodes and pods use. This cluster has no metrics server, so it cannot.",
        usage: "top SUBCOMMAND [NAME] [options]",
        examples: &[("What the pods use", "top pods")],
        subcommands: &[
            ("node", "What nodes use (nodes, no)"),
            ("pod", "What pods use (pods, po)"),
        ],
        ..Help::PLAIN
    },
    run: |command| match command.args.words.first().map(|it| &**it) {
        Some("node" | "nodes" | "no" | "pod" | "pods" | "po") => {
            Err(Fault::client("Metrics API not available"))
        }
        _ => no_subcommand(command, &VERB),
    },
};

#[cfg(test)]
mod tests {
    use super::super::kit::Kit;

    #[test]
    fn there_are_no_metrics() {
        for what in ["pods", "node node-a", "po -A", "nodes"] {
            assert_eq!(
                Kit::new().says(&format!("kubectl top {what}")),
                "error: Metrics API not available\n[exit 1]\n"
            );
        }
        assert_eq!(
            Kit::new().says("kubectl top services"),
            "error: unknown command \"services\"\nSee 'kubectl top -h' for help and examples\n[exit 1]\n"
        );
    }
}
