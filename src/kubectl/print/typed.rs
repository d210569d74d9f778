//! Objects as kubectl's own commands make them: what Go's structs always write is there, and JSON has their order.

use crate::cluster::object::Kind;
use crate::cluster::schema::{self, Field, Shape, Type};
use crate::cluster::value::{Map, Text, Value};

/// The object with the fields that its struct writes even when they are empty: `status: {}`, `resources: {}`.
pub(crate) fn filled(kind: Kind, value: &Value) -> Value {
    let mut value = value.clone();
    value.set(&["apiVersion"], Value::text(kind.api_version()));
    value.set(&["kind"], Value::text(kind.name()));
    fill(&mut value, &Shape::Struct(kind.name()));
    value
}

/// The JSON of an object in the order of its struct, over several lines, without a newline at the end.
pub(crate) fn pretty_typed(kind: Kind, value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, Form::of_kind(kind), Some(0));
    out
}

/// The same in one line.
pub(crate) fn compact_typed(kind: Kind, value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, Form::of_kind(kind), None);
    out
}

fn fill(value: &mut Value, shape: &Shape) {
    match (value, shape) {
        (Value::Map(map), Shape::Struct(name)) => {
            let fields = schema::find(name).map_or(&[][..], |it| &it.fields);
            for field in fields {
                match map.get_mut(field.name) {
                    Some(value) => fill(value, &field.shape),
                    None if field.always => {
                        map.insert(field.name.into(), zero(field));
                    }
                    None => {}
                }
            }
        }
        (Value::Map(map), Shape::Map(item)) => {
            for (_, value) in map.iter_mut() {
                fill(value, item);
            }
        }
        (Value::List(items), Shape::List(item)) => {
            for value in items {
                fill(value, item);
            }
        }
        _ => {}
    }
}

/// What a field is that nobody has set.
fn zero(field: &Field) -> Value {
    if field.pointer {
        return Value::Null;
    }
    match &field.shape {
        Shape::Text(_) => Value::text(""),
        Shape::Bool => Value::Bool(false),
        Shape::Int(_) | Shape::Float | Shape::IntOrString => Value::Int(0),
        Shape::Quantity => Value::text("0"),
        Shape::Struct(_) => {
            let mut value = Value::Map(Map::new());
            fill(&mut value, &field.shape);
            value
        }
        Shape::Time | Shape::Bytes | Shape::Any | Shape::List(_) | Shape::Map(_) => Value::Null,
    }
}

/// What is known of a value that is written.
#[derive(Clone, Copy)]
enum Form {
    Struct(&'static Type),
    List(&'static Shape),
    Map(&'static Shape),
    Plain,
}

impl Form {
    fn of_kind(kind: Kind) -> Self {
        schema::find(kind.name()).map_or(Self::Plain, Self::Struct)
    }

    fn of(shape: &'static Shape) -> Self {
        match shape {
            Shape::Struct(name) => schema::find(name).map_or(Self::Plain, Self::Struct),
            Shape::List(item) => Self::List(item),
            Shape::Map(item) => Self::Map(item),
            _ => Self::Plain,
        }
    }

    /// The fields of a map in the order of its struct; other keys by name.
    fn fields(self, map: &Map) -> Vec<(&Text, &Value, Self)> {
        let rest = match self {
            Self::Map(item) => Self::of(item),
            _ => Self::Plain,
        };
        let known = match self {
            Self::Struct(it) => &*it.fields,
            _ => &[],
        };
        let told = known.iter().filter_map(|field| {
            let (key, value) = map.iter().find(|(key, _)| *key == field.name)?;
            Some((key, value, Self::of(&field.shape)))
        });
        let others = map
            .iter()
            .filter(|(key, _)| known.iter().all(|it| it.name != &***key));
        told.chain(others.map(|(key, value)| (key, value, rest)))
            .collect()
    }
}

/// Writes a value; without a level all of it in one line.
fn write(out: &mut String, value: &Value, form: Form, level: Option<usize>) {
    let line = |out: &mut String, more: usize| {
        if let Some(level) = level {
            out.push('\n');
            out.push_str(&" ".repeat(4 * (level + more)));
        }
    };
    let deeper = level.map(|it| it + 1);
    match value {
        Value::Map(map) if !map.is_empty() => {
            out.push('{');
            for (at, (key, item, form)) in form.fields(map).into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                line(out, 1);
                out.push_str(&Value::Text(key.clone()).to_json());
                out.push_str(if level.is_some() { ": " } else { ":" });
                write(out, item, form, deeper);
            }
            line(out, 0);
            out.push('}');
        }
        Value::List(items) if !items.is_empty() => {
            let form = match form {
                Form::List(item) => Form::of(item),
                _ => Form::Plain,
            };
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                line(out, 1);
                write(out, item, form, deeper);
            }
            line(out, 0);
            out.push(']');
        }
        other => out.push_str(&other.to_json()),
    }
}
