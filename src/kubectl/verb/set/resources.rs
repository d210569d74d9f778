//! `kubectl set resources`: what containers need and may use.

use super::{Command, Holder, LISTS, Told, each, fits};
use crate::cluster::object::ObjectKey;
use crate::cluster::quantity::{MALFORMED, Quantity};
use crate::cluster::value::Value;
use crate::kubectl::fault::Fault;

const TOLD: Told = Told {
    word: "resource requirements updated",
    // There is no colon in the original, either.
    refused: "failed to patch resources update to pod template ",
};

/// Names of resources with their quantities.
type Quantities = Vec<(String, String)>;

pub(super) fn run(command: &mut Command<'_>, words: &[String]) -> Result<(), Fault> {
    // kubectl looks for the objects before it looks at the flags.
    command.keys(words, super::Bare::Nothing)?;
    let flag = |name: &str| command.args.get(name).unwrap_or_default();
    if command.args.is_on("all") && !flag("selector").is_empty() {
        return Err(Fault::client(
            "cannot set --all and --selector at the same time",
        ));
    }
    let (limits, requests) = (read(flag("limits"))?, read(flag("requests"))?);
    if limits.is_empty() && requests.is_empty() {
        return Err(Fault::client(
            "you must specify an update to requests or limits (in the form of --requests/--limits)",
        ));
    }
    let pattern = command.args.get("containers").unwrap_or("*").to_owned();
    let wanted = [("limits", limits), ("requests", requests)];
    each(command, words, |command, key| {
        one(command, key, &pattern, &wanted)
    })
}

/// Reads `cpu=200m,memory=512Mi`.
fn read(text: &str) -> Result<Quantities, Fault> {
    let pairs = text.split(',').filter(|_| !text.is_empty());
    let read = pairs.map(|pair| match pair.split_once('=') {
        Some((_, quantity)) if quantity.contains('=') => Err(bad_pair(pair)),
        Some((_, quantity)) if Quantity::parse(quantity).is_none() => Err(Fault::client(MALFORMED)),
        Some((name, quantity)) => Ok((name.to_owned(), quantity.to_owned())),
        None => Err(bad_pair(pair)),
    });
    read.collect()
}

fn bad_pair(pair: &str) -> Fault {
    Fault::client(format!(
        "Invalid argument syntax {pair}, expected <resource>=<value>"
    ))
}

fn one(
    command: &mut Command<'_>,
    key: &ObjectKey,
    pattern: &str,
    wanted: &[(&str, Quantities)],
) -> Result<(), Fault> {
    let holder = Holder::find(command, key)?;
    let (mut is_found, mut changes) = (false, Vec::new());
    for list in LISTS {
        for container in holder.containers(list, |name| fits(name, pattern)) {
            is_found = true;
            let mut change = Value::default();
            for (field, quantities) in wanted {
                for (name, quantity) in quantities {
                    let path = ["resources", field, name];
                    let old = container.str_at(&path).and_then(Quantity::parse);
                    let new = Quantity::parse(quantity);
                    if old.map(Quantity::nano) != new.map(Quantity::nano) {
                        change.set(&path, Value::text(quantity.as_str()));
                    }
                }
            }
            if change != Value::default() {
                let name = container.get("name").cloned().unwrap_or_default();
                change.set(&["name"], name);
                changes.push((list, change));
            }
        }
    }
    if !is_found {
        return Err(Fault::client(format!(
            "unable to find container named {pattern}"
        )));
    }
    // Nothing is said where all is so already.
    if changes.is_empty() {
        return Ok(());
    }
    holder.patch_containers(command, &changes, TOLD)
}

#[cfg(test)]
mod tests {
    use crate::kubectl::verb::kit::Kit;

    #[test]
    fn resources_are_set() {
        let mut kit = Kit::with_web();
        let line =
            "kubectl set resources sts/web --limits=cpu=200m,memory=512Mi --requests=cpu=100m";
        assert_eq!(
            kit.says(line),
            "statefulset.apps/web resource requirements updated\n"
        );
        assert_eq!(kit.says(line), "");
        assert_eq!(
            kit.says(
                "kubectl get sts web -o jsonpath={.spec.template.spec.containers[0].resources}"
            ),
            "{\"limits\":{\"cpu\":\"200m\",\"memory\":\"512Mi\"},\"requests\":{\"cpu\":\"100m\"}}"
        );
        assert_eq!(
            kit.says("kubectl set resources sts web -c=ng* --limits=cpu=1 --dry-run=client"),
            "statefulset.apps/web resource requirements updated (dry run)\n"
        );
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut kit = Kit::with_web();
        for (line, said) in [
            (
                "sts/web",
                "you must specify an update to requests or limits (in the form of --requests/--limits)",
            ),
            (
                "sts/web --limits=cpu",
                "Invalid argument syntax cpu, expected <resource>=<value>",
            ),
            (
                "sts/web --limits=cpu=x",
                "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
            ),
            (
                "sts/web -c x --limits=cpu=1",
                "unable to find container named x",
            ),
            (
                "svc/nginx --limits=cpu=1",
                "services/nginx the object is not a pod or does not have a pod template: *v1.Service",
            ),
            (
                "sts/web --limits=cpu=1 --requests=cpu=2",
                "failed to patch resources update to pod template StatefulSet.apps \"web\" is invalid: \
                 spec.template.spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu \
                 limit of 1",
            ),
        ] {
            assert_eq!(
                kit.says(&format!("kubectl set resources {line}")),
                format!("error: {said}\n[exit 1]\n"),
                "{line}"
            );
        }
    }
}
