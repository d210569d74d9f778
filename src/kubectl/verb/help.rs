//! `kubectl help`, `kubectl options`, and what `--help` prints of each verb: made from the table of verbs and flags.
//!
//! The layout is that of kubectl, the texts are our own. What a verb says of itself stands in its file; what a flag
//! does stands here once for all verbs, or at the flag where it is something else there.

use super::{Command, VERBS, Verb};
use crate::kubectl::args::{Flag, GLOBAL, Takes};
use crate::kubectl::fault::Fault;
use crate::kubectl::output::Output;

pub(super) const HELP: Verb = Verb {
    name: "help",
    flags: &[],
    help: Help {
        group: Group::Hidden,
        about: "Say what a verb does.",
        usage: "help [VERB]",
        examples: &[("What get can do", "help get")],
        ..Help::PLAIN
    },
    run: |command| {
        let Some(name) = command.args.words.first().cloned() else {
            command.output = everything();
            return Ok(());
        };
        match VERBS.iter().find(|verb| verb.name == name) {
            Some(verb) => command.output = of(verb),
            None => {
                let words = command.args.words.iter().map(|it| format!("`{it}`"));
                let words: Vec<String> = words.collect();
                let text = format!("Unknown help topic [{}]", words.join(" "));
                command.output.error_line(&text);
                command.output.stderr.push_str(&list());
            }
        }
        Ok(())
    },
};

pub(super) const OPTIONS: Verb = Verb {
    name: "options",
    flags: &[],
    help: Help {
        group: Group::Hidden,
        about: "List the flags that every verb takes.",
        usage: "options",
        examples: &[("The flags of every verb", "options")],
        ..Help::PLAIN
    },
    run: |command| {
        command.output.line("Every verb takes these flags:");
        command.output.line("");
        flags(GLOBAL, &mut command.output.stdout);
        Ok(())
    },
};

/// What a verb says of itself.
#[derive(Debug)]
pub(in crate::kubectl) struct Help {
    /// Where it stands in the list of verbs.
    pub group: Group,
    /// What it does: the first sentence stands in the list of verbs.
    pub about: &'static str,
    /// How it is written, without `kubectl`.
    pub usage: &'static str,
    /// Commands without `kubectl`, each with what it does.
    pub examples: &'static [(&'static str, &'static str)],
    /// Its subcommands, each with what it does.
    pub subcommands: &'static [(&'static str, &'static str)],
    /// Subcommands of a real kubectl that are refused by name.
    pub elsewhere: &'static [&'static str],
}

impl Help {
    /// Nothing yet.
    pub(super) const PLAIN: Self = Self {
        group: Group::Other,
        about: "",
        usage: "",
        examples: &[],
        subcommands: &[],
        elsewhere: &[],
    };

    /// Whether it has a subcommand of this name.
    pub(in crate::kubectl) fn has_subcommand(&self, word: &str) -> bool {
        self.subcommands.iter().any(|(name, _)| *name == word)
    }
}

/// Where a verb stands in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::kubectl) enum Group {
    /// Basic Commands (Beginner).
    Beginner,
    /// Basic Commands (Intermediate).
    Intermediate,
    /// Deploy Commands.
    Deploy,
    /// Cluster Management Commands.
    Cluster,
    /// Troubleshooting and Debugging Commands.
    Troubleshooting,
    /// Advanced Commands.
    Advanced,
    /// Settings Commands.
    Settings,
    /// Other Commands.
    Other,
    /// Nowhere.
    Hidden,
}

const GROUPS: &[(Group, &str)] = &[
    (Group::Beginner, "Basic Commands (Beginner)"),
    (Group::Intermediate, "Basic Commands (Intermediate)"),
    (Group::Deploy, "Deploy Commands"),
    (Group::Cluster, "Cluster Management Commands"),
    (
        Group::Troubleshooting,
        "Troubleshooting and Debugging Commands",
    ),
    (Group::Advanced, "Advanced Commands"),
    (Group::Settings, "Settings Commands"),
    (Group::Other, "Other Commands"),
];

