//! A shell at work: a tree of commands, run step by step, so that any of them can wait while the clock runs.

use std::collections::VecDeque;
use std::rc::Rc;

use super::control::{self, Jobs};
use super::listen::Listener;
use super::out::Printed;
use super::pipeline::Pipeline;
use super::process::{Flow, Process};
use super::shell::{Shell, expand};
use super::syntax::{self, Node, Part, Simple};
use crate::cluster::Cluster;
use crate::cluster::object::Kind;
use crate::cluster::time::Time;
use crate::kubectl::Workspace;

/// How many commands may run without time passing; each counts for more in a large cluster, where it takes longer.
const MOST_AT_ONCE: usize = 1000;
/// So many pods make a command count once more.
const PODS_OF_A_COMMAND: usize = 100;
/// The most that a job may print, in bytes.
const MOST_PRINTED: usize = 400_000;

/// Everything that a command can reach.
#[derive(Debug)]
pub(super) struct World<'a> {
    /// The cluster.
    pub cluster: &'a mut Cluster,
    /// Files and kubectl's context.
    pub workspace: &'a mut Workspace,
    /// Ports of the person's computer at which something listens.
    pub listeners: &'a mut Vec<Listener>,
    /// The terminal's job, for what must be cleared up after it.
    pub job: usize,
    /// The terminal's jobs in the background.
    pub jobs: &'a mut Jobs,
    /// How many jobs have begun.
    pub begun: &'a mut usize,
    /// What the page can say of why something failed.
    pub hints: &'a mut Vec<super::Hint>,
    /// When commands were counted last, and how many have run then.
    pub spent: &'a mut (Time, usize),
}

/// What is still to be done, the next on top.
#[derive(Clone, Debug)]
enum Frame {
    Run(Rc<Node>),
    List(Rc<Node>, usize),
    And(Rc<Node>),
    Or(Rc<Node>),
    Not,
    /// A command that began then has run, and is timed.
    Timed(Time),
    For(Rc<Node>, VecDeque<String>),
    /// The condition of a loop has run.
    Tested(Rc<Node>),
    /// The body of a loop has run.
    Again(Rc<Node>),
    /// The condition of an arm has run.
    Arm(Rc<Node>, usize),
}

/// A command whose words stand for themselves.
fn simple(words: &[String]) -> Rc<Node> {
    let words = words.iter().map(|it| vec![Part::Quoted(it.clone())]);
    Rc::new(Node::Simple(Simple {
        words: words.collect(),
        ..Simple::default()
    }))
}

/// A shell that works off a tree of commands.
#[derive(Clone, Debug)]
pub(super) struct Job {
    /// The shell.
    pub shell: Shell,
    /// What its first command reads.
    pub stdin: Option<String>,
    /// Whether more of that may come.
    pub stdin_open: bool,
    /// What the shell itself has said: what words said while they were expanded, and which jobs it sent off.
    pub said: Printed,
    /// Jobs that were sent to the background, with their numbers.
    pub sent_off: Vec<(Self, usize)>,
    frames: Vec<Frame>,
    running: Option<Box<Pipeline>>,
    /// Whether it was told to exit.
    pub exited: bool,
}

impl Job {
    /// A job that has not begun.
    pub(super) fn new(node: Rc<Node>, shell: Shell) -> Self {
        Self {
            shell,
            stdin: None,
            stdin_open: false,
            said: Printed::default(),
            sent_off: Vec::new(),
            frames: vec![Frame::Run(node)],
            running: None,
            exited: false,
        }
    }

    /// A job for a text; what is wrong with it is said as the shell says it.
    pub(super) fn of_text(text: &str, shell: Shell) -> Result<Self, String> {
        match syntax::parse(text) {
            Ok(node) => Ok(Self::new(node, shell)),
            Err(error) => Err(format!("{}: {error}\n", shell.name)),
        }
    }

    /// A job for one command whose words stand for themselves.
    pub(super) fn of_words(words: &[String], shell: Shell) -> Self {
        Self::new(simple(words), shell)
    }

    /// A job for such commands, one after the other.
    pub(super) fn of_lines(lines: &[Vec<String>], shell: Shell) -> Self {
        let items = lines.iter().map(|words| (simple(words), None));
        Self::new(Rc::new(Node::List(items.collect())), shell)
    }

    /// Goes on as far as it can at this instant; the exit code once it has ended.
    pub(super) fn run(&mut self, world: &mut World<'_>, out: &mut Printed) -> Option<i32> {
        loop {
            if let Some(pipeline) = &mut self.running {
                let ended = pipeline.poll(world, out);
                // What a shell within this one sends off is this terminal's, too.
                self.sent_off.append(&mut pipeline.sent_off);
                let code = ended?;
                self.shell.status = code;
                if let Some(shell) = pipeline.shell.take() {
                    self.shell = shell;
                    self.shell.status = code;
                }
                let flow = pipeline.flow;
                self.stdin = pipeline.give_back();
                self.running = None;
                match flow {
                    Flow::GoesOn => {}
                    Flow::Breaks(count) => self.leave(count, false),
                    Flow::Continues(count) => self.leave(count, true),
                    Flow::Exits => self.exit(),
                    Flow::Stops => self.frames.clear(),
                }
                out.take(&mut self.said);
                if code != 0 && self.shell.flags.contains('e') && !self.is_asked() {
                    self.exit();
                }
            }
            let Some(frame) = self.frames.pop() else {
                return Some(self.shell.status);
            };
            let mut taken = self.take(frame, world);
            if out.len() > MOST_PRINTED {
                taken = Err("(stopped here: this is more than a terminal keeps)\n".to_owned());
            }
            if let Err(text) = taken {
                out.error(&text);
                self.shell.status = 1;
                self.frames.clear();
            }
            out.take(&mut self.said);
        }
    }

