//! What was done, for a real cluster: a shell script, and single lines as a person would type them.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::manifest;
use crate::terminal::{self, BY_HAND, Entry};
use crate::timeline::{Done, What};

/// A line as it is shown: what kubectl has no command for is what one would do on the machine itself.
pub(super) fn shown(line: &str) -> Cow<'_, str> {
    let mut words = line.split(' ');
    match (words.next(), words.next()) {
        (Some("@silence"), Some(node)) => format!("ssh {node} sudo systemctl stop kubelet").into(),
        (Some("@revive"), Some(node)) => format!("ssh {node} sudo systemctl start kubelet").into(),
        _ => line.into(),
    }
}

/// A word of a command line, quoted if it must be.
pub(super) fn word(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=@,+".contains(letter);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// What only bash reads, as people write it.
const BASHISMS: &[&str] = &["[[", "((", "<<<", "<(", "&>", "|&", "$'", "..", "source "];
/// What only the server writes: an object that is sent to another cluster has none of it.
const OF_SERVER: &[&str] = &[
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "ownerReferences",
    "resourceVersion",
    "uid",
];

/// How the script begins.
fn head(shell: &str) -> String {
    format!(
        "#!/bin/{shell}\n# What was done in Ordinal, for a real cluster with the namespace default.\n"
    )
}

/// The script as long as nothing was done. It reads no command, so it needs none of what reads one.
pub(super) fn nothing_done() -> String {
    head("sh")
}

/// A shell script that does on a real cluster what was done here, with the pauses between.
///
/// What had not ended when something else was done runs in the background, and what Ctrl+C has ended is killed.
pub(super) fn script(done: &[Done], entries: &[Entry]) -> String {
    let is_bash = |it: &Entry| !it.inside && BASHISMS.iter().any(|mark| it.command.contains(mark));
    let shell = if entries.iter().any(is_bash) {
        "bash"
    } else {
        "sh"
    };
    let mut writer = Writer {
        out: head(shell),
        done,
        entries,
        now_s: 0,
        jobs: Vec::new(),
        opened: Vec::new(),
        typed: Vec::new(),
    };
    for (at, it) in done.iter().enumerate() {
        writer.write(at, it);
    }
    writer.end();
    writer.out
}

/// A command that was sent to the background.
struct InBackground {
    /// The command, as an entry.
    command: usize,
    /// Whether it is a group of commands, which ends only with those in it.
    is_group: bool,
    /// Whether nothing is to be done about it any more.
    is_over: bool,
}

struct Writer<'a> {
    out: String,
    done: &'a [Done],
    entries: &'a [Entry],
    /// How far the script is, in seconds.
    now_s: i64,
    jobs: Vec<InBackground>,
    /// The files that `kubectl edit` has made.
    opened: Vec<&'a str>,
    /// Jobs that were typed with `&`: the terminal, and how the shell there calls them.
    typed: Vec<(u8, &'a str)>,
}

impl Writer<'_> {
    fn write(&mut self, at: usize, done: &Done) {
        match &done.what {
            What::File { name, text } => {
                self.out.push_str(&pause(&mut self.now_s, done.at_s));
                let text = match self.opened.contains(&name.as_str()) {
                    true => for_another_cluster(text),
                    false => text.clone(),
                };
                if let Some((folder, _)) = name.rsplit_once('/') {
                    _ = writeln!(self.out, "mkdir -p {}", word(folder));
                }
                self.out
                    .push_str(&here(&format!("cat > {}", word(name)), &text));
            }
            What::Begins(command) => self.begin(at, done.at_s, *command),
            What::Ends(command) => {
                for job in &mut self.jobs {
                    // Who is done by hand is not waited for.
                    let by_hand = self
                        .entries
                        .get(*command)
                        .is_some_and(|it| it.terminal == BY_HAND);
                    job.is_over |= job.command == *command && by_hand;
                }
            }
            What::Interrupted(command) => {
                let number = self.jobs.iter().position(|it| it.command == *command);
                if let Some(number) = number {
                    self.out.push_str(&pause(&mut self.now_s, done.at_s));
                    let Some(job) = self.jobs.get_mut(number) else {
                        return;
                    };
                    job.is_over = true;
                    if job.is_group {
                        _ = writeln!(self.out, "pkill -P $job_{number}");
                    }
                    _ = writeln!(self.out, "kill $job_{number}");
                }
            }
            What::Told { .. } | What::Opened(..) => {}
        }
    }

    fn begin(&mut self, at: usize, at_s: i64, command: usize) {
        let (done, entries) = (self.done, self.entries);
        let Some(entry) = entries.get(command) else {
            return;
        };
        self.wait_for(entry.terminal, at_s);
        self.out.push_str(&pause(&mut self.now_s, at_s));
        let after = done.get(at + 1..).unwrap_or_default();
        let opened = after.iter().find_map(|it| match &it.what {
            What::Opened(of, file) if *of == command => Some(file.as_str()),
            _ => None,
        });
        self.opened.extend(opened);
        let mut line = line(entry, opened);
        for (terminal, number) in self.typed.iter().filter(|it| it.0 == entry.terminal) {
            line = line.replace(
                &format!("%{number}"),
                &format!("$typed_{terminal}_{number}"),
            );
        }
        let end = after.iter().position(|it| it.what == What::Ends(command));
        let until = after.get(..end.unwrap_or(after.len())).unwrap_or_default();
        let is_own = |it: &What| match it {
            What::Told { command: of, .. } | What::Opened(of, _) => *of == command,
            What::Ends(_) => true,
            What::Interrupted(of) => entries.get(*of).is_some_and(|it| it.inside),
            What::File { .. } | What::Begins(_) => false,
        };
        let is_told =
            |it: &Done| matches!(it.what, What::Told { command: of, .. } if of == command);
        let feed = after.iter().any(is_told);
        if feed {
            let last_s = match end {
                Some(end) => after.get(end).map(|it| it.at_s),
                None => done.last().map(|it| it.at_s),
            };
            let text = self.feed(command, at_s, after, last_s.unwrap_or(at_s));
            _ = write!(self.out, "{{\n{text}}} | ");
        }
        if line.starts_with('#') || (end.is_some() && until.iter().all(|it| is_own(&it.what))) {
            _ = writeln!(self.out, "{line}");
            if let Some(end) = end.and_then(|it| after.get(it)) {
                self.now_s = self.now_s.max(end.at_s);
            }
            // The jobs of the script have numbers of their own.
            if let Some(number) = sent_off(entry) {
                let terminal = entry.terminal;
                self.typed.push((terminal, number));
                _ = writeln!(self.out, "typed_{terminal}_{number}=$!");
            }
            return;
        }
        let is_group = line.contains(['#', ';', '&', '\n']) || line.contains("<<");
        let number = self.jobs.len();
        self.jobs.push(InBackground {
            command,
            is_group,
            is_over: false,
        });
        if is_group {
            _ = writeln!(self.out, "{{\n{line}\n}} &");
        } else {
            _ = writeln!(self.out, "{line} &");
        }
        _ = writeln!(self.out, "job_{number}=$!");
    }

    /// What a terminal ran before has ended when it begins something.
    fn wait_for(&mut self, terminal: u8, at_s: i64) {
        let entries = self.entries;
        let is_of = |it: &InBackground| {
            entries
                .get(it.command)
                .is_some_and(|it| it.terminal == terminal)
        };
        if terminal == BY_HAND {
            return;
        }
        for (number, job) in self.jobs.iter_mut().enumerate() {
            if is_of(job) && !job.is_over {
                job.is_over = true;
                _ = writeln!(self.out, "wait $job_{number}");
                self.now_s = at_s;
            }
        }
    }

    /// What was typed into the program that a command runs, in its time, up to the end of that program.
    fn feed(&self, command: usize, begun_s: i64, after: &[Done], end_s: i64) -> String {
        let mut out = String::new();
        let (mut lines, mut now_s) = (String::new(), begun_s);
        let give = |out: &mut String, lines: &mut String| {
            if !lines.is_empty() {
                out.push_str(&here("cat", lines));
            }
            lines.clear();
        };
        let mut last = None;
        for Done { at_s, what } in after {
            let interrupts = matches!(what, What::Interrupted(it) if last == Some(*it));
            let text = match what {
                What::Told { command: of, line } if *of == command => {
                    let entry = self.entries.get(*line);
                    last = Some(*line);
                    entry.map_or_else(String::new, |entry| {
                        let is_ended = after.iter().any(|it| it.what == What::Interrupted(*line));
                        told(entry, is_ended)
                    })
                }
                What::Interrupted(_) if interrupts => "kill $!".to_owned(),
                _ => continue,
            };
            if *at_s > now_s {
                give(&mut out, &mut lines);
                out.push_str(&pause(&mut now_s, *at_s));
            }
            lines.push_str(&text);
            lines.push('\n');
        }
        give(&mut out, &mut lines);
        out.push_str(&pause(&mut now_s, end_s));
        out
    }

    /// What still runs goes on, as it does on the page.
    fn end(&mut self) {
        let running = self.jobs.iter().enumerate().filter(|(_, it)| !it.is_over);
        let names: Vec<String> = running.map(|(at, _)| format!("$job_{at}")).collect();
        if !names.is_empty() {
            let names = names.join(" ");
            _ = write!(
                self.out,
                "# This had not ended; Ctrl+C ends it.\ntrap 'kill {names}' INT\nwait {names}\n"
            );
        }
    }
}