/// What the flags of a name do, and what they are if they are not given.
const FLAGS: &[(&str, &str, &str)] = &[
    ("image", "", "The image of the container."),
    (
        "pod-running-timeout",
        "1m0s",
        "How long the pod may take to run; here it is waited for.",
    ),
    (
        "address",
        "localhost",
        "The address to listen at: here it is always this computer.",
    ),
    ("port", "", "The port."),
    ("prefix", "", "Say of every line which container wrote it."),
    (
        "image-pull-policy",
        "",
        "When the image is pulled: Always, IfNotPresent or Never.",
    ),
    ("rm", "", "Delete the pod when it is left."),
    (
        "restart",
        "Always",
        "What becomes of a container that ends: Always, OnFailure or Never.",
    ),
    ("env", "[]", "A variable of the container: NAME=VALUE."),
    ("attach", "", "Talk to the container as soon as it runs."),
    (
        "detach-keys",
        "ctrl-p,ctrl-q",
        "The keys that leave the program without ending it.",
    ),
    (
        "command",
        "",
        "The words behind the name are the command, not its arguments.",
    ),
    ("www", "", "A folder to serve as well: there is none here."),
    ("disable-filter", "", "Serve every path, to everybody."),
    ("labels", "", "The pod's labels: a=b,c=d."),
    ("api-version", "", "The version of the kind."),
    ("all", "", "Take every object of the kinds that are named."),
    ("all-containers", "", "Take every container of the pod."),
    ("all-namespaces", "", "Look into every namespace."),
    (
        "cascade",
        "background",
        "What becomes of dependents: background, foreground or orphan.",
    ),
    (
        "chunk-size",
        "500",
        "How many objects one answer of the server holds.",
    ),
    (
        "container",
        "",
        "Which container; the first one if it is not said.",
    ),
    ("context", "", "The context to use."),
    (
        "dry-run",
        "none",
        "Only try it out: client asks nothing of the server, server has it checked and not stored.",
    ),
    (
        "field-manager",
        "",
        "The name under which fields are owned.",
    ),
    (
        "field-selector",
        "",
        "Take objects whose fields are so: status.phase=Running, metadata.name!=web-0.",
    ),
    (
        "filename",
        "[]",
        "Take the objects of this file, or of every manifest here (-f .).",
    ),
    ("follow", "", "Go on with every line that comes."),
    (
        "force",
        "",
        "Do not wait for the node to confirm: the object goes from the API at once.",
    ),
    (
        "grace-period",
        "-1",
        "Seconds that pods get to stop; -1 leaves it to the pod.",
    ),
    ("help", "", "Say what the verb does."),
    (
        "ignore-not-found",
        "",
        "An object that is not there is no error.",
    ),
    ("namespace", "", "The namespace to look into."),
    ("no-headers", "", "Print no header line."),
    ("output", "", "How to print the result."),
    ("overwrite", "", "Replace a value that is already set."),
    (
        "previous",
        "",
        "Take the container before its last restart.",
    ),
    ("quiet", "", "Print only what the command itself prints."),
    ("recursive", "", "Look into folders below, too."),
    ("request-timeout", "0", "How long one request may take."),
    (
        "save-config",
        "",
        "Keep the manifest in an annotation, as apply does.",
    ),
    (
        "selector",
        "",
        "Take objects whose labels are so: app=nginx, tier!=web, 'env in (a,b)'.",
    ),
    ("since", "0s", "Only lines of the last 5s, 2m or 3h."),
    ("stdin", "", "Pass on what is typed."),
    ("tail", "-1", "Only so many lines of the end; -1 is all."),
    (
        "timeout",
        "0s",
        "How long to wait before giving up; 0 waits for ever.",
    ),
    ("timestamps", "", "Put its time before each line."),
    ("tty", "", "Give the command a terminal."),
    ("v", "0", "How much the client says of its own work."),
    (
        "validate",
        "strict",
        "What to do about unknown fields: strict refuses, warn warns, ignore drops them.",
    ),
];

/// What `kubectl` alone prints.
pub(super) fn everything() -> Output {
    let mut out = Output::default();
    out.line("kubectl asks a Kubernetes cluster for things: here a simulated one, in this page.");
    out.stdout.push_str(&format!("\n{}", list()));
    out
}

/// The verbs by group.
fn list() -> String {
    let mut out = String::new();
    for (group, title) in GROUPS {
        let verbs = VERBS.iter().filter(|verb| verb.help.group == *group);
        let rows: Vec<(&str, &str)> = verbs
            .map(|verb| (verb.name, first_sentence(verb.help.about)))
            .collect();
        if !rows.is_empty() {
            out.push_str(&format!("{title}:\n{}\n", columns(&rows)));
        }
    }
    out.push_str("Usage:\n  kubectl [flags] [options]\n\n");
    out.push_str("More about a verb: kubectl VERB --help. Flags of every verb: kubectl options.\n");
    out
}

