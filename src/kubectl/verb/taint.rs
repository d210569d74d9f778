//! `kubectl taint`: what keeps pods away from nodes (reference 5.7, 8.7; `parseTaints`, `reorganizeTaints`).

use std::rc::Rc;

use super::help::{Group, Help, usage};
use super::{Command, Verb};
use crate::cluster::admission::text;
use crate::cluster::error::ApiError;
use crate::cluster::object::node::Taint;
use crate::cluster::object::{Kind, Node, Object};
use crate::cluster::record::Part;
use crate::kubectl::args::{optional, truth, value};
use crate::kubectl::fault::Fault;
use crate::kubectl::target::{self, Resource};

pub(super) const VERB: Verb = Verb {
    name: "taint",
    flags: &[
        value("selector", 'l'),
        truth("all", ' ').says("Take every node."),
        truth("overwrite", ' '),
        value("output", 'o'),
        value("field-manager", ' '),
        optional("dry-run", "unchanged"),
        optional("validate", "strict"),
    ],
    help: Help {
        group: Group::Cluster,
        about: "Keep pods away from nodes unless they tolerate it. The effect is NoSchedule, PreferNoSchedule, or \
                NoExecute, which evicts those that run there too.",
        usage: "taint nodes NAME ... KEY[=VALUE]:EFFECT ... KEY[:EFFECT]- ... [options]",
        examples: &[
            (
                "Keep node-b for databases",
                "taint nodes node-b for=databases:NoSchedule",
            ),
            (
                "Take the taint away again",
                "taint nodes node-b for:NoSchedule-",
            ),
            (
                "Say that a node is off for good, so that its pods and volumes are let go",
                "taint nodes node-b node.kubernetes.io/out-of-service=nodeshutdown:NoExecute",
            ),
        ],
        ..Help::PLAIN
    },
    run,
};

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    let is_change = |word: &&String| word.contains(['=', ':']) || word.ends_with('-');
    let words = command.args.words.clone();
    let (kind, names): (Vec<&String>, Vec<&String>) = (
        words.iter().take(1).collect(),
        words
            .iter()
            .skip(1)
            .take_while(|it| !is_change(it))
            .collect(),
    );
    let changes: Vec<&String> = words.iter().skip_while(|it| !is_change(it)).collect();
    if let Some(late) = changes.iter().find(|it| !is_change(it)) {
        return Err(Fault::client(format!(
            "all resources must be specified before taint changes: {late}"
        )));
    }
    let Some(kind) = kind.first().filter(|it| !is_change(it)) else {
        return Err(Fault::client(
            "one or more resources must be specified as <resource> <name>",
        ));
    };
    if changes.is_empty() {
        return Err(Fault::client("at least one taint update is required"));
    }
    let changes = Changes::read(&changes).map_err(|why| usage(VERB.name, &why))?;
    if target::resource(kind)? != Resource::Known(Kind::Node) {
        return Err(Fault::client(format!(
            "invalid resource type {}, only node types are supported",
            kind.to_lowercase()
        )));
    }
    changes.check()?;
    let (all, selects) = (
        command.args.is_on("all"),
        command.args.get("selector").is_some(),
    );
    if all && selects {
        return Err(Fault::client(
            "setting 'all' parameter with a non empty selector is prohibited",
        ));
    }
    let nodes: Vec<String> = if all || selects {
        let scope = command.scope()?;
        scope.check(Kind::Node)?;
        let keys = scope.select(Kind::Node, command.cluster);
        keys.iter().map(|it| it.name.to_string()).collect()
    } else {
        names.into_iter().cloned().collect()
    };
    if nodes.is_empty() && !all && !selects {
        return Err(Fault::client(
            "at least one resource name must be specified since 'all' parameter is not set",
        ));
    }
    let results = nodes.iter().map(|name| one(command, name, &changes));
    let faults: Vec<Fault> = results.filter_map(Result::err).collect();
    command.fail_all(&faults);
    Ok(())
}

fn one(command: &mut Command<'_>, name: &str, changes: &Changes) -> Result<(), Fault> {
    let overwrite = command.args.is_on("overwrite");
    let Some(node) = command.cluster.api.store.find::<Node>("", name) else {
        return Err(ApiError::not_found(Kind::Node, name).into());
    };
    let (word, taints) = changes.apply(name, &node.spec.taints, overwrite)?;
    let mut object = Rc::new(Object::Node(node.clone()));
    if command.sends() {
        let changed = command.request(|api| {
            api.modify::<Node>("", name, Part::Main, |node| {
                Rc::make_mut(&mut node.spec).taints = taints;
            })
        })?;
        object = changed.unwrap_or(object);
    }
    command.done(&object, word);
    Ok(())
}

