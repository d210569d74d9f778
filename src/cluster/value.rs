//! JSON values: what manifests are read into, patches work on and objects are shown as.
//!
//! Owns the value tree and its one canonical text (keys sorted by bytes, no blanks, `<`, `>` and `&` escaped as
//! Go's encoder does: reference 1.8).
//! Does not read text: YAML and JSON are read in `manifest`, which fills these values.

use crate::cluster::sorted::SortedMap;
use std::cell::RefCell;
use std::fmt::{self, Write as _};

/// A piece of text: names, labels and the like. Short ones are held in place, longer ones are shared.
pub type Text = smol_str::SmolStr;

/// One text of several pieces, for what is made again and again.
pub fn concat(pieces: &[&str]) -> Text {
    thread_local! {
        static ROOM: RefCell<String> = const { RefCell::new(String::new()) };
    }
    ROOM.with_borrow_mut(|room| {
        room.clear();
        for piece in pieces {
            room.push_str(piece);
        }
        Text::new(room)
    })
}

/// The decimal digits of a number.
pub fn digits(mut number: u64) -> Text {
    let mut buffer = [0; 20];
    let mut at = buffer.len();
    loop {
        at -= 1;
        buffer[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            return Text::from_utf8(&buffer[at..]).unwrap_or_default();
        }
    }
}

/// The sixteen hexadecimal digits of a number.
pub fn hex(number: u64) -> [u8; 16] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut digits = [0; 16];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(number.to_be_bytes()) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 0xf)];
    }
    digits
}

/// The fields of one JSON object, sorted by key.
pub type Map = SortedMap<Text, Value>;

/// One JSON value.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number without a fraction.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A string.
    Text(Text),
    /// A list.
    List(Vec<Self>),
    /// A map.
    Map(Map),
}

/// Values come from JSON, which has no NaN: equality is total.
impl Eq for Value {}

impl Value {
    /// Makes a string value.
    pub fn text(text: impl Into<Text>) -> Self {
        Self::Text(text.into())
    }

    /// Makes a map value from pairs.
    pub fn map<const N: usize>(pairs: [(&str, Self); N]) -> Self {
        Self::Map(
            pairs
                .into_iter()
                .map(|(key, value)| (Text::from(key), value))
                .collect(),
        )
    }

    /// The string, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, if this is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Float(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
                Some(*number as i64)
            }
            _ => None,
        }
    }

    /// The truth value, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// The list, if this is one.
    pub fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// The map, if this is one.
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The map to change, if this is one.
    pub fn as_map_mut(&mut self) -> Option<&mut Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The map, or an empty one for every other value.
    pub fn into_map(self) -> Map {
        match self {
            Self::Map(map) => map,
            _ => Map::new(),
        }
    }

    /// The field `key` of a map.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_map()?.get(key)
    }

    /// The value behind a row of keys, as in `metadata`, `name`.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |value, key| value.get(key))
    }

    /// The string behind a row of keys.
    pub fn str_at(&self, path: &[&str]) -> Option<&str> {
        self.at(path)?.as_str()
    }

    /// The items of the list behind a row of keys; none if there is no list.
    pub fn list_at(&self, path: &[&str]) -> &[Self] {
        self.at(path).and_then(Self::as_list).unwrap_or_default()
    }

    /// A scalar as one reads it: a string without quotes, `null` as nothing, anything else as JSON.
    pub fn plain(&self) -> String {
        match self {
            Self::Text(text) => text.to_string(),
            Self::Null => String::new(),
            other => other.to_json(),
        }
    }

    /// The scalar behind a row of keys as one reads it; empty if there is none.
    pub fn plain_at(&self, path: &[&str]) -> String {
        self.at(path).map(Self::plain).unwrap_or_default()
    }

    /// Puts `value` under the row of keys, making maps on the way.
    pub fn set(&mut self, path: &[&str], value: Self) {
        let Some((key, rest)) = path.split_first() else {
            *self = value;
            return;
        };
        if self.as_map().is_none() {
            *self = Self::Map(Map::new());
        }
        if let Some(map) = self.as_map_mut() {
            map.entry(Text::from(*key)).or_default().set(rest, value);
        }
    }

    /// Takes the value behind the row of keys out of its map.
    pub fn remove(&mut self, path: &[&str]) -> Option<Self> {
        let (last, parents) = path.split_last()?;
        let parent = parents
            .iter()
            .try_fold(self, |value, key| value.as_map_mut()?.get_mut(*key))?;
        parent.as_map_mut()?.remove(*last)
    }

    /// The name of this value's JSON type as Go's decoder says it.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Int(_) | Self::Float(_) => "number",
            Self::Text(_) => "string",
            Self::List(_) => "array",
            Self::Map(_) => "object",
        }
    }

    /// The canonical text: compact, keys sorted by bytes.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        self.write_json(&mut out);
        out
    }

    /// The canonical text with `<`, `>` and `&` as they are: how messages quote values.
    pub fn to_json_plain(&self) -> String {
        ["\\u003c", "\\u003e", "\\u0026"]
            .iter()
            .zip(["<", ">", "&"])
            .fold(self.to_json(), |text, (escaped, plain)| {
                text.replace(escaped, plain)
            })
    }

    fn write_json(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Self::Int(number) => push(out, format_args!("{number}")),
            Self::Float(number) => push(out, format_args!("{}", GoFloat(*number))),
            Self::Text(text) => write_json_text(out, text),
            Self::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.write_json(out);
                }
                out.push(']');
            }
            Self::Map(map) => {
                out.push('{');
                for (index, (key, value)) in map.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    write_json_text(out, key);
                    out.push(':');
                    value.write_json(out);
                }
                out.push('}');
            }
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

