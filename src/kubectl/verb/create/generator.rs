//! The subcommands of `create`: what each is called, which flags it takes, and how it speaks of a refusal.

use super::VERB;
use super::{keyed, service, workload};
use crate::cluster::error::ApiError;
use crate::cluster::object::Kind;
use crate::cluster::value::{Map, Value};
use crate::kubectl::fault::Fault;
use crate::kubectl::verb::help::{Group, Help, no_subcommand, usage};
use crate::kubectl::verb::{Command, Verb, elsewhere, made};

/// A subcommand that makes one object from flags.
pub(super) struct Generator {
    /// Its words behind `create`.
    words: &'static [&'static str],
    /// What the first word may also be.
    alias: &'static str,
    /// What it makes.
    kind: Kind,
    /// The flags that it takes beside those that all take.
    flags: &'static [&'static str],
    /// The flag that must be given.
    required: Option<&'static str>,
    /// What stands before a refusal of the server; a namespace's is printed as it is.
    refused: Option<&'static str>,
    /// Makes the object, without its name and namespace.
    make: fn(&Command<'_>, &str) -> Result<Value, Fault>,
}

/// The flags that every subcommand takes.
const COMMON: &[&str] = &[
    "dry-run",
    "field-manager",
    "output",
    "save-config",
    "validate",
];
/// The flags of `create -f`.
const OWN: &[&str] = &[
    "edit",
    "filename",
    "kustomize",
    "raw",
    "record",
    "recursive",
    "selector",
];

const GENERATORS: &[Generator] = &[
    Generator {
        words: &["configmap"],
        alias: "cm",
        kind: Kind::ConfigMap,
        flags: &["append-hash", "from-env-file", "from-file", "from-literal"],
        required: None,
        refused: Some("failed to create configmap: "),
        make: keyed::configmap,
    },
    Generator {
        words: &["deployment"],
        alias: "deploy",
        kind: Kind::Deployment,
        flags: &["image", "port", "replicas"],
        required: Some("image"),
        refused: Some("failed to create deployment: "),
        make: workload::deployment,
    },
    Generator {
        words: &["namespace"],
        alias: "ns",
        kind: Kind::Namespace,
        flags: &[],
        required: None,
        refused: None,
        make: |_, _| Ok(Value::Map(Map::new())),
    },
    Generator {
        words: &["poddisruptionbudget"],
        alias: "pdb",
        kind: Kind::PodDisruptionBudget,
        flags: &["max-unavailable", "min-available", "selector"],
        required: None,
        refused: Some("failed to create poddisruptionbudgets: "),
        make: workload::budget,
    },
    Generator {
        words: &["secret", "generic"],
        alias: "secret",
        kind: Kind::Secret,
        flags: &[
            "append-hash",
            "from-env-file",
            "from-file",
            "from-literal",
            "type",
        ],
        required: None,
        // There is no colon in the original, either.
        refused: Some("failed to create secret "),
        make: keyed::secret,
    },
    Generator {
        words: &["service", "clusterip"],
        alias: "svc",
        kind: Kind::Service,
        flags: &["clusterip", "tcp"],
        required: None,
        refused: Some("failed to create ClusterIP service: "),
        make: |command, name| service::service(command, name, "ClusterIP"),
    },
    Generator {
        words: &["service", "externalname"],
        alias: "svc",
        kind: Kind::Service,
        flags: &["external-name", "tcp"],
        required: Some("external-name"),
        refused: Some("failed to create ExternalName service: "),
        make: |command, name| service::service(command, name, "ExternalName"),
    },
    Generator {
        words: &["service", "loadbalancer"],
        alias: "svc",
        kind: Kind::Service,
        flags: &["tcp"],
        required: None,
        refused: Some("failed to create LoadBalancer service: "),
        make: |command, name| service::service(command, name, "LoadBalancer"),
    },
    Generator {
        words: &["service", "nodeport"],
        alias: "svc",
        kind: Kind::Service,
        flags: &["node-port", "tcp"],
        required: None,
        refused: Some("failed to create NodePort service: "),
        make: |command, name| service::service(command, name, "NodePort"),
    },
    Generator {
        words: &["serviceaccount"],
        alias: "sa",
        kind: Kind::ServiceAccount,
        flags: &[],
        required: None,
        refused: Some("failed to create serviceaccount: "),
        make: |_, _| Ok(Value::Map(Map::new())),
    },
];

