//! Regular expressions as grep reads them, as far as people type them: letters, `.`, `[…]`, `*`, `+`, `?`, `^`, `$`,
//! groups and `|`.
//!
//! Own code of a hundred lines: a whole library would cost more on the wire than the terminal does.

/// One alternative: pieces one after the other.
type Row = Vec<(Piece, Times)>;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Letter(char),
    Any,
    Set(Vec<(char, char)>, bool),
    Begin,
    End,
    Edge,
    Group(Vec<Row>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Times {
    least: usize,
    most: usize,
}

/// How many tries a line may cost: a pattern that needs more finds nothing in it.
const TRIES_MAX: usize = 400_000;
/// The most often that a group is taken in a row.
const REPEATS_MAX: usize = 200;
/// How deep groups may stand within each other.
const DEPTH_MAX: usize = 50;

/// A line that is searched, and how many tries are left.
struct Search<'a> {
    line: &'a [char],
    tries: std::cell::Cell<usize>,
}

/// A pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    rows: Vec<Row>,
    ignores_case: bool,
}

impl Pattern {
    /// Reads a pattern; `extended` as by `grep -E`, where `+ ? | ( )` need no backslash.
    pub(super) fn read(
        text: &str,
        extended: bool,
        ignores_case: bool,
    ) -> Result<Self, &'static str> {
        let mut letters: Vec<char> = text.chars().collect();
        if ignores_case {
            letters = letters.into_iter().flat_map(char::to_lowercase).collect();
        }
        let mut at = 0;
        let rows = rows(&letters, &mut at, extended, 0)?;
        Ok(Self { rows, ignores_case })
    }

    /// A pattern of plain letters.
    pub(super) fn plain(text: &str, ignores_case: bool) -> Self {
        let text = if ignores_case {
            text.to_lowercase()
        } else {
            text.to_owned()
        };
        let row = text
            .chars()
            .map(|it| (Piece::Letter(it), Times { least: 1, most: 1 }));
        Self {
            rows: vec![row.collect()],
            ignores_case,
        }
    }

    /// The first place in a line that fits: its begin and its end, in letters.
    pub(super) fn find(&self, line: &[char], from: usize) -> Option<(usize, usize)> {
        let lower: Vec<char>;
        let line = if self.ignores_case {
            lower = line
                .iter()
                .map(|it| it.to_lowercase().next().unwrap_or(*it))
                .collect();
            &lower
        } else {
            line
        };
        let search = Search {
            line,
            tries: std::cell::Cell::new(TRIES_MAX),
        };
        (from..=line.len()).find_map(|at| {
            let mut best = None;
            any_row(&self.rows, &search, at, &mut |end| {
                best = best.max(Some(end));
                false
            });
            Some((at, best?))
        })
    }
}

fn rows(
    letters: &[char],
    at: &mut usize,
    extended: bool,
    depth: usize,
) -> Result<Vec<Row>, &'static str> {
    let mut rows = vec![Row::new()];
    while let Some(letter) = letters.get(*at).copied() {
        let next = letters.get(*at + 1).copied();
        let escaped = letter == '\\';
        // What means something: bare in extended patterns, after a backslash in basic ones.
        let special = match (escaped, next) {
            (true, Some(it)) if !extended && "+?|(){".contains(it) => Some(it),
            (false, _) if extended && "+?|(){".contains(letter) => Some(letter),
            _ => None,
        };
        *at += if escaped { 2 } else { 1 };
        let piece = match (special, escaped, letter) {
            (Some('|'), ..) => {
                rows.push(Row::new());
                continue;
            }
            (Some(')'), ..) => {
                if depth == 0 {
                    return Err("Unmatched ) or \\)");
                }
                return Ok(rows);
            }
            (Some('('), ..) if depth >= DEPTH_MAX => return Err("Regular expression too big"),
            (Some('('), ..) => Piece::Group(self::rows(letters, at, extended, depth + 1)?),
            (Some(times @ ('+' | '?')), ..) => {
                if let Some((_, last)) = rows.last_mut().and_then(|row| row.last_mut()) {
                    *last = if times == '+' {
                        Times {
                            least: 1,
                            most: usize::MAX,
                        }
                    } else {
                        Times { least: 0, most: 1 }
                    };
                }
                continue;
            }
            (Some('{'), ..) => match interval(letters, *at, escaped) {
                Some((times, after)) => {
                    *at = after;
                    if let Some((_, last)) = rows.last_mut().and_then(|row| row.last_mut()) {
                        *last = times;
                    }
                    continue;
                }
                None if escaped => return Err("Invalid content of \\{\\}"),
                None => Piece::Letter('{'),
            },
            (_, true, _) => match next {
                Some('b' | '<' | '>') => Piece::Edge,
                Some(it @ ('w' | 'W')) => {
                    let word = vec![('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')];
                    Piece::Set(word, it == 'W')
                }
                Some(it @ ('s' | 'S')) => Piece::Set(SPACE.to_vec(), it == 'S'),
                Some(letter) => Piece::Letter(letter),
                None => return Err("Trailing backslash"),
            },
            (_, _, '*') if rows.last().is_some_and(|row| !row.is_empty()) => {
                if let Some((_, last)) = rows.last_mut().and_then(|row| row.last_mut()) {
                    *last = Times {
                        least: 0,
                        most: usize::MAX,
                    };
                }
                continue;
            }
            (_, _, '.') => Piece::Any,
            (_, _, '^') => Piece::Begin,
            (_, _, '$') => Piece::End,
            (_, _, '[') => set(letters, at)?,
            (_, _, letter) => Piece::Letter(letter),
        };
        if let Some(row) = rows.last_mut() {
            row.push((piece, Times { least: 1, most: 1 }));
        }
    }
    if depth > 0 {
        return Err("Unmatched ( or \\(");
    }
    Ok(rows)
}

