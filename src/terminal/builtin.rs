//! Commands that every shell has in itself.

use super::job::World;
use super::out::Printed;
use super::process::{Process, Started};
use super::shell::{HOME, Place, Shell};
use crate::cluster::inside::files::normal;
use crate::cluster::inside::sleep_ms;
use crate::cluster::time::Time;

/// The longest sleep: thirty years.
const SLEEP_MAX_MS: i64 = 1_000_000_000_000;

/// Runs a built-in command; `None` if it is none.
pub(super) fn start(
    name: &str,
    words: &[String],
    shell: &mut Shell,
    world: &mut World<'_>,
    printed: &mut Printed,
) -> Option<Started> {
    let mut exits = false;
    let code = match name {
        ":" | "true" | "set" => 0,
        "false" => 1,
        "echo" => {
            printed.out(&echo(words, shell.is_dash(world)));
            0
        }
        "printf" => printf(words, printed),
        "pwd" => {
            printed.out(&format!("{}\n", shell.folder));
            0
        }
        "cd" => cd(words, shell, world, printed),
        "export" => {
            for word in words {
                if let Some((name, value)) = word.split_once('=') {
                    shell.variables.insert(name.to_owned(), value.to_owned());
                }
            }
            0
        }
        "unset" => {
            for word in words {
                shell.variables.remove(word);
            }
            0
        }
        "test" | "[" => test(name, words, shell, world, printed),
        "exit" | "logout" => {
            exits = true;
            let asked = words.first().and_then(|it| it.parse().ok());
            asked.unwrap_or(shell.status)
        }
        "sleep" => return Some(sleep(words, world, printed)),
        "date" => {
            printed.out(&format!("{}\n", date(world.cluster.now())));
            0
        }
        "seq" => seq(words, printed),
        "clear" | "reset" => {
            printed.wipe();
            0
        }
        "type" | "which" | "command" if shell.place == Place::Host => {
            let found = words.iter().filter(|it| !it.starts_with('-'));
            for word in found {
                printed.out(&format!("/usr/bin/{word}\n"));
            }
            0
        }
        _ => return None,
    };
    let process = Process::Done(code);
    Some(Started { process, exits })
}

/// dash knows only `-n`, and reads every text as the others do with `-e`.
fn echo(words: &[String], dash: bool) -> String {
    let mut words = words;
    let (mut end, mut escapes) = ("\n", dash);
    while let Some((first, rest)) = words.split_first() {
        match first.as_str() {
            "-n" => end = "",
            "-e" if !dash => escapes = true,
            "-ne" | "-en" if !dash => (end, escapes) = ("", true),
            _ => break,
        }
        words = rest;
    }
    let text = words.join(" ");
    if escapes {
        unescape(&text) + end
    } else {
        text + end
    }
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (letter, letters.clone().next()) {
            ('\\', Some(next)) => {
                letters.next();
                match next {
                    'n' => out.push('\n'),
                    't' => out.push('\t'),
                    '\\' => out.push('\\'),
                    other => out.extend(['\\', other]),
                }
            }
            _ => out.push(letter),
        }
    }
    out
}

fn printf(words: &[String], printed: &mut Printed) -> i32 {
    let Some((format, values)) = words.split_first() else {
        printed.error("printf: usage: printf format [arguments]\n");
        return 2;
    };
    let format = unescape(format);
    let mut values = values.iter();
    loop {
        let (mut rest, mut took) = (format.as_str(), false);
        while let Some(at) = rest.find('%') {
            printed.out(rest.get(..at).unwrap_or_default());
            match rest.get(at + 1..).and_then(|it| it.chars().next()) {
                Some('s' | 'd' | 'i') => {
                    printed.out(values.next().map_or("", String::as_str));
                    took = true;
                }
                Some('%') => printed.out("%"),
                _ => {
                    printed.error("printf: this terminal's printf knows %s, %d and %%\n");
                    return 1;
                }
            }
            rest = rest.get(at + 2..).unwrap_or_default();
        }
        printed.out(rest);
        if values.len() == 0 || !took {
            return 0;
        }
    }
}

fn cd(words: &[String], shell: &mut Shell, world: &World<'_>, printed: &mut Printed) -> i32 {
    let home = match shell.place {
        Place::Host => HOME,
        Place::Inside(_) => "/root",
    };
    let path = words.first().map_or(home, String::as_str);
    let target = normal(&shell.folder, path);
    let is_there = match &shell.place {
        Place::Host => target == HOME,
        Place::Inside(spot) => world.cluster.list_folder(spot, &target).is_ok(),
    };
    if is_there {
        shell.folder = target;
        return 0;
    }
    match (&shell.place, shell.name) {
        (Place::Inside(_), "sh") => {
            let name = if shell.is_dash(world) { "sh: 1" } else { "sh" };
            printed.error(&format!("{name}: cd: can't cd to {path}\n"));
            2
        }
        (_, name) => {
            printed.error(&format!("{name}: cd: {path}: No such file or directory\n"));
            1
        }
    }
}

