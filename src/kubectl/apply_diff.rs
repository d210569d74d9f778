//! The patch of `kubectl apply`: what a file adds, changes and no longer says (reference 8.10, "kubectl apply").

use crate::cluster::schema::{self, Field, Type};
use crate::cluster::value::{Map, Text, Value};

/// Which differences a patch shall hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    /// What is new or different.
    Changes,
    /// What is gone.
    Deletions,
}

/// The strategic merge patch from what the file said last time, what it says now, and what the cluster has.
pub(super) fn three_way(
    type_name: &str,
    original: &Value,
    modified: &Value,
    live: &Value,
) -> Value {
    let described = schema::find(type_name);
    let map = |value: &Value| value.as_map().cloned().unwrap_or_default();
    let changes = diff_map(&map(live), &map(modified), described, Side::Changes);
    let deletions = diff_map(&map(original), &map(modified), described, Side::Deletions);
    Value::Map(overlay(deletions, changes, described))
}

fn diff_map(from: &Map, to: &Map, described: Option<&'static Type>, side: Side) -> Map {
    let mut patch = Map::new();
    for (key, wanted) in to {
        let field = described.and_then(|it| it.field(key));
        match (from.get(key), side) {
            (None, Side::Changes) => {
                patch.insert(key.clone(), wanted.clone());
            }
            (None, Side::Deletions) => {}
            (Some(found), _) => diff_field(key, found, wanted, field, side, &mut patch),
        }
    }
    if side == Side::Deletions {
        for key in from.keys().filter(|key| !to.contains_key(*key)) {
            patch.insert(key.clone(), Value::Null);
        }
    }
    patch
}

fn diff_field(
    key: &Text,
    found: &Value,
    wanted: &Value,
    field: Option<&'static Field>,
    side: Side,
    patch: &mut Map,
) {
    match (found, wanted) {
        (Value::Map(found), Value::Map(wanted)) => {
            if field.is_some_and(|it| it.merge.replace) {
                if side == Side::Changes && found != wanted {
                    patch.insert(key.clone(), Value::Map(wanted.clone()));
                }
                return;
            }
            let mut nested = diff_map(found, wanted, field.and_then(|it| it.shape.element()), side);
            let retains = field.is_some_and(|it| it.merge.retain_keys);
            if retains && (!nested.is_empty() || found.keys().any(|key| !wanted.contains_key(key)))
            {
                add_retain_keys(&mut nested, wanted);
            }
            if !nested.is_empty() {
                patch.insert(key.clone(), Value::Map(nested));
            }
        }
        (Value::List(found), Value::List(wanted)) => match field.and_then(|it| it.merge.key) {
            Some(".") => diff_scalars(key, found, wanted, side, patch),
            Some(merge_key) => {
                let retains = field.is_some_and(|it| it.merge.retain_keys);
                let element = field.and_then(|it| it.shape.element());
                diff_list(
                    key,
                    found,
                    wanted,
                    &ListRule {
                        merge_key,
                        element,
                        retains,
                    },
                    side,
                    patch,
                );
            }
            None if side == Side::Changes && found != wanted => {
                patch.insert(key.clone(), Value::List(wanted.clone()));
            }
            None => {}
        },
        _ if side == Side::Changes && found != wanted => {
            patch.insert(key.clone(), wanted.clone());
        }
        _ => {}
    }
}

fn add_retain_keys(patch: &mut Map, wanted: &Map) {
    let keys = wanted.keys().map(|key| Value::Text(key.clone())).collect();
    patch.insert("$retainKeys".into(), Value::List(keys));
}

/// How the elements of a list are told apart and merged.
struct ListRule {
    merge_key: &'static str,
    element: Option<&'static Type>,
    retains: bool,
}

fn diff_list(
    key: &Text,
    found: &[Value],
    wanted: &[Value],
    rule: &ListRule,
    side: Side,
    patch: &mut Map,
) {
    let identity = |item: &Value| item.get(rule.merge_key).cloned();
    let mut elements = Vec::new();
    for item in wanted {
        let old = found.iter().find(|it| identity(it) == identity(item));
        match (old, side) {
            (None, Side::Changes) => elements.push(item.clone()),
            (None, Side::Deletions) => {}
            (Some(old), _) => {
                let map = |value: &Value| value.as_map().cloned().unwrap_or_default();
                let (old, new) = (map(old), map(item));
                let mut nested = diff_map(&old, &new, rule.element, side);
                if rule.retains
                    && (!nested.is_empty() || old.keys().any(|key| !new.contains_key(key)))
                {
                    add_retain_keys(&mut nested, &new);
                }
                if let Some(identity) = identity(item).filter(|_| !nested.is_empty()) {
                    nested.insert(rule.merge_key.into(), identity);
                    elements.push(Value::Map(nested));
                }
            }
        }
    }
    if side == Side::Deletions {
        for item in found
            .iter()
            .filter(|old| !wanted.iter().any(|it| identity(it) == identity(old)))
        {
            if let Some(identity) = identity(item) {
                elements.push(Value::map([
                    ("$patch", "delete".into()),
                    (rule.merge_key, identity),
                ]));
            }
        }
    }
    let names = |items: &[Value]| items.iter().map(identity).collect::<Vec<_>>();
    let reordered = side == Side::Changes && names(found) != names(wanted);
    if !elements.is_empty() || reordered {
        let order = wanted
            .iter()
            .filter_map(identity)
            .map(|it| Value::map([(rule.merge_key, it)]))
            .collect();
        patch.insert(format!("$setElementOrder/{key}").into(), Value::List(order));
    }
    if !elements.is_empty() {
        patch.insert(key.clone(), Value::List(elements));
    }
}

