//! The judge is judged: a recording in which one value is wrong must not be reproduced.

use serde_json::{Value, json};

use super::file::Recording;
use super::{files, play};

/// Recordings that each kind of change is tried on.
const TRIED: usize = 6;

/// Changes one value of a step; whether it found one to change.
type Change = fn(&mut Value) -> bool;

const CHANGES: &[(&str, Change)] = &[
    ("a phase", a_phase),
    ("an owner", an_owner),
    ("an author", an_author),
    ("an order", an_order),
    ("an event's message", a_message),
    ("a count", a_count),
    ("a missing object", a_missing_object),
    ("an extra object", an_extra_object),
    ("an exit code", an_exit_code),
    ("a missing write", a_missing_write),
    ("a letter of an output", a_letter),
    ("a letter of an error", a_letter_of_an_error),
    ("a line in the background", a_background_line),
];

/// The objects that a step lists.
fn objects(step: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    let state = step["state"].as_object_mut();
    state.into_iter().flatten().filter(|(_, it)| it.is_object())
}

fn a_phase(step: &mut Value) -> bool {
    let mut phases = objects(step).filter_map(|(_, it)| it.get_mut("phase"));
    phases.next().map(|it| *it = json!("Lost")).is_some()
}

fn an_owner(step: &mut Value) -> bool {
    let mut owners = objects(step).filter_map(|(_, it)| it.get_mut("owners")?.get_mut(0));
    owners
        .next()
        .map(|it| *it = json!("StatefulSet/other"))
        .is_some()
}

fn an_author(step: &mut Value) -> bool {
    let writes = step["writes"].as_array_mut().into_iter().flatten();
    let mut pods = writes.filter(|it| it["by"] == "statefulset-controller");
    pods.next().map(|it| it["by"] = json!("user")).is_some()
}

fn an_order(step: &mut Value) -> bool {
    let Some(order) = step["order"].as_array_mut() else {
        return false;
    };
    let differs = order.len() > 1 && order[0] != order[1];
    if differs {
        order.swap(0, 1);
    }
    differs
}

fn a_message(step: &mut Value) -> bool {
    let mut events = step["events"].as_array_mut().into_iter().flatten();
    let first = events.next();
    first
        .map(|it| it["message"] = json!("it was otherwise"))
        .is_some()
}

fn a_count(step: &mut Value) -> bool {
    let events = step["events"].as_array_mut().into_iter().flatten();
    let mut counted = events.filter_map(|it| it.get_mut("count"));
    counted.next().map(|it| *it = json!(99)).is_some()
}

fn a_missing_object(step: &mut Value) -> bool {
    let name = objects(step)
        .map(|(key, _)| key.clone())
        .find(|it| it.starts_with("pod/"));
    name.is_some_and(|name| {
        step["state"]
            .as_object_mut()
            .is_some_and(|it| it.remove(&name).is_some())
    })
}

fn an_extra_object(step: &mut Value) -> bool {
    let state = step["state"].as_object_mut();
    state
        .map(|it| it.insert("pod/ghost-0".to_owned(), json!({"phase": "Running"})))
        .is_some()
}

fn an_exit_code(step: &mut Value) -> bool {
    let exit = step.get_mut("exit").filter(|it| it.is_i64());
    exit.map(|it| *it = json!(99)).is_some()
}

fn a_missing_write(step: &mut Value) -> bool {
    let Some(writes) = step["writes"].as_array_mut() else {
        return false;
    };
    let at = writes
        .iter()
        .position(|it| it["write"] == "Created" && it["by"] == "statefulset-controller");
    at.map(|at| writes.remove(at)).is_some()
}

/// One letter in the middle is another.
fn mistype(text: &mut Value) -> bool {
    let Some(old) = text.as_str().filter(|it| it.len() > 20) else {
        return false;
    };
    let at = (old.len() / 2..old.len()).find(|at| old.as_bytes()[*at].is_ascii_alphabetic());
    let Some(at) = at else { return false };
    let mut bytes = old.as_bytes().to_vec();
    bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
    *text = json!(String::from_utf8_lossy(&bytes));
    true
}

fn a_letter(step: &mut Value) -> bool {
    step.get_mut("stdout").is_some_and(mistype)
}

fn a_letter_of_an_error(step: &mut Value) -> bool {
    step.get_mut("stderr").is_some_and(mistype)
}

fn a_background_line(step: &mut Value) -> bool {
    let lines = step["background"].as_object_mut().into_iter().flatten();
    let mut lines = lines.filter_map(|(_, it)| it.get_mut(0));
    lines.next().is_some_and(mistype)
}

#[test]
fn one_wrong_value_of_any_kind_is_found() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
    let races = super::races::read(&folder);
    let mut tried = vec![0; CHANGES.len()];
    for path in files(&folder) {
        let text = std::fs::read_to_string(&path).expect("the recording is there");
        let recorded: Value = serde_json::from_str(&text).expect("it is JSON");
        for (index, (kind, change)) in CHANGES.iter().enumerate() {
            if tried[index] == TRIED {
                continue;
            }
            let mut copy = recorded.clone();
            let steps = copy["steps"].as_array_mut().into_iter().flatten();
            if !steps.into_iter().any(change) {
                continue;
            }
            tried[index] += 1;
            let copy = Recording::from_value(&copy).expect("it is still a recording");
            let verdict = play::play(&copy, races.as_deref());
            assert!(
                !verdict.differences.is_empty(),
                "{} with {kind} changed is reproduced all the same",
                path.display()
            );
        }
    }
    for ((kind, _), tried) in CHANGES.iter().zip(tried) {
        assert!(tried > 0, "no recording has {kind} to change");
    }
}