/// The number of the job that a line has sent to the background, as the shell has told it.
fn sent_off(entry: &Entry) -> Option<&str> {
    let said = entry.printed.chunks.iter().map(|it| &*it.text);
    said.flat_map(str::lines).find_map(|line| {
        let (number, pid) = line.strip_prefix('[')?.split_once("] ")?;
        let is_number = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
        (is_number(number) && is_number(pid)).then_some(number)
    })
}

/// A pause up to a second of the run.
fn pause(now_s: &mut i64, at_s: i64) -> String {
    let by_s = at_s - *now_s;
    if by_s <= 0 {
        return String::new();
    }
    *now_s = at_s;
    format!("sleep {by_s}\n")
}

/// A command that reads a text.
fn here(command: &str, text: &str) -> String {
    let end = end_mark(text);
    let line_end = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    format!("{command} <<'{end}'\n{text}{line_end}{end}\n")
}

/// A line for the script; as a comment where it is nothing that a shell can do.
fn line(entry: &Entry, opened: Option<&str>) -> String {
    let line = shown(&entry.command);
    let words: Vec<&str> = line.split_whitespace().collect();
    // A shell that is left here stays open.
    let leaves = matches!(words[..], ["exit" | "logout"] | ["exit" | "logout", _]);
    if leaves || line.starts_with('@') || !terminal::reads(&line) {
        return format!("# {}", line.replace('\n', "\n# "));
    }
    let Some(edit) = line.find(" edit ") else {
        return line.into_owned();
    };
    let Some(file) = opened else {
        // It was refused, and opens no editor there either.
        return format!("export KUBE_EDITOR=true\n{line}");
    };
    // The file that was then changed and applied.
    let (before, object) = (line.get(..edit), line.get(edit + " edit ".len()..));
    let (before, object) = (before.unwrap_or_default(), object.unwrap_or_default());
    let end = object
        .find([';', '&', '|', ')', '\n', '#'])
        .unwrap_or(object.len());
    let (object, rest) = object.split_at(end);
    let (object, file) = (object.trim_end(), word(file));
    format!("{before} get {object} -o yaml > {file}{rest}")
}

/// A line for a shell in a container.
fn told(entry: &Entry, is_ended: bool) -> String {
    let line = &entry.command;
    if entry.stderr().contains("syntax error") {
        format!("# {line}")
    } else if is_ended {
        format!("{line} &")
    } else {
        line.clone()
    }
}

/// An object that was opened here, as another cluster can take it.
fn for_another_cluster(text: &str) -> String {
    let Ok([document]) = <[_; 1]>::try_from(manifest::read(text).documents) else {
        return text.to_owned();
    };
    let mut value = document.value;
    let Some(map) = value.as_map_mut() else {
        return text.to_owned();
    };
    map.remove("status");
    if let Some(meta) = map.get_mut("metadata").and_then(|it| it.as_map_mut()) {
        for field in OF_SERVER {
            meta.remove(*field);
        }
    }
    manifest::write::yaml(&value)
}

/// A word that no line of a text is.
fn end_mark(text: &str) -> String {
    let mut mark = "EOF".to_owned();
    while text.lines().any(|line| line == mark) {
        mark.push('_');
    }
    mark
}
