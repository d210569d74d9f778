//! What the program of a container does: whether it ends by itself, and whether it heeds SIGTERM.
//!
//! Programs are not run; from image, command and environment it is told how they would behave. Everything that is not
//! known to end is a server that runs until it is stopped.

use crate::cluster::inside::{image, sleep_ms};
use crate::cluster::object::pod_spec::Container;

/// How a program behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Program {
    /// When it ends by itself: after so many milliseconds, with this code.
    pub ends: Option<(i64, i32)>,
    /// The code with which it ends on SIGTERM; `None` if it does not heed it and is killed.
    pub on_term: Option<i32>,
}

const SERVER: Program = Program {
    ends: None,
    on_term: Some(0),
};
/// How long a program that has nothing to do takes.
const AT_ONCE_MS: i64 = 300;

/// Images whose own command is a shell, which ends at once without a terminal.
const SHELL_IMAGES: &[&str] = &[
    "alpine", "bash", "busybox", "centos", "debian", "fedora", "node", "perl", "python", "ruby",
    "ubuntu",
];

/// Images that refuse to start without one of these variables.
const NEEDS: &[(&str, &[&str])] = &[
    (
        "postgres",
        &[
            "POSTGRES_PASSWORD",
            "POSTGRES_PASSWORD_FILE",
            "POSTGRES_HOST_AUTH_METHOD",
        ],
    ),
    (
        "mysql",
        &[
            "MYSQL_ROOT_PASSWORD",
            "MYSQL_ROOT_PASSWORD_FILE",
            "MYSQL_ALLOW_EMPTY_PASSWORD",
            "MYSQL_RANDOM_ROOT_PASSWORD",
        ],
    ),
    (
        "mariadb",
        &[
            "MARIADB_ROOT_PASSWORD",
            "MARIADB_ROOT_PASSWORD_FILE",
            "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD",
            "MARIADB_RANDOM_ROOT_PASSWORD",
            "MYSQL_ROOT_PASSWORD",
            "MYSQL_ALLOW_EMPTY_PASSWORD",
        ],
    ),
];

/// What a container's program does.
pub(super) fn of(container: &Container) -> Program {
    let words: Vec<&str> = container
        .command
        .iter()
        .chain(&container.args)
        .map(|word| &**word)
        .collect();
    // A shell with somebody at its terminal waits for them.
    let is_shell = words.len() == 1
        && words
            .first()
            .is_some_and(|it| ["sh", "bash", "ash"].contains(&it.rsplit('/').next().unwrap_or(it)));
    if is_shell && container.tty && container.stdin {
        return Program {
            ends: None,
            on_term: None,
        };
    }
    if container.command.is_empty() && (container.args.is_empty() || !is_shell_image(container)) {
        return of_image(container);
    }
    of_words(&words)
}

fn is_shell_image(container: &Container) -> bool {
    SHELL_IMAGES.contains(&image::name(&container.image))
}

fn of_image(container: &Container) -> Program {
    if is_shell_image(container) && !container.tty && !container.stdin {
        return Program {
            ends: Some((AT_ONCE_MS, 0)),
            on_term: Some(0),
        };
    }
    let name = image::name(&container.image);
    let needed = NEEDS
        .iter()
        .find(|(image, _)| *image == name)
        .map(|(_, variables)| *variables);
    let given = |variables: &[&str]| {
        // What a ConfigMap or Secret brings along is not looked into.
        !container.env_from.is_empty()
            || container
                .env
                .iter()
                .any(|it| variables.contains(&&*it.name))
    };
    match needed {
        Some(variables) if !given(variables) => Program {
            ends: Some((AT_ONCE_MS, 1)),
            on_term: Some(0),
        },
        _ => SERVER,
    }
}

fn of_words(words: &[&str]) -> Program {
    let Some((first, rest)) = words.split_first() else {
        return SERVER;
    };
    match first.rsplit('/').next().unwrap_or(first) {
        "sh" | "bash" | "ash" => match rest
            .iter()
            .position(|word| word.starts_with('-') && word.ends_with('c'))
        {
            Some(at) => of_script(rest.get(at + 1).copied().unwrap_or_default()),
            // A script in a file cannot be looked into: it is taken for what runs on.
            None if rest.iter().any(|word| !word.starts_with('-')) => SERVER,
            None => Program {
                ends: Some((AT_ONCE_MS, 0)),
                on_term: None,
            },
        },
        "sleep" => Program {
            ends: sleep_ms(rest.first().copied().unwrap_or("0")).map(|ms| (ms, 0)),
            on_term: None,
        },
        "true" | "echo" | "ls" | "cat" | "date" | "env" | "hostname" | "printf" | "touch"
        | "mkdir" => Program {
            ends: Some((AT_ONCE_MS, 0)),
            on_term: Some(0),
        },
        "false" => Program {
            ends: Some((AT_ONCE_MS, 1)),
            on_term: Some(0),
        },
        "tail" => Program {
            ends: None,
            on_term: None,
        },
        _ => SERVER,
    }
}

