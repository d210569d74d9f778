//! `kubectl set env`: the variables of containers.

use super::{Bare, Command, Holder, LISTS, Told, each, fits};
use crate::cluster::admission::text;
use crate::cluster::object::{Kind, ObjectKey};
use crate::cluster::value::Value;
use crate::kubectl::fault::Fault;

const TOLD: Told = Told {
    word: "env updated",
    refused: "failed to patch env update to pod template: ",
};

/// What is to become of variables.
struct Wanted {
    /// Variables to be set.
    set: Vec<Value>,
    /// The names of those to be taken away.
    remove: Vec<String>,
    /// Whether words ask for anything.
    is_asked: bool,
}

pub(super) fn run(command: &mut Command<'_>, words: &[String]) -> Result<(), Fault> {
    let flag = |name: &str| command.args.get(name).unwrap_or_default();
    let (words, pairs) = split(words)?;
    if words.is_empty() && command.args.get("filename").is_none() {
        return Err(Fault::client(
            "one or more resources must be specified as <resource> <name> or <resource>/<name>",
        ));
    }
    let lists = command.args.is_on("list");
    if lists && !flag("output").is_empty() {
        return Err(Fault::client(
            "--list and --output may not be specified together",
        ));
    }
    if !flag("keys").is_empty() && flag("from").is_empty() {
        return Err(Fault::client(
            "when specifying --keys, a configmap or secret must be provided with --from",
        ));
    }
    let given: Vec<String> = command.args.all("env").map(str::to_owned).collect();
    let mut wanted = read(given.iter().chain(&pairs))?;
    wanted.is_asked = !pairs.is_empty();
    wanted.set.extend(imported(command)?);
    let prefix = flag("prefix");
    for variable in wanted.set.iter_mut().filter(|_| !prefix.is_empty()) {
        let name = format!("{prefix}{}", variable.plain_at(&["name"]));
        variable.set(&["name"], Value::text(name));
    }
    each(command, &words, |command, key| one(command, key, &wanted))
}

/// The words that name objects, and behind them the changes.
fn split(words: &[String]) -> Result<(Vec<String>, Vec<String>), Fault> {
    let is_change = |word: &String| {
        let sets = word.contains('=') && !word.starts_with('=');
        sets || word.ends_with('-')
    };
    let first = words.iter().position(is_change).unwrap_or(words.len());
    let (resources, changes) = words.split_at(first);
    if changes.iter().all(is_change) {
        return Ok((resources.to_vec(), changes.to_vec()));
    }
    Err(Fault::client(format!(
        "all resources must be specified before environment changes: {}",
        words.join(" ")
    )))
}

fn read<'a>(changes: impl Iterator<Item = &'a String>) -> Result<Wanted, Fault> {
    let mut wanted = Wanted {
        set: Vec::new(),
        remove: Vec::new(),
        is_asked: false,
    };
    for change in changes {
        match (change.split_once('='), change.strip_suffix('-')) {
            (Some((name, value)), _) => {
                if let Some(fault) = text::env_name(name) {
                    return Err(Fault::client(format!(
                        "{name:?} is not a valid key name: {fault}"
                    )));
                }
                wanted.set.push(variable(name, value));
            }
            (None, Some(name)) => wanted.remove.push(name.to_owned()),
            (None, None) => {
                return Err(Fault::client(format!(
                    "unknown environment variable: {change}"
                )));
            }
        }
    }
    let is_set = |name: &String| wanted.set.iter().any(|it| named(it) == name);
    if wanted.remove.iter().any(is_set) {
        return Err(Fault::client(
            "can not both modify and remove the same environment variable in the same command",
        ));
    }
    Ok(wanted)
}

fn named(variable: &Value) -> &str {
    variable.str_at(&["name"]).unwrap_or_default()
}

fn variable(name: &str, value: &str) -> Value {
    let mut made = Value::map([("name", Value::text(name))]);
    if !value.is_empty() {
        made.set(&["value"], Value::text(value));
    }
    made
}

