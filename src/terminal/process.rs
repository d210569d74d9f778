//! One program that was started, until it ends.

use super::Hint;
use super::host;
use super::inside;
use super::job::{Job, World};
use super::listen::Listen;
use super::out::Printed;
use super::shell::{Place, SHELLS_MAX, Shell};
use super::syntax::{self, SyntaxError};
use super::watch::Watch;
use super::wrap::xargs;
use crate::cluster::Cluster;
use crate::cluster::hash::fnv1a_64;
use crate::cluster::inside::{Spot, image};
use crate::cluster::object::pod::ContainerStatus;
use crate::cluster::sorted;
use crate::cluster::time::Time;
use crate::kubectl::{self, After, Answer, Next, Stream, Workspace};

/// A program that runs.
#[derive(Clone, Debug)]
pub(super) enum Process {
    /// It ended at once.
    Done(i32),
    /// Commands of a shell.
    Job(Box<Job>),
    /// kubectl.
    Kubectl(Box<Kubectl>),
    /// A program in a container, at the other end of `kubectl exec`.
    Exec(Box<Self>, Spot),
    /// A shell in a container that waits for what is typed.
    Inner(Box<Inner>),
    /// It waits until then.
    Sleep(Time),
    /// It runs a line again and again.
    Watch(Box<Watch>),
    /// It serves ports, and has said so of so many connections.
    Listen(Listen),
    /// One that ends with another code, and words of its own.
    Then(Box<Self>, i32, String),
    /// It prints what containers print.
    Follow(Vec<Stream>),
    /// It waits for jobs of the background, by their numbers.
    Await(Vec<usize>),
    /// It runs until then at the longest.
    Timeout(Box<Self>, Time),
    /// It stands for a job of the background that has the terminal now.
    InFront(usize),
}

/// What came of starting a program.
#[derive(Clone, Debug)]
pub(super) struct Started {
    /// The program.
    pub process: Process,
    /// What becomes of the shell.
    pub flow: Flow,
    /// Whether it is commands of this same shell.
    pub is_shell: bool,
}

/// What becomes of a shell after a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    GoesOn,
    Exits,
    /// What was typed with it is dropped.
    Stops,
    /// `break`, of so many loops.
    Breaks(usize),
    /// `continue`, of so many loops.
    Continues(usize),
}

/// kubectl, and how much of what it prints was passed on.
#[derive(Clone, Debug)]
pub(super) struct Kubectl {
    answer: Answer,
    seen: (usize, usize),
    /// What is piped to it.
    input: Option<String>,
}

/// A shell in a container.
#[derive(Clone, Debug)]
pub(super) struct Inner {
    /// The shell.
    pub shell: Shell,
    /// The shells that it was opened in, the outermost first.
    outer: Vec<Shell>,
    spot: Spot,
    job: Option<Job>,
    ended: Option<i32>,
    /// What follows its end, if it is the program that the container was made with.
    main: Option<After>,
    /// Whether it has a terminal.
    is_tty: bool,
    /// Whether it is no shell: nothing can be typed to it.
    is_program: bool,
    /// Whether its kubelet was told that it has ended.
    told: bool,
    /// Lines that are not a whole command yet.
    pub pending: String,
    sent_off: Vec<(Job, usize)>,
}

/// Starts a program.
pub(super) fn start(
    name: &str,
    words: Vec<String>,
    input: Option<String>,
    shell: &mut Shell,
    world: &mut World<'_>,
    printed: &mut Printed,
) -> Started {
    let goes_on = |process| Started {
        process,
        flow: Flow::GoesOn,
        is_shell: false,
    };
    if let Some(started) = super::builtin::start(name, &words, shell, world, printed) {
        return started;
    }
    if let Some(process) = super::control::start(name, &words, shell, world, printed) {
        return goes_on(process);
    }
    if name == "xargs" {
        return goes_on(xargs(words, &input.unwrap_or_default(), shell, printed));
    }
    goes_on(match &shell.place {
        Place::Host => host::start(name, words, input, shell, world, printed),
        Place::Inside(spot) => {
            let spot = spot.clone();
            inside::start(name, &words, input, &spot, shell, world, printed)
        }
    })
}

impl Process {
    /// kubectl with these words.
    pub(super) fn kubectl(
        words: Vec<String>,
        input: Option<String>,
        world: &mut World<'_>,
    ) -> Self {
        let answer = kubectl::run(world.cluster, world.workspace, words, input.clone());
        Self::Kubectl(Box::new(Kubectl {
            answer,
            seen: (0, 0),
            input,
        }))
    }

