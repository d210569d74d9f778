//! The names in what commands print, as what they name.

use crate::cluster::object::{Kind, ObjectKey};
use crate::cluster::store::Store;

/// A piece of a text; with a key if it names an object that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The text.
    pub text: String,
    /// What it names.
    pub key: Option<ObjectKey>,
}

/// Kinds that a bare name may be of, in the order in which they are tried.
const BARE: [Kind; 7] = [
    Kind::Pod,
    Kind::StatefulSet,
    Kind::PersistentVolumeClaim,
    Kind::PersistentVolume,
    Kind::Node,
    Kind::Service,
    Kind::Deployment,
];

/// Cuts a text into pieces, so that every name of an object is one of its own.
pub(super) fn pieces(text: &str, store: &Store, namespace: &str) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let is_name = |it: char| it.is_ascii_alphanumeric() || "-./".contains(it);
        let end = rest.find(|it| !is_name(it)).unwrap_or(rest.len());
        let (word, after) = if end > 0 {
            rest.split_at(end)
        } else {
            rest.split_at(rest.find(is_name).unwrap_or(rest.len()))
        };
        let key = (end > 0).then(|| named(word, store, namespace)).flatten();
        match out.last_mut() {
            Some(last) if key.is_none() && last.key.is_none() => last.text.push_str(word),
            _ => out.push(Piece {
                text: word.to_owned(),
                key,
            }),
        }
        rest = after;
    }
    out
}

/// The object that a word names: `web-0`, `pod/web-0`, `statefulset.apps/web`.
fn named(word: &str, store: &Store, namespace: &str) -> Option<ObjectKey> {
    let find = |kind: Kind, name: &str| {
        let namespace = if kind.is_namespaced() { namespace } else { "" };
        let found = store.get(kind, namespace, name)?;
        Some(found.key())
    };
    if let Some((kind, name)) = word.split_once('/') {
        let by_kind = Kind::of_command(kind).and_then(|kind| find(kind, name));
        // `default/web-0`, as volumes name their claims.
        return by_kind.or_else(|| {
            store
                .get(Kind::PersistentVolumeClaim, kind, name)
                .map(|it| it.key())
        });
    }
    if word.len() < 3 || !word.contains(|it: char| it.is_ascii_lowercase()) {
        return None;
    }
    BARE.into_iter().find_map(|kind| find(kind, word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Msg, Session};

    #[test]
    fn names_of_objects_are_found_in_a_table() {
        let mut session = Session::default();
        session.update(Msg::Apply);
        for _ in 0..200 {
            session.update(Msg::Tick(200));
        }
        let store = &session.timeline().view().store;
        let text = "NAME    READY\nweb-0   1/1   Running\npod/web-1 deleted, nginx on node-a; www-web-0 web-9\n";
        let found = pieces(text, store, "default");
        let whole: String = found.iter().map(|it| it.text.as_str()).collect();
        assert_eq!(whole, text);
        let named: Vec<String> = found
            .iter()
            .filter_map(|it| {
                it.key
                    .as_ref()
                    .map(|key| format!("{} {}", key.kind.name(), key.name))
            })
            .collect();
        let expected = [
            "Pod web-0",
            "Pod web-1",
            "Service nginx",
            "Node node-a",
            "PersistentVolumeClaim www-web-0",
        ];
        assert_eq!(named, expected);
    }
}
