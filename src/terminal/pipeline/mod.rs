//! Commands side by side, each reading what the one before it prints, and where their streams go.

mod start;

use std::rc::Rc;

use super::filter::Filter;
use super::job::{Job, World};
use super::out::Printed;
use super::process::{Flow, Process};
use super::shell::{Shell, TEXT_MAX};
use super::syntax::Node;
use crate::cluster::time::Time;

/// That words stand for nothing that a command could take: the shell leaves the whole line.
const UNREADABLE: i32 = -1;

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
            match start::start(stage, is_last, &mut shell, world, printed) {
                Ok(flow) => {
                    if is_alone {
                        self.flow = flow;
                        self.shell = Some(shell);
                    }
                }
                Err((text, code)) => {
                    printed.error(&text);
                    stage.state = State::Ended;
                    stage.code = code.abs();
                    if code == UNREADABLE && is_alone {
                        self.flow = Flow::Stops;
                    }
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
                            shell.depth = self.own.depth;
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
