//! JSONPath templates as kubectl reads them: texts, fields, positions, ranges, filters (reference 8.3).

use crate::cluster::value::Value;

/// A template.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JsonPath {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Text(String),
    Path(Vec<Step>),
    Range(Vec<Step>, Vec<Self>),
}

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Field(String),
    All,
    At(i64),
    Slice(Option<i64>, Option<i64>),
    Filter(Vec<Self>, String, String),
    Anywhere(String),
}

impl JsonPath {
    /// Reads a template such as `{.items[*].metadata.name}`.
    pub(crate) fn read(template: &str) -> Result<Self, String> {
        let mut pieces = pieces(template)?.into_iter();
        let parts = parts(&mut pieces, false)?;
        Ok(Self { parts })
    }

    /// Reads a single path, with or without braces and the leading dot.
    pub(crate) fn read_relaxed(path: &str) -> Result<Self, String> {
        let path = path.trim_start_matches('{').trim_end_matches('}');
        let path = path.strip_prefix('.').unwrap_or(path);
        Self::read(&format!("{{.{path}}}"))
    }

    /// What the template prints of a value.
    pub(crate) fn print(&self, value: &Value) -> Result<String, String> {
        let mut out = String::new();
        print(&self.parts, value, value, &mut out)?;
        Ok(out)
    }

    /// The values that its first path finds.
    pub(crate) fn find<'a>(&self, value: &'a Value) -> Vec<&'a Value> {
        match self.parts.first() {
            Some(Part::Path(steps)) => walk(steps, value, value).unwrap_or_default(),
            _ => Vec::new(),
        }
    }
}

/// Texts, and what stands between braces.
fn pieces(template: &str) -> Result<Vec<Result<String, String>>, String> {
    let mut out = Vec::new();
    let mut rest = template;
    while let Some((text, after)) = rest.split_once('{') {
        if !text.is_empty() {
            out.push(Err(text.to_owned()));
        }
        let mut quoted = false;
        let end = after.find(|letter| {
            if letter == '"' || letter == '\'' {
                quoted = !quoted;
            }
            letter == '}' && !quoted
        });
        let end = end.ok_or("unclosed action")?;
        out.push(Ok(after.get(..end).unwrap_or_default().trim().to_owned()));
        rest = after.get(end + 1..).unwrap_or_default();
    }
    if !rest.is_empty() {
        out.push(Err(rest.to_owned()));
    }
    Ok(out)
}

fn parts(
    pieces: &mut impl Iterator<Item = Result<String, String>>,
    in_range: bool,
) -> Result<Vec<Part>, String> {
    let mut out = Vec::new();
    while let Some(piece) = pieces.next() {
        out.push(match piece {
            Err(text) => Part::Text(text),
            Ok(action) if action == "end" && in_range => return Ok(out),
            Ok(action) => match action.strip_prefix("range ") {
                Some(path) => Part::Range(steps(path.trim())?, parts(pieces, true)?),
                None => match action.strip_prefix(['"', '\'']) {
                    Some(text) => Part::Text(unescape(text.trim_end_matches(['"', '\'']))),
                    None => Part::Path(steps(&action)?),
                },
            },
        });
    }
    Ok(out)
}

fn unescape(text: &str) -> String {
    text.replace("\\n", "\n")
        .replace("\\t", "\t")
        .replace("\\\"", "\"")
}

fn steps(path: &str) -> Result<Vec<Step>, String> {
    let mut out = Vec::new();
    let mut rest = path.trim_start_matches(['@', '$']);
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("..") {
            let (name, after) = word(after);
            out.push(Step::Anywhere(name));
            rest = after;
        } else if let Some(after) = rest.strip_prefix('.') {
            let (name, after) = word(after);
            if name == "*" {
                out.push(Step::All);
            } else if !name.is_empty() {
                out.push(Step::Field(name));
            }
            rest = after;
        } else if let Some(after) = rest.strip_prefix('[') {
            let end = closing(after).ok_or("unterminated array")?;
            out.push(bracket(after.get(..end).unwrap_or_default().trim())?);
            rest = after.get(end + 1..).unwrap_or_default();
        } else {
            return Err(format!("unrecognized character in action: {rest:?}"));
        }
    }
    Ok(out)
}

/// The end of a name: dots may be escaped.
fn word(text: &str) -> (String, &str) {
    let mut escaped = false;
    let end = text.find(|letter| {
        let ends = !escaped && matches!(letter, '.' | '[' | ' ');
        escaped = letter == '\\';
        ends
    });
    let (name, rest) = text.split_at(end.unwrap_or(text.len()));
    (name.replace('\\', ""), rest)
}

fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    text.find(|letter| {
        match letter {
            '[' => depth += 1,
            ']' if depth == 0 => return true,
            ']' => depth -= 1,
            _ => {}
        }
        false
    })
}