    /// Goes on as far as it can at this instant; the exit code once it has ended.
    pub(super) fn poll(&mut self, world: &mut World<'_>, out: &mut Printed) -> Option<i32> {
        loop {
            let next = match self {
                Self::Done(code) => return Some(*code),
                Self::Job(job) => return job.run(world, out),
                Self::Await(numbers) => {
                    let mut last = 0;
                    while let Some(number) = numbers.first() {
                        last = world.jobs.outcome(*number)?;
                        numbers.remove(0);
                    }
                    return Some(last);
                }
                Self::InFront(number) => {
                    let code = world.jobs.outcome(*number)?;
                    world.jobs.forget(*number);
                    return Some(code);
                }
                Self::Timeout(process, until) => {
                    let is_over = world.cluster.now() >= *until;
                    return process.poll(world, out).or(is_over.then_some(124));
                }
                Self::Sleep(until) => return (world.cluster.now() >= *until).then_some(0),
                Self::Kubectl(kubectl) => match kubectl.poll(world, out) {
                    Step::Waits => return None,
                    Step::Ends(code) => return Some(code),
                    Step::Becomes(next) => *next,
                },
                Self::Exec(process, spot) => {
                    let code = match process.poll(world, out) {
                        None if spot.runs(&world.cluster.api.store) => return None,
                        // Who is inside when the container ends, ends with it.
                        None => 137,
                        Some(code) => code,
                    };
                    if code != 0 {
                        out.error(&format!("command terminated with exit code {code}\n"));
                    }
                    return Some(code);
                }
                Self::Inner(inner) => match inner.poll(world, out) {
                    Step::Waits => return None,
                    Step::Ends(code) => return Some(code),
                    Step::Becomes(next) => *next,
                },
                Self::Watch(watch) => {
                    watch.poll(world, out);
                    return None;
                }
                Self::Listen(listen) => return listen.poll(world, out),
                Self::Then(first, code, text) => {
                    first.poll(world, out)?;
                    out.error(text);
                    return Some(*code);
                }
                Self::Follow(streams) => {
                    follow(streams, world.cluster, out);
                    return streams.is_empty().then_some(0);
                }
            };
            *self = next;
        }
    }

    /// When it does something by itself.
    pub(super) fn due(&self) -> Option<Time> {
        match self {
            Self::Sleep(until) => Some(*until),
            Self::Job(job) => job.due(),
            Self::Timeout(process, until) => {
                Some(process.due().map_or(*until, |it| it.min(*until)))
            }
            Self::Exec(process, _) | Self::Then(process, ..) => process.due(),
            Self::Inner(inner) => inner.job.as_ref()?.due(),
            Self::Kubectl(kubectl) => kubectl.answer.wait.as_ref()?.due(),
            // What is redrawn on a screen that nobody has looked at meanwhile needs no instant of its own.
            Self::Watch(watch) if watch.has_effects() => watch.next,
            Self::Watch(_)
            | Self::Done(_)
            | Self::Listen(_)
            | Self::Follow(..)
            | Self::Await(_)
            | Self::InFront(_) => None,
        }
    }

    /// What it has sent to the background since it was last asked, if it is a shell.
    pub(super) fn sent_off(&mut self) -> Vec<(Job, usize)> {
        match self {
            Self::Job(job) => std::mem::take(&mut job.sent_off),
            Self::Inner(inner) => std::mem::take(&mut inner.sent_off),
            _ => Vec::new(),
        }
    }

    /// Shows this process and those within it.
    pub(super) fn visit(&mut self, see: &mut dyn FnMut(&mut Self)) {
        see(self);
        match self {
            Self::Job(job) => job.visit(see),
            Self::Exec(process, _) | Self::Then(process, ..) | Self::Timeout(process, _) => {
                process.visit(see);
            }
            _ => {}
        }
    }
}

enum Step {
    Waits,
    Ends(i32),
    Becomes(Box<Process>),
}

