//! Objects of kinds that are stored, checked and shown, and looked into only by name and field.

use std::rc::Rc;

use super::kind::Kind;
use super::meta::Meta;
use crate::cluster::json::{Json as _, take};
use crate::cluster::value::{Map, Text, Value};

/// A ConfigMap, Namespace, PodDisruptionBudget, Secret or ServiceAccount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plain {
    /// Its kind.
    pub kind: Kind,
    /// Its metadata.
    pub meta: Meta,
    /// Every other field; shared between versions.
    pub body: Rc<Map>,
}

impl Plain {
    /// Reads an object of a kind.
    pub fn read(kind: Kind, value: Value) -> Self {
        let mut map = value.into_map();
        map.remove("apiVersion");
        map.remove("kind");
        Self {
            kind,
            meta: take(&mut map, "metadata"),
            body: Rc::new(map),
        }
    }

    /// The object as JSON.
    pub fn to_value(&self) -> Value {
        let mut map = (*self.body).clone();
        map.insert("apiVersion".into(), Value::text(self.kind.api_version()));
        map.insert("kind".into(), Value::text(self.kind.name()));
        map.insert("metadata".into(), self.meta.write_always());
        Value::Map(map)
    }

    /// The value behind a row of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        self.body.get(*first)?.at(rest)
    }

    /// Puts a value under a row of keys.
    pub fn set(&mut self, path: &[&str], value: Value) {
        if let Some((first, rest)) = path.split_first() {
            Rc::make_mut(&mut self.body)
                .entry(Text::from(*first))
                .or_default()
                .set(rest, value);
        }
    }
}