fn diff_scalars(key: &Text, found: &[Value], wanted: &[Value], side: Side, patch: &mut Map) {
    match side {
        Side::Changes => {
            let new: Vec<Value> = wanted
                .iter()
                .filter(|it| !found.contains(it))
                .cloned()
                .collect();
            if !new.is_empty() {
                patch.insert(key.clone(), Value::List(new));
            }
            if found != wanted {
                patch.insert(
                    format!("$setElementOrder/{key}").into(),
                    Value::List(wanted.to_vec()),
                );
            }
        }
        Side::Deletions => {
            let gone: Vec<Value> = found
                .iter()
                .filter(|it| !wanted.contains(it))
                .cloned()
                .collect();
            if !gone.is_empty() {
                patch.insert(
                    format!("$deleteFromPrimitiveList/{key}").into(),
                    Value::List(gone),
                );
            }
        }
    }
}

/// Lays the changes over the deletions.
fn overlay(mut under: Map, over: Map, described: Option<&'static Type>) -> Map {
    for (key, value) in over {
        let field = described.and_then(|it| it.field(&key));
        let element = field.and_then(|it| it.shape.element());
        let merged = match (under.remove(&key), value) {
            (Some(Value::Map(a)), Value::Map(b)) => Value::Map(overlay(a, b, element)),
            (Some(Value::List(a)), Value::List(b)) if !key.starts_with('$') => Value::List(
                overlay_list(a, b, field.and_then(|it| it.merge.key), element),
            ),
            (_, value) => value,
        };
        under.insert(key, merged);
    }
    under
}

fn overlay_list(
    under: Vec<Value>,
    over: Vec<Value>,
    merge_key: Option<&str>,
    element: Option<&'static Type>,
) -> Vec<Value> {
    let Some(merge_key) = merge_key else {
        return over;
    };
    let mut out = over;
    for item in under {
        let same = out
            .iter_mut()
            .find(|it| it.get(merge_key).is_some() && it.get(merge_key) == item.get(merge_key));
        match same {
            Some(slot) => {
                let changes = std::mem::take(slot).into_map();
                *slot = Value::Map(overlay(item.into_map(), changes, element));
            }
            None => out.push(item),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest;

    fn patch(original: &str, modified: &str, live: &str) -> String {
        let read = |text| manifest::value(text).unwrap();
        three_way("StatefulSet", &read(original), &read(modified), &read(live)).to_json()
    }

    #[test]
    fn only_what_differs_is_sent() {
        let file = "spec: {replicas: 2, template: {spec: {containers: [{name: a, image: x:2}]}}}";
        let live = "spec: {replicas: 2, podManagementPolicy: OrderedReady, template: {spec: {containers: [{name: a, image: x:1, imagePullPolicy: Always}]}}}";
        assert_eq!(
            patch(file, file, live),
            r#"{"spec":{"template":{"spec":{"$setElementOrder/containers":[{"name":"a"}],"containers":[{"image":"x:2","name":"a"}]}}}}"#
        );
        assert_eq!(patch(file, file, &live.replace("x:1", "x:2")), "{}");
    }

    #[test]
    fn atomic_lists_with_defaults_inside_never_equal_the_file() {
        let file = "spec: {volumeClaimTemplates: [{metadata: {name: www}}]}";
        let live =
            "spec: {volumeClaimTemplates: [{kind: PersistentVolumeClaim, metadata: {name: www}}]}";
        assert_eq!(
            patch(file, file, live),
            r#"{"spec":{"volumeClaimTemplates":[{"metadata":{"name":"www"}}]}}"#
        );
    }

    #[test]
    fn what_the_file_no_longer_says_is_deleted() {
        let original = "metadata: {labels: {a: x, b: y}}\nspec: {minReadySeconds: 5, template: {spec: {containers: [{name: a}, {name: b}]}}}";
        let modified =
            "metadata: {labels: {a: x}}\nspec: {template: {spec: {containers: [{name: a}]}}}";
        let live = "metadata: {labels: {a: x, b: y, c: z}}\nspec: {minReadySeconds: 5, template: {spec: {containers: [{name: a}, {name: b}]}}}";
        assert_eq!(
            patch(original, modified, live),
            r#"{"metadata":{"labels":{"b":null}},"spec":{"minReadySeconds":null,"template":{"spec":{"$setElementOrder/containers":[{"name":"a"}],"containers":[{"$patch":"delete","name":"b"}]}}}}"#
        );
    }

    #[test]
    fn a_field_that_somebody_else_set_is_left_alone() {
        let file = "spec: {serviceName: nginx}";
        assert_eq!(
            patch(file, file, "spec: {serviceName: nginx, replicas: 7}"),
            "{}"
        );
    }
}
