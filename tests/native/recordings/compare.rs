//! What is compared, and how a difference is said.

use std::collections::BTreeMap;

use serde_json::Value;

/// Counts facts and collects differences.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// How many facts were compared.
    pub facts: usize,
    /// What differs.
    pub differences: Vec<String>,
}

impl Ledger {
    /// Notes one fact.
    pub(super) fn fact(&mut self, same: bool, difference: impl FnOnce() -> String) {
        self.facts += 1;
        if !same {
            self.differences.push(difference());
        }
    }
}

/// How many leaves a value has: each is a fact.
pub(super) fn leaves(value: &Value) -> usize {
    match value {
        Value::Object(map) => map.values().map(leaves).sum::<usize>().max(1),
        Value::Array(items) => items.iter().map(leaves).sum::<usize>().max(1),
        _ => 1,
    }
}

/// The first place where two values differ, in words.
pub(super) fn first_difference(path: &str, found: &Value, recorded: &Value) -> Option<String> {
    if found == recorded {
        return None;
    }
    let join = |key: &str| {
        if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}.{key}")
        }
    };
    match (found, recorded) {
        (Value::Object(a), Value::Object(b)) => {
            let keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
            keys.filter_map(|key| {
                first_difference(
                    &join(key),
                    found.get(key).unwrap_or(&Value::Null),
                    recorded.get(key).unwrap_or(&Value::Null),
                )
            })
            .next()
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => a
            .iter()
            .zip(b)
            .enumerate()
            .find_map(|(index, (a, b))| first_difference(&format!("{path}[{index}]"), a, b)),
        _ => {
            let place = if path.is_empty() {
                "it".to_owned()
            } else {
                path.to_owned()
            };
            Some(format!(
                "{place} is {}, recorded {}",
                show(found),
                show(recorded)
            ))
        }
    }
}

fn show(value: &Value) -> String {
    if value.is_null() {
        "absent".to_owned()
    } else {
        value.to_string()
    }
}

/// One write: what, by whom, to which part.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Write {
    /// `Created`, `Updated`, `Deleting` or `Removed`.
    pub verb: String,
    /// The object.
    pub object: String,
    /// The author.
    pub by: String,
    /// The part; empty for the object itself.
    pub part: String,
}

impl Write {
    /// Reads a recorded write.
    pub(super) fn read(value: &Value) -> Self {
        let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        Self {
            verb: text("write"),
            object: text("object"),
            by: text("by"),
            part: text("part"),
        }
    }

    fn is_update_by_controller(&self) -> bool {
        let controllers = ["-controller", "-binder", "-collector"];
        self.verb == "Updated" && controllers.iter().any(|end| self.by.ends_with(end))
    }
}

/// A run of equal writes.
type Run<'a> = (&'a Write, usize);

fn runs<'a>(writes: &[&'a Write]) -> Vec<Run<'a>> {
    let mut runs: Vec<Run<'a>> = Vec::new();
    for write in writes {
        match runs.last_mut() {
            Some((last, count)) if *last == *write => *count += 1,
            _ => runs.push((write, 1)),
        }
    }
    runs
}

fn by_author<'a>(writes: &'a [Write], object: &str) -> BTreeMap<&'a str, Vec<&'a Write>> {
    let mut out: BTreeMap<&str, Vec<&Write>> = BTreeMap::new();
    for write in writes.iter().filter(|write| write.object == object) {
        out.entry(&write.by).or_default().push(write);
    }
    out
}

/// Compares the writes of one object, author by author.
pub(super) fn writes_of(object: &str, found: &[Write], recorded: &[Write], ledger: &mut Ledger) {
    let (found, recorded) = (by_author(found, object), by_author(recorded, object));
    let authors = found.keys().chain(
        recorded
            .keys()
            .filter(|author| !found.contains_key(*author)),
    );
    for author in authors {
        let mine = found.get(author).cloned().unwrap_or_default();
        let theirs = recorded.get(author).cloned().unwrap_or_default();
        let (my_runs, their_runs) = (runs(&mine), runs(&theirs));
        let same = my_runs.len() == their_runs.len()
            && my_runs
                .iter()
                .zip(&their_runs)
                .all(|((a, mine), (b, theirs))| {
                    a == b
                        && (mine == theirs
                            || (a.is_update_by_controller() && mine.abs_diff(*theirs) <= 1))
                });
        ledger.facts += theirs.len().saturating_sub(1);
        ledger.fact(same, || {
            format!(
                "writes of {author} to {object} are {}, recorded {}",
                show_runs(&my_runs),
                show_runs(&their_runs)
            )
        });
    }
}

fn show_runs(runs: &[Run<'_>]) -> String {
    if runs.is_empty() {
        return "none".to_owned();
    }
    let texts = runs.iter().map(|(write, count)| {
        let part = if write.part.is_empty() {
            String::new()
        } else {
            format!(" {}", write.part)
        };
        let times = if *count > 1 {
            format!(" ×{count}")
        } else {
            String::new()
        };
        format!("{}{part}{times}", write.verb)
    });
    texts.collect::<Vec<_>>().join(", ")
}

/// Whether an event is as recorded; a recorded event without a count fits any.
pub(super) fn event_fits(found: &Value, recorded: &Value) -> bool {
    let same = ["type", "reason", "message", "object", "source"]
        .iter()
        .all(|key| found[*key] == recorded[*key]);
    same && (recorded["count"].is_null() || found["count"] == recorded["count"])
}

/// Compares events: every recorded one is there, and none beyond them and those that may be.
pub(super) fn events(found: &[Value], recorded: &[Value], maybe: &[Value], ledger: &mut Ledger) {
    let mut left: Vec<&Value> = found.iter().collect();
    for event in recorded {
        let at = left.iter().position(|it| event_fits(it, event));
        ledger.facts += leaves(event).saturating_sub(1);
        ledger.fact(at.is_some(), || {
            let near = left.iter().find(|it| it["message"] == event["message"]);
            match near {
                Some(near) => format!("the event is {near}, recorded {event}"),
                None => format!("the event {event} is missing"),
            }
        });
        if let Some(at) = at {
            left.remove(at);
        }
    }
    for event in left {
        let allowed = maybe.iter().any(|it| event_fits(event, it));
        ledger.fact(allowed, || format!("the event {event} is not recorded"));
    }
}
