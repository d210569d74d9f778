//! `echo`, `printf` and `read`: texts as shells write and read them.

use crate::terminal::out::Printed;

pub(super) fn echo(words: &[String], dash: bool) -> String {
    let mut words = words;
    // dash knows only `-n`, and reads every text as the others do with `-e`.
    let known = if dash { "n" } else { "neE" };
    let (mut end, mut escapes) = ("\n", dash);
    while let Some((first, rest)) = words.split_first() {
        let flags = first.strip_prefix('-').unwrap_or_default();
        if flags.is_empty() || !flags.chars().all(|it| known.contains(it)) {
            break;
        }
        for flag in flags.chars() {
            match flag {
                'n' => end = "",
                flag => escapes = flag == 'e',
            }
        }
        words = rest;
    }
    let text = words.join(" ");
    if !escapes {
        return text + end;
    }
    match text.split_once("\\c") {
        Some((before, _)) => unescape(before),
        None => unescape(&text) + end,
    }
}

/// A text with what its backslashes stand for.
pub(in crate::terminal) fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let mut letters = after.chars();
        let Some(letter) = letters.next() else {
            return out + "\\";
        };
        rest = letters.as_str();
        // So many digits of a number in that base.
        let mut number = |base, most: usize| -> Option<char> {
            let long = rest
                .chars()
                .take(most)
                .take_while(|it| it.is_digit(base))
                .count();
            let (digits, after) = rest.split_at(long);
            let found = u32::from_str_radix(digits, base).ok();
            rest = found.map_or(rest, |_| after);
            found.and_then(char::from_u32)
        };
        match letter {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'a' => out.push('\u{7}'),
            'b' => out.push('\u{8}'),
            'e' => out.push('\u{1b}'),
            'f' => out.push('\u{c}'),
            'v' => out.push('\u{b}'),
            '0' => out.push(number(8, 3).unwrap_or('\0')),
            'x' => match number(16, 2) {
                Some(letter) => out.push(letter),
                None => out.push_str("\\x"),
            },
            'u' => match number(16, 4) {
                Some(letter) => out.push(letter),
                None => out.push_str("\\u"),
            },
            '\\' => out.push('\\'),
            other => out.extend(['\\', other]),
        }
    }
    out + rest
}

pub(super) fn printf(words: &[String], shell: &str, printed: &mut Printed) -> i32 {
    let words = match words.split_first() {
        Some((first, rest)) if first == "--" => rest,
        _ => words,
    };
    let Some((format, values)) = words.split_first() else {
        let text = "printf: usage: printf [-v var] format [arguments]\n";
        printed.error(&format!("{shell}: {text}"));
        return 2;
    };
    if format == "-v" {
        printed.error(&format!(
            "{shell}: printf: this terminal's printf does not know -v\n"
        ));
        return 2;
    }
    let format = unescape(format);
    let mut values = values.iter();
    let mut code = 0;
    loop {
        let (mut rest, mut took) = (format.as_str(), false);
        while let Some((before, after)) = rest.split_once('%') {
            printed.out(before);
            if let Some(after) = after.strip_prefix('%') {
                printed.out("%");
                rest = after;
                continue;
            }
            let at = after.find(|it: char| !it.is_ascii_digit() && !"-+ 0#.".contains(it));
            let (layout, after) = after.split_at(at.unwrap_or(after.len()));
            let mut letters = after.chars();
            let sort = letters.next().unwrap_or(' ');
            rest = letters.as_str();
            let value = values.next();
            took = true;
            match one(sort, layout, value.map_or("", String::as_str)) {
                Ok((text, is_right)) => {
                    if !is_right {
                        let value = value.map_or("", String::as_str);
                        printed.error(&format!("{shell}: printf: {value}: invalid number\n"));
                        code = 1;
                    }
                    printed.out(&text);
                }
                Err(text) => {
                    printed.error(&format!("{shell}: printf: {text}\n"));
                    return 1;
                }
            }
        }
        printed.out(rest);
        if values.len() == 0 || !took {
            return code;
        }
    }
}