/// What shall become of the taints of a node.
#[derive(Debug, Default)]
struct Changes {
    add: Vec<Taint>,
    /// Those without an effect are of every effect.
    remove: Vec<Taint>,
}

impl Changes {
    fn read(words: &[&String]) -> Result<Self, String> {
        let mut changes = Self::default();
        for word in words {
            if let Some(word) = word.strip_suffix('-') {
                let taint = read(word)?;
                changes.remove.push(Taint {
                    value: "".into(),
                    ..taint
                });
                continue;
            }
            let taint = read(word)?;
            if taint.effect.is_empty() {
                return Err(format!("invalid taint spec: {word}"));
            }
            if changes.add.iter().any(|it| is_same(it, &taint)) {
                let Taint {
                    key, value, effect, ..
                } = &taint;
                return Err(format!(
                    "duplicated taints with the same key and effect: {{{key} {value} {effect} <nil>}}"
                ));
            }
            changes.add.push(taint);
        }
        Ok(changes)
    }

    /// Nothing may be put there and taken away at once.
    fn check(&self) -> Result<(), Fault> {
        let clash = |add: &Taint, remove: &Taint| {
            add.key == remove.key && (remove.effect.is_empty() || add.effect == remove.effect)
        };
        let both: Vec<String> = self
            .add
            .iter()
            .flat_map(|add| self.remove.iter().filter(move |remove| clash(add, remove)))
            .map(|it| format!("{{\"{}\":\"{}\"}}", it.key, it.effect))
            .collect();
        match both.is_empty() {
            true => Ok(()),
            false => Err(Fault::client(format!(
                "can not both modify and remove the following taint(s) in the same command: {}",
                both.join(", ")
            ))),
        }
    }

    /// The taints of a node after the changes, and the word for what was done.
    fn apply(
        &self,
        node: &str,
        old: &[Taint],
        overwrite: bool,
    ) -> Result<(&'static str, Vec<Taint>), Fault> {
        let taken = self
            .add
            .iter()
            .filter(|it| old.iter().any(|old| is_same(old, it)));
        let taken: Vec<&str> = taken.map(|it| &*it.key).collect();
        if !overwrite && !taken.is_empty() {
            return Err(Fault::client(format!(
                "node {node} already has {} taint(s) with same effect(s) and --overwrite is false",
                taken.join(",")
            )));
        }
        let kept = old
            .iter()
            .filter(|old| !self.add.iter().any(|it| is_same(old, it)));
        let mut taints: Vec<Taint> = self.add.iter().chain(kept).cloned().collect();
        let added = taints.len() != old.len();
        let mut missing = Vec::new();
        let mut deleted = false;
        for gone in &self.remove {
            let before = taints.len();
            taints.retain(|it| {
                it.key != gone.key || !(gone.effect.is_empty() || it.effect == gone.effect)
            });
            deleted = taints.len() != before;
            if !deleted {
                missing.push(format!("taint {:?} not found", shown(gone)));
            }
        }
        match &*missing {
            [] => {}
            [one] => return Err(Fault::client(one.clone())),
            many => return Err(Fault::Plain(many.join("\n"))),
        }
        let word = match () {
            () if (added && deleted) || overwrite => "modified",
            () if added => "tainted",
            () => "untainted",
        };
        Ok((word, taints))
    }
}

fn is_same(a: &Taint, b: &Taint) -> bool {
    a.key == b.key && a.effect == b.effect
}

fn shown(taint: &Taint) -> String {
    match taint.effect.is_empty() {
        true => taint.key.to_string(),
        false => format!("{}:{}", taint.key, taint.effect),
    }
}

/// Reads `key`, `key:effect` or `key=value:effect`.
fn read(word: &str) -> Result<Taint, String> {
    let invalid = |faults: Vec<String>| match faults.is_empty() {
        true => Ok(()),
        false => Err(format!("invalid taint spec: {word}, {}", faults.join("; "))),
    };
    let parts: Vec<&str> = word.split(':').collect();
    let (key, value, effect) = match &*parts {
        [key] => (*key, "", ""),
        [pair, effect] => {
            if !matches!(*effect, "NoSchedule" | "PreferNoSchedule" | "NoExecute") {
                return Err(format!(
                    "invalid taint effect: {effect}, unsupported taint effect"
                ));
            }
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            if value.contains('=') {
                return Err(format!("invalid taint spec: {word}"));
            }
            invalid(text::label_value(value))?;
            (key, value, *effect)
        }
        _ => return Err(format!("invalid taint spec: {word}")),
    };
    invalid(text::qualified(key))?;
    Ok(Taint {
        key: key.into(),
        value: value.into(),
        effect: effect.into(),
        ..Taint::default()
    })
}

