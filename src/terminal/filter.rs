//! Programs that read text and print text: grep, head, tail, wc, sort, uniq, cut, tr, cat.

use super::pattern::Pattern;

/// A program with its flags.
#[derive(Clone, Debug)]
pub(super) enum Filter {
    Cat,
    Grep(Grep),
    /// So many lines (or all but the last so many).
    Head(i64),
    Tail(usize),
    Wc {
        lines: bool,
        words: bool,
        bytes: bool,
    },
    Sort(Sort),
    Uniq {
        counts: bool,
    },
    Cut {
        by: char,
        fields: Vec<(usize, usize)>,
    },
    Tr {
        from: Vec<char>,
        to: Vec<char>,
    },
}

#[derive(Clone, Debug)]
pub(super) struct Grep {
    pattern: Pattern,
    inverts: bool,
    counts: bool,
    only: bool,
    quiet: bool,
    numbers: bool,
    whole_words: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Sort {
    reverse: bool,
    numeric: bool,
    unique: bool,
    key: usize,
}

/// What a filter has made of its input so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Done {
    /// What it prints; only grows while input comes.
    pub output: String,
    /// Whether it will not read any more.
    pub enough: bool,
    /// Its exit code.
    pub code: i32,
}

type Read = Result<(Filter, Vec<String>), String>;

impl Filter {
    /// The filter of this name with its files; `None` if it is another program.
    pub(super) fn read(name: &str, words: &[String]) -> Option<Read> {
        Some(match name {
            "cat" => flags(name, words, "", "").map(|it| (Self::Cat, it.files)),
            "grep" | "egrep" | "fgrep" => grep(name, words),
            "head" | "tail" => ends(name, words),
            "wc" => flags(name, words, "lwc", "").map(|it| {
                let all = it.given.is_empty();
                let has = |letter: char| all || it.has(letter);
                let filter = Self::Wc {
                    lines: has('l'),
                    words: has('w'),
                    bytes: has('c'),
                };
                (filter, it.files)
            }),
            "sort" => sort(words),
            "uniq" => flags(name, words, "c", "").map(|it| {
                (
                    Self::Uniq {
                        counts: it.has('c'),
                    },
                    it.files,
                )
            }),
            "cut" => cut(words),
            "tr" => tr(words),
            _ => return None,
        })
    }

    /// What comes of the input so far.
    pub(super) fn apply(&self, input: &str, ended: bool) -> Done {
        // A line that is not whole yet is kept back.
        let whole = if ended {
            input.len()
        } else {
            input.rfind('\n').map_or(0, |at| at + 1)
        };
        let input = input.get(..whole).unwrap_or_default();
        match self {
            Self::Cat => Done {
                output: input.to_owned(),
                ..Done::default()
            },
            Self::Grep(grep) if grep.counts && !ended => Done::default(),
            Self::Grep(grep) => grep.apply(input),
            Self::Head(count) => head(input, *count, ended),
            Self::Tr { from, to } => {
                let letters = input.chars().filter_map(|it| translate(it, from, to));
                Done {
                    output: letters.collect(),
                    ..Done::default()
                }
            }
            Self::Cut { by, fields } => {
                let lines = input.lines().map(|line| cut_line(line, *by, fields));
                Done {
                    output: lines.collect(),
                    ..Done::default()
                }
            }
            // These have to see the last line before they print the first.
            _ if !ended => Done::default(),
            Self::Tail(count) => {
                let lines: Vec<&str> = input.split_inclusive('\n').collect();
                let from = lines.len().saturating_sub(*count);
                Done {
                    output: lines.into_iter().skip(from).collect(),
                    ..Done::default()
                }
            }
            Self::Wc {
                lines,
                words,
                bytes,
            } => wc(input, *lines, *words, *bytes),
            Self::Sort(sort) => Done {
                output: sort.apply(input),
                ..Done::default()
            },
            Self::Uniq { counts } => Done {
                output: uniq(input, *counts),
                ..Done::default()
            },
        }
    }
}

/// Flags of one letter, their values and the other words.
#[derive(Debug, Default)]
struct Flags {
    given: Vec<(char, String)>,
    files: Vec<String>,
}

impl Flags {
    fn has(&self, flag: char) -> bool {
        self.given.iter().any(|(it, _)| *it == flag)
    }

    fn value(&self, flag: char) -> Option<&str> {
        let mut own = self.given.iter().rev();
        own.find(|(it, _)| *it == flag)
            .map(|(_, value)| value.as_str())
    }
}

