//! What every object has: its metadata, its owners and the labels that it is selected by.

use crate::cluster::sorted::SortedMap;
use std::rc::Rc;

use super::{Kind, Resource};
use crate::cluster::json::{Json, Rest, put, take};
use crate::cluster::time::Time;
use crate::cluster::value::{Map, Text, Value};
use crate::json_struct;

/// Labels or annotations, shared between the versions of an object.
pub type Labels = Rc<SortedMap<Text, Text>>;

/// ObjectMeta (reference 1.1).
#[derive(Clone, Debug, Eq)]
pub struct Meta {
    /// Unique within its kind and namespace.
    pub name: Text,
    /// What the name was made from, if the server made it.
    pub generate_name: Text,
    /// Empty for cluster-scoped kinds.
    pub namespace: Text,
    /// Identity: a re-created `web-0` has a new one.
    pub uid: Text,
    /// New on every write; 0 means "any" in a request.
    pub resource_version: u64,
    /// Counts changes of the spec.
    pub generation: i64,
    /// When it was made.
    pub created: Option<Time>,
    /// When it shall be gone, set once its deletion was asked for.
    pub deleted: Option<Time>,
    /// The grace period of that deletion in seconds.
    pub grace_s: Option<i64>,
    /// What selectors match.
    pub labels: Labels,
    /// What nothing selects by.
    pub annotations: Labels,
    /// Whom the garbage collector asks whether this may stay.
    pub owners: Rc<[OwnerReference]>,
    /// Who must still do something before this goes.
    pub finalizers: Rc<[Text]>,
    /// Kept, not acted on.
    pub rest: Rest,
}

/// What changes most comes first, and a list that is shared is equal: it would be compared item by item.
impl PartialEq for Meta {
    fn eq(&self, other: &Self) -> bool {
        let Self {
            name,
            generate_name,
            namespace,
            uid,
            resource_version,
            generation,
            created,
            deleted,
            grace_s,
            labels,
            annotations,
            owners: _,
            finalizers,
            rest,
        } = self;
        let same_finalizers = Rc::ptr_eq(finalizers, &other.finalizers);
        *annotations == other.annotations
            && (*resource_version, *generation) == (other.resource_version, other.generation)
            && (*created, *deleted, *grace_s) == (other.created, other.deleted, other.grace_s)
            && (same_finalizers || *finalizers == other.finalizers)
            && self.has_owners_of(other)
            && *labels == other.labels
            && (name, namespace) == (&other.name, &other.namespace)
            && (uid, generate_name) == (&other.uid, &other.generate_name)
            && *rest == other.rest
    }
}

impl Default for Meta {
    fn default() -> Self {
        thread_local! {
            // Every part that is shared and empty is the same one.
            static EMPTY: Meta = Meta {
                name: Text::default(),
                generate_name: Text::default(),
                namespace: Text::default(),
                uid: Text::default(),
                resource_version: 0,
                generation: 0,
                created: None,
                deleted: None,
                grace_s: None,
                labels: Labels::default(),
                annotations: Labels::default(),
                owners: Rc::default(),
                finalizers: Rc::default(),
                rest: Rest::default(),
            };
        }
        EMPTY.with(Self::clone)
    }
}

json_struct! {
    /// One owner of an object.
    pub struct OwnerReference {
        /// Group and version of the owner.
        api_version: Text = "apiVersion" always,
        /// Whether deleting the owner in the foreground waits for this object.
        block_owner_deletion: Option<bool> = "blockOwnerDeletion",
        /// Whether this owner manages the object; at most one does.
        controller: Option<bool> = "controller",
        /// Kind of the owner.
        kind: Text = "kind" always,
        /// Name of the owner.
        name: Text = "name" always,
        /// Uid of the owner: the same name with another uid is another owner.
        uid: Text = "uid" always,
    }
}

impl OwnerReference {
    /// The reference by which a controller owns what it makes (`metav1.NewControllerRef`).
    pub fn controller_of<T: Resource>(owner: &T) -> Self {
        Self::controller(T::KIND, owner.meta())
    }

    /// The same, of an owner by its kind and metadata.
    pub fn controller(kind: Kind, meta: &Meta) -> Self {
        Self {
            api_version: Text::new_static(kind.api_version()),
            kind: Text::new_static(kind.name()),
            name: meta.name.clone(),
            uid: meta.uid.clone(),
            controller: Some(true),
            block_owner_deletion: Some(true),
            ..Self::default()
        }
    }
}