/// The variables that `--from` names, each as a reference to a key.
fn imported(command: &Command<'_>) -> Result<Vec<Value>, Fault> {
    let Some(from) = command.args.get("from").filter(|it| !it.is_empty()) else {
        return Ok(Vec::new());
    };
    let wanted: Vec<&str> = command.args.each("keys").collect();
    let mut made = Vec::new();
    for key in command.keys(&[from.to_owned()], Bare::Nothing)? {
        let key = key?;
        let source = command.find(&key)?;
        let reference = match key.kind {
            Kind::ConfigMap => "configMapKeyRef",
            Kind::Secret => "secretKeyRef",
            _ => {
                return Err(Fault::client("unsupported resource specified in --from"));
            }
        };
        let value = source.to_value();
        let data = value.get("data").and_then(Value::as_map);
        let keys = data.into_iter().flat_map(|it| it.keys());
        for item in keys.filter(|it| wanted.is_empty() || wanted.contains(&&***it)) {
            let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            let name = item.replace(|it| !is_word(it), "_").to_uppercase();
            let mut variable = variable(&name, "");
            let place = ["valueFrom", reference];
            let at = Value::map([
                ("key", Value::Text(item.clone())),
                ("name", Value::Text(key.name.clone())),
            ]);
            variable.set(&place, at);
            made.push(variable);
        }
    }
    Ok(made)
}

fn one(command: &mut Command<'_>, key: &ObjectKey, wanted: &Wanted) -> Result<(), Fault> {
    let holder = Holder::find(command, key)?;
    let pattern = command.args.get("containers").unwrap_or("*").to_owned();
    let (mut is_found, mut changes) = (false, Vec::new());
    for list in LISTS {
        for container in holder.containers(list, |name| fits(name, &pattern)) {
            is_found = true;
            let old = container.list_at(&["env"]);
            if command.args.is_off("overwrite") {
                check_overwrites(key, old, wanted)?;
            }
            let new = updated(old, wanted);
            if command.args.is_on("list") {
                print(command, key, container, &new);
            } else if *old != *new {
                changes.push((list, change(container, old, new)));
            }
        }
    }
    if !is_found {
        let kind = key.kind.name();
        command.output.error_line(&format!(
            "warning: {kind}/{} does not have any containers matching {pattern:?}",
            key.name
        ));
    }
    // Nothing is said where all is so already.
    if changes.is_empty() {
        return Ok(());
    }
    if wanted.set.is_empty() && !wanted.is_asked {
        return Err(Fault::client(
            "at least one environment variable must be provided",
        ));
    }
    holder.patch_containers(command, &changes, TOLD)
}

fn check_overwrites(key: &ObjectKey, old: &[Value], wanted: &Wanted) -> Result<(), Fault> {
    for new in &wanted.set {
        let known = old.iter().find(|it| named(it) == named(new));
        let value = |it: &Value| it.str_at(&["value"]).unwrap_or_default().to_owned();
        if let Some(known) = known.filter(|it| value(it) != value(new)) {
            return Err(Fault::client(format!(
                "{}/{} '{}' already has a value ({}), and --overwrite is false",
                key.kind.info().plural,
                key.name,
                named(known),
                value(known)
            )));
        }
    }
    Ok(())
}

/// The variables as they shall be: old ones in their places, new ones behind them.
fn updated(old: &[Value], wanted: &Wanted) -> Vec<Value> {
    let find = |name: &str| wanted.set.iter().find(|it| named(it) == name);
    let is_removed = |name: &str| wanted.remove.iter().any(|it| it == name);
    let mut out: Vec<Value> = Vec::new();
    let kept = old.iter().filter(|it| !is_removed(named(it)));
    for variable in kept
        .map(|it| find(named(it)).unwrap_or(it))
        .chain(&wanted.set)
    {
        if out.iter().all(|it| named(it) != named(variable)) {
            out.push(variable.clone());
        }
    }
    out
}

/// The list of variables as a patch: replaced, or taken away if nothing is left.
fn change(container: &Value, old: &[Value], mut new: Vec<Value>) -> Value {
    let name = container.get("name").cloned().unwrap_or_default();
    let directive = |word: &str| ("$patch", Value::text(word));
    if new.is_empty() {
        new = old
            .iter()
            .map(|it| Value::map([("name", Value::text(named(it))), directive("delete")]))
            .collect();
    } else if !old.is_empty() {
        new.push(Value::map([directive("replace")]));
    }
    Value::map([("name", name), ("env", Value::List(new))])
}

