//! `kubectl run`: a pod from flags, and a terminal in it (reference 8.8).

use super::create::port_number;
use super::done::Shows;
use super::expose::{Exposed, labels_of};
use super::help::{Group, Help, usage};
use super::made::{self, Sent};
use super::{Command, Verb, elsewhere};
use crate::cluster::Cluster;
use crate::cluster::admission::text;
use crate::cluster::inside::Spot;
use crate::cluster::object::{Kind, Object, Pod};
use crate::cluster::patch::merge;
use crate::cluster::value::{Map, Value};
use crate::kubectl::args::{RECORD, optional, truth, value};
use crate::kubectl::fault::Fault;
use crate::kubectl::next::{After, Next};
use crate::kubectl::output::Output;
use crate::kubectl::wait::{Start, Wait};

pub(super) const VERB: Verb = Verb {
    name: "run",
    flags: &[
        value("image", ' '),
        value("restart", ' '),
        value("env", ' '),
        value("labels", 'l'),
        value("port", ' '),
        value("image-pull-policy", ' '),
        value("pod-running-timeout", ' ').refused(),
        value("output", 'o'),
        truth("stdin", 'i'),
        truth("tty", 't'),
        truth("rm", ' '),
        truth("attach", ' '),
        truth("command", ' '),
        truth("quiet", 'q'),
        value("annotations", ' ').says("An annotation of the pod: NAME=VALUE."),
        truth("expose", ' ').says("Make a Service for the pod, too; it asks for --port."),
        value("overrides", ' ').says("JSON that is merged into the pod."),
        value("override-type", ' ')
            .or("merge")
            .says("How --overrides is merged: here only merge."),
        truth("privileged", ' ').says("Run the container privileged."),
        truth("leave-stdin-open", ' ').says("Keep the input open when it is left."),
        truth("save-config", ' '),
        value("field-manager", ' '),
        RECORD,
        optional("dry-run", "unchanged"),
    ],
    help: Help {
        group: Group::Beginner,
        about: "Make a pod from an image.",
        usage: "run NAME --image=IMAGE [options] [-- COMMAND [ARG ...]]",
        examples: &[
            ("A pod with nginx", "run shop --image=nginx"),
            (
                "A shell beside the pods, gone when it is left",
                "run -it --rm dns-test --image=busybox:1.28 --restart=Never",
            ),
            (
                "The manifest of a pod",
                "run shop --image=nginx --dry-run=client -o yaml",
            ),
        ],
        ..Help::PLAIN
    },
    run,
};

/// What kubectl says to who attaches with a terminal.
pub(super) const HINTS: &str = "All commands and output from this session will be recorded in container logs, including \
    credentials and sensitive information passed through the command prompt.\nIf you don't see a command prompt, try \
    pressing enter.\n";

/// How long a pod may take to start (`--pod-running-timeout`).
const START_MS: i64 = 60_000;

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    let mut words = command.args.words.clone();
    if command.args.get("image").is_none() {
        return Err(Fault::client("required flag(s) \"image\" not set"));
    }
    if words.is_empty() {
        return Err(usage(VERB.name, "NAME is required for run"));
    }
    check(command)?;
    let name = words.remove(0);
    words.extend(command.args.after_dashes.iter().cloned());
    let pod = pod(command, &name, &words)?;
    let sent = made::send(command, Kind::Pod, pod)?;
    if command.args.is_on("expose") {
        expose(command, &name)?;
    }
    match &sent {
        Sent {
            made: Some(made), ..
        } if talks(command) => {
            if let Object::Pod(made) = &**made {
                attach(command, &name, made);
            }
            Ok(())
        }
        _ => made::print(command, Kind::Pod, &sent.look, "created"),
    }
}

/// Whether the command talks to the container that it makes.
fn talks(command: &Command<'_>) -> bool {
    let args = &command.args;
    args.is_on("attach") || (args.is_on("stdin") && !args.is_off("attach"))
}

