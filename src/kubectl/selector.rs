//! Label selectors as text, `a=b,c!=d,e in (f,g),h,!i`, read as the server reads them (`labels.Parse` of apimachinery).

use crate::cluster::admission::text::{label_value, qualified};
use crate::cluster::object::meta::Requirement;
use crate::cluster::value::Text;

/// A word, a symbol, or nothing at the end.
type Token<'a> = &'a str;

const SYMBOLS: &str = "=!(),><";

/// Reads a selector; what is wrong with it in the server's words.
pub(super) fn read(text: &str) -> Result<Vec<Requirement>, String> {
    let mut reader = Reader {
        tokens: tokens(text),
        at: 0,
    };
    let mut requirements = Vec::new();
    loop {
        match reader.peek() {
            "" => return Ok(requirements),
            found if is_word(found) || found == "!" => {}
            found => {
                return Err(format!(
                    "found '{found}', expected: !, identifier, or 'end of string'"
                ));
            }
        }
        let read = reader.requirement();
        requirements.push(read.map_err(|why| format!("unable to parse requirement: {why}"))?);
        match reader.next() {
            "" => return Ok(requirements),
            "," => {
                let found = reader.peek();
                if !is_word(found) && found != "!" {
                    return Err(format!("found '{found}', expected: identifier after ','"));
                }
            }
            found => return Err(format!("found '{found}', expected: ',' or 'end of string'")),
        }
    }
}

fn is_word(token: Token<'_>) -> bool {
    !token.is_empty() && !token.contains(|letter| SYMBOLS.contains(letter))
}

/// Cuts a selector into words and symbols.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if !SYMBOLS.contains(first) {
            let ends = |letter: char| letter.is_ascii_whitespace() || SYMBOLS.contains(letter);
            rest.find(ends).unwrap_or(rest.len())
        } else if rest.starts_with("==") || rest.starts_with("!=") {
            2
        } else {
            1
        };
        let (token, behind) = rest.split_at(length);
        out.push(token);
        rest = behind.trim_start();
    }
    out
}

