//! `kubectl events`: events by the time at which they last came (reference 8.3).

use super::help::{Group, Help};
use super::{Command, Verb, elsewhere};
use crate::cluster::Cluster;
use crate::cluster::object::{Event, Object};
use crate::cluster::record::Verb as Did;
use crate::cluster::sorted;
use crate::cluster::time::Time;
use crate::cluster::value::{Map, Text, Value};
use crate::kubectl::args::{truth, value};
use crate::kubectl::fault::Fault;
use crate::kubectl::output::Output;
use crate::kubectl::print::{self, Table};
use crate::kubectl::target::{self, Resource};
use crate::kubectl::wait::Wait;

pub(super) const VERB: Verb = Verb {
    name: "events",
    flags: &[
        value("for", ' ').says("Only events about this object: KIND/NAME."),
        value("types", ' ')
            .or("[]")
            .says("Only events of these types: Normal, Warning."),
        value("output", 'o'),
        value("chunk-size", ' '),
        truth("all-namespaces", 'A'),
        truth("no-headers", ' '),
        truth("watch", 'w').says("Go on with every event that comes."),
    ],
    help: Help {
        group: Group::Troubleshooting,
        about: "List events, those that came last at the end.",
        usage: "events [--for KIND/NAME] [--types=Normal,Warning] [-w] [options]",
        examples: &[
            ("What the set did", "events --for sts/web"),
            ("What went wrong anywhere", "events -A --types=Warning"),
        ],
        ..Help::PLAIN
    },
    run,
};

fn run(command: &mut Command<'_>) -> Result<(), Fault> {
    let mut shown = Shown::read(command)?;
    let store = &command.cluster.api.store;
    let all = store.list::<Event>().filter(|it| shown.takes(it));
    let mut events: Vec<Event> = all.cloned().collect();
    let now = command.cluster.now();
    if command.args.is_on("watch") {
        // The watch begins with what is there, an event at a time.
        for event in &events {
            shown.print(&[event], now, &mut command.output);
        }
        shown.at = command.cluster.api.log.len();
        command.wait = Some(Wait::Events(Box::new(shown)));
        return Ok(());
    }
    if events.is_empty() {
        command.output.error_line(&match &shown.namespace {
            Some(namespace) => format!("No events found in {namespace} namespace."),
            None => "No events found.".to_owned(),
        });
        return Ok(());
    }
    sorted::sort_by_key(&mut events, Event::last_seen);
    let listed = |command: &Command<'_>| {
        let items = events.iter().map(|it| {
            let object = Object::Event(it.clone());
            print::shown(&object, command.cluster)
        });
        Value::map([
            ("apiVersion", "v1".into()),
            ("items", Value::List(items.collect())),
            ("kind", "EventList".into()),
            ("metadata", Value::Map(Map::new())),
        ])
    };
    match command.args.get("output").unwrap_or_default() {
        "" => {
            let events: Vec<&Event> = events.iter().collect();
            shown.print(&events, now, &mut command.output);
        }
        "yaml" => {
            let text = crate::manifest::write::yaml(&listed(command));
            command.output.stdout.push_str(&text);
        }
        "json" => {
            let text = print::pretty(&listed(command));
            command.output.line(&text);
        }
        other => return Err(elsewhere(&format!("events -o {other}"))),
    }
    Ok(())
}

/// Which events are shown and how; also the `kubectl events -w` under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    namespace: Option<Text>,
    /// The kind and name of what they must be about.
    about: Option<(Text, Text)>,
    types: Vec<String>,
    headers: bool,
    table: Table,
    at: usize,
}

impl Shown {
    fn read(command: &Command<'_>) -> Result<Self, Fault> {
        let args = &command.args;
        let about = args.get("for").map(about).transpose()?;
        let types = args.all("types").flat_map(|it| it.split(','));
        let types: Vec<String> = types.map(str::to_lowercase).collect();
        if !types.iter().all(|it| matches!(&**it, "normal" | "warning")) {
            return Err(Fault::client("valid --types are Normal or Warning"));
        }
        Ok(Self {
            namespace: command.scope()?.namespace,
            about,
            types,
            headers: !args.is_on("no-headers"),
            table: Table::default(),
            at: 0,
        })
    }

    fn takes(&self, event: &Event) -> bool {
        let here = self.namespace.as_ref();
        here.is_none_or(|it| *it == event.meta.namespace)
            && self.about.as_ref().is_none_or(|(kind, name)| {
                *kind == event.involved.kind && *name == event.involved.name
            })
            && (self.types.is_empty() || self.types.contains(&event.speaker.kind.to_lowercase()))
    }