/// The subcommands that have subcommands, as verbs of their own.
const GROUPS: &[(&str, Verb)] = &[
    (
        "secret",
        Verb {
            name: "create secret",
            flags: &[],
            help: Help {
                group: Group::Hidden,
                about: "Create a Secret of a type.",
                usage: "create secret generic NAME [options]",
                examples: &[(
                    "A password",
                    "create secret generic db --from-literal=password=secret",
                )],
                subcommands: &[("generic", "A Secret from files and literals")],
                elsewhere: &["docker-registry", "tls"],
            },
            run,
        },
    ),
    (
        "service",
        Verb {
            name: "create service",
            flags: &[],
            help: Help {
                group: Group::Hidden,
                about: "Create a Service of a type.",
                usage: "create service TYPE NAME [options]",
                examples: &[(
                    "A headless Service",
                    "create service clusterip web-peers --clusterip=None",
                )],
                subcommands: &[
                    ("clusterip", "A Service with an address of the cluster"),
                    ("externalname", "A Service that stands for another name"),
                    ("loadbalancer", "A Service for a load balancer"),
                    ("nodeport", "A Service with a port on every node"),
                ],
                elsewhere: &[],
            },
            run,
        },
    ),
];

impl Generator {
    /// The subcommand that words begin with, whatever it is called by.
    fn find(words: &[&str]) -> Option<&'static Self> {
        GENERATORS.iter().find(|it| {
            let (first, rest) = it.words.split_first().unwrap_or((&"", &[]));
            match words.split_first() {
                Some((word, words)) => {
                    (word == first || *word == it.alias) && words.starts_with(rest)
                }
                None => false,
            }
        })
    }

    fn path(&self) -> String {
        format!("{} {}", VERB.name, self.words.join(" "))
    }

    fn takes(&self, flag: &str) -> bool {
        COMMON.contains(&flag) || self.flags.contains(&flag)
    }

    /// Puts a refusal of the server into the subcommand's words.
    fn fault(&self, error: ApiError) -> Fault {
        match self.refused {
            Some(doing) => Fault::client(format!("{doing}{error}")),
            None => error.into(),
        }
    }

    fn run(&self, command: &mut Command<'_>, names: &[String]) -> Result<(), Fault> {
        command.args.only(&self.path(), |flag| self.takes(flag))?;
        if let Some(flag) = self.required.filter(|it| command.args.get(it).is_none()) {
            return Err(Fault::client(format!("required flag(s) {flag:?} not set")));
        }
        let [name] = names else {
            let text = format!("exactly one NAME is required, got {}", names.len());
            return Err(usage(&self.path(), &text));
        };
        let mut value = (self.make)(command, name)?;
        value.set(&["metadata", "name"], Value::text(name.as_str()));
        made::make(command, self.kind, value, "created", |error| {
            self.fault(error)
        })
    }
}

/// The full path of the subcommand that these words begin with: `create secret generic`.
pub(super) fn path(words: &[String]) -> Option<String> {
    let words: Vec<&str> = words
        .iter()
        .map(|it| &**it)
        .filter(|it| !it.starts_with('-'))
        .collect();
    let group = || {
        let first = first_name(words.first()?);
        let (_, verb) = GROUPS.iter().find(|(name, _)| *name == first)?;
        Some(verb.name.to_owned())
    };
    Generator::find(&words).map(Generator::path).or_else(group)
}

/// The name behind an alias.
fn first_name(word: &str) -> &str {
    if word == "svc" { "service" } else { word }
}

/// Refuses flags that `create -f` does not take.
pub(super) fn check_own_flags(command: &Command<'_>) -> Result<(), Fault> {
    let takes = |flag: &str| COMMON.contains(&flag) || OWN.contains(&flag);
    command.args.only(VERB.name, takes)
}

/// Makes one object from flags.
pub(super) fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    let words = command.args.words.clone();
    let plain: Vec<&str> = words.iter().map(|it| &**it).collect();
    if let Some(generator) = Generator::find(&plain) {
        let names = words.get(generator.words.len()..).unwrap_or_default();
        return generator.run(command, names);
    }
    let first = plain.first().map(|it| first_name(it)).unwrap_or_default();
    if let Some((_, group)) = GROUPS.iter().find(|(name, _)| *name == first) {
        command.args.only(group.name, |_| false)?;
        command.args.words.remove(0);
        return no_subcommand(command, group);
    }
    if VERB.help.elsewhere.contains(&first) {
        return Err(elsewhere(&format!("{} {first}", VERB.name)));
    }
    check_own_flags(command)?;
    let text = "Error: must specify one of -f and -k\n";
    command.output.error_line(text);
    no_subcommand(command, &VERB)
}
