//! Finding one's way in the schema by the path of a field.

use crate::cluster::schema::{self, Field, Type};
use crate::kubectl::distance;

/// The names on a path, without the positions in lists: `spec.containers[0].image` has three.
fn names(path: &str) -> impl Iterator<Item = &str> {
    let plain = |name| match str::split_once(name, '[') {
        Some((name, _)) => name,
        None => name,
    };
    path.split('.').map(plain)
}

/// The path without positions in lists.
pub(super) fn without_positions(path: &str) -> String {
    names(path).collect::<Vec<_>>().join(".")
}

/// The types on the way to a path, from the kind on; the last one is that of what the path leads to.
fn types(kind: &str, path: &str) -> Vec<&'static Type> {
    let mut types: Vec<&'static Type> = schema::find(kind).into_iter().collect();
    for name in names(path).filter(|it| !it.is_empty()) {
        let found = types
            .last()
            .and_then(|it| it.field(name))
            .and_then(|it| it.shape.element());
        match found {
            Some(found) => types.push(found),
            None => break,
        }
    }
    types
}

/// What an unknown field may have been meant as.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meant {
    /// A field beside it that is written almost the same.
    Near(String),
    /// A field of this field, which stands beside it.
    Inside(String),
    /// A field of what stands at this path further out.
    Outside(String),
    /// Nothing that is known.
    Nothing,
}

/// What an unknown field at a path may have been meant as.
pub(super) fn meant(kind: &str, path: &str) -> Meant {
    let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
    let mut on_the_way = types(kind, parent);
    let Some(own) = on_the_way.pop() else {
        return Meant::Nothing;
    };
    let near: Vec<&str> = own
        .fields
        .iter()
        .map(|it| it.name)
        .filter(|it| is_near(it, name))
        .collect();
    if let [one] = &*near {
        return Meant::Near((*one).to_owned());
    }
    let has_it = |field: &&Field| {
        field
            .shape
            .element()
            .is_some_and(|it| it.field(name).is_some())
    };
    // The main field has the shortest name: `containers` and not `initContainers`.
    let fields = own.fields.iter().filter(|it| it.acted_on).filter(has_it);
    if let Some(field) = fields.min_by_key(|it| it.name.len()) {
        return Meant::Inside(field.name.to_owned());
    }
    let outside = on_the_way.iter().rposition(|it| it.field(name).is_some());
    match outside {
        Some(depth) => Meant::Outside(names(parent).take(depth).collect::<Vec<_>>().join(".")),
        None => Meant::Nothing,
    }
}

fn is_near(known: &str, written: &str) -> bool {
    known.eq_ignore_ascii_case(written) || (written.len() > 3 && distance(known, written) == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_found() {
        for (path, meant_as) in [
            ("spec.replica", Meant::Near("replicas".into())),
            ("spec.servicename", Meant::Near("serviceName".into())),
            (
                "spec.template.spec.volumeMounts",
                Meant::Inside("containers".into()),
            ),
            (
                "spec.template.spec.containers[0].serviceName",
                Meant::Outside("spec".into()),
            ),
            ("spec.template.spec.containers[0].frob", Meant::Nothing),
            ("replicas", Meant::Inside("spec".into())),
        ] {
            assert_eq!(meant("StatefulSet", path), meant_as, "{path}");
        }
    }
}
