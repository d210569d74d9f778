//! `cat`, `wc`, `uniq` and `cut`.

use super::{Filter, Flags, Read, flags};

/// `cat`: whether it numbers lines, marks their ends, shows tabs, drops repeated empty ones.
#[derive(Clone, Debug)]
pub(in crate::terminal) struct Cat {
    given: Flags,
    number: usize,
    was_empty: bool,
}

pub(super) fn cat(words: &[String]) -> Read {
    let long = [
        ("number", 'n'),
        ("show-all", 'A'),
        ("show-tabs", 'T'),
        ("show-ends", 'E'),
    ];
    let mut given = flags("cat", words, "nbsETAetvu", "", &long)?;
    let files = std::mem::take(&mut given.files);
    let cat = Cat {
        given,
        number: 0,
        was_empty: false,
    };
    Ok((Filter::Cat(cat), files))
}

impl Cat {
    pub(super) fn is_plain(&self) -> bool {
        self.given.given.iter().all(|(it, _)| *it == 'u')
    }

    pub(super) fn feed(&mut self, text: &str, out: &mut String) {
        if self.is_plain() {
            out.push_str(text);
            return;
        }
        let has = |flags: &str| flags.chars().any(|it| self.given.has(it));
        for line in text.split_inclusive('\n') {
            let is_empty = line == "\n";
            if std::mem::replace(&mut self.was_empty, is_empty) && is_empty && has("s") {
                continue;
            }
            if has("b") && !is_empty || has("n") && !has("b") {
                self.number += 1;
                out.push_str(&format!("{:>6}\t", self.number));
            }
            let mut line = line.to_owned();
            if has("TAt") {
                line = line.replace('\t', "^I");
            }
            if has("EAe") {
                line = line.replace('\n', "$\n");
            }
            out.push_str(&line);
        }
    }
}

/// `wc`: which counts it prints, and those of each file.
#[derive(Clone, Debug)]
pub(in crate::terminal) struct Wc {
    shown: [bool; 4],
    rows: Vec<([usize; 4], Option<String>)>,
    now: [usize; 4],
    in_word: bool,
    file: Option<String>,
    /// Whether its input is a file without a name.
    pub is_file: bool,
}

pub(super) fn wc(words: &[String]) -> Read {
    let long = [
        ("lines", 'l'),
        ("words", 'w'),
        ("bytes", 'c'),
        ("chars", 'm'),
    ];
    let read = flags("wc", words, "lwcm", "", &long)?;
    let none = read.given.is_empty();
    let has = |letter: char| none && letter != 'm' || read.has(letter);
    let wc = Wc {
        shown: [has('l'), has('w'), has('m'), has('c')],
        rows: Vec::new(),
        now: [0; 4],
        in_word: false,
        file: None,
        is_file: false,
    };
    Ok((Filter::Wc(wc), read.files))
}

impl Wc {
    pub(super) fn begin(&mut self, file: &str) {
        self.file = Some(file.to_owned());
    }

    pub(super) fn feed(&mut self, text: &str, ended: bool) {
        for letter in text.chars() {
            let begins = !letter.is_whitespace() && !self.in_word;
            self.in_word = !letter.is_whitespace();
            let more = [usize::from(letter == '\n'), usize::from(begins), 1];
            let more = more.into_iter().chain([letter.len_utf8()]);
            self.now
                .iter_mut()
                .zip(more)
                .for_each(|(count, more)| *count += more);
        }
        if ended {
            self.in_word = false;
            self.rows
                .push((std::mem::take(&mut self.now), self.file.take()));
        }
    }

    /// A row a file, as wide as all of their bytes need, and their sum.
    pub(super) fn print(&mut self, out: &mut String) {
        let mut total = [0; 4];
        for (row, _) in &self.rows {
            total.iter_mut().zip(row).for_each(|(sum, it)| *sum += it);
        }
        let is_one = self.rows.len() == 1 && self.shown.iter().filter(|it| **it).count() == 1;
        let is_input = |file: &Option<String>| file.as_deref().is_none_or(|it| it == "-");
        let is_piped = !self.is_file && self.rows.iter().any(|(_, file)| is_input(file));
        let [.., bytes] = total;
        let width = match (is_one, is_piped) {
            (true, _) => 1,
            (_, true) => bytes.to_string().len().max(7),
            _ => bytes.to_string().len(),
        };
        if self.rows.len() > 1 {
            self.rows.push((total, Some("total".to_owned())));
        }
        for (row, file) in self.rows.drain(..) {
            let shown = row.iter().zip(self.shown).filter(|(_, is_shown)| *is_shown);
            let counts: Vec<String> = shown.map(|(it, _)| format!("{it:>width$}")).collect();
            let file = file.map_or(String::new(), |it| format!(" {it}"));
            out.push_str(&format!("{}{file}\n", counts.join(" ")));
        }
    }
}

