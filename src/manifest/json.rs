//! Reading JSON, with the errors of Go's decoder.

use super::Document;
use super::yaml::LineStarts;
use crate::cluster::sorted::SortedMap;
use crate::cluster::value::{Map, Text, Value};

/// Deepest nesting that is read.
const DEPTH_MAX: usize = 200;

/// Why a text is not JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct JsonError {
    /// Go's words.
    pub problem: String,
    /// Bytes before the fault.
    pub offset: usize,
}

/// Reads one value and nothing behind it.
pub fn value(text: &str) -> Result<Value, JsonError> {
    let mut reader = Reader::new(text);
    let value = reader.value(0)?;
    reader.blanks();
    match reader.peek() {
        None => Ok(value),
        Some(letter) => Err(reader.error(format!(
            "invalid character {} after top-level value",
            go_quote(letter)
        ))),
    }
}

/// Reads values one after the other, with the places of their fields.
pub(super) fn stream(text: &str) -> Result<Vec<Document>, JsonError> {
    let mut reader = Reader::new(text);
    let lines = LineStarts::new(text);
    let mut documents = Vec::new();
    loop {
        reader.blanks();
        if reader.peek().is_none() {
            return Ok(documents);
        }
        let first_line = lines.place(reader.at).line;
        reader.seen = Some(Seen::default());
        let value = reader.value(0)?;
        let seen = reader.seen.take().unwrap_or_default().places;
        documents.push(Document {
            value,
            first_line,
            is_json: true,
            places: seen
                .into_iter()
                .map(|(path, offset)| (path, lines.place(offset)))
                .collect(),
        });
    }
}

