//! Commands side by side, each reading what the one before it prints, and where their streams go.

use std::rc::Rc;

use super::Hint;
use super::builtin;
use super::filter::Filter;
use super::job::{Job, World};
use super::out::Printed;
use super::process::{self, Flow, Process, Started};
use super::shell::{Place, Shell, TEXT_MAX, expand, expand_one};
use super::syntax::{How, Node, Redirect, Simple};
use crate::cluster::inside::files::FileError;
use crate::cluster::inside::{Spot, image};
use crate::cluster::time::Time;

/// Where a stream goes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum To {
    /// To the next command, or to the terminal.
    Next,
    /// To the terminal as an error.
    Terminal,
    /// Nowhere.
    Nowhere,
    /// Behind what is in a file.
    File(String),
}

/// One command of a pipeline.
#[derive(Clone, Debug)]
struct Stage {
    node: Rc<Node>,
    state: State,
    /// What it has not read yet.
    input: String,
    input_ended: bool,
    /// Whether it has an input at all.
    is_fed: bool,
    /// What it would have read, were it not redirected.
    outer: Option<String>,
    /// Whether it is a shell that goes on with its input as it comes.
    is_shell: bool,
    /// Files that its output goes to as well, as by `tee`.
    copies: Vec<String>,
    stdout: To,
    stderr: To,
    code: i32,
}

#[derive(Clone, Debug)]
enum State {
    Waiting,
    Filters(Box<Filter>),
    Runs(Process),
    Ended,
}

/// A pipeline.
#[derive(Clone, Debug)]
pub(super) struct Pipeline {
    stages: Vec<Stage>,
    own: Shell,
    /// The shell as a lone command has left it.
    pub shell: Option<Shell>,
    /// What becomes of the shell after a lone command.
    pub flow: Flow,
    had_stdin: bool,
    /// What its shells have sent to the background.
    pub sent_off: Vec<(Job, usize)>,
}

impl Pipeline {
    /// The commands of a node; nothing has started.
    pub(super) fn new(job: &mut Job, node: &Rc<Node>) -> Self {
        let nodes = match &**node {
            Node::Pipe(stages) => stages.clone(),
            _ => vec![Rc::clone(node)],
        };
        let stages = nodes.into_iter().map(|node| Stage {
            node,
            state: State::Waiting,
            input: String::new(),
            input_ended: false,
            is_fed: true,
            outer: None,
            is_shell: false,
            copies: Vec::new(),
            stdout: To::Next,
            stderr: To::Terminal,
            code: 0,
        });
        let mut stages: Vec<Stage> = stages.collect();
        let stdin = job.stdin.take();
        let had_stdin = stdin.is_some();
        if let Some(first) = stages.first_mut() {
            first.is_fed = had_stdin;
            first.input = stdin.unwrap_or_default();
            first.input_ended = !job.stdin_open;
        }
        Self {
            stages,
            own: job.shell.clone(),
            shell: None,
            flow: Flow::GoesOn,
            had_stdin,
            sent_off: Vec::new(),
        }
    }

    /// Goes on; the exit code once all have ended.
    pub(super) fn poll(&mut self, world: &mut World<'_>, out: &mut Printed) -> Option<i32> {
        let count = self.stages.len();
        for at in 0..count {
            let before_ended = at > 0 && self.has_ended(at - 1);
            if let Some(stage) = self.stages.get_mut(at) {
                stage.input_ended |= before_ended;
            }
            let mut printed = Printed::default();
            self.poll_stage(at, world, &mut printed);
            self.pass_on(at, &mut printed, world, out);
        }
        (0..count).all(|at| self.has_ended(at)).then(|| {
            let mut codes = self.stages.iter().rev().map(|it| it.code);
            let last = codes.next().unwrap_or(0);
            let fails = self.own.flags.contains('p') && last == 0;
            codes.find(|it| fails && *it != 0).unwrap_or(last)
        })
    }

    fn has_ended(&self, at: usize) -> bool {
        self.stages
            .get(at)
            .is_none_or(|it| matches!(it.state, State::Ended))
    }

