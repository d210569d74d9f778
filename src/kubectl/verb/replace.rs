//! `kubectl replace`: puts a file's object in the place of the one that is there.

use super::create::create;
use super::help::{Group, Help};
use super::{Command, Verb};
use crate::cluster::admission::decode;
use crate::cluster::api::DeleteOptions;
use crate::cluster::error::ApiError;
use crate::cluster::object::{Object, ObjectKey};
use crate::cluster::record::Part;
use crate::kubectl::args::{number, optional, truth, value};
use crate::kubectl::fault::Fault;
use crate::kubectl::files::FileObject;

pub(super) const VERB: Verb = Verb {
    name: "replace",
    flags: &[
        value("filename", 'f'),
        value("kustomize", 'k').refused(),
        truth("recursive", 'R'),
        truth("force", ' ').says("Delete what is there and create it anew."),
        truth("save-config", ' ').refused(),
        truth("wait", ' ').refused(),
        value("output", 'o'),
        value("timeout", ' ').refused(),
        value("field-manager", ' '),
        number("grace-period"),
        optional("cascade", "background").refused(),
        optional("dry-run", "unchanged"),
        optional("validate", "strict"),
    ],
    help: Help {
        group: Group::Advanced,
        about: "Put the objects of a manifest in the place of those that are there.",
        usage: "replace -f FILE [options]",
        examples: &[
            ("Replace the set", "replace -f web.yaml"),
            (
                "Delete it first, where a field may not change",
                "replace --force -f web.yaml",
            ),
        ],
        ..Help::PLAIN
    },
    run,
};

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    if command.args.get("filename").is_none() {
        return Err(Fault::client("must specify one of -f and -k"));
    }
    let objects = command.file_objects()?;
    if objects.is_empty() {
        return Err(Fault::client("no objects passed to replace"));
    }
    let mut faults = Vec::new();
    for object in objects {
        let result = object.and_then(|object| {
            if command.args.is_on("force") {
                force(command, &object)
            } else {
                replace(command, &object)
            }
        });
        faults.extend(result.err());
    }
    command.fail_all(&faults);
    Ok(())
}

fn replace(command: &mut Command<'_>, object: &FileObject) -> Result<(), Fault> {
    let refuse = |error: ApiError| Fault::with_file(error, "replacing", &object.file);
    let made = decode::decode_strictly(object.kind, &object.value)
        .map_err(|why| refuse(ApiError::BadRequest(why)))?;
    if command.sends() {
        command
            .request(|api| api.update(keep_addresses(made, api), Part::Main))
            .map_err(refuse)?;
    }
    command.done(object.kind, &object.name, "replaced");
    Ok(())
}

/// A Service that names no address keeps the one that it was given (`patchAllocatedValues`).
fn keep_addresses(mut made: Object, api: &crate::cluster::api::Api) -> Object {
    let key = made.key();
    if let (Object::Service(new), Some(old)) = (&mut made, api.store.by_key(&key))
        && let Object::Service(old) = &**old
        && new.spec.cluster_ip.is_empty()
    {
        let spec = std::rc::Rc::make_mut(&mut new.spec);
        spec.cluster_ip = old.spec.cluster_ip.clone();
        spec.cluster_ips = old.spec.cluster_ips.clone();
    }
    made
}

fn force(command: &mut Command<'_>, object: &FileObject) -> Result<(), Fault> {
    let key = ObjectKey {
        kind: object.kind,
        namespace: object.namespace.clone(),
        name: object.name.clone(),
    };
    let grace_s = command.args.number("grace-period").unwrap_or(0);
    let options = DeleteOptions {
        grace_s: Some(grace_s),
        ..DeleteOptions::default()
    };
    if command.cluster.api.store.by_key(&key).is_some() {
        command.request(|api| api.delete(&key, &options))?;
        let place = if key.namespace.is_empty() {
            String::new()
        } else {
            format!(" from {} namespace", key.namespace)
        };
        command.output.line(&format!(
            "{} {:?} deleted{place}",
            object.kind.singular(),
            object.name
        ));
    }
    create(command, object)?;
    // The line of a creation, in this verb's word.
    if let Some(text) = command.output.stdout.strip_suffix(" created\n") {
        command.output.stdout = format!("{text} replaced\n");
    }
    Ok(())
}