impl Kubectl {
    fn poll(&mut self, world: &mut World<'_>, out: &mut Printed) -> Step {
        if let Some(wait) = &mut self.answer.wait
            && wait.poll(world.cluster, &mut self.answer.output)
        {
            self.answer.wait = None;
        }
        let output = &self.answer.output;
        for (stdout, stderr) in &output.turns {
            if *stderr > self.seen.1 {
                out.out(output.stdout.get(self.seen.0..*stdout).unwrap_or_default());
                out.error(output.stderr.get(self.seen.1..*stderr).unwrap_or_default());
                self.seen = (*stdout, *stderr);
            }
        }
        let stdout = output.stdout.get(self.seen.0..).unwrap_or_default();
        let stderr = output.stderr.get(self.seen.1..).unwrap_or_default();
        // kubectl warns before it reports, and says what failed at the end.
        let warns = |it: &&str| it.starts_with("Warning: ") || it.starts_with("Defaulted ");
        let split = stderr
            .split_inclusive('\n')
            .take_while(warns)
            .map(str::len)
            .sum();
        let (warnings, faults) = stderr.split_at(split);
        out.error(warnings);
        out.out(stdout);
        out.error(faults);
        if !stderr.is_empty() {
            world.hints.extend(hint(stderr, world.workspace));
        }
        self.seen = (output.stdout.len(), output.stderr.len());
        if self.answer.wait.is_some() {
            return Step::Waits;
        }
        match self.answer.next.take() {
            None => Step::Ends(output.exit),
            Some(next) => match go_on(next, self.input.take(), world, out) {
                Ok(process) => Step::Becomes(Box::new(process)),
                Err(text) => {
                    out.error(&text);
                    Step::Ends(1)
                }
            },
        }
    }
}

/// Prints what containers have printed meanwhile, in the order of time, and lets those go that have ended.
fn follow(streams: &mut Vec<Stream>, cluster: &Cluster, out: &mut Printed) {
    let mut fresh = Vec::new();
    for stream in streams.iter_mut() {
        let lines = cluster.printed(&stream.spot, stream.restarts);
        for (time, line) in lines.iter().skip(stream.seen) {
            fresh.push((*time, stream.write(*time, line)));
        }
        stream.seen = lines.len();
    }
    sorted::sort_by_key(&mut fresh, |(time, _)| *time);
    for (_, line) in &fresh {
        out.out(line);
    }
    streams.retain(|stream| {
        let status = stream.spot.status(&cluster.api.store);
        let runs = |it: &ContainerStatus| {
            it.restart_count == stream.restarts && it.state.running.is_some()
        };
        status.is_some_and(runs) && !stream.is_full()
    });
}

/// What there is to say of why kubectl refuses.
fn hint(stderr: &str, workspace: &Workspace) -> Option<Hint> {
    if stderr.contains("the path \"") && stderr.contains("does not exist") {
        return Some(Hint::Files(workspace.files.keys().cloned().collect()));
    }
    stderr
        .contains("error converting YAML to JSON")
        .then_some(Hint::Syntax)
}

/// What kubectl says of `-t` where nobody types.
const NO_TTY: &str = "Unable to use a TTY - input is not a terminal or the right kind of file\n";

/// Does what kubectl goes on with.
fn go_on(
    next: Next,
    piped: Option<String>,
    world: &mut World<'_>,
    out: &mut Printed,
) -> Result<Process, String> {
    Ok(match next {
        Next::Exec {
            spot,
            words,
            input,
            terminal,
        } => {
            let is_piped = input && terminal && piped.is_some();
            if is_piped {
                out.error(NO_TTY);
            }
            let streams = (input, terminal && !is_piped);
            exec(spot, &words, streams, piped, world)?
        }
        Next::Attach { spot, hints, after } => {
            if spot.runs(&world.cluster.api.store) {
                out.error(hints);
            }
            attach(spot, after, piped, world, out)
        }
        Next::Proxy(port) => Process::Listen(Listen::proxy(port, world, out)?),
        Next::Forward { pod, uid, ports } => {
            Process::Listen(Listen::forward(pod, uid, &ports, world, out)?)
        }
        Next::Follow(streams) => Process::Follow(streams),
        Next::Edit { file, text } => {
            world.workspace.files.insert(file.clone(), text);
            world.workspace.opened.push(file);
            Process::Done(0)
        }
    })
}

/// The name of a shell, if a program is one.
pub(super) fn shell_name(program: &str) -> Option<&'static str> {
    match program.rsplit('/').next() {
        Some("bash") => Some("bash"),
        Some("sh" | "ash" | "dash") => Some("sh"),
        _ => None,
    }
}

