//! `kubectl patch` (reference 8.10).

use super::help::{Group, Help};
use super::scale::replicas_of;
use super::targets::Bare;
use super::{Command, Verb, elsewhere};
use crate::cluster::api::FieldValidation;
use crate::cluster::error::ApiError;
use crate::cluster::object::{Kind, ObjectKey};
use crate::cluster::patch::{PatchType, json_patch, merge};
use crate::cluster::record::Part;
use crate::cluster::value::Value;
use crate::kubectl::args::{RECORD, optional, truth, value};
use crate::kubectl::fault::Fault;
use crate::kubectl::files::plain_name;
use crate::manifest;

pub(super) const VERB: Verb = Verb {
    name: "patch",
    flags: &[
        value("filename", 'f'),
        value("kustomize", 'k').refused(),
        value("field-manager", ' '),
        value("patch", 'p').says("The patch, as JSON or YAML."),
        value("patch-file", ' ').says("A file with the patch."),
        value("type", ' ')
            .or("strategic")
            .says("How lists merge: strategic, merge or json."),
        value("subresource", ' ').says("Patch this part alone: status or scale."),
        value("output", 'o'),
        truth("local", ' ').refused(),
        truth("recursive", 'R'),
        RECORD,
        optional("dry-run", "unchanged"),
    ],
    help: Help {
        group: Group::Advanced,
        about: "Change fields of objects by a patch.",
        usage: "patch (-f FILE | KIND NAME) [-p PATCH | --patch-file FILE] [options]",
        examples: &[
            (
                "Hold back the update of the lower ordinals",
                "patch sts web -p '{\"spec\":{\"updateStrategy\":{\"rollingUpdate\":{\"partition\":2}}}}'",
            ),
            (
                "Replace one field by its place",
                "patch sts web --type=json -p '[{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":5}]'",
            ),
            (
                "Write through the scale subresource",
                "patch sts web --subresource=scale --type=merge -p '{\"spec\":{\"replicas\":2}}'",
            ),
        ],
        ..Help::PLAIN
    },
    run,
};

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    let text = patch_text(command)?;
    let patch_type = match command.args.get("type").unwrap_or("strategic") {
        "strategic" => PatchType::Strategic,
        "merge" => PatchType::Merge,
        "json" => PatchType::Json,
        other => {
            return Err(Fault::client(format!(
                "--type must be one of [json merge strategic], not {other:?}"
            )));
        }
    };
    let patch = read_patch(&text)?;
    let words = command.args.words.clone();
    for target in command.keys(&words, Bare::Nothing)? {
        let key = target?;
        apply(command, &key, patch_type, &patch)?;
    }
    Ok(())
}

fn patch_text(command: &Command<'_>) -> Result<String, Fault> {
    if let Some(file) = command.args.get("patch-file") {
        if command.args.get("patch").is_some() {
            return Err(Fault::client(
                "cannot specify --patch and --patch-file together",
            ));
        }
        let found = command.workspace.files.get(plain_name(file)).cloned();
        return found.ok_or_else(|| {
            Fault::client(format!(
                "unable to read patch file: open {file}: no such file or directory"
            ))
        });
    }
    match command.args.get("patch").filter(|text| !text.is_empty()) {
        Some(text) => Ok(text.to_owned()),
        None => Err(Fault::client(
            "must specify --patch or --patch-file containing the contents of the patch",
        )),
    }
}

/// JSON goes to the server as it is, YAML is converted by kubectl.
fn read_patch(text: &str) -> Result<Value, Fault> {
    if text.trim_start().starts_with('{') {
        return manifest::json::value(text).map_err(|error| Fault::Server {
            error: ApiError::BadRequest(error.to_string()),
            doing: String::new(),
        });
    }
    manifest::value(text)
        .map_err(|error| Fault::client(format!("unable to parse {text:?}: {error}")))
}

fn apply(
    command: &mut Command<'_>,
    key: &ObjectKey,
    patch_type: PatchType,
    patch: &Value,
) -> Result<(), Fault> {
    let part = match command.args.get("subresource").unwrap_or_default() {
        "" => Part::Main,
        "status" if has_status(key.kind) => Part::Status,
        "scale" => return patch_scale(command, key, patch_type, patch),
        "resize" if key.kind == Kind::Pod => return Err(elsewhere("patch --subresource=resize")),
        _ => return Err(ApiError::NoSuchResource.into()),
    };
    let patched = command.patch(key, part, (patch_type, patch), FieldValidation::Warn)?;
    command.warn_all(&patched.warnings);
    let word = if patched.changed {
        "patched"
    } else {
        UNCHANGED
    };
    command.note_cause(key)?;
    command.done(&patched.object, word);
    Ok(())
}

