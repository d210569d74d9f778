//! How a command of a pipeline begins: its words, its redirections, what it reads.

use std::rc::Rc;

use super::{Stage, State, To, UNREADABLE};
use crate::cluster::inside::files::FileError;
use crate::cluster::inside::{Spot, image};
use crate::terminal::Hint;
use crate::terminal::builtin;
use crate::terminal::filter::Filter;
use crate::terminal::job::{Job, World};
use crate::terminal::out::Printed;
use crate::terminal::process::{self, Flow, Process};
use crate::terminal::shell::{Place, Shell, TEXT_MAX, expand, expand_one};
use crate::terminal::syntax::{How, Node, Redirect, Simple};

/// Starts a command of a pipeline, if it can start yet; what becomes of its shell.
pub(super) fn start(
    stage: &mut Stage,
    is_last: bool,
    shell: &mut Shell,
    world: &mut World<'_>,
    printed: &mut Printed,
) -> Result<Flow, (String, i32)> {
    let node = Rc::clone(&stage.node);
    if let Node::Simple(simple) = &*node {
        return start_simple(stage, simple, is_last, shell, world, printed);
    }
    let (body, redirects) = match &*node {
        Node::Group {
            body, redirects, ..
        } => (Rc::clone(body), redirects.as_slice()),
        _ => (node, [].as_slice()),
    };
    let mut job = Job::new(body, shell.clone());
    open(stage, redirects, &mut job, world)?;
    job.shell.terminal &= is_last && stage.stdout == To::Next;
    run_shell(stage, job);
    Ok(Flow::GoesOn)
}

/// Lets a shell run as a command, with the command's input.
fn run_shell(stage: &mut Stage, mut job: Job) {
    job.stdin = read_on(stage);
    job.stdin_open = !stage.input_ended;
    stage.is_shell = true;
    stage.state = State::Runs(Process::Job(Box::new(job)));
}

/// What a command finds in its input, if it has one.
fn read_on(stage: &mut Stage) -> Option<String> {
    stage.is_fed.then(|| std::mem::take(&mut stage.input))
}

/// Whether a program reads its input; what others leave is there for the next command.
fn reads_input(name: &str, words: &[String]) -> bool {
    let has_flag = |it: &String| {
        let flags = it.strip_prefix('-').unwrap_or_default();
        it.ends_with('-') || flags == "-stdin" || flags.contains('i') && !it.starts_with("--")
    };
    match name {
        "kubectl" | "k" | "oc" => words.iter().take_while(|it| *it != "--").any(has_flag),
        "xargs" | "curl" => true,
        program => process::shell_name(program).is_some(),
    }
}

fn start_simple(
    stage: &mut Stage,
    simple: &Simple,
    is_last: bool,
    shell: &mut Shell,
    world: &mut World<'_>,
    printed: &mut Printed,
) -> Result<Flow, (String, i32)> {
    let failed = |text: String| (text, 1);
    let unreadable = |text: String| (text, UNREADABLE);
    // Words are expanded in a job of their own, since `$(…)` runs commands.
    let mut job = Job::new(Rc::new(Node::List(Vec::new())), shell.clone());
    if simple.words.is_empty() {
        job.shell.status = 0;
    }
    let mut words = expand(&mut job, world, &simple.words).map_err(unreadable)?;
    if job.shell.variables != shell.variables {
        shell.variables = job.shell.variables.clone();
    }
    for (name, value) in &simple.assignments {
        let value = expand_one(&mut job, world, value).map_err(unreadable)?;
        if value.len() > TEXT_MAX {
            return Err((format!("{}: {name}: value too long\n", shell.name), 1));
        }
        job.shell.variables.insert(name.clone(), value);
    }
    if words.is_empty() {
        printed.take(&mut job.said);
        *shell = job.shell.clone();
        open(stage, &simple.redirects, &mut job, world)?;
        stage.state = State::Ended;
        stage.code = job.shell.status;
        return Ok(Flow::GoesOn);
    }
    let mut name = words.remove(0);
    let mut flow = Flow::GoesOn;
    while builtin::is_prefix(&name, &words) {
        if name == "exec" {
            flow = Flow::Exits;
        }
        name = words.remove(0);
    }
    let mut filter = Filter::read(&name, &words);
    if let Some(Ok((filter, files))) = &mut filter
        && !matches!(filter, Filter::Tee(_))
        && matches!(&files[..], [one] if is_stdin(one))
    {
        files.clear();
    }
    let waits = match &filter {
        Some(Ok((Filter::Tee(_), _))) => false,
        Some(Ok((_, files))) => files.iter().any(|it| is_stdin(it)),
        Some(Err(_)) => false,
        None if name == "read" => !stage.input.contains('\n'),
        None => reads_input(&name, &words),
    };
    let is_redirected = simple.redirects.iter().any(|it| it.stream == 0);
    if waits && stage.is_fed && !stage.input_ended && !is_redirected {
        // It starts once all its input is there.
        return Ok(Flow::GoesOn);
    }
    open(stage, &simple.redirects, &mut job, world)?;
    printed.take(&mut job.said);
    let mut inner = shell.clone();
    inner.terminal &= is_last && stage.stdout == To::Next;
    let has_own = !simple.assignments.is_empty();
    if has_own {
        inner.variables = job.shell.variables.clone();
    }
    let then = match filter {
        Some(Err(text)) => return Err((text, if name == "grep" { 2 } else { 1 })),
        Some(Ok((filter, files))) => {
            filter_files(stage, &name, filter, files, &inner, world, printed)?;
            Flow::GoesOn
        }
        None if name == "read" => {
            stage.code = read(stage, &words, &inner, shell).map_err(failed)?;
            stage.state = State::Ended;
            Flow::GoesOn
        }
        None => {
            let then = run(stage, &name, words, &mut inner, world, printed)?;
            if !has_own {
                inner.terminal = shell.terminal;
                *shell = inner;
            }
            then
        }
    };
    Ok(if flow == Flow::GoesOn { then } else { flow })
}

