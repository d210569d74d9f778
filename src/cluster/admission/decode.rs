//! Strict decoding: the JSON of a request checked against the schema and brought into the form that Go would
//! encode it in.
//!
//! Source: apimachinery's strict JSON decoder; texts as in reference 7.2, rows 12, 13, 23b and 51.

use crate::cluster::base64;
use crate::cluster::object::{Kind, Object};
use crate::cluster::quantity::{MALFORMED, Quantity};
use crate::cluster::schema::{self, Field, Shape, Type};
use crate::cluster::time::Time;
use crate::cluster::value::{Map, Text, Value};

/// What became of a request's JSON.
#[derive(Debug)]
pub struct Decoded {
    /// The value in Go's canonical form, without unknown fields.
    pub value: Value,
    /// Paths of unknown fields.
    pub unknown: Vec<String>,
    /// The first value of a wrong type, in the decoder's words.
    pub mismatch: Option<String>,
}

/// Decodes the JSON of an object of a kind.
pub fn decode(kind: Kind, value: &Value) -> Decoded {
    decode_as(kind.name(), value)
}

/// Decodes the JSON of any type of the schema.
pub fn decode_as(type_name: &str, value: &Value) -> Decoded {
    let mut decoder = Decoder {
        unknown: Vec::new(),
        mismatch: None,
        fields: Vec::new(),
        place: String::new(),
    };
    let value = match (schema::find(type_name), value) {
        (Some(described), Value::Map(map)) => decoder.object(described, map),
        (_, other) => {
            decoder.mismatch = Some(format!(
                "json: cannot unmarshal {} into Go value of type v1.{type_name}",
                other.type_name()
            ));
            Value::Map(Map::new())
        }
    };
    Decoded {
        value,
        unknown: decoder.unknown,
        mismatch: decoder.mismatch,
    }
}

/// Decodes the JSON of an object strictly: the object, or what the server answers.
pub fn decode_strictly(kind: Kind, value: &Value) -> Result<Object, String> {
    let decoded = decode(kind, value);
    if let Some(mismatch) = decoded.mismatch {
        return Err(cannot_be_handled(kind, &mismatch));
    }
    if !decoded.unknown.is_empty() {
        let list: Vec<String> = decoded
            .unknown
            .iter()
            .map(|path| format!("unknown field \"{path}\""))
            .collect();
        return Err(cannot_be_handled(
            kind,
            &format!("strict decoding error: {}", list.join(", ")),
        ));
    }
    Ok(Object::read(kind, decoded.value))
}

/// The message around a decoder's error.
pub fn cannot_be_handled(kind: Kind, why: &str) -> String {
    format!(
        "{kind} in version \"{}\" cannot be handled as a {kind}: {why}",
        kind.info().version
    )
}

struct Decoder {
    unknown: Vec<String>,
    mismatch: Option<String>,
    /// The keys on the way to the value, without list positions: how Go names a field.
    fields: Vec<&'static str>,
    /// The same with list positions: how strict decoding names a field.
    place: String,
}

impl Decoder {
    fn object(&mut self, described: &'static Type, map: &Map) -> Value {
        let mut out = Map::new();
        for (key, value) in map {
            let Some(field) = described.field(key) else {
                self.unknown.push(join(&self.place, key));
                continue;
            };
            if *value == Value::Null {
                continue;
            }
            let length = self.place.len();
            self.place = join(&self.place, key);
            self.fields.push(field.name);
            let decoded = self.value(&field.shape, value, described.name);
            self.fields.pop();
            self.place.truncate(length);
            if let Some(decoded) =
                decoded.filter(|it| field.always || field.pointer || !is_zero(it, &field.shape))
            {
                out.insert(key.clone(), decoded);
            }
        }
        fill(described, &mut out);
        Value::Map(out)
    }