/// Appends formatted text; writing to a `String` cannot fail.
pub fn push(out: &mut String, arguments: fmt::Arguments<'_>) {
    let written = out.write_fmt(arguments);
    debug_assert!(written.is_ok(), "a String takes everything");
}

/// A float as Go's JSON encoder writes it: plain digits between 1e-6 and 1e21, else with an exponent.
struct GoFloat(f64);

impl fmt::Display for GoFloat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.abs();
        if size != 0.0 && !(1e-6..1e21).contains(&size) {
            let text = format!("{:e}", self.0);
            return match text.split_once('e') {
                Some((digits, exponent)) if !exponent.starts_with('-') => {
                    write!(f, "{digits}e+{exponent}")
                }
                _ => f.write_str(&text),
            };
        }
        write!(f, "{}", self.0)
    }
}

/// Appends `text` as a JSON string, escaped as Go's encoder escapes it.
pub fn write_json_text(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                push(out, format_args!("\\u{:04x}", u32::from(letter)));
            }
            _ => out.push(letter),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    #[test]
    fn texts_are_made_of_pieces_and_digits() {
        assert_eq!(concat(&["web", "-", &digits(0)]), "web-0");
        let long = "é".repeat(90);
        assert_eq!(concat(&[&long, "x"]), format!("{long}x"));
        for number in [0, 9, 10, 15, 16, 1_234_567, u64::MAX] {
            assert_eq!(digits(number), format!("{number}"));
            assert_eq!(hex(number)[..], *format!("{number:016x}").as_bytes());
        }
    }

    use super::*;

    #[test]
    fn canonical_text_sorts_keys_and_escapes_like_go() {
        let value = Value::map([
            ("b", Value::Int(1)),
            (
                "a",
                Value::List(vec![
                    Value::text("<&>\u{2028}\"é"),
                    Value::Null,
                    Value::Float(1.5),
                ]),
            ),
            ("$patch", Value::text("replace")),
        ]);
        assert_eq!(
            value.to_json(),
            r#"{"$patch":"replace","a":["\u003c\u0026\u003e\u2028\"é",null,1.5],"b":1}"#
        );
    }

    #[test]
    fn floats_read_as_go_writes_them() {
        for (number, text) in [
            (6.02e23, "6.02e+23"),
            (1e21, "1e+21"),
            (0.5, "0.5"),
            (1e-7, "1e-7"),
        ] {
            assert_eq!(Value::Float(number).to_json(), text);
        }
    }

    #[test]
    fn set_makes_the_maps_on_its_way_and_remove_takes_back() {
        let mut value = Value::Null;
        value.set(&["metadata", "name"], Value::text("web"));
        assert_eq!(value.str_at(&["metadata", "name"]), Some("web"));
        assert_eq!(
            value.remove(&["metadata", "name"]),
            Some(Value::text("web"))
        );
        assert_eq!(value.to_json(), r#"{"metadata":{}}"#);
    }
}
