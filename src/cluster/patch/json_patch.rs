//! JSON patch (RFC 6902).

use crate::cluster::value::{Text, Value};

/// Why a JSON patch cannot be applied. The server says no more than that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonPatchError {
    /// A path is missing, a test fails, or an operation is unknown.
    #[error("the server rejected our request due to an error in our request")]
    Rejected,
}

type Step<T> = Result<T, JsonPatchError>;
const REJECTED: JsonPatchError = JsonPatchError::Rejected;

/// Applies a list of operations.
pub fn json_patch(live: &mut Value, operations: &Value) -> Step<()> {
    for operation in operations.as_list().ok_or(REJECTED)? {
        let path = operation.str_at(&["path"]).ok_or(REJECTED)?;
        let value = || operation.get("value").cloned().ok_or(REJECTED);
        let from = || operation.str_at(&["from"]).ok_or(REJECTED);
        match operation.str_at(&["op"]).ok_or(REJECTED)? {
            "add" => add(live, path, value()?)?,
            "remove" => {
                remove(live, path)?;
            }
            "replace" => {
                *find(live, path)? = value()?;
            }
            "move" => {
                let moved = remove(live, from()?)?;
                add(live, path, moved)?;
            }
            "copy" => {
                let copied = find(live, from()?)?.clone();
                add(live, path, copied)?;
            }
            "test" if *find(live, path)? == value()? => {}
            _ => return Err(REJECTED),
        }
    }
    Ok(())
}

fn steps(path: &str) -> Step<Vec<Text>> {
    if path.is_empty() {
        return Ok(Vec::new());
    }
    let rest = path.strip_prefix('/').ok_or(REJECTED)?;
    Ok(rest
        .split('/')
        .map(|step| step.replace("~1", "/").replace("~0", "~").into())
        .collect())
}

fn walk<'a>(value: &'a mut Value, steps: &[Text]) -> Step<&'a mut Value> {
    steps.iter().try_fold(value, |value, step| match value {
        Value::Map(map) => map.get_mut(step).ok_or(REJECTED),
        Value::List(items) => items.get_mut(index(step)?).ok_or(REJECTED),
        _ => Err(REJECTED),
    })
}

fn index(step: &str) -> Step<usize> {
    step.parse().map_err(|_| REJECTED)
}

fn find<'a>(live: &'a mut Value, path: &str) -> Step<&'a mut Value> {
    walk(live, &steps(path)?)
}

fn add(live: &mut Value, path: &str, value: Value) -> Step<()> {
    let steps = steps(path)?;
    let Some((last, parents)) = steps.split_last() else {
        *live = value;
        return Ok(());
    };
    match walk(live, parents)? {
        Value::Map(map) => {
            map.insert(last.clone(), value);
        }
        Value::List(items) => {
            let at = if &**last == "-" {
                items.len()
            } else {
                index(last)?
            };
            if at > items.len() {
                return Err(REJECTED);
            }
            items.insert(at, value);
        }
        _ => return Err(REJECTED),
    }
    Ok(())
}

fn remove(live: &mut Value, path: &str) -> Step<Value> {
    let steps = steps(path)?;
    let (last, parents) = steps.split_last().ok_or(REJECTED)?;
    match walk(live, parents)? {
        Value::Map(map) => map.remove(last).ok_or(REJECTED),
        Value::List(items) => {
            let at = index(last)?;
            if at < items.len() {
                Ok(items.remove(at))
            } else {
                Err(REJECTED)
            }
        }
        _ => Err(REJECTED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(op: &str, path: &str, more: &[(&str, Value)]) -> Value {
        let mut value = Value::map([("op", op.into()), ("path", path.into())]);
        for (key, extra) in more {
            value.set(&[key], extra.clone());
        }
        value
    }

    #[test]
    fn operations_follow_rfc_6902() {
        let mut live = Value::map([
            ("a/b", Value::Int(1)),
            ("list", Value::List(vec![Value::Int(1), Value::Int(3)])),
            ("gone", Value::Int(0)),
        ]);
        let patch = Value::List(vec![
            operation("replace", "/a~1b", &[("value", Value::Int(9))]),
            operation("add", "/list/1", &[("value", Value::Int(2))]),
            operation("add", "/list/-", &[("value", Value::Int(4))]),
            operation("remove", "/gone", &[]),
            operation("copy", "/copied", &[("from", "/a~1b".into())]),
            operation("move", "/moved", &[("from", "/list/0".into())]),
            operation("test", "/moved", &[("value", Value::Int(1))]),
        ]);
        assert_eq!(json_patch(&mut live, &patch), Ok(()));
        assert_eq!(
            live.to_json(),
            r#"{"a/b":9,"copied":9,"list":[2,3,4],"moved":1}"#
        );
    }

    #[test]
    fn what_cannot_be_applied_is_rejected() {
        for bad in [
            operation("remove", "/none", &[]),
            operation("test", "/a", &[("value", Value::Int(2))]),
            operation("add", "/list/7", &[("value", Value::Int(2))]),
            operation("frob", "/a", &[]),
            operation("add", "a", &[("value", Value::Int(2))]),
        ] {
            let mut live = Value::map([("a", Value::Int(1)), ("list", Value::List(vec![]))]);
            assert_eq!(
                json_patch(&mut live, &Value::List(vec![bad])),
                Err(REJECTED)
            );
        }
    }
}
