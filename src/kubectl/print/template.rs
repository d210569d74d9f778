//! Go templates as people type them after `--template`: fields, variables, `range`, `if`, `with` and a few functions.

use super::path::closing;
use crate::cluster::value::Value;
use crate::kubectl::print::go_plain;

/// A template.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Template {
    nodes: Vec<Node>,
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Text(String),
    Print(Pipe),
    /// `if`, with what is done otherwise.
    If(Pipe, Vec<Self>, Vec<Self>),
    /// `with`: the value becomes the dot.
    With(Pipe, Vec<Self>, Vec<Self>),
    /// `range`: with the names of its key and its value.
    Range(Vec<String>, Pipe, Vec<Self>, Vec<Self>),
}

/// Commands, each with what the one before it gives as its last argument.
#[derive(Clone, Debug, Default, PartialEq)]
struct Pipe {
    /// The variable that takes the result.
    sets: Option<String>,
    commands: Vec<Vec<Operand>>,
}

#[derive(Clone, Debug, PartialEq)]
enum Operand {
    /// A variable (`$`, `$x`, or the dot as ``) and the fields behind it.
    Path(String, Vec<String>),
    Fixed(Value),
    Call(String),
    Nested(Pipe, Vec<String>),
}

/// How deep templates may stand in each other.
const DEPTH_MAX: usize = 30;

impl Template {
    /// Reads a template, or says what is wrong with it.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let mut pieces = pieces(text)?;
        pieces.reverse();
        let (nodes, end) = nodes(&mut pieces, 0)?;
        match end.is_empty() {
            true => Ok(Self { nodes }),
            false => Err(format!("unexpected {{{{{end}}}}}")),
        }
    }

    /// What it prints of a value.
    pub(crate) fn print(&self, value: &Value) -> Result<String, String> {
        let mut run = Run {
            variables: vec![("$".to_owned(), value.clone())],
            out: String::new(),
        };
        run.all(&self.nodes, value)
            .map_err(|why| format!("error executing template: {why}"))?;
        Ok(run.out)
    }
}

/// Texts (`Err`) and actions (`Ok`), with the blanks that `{{-` and `-}}` take away taken away.
fn pieces(text: &str) -> Result<Vec<Result<String, String>>, String> {
    let mut out: Vec<Result<String, String>> = Vec::new();
    let (mut rest, mut trims) = (text, false);
    while let Some((before, after)) = rest.split_once("{{") {
        let (action, behind) = after.split_once("}}").ok_or("unclosed action")?;
        let mut before = if trims { before.trim_start() } else { before };
        let opened = action.strip_prefix("- ");
        if opened.is_some() {
            before = before.trim_end();
        }
        let action = opened.unwrap_or(action);
        let closed = action.strip_suffix(" -");
        trims = closed.is_some();
        out.push(Err(before.to_owned()));
        out.push(Ok(closed.unwrap_or(action).trim().to_owned()));
        rest = behind;
    }
    let last = if trims { rest.trim_start() } else { rest };
    out.push(Err(last.to_owned()));
    Ok(out)
}

/// Nodes up to an `end` or `else`, which is given back.
fn nodes(
    pieces: &mut Vec<Result<String, String>>,
    depth: usize,
) -> Result<(Vec<Node>, String), String> {
    if depth > DEPTH_MAX {
        return Err("the template is nested too deeply".to_owned());
    }
    let mut out = Vec::new();
    while let Some(piece) = pieces.pop() {
        let action = match piece {
            Err(text) => {
                out.push(Node::Text(text));
                continue;
            }
            Ok(action) if action.starts_with("/*") => continue,
            Ok(action) => action,
        };
        match action.split(' ').next() {
            Some("end" | "else") => return Ok((out, action)),
            Some("if" | "with" | "range") => out.push(control(&action, pieces, depth)?),
            _ => out.push(Node::Print(pipe(&action)?)),
        }
    }
    Ok((out, String::new()))
}

