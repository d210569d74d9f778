//! Objects that kubectl itself makes from flags (`create`, `run`, `expose`): sent unless it is a dry run of the client,
//! then printed.

use std::rc::Rc;

use super::Command;
use super::apply::LAST_APPLIED;
use super::done::Shows;
use crate::cluster::error::ApiError;
use crate::cluster::object::{Kind, Object};
use crate::cluster::value::{Text, Value};
use crate::kubectl::fault::Fault;
use crate::kubectl::print;

/// What came of sending an object.
pub(super) struct Sent {
    /// The object as it is printed.
    pub look: Value,
    /// The object that the server has made; none under `--dry-run=client`.
    pub made: Option<Rc<Object>>,
}

/// Makes an object and says so; `refused` puts a refusal of the server into kubectl's words.
pub(super) fn make(
    command: &mut Command<'_>,
    kind: Kind,
    value: Value,
    word: &str,
    refused: impl Fn(ApiError) -> Fault,
) -> Result<(), Fault> {
    let sent = send(command, kind, value).map_err(refused)?;
    print(command, kind, &sent.look, word)
}

/// Makes an object and says nothing yet.
pub(super) fn send(
    command: &mut Command<'_>,
    kind: Kind,
    mut value: Value,
) -> Result<Sent, ApiError> {
    if command.args.is_on("save-config") {
        let text = print::compact_typed(kind, &print::filled(kind, &value));
        let place = ["metadata", "annotations", LAST_APPLIED];
        value.set(&place, Value::text(format!("{text}\n")));
    }
    let asked = command.args.get("namespace").map(Text::from);
    let namespace = match command.sends() {
        true => asked.or_else(|| Some(command.workspace.namespace.clone())),
        // The client fills in what was asked for, and leaves the rest to the server.
        false => asked,
    };
    if let Some(namespace) = namespace.filter(|_| kind.is_namespaced()) {
        value.set(&["metadata", "namespace"], Value::Text(namespace));
    }
    if !command.sends() {
        return Ok(Sent {
            look: value,
            made: None,
        });
    }
    let object = Object::read(kind, value);
    let made = command.request(|api| api.create(object))?;
    Ok(Sent {
        look: print::shown(&made, command.cluster),
        made: Some(made),
    })
}

/// Prints what was done to an object, or the object, as its struct is written.
pub(super) fn print(
    command: &mut Command<'_>,
    kind: Kind,
    value: &Value,
    word: &str,
) -> Result<(), Fault> {
    let value = print::filled(kind, value);
    match &command.shows {
        Shows::Word | Shows::Name => {
            let name = value.plain_at(&["metadata", "name"]);
            command.say_done(&format!("{}/{name}", kind.singular()), word, value);
        }
        Shows::Yaml => {
            // The printer parts what it prints.
            if !command.output.stdout.is_empty() {
                command.output.line("---");
            }
            let text = crate::manifest::write::yaml(&value);
            command.output.stdout.push_str(&text);
        }
        Shows::Json => command.output.line(&print::pretty_typed(kind, &value)),
        Shows::Path(path) => {
            let printed = path
                .print(&value)
                .map_err(|why| Fault::client(format!("error executing jsonpath: {why}")))?;
            command.output.stdout.push_str(&printed);
        }
    }
    Ok(())
}
