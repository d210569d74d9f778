//! `kubectl create configmap` and `create secret generic`: keys and values from files and from the command line.

use crate::cluster::admission::text;
use crate::cluster::base64;
use crate::cluster::value::{Map, Value};
use crate::kubectl::fault::Fault;
use crate::kubectl::verb::Command;
use crate::kubectl::workspace::Workspace;

/// Keys and values so far, and what they are for.
struct Keyed<'a> {
    data: Map,
    name: &'a str,
    is_secret: bool,
}

/// A ConfigMap.
pub(super) fn configmap(command: &Command<'_>, name: &str) -> Result<Value, Fault> {
    let data = read(command, name, false)?;
    let mut value = Value::Map(Map::new());
    if !data.is_empty() {
        value.set(&["data"], Value::Map(data));
    }
    Ok(value)
}

/// A Secret.
pub(super) fn secret(command: &Command<'_>, name: &str) -> Result<Value, Fault> {
    let data = read(command, name, true)?;
    let mut value = Value::Map(Map::new());
    for (key, text) in data {
        let text = text.as_str().unwrap_or_default();
        value.set(
            &["data", &key],
            Value::text(base64::encode(text.as_bytes())),
        );
    }
    if let Some(kind) = command.args.get("type").filter(|it| !it.is_empty()) {
        value.set(&["type"], Value::text(kind));
    }
    Ok(value)
}

fn read(command: &Command<'_>, name: &str, is_secret: bool) -> Result<Map, Fault> {
    let args = &command.args;
    let is_given = |flag: &str| args.get(flag).is_some();
    if is_given("from-env-file") && (is_given("from-file") || is_given("from-literal")) {
        return Err(Fault::client(
            "from-env-file cannot be combined with from-file or from-literal",
        ));
    }
    let mut keyed = Keyed {
        data: Map::new(),
        name,
        is_secret,
    };
    // A Secret takes its literals first, which decides what is told of a key that is there twice.
    if is_secret {
        keyed.literals(command)?;
    }
    for source in args.each("from-file") {
        keyed.file(source, command.workspace)?;
    }
    if !is_secret {
        keyed.literals(command)?;
    }
    for path in args.each("from-env-file") {
        keyed.variables(path, command.workspace)?;
    }
    Ok(keyed.data)
}

/// What a path leads to.
enum Found<'a> {
    File(&'a str),
    /// The files of a directory, by name.
    Directory(Vec<(&'a str, &'a str)>),
}

fn find<'a>(path: &str, workspace: &'a Workspace) -> Result<Found<'a>, Fault> {
    if path == "/dev/stdin" {
        return Ok(Found::File(workspace.input.as_deref().unwrap_or_default()));
    }
    let plain = path.strip_prefix("./").unwrap_or(path);
    if let Some(text) = workspace.files.get(plain) {
        return Ok(Found::File(text));
    }
    let place = match plain.trim_end_matches('/') {
        "" | "." => String::new(),
        folder => format!("{folder}/"),
    };
    let inside: Vec<(&str, &str)> = workspace
        .files
        .iter()
        .filter_map(|(name, text)| Some((name.strip_prefix(&*place)?, &**text)))
        .collect();
    if inside.is_empty() && !place.is_empty() {
        return Err(Fault::client(format!(
            "error reading {path}: no such file or directory"
        )));
    }
    let inside = inside.into_iter().filter(|(name, _)| !name.contains('/'));
    Ok(Found::Directory(inside.collect()))
}

