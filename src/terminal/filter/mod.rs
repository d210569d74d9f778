//! Programs that read text and print text: grep, head, tail, wc, sort, uniq, cut, tr, cat, tee.
//!
//! Each takes its input in as it comes and keeps only what it still needs of it, so that a pipe costs no more the
//! longer it runs.

mod ends;
mod grep;
mod lines;
mod sort;
mod tr;

use ends::Ends;
use grep::Grep;
use lines::{Cat, Cut, Uniq, Wc};
use sort::Sort;
use tr::Tr;

/// A program with its flags, and what it keeps of its input.
#[derive(Clone, Debug)]
pub(super) enum Filter {
    Cat(Cat),
    Grep(Box<Grep>),
    /// `head` and `tail`.
    Ends(Ends),
    Wc(Wc),
    Sort(Sort),
    Uniq(Uniq),
    Cut(Cut),
    Tr(Tr),
    /// `tee`: whether it writes behind what is in its files.
    Tee(bool),
}

/// A filter, with the files that it names.
pub(super) type Read = Result<(Filter, Vec<String>), String>;

impl Filter {
    /// The filter of this name with its files; `None` if it is another program.
    pub(super) fn read(name: &str, words: &[String]) -> Option<Read> {
        Some(match name {
            "cat" => lines::cat(words),
            "grep" | "egrep" | "fgrep" => grep::read(name, words),
            "head" | "tail" => ends::read(name, words),
            "wc" => lines::wc(words),
            "sort" => sort::read(words),
            "uniq" => lines::uniq(words),
            "cut" => lines::cut(words),
            "tr" => tr::read(words),
            "tee" => flags(name, words, "ai", "", &[("append", 'a')])
                .map(|it| (Self::Tee(it.has('a')), it.files)),
            _ => return None,
        })
    }

    /// Whether each of its files is treated by itself.
    pub(super) fn is_by_file(&self) -> bool {
        matches!(self, Self::Grep(_) | Self::Ends(_) | Self::Wc(_))
    }

    /// A file begins, one of several if `many`.
    pub(super) fn begin(&mut self, file: &str, many: bool, out: &mut String) {
        match self {
            Self::Grep(it) => it.begin(file, many),
            Self::Ends(it) => it.begin(file, many, out),
            Self::Wc(it) => it.begin(file),
            _ => {}
        }
    }

    /// Takes in what has come, and prints what can be said of it; whether it will not read any more.
    pub(super) fn feed(&mut self, input: &mut String, ended: bool, out: &mut String) -> bool {
        let by_letters = match self {
            Self::Cat(cat) => cat.is_plain(),
            Self::Tr(_) | Self::Tee(_) => true,
            // What is sorted stays where it is until the last line has come.
            Self::Sort(_) if !ended => return false,
            _ => false,
        };
        // A line that is not whole yet is kept back.
        let whole = match ended || by_letters {
            true => input.len(),
            false => input.rfind('\n').map_or(0, |at| at + 1),
        };
        let rest = input.split_off(whole);
        let text = std::mem::replace(input, rest);
        match self {
            Self::Cat(it) => it.feed(&text, out),
            Self::Grep(it) => return it.feed(&text, ended, out),
            Self::Ends(it) => return it.feed(&text, ended, out),
            Self::Wc(it) => it.feed(&text, ended),
            Self::Sort(it) => it.feed(&text, out),
            Self::Uniq(it) => it.feed(&text, ended, out),
            Self::Cut(it) => text.lines().for_each(|line| it.line(line, out)),
            Self::Tr(it) => it.feed(&text, out),
            Self::Tee(_) => out.push_str(&text),
        }
        false
    }

    /// What it prints after all its input; its exit code.
    pub(super) fn finish(&mut self, out: &mut String) -> i32 {
        match self {
            Self::Grep(it) => i32::from(!it.has_found),
            Self::Wc(it) => {
                it.print(out);
                0
            }
            _ => 0,
        }
    }
}

/// Flags of one letter, their values and the other words.
#[derive(Clone, Debug, Default)]
struct Flags {
    given: Vec<(char, String)>,
    files: Vec<String>,
}

impl Flags {
    fn has(&self, flag: char) -> bool {
        self.given.iter().any(|(it, _)| *it == flag)
    }

    fn values(&self, flag: char) -> impl DoubleEndedIterator<Item = &str> {
        let own = self.given.iter().filter(move |(it, _)| *it == flag);
        own.map(|(_, value)| value.as_str())
    }

    fn value(&self, flag: char) -> Option<&str> {
        self.values(flag).next_back()
    }
}

/// Reads flags: `plain` take nothing, `valued` take a value; `long` are the long names of some.
fn flags(
    name: &str,
    words: &[String],
    plain: &str,
    valued: &str,
    long: &[(&str, char)],
) -> Result<Flags, String> {
    let mut out = Flags::default();
    let mut words = words.iter();
    let wants = |flag: &str| format!("{name}: option requires an argument -- '{flag}'\n");
    while let Some(word) = words.next() {
        let unknown = || format!("{name}: this terminal's {name} does not know the flag {word}\n");
        let Some(letters) = word.strip_prefix('-').filter(|it| !it.is_empty()) else {
            out.files.push(word.clone());
            continue;
        };
        if letters == "-" {
            out.files.extend(words.cloned());
            break;
        }
        if let Some(whole) = letters.strip_prefix('-') {
            let (key, value) = match whole.split_once('=') {
                Some((key, value)) => (key, Some(value.to_owned())),
                None => (whole, None),
            };
            let found = long.iter().find(|(it, _)| *it == key);
            let (_, letter) = found.ok_or_else(unknown)?;
            let value = match value {
                None if valued.contains(*letter) => {
                    Some(words.next().cloned().ok_or_else(|| wants(key))?)
                }
                value => value,
            };
            out.given.push((*letter, value.unwrap_or_default()));
            continue;
        }
        let mut rest = letters;
        while let Some(letter) = rest.chars().next() {
            rest = rest.get(letter.len_utf8()..).unwrap_or_default();
            if plain.contains(letter) {
                out.given.push((letter, String::new()));
            } else if valued.contains(letter) {
                let value = match rest {
                    "" => words.next().cloned(),
                    rest => Some(rest.to_owned()),
                };
                let value = value.ok_or_else(|| wants(&letter.to_string()))?;
                out.given.push((letter, value));
                break;
            } else {
                return Err(unknown());
            }
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests;