    fn value(&mut self, shape: &Shape, value: &Value, owner: &str) -> Option<Value> {
        match (shape, value) {
            (Shape::Bytes, Value::Text(text)) => match base64::fault(text) {
                None => Some(value.clone()),
                Some(at) => {
                    let why = format!("illegal base64 data at input byte {at}");
                    self.mismatch.get_or_insert(why);
                    None
                }
            },
            (Shape::Text(_), Value::Text(_)) | (Shape::Bool, Value::Bool(_)) | (Shape::Any, _) => {
                Some(value.clone())
            }
            (Shape::Int(bits), Value::Int(_) | Value::Float(_)) => {
                self.number(*bits, value, shape, owner)
            }
            (Shape::Float, Value::Int(_) | Value::Float(_)) => Some(value.clone()),
            (Shape::IntOrString, Value::Text(_)) => Some(value.clone()),
            (Shape::IntOrString, Value::Int(_) | Value::Float(_)) => {
                self.number(32, value, shape, owner)
            }
            (Shape::Quantity, Value::Text(_) | Value::Int(_) | Value::Float(_)) => {
                self.quantity(value)
            }
            (Shape::Time, Value::Text(text)) => self.time(text),
            (Shape::Struct(name), Value::Map(map)) => {
                schema::find(name).map(|described| self.object(described, map))
            }
            (Shape::List(item), Value::List(items)) => Some(self.list(item, items, owner)),
            (Shape::Map(item), Value::Map(map)) => Some(self.map(item, map, owner)),
            _ => {
                self.mismatch(value.type_name(), shape, owner);
                None
            }
        }
    }

    fn list(&mut self, item: &Shape, items: &[Value], owner: &str) -> Value {
        let length = self.place.len();
        let mut out = Vec::with_capacity(items.len());
        for (index, value) in items.iter().enumerate() {
            self.place.push_str(&format!("[{index}]"));
            // A null element is the zero value of its type.
            let decoded = match value {
                Value::Null => Some(zero(item)),
                _ => self.value(item, value, owner),
            };
            out.extend(decoded);
            self.place.truncate(length);
        }
        Value::List(out)
    }

    fn map(&mut self, item: &Shape, map: &Map, owner: &str) -> Value {
        let mut out = Map::new();
        for (key, value) in map {
            let decoded = match value {
                Value::Null => Some(zero(item)),
                _ => self.value(item, value, owner),
            };
            out.extend(decoded.map(|value| (key.clone(), value)));
        }
        Value::Map(out)
    }

    fn number(&mut self, bits: u8, value: &Value, shape: &Shape, owner: &str) -> Option<Value> {
        let fits = |number: &i64| bits > 32 || i32::try_from(*number).is_ok();
        match value.as_int().filter(fits) {
            Some(number) => Some(Value::Int(number)),
            None => {
                self.mismatch(&format!("number {}", value.to_json()), shape, owner);
                None
            }
        }
    }

    fn quantity(&mut self, value: &Value) -> Option<Value> {
        let text = value
            .as_str()
            .map_or_else(|| value.to_json(), str::to_owned);
        match Quantity::parse(text.trim()) {
            Some(quantity) => Some(Value::text(quantity.to_string())),
            None => {
                self.mismatch.get_or_insert_with(|| MALFORMED.to_owned());
                None
            }
        }
    }

    fn time(&mut self, text: &Text) -> Option<Value> {
        if Time::parse(text).is_some() {
            return Some(Value::Text(text.clone()));
        }
        self.mismatch.get_or_insert_with(|| {
            let layout = "2006-01-02T15:04:05Z07:00";
            format!("parsing time \"{text}\" as \"{layout}\": cannot parse \"{text}\" as \"2006\"")
        });
        None
    }

    fn mismatch(&mut self, found: &str, shape: &Shape, owner: &str) {
        let path = self.fields.join(".");
        let wanted = match shape {
            Shape::IntOrString => "int32".to_owned(),
            other => other.go_name(),
        };
        self.mismatch.get_or_insert_with(|| {
            format!("json: cannot unmarshal {found} into Go struct field {owner}.{path} of type {wanted}")
        });
    }
}

fn join(place: &str, key: &str) -> String {
    if place.is_empty() {
        key.to_owned()
    } else {
        format!("{place}.{key}")
    }
}

/// Adds the fields that Go writes even when they are empty.
fn fill(described: &'static Type, map: &mut Map) {
    for field in described.fields.iter().filter(|field| field.always) {
        map.entry(field.name.into()).or_insert_with(|| empty(field));
    }
}

