//! `sort`.

use std::cmp::Ordering;

use super::{Filter, Read, flags};

/// `sort`.
#[derive(Clone, Debug)]
pub(in crate::terminal) struct Sort {
    keys: Vec<Key>,
    by: Option<char>,
    unique: bool,
    stable: bool,
    /// What holds for the whole lines, in the end.
    reverse: bool,
}

/// What lines are compared by: fields, counted from one, and how.
#[derive(Clone, Debug)]
struct Key {
    from: usize,
    to: usize,
    how: String,
}

pub(super) fn read(words: &[String]) -> Read {
    let long = [
        ("reverse", 'r'),
        ("numeric-sort", 'n'),
        ("human-numeric-sort", 'h'),
        ("version-sort", 'V'),
        ("ignore-case", 'f'),
        ("unique", 'u'),
        ("stable", 's'),
        ("key", 'k'),
        ("field-separator", 't'),
    ];
    let read = flags("sort", words, "rnhVfbusg", "kt", &long)?;
    let common: String = "rnhVfg".chars().filter(|it| read.has(*it)).collect();
    let key = |text: &str| -> Result<Key, String> {
        let end = |part: &str| -> Result<(usize, String), String> {
            let digits = part
                .find(|it: char| !it.is_ascii_digit())
                .unwrap_or(part.len());
            let (number, how) = part.split_at(digits);
            if how.starts_with('.') {
                return Err(format!(
                    "sort: this terminal's sort does not know places within a field: -k{text}\n"
                ));
            }
            let number = number.parse().ok().filter(|it| *it > 0);
            let number = number.ok_or_else(|| {
                format!("sort: invalid number at field start: invalid count at start of '{text}'\n")
            })?;
            Ok((number, how.replace('b', "")))
        };
        let (first, last) = match text.split_once(',') {
            Some((first, last)) => (end(first)?, Some(end(last)?)),
            None => (end(text)?, None),
        };
        let (to, more) = last.unwrap_or((usize::MAX, String::new()));
        let own = first.1 + &more;
        Ok(Key {
            from: first.0,
            to,
            how: if own.is_empty() { common.clone() } else { own },
        })
    };
    let mut keys: Vec<Key> = read.values('k').map(key).collect::<Result<_, _>>()?;
    if keys.is_empty() {
        keys.push(Key {
            from: 0,
            to: usize::MAX,
            how: common,
        });
    }
    let sort = Sort {
        keys,
        by: read.value('t').and_then(|it| it.chars().next()),
        unique: read.has('u'),
        stable: read.has('s'),
        reverse: read.has('r'),
    };
    Ok((Filter::Sort(sort), read.files))
}

impl Sort {
    pub(super) fn feed(&self, text: &str, out: &mut String) {
        let keyed = |line| -> (Vec<&str>, &str) {
            (
                self.keys.iter().map(|it| self.field(it, line)).collect(),
                line,
            )
        };
        let mut lines: Vec<(Vec<&str>, &str)> = text.lines().map(keyed).collect();
        let by_keys = |a: &(Vec<&str>, &str), b: &(Vec<&str>, &str)| {
            let pairs = a.0.iter().zip(&b.0).zip(&self.keys);
            let mut orders = pairs.map(|((a, b), key)| key.compare(a, b));
            orders.find(|it| it.is_ne()).unwrap_or(Ordering::Equal)
        };
        lines.sort_by(|a, b| {
            let last = match (self.unique || self.stable, self.reverse) {
                (true, _) => Ordering::Equal,
                (_, true) => b.1.cmp(a.1),
                (_, false) => a.1.cmp(b.1),
            };
            by_keys(a, b).then(last)
        });
        if self.unique {
            lines.dedup_by(|a, b| by_keys(a, b).is_eq());
        }
        for (_, line) in lines {
            out.push_str(line);
            out.push('\n');
        }
    }

    /// The part of a line that a key is about.
    fn field<'a>(&self, key: &Key, line: &'a str) -> &'a str {
        if key.from == 0 {
            return line;
        }
        let (mut begin, mut end) = (line.len(), line.len());
        let mut at = 0;
        for number in 1.. {
            // A field begins with the blanks before it, unless something else stands between them.
            let rest = line.get(at..).unwrap_or_default();
            let long = match self.by {
                Some(by) => rest.find(by),
                None => {
                    let blanks = rest.len() - rest.trim_start().len();
                    let word = rest.get(blanks..).unwrap_or_default();
                    let long = word.find(char::is_whitespace);
                    long.map(|it| it + blanks)
                }
            };
            if number == key.from {
                begin = at;
            }
            let stop = long.map_or(line.len(), |it| at + it);
            if number == key.to {
                end = stop;
            }
            if long.is_none() || number >= key.to {
                break;
            }
            at = stop + self.by.map_or(0, char::len_utf8);
        }
        let text = line.get(begin..end.max(begin)).unwrap_or_default();
        if self.by.is_none() {
            text.trim_start()
        } else {
            text
        }
    }
}

impl Key {
    fn compare(&self, a: &str, b: &str) -> Ordering {
        let has = |flag| self.how.contains(flag);
        let order = if has('n') || has('g') {
            number(a).0.total_cmp(&number(b).0)
        } else if has('h') {
            human(a).partial_cmp(&human(b)).unwrap_or(Ordering::Equal)
        } else if has('V') {
            versions(a, b)
        } else if has('f') {
            a.to_uppercase().cmp(&b.to_uppercase())
        } else {
            a.cmp(b)
        };
        if has('r') { order.reverse() } else { order }
    }
}

/// The number that a text begins with, and what follows it.
fn number(text: &str) -> (f64, &str) {
    let text = text.trim_start();
    let signed = usize::from(text.starts_with('-'));
    let digits = text.get(signed..).unwrap_or_default();
    let long = digits.find(|it: char| !it.is_ascii_digit() && it != '.');
    let (number, rest) = text.split_at(signed + long.unwrap_or(digits.len()));
    // Nothing and `-0` are nought.
    (number.parse::<f64>().unwrap_or(0.0) + 0.0, rest)
}

/// A number like `1.5G`: its sign, its unit, and how many.
fn human(text: &str) -> (f64, f64) {
    let (number, rest) = number(text);
    let unit = rest.chars().next().unwrap_or(' ').to_ascii_uppercase();
    let rank = "KMGTPEZY".find(unit).map_or(0.0, |at| at as f64 + 1.0);
    (if number < 0.0 { -rank - 1.0 } else { rank }, number)
}

/// Compares by numbers where both have some, and by letters elsewhere.
fn versions(mut a: &str, mut b: &str) -> Ordering {
    fn run(text: &str, digits: bool) -> (&str, &str) {
        let end = text.find(|it: char| it.is_ascii_digit() != digits);
        text.split_at(end.unwrap_or(text.len()))
    }
    let mut digits = false;
    while !a.is_empty() || !b.is_empty() {
        let ((left, rest_a), (right, rest_b)) = (run(a, digits), run(b, digits));
        let (short, other) = (left.trim_start_matches('0'), right.trim_start_matches('0'));
        let order = match digits {
            true => (short.len(), short).cmp(&(other.len(), other)),
            false => left.cmp(right),
        };
        if order.is_ne() {
            return order;
        }
        (a, b, digits) = (rest_a, rest_b, !digits);
    }
    Ordering::Equal
}
