//! `head` and `tail`.

use std::collections::VecDeque;

use super::{Filter, Read, flags};

/// Which end of a text, or what is beyond it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    /// The first so many.
    First,
    /// All but the last so many.
    AllButLast,
    /// The last so many.
    Last,
    /// From that one on.
    From,
}

/// `head` or `tail`.
#[derive(Clone, Debug)]
pub(in crate::terminal) struct Ends {
    which: Which,
    count: usize,
    /// Whether letters are counted, and not lines.
    by_letters: bool,
    /// `-q` and `-v`: whether headers stand above files, if that was said.
    headers: Option<bool>,
    begun: bool,
    seen: usize,
    kept: VecDeque<String>,
}

pub(super) fn read(name: &str, words: &[String]) -> Read {
    // `-3` is the old form of `-n 3`.
    let old = |it: &&String| {
        it.strip_prefix('-')
            .is_some_and(|it| it.parse::<u32>().is_ok())
    };
    let mut words = words.to_vec();
    if let Some(first) = words.first().filter(old).cloned() {
        words.splice(..1, ["-n".to_owned(), first.replace('-', "")]);
    }
    let long = [
        ("lines", 'n'),
        ("bytes", 'c'),
        ("quiet", 'q'),
        ("silent", 'q'),
        ("verbose", 'v'),
        ("follow", 'f'),
    ];
    let plain = if name == "tail" { "qvfF" } else { "qv" };
    let read = flags(name, &words, plain, "nc", &long)?;
    // What is piped is followed to its end anyway.
    if (read.has('f') || read.has('F')) && !read.files.is_empty() {
        return Err(
            "tail: this terminal's tail does not follow a file (-f): it prints what is there now\n"
                .to_owned(),
        );
    }
    let by_letters = read.has('c');
    let text = read.value(if by_letters { 'c' } else { 'n' });
    let text = text.unwrap_or("10");
    let what = if by_letters { "bytes" } else { "lines" };
    let digits = text.trim_start_matches(['+', '-']);
    let count = digits
        .parse()
        .map_err(|_| format!("{name}: invalid number of {what}: '{text}'\n"))?;
    let which = match (name, text.chars().next()) {
        ("head", Some('-')) => Which::AllButLast,
        ("head", _) => Which::First,
        (_, Some('+')) => Which::From,
        _ => Which::Last,
    };
    let headers = match (read.has('q'), read.has('v')) {
        (false, false) => None,
        (quiet, _) => Some(!quiet),
    };
    let ends = Ends {
        which,
        count,
        by_letters,
        headers,
        begun: false,
        seen: 0,
        kept: VecDeque::new(),
    };
    Ok((Filter::Ends(ends), read.files))
}

impl Ends {
    pub(super) fn begin(&mut self, file: &str, many: bool, out: &mut String) {
        self.seen = 0;
        if self.headers.unwrap_or(many) {
            let gap = if self.begun { "\n" } else { "" };
            let file = if file == "-" { "standard input" } else { file };
            out.push_str(&format!("{gap}==> {file} <==\n"));
        }
        self.begun = true;
    }

    pub(super) fn feed(&mut self, text: &str, ended: bool, out: &mut String) -> bool {
        if self.by_letters {
            let mut piece = [0; 4];
            text.chars()
                .for_each(|it| self.take(it.encode_utf8(&mut piece), out));
        } else {
            text.split_inclusive('\n').for_each(|it| self.take(it, out));
        }
        if ended {
            let kept = std::mem::take(&mut self.kept);
            if self.which == Which::Last {
                out.extend(kept);
            }
        }
        self.which == Which::First && self.seen >= self.count
    }

    fn take(&mut self, one: &str, out: &mut String) {
        self.seen += 1;
        match self.which {
            Which::First if self.seen <= self.count => out.push_str(one),
            Which::From if self.seen >= self.count => out.push_str(one),
            Which::First | Which::From => {}
            Which::AllButLast | Which::Last => {
                self.kept.push_back(one.to_owned());
                if self.kept.len() > self.count {
                    let first = self.kept.pop_front().unwrap_or_default();
                    if self.which == Which::AllButLast {
                        out.push_str(&first);
                    }
                }
            }
        }
    }
}
