//! `kubectl edit`: opens an object in the manifest pane, where a real cluster opens it in an editor.

use super::help::{Group, Help};
use super::targets::Bare;
use super::{Command, Verb};
use crate::kubectl::args::value;
use crate::kubectl::fault::Fault;
use crate::kubectl::next::Next;
use crate::kubectl::print;
use crate::manifest;

pub(super) const VERB: Verb = Verb {
    name: "edit",
    flags: &[
        value("filename", 'f'),
        value("selector", 'l'),
        value("output", 'o'),
    ],
    help: Help {
        group: Group::Intermediate,
        about: "Open an object in the manifest pane.",
        usage: "edit (KIND NAME | KIND/NAME)",
        examples: &[("A set", "edit statefulset web")],
        ..Help::PLAIN
    },
    run,
};

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    let words = command.args.words.clone();
    let targets = command.keys(&words, Bare::All)?;
    let mut keys = Vec::new();
    for target in targets {
        keys.push(target?);
    }
    let [key] = &keys[..] else {
        return Err(if keys.is_empty() {
            Fault::client("You must provide one or more resources by argument or filename.")
        } else {
            Fault::client("this page edits one object at a time: name one")
        });
    };
    let object = command.find(key)?;
    let mut value = print::shown(&object, command.cluster);
    if let Some(map) = value.as_map_mut() {
        // What only the server writes would be refused or ignored.
        map.remove("status");
    }
    let file = format!("{}-{}.yaml", key.kind.name().to_ascii_lowercase(), key.name);
    let text = manifest::write::yaml(&value);
    command.output.line(&format!(
        "{file} is open in the manifest pane. Change it there; Apply sends it. (A real cluster opens your editor.)"
    ));
    command.next = Some(Next::Edit { file, text });
    Ok(())
}
