//! `kubectl rollout history`: the revisions of an object, or one of them.

use super::{no_revisions, replica_sets};
use crate::cluster::json::Json as _;
use crate::cluster::object::{ControllerRevision, Object, ObjectKey, StatefulSet};
use crate::cluster::sorted;
use crate::cluster::value::Value;
use crate::kubectl::describe;
use crate::kubectl::fault::Fault;
use crate::kubectl::verb::{Command, elsewhere};

/// The annotation with the reason of a revision.
pub(in crate::kubectl::verb) const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";

/// One revision, as it is shown.
struct Past {
    number: i64,
    template: Value,
    cause: String,
}

/// Prints the revisions of an object, or the template of one.
pub(super) fn show(command: &mut Command<'_>, key: &ObjectKey) -> Result<(), Fault> {
    if let Some(format) = command.args.get("output") {
        return Err(elsewhere(&format!("rollout history -o {format}")));
    }
    let past = past(command, key)?;
    let wanted = command.args.number("revision").unwrap_or(0);
    let mut title = format!("{}/{} ", key.kind.singular(), key.name);
    if wanted > 0 {
        title.push_str(&format!("with revision #{wanted}"));
    }
    let text = if past.is_empty() {
        "No rollout history found.".to_owned()
    } else if wanted > 0 {
        let found = past.iter().find(|it| it.number == wanted);
        let found = found.ok_or_else(|| Fault::client("unable to find the specified revision"))?;
        describe::template(&found.template)
    } else {
        table(&past)
    };
    command.output.line(&title);
    command.output.line(&text);
    Ok(())
}

fn table(past: &[Past]) -> String {
    let mut text = "REVISION  CHANGE-CAUSE\n".to_owned();
    for Past { number, cause, .. } in past {
        let cause = match &**cause {
            "" => "<none>",
            cause => cause,
        };
        text.push_str(&format!("{number:<10}{cause}\n"));
    }
    text
}

/// The revisions of an object, oldest first.
fn past(command: &Command<'_>, key: &ObjectKey) -> Result<Vec<Past>, Fault> {
    let object = command.cluster.api.store.by_key(key);
    match object.map(|it| &**it) {
        Some(Object::StatefulSet(set)) => {
            let all = revisions(command, set).into_iter();
            Ok(all
                .map(|it| Past {
                    number: it.revision,
                    template: template(&it),
                    cause: it
                        .meta
                        .annotation(CHANGE_CAUSE)
                        .unwrap_or_default()
                        .to_owned(),
                })
                .collect())
        }
        Some(Object::Deployment(deployment)) => {
            let all = replica_sets(command, deployment).into_iter();
            Ok(all
                .map(|(number, set)| {
                    let mut template = set.spec.template.write_always();
                    let cause = set
                        .meta
                        .annotation(CHANGE_CAUSE)
                        .unwrap_or_default()
                        .to_owned();
                    if !cause.is_empty() {
                        template.set(
                            &["metadata", "annotations", CHANGE_CAUSE],
                            cause.as_str().into(),
                        );
                    }
                    Past {
                        number,
                        template,
                        cause,
                    }
                })
                .collect())
        }
        _ => Err(no_revisions(key.kind, "history viewer", "history")),
    }
}

/// The revisions of a set, oldest first.
pub(super) fn revisions(command: &Command<'_>, set: &StatefulSet) -> Vec<ControllerRevision> {
    let all = command
        .cluster
        .api
        .store
        .list_in::<ControllerRevision>(&set.meta.namespace);
    let mut own: Vec<_> = all
        .filter(|it| it.meta.is_controlled_by(&set.meta.uid))
        .cloned()
        .collect();
    sorted::sort_by_key(&mut own, |it| it.revision);
    own
}

/// The pod template of a revision.
pub(super) fn template(revision: &ControllerRevision) -> Value {
    let found = revision.data.at(&["spec", "template"]);
    found.cloned().unwrap_or_default()
}