fn first_sentence(text: &str) -> &str {
    text.split(". ")
        .next()
        .unwrap_or(text)
        .trim_end_matches('.')
}

fn columns(rows: &[(&str, &str)]) -> String {
    /// The longest name of a verb of kubectl, and a blank.
    const WIDTH: usize = 15;
    let row = |(name, text): &(&str, &str)| format!("  {name:<WIDTH$} {text}\n");
    rows.iter().map(row).collect()
}

/// What `--help` prints of a verb.
pub(super) fn of(verb: &Verb) -> Output {
    let help = &verb.help;
    let mut out = Output::default();
    let text = &mut out.stdout;
    text.push_str(&format!("{}\n\nExamples:\n", help.about));
    let examples = help.examples.iter();
    let examples: Vec<String> = examples
        .map(|(what, line)| format!("  # {what}\n  kubectl {line}\n"))
        .collect();
    text.push_str(&examples.join("\n"));
    if !help.subcommands.is_empty() {
        text.push_str(&format!(
            "\nAvailable Commands:\n{}",
            columns(help.subcommands)
        ));
    }
    if verb.flags.iter().any(Flag::is_told) {
        text.push_str("\nOptions:\n");
        flags(verb.flags, text);
    }
    text.push_str(&format!("\nUsage:\n  kubectl {}\n", help.usage));
    text.push_str("\nFlags of every verb: kubectl options.\n");
    out
}

/// The flags that are heeded, by name.
fn flags(flags: &[Flag], out: &mut String) {
    let mut known: Vec<&Flag> = flags.iter().filter(|it| it.is_told()).collect();
    crate::cluster::sorted::sort_by_key(&mut known, |it| it.name);
    let shown: Vec<String> = known.into_iter().map(shown).collect();
    out.push_str(&shown.join("\n"));
}

fn shown(flag: &Flag) -> String {
    let (default, text) = said(flag);
    let default = match flag.takes {
        Takes::Truth if default.is_empty() => "false".to_owned(),
        Takes::Number if default.is_empty() => "0".to_owned(),
        Takes::Value | Takes::Optional(_) if !matches!(default, "[]" | "0" | "500") => {
            format!("'{default}'")
        }
        _ => default.to_owned(),
    };
    let short = match flag.short {
        Some(letter) => format!("-{letter}, "),
        None => String::new(),
    };
    format!("    {short}--{}={default}:\n        {text}\n", flag.name)
}

/// A flag's default and what it does.
fn said(flag: &Flag) -> (&'static str, &'static str) {
    let common = FLAGS.iter().find(|(name, ..)| *name == flag.name);
    let (default, text) = common.map_or(("", ""), |(_, default, text)| (*default, *text));
    let or = |own: &'static str, common| if own.is_empty() { common } else { own };
    (or(flag.default, default), or(flag.help, text))
}

/// What kubectl answers if a verb that needs a subcommand is given none, or one that it does not have
/// (`DefaultSubCommandRun`).
pub(super) fn no_subcommand(command: &mut Command<'_>, verb: &Verb) -> Result<(), Fault> {
    let Some(word) = command.args.words.first() else {
        command.output.stderr.push_str(&of(verb).stdout);
        command.output.exit = 1;
        return Ok(());
    };
    if verb.help.elsewhere.contains(&&**word) {
        return Err(super::elsewhere(&format!("{} {word}", verb.name)));
    }
    let words = command.args.words.join(" ");
    Err(usage(verb.name, &format!("unknown command {words:?}")))
}

/// A refusal that points to a verb's help (`UsageErrorf`).
pub(super) fn usage(path: &str, text: &str) -> Fault {
    Fault::client(format!(
        "{text}\nSee 'kubectl {path} -h' for help and examples"
    ))
}

#[cfg(test)]
mod tests {
    use super::super::kit::Kit;
    use super::*;

