//! Commands side by side, each reading what the one before it prints, and where their streams go.

use std::rc::Rc;

use super::Hint;
use super::filter::Filter;
use super::job::{Job, World};
use super::out::Printed;
use super::process::{self, Process, Started};
use super::shell::{Place, Shell, TEXT_MAX, expand, expand_one};
use super::syntax::{How, Node, Redirect, Simple};
use crate::cluster::inside::files::FileError;
use crate::cluster::inside::{Spot, image};
use crate::cluster::time::Time;

/// The programs that read their input; others leave it to the commands after them.
const READERS: &[&str] = &[
    "sh", "bash", "ash", "dash", "tee", "xargs", "kubectl", "k", "oc", "curl",
];

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
    input: String,
    input_ended: bool,
    /// Whether the first command has an input at all.
    is_fed: bool,
    /// The input that it has not read.
    left: Option<String>,
    stdout: To,
    stderr: To,
    code: i32,
}

#[derive(Clone, Debug)]
enum State {
    Waiting,
    /// A filter, and how much of its output was passed on.
    Filters(Filter, usize),
    Runs(Process),
    Ended,
}

/// A pipeline.
#[derive(Clone, Debug)]
pub(super) struct Pipeline {
    stages: Vec<Stage>,
    /// Whether there was something to read for the first command.
    is_fed: bool,
    own: Shell,
    /// The shell as a lone command has left it.
    pub shell: Option<Shell>,
    /// Whether the command ends its shell.
    pub exits: bool,
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
            is_fed: false,
            left: None,
            stdout: To::Next,
            stderr: To::Terminal,
            code: 0,
        });
        let mut stages: Vec<Stage> = stages.collect();
        if let (Some(input), Some(first)) = (job.stdin.take(), stages.first_mut()) {
            first.input = input;
            first.is_fed = true;
        }
        Self {
            is_fed: stages.first().is_some_and(|it| it.is_fed),
            stages,
            own: job.shell.clone(),
            shell: None,
            exits: false,
            sent_off: Vec::new(),
        }
    }

    /// Goes on; the exit code once all have ended.
    pub(super) fn poll(&mut self, world: &mut World<'_>, out: &mut Printed) -> Option<i32> {
        let count = self.stages.len();
        for at in 0..count {
            let before_ended = at == 0 || self.has_ended(at - 1);
            if let Some(stage) = self.stages.get_mut(at) {
                stage.input_ended |= before_ended;
            }
            let mut printed = Printed::default();
            self.poll_stage(at, world, &mut printed);
            self.pass_on(at, &mut printed, world, out);
        }
        (0..count)
            .all(|at| self.has_ended(at))
            .then(|| self.stages.last().map_or(0, |it| it.code))
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
            match start(stage, (at, is_last), &mut shell, world, printed) {
                Ok(exits) => {
                    self.exits |= exits && is_alone;
                    if is_alone {
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
            State::Filters(filter, passed) => {
                let done = filter.apply(&stage.input, stage.input_ended);
                printed.out(done.output.get(*passed..).unwrap_or_default());
                *passed = done.output.len();
                enough = done.enough;
                if enough || stage.input_ended {
                    stage.code = done.code;
                    stage.state = State::Ended;
                }
            }
            State::Runs(process) => {
                let ended = process.poll(world, printed);
                process.visit(&mut |it| self.sent_off.append(&mut it.sent_off()));
                if let Some(code) = ended {
                    stage.code = code;
                    stage.state = State::Ended;
                }
            }
            State::Waiting | State::Ended => {}
        }
        if enough {
            // Who writes on after `head` has seen enough is stopped by it (SIGPIPE).
            for stage in self.stages.iter_mut().take(at) {
                stage.state = State::Ended;
            }
        }
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
                    if let Some(next) = self.stages.get_mut(at + 1) {
                        next.input.push_str(&chunk.text);
                    }
                }
            }
        }
    }

    /// What was there to read and was left to the commands after these.
    pub(super) fn left(&mut self) -> Option<String> {
        let left = self.stages.first_mut()?.left.take();
        self.is_fed.then(|| left.unwrap_or_default())
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

/// Starts a command of a pipeline, if it can start yet; whether it ends its shell.
fn start(
    stage: &mut Stage,
    (at, is_last): (usize, bool),
    shell: &mut Shell,
    world: &mut World<'_>,
    printed: &mut Printed,
) -> Result<bool, (String, i32)> {
    let node = Rc::clone(&stage.node);
    let is_simple = matches!(&*node, Node::Simple(_));
    if !is_simple && at > 0 && !stage.input_ended {
        // It starts once all its input is there.
        return Ok(false);
    }
    match &*node {
        Node::Simple(simple) => start_simple(stage, simple, (at, is_last), shell, world, printed),
        Node::Group {
            body, redirects, ..
        } => {
            let mut job = Job::new(Rc::clone(body), shell.clone());
            open(stage, redirects, &mut job, world)?;
            job.stdin = read_on(stage, at);
            stage.state = State::Runs(Process::Job(Box::new(job)));
            Ok(false)
        }
        _ => {
            let mut job = Job::new(Rc::clone(&node), shell.clone());
            job.stdin = read_on(stage, at);
            stage.state = State::Runs(Process::Job(Box::new(job)));
            Ok(false)
        }
    }
}

/// What a command finds in its input, if it has one.
fn read_on(stage: &mut Stage, at: usize) -> Option<String> {
    let is_fed = at > 0 || stage.is_fed;
    is_fed.then(|| std::mem::take(&mut stage.input))
}

fn start_simple(
    stage: &mut Stage,
    simple: &Simple,
    (at, is_last): (usize, bool),
    shell: &mut Shell,
    world: &mut World<'_>,
    printed: &mut Printed,
) -> Result<bool, (String, i32)> {
    let failed = |text: String| (text, 1);
    // Words are expanded in a job of their own, since `$(…)` runs commands.
    let mut job = Job::new(Rc::new(Node::List(Vec::new())), shell.clone());
    if simple.words.is_empty() {
        job.shell.status = 0;
    }
    let mut words = expand(&mut job, world, &simple.words).map_err(failed)?;
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
        stage.left = read_on(stage, at);
        open(stage, &simple.redirects, &mut job, world)?;
        stage.state = State::Ended;
        stage.code = job.shell.status;
        return Ok(false);
    }
    let name = words.remove(0);
    let filter = Filter::read(&name, &words);
    let reads_at_once = matches!(&filter, Some(Ok((_, files))) if files.is_empty());
    if at > 0 && !stage.input_ended && !reads_at_once {
        // It starts once all its input is there.
        return Ok(false);
    }
    open(stage, &simple.redirects, &mut job, world)?;
    printed.take(&mut job.said);
    let mut inner = shell.clone();
    inner.terminal &= is_last && stage.stdout == To::Next;
    if !simple.assignments.is_empty() {
        inner.variables = job.shell.variables.clone();
    }
    match filter {
        Some(Err(text)) => Err((text, 2)),
        Some(Ok((filter, files))) => {
            let is_fed = at > 0 || stage.is_fed;
            filter_files(stage, &name, filter, &files, &inner, is_fed, world, printed)
                .map(|()| false)
        }
        None => {
            let mut input = read_on(stage, at);
            let reads = |it: &Redirect| matches!(it.how, How::Here | How::Read);
            if !READERS.contains(&name.as_str()) && !simple.redirects.iter().any(reads) {
                stage.left = input.take();
            }
            let mut changed = inner;
            let Started { process, exits } =
                process::start(&name, words, input, &mut changed, world, printed);
            if simple.assignments.is_empty() {
                changed.terminal = shell.terminal;
                *shell = changed;
            }
            stage.state = State::Runs(process);
            Ok(exits)
        }
    }
}

