//! JSONPath templates as kubectl reads them: texts, fields, positions, ranges, filters (reference 8.3).

use crate::cluster::value::Value;

/// A template.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JsonPath {
    template: String,
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
    Filter(Filter),
    Anywhere(String),
    /// What each of these finds, one after the other.
    Union(Vec<Vec<Self>>),
}

/// `?(@.a == "b")`: which items of a list are kept.
#[derive(Clone, Debug, PartialEq)]
struct Filter {
    left: Operand,
    /// The operator and what stands behind it; without one it is enough that the left side is there.
    compares: Option<(String, Operand)>,
}

#[derive(Clone, Debug, PartialEq)]
enum Operand {
    Path(Vec<Step>),
    Fixed(Value),
}

impl JsonPath {
    /// Reads a template such as `{.items[*].metadata.name}`.
    pub(crate) fn read(template: &str) -> Result<Self, String> {
        let mut pieces = pieces(template)?.into_iter();
        let parts = parts(&mut pieces, false)?;
        let template = template.to_owned();
        Ok(Self { template, parts })
    }

    /// The template as it was read.
    pub(crate) fn template(&self) -> &str {
        &self.template
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

    /// The same, or all that kubectl prints where a template cannot be carried out.
    pub(crate) fn tell(&self, value: &Value) -> Result<String, String> {
        self.print(value)
            .map_err(|why| failure(&self.template, &why, value))
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
            let end = closing(after, ('[', ']')).ok_or("unterminated array")?;
            out.extend(bracket(after.get(..end).unwrap_or_default().trim())?);
            rest = after.get(end + 1..).unwrap_or_default();
        } else {
            let letter = rest.chars().next().unwrap_or_default();
            return Err(format!(
                "unrecognized character in action: U+{:04X} '{letter}'",
                u32::from(letter)
            ));
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

/// Where the bracket closes that was opened before a text.
pub(super) fn closing(text: &str, (opens, closes): (char, char)) -> Option<usize> {
    let mut depth = 0;
    text.find(|letter| {
        if letter == opens {
            depth += 1;
        } else if letter == closes {
            depth -= 1;
        }
        depth < 0
    })
}

fn bracket(inside: &str) -> Result<Vec<Step>, String> {
    if inside == "*" {
        return Ok(vec![Step::All]);
    }
    if let Some(filter) = inside
        .strip_prefix("?(")
        .and_then(|it| it.strip_suffix(')'))
    {
        return Ok(vec![Step::Filter(read_filter(filter)?)]);
    }
    if inside.contains(',') {
        let all = inside.split(',').map(|it| bracket(it.trim()));
        return Ok(vec![Step::Union(all.collect::<Result<_, _>>()?)]);
    }
    let quoted = inside
        .strip_prefix('\'')
        .and_then(|it| it.strip_suffix('\''));
    if let Some(name) = quoted.filter(|it| !it.contains('\'')) {
        // What stands between the quotes is a path again: dots in names are escaped here, too.
        return steps(&format!(".{name}"));
    }
    let invalid = || format!("invalid array index {inside}");
    let number = |text: &str| match text.trim() {
        "" => Ok(None),
        text => text.parse::<i64>().map(Some).map_err(|_| invalid()),
    };
    Ok(vec![match inside.split_once(':') {
        Some((from, to)) => Step::Slice(number(from)?, number(to)?),
        None => Step::At(number(inside)?.ok_or_else(invalid)?),
    }])
}

fn read_filter(text: &str) -> Result<Filter, String> {
    let is_operator = |it: char| matches!(it, '!' | '<' | '>' | '=');
    let at = text.find(is_operator).filter(|at| *at > 0);
    let Some((left, rest)) = at.map(|at| text.split_at(at)) else {
        return Ok(Filter {
            left: operand(text)?,
            compares: None,
        });
    };
    let end = rest.find(|it| !is_operator(it)).unwrap_or(rest.len());
    let (operator, right) = rest.split_at(end);
    Ok(Filter {
        left: operand(left)?,
        compares: Some((operator.to_owned(), operand(right)?)),
    })
}

fn operand(text: &str) -> Result<Operand, String> {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix(['"', '\'']) {
        let inner = rest
            .strip_suffix(['"', '\''])
            .ok_or("unterminated quoted string")?;
        return Ok(Operand::Fixed(Value::text(unescape(inner))));
    }
    if let Ok(number) = text.parse::<i64>() {
        return Ok(Operand::Fixed(Value::Int(number)));
    }
    if let Ok(number) = text.parse::<f64>() {
        return Ok(Operand::Fixed(Value::Float(number)));
    }
    Ok(match text {
        "true" | "false" => Operand::Fixed(Value::Bool(text == "true")),
        path => Operand::Path(steps(path)?),
    })
}

impl Operand {
    /// The one value that it stands for; `None` if there is none.
    fn one<'a>(&'a self, item: &'a Value, root: &'a Value) -> Result<Option<&'a Value>, String> {
        match self {
            Self::Fixed(value) => Ok(Some(value)),
            Self::Path(steps) => match &walk(steps, item, root)?[..] {
                [] => Ok(None),
                [one] => Ok(Some(one)),
                _ => Err("can only compare one element at a time".to_owned()),
            },
        }
    }
}

impl Filter {
    fn keeps(&self, item: &Value, root: &Value) -> Result<bool, String> {
        let Some((operator, right)) = &self.compares else {
            return Ok(match &self.left {
                Operand::Path(steps) => walk(steps, item, root).is_ok_and(|it| !it.is_empty()),
                Operand::Fixed(_) => true,
            });
        };
        let (Some(left), Some(right)) = (self.left.one(item, root)?, right.one(item, root)?) else {
            return Ok(false);
        };
        let order = compare(left, right).ok_or("incompatible types for comparison")?;
        Ok(match &**operator {
            "==" => order.is_eq(),
            "!=" => order.is_ne(),
            "<" => order.is_lt(),
            "<=" => order.is_le(),
            ">" => order.is_gt(),
            ">=" => order.is_ge(),
            other => return Err(format!("unrecognized filter operator {other}")),
        })
    }
}

/// How two plain values of one sort stand to each other.
fn compare(left: &Value, right: &Value) -> Option<std::cmp::Ordering> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (Value::Float(left), Value::Float(right)) => left.partial_cmp(right),
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        _ => None,
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
        if let Step::Union(all) = step {
            for steps in all {
                for value in &found {
                    next.extend(walk(steps, value, root)?);
                }
            }
            found = next;
            continue;
        }
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
        Step::Filter(filter) => {
            for item in items {
                if filter.keeps(item, root)? {
                    next.push(item);
                }
            }
        }
        // It takes all values at once.
        Step::Union(_) => {}
        Step::Anywhere(name) => anywhere(name, value, next),
    }
    Ok(())
}

