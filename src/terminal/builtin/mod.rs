//! Commands that every shell has in itself, and small programs that every computer has.

mod date;
mod found;
mod test;
mod text;

pub(super) use date::{date, short_date};
pub(super) use text::{read, unescape};

use super::job::{Job, World};
use super::out::Printed;
use super::process::{Flow, Process, Started};
use super::shell::{HOME, Place, Shell};
use super::wrap::timeout;
use crate::cluster::inside::files::normal;
use crate::cluster::inside::sleep_ms;

/// The longest sleep: thirty years.
pub(super) const SLEEP_MAX_MS: i64 = 1_000_000_000_000;

/// What a real shell has in itself, and this one has not.
const NOT_HERE: &[&str] = &[
    "bind",
    "builtin",
    "caller",
    "compgen",
    "complete",
    "coproc",
    "declare",
    "dirs",
    "enable",
    "fc",
    "getopts",
    "hash",
    "history",
    "let",
    "mapfile",
    "popd",
    "pushd",
    "readarray",
    "readonly",
    "return",
    "shopt",
    "suspend",
    "times",
    "trap",
    "typeset",
    "ulimit",
    "umask",
    "unalias",
];

/// Whether a command is only a word before the real one.
pub(super) fn is_prefix(name: &str, words: &[String]) -> bool {
    let is_command = words.first().is_some_and(|it| !it.starts_with('-'));
    is_command && matches!(name, "command" | "exec" | "nohup")
}

/// Runs a built-in command; `None` if it is none.
pub(super) fn start(
    name: &str,
    words: &[String],
    shell: &mut Shell,
    world: &mut World<'_>,
    printed: &mut Printed,
) -> Option<Started> {
    let mut flow = Flow::GoesOn;
    let code = match name {
        ":" | "true" => 0,
        "false" => 1,
        "echo" => {
            printed.out(&text::echo(words, shell.is_dash(world)));
            0
        }
        "printf" => text::printf(words, shell.name, printed),
        "pwd" => {
            printed.out(&format!("{}\n", shell.folder));
            0
        }
        "cd" => cd(words, shell, world, printed),
        "export" => {
            let named = words.iter().filter_map(|it| it.split_once('='));
            for (name, value) in named {
                shell.variables.insert(name.to_owned(), value.to_owned());
            }
            0
        }
        "unset" => {
            for word in words {
                shell.variables.remove(word);
            }
            0
        }
        "set" => set(words, shell, printed),
        "shift" => shift(words, shell),
        "test" | "[" | "[[" => test::test(name, words, shell, world, printed),
        "exit" | "logout" => {
            flow = Flow::Exits;
            let asked = words.first().and_then(|it| it.parse().ok());
            asked.unwrap_or(shell.status)
        }
        "break" | "continue" => {
            let count = words.first().and_then(|it| it.parse().ok()).unwrap_or(1);
            flow = match name {
                "break" => Flow::Breaks(count),
                _ => Flow::Continues(count),
            };
            0
        }
        "eval" | "source" | "." => return Some(same_shell(name, words, shell, world, printed)),
        "local" | "exec" => {
            let why = match name {
                "local" => "local: can only be used in a function",
                _ => "exec without a command is not supported by this terminal",
            };
            printed.error(&format!("{}: {why}\n", shell.name));
            1
        }
        "sleep" => return Some(plain(sleep(words, world, printed))),
        "timeout" => return Some(plain(timeout(words, shell, world, printed))),
        "date" => date::run(words, world.cluster.now(), printed),
        "seq" => seq(words, printed),
        "clear" | "reset" => {
            printed.wipe();
            0
        }
        "type" | "which" | "command" => found::run(name, words, shell, world, printed),
        _ if NOT_HERE.contains(&name) => {
            printed.error(&format!(
                "{}: `{name}` is not supported by this terminal\n",
                shell.name
            ));
            2
        }
        _ => return None,
    };
    let process = Process::Done(code);
    Some(Started {
        process,
        flow,
        is_shell: false,
    })
}