/// One value in its layout, and whether it was what it has to be.
fn one(sort: char, layout: &str, value: &str) -> Result<(String, bool), String> {
    let flags = layout.len() - layout.trim_start_matches(['-', '+', ' ', '0', '#']).len();
    let (flags, sizes) = layout.split_at(flags);
    let (width, precision) = match sizes.split_once('.') {
        Some((width, precision)) => (width, Some(precision.parse().unwrap_or(0))),
        None => (sizes, None),
    };
    let width: usize = width.parse().unwrap_or(0).min(10_000);
    let number = || -> (i64, bool) {
        let (digits, base) = match value.strip_prefix("0x") {
            Some(digits) => (digits, 16),
            None => (value, 10),
        };
        let quoted = value
            .strip_prefix(['\'', '"'])
            .and_then(|it| it.chars().next());
        let found = quoted.map(|it| i64::from(u32::from(it)));
        let found = found.or(i64::from_str_radix(digits, base).ok());
        (found.unwrap_or(0), found.is_some() || value.is_empty())
    };
    let sign = |number: i64| match number >= 0 {
        true if flags.contains('+') => "+",
        true if flags.contains(' ') => " ",
        _ => "",
    };
    let (text, is_right) = match sort {
        's' | 'b' => {
            let text = if sort == 'b' {
                unescape(value)
            } else {
                value.to_owned()
            };
            (
                text.chars().take(precision.unwrap_or(usize::MAX)).collect(),
                true,
            )
        }
        'c' => (value.chars().take(1).collect(), true),
        'd' | 'i' | 'u' => {
            let (number, is_right) = number();
            (format!("{}{number}", sign(number)), is_right)
        }
        'x' | 'X' | 'o' => {
            let (number, is_right) = number();
            let text = match sort {
                'x' => format!("{number:x}"),
                'X' => format!("{number:X}"),
                _ => format!("{number:o}"),
            };
            (text, is_right)
        }
        'f' => {
            let found = value.parse::<f64>();
            let is_right = found.is_ok() || value.is_empty();
            let precision = precision.unwrap_or(6).min(30);
            (format!("{:.precision$}", found.unwrap_or(0.0)), is_right)
        }
        'q' | 'e' | 'g' | '*' | '(' => {
            return Err(format!(
                "this terminal's printf does not know %{layout}{sort}"
            ));
        }
        other => return Err(format!("`{other}': invalid format character")),
    };
    let missing = width.saturating_sub(text.chars().count());
    let is_number = !matches!(sort, 's' | 'b' | 'c');
    let padded = if flags.contains('-') {
        text + &" ".repeat(missing)
    } else if flags.contains('0') && is_number {
        let signed = usize::from(text.starts_with(['-', '+', ' ']));
        let (sign, digits) = text.split_at(signed);
        format!("{sign}{}{digits}", "0".repeat(missing))
    } else {
        " ".repeat(missing) + &text
    };
    Ok((padded, is_right))
}

/// The variables of `read`, with the words of a line; the last takes what is left.
pub(in crate::terminal) fn read(
    words: &[String],
    line: &str,
    by: Option<&str>,
) -> Result<Vec<(String, String)>, String> {
    let mut names: Vec<&str> = Vec::new();
    let mut is_raw = false;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-r" => is_raw = true,
            "-p" => {
                words.next();
            }
            flag if flag.starts_with('-') => {
                return Err(format!(
                    "read: this terminal's read does not know the flag {flag}\n"
                ));
            }
            name => names.push(name),
        }
    }
    let line = match is_raw {
        true => line.to_owned(),
        false => line.replace('\\', ""),
    };
    if names.is_empty() {
        return Ok(vec![("REPLY".to_owned(), line)]);
    }
    let by = by.unwrap_or(" \t\n");
    let is_blank = |it: char| it.is_whitespace() && by.contains(it);
    let mut rest = line.trim_matches(is_blank);
    let mut out = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let end = rest
            .find(|it| by.contains(it))
            .filter(|_| at + 1 < names.len());
        let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
        out.push(((*name).to_owned(), word.to_owned()));
        let after = after.trim_start_matches(is_blank);
        let after = after
            .strip_prefix(|it: char| by.contains(it))
            .unwrap_or(after);
        rest = after.trim_start_matches(is_blank);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn texts_are_written_as_bash_writes_them() {
        assert_eq!(echo(&words("-n a b"), false), "a b");
        assert_eq!(echo(&words("-e a\\tb\\n"), false), "a\tb\n\n");
        assert_eq!(echo(&words("-eE a\\tb -n"), false), "a\\tb -n\n");
        for (line, said) in [
            ("%s=%d\\n a 1 b 2", "a=1\nb=2\n"),
            (
                "-- %-5s|%5s|%05d|%+d|%.2s| a b 42 7 xyz",
                "a    |    b|00042|+7|xy|",
            ),
            ("%x-%c-%b-%.1f-%% 255 hello a\\nb 2.25", "ff-h-a\nb-2.2-%"),
            ("%d x", "0bash: printf: x: invalid number\n"),
            ("%y", "bash: printf: `y': invalid format character\n"),
        ] {
            let mut printed = Printed::default();
            printf(&words(line), "bash", &mut printed);
            assert_eq!(
                printed.stream(false) + &printed.stream(true),
                said,
                "{line}"
            );
        }
    }

    #[test]
    fn lines_are_read_into_variables() {
        let read = |line: &str, text: &str, by| -> Vec<String> {
            let found = read(&words(line), text, by).expect("known flags");
            found.into_iter().map(|(_, value)| value).collect()
        };
        assert_eq!(
            read("a b", "  one two  three ", None),
            ["one", "two  three"]
        );
        assert_eq!(read("-r a b c", "x\\:", Some(":")), ["x\\", "", ""]);
        assert_eq!(read("-r a", " x ", Some("")), [" x "]);
    }
}
