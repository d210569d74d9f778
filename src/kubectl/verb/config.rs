//! `kubectl config`: the context that commands go to.

use super::cluster_info::SERVER;
use super::done::json_path;
use super::help::{Group, Help, no_subcommand, usage};
use super::{Command, Verb, elsewhere};
use crate::cluster::value::Value;
use crate::kubectl::args::{truth, value};
use crate::kubectl::fault::Fault;
use crate::kubectl::print::{self, Table};

pub(super) const VERB: Verb = Verb {
    name: "config",
    flags: &[
        truth("current", ' ').says("set-context: change the context that is current."),
        truth("minify", ' ').says("view: only what the current context uses; here that is all."),
        truth("no-headers", ' '),
        truth("flatten", ' ').refused(),
        truth("raw", ' ').refused(),
        value("output", 'o').says("get-contexts: name. view: yaml, json, or jsonpath=TEMPLATE."),
    ],
    help: Help {
        group: Group::Settings,
        about: "Look at the context that commands go to, and choose its namespace.",
        usage: "config SUBCOMMAND [options]",
        examples: &[
            (
                "Let commands go to another namespace",
                "config set-context --current --namespace=kube-system",
            ),
            ("Show the contexts", "config get-contexts"),
            (
                "Print the namespace",
                "config view --minify -o jsonpath='{..namespace}'",
            ),
        ],
        subcommands: &[
            ("current-context", "Print the name of the context"),
            ("get-contexts", "List the contexts"),
            ("set-context", "Change a context"),
            ("use-context", "Choose a context"),
            ("view", "Print the whole configuration"),
        ],
        elsewhere: &[
            "delete-cluster",
            "delete-context",
            "delete-user",
            "get-clusters",
            "get-users",
            "rename-context",
            "set",
            "set-cluster",
            "set-credentials",
            "unset",
        ],
    },
    run,
};

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    let words = command.args.words.clone();
    let first = words.split_first();
    let Some((action, names)) = first.filter(|(it, _)| VERB.help.has_subcommand(it)) else {
        return no_subcommand(command, &VERB);
    };
    let context = command.workspace.context.clone();
    let names: Vec<&str> = names.iter().map(|it| &**it).collect();
    let unexpected = || {
        let path = format!("config {action}");
        Err(usage(
            &path,
            &format!("unexpected arguments: [{}]", names.join(" ")),
        ))
    };
    match (&**action, &*names) {
        ("set-context", []) if !command.args.is_on("current") => Err(Fault::client(
            "you must specify a non-empty context name or --current",
        )),
        ("set-context", [_]) if command.args.is_on("current") => Err(Fault::client(
            "you cannot specify both a context name and --current",
        )),
        ("set-context", [name]) if **name != *context => Err(elsewhere(&format!(
            "config set-context of another context than {context}"
        ))),
        ("set-context", [] | [_]) => {
            if let Some(namespace) = command.args.get("namespace") {
                command.workspace.namespace = namespace.into();
            }
            command
                .output
                .line(&format!("Context {context:?} modified."));
            Ok(())
        }
        ("current-context", []) => {
            command.output.line(&context);
            Ok(())
        }
        ("use-context", [name]) if **name == *context => {
            command
                .output
                .line(&format!("Switched to context {name:?}."));
            Ok(())
        }
        ("use-context", [name]) => Err(Fault::client(format!(
            "no context exists with the name: {name:?}"
        ))),
        ("get-contexts", names) => get_contexts(command, names),
        ("view", []) => view(command),
        ("set-context" | "use-context", _) => Err(Fault::client(format!(
            "Unexpected args: [{}]",
            names.join(" ")
        ))),
        _ => unexpected(),
    }
}

fn get_contexts(command: &mut Command<'_>, names: &[&str]) -> Result<(), Fault> {
    let workspace = &command.workspace;
    let (context, namespace) = (
        workspace.context.to_string(),
        workspace.namespace.to_string(),
    );
    let format = command.args.get("output").unwrap_or_default();
    if !matches!(format, "" | "name") {
        return Err(Fault::client(format!(
            "output must be one of '' or 'name': {format}"
        )));
    }
    let is_wanted = names.is_empty() || names.contains(&&*context);
    if format == "name" {
        if is_wanted {
            command.output.line(&context);
        }
    } else {
        let row = |cells: [&str; 5]| cells.map(str::to_owned).to_vec();
        let mut rows = Vec::new();
        if !command.args.is_on("no-headers") {
            rows.push(row(["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"]));
        }
        if is_wanted {
            rows.push(row(["*", &context, &context, &context, &namespace]));
        }
        Table::default().print(&rows, &mut command.output.stdout);
    }
    let missing = names.iter().filter(|it| **it != context);
    let missing: Vec<Fault> = missing
        .map(|it| Fault::client(format!("context {it} not found")))
        .collect();
    command.fail_all(&missing);
    Ok(())
}