/// What is said of a patch that changes nothing.
const UNCHANGED: &str = "patched (no change)";

/// Whether objects of a kind have a status that is written by itself.
fn has_status(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::ConfigMap
            | Kind::ControllerRevision
            | Kind::EndpointSlice
            | Kind::Endpoints
            | Kind::Event
            | Kind::Secret
            | Kind::ServiceAccount
            | Kind::StorageClass
    )
}

/// Patches the Scale of an object, of which the replicas count.
fn patch_scale(
    command: &mut Command<'_>,
    key: &ObjectKey,
    patch_type: PatchType,
    patch: &Value,
) -> Result<(), Fault> {
    let Some(replicas) = replicas_of(&*command.find(key)?) else {
        return Err(ApiError::NoSuchResource.into());
    };
    let old = Value::Int(i64::from(replicas));
    let mut scale = Value::map([("spec", Value::map([("replicas", old.clone())]))]);
    match patch_type {
        PatchType::Json => json_patch(&mut scale, patch)
            .map_err(|error| ApiError::InvalidPatch(error.to_string()))?,
        // A Scale has no lists, so that both ways of merging are one.
        PatchType::Merge | PatchType::Strategic => merge(&mut scale, patch),
    }
    let new = scale
        .at(&["spec", "replicas"])
        .cloned()
        .unwrap_or(Value::Int(0));
    let Some(wanted) = new.as_int() else {
        let found = new.type_name();
        return Err(Fault::from(ApiError::BadRequest(format!(
            "json: cannot unmarshal {found} into Go struct field ScaleSpec.spec.replicas of type int32"
        ))));
    };
    if wanted < 0 {
        return Err(Fault::Plain(format!(
            "The Scale {:?} is invalid: spec.replicas: Invalid value: {wanted}: must be greater than or equal to 0",
            key.name
        )));
    }
    if command.sends() {
        command.request(|api| super::scale::scale(api, key, wanted))?;
    }
    let word = if new == old { UNCHANGED } else { "patched" };
    command.say_done(&format!("scale.autoscaling/{}", key.name), word, scale);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::kit::Kit;

    #[test]
    fn subresources_are_patched_by_themselves() {
        let mut kit = Kit::with_web();
        for (line, said) in [
            (
                "sts web --subresource=scale --type=merge -p '{\"spec\":{\"replicas\":2}}'",
                "scale.autoscaling/web patched\n",
            ),
            (
                "sts web --subresource=scale --type=json -p '[{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":2}]'",
                "scale.autoscaling/web patched (no change)\n",
            ),
            (
                "sts web --subresource=scale -p '{\"spec\":{\"replicas\":-2}}'",
                "The Scale \"web\" is invalid: spec.replicas: Invalid value: -2: must be greater than or equal to 0\n[exit 1]\n",
            ),
            (
                "pod web-0 --subresource=scale -p '{\"spec\":{\"replicas\":2}}'",
                "Error from server (NotFound): the server could not find the requested resource\n[exit 1]\n",
            ),
            (
                "sts web --subresource=status -p '{\"spec\":{\"replicas\":9}}'",
                "statefulset.apps/web patched (no change)\n",
            ),
            (
                "pvc www-web-0 --subresource=status -p '{\"status\":{\"phase\":\"Lost\"}}'",
                "persistentvolumeclaim/www-web-0 patched\n",
            ),
            (
                "sc standard --subresource=status -p '{}'",
                "Error from server (NotFound): the server could not find the requested resource\n[exit 1]\n",
            ),
            (
                "sts web -o name -p '{\"spec\":{\"replicas\":3}}'",
                "statefulset.apps/web\n",
            ),
        ] {
            assert_eq!(kit.says(&format!("kubectl patch {line}")), said, "{line}");
        }
        assert_eq!(
            kit.says("kubectl get pvc www-web-0 -o jsonpath={.status.phase}"),
            "Lost"
        );
    }
}
