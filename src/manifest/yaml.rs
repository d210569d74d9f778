//! One YAML document as a value with the places of its fields.
//!
//! The parser is serde_yaml's, with libyaml's own error texts. Its scalars are YAML 1.2; what YAML 1.1 reads
//! differently is resolved here, for which one must know whether a scalar was quoted: the library lends pieces of
//! the text itself, so that the letter before a piece tells.

use crate::cluster::sorted::SortedMap;
use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess as _, Visitor,
};

use super::error::{ReadError, YamlError, from_library};
use super::{Document, Place, scalar};
use crate::cluster::value::{Map, Text, Value};

/// Reads the first YAML document of a text; what follows its end is ignored, as kubectl does.
pub(super) fn document(text: &str, first_line: usize) -> Result<Document, ReadError> {
    check_depth(text)?;
    let reader = Reader { text };
    let parsed = serde_yaml::Deserializer::from_str(text)
        .next()
        .map(|it| reader.deserialize(it));
    let node = match parsed {
        None => Node::from(Value::Null),
        Some(Ok(node)) => node,
        Some(Err(error)) => return Err(ReadError::Yaml(from_library(&error, text, first_line))),
    };
    let lines = LineStarts::new(text);
    let mut places = SortedMap::new();
    let value = node.into_value(&mut String::new(), &mut |path, offset| {
        let place = lines.place(offset);
        places.insert(
            path.to_owned(),
            Place {
                line: first_line + place.line,
                ..place
            },
        );
    })?;
    Ok(Document {
        value,
        first_line,
        is_json: false,
        places,
    })
}

/// How deep brackets may nest: Go's reader stops there too, and libyaml's time grows with its square.
const DEPTH_MAX: usize = 10_000;

/// Refuses what opens more brackets than any manifest; brackets in quotes count as well.
fn check_depth(text: &str) -> Result<(), ReadError> {
    let mut depth = 0_usize;
    for byte in text.bytes() {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_MAX {
            return Err(ReadError::Yaml(YamlError {
                problem: format!("exceeded max depth of {DEPTH_MAX}"),
                place: None,
                line: None,
                is_json: false,
            }));
        }
    }
    Ok(())
}

/// A value under construction, with the offset at which it stands.
struct Node {
    kind: NodeKind,
    offset: Option<usize>,
}

enum NodeKind {
    Scalar(Value),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
    /// A number that JSON cannot carry.
    Unsupported(&'static str),
}

impl From<Value> for Node {
    fn from(value: Value) -> Self {
        Self {
            kind: NodeKind::Scalar(value),
            offset: None,
        }
    }
}

impl Node {
    fn into_value(
        self,
        path: &mut String,
        see: &mut impl FnMut(&str, usize),
    ) -> Result<Value, ReadError> {
        match self.kind {
            NodeKind::Scalar(value) => Ok(value),
            NodeKind::Unsupported(text) => {
                Err(json_error(format!("json: unsupported value: {text}")))
            }
            NodeKind::List(items) => {
                let mut out = Vec::with_capacity(items.len());
                for (index, item) in items.into_iter().enumerate() {
                    let length = path.len();
                    path.push_str(&format!("[{index}]"));
                    if let Some(offset) = item.first_offset() {
                        see(path, offset);
                    }
                    out.push(item.into_value(path, see)?);
                    path.truncate(length);
                }
                Ok(Value::List(out))
            }
            NodeKind::Map(fields) => {
                let mut map = Map::new();
                let mut merged = Vec::new();
                for (key, item) in fields {
                    let is_merge =
                        matches!(&key.kind, NodeKind::Scalar(Value::Text(text)) if &**text == "<<");
                    let (name, offset) = (key_text(&key)?, key.offset);
                    let length = path.len();
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(&name);
                    if let Some(offset) = offset {
                        see(path, offset);
                    }
                    let value = item.into_value(path, see)?;
                    path.truncate(length);
                    if is_merge {
                        merged.push(value);
                    } else {
                        // Of two equal keys the last one wins, without a word (reference 7.3).
                        map.insert(name, value);
                    }
                }
                for value in merged {
                    merge(&mut map, value);
                }
                Ok(Value::Map(map))
            }
        }
    }

    fn first_offset(&self) -> Option<usize> {
        self.offset.or_else(|| match &self.kind {
            NodeKind::Map(fields) => fields.first().and_then(|(key, _)| key.offset),
            NodeKind::List(items) => items.first().and_then(Self::first_offset),
            _ => None,
        })
    }
}

fn json_error(problem: String) -> ReadError {
    ReadError::Yaml(YamlError {
        problem,
        place: None,
        line: None,
        is_json: true,
    })
}

/// `<<: *x`: what is not there already is taken over.
fn merge(map: &mut Map, value: Value) {
    match value {
        Value::Map(other) => {
            for (key, value) in other {
                map.entry(key).or_insert(value);
            }
        }
        Value::List(items) => {
            for item in items {
                merge(map, item);
            }
        }
        _ => {}
    }
}

/// Keys are strings in JSON: numbers and truth values become their texts.
fn key_text(key: &Node) -> Result<Text, ReadError> {
    match &key.kind {
        NodeKind::Scalar(Value::Text(text)) => Ok(text.clone()),
        NodeKind::Scalar(Value::Null) => Err(json_error(
            "unsupported map key of type: nil, key: <nil>".to_owned(),
        )),
        NodeKind::Scalar(other) => Ok(other.to_json().into()),
        _ => Err(json_error(
            "unsupported map key: only scalars can be keys".to_owned(),
        )),
    }
}

/// Where lines begin.
pub(super) struct LineStarts<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> LineStarts<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let after_breaks = text
            .bytes()
            .enumerate()
            .filter(|(_, byte)| *byte == b'\n')
            .map(|(at, _)| at + 1);
        Self {
            text,
            starts: std::iter::once(0).chain(after_breaks).collect(),
        }
    }

    pub(super) fn place(&self, offset: usize) -> Place {
        let line = self
            .starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or(0);
        let column = self
            .text
            .get(start..offset)
            .map_or(0, |before| before.chars().count());
        Place { line, column }
    }
}

