//! `grep`.

use std::collections::VecDeque;

use super::{Filter, Flags, Read, flags};
use crate::terminal::pattern::Pattern;

/// `grep`, and where it stands in its input.
#[derive(Clone, Debug)]
pub(in crate::terminal) struct Grep {
    patterns: Vec<Pattern>,
    given: Vec<char>,
    /// How many lines are shown before and after one.
    around: (usize, usize),
    /// How many lines are enough.
    most: usize,
    /// Whether a line was selected in any file.
    pub has_found: bool,
    /// Whether anything was shown.
    has_shown: bool,
    /// What stands before each line.
    file: Option<String>,
    name: String,
    number: usize,
    count: usize,
    before: VecDeque<String>,
    after: usize,
    last_shown: Option<usize>,
    is_done: bool,
}

const LONG: &[(&str, char)] = &[
    ("color", '_'),
    ("colour", '_'),
    ("invert-match", 'v'),
    ("ignore-case", 'i'),
    ("extended-regexp", 'E'),
    ("fixed-strings", 'F'),
    ("count", 'c'),
    ("only-matching", 'o'),
    ("line-number", 'n'),
    ("quiet", 'q'),
    ("silent", 'q'),
    ("word-regexp", 'w'),
    ("line-regexp", 'x'),
    ("files-with-matches", 'l'),
    ("with-filename", 'H'),
    ("no-filename", 'h'),
    ("no-messages", 's'),
    ("line-buffered", '_'),
    ("regexp", 'e'),
    ("max-count", 'm'),
    ("after-context", 'A'),
    ("before-context", 'B'),
    ("context", 'C'),
];

pub(super) fn read(name: &str, words: &[String]) -> Read {
    let mut read = flags(name, words, "viyEGFconqwxlHhs_", "emABC", LONG)?;
    let mut texts: Vec<String> = read.values('e').map(str::to_owned).collect();
    if texts.is_empty() {
        if read.files.is_empty() {
            return Err(
                "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n"
                    .to_owned(),
            );
        }
        texts.push(read.files.remove(0));
    }
    let extended = read.has('E') || name == "egrep";
    let ignores_case = read.has('i') || read.has('y');
    let texts = texts.iter().flat_map(|it| it.split('\n'));
    let patterns: Result<Vec<Pattern>, &str> = texts
        .map(|text| match read.has('F') || name == "fgrep" {
            true => Ok(Pattern::plain(text, ignores_case)),
            false => Pattern::read(text, extended, ignores_case),
        })
        .collect();
    let both = number(&read, 'C')?;
    let before = number(&read, 'B')?.or(both).unwrap_or(0);
    let after = number(&read, 'A')?.or(both).unwrap_or(0);
    let grep = Grep {
        patterns: patterns.map_err(|why| format!("grep: {why}\n"))?,
        given: read.given.iter().map(|(letter, _)| *letter).collect(),
        around: (before, after),
        most: number(&read, 'm')?.unwrap_or(usize::MAX),
        has_found: false,
        has_shown: false,
        file: None,
        name: String::new(),
        number: 0,
        count: 0,
        before: VecDeque::new(),
        after: 0,
        last_shown: None,
        is_done: false,
    };
    let mut grep = Box::new(grep);
    grep.begin("-", false);
    Ok((Filter::Grep(grep), read.files))
}

fn number(read: &Flags, flag: char) -> Result<Option<usize>, String> {
    let Some(text) = read.value(flag) else {
        return Ok(None);
    };
    let number = text.parse().map(Some);
    number.map_err(|_| match flag {
        'm' => "grep: invalid max count\n".to_owned(),
        _ => format!("grep: {text}: invalid context length argument\n"),
    })
}

impl Grep {
    fn has(&self, flag: char) -> bool {
        self.given.contains(&flag)
    }

    /// Whether it says nothing of files that are not there.
    pub(in crate::terminal) fn is_silent(&self) -> bool {
        self.has('s')
    }

