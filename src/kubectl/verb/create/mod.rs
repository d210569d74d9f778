//! `kubectl create`: makes the objects of a file, or one from flags.

mod generator;
mod keyed;
mod service;
mod workload;

pub(super) use service::port_number;
pub(super) use workload::label_selector;

use super::apply::{LAST_APPLIED, decode_new, last_applied_text};
use super::help::{Group, Help};
use super::{Command, Verb};
use crate::cluster::value::Value;
use crate::kubectl::args::{Flag, RECORD, number, optional, truth, value};
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
        value("external-name", ' ').says("service externalname: the name that it stands for."),
        number("node-port").says("service nodeport: the port on every node."),
        value("from-file", ' ')
            .or("[]")
            .says("configmap, secret: a file, KEY=FILE, or every file of a directory."),
        value("from-env-file", ' ')
            .or("[]")
            .says("configmap, secret: a file with a line KEY=VALUE for each key."),
        truth("append-hash", ' ').refused(),
        value("type", ' ').says("secret: its type."),
        value("min-available", ' ').says("poddisruptionbudget: how many pods stay, or what part."),
        value("max-unavailable", ' ')
            .says("poddisruptionbudget: how many pods may be missing, or what part."),
        value("from-literal", ' ')
            .or("[]")
            .says("configmap, secret: KEY=VALUE."),
        value("image", ' ')
            .or("[]")
            .says("deployment: the image of each container."),
        Flag {
            short: Some('r'),
            ..number("replicas")
        }
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
            (
                "The manifest of a Deployment",
                "create deployment shop --image=nginx --dry-run=client -o yaml",
            ),
        ],
        subcommands: &[
            ("configmap", "A ConfigMap from files and literals"),
            ("deployment", "A Deployment of one image or several"),
            ("namespace", "A namespace"),
            (
                "poddisruptionbudget",
                "How many pods must stay when nodes are drained",
            ),
            (
                "secret",
                "A Secret from files and literals (secret generic)",
            ),
            ("service", "A Service (service clusterip, nodeport, …)"),
            ("serviceaccount", "A ServiceAccount"),
        ],
        elsewhere: &[
            "clusterrole",
            "clusterrolebinding",
            "cj",
            "cronjob",
            "ing",
            "ingress",
            "job",
            "pc",
            "priorityclass",
            "quota",
            "resourcequota",
            "role",
            "rolebinding",
            "token",
        ],
    },
    run,
};

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    if command.args.get("filename").is_none() {
        return generator::run(command);
    }
    generator::check_own_flags(command)?;
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

/// The full path of the subcommand that these words begin with.
pub(super) fn path(words: &[String]) -> Option<String> {
    generator::path(words)
}

#[cfg(test)]
mod tests {
    use crate::kubectl::verb::kit::Kit;

    #[test]
    fn refusals_have_the_words_of_their_subcommand() {
        let mut kit = Kit::new();
        for (line, said) in [
            (
                "ns x",
                "Error from server (AlreadyExists): namespaces \"x\" already exists",
            ),
            (
                "cm x",
                "error: failed to create configmap: configmaps \"x\" already exists",
            ),
            (
                "secret generic x",
                "error: failed to create secret secrets \"x\" already exists",
            ),
            (
                "sa x",
                "error: failed to create serviceaccount: serviceaccounts \"x\" already exists",
            ),
            (
                "deployment x --image=nginx",
                "error: failed to create deployment: deployments.apps \"x\" already exists",
            ),
            (
                "service clusterip x --tcp=80",
                "error: failed to create ClusterIP service: services \"x\" already exists",
            ),
        ] {
            let created = kit.says(&format!("kubectl create {line}"));
            assert!(created.ends_with("/x created\n"), "{created}");
            assert_eq!(
                kit.says(&format!("kubectl create {line}")),
                format!("{said}\n[exit 1]\n")
            );
        }
        let bad = kit.says("kubectl create deployment Web --image=nginx");
        let head = "error: failed to create deployment: Deployment.apps \"Web\" is invalid: metadata.name: Invalid value";
        assert!(bad.starts_with(head), "{bad}");
        let bad = kit.says("kubectl create ns Web");
        let head = "The Namespace \"Web\" is invalid: metadata.name: Invalid value";
        assert!(bad.starts_with(head), "{bad}");
    }