    #[test]
    fn every_verb_and_flag_says_what_it_does() {
        for verb in VERBS {
            let (name, help) = (verb.name, &verb.help);
            assert!(help.about.ends_with('.'), "{name} says what it does");
            let first = help.usage.split(' ').next();
            assert_eq!(first, Some(name), "{name} says how it is written");
            assert!(
                (1..=4).contains(&help.examples.len()),
                "{name} has examples"
            );
            let subcommands = help.subcommands.iter();
            for (what, text) in help.examples.iter().chain(subcommands) {
                assert!(!what.is_empty() && !text.is_empty(), "{name}");
            }
            for flag in verb.flags.iter().filter(|it| it.is_told()) {
                assert!(
                    !said(flag).1.is_empty(),
                    "{name} --{} says what it does",
                    flag.name
                );
            }
            for (at, flag) in verb.flags.iter().enumerate() {
                let rest = verb.flags.iter().skip(at + 1);
                let twin = rest.chain(GLOBAL).find(|it| {
                    it.name == flag.name || (flag.short.is_some() && it.short == flag.short)
                });
                assert!(twin.is_none(), "{name}: {} is there once", flag.name);
            }
        }
        assert!(GLOBAL.iter().all(|it| it.refused || !said(it).1.is_empty()));
        assert!(
            VERBS.is_sorted_by_key(|it| it.name),
            "the list is alphabetical"
        );
        for (name, ..) in FLAGS {
            let mut flags = VERBS.iter().flat_map(|it| it.flags).chain(GLOBAL);
            assert!(flags.any(|it| it.name == *name), "--{name} is a flag");
        }
    }

    #[test]
    fn every_example_works() {
        let web = Kit::with_web();
        for verb in VERBS {
            for (what, line) in verb.help.examples {
                let mut kit = web.clone();
                // A revision to go back to, a taint to take away, a manifest that is not applied yet.
                kit.says("kubectl set image sts/web nginx=nginx:1.28");
                kit.says("kubectl rollout status sts/web");
                kit.cluster.run_for(60_000);
                kit.says("kubectl taint nodes node-b for=databases:PreferNoSchedule");
                match line.split(' ').next() {
                    Some("create") => {
                        kit.says("kubectl delete sts web --wait=false");
                        kit.says("kubectl delete svc nginx --wait=false");
                    }
                    Some("taint") if line.ends_with('-') => {
                        kit.says("kubectl taint nodes node-b for:NoSchedule");
                    }
                    Some("label" | "annotate") => {
                        kit.says("kubectl label pod web-0 role=first");
                    }
                    _ => {}
                }
                let output = kit.run(&format!("kubectl {line}")).output;
                let lacks = verb.name == "top";
                assert!(
                    lacks != (output.exit == 0),
                    "{what}: kubectl {line}: {}",
                    output.stderr
                );
            }
        }
    }

    #[test]
    fn a_verb_is_told_as_kubectl_tells_it() {
        let mut kit = Kit::new();
        let told = "Say how many pods a set shall have.\n\nExamples:\n  # Five pods\n  kubectl scale sts/web --replicas=5\n\n  \
                    # Only if there are three now\n  kubectl scale sts/web --current-replicas=3 --replicas=2\n\nOptions:\n    \
                    --all=false:\n        Take every object of the kinds that are named.\n\n    --current-replicas=-1:\n        \
                    Only if so many are asked for now; -1 does not look.\n\n    --dry-run='none':\n        Only try it out: \
                    client asks nothing of the server, server has it checked and not stored.\n\n    -f, --filename=[]:\n        \
                    Take the objects of this file, or of every manifest here (-f .).\n\n    -o, --output='':\n        How to \
                    print the result.\n\n    -R, --recursive=false:\n        Look into folders below, too.\n\n    \
                    --replicas=0:\n        How many pods there shall be.\n\n    -l, --selector='':\n        Take objects whose \
                    labels are so: app=nginx, tier!=web, 'env in (a,b)'.\n\nUsage:\n  kubectl scale \
                    [--current-replicas=COUNT] --replicas=COUNT (-f FILE | KIND NAME) [options]\n\nFlags of every verb: \
                    kubectl options.\n";
        for line in [
            "help scale",
            "scale --help",
            "scale -h",
            "-n x scale sts/web -h",
        ] {
            assert_eq!(kit.says(&format!("kubectl {line}")), told, "{line}");
        }
        assert!(
            kit.says("kubectl rollout undo -h").contains(
                "\nAvailable Commands:\n  history         The revisions, or one of them\n"
            )
        );
    }

    #[test]
    fn the_list_has_every_verb_once() {
        let mut kit = Kit::new();
        let all = kit.says("kubectl");
        assert!(all.contains(
            "\n\nDeploy Commands:\n  rollout         Follow and steer how a new template reaches the pods\n  scale           \
             Say how many pods a set shall have\n\nCluster Management Commands:\n"
        ), "{all}");
        for verb in VERBS {
            let rows = all.matches(&format!("\n  {} ", verb.name)).count();
            let shown = usize::from(verb.help.group != Group::Hidden);
            assert_eq!(rows, shown, "{}", verb.name);
        }
        for line in ["--help", "-h", "help", "--help -n x"] {
            assert_eq!(kit.says(&format!("kubectl {line}")), all, "{line}");
        }
        let unknown = kit.says("kubectl help frob");
        assert!(
            unknown.starts_with("Unknown help topic [`frob`]\nBasic Commands"),
            "{unknown}"
        );
        assert_eq!(
            kit.says("kubectl --frob"),
            "error: unknown flag: --frob\nSee 'kubectl --help' for usage.\n[exit 1]\n"
        );
        assert!(
            kit.says("kubectl options")
                .contains("    -n, --namespace='':\n        The namespace to look into.\n")
        );
    }