/// Reads flags: `plain` take nothing, `valued` take a value.
fn flags(name: &str, words: &[String], plain: &str, valued: &str) -> Result<Flags, String> {
    let mut out = Flags::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let Some(letters) = word.strip_prefix('-').filter(|it| !it.is_empty()) else {
            out.files.push(word.clone());
            continue;
        };
        if letters == "-" {
            out.files.extend(words.cloned());
            break;
        }
        let mut rest = letters;
        while let Some(letter) = rest.chars().next() {
            rest = rest.get(letter.len_utf8()..).unwrap_or_default();
            if plain.contains(letter) {
                out.given.push((letter, String::new()));
            } else if valued.contains(letter) {
                let value = if rest.is_empty() {
                    words.next().cloned()
                } else {
                    Some(rest.to_owned())
                };
                let value = value.ok_or_else(|| {
                    format!("{name}: option requires an argument -- '{letter}'\n")
                })?;
                out.given.push((letter, value));
                break;
            } else {
                return Err(format!(
                    "{name}: this terminal's {name} does not know the flag -{letters}\n"
                ));
            }
        }
    }
    Ok(out)
}

fn grep(name: &str, words: &[String]) -> Read {
    let mut read = flags(name, words, "viEFconqwh", "e")?;
    let text = match read.value('e') {
        Some(text) => text.to_owned(),
        None if read.files.is_empty() => {
            return Err("Usage: grep [OPTION]... PATTERNS [FILE]...\n".to_owned());
        }
        None => read.files.remove(0),
    };
    let extended = read.has('E') || name == "egrep";
    let pattern = if read.has('F') || name == "fgrep" {
        Pattern::plain(&text, read.has('i'))
    } else {
        Pattern::read(&text, extended, read.has('i')).map_err(|why| format!("grep: {why}\n"))?
    };
    let filter = Filter::Grep(Grep {
        pattern,
        inverts: read.has('v'),
        counts: read.has('c'),
        only: read.has('o'),
        quiet: read.has('q'),
        numbers: read.has('n'),
        whole_words: read.has('w'),
    });
    Ok((filter, read.files))
}

impl Grep {
    fn apply(&self, input: &str) -> Done {
        let (mut output, mut count) = (String::new(), 0);
        for (number, line) in input.lines().enumerate() {
            let letters: Vec<char> = line.chars().collect();
            let found = self.all(&letters);
            if found.is_empty() != self.inverts {
                continue;
            }
            count += 1;
            let number = if self.numbers {
                format!("{}:", number + 1)
            } else {
                String::new()
            };
            if self.only && !self.inverts {
                for (from, to) in found {
                    let text: String = letters.get(from..to).unwrap_or_default().iter().collect();
                    output.push_str(&format!("{number}{text}\n"));
                }
            } else {
                output.push_str(&format!("{number}{line}\n"));
            }
        }
        if self.counts {
            output = format!("{count}\n");
        }
        if self.quiet {
            output.clear();
        }
        Done {
            output,
            enough: self.quiet && count > 0,
            code: i32::from(count == 0),
        }
    }

    fn all(&self, line: &[char]) -> Vec<(usize, usize)> {
        let is_word = |at: Option<usize>| {
            at.and_then(|at| line.get(at))
                .is_some_and(|it| it.is_alphanumeric() || *it == '_')
        };
        let (mut out, mut from) = (Vec::new(), 0);
        while let Some((begin, end)) = self.pattern.find(line, from) {
            from = end.max(begin + 1);
            let stands_alone = !is_word(begin.checked_sub(1)) && !is_word(Some(end));
            if !self.whole_words || stands_alone {
                out.push((begin, end));
            }
            if from > line.len() {
                break;
            }
        }
        out
    }
}

fn ends(name: &str, words: &[String]) -> Read {
    // `-3` is the old form of `-n 3`.
    let old = |it: &&String| {
        it.strip_prefix('-')
            .is_some_and(|it| it.parse::<u32>().is_ok())
    };
    let mut words = words.to_vec();
    if let Some(first) = words.first().filter(old).cloned() {
        words.splice(..1, ["-n".to_owned(), first.replace('-', "")]);
    }
    let read = flags(name, &words, "", "n")?;
    let text = read.value('n').unwrap_or("10");
    let count: i64 = text
        .trim_start_matches('+')
        .parse()
        .map_err(|_| format!("{name}: invalid number of lines: '{text}'\n"))?;
    let filter = if name == "head" {
        Filter::Head(count)
    } else {
        Filter::Tail(usize::try_from(count.abs()).unwrap_or(10))
    };
    Ok((filter, read.files))
}