/// `{2}`, `{2,}` and `{2,3}` after the bracket, and where they end.
fn interval(letters: &[char], at: usize, escaped: bool) -> Option<(Times, usize)> {
    let rest = letters.get(at..)?;
    let long = rest.iter().position(|it| *it == '}')?;
    let inner: String = rest.iter().take(long).collect();
    let inner = match escaped {
        true => inner.strip_suffix('\\')?,
        false => &inner,
    };
    let number = |it: &str| it.parse::<usize>().ok();
    let times = match inner.split_once(',') {
        None => Times {
            least: number(inner)?,
            most: number(inner)?,
        },
        Some((least, "")) => Times {
            least: number(least)?,
            most: usize::MAX,
        },
        Some((least, most)) => Times {
            least: number(if least.is_empty() { "0" } else { least })?,
            most: number(most)?,
        },
    };
    Some((times, at + long + 1))
}

const SPACE: &[(char, char)] = &[(' ', ' '), ('\t', '\r')];

/// The letters of a class like `digit`, as ranges.
pub(super) fn class(name: &str) -> Option<&'static [(char, char)]> {
    Some(match name {
        "digit" => &[('0', '9')],
        "lower" => &[('a', 'z')],
        "upper" => &[('A', 'Z')],
        "alpha" => &[('A', 'Z'), ('a', 'z')],
        "alnum" => &[('0', '9'), ('A', 'Z'), ('a', 'z')],
        "xdigit" => &[('0', '9'), ('A', 'F'), ('a', 'f')],
        "blank" => &[('\t', '\t'), (' ', ' ')],
        "space" => SPACE,
        "punct" => &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        "print" => &[(' ', '~')],
        "graph" => &[('!', '~')],
        "cntrl" => &[('\0', '\u{1f}'), ('\u{7f}', '\u{7f}')],
        _ => return None,
    })
}

fn set(letters: &[char], at: &mut usize) -> Result<Piece, &'static str> {
    let mut ranges = Vec::new();
    let not = letters.get(*at) == Some(&'^');
    *at += usize::from(not);
    let first = *at;
    loop {
        let Some(letter) = letters.get(*at).copied() else {
            return Err("Unmatched [, [^, [:, [., or [=");
        };
        *at += 1;
        if letter == ']' && *at > first + 1 {
            return Ok(Piece::Set(ranges, not));
        }
        if letter == '[' && letters.get(*at) == Some(&':') {
            let rest = letters.get(*at + 1..).unwrap_or_default();
            let name: String = rest.iter().take_while(|it| **it != ':').collect();
            ranges.extend(class(&name).ok_or("Invalid character class name")?);
            *at += name.chars().count() + 3;
            continue;
        }
        match (letters.get(*at), letters.get(*at + 1)) {
            (Some('-'), Some(to)) if *to != ']' => {
                ranges.push((letter, *to));
                *at += 2;
            }
            _ => ranges.push((letter, letter)),
        }
    }
}

fn any_row(
    rows: &[Row],
    search: &Search<'_>,
    at: usize,
    then: &mut dyn FnMut(usize) -> bool,
) -> bool {
    rows.iter().any(|row| row_fits(row, search, at, then))
}

/// Whether pieces fit from a letter on; `then` is asked about every end, until it is satisfied.
fn row_fits(
    row: &[(Piece, Times)],
    search: &Search<'_>,
    at: usize,
    then: &mut dyn FnMut(usize) -> bool,
) -> bool {
    let Some(((piece, times), rest)) = row.split_first() else {
        return then(at);
    };
    repeat(piece, *times, 0, rest, search, at, then)
}

