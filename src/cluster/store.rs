//! The objects as they are, with the indexes that controllers look things up by.
//!
//! Owns lookup; every change comes from `api`.
//! Each index can be compared with a plain search over all objects: [`Store::check_indexes`].

use super::lazy::LazySet;
use crate::cluster::sorted::{SortedMap, SortedSet};
use std::marker::PhantomData;
use std::ops::Deref;
use std::rc::Rc;

use super::lookup::Lookup;
use super::object::{KINDS, Kind, Meta, Object, ObjectKey, Pod, Resource};
use super::value::Text;

/// So many objects are looked through sooner than one of them is found by its hash.
const FEW: usize = 8;

/// The objects of one kind in one namespace.
#[derive(Clone, Debug)]
enum Space {
    Few(SortedMap<Text, Rc<Object>>),
    Many(LazySet<Text>, Lookup<Text, Rc<Object>>),
}

/// A walk over the objects of a space.
enum Walk<A, B> {
    Few(A),
    Many(B),
}

impl<T, A: Iterator<Item = T>, B: Iterator<Item = T>> Iterator for Walk<A, B> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        match self {
            Self::Few(objects) => objects.next(),
            Self::Many(objects) => objects.next(),
        }
    }
}

impl Default for Space {
    fn default() -> Self {
        Self::Few(SortedMap::new())
    }
}

impl Space {
    /// The objects in the order of their names.
    fn iter(&self) -> impl Iterator<Item = &Rc<Object>> {
        match self {
            Self::Few(objects) => Walk::Few(objects.values()),
            Self::Many(names, objects) => {
                Walk::Many(names.iter().filter_map(|name| objects.get(name)))
            }
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Few(objects) => objects.len(),
            Self::Many(_, objects) => objects.len(),
        }
    }

    fn get(&self, name: &str) -> Option<&Rc<Object>> {
        match self {
            Self::Few(objects) => objects.get(name),
            Self::Many(_, objects) => objects.get(name),
        }
    }

    /// Puts an object in place of its earlier version, if there is one.
    fn put(&mut self, object: Rc<Object>) -> Option<Rc<Object>> {
        let name = &object.meta().name;
        let slot = match self {
            Self::Few(objects) => objects.get_mut(name),
            Self::Many(_, objects) => objects.get_mut(name),
        };
        if let Some(slot) = slot {
            return Some(std::mem::replace(slot, object));
        }
        if let Self::Few(few) = self
            && few.len() == FEW
        {
            let (mut names, mut objects) = (LazySet::default(), Lookup::default());
            for (name, object) in std::mem::take(few) {
                names.insert(name.clone());
                objects.insert(name, object);
            }
            *self = Self::Many(names, objects);
        }
        let name = name.clone();
        match self {
            Self::Few(objects) => objects.insert(name, object),
            Self::Many(names, objects) => {
                names.insert(name.clone());
                objects.insert(name, object)
            }
        }
    }

    fn remove(&mut self, name: &str) -> Option<Rc<Object>> {
        match self {
            Self::Few(objects) => objects.remove(name),
            Self::Many(names, objects) => {
                let removed = objects.remove(name);
                if removed.is_some() {
                    names.remove(name);
                }
                removed
            }
        }
    }
}

/// One version of an object, shared with the store instead of copied.
#[derive(Clone, Debug)]
pub struct Held<T> {
    object: Rc<Object>,
    as_type: PhantomData<T>,
}

impl<T: Resource> Held<T> {
    /// A version of an object as its type, if it is of that type.
    pub fn of(object: &Rc<Object>) -> Option<Self> {
        T::of(object).map(|_| Self {
            object: Rc::clone(object),
            as_type: PhantomData,
        })
    }
}

impl<T: Resource> Deref for Held<T> {
    type Target = T;

    fn deref(&self) -> &T {
        T::of(&self.object).expect("the table of a kind holds objects of its type")
    }
}

type Table = SortedMap<Text, Space>;

