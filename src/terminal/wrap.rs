//! Programs that run another program: xargs and timeout.

use super::builtin::SLEEP_MAX_MS;
use super::job::{Job, World};
use super::out::Printed;
use super::process::Process;
use super::shell::Shell;
use crate::cluster::inside::sleep_ms;

/// `xargs`: a command with the words of the input behind its own.
pub(super) fn xargs(
    words: Vec<String>,
    input: &str,
    shell: &Shell,
    printed: &mut Printed,
) -> Process {
    let mut words = words.as_slice();
    let (mut each, mut at_most, mut skips) = (None, usize::MAX, false);
    while let Some((flag, rest)) = words.split_first().filter(|(it, _)| it.starts_with('-')) {
        words = rest;
        let (name, mut value) = flag.split_at(flag.len().min(2));
        if matches!(name, "-n" | "-I" | "-L")
            && value.is_empty()
            && let Some((next, rest)) = words.split_first()
        {
            (value, words) = (next, rest);
        }
        match (name, value.parse::<usize>()) {
            ("-r", _) => skips = true,
            ("-t" | "--", _) => {}
            ("-n" | "-L", Ok(count)) if count > 0 => at_most = count,
            ("-I", _) if !value.is_empty() => each = Some(value),
            _ => {
                printed.error(&format!(
                    "xargs: this terminal's xargs does not know the flag {flag}\n"
                ));
                return Process::Done(1);
            }
        }
    }
    let echo = ["echo".to_owned()];
    let words = if words.is_empty() { &echo } else { words };
    let lines: Vec<Vec<String>> = match each {
        Some(mark) => {
            let filled = |line: &str| words.iter().map(|it| it.replace(mark, line)).collect();
            let lines = input.lines().map(str::trim).filter(|it| !it.is_empty());
            lines.map(filled).collect()
        }
        None => {
            let more: Vec<&str> = input.split_whitespace().collect();
            let with = |more: &[&str]| {
                let more = more.iter().map(|it| (*it).to_owned());
                words.iter().cloned().chain(more).collect()
            };
            match more.is_empty() {
                true if skips => Vec::new(),
                true => vec![with(&[])],
                false => more.chunks(at_most).map(with).collect(),
            }
        }
    };
    let mut inner = shell.clone();
    inner.terminal = false;
    Process::Job(Box::new(Job::of_lines(&lines, inner)))
}

/// `timeout`: a command that is ended after a while.
pub(super) fn timeout(
    words: &[String],
    shell: &Shell,
    world: &World<'_>,
    printed: &mut Printed,
) -> Process {
    let long = words.split_first();
    let ms = long.and_then(|(text, _)| sleep_ms(text));
    match (long, ms.filter(|it| *it >= 0)) {
        (Some((_, rest)), Some(ms)) if !rest.is_empty() => {
            let job = Job::of_words(rest, shell.clone());
            let until = world.cluster.now().plus_ms(ms.min(SLEEP_MAX_MS));
            Process::Timeout(Box::new(Process::Job(Box::new(job))), until)
        }
        (Some((flag, _)), None) if flag.starts_with('-') => {
            printed.error(&format!(
                "timeout: this terminal's timeout does not know the flag {flag}\n"
            ));
            Process::Done(125)
        }
        (Some((text, [_, ..])), None) => {
            printed.error(&format!("timeout: invalid time interval '{text}'\nTry 'timeout --help' for more information.\n"));
            Process::Done(125)
        }
        _ => {
            printed.error("timeout: missing operand\nTry 'timeout --help' for more information.\n");
            Process::Done(125)
        }
    }
}
