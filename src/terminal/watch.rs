//! `watch`: a line that is run again and again, on a screen that is wiped each time.

use super::builtin::date;
use super::job::{Job, World};
use super::out::Printed;
use super::shell::Shell;
use super::syntax;
use crate::cluster::time::Time;

/// How wide a screen is.
const COLUMNS: usize = 80;

/// `watch`.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    line: String,
    shell: Shell,
    every_ms: i64,
    has_header: bool,
    /// When it runs next.
    pub next: Option<Time>,
}

impl Watch {
    pub(super) fn new(line: String, every_ms: i64, has_header: bool, shell: &Shell) -> Self {
        let shell = shell.clone();
        Self {
            line,
            shell,
            every_ms,
            has_header,
            next: None,
        }
    }

    /// Whether it does more than look.
    pub(super) fn has_effects(&self) -> bool {
        let mut words = self.line.split_whitespace();
        let is_kubectl = matches!(words.next(), Some("kubectl" | "k" | "oc"));
        let looks = matches!(words.next(), Some("get" | "describe" | "events" | "top"));
        !(is_kubectl && looks) || self.line.contains([';', '&', '|', '>', '$', '`'])
    }

    /// The line at its left, the time at the right of the screen, as procps' watch lays them out.
    fn header(&self, now: Time) -> String {
        let seconds = self.every_ms / 1000;
        let tenths = self.every_ms % 1000 / 100;
        let left = format!("Every {seconds}.{tenths}s: ");
        let right = format!("ordinal: {}", date(now, "%a %b %e %T %Y"));
        let room = COLUMNS - left.len() - right.len();
        let line = match self.line.chars().count() + 1 > room {
            true => self.line.chars().take(room - 4).collect::<String>() + "... ",
            false => format!("{:room$}", self.line),
        };
        format!("{left}{line}{right}\n\n")
    }

    /// Runs the line if it is time.
    pub(super) fn poll(&mut self, world: &mut World<'_>, out: &mut Printed) {
        let now = world.cluster.now();
        if self.next.is_some_and(|next| now < next) {
            return;
        }
        let passed = self
            .next
            .map_or(0, |next| now.ms_since(next) / self.every_ms);
        self.next = Some(
            self.next
                .unwrap_or(now)
                .plus_ms((passed + 1) * self.every_ms),
        );
        let mut printed = Printed::default();
        match syntax::parse(&self.line) {
            Err(error) => printed.error(&format!("sh: {error}\n")),
            Ok(node) => {
                let mut job = Job::new(node, self.shell.clone());
                if let Err(text) = job.run_at_once(world, &mut printed) {
                    printed.error(&text);
                }
            }
        }
        out.wipe();
        if self.has_header {
            out.out(&self.header(now));
        }
        for chunk in &printed.chunks {
            out.out(&chunk.text);
        }
    }
}
