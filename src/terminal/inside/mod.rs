//! The small programs that people run in containers: against the pod's own volumes, name and network.

mod names;
mod system;

use super::http;
use super::job::{Job, World};
use super::out::Printed;
use super::process::Process;
use super::shell::{SHELLS_MAX, Shell};
use crate::cluster::inside::{Spot, image};

/// Programs that every image with a shell has.
const EVERYWHERE: &[&str] = &[
    "sh", "ash", "dash", "ls", "cat", "echo", "touch", "rm", "mkdir", "df", "mount", "env",
    "printenv", "id", "hostname", "date", "sleep", "true", "false", "pwd", "whoami", "uname",
    "printf", "test", "grep", "head", "tail", "wc", "sort", "uniq", "cut", "tr", "tee", "xargs",
    "seq", "cp", "mv", "chmod", "chown",
];

/// Whether an image holds a program.
pub(super) fn is_there(program: &str, image: &str) -> bool {
    let name = program.rsplit('/').next().unwrap_or(program);
    if image::has_no_shell(image) {
        return false;
    }
    let is_nginx = ["nginx", "nginx-slim"].contains(&image::name(image));
    match name {
        "bash" => image::has_bash(image),
        "curl" => !image::is_busybox(image),
        "nslookup" => image::is_busybox(image) || !is_nginx,
        "ps" if image::name(image) == "nginx-slim" => true,
        "wget" | "ping" | "ps" => !is_nginx || image::is_busybox(image),
        "dig" => image.contains("dns") || image.contains("netshoot"),
        name => EVERYWHERE.contains(&name),
    }
}

/// Starts a program in a container.
pub(super) fn start(
    program: &str,
    words: &[String],
    spot: &Spot,
    shell: &mut Shell,
    world: &mut World<'_>,
    printed: &mut Printed,
) -> Process {
    let store = &world.cluster.api.store;
    let image = spot.image(store).to_owned();
    let name = program.rsplit('/').next().unwrap_or(program);
    if !is_there(program, &image) {
        let text = if shell.name == "bash" {
            format!("bash: {program}: command not found\n")
        } else if image::is_busybox(&image) {
            format!("sh: {program}: not found\n")
        } else {
            format!("sh: 1: {program}: not found\n")
        };
        printed.error(&text);
        return Process::Done(127);
    }
    let code = match name {
        "sh" | "bash" | "ash" | "dash" => return script(name, words, shell, world, printed),
        "ls" => system::ls(words, spot, shell, world, printed),
        "rm" => system::rm(words, spot, shell, world, printed),
        "mkdir" => system::mkdir(words, spot, shell, world, printed),
        "touch" => system::touch(words, spot, shell, world, printed),
        "cp" | "mv" => system::copy(name, words, spot, shell, world, printed),
        "chmod" | "chown" => 0,
        "hostname" => system::hostname(words, spot, world, printed),
        "whoami" => {
            printed.out("root\n");
            0
        }
        "id" => {
            printed.out("uid=0(root) gid=0(root) groups=0(root)\n");
            0
        }
        "uname" => {
            let all = words.iter().any(|it| it == "-a");
            printed.out(if all {
                "Linux 6.12.0 x86_64 GNU/Linux\n"
            } else {
                "Linux\n"
            });
            0
        }
        "env" | "printenv" => system::env(words, shell, printed),
        "df" => system::df(words, spot, world, printed),
        "mount" => system::mount(spot, world, printed),
        "ps" => system::ps(spot, world, printed),
        "curl" => http::curl(words, Some(spot), shell, world, printed),
        "wget" => http::wget(words, spot, shell, world, printed),
        "nslookup" => names::nslookup(words, spot, &image, world, printed),
        "dig" => names::dig(words, spot, world, printed),
        "ping" => names::ping(words, spot, world, printed),
        _ => 0,
    };
    Process::Done(code)
}

/// `sh -c '…'`, or a script in a file.
pub(super) fn script(
    name: &str,
    words: &[String],
    shell: &Shell,
    world: &World<'_>,
    printed: &mut Printed,
) -> Process {
    let mut inner = shell.clone();
    inner.name = if name == "bash" { "bash" } else { "sh" };
    inner.depth += 1;
    if inner.depth > SHELLS_MAX {
        printed.error(&format!(
            "{}: stopped: too many shells run in each other\n",
            inner.name
        ));
        return Process::Done(2);
    }
    let is_flag = |it: &&String| it.starts_with('-') || it.starts_with('+');
    let flags = words.iter().take_while(is_flag).count();
    let has_text = words.iter().take(flags).any(|it| it.ends_with('c'));
    // `-c` has its name behind the text, a file is its own.
    let rest = words
        .get(flags + usize::from(has_text)..)
        .unwrap_or_default();
    inner.called = rest.first().cloned();
    inner.words = rest.get(1..).unwrap_or_default().to_vec();
    inner.flags.clear();
    if words
        .iter()
        .take(flags)
        .any(|it| it.contains('e') && it.starts_with('-'))
    {
        inner.flags.push('e');
    }
    let text = match words.get(flags) {
        None => return Process::Done(0),
        Some(text) if has_text => text.clone(),
        Some(path) => match shell.read(world, path) {
            Ok(text) => text,
            Err(error) => {
                printed.error(&format!("{}: 0: cannot open {path}: {error}\n", inner.name));
                return Process::Done(2);
            }
        },
    };
    match Job::of_text(&text, inner) {
        Ok(job) => Process::Job(Box::new(job)),
        Err(error) => {
            printed.error(&error);
            Process::Done(2)
        }
    }
}