impl Meta {
    /// The metadata of an object that is to be made.
    pub fn named(namespace: &str, name: impl Into<Text>) -> Self {
        Self {
            name: name.into(),
            namespace: namespace.into(),
            ..Self::default()
        }
    }

    /// Whether its deletion was asked for.
    pub fn is_deleting(&self) -> bool {
        self.deleted.is_some()
    }

    /// The owner that manages the object.
    pub fn controller(&self) -> Option<&OwnerReference> {
        self.owners
            .iter()
            .find(|owner| owner.controller == Some(true))
    }

    /// Whether both have the same owners, which most versions share with the one before.
    pub fn has_owners_of(&self, other: &Self) -> bool {
        // A shared list is compared item by item otherwise.
        Rc::ptr_eq(&self.owners, &other.owners) || self.owners == other.owners
    }

    /// Whether the owner with this uid manages the object.
    pub fn is_controlled_by(&self, uid: &str) -> bool {
        self.controller().is_some_and(|owner| &*owner.uid == uid)
    }

    /// Whether an owner has this uid.
    pub fn is_owned_by(&self, uid: &str) -> bool {
        self.owners.iter().any(|owner| &*owner.uid == uid)
    }

    /// The value of a label.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.labels.get(key).map(|value| &**value)
    }

    /// The value of an annotation.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations.get(key).map(|value| &**value)
    }

    /// Sets a label.
    pub fn set_label(&mut self, key: &'static str, value: impl Into<Text>) {
        own(&mut self.labels).insert(Text::new_static(key), value.into());
    }

    /// Sets an annotation.
    pub fn annotate(&mut self, key: &'static str, value: impl Into<Text>) {
        own(&mut self.annotations).insert(Text::new_static(key), value.into());
    }

    /// Takes an annotation away.
    pub fn unannotate(&mut self, key: &str) {
        if self.annotations.contains_key(key) {
            Rc::make_mut(&mut self.annotations).remove(key);
        }
    }

    /// Whether the finalizer is there.
    pub fn has_finalizer(&self, finalizer: &str) -> bool {
        self.finalizers.iter().any(|it| &**it == finalizer)
    }

    /// Adds a finalizer unless it is there.
    pub fn add_finalizer(&mut self, finalizer: &'static str) {
        if !self.has_finalizer(finalizer) {
            self.finalizers = self
                .finalizers
                .iter()
                .cloned()
                .chain([Text::new_static(finalizer)])
                .collect();
        }
    }

    /// Takes a finalizer away.
    pub fn remove_finalizer(&mut self, finalizer: &str) {
        self.finalizers = self
            .finalizers
            .iter()
            .filter(|it| &***it != finalizer)
            .cloned()
            .collect();
    }

    /// Adds an owner.
    pub fn add_owner(&mut self, owner: OwnerReference) {
        self.owners = self.owners.iter().cloned().chain([owner]).collect();
    }

    /// Takes every owner away for which `gone` says so.
    pub fn remove_owners(&mut self, gone: impl Fn(&OwnerReference) -> bool) {
        self.owners = self
            .owners
            .iter()
            .filter(|owner| !gone(owner))
            .cloned()
            .collect();
    }
}

/// Labels to add to: a copy with room for some more if others share them.
fn own(labels: &mut Labels) -> &mut SortedMap<Text, Text> {
    if Rc::strong_count(labels) > 1 {
        *labels = Rc::new(labels.copy_with_room(labels.len().max(3)));
    }
    Rc::make_mut(labels)
}

impl Json for Meta {
    fn read(value: Value) -> Self {
        let mut map = value.into_map();
        let version: Text = take(&mut map, "resourceVersion");
        Self {
            name: take(&mut map, "name"),
            generate_name: take(&mut map, "generateName"),
            namespace: take(&mut map, "namespace"),
            uid: take(&mut map, "uid"),
            resource_version: version.parse().unwrap_or(0),
            generation: take(&mut map, "generation"),
            created: take(&mut map, "creationTimestamp"),
            deleted: take(&mut map, "deletionTimestamp"),
            grace_s: take(&mut map, "deletionGracePeriodSeconds"),
            labels: take(&mut map, "labels"),
            annotations: take(&mut map, "annotations"),
            owners: take(&mut map, "ownerReferences"),
            finalizers: take(&mut map, "finalizers"),
            rest: Rest::new(map),
        }
    }