/// Starts a program that is no filter.
fn run(
    stage: &mut Stage,
    name: &str,
    words: Vec<String>,
    shell: &mut Shell,
    world: &mut World<'_>,
    printed: &mut Printed,
) -> Result<Flow, (String, i32)> {
    let reads = reads_input(name, &words);
    if name == "xargs" && !stage.is_fed {
        return Err((unread(name), 1));
    }
    let input = reads.then(|| read_on(stage)).flatten();
    let started = process::start(name, words, input, shell, world, printed);
    match started.process {
        Process::Job(job) if started.is_shell => run_shell(stage, *job),
        process => stage.state = State::Runs(process),
    }
    Ok(started.flow)
}

/// Whether a file's name stands for the input.
fn is_stdin(file: &str) -> bool {
    matches!(file, "-" | "/dev/stdin")
}

/// That a command reads what this terminal cannot offer.
fn unread(name: &str) -> String {
    format!(
        "{name}: reads what is typed, which this terminal does not offer: name a file, or put a command and `|` before it\n"
    )
}

/// `read`: takes a line of the input into variables; its exit code.
fn read(
    stage: &mut Stage,
    words: &[String],
    inner: &Shell,
    shell: &mut Shell,
) -> Result<i32, String> {
    if !stage.is_fed {
        return Err(unread("read"));
    }
    let end = stage.input.find('\n');
    let rest = stage
        .input
        .split_off(end.map_or(stage.input.len(), |it| it + 1));
    let line = std::mem::replace(&mut stage.input, rest);
    let line = line.trim_end_matches('\n');
    let by = inner.variables.get("IFS").map(String::as_str);
    for (name, value) in builtin::read(words, line, by)? {
        shell.variables.insert(name, value);
    }
    Ok(i32::from(end.is_none()))
}

/// Lets a filter read files, or what the command before it prints.
fn filter_files(
    stage: &mut Stage,
    name: &str,
    mut filter: Filter,
    files: Vec<String>,
    shell: &Shell,
    world: &mut World<'_>,
    printed: &mut Printed,
) -> Result<(), (String, i32)> {
    if let Filter::Tee(append) = filter {
        for file in files {
            match shell.write(world, &file, "", append) {
                Ok(()) => stage.copies.push(file),
                Err(error) => printed.error(&format!("tee: {file}: {error}\n")),
            }
        }
    } else if !files.is_empty() {
        read_files(stage, name, filter, &files, shell, world, printed);
        return Ok(());
    }
    if !stage.is_fed {
        return Err((unread(name), 1));
    }
    if let Filter::Wc(wc) = &mut filter {
        wc.is_file = stage.outer.is_some();
    }
    let mut head = String::new();
    if let Filter::Ends(_) = filter {
        filter.begin("-", false, &mut head);
    }
    printed.out(&head);
    stage.state = State::Filters(Box::new(filter));
    Ok(())
}

