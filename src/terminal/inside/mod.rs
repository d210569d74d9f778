//! The small programs that people run in containers: against the pod's own volumes, name and network.

mod dig;
mod file;
mod list;
mod names;
mod system;
pub(super) mod user;

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
    "seq", "cp", "mv", "rmdir", "which", "chmod", "chown",
];

/// Further programs of every image with a shell, that are not simulated.
const ELSEWHERE: &[&str] = &[
    "awk",
    "base64",
    "basename",
    "chgrp",
    "dd",
    "diff",
    "dirname",
    "dmesg",
    "du",
    "expr",
    "find",
    "gzip",
    "ln",
    "md5sum",
    "mktemp",
    "nice",
    "nohup",
    "nproc",
    "od",
    "readlink",
    "realpath",
    "sed",
    "sha256sum",
    "stat",
    "sync",
    "tac",
    "tar",
    "timeout",
    "umount",
    "yes",
];

/// Further programs of some images, by a part of the image's name.
const OF_IMAGES: &[(&str, &[&str])] = &[
    ("mysql", &["mysql", "mysqladmin", "mysqld", "mysqldump"]),
    ("mariadb", &["mariadb", "mysql", "mysqladmin"]),
    ("postgres", &["psql", "pg_dump", "pg_isready", "createdb"]),
    ("redis", &["redis-cli", "redis-server"]),
    ("mongo", &["mongo", "mongod", "mongosh"]),
    ("cassandra", &["cqlsh", "nodetool"]),
    ("zookeeper", &["zkCli.sh", "zkServer.sh"]),
    ("kubia", &["node", "npm"]),
    ("node", &["node", "npm"]),
    ("python", &["python", "python3", "pip"]),
    ("dns", &["host"]),
    ("netshoot", &["host", "nc", "ip", "tcpdump"]),
    ("alpine", &["apk", "getent"]),
];

/// Images on Debian that are delivered without curl, ps and what looks names up.
const BARE: &[&str] = &[
    "bash",
    "cassandra",
    "debian",
    "mariadb",
    "memcached",
    "mongo",
    "postgres",
    "redis",
    "ubuntu",
];

/// Whether an image holds a program.
pub(super) fn is_there(program: &str, image: &str) -> bool {
    let name = program.rsplit('/').next().unwrap_or(program);
    if image::has_no_shell(image) {
        return false;
    }
    let is_nginx = ["nginx", "nginx-slim"].contains(&image::name(image));
    let is_bare = BARE.contains(&image::name(image));
    match name {
        "bash" => image::has_bash(image),
        "curl" if image::is_busybox(image) => is_nginx,
        "curl" => !is_bare,
        "nginx" => image::name(image).contains("nginx"),
        "ps" | "kill" if ["nginx-slim", "ubuntu"].contains(&image::name(image)) => true,
        "nslookup" | "wget" | "ping" | "ps" | "kill" => {
            image::is_busybox(image) || !(is_nginx || is_bare)
        }
        "dig" => image.contains("dns") || image.contains("netshoot"),
        name => EVERYWHERE.contains(&name) || is_elsewhere(name, image),
    }
}

/// Whether an image holds a program that is not simulated.
fn is_elsewhere(name: &str, image: &str) -> bool {
    let further: &[&str] = if image::is_busybox(image) {
        &[
            "ifconfig",
            "ip",
            "less",
            "nc",
            "netstat",
            "telnet",
            "top",
            "traceroute",
            "vi",
        ]
    } else {
        &["apt", "apt-get", "dpkg", "getent", "perl"]
    };
    ELSEWHERE.contains(&name)
        || further.contains(&name)
        || OF_IMAGES
            .iter()
            .any(|(part, programs)| image.contains(part) && programs.contains(&name))
}

/// Starts a program in a container.
pub(super) fn start(
    program: &str,
    words: &[String],
    input: Option<String>,
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
    let busybox = image::is_busybox(&image);
    let code = match name {
        "sh" | "bash" | "ash" | "dash" => return script(name, words, input, shell, world, printed),
        "ls" => list::ls(words, busybox, spot, shell, world, printed),
        "rm" | "rmdir" | "mkdir" | "touch" | "cp" | "mv" => {
            let files = file::Files {
                busybox,
                spot,
                shell,
                world,
                printed,
            };
            files.run(name, words)
        }
        "chmod" | "chown" => 0,
        "hostname" => system::hostname(words, spot, world, printed),
        "whoami" => user::whoami(&user::of(spot, store), &image, printed),
        "id" => user::id(words, &user::of(spot, store), &image, printed),
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
        "df" => system::df(words, busybox, spot, shell, world, printed),
        "mount" => system::mount(spot, world, printed),
        "ps" => system::ps(words, shell, spot, world, printed),
        "curl" => {
            return http::curl(words, input.as_deref(), Some(spot), shell, world, printed);
        }
        "wget" => return http::wget(words, spot, shell, world, printed),
        "nslookup" => names::nslookup(words, spot, &image, world, printed),
        "dig" => dig::dig(words, spot, world, printed),
        "ping" => names::ping(words, spot, world, printed),
        "nginx" => nginx(words, &image, printed),
        name if is_elsewhere(name, &image) => {
            printed.error(&format!(
                "{name}: this image has it, but it is not simulated here\n"
            ));
            127
        }
        _ => 0,
    };
    Process::Done(code)
}

/// `nginx -v` and `nginx -t`.
fn nginx(words: &[String], image: &str, printed: &mut Printed) -> i32 {
    const FILE: &str = "configuration file /etc/nginx/nginx.conf";
    match words.first().map(String::as_str) {
        Some("-v") => {
            let version = image::nginx_version(image);
            printed.error(&format!("nginx version: nginx/{version}\n"));
            0
        }
        Some("-t") => {
            printed.error(&format!(
                "nginx: the {FILE} syntax is ok\nnginx: {FILE} test is successful\n"
            ));
            0
        }
        _ => {
            printed.error("nginx: only `nginx -v` and `nginx -t` are simulated here\n");
            1
        }
    }
}

/// `sh -c '…'`, or a script in a file.
pub(super) fn script(
    name: &str,
    words: &[String],
    input: Option<String>,
    shell: &mut Shell,
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
    let mut stdin = None;
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
        None => match input {
            Some(text) => text,
            None => {
                // Who types goes on in the new shell.
                shell.opens = shell.terminal && shell.depth == 0;
                shell.name = inner.name;
                return Process::Done(0);
            }
        },
        Some(text) if has_text => {
            stdin = input;
            text.clone()
        }
        Some(path) => match shell.read(world, path) {
            Ok(text) => {
                stdin = input;
                text
            }
            Err(error) => {
                printed.error(&format!("{}: 0: cannot open {path}: {error}\n", inner.name));
                return Process::Done(2);
            }
        },
    };
    match Job::of_text(&text, inner) {
        Ok(mut job) => {
            job.stdin = stdin;
            Process::Job(Box::new(job))
        }
        Err(error) => {
            printed.error(&error);
            Process::Done(2)
        }
    }
}