/// Where fields and items stand, as the bytes before them.
#[derive(Default)]
struct Seen {
    /// The path of what is read now.
    path: String,
    places: SortedMap<String, usize>,
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// What is noted of the places, if anybody asks for them.
    seen: Option<Seen>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            seen: None,
        }
    }
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += letter.len_utf8();
        Some(letter)
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.at += 1;
        }
    }

    fn error(&self, problem: String) -> JsonError {
        JsonError {
            problem,
            offset: self.at,
        }
    }

    fn unexpected(&self, context: &str) -> JsonError {
        match self.peek() {
            None => self.error("unexpected end of JSON input".to_owned()),
            Some(letter) => self.error(format!("invalid character {} {context}", go_quote(letter))),
        }
    }

    /// Reads what stands at a step of the path.
    fn value_at(&mut self, depth: usize, step: &str, at: usize) -> Result<Value, JsonError> {
        let mut length = 0;
        if let Some(Seen { path, places }) = &mut self.seen {
            length = path.len();
            path.push_str(match path.is_empty() {
                true => step.trim_start_matches('.'),
                false => step,
            });
            places.insert(path.clone(), at);
        }
        let value = self.value(depth + 1)?;
        if let Some(seen) = &mut self.seen {
            seen.path.truncate(length);
        }
        Ok(value)
    }

    /// Where an item begins to say something: its first key, behind the quote.
    fn first_word(&self) -> usize {
        let opens = |it: char| " \t\n\r{[\"".contains(it);
        let rest = self.rest();
        let word = rest.trim_start_matches(opens);
        // An item that is empty stands at its bracket.
        let is_empty = word.starts_with([']', '}']);
        let blanks = rest.len() - rest.trim_start().len();
        self.at
            + if is_empty {
                blanks
            } else {
                rest.len() - word.len()
            }
    }

    fn value(&mut self, depth: usize) -> Result<Value, JsonError> {
        if depth > DEPTH_MAX {
            return Err(self.error("exceeded max depth".to_owned()));
        }
        self.blanks();
        match self.peek() {
            Some('{') => self.object(depth),
            Some('[') => self.array(depth),
            Some('"') => Ok(Value::Text(self.string()?)),
            Some('-' | '0'..='9') => self.number(),
            Some('t') => self.word("true", Value::Bool(true)),
            Some('f') => self.word("false", Value::Bool(false)),
            Some('n') => self.word("null", Value::Null),
            _ => Err(self.unexpected("looking for beginning of value")),
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, JsonError> {
        for letter in word.chars() {
            if self.peek() != Some(letter) {
                return Err(self.unexpected(&format!("in literal {word} (expecting '{letter}')")));
            }
            self.at += 1;
        }
        Ok(value)
    }

    fn object(&mut self, depth: usize) -> Result<Value, JsonError> {
        self.at += 1;
        let mut map = Map::new();
        self.blanks();
        if self.peek() == Some('}') {
            self.at += 1;
            return Ok(Value::Map(map));
        }
        loop {
            self.blanks();
            if self.peek() != Some('"') {
                return Err(self.unexpected("looking for beginning of object key string"));
            }
            let place = self.at + 1;
            let key = self.string()?;
            self.blanks();
            if self.peek() != Some(':') {
                return Err(self.unexpected("after object key"));
            }
            self.at += 1;
            let value = self.value_at(depth, &format!(".{key}"), place)?;
            map.insert(key, value);
            self.blanks();
            match self.peek() {
                Some(',') => self.at += 1,
                Some('}') => {
                    self.at += 1;
                    return Ok(Value::Map(map));
                }
                _ => return Err(self.unexpected("after object key:value pair")),
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, JsonError> {
        self.at += 1;
        let mut items = Vec::new();
        self.blanks();
        if self.peek() == Some(']') {
            self.at += 1;
            return Ok(Value::List(items));
        }
        loop {
            let place = self.first_word();
            items.push(self.value_at(depth, &format!("[{}]", items.len()), place)?);
            self.blanks();
            match self.peek() {
                Some(',') => self.at += 1,
                Some(']') => {
                    self.at += 1;
                    return Ok(Value::List(items));
                }
                _ => return Err(self.unexpected("after array element")),
            }
        }
    }

    fn string(&mut self) -> Result<Text, JsonError> {
        self.at += 1;
        let mut out = String::new();
        loop {
            match self.peek() {
                None => return Err(self.error("unexpected end of JSON input".to_owned())),
                Some('"') => {
                    self.at += 1;
                    return Ok(out.into());
                }
                Some('\\') => {
                    self.at += 1;
                    out.push(self.escape()?);
                }
                Some(letter) if letter < ' ' => return Err(self.unexpected("in string literal")),
                Some(letter) => {
                    self.at += letter.len_utf8();
                    out.push(letter);
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let escaped = match self.peek() {
            Some(letter @ ('"' | '\\' | '/')) => letter,
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => {
                self.at += 1;
                return self.unicode();
            }
            _ => return Err(self.unexpected("in string escape code")),
        };
        self.at += 1;
        Ok(escaped)
    }

    fn unicode(&mut self) -> Result<char, JsonError> {
        let high = self.four_digits()?;
        if (0xd800..0xdc00).contains(&high) && self.rest().starts_with("\\u") {
            let before = self.at;
            self.at += 2;
            let low = self.four_digits()?;
            if (0xdc00..0xe000).contains(&low) {
                let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = before;
        }
        Ok(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn four_digits(&mut self) -> Result<u32, JsonError> {
        let mut code = 0;
        for _ in 0..4 {
            let Some(digit) = self.peek().and_then(|letter| letter.to_digit(16)) else {
                return Err(self.unexpected("in \\u hexadecimal character escape"));
            };
            self.next();
            code = code * 16 + digit;
        }
        Ok(code)
    }

    fn number(&mut self) -> Result<Value, JsonError> {
        let start = self.at;
        if self.peek() == Some('-') {
            self.at += 1;
        }
        match self.peek() {
            Some('0') => self.at += 1,
            Some('1'..='9') => self.digits(),
            _ => return Err(self.unexpected("in numeric literal")),
        }
        let mut whole = true;
        if self.peek() == Some('.') {
            whole = false;
            self.at += 1;
            if !matches!(self.peek(), Some('0'..='9')) {
                return Err(self.unexpected("after decimal point in numeric literal"));
            }
            self.digits();
        }
        if matches!(self.peek(), Some('e' | 'E')) {
            whole = false;
            self.at += 1;
            if matches!(self.peek(), Some('+' | '-')) {
                self.at += 1;
            }
            if !matches!(self.peek(), Some('0'..='9')) {
                return Err(self.unexpected("in exponent of numeric literal"));
            }
            self.digits();
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        let number = text.parse().ok().filter(|_| whole).map(Value::Int);
        Ok(number.unwrap_or_else(|| super::scalar::from_float(text.parse().unwrap_or(0.0))))
    }

    fn digits(&mut self) {
        while matches!(self.peek(), Some('0'..='9')) {
            self.at += 1;
        }
    }
}

/// A letter as Go's error texts quote it.
fn go_quote(letter: char) -> String {
    match letter {
        '\'' => "'\\''".to_owned(),
        '"' => "'\"'".to_owned(),
        '\n' => "'\\n'".to_owned(),
        '\t' => "'\\t'".to_owned(),
        other => format!("'{other}'"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_they_are() {
        let text = r#" {"a": [1, -2.5, 1e3, true, null], "b": "x\n\u00e9\ud83d\ude00"} "#;
        assert_eq!(
            value(text).map(|it| it.to_json()).as_deref(),
            Ok(r#"{"a":[1,-2.5,1000,true,null],"b":"x\né😀"}"#)
        );
        assert_eq!(stream("{} {\"a\":1}\n").map(|it| it.len()), Ok(2));
    }

    #[test]
    fn fields_and_items_stand_where_the_same_text_as_yaml_has_them() {
        let first = "{\"kind\": \"Pod\",\n  \"spec\": {\"containers\": [\n    {\"name\": \"ä\", \"args\": [\"x\", \"y\"]},\n    \
                     {}, [], [{\"b\": 1}]]}}";
        let documents = stream(&format!("{first}\n\n{first}")).expect("it is JSON");
        let yaml = crate::manifest::yaml::document(first, 0).expect("it is YAML");
        for (path, place) in &yaml.places {
            assert_eq!(documents[0].places.get(path), Some(place), "{path}");
        }
        assert_eq!(documents[1].first_line, 5);
        let place = documents[1].places.get("spec.containers[0].args[1]");
        assert_eq!(place.map(|it| (it.line, it.column)), Some((7, 33)));
        let empty = documents[0].places.get("spec.containers[1]");
        assert_eq!(empty.map(|it| (it.line, it.column)), Some((3, 4)));
    }

    #[test]
    fn errors_are_gos() {
        for (text, problem) in [
            ("{", "unexpected end of JSON input"),
            (
                "{a}",
                "invalid character 'a' looking for beginning of object key string",
            ),
            ("[1 2]", "invalid character '2' after array element"),
            ("{\"a\" 1}", "invalid character '1' after object key"),
            (
                "{\"a\":1 \"b\"}",
                "invalid character '\"' after object key:value pair",
            ),
            ("x", "invalid character 'x' looking for beginning of value"),
            ("{} x", "invalid character 'x' after top-level value"),
            ("nul", "unexpected end of JSON input"),
            ("01", "invalid character '1' after top-level value"),
        ] {
            assert_eq!(
                value(text).map_err(|error| error.problem),
                Err(problem.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn deep_nesting_is_refused_and_not_followed() {
        assert!(value(&"[".repeat(100_000)).is_err());
    }
}