/// The configuration as minikube writes it, with what is secret left out.
fn view(command: &mut Command<'_>) -> Result<(), Fault> {
    const OMITTED: &str = "DATA+OMITTED";
    let name = || Value::Text(command.workspace.context.clone());
    let one = |field: &str, value: Value| {
        Value::List(vec![Value::map([(field, value), ("name", name())])])
    };
    let cluster = Value::map([
        ("certificate-authority-data", OMITTED.into()),
        ("server", SERVER.into()),
    ]);
    let context = Value::map([
        ("cluster", name()),
        (
            "namespace",
            Value::Text(command.workspace.namespace.clone()),
        ),
        ("user", name()),
    ]);
    let user = Value::map([
        ("client-certificate-data", OMITTED.into()),
        ("client-key-data", OMITTED.into()),
    ]);
    let config = Value::map([
        ("apiVersion", "v1".into()),
        ("clusters", one("cluster", cluster)),
        ("contexts", one("context", context)),
        ("current-context", name()),
        ("kind", "Config".into()),
        ("users", one("user", user)),
    ]);
    let format = command.args.get("output").unwrap_or("yaml");
    if let Some(template) = format.strip_prefix("jsonpath=") {
        let printed = json_path(template)?.tell(&config);
        let printed = printed.map_err(Fault::Client)?;
        command.output.stdout.push_str(&printed);
        return Ok(());
    }
    match format {
        "yaml" => {
            let text = crate::manifest::write::yaml(&config);
            command.output.stdout.push_str(&text);
        }
        "json" => command.output.line(&print::pretty(&config)),
        other => return Err(elsewhere(&format!("config view -o {other}"))),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::kit::Kit;

    #[test]
    fn the_namespace_of_the_context_is_chosen_and_shown() {
        let mut kit = Kit::new();
        for (line, said) in [
            (
                "get-contexts",
                "CURRENT   NAME       CLUSTER    AUTHINFO   NAMESPACE\n\
                 *         minikube   minikube   minikube   default\n",
            ),
            ("get-contexts -o name", "minikube\n"),
            (
                "get-contexts nope --no-headers",
                "error: context nope not found\n[exit 1]\n",
            ),
            (
                "set-context --current --namespace=kube-system",
                "Context \"minikube\" modified.\n",
            ),
            ("view --minify -o jsonpath='{..namespace}'", "kube-system"),
            (
                "set-context minikube -n default",
                "Context \"minikube\" modified.\n",
            ),
            (
                "set-context",
                "error: you must specify a non-empty context name or --current\n[exit 1]\n",
            ),
            (
                "set-context minikube --current",
                "error: you cannot specify both a context name and --current\n[exit 1]\n",
            ),
            ("current-context", "minikube\n"),
            (
                "use-context minikube",
                "Switched to context \"minikube\".\n",
            ),
            (
                "use-context prod",
                "error: no context exists with the name: \"prod\"\n[exit 1]\n",
            ),
            (
                "frob",
                "error: unknown command \"frob\"\nSee 'kubectl config -h' for help and examples\n[exit 1]\n",
            ),
            (
                "set-cluster x",
                "error: kubectl config set-cluster is not simulated here; a real kubectl would do it.\n[exit 1]\n",
            ),
            (
                "view",
                "apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority-data: DATA+OMITTED\n    server: \
                 https://192.168.49.2:8443\n  name: minikube\ncontexts:\n- context:\n    cluster: minikube\n    \
                 namespace: default\n    user: minikube\n  name: minikube\ncurrent-context: minikube\nkind: Config\n\
                 users:\n- name: minikube\n  user:\n    client-certificate-data: DATA+OMITTED\n    client-key-data: \
                 DATA+OMITTED\n",
            ),
        ] {
            assert_eq!(kit.says(&format!("kubectl config {line}")), said, "{line}");
        }
        assert_eq!(
            kit.says("kubectl get pods --context prod"),
            "error: context \"prod\" does not exist\n[exit 1]\n"
        );
    }
}
