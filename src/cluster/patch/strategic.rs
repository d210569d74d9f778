//! Strategic merge patch (reference 8.10, "What the server does with a strategic patch").

use crate::cluster::patch::go_text;
use crate::cluster::schema::{self, Field, Shape, Type};
use crate::cluster::sorted;
use crate::cluster::value::{Map, Text, Value};

/// Why a strategic merge patch cannot be applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StrategicError {
    /// An element of a merged list lacks its key.
    #[error("map: {0} does not contain declared merge key: {1}")]
    NoKey(String, &'static str),
    /// An unknown `$patch` directive.
    #[error("unknown patch type: {0} in map: {1}")]
    Directive(String, String),
    /// `$patch: merge` in a list.
    #[error("merging lists cannot yet be specified in the patch")]
    MergeInList,
    /// The elements and their order do not fit together.
    #[error("The order in patch list:\n{0}\n doesn't match $setElementOrder list:\n{1}\n")]
    Order(String, String),
    /// A key is named that shall not be retained.
    #[error("invalid patch format of retainKeys")]
    RetainKeys,
}

type Merged<T> = Result<T, StrategicError>;

/// Merges a patch into the JSON of an object of a type.
pub fn strategic_merge(type_name: &str, live: &mut Value, patch: &Value) -> Merged<()> {
    let live_map = match live {
        Value::Map(map) => std::mem::take(map),
        _ => Map::new(),
    };
    let patch = patch.as_map().cloned().unwrap_or_default();
    *live = Value::Map(merge_map(live_map, patch, schema::find(type_name))?);
    Ok(())
}

fn merge_map(mut live: Map, mut patch: Map, described: Option<&'static Type>) -> Merged<Map> {
    match patch.remove("$patch") {
        None => {}
        Some(Value::Text(word)) if &*word == "replace" => {
            return Ok(strip(patch));
        }
        Some(Value::Text(word)) if &*word == "delete" => return Ok(Map::new()),
        Some(Value::Text(word)) if &*word == "merge" => {}
        Some(other) => {
            return Err(StrategicError::Directive(
                go_text(&other),
                go_text(&Value::Map(patch)),
            ));
        }
    }
    retain_keys(&mut live, &mut patch)?;
    let orders = take_prefixed(&mut patch, "$setElementOrder/");
    let deletions = take_prefixed(&mut patch, "$deleteFromPrimitiveList/");
    for (list, values) in &deletions {
        if let Some(Value::List(items)) = live.get_mut(list) {
            let gone = values.as_list().unwrap_or_default();
            items.retain(|item| !gone.contains(item));
        }
    }
    for (key, value) in patch {
        let field = described.and_then(|it| it.field(&key));
        let order = orders
            .iter()
            .find(|(list, _)| *list == key)
            .map(|(_, order)| order);
        merge_field(&mut live, key, value, field, order)?;
    }
    for (list, order) in &orders {
        // An order alone sorts the list as it is.
        let field = described.and_then(|it| it.field(list));
        if let (Some(Value::List(items)), Some(key)) =
            (live.get(list).cloned(), field.and_then(|it| it.merge.key))
        {
            let ordered = order_list(
                items.clone(),
                &items,
                order.as_list().unwrap_or_default(),
                key,
            );
            live.insert(list.clone(), Value::List(ordered));
        }
    }
    Ok(live)
}

fn merge_field(
    live: &mut Map,
    key: Text,
    value: Value,
    field: Option<&'static Field>,
    order: Option<&Value>,
) -> Merged<()> {
    if value == Value::Null {
        live.remove(&key);
        return Ok(());
    }
    let merged = match (live.remove(&key), value) {
        (Some(Value::Map(_)), Value::Map(patch)) if field.is_some_and(|it| it.merge.replace) => {
            Value::Map(strip(patch))
        }
        (Some(Value::Map(old)), Value::Map(patch)) => {
            let described = field.and_then(|it| match &it.shape {
                Shape::Struct(name) => schema::find(name),
                _ => None,
            });
            Value::Map(merge_map(old, patch, described)?)
        }
        (old, Value::List(patch)) => {
            let old = match old {
                Some(Value::List(items)) => Some(items),
                _ => None,
            };
            Value::List(merge_list(old, patch, field, order)?)
        }
        // Maps that are new may still carry directives.
        (_, Value::Map(patch)) => Value::Map(strip(patch)),
        (_, value) => value,
    };
    live.insert(key, merged);
    Ok(())
}