fn head(input: &str, count: i64, ended: bool) -> Done {
    let lines: Vec<&str> = input.split_inclusive('\n').collect();
    if count < 0 {
        if !ended {
            return Done::default();
        }
        let keep = lines
            .len()
            .saturating_sub(usize::try_from(-count).unwrap_or(usize::MAX));
        return Done {
            output: lines.into_iter().take(keep).collect(),
            ..Done::default()
        };
    }
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let enough = lines.len() >= count;
    Done {
        output: lines.into_iter().take(count).collect(),
        enough,
        code: 0,
    }
}

fn wc(input: &str, lines: bool, words: bool, bytes: bool) -> Done {
    let counts = [
        (lines, input.matches('\n').count()),
        (words, input.split_whitespace().count()),
        (bytes, input.len()),
    ];
    let shown: Vec<usize> = counts
        .into_iter()
        .filter(|(is_on, _)| *is_on)
        .map(|(_, count)| count)
        .collect();
    let output = match &shown[..] {
        [one] => format!("{one}\n"),
        many => {
            many.iter()
                .map(|it| format!("{it:>7}"))
                .collect::<Vec<_>>()
                .join(" ")
                + "\n"
        }
    };
    Done {
        output,
        ..Done::default()
    }
}

fn sort(words: &[String]) -> Read {
    let read = flags("sort", words, "rnuV", "k")?;
    let key = read
        .value('k')
        .map_or(Some(0), |it| it.split([',', 'n', '.']).next()?.parse().ok());
    let sort = Sort {
        reverse: read.has('r'),
        numeric: read.has('n') || read.value('k').is_some_and(|it| it.contains('n')),
        unique: read.has('u'),
        key: key.ok_or("sort: invalid number at field start\n")?,
    };
    Ok((Filter::Sort(sort), read.files))
}

impl Sort {
    fn apply(&self, input: &str) -> String {
        let mut lines: Vec<&str> = input.lines().collect();
        let key = |line: &str| -> String {
            let mut fields = line.split_whitespace().skip(self.key.saturating_sub(1));
            if self.key == 0 {
                line.to_owned()
            } else {
                fields.next().unwrap_or_default().to_owned()
            }
        };
        let number = |line: &str| -> i64 {
            let text = key(line);
            let end = text
                .find(|it: char| !it.is_ascii_digit() && it != '-')
                .unwrap_or(text.len());
            text.get(..end).and_then(|it| it.parse().ok()).unwrap_or(0)
        };
        lines.sort_by(|a, b| {
            let by_number = if self.numeric {
                number(a).cmp(&number(b))
            } else {
                std::cmp::Ordering::Equal
            };
            let order = by_number
                .then_with(|| key(a).cmp(&key(b)))
                .then_with(|| a.cmp(b));
            if self.reverse { order.reverse() } else { order }
        });
        if self.unique {
            lines.dedup();
        }
        lines.into_iter().map(|it| format!("{it}\n")).collect()
    }
}

fn uniq(input: &str, counts: bool) -> String {
    let mut groups: Vec<(&str, usize)> = Vec::new();
    for line in input.lines() {
        match groups.last_mut() {
            Some((last, count)) if *last == line => *count += 1,
            _ => groups.push((line, 1)),
        }
    }
    let line = |(line, count): (&str, usize)| {
        if counts {
            format!("{count:>7} {line}\n")
        } else {
            format!("{line}\n")
        }
    };
    groups.into_iter().map(line).collect()
}

fn cut(words: &[String]) -> Read {
    let read = flags("cut", words, "", "df")?;
    let by = read
        .value('d')
        .and_then(|it| it.chars().next())
        .unwrap_or('\t');
    let list = read
        .value('f')
        .ok_or("cut: you must specify a list of bytes, characters, or fields\n")?;
    let range = |text: &str| -> Option<(usize, usize)> {
        let number = |it: &str, default| {
            if it.is_empty() {
                Some(default)
            } else {
                it.parse().ok()
            }
        };
        match text.split_once('-') {
            Some((from, to)) => Some((number(from, 1)?, number(to, usize::MAX)?)),
            None => text.parse().ok().map(|it| (it, it)),
        }
    };
    let fields: Option<Vec<_>> = list.split(',').map(range).collect();
    let fields = fields.ok_or_else(|| format!("cut: invalid field value '{list}'\n"))?;
    Ok((Filter::Cut { by, fields }, read.files))
}

