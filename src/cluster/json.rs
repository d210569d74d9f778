//! The bridge between typed structs and JSON values.
//!
//! A struct made with [`json_struct!`](crate::json_struct) names the fields that the engine works with and keeps
//! every other field in `rest`, so that nothing that a manifest says is ever dropped.
//! Reading cannot fail: strict decoding (`admission::decode`) has refused what does not fit before it comes here.

use crate::cluster::sorted::SortedMap;
use std::rc::Rc;

use super::time::Time;
use super::value::{Map, Text, Value};

/// A type that is one JSON value.
pub trait Json: Default {
    /// Takes the value; what does not fit reads as the default.
    fn read(value: Value) -> Self;

    /// The value, or `None` where Go's `omitempty` leaves the field out.
    fn write(&self) -> Option<Value>;

    /// The value where `omitempty` is missing.
    fn write_always(&self) -> Value {
        self.write().unwrap_or(Value::Null)
    }
}

impl Json for Text {
    fn read(value: Value) -> Self {
        match value {
            Value::Text(text) => text,
            _ => Self::default(),
        }
    }

    fn write(&self) -> Option<Value> {
        (!self.is_empty()).then(|| Value::Text(self.clone()))
    }

    fn write_always(&self) -> Value {
        Value::Text(self.clone())
    }
}

impl Json for bool {
    fn read(value: Value) -> Self {
        value == Value::Bool(true)
    }

    fn write(&self) -> Option<Value> {
        self.then_some(Value::Bool(true))
    }

    fn write_always(&self) -> Value {
        Value::Bool(*self)
    }
}

impl Json for i64 {
    fn read(value: Value) -> Self {
        value.as_int().unwrap_or(0)
    }

    fn write(&self) -> Option<Value> {
        (*self != 0).then_some(Value::Int(*self))
    }

    fn write_always(&self) -> Value {
        Value::Int(*self)
    }
}

impl Json for i32 {
    fn read(value: Value) -> Self {
        Self::try_from(i64::read(value)).unwrap_or(0)
    }

    fn write(&self) -> Option<Value> {
        i64::from(*self).write()
    }

    fn write_always(&self) -> Value {
        Value::Int(i64::from(*self))
    }
}

/// A pointer in Go: present even when its value is zero.
impl<T: Json> Json for Option<T> {
    fn read(value: Value) -> Self {
        (value != Value::Null).then(|| T::read(value))
    }

    fn write(&self) -> Option<Value> {
        self.as_ref().map(T::write_always)
    }
}

impl<T: Json> Json for Vec<T> {
    fn read(value: Value) -> Self {
        match value {
            Value::List(items) => items.into_iter().map(T::read).collect(),
            _ => Self::new(),
        }
    }

    fn write(&self) -> Option<Value> {
        (!self.is_empty()).then(|| self.write_always())
    }

    fn write_always(&self) -> Value {
        Value::List(self.iter().map(T::write_always).collect())
    }
}

/// A list shared between objects.
impl<T: Json> Json for Rc<[T]> {
    fn read(value: Value) -> Self {
        Vec::read(value).into()
    }

    fn write(&self) -> Option<Value> {
        (!self.is_empty()).then(|| self.write_always())
    }

    fn write_always(&self) -> Value {
        Value::List(self.iter().map(T::write_always).collect())
    }
}

/// A part shared between objects.
impl<T: Json> Json for Rc<T> {
    fn read(value: Value) -> Self {
        Self::new(T::read(value))
    }

    fn write(&self) -> Option<Value> {
        T::write(self)
    }

    fn write_always(&self) -> Value {
        T::write_always(self)
    }
}

impl<T: Json> Json for SortedMap<Text, T> {
    fn read(value: Value) -> Self {
        value
            .into_map()
            .into_iter()
            .map(|(key, value)| (key, T::read(value)))
            .collect()
    }

    fn write(&self) -> Option<Value> {
        (!self.is_empty()).then(|| self.write_always())
    }

    fn write_always(&self) -> Value {
        Value::Map(
            self.iter()
                .map(|(key, value)| (key.clone(), value.write_always()))
                .collect(),
        )
    }
}

/// A raw value, kept as it is.
impl Json for Value {
    fn read(value: Value) -> Self {
        value
    }

    fn write(&self) -> Option<Value> {
        (*self != Self::Null).then(|| self.clone())
    }
}

/// An instant of the API: whole seconds.
impl Json for Time {
    fn read(value: Value) -> Self {
        value.as_str().and_then(Self::parse).unwrap_or_default()
    }

    fn write(&self) -> Option<Value> {
        Some(Value::text(self.to_string()))
    }
}

/// A field that Go always writes as `null`, such as a condition's `lastProbeTime`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AlwaysNull;

impl Json for AlwaysNull {
    fn read(_: Value) -> Self {
        Self
    }

    fn write(&self) -> Option<Value> {
        Some(Value::Null)
    }
}

