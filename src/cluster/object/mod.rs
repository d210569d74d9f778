//! The objects of the API, one kind a file, with Kubernetes' own field names.
//!
//! Owns the shape of objects: what is typed here is what the engine works with, everything else stays in `rest`.
//! Does not own what is allowed (`admission`), who changes what (`controller`) or where objects are kept (`store`).

pub mod affinity;
pub mod claim;
pub mod controller_revision;
pub mod deployment;
pub mod endpoint_slice;
pub mod event;
pub mod kind;
pub mod meta;
pub mod node;
pub mod plain;
pub mod pod;
pub mod pod_spec;
pub mod replica_set;
pub mod service;
pub mod stateful_set;
pub mod storage_class;
pub mod volume;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

pub use claim::PersistentVolumeClaim;
pub use controller_revision::ControllerRevision;
pub use deployment::Deployment;
pub use endpoint_slice::{EndpointSlice, Endpoints};
pub use event::Event;
pub use kind::{Foreign, KINDS, Kind};
pub use meta::{LabelSelector, Meta, OwnerReference};
pub use node::Node;
pub use plain::Plain;
pub use pod::{Pod, PodPhase};
pub use replica_set::ReplicaSet;
pub use service::Service;
pub use stateful_set::StatefulSet;
pub use storage_class::StorageClass;
pub use volume::PersistentVolume;

use super::json::Json;
use super::value::{Text, Value};

/// A kind of objects as a Rust type.
pub trait Resource: Json + Clone + Eq + 'static {
    /// The kind.
    const KIND: Kind;
    /// The metadata.
    fn meta(&self) -> &Meta;
    /// The metadata to change.
    fn meta_mut(&mut self) -> &mut Meta;
    /// The object as this type, if it is of this kind.
    fn of(object: &Object) -> Option<&Self>;
    /// The object as this type to change, if it is of this kind.
    fn of_mut(object: &mut Object) -> Option<&mut Self>;
    /// The object of any kind.
    fn into_object(self) -> Object;

    /// What names it.
    fn key(&self) -> ObjectKey {
        let meta = self.meta();
        ObjectKey::new(Self::KIND, meta.namespace.clone(), meta.name.clone())
    }
}

macro_rules! objects {
    ($($kind:ident),* ; $($plain:ident),*) => {
        /// An object of any kind.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Object {
            $( #[doc = concat!("A ", stringify!($kind), ".")] $kind($kind), )*
            /// An object of a kind that no controller here works with.
            Plain(Plain),
        }

        impl Object {
            /// Its kind.
            pub fn kind(&self) -> Kind {
                match self {
                    $( Self::$kind(_) => Kind::$kind, )*
                    Self::Plain(it) => it.kind,
                }
            }

            /// Its metadata.
            pub fn meta(&self) -> &Meta {
                match self {
                    $( Self::$kind(it) => &it.meta, )*
                    Self::Plain(it) => &it.meta,
                }
            }

            /// Its metadata to change.
            pub fn meta_mut(&mut self) -> &mut Meta {
                match self {
                    $( Self::$kind(it) => &mut it.meta, )*
                    Self::Plain(it) => &mut it.meta,
                }
            }

            /// The object as JSON, with apiVersion and kind.
            pub fn to_value(&self) -> Value {
                match self {
                    $( Self::$kind(it) => it.write_always(), )*
                    Self::Plain(it) => it.to_value(),
                }
            }

            /// Reads an object of a kind; what is not typed is kept.
            pub fn read(kind: Kind, value: Value) -> Self {
                match kind {
                    $( Kind::$kind => Self::$kind(Json::read(value)), )*
                    $( Kind::$plain )|* => Self::Plain(Plain::read(kind, value)),
                }
            }
        }

    };
}

objects!(
    ControllerRevision, Deployment, EndpointSlice, Endpoints, Event, Node, PersistentVolume, PersistentVolumeClaim,
    Pod, ReplicaSet, Service, StatefulSet, StorageClass;
    ConfigMap, Namespace, PodDisruptionBudget, Secret, ServiceAccount
);

impl Object {
    /// Takes over the status that a request for the object itself may not change.
    pub fn keep_status_of(&mut self, old: &Self) {
        match (self, old) {
            (Self::Deployment(new), Self::Deployment(old)) => new.status = old.status.clone(),
            (Self::Node(new), Self::Node(old)) => new.status = Rc::clone(&old.status),
            (Self::PersistentVolume(new), Self::PersistentVolume(old)) => {
                new.status = old.status.clone();
            }
            (Self::PersistentVolumeClaim(new), Self::PersistentVolumeClaim(old)) => {
                new.status = Rc::clone(&old.status);
            }
            (Self::Pod(new), Self::Pod(old)) => new.status = Rc::clone(&old.status),
            (Self::ReplicaSet(new), Self::ReplicaSet(old)) => new.status = old.status.clone(),
            (Self::Service(new), Self::Service(old)) => new.status = old.status.clone(),
            (Self::StatefulSet(new), Self::StatefulSet(old)) => new.status = old.status.clone(),
            (Self::Plain(new), Self::Plain(old)) => {
                if let Some(status) = old.body.get("status") {
                    new.set(&["status"], status.clone());
                }
            }
            _ => {}
        }
    }