fn plain(process: Process) -> Started {
    Started {
        process,
        flow: Flow::GoesOn,
        is_shell: false,
    }
}

/// `eval` and `source`: a text that runs in this same shell.
fn same_shell(
    name: &str,
    words: &[String],
    shell: &Shell,
    world: &World<'_>,
    printed: &mut Printed,
) -> Started {
    if name == "eval" {
        return script(&words.join(" "), shell, printed);
    }
    let bash = shell.name;
    let Some(path) = words.first() else {
        printed.error(&format!(
            "{bash}: {name}: filename argument required\n{name}: usage: {name} filename [arguments]\n"
        ));
        return plain(Process::Done(2));
    };
    match shell.read(world, path) {
        Ok(text) => script(&text, shell, printed),
        Err(error) => {
            printed.error(&format!("{bash}: {path}: {error}\n"));
            plain(Process::Done(1))
        }
    }
}

/// A text that runs in this same shell.
fn script(text: &str, shell: &Shell, printed: &mut Printed) -> Started {
    let mut shell = shell.clone();
    shell.depth += 1;
    if shell.depth > super::shell::SHELLS_MAX {
        let text = format!(
            "{}: stopped: too many shells run in each other\n",
            shell.name
        );
        printed.error(&text);
        return plain(Process::Done(2));
    }
    match Job::of_text(text, shell) {
        Ok(job) => Started {
            process: Process::Job(Box::new(job)),
            flow: Flow::GoesOn,
            is_shell: true,
        },
        Err(text) => {
            printed.error(&text);
            plain(Process::Done(2))
        }
    }
}

/// `set -e`, `set -- words`.
fn set(words: &[String], shell: &mut Shell, printed: &mut Printed) -> i32 {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let (is_on, letters) = match (word.strip_prefix('-'), word.strip_prefix('+')) {
            (Some("-"), _) => {
                shell.words = words.cloned().collect();
                return 0;
            }
            (Some(letters), _) => (true, letters),
            (_, Some(letters)) => (false, letters),
            _ => {
                shell.words = std::iter::once(word).chain(words).cloned().collect();
                return 0;
            }
        };
        for letter in letters.chars() {
            let named = match letter {
                'o' => words.next().map_or("", String::as_str),
                _ => "",
            };
            let flag = match (letter, named) {
                ('e' | 'u', _) => letter,
                ('o', "errexit") => 'e',
                ('o', "nounset") => 'u',
                ('o', "pipefail") => 'p',
                _ => {
                    printed.error(&format!(
                        "{}: set: this terminal's set knows -e, -u and -o pipefail, and not -{letter} {named}\n",
                        shell.name
                    ));
                    return 2;
                }
            };
            shell.flags.retain(|it| it != flag);
            if is_on {
                shell.flags.push(flag);
            }
        }
    }
    0
}

fn shift(words: &[String], shell: &mut Shell) -> i32 {
    let count = words.first().and_then(|it| it.parse().ok()).unwrap_or(1);
    if count > shell.words.len() {
        return 1;
    }
    shell.words.drain(..count);
    0
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

fn sleep(words: &[String], world: &World<'_>, printed: &mut Printed) -> Process {
    let mut total_ms = 0;
    for text in words {
        let ms = match text.as_str() {
            "inf" | "infinity" => Some(SLEEP_MAX_MS),
            text => sleep_ms(text).filter(|it| *it >= 0),
        };
        let Some(ms) = ms else {
            printed.error(&format!(
                "sleep: invalid time interval '{text}'\nTry 'sleep --help' for more information.\n"
            ));
            return Process::Done(1);
        };
        total_ms = ms.saturating_add(total_ms).min(SLEEP_MAX_MS);
    }
    if words.is_empty() {
        printed.error("sleep: missing operand\nTry 'sleep --help' for more information.\n");
        return Process::Done(1);
    }
    Process::Sleep(world.cluster.now().plus_ms(total_ms))
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