fn read_files(
    stage: &mut Stage,
    name: &str,
    mut filter: Filter,
    files: &[String],
    shell: &Shell,
    world: &World<'_>,
    printed: &mut Printed,
) {
    // What of a file is no whole line goes on in the next; the input is not touched, but for `-`.
    let (mut code, mut out, mut rest) = (0, String::new(), String::new());
    let by_file = filter.is_by_file();
    for file in files {
        let text = match is_stdin(file) {
            true => Ok(read_on(stage).unwrap_or_default()),
            false => shell.read(world, file),
        };
        match text {
            Ok(mut text) => {
                filter.begin(file, files.len() > 1, &mut out);
                let is_open = !text.is_empty() && !text.ends_with('\n');
                if is_open && !by_file && !matches!(filter, Filter::Cat(_)) {
                    text.push('\n');
                }
                filter.feed(
                    &mut text,
                    by_file || matches!(filter, Filter::Cat(_)),
                    &mut out,
                );
                rest.push_str(&text);
            }
            Err(error) => {
                code = if name == "grep" { 2 } else { 1 };
                let is_silent = matches!(&filter, Filter::Grep(it) if it.is_silent());
                let said = match (name, &shell.place) {
                    _ if is_silent => String::new(),
                    ("cat", Place::Inside(spot)) if is_busybox(world, spot) => {
                        format!("cat: can't open '{file}': {error}\n")
                    }
                    ("head" | "tail", _) => {
                        format!("{name}: cannot open '{file}' for reading: {error}\n")
                    }
                    _ => format!("{name}: {file}: {error}\n"),
                };
                printed.out(&std::mem::take(&mut out));
                printed.error(&said);
            }
        }
    }
    if !by_file {
        filter.feed(&mut rest, true, &mut out);
    }
    let done = filter.finish(&mut out);
    printed.out(&out);
    stage.state = State::Ended;
    stage.code = if code == 0 { done } else { code };
}

fn is_busybox(world: &World<'_>, spot: &Spot) -> bool {
    image::is_busybox(spot.image(&world.cluster.api.store))
}

/// Opens what a command's streams are redirected to.
fn open(
    stage: &mut Stage,
    redirects: &[Redirect],
    job: &mut Job,
    world: &mut World<'_>,
) -> Result<(), (String, i32)> {
    for redirect in redirects {
        let to = |it: u8, stage: &Stage| match it {
            1 => stage.stdout.clone(),
            _ => stage.stderr.clone(),
        };
        let target = match redirect.how {
            How::Same(of) => to(of, stage),
            How::Here | How::Read => {
                let word = expand_one(job, world, &redirect.word).map_err(|it| (it, 1))?;
                if redirect.how == How::Read && word == "/dev/stdin" {
                    continue;
                }
                let text = match redirect.how {
                    How::Here => word,
                    _ => {
                        let read = job.shell.read(world, &word);
                        read.map_err(|error| cannot(&job.shell, world, &word, "open", error))?
                    }
                };
                let before = std::mem::replace(&mut stage.input, text);
                stage.outer.get_or_insert(before);
                stage.input_ended = true;
                stage.is_fed = true;
                continue;
            }
            How::Write | How::Append => {
                let path = expand_one(job, world, &redirect.word).map_err(|it| (it, 1))?;
                if path == "/dev/null" {
                    To::Nowhere
                } else if path == "/dev/stderr" {
                    To::Terminal
                } else if path == "/dev/stdout" {
                    To::Next
                } else {
                    let append = redirect.how == How::Append;
                    let opened = job.shell.clone().write(world, &path, "", append);
                    if let Err(error) = opened {
                        if error == FileError::Missing {
                            mounted(&job.shell, world);
                        }
                        return Err(cannot(&job.shell, world, &path, "create", error));
                    }
                    To::File(path)
                }
            }
        };
        match redirect.stream {
            2 => stage.stderr = target,
            3 => (stage.stdout, stage.stderr) = (target.clone(), target),
            _ => stage.stdout = target,
        }
    }
    Ok(())
}

/// Where the claims of a container are mounted, for who looks for a directory in vain.
fn mounted(shell: &Shell, world: &mut World<'_>) {
    let Place::Inside(spot) = &shell.place else {
        return;
    };
    let mounts = world.cluster.mounts(spot).into_iter();
    let paths: Vec<String> = mounts
        .filter(|it| it.claim.is_some())
        .map(|it| it.path)
        .collect();
    if !paths.is_empty() {
        world.hints.push(Hint::Mounts(paths));
    }
}

/// That a file cannot be opened, in the words of the shell that says it.
fn cannot(
    shell: &Shell,
    world: &World<'_>,
    path: &str,
    verb: &str,
    error: FileError,
) -> (String, i32) {
    let dash = match error {
        FileError::Missing if verb == "create" => "Directory nonexistent".to_owned(),
        other => other.to_string(),
    };
    let code = if shell.is_dash(world) { 2 } else { 1 };
    let text = match &shell.place {
        Place::Inside(spot) if is_busybox(world, spot) => {
            let why = if dash == "Directory nonexistent" {
                "nonexistent directory".to_owned()
            } else {
                dash
            };
            format!("sh: can't {verb} {path}: {why}\n")
        }
        Place::Inside(_) if shell.name == "sh" => format!("sh: 1: cannot {verb} {path}: {dash}\n"),
        _ => format!("{}: {path}: {error}\n", shell.name),
    };
    (text, code)
}
