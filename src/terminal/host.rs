//! Programs of the person's own computer.

use super::builtin::short_date;
use super::http;
use super::inside::script;
use super::job::{Job, World};
use super::out::Printed;
use super::process::Process;
use super::shell::Shell;
use super::watch::Watch;
use crate::cluster::inside::files::FileError;

/// Programs that are here.
pub(super) const HERE: &[&str] = &[
    "cat", "clear", "cp", "curl", "cut", "date", "egrep", "env", "fgrep", "grep", "head",
    "hostname", "kubectl", "ls", "mkdir", "mv", "rm", "seq", "sleep", "sort", "tail", "tee",
    "timeout", "touch", "tr", "uniq", "watch", "wc", "whoami", "xargs", "bash", "sh", "[", "echo",
    "false", "kill", "printf", "pwd", "test", "true",
];

/// Programs of every Unix that have no counterpart here, nor in the containers.
const OF_UNIX: &[&str] = &[
    "apt",
    "apt-get",
    "awk",
    "base64",
    "basename",
    "bc",
    "cmp",
    "column",
    "comm",
    "dd",
    "diff",
    "dirname",
    "du",
    "expr",
    "file",
    "find",
    "free",
    "gawk",
    "gunzip",
    "gzip",
    "htop",
    "id",
    "ifconfig",
    "ip",
    "join",
    "less",
    "ln",
    "lsof",
    "make",
    "man",
    "md5sum",
    "more",
    "nc",
    "netstat",
    "nl",
    "od",
    "openssl",
    "paste",
    "perl",
    "pgrep",
    "pkill",
    "ps",
    "readlink",
    "rev",
    "rmdir",
    "screen",
    "sed",
    "sha256sum",
    "shuf",
    "split",
    "ss",
    "stat",
    "tac",
    "tar",
    "tmux",
    "top",
    "traceroute",
    "tree",
    "uname",
    "unzip",
    "uptime",
    "xxd",
    "yes",
    "zip",
];

/// How many letters a line of a terminal has.
const COLUMNS: usize = 80;

/// Programs that people try and that have no counterpart here.
const NOT_HERE: &[&str] = &[
    "aws",
    "az",
    "crictl",
    "docker",
    "eksctl",
    "gcloud",
    "git",
    "helm",
    "jq",
    "k3d",
    "k9s",
    "kind",
    "kubeadm",
    "kustomize",
    "minikube",
    "nano",
    "podman",
    "python",
    "python3",
    "ssh",
    "stern",
    "sudo",
    "vi",
    "vim",
    "wget",
    "yq",
];

/// Starts a program.
pub(super) fn start(
    name: &str,
    words: Vec<String>,
    input: Option<String>,
    shell: &mut Shell,
    world: &mut World<'_>,
    printed: &mut Printed,
) -> Process {
    let code = match name {
        "kubectl" | "k" | "oc" => return Process::kubectl(words, input, world),
        "watch" => return watch(&words, shell, printed),
        "curl" => {
            return http::curl(&words, input.as_deref(), None, shell, world, printed);
        }
        "ls" => ls(&words, shell, world, printed),
        "rm" => rm(&words, shell, world, printed),
        "touch" => touch(&words, shell, world, printed),
        "cp" | "mv" => copy(name, &words, shell, world, printed),
        "mkdir" => {
            printed.error("mkdir: the files of this page are in one directory\n");
            1
        }
        "whoami" => {
            printed.out("you\n");
            0
        }
        "hostname" => {
            printed.out("ordinal\n");
            0
        }
        "env" if !words.is_empty() => return env(&words, shell, printed),
        "env" => {
            let own = ["RANDOM", "!", "REPLY"];
            for (name, text) in shell
                .variables
                .iter()
                .filter(|(it, _)| !own.contains(&it.as_str()))
            {
                printed.out(&format!("{name}={text}\n"));
            }
            0
        }
        "alias" => {
            // `k` and `oc` stand for kubectl without being told.
            if words
                .iter()
                .any(|it| !it.starts_with("k=") && !it.starts_with("oc="))
            {
                printed.error(
                    "alias: this terminal knows the aliases k and oc for kubectl, and no others\n",
                );
            }
            0
        }
        "help" => {
            printed.out(HELP);
            0
        }
        "sh" | "bash" if !words.is_empty() || input.is_some() => {
            return script(name, &words, input, shell, world, printed);
        }
        "sh" | "bash" => {
            printed.error(&format!(
                "{name}: a shell within the shell is not in this terminal. `{name} -c '…'` is.\n"
            ));
            127
        }
        _ if NOT_HERE.contains(&name) || OF_UNIX.contains(&name) => {
            printed.error(&format!(
                "{name}: not in this terminal. `help` says what is.\n"
            ));
            127
        }
        _ if name.contains('/') => {
            printed.error(&format!(
                "{}: {name}: No such file or directory\n",
                shell.name
            ));
            127
        }
        _ => {
            printed.error(&format!("{}: {name}: command not found\n", shell.name));
            127
        }
    };
    Process::Done(code)
}