    fn write(&self) -> Option<Value> {
        let mut map: Map = self.rest.to_map();
        put(&mut map, "name", self.name.write());
        put(&mut map, "generateName", self.generate_name.write());
        put(&mut map, "namespace", self.namespace.write());
        put(&mut map, "uid", self.uid.write());
        let version =
            (self.resource_version > 0).then(|| Value::text(self.resource_version.to_string()));
        put(&mut map, "resourceVersion", version);
        put(&mut map, "generation", self.generation.write());
        put(&mut map, "creationTimestamp", self.created.write());
        put(&mut map, "deletionTimestamp", self.deleted.write());
        put(&mut map, "deletionGracePeriodSeconds", self.grace_s.write());
        put(&mut map, "labels", self.labels.write());
        put(&mut map, "annotations", self.annotations.write());
        put(&mut map, "ownerReferences", self.owners.write());
        put(&mut map, "finalizers", self.finalizers.write());
        Some(Value::Map(map))
    }
}

json_struct! {
    /// What a set of objects is chosen by.
    pub struct LabelSelector {
        /// Labels that must have these values.
        match_labels: Labels = "matchLabels",
        /// Further requirements, all of which must hold.
        match_expressions: Rc<[Requirement]> = "matchExpressions",
    }
}

json_struct! {
    /// One requirement on a label (or on a node's label).
    pub struct Requirement {
        /// The label's key.
        key: Text = "key" always,
        /// `In`, `NotIn`, `Exists`, `DoesNotExist`; for nodes `Gt` and `Lt` too.
        operator: Text = "operator" always,
        /// What the operator compares with.
        values: Vec<Text> = "values",
    }
}

impl Requirement {
    /// Whether labels fulfil it.
    pub fn matches(&self, labels: &SortedMap<Text, Text>) -> bool {
        let found = labels.get(&self.key);
        let listed = || found.is_some_and(|value| self.values.contains(value));
        let number = |text: Option<&Text>| text.and_then(|text| text.parse::<i64>().ok());
        let compared = number(found).zip(number(self.values.first()));
        match &*self.operator {
            "In" => listed(),
            "NotIn" => !listed(),
            "Exists" => found.is_some(),
            "DoesNotExist" => found.is_none(),
            "Gt" => compared.is_some_and(|(have, want)| have > want),
            "Lt" => compared.is_some_and(|(have, want)| have < want),
            _ => false,
        }
    }
}

impl LabelSelector {
    /// Whether labels fulfil all of it; an empty selector matches everything.
    pub fn matches(&self, labels: &SortedMap<Text, Text>) -> bool {
        selects(&self.match_labels, labels)
            && self.match_expressions.iter().all(|it| it.matches(labels))
    }

    /// Whether it requires nothing.
    pub fn is_empty(&self) -> bool {
        self.match_labels.is_empty() && self.match_expressions.is_empty()
    }
}

/// Whether `labels` has every pair of `wanted`.
pub fn selects(wanted: &SortedMap<Text, Text>, labels: &SortedMap<Text, Text>) -> bool {
    wanted
        .iter()
        .all(|(key, value)| labels.get(key) == Some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> SortedMap<Text, Text> {
        pairs
            .iter()
            .map(|(key, value)| (Text::from(*key), Text::from(*value)))
            .collect()
    }

    #[test]
    fn requirements_follow_their_operators() {
        let have = labels(&[("tier", "db"), ("size", "5")]);
        for (key, operator, values, holds) in [
            ("tier", "In", vec!["db", "web"], true),
            ("tier", "NotIn", vec!["db"], false),
            ("none", "NotIn", vec!["db"], true),
            ("tier", "Exists", vec![], true),
            ("tier", "DoesNotExist", vec![], false),
            ("size", "Gt", vec!["4"], true),
            ("size", "Lt", vec!["4"], false),
            ("tier", "Foo", vec![], false),
        ] {
            let values = values.into_iter().map(Text::from).collect();
            let requirement = Requirement {
                key: key.into(),
                operator: operator.into(),
                values,
                ..Requirement::default()
            };
            assert_eq!(requirement.matches(&have), holds, "{key} {operator}");
        }
    }

    #[test]
    fn metadata_survives_the_way_to_json_and_back() {
        let mut meta = Meta::named("default", "web-0");
        meta.set_label("app", "nginx");
        meta.add_finalizer("x/y");
        meta.add_finalizer("x/y");
        meta.resource_version = 7;
        let text = meta.write_always().to_json();
        assert_eq!(
            text,
            r#"{"finalizers":["x/y"],"labels":{"app":"nginx"},"name":"web-0","namespace":"default","resourceVersion":"7"}"#
        );
        assert_eq!(Meta::read(meta.write_always()), meta);
        meta.remove_finalizer("x/y");
        assert!(meta.finalizers.is_empty());
    }
}
