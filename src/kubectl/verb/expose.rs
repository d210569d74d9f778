//! `kubectl expose`: a Service for the pods of another object, with its selector and its ports.

use super::help::{Group, Help, usage};
use super::made;
use super::run::overridden;
use super::targets::Bare;
use super::{Command, Verb};
use crate::cluster::object::{Kind, Object, ObjectKey};
use crate::cluster::value::{Map, Value};
use crate::kubectl::args::{RECORD, optional, truth, value};
use crate::kubectl::fault::Fault;

pub(super) const VERB: Verb = Verb {
    name: "expose",
    flags: &[
        value("filename", 'f'),
        value("kustomize", 'k').refused(),
        truth("recursive", 'R'),
        value("port", ' ').says("The Service's port; that of the object if it is not said."),
        value("target-port", ' ').says("The port of the pods, by number or name."),
        value("container-port", ' ').deprecated(
            "--container-port will be removed in the future, please use --target-port instead",
        ),
        value("protocol", ' ').says("TCP, UDP or SCTP."),
        value("name", ' ').says("The Service's name; that of the object if it is not said."),
        value("type", ' ').says("ClusterIP, NodePort, LoadBalancer or ExternalName."),
        value("cluster-ip", ' ').says("The address; None for a headless one."),
        value("external-ip", ' ').says("An address from outside of the cluster."),
        value("load-balancer-ip", ' ').says("The address of the load balancer."),
        value("session-affinity", ' ').says("None or ClientIP."),
        value("selector", ' ').says("The pods; those of the object if it is not said."),
        value("labels", 'l').says("The Service's labels; those of the object if it is not said."),
        value("overrides", ' ').says("JSON that is merged into the Service."),
        value("override-type", ' ')
            .or("merge")
            .says("How --overrides is merged: here only merge."),
        truth("save-config", ' '),
        value("field-manager", ' '),
        value("output", 'o'),
        RECORD,
        optional("dry-run", "unchanged"),
    ],
    help: Help {
        group: Group::Beginner,
        about: "Make a Service for the pods of a Deployment, a ReplicaSet, a Service or for a pod.",
        usage: "expose (-f FILE | KIND NAME) [--port=PORT] [--target-port=PORT] [--name=NAME] [options]",
        examples: &[
            (
                "A Service for one pod",
                "expose pod web-0 --port=80 --name=first",
            ),
            (
                "A second Service for the same pods, with an address of its own",
                "expose svc nginx --port=80 --name=web --type=NodePort",
            ),
        ],
        ..Help::PLAIN
    },
    run,
};

/// What a Service is made of.
pub(super) struct Exposed<'a> {
    /// Its name.
    pub name: &'a str,
    /// The labels of its pods.
    pub selector: Map,
    /// Its own labels.
    pub labels: Map,
    /// Its ports, each with the protocol that the object has for it.
    pub ports: Vec<(String, Option<String>)>,
}

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    let words = command.args.words.clone();
    // The selector is the Service's, and selects nothing here.
    let selector = command.args.take("selector").unwrap_or_default();
    let targets = command.keys(&words, Bare::Nothing);
    let targets = targets.map_err(|fault| match fault {
        Fault::Client(text) => usage(VERB.name, &text),
        other => other,
    })?;
    let mut faults = Vec::new();
    for target in targets {
        let result = target.and_then(|key| expose(command, &key, &selector));
        faults.extend(result.err());
    }
    command.fail_all(&faults);
    Ok(())
}

fn expose(command: &mut Command<'_>, key: &ObjectKey, selector: &str) -> Result<(), Fault> {
    let object = command.find(key)?;
    let info = key.kind.info();
    if !matches!(
        key.kind,
        Kind::Service | Kind::Pod | Kind::Deployment | Kind::ReplicaSet
    ) {
        let dot = if info.group.is_empty() { "" } else { "." };
        return Err(Fault::client(format!(
            "cannot expose a {}{dot}{}",
            info.name, info.group
        )));
    }
    let value = object.to_value();
    let selector = match selector {
        "" => selector_of(&object, &value).map_err(|why| {
            let text = "couldn't retrieve selectors via --selector flag or introspection";
            usage(VERB.name, &format!("{text}: {why}"))
        })?,
        given => labels_of(given)?,
    };
    let flag = |name: &str| command.args.get(name).unwrap_or_default();
    let known = ports_of(key.kind, &value);
    let ports = match flag("port") {
        "" if known.is_empty() && flag("cluster-ip") != "None" => {
            let text = "couldn't find port via --port flag or introspection";
            return Err(usage(VERB.name, text));
        }
        "" => known,
        given => given
            .split(',')
            .map(|port| {
                let same = known.iter().find(|(number, _)| number == port);
                (
                    port.to_owned(),
                    same.and_then(|(_, protocol)| protocol.clone()),
                )
            })
            .collect(),
    };
    let labels = match flag("labels") {
        "" => map_at(&value, &["metadata", "labels"]),
        given => labels_of(given)?,
    };
    let name = match flag("name") {
        "" => key.name.chars().take(63).collect(),
        given => given.to_owned(),
    };
    let exposed = Exposed {
        name: &name,
        selector,
        labels,
        ports,
    };
    let mut service = exposed.service(command)?;
    overridden(command, &mut service)?;
    made::make(command, Kind::Service, service, "exposed", Fault::from)
}