    fn poll_stage(&mut self, at: usize, world: &mut World<'_>, printed: &mut Printed) {
        let is_alone = self.stages.len() == 1;
        let is_last = at + 1 == self.stages.len();
        let Some(stage) = self.stages.get_mut(at) else {
            return;
        };
        if let State::Waiting = stage.state {
            let mut shell = self.own.clone();
            match start(stage, is_last, &mut shell, world, printed) {
                Ok(flow) => {
                    if is_alone {
                        self.flow = flow;
                        self.shell = Some(shell);
                    }
                }
                Err((text, code)) => {
                    printed.error(&text);
                    stage.state = State::Ended;
                    stage.code = code;
                }
            }
        }
        let mut enough = false;
        match &mut stage.state {
            State::Filters(filter) => {
                let mut text = String::new();
                enough = filter.feed(&mut stage.input, stage.input_ended, &mut text);
                if enough || stage.input_ended {
                    stage.code = filter.finish(&mut text);
                    stage.state = State::Ended;
                }
                for file in &stage.copies {
                    if let Err(error) = self.own.write(world, file, &text, true) {
                        printed.error(&format!("tee: {file}: {error}\n"));
                    }
                }
                printed.out(&text);
            }
            State::Runs(process) => {
                if let (Process::Job(job), true) = (&mut *process, stage.is_shell) {
                    job.feed(&std::mem::take(&mut stage.input), stage.input_ended);
                }
                let ended = process.poll(world, printed);
                process.visit(&mut |it| self.sent_off.append(&mut it.sent_off()));
                if let Some(code) = ended {
                    stage.code = code;
                    if let (Process::Job(job), true) = (&mut *process, stage.is_shell) {
                        stage.input = job.stdin.take().unwrap_or_default();
                        if is_alone && self.shell.is_some() && !is_subshell(&stage.node) {
                            let mut shell = job.shell.clone();
                            shell.terminal = self.own.terminal;
                            self.shell = Some(shell);
                            if job.exited {
                                self.flow = Flow::Exits;
                            }
                        }
                    }
                    stage.state = State::Ended;
                }
            }
            State::Waiting | State::Ended => {}
        }
        if enough {
            // Who writes on after `head` has seen enough is stopped by it (SIGPIPE).
            self.stop(at);
        }
    }

    /// Ends the commands before one.
    fn stop(&mut self, before: usize) {
        for stage in self.stages.iter_mut().take(before) {
            stage.state = State::Ended;
        }
    }

    /// What comes to the first command's input while it runs.
    pub(super) fn feed(&mut self, text: &str, ended: bool) {
        let Some(first) = self.stages.first_mut().filter(|_| self.had_stdin) else {
            return;
        };
        let input = match &mut first.outer {
            Some(outer) => outer,
            None => {
                first.input_ended |= ended;
                &mut first.input
            }
        };
        if input.len() < TEXT_MAX {
            input.push_str(text);
        }
    }

    /// What the first command has left of its input, for the next one.
    pub(super) fn give_back(&mut self) -> Option<String> {
        let first = self.stages.first_mut().filter(|_| self.had_stdin)?;
        let input = std::mem::take(&mut first.input);
        Some(first.outer.take().unwrap_or(input))
    }