fn bracket(inside: &str) -> Result<Step, String> {
    let number = |text: &str| text.trim().parse::<i64>().ok();
    if inside == "*" {
        return Ok(Step::All);
    }
    if let Some(at) = number(inside) {
        return Ok(Step::At(at));
    }
    if let Some(name) = inside.strip_prefix(['"', '\'']) {
        return Ok(Step::Field(name.trim_end_matches(['"', '\'']).to_owned()));
    }
    if let Some(filter) = inside
        .strip_prefix("?(")
        .and_then(|it| it.strip_suffix(')'))
    {
        for operator in ["==", "!="] {
            if let Some((left, right)) = filter.split_once(operator) {
                let wanted = right.trim().trim_matches(['"', '\'']).to_owned();
                return Ok(Step::Filter(
                    steps(left.trim())?,
                    operator.to_owned(),
                    wanted,
                ));
            }
        }
        return Ok(Step::Filter(
            steps(filter.trim())?,
            String::new(),
            String::new(),
        ));
    }
    match inside.split_once(':') {
        Some((from, to)) => Ok(Step::Slice(number(from), number(to))),
        None => Err(format!("invalid array index {inside}")),
    }
}

fn print(parts: &[Part], value: &Value, root: &Value, out: &mut String) -> Result<(), String> {
    for part in parts {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Path(steps) => {
                let found = walk(steps, value, root)?;
                let texts: Vec<String> = found.into_iter().map(Value::plain).collect();
                out.push_str(&texts.join(" "));
            }
            Part::Range(steps, inner) => {
                for item in walk(steps, value, root)? {
                    print(inner, item, root, out)?;
                }
            }
        }
    }
    Ok(())
}

fn walk<'a>(steps: &[Step], value: &'a Value, root: &'a Value) -> Result<Vec<&'a Value>, String> {
    let mut found = vec![value];
    for step in steps {
        let mut next = Vec::new();
        for value in found {
            step_into(step, value, root, &mut next)?;
        }
        found = next;
    }
    Ok(found)
}

fn step_into<'a>(
    step: &Step,
    value: &'a Value,
    root: &'a Value,
    next: &mut Vec<&'a Value>,
) -> Result<(), String> {
    let items = value.as_list().unwrap_or_default();
    let clamp = |at: i64| {
        let length = items.len() as i64;
        let at = if at < 0 { length + at } else { at };
        at.clamp(0, length) as usize
    };
    match step {
        Step::Field(name) => next.extend(value.get(name)),
        Step::All => match value {
            Value::Map(map) => next.extend(map.values()),
            _ => next.extend(items),
        },
        Step::At(at) => {
            let found = items.get(clamp(*at));
            next.push(found.ok_or_else(|| {
                format!(
                    "array index out of bounds: index {at}, length {}",
                    items.len()
                )
            })?);
        }
        Step::Slice(from, to) => {
            let (from, to) = (clamp(from.unwrap_or(0)), to.map_or(items.len(), clamp));
            next.extend(items.get(from..to).unwrap_or_default());
        }
        Step::Filter(left, operator, wanted) => {
            for item in items {
                let found = walk(left, item, root)?;
                let is = found.iter().any(|it| it.plain() == *wanted);
                let keeps = match &**operator {
                    "==" => is,
                    "!=" => !is,
                    _ => !found.is_empty(),
                };
                if keeps {
                    next.push(item);
                }
            }
        }
        Step::Anywhere(name) => anywhere(name, value, next),
    }
    Ok(())
}

fn anywhere<'a>(name: &str, value: &'a Value, next: &mut Vec<&'a Value>) {
    next.extend(value.get(name));
    let inner: Vec<&Value> = match value {
        Value::Map(map) => map.values().collect(),
        Value::List(items) => items.iter().collect(),
        _ => Vec::new(),
    };
    for item in inner {
        anywhere(name, item, next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_print_what_they_find() {
        let value = crate::manifest::value(
            "items:\n- {metadata: {name: a, labels: {x.y/z: '1'}}, size: 1}\n- {metadata: {name: b}, size: 2}\n",
        )
        .expect("it is YAML");
        for (template, printed) in [
            ("{.items[*].metadata.name}", "a b"),
            ("{.items[0].size}", "1"),
            ("{.items[-1:].size}", "2"),
            (
                "{range .items[*]}{.metadata.name}{\"\\t\"}{.size}{\"\\n\"}{end}",
                "a\t1\nb\t2\n",
            ),
            ("n={.items[?(@.metadata.name==\"b\")].size}", "n=2"),
            ("{.items[0].metadata.labels.x\\.y/z}", "1"),
            ("{.items[0].metadata.labels['x.y/z']}", "1"),
            ("{..name}", "a b"),
            (
                "{.items[0].metadata}",
                "{\"labels\":{\"x.y/z\":\"1\"},\"name\":\"a\"}",
            ),
            ("{.nothing}", ""),
        ] {
            let found = JsonPath::read(template).and_then(|it| it.print(&value));
            assert_eq!(found.as_deref(), Ok(printed), "{template}");
        }
        for bad in ["{.items[", "{.items[x]}", "{items}"] {
            assert!(JsonPath::read(bad).is_err(), "{bad}");
        }
    }
}