fn merge_list(
    old: Option<Vec<Value>>,
    patch: Vec<Value>,
    field: Option<&'static Field>,
    order: Option<&Value>,
) -> Merged<Vec<Value>> {
    let (Some(old), Some(key)) = (old, field.and_then(|it| it.merge.key)) else {
        return Ok(patch.into_iter().filter_map(strip_value).collect());
    };
    let directive = |element: &Value, word: &str| element.str_at(&["$patch"]) == Some(word);
    if patch.iter().any(|element| directive(element, "replace")) {
        let others = patch
            .into_iter()
            .filter(|element| !directive(element, "replace"));
        return Ok(others.filter_map(strip_value).collect());
    }
    let original = old.clone();
    if key == "." {
        let mut items = old;
        for value in &patch {
            if !items.contains(value) {
                items.push(value.clone());
            }
        }
        let named = order
            .and_then(Value::as_list)
            .map_or(patch, <[Value]>::to_vec);
        return Ok(order_list(items, &original, &named, key));
    }
    let described = field.and_then(|it| it.shape.element());
    let mut items = old;
    let mut named: Vec<Value> = Vec::new();
    for element in patch {
        let Value::Map(mut element) = element else {
            return Err(StrategicError::NoKey(go_text(&element), key));
        };
        match element.get("$patch").and_then(Value::as_str) {
            Some("merge") => return Err(StrategicError::MergeInList),
            Some("delete") => {
                let gone = element.get(key).cloned();
                items.retain(|item| item.get(key) != gone.as_ref());
                continue;
            }
            Some(other) => {
                let other = other.to_owned();
                return Err(StrategicError::Directive(
                    other,
                    go_text(&Value::Map(element)),
                ));
            }
            None => {}
        }
        let Some(identity) = element.get(key).cloned() else {
            return Err(StrategicError::NoKey(go_text(&Value::Map(element)), key));
        };
        match items
            .iter_mut()
            .find(|item| item.get(key) == Some(&identity))
        {
            Some(item) => {
                let old = std::mem::take(item).into_map();
                *item = Value::Map(merge_map(old, element, described)?);
            }
            None => {
                retain_keys(&mut Map::new(), &mut element)?;
                items.push(Value::Map(strip(element)));
            }
        }
        named.push(Value::map([(key, identity)]));
    }
    let named = match order.and_then(Value::as_list) {
        Some(order) if is_subsequence(&named, order, key) => order.to_vec(),
        Some(order) => {
            return Err(StrategicError::Order(
                go_text(&Value::List(named)),
                go_text(&Value::List(order.to_vec())),
            ));
        }
        None => named,
    };
    Ok(order_list(items, &original, &named, key))
}

fn identity<'a>(item: &'a Value, key: &str) -> Option<&'a Value> {
    if key == "." {
        Some(item)
    } else {
        item.get(key)
    }
}

fn is_subsequence(named: &[Value], order: &[Value], key: &str) -> bool {
    let mut rest = order.iter();
    named
        .iter()
        .all(|name| rest.any(|it| identity(it, key) == identity(name, key)))
}

/// `ORDER` of the reference: named elements in their order, the others where they stood before them.
fn order_list(items: Vec<Value>, original: &[Value], named: &[Value], key: &str) -> Vec<Value> {
    let position = |item: &Value| {
        original
            .iter()
            .position(|it| identity(it, key) == identity(item, key))
    };
    let rank = |item: &Value| {
        named
            .iter()
            .position(|it| identity(it, key) == identity(item, key))
    };
    let (mut specified, others): (Vec<Value>, Vec<Value>) =
        items.into_iter().partition(|item| rank(item).is_some());
    sorted::sort_by_key(&mut specified, |item| rank(item));
    let mut out = Vec::with_capacity(specified.len() + others.len());
    let mut specified = specified.into_iter().peekable();
    let mut others = others.into_iter().peekable();
    while let (Some(other), Some(named)) = (others.peek(), specified.peek()) {
        let before = match (position(other), position(named)) {
            (Some(other), Some(named)) => other < named,
            _ => false,
        };
        out.extend(if before {
            others.next()
        } else {
            specified.next()
        });
    }
    out.extend(others);
    out.extend(specified);
    out
}

fn retain_keys(live: &mut Map, patch: &mut Map) -> Merged<()> {
    let Some(kept) = patch.remove("$retainKeys") else {
        return Ok(());
    };
    let kept = kept.as_list().unwrap_or_default();
    let keeps = |key: &Text| kept.iter().any(|it| it.as_str() == Some(key));
    if patch
        .iter()
        .any(|(key, value)| *value != Value::Null && !key.starts_with('$') && !keeps(key))
    {
        return Err(StrategicError::RetainKeys);
    }
    live.retain(|key, _| keeps(key));
    Ok(())
}

fn take_prefixed(patch: &mut Map, prefix: &str) -> Vec<(Text, Value)> {
    let keys: Vec<Text> = patch
        .keys()
        .filter(|key| key.starts_with(prefix))
        .cloned()
        .collect();
    let taken = keys.into_iter().filter_map(|key| {
        let value = patch.remove(&key)?;
        Some((
            Text::from(key.get(prefix.len()..).unwrap_or_default()),
            value,
        ))
    });
    taken.collect()
}

/// What of a new map stays: directives, and nulls, which delete what is not there, are left out.
fn strip(map: Map) -> Map {
    let kept = map.into_iter().filter(|(key, _)| !key.starts_with('$'));
    kept.filter_map(|(key, value)| Some((key, strip_value(value)?)))
        .collect()
}

