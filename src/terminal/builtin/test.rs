//! `test`, `[` and `[[`.

use crate::cluster::inside::files::normal;
use crate::terminal::job::World;
use crate::terminal::out::Printed;
use crate::terminal::pattern::Pattern;
use crate::terminal::shell::{Shell, fits};

pub(super) fn test(
    name: &str,
    words: &[String],
    shell: &Shell,
    world: &World<'_>,
    printed: &mut Printed,
) -> i32 {
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    if name != "test" && words.pop() != Some(if name == "[" { "]" } else { "]]" }) {
        printed.error(&format!("{}: [: missing `]'\n", shell.name));
        return 2;
    }
    let (or, and) = match name {
        "[[" => ("||", "&&"),
        _ => ("-o", "-a"),
    };
    let mut found: Result<bool, String> = Ok(false);
    for row in words.split(|it| *it == or && words.len() > 3) {
        let mut all = row.split(|it| *it == and && row.len() > 3);
        found = all.try_fold(true, |holds, it| {
            Ok(holds && one(name == "[[", it, shell, world)?)
        });
        if found != Ok(false) {
            break;
        }
    }
    match found {
        Ok(holds) => i32::from(!holds),
        Err(text) => {
            printed.error(&format!("{}: {name}: {text}\n", shell.name));
            2
        }
    }
}

fn one(is_double: bool, words: &[&str], shell: &Shell, world: &World<'_>) -> Result<bool, String> {
    let is_file = |path: &str| shell.read(world, path).is_ok();
    let is_folder = |path: &str| {
        !is_file(path)
            && (!shell.names(world, path).is_empty() || normal(&shell.folder, path) == "/")
    };
    let number = |text: &str| {
        let found = text.trim().parse::<i64>();
        found.map_err(|_| format!("{text}: integer expression expected"))
    };
    let same = |a: &str, b: &str| if is_double { fits(b, a) } else { a == b };
    Ok(match *words {
        [] => false,
        ["!", ref rest @ ..] if !rest.is_empty() => !one(is_double, rest, shell, world)?,
        [text] => !text.is_empty(),
        ["-z", text] => text.is_empty(),
        ["-n", text] => !text.is_empty(),
        ["-f" | "-r" | "-w", path] => is_file(path),
        ["-d", path] => is_folder(path),
        ["-e", path] => is_file(path) || is_folder(path),
        ["-s", path] => shell.read(world, path).is_ok_and(|it| !it.is_empty()),
        ["-v", name] => shell.variable(name).is_some(),
        ["-x" | "-t" | "-L" | "-h" | "-p" | "-S" | "-b" | "-c", _] => false,
        [a, "=" | "==", b] => same(a, b),
        [a, "!=", b] => !same(a, b),
        [a, "<", b] => a < b,
        [a, ">", b] => a > b,
        [a, "=~", b] if is_double => {
            let line: Vec<char> = a.chars().collect();
            let pattern = Pattern::read(b, true, false)?;
            pattern.find(&line, 0).is_some()
        }
        [a, "-eq", b] => number(a)? == number(b)?,
        [a, "-ne", b] => number(a)? != number(b)?,
        [a, "-lt", b] => number(a)? < number(b)?,
        [a, "-le", b] => number(a)? <= number(b)?,
        [a, "-gt", b] => number(a)? > number(b)?,
        [a, "-ge", b] => number(a)? >= number(b)?,
        [_, operator, _] => return Err(format!("{operator}: binary operator expected")),
        [operator, _] => return Err(format!("{operator}: unary operator expected")),
        _ => return Err("too many arguments".to_owned()),
    })
}
