//! `type`, `which` and `command -v`: what a name stands for.

use super::super::{host, inside};
use super::NOT_HERE;
use crate::cluster::inside::image;
use crate::terminal::job::World;
use crate::terminal::out::Printed;
use crate::terminal::shell::{Place, Shell};

/// What bash has in itself and this terminal, too.
const BUILTINS: &[&str] = &[
    ".", ":", "[", "alias", "bg", "break", "cd", "command", "continue", "disown", "echo", "eval",
    "exec", "exit", "export", "false", "fg", "help", "jobs", "kill", "local", "logout", "printf",
    "pwd", "read", "set", "shift", "source", "test", "true", "type", "unset", "wait",
];

const KEYWORDS: &[&str] = &[
    "!", "[[", "case", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in",
    "select", "then", "time", "until", "while", "{", "}",
];

/// Where a program is; `None` if there is none.
fn path(name: &str, shell: &Shell, world: &World<'_>) -> Option<String> {
    let path = match &shell.place {
        Place::Host => match name {
            "kubectl" => "/usr/local/bin/kubectl".to_owned(),
            _ if host::HERE.contains(&name) => format!("/usr/bin/{name}"),
            _ => return None,
        },
        Place::Inside(spot) => {
            let image = spot.image(&world.cluster.api.store);
            if !inside::is_there(name, image) {
                return None;
            }
            let folder = match name {
                "nginx" => "/usr/sbin",
                "curl" => "/usr/bin",
                _ if image::is_busybox(image) => "/bin",
                _ => "/usr/bin",
            };
            format!("{folder}/{name}")
        }
    };
    Some(path)
}

pub(super) fn run(
    name: &str,
    words: &[String],
    shell: &Shell,
    world: &World<'_>,
    printed: &mut Printed,
) -> i32 {
    let mut code = 0;
    let is_sort = name == "type" && words.iter().any(|it| it == "-t");
    let is_long = name == "type" || words.iter().any(|it| it == "-V");
    for word in words.iter().filter(|it| !it.starts_with('-')) {
        let alias = matches!(word.as_str(), "k" | "oc") && shell.place == Place::Host;
        let is_builtin = BUILTINS.contains(&&**word) || NOT_HERE.contains(&&**word);
        let path = path(word, shell, world);
        let text = match path {
            path if name == "which" => path,
            path if is_sort => match () {
                () if alias => Some("alias".to_owned()),
                () if KEYWORDS.contains(&&**word) => Some("keyword".to_owned()),
                () if is_builtin => Some("builtin".to_owned()),
                () => path.map(|_| "file".to_owned()),
            },
            _ if alias && is_long => Some(format!("{word} is aliased to `kubectl'")),
            _ if alias => Some(format!("alias {word}='kubectl'")),
            _ if KEYWORDS.contains(&&**word) && is_long => {
                Some(format!("{word} is a shell keyword"))
            }
            _ if is_builtin && is_long => Some(format!("{word} is a shell builtin")),
            _ if is_builtin || KEYWORDS.contains(&&**word) => Some(word.clone()),
            Some(path) if is_long => Some(format!("{word} is {path}")),
            path => path,
        };
        match text {
            Some(text) => printed.out(&format!("{text}\n")),
            // sh answers where bash complains.
            None if name == "type" && !is_sort && shell.name == "sh" => {
                code = 127;
                printed.out(&format!("{word}: not found\n"));
            }
            None => {
                code = 1;
                if is_long && !is_sort {
                    let text = format!("{}: {name}: {word}: not found\n", shell.name);
                    printed.error(&text);
                }
            }
        }
    }
    code
}