fn strip_value(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Map(map)
            if map.contains_key("$patch")
                && map.get("$patch").and_then(Value::as_str) == Some("delete") =>
        {
            None
        }
        Value::Map(map) => Some(Value::Map(strip(map))),
        Value::List(items) => Some(Value::List(
            items.into_iter().filter_map(strip_value).collect(),
        )),
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(name: &str, image: &str) -> Value {
        Value::map([("name", name.into()), ("image", image.into())])
    }

    fn named(names: &[&str]) -> Value {
        Value::List(
            names
                .iter()
                .map(|name| Value::map([("name", (*name).into())]))
                .collect(),
        )
    }

    fn pod(containers: Vec<Value>) -> Value {
        Value::map([("containers", Value::List(containers))])
    }

    fn names(value: &Value) -> Vec<&str> {
        let items = value
            .get("containers")
            .and_then(Value::as_list)
            .unwrap_or_default();
        items
            .iter()
            .filter_map(|item| item.str_at(&["name"]))
            .collect()
    }

    fn merged(live: Vec<Value>, patch: Value) -> Value {
        let mut live = pod(live);
        strategic_merge("PodSpec", &mut live, &patch).unwrap();
        live
    }

    #[test]
    fn lists_with_a_key_are_merged_element_by_element() {
        let live = vec![container("a", "x:1"), container("b", "x:1")];
        let out = merged(live, pod(vec![container("b", "x:2")]));
        assert_eq!(
            out.to_json(),
            r#"{"containers":[{"image":"x:1","name":"a"},{"image":"x:2","name":"b"}]}"#
        );
    }

    #[test]
    fn new_elements_take_the_places_of_the_reference() {
        let live = || vec![container("a", "x"), container("b", "x")];
        // Reference 8.10: [c] into [a,b] gives [c,a,b], [b,c] into [a,b] gives [a,b,c].
        assert_eq!(
            names(&merged(live(), pod(vec![container("c", "x")]))),
            ["c", "a", "b"]
        );
        assert_eq!(
            names(&merged(
                live(),
                pod(vec![container("b", "y"), container("c", "x")])
            )),
            ["a", "b", "c"]
        );
        let mut patch = pod(vec![container("c", "x")]);
        patch.set(&["$setElementOrder/containers"], named(&["b", "a", "c"]));
        assert_eq!(names(&merged(live(), patch)), ["b", "a", "c"]);
    }

    #[test]
    fn directives_delete_and_replace() {
        let live = || vec![container("a", "x"), container("b", "x")];
        let delete = Value::map([("$patch", "delete".into()), ("name", "a".into())]);
        assert_eq!(names(&merged(live(), pod(vec![delete]))), ["b"]);
        let replace = Value::map([("$patch", "replace".into())]);
        assert_eq!(
            names(&merged(live(), pod(vec![container("c", "x"), replace]))),
            ["c"]
        );
        let mut spec = pod(live());
        let patch = Value::map([(
            "nodeSelector",
            Value::map([("$patch", "replace".into()), ("a", "b".into())]),
        )]);
        strategic_merge("PodSpec", &mut spec, &patch).unwrap();
        assert_eq!(
            spec.at(&["nodeSelector"]).map(Value::to_json).as_deref(),
            Some(r#"{"a":"b"}"#)
        );
    }

    #[test]
    fn null_deletes_and_atomic_lists_are_replaced() {
        let mut spec = Value::map([
            ("hostname", "x".into()),
            (
                "tolerations",
                Value::List(vec![Value::map([("key", "a".into())])]),
            ),
        ]);
        let patch = Value::map([
            ("hostname", Value::Null),
            (
                "tolerations",
                Value::List(vec![Value::map([("key", "b".into())])]),
            ),
        ]);
        strategic_merge("PodSpec", &mut spec, &patch).unwrap();
        assert_eq!(spec.to_json(), r#"{"tolerations":[{"key":"b"}]}"#);
    }

    #[test]
    fn errors_are_the_servers() {
        let mut spec = pod(vec![container("a", "x")]);
        let unnamed = pod(vec![Value::map([("image", "x".into())])]);
        let error = strategic_merge("PodSpec", &mut spec, &unnamed).unwrap_err();
        assert_eq!(
            error.to_string(),
            "map: map[image:x] does not contain declared merge key: name"
        );
    }

    #[test]
    fn volumes_keep_only_the_keys_that_are_retained() {
        let volume =
            |source: &str| Value::map([("name", "v".into()), (source, Value::Map(Map::new()))]);
        let mut live = Value::map([("volumes", Value::List(vec![volume("emptyDir")]))]);
        let mut element = volume("secret");
        element.set(
            &["$retainKeys"],
            Value::List(vec!["name".into(), "secret".into()]),
        );
        let patch = Value::map([("volumes", Value::List(vec![element]))]);
        strategic_merge("PodSpec", &mut live, &patch).unwrap();
        assert_eq!(live.to_json(), r#"{"volumes":[{"name":"v","secret":{}}]}"#);
    }
}