fn test(
    name: &str,
    words: &[String],
    shell: &Shell,
    world: &World<'_>,
    printed: &mut Printed,
) -> i32 {
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    if name == "[" && words.pop() != Some("]") {
        printed.error(&format!("{}: [: missing `]'\n", shell.name));
        return 2;
    }
    let (words, not) = match words.split_first() {
        Some((&"!", rest)) => (rest, true),
        _ => (&words[..], false),
    };
    let number = |text: &str| text.parse::<i64>().unwrap_or(0);
    let is_file = |path: &str| shell.read(world, path).is_ok();
    let is_folder = |path: &str| {
        !is_file(path)
            && (!shell.names(world, path).is_empty() || normal(&shell.folder, path) == "/")
    };
    let holds = match *words {
        [] => false,
        [text] => !text.is_empty(),
        ["-z", text] => text.is_empty(),
        ["-n", text] => !text.is_empty(),
        ["-f", path] => is_file(path),
        ["-d", path] => is_folder(path),
        ["-e", path] => is_file(path) || is_folder(path),
        ["-s", path] => shell.read(world, path).is_ok_and(|it| !it.is_empty()),
        [a, "=" | "==", b] => a == b,
        [a, "!=", b] => a != b,
        [a, "-eq", b] => number(a) == number(b),
        [a, "-ne", b] => number(a) != number(b),
        [a, "-lt", b] => number(a) < number(b),
        [a, "-le", b] => number(a) <= number(b),
        [a, "-gt", b] => number(a) > number(b),
        [a, "-ge", b] => number(a) >= number(b),
        _ => {
            printed.error(&format!(
                "{}: {name}: this test is not known to this terminal\n",
                shell.name
            ));
            return 2;
        }
    };
    i32::from(holds == not)
}

fn sleep(words: &[String], world: &World<'_>, printed: &mut Printed) -> Started {
    let text = words.first().map_or("", String::as_str);
    let ms = match text {
        "inf" | "infinity" => Some(SLEEP_MAX_MS),
        text => sleep_ms(text).filter(|it| *it >= 0),
    };
    let process = match ms {
        Some(ms) => Process::Sleep(world.cluster.now().plus_ms(ms.min(SLEEP_MAX_MS))),
        None => {
            printed.error(&match text {
                "" => "sleep: missing operand\n".to_owned(),
                text => format!("sleep: invalid time interval '{text}'\n"),
            });
            Process::Done(1)
        }
    };
    Started {
        process,
        exits: false,
    }
}

fn seq(words: &[String], printed: &mut Printed) -> i32 {
    let numbers: Vec<i64> = words.iter().filter_map(|it| it.parse().ok()).collect();
    let (from, step, to) = match numbers[..] {
        [to] => (1, 1, to),
        [from, to] => (from, 1, to),
        [from, step, to] if step != 0 => (from, step, to),
        _ => {
            printed.error("seq: missing operand\n");
            return 1;
        }
    };
    let mut now = from;
    let mut count = 0;
    while (step > 0 && now <= to || step < 0 && now >= to) && count < 100_000 {
        printed.out(&format!("{now}\n"));
        now += step;
        count += 1;
    }
    0
}

/// `Wed Jan 15 10:00:05 UTC 2025`.
pub(super) fn date(time: Time) -> String {
    let [year, _, day, hour, minute, second, _] = time.civil();
    let (weekday, month) = (time.weekday_name(), time.month_name());
    format!("{weekday} {month} {day:>2} {hour:02}:{minute:02}:{second:02} UTC {year}")
}

/// `Jan 15 10:00`, as `ls -l` has it.
pub(super) fn short_date(time: Time) -> String {
    let [_, _, day, hour, minute, ..] = time.civil();
    format!("{} {day:>2} {hour:02}:{minute:02}", time.month_name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_texts() {
        let time = Time::parse("2025-01-15T10:00:05Z").expect("it is a time");
        assert_eq!(date(time), "Wed Jan 15 10:00:05 UTC 2025");
        assert_eq!(short_date(time), "Jan 15 10:00");
        let words = |line: &str| -> Vec<String> { line.split(' ').map(str::to_owned).collect() };
        assert_eq!(echo(&words("-n a b"), false), "a b");
        assert_eq!(echo(&words("-e a\\tb\\n"), false), "a\tb\n\n");
        let mut printed = Printed::default();
        printf(&words("%s=%d\\n a 1 b 2"), &mut printed);
        assert_eq!(printed.stream(false), "a=1\nb=2\n");
    }
}
