//! `tr`.

use super::{Filter, Read, flags};
use crate::terminal::pattern::class;

/// `tr`.
#[derive(Clone, Debug)]
pub(in crate::terminal) struct Tr {
    from: Vec<char>,
    to: Vec<char>,
    deletes: bool,
    complement: bool,
    /// What is not repeated.
    squeezes: Option<Vec<char>>,
    last: Option<char>,
}

pub(super) fn read(words: &[String]) -> Read {
    let long = [
        ("delete", 'd'),
        ("squeeze-repeats", 's'),
        ("complement", 'c'),
    ];
    let read = flags("tr", words, "dscC", "", &long)?;
    let help = "Try 'tr --help' for more information.\n";
    let (deletes, squeezes) = (read.has('d'), read.has('s'));
    let (first, second) = match &read.files[..] {
        [] => return Err(format!("tr: missing operand\n{help}")),
        [first] if deletes && squeezes => {
            return Err(format!(
                "tr: missing operand after '{first}'\nTwo strings must be given when both deleting and squeezing repeats.\n{help}"
            ));
        }
        [first] if deletes || squeezes => (first, None),
        [first] => {
            return Err(format!(
                "tr: missing operand after '{first}'\nTwo strings must be given when translating.\n{help}"
            ));
        }
        [_, second] if deletes && !squeezes => {
            return Err(format!(
                "tr: extra operand '{second}'\nOnly one string may be given when deleting without squeezing repeats.\n{help}"
            ));
        }
        [first, second] => (first, Some(second)),
        [_, _, more, ..] => return Err(format!("tr: extra operand '{more}'\n{help}")),
    };
    let from = set(first)?;
    let to = second.map_or(Ok(Vec::new()), |it| set(it))?;
    if !deletes && second.is_some() && to.is_empty() {
        return Err("tr: when not truncating set1, string2 must be non-empty\n".to_owned());
    }
    let last = if second.is_some() { &to } else { &from };
    let tr = Tr {
        squeezes: squeezes.then(|| last.clone()),
        from,
        to,
        deletes,
        complement: read.has('c') || read.has('C'),
        last: None,
    };
    Ok((Filter::Tr(tr), Vec::new()))
}

/// The letters of a set: with `a-z`, `[:upper:]` and `\n` in it.
fn set(text: &str) -> Result<Vec<char>, String> {
    let mut out: Vec<char> = Vec::new();
    let mut rest = text;
    let next = |rest: &mut &str| -> Option<(char, bool)> {
        let mut letters = rest.chars();
        let first = letters.next()?;
        let escaped = (first == '\\').then(|| letters.next()).flatten();
        *rest = letters.as_str();
        Some(match escaped {
            Some('n') => ('\n', true),
            Some('t') => ('\t', true),
            Some('r') => ('\r', true),
            Some('0') => ('\0', true),
            Some(other) => (other, true),
            None => (first, false),
        })
    };
    while !rest.is_empty() {
        if let Some((name, after)) = rest.strip_prefix("[:").and_then(|it| it.split_once(":]")) {
            let ranges =
                class(name).ok_or_else(|| format!("tr: invalid character class '{name}'\n"))?;
            out.extend(ranges.iter().flat_map(|(from, to)| *from..=*to));
            rest = after;
            continue;
        }
        let Some((first, _)) = next(&mut rest) else {
            break;
        };
        match rest.strip_prefix('-').filter(|it| !it.is_empty()) {
            Some(mut after) => {
                let (last, _) = next(&mut after).unwrap_or((first, false));
                if last < first {
                    return Err(format!(
                        "tr: range-endpoints of '{first}-{last}' are in reverse collating sequence order\n"
                    ));
                }
                out.extend((first..=last).take(0x1_0000));
                rest = after;
            }
            None => out.push(first),
        }
    }
    Ok(out)
}

impl Tr {
    pub(super) fn feed(&mut self, text: &str, out: &mut String) {
        for letter in text.chars() {
            let at = self.from.iter().position(|it| *it == letter);
            let letter = match (at, self.complement) {
                (None, false) | (Some(_), true) => Some(letter),
                _ if self.deletes => None,
                _ if self.to.is_empty() => Some(letter),
                (Some(at), false) => self.to.get(at).or(self.to.last()).copied(),
                (None, true) => self.to.last().copied(),
            };
            let Some(letter) = letter else { continue };
            let squeezes = self.squeezes.as_ref();
            let is_in = |set: &Vec<char>| {
                // With one set, what is not in it is meant by -c.
                set.contains(&letter) != (self.complement && self.to.is_empty())
            };
            if self.last == Some(letter) && squeezes.is_some_and(is_in) {
                continue;
            }
            self.last = Some(letter);
            out.push(letter);
        }
    }
}