#[cfg(test)]
mod tests {
    use super::super::kit::Kit;
    use super::*;

    fn taints(kit: &Kit) -> Vec<String> {
        let node = kit.cluster.api.store.find::<Node>("", "node-b").unwrap();
        let shown = |it: &Taint| format!("{}={}:{}", it.key, it.value, it.effect);
        node.spec.taints.iter().map(shown).collect()
    }

    #[test]
    fn taints_are_put_on_changed_and_taken_off() {
        let mut kit = Kit::new();
        for (line, said, then) in [
            (
                "nodes node-b a=1:NoSchedule",
                "node/node-b tainted\n",
                &["a=1:NoSchedule"][..],
            ),
            (
                "no node-b a=2:NoSchedule",
                "error: node node-b already has a taint(s) with same effect(s) and --overwrite is false\n[exit 1]\n",
                &["a=1:NoSchedule"],
            ),
            (
                "node node-b a=2:NoSchedule --overwrite",
                "node/node-b modified\n",
                &["a=2:NoSchedule"],
            ),
            (
                "node node-b b:NoExecute a:PreferNoSchedule",
                "node/node-b tainted\n",
                &["b=:NoExecute", "a=:PreferNoSchedule", "a=2:NoSchedule"],
            ),
            (
                "node node-b a-",
                "node/node-b untainted\n",
                &["b=:NoExecute"],
            ),
            (
                "node node-b b:NoSchedule-",
                "error: taint \"b:NoSchedule\" not found\n[exit 1]\n",
                &["b=:NoExecute"],
            ),
            (
                "node node-b c:NoSchedule --dry-run=client",
                "node/node-b tainted (dry run)\n",
                &["b=:NoExecute"],
            ),
            ("node node-b b:NoExecute-", "node/node-b untainted\n", &[]),
        ] {
            assert_eq!(kit.says(&format!("kubectl taint {line}")), said, "{line}");
            assert_eq!(taints(&kit), then, "{line}");
        }
        let all = kit.says("kubectl taint nodes --all x=y:NoSchedule");
        assert_eq!(all.lines().count(), 3, "{all}");
        assert_eq!(
            kit.says("kubectl taint node -l kubernetes.io/hostname=node-b x-"),
            "node/node-b untainted\n"
        );
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let see = "See 'kubectl taint -h' for help and examples";
        for (line, said) in [
            ("", "one or more resources must be specified as <resource> <name>".to_owned()),
            ("node node-b", "at least one taint update is required".to_owned()),
            (
                "node a:NoSchedule",
                "at least one resource name must be specified since 'all' parameter is not set".to_owned(),
            ),
            (
                "node a:NoSchedule node-b",
                "all resources must be specified before taint changes: node-b".to_owned(),
            ),
            ("node node-b a=1", format!("invalid taint spec: a=1, {}\n{see}", text::qualified("a=1")[0])),
            ("node node-b a=1:Never", format!("invalid taint effect: Never, unsupported taint effect\n{see}")),
            (
                "node node-b a=1:NoExecute a=2:NoExecute",
                format!("duplicated taints with the same key and effect: {{a 2 NoExecute <nil>}}\n{see}"),
            ),
            (
                "node node-b a=1:NoExecute a-",
                "can not both modify and remove the following taint(s) in the same command: {\"a\":\"\"}".to_owned(),
            ),
            ("pods web-0 a:NoExecute", "invalid resource type pods, only node types are supported".to_owned()),
            ("nope x a:NoExecute", "the server doesn't have a resource type \"nope\"".to_owned()),
        ] {
            let expected = format!("error: {said}\n[exit 1]\n");
            assert_eq!(Kit::new().says(&format!("kubectl taint {line}")), expected, "{line}");
        }
        assert_eq!(
            Kit::new().says("kubectl taint node nope a:NoExecute"),
            "Error from server (NotFound): nodes \"nope\" not found\n[exit 1]\n"
        );
    }

    #[test]
    fn a_taint_keeps_pods_away() {
        let mut kit = Kit::new();
        kit.says("kubectl taint nodes node-a node-b node-c down:NoSchedule");
        kit.says("kubectl apply -f web.yaml");
        kit.cluster.run_for(20_000);
        let said = kit.says("kubectl get pods --no-headers");
        assert!(said.starts_with("web-0   0/1   Pending"), "{said}");
        kit.says("kubectl taint nodes node-a down-");
        kit.cluster.run_for(60_000);
        let said = kit.says("kubectl get pods --no-headers -o wide");
        assert_eq!(said.matches("node-a").count(), 3, "{said}");
    }
}
