//! `kubectl replace`: puts a file's object in the place of the one that is there.

use super::apply::decode_new;
use super::delete::{called, place};
use super::done::Shows;
use super::help::{Group, Help};
use super::{Command, Verb, print_faults};
use crate::cluster::Cluster;
use crate::cluster::api::{DeleteOptions, Propagation};
use crate::cluster::object::Object;
use crate::cluster::record::{Component, Part};
use crate::cluster::time::Time;
use crate::kubectl::args::{RECORD, number, optional, truth, value};
use crate::kubectl::fault::Fault;
use crate::kubectl::files::FileObject;
use crate::kubectl::output::Output;
use crate::kubectl::wait::Wait;

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
        RECORD,
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
    command.files_only("replace")?;
    let grace_s = command.args.number("grace-period").filter(|it| *it >= 0);
    if grace_s.is_some() && !command.args.is_on("force") {
        return Err(Fault::client("--grace-period must have --force specified"));
    }
    let objects = command.file_objects()?;
    if objects.is_empty() {
        return Err(Fault::client("no objects passed to replace"));
    }
    if command.args.is_on("force") {
        return force(command, objects, grace_s);
    }
    let mut faults = Vec::new();
    for object in objects {
        let result = object.and_then(|object| replace(command, &object));
        faults.extend(result.err());
    }
    command.fail_all(&faults);
    Ok(())
}

fn replace(command: &mut Command<'_>, object: &FileObject) -> Result<(), Fault> {
    let name = format!("{}/{}", object.kind.singular(), object.name);
    if !command.sends() {
        command.say_done(&name, "replaced", object.value.clone());
        return Ok(());
    }
    let made = decode_new(command, object, &object.value, "replacing")?;
    let made = command
        .request(|api| api.update(made, Part::Main))
        .map_err(|error| Fault::with_file(error, "replacing", &object.file))?;
    command.done(&made, "replaced");
    Ok(())
}

/// Deletes what is there, waits until it is gone, and makes it anew.
fn force(
    command: &mut Command<'_>,
    objects: Vec<Result<FileObject, Fault>>,
    grace_s: Option<i64>,
) -> Result<(), Fault> {
    let mut new = Vec::new();
    for object in objects {
        let object = object?;
        let made = decode_new(command, &object, &object.value, "creating")?;
        new.push(made);
    }
    let options = DeleteOptions {
        // Nothing is removed unconfirmed.
        grace_s: grace_s.map(|seconds| seconds.max(1)),
        propagation: Some(Propagation::Background),
        uid: None,
    };
    let suffix = command.dry_run().unwrap_or_default();
    for object in &new {
        let key = object.key();
        if command.cluster.api.store.by_key(&key).is_none() {
            continue;
        }
        command.request(|api| api.delete(&key, &options))?;
        let line = format!("{} deleted{}{suffix}", called(&key), place(&key));
        command.output.line(&line);
    }
    if command.dry_run().is_some() {
        for object in &new {
            command.done(object, "replaced");
        }
        return Ok(());
    }
    let now = command.cluster.now();
    let mut replacing = Replacing {
        left: new,
        shows_name: command.shows == Shows::Name,
        at: now,
        until: now.plus_s(PATIENCE_S),
    };
    if !replacing.poll(command.cluster, &mut command.output) {
        command.wait = Some(Wait::Replace(replacing));
    }
    Ok(())
}

/// How long kubectl waits for what was deleted.
const PATIENCE_S: i64 = 300;

/// A `replace --force` that waits for the old objects to go: it looks every second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacing {
    left: Vec<Object>,
    shows_name: bool,
    at: Time,
    until: Time,
}

impl Replacing {
    /// Whether everything is made anew, or given up.
    pub(in crate::kubectl) fn is_over(&self) -> bool {
        self.left.is_empty()
    }

    /// When it looks next.
    pub(in crate::kubectl) fn due(&self) -> Option<Time> {
        (!self.is_over()).then_some(self.at)
    }

    /// Looks, and makes the objects anew once all are gone; whether it is over.
    pub(in crate::kubectl) fn poll(&mut self, cluster: &mut Cluster, output: &mut Output) -> bool {
        let now = cluster.now();
        if self.is_over() || now < self.at {
            return self.is_over();
        }
        let store = &cluster.api.store;
        if self.left.iter().any(|it| store.by_key(&it.key()).is_some()) {
            self.at = now.plus_s(1);
            if now >= self.until {
                self.left.clear();
                output.error_line("error: context deadline exceeded");
                output.exit = 1;
            }
            return self.is_over();
        }
        let mut faults = Vec::new();
        for object in std::mem::take(&mut self.left) {
            let name = format!("{}/{}", object.kind().singular(), object.meta().name);
            match cluster.request(Component::User, |api| api.create(object)) {
                Ok(_) if self.shows_name => output.line(&name),
                Ok(_) => output.line(&format!("{name} replaced")),
                Err(error) => faults.push(Fault::from(error)),
            }
        }
        print_faults(&faults, output);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::kit::Kit;

    #[test]
    fn by_force_everything_goes_before_anything_comes_back() {
        let mut kit = Kit::with_web();
        let start = kit.cluster.now();
        assert_eq!(
            kit.waits("kubectl replace --force -f web.yaml", 60),
            "service \"nginx\" deleted from default namespace\nstatefulset.apps \"web\" deleted from default namespace\n\
             service/nginx replaced\nstatefulset.apps/web replaced\n"
        );
        assert!(kit.cluster.now() <= start.plus_s(2));
        assert_eq!(
            kit.says("kubectl replace -f web.yaml --grace-period=5"),
            "error: --grace-period must have --force specified\n[exit 1]\n"
        );
    }
}