/// Prints the variables of a container.
fn print(command: &mut Command<'_>, key: &ObjectKey, container: &Value, variables: &[Value]) {
    let output = &mut command.output;
    output.line(&format!(
        "# {} {}, container {}",
        key.kind.name(),
        key.name,
        container.plain_at(&["name"])
    ));
    for variable in variables {
        let name = named(variable);
        let Some(from) = variable.get("valueFrom") else {
            output.line(&format!("{name}={}", variable.plain_at(&["value"])));
            continue;
        };
        let key_of = |field: &str, noun: &str| {
            let source = from.get(field)?;
            let (name, key) = (source.plain_at(&["name"]), source.plain_at(&["key"]));
            Some(format!("{noun} {name}, key {key}"))
        };
        let field = || {
            Some(format!(
                "field path {}",
                from.str_at(&["fieldRef", "fieldPath"])?
            ))
        };
        let resource = || {
            let source = from.get("resourceFieldRef")?;
            let container = match source.str_at(&["containerName"]) {
                Some(name) if !name.is_empty() => format!("{name}/"),
                _ => String::new(),
            };
            Some(format!(
                "resource field {container}{}",
                source.plain_at(&["resource"])
            ))
        };
        let told = key_of("configMapKeyRef", "configmap")
            .or_else(|| key_of("secretKeyRef", "secret"))
            .or_else(field)
            .or_else(resource);
        let told = told.unwrap_or_else(|| "invalid valueFrom".to_owned());
        output.line(&format!("# {name} from {told}"));
    }
}

#[cfg(test)]
mod tests {
    use crate::kubectl::verb::kit::Kit;

    #[test]
    fn variables_are_set_and_listed() {
        let mut kit = Kit::with_web();
        kit.says("kubectl create cm conf --from-literal=max.size=3 --from-literal=other=1");
        for (line, said) in [
            ("sts/web A=1 B=x=y", "statefulset.apps/web env updated\n"),
            ("sts/web A=1", ""),
            ("sts web A=2 B- C=", "statefulset.apps/web env updated\n"),
            (
                "sts/web --list",
                "# StatefulSet web, container nginx\nA=2\nC=\n",
            ),
            (
                "sts/web --from=cm/conf --keys=max.size --prefix=N_",
                "statefulset.apps/web env updated\n",
            ),
            (
                "sts/web --list D=1",
                "# StatefulSet web, container nginx\nA=2\nC=\n# N_MAX_SIZE from configmap conf, key max.size\nD=1\n",
            ),
            (
                "sts/web A- C- N_MAX_SIZE-",
                "statefulset.apps/web env updated\n",
            ),
            ("sts/web --list", "# StatefulSet web, container nginx\n"),
            (
                "sts/web -e A=1 --dry-run=server",
                "statefulset.apps/web env updated (server dry run)\n",
            ),
            (
                "sts/web -c x A=1",
                "warning: StatefulSet/web does not have any containers matching \"x\"\n",
            ),
        ] {
            assert_eq!(kit.says(&format!("kubectl set env {line}")), said, "{line}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut kit = Kit::with_web();
        kit.says("kubectl set env sts/web A=1");
        for (line, said) in [
            (
                "",
                "one or more resources must be specified as <resource> <name> or <resource>/<name>",
            ),
            (
                "A=1 sts/web",
                "all resources must be specified before environment changes: A=1 sts/web",
            ),
            (
                "sts/web A=1 A-",
                "can not both modify and remove the same environment variable in the same command",
            ),
            (
                "sts/web --keys=a",
                "when specifying --keys, a configmap or secret must be provided with --from",
            ),
            (
                "sts/web --list -o yaml",
                "--list and --output may not be specified together",
            ),
            (
                "sts/web --from=sts/web",
                "unsupported resource specified in --from",
            ),
            (
                "sts/web A=2 --overwrite=false",
                "statefulsets/web 'A' already has a value (1), and --overwrite is false",
            ),
            (
                "svc/nginx A=1",
                "services/nginx the object is not a pod or does not have a pod template: *v1.Service",
            ),
        ] {
            assert_eq!(
                kit.says(&format!("kubectl set env {line}")),
                format!("error: {said}\n[exit 1]\n"),
                "{line}"
            );
        }
    }
}