fn map_at(value: &Value, path: &[&str]) -> Map {
    let map = value.at(path).and_then(Value::as_map);
    map.cloned().unwrap_or_default()
}

/// The labels of an object's pods, or why they cannot be told.
fn selector_of(object: &Object, value: &Value) -> Result<Map, String> {
    let (selector, lacking) = match object {
        Object::Pod(_) => (
            map_at(value, &["metadata", "labels"]),
            "the pod has no labels and cannot be exposed".to_owned(),
        ),
        Object::Service(_) => (
            map_at(value, &["spec", "selector"]),
            "the service has no pod selector set".to_owned(),
        ),
        _ => {
            let kind = object.kind().name().to_ascii_lowercase();
            (
                map_at(value, &["spec", "selector", "matchLabels"]),
                format!("invalid {kind}: no selectors, therefore cannot be exposed"),
            )
        }
    };
    if selector.is_empty() {
        return Err(lacking);
    }
    let expressions = value.list_at(&["spec", "selector", "matchExpressions"]);
    if expressions.is_empty() {
        return Ok(selector);
    }
    let shown: Vec<String> = expressions
        .iter()
        .map(|it| {
            let values: Vec<String> = it.list_at(&["values"]).iter().map(Value::plain).collect();
            format!(
                "{{Key:{} Operator:{} Values:[{}]}}",
                it.plain_at(&["key"]),
                it.plain_at(&["operator"]),
                values.join(" ")
            )
        })
        .collect();
    Err(format!(
        "couldn't convert expressions - \"[{}]\" to map-based selector format",
        shown.join(" ")
    ))
}

/// The ports that an object has, with their protocols.
fn ports_of(kind: Kind, value: &Value) -> Vec<(String, Option<String>)> {
    let port = |field: &str, it: &Value| {
        let protocol = it.str_at(&["protocol"]).map(str::to_owned);
        (it.plain_at(&[field]), protocol)
    };
    if kind == Kind::Service {
        let ports = value.list_at(&["spec", "ports"]).iter();
        return ports.map(|it| port("port", it)).collect();
    }
    let containers = match kind {
        Kind::Pod => value.list_at(&["spec", "containers"]),
        _ => value.list_at(&["spec", "template", "spec", "containers"]),
    };
    let ports = containers.iter().flat_map(|it| it.list_at(&["ports"]));
    ports.map(|it| port("containerPort", it)).collect()
}

/// Labels as flags write them: `a=b,c=d` (`ParseLabels`).
pub(super) fn labels_of(text: &str) -> Result<Map, Fault> {
    let pairs = text.split(',').map(|pair| match pair.split_once('=') {
        Some(("", _)) => Err(Fault::client("unexpected empty label key")),
        Some((key, value)) if !value.contains('=') => Ok((key.into(), Value::text(value))),
        _ => Err(Fault::client(format!("unexpected label spec: {pair}"))),
    });
    pairs.collect()
}

/// A whole number, or Go's words for what is wrong with it.
fn number(text: &str) -> Result<i64, Fault> {
    text.parse()
        .map_err(|_| Fault::client(format!("strconv.Atoi: parsing {text:?}: invalid syntax")))
}