/// `if`, `with` or `range` with all up to its `end`.
fn control(
    action: &str,
    pieces: &mut Vec<Result<String, String>>,
    depth: usize,
) -> Result<Node, String> {
    let (word, rest) = action.split_once(' ').unwrap_or((action, ""));
    let (body, end) = nodes(pieces, depth + 1)?;
    let otherwise = match (end.strip_prefix("else "), &*end) {
        // The `end` of what follows is this one's, too.
        (Some(again), _) => vec![control(again.trim(), pieces, depth + 1)?],
        (None, "end") => Vec::new(),
        (None, "else") => match nodes(pieces, depth + 1)? {
            (otherwise, end) if end == "end" => otherwise,
            _ => return Err("unexpected EOF".to_owned()),
        },
        _ => return Err("unexpected EOF".to_owned()),
    };
    Ok(match word {
        "if" => Node::If(pipe(rest)?, body, otherwise),
        "with" => Node::With(pipe(rest)?, body, otherwise),
        _ => {
            let (names, over) = rest.split_once(":=").unwrap_or(("", rest));
            let names = names.split(',').map(str::trim).filter(|it| !it.is_empty());
            let names = names.map(str::to_owned).collect();
            Node::Range(names, pipe(over)?, body, otherwise)
        }
    })
}

fn pipe(text: &str) -> Result<Pipe, String> {
    let (sets, text) = match text.split_once(":=") {
        Some((name, rest)) if name.starts_with('$') => (Some(name.trim().to_owned()), rest),
        _ => (None, text),
    };
    let mut out = Pipe {
        sets,
        commands: vec![Vec::new()],
    };
    let mut rest = text.trim_start();
    while let Some(letter) = rest.chars().next() {
        if letter == '|' {
            out.commands.push(Vec::new());
            rest = rest.get(1..).unwrap_or_default().trim_start();
            continue;
        }
        let (operand, after) = operand(rest)?;
        if let Some(command) = out.commands.last_mut() {
            command.push(operand);
        }
        rest = after.trim_start();
    }
    match out.commands.iter().any(Vec::is_empty) {
        true => Err("missing value for command".to_owned()),
        false => Ok(out),
    }
}

/// The first operand of a text, and what follows it.
fn operand(text: &str) -> Result<(Operand, &str), String> {
    if let Some(after) = text.strip_prefix('(') {
        let end = closing(after, ('(', ')')).ok_or("unclosed left paren")?;
        let inner = pipe(after.get(..end).unwrap_or_default())?;
        let (word, rest) = word(after.get(end + 1..).unwrap_or_default());
        return Ok((Operand::Nested(inner, fields(word)), rest));
    }
    if let Some(quote @ ('"' | '`')) = text.chars().next() {
        let inner = text.get(1..).unwrap_or_default();
        let mut escaped = false;
        let end = inner.find(|it| {
            let ends = it == quote && !escaped;
            escaped = it == '\\' && !escaped && quote == '"';
            ends
        });
        let end = end.ok_or("unterminated quoted string")?;
        let value = inner.get(..end).unwrap_or_default();
        let value = match quote {
            '"' => value
                .replace("\\n", "\n")
                .replace("\\t", "\t")
                .replace("\\\"", "\""),
            _ => value.to_owned(),
        };
        let rest = inner.get(end + 1..).unwrap_or_default();
        return Ok((Operand::Fixed(Value::text(value)), rest));
    }
    let (word, rest) = word(text);
    let operand = if word.starts_with(['.', '$']) {
        let (variable, path) = word.split_at(word.find('.').unwrap_or(word.len()));
        Operand::Path(variable.to_owned(), fields(path))
    } else if let Ok(number) = word.parse::<i64>() {
        Operand::Fixed(Value::Int(number))
    } else {
        match word {
            "true" | "false" => Operand::Fixed(Value::Bool(word == "true")),
            "nil" => Operand::Fixed(Value::Null),
            name if FUNCTIONS.contains(&name) => Operand::Call(name.to_owned()),
            other => return Err(format!("function {other:?} not defined")),
        }
    };
    Ok((operand, rest))
}