/// All objects.
#[derive(Clone, Debug, Default)]
pub struct Store {
    tables: Vec<Table>,
    uids: Lookup<Text, ObjectKey>,
    by_owner: SortedMap<Text, LazySet<ObjectKey>>,
    pods_by_node: SortedMap<Text, LazySet<(Text, Text)>>,
    pods_by_claim: Lookup<(Text, Text), SortedSet<Text>>,
    orphans: SortedMap<(Kind, Text), SortedSet<Text>>,
    claims_waiting: usize,
    /// By kind: how often its objects changed.
    changes: Vec<u64>,
}

/// Kinds that controllers adopt.
const ADOPTABLE: [Kind; 2] = [Kind::Pod, Kind::ReplicaSet];

impl Store {
    /// An empty store.
    pub fn new() -> Self {
        Self {
            tables: vec![Table::new(); KINDS.len()],
            changes: vec![0; KINDS.len()],
            ..Self::default()
        }
    }

    fn table(&self, kind: Kind) -> &Table {
        // One table a kind, made in `new`.
        &self.tables[kind as usize]
    }

    /// The objects of a kind in a namespace: mostly the first, which is `default` or, for some kinds, none.
    fn space(&self, kind: Kind, namespace: &str) -> Option<&Space> {
        let table = self.table(kind);
        match table.first_key_value() {
            Some((first, space)) if &**first == namespace => Some(space),
            _ => table.get(namespace),
        }
    }

    /// The object of this name.
    pub fn get(&self, kind: Kind, namespace: &str, name: &str) -> Option<&Rc<Object>> {
        self.space(kind, namespace)?.get(name)
    }

    /// The object that a key names.
    pub fn by_key(&self, key: &ObjectKey) -> Option<&Rc<Object>> {
        self.get(key.kind, &key.namespace, &key.name)
    }

    /// The object of this name as its type.
    pub fn find<T: Resource>(&self, namespace: &str, name: &str) -> Option<&T> {
        T::of(self.get(T::KIND, namespace, name)?)
    }

    /// The object of this name as its type, to be looked at while requests change what is stored.
    pub fn hold<T: Resource>(&self, namespace: &str, name: &str) -> Option<Held<T>> {
        Held::of(self.get(T::KIND, namespace, name)?)
    }

    /// The key of the object with this uid.
    pub fn by_uid(&self, uid: &str) -> Option<&ObjectKey> {
        self.uids.get(uid)
    }

    /// How often objects of a kind changed: as long as this stays, so does what is found among them.
    pub fn changes(&self, kind: Kind) -> u64 {
        self.changes[kind as usize]
    }

    /// All objects of a kind, by namespace and name in byte order: the order of the API's lists.
    pub fn all(&self, kind: Kind) -> impl Iterator<Item = &Rc<Object>> {
        self.table(kind).values().flat_map(Space::iter)
    }

    /// The objects of a kind in one namespace.
    pub fn in_namespace(&self, kind: Kind, namespace: &str) -> impl Iterator<Item = &Rc<Object>> {
        let space = self.space(kind, namespace);
        space.into_iter().flat_map(Space::iter)
    }

    /// All objects of a type.
    pub fn list<T: Resource>(&self) -> impl Iterator<Item = &T> {
        self.all(T::KIND).filter_map(|object| T::of(object))
    }

    /// The objects of a type in one namespace.
    pub fn list_in<T: Resource>(&self, namespace: &str) -> impl Iterator<Item = &T> {
        self.in_namespace(T::KIND, namespace)
            .filter_map(|object| T::of(object))
    }

    /// How many objects of a kind there are.
    pub fn count(&self, kind: Kind) -> usize {
        self.table(kind).values().map(Space::len).sum()
    }

    /// The keys of the objects that name this uid as an owner.
    pub fn owned_by(&self, uid: &str) -> impl Iterator<Item = &ObjectKey> {
        self.by_owner.get(uid).into_iter().flat_map(LazySet::iter)
    }

    /// Namespace and name of the pods on a node.
    pub fn pods_on(&self, node: &str) -> impl Iterator<Item = &(Text, Text)> {
        self.pods_by_node
            .get(node)
            .into_iter()
            .flat_map(LazySet::iter)
    }

    /// The names of the nodes that pods are on, whether they exist or not.
    pub fn nodes_of_pods(&self) -> impl Iterator<Item = &Text> {
        self.pods_by_node.keys()
    }