/// `uniq`, and the last line with how often it came.
#[derive(Clone, Debug)]
pub(in crate::terminal) struct Uniq {
    given: Flags,
    last: Option<(String, usize)>,
}

pub(super) fn uniq(words: &[String]) -> Read {
    let long = [("count", 'c'), ("repeated", 'd'), ("unique", 'u')];
    let mut given = flags("uniq", words, "cdui", "", &long)?;
    let files = std::mem::take(&mut given.files);
    Ok((Filter::Uniq(Uniq { given, last: None }), files))
}

impl Uniq {
    pub(super) fn feed(&mut self, text: &str, ended: bool, out: &mut String) {
        for line in text.lines() {
            match &mut self.last {
                Some((last, count))
                    if last == line || self.given.has('i') && last.eq_ignore_ascii_case(line) =>
                {
                    *count += 1;
                }
                _ => {
                    self.print(out);
                    self.last = Some((line.to_owned(), 1));
                }
            }
        }
        if ended {
            self.print(out);
        }
    }

    fn print(&mut self, out: &mut String) {
        let Some((line, count)) = self.last.take() else {
            return;
        };
        if count == 1 && self.given.has('d') || count > 1 && self.given.has('u') {
            return;
        }
        if self.given.has('c') {
            out.push_str(&format!("{count:>7} "));
        }
        out.push_str(&line);
        out.push('\n');
    }
}

/// `cut`.
#[derive(Clone, Debug)]
pub(in crate::terminal) struct Cut {
    /// What stands between fields; letters are counted without it.
    by: Option<char>,
    ranges: Vec<(usize, usize)>,
    only_delimited: bool,
}

pub(super) fn cut(words: &[String]) -> Read {
    let long = [
        ("delimiter", 'd'),
        ("fields", 'f'),
        ("characters", 'c'),
        ("only-delimited", 's'),
    ];
    let read = flags("cut", words, "s", "dfcb", &long)?;
    let letters = read.value('c').or(read.value('b'));
    let list = letters.or(read.value('f')).ok_or(
        "cut: you must specify a list of bytes, characters, or fields\nTry 'cut --help' for more information.\n",
    )?;
    let range = |text: &str| -> Option<(usize, usize)> {
        let number = |it: &str, default| match it {
            "" => Some(default),
            it => it.parse().ok().filter(|it| *it > 0),
        };
        match text.split_once('-') {
            Some(("", "")) => None,
            Some((from, to)) => Some((number(from, 1)?, number(to, usize::MAX)?)),
            None => number(text, 0).filter(|it| *it > 0).map(|it| (it, it)),
        }
    };
    let ranges: Option<Vec<_>> = list.split(',').map(range).collect();
    let what = if letters.is_some() {
        "byte/character position"
    } else {
        "field value"
    };
    let ranges = ranges.ok_or_else(|| {
        format!("cut: invalid {what} '{list}'\nTry 'cut --help' for more information.\n")
    })?;
    let by = read.value('d').unwrap_or("\t");
    let mut by_letters = by.chars();
    let by = by_letters.next().unwrap_or('\0');
    if by_letters.next().is_some() {
        return Err(
            "cut: the delimiter must be a single character\nTry 'cut --help' for more information.\n"
                .to_owned(),
        );
    }
    let cut = Cut {
        by: letters.is_none().then_some(by),
        ranges,
        only_delimited: read.has('s'),
    };
    Ok((Filter::Cut(cut), read.files))
}

impl Cut {
    pub(super) fn line(&self, line: &str, out: &mut String) {
        let is_in = |at: usize| {
            let mut ranges = self.ranges.iter();
            ranges.any(|(from, to)| (*from..=*to).contains(&(at + 1)))
        };
        match self.by {
            Some(by) if !line.contains(by) => {
                if self.only_delimited {
                    return;
                }
                out.push_str(line);
            }
            Some(by) => {
                let parts = line.split(by).enumerate().filter(|(at, _)| is_in(*at));
                let parts: Vec<&str> = parts.map(|(_, part)| part).collect();
                out.push_str(&parts.join(&by.to_string()));
            }
            None => {
                let letters = line.chars().enumerate().filter(|(at, _)| is_in(*at));
                out.extend(letters.map(|(_, letter)| letter));
            }
        }
        out.push('\n');
    }
}
