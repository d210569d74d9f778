//! What a run is made of: the seed and what was asked for, when. Everything else follows from it.

use crate::cluster::config::Config;

/// A run that can be repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// The seed of all chance.
    pub seed: u64,
    /// What was asked for, in the order of its time.
    pub actions: Vec<Action>,
}

/// Something that a person asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// Milliseconds since the start; what is due by itself at this instant comes first.
    pub at_ms: i64,
    /// What.
    pub ask: Ask,
}

/// What can be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// A file of the workspace gets this text.
    File {
        /// Its name.
        name: String,
        /// Its text.
        text: String,
    },
    /// By hand: a command line, or a fault that begins with `@`.
    Line(String),
    /// Lines are typed into a terminal.
    Typed {
        /// The terminal's number, from 1 on.
        terminal: u8,
        /// The lines.
        text: String,
    },
    /// Ctrl+C in a terminal.
    Interrupt(u8),
}

impl Recording {
    /// A run in which nobody has asked for anything yet.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            actions: Vec::new(),
        }
    }

    /// Whether anything was done, and not only written into files.
    pub fn has_deeds(&self) -> bool {
        let is_file = |it: &Action| matches!(it.ask, Ask::File { .. });
        !self.actions.iter().all(is_file)
    }

    /// The cluster's configuration.
    pub fn config(&self) -> Config {
        Config::page(self.seed)
    }

    /// The run as text: its seed, and a line for every action. Texts of files follow their line, indented.
    pub fn log(&self) -> String {
        let mut out = format!("seed {}\n", self.seed);
        for Action { at_ms, ask } in &self.actions {
            let (seconds, rest) = (at_ms / 1000, at_ms % 1000);
            match ask {
                Ask::Line(line) => {
                    let line = line.replace('\n', "\n    ");
                    out.push_str(&format!("{seconds}.{rest:03} $ {line}\n"));
                }
                Ask::Typed { terminal, text } => {
                    let text = text.replace('\n', "\n    ");
                    out.push_str(&format!("{seconds}.{rest:03} {terminal}$ {text}\n"));
                }
                Ask::Interrupt(terminal) => {
                    out.push_str(&format!("{seconds}.{rest:03} {terminal}^ C\n"));
                }
                Ask::File { name, text } => {
                    let text = text.replace('\n', "\n    ");
                    out.push_str(&format!("{seconds}.{rest:03} file {name}\n    {text}\n"));
                }
            }
        }
        out
    }

    /// Reads what [`Recording::log`] wrote.
    pub fn read(log: &str) -> Result<Self, LogError> {
        let mut lines = log.split_inclusive('\n').enumerate().peekable();
        let seed = lines
            .next()
            .and_then(|(_, line)| line.trim_end().strip_prefix("seed ")?.parse().ok());
        let mut recording = Self::new(seed.ok_or(LogError(1))?);
        let mut last_ms = 0;
        while let Some((at, line)) = lines.next() {
            let fault = || LogError(at + 1);
            let line = line.strip_suffix('\n').unwrap_or(line);
            let (time, rest) = line.split_once(' ').ok_or_else(fault)?;
            let at_ms = read_time(time)
                .filter(|it| *it >= last_ms)
                .ok_or_else(fault)?;
            last_ms = at_ms;
            let mut further = Vec::new();
            while let Some((_, line)) = lines.next_if(|(_, it)| it.starts_with("    ")) {
                let line = line.strip_suffix('\n').unwrap_or(line);
                further.push(line.get(4..).unwrap_or_default());
            }
            let (what, words) = rest.split_once(' ').ok_or_else(fault)?;
            let terminal = |mark: char| what.strip_suffix(mark)?.parse::<u8>().ok();
            let ask = match (what, words) {
                ("$", line) => {
                    further.insert(0, line);
                    Ask::Line(further.join("\n"))
                }
                (_, line) if terminal('$').is_some_and(|it| it > 0) => {
                    further.insert(0, line);
                    Ask::Typed {
                        terminal: terminal('$').unwrap_or(1),
                        text: further.join("\n"),
                    }
                }
                (_, "C") if terminal('^').is_some() => Ask::Interrupt(terminal('^').unwrap_or(1)),
                ("file", name) => Ask::File {
                    name: name.to_owned(),
                    text: further.join("\n"),
                },
                _ => return Err(fault()),
            };
            recording.actions.push(Action { at_ms, ask });
        }
        Ok(recording)
    }
}

/// A log that cannot be read: the number of the line, from 1 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the log of actions cannot be read from line {0} on")]
pub struct LogError(pub usize);

/// Seconds and milliseconds, as in `12.050`.
fn read_time(text: &str) -> Option<i64> {
    let (seconds, rest) = text.split_once('.')?;
    let (seconds, rest): (u32, u16) = (seconds.parse().ok()?, rest.parse().ok()?);
    (rest < 1000).then(|| i64::from(seconds) * 1000 + i64::from(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_shows_every_action_with_its_time() {
        let mut recording = Recording::new(7);
        let file = Ask::File {
            name: "web.yaml".into(),
            text: "a: 1\nb: 2".into(),
        };
        let line = Ask::Line("kubectl apply -f web.yaml".into());
        recording.actions = vec![
            Action {
                at_ms: 0,
                ask: file,
            },
            Action {
                at_ms: 12_050,
                ask: line,
            },
        ];
        assert_eq!(
            recording.log(),
            "seed 7\n0.000 file web.yaml\n    a: 1\n    b: 2\n12.050 $ kubectl apply -f web.yaml\n"
        );
        assert_eq!(Recording::read(&recording.log()), Ok(recording));
    }

    #[test]
    fn any_text_survives_the_log() {
        for text in [
            "",
            "\n",
            "a\n",
            "a\r\nb",
            "\n\n    x\n\t",
            "0.000 $ kubectl",
            "☃ seed 1",
        ] {
            let mut recording = Recording::new(u64::MAX);
            for ask in [
                Ask::Typed {
                    terminal: 2,
                    text: text.into(),
                },
                Ask::Interrupt(2),
                Ask::Line(format!("echo '{text}'")),
                Ask::File {
                    name: "a b.yaml".into(),
                    text: text.into(),
                },
            ] {
                recording.actions.push(Action { at_ms: 5, ask });
            }
            assert_eq!(Recording::read(&recording.log()), Ok(recording), "{text:?}");
        }
    }

    #[test]
    fn a_broken_log_names_its_line() {
        for (log, line) in [
            ("", 1),
            ("seed x\n", 1),
            ("seed 1\nfrob\n", 2),
            ("seed 1\n0.000 frob x\n", 2),
            ("seed 1\n1.000 $ a\n0.500 $ b\n", 3),
            ("seed 1\n-1.000 $ a\n", 2),
            ("seed 1\n0.000 file a\n    x\nb\n", 4),
        ] {
            assert_eq!(Recording::read(log), Err(LogError(line)), "{log:?}");
        }
    }
}