impl Exposed<'_> {
    /// The Service, with what flags say of it.
    pub(super) fn service(&self, command: &Command<'_>) -> Result<Value, Fault> {
        let args = &command.args;
        let flag = |name: &str| args.get(name).unwrap_or_default();
        let target = match flag("target-port") {
            "" => flag("container-port"),
            given => given,
        };
        let mut ports = Vec::new();
        for (at, (port, protocol)) in self.ports.iter().enumerate() {
            let number = Value::Int(number(port)?);
            let target = match target {
                "" => number.clone(),
                given => given.parse().map_or(Value::text(given), Value::Int),
            };
            let protocol = match (flag("protocol"), protocol) {
                ("", known) => known.as_deref().unwrap_or("TCP"),
                (given, _) => given,
            };
            let mut made = Value::map([
                ("port", number),
                ("protocol", Value::text(protocol)),
                ("targetPort", target),
            ]);
            if self.ports.len() > 1 {
                made.set(&["name"], Value::text(format!("port-{}", at + 1)));
            }
            ports.push(made);
        }
        let mut value = Value::map([("metadata", Value::map([("name", Value::text(self.name))]))]);
        if !self.labels.is_empty() {
            value.set(&["metadata", "labels"], Value::Map(self.labels.clone()));
        }
        value.set(&["spec", "selector"], Value::Map(self.selector.clone()));
        if !ports.is_empty() {
            value.set(&["spec", "ports"], Value::List(ports));
        }
        if !flag("external-ip").is_empty() {
            let address = Value::text(flag("external-ip"));
            value.set(&["spec", "externalIPs"], Value::List(vec![address]));
        }
        let kind = flag("type");
        let affinity = flag("session-affinity");
        if !["", "None", "ClientIP"].contains(&affinity) {
            return Err(Fault::client(format!(
                "unknown session affinity: {affinity}"
            )));
        }
        let balancer = match kind {
            "LoadBalancer" => flag("load-balancer-ip"),
            _ => "",
        };
        for (field, text) in [
            ("type", kind),
            ("loadBalancerIP", balancer),
            ("sessionAffinity", affinity),
            ("clusterIP", flag("cluster-ip")),
        ] {
            if !text.is_empty() {
                value.set(&["spec", field], Value::text(text));
            }
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::super::kit::Kit;

    #[test]
    fn objects_are_exposed() {
        let mut kit = Kit::with_web();
        kit.says("kubectl create deployment shop --image=nginx --port=8080");
        for (line, said) in [
            ("deploy shop", "service/shop exposed"),
            (
                "deploy/shop",
                "Error from server (AlreadyExists): services \"shop\" already exists",
            ),
            (
                "deploy shop --port=80 --target-port=web --name=b --type=NodePort",
                "service/b exposed",
            ),
            (
                "svc nginx --name=c --cluster-ip=None --dry-run=server",
                "service/c exposed (server dry run)",
            ),
            ("pod web-0 --name=d --port=80 -l a=b -o name", "service/d"),
            (
                "pod web-0 --name=Bad --port=80 -o name",
                "The Service \"Bad\" is invalid: metadata.name: Invalid value",
            ),
        ] {
            let answer = kit.says(&format!("kubectl expose {line}"));
            assert!(answer.starts_with(said), "{line}: {answer}");
        }
        let path = "{.spec.ports[0].port},{.spec.ports[0].targetPort},{.spec.selector.app}";
        for (name, said) in [
            ("shop", "8080,8080,shop"),
            ("b", "80,web,shop"),
            ("d", "80,80,nginx"),
        ] {
            assert_eq!(
                kit.says(&format!("kubectl get svc {name} -o jsonpath={path}")),
                said
            );
        }
        assert_eq!(
            kit.says(
                "kubectl expose deploy shop --port=80 --selector=x=y --dry-run=client -o yaml"
            ),
            "apiVersion: v1\nkind: Service\nmetadata:\n  labels:\n    app: shop\n  name: shop\nspec:\n  ports:\n  - port: 80\n    \
             protocol: TCP\n    targetPort: 80\n  selector:\n    x: \"y\"\nstatus:\n  loadBalancer: {}\n"
        );
    }

    #[test]
    fn what_cannot_be_exposed_is_refused() {
        let mut kit = Kit::with_web();
        let help = "See 'kubectl expose -h' for help and examples\n";
        for (line, said) in [
            (
                "sts web --port=80",
                "error: cannot expose a StatefulSet.apps\n".to_owned(),
            ),
            (
                "pvc www-web-0 --port=80",
                "error: cannot expose a PersistentVolumeClaim\n".to_owned(),
            ),
            (
                "deploy nope --port=80",
                "Error from server (NotFound): deployments.apps \"nope\" not found\n".to_owned(),
            ),
            (
                "pod web-0",
                format!("error: couldn't find port via --port flag or introspection\n{help}"),
            ),
            (
                "podz x",
                format!("error: the server doesn't have a resource type \"podz\"\n{help}"),
            ),
            (
                "pods",
                format!("error: resource(s) were provided, but no name was specified\n{help}"),
            ),
            (
                "pod web-0 --port=x",
                "error: strconv.Atoi: parsing \"x\": invalid syntax\n".to_owned(),
            ),
        ] {
            assert_eq!(
                kit.says(&format!("kubectl expose {line}")),
                format!("{said}[exit 1]\n"),
                "{line}"
            );
        }
    }
}