fn word(text: &str) -> (&str, &str) {
    let end = text.find(|it: char| it.is_whitespace() || matches!(it, '|' | ')' | '('));
    text.split_at(end.unwrap_or(text.len()))
}

fn fields(path: &str) -> Vec<String> {
    let names = path.split('.').filter(|it| !it.is_empty());
    names.map(str::to_owned).collect()
}

const FUNCTIONS: &[&str] = &[
    "and",
    "base64decode",
    "eq",
    "ge",
    "gt",
    "index",
    "le",
    "len",
    "lt",
    "ne",
    "not",
    "or",
    "print",
    "printf",
    "println",
];

struct Run {
    variables: Vec<(String, Value)>,
    out: String,
}

impl Run {
    fn all(&mut self, nodes: &[Node], dot: &Value) -> Result<(), String> {
        let known = self.variables.len();
        for node in nodes {
            self.node(node, dot)?;
        }
        self.variables.truncate(known);
        Ok(())
    }

    fn node(&mut self, node: &Node, dot: &Value) -> Result<(), String> {
        match node {
            Node::Text(text) => self.out.push_str(text),
            Node::Print(pipe) => {
                let value = self.pipe(pipe, dot)?;
                match (&pipe.sets, value) {
                    (Some(name), value) => {
                        self.variables
                            .push((name.clone(), value.unwrap_or_default()));
                    }
                    (None, Some(value)) => self.out.push_str(&go_plain(&value)),
                    (None, None) => self.out.push_str("<no value>"),
                }
            }
            Node::If(pipe, body, otherwise) => {
                let holds = self.pipe(pipe, dot)?.is_some_and(|it| is_true(&it));
                self.all(if holds { body } else { otherwise }, dot)?;
            }
            Node::With(pipe, body, otherwise) => match self.pipe(pipe, dot)? {
                Some(value) if is_true(&value) => self.all(body, &value)?,
                _ => self.all(otherwise, dot)?,
            },
            Node::Range(names, over, body, otherwise) => {
                let items: Vec<(Value, Value)> = match self.pipe(over, dot)? {
                    Some(Value::List(items)) => {
                        let keys = (0..).map(Value::Int);
                        keys.zip(items).collect()
                    }
                    Some(Value::Map(map)) => {
                        let pairs = map.iter();
                        pairs
                            .map(|(key, value)| (Value::Text(key.clone()), value.clone()))
                            .collect()
                    }
                    _ => Vec::new(),
                };
                if items.is_empty() {
                    return self.all(otherwise, dot);
                }
                for (key, item) in items {
                    let known = self.variables.len();
                    match &names[..] {
                        [] => {}
                        [value] => self.variables.push((value.clone(), item.clone())),
                        [first, second, ..] => {
                            self.variables.push((first.clone(), key));
                            self.variables.push((second.clone(), item.clone()));
                        }
                    }
                    self.all(body, &item)?;
                    self.variables.truncate(known);
                }
            }
        }
        Ok(())
    }

    /// What commands give; `None` for a field that is not there.
    fn pipe(&self, pipe: &Pipe, dot: &Value) -> Result<Option<Value>, String> {
        let mut last: Option<Option<Value>> = None;
        for command in &pipe.commands {
            let Some((first, rest)) = command.split_first() else {
                continue;
            };
            let mut values = Vec::new();
            for operand in rest {
                values.push(self.operand(operand, dot)?.unwrap_or_default());
            }
            values.extend(last.take().map(Option::unwrap_or_default));
            last = Some(match first {
                Operand::Call(name) => call(name, &values)?,
                _ if !values.is_empty() => {
                    return Err("can't give argument to non-function".to_owned());
                }
                other => self.operand(other, dot)?,
            });
        }
        Ok(last.flatten())
    }

