//! `kubectl create`: makes the objects of a file, or one from flags.

use super::apply::{LAST_APPLIED, decode_new, last_applied_text};
use super::help::{Group, Help, no_subcommand};
use super::{Command, Verb};
use crate::cluster::object::{Kind, Object};
use crate::cluster::value::{Map, Value};
use crate::kubectl::args::{RECORD, number, optional, truth, value};
use crate::kubectl::fault::Fault;
use crate::kubectl::files::FileObject;

pub(super) const VERB: Verb = Verb {
    name: "create",
    flags: &[
        value("filename", 'f'),
        value("kustomize", 'k').refused(),
        truth("recursive", 'R'),
        truth("save-config", ' '),
        value("output", 'o'),
        value("selector", 'l'),
        value("field-manager", ' '),
        value("raw", ' ').refused(),
        truth("edit", ' ').refused(),
        value("clusterip", ' ').says("service: the address; None for a headless one."),
        value("tcp", ' ')
            .or("[]")
            .says("service: PORT or PORT:TARGET."),
        value("from-literal", ' ')
            .or("[]")
            .says("configmap, secret: KEY=VALUE."),
        value("image", ' ')
            .or("[]")
            .says("deployment: the image of its container."),
        number("replicas")
            .or("1")
            .says("deployment: how many pods."),
        number("port")
            .or("-1")
            .says("deployment: the port of its container."),
        RECORD,
        optional("dry-run", "unchanged"),
        optional("validate", "strict"),
    ],
    help: Help {
        group: Group::Beginner,
        about: "Create objects from a manifest, or a single one from flags.",
        usage: "create -f FILE | SUBCOMMAND NAME [options]",
        examples: &[
            ("Create what a manifest says", "create -f web.yaml"),
            (
                "A headless Service for the set",
                "create service clusterip web-peers --clusterip=None --tcp=80:80",
            ),
            ("A namespace", "create namespace test"),
        ],
        subcommands: &[
            ("configmap", "A ConfigMap from literals"),
            ("deployment", "A Deployment of one image"),
            ("namespace", "A namespace"),
            ("secret", "A Secret from literals (secret generic)"),
            ("service", "A Service (service clusterip)"),
            ("serviceaccount", "A ServiceAccount"),
        ],
        elsewhere: &[
            "clusterrole",
            "clusterrolebinding",
            "cronjob",
            "ingress",
            "job",
            "poddisruptionbudget",
            "priorityclass",
            "quota",
            "role",
            "rolebinding",
            "token",
        ],
    },
    run,
};

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    if command.args.get("filename").is_none() {
        return generate(command);
    }
    command.files_only("create")?;
    let objects = command.file_objects()?;
    if objects.is_empty() {
        return Err(Fault::client("no objects passed to create"));
    }
    let mut faults = Vec::new();
    for object in objects {
        let result = object.and_then(|object| create(command, &object, "created"));
        faults.extend(result.err());
    }
    command.fail_all(&faults);
    Ok(())
}

/// Makes one object of a file.
pub(super) fn create(
    command: &mut Command<'_>,
    object: &FileObject,
    word: &str,
) -> Result<(), Fault> {
    let mut value = object.value.clone();
    if command.args.is_on("save-config") {
        let text = last_applied_text(&value);
        value.set(
            &["metadata", "annotations", LAST_APPLIED],
            Value::text(text),
        );
    }
    if !command.sends() {
        // The client reads no fields: what the file says is what would be sent.
        let name = format!("{}/{}", object.kind.singular(), object.name);
        command.say_done(&name, word, value);
        return Ok(());
    }
    let made = decode_new(command, object, &value, "creating")?;
    let made = command
        .request(|api| api.create(made))
        .map_err(|error| Fault::with_file(error, "creating", &object.file))?;
    command.done(&made, word);
    Ok(())
}