impl Keyed<'_> {
    /// Takes a key in, if it is one and is not there yet.
    fn add(&mut self, key: &str, text: &str) -> Result<(), Fault> {
        let faults = text::config_key(key);
        if !faults.is_empty() {
            return Err(Fault::client(match self.is_secret {
                true => format!(
                    "{key:?} is not valid key name for a Secret {}",
                    faults.join(";")
                ),
                false => format!(
                    "{key:?} is not a valid key name for a ConfigMap: {}",
                    faults.join(",")
                ),
            }));
        }
        if self.data.contains_key(key) {
            return Err(Fault::client(match self.is_secret {
                true => format!("cannot add key {key}, another key by that name already exists"),
                false => format!(
                    "cannot add key {key:?}, another key by that name already exists in Data for ConfigMap {:?}",
                    self.name
                ),
            }));
        }
        self.data.insert(key.into(), Value::text(text));
        Ok(())
    }

    fn literals(&mut self, command: &Command<'_>) -> Result<(), Fault> {
        for pair in command.args.all("from-literal") {
            match pair.split_once('=') {
                Some((key, text)) if !key.is_empty() => self.add(key, text)?,
                _ => {
                    return Err(Fault::client(format!(
                        "invalid literal source {pair}, expected key=value"
                    )));
                }
            }
        }
        Ok(())
    }

    /// `web.yaml`, `key=web.yaml`, or a directory.
    fn file(&mut self, source: &str, workspace: &Workspace) -> Result<(), Fault> {
        let refuse = |text: String| Err(Fault::client(text));
        let (key, path) = match source.split_once('=') {
            None => (source.rsplit('/').next().unwrap_or(source), source),
            Some((_, path)) if path.contains('=') => {
                return refuse("key names or file paths cannot contain '='".to_owned());
            }
            Some(("", path)) => return refuse(format!("key name for file path {path} missing")),
            Some((key, "")) => return refuse(format!("file path for key name {key} missing")),
            Some((key, path)) => (key, path),
        };
        match find(path, workspace)? {
            Found::File(text) => self.add(key, text),
            Found::Directory(_) if source.contains('=') => {
                refuse("cannot give a key name for a directory path".to_owned())
            }
            Found::Directory(files) => files
                .into_iter()
                .try_for_each(|(name, text)| self.add(name, text)),
        }
    }

    /// The lines `KEY=VALUE` of a file; empty ones and comments are left out.
    fn variables(&mut self, path: &str, workspace: &Workspace) -> Result<(), Fault> {
        let Found::File(text) = find(path, workspace)? else {
            let noun = if self.is_secret { "secret" } else { "config" };
            return Err(Fault::client(format!(
                "env {noun} file cannot be a directory"
            )));
        };
        for line in text.trim_start_matches('\u{feff}').lines() {
            let line = line.trim_start();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            // What stands alone would be read from kubectl's own environment, in which nothing is set here.
            let (key, value) = line.split_once('=').unwrap_or((line, ""));
            if let Some(fault) = text::env_name(key) {
                return Err(Fault::client(format!(
                    "{key:?} is not a valid key name: {fault}"
                )));
            }
            self.add(key, value)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::kubectl::verb::kit::Kit;

    fn kit() -> Kit {
        let mut kit = Kit::new();
        let files = &mut kit.workspace.files;
        files.insert("a.conf".into(), "x: 1\ny: 2\n".into());
        files.insert("b.env".into(), "# those\nA=1\n\n  B=b=c\n".into());
        files.insert("conf/c".into(), "c".into());
        kit
    }

    #[test]
    fn keys_come_from_files() {
        let mut kit = kit();
        let head = "apiVersion: v1\ndata:\n";
        let tail = "kind: ConfigMap\nmetadata:\n  name: x\n";
        for (flags, data) in [
            ("--from-file=a.conf", "  a.conf: |\n    x: 1\n    y: 2\n"),
            ("--from-file=key=./a.conf", "  key: |\n    x: 1\n    y: 2\n"),
            (
                "--from-file=conf --from-literal=k=v=w",
                "  c: c\n  k: v=w\n",
            ),
            ("--from-env-file=b.env", "  A: \"1\"\n  B: b=c\n"),
        ] {
            let line = format!("kubectl create cm x {flags} --dry-run=client -o yaml");
            assert_eq!(kit.says(&line), format!("{head}{data}{tail}"), "{flags}");
        }
        let keys = kit.says("kubectl create cm x --from-file=. -o jsonpath={.data}");
        assert!(
            keys.contains("web.yaml") && !keys.contains("\"c\""),
            "{keys}"
        );
        assert_eq!(
            kit.says(
                "kubectl create secret generic s --from-literal=a=hello --dry-run=client -o yaml"
            ),
            "apiVersion: v1\ndata:\n  a: aGVsbG8=\nkind: Secret\nmetadata:\n  name: s\n"
        );
        assert_eq!(
            kit.says(
                "kubectl create secret generic s --from-file=conf/c --type=a/b -o json | head"
            ),
            "error: exactly one NAME is required, got 3\nSee 'kubectl create secret generic -h' for help and examples\n[exit 1]\n"
        );
    }

    #[test]
    fn sources_that_do_not_fit_are_refused() {
        let mut kit = kit();
        for (line, said) in [
            (
                "cm x --from-file=nope",
                "error reading nope: no such file or directory",
            ),
            ("cm x --from-file==a", "key name for file path a missing"),
            ("cm x --from-file=a=", "file path for key name a missing"),
            (
                "cm x --from-file=a=b=c",
                "key names or file paths cannot contain '='",
            ),
            (
                "cm x --from-file=a=conf",
                "cannot give a key name for a directory path",
            ),
            (
                "cm x --from-env-file=.",
                "env config file cannot be a directory",
            ),
            (
                "cm x --from-env-file=b.env --from-literal=a=b",
                "from-env-file cannot be combined with from-file or from-literal",
            ),
            (
                "cm x --from-literal==b",
                "invalid literal source =b, expected key=value",
            ),
            (
                "cm x --from-literal=a=b --from-literal=a=c",
                "cannot add key \"a\", another key by that name already exists in Data for ConfigMap \"x\"",
            ),
            (
                "secret generic x --from-literal=a=b --from-literal=a=c",
                "cannot add key a, another key by that name already exists",
            ),
            (
                "secret generic x --from-literal=..=b",
                "\"..\" is not valid key name for a Secret must not be '..'",
            ),
        ] {
            assert_eq!(
                kit.says(&format!("kubectl create {line}")),
                format!("error: {said}\n[exit 1]\n"),
                "{line}"
            );
        }
    }
}
