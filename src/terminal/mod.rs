//! The terminals of a person: shells in which commands run one after the other, wait, and go on in the background.
//!
//! Owns the shell's language (`syntax`, `shell`), what carries it out (`job`, `pipeline`, `process`), the programs of
//! the person's computer (`host`, `filter`, `http`) and those in containers (`inside`). kubectl itself is below.

mod builtin;
mod control;
mod filter;
mod host;
mod http;
mod inside;
mod job;
mod listen;
mod out;
mod pattern;
mod pipeline;
mod process;
mod shell;
mod sum;
mod syntax;
mod typed;
mod watch;
mod wrap;

use std::collections::VecDeque;

pub use out::{Chunk, Printed};
pub use syntax::SyntaxError;

use crate::cluster::Cluster;
use crate::cluster::sorted::SortedMap;
use crate::cluster::time::Time;
use crate::kubectl::Workspace;
use control::Jobs;
use job::{Job, World};
use listen::Listener;
use process::Process;
use shell::{Place, Shell};

/// The number of what is done by hand, on the stage: each command runs at once, beside the others.
pub const BY_HAND: u8 = 0;

/// One command and what it has printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The terminal that it was typed in.
    pub terminal: u8,
    /// When it began.
    pub at: Time,
    /// What stood before it.
    pub prompt: String,
    /// Whether it was typed into what another command runs.
    pub inside: bool,
    /// What was typed.
    pub command: String,
    /// What was printed.
    pub printed: Printed,
    /// Its exit code; `None` while it runs.
    pub exit: Option<i32>,
    /// What the page can say of why it failed.
    pub hints: Vec<Hint>,
}

/// Why a command fails here as it would on a real cluster, where its own words do not say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// There is no file of that name, but there are these.
    Files(Vec<String>),
    /// Nothing listens at that port; the container listens at these.
    Ports {
        /// The port that was asked.
        asked: i32,
        /// The image of the container.
        image: String,
        /// Where it listens.
        listens: Vec<i32>,
    },
    /// There is no such directory in the container; its claims are mounted at these.
    Mounts(Vec<String>),
    /// A manifest does not parse; the pane shows where.
    Syntax,
}

impl Entry {
    /// Standard output.
    pub fn stdout(&self) -> String {
        self.printed.stream(false)
    }

    /// Standard error.
    pub fn stderr(&self) -> String {
        self.printed.stream(true)
    }

    /// Whether it has not ended.
    pub fn waits(&self) -> bool {
        self.exit.is_none()
    }
}

/// The prompt of the person's own shell.
pub const READY: &str = "$ ";

/// What a terminal is ready for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// What stands before what is typed.
    pub text: String,
    /// Lines that are not a whole command yet.
    pub pending: String,
    /// The command that has the terminal to itself.
    pub busy: Option<String>,
    /// Whether it is a container that reads what is typed.
    pub inside: bool,
}

impl Prompt {
    /// Of a terminal in which nothing runs.
    pub fn ready() -> Self {
        Self {
            text: READY.to_owned(),
            pending: String::new(),
            busy: None,
            inside: false,
        }
    }
}

/// Whether a text is commands that a shell here can read.
pub fn reads(text: &str) -> bool {
    syntax::parse(text).is_ok()
}

#[derive(Clone, Debug)]
struct Running {
    job: Job,
    /// What its ports are known by.
    number: usize,
    /// Where it prints.
    entry: usize,
}

#[derive(Clone, Debug)]
struct Terminal {
    shell: Shell,
    typed: VecDeque<String>,
    pending: String,
    foreground: Option<Running>,
    background: Vec<Running>,
    jobs: Jobs,
}

impl Terminal {
    /// Goes on with the shell that a command has left.
    fn take_back(&mut self, shell: Shell) {
        self.shell = shell;
        self.shell.terminal = true;
    }
}

/// A cluster with a person before it.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The cluster.
    pub cluster: Cluster,
    /// Files and kubectl's context.
    pub workspace: Workspace,
    terminals: SortedMap<u8, Terminal>,
    entries: Vec<Entry>,
    listeners: Vec<Listener>,
    /// How many jobs have begun.
    begun: usize,
    /// When commands were counted last, and how many have run then: an endless loop is cut.
    spent: (Time, usize),
}

impl Desk {
    /// A desk at which nothing was done yet.
    pub fn new(cluster: Cluster, workspace: Workspace) -> Self {
        Self {
            cluster,
            workspace,
            terminals: SortedMap::new(),
            entries: Vec::new(),
            listeners: Vec::new(),
            begun: 0,
            spent: (Time::default(), 0),
        }
    }