/// Refuses flags that do not fit, in kubectl's order.
fn check(command: &Command<'_>) -> Result<(), Fault> {
    let args = &command.args;
    let flag = |name: &str| args.get(name).unwrap_or_default();
    let image = flag("image");
    if image.is_empty() {
        return Err(Fault::client("--image is required"));
    }
    if !is_image(image) {
        return Err(Fault::client(format!(
            "Invalid image name {image:?}: invalid reference format"
        )));
    }
    let restart = flag("restart");
    let policy = flag("image-pull-policy");
    let is_tried_out = command.dry_run().is_some();
    let wrong = if args.is_on("tty") && !args.is_on("stdin") {
        "-i/--stdin is required for containers with -t/--tty=true".to_owned()
    } else if args.is_on("expose") && flag("port").is_empty() {
        "--port must be set when exposing a service".to_owned()
    } else if !["", "Always", "OnFailure", "Never"].contains(&restart) {
        format!("invalid restart policy: {restart}")
    } else if args.is_on("rm") && !talks(command) {
        "--rm should only be used for attached containers".to_owned()
    } else if talks(command) && is_tried_out {
        "--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)"
            .to_owned()
    } else if !["", "Always", "IfNotPresent", "Never"].contains(&policy) {
        format!("invalid image pull policy: {policy}")
    } else {
        return Ok(());
    };
    Err(usage(VERB.name, &wrong))
}

/// Whether a text is a reference to an image: a host, a path in small letters, a tag, a digest.
fn is_image(text: &str) -> bool {
    let (text, digest) = text.split_once('@').unwrap_or((text, "sha256:0"));
    let (host, path) = match text.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => (host, path),
        _ => ("", text),
    };
    let (path, tag) = path.split_once(':').unwrap_or((path, "latest"));
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    let is_part = |part: &str| {
        let inner = |letter: char| is_word(letter) && !letter.is_ascii_uppercase();
        let outer = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
        part.chars().all(inner) && part.starts_with(outer) && part.ends_with(outer)
    };
    let is_tag = tag.chars().all(is_word) && !tag.is_empty() && !tag.starts_with(['.', '-']);
    let is_host = host.chars().all(|it| is_word(it) || it == ':');
    is_host && path.split('/').all(is_part) && is_tag && digest.contains(':')
}

/// Goes on in the container once it runs.
fn attach(command: &mut Command<'_>, name: &str, made: &Pod) {
    let hints = match !command.args.is_on("quiet") && command.args.is_on("tty") {
        true => HINTS,
        false => "",
    };
    let spot = Spot::of(made, name);
    let until = command.cluster.now().plus_ms(START_MS);
    command.wait = Some(Wait::Start(Start {
        spot: spot.clone(),
        until,
    }));
    let after = match command.args.is_on("rm") {
        true => After::Deletes,
        false => After::Tells,
    };
    command.next = Some(Next::Attach { spot, hints, after });
}

/// Makes the Service of `--expose`.
fn expose(command: &mut Command<'_>, name: &str) -> Result<(), Fault> {
    let labels = command.args.get("labels").unwrap_or_default().to_owned();
    let selector = match &*labels {
        "" => Map::from_iter([("run".into(), Value::text(name))]),
        given => labels_of(given)?,
    };
    let service = Exposed {
        name,
        selector,
        labels: match &*labels {
            "" => Map::new(),
            given => labels_of(given)?,
        },
        ports: vec![(
            command.args.get("port").unwrap_or_default().to_owned(),
            None,
        )],
    };
    let service = service.service(command)?;
    made::make(command, Kind::Service, service, "created", Fault::from)?;
    if command.shows == Shows::Yaml {
        // A line that parts the objects, before the one that the printer puts between them.
        command.output.line("---");
    }
    Ok(())
}