/// A shell script: what its last commands say of how it ends.
fn of_script(script: &str) -> Program {
    let commands: Vec<&str> = script
        .split(['\n', ';', '&', '|'])
        .map(str::trim)
        .filter(|it| !it.is_empty())
        .collect();
    let loops = script.contains("while true")
        || script.contains("while :")
        || script.contains("for ((;;))");
    let waits_for_ever = loops
        || commands
            .iter()
            .any(|it| it.starts_with("tail -f") || it.starts_with("sleep inf"));
    if waits_for_ever {
        // The shell is process 1 and does not heed a signal that it does not trap.
        return Program {
            ends: None,
            on_term: script.contains("trap").then_some(0),
        };
    }
    if let Some(program) = commands.iter().find_map(|it| it.strip_prefix("exec ")) {
        return of_words(&program.split_whitespace().collect::<Vec<_>>());
    }
    let code = commands.iter().rev().find_map(|it| it.strip_prefix("exit"));
    let code: Option<i32> = code.map(|text| text.trim().parse().unwrap_or(0));
    let slept: i64 = commands
        .iter()
        .filter_map(|it| it.strip_prefix("sleep "))
        .filter_map(sleep_ms)
        .sum();
    let known = |it: &&str| {
        let word = it.split_whitespace().next().unwrap_or_default();
        word.contains('=')
            || matches!(
                word,
                "exit"
                    | "sleep"
                    | "echo"
                    | "set"
                    | "cd"
                    | "export"
                    | "true"
                    | "false"
                    | "cp"
                    | "mv"
                    | "rm"
                    | "mkdir"
                    | "touch"
                    | "chmod"
                    | "chown"
                    | "cat"
                    | "ls"
                    | "date"
                    | "hostname"
                    | "printf"
                    | "if"
                    | "then"
                    | "else"
                    | "fi"
                    | "["
                    | "test"
                    | "until"
                    | "do"
                    | "done"
                    | "for"
                    | "nslookup"
                    | "wget"
                    | "curl"
                    | "sed"
                    | "env"
                    | "id"
            )
    };
    if code.is_none() && !commands.iter().all(known) {
        return SERVER;
    }
    let last_fails = commands.last() == Some(&"false");
    let code = code.unwrap_or(i32::from(last_fails));
    Program {
        ends: Some((AT_ONCE_MS + slept, code)),
        on_term: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::object::pod_spec::EnvVar;

    fn container(image: &str, words: &[&str]) -> Container {
        Container {
            image: image.into(),
            command: words.iter().map(|word| (*word).into()).collect(),
            ..Container::default()
        }
    }

    #[test]
    fn programs_end_as_their_words_say() {
        for (image, words, ends, on_term) in [
            ("nginx", vec![], None, Some(0)),
            ("busybox:1.28", vec![], Some((AT_ONCE_MS, 0)), Some(0)),
            ("busybox", vec!["sleep", "5"], Some((5000, 0)), None),
            ("busybox", vec!["sleep", "infinity"], None, None),
            ("busybox", vec!["sh"], Some((AT_ONCE_MS, 0)), None),
            ("app", vec!["bash", "/scripts/start.sh"], None, Some(0)),
            (
                "busybox",
                vec!["sh", "-c", "echo hi; exit 3"],
                Some((AT_ONCE_MS, 3)),
                None,
            ),
            (
                "busybox",
                vec!["/bin/sh", "-ec", "sleep 2\nexit 1"],
                Some((AT_ONCE_MS + 2000, 1)),
                None,
            ),
            (
                "busybox",
                vec!["sh", "-c", "while true; do sleep 1; done"],
                None,
                None,
            ),
            (
                "x",
                vec!["bash", "-c", "exec mysqld --datadir=/d"],
                None,
                Some(0),
            ),
            (
                "x",
                vec!["bash", "-c", "start-something --now"],
                None,
                Some(0),
            ),
            ("x", vec!["/usr/bin/false"], Some((AT_ONCE_MS, 1)), Some(0)),
            ("postgres:16", vec![], Some((AT_ONCE_MS, 1)), Some(0)),
        ] {
            assert_eq!(
                of(&container(image, &words)),
                Program { ends, on_term },
                "{image} {words:?}"
            );
        }
    }

    #[test]
    fn databases_start_with_their_password() {
        let mut it = container("postgres:16", &[]);
        it.env.push(EnvVar {
            name: "POSTGRES_PASSWORD".into(),
            ..EnvVar::default()
        });
        assert_eq!(of(&it), SERVER);
    }
}