    #[test]
    fn a_verb_without_its_subcommand_tells_of_itself() {
        let mut kit = Kit::new();
        for verb in ["set", "rollout", "config", "auth", "top"] {
            let told = kit.says(&format!("kubectl {verb} -h"));
            let line = format!("kubectl {verb}");
            assert_eq!(kit.says(&line), format!("{told}[exit 1]\n"));
            assert_eq!(
                kit.says(&format!("{line} frob web")),
                format!(
                    "error: unknown command \"frob web\"\nSee 'kubectl {verb} -h' for help and examples\n[exit 1]\n"
                )
            );
        }
        let told = kit.says("kubectl create -h");
        let missing = "Error: must specify one of -f and -k\n\n";
        assert_eq!(
            kit.says("kubectl create"),
            format!("{missing}{told}[exit 1]\n")
        );
    }

    #[test]
    fn what_a_real_kubectl_has_is_refused_by_name() {
        let mut kit = Kit::with_web();
        let tail = "is not simulated here; a real kubectl would do it.\n[exit 1]\n";
        for (line, what) in [
            ("set subject sts/web", "set subject"),
            ("create job x", "create job"),
            ("delete pod web-0 -i", "delete --interactive"),
            ("get pods -o kyaml", "get -o kyaml"),
            (
                "scale sts web --replicas=1 -o go-template={{.}}",
                "scale -o go-template",
            ),
            ("get pods --as=nobody", "get --as"),
        ] {
            let said = kit.says(&format!("kubectl {line}"));
            let said = said.trim_start_matches("Error: must specify one of -f and -k\n\n");
            assert_eq!(said, format!("error: kubectl {what} {tail}"), "{line}");
        }
    }

    #[test]
    fn what_nobody_knows_is_answered_as_kubectl_answers() {
        let mut kit = Kit::with_web();
        for (line, said) in [
            (
                "get pod --replica",
                "error: unknown flag: --replica\nSee 'kubectl get --help' for usage.",
            ),
            (
                "rollout status sts/web --frob",
                "error: unknown flag: --frob\nSee 'kubectl rollout status --help' for usage.",
            ),
            (
                "scal",
                "error: unknown command \"scal\" for \"kubectl\"\n\nDid you mean this?\n\tscale",
            ),
            (
                "rm pod web-0",
                "error: unknown command \"rm\" for \"kubectl\"\n\nDid you mean this?\n\tdelete\n\trun",
            ),
            (
                "PS",
                "error: unknown command \"PS\" for \"kubectl\"\n\nDid you mean this?\n\tget\n\twait",
            ),
            (
                "get podz",
                "error: the server doesn't have a resource type \"podz\"",
            ),
            (
                "delete",
                "error: You must provide one or more resources by argument or filename.\n\
                 Example resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   \
                 '<resource> <name>'\n   '<resource>'",
            ),
            ("scale", "error: required flag(s) \"replicas\" not set"),
            (
                "label",
                "error: one or more resources must be specified as <resource> <name> or <resource>/<name>",
            ),
            (
                "label pod web-0",
                "error: at least one label update is required",
            ),
            (
                "label pods --all app=other",
                "'app' already has a value (nginx), and --overwrite is false\n\
                 'app' already has a value (nginx), and --overwrite is false\n\
                 'app' already has a value (nginx), and --overwrite is false",
            ),
            (
                "describe",
                "error: You must specify the type of resource to describe. Use \"kubectl api-resources\" for a complete list \
                 of supported resources.",
            ),
            ("rollout status", "error: required resource not specified"),
            (
                "rollout pause sts/web",
                "error: statefulsets.apps \"web\" pausing is not supported",
            ),
            (
                "rollout resume sts/web",
                "error: statefulsets.apps \"web\" resuming is not supported",
            ),
        ] {
            assert_eq!(
                kit.says(&format!("kubectl {line}")),
                format!("{said}\n[exit 1]\n"),
                "{line}"
            );
        }
    }
}