    pub(super) fn begin(&mut self, file: &str, many: bool) {
        let name = if file == "-" {
            "(standard input)"
        } else {
            file
        };
        let named = (many || self.has('H')) && !self.has('h');
        self.name = name.to_owned();
        self.file = named.then(|| name.to_owned());
        (self.number, self.count, self.after) = (0, 0, 0);
        self.before.clear();
        self.last_shown = None;
        self.is_done = self.most == 0;
    }

    pub(super) fn feed(&mut self, text: &str, ended: bool, out: &mut String) -> bool {
        for line in text.lines() {
            if self.is_done {
                break;
            }
            self.line(line, out);
        }
        let ends = ended || self.is_done;
        if ends && !self.has('q') {
            if self.has('l') {
                if self.count > 0 {
                    out.push_str(&format!("{}\n", self.name));
                }
            } else if self.has('c') {
                let file = self
                    .file
                    .as_ref()
                    .map_or(String::new(), |it| it.clone() + ":");
                out.push_str(&format!("{file}{}\n", self.count));
            }
        }
        self.is_done
    }

    fn line(&mut self, line: &str, out: &mut String) {
        self.number += 1;
        let letters: Vec<char> = line.chars().collect();
        let found = self.all(&letters);
        let is_selected = found.is_empty() == self.has('v');
        if is_selected && self.count == self.most {
            self.is_done = true;
            return;
        }
        if !is_selected {
            if self.after > 0 {
                self.after -= 1;
                self.show(line, self.number, '-', out);
            } else if self.around.0 > 0 {
                self.before.push_back(line.to_owned());
                if self.before.len() > self.around.0 {
                    self.before.pop_front();
                }
            }
            self.is_done |= self.count == self.most && self.after == 0;
            return;
        }
        self.count += 1;
        self.has_found = true;
        if self.has('q') || self.has('l') {
            self.is_done = true;
        } else if !self.has('c') {
            let before = std::mem::take(&mut self.before);
            let first = self.number - before.len();
            let is_apart = self.last_shown.is_none_or(|last| last + 1 < first);
            if self.around != (0, 0) && self.has_shown && is_apart {
                out.push_str("--\n");
            }
            for (at, line) in before.iter().enumerate() {
                self.show(line, first + at, '-', out);
            }
            if self.has('o') && !self.has('v') {
                for (from, to) in found {
                    let text: String = letters.get(from..to).unwrap_or_default().iter().collect();
                    self.show(&text, self.number, ':', out);
                }
            } else if !self.has('o') {
                self.show(line, self.number, ':', out);
            }
            self.after = self.around.1;
        }
        self.is_done |= self.count == self.most && self.after == 0;
    }

    fn show(&mut self, line: &str, number: usize, mark: char, out: &mut String) {
        (self.last_shown, self.has_shown) = (Some(number), true);
        if self.has('o') && mark == '-' {
            return;
        }
        if let Some(file) = &self.file {
            out.push_str(&format!("{file}{mark}"));
        }
        if self.has('n') {
            out.push_str(&format!("{number}{mark}"));
        }
        out.push_str(line);
        out.push('\n');
    }

    /// The places of a line that fit.
    fn all(&self, line: &[char]) -> Vec<(usize, usize)> {
        let is_word = |at: Option<usize>| {
            at.and_then(|at| line.get(at))
                .is_some_and(|it| it.is_alphanumeric() || *it == '_')
        };
        let (mut out, mut from) = (Vec::new(), 0);
        let next = |from: usize| {
            let found = self.patterns.iter().filter_map(|it| it.find(line, from));
            found.min_by_key(|(begin, end)| (*begin, std::cmp::Reverse(*end)))
        };
        while let Some((begin, end)) = next(from) {
            from = end.max(begin + 1);
            let stands_alone = !is_word(begin.checked_sub(1)) && !is_word(Some(end));
            let is_whole = (begin, end) == (0, line.len());
            if (!self.has('w') || stands_alone) && (!self.has('x') || is_whole) {
                out.push((begin, end));
            }
            if from > line.len() {
                break;
            }
        }
        if self.has('o') {
            out.retain(|(begin, end)| end > begin);
        }
        out
    }
}