/// What kubectl prints where a template cannot be carried out, with the object as Go writes it.
fn failure(template: &str, why: &str, value: &Value) -> String {
    format!(
        "error executing jsonpath {template:?}: Error executing template: {why}. Printing more information for debugging \
         the template:\n\ttemplate was:\n\t\t{template}\n\tobject given to jsonpath engine was:\n\t\t{}\n\n",
        go_syntax(value)
    )
}

/// A value as Go's `%#v` writes it.
fn go_syntax(value: &Value) -> String {
    match value {
        Value::Null => "interface {}(nil)".to_owned(),
        Value::Map(map) => {
            let all = map.iter();
            let all: Vec<String> = all
                .map(|(key, value)| format!("{key:?}:{}", go_syntax(value)))
                .collect();
            format!("map[string]interface {{}}{{{}}}", all.join(", "))
        }
        Value::List(items) => {
            let all: Vec<String> = items.iter().map(go_syntax).collect();
            format!("[]interface {{}}{{{}}}", all.join(", "))
        }
        other => other.to_json(),
    }
}

/// A value as Go's `%v` prints it.
pub(crate) fn go_plain(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::Map(map) => {
            let all: Vec<String> = map
                .iter()
                .map(|(key, value)| format!("{key}:{}", go_plain(value)))
                .collect();
            format!("map[{}]", all.join(" "))
        }
        Value::List(items) => {
            let all: Vec<String> = items.iter().map(go_plain).collect();
            format!("[{}]", all.join(" "))
        }
        other => other.plain(),
    }
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
            ("{.items[0].metadata.labels['x\\.y/z']}", "1"),
            ("{.items[0].metadata.labels['x.y/z']}", ""),
            ("{.items[*]['metadata.name', 'size']}", "a b 1 2"),
            ("{.items[?(@.size>1)].metadata.name}", "b"),
            ("{.items[?(@.size<=1)].metadata.name}", "a"),
            ("{.items[?(@.metadata.labels)].metadata.name}", "a"),
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
        for (bad, why) in [
            ("{.items[", "unclosed action"),
            ("{.items[x]}", "invalid array index x"),
            ("{.items[\"x\"]}", "invalid array index \"x\""),
            ("{items}", "unrecognized character in action: U+0069 'i'"),
        ] {
            assert_eq!(JsonPath::read(bad).unwrap_err(), why, "{bad}");
        }
        for (bad, why) in [
            (
                "{.items[7]}",
                "array index out of bounds: index 7, length 2",
            ),
            (
                "{.items[?(@.size==\"1\")]}",
                "incompatible types for comparison",
            ),
        ] {
            let found = JsonPath::read(bad).and_then(|it| it.print(&value));
            assert_eq!(found.unwrap_err(), why, "{bad}");
        }
    }
}