    /// The names of the pods that mount a claim.
    pub fn pods_using(&self, namespace: &Text, claim: &Text) -> impl Iterator<Item = &Text> {
        self.pods_by_claim
            .get(&(namespace.clone(), claim.clone()))
            .into_iter()
            .flatten()
    }

    /// The names of the pods or ReplicaSets in a namespace that no controller manages.
    pub fn orphans(&self, kind: Kind, namespace: &Text) -> impl Iterator<Item = &Text> {
        self.orphans
            .get(&(kind, namespace.clone()))
            .into_iter()
            .flatten()
    }

    /// How many claims there are whose deletion was asked for.
    pub fn claims_waiting(&self) -> usize {
        self.claims_waiting
    }

    /// Puts an object in place of its earlier version, if there is one.
    pub fn put(&mut self, object: Rc<Object>) -> Option<Rc<Object>> {
        let (kind, meta) = (object.kind(), object.meta());
        self.changes[kind as usize] += 1;
        let table = &mut self.tables[kind as usize];
        let space = match table.get_mut(&meta.namespace) {
            Some(space) => space,
            None => table.entry(meta.namespace.clone()).or_default(),
        };
        let before = space.put(Rc::clone(&object));
        // Nobody owns an event, and an event owns nothing.
        if kind != Kind::Event {
            self.reindex(before.as_deref(), Some(&object));
        }
        before
    }

    /// Takes an object away.
    pub fn remove(&mut self, key: &ObjectKey) -> Option<Rc<Object>> {
        self.changes[key.kind as usize] += 1;
        let table = &mut self.tables[key.kind as usize];
        let space = table.get_mut(&key.namespace)?;
        let before = space.remove(&key.name)?;
        if space.len() == 0 {
            table.remove(&key.namespace);
        }
        if key.kind != Kind::Event {
            self.reindex(Some(&before), None);
        }
        Some(before)
    }

    fn reindex(&mut self, before: Option<&Object>, after: Option<&Object>) {
        let Some(object) = after.or(before) else {
            return;
        };
        let (kind, meta) = (object.kind(), object.meta());
        let uid = |object: Option<&Object>| object.map(|it| it.meta().uid.clone());
        let same_uid = match (before, after) {
            (Some(before), Some(after)) => before.meta().uid == after.meta().uid,
            _ => false,
        };
        if !same_uid {
            if let Some(uid) = uid(before) {
                self.uids.remove(&uid);
            }
            if let Some(uid) = uid(after) {
                self.uids.insert(uid, object.key());
            }
        }
        let (old, new) = (before.map(Object::meta), after.map(Object::meta));
        let same_owners = old
            .zip(new)
            .is_some_and(|(old, new)| old.has_owners_of(new));
        if !same_owners {
            let key = object.key();
            let old = old.map(|it| &it.owners);
            let new = new.map(|it| &it.owners);
            for owner in old.iter().flat_map(|owners| owners.iter()) {
                if let Some(keys) = self.by_owner.get_mut(&owner.uid) {
                    keys.remove(&key);
                    if keys.is_empty() {
                        self.by_owner.remove(&owner.uid);
                    }
                }
            }
            for owner in new.iter().flat_map(|owners| owners.iter()) {
                self.by_owner
                    .entry(owner.uid.clone())
                    .or_default()
                    .insert(key.clone());
            }
        }
        if !same_owners && ADOPTABLE.contains(&kind) {
            self.reindex_orphan((kind, meta), before, after);
        }
        if kind == Kind::PersistentVolumeClaim {
            let waits = |object: Option<&Object>| object.is_some_and(|it| it.meta().is_deleting());
            self.claims_waiting += usize::from(waits(after));
            self.claims_waiting -= usize::from(waits(before));
        }
        if kind == Kind::Pod {
            self.reindex_pod(meta, before, after);
        }
    }

    fn reindex_orphan(
        &mut self,
        (kind, meta): (Kind, &Meta),
        before: Option<&Object>,
        after: Option<&Object>,
    ) {
        let is_orphan = |object: Option<&Object>| {
            object.is_some_and(|object| object.meta().controller().is_none())
        };
        let place = (kind, meta.namespace.clone());
        match (is_orphan(before), is_orphan(after)) {
            (false, true) => {
                let names = self.orphans.entry(place).or_default();
                names.insert(meta.name.clone());
            }
            (true, false) => forget(&mut self.orphans, &place, &meta.name),
            _ => {}
        }
    }