fn empty(field: &Field) -> Value {
    if field.pointer {
        Value::Null
    } else {
        zero(&field.shape)
    }
}

fn zero(shape: &Shape) -> Value {
    match shape {
        Shape::Text(_) | Shape::Bytes => Value::text(""),
        Shape::Bool => Value::Bool(false),
        Shape::Int(_) | Shape::Float | Shape::IntOrString => Value::Int(0),
        Shape::Quantity => Value::text("0"),
        Shape::Time | Shape::Any | Shape::List(_) | Shape::Map(_) => Value::Null,
        Shape::Struct(name) => {
            let mut map = Map::new();
            if let Some(described) = schema::find(name) {
                fill(described, &mut map);
            }
            Value::Map(map)
        }
    }
}

/// Whether Go's `omitempty` leaves the value out.
fn is_zero(value: &Value, shape: &Shape) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Int(number) => *number == 0,
        Value::Float(number) => *number == 0.0,
        Value::Text(text) => text.is_empty(),
        Value::List(items) => items.is_empty(),
        Value::Map(map) => map.is_empty() && matches!(shape, Shape::Map(_)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(spec: Value) -> Value {
        Value::map([
            ("metadata", Value::map([("name", "web".into())])),
            ("spec", spec),
        ])
    }

    #[test]
    fn wrong_types_read_as_the_servers() {
        let number = |key: &'static str, value: Value| Value::map([(key, value)]);
        let container = |fields: Value| {
            let spec = Value::map([("containers", Value::List(vec![fields]))]);
            Value::map([("template", Value::map([("spec", spec)]))])
        };
        for (spec, text) in [
            (
                number("replicas", "three".into()),
                "json: cannot unmarshal string into Go struct field StatefulSetSpec.spec.replicas of type int32",
            ),
            (
                number("replicas", Value::Float(1.5)),
                "json: cannot unmarshal number 1.5 into Go struct field StatefulSetSpec.spec.replicas of type int32",
            ),
            (
                number("serviceName", Value::Bool(true)),
                "json: cannot unmarshal bool into Go struct field StatefulSetSpec.spec.serviceName of type string",
            ),
            (
                container(Value::map([("image", Value::Int(1))])),
                "json: cannot unmarshal number into Go struct field Container.spec.template.spec.containers.image of type string",
            ),
            (
                container("x".into()),
                "json: cannot unmarshal string into Go struct field PodSpec.spec.template.spec.containers of type v1.Container",
            ),
        ] {
            assert_eq!(
                decode(Kind::StatefulSet, &set(spec)).mismatch.as_deref(),
                Some(text)
            );
        }
    }

    #[test]
    fn unknown_fields_are_named_with_their_place() {
        let container = Value::map([("name", "x".into()), ("imagee", "y".into())]);
        let spec = Value::map([
            ("replica", Value::Int(3)),
            (
                "template",
                Value::map([(
                    "spec",
                    Value::map([("containers", Value::List(vec![container]))]),
                )]),
            ),
        ]);
        let decoded = decode(Kind::StatefulSet, &set(spec));
        assert_eq!(
            decoded.unknown,
            ["spec.replica", "spec.template.spec.containers[0].imagee"]
        );
    }

    #[test]
    fn values_take_gos_canonical_form() {
        let mount = Value::map([
            ("name", "a".into()),
            ("mountPath", "/a".into()),
            ("readOnly", Value::Bool(false)),
        ]);
        let limits = Value::map([("memory", "1024Mi".into())]);
        let container = Value::map([
            ("name", "x".into()),
            ("volumeMounts", Value::List(vec![mount])),
            ("resources", Value::map([("limits", limits)])),
            ("env", Value::List(vec![])),
            (
                "securityContext",
                Value::map([("privileged", Value::Bool(false))]),
            ),
        ]);
        let decoded = decode_as("Container", &container);
        assert_eq!(
            decoded.value.to_json(),
            r#"{"name":"x","resources":{"limits":{"memory":"1Gi"}},"securityContext":{"privileged":false},"volumeMounts":[{"mountPath":"/a","name":"a"}]}"#
        );
    }
}