fn container(command: &Command<'_>, name: &str, words: &[String]) -> Result<Value, Fault> {
    let flag = |name: &str| command.args.get(name).unwrap_or_default();
    let is_on = |name: &str| command.args.is_on(name);
    let mut container = Value::map([
        ("name", Value::text(name)),
        ("image", Value::text(flag("image"))),
    ]);
    if !words.is_empty() {
        let field = if is_on("command") { "command" } else { "args" };
        let words = words.iter().map(Value::text).collect();
        container.set(&[field], Value::List(words));
    }
    let listens = is_on("stdin");
    for (field, is_set) in [
        ("stdin", listens),
        ("stdinOnce", listens && !is_on("leave-stdin-open")),
        ("tty", is_on("tty")),
    ] {
        if is_set {
            container.set(&[field], Value::Bool(true));
        }
    }
    if !flag("image-pull-policy").is_empty() {
        let policy = Value::text(flag("image-pull-policy"));
        container.set(&["imagePullPolicy"], policy);
    }
    if is_on("privileged") {
        container.set(&["securityContext", "privileged"], Value::Bool(true));
    }
    if !flag("port").is_empty() {
        let port = Value::Int(port_number(flag("port"))?);
        let port = Value::map([("containerPort", port)]);
        container.set(&["ports"], Value::List(vec![port]));
    }
    let variables = command.args.all("env").map(|it| match it.split_once('=') {
        Some((name, value)) if !name.is_empty() && text::env_name(name).is_none() => {
            let mut variable = Value::map([("name", Value::text(name))]);
            if !value.is_empty() {
                variable.set(&["value"], Value::text(value));
            }
            Ok(variable)
        }
        _ => Err(Fault::client(format!("invalid env: {it}"))),
    });
    let variables: Vec<Value> = variables.collect::<Result<_, Fault>>()?;
    if !variables.is_empty() {
        container.set(&["env"], Value::List(variables));
    }
    Ok(container)
}

fn pod(command: &Command<'_>, name: &str, words: &[String]) -> Result<Value, Fault> {
    let flag = |name: &str| command.args.get(name).unwrap_or_default();
    let labels = match flag("labels") {
        "" => Map::from_iter([("run".into(), Value::text(name))]),
        given => labels_of(given)?,
    };
    let mut metadata = Value::map([("name", Value::text(name)), ("labels", Value::Map(labels))]);
    for pair in command.args.all("annotations") {
        let (key, value) = pair
            .split_once('=')
            .ok_or_else(|| Fault::client(format!("unexpected annotation: {pair}")))?;
        metadata.set(&["annotations", key], Value::text(value));
    }
    let restart = match flag("restart") {
        "" => "Always",
        given => given,
    };
    let container = container(command, name, words)?;
    let spec = Value::map([
        ("containers", Value::List(vec![container])),
        ("restartPolicy", Value::text(restart)),
        ("dnsPolicy", Value::text("ClusterFirst")),
    ]);
    let mut value = Value::map([("metadata", metadata), ("spec", spec)]);
    overridden(command, &mut value)?;
    Ok(value)
}

/// Merges what `--overrides` says into an object.
pub(super) fn overridden(command: &Command<'_>, value: &mut Value) -> Result<(), Fault> {
    let Some(inline) = command.args.get("overrides").filter(|it| !it.is_empty()) else {
        return Ok(());
    };
    match command.args.get("override-type") {
        None | Some("merge") => {}
        Some(known @ ("json" | "strategic")) => {
            return Err(elsewhere(&format!(
                "{} --override-type={known}",
                command.verb
            )));
        }
        Some(other) => {
            return Err(Fault::client(format!("invalid override type: {other}")));
        }
    }
    let Ok(patch) = crate::manifest::json::value(inline) else {
        return Err(Fault::client("Invalid JSON Patch"));
    };
    merge(value, &patch);
    Ok(())
}

impl Start {
    /// Whether the container has started, never will, or was awaited long enough.
    pub(in crate::kubectl) fn is_over(&self, cluster: &Cluster) -> bool {
        let store = &cluster.api.store;
        let started = self.spot.runs(store);
        started || self.spot.find(store).is_none_or(Pod::is_finished) || self.is_late(cluster)
    }

    fn is_late(&self, cluster: &Cluster) -> bool {
        cluster.now() >= self.until && !self.spot.runs(&cluster.api.store)
    }

