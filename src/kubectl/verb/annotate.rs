//! `kubectl annotate`.

use super::help::{Group, Help};
use super::label::{FLAGS, Sort, change};
use super::{Command, Verb};
use crate::kubectl::fault::Fault;

pub(super) const VERB: Verb = Verb {
    name: "annotate",
    flags: FLAGS,
    help: Help {
        group: Group::Settings,
        about: "Set or take away annotations. Nothing selects by them; programs and people read them.",
        usage: "annotate (-f FILE | KIND NAME) KEY=VALUE ... KEY- ... [options]",
        examples: &[
            (
                "Say why the set changed (rollout history shows it)",
                "annotate sts/web kubernetes.io/change-cause='nginx 1.28'",
            ),
            (
                "Take the annotation away",
                "annotate sts/web kubernetes.io/change-cause-",
            ),
        ],
        ..Help::PLAIN
    },
    run,
};

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    change(command, Sort::Annotations)
}