    #[test]
    fn names_and_flags_are_those_of_the_subcommand() {
        let mut kit = Kit::new();
        let name = |count: usize, path: &str| {
            format!(
                "error: exactly one NAME is required, got {count}\nSee 'kubectl create {path} -h' for help and examples\n"
            )
        };
        let unknown = |flag: &str, path: &str| {
            format!(
                "error: unknown flag: --{flag}\nSee 'kubectl create {path} --help' for usage.\n"
            )
        };
        for (line, said) in [
            ("namespace", name(0, "namespace")),
            ("ns", name(0, "namespace")),
            ("service clusterip", name(0, "service clusterip")),
            ("secret generic", name(0, "secret generic")),
            ("cm a b", name(2, "configmap")),
            ("cm -- a", name(0, "configmap")),
            ("cm a --image=x", unknown("image", "configmap")),
            ("cm a --frob", unknown("frob", "configmap")),
            ("secret generic a --tcp=1", unknown("tcp", "secret generic")),
            ("svc nodeport a --clusterip=None", unknown("clusterip", "service nodeport")),
            ("deploy", "error: required flag(s) \"image\" not set\n".to_owned()),
            (
                "svc frob x",
                "error: unknown command \"frob x\"\nSee 'kubectl create service -h' for help and examples\n".to_owned(),
            ),
            (
                "cm a -o frob",
                "error: unable to match a printer suitable for the output format \"frob\", allowed formats are: \
                 go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,yaml\n"
                    .to_owned(),
            ),
        ] {
            assert_eq!(
                kit.says(&format!("kubectl create {line}")),
                format!("{said}[exit 1]\n"),
                "{line}"
            );
        }
        for group in ["service", "secret"] {
            let told = kit.says(&format!("kubectl create {group}"));
            assert!(
                told.starts_with(&format!(
                    "Create a {}",
                    if group == "service" {
                        "Service"
                    } else {
                        "Secret"
                    }
                )) && told.ends_with("[exit 1]\n")
                    && told.contains("\nAvailable Commands:\n  "),
                "{told}"
            );
        }
    }

    #[test]
    fn what_is_made_is_printed() {
        let mut kit = Kit::new();
        let namespace =
            "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: x\nspec: {}\nstatus: {}\n";
        for (line, said) in [
            ("ns x --dry-run=client -o yaml", namespace),
            ("ns x --dry-run=client -o name", "namespace/x\n"),
            ("ns x --dry-run=server -o name", "namespace/x\n"),
            ("ns x --dry-run=client", "namespace/x created (dry run)\n"),
            (
                "sa x -n z --dry-run=client -o yaml",
                "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: x\n  namespace: z\n",
            ),
            (
                "cm x --dry-run=client -o json",
                "{\n    \"kind\": \"ConfigMap\",\n    \"apiVersion\": \"v1\",\n    \"metadata\": {\n        \
                 \"name\": \"x\"\n    }\n}\n",
            ),
            (
                "cm x --save-config --dry-run=client -o jsonpath={.metadata.annotations}",
                "{\"kubectl.kubernetes.io/last-applied-configuration\":\"{\\\"kind\\\":\\\"ConfigMap\\\",\
                 \\\"apiVersion\\\":\\\"v1\\\",\\\"metadata\\\":{\\\"name\\\":\\\"x\\\"}}\\n\"}",
            ),
        ] {
            assert_eq!(kit.says(&format!("kubectl create {line}")), said, "{line}");
        }
        let made = kit.says("kubectl create ns x --dry-run=server -o yaml");
        assert!(
            made.contains("  phase: Active\n") && made.contains("  uid: "),
            "{made}"
        );
    }
}