/// A whole number or a text, as in `targetPort: web`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IntOrString {
    /// A number.
    Int(i64),
    /// A text: a port's name or a percentage.
    Text(Text),
}

impl Default for IntOrString {
    fn default() -> Self {
        Self::Int(0)
    }
}

impl IntOrString {
    /// The number, or the percentage of a total, rounded up or down (`GetScaledValueFromIntOrPercent`).
    pub fn of(&self, total: i64, up: bool) -> i64 {
        match self {
            Self::Int(number) => *number,
            Self::Text(text) => {
                let percent: i64 = text.trim_end_matches('%').parse().unwrap_or(0);
                let hundredths = total * percent;
                (hundredths + if up { 99 } else { 0 }).div_euclid(100)
            }
        }
    }
}

impl Json for IntOrString {
    fn read(value: Value) -> Self {
        match value {
            Value::Text(text) => Self::Text(text),
            other => Self::Int(i64::read(other)),
        }
    }

    fn write(&self) -> Option<Value> {
        Some(match self {
            Self::Int(number) => Value::Int(*number),
            Self::Text(text) => Value::Text(text.clone()),
        })
    }
}

/// The fields of a struct that the engine does not work with, kept to be shown again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rest(Option<Rc<Map>>);

impl Rest {
    /// Keeps what is left of a map.
    pub fn new(map: Map) -> Self {
        Self((!map.is_empty()).then(|| Rc::new(map)))
    }

    /// A field that the engine does not work with.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.as_ref()?.get(key)
    }

    /// The names of the fields, in their order.
    pub fn keys(&self) -> impl Iterator<Item = &Text> {
        self.0.iter().flat_map(|map| map.keys())
    }

    /// How many fields there are.
    pub fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |map| map.len())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        Rc::make_mut(self.0.as_mut()?).get_mut(key)
    }

    /// A copy of the fields to add the typed ones to.
    pub fn to_map(&self) -> Map {
        self.0.as_deref().cloned().unwrap_or_default()
    }
}

/// Takes field `key` out of `map` as its type.
pub fn take<T: Json>(map: &mut Map, key: &str) -> T {
    map.remove(key).map(T::read).unwrap_or_default()
}

/// Puts field `key` into `map` unless it is left out.
pub fn put(map: &mut Map, key: &'static str, value: Option<Value>) {
    if let Some(value) = value {
        map.insert(Text::from(key), value);
    }
}

/// Declares a struct that is a JSON object: each field with its JSON name, `always` where Go writes it even when
/// it is zero, and `rest` for the fields that are kept without being acted on.
#[macro_export]
macro_rules! json_struct {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $( $(#[$field_meta:meta])* $field:ident: $type:ty = $key:literal $($always:ident)?, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct $name {
            $( $(#[$field_meta])* pub $field: $type, )*
            /// The fields that are kept and shown but not acted on.
            pub rest: $crate::cluster::json::Rest,
        }

        impl $crate::cluster::json::Json for $name {
            fn read(value: $crate::cluster::value::Value) -> Self {
                let mut map = value.into_map();
                Self {
                    $( $field: $crate::cluster::json::take(&mut map, $key), )*
                    rest: $crate::cluster::json::Rest::new(map),
                }
            }

            fn write(&self) -> Option<$crate::cluster::value::Value> {
                let mut map = self.rest.to_map();
                $( $crate::cluster::json::put(
                    &mut map,
                    $key,
                    $crate::json_struct!(@write self.$field $($always)?),
                ); )*
                Some($crate::cluster::value::Value::Map(map))
            }
        }
    };
    (@write $self:ident.$field:ident) => { $crate::cluster::json::Json::write(&$self.$field) };
    (@write $self:ident.$field:ident always) => {
        Some($crate::cluster::json::Json::write_always(&$self.$field))
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    json_struct! {
        /// A part with one field of each sort.
        #[expect(unreachable_pub, reason = "the macro makes public structs")]
        pub struct Sample {
            /// A pointer.
            replicas: Option<i32> = "replicas",
            /// Written even when zero.
            available: i32 = "available" always,
            /// Left out when zero.
            ready: i32 = "ready",
            /// Left out when empty.
            names: Vec<Text> = "names",
        }
    }

    #[test]
    fn unknown_fields_are_kept_and_zeros_follow_go() {
        let value = Value::map([
            ("replicas", Value::Int(0)),
            ("ready", Value::Int(0)),
            ("probe", Value::map([("port", Value::Int(80))])),
        ]);
        let sample = Sample::read(value);
        assert_eq!(sample.replicas, Some(0));
        assert_eq!(
            sample.rest.get("probe").and_then(|probe| probe.get("port")),
            Some(&Value::Int(80))
        );
        assert_eq!(
            sample.write_always().to_json(),
            r#"{"available":0,"probe":{"port":80},"replicas":0}"#
        );
    }
}