    fn operand(&self, operand: &Operand, dot: &Value) -> Result<Option<Value>, String> {
        let (start, path) = match operand {
            Operand::Fixed(value) => return Ok(Some(value.clone())),
            Operand::Call(name) => return call(name, &[]),
            Operand::Nested(pipe, path) => (self.pipe(pipe, dot)?, path),
            Operand::Path(variable, path) if variable.is_empty() => (Some(dot.clone()), path),
            Operand::Path(variable, path) => {
                let mut known = self.variables.iter().rev();
                let found = known.find(|(name, _)| name == variable);
                let found = found.ok_or_else(|| format!("undefined variable {variable:?}"))?;
                (Some(found.1.clone()), path)
            }
        };
        let mut value = start;
        for name in path {
            value = match value {
                Some(Value::Map(map)) => map.get(&**name).cloned(),
                None | Some(Value::Null) => None,
                Some(_) => {
                    return Err(format!(
                        "can't evaluate field {name} in type interface {{}}"
                    ));
                }
            };
        }
        Ok(value)
    }
}

/// Whether Go takes a value for true: it is not empty.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(is) => *is,
        Value::Int(number) => *number != 0,
        Value::Float(number) => *number != 0.0,
        Value::Text(text) => !text.is_empty(),
        Value::List(items) => !items.is_empty(),
        Value::Map(map) => !map.is_empty(),
    }
}

fn call(name: &str, values: &[Value]) -> Result<Option<Value>, String> {
    let first = values.first();
    let compared = |holds: fn(std::cmp::Ordering) -> bool| match values {
        [Value::Int(a), Value::Int(b)] => Ok(Value::Bool(holds(a.cmp(b)))),
        [Value::Text(a), Value::Text(b)] => Ok(Value::Bool(holds(a.cmp(b)))),
        [a, b] if matches!(name, "eq" | "ne") => Ok(Value::Bool((a == b) == (name == "eq"))),
        _ => Err(format!(
            "error calling {name}: incompatible types for comparison"
        )),
    };
    Ok(Some(match name {
        "and" => values
            .iter()
            .find(|it| !is_true(it))
            .or(values.last())
            .cloned()
            .unwrap_or_default(),
        "or" => values
            .iter()
            .find(|it| is_true(it))
            .or(values.last())
            .cloned()
            .unwrap_or_default(),
        "not" => Value::Bool(!first.is_some_and(is_true)),
        "eq" => compared(std::cmp::Ordering::is_eq)?,
        "ne" => compared(std::cmp::Ordering::is_ne)?,
        "lt" => compared(std::cmp::Ordering::is_lt)?,
        "le" => compared(std::cmp::Ordering::is_le)?,
        "gt" => compared(std::cmp::Ordering::is_gt)?,
        "ge" => compared(std::cmp::Ordering::is_ge)?,
        "len" => Value::Int(match first {
            Some(Value::List(items)) => items.len() as i64,
            Some(Value::Map(map)) => map.len() as i64,
            Some(Value::Text(text)) => text.len() as i64,
            _ => return Err("error calling len: len of nil pointer".to_owned()),
        }),
        "index" => {
            let mut found = first.cloned();
            for at in values.iter().skip(1) {
                found = match (found, at) {
                    (Some(Value::Map(map)), Value::Text(key)) => map.get(&**key).cloned(),
                    (Some(Value::List(items)), Value::Int(at)) => {
                        let item = usize::try_from(*at).ok().and_then(|at| items.get(at));
                        let outside = || {
                            format!("error calling index: reflect: slice index out of range: {at}")
                        };
                        Some(item.cloned().ok_or_else(outside)?)
                    }
                    _ => None,
                };
            }
            return Ok(found);
        }
        "base64decode" => {
            let text = first.and_then(Value::as_str).unwrap_or_default();
            let bytes = crate::cluster::base64::decode(text).unwrap_or_default();
            Value::text(String::from_utf8_lossy(&bytes).into_owned())
        }
        "printf" => {
            let format = first.and_then(Value::as_str).unwrap_or_default();
            Value::text(printf(format, values.get(1..).unwrap_or_default()))
        }
        _ => {
            let texts: Vec<String> = values.iter().map(go_plain).collect();
            let end = if name == "println" { "\n" } else { "" };
            Value::text(format!(
                "{}{end}",
                texts.join(if end.is_empty() { "" } else { " " })
            ))
        }
    }))
}