/// Runs a program in a container.
fn exec(
    spot: Spot,
    words: &[String],
    (input, terminal): (bool, bool),
    piped: Option<String>,
    world: &mut World<'_>,
) -> Result<Process, String> {
    let Some((program, rest)) = words.split_first() else {
        return Ok(Process::Done(0));
    };
    if !inside::is_there(program, spot.image(&world.cluster.api.store)) {
        let why = if program.starts_with('/') {
            format!("stat {program}: no such file or directory")
        } else {
            "executable file not found in $PATH".to_owned()
        };
        let id = fnv1a_64(format!("{}{program}", spot.uid).as_bytes());
        return Err(format!(
            "error: Internal error occurred: error executing command in container: failed to exec in container: failed \
             to start exec \"{id:016x}\": OCI runtime exec failed: exec failed: unable to start container process: \
             exec: {program:?}: {why}: unknown\n"
        ));
    }
    // Without `-i` there is nothing to read.
    let piped = if input { piped } else { Some(String::new()) };
    let is_plain = rest.iter().all(|it| it == "-i" || it == "-l");
    if let (Some(name), true, true, None) = (shell_name(program), is_plain, input, &piped) {
        let mut inner = Inner::new(spot, name, None, world);
        (inner.is_tty, inner.shell.terminal) = (terminal, terminal);
        return Ok(Process::Inner(Box::new(inner)));
    }
    let mut shell = Shell::inside(world, spot.clone(), shell_name(program).unwrap_or("bash"));
    shell.terminal = terminal;
    let job = match (shell_name(program), rest, &piped) {
        // The input is the script, and nothing of it is left to read.
        (Some(_), [], Some(script)) => Job::of_text(script, shell)?,
        _ => {
            let mut job = Job::of_words(words, shell);
            job.stdin = piped;
            job
        }
    };
    Ok(Process::Exec(Box::new(Process::Job(Box::new(job))), spot))
}

/// Talks to the program that a container was made with.
fn attach(
    spot: Spot,
    after: After,
    piped: Option<String>,
    world: &mut World<'_>,
    out: &mut Printed,
) -> Process {
    let store = &world.cluster.api.store;
    let spec = spot.spec(store).map(|(_, it)| it.clone());
    let Some(container) = spec.filter(|_| spot.runs(store)) else {
        return if after == After::Deletes {
            delete(&spot, world)
        } else {
            Process::Done(1)
        };
    };
    let words: Vec<String> = container
        .command
        .iter()
        .chain(&container.args)
        .map(ToString::to_string)
        .collect();
    let name = match words.first() {
        None if image::app(&container) == image::App::Nothing => Some("sh"),
        Some(program) if words.len() == 1 => shell_name(program),
        _ => None,
    };
    let mut inner = Inner::new(spot.clone(), name.unwrap_or("sh"), Some(after), world);
    inner.is_tty = container.tty && piped.is_none();
    inner.shell.terminal = inner.is_tty;
    if container.tty && !inner.is_tty {
        out.error(NO_TTY);
    }
    let piped = piped.filter(|_| container.stdin);
    let shell = Shell {
        terminal: container.tty,
        ..inner.shell.clone()
    };
    if let (Some(_), Some(script)) = (name, &piped) {
        inner.is_program = true;
        inner.job = Job::of_text(script, shell)
            .map_err(|error| out.error(&error))
            .ok();
        inner.ended = inner.job.is_none().then_some(2);
    } else if name.is_none() && !words.is_empty() {
        // What the program prints is what its words would print in a shell.
        let mut job = Job::of_words(&words, shell);
        job.stdin = piped;
        inner.job = Some(job);
        inner.is_program = true;
    } else if name.is_none() {
        inner.is_program = true;
        out.error("(Ordinal: what this program prints is not simulated; Ctrl+C leaves it)\n");
    }
    Process::Inner(Box::new(inner))
}

/// `kubectl delete` of the pod that a terminal was opened in.
fn delete(spot: &Spot, world: &mut World<'_>) -> Process {
    let words = ["delete", "pod", &spot.pod, "-n", &spot.namespace];
    Process::kubectl(
        words.iter().map(|it| (*it).to_owned()).collect(),
        None,
        world,
    )
}

impl Inner {
    fn new(spot: Spot, name: &'static str, main: Option<After>, world: &World<'_>) -> Self {
        let mut shell = Shell::inside(world, spot.clone(), name);
        shell.terminal = true;
        Self {
            shell,
            outer: Vec::new(),
            spot,
            job: None,
            ended: None,
            main,
            is_tty: false,
            is_program: false,
            told: false,
            pending: String::new(),
            sent_off: Vec::new(),
        }
    }