    /// Takes over the spec that a request for the status may not change.
    pub fn keep_spec_of(&mut self, old: &Self) {
        match (self, old) {
            (Self::Deployment(new), Self::Deployment(old)) => new.spec = Rc::clone(&old.spec),
            (Self::Node(new), Self::Node(old)) => new.spec = Rc::clone(&old.spec),
            (Self::PersistentVolume(new), Self::PersistentVolume(old)) => {
                new.spec = Rc::clone(&old.spec);
            }
            (Self::PersistentVolumeClaim(new), Self::PersistentVolumeClaim(old)) => {
                new.spec = Rc::clone(&old.spec);
            }
            (Self::Pod(new), Self::Pod(old)) => new.spec = Rc::clone(&old.spec),
            (Self::ReplicaSet(new), Self::ReplicaSet(old)) => new.spec = Rc::clone(&old.spec),
            (Self::Service(new), Self::Service(old)) => new.spec = Rc::clone(&old.spec),
            (Self::StatefulSet(new), Self::StatefulSet(old)) => new.spec = Rc::clone(&old.spec),
            _ => {}
        }
    }

    /// Whether everything but metadata and status is the same.
    pub fn same_spec(&self, old: &Self) -> bool {
        match (self, old) {
            (Self::Deployment(new), Self::Deployment(old)) => new.spec == old.spec,
            (Self::Node(new), Self::Node(old)) => new.spec == old.spec,
            (Self::PersistentVolume(new), Self::PersistentVolume(old)) => new.spec == old.spec,
            (Self::PersistentVolumeClaim(new), Self::PersistentVolumeClaim(old)) => {
                new.spec == old.spec
            }
            (Self::Pod(new), Self::Pod(old)) => new.spec == old.spec,
            (Self::ReplicaSet(new), Self::ReplicaSet(old)) => new.spec == old.spec,
            (Self::Service(new), Self::Service(old)) => new.spec == old.spec,
            (Self::StatefulSet(new), Self::StatefulSet(old)) => new.spec == old.spec,
            (Self::ControllerRevision(new), Self::ControllerRevision(old)) => {
                new.data == old.data && new.revision == old.revision
            }
            (Self::EndpointSlice(new), Self::EndpointSlice(old)) => {
                new.endpoints == old.endpoints
                    && new.ports == old.ports
                    && new.address_type == old.address_type
            }
            (Self::Endpoints(new), Self::Endpoints(old)) => new.subsets == old.subsets,
            (Self::Event(new), Self::Event(old)) => {
                let mut with_meta = new.clone();
                with_meta.meta = old.meta.clone();
                with_meta == *old
            }
            (Self::StorageClass(new), Self::StorageClass(old)) => {
                let mut with_meta = new.clone();
                with_meta.meta = old.meta.clone();
                with_meta == *old
            }
            (Self::Plain(new), Self::Plain(old)) => new
                .body
                .iter()
                .filter(|(key, _)| &***key != "status")
                .eq(old.body.iter().filter(|(key, _)| &***key != "status")),
            _ => false,
        }
    }

    /// What names it.
    pub fn key(&self) -> ObjectKey {
        let meta = self.meta();
        ObjectKey {
            kind: self.kind(),
            namespace: meta.namespace.clone(),
            name: meta.name.clone(),
        }
    }
}

/// What names an object: its kind, its namespace (empty for cluster-scoped kinds) and its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectKey {
    /// Its kind.
    pub kind: Kind,
    /// Its namespace.
    pub namespace: Text,
    /// Its name.
    pub name: Text,
}

/// Kind and name tell nearly all keys apart.
impl Hash for ObjectKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.kind.hash(state);
        self.name.hash(state);
    }
}

impl ObjectKey {
    /// Makes a key.
    pub fn new(kind: Kind, namespace: impl Into<Text>, name: impl Into<Text>) -> Self {
        Self {
            kind,
            namespace: namespace.into(),
            name: name.into(),
        }
    }
}

/// `StatefulSet default/web`, or `Node node-a` for cluster-scoped kinds.
impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.namespace.is_empty() {
            return write!(f, "{} {}", self.kind, self.name);
        }
        write!(f, "{} {}/{}", self.kind, self.namespace, self.name)
    }
}