/// Builds nodes while the library parses.
#[derive(Clone, Copy)]
struct Reader<'a> {
    text: &'a str,
}

impl Reader<'_> {
    /// Where a lent piece stands in the text.
    fn offset(self, piece: &str) -> Option<usize> {
        let offset = (piece.as_ptr() as usize).checked_sub(self.text.as_ptr() as usize)?;
        (offset + piece.len() <= self.text.len()).then_some(offset)
    }

    /// Whether the piece at an offset is a plain scalar without a tag.
    fn is_plain(self, offset: usize) -> bool {
        let before = self.text.get(..offset).unwrap_or_default();
        let tagged = before
            .trim_end()
            .rsplit(char::is_whitespace)
            .next()
            .is_some_and(|word| word.starts_with('!'));
        !before.ends_with(['"', '\'']) && !tagged
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any YAML value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Value::Null.into())
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Value::Null.into())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Node, E> {
        Ok(Value::Bool(flag).into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Node, E> {
        Ok(Value::Int(number).into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
        Ok(i64::try_from(number)
            .map_or(Value::Float(number as f64), Value::Int)
            .into())
    }

    fn visit_i128<E>(self, number: i128) -> Result<Node, E> {
        Ok(Value::Float(number as f64).into())
    }

    fn visit_u128<E>(self, number: u128) -> Result<Node, E> {
        Ok(Value::Float(number as f64).into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Node, E> {
        let unsupported = |text| Node {
            kind: NodeKind::Unsupported(text),
            offset: None,
        };
        Ok(if number.is_nan() {
            unsupported("NaN")
        } else if number.is_infinite() {
            unsupported(if number > 0.0 { "+Inf" } else { "-Inf" })
        } else {
            scalar::from_float(number).into()
        })
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Value::text(text).into())
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Node, E> {
        let offset = self.offset(text);
        let plain = offset.is_some_and(|offset| self.is_plain(offset));
        let value = if plain {
            scalar::resolve(text)
        } else {
            Value::text(text)
        };
        Ok(Node {
            kind: NodeKind::Scalar(value),
            offset,
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Node {
            kind: NodeKind::List(items),
            offset: None,
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut fields = Vec::new();
        while let Some(key) = access.next_key_seed(self)? {
            fields.push((key, access.next_value_seed(self)?));
        }
        Ok(Node {
            kind: NodeKind::Map(fields),
            offset: None,
        })
    }

    /// A value with a tag of its own: Go ignores the tag.
    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<Node, A::Error> {
        let (_tag, variant) = access.variant_seed(self)?;
        variant.newtype_variant_seed(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> String {
        document(text, 0)
            .map(|document| document.value.to_json())
            .unwrap_or_else(|error| error.to_string())
    }

    #[test]
    fn quotes_and_tags_keep_a_scalar_a_string() {
        assert_eq!(
            json("a: yes\nb: 'yes'\nc: \"no\"\nd: !!str yes\n"),
            r#"{"a":true,"b":"yes","c":"no","d":"yes"}"#
        );
        assert_eq!(json("a: 017\nb: '017'\n"), r#"{"a":15,"b":"017"}"#);
    }

    #[test]
    fn keys_become_strings() {
        assert_eq!(
            json("on: 1\n80: x\n1.5: z\n"),
            r#"{"1.5":"z","80":"x","true":1}"#
        );
    }

    #[test]
    fn merges_and_aliases_work_and_the_last_of_equal_keys_wins() {
        assert_eq!(
            json("a: &x {b: 1}\nc:\n  <<: *x\n  d: 2\n"),
            r#"{"a":{"b":1},"c":{"b":1,"d":2}}"#
        );
        assert_eq!(json("a: 1\na: 2\n"), r#"{"a":2}"#);
    }

    #[test]
    fn what_follows_the_root_is_ignored() {
        assert_eq!(json("  a: 1\nb: 2\n"), r#"{"a":1}"#);
        assert_eq!(json("a: 1\n...\nfoo: [\n"), r#"{"a":1}"#);
        assert_eq!(json(""), "null");
        assert_eq!(json("# only a comment\n"), "null");
    }

    #[test]
    fn numbers_lose_what_json_loses() {
        assert_eq!(
            json("a: 1.10\nb: 1e3\nc: 99999999999999999999\n"),
            r#"{"a":1.1,"b":1000,"c":100000000000000000000}"#
        );
    }
}