    /// What stands before what is typed.
    pub(super) fn prompt(&self, cluster: &Cluster) -> String {
        if !self.is_tty {
            // A shell asks for nothing where nobody sees it.
            String::new()
        } else if self.pending.is_empty() {
            self.shell.prompt(cluster)
        } else {
            "> ".to_owned()
        }
    }

    /// Whether it waits for a line.
    pub(super) fn is_free(&self) -> bool {
        self.job.is_none() && !self.is_program && self.ended.is_none()
    }

    /// Takes a line that was typed; what is wrong with it is said.
    pub(super) fn feed(&mut self, line: &str) -> Result<(), String> {
        let text = format!("{}{line}", std::mem::take(&mut self.pending));
        match syntax::parse(&text) {
            Ok(node) => self.job = Some(Job::new(node, self.shell.clone())),
            Err(SyntaxError::Unfinished) => self.pending = format!("{text}\n"),
            Err(error) => {
                self.shell.status = 2;
                return Err(format!("{}: {error}\n", self.shell.name));
            }
        }
        Ok(())
    }

    /// Ctrl+C: the program that runs in it ends; whether there was one.
    pub(super) fn interrupt(&mut self) -> bool {
        self.shell.status = 130;
        self.pending.clear();
        if self.is_program {
            self.ended = Some(130);
        }
        self.job.take().is_some() || self.is_program
    }

    /// Goes on with the shell that a line has left, the one that was opened in it, or the one around it.
    fn go_on(&mut self, job: Job, code: i32, out: &mut Printed) {
        let opened = job.shell.opens && self.outer.len() < usize::from(SHELLS_MAX);
        let before = std::mem::replace(&mut self.shell, job.shell);
        self.shell.opens = false;
        if opened {
            self.outer.push(before);
        }
        if job.exited {
            // bash says so; busybox's shell and dash do not.
            if self.shell.name == "bash" && self.is_tty {
                out.out("exit\n");
            }
            match self.outer.pop() {
                Some(outer) => self.shell = outer,
                None => self.ended = Some(code),
            }
        }
        if self.is_program {
            self.ended = Some(code);
        }
        self.shell.status = code;
    }

    /// What kubectl says once a terminal has parted from a container (`reattachMessage`).
    fn part(&self, out: &mut Printed) {
        if self.is_tty {
            out.out(&format!(
                "Session ended, resume using 'kubectl attach {} -c {} -n {} -i -t' command\n",
                self.spot.pod, self.spot.container, self.spot.namespace
            ));
        }
    }

    fn poll(&mut self, world: &mut World<'_>, out: &mut Printed) -> Step {
        if let Some(job) = &mut self.job {
            let ended = job.run(world, out);
            self.sent_off.append(&mut job.sent_off);
            if let (Some(code), Some(job)) = (ended, self.job.take_if(|_| ended.is_some())) {
                self.go_on(job, code, out);
            }
        }
        let runs = self.spot.runs(&world.cluster.api.store);
        let code = match self.ended {
            Some(code) => code,
            None if runs => return Step::Waits,
            None => 137,
        };
        match self.main {
            None => {
                if code != 0 {
                    out.error(&format!("command terminated with exit code {code}\n"));
                }
                Step::Ends(code)
            }
            Some(_) if runs => {
                // The kubelet has to see that its program has ended.
                if !std::mem::replace(&mut self.told, true) {
                    self.part(out);
                    let key = self.spot.key();
                    world.cluster.end_program(&key, &self.spot.container, code);
                }
                Step::Waits
            }
            Some(after) => {
                if !std::mem::replace(&mut self.told, true) {
                    self.part(out);
                }
                let policy = self.spot.find(&world.cluster.api.store);
                let policy = policy.map(|it| it.spec.restart_policy.clone());
                let fails =
                    code != 0 && after != After::Nothing && policy.as_deref() != Some("Always");
                let Spot { namespace, pod, .. } = &self.spot;
                let text = format!("pod {namespace}/{pod} terminated (Error)\n");
                if after == After::Deletes {
                    let delete = delete(&self.spot, world);
                    return Step::Becomes(Box::new(if fails {
                        Process::Then(Box::new(delete), code, text)
                    } else {
                        delete
                    }));
                }
                if fails {
                    out.error(&text);
                }
                Step::Ends(code)
            }
        }
    }
}