/// `kubectl create namespace x`, `service clusterip`, `configmap`, `secret generic`, `serviceaccount`, `deployment`.
fn generate(command: &mut Command<'_>) -> Result<(), Fault> {
    let words = command.args.words.clone();
    let words: Vec<&str> = words.iter().map(|word| &**word).collect();
    let (kind, name, value) = match &*words {
        ["namespace" | "ns", name] => (Kind::Namespace, *name, Value::Map(Map::new())),
        ["serviceaccount" | "sa", name] => (Kind::ServiceAccount, *name, Value::Map(Map::new())),
        ["configmap" | "cm", name] => (Kind::ConfigMap, *name, literals(command, "data")?),
        ["secret", "generic", name] => (Kind::Secret, *name, literals(command, "stringData")?),
        ["service" | "svc", "clusterip", name] => (Kind::Service, *name, service(command, name)?),
        ["deployment" | "deploy", name] => (Kind::Deployment, *name, deployment(command, name)?),
        [what, ..]
            if VERB.help.has_subcommand(what)
                || matches!(*what, "ns" | "sa" | "cm" | "svc" | "deploy") =>
        {
            return Err(Fault::client(format!(
                "exactly one NAME is required, got {}",
                words.len().saturating_sub(1)
            )));
        }
        _ => {
            let text = "Error: must specify one of -f and -k\n";
            command.output.error_line(text);
            return no_subcommand(command, &VERB);
        }
    };
    let mut value = value;
    value.set(&["metadata", "name"], Value::text(name));
    if kind.is_namespaced() {
        let namespace = command
            .args
            .get("namespace")
            .map_or_else(|| command.workspace.namespace.to_string(), str::to_owned);
        value.set(&["metadata", "namespace"], Value::text(namespace));
    }
    let object = Object::read(kind, value);
    let mut object = std::rc::Rc::new(object);
    if command.sends() {
        let new = (*object).clone();
        object = command
            .request(|api| api.create(new))
            .map_err(|error| Fault::Server {
                error,
                doing: format!("failed to create {}: ", kind.name().to_ascii_lowercase()),
            })?;
    }
    command.done(&object, "created");
    Ok(())
}

fn literals(command: &Command<'_>, field: &str) -> Result<Value, Fault> {
    let mut value = Value::Map(Map::new());
    for pair in command.args.all("from-literal") {
        let Some((key, text)) = pair.split_once('=') else {
            return Err(Fault::client(format!(
                "invalid literal source {pair}, expected key=value"
            )));
        };
        value.set(&[field, key], Value::text(text));
    }
    Ok(value)
}

fn service(command: &Command<'_>, name: &str) -> Result<Value, Fault> {
    let mut ports = Vec::new();
    for pair in command.args.all("tcp") {
        let (port, target) = pair.split_once(':').unwrap_or((pair, pair));
        let number = |text: &str| {
            text.parse::<i64>()
                .map_err(|_| Fault::client(format!("invalid port: {text}")))
        };
        let target = number(target).map(Value::Int)?;
        ports.push(Value::map([
            ("name", Value::text(pair.replace(':', "-"))),
            ("port", Value::Int(number(port)?)),
            ("protocol", "TCP".into()),
            ("targetPort", target),
        ]));
    }
    let mut value = Value::map([("spec", Value::map([("type", "ClusterIP".into())]))]);
    value.set(&["spec", "selector", "app"], Value::text(name));
    value.set(&["metadata", "labels", "app"], Value::text(name));
    if !ports.is_empty() {
        value.set(&["spec", "ports"], Value::List(ports));
    }
    if let Some(address) = command.args.get("clusterip") {
        value.set(&["spec", "clusterIP"], Value::text(address));
    }
    Ok(value)
}

fn deployment(command: &Command<'_>, name: &str) -> Result<Value, Fault> {
    let Some(image) = command.args.get("image") else {
        return Err(Fault::client("required flag(s) \"image\" not set"));
    };
    let last = image.rsplit('/').next().unwrap_or(image);
    let container = last.split([':', '@']).next().unwrap_or(last);
    let labels = Value::map([("app", Value::text(name))]);
    let mut template = Value::map([("metadata", Value::map([("labels", labels.clone())]))]);
    let mut spec = Value::map([
        ("name", Value::text(container)),
        ("image", Value::text(image)),
    ]);
    if let Some(port) = command.args.number("port") {
        spec.set(
            &["ports"],
            Value::List(vec![Value::map([("containerPort", Value::Int(port))])]),
        );
    }
    template.set(&["spec", "containers"], Value::List(vec![spec]));
    let mut value = Value::map([("metadata", Value::map([("labels", labels.clone())]))]);
    value.set(
        &["spec", "replicas"],
        Value::Int(command.args.number("replicas").unwrap_or(1)),
    );
    value.set(&["spec", "selector", "matchLabels"], labels);
    value.set(&["spec", "template"], template);
    Ok(value)
}