fn cut_line(line: &str, by: char, fields: &[(usize, usize)]) -> String {
    if !line.contains(by) {
        return format!("{line}\n");
    }
    let is_in = |at: usize| fields.iter().any(|(from, to)| (*from..=*to).contains(&at));
    let parts = line.split(by).enumerate().filter(|(at, _)| is_in(at + 1));
    let parts: Vec<&str> = parts.map(|(_, part)| part).collect();
    parts.join(&by.to_string()) + "\n"
}

fn tr(words: &[String]) -> Read {
    let read = flags("tr", words, "d", "")?;
    let letters = |text: &str| -> Vec<char> {
        let text = text.replace("\\n", "\n").replace("\\t", "\t");
        let text = text
            .replace("a-z", "abcdefghijklmnopqrstuvwxyz")
            .replace("A-Z", "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
        text.replace("0-9", "0123456789").chars().collect()
    };
    let mut sets = read.files.iter().map(|it| letters(it));
    let from = sets.next().ok_or("tr: missing operand\n")?;
    let to = sets.next().unwrap_or_default();
    if to.is_empty() && !read.has('d') {
        return Err("tr: missing operand after the first one\n".to_owned());
    }
    Ok((Filter::Tr { from, to }, Vec::new()))
}

fn translate(letter: char, from: &[char], to: &[char]) -> Option<char> {
    match from.iter().position(|it| *it == letter) {
        None => Some(letter),
        Some(at) => to.get(at).or(to.last()).copied(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "NAME    READY\nweb-1   1/1\nweb-0   0/1\nweb-0   0/1\n";

    fn run(line: &str, input: &str) -> (String, i32) {
        let words: Vec<String> = line.split(' ').map(|it| it.replace('_', " ")).collect();
        let read = Filter::read(&words[0], &words[1..]).expect("it is a filter");
        let (filter, files) = read.expect("its flags are known");
        assert_eq!(files, [""; 0]);
        let done = filter.apply(input, true);
        (done.output, done.code)
    }

    #[test]
    fn filters_print_what_the_real_ones_print() {
        for (line, output) in [
            ("grep web-1", "web-1   1/1\n"),
            ("grep -v web", "NAME    READY\n"),
            ("grep -c 0/1", "2\n"),
            ("grep -o web-[0-9]", "web-1\nweb-0\nweb-0\n"),
            ("grep -nw 1/1", "2:web-1   1/1\n"),
            ("head -2", "NAME    READY\nweb-1   1/1\n"),
            ("head -n -3", "NAME    READY\n"),
            ("tail -n 1", "web-0   0/1\n"),
            ("wc -l", "4\n"),
            (
                "sort",
                "NAME    READY\nweb-0   0/1\nweb-0   0/1\nweb-1   1/1\n",
            ),
            ("sort -ru", "web-1   1/1\nweb-0   0/1\nNAME    READY\n"),
            (
                "uniq -c",
                "      1 NAME    READY\n      1 web-1   1/1\n      2 web-0   0/1\n",
            ),
            ("cut -d_ -f1", "NAME\nweb-1\nweb-0\nweb-0\n"),
            (
                "tr a-z A-Z",
                "NAME    READY\nWEB-1   1/1\nWEB-0   0/1\nWEB-0   0/1\n",
            ),
            (
                "tr -d \\n",
                "NAME    READYweb-1   1/1web-0   0/1web-0   0/1",
            ),
        ] {
            assert_eq!(run(line, TEXT), (output.to_owned(), 0), "{line}");
        }
        assert_eq!(run("grep nothing", TEXT), (String::new(), 1));
    }

    #[test]
    fn what_comes_bit_by_bit_is_passed_on_line_by_line() {
        let (grep, _) = Filter::read("grep", &["web".to_owned()])
            .expect("it is one")
            .expect("known");
        assert_eq!(grep.apply("web-0\nwe", false).output, "web-0\n");
        let (head, _) = Filter::read("head", &["-1".to_owned()])
            .expect("it is one")
            .expect("known");
        assert!(!head.apply("we", false).enough);
        assert!(head.apply("web-0\nwe", false).enough);
        let (wc, _) = Filter::read("wc", &["-l".to_owned()])
            .expect("it is one")
            .expect("known");
        assert_eq!(wc.apply("a\n", false).output, "");
    }

    #[test]
    fn flags_that_are_not_known_are_named() {
        let read =
            |name: &str, flag: &str| Filter::read(name, &[flag.to_owned()]).expect("it is one");
        let text = read("wc", "-x").unwrap_err();
        assert_eq!(text, "wc: this terminal's wc does not know the flag -x\n");
        assert_eq!(
            read("head", "-n").unwrap_err(),
            "head: option requires an argument -- 'n'\n"
        );
    }
}
