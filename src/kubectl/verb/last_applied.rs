//! `kubectl apply view-last-applied` and `set-last-applied`: the annotation that `apply` compares with.

use super::Command;
use super::apply::{LAST_APPLIED, last_applied_text};
use super::targets::Bare;
use crate::cluster::api::FieldValidation;
use crate::cluster::patch::PatchType;
use crate::cluster::record::Part;
use crate::cluster::value::Value;
use crate::kubectl::fault::Fault;
use crate::kubectl::print;
use crate::manifest;

/// Runs one of the two.
pub(super) fn run(command: &mut Command<'_>, word: &str, words: &[String]) -> Result<(), Fault> {
    match word {
        "view-last-applied" => view(command, words),
        _ => set(command),
    }
}

fn view(command: &mut Command<'_>, words: &[String]) -> Result<(), Fault> {
    let format = command.args.get("output").unwrap_or("yaml");
    if !matches!(format, "yaml" | "json") {
        return Err(Fault::client(format!(
            "Unexpected -o output mode: {format}, the flag 'output' must be one of yaml|json\nSee 'kubectl apply \
             view-last-applied -h' for help and examples"
        )));
    }
    let is_json = format == "json";
    for target in command.keys(words, Bare::Nothing)? {
        let key = target?;
        let live = command.find(&key)?;
        let Some(text) = live.meta().annotation(LAST_APPLIED) else {
            return Err(Fault::client(format!(
                "no last-applied-configuration annotation found on resource: {}",
                key.name
            )));
        };
        let value = manifest::json::value(text).unwrap_or_default();
        let text = match is_json {
            true => format!("{}\n", print::pretty(&value)),
            false => manifest::write::yaml(&value),
        };
        command.output.stdout.push_str(&text);
    }
    Ok(())
}

fn set(command: &mut Command<'_>) -> Result<(), Fault> {
    if command.args.get("filename").is_none() {
        return Err(Fault::client("must specify one of -f and -k"));
    }
    for object in command.file_objects()? {
        let object = object?;
        let key = object.key();
        let live = command.find(&key)?;
        let text = last_applied_text(&object.value);
        match live.meta().annotation(LAST_APPLIED) {
            None if !command.args.is_on("create-annotation") => {
                return Err(Fault::client(format!(
                    "no last-applied-configuration annotation found on resource: {}, to create the annotation, run the \
                     command with --create-annotation",
                    key.name
                )));
            }
            Some(old) if *old == *text => {
                let line = format!("set-last-applied {}: no changes required.", key.name);
                command.output.error_line(&line);
                continue;
            }
            _ => {}
        }
        let mut patch = Value::default();
        patch.set(
            &["metadata", "annotations", LAST_APPLIED],
            Value::text(text),
        );
        let patch = (PatchType::Merge, &patch);
        let patched = command.patch(&key, Part::Main, patch, FieldValidation::Ignore)?;
        command.done(&patched.object, "configured");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::kit::Kit;

    #[test]
    fn what_was_applied_last_is_shown_and_set() {
        let mut kit = Kit::with_web();
        let said = kit.says("kubectl apply view-last-applied svc nginx");
        assert!(
            said.starts_with("apiVersion: v1\nkind: Service\n"),
            "{said}"
        );
        kit.says("kubectl create cm x --from-literal=a=b");
        assert_eq!(
            kit.says("kubectl apply view-last-applied cm x"),
            "error: no last-applied-configuration annotation found on resource: x\n[exit 1]\n"
        );
        kit.says("kubectl get cm x -o yaml");
        let file = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: b}\n";
        kit.workspace.files.insert("x.yaml".into(), file.into());
        assert_eq!(
            kit.says("kubectl apply set-last-applied -f x.yaml --create-annotation"),
            "configmap/x configured\n"
        );
        assert_eq!(
            kit.says("kubectl apply set-last-applied -f x.yaml"),
            "set-last-applied x: no changes required.\n"
        );
        assert_eq!(
            kit.says("kubectl apply -f x.yaml"),
            "configmap/x unchanged\n"
        );
    }
}
