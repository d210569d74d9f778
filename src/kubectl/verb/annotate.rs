//! `kubectl annotate`.

use super::label::{FLAGS, Sort, change};
use super::{Command, Verb};
use crate::kubectl::fault::Fault;

pub(super) const VERB: Verb = Verb {
    name: "annotate",
    flags: FLAGS,
    run,
};

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    change(
        command,
        &Sort {
            field: "annotations",
            noun: "annotation",
            check: |_, _| Ok(()),
        },
    )
}