    /// Says that it has not started in time.
    pub(in crate::kubectl) fn poll(&self, cluster: &Cluster, output: &mut Output) {
        if self.is_late(cluster) {
            output.error_line("error: timed out waiting for the condition");
            output.exit = 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::kit::Kit;

    #[test]
    fn a_pod_is_printed_as_its_struct_is() {
        let mut kit = Kit::new();
        assert_eq!(
            kit.says("kubectl run x --image=nginx --port=80 --env=A=1 --dry-run=client -o yaml -- sleep 5"),
            "apiVersion: v1\nkind: Pod\nmetadata:\n  labels:\n    run: x\n  name: x\nspec:\n  containers:\n  - args:\n    \
             - sleep\n    - \"5\"\n    env:\n    - name: A\n      value: \"1\"\n    image: nginx\n    name: x\n    ports:\n    \
             - containerPort: 80\n    resources: {}\n  dnsPolicy: ClusterFirst\n  restartPolicy: Always\nstatus: {}\n"
        );
        let json = kit.says("kubectl run x --image=nginx --dry-run=client -o json");
        assert!(
            json.starts_with("{\n    \"kind\": \"Pod\",\n    \"apiVersion\": \"v1\",\n"),
            "{json}"
        );
        assert_eq!(
            kit.says("kubectl run x --image=nginx --dry-run=client -o name"),
            "pod/x\n"
        );
        let both =
            kit.says("kubectl run x --image=nginx --port=80 --expose --dry-run=client -o yaml");
        assert!(
            both.starts_with(
                "apiVersion: v1\nkind: Service\nmetadata:\n  name: x\nspec:\n  ports:\n  - port: 80\n    protocol: TCP\n    \
                 targetPort: 80\n  selector:\n    run: x\nstatus:\n  loadBalancer: {}\n---\n---\napiVersion: v1\nkind: Pod\n"
            ),
            "{both}"
        );
    }

    #[test]
    fn flags_make_the_pod() {
        let mut kit = Kit::new();
        assert_eq!(
            kit.says("kubectl run x --image=nginx --port=80 --expose -l app=x,tier=a"),
            "service/x created\npod/x created\n"
        );
        assert_eq!(
            kit.says("kubectl get svc x -o jsonpath={.spec.selector}"),
            "{\"app\":\"x\",\"tier\":\"a\"}"
        );
        let overrides = r#"'--overrides={"spec":{"nodeName":"node-b"}}'"#;
        assert_eq!(
            kit.says(&format!(
                "kubectl run y --image=nginx {overrides} -o jsonpath={{.spec.nodeName}}"
            )),
            "node-b"
        );
        assert_eq!(
            kit.says("kubectl run z --image=nginx --command --restart=Never -o jsonpath={.spec.containers[0].command} -- a b"),
            "[\"a\",\"b\"]"
        );
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut kit = Kit::new();
        let help = "\nSee 'kubectl run -h' for help and examples";
        for (line, said) in [
            ("", "required flag(s) \"image\" not set".to_owned()),
            ("--image=a", format!("NAME is required for run{help}")),
            ("--image=a -- sh", format!("NAME is required for run{help}")),
            (
                "x --image=Nginx",
                "Invalid image name \"Nginx\": invalid reference format".to_owned(),
            ),
            (
                "x --image=a --expose",
                format!("--port must be set when exposing a service{help}"),
            ),
            (
                "x --image=a --rm",
                format!("--rm should only be used for attached containers{help}"),
            ),
            (
                "x --image=a -t",
                format!("-i/--stdin is required for containers with -t/--tty=true{help}"),
            ),
            (
                "x --image=a --restart=no",
                format!("invalid restart policy: no{help}"),
            ),
            ("x --image=a --env=A", "invalid env: A".to_owned()),
            ("x --image=a -l a", "unexpected label spec: a".to_owned()),
            (
                "x --image=a --port=x",
                "strconv.ParseUint: parsing \"x\": invalid syntax".to_owned(),
            ),
        ] {
            assert_eq!(
                kit.says(&format!("kubectl run {line}")),
                format!("error: {said}\n[exit 1]\n"),
                "{line}"
            );
        }
    }
}
