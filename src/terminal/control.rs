//! Job control: what a terminal knows of its background jobs, and `jobs`, `fg`, `bg`, `kill`, `wait` and `disown`
//! over it, in bash's words.

use super::job::World;
use super::out::Printed;
use super::process::Process;
use super::shell::{Place, Shell};
use crate::cluster::inside::{Spot, image};

/// The process number of the first job.
const FIRST_PID: usize = 4000;

/// What bash gives a state's name in a row, in letters.
const STATE_WIDTH: usize = 24;

/// How a background job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Runs,
    /// It has the terminal.
    InFront,
    Ended(i32),
    Killed,
}

/// A background job.
#[derive(Clone, Debug)]
struct Row {
    /// Its `%n`.
    id: usize,
    /// What the desk knows it by.
    number: usize,
    command: String,
    state: State,
    /// The shell that it was sent off from.
    place: Place,
}

/// The background jobs of a terminal.
#[derive(Clone, Debug, Default)]
pub(super) struct Jobs(Vec<Row>);

/// The process number of a job.
pub(super) fn pid(number: usize) -> usize {
    FIRST_PID + number
}

impl Jobs {
    /// Notes a job that begins; its `%n`.
    pub(super) fn add(&mut self, number: usize, command: String, place: Place) -> usize {
        let own = self.0.iter().filter(|it| it.place == place);
        let id = own.map(|it| it.id).max().unwrap_or(0) + 1;
        self.0.push(Row {
            id,
            number,
            command,
            state: State::Runs,
            place,
        });
        id
    }

    /// Notes that a job has ended.
    pub(super) fn end(&mut self, number: usize, code: i32) {
        for row in self.0.iter_mut().filter(|it| it.number == number) {
            if row.state != State::Killed {
                row.state = State::Ended(code);
            }
        }
    }

    /// Notes that a job was stopped from outside.
    pub(super) fn kill(&mut self, number: usize) {
        for row in self.0.iter_mut().filter(|it| it.number == number) {
            row.state = State::Killed;
        }
    }

    /// Whether a job was stopped from outside.
    pub(super) fn is_killed(&self, number: usize) -> bool {
        self.0
            .iter()
            .any(|it| it.number == number && it.state == State::Killed)
    }

    /// Whether a job was brought to the front.
    pub(super) fn is_in_front(&self, number: usize) -> bool {
        self.0
            .iter()
            .any(|it| it.number == number && it.state == State::InFront)
    }

    /// What a job has come to; `None` while it runs.
    pub(super) fn outcome(&self, number: usize) -> Option<i32> {
        let row = self.0.iter().find(|it| it.number == number);
        match row.map(|it| it.state) {
            Some(State::Runs | State::InFront) => None,
            Some(State::Ended(code)) => Some(code),
            Some(State::Killed) => Some(143),
            None => Some(127),
        }
    }

    /// Forgets a job that nothing is to be told of any more.
    pub(super) fn forget(&mut self, number: usize) {
        self.0.retain(|it| it.number != number);
    }

    /// What has ended in a shell since it was last told, as bash says it before the next prompt.
    pub(super) fn news(&mut self, place: &Place) -> String {
        let is_over = |it: &Row| matches!(it.state, State::Ended(_) | State::Killed);
        let text = self.table(place, &is_over);
        self.0.retain(|it| !(is_over(it) && it.place == *place));
        text
    }

    /// The rows of a shell.
    fn table(&self, place: &Place, shown: &dyn Fn(&Row) -> bool) -> String {
        let own: Vec<&Row> = self.0.iter().filter(|it| it.place == *place).collect();
        let mut out = String::new();
        for (at, row) in own.iter().enumerate().filter(|(_, it)| shown(it)) {
            let mark = match own.len() - at {
                1 => '+',
                2 => '-',
                _ => ' ',
            };
            let (state, tail) = match row.state {
                State::Runs | State::InFront => ("Running".to_owned(), " &"),
                State::Ended(0) => ("Done".to_owned(), ""),
                State::Ended(code) => (format!("Exit {code}"), ""),
                State::Killed => ("Terminated".to_owned(), ""),
            };
            out.push_str(&format!(
                "[{}]{mark}  {state:STATE_WIDTH$}{}{tail}\n",
                row.id, row.command
            ));
        }
        out
    }

    /// The job that a word names: `%1`, `%+`, a process number; the last one without a word.
    fn find(&self, word: Option<&str>, place: &Place) -> Option<&Row> {
        let mut own = self.0.iter().filter(|it| it.place == *place);
        match word.map(|it| (it, it.strip_prefix('%'))) {
            None | Some((_, Some("" | "+" | "%"))) => own.next_back(),
            Some((_, Some("-"))) => own.rev().nth(1),
            Some((_, Some(id))) => match id.parse::<usize>() {
                Ok(id) => own.find(|it| it.id == id),
                Err(_) => own.find(|it| it.command.starts_with(id)),
            },
            Some((number, None)) => {
                let number: usize = number.parse().ok()?;
                own.find(|it| pid(it.number) == number)
            }
        }
    }
}

