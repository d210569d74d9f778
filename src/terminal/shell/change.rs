//! What is done to a variable as in `${NAME%.yaml}`, and the patterns of file names.

use super::Shell;
use crate::terminal::sum::sum;

/// The longest text in which a pattern is looked for, in letters.
const SEARCHED_MAX: usize = 4096;

/// The longest text in which each place is tried, in letters.
const REPLACED_MAX: usize = 500;

/// A variable after what stands behind its name in `${…}`.
pub(super) fn changed(
    shell: &mut Shell,
    name: &str,
    value: Option<String>,
    how: &str,
    word: &str,
) -> Result<String, String> {
    let is_there = match how.starts_with(':') {
        true => value.as_ref().is_some_and(|it| !it.is_empty()),
        false => value.is_some(),
    };
    let value = value.unwrap_or_default();
    let letters: Vec<char> = value.chars().collect();
    let text = |from: usize, to: usize| -> String {
        letters.get(from..to).unwrap_or_default().iter().collect()
    };
    let count = letters.len();
    let is_plain = how.starts_with('/') && !word.contains(['*', '?', '[']);
    let most = match how {
        "#" | "##" | "%" | "%%" => SEARCHED_MAX,
        "/" | "//" if !is_plain => REPLACED_MAX,
        _ => usize::MAX,
    };
    if count > most {
        return Err(format!("{}: {name}: value too long\n", shell.name));
    }
    Ok(match how {
        "len" => match name {
            "@" | "*" => shell.words.len().to_string(),
            _ => count.to_string(),
        },
        ":-" | "-" if !is_there => word.to_owned(),
        ":+" | "+" if is_there => word.to_owned(),
        ":+" | "+" => String::new(),
        ":=" | "=" if !is_there => {
            shell.variables.insert(name.to_owned(), word.to_owned());
            word.to_owned()
        }
        ":?" | "?" if !is_there => {
            let word = match (word, how) {
                ("", ":?") => "parameter null or not set",
                ("", _) => "parameter not set",
                (word, _) => word,
            };
            return Err(format!("{}: {name}: {word}\n", shell.name));
        }
        "#" | "##" => {
            let mut ends = (0..=count).filter(|it| fits(word, &text(0, *it)));
            let end = if how == "#" {
                ends.next()
            } else {
                ends.next_back()
            };
            text(end.unwrap_or(0), count)
        }
        "%" | "%%" => {
            let mut begins = (0..=count).filter(|it| fits(word, &text(*it, count)));
            let begin = if how == "%%" {
                begins.next()
            } else {
                begins.next_back()
            };
            text(0, begin.unwrap_or(count))
        }
        "/" | "//" if is_plain => {
            let (pattern, by) = word.split_once('/').unwrap_or((word, ""));
            let most = if how == "/" { 1 } else { usize::MAX };
            match pattern {
                "" => value,
                pattern => value.replacen(pattern, by, most),
            }
        }
        "/" | "//" => replaced(&letters, word, how == "//"),
        "^^" => value.to_uppercase(),
        ",," => value.to_lowercase(),
        ":" => {
            let (from, to) = part(word, count, shell)?;
            text(from, to)
        }
        _ => value,
    })
}

/// `${NAME/pattern/by}`: the first place that fits, or all.
fn replaced(letters: &[char], word: &str, all: bool) -> String {
    let text = |from: usize, to: usize| -> String {
        letters.get(from..to).unwrap_or_default().iter().collect()
    };
    let (pattern, by) = word.split_once('/').unwrap_or((word, ""));
    let (mut out, mut at, mut done) = (String::new(), 0, pattern.is_empty());
    while let Some(letter) = letters.get(at) {
        let mut ends = (at + 1..=letters.len()).rev().filter(|_| !done);
        match ends.find(|end| fits(pattern, &text(at, *end))) {
            Some(end) => {
                out.push_str(by);
                at = end;
                done = !all;
            }
            None => {
                out.push(*letter);
                at += 1;
            }
        }
    }
    out
}

/// `${NAME:from:long}`: where the part of so many letters begins and ends.
fn part(word: &str, count: usize, shell: &mut Shell) -> Result<(usize, usize), String> {
    let (from, long) = match word.split_once(':') {
        Some((from, long)) => (from, Some(long)),
        None => (word, None),
    };
    let place = |at: i64, base: usize| match usize::try_from(at.unsigned_abs()) {
        Ok(back) if at < 0 => count.saturating_sub(back),
        Ok(ahead) => base.saturating_add(ahead).min(count),
        Err(_) => count,
    };
    let from = place(sum(from, shell)?, 0);
    let to = match long {
        Some(long) => place(sum(long, shell)?, from),
        None => count,
    };
    Ok((from, to))
}

/// Whether a name fits a pattern of `*`, `?`, `[…]` and letters.
pub(in crate::terminal) fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut seen, mut star) = (0, 0, None);
    while let Some(letter) = name.get(seen).copied() {
        if pattern.get(at) == Some(&'*') {
            star = Some((at, seen));
            at += 1;
        } else if let Some(next) = one(&pattern, at, letter) {
            (at, seen) = (next, seen + 1);
        } else if let Some((begin, had)) = star {
            // The last star takes one letter more.
            star = Some((begin, had + 1));
            (at, seen) = (begin + 1, had + 1);
        } else {
            return false;
        }
    }
    let rest = pattern.get(at..).unwrap_or_default();
    rest.iter().all(|it| *it == '*')
}

/// Where a pattern goes on after a letter; `None` if that does not fit.
fn one(pattern: &[char], at: usize, letter: char) -> Option<usize> {
    let rest = pattern.get(at + 1..).unwrap_or_default();
    match pattern.get(at)? {
        '?' => Some(at + 1),
        '[' if rest.iter().skip(1).any(|it| *it == ']') => {
            let not = matches!(rest.first(), Some('!' | '^'));
            let begin = usize::from(not);
            let long = rest.iter().skip(begin + 1).position(|it| *it == ']')? + begin + 1;
            let inner = rest.get(begin..long)?;
            let is_in = inner.iter().enumerate().any(|(at, it)| {
                let ends = (inner.get(at + 1), inner.get(at + 2));
                matches!(ends, (Some('-'), Some(to)) if (*it..=*to).contains(&letter))
                    || *it == letter
            });
            (is_in != not).then_some(at + long + 2)
        }
        it => (*it == letter).then_some(at + 1),
    }
}