struct Reader<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Token<'a> {
        self.tokens.get(self.at).copied().unwrap_or_default()
    }

    fn next(&mut self) -> Token<'a> {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let mut key = self.next();
        let absent = key == "!";
        if absent {
            key = self.next();
        }
        if !is_word(key) {
            return Err(format!("found '{key}', expected: identifier"));
        }
        let faults = qualified(key);
        if !faults.is_empty() {
            let faults = faults.join("; ");
            return Err(format!("<nil>: Invalid value: {key:?}: {faults}"));
        }
        let made = |operator: &str, values: Vec<Text>| Requirement {
            key: key.into(),
            operator: operator.into(),
            values,
            ..Requirement::default()
        };
        if absent || matches!(self.peek(), "" | ",") {
            let operator = if absent { "DoesNotExist" } else { "Exists" };
            return Ok(made(operator, Vec::new()));
        }
        let (operator, values) = match self.next() {
            "in" => ("In", self.values()?),
            "notin" => ("NotIn", self.values()?),
            "=" | "==" => ("In", self.value()?),
            "!=" => ("NotIn", self.value()?),
            ">" => ("Gt", self.value()?),
            "<" => ("Lt", self.value()?),
            found => {
                return Err(format!(
                    "found '{found}', expected: in, notin, =, ==, !=, gt, lt"
                ));
            }
        };
        let mut faults = Vec::new();
        if values.is_empty() {
            faults.push(
                "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty"
                    .to_owned(),
            );
        }
        for (index, value) in values.iter().enumerate() {
            if matches!(operator, "Gt" | "Lt") && value.parse::<i64>().is_err() {
                faults.push(format!(
                    "values[{index}]: Invalid value: {value:?}: for 'Gt', 'Lt' operators, the value must be an integer"
                ));
            }
        }
        for (index, value) in values.iter().enumerate() {
            let found = label_value(value);
            if !found.is_empty() {
                let found = found.join("; ");
                faults.push(format!(
                    "values[{index}][{key}]: Invalid value: {value:?}: {found}"
                ));
            }
        }
        match &*faults {
            [] => Ok(made(operator, values)),
            [one] => Err(one.clone()),
            all => Err(format!("[{}]", all.join(", "))),
        }
    }

    /// The one value behind `=` and its like; nothing is a value, too.
    fn value(&mut self) -> Result<Vec<Text>, String> {
        match self.peek() {
            "" | "," => Ok(vec![Text::default()]),
            found => {
                self.at += 1;
                if is_word(found) {
                    Ok(vec![found.into()])
                } else {
                    Err(format!("found '{found}', expected: identifier"))
                }
            }
        }
    }

    /// The values in brackets, sorted and each once.
    fn values(&mut self) -> Result<Vec<Text>, String> {
        let found = self.next();
        if found != "(" {
            return Err(format!("found '{found}' expected: '('"));
        }
        let first = self.peek();
        if first != ")" && first != "," && !is_word(first) {
            return Err(format!("found '{first}', expected: ',', ')' or identifier"));
        }
        let mut values: Vec<Text> = Vec::new();
        let mut add = |value: &str| {
            if !values.iter().any(|it| **it == *value) {
                values.push(value.into());
            }
        };
        let mut is_empty = true;
        loop {
            match self.next() {
                ")" if is_empty => break,
                "," => {
                    let behind = self.peek();
                    if is_empty || behind == ")" || behind == "," {
                        add("");
                    }
                    is_empty = false;
                    match behind {
                        ")" => {
                            self.at += 1;
                            break;
                        }
                        "," => self.at += 1,
                        _ => {}
                    }
                }
                found if is_word(found) => {
                    add(found);
                    is_empty = false;
                    match self.peek() {
                        "," => {}
                        ")" => {
                            self.at += 1;
                            break;
                        }
                        found => return Err(format!("found '{found}', expected: ',' or ')'")),
                    }
                }
                found => return Err(format!("found '{found}', expected: ',', or identifier")),
            }
        }
        crate::cluster::sorted::sort_by(&mut values, Ord::cmp);
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_read_in_all_their_forms() {
        let read = |text| {
            let read: Vec<Requirement> = read(text).unwrap();
            let shown = read
                .iter()
                .map(|it| format!("{} {} {:?}", it.key, it.operator, it.values));
            shown.collect::<Vec<_>>()
        };
        assert_eq!(
            read("a=b,c!=d, e in (g, f),h,!i,j notin (k),in=x,l>1,m="),
            [
                r#"a In ["b"]"#,
                r#"c NotIn ["d"]"#,
                r#"e In ["f", "g"]"#,
                "h Exists []",
                "i DoesNotExist []",
                r#"j NotIn ["k"]"#,
                r#"in In ["x"]"#,
                r#"l Gt ["1"]"#,
                r#"m In [""]"#,
            ]
        );
        assert_eq!(read("a in (,b)"), [r#"a In ["", "b"]"#]);
        assert!(read("").is_empty());
    }

    #[test]
    fn what_is_wrong_is_said_in_the_servers_words() {
        let unable = "unable to parse requirement: ";
        for (text, said) in [
            ("a=b=c", "found '=', expected: ',' or 'end of string'"),
            ("a=b,", "found '', expected: identifier after ','"),
            (
                ",a",
                "found ',', expected: !, identifier, or 'end of string'",
            ),
            ("!a=b", "found '=', expected: ',' or 'end of string'"),
        ] {
            assert_eq!(read(text).unwrap_err(), said, "{text}");
        }
        for (text, said) in [
            ("a b", "found 'b', expected: in, notin, =, ==, !=, gt, lt"),
            ("a in", "found '' expected: '('"),
            ("a in (b c)", "found 'c', expected: ',' or ')'"),
            (
                "a in ()",
                "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty",
            ),
            ("a in (", "found '', expected: ',', ')' or identifier"),
            ("a=(b", "found '(', expected: identifier"),
            ("!", "found '', expected: identifier"),
            (
                "a>x",
                "values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
            ),
        ] {
            assert_eq!(read(text).unwrap_err(), format!("{unable}{said}"), "{text}");
        }
        let key = read("a$=b").unwrap_err();
        assert!(
            key.starts_with(&format!(
                "{unable}<nil>: Invalid value: \"a$\": name part must consist"
            )),
            "{key}"
        );
        let value = read("a=b$").unwrap_err();
        assert!(
            value.starts_with(&format!(
                "{unable}values[0][a]: Invalid value: \"b$\": a valid label"
            )),
            "{value}"
        );
    }
}