/// `%s`, `%v`, `%d` and `%q`, with a width; other letters stay as they are.
fn printf(format: &str, values: &[Value]) -> String {
    let mut out = String::new();
    let mut values = values.iter();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let is_flag = |it: char| it == '-' || it.is_ascii_digit();
        let (width, after) = after.split_at(after.find(|it| !is_flag(it)).unwrap_or(after.len()));
        let letter = after.chars().next().unwrap_or('%');
        rest = after.get(letter.len_utf8()..).unwrap_or_default();
        let text = match (letter, values.as_slice().first()) {
            ('%', _) => "%".to_owned(),
            (_, None) => format!("%!{letter}(MISSING)"),
            ('q', Some(value)) => format!("{:?}", go_plain(value)),
            (_, Some(value)) => go_plain(value),
        };
        if letter != '%' {
            values.next();
        }
        let size: usize = width.trim_start_matches('-').parse().unwrap_or(0).min(1000);
        let blanks = " ".repeat(size.saturating_sub(text.chars().count()));
        match width.starts_with('-') {
            true => out.extend([text, blanks]),
            false => out.extend([blanks, text]),
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_print_what_they_find() {
        let value = crate::manifest::value(
            "metadata: {name: web-0, labels: {app: nginx}}\nspec: {nodeName: node-a, size: 3, containers: [{image: a}, {image: b}]}\n",
        )
        .expect("it is YAML");
        for (template, printed) in [
            (
                "{{range $i, $c := .spec.containers}}{{$c.image}}{{end}}",
                "ab",
            ),
            ("{{.spec.nodeName}}\n", "node-a\n"),
            (
                "{{range .spec.containers}}{{.image}}{{\"\\n\"}}{{end}}",
                "a\nb\n",
            ),
            ("{{.nothing}} {{.nothing.at.all}}", "<no value> <no value>"),
            (
                "{{if eq .spec.size 3}}three{{else if .x}}x{{else}}other{{end}}",
                "three",
            ),
            (
                "{{if .x}}x{{else if gt .spec.size 2}}more{{else}}other{{end}}.",
                "more.",
            ),
            (
                "{{with .metadata}}{{.name}} {{$.spec.size}}{{end}}",
                "web-0 3",
            ),
            (
                "{{$n := .metadata.name}}{{range $k, $v := .metadata.labels}}{{$n}} {{$k}}={{$v}}{{end}}",
                "web-0 app=nginx",
            ),
            (
                "{{index .spec.containers 1}} {{len .spec.containers}}",
                "map[image:b] 2",
            ),
            (
                "{{ .metadata.name | printf \"%-6s|\" }}{{- /* x */ -}}  {{print (index .metadata.labels \"app\")}}",
                "web-0 |nginx",
            ),
            ("a  {{- .spec.size -}}  b", "a3b"),
            ("{{\"aGk=\" | base64decode}}", "hi"),
        ] {
            let found = Template::read(template).and_then(|it| it.print(&value));
            assert_eq!(found.as_deref(), Ok(printed), "{template}");
        }
        for bad in [
            "{{.a",
            "{{range .a}}",
            "{{end}}",
            "{{foo}}",
            "{{if}}{{end}}",
            "{{(.a}}",
        ] {
            assert!(Template::read(bad).is_err(), "{bad}");
        }
    }
}