    fn print(&mut self, events: &[&Event], now: Time, output: &mut Output) {
        let mut rows = Vec::new();
        if std::mem::take(&mut self.headers) {
            rows.push(self.row(
                "NAMESPACE",
                ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"],
            ));
        }
        for event in events {
            let about = format!("{}/{}", event.involved.kind, event.involved.name);
            rows.push(self.row(
                &event.meta.namespace,
                [
                    &*print::interval(event, now),
                    &event.speaker.kind,
                    &event.reason,
                    &about,
                    event.message.trim(),
                ],
            ));
        }
        self.table.print(&rows, &mut output.stdout);
    }

    /// Of every namespace each row begins with its own.
    fn row(&self, namespace: &str, cells: [&str; 5]) -> Vec<String> {
        let first = self.namespace.is_none().then_some(namespace);
        let cells = first.into_iter().chain(cells);
        cells.map(str::to_owned).collect()
    }

    /// Prints what came since it last looked.
    pub(in crate::kubectl) fn poll(&mut self, cluster: &Cluster, output: &mut Output) {
        while let Some(record) = cluster.api.log.get(self.at) {
            self.at += 1;
            let written = record.write().filter(|it| it.verb != Did::Removed);
            if let Some(Object::Event(event)) = written.map(|it| &*it.object)
                && self.takes(event)
            {
                self.print(&[event], record.time, output);
            }
        }
    }
}

/// Reads `KIND/NAME`.
fn about(text: &str) -> Result<(Text, Text), Fault> {
    let Some((kind, name)) = text.split_once('/') else {
        return Err(Fault::client("--for must be in resource/name form"));
    };
    if name.contains('/') {
        return Err(Fault::client(
            "arguments in resource/name form may not have more than one slash",
        ));
    }
    let kind = match target::resource(kind)? {
        Resource::Known(kind) => kind.name(),
        Resource::Foreign(foreign) => foreign.name,
    };
    Ok((kind.into(), name.into()))
}

#[cfg(test)]
mod tests {
    use super::super::kit::Kit;

    #[test]
    fn events_come_by_time() {
        let mut kit = Kit::with_web();
        kit.says("kubectl scale sts web --replicas=1");
        kit.cluster.run_for(120_000);
        let said = kit.says("kubectl events --for sts/web");
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(
            lines[0],
            "LAST SEEN   TYPE     REASON             OBJECT            MESSAGE"
        );
        assert_eq!(
            lines[1],
            "3m          Normal   SuccessfulCreate   StatefulSet/web   Create Claim www-web-0 Pod web-0 in StatefulSet web \
             success"
        );
        assert_eq!(
            lines.last(),
            Some(
                &"118s        Normal   SuccessfulDelete   StatefulSet/web   Delete Pod web-1 in StatefulSet web successful"
            )
        );
        assert_eq!(
            kit.says("kubectl events --for=pod/web-9"),
            "No events found in default namespace.\n"
        );
        let all = kit.says("kubectl events -A --no-headers --types=normal");
        assert!(all.starts_with("default   "), "{all}");
    }

    #[test]
    fn an_event_that_came_again_says_how_often() {
        let mut kit = Kit::with_web();
        kit.says("kubectl set image sts/web nginx=nope:1");
        kit.cluster.run_for(300_000);
        let said = kit.says("kubectl events --for pod/web-2 --types Warning");
        let again = said.lines().find(|it| it.contains("(x"));
        assert!(again.is_some_and(|it| it.contains(" over ")), "{said}");
    }

    #[test]
    fn what_it_cannot_read_it_refuses() {
        let mut kit = Kit::new();
        for (line, said) in [
            (
                "--for web",
                "error: --for must be in resource/name form\n[exit 1]\n",
            ),
            (
                "--for a/b/c",
                "error: arguments in resource/name form may not have more than one slash\n[exit 1]\n",
            ),
            (
                "--for nope/web",
                "error: the server doesn't have a resource type \"nope\"\n[exit 1]\n",
            ),
            (
                "--types Bad",
                "error: valid --types are Normal or Warning\n[exit 1]\n",
            ),
            (
                "-n kube-public",
                "No events found in kube-public namespace.\n",
            ),
        ] {
            assert_eq!(kit.says(&format!("kubectl events {line}")), said, "{line}");
        }
        assert_eq!(
            Kit::new().says("kubectl events -A --types=Warning"),
            "No events found.\n"
        );
    }

    #[test]
    fn a_watch_goes_on_with_what_comes() {
        let mut kit = Kit::with_web();
        let before = kit.says("kubectl events --for sts/web").lines().count();
        kit.says("kubectl delete pod web-2 --wait=false");
        let said = kit.waits("kubectl events --for sts/web -w", 20);
        assert!(said.ends_with("[waits]\n"), "{said}");
        assert!(said.starts_with("LAST SEEN   TYPE     REASON"), "{said}");
        let again = "Create Pod web-2 in StatefulSet web successful";
        assert_eq!(said.matches(again).count(), 2, "{said}");
        assert_eq!(said.lines().count(), before + 2, "{said}");
    }
}