const HELP: &str = "\
kubectl (k, oc)      the cluster; `kubectl help` lists its verbs
ls, cat, rm, cp, mv  the files of the manifest pane
watch COMMAND        runs a command every two seconds
curl URL             what kubectl proxy and kubectl port-forward offer
grep, head, tail, wc, sort, uniq, cut, tr, tee, xargs, seq
for, while, if, &&, ||, |, >, >>, <, &, $(…), $((…)), ${X%…}, here-documents
read, set, shift, eval, source, bash -c, break, continue, test, [[
jobs, fg, kill, wait what runs in the background
sleep, timeout, time, date, echo, printf, type, clear
";

/// `env NAME=value … command`.
fn env(words: &[String], shell: &Shell, printed: &mut Printed) -> Process {
    let mut shell = shell.clone();
    let mut words = words;
    while let Some((first, rest)) = words.split_first() {
        match first.split_once('=') {
            Some((name, value)) => shell.variables.insert(name.to_owned(), value.to_owned()),
            None => break,
        };
        words = rest;
    }
    match words.first() {
        Some(flag) if flag.starts_with('-') => {
            printed.error(&format!(
                "env: this terminal's env does not know the flag {flag}\n"
            ));
            Process::Done(125)
        }
        Some(_) => Process::Job(Box::new(Job::of_words(words, shell))),
        None => Process::Job(Box::new(Job::of_words(&["env".to_owned()], shell))),
    }
}

fn watch(words: &[String], shell: &Shell, printed: &mut Printed) -> Process {
    let mut words = words;
    let (mut every_ms, mut has_header) = (2000, true);
    while let Some((first, rest)) = words.split_first().filter(|(it, _)| it.starts_with('-')) {
        words = rest;
        let text = match (first.as_str(), rest.split_first()) {
            ("-d" | "--differences" | "-e" | "-c" | "--color" | "-x", _) => continue,
            ("-t" | "--no-title", _) => {
                has_header = false;
                continue;
            }
            ("-n" | "--interval", Some((text, rest))) => {
                words = rest;
                text.as_str()
            }
            (flag, _) => match flag.strip_prefix("-n").or(flag.strip_prefix("--interval=")) {
                Some(text) => text,
                None => {
                    printed.error(&format!(
                        "watch: this terminal's watch does not know the flag {flag}\n"
                    ));
                    return Process::Done(1);
                }
            },
        };
        match text.parse::<f64>().ok().filter(|it| *it > 0.0) {
            Some(seconds) => every_ms = ((seconds * 1000.0) as i64).clamp(100, 86_400_000),
            None => {
                printed.error(&format!("watch: failed to parse argument: '{text}'\n"));
                return Process::Done(1);
            }
        }
    }
    if words.is_empty() {
        printed.error("Usage:\n watch [options] command\n");
        return Process::Done(1);
    }
    Process::Watch(Box::new(Watch::new(
        words.join(" "),
        every_ms,
        has_header,
        shell,
    )))
}

fn ls(words: &[String], shell: &Shell, world: &World<'_>, printed: &mut Printed) -> i32 {
    let (flags, paths): (Vec<&String>, Vec<&String>) = words
        .iter()
        .partition(|it| it.starts_with('-') && it.len() > 1);
    let flags: String = flags.into_iter().map(|it| it.replace('-', "")).collect();
    if let Some(flag) = flags.chars().find(|it| !"la1AhdrtSFopnGsi".contains(*it)) {
        printed.error(&format!(
            "ls: this terminal's ls does not know the flag -{flag}\n"
        ));
        return 2;
    }
    let has = |flag| flags.contains(flag);
    let mut paths: Vec<&str> = paths.into_iter().map(String::as_str).collect();
    if paths.is_empty() {
        paths.push(".");
    }
    paths.sort_unstable();
    let (mut files, mut folders, mut code) = (Vec::new(), Vec::new(), 0);
    for path in &paths {
        match shell.read(world, path) {
            Ok(_) => files.push((*path).to_owned()),
            Err(FileError::IsFolder) if has('d') => files.push((*path).to_owned()),
            Err(FileError::IsFolder) => folders.push(*path),
            Err(error) => {
                printed.error(&format!("ls: cannot access '{path}': {error}\n"));
                code = 2;
            }
        }
    }
    let mut gap = "";
    let mut show = |mut names: Vec<String>, head: String, is_folder: bool| {
        if has('r') {
            names.reverse();
        }
        printed.out(&format!("{gap}{head}"));
        printed.out(&match has('l') {
            true => long_list(&names, is_folder, shell, world),
            false => columns(&names, shell.terminal && !has('1'), false),
        });
        gap = "\n";
    };
    if !files.is_empty() {
        show(files, String::new(), false);
    }
    for path in folders {
        let names = shell.names(world, path).into_iter();
        let names = names.filter(|it| has('a') || has('A') || !it.starts_with('.'));
        let own = [".", ".."].into_iter().filter(|_| has('a'));
        let names = own.map(str::to_owned).chain(names).collect();
        let head = match paths.len() {
            1 => String::new(),
            _ => format!("{path}:\n"),
        };
        show(names, head, true);
    }
    code
}

/// The rows of `ls -l`: the files of the pane are as old as the page.
fn long_list(names: &[String], is_folder: bool, shell: &Shell, world: &World<'_>) -> String {
    let rows: Vec<(&String, Option<usize>)> = names
        .iter()
        .map(|name| (name, shell.read(world, name).ok().map(|it| it.len())))
        .collect();
    let sizes = rows.iter().map(|(_, size)| size.unwrap_or(4096));
    let width = sizes.clone().max().unwrap_or(0).to_string().len();
    let blocks: usize = sizes.map(|it| it.div_ceil(4096) * 4).sum();
    let mut out = match is_folder {
        true => format!("total {blocks}\n"),
        false => String::new(),
    };
    let links = if rows.iter().any(|(_, size)| size.is_none()) {
        2
    } else {
        1
    };
    let date = short_date(world.cluster.api.config.epoch);
    for (name, size) in rows {
        out.push_str(&match size {
            Some(size) => format!("-rw-r--r-- 1 you you {size:>width$} {date} {name}\n"),
            None => format!(
                "drwxr-xr-x {links} you you {:>width$} {date} {name}\n",
                4096
            ),
        });
    }
    out
}

/// Names side by side on a terminal, one below the other elsewhere.
///
/// GNU's columns are each as wide as what is in them, busybox's all as wide as the longest name.
pub(super) fn columns(names: &[String], terminal: bool, even: bool) -> String {
    let longest = names.iter().map(|it| it.chars().count()).max();
    let Some(longest) = longest.filter(|_| terminal) else {
        return names.iter().map(|it| format!("{it}\n")).collect();
    };
    // The rows of so many columns, and how wide each column is.
    let layout = |count: usize| -> (usize, Vec<usize>) {
        let rows = names.len().div_ceil(count.max(1)).max(1);
        let width = |column: &[String]| column.iter().map(|it| it.chars().count()).max();
        let widths = names.chunks(rows).map(|it| match even {
            true => longest + 2,
            false => width(it).unwrap_or(0) + 2,
        });
        (rows, widths.collect())
    };
    let most = if even {
        COLUMNS / (longest + 2)
    } else {
        names.len()
    };
    // The last of GNU's columns needs no gap behind it.
    let fits = |count: &usize| layout(*count).1.iter().sum::<usize>() < COLUMNS + 2;
    let best = (1..=most.min(COLUMNS)).rev().find(|it| even || fits(it));
    let (rows, widths) = layout(best.unwrap_or(1));
    let mut out = String::new();
    for row in 0..rows {
        let own = names.iter().skip(row).step_by(rows);
        let cells: Vec<String> = own
            .zip(&widths)
            .map(|(name, width)| format!("{name:width$}"))
            .collect();
        out.push_str(cells.concat().trim_end());
        out.push('\n');
    }
    out
}

fn rm(words: &[String], shell: &Shell, world: &mut World<'_>, printed: &mut Printed) -> i32 {
    let force = words
        .iter()
        .any(|it| it.starts_with('-') && it.contains('f'));
    let mut code = 0;
    for path in words.iter().filter(|it| !it.starts_with('-')) {
        let name = shell.host_name(path);
        let removed = name.is_ok_and(|name| world.workspace.files.remove(&name).is_some());
        if !removed && !force {
            printed.error(&format!(
                "rm: cannot remove '{path}': No such file or directory\n"
            ));
            code = 1;
        }
    }
    code
}

fn touch(words: &[String], shell: &Shell, world: &mut World<'_>, printed: &mut Printed) -> i32 {
    for path in words.iter().filter(|it| !it.starts_with('-')) {
        if let Err(error) = shell.write(world, path, "", true) {
            printed.error(&format!("touch: cannot touch '{path}': {error}\n"));
            return 1;
        }
    }
    0
}

fn copy(
    name: &str,
    words: &[String],
    shell: &Shell,
    world: &mut World<'_>,
    printed: &mut Printed,
) -> i32 {
    let [from, to] = words else {
        printed.error(&format!("{name}: missing file operand\n"));
        return 1;
    };
    let text = match shell.read(world, from) {
        Ok(text) => text,
        Err(error) => {
            printed.error(&format!("{name}: cannot stat '{from}': {error}\n"));
            return 1;
        }
    };
    if let Err(error) = shell.write(world, to, &text, false) {
        printed.error(&format!(
            "{name}: cannot create regular file '{to}': {error}\n"
        ));
        return 1;
    }
    if let (Ok(old), true) = (shell.host_name(from), name == "mv" && from != to) {
        world.workspace.files.remove(&old);
    }
    0
}