    /// What was done so far, in the order of its begin.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Types lines into a terminal. A command that cannot begin yet waits until the one before it ends.
    pub fn enter(&mut self, terminal: u8, text: &str) {
        // Who types something has seen what the loop before has come to.
        self.spent.1 = 0;
        let slot = self.terminal(terminal);
        if terminal == BY_HAND {
            slot.typed.push_back(text.to_owned());
        } else {
            slot.typed.extend(typed::lines(text));
        }
        self.pump(terminal);
    }

    /// Notes something that was done by hand without a command.
    pub fn note(&mut self, command: &str, done: Result<(), String>) {
        let mut printed = Printed::default();
        let exit = Some(i32::from(done.is_err()));
        if let Err(text) = done {
            printed.error(&text);
        }
        self.entries.push(Entry {
            terminal: BY_HAND,
            at: self.cluster.now(),
            prompt: READY.to_owned(),
            inside: false,
            command: command.to_owned(),
            printed,
            exit,
            hints: Vec::new(),
        });
    }

    /// Ctrl+C: what has the terminal to itself ends, and what was typed ahead is dropped.
    pub fn interrupt(&mut self, terminal: u8) {
        let slot = self.terminal(terminal);
        slot.typed.clear();
        slot.pending.clear();
        let Some(mut running) = slot.foreground.take() else {
            return;
        };
        let (mut inner, mut in_front) = (None, None);
        running.job.visit(&mut |process| match process {
            Process::Inner(it) => inner = Some(it.is_free() || it.interrupt()),
            Process::InFront(number) => in_front = Some(*number),
            _ => {}
        });
        if let Some(number) = in_front {
            slot.jobs.forget(number);
            slot.background.retain(|it| it.number != number);
        }
        let entry = running.entry;
        if inner == Some(true) {
            slot.foreground = Some(running);
        } else {
            slot.take_back(running.job.shell);
            slot.shell.status = 130;
            self.close_ports(running.number);
        }
        if let Some(number) = in_front {
            self.close_ports(number);
        }
        let entry = self.entries.get_mut(entry);
        if let Some(entry) = entry.filter(|it| it.exit.is_none()) {
            entry.printed.out("^C\n");
            entry.exit = Some(130);
        }
        self.pump(terminal);
    }

    /// What a terminal is ready for.
    pub fn prompt(&mut self, terminal: u8) -> Prompt {
        self.terminal(terminal);
        let Self {
            cluster,
            terminals,
            entries,
            ..
        } = self;
        let free = |text: String, pending: String| Prompt {
            text,
            pending,
            ..Prompt::ready()
        };
        let Some(slot) = terminals.get_mut(&terminal) else {
            return free(String::new(), String::new());
        };
        if !slot.pending.is_empty() {
            return free("> ".to_owned(), slot.pending.clone());
        }
        let Some(running) = &mut slot.foreground else {
            return free(slot.shell.prompt(cluster), String::new());
        };
        let mut inner = None;
        running.job.visit(&mut |process| {
            if let Process::Inner(it) = process {
                inner = it
                    .is_free()
                    .then(|| (it.prompt(cluster), it.pending.clone()));
            }
        });
        if let Some((text, pending)) = inner {
            return Prompt {
                inside: true,
                ..free(text, pending)
            };
        }
        let command = entries.get(running.entry).map(|it| it.command.clone());
        Prompt {
            text: String::new(),
            pending: String::new(),
            busy: Some(command.unwrap_or_default()),
            inside: false,
        }
    }

    fn terminal(&mut self, terminal: u8) -> &mut Terminal {
        self.terminals.entry(terminal).or_insert_with(|| Terminal {
            shell: Shell::host(),
            typed: VecDeque::new(),
            pending: String::new(),
            foreground: None,
            background: Vec::new(),
            jobs: Jobs::default(),
        })
    }

    /// Lets everything that waits see the cluster.
    pub fn poll(&mut self) {
        let numbers: Vec<u8> = self.terminals.keys().copied().collect();
        for terminal in numbers {
            self.pump(terminal);
        }
    }

    /// When something that waits does something by itself.
    pub fn due(&self) -> Option<Time> {
        let running = self
            .terminals
            .values()
            .flat_map(|it| it.foreground.iter().chain(&it.background));
        running.filter_map(|it| it.job.due()).min()
    }