fn repeat(
    piece: &Piece,
    times: Times,
    had: usize,
    rest: &[(Piece, Times)],
    search: &Search<'_>,
    at: usize,
    then: &mut dyn FnMut(usize) -> bool,
) -> bool {
    if !matches!(piece, Piece::Group(_)) {
        // One letter each: as many as there are, and then ever fewer.
        let mut most = had;
        while most < times.most && fits_one(piece, search, at + most - had) {
            most += 1;
            if matches!(piece, Piece::Begin | Piece::End | Piece::Edge) {
                return row_fits(rest, search, at, then);
            }
        }
        let least = times.least.max(had);
        return (least..=most)
            .rev()
            .any(|count| row_fits(rest, search, at + count - had, then));
    }
    if had < times.most && had < REPEATS_MAX {
        let more = once(piece, search, at, &mut |end| {
            (end > at || had < times.least)
                && repeat(piece, times, had + 1, rest, search, end, then)
        });
        if more {
            return true;
        }
    }
    had >= times.least && row_fits(rest, search, at, then)
}

/// Whether a piece of one letter, or of none, fits at a place.
fn fits_one(piece: &Piece, search: &Search<'_>, at: usize) -> bool {
    once(piece, search, at, &mut |_| true)
}

fn once(
    piece: &Piece,
    search: &Search<'_>,
    at: usize,
    then: &mut dyn FnMut(usize) -> bool,
) -> bool {
    let left = search.tries.get();
    if left == 0 {
        return false;
    }
    search.tries.set(left - 1);
    let line = search.line;
    let letter = line.get(at).copied();
    let is_word = |it: Option<&char>| it.is_some_and(|it| it.is_alphanumeric() || *it == '_');
    let fits = match piece {
        Piece::Begin => return at == 0 && then(at),
        Piece::End => return at == line.len() && then(at),
        Piece::Edge => {
            let before = at.checked_sub(1).and_then(|it| line.get(it));
            return is_word(before) != is_word(line.get(at)) && then(at);
        }
        Piece::Group(rows) => return any_row(rows, search, at, then),
        Piece::Any => letter.is_some(),
        Piece::Letter(it) => letter == Some(*it),
        Piece::Set(ranges, not) => letter
            .is_some_and(|it| ranges.iter().any(|(from, to)| (*from..=*to).contains(&it)) != *not),
    };
    fits && then(at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_find_what_grep_finds() {
        for (pattern, extended, line, found) in [
            ("web-0", false, "pod/web-0 ok", Some((4, 9))),
            ("^web-[0-9]*$", false, "web-12", Some((0, 6))),
            ("web-[02]", false, "web-1", None),
            ("a|b", true, "xb", Some((1, 2))),
            ("a|b", false, "xb", None),
            ("a\\|b", false, "xb", Some((1, 2))),
            ("(ab)+c", true, "ababc", Some((0, 5))),
            ("[^ ]+$", true, "a bc", Some((2, 4))),
            ("1/1 .*Running", false, "web 1/1   Running", Some((4, 17))),
            ("Running|Pending", true, "x  Pending", Some((3, 10))),
            ("\\bweb\\b", false, "webs web", Some((5, 8))),
            ("(a*)*b", true, "aaaac", None),
            ("[[:digit:]_]{2}", true, "a1_2", Some((1, 3))),
            ("[[:digit:]]\\{2,\\}", false, "a1b234", Some((3, 6))),
            ("a{x", true, "a{x", Some((0, 3))),
            ("(ab){2}", true, "ababab", Some((0, 4))),
        ] {
            let pattern_ = Pattern::read(pattern, extended, false).expect("it is one");
            let line: Vec<char> = line.chars().collect();
            assert_eq!(pattern_.find(&line, 0), found, "{pattern}");
        }
        let long: Vec<char> = "9".repeat(90_000).chars().collect();
        let all = Pattern::read("9.*", false, false).expect("it is one");
        assert_eq!(all.find(&long, 0), Some((0, 90_000)));
        // Patterns that try for ever find nothing.
        let slow = Pattern::read("(a|aa)+$", true, false).expect("it is one");
        let line: Vec<char> = format!("{}b", "a".repeat(200)).chars().collect();
        assert_eq!(slow.find(&line, 0), None);
        assert!(Pattern::read(&"(".repeat(1000), true, false).is_err());
        assert!(Pattern::read("(a", true, false).is_err());
        assert!(Pattern::read("[a", true, false).is_err());
        let line: Vec<char> = "NAME".chars().collect();
        assert!(Pattern::read("name", false, true).is_ok_and(|it| it.find(&line, 0).is_some()));
    }
}