    fn reindex_pod(&mut self, meta: &Meta, before: Option<&Object>, after: Option<&Object>) {
        let old = before.and_then(Pod::of).map(|pod| &pod.spec);
        let new = after.and_then(Pod::of).map(|pod| &pod.spec);
        if matches!((old, new), (Some(old), Some(new)) if Rc::ptr_eq(old, new)) {
            return;
        }
        let place = (meta.namespace.clone(), meta.name.clone());
        if let Some(spec) = &old {
            if let Some(pods) = self.pods_by_node.get_mut(&spec.node_name) {
                pods.remove(&place);
                if pods.is_empty() {
                    self.pods_by_node.remove(&spec.node_name);
                }
            }
            for (_, claim) in spec.claims() {
                let claim = (meta.namespace.clone(), claim.clone());
                if let Some(users) = self.pods_by_claim.get_mut(&claim) {
                    users.remove(&meta.name);
                    if users.is_empty() {
                        self.pods_by_claim.remove(&claim);
                    }
                }
            }
        }
        if let Some(spec) = &new {
            if !spec.node_name.is_empty() {
                self.pods_by_node
                    .entry(spec.node_name.clone())
                    .or_default()
                    .insert(place);
            }
            for (_, claim) in spec.claims() {
                let users = self
                    .pods_by_claim
                    .or_default((meta.namespace.clone(), claim.clone()));
                users.insert(meta.name.clone());
            }
        }
    }

    /// Compares every index with a plain search; the first difference, if there is one.
    pub fn check_indexes(&self) -> Result<(), String> {
        let mut plain = Self::new();
        for object in KINDS.iter().flat_map(|kind| self.all(*kind)) {
            plain.put(Rc::clone(object));
        }
        let checks = [
            ("uids", plain.uids == self.uids),
            ("owners", plain.by_owner == self.by_owner),
            ("pods by node", plain.pods_by_node == self.pods_by_node),
            ("pods by claim", plain.pods_by_claim == self.pods_by_claim),
            ("orphans", plain.orphans == self.orphans),
            ("claims", plain.claims_waiting == self.claims_waiting),
        ];
        match checks.iter().find(|(_, same)| !same) {
            Some((name, _)) => Err(format!("the index of {name} differs from a plain search")),
            None => Ok(()),
        }
    }
}

fn forget<K: Ord, V: Ord>(index: &mut SortedMap<K, SortedSet<V>>, key: &K, value: &V) {
    if let Some(values) = index.get_mut(key) {
        values.remove(value);
        if values.is_empty() {
            index.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(name: &str, node: &str) -> Rc<Object> {
        let mut pod = Pod {
            meta: Meta::named("default", name),
            ..Pod::default()
        };
        pod.meta.uid = format!("uid-{name}").into();
        Rc::make_mut(&mut pod.spec).node_name = node.into();
        Rc::new(Object::Pod(pod))
    }

    #[test]
    fn lists_are_in_byte_order() {
        let mut store = Store::new();
        for name in ["web-2", "web-10", "web-1"] {
            store.put(pod(name, ""));
        }
        let names: Vec<_> = store
            .list::<Pod>()
            .map(|pod| pod.meta.name.to_string())
            .collect();
        assert_eq!(names, ["web-1", "web-10", "web-2"]);
    }

    #[test]
    fn indexes_follow_every_change() {
        let mut store = Store::new();
        store.put(pod("web-0", ""));
        assert_eq!(store.pods_on("node-a").count(), 0);
        store.put(pod("web-0", "node-a"));
        assert_eq!(store.pods_on("node-a").count(), 1);
        assert_eq!(store.check_indexes(), Ok(()));
        store.remove(&ObjectKey::new(Kind::Pod, "default", "web-0"));
        assert_eq!(store.pods_on("node-a").count(), 0);
        assert!(store.by_uid("uid-web-0").is_none());
        assert_eq!(store.check_indexes(), Ok(()));
    }
}