    /// Lets time pass, for the cluster and for what waits.
    pub fn run_until(&mut self, until: Time) {
        self.run_some(until, usize::MAX);
    }

    /// Lets time pass until an instant, or until the cluster has done so many things: then the clock stands at the
    /// last of them.
    pub fn run_some(&mut self, until: Time, steps: usize) {
        let mut left = steps;
        loop {
            // What waits sees every write when it is made, so that what follows it comes at the same instant, however
            // time passes.
            let due = self.due().filter(|due| *due <= until);
            let to = due.unwrap_or(until);
            if left == 0 {
                return;
            }
            if self.step(to) {
                left -= 1;
                continue;
            }
            self.cluster.run_until(to);
            self.poll();
            // What is still due then would be due for ever.
            if to == until || self.due().is_some_and(|it| it <= to) {
                break;
            }
        }
        self.cluster.run_until(until);
        self.poll();
    }

    /// Lets the cluster do the next thing that is due by then, and what waits see it; `false` if there is none.
    pub fn step(&mut self, by: Time) -> bool {
        let known = self.cluster.api.log.len();
        let stepped = self.cluster.step(by);
        if self.cluster.api.log.len() != known && self.waits() {
            self.poll();
        }
        stepped
    }

    /// Whether a command has not ended.
    fn waits(&self) -> bool {
        let mut all = self.terminals.values();
        all.any(|it| it.foreground.is_some() || !it.background.is_empty())
    }

    /// Goes on with a terminal as far as it can go at this instant.
    fn pump(&mut self, terminal: u8) {
        self.run_background(terminal);
        loop {
            if self.terminal(terminal).foreground.is_some() {
                if !self.run_foreground(terminal) {
                    return;
                }
                continue;
            }
            let slot = self.terminal(terminal);
            let Some(line) = slot.typed.pop_front() else {
                return;
            };
            self.begin(terminal, &line);
            if terminal == BY_HAND
                && let Some(running) = self.terminal(terminal).foreground.take()
            {
                self.terminal(terminal).background.push(running);
                self.run_background(terminal);
            }
        }
    }

    /// Begins a line that was typed at a shell's prompt.
    fn begin(&mut self, terminal: u8, line: &str) {
        let now = self.cluster.now();
        let at = self.entries.len();
        self.begun += 1;
        let number = self.begun;
        let slot = self.terminal(terminal);
        let text = format!("{}{line}", slot.pending);
        if text.trim().is_empty() {
            return;
        }
        let shell = slot.shell.clone();
        let mut entry = Entry {
            terminal,
            at: now,
            prompt: READY.to_owned(),
            inside: false,
            command: text.clone(),
            printed: Printed::default(),
            exit: None,
            hints: Vec::new(),
        };
        slot.pending.clear();
        match syntax::parse(&text) {
            Err(SyntaxError::Unfinished) if terminal != BY_HAND => {
                slot.pending = format!("{text}\n");
                return;
            }
            Err(error) => {
                entry.printed.error(&format!("{}: {error}\n", shell.name));
                entry.exit = Some(2);
                slot.shell.status = 2;
            }
            Ok(node) => {
                slot.foreground = Some(Running {
                    job: Job::new(node, shell),
                    number,
                    entry: at,
                });
            }
        }
        self.entries.push(entry);
    }

    /// Goes on with the command that has the terminal; whether there may be more to do.
    fn run_foreground(&mut self, terminal: u8) -> bool {
        let Some(mut running) = self.terminal(terminal).foreground.take() else {
            return false;
        };
        let ended = self.run(terminal, &mut running);
        let begins = self.send_off(terminal, &mut running);
        if !begins {
            // It may have asked at a port that is served in the background.
            self.run_background(terminal);
        }
        self.tidy(terminal, running.entry);
        if let Some(code) = ended {
            self.finish(&running, code);
            self.tell(terminal, running.entry, &running.job.shell.place);
            self.terminal(terminal).take_back(running.job.shell);
            return true;
        }
        let went_on = begins || self.feed(terminal, &mut running);
        self.terminal(terminal).foreground = Some(running);
        went_on
    }

    /// Begins what a command has sent to the background; whether there was something.
    fn send_off(&mut self, terminal: u8, running: &mut Running) -> bool {
        let sent_off = std::mem::take(&mut running.job.sent_off);
        let begins = !sent_off.is_empty();
        for (job, number) in sent_off {
            let entry = running.entry;
            let background = &mut self.terminal(terminal).background;
            background.push(Running { job, number, entry });
        }
        if begins {
            self.run_background(terminal);
        }
        begins
    }