    fn pass_on(
        &mut self,
        at: usize,
        printed: &mut Printed,
        world: &mut World<'_>,
        out: &mut Printed,
    ) {
        let is_last = at + 1 == self.stages.len();
        let Some(stage) = self.stages.get(at) else {
            return;
        };
        let (stdout, stderr) = (stage.stdout.clone(), stage.stderr.clone());
        if printed.wiped > 0 && is_last && stdout == To::Next {
            out.wipe();
        }
        for chunk in printed.chunks.drain(..) {
            match if chunk.error { &stderr } else { &stdout } {
                To::Nowhere => {}
                To::File(path) => {
                    if let Err(error) = self.own.write(world, path, &chunk.text, true) {
                        out.error(&format!("{}: write error: {error}\n", self.own.name));
                    }
                }
                To::Terminal if chunk.error || is_last => out.error(&chunk.text),
                To::Terminal => out.error(&chunk.text),
                To::Next if is_last => out.out(&chunk.text),
                To::Next => {
                    let Some(next) = self.stages.get_mut(at + 1) else {
                        continue;
                    };
                    if matches!(next.state, State::Ended) {
                        self.stop(at + 1);
                    } else if next.input.len() + chunk.text.len() > TEXT_MAX {
                        out.error("(stopped here: this is more than a pipe keeps)\n");
                        let count = self.stages.len();
                        self.stop(count);
                    } else {
                        next.input.push_str(&chunk.text);
                    }
                }
            }
        }
    }

    /// How much of its input each command has not read.
    #[cfg(test)]
    pub(super) fn unread(&self) -> Vec<usize> {
        self.stages.iter().map(|it| it.input.len()).collect()
    }

    /// When one of the commands does something by itself.
    pub(super) fn due(&self) -> Option<Time> {
        let runs = self.stages.iter().filter_map(|it| match &it.state {
            State::Runs(process) => process.due(),
            _ => None,
        });
        runs.min()
    }

    /// The processes that run.
    pub(super) fn visit(&mut self, see: &mut dyn FnMut(&mut Process)) {
        for stage in &mut self.stages {
            if let State::Runs(process) = &mut stage.state {
                process.visit(see);
            }
        }
    }
}

/// Whether a command has a shell of its own even when it stands alone.
fn is_subshell(node: &Node) -> bool {
    matches!(node, Node::Group { subshell: true, .. })
}

/// Starts a command of a pipeline, if it can start yet; what becomes of its shell.
fn start(
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
        "xargs" | "sh" | "bash" | "ash" | "dash" | "curl" => true,
        _ => false,
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
    // Words are expanded in a job of their own, since `$(…)` runs commands.
    let mut job = Job::new(Rc::new(Node::List(Vec::new())), shell.clone());
    if simple.words.is_empty() {
        job.shell.status = 0;
    }
    let mut words = expand(&mut job, world, &simple.words).map_err(failed)?;
    if job.shell.variables != shell.variables {
        shell.variables = job.shell.variables.clone();
    }
    for (name, value) in &simple.assignments {
        let value = expand_one(&mut job, world, value).map_err(failed)?;
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
    if !simple.assignments.is_empty() {
        inner.variables = job.shell.variables.clone();
    }
    if name == "read" {
        stage.code = read(stage, &words, &inner, shell).map_err(failed)?;
        stage.state = State::Ended;
        return Ok(flow);
    }
    match filter {
        Some(Err(text)) => Err((text, if name == "grep" { 2 } else { 1 })),
        Some(Ok((filter, files))) => {
            filter_files(stage, &name, filter, files, &inner, world, printed).map(|()| flow)
        }
        None => {
            let reads = reads_input(&name, &words);
            let input = reads.then(|| read_on(stage)).flatten();
            let is_script = matches!(&*name, "sh" | "bash" | "ash" | "dash");
            let for_script = input.clone().filter(|_| is_script);
            let mut changed = inner;
            let Started {
                process,
                flow: then,
                is_shell,
            } = process::start(&name, words, input, &mut changed, world, printed);
            if simple.assignments.is_empty() {
                changed.terminal = shell.terminal;
                *shell = changed;
            }
            match process {
                Process::Job(job) if is_shell => run_shell(stage, *job),
                Process::Job(mut job) if is_script => {
                    job.stdin = for_script;
                    stage.state = State::Runs(Process::Job(job));
                }
                process => stage.state = State::Runs(process),
            }
            Ok(if flow == Flow::GoesOn { then } else { flow })
        }
    }
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
    let (mut code, mut out) = (0, String::new());
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
                stage.input.push_str(&text);
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
        filter.feed(&mut stage.input, true, &mut out);
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
    (text, 1)
}