/// Declares a kind of objects: like [`json_struct!`](crate::json_struct), with metadata, apiVersion and kind.
///
/// Behind `..` stands a part whose fields are the object's own in JSON, and which objects share.
#[macro_export]
macro_rules! resource {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $( $(#[$field_meta:meta])* $field:ident: $type:ty = $key:literal $($always:ident)?, )*
            $( ..$shared:ident: $fields:ty )?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct $name {
            $( $(#[$field_meta])* pub $field: $type, )*
            $(
                /// Fields that many objects have in common.
                pub $shared: std::rc::Rc<$fields>,
            )?
            /// Metadata; behind what tells versions apart sooner.
            pub meta: $crate::cluster::object::Meta,
            /// The fields that are kept and shown but not acted on.
            pub rest: $crate::cluster::json::Rest,
        }

        impl $crate::cluster::json::Json for $name {
            fn read(value: $crate::cluster::value::Value) -> Self {
                let mut map = value.into_map();
                map.remove("apiVersion");
                map.remove("kind");
                Self {
                    meta: $crate::cluster::json::take(&mut map, "metadata"),
                    $( $field: $crate::cluster::json::take(&mut map, $key), )*
                    $( $shared: std::rc::Rc::new(<$fields>::take(&mut map)), )?
                    rest: $crate::cluster::json::Rest::new(map),
                }
            }

            fn write(&self) -> Option<$crate::cluster::value::Value> {
                use $crate::cluster::{object::Kind, value::Value};
                let mut map = self.rest.to_map();
                $crate::cluster::json::put(&mut map, "apiVersion", Some(Value::text(Kind::$name.api_version())));
                $crate::cluster::json::put(&mut map, "kind", Some(Value::text(Kind::$name.name())));
                $crate::cluster::json::put(
                    &mut map,
                    "metadata",
                    $crate::cluster::json::Json::write(&self.meta),
                );
                $( $crate::cluster::json::put(
                    &mut map,
                    $key,
                    $crate::json_struct!(@write self.$field $($always)?),
                ); )*
                $( self.$shared.put(&mut map); )?
                Some(Value::Map(map))
            }
        }

        impl $crate::cluster::object::Resource for $name {
            const KIND: $crate::cluster::object::Kind = $crate::cluster::object::Kind::$name;

            fn meta(&self) -> &$crate::cluster::object::Meta {
                &self.meta
            }

            fn meta_mut(&mut self) -> &mut $crate::cluster::object::Meta {
                &mut self.meta
            }

            fn of(object: &$crate::cluster::object::Object) -> Option<&Self> {
                match object {
                    $crate::cluster::object::Object::$name(it) => Some(it),
                    _ => None,
                }
            }

            fn of_mut(object: &mut $crate::cluster::object::Object) -> Option<&mut Self> {
                match object {
                    $crate::cluster::object::Object::$name(it) => Some(it),
                    _ => None,
                }
            }

            fn into_object(self) -> $crate::cluster::object::Object {
                $crate::cluster::object::Object::$name(self)
            }
        }
    };
}

/// Declares a set of words that are a JSON string; the first is the default.
#[macro_export]
macro_rules! json_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $( $(#[$word_meta:meta])* $word:ident, )* }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $( $(#[$word_meta])* $word, )* }

        impl $name {
            /// The word.
            pub fn as_str(self) -> &'static str {
                match self { $( Self::$word => stringify!($word), )* }
            }

            /// Every word.
            pub const ALL: &'static [Self] = &[$(Self::$word),*];
        }

        impl Default for $name {
            fn default() -> Self {
                Self::ALL[0]
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::cluster::json::Json for $name {
            fn read(value: $crate::cluster::value::Value) -> Self {
                let word = value.as_str().unwrap_or_default();
                Self::ALL.iter().copied().find(|it| it.as_str() == word).unwrap_or_default()
            }

            fn write(&self) -> Option<$crate::cluster::value::Value> {
                Some($crate::cluster::value::Value::text(self.as_str()))
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::admission::decode::decode;
    use crate::cluster::value::Map;

    #[test]
    fn typed_objects_write_what_the_schema_says() {
        for kind in KINDS {
            let decoded = decode(*kind, &Value::Map(Map::new())).value;
            let mut expected = decoded.clone();
            expected.set(&["apiVersion"], Value::text(kind.api_version()));
            expected.set(&["kind"], Value::text(kind.name()));
            let mut written = Object::read(*kind, decoded).to_value();
            // Go writes null for lists and pointers that it always writes; so may we, or leave them out.
            strip(&mut expected);
            strip(&mut written);
            // A pod without a phase exists only in upstream's memory.
            if *kind == Kind::Pod {
                written.remove(&["status", "phase"]);
            }
            assert_eq!(written.to_json(), expected.to_json(), "{kind}");
        }
    }

    fn strip(value: &mut Value) {
        if let Value::Map(map) = value {
            map.retain(|_, value| {
                strip(value);
                *value != Value::Null && *value != Value::List(vec![])
            });
        }
    }
}