/// Lets a filter read files, or what the command before it prints.
#[expect(
    clippy::too_many_arguments,
    reason = "one call, and each of them is a different thing"
)]
fn filter_files(
    stage: &mut Stage,
    name: &str,
    filter: Filter,
    files: &[String],
    shell: &Shell,
    is_fed: bool,
    world: &mut World<'_>,
    printed: &mut Printed,
) -> Result<(), (String, i32)> {
    if files.is_empty() {
        if !is_fed {
            let text = format!(
                "{name}: reads what is typed, which this terminal does not offer: name a file, or put a command and `|` before it\n"
            );
            return Err((text, 1));
        }
        stage.state = State::Filters(filter, 0);
        return Ok(());
    }
    let mut code = 0;
    let mut input = String::new();
    for file in files {
        match shell.read(world, file) {
            Ok(text) => input.push_str(&text),
            Err(error) => {
                code = if name == "grep" { 2 } else { 1 };
                let said = match (name, &shell.place) {
                    ("cat", Place::Inside(spot)) if is_busybox(world, spot) => {
                        format!("cat: can't open '{file}': {error}\n")
                    }
                    ("head" | "tail", _) => {
                        format!("{name}: cannot open '{file}' for reading: {error}\n")
                    }
                    _ => format!("{name}: {file}: {error}\n"),
                };
                printed.error(&said);
            }
        }
    }
    let done = filter.apply(&input, true);
    printed.out(&done.output);
    stage.state = State::Ended;
    stage.code = if code == 0 { done.code } else { code };
    Ok(())
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
    let reads = |it: &Redirect| matches!(it.how, How::Here | How::Read);
    if redirects.iter().any(reads) {
        stage.left = Some(std::mem::take(&mut stage.input));
    }
    for redirect in redirects {
        let to = |it: u8, stage: &Stage| match it {
            1 => stage.stdout.clone(),
            _ => stage.stderr.clone(),
        };
        let target = match redirect.how {
            How::Same(of) => to(of, stage),
            How::Here => {
                stage.input = expand_one(job, world, &redirect.word).map_err(|it| (it, 1))?;
                stage.input_ended = true;
                stage.is_fed = true;
                continue;
            }
            How::Read => {
                let path = expand_one(job, world, &redirect.word).map_err(|it| (it, 1))?;
                let read = job.shell.read(world, &path);
                stage.input =
                    read.map_err(|error| cannot(&job.shell, world, &path, "open", error))?;
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