    /// Ends the background jobs that were stopped, and lets those that were brought to the front print there.
    fn tidy(&mut self, terminal: u8, entry: usize) {
        let slot = self.terminal(terminal);
        let jobs = &slot.jobs;
        slot.background.retain(|it| !jobs.is_killed(it.number));
        let in_front = slot.background.iter_mut();
        for running in in_front.filter(|it| jobs.is_in_front(it.number)) {
            running.entry = entry;
        }
    }

    /// Tells of the background jobs of a shell that have ended, as it does before its next prompt.
    fn tell(&mut self, terminal: u8, entry: usize, place: &Place) {
        let news = self.terminal(terminal).jobs.news(place);
        if let Some(entry) = self.entries.get_mut(entry) {
            entry.printed.out(&news);
        }
    }

    /// Gives what was typed to a shell in a container that waits for it.
    fn feed(&mut self, terminal: u8, running: &mut Running) -> bool {
        let mut free = None;
        running.job.visit(&mut |process| {
            if let Process::Inner(inner) = process {
                let shell = &inner.shell;
                free = inner.is_free().then(|| (shell.status, shell.place.clone()));
            }
        });
        let Some((status, place)) = free else {
            return false;
        };
        self.tell(terminal, running.entry, &place);
        if let Some(entry) = self.entries.get_mut(running.entry) {
            entry.exit = Some(status);
        }
        let Some(line) = self.terminal(terminal).typed.pop_front() else {
            return false;
        };
        let (mut prompt, mut printed) = (String::new(), Printed::default());
        running.job.visit(&mut |process| {
            if let Process::Inner(inner) = process {
                prompt = inner.prompt(&self.cluster);
                if let Err(text) = inner.feed(&line) {
                    printed.error(&text);
                }
            }
        });
        let failed = !printed.is_empty();
        running.entry = self.entries.len();
        self.entries.push(Entry {
            terminal,
            at: self.cluster.now(),
            prompt,
            inside: true,
            command: line,
            printed,
            exit: failed.then_some(2),
            hints: Vec::new(),
        });
        true
    }

    fn run_background(&mut self, terminal: u8) {
        let mut left = std::mem::take(&mut self.terminal(terminal).background);
        left.retain_mut(|running| {
            // What was sent off in a container ends with it.
            let store = &self.cluster.api.store;
            let ended = match &running.job.shell.place {
                Place::Inside(spot) if !spot.runs(store) => Some(137),
                _ => self.run(terminal, running),
            };
            self.send_off(terminal, running);
            if let Some(code) = ended {
                self.terminal(terminal).jobs.end(running.number, code);
                self.close_ports(running.number);
                if terminal == BY_HAND {
                    self.finish(running, code);
                }
            }
            ended.is_none()
        });
        let begun = std::mem::take(&mut self.terminal(terminal).background);
        left.extend(begun);
        self.terminal(terminal).background = left;
    }

    /// Lets a job go on; its exit code once it has ended.
    fn run(&mut self, terminal: u8, running: &mut Running) -> Option<i32> {
        let mut jobs = std::mem::take(&mut self.terminal(terminal).jobs);
        let Self {
            cluster,
            workspace,
            listeners,
            entries,
            spent,
            begun,
            ..
        } = self;
        let mut hints = Vec::new();
        let mut world = World {
            cluster,
            workspace,
            listeners,
            job: running.number,
            jobs: &mut jobs,
            begun,
            hints: &mut hints,
            spent,
        };
        let mut nothing = Printed::default();
        let entry = entries.get_mut(running.entry);
        let (printed, known) = match entry {
            Some(entry) => (&mut entry.printed, Some(&mut entry.hints)),
            None => (&mut nothing, None),
        };
        let ended = running.job.run(&mut world, printed);
        if let Some(known) = known {
            for hint in hints {
                if !known.contains(&hint) {
                    known.push(hint);
                }
            }
        }
        self.terminal(terminal).jobs = jobs;
        ended
    }

    fn finish(&mut self, running: &Running, code: i32) {
        if let Some(entry) = self.entries.get_mut(running.entry) {
            entry.exit = Some(code);
        }
        self.close_ports(running.number);
    }

    /// Closes the ports of a job that has ended.
    fn close_ports(&mut self, number: usize) {
        self.listeners.retain(|it| it.job != number);
    }
}

#[cfg(test)]
mod tests;