    /// Runs to its end without time passing, as within `$(…)`.
    pub(super) fn run_at_once(
        &mut self,
        world: &mut World<'_>,
        out: &mut Printed,
    ) -> Result<i32, String> {
        let mut ended = self.run(world, out);
        // Who reads what is printed waits for the background, too.
        let mut sent_off = std::mem::take(&mut self.sent_off);
        for (job, number) in &mut sent_off {
            let code = job.run_at_once(world, out);
            world.jobs.end(*number, *code.as_ref().unwrap_or(&1));
            ended = ended.filter(|_| code.is_ok());
        }
        if ended.is_none() {
            ended = self.run(world, out);
        }
        for (_, number) in sent_off {
            world.jobs.forget(number);
        }
        ended.ok_or_else(|| {
            format!(
                "{}: a command within $(…) cannot wait here: it would wait for time to pass\n",
                self.shell.name
            )
        })
    }

    /// Takes in what comes to its input while it runs.
    pub(super) fn feed(&mut self, text: &str, ended: bool) {
        self.stdin_open = !ended;
        match (&mut self.running, &mut self.stdin) {
            (Some(pipeline), _) => pipeline.feed(text, ended),
            (None, Some(stdin)) => stdin.push_str(text),
            (None, None) => {}
        }
    }

    fn exit(&mut self) {
        self.exited = true;
        self.frames.clear();
    }

    /// Whether something is decided by how the command ends that runs: `set -e` does not mind it then.
    fn is_asked(&self) -> bool {
        self.frames.iter().any(|it| {
            matches!(
                it,
                Frame::And(_) | Frame::Or(_) | Frame::Not | Frame::Tested(_) | Frame::Arm(..)
            )
        })
    }

    /// `break` and `continue`, of so many loops.
    fn leave(&mut self, mut count: usize, goes_on: bool) {
        let is_loop =
            |it: &Frame| matches!(it, Frame::For(..) | Frame::Tested(_) | Frame::Again(_));
        let loops = self.frames.iter().filter(|it| is_loop(it)).count();
        count = count.min(loops);
        if loops == 0 {
            let name = if goes_on { "continue" } else { "break" };
            self.said.error(&format!(
                "{}: {name}: only meaningful in a `for', `while', or `until' loop\n",
                self.shell.name
            ));
        }
        while let Some(frame) = self.frames.pop_if(|_| count > 0) {
            count -= usize::from(is_loop(&frame));
            if count == 0 && goes_on {
                self.frames.push(match frame {
                    Frame::Tested(node) => Frame::Again(node),
                    frame => frame,
                });
                return;
            }
        }
    }

    fn take(&mut self, frame: Frame, world: &mut World<'_>) -> Result<(), String> {
        let ok = self.shell.status == 0;
        match frame {
            Frame::Run(node) => self.start(node, world)?,
            Frame::List(list, at) => self.list(list, at, world),
            Frame::And(right) if ok => self.frames.push(Frame::Run(right)),
            Frame::Or(right) if !ok => self.frames.push(Frame::Run(right)),
            Frame::And(_) | Frame::Or(_) => {}
            Frame::Not => self.shell.status = i32::from(ok),
            Frame::Timed(begun) => {
                let ms = world.cluster.now().ms_since(begun);
                let (minutes, seconds) = (ms / 60_000, ms % 60_000);
                self.said.error(&format!(
                    "\nreal\t{minutes}m{}.{:03}s\nuser\t0m0.000s\nsys\t0m0.000s\n",
                    seconds / 1000,
                    seconds % 1000
                ));
            }
            Frame::For(node, mut left) => {
                if let (Node::For { name, body, .. }, Some(word)) = (&*node, left.pop_front()) {
                    self.count(world)?;
                    self.shell.variables.insert(name.clone(), word);
                    let body = Rc::clone(body);
                    self.frames.push(Frame::For(Rc::clone(&node), left));
                    self.frames.push(Frame::Run(body));
                }
            }
            Frame::Again(node) => {
                if let Node::While { condition, .. } = &*node {
                    self.count(world)?;
                    self.frames.push(Frame::Tested(Rc::clone(&node)));
                    self.frames.push(Frame::Run(Rc::clone(condition)));
                }
            }
            Frame::Tested(node) => {
                if let Node::While { until, body, .. } = &*node {
                    if ok == *until {
                        self.shell.status = 0;
                    } else {
                        self.frames.push(Frame::Again(Rc::clone(&node)));
                        self.frames.push(Frame::Run(Rc::clone(body)));
                    }
                }
            }
            Frame::Arm(node, at) => self.arm(&node, at, ok),
        }
        Ok(())
    }

