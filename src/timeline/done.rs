//! What was done in a run, in its order: when each command began and ended, and what was typed into which.
//!
//! Found by doing it again: the recording says what was asked for, and only the desk which commands came of it.

use super::recording::{Ask, Recording};
use super::{new_desk, take};
use crate::cluster::sorted::SortedMap;
use crate::terminal::{BY_HAND, Desk};

/// One thing of a run, with its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Whole seconds since the start.
    pub at_s: i64,
    /// What.
    pub what: What,
}

/// What happens in a run. Commands go by their place in [`Desk::entries`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A file of the workspace gets this text.
    File {
        /// Its name.
        name: String,
        /// Its text.
        text: String,
    },
    /// A command begins.
    Begins(usize),
    /// The program that a command runs in a container is given a line.
    Told {
        /// The command that has the terminal.
        command: usize,
        /// The line, as an entry.
        line: usize,
    },
    /// A command has ended by itself.
    Ends(usize),
    /// Ctrl+C ended a command, or a line that was typed into it.
    Interrupted(usize),
    /// A command opened a file in the pane.
    Opened(usize, String),
}

/// Doing it again, and what was seen so far.
struct Replay {
    desk: Desk,
    done: Vec<Done>,
    /// How many entries and opened files are known.
    known: (usize, usize),
    /// What has each terminal: the command, and the last line that it was told.
    fronts: SortedMap<u8, (usize, Option<usize>)>,
    /// What was done by hand and has not ended.
    by_hand: Vec<usize>,
}

/// What was done in a run up to an instant, and the desk after it.
pub(super) fn done(recording: &Recording, until_ms: i64) -> (Vec<Done>, Desk) {
    let mut replay = Replay {
        desk: new_desk(recording),
        done: Vec::new(),
        known: (0, 0),
        fronts: SortedMap::new(),
        by_hand: Vec::new(),
    };
    for action in &recording.actions {
        replay.pass(action.at_ms);
        let at_s = action.at_ms / 1000;
        if let Ask::File { name, text } = &action.ask {
            let (name, text) = (name.clone(), text.clone());
            let what = What::File { name, text };
            replay.done.push(Done { at_s, what });
        }
        let ended = match &action.ask {
            Ask::Interrupt(terminal) => replay.fronts.get(terminal).copied(),
            _ => None,
        };
        take(&mut replay.desk, action);
        if let (Some((command, line)), Ask::Interrupt(terminal)) = (ended, &action.ask) {
            let what = if !is_busy(&mut replay.desk, *terminal) {
                replay.fronts.remove(terminal);
                Some(command)
            } else {
                let entries = replay.desk.entries();
                line.filter(|it| entries.get(*it).is_some_and(|it| it.exit == Some(130)))
            };
            let interrupted = what.map(What::Interrupted);
            let new = interrupted.map(|what| Done { at_s, what });
            replay.done.extend(new);
        }
        replay.look(at_s);
    }
    replay.pass(until_ms);
    (replay.done, replay.desk)
}

/// Whether a command has the terminal, even if it is one that waits for a line.
fn is_busy(desk: &mut Desk, terminal: u8) -> bool {
    let prompt = desk.prompt(terminal);
    prompt.busy.is_some() || prompt.inside
}

impl Replay {
    /// Lets time pass, second by second, as far as anything waits for it.
    fn pass(&mut self, until_ms: i64) {
        loop {
            let now_ms = self.desk.cluster.elapsed_ms();
            let waits = !self.fronts.is_empty() || !self.by_hand.is_empty();
            let next_ms = (now_ms / 1000 + 1) * 1000;
            let to_ms = if waits {
                next_ms.min(until_ms)
            } else {
                until_ms
            };
            if to_ms > now_ms {
                let epoch = self.desk.cluster.api.config.epoch;
                self.desk.run_until(epoch.plus_ms(to_ms));
                self.look(to_ms / 1000);
            }
            if to_ms >= until_ms {
                return;
            }
        }
    }

    /// Notes what has begun and ended since it was last looked.
    fn look(&mut self, at_s: i64) {
        let mut note = |what| self.done.push(Done { at_s, what });
        let workspace = &self.desk.workspace;
        let opened = workspace.opened.get(self.known.1..).unwrap_or_default();
        let mut opened = opened.iter().cloned();
        for (at, entry) in self.desk.entries().iter().enumerate().skip(self.known.0) {
            if entry.terminal == BY_HAND {
                note(What::Begins(at));
                self.by_hand.push(at);
            } else if let (true, Some(front)) = (entry.inside, self.fronts.get_mut(&entry.terminal))
            {
                front.1 = Some(at);
                let command = front.0;
                note(What::Told { command, line: at });
            } else {
                // The one before it has ended, or this one had not begun.
                let before = self.fronts.insert(entry.terminal, (at, None));
                if let Some((before, _)) = before {
                    note(What::Ends(before));
                }
                note(What::Begins(at));
            }
            if entry.command.contains("edit")
                && let Some(file) = opened.next()
            {
                note(What::Opened(at, file));
            }
        }
        self.known = (self.desk.entries().len(), workspace.opened.len());
        let entries = self.desk.entries();
        self.by_hand.retain(|at| {
            let waits = entries.get(*at).is_some_and(|it| it.exit.is_none());
            if !waits {
                note(What::Ends(*at));
            }
            waits
        });
        let terminals: Vec<u8> = self.fronts.keys().copied().collect();
        for terminal in terminals {
            if is_busy(&mut self.desk, terminal) {
                continue;
            }
            if let Some((command, _)) = self.fronts.remove(&terminal) {
                let what = What::Ends(command);
                self.done.push(Done { at_s, what });
            }
        }
    }
}