/// Runs a command of job control; `None` if it is none.
pub(super) fn start(
    name: &str,
    words: &[String],
    shell: &Shell,
    world: &mut World<'_>,
    printed: &mut Printed,
) -> Option<Process> {
    let operands: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|it| !it.starts_with('-'))
        .collect();
    let place = &shell.place;
    Some(Process::Done(match name {
        "jobs" => {
            printed.out(&world.jobs.table(place, &|_| true));
            world.jobs.news(place);
            0
        }
        "kill" => kill(words, shell, world, printed),
        "fg" | "bg" => match world.jobs.find(operands.first().copied(), place) {
            Some(row) if name == "fg" => {
                printed.out(&format!("{}\n", row.command));
                let number = row.number;
                let rows = world.jobs.0.iter_mut();
                let running = |it: &&mut Row| it.number == number && it.state == State::Runs;
                for row in rows.filter(running) {
                    row.state = State::InFront;
                }
                return Some(Process::InFront(number));
            }
            Some(row) => {
                let text = format!("{}: bg: job {} already in background\n", shell.name, row.id);
                printed.error(&text);
                0
            }
            None => {
                let word = operands.first().copied().unwrap_or("current");
                printed.error(&format!("{}: {name}: {word}: no such job\n", shell.name));
                1
            }
        },
        "wait" => {
            let own = world.jobs.0.iter().filter(|it| it.place == *place);
            let mut numbers: Vec<usize> = own.map(|it| it.number).collect();
            if !operands.is_empty() {
                numbers.clear();
            }
            for word in operands {
                let Some(row) = world.jobs.find(Some(word), place) else {
                    printed.error(&match word.starts_with('%') {
                        true => format!("{}: wait: {word}: no such job\n", shell.name),
                        false => format!(
                            "{}: wait: pid {word} is not a child of this shell\n",
                            shell.name
                        ),
                    });
                    return Some(Process::Done(127));
                };
                numbers.push(row.number);
            }
            return Some(Process::Await(numbers));
        }
        "disown" => {
            let row = world.jobs.find(operands.first().copied(), place);
            if let Some(number) = row.map(|it| it.number) {
                world.jobs.forget(number);
            }
            0
        }
        _ => return None,
    }))
}

fn kill(words: &[String], shell: &Shell, world: &mut World<'_>, printed: &mut Printed) -> i32 {
    let mut words = words.iter().map(String::as_str).peekable();
    let mut signal = "TERM";
    while let Some(flag) = words.next_if(|it| it.starts_with('-') && it.len() > 1) {
        signal = match flag {
            "-s" | "-n" => words.next().unwrap_or_default(),
            "--" => break,
            flag => flag.trim_start_matches('-'),
        };
    }
    if words.peek().is_none() {
        printed.error(&format!(
            "{0}: kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n",
            shell.name
        ));
        return 2;
    }
    let mut code = 0;
    for word in words {
        let found = world
            .jobs
            .find(Some(word), &shell.place)
            .map(|it| it.number);
        match (&shell.place, found) {
            (_, Some(number)) => {
                world.jobs.kill(number);
                world.listeners.retain(|it| it.job != number);
            }
            (Place::Inside(spot), None) if word == "1" => {
                end_main_program(&spot.clone(), signal, world, printed);
            }
            (_, None) => {
                code = 1;
                let is_small = shell.name == "sh" && shell.place != Place::Host;
                printed.error(&match word.parse::<i64>() {
                    Ok(_) if shell.is_dash(world) => "sh: 1: kill: No such process\n".to_owned(),
                    Ok(_) if is_small => format!("sh: can't kill pid {word}: No such process\n"),
                    Ok(_) => format!("{}: kill: ({word}) - No such process\n", shell.name),
                    Err(_) if word.starts_with('%') => {
                        format!("{}: kill: {word}: no such job\n", shell.name)
                    }
                    Err(_) => format!(
                        "{}: kill: {word}: arguments must be process or job IDs\n",
                        shell.name
                    ),
                });
            }
        }
    }
    code
}

/// A signal to the first process of a container: the kernel gives it only those that its program handles, and no KILL.
fn end_main_program(spot: &Spot, signal: &str, world: &mut World<'_>, printed: &mut Printed) {
    let store = &world.cluster.api.store;
    let Some((_, container)) = spot.spec(store) else {
        return;
    };
    let asks_to_end = ["TERM", "INT", "QUIT", "15", "2", "3"]
        .contains(&signal.strip_prefix("SIG").unwrap_or(signal));
    match image::app(container) {
        image::App::Nginx(_) if asks_to_end => {
            world.cluster.end_program(&spot.key(), &spot.container, 0);
        }
        image::App::Mute | image::App::Unknown if asks_to_end => printed
            .error("(Ordinal: what this program does on a signal is not simulated; it runs on)\n"),
        _ => {}
    }
}