    fn list(&mut self, list: Rc<Node>, at: usize, world: &mut World<'_>) {
        let Node::List(items) = &*list else { return };
        let Some((node, background)) = items.get(at) else {
            return;
        };
        let node = Rc::clone(node);
        let is_last = at + 1 == items.len();
        if !is_last {
            self.frames.push(Frame::List(Rc::clone(&list), at + 1));
        }
        if let Some(typed) = background {
            let job = Self::new(node, self.shell.clone());
            *world.begun += 1;
            let (number, pid) = (*world.begun, control::pid(*world.begun).to_string());
            let place = self.shell.place.clone();
            let id = world.jobs.add(number, typed.clone(), place);
            if self.shell.terminal && self.shell.depth == 0 {
                self.said.out(&format!("[{id}] {pid}\n"));
            }
            self.shell.variables.insert("!".to_owned(), pid);
            self.sent_off.push((job, number));
            self.shell.status = 0;
        } else {
            self.frames.push(Frame::Run(node));
        }
    }

    fn arm(&mut self, node: &Rc<Node>, at: usize, ok: bool) {
        let Node::If { arms, otherwise } = &**node else {
            return;
        };
        if let (Some((_, body)), true) = (arms.get(at), ok) {
            self.frames.push(Frame::Run(Rc::clone(body)));
        } else if let Some((condition, _)) = arms.get(at + 1) {
            self.frames.push(Frame::Arm(Rc::clone(node), at + 1));
            self.frames.push(Frame::Run(Rc::clone(condition)));
        } else if let Some(body) = otherwise {
            self.frames.push(Frame::Run(Rc::clone(body)));
        } else {
            self.shell.status = 0;
        }
    }

    fn start(&mut self, node: Rc<Node>, world: &mut World<'_>) -> Result<(), String> {
        match &*node {
            Node::List(_) => self.frames.push(Frame::List(Rc::clone(&node), 0)),
            Node::And(left, right) => {
                self.frames.push(Frame::And(Rc::clone(right)));
                self.frames.push(Frame::Run(Rc::clone(left)));
            }
            Node::Or(left, right) => {
                self.frames.push(Frame::Or(Rc::clone(right)));
                self.frames.push(Frame::Run(Rc::clone(left)));
            }
            Node::Not(inner) => {
                self.frames.push(Frame::Not);
                self.frames.push(Frame::Run(Rc::clone(inner)));
            }
            Node::Timed(inner) => {
                self.frames.push(Frame::Timed(world.cluster.now()));
                self.frames.push(Frame::Run(Rc::clone(inner)));
            }
            Node::For { words, .. } => {
                let words = expand(self, world, words)?;
                self.shell.status = 0;
                self.frames.push(Frame::For(Rc::clone(&node), words.into()));
            }
            Node::While { .. } => self.frames.push(Frame::Again(Rc::clone(&node))),
            Node::If { arms, .. } => {
                if let Some((condition, _)) = arms.first() {
                    self.frames.push(Frame::Arm(Rc::clone(&node), 0));
                    self.frames.push(Frame::Run(Rc::clone(condition)));
                }
            }
            Node::Group {
                body,
                redirects,
                subshell: false,
            } if redirects.is_empty() => {
                self.frames.push(Frame::Run(Rc::clone(body)));
            }
            Node::Simple(_) | Node::Pipe(_) | Node::Group { .. } => {
                self.count(world)?;
                let pipeline = Pipeline::new(self, &node);
                self.running = Some(Box::new(pipeline));
            }
        }
        Ok(())
    }

    /// Counts commands at one instant: an endless loop is cut.
    fn count(&self, world: &mut World<'_>) -> Result<(), String> {
        let now = world.cluster.now();
        if world.spent.0 != now {
            *world.spent = (now, 0);
        }
        let pods = world.cluster.api.store.count(Kind::Pod);
        world.spent.1 += 1 + pods / PODS_OF_A_COMMAND;
        if world.spent.1 > MOST_AT_ONCE {
            return Err(format!(
                "{}: stopped: too many commands without time passing: an endless loop? `sleep 1` in it lets time \
                 pass\n",
                self.shell.name
            ));
        }
        Ok(())
    }

    /// How much of its input each running command has not read.
    #[cfg(test)]
    pub(super) fn unread(&self, lengths: &mut Vec<usize>) {
        lengths.extend(self.running.iter().flat_map(|it| it.unread()));
    }

    /// When it does something by itself.
    pub(super) fn due(&self) -> Option<Time> {
        self.running.as_ref()?.due()
    }

    /// The processes that run, the innermost last.
    pub(super) fn visit(&mut self, see: &mut dyn FnMut(&mut Process)) {
        if let Some(pipeline) = &mut self.running {
            pipeline.visit(see);
        }
    }
}
