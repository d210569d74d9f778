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
    /// A command line, or a fault that begins with `@`.
    Line(String),
}

impl Recording {
    /// A run in which nobody has asked for anything yet.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            actions: Vec::new(),
        }
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
                Ask::Line(line) => out.push_str(&format!("{seconds}.{rest:03} $ {line}\n")),
                Ask::File { name, text } => {
                    out.push_str(&format!("{seconds}.{rest:03} file {name}\n"));
                    for line in text.lines() {
                        out.push_str(&format!("    {line}\n"));
                    }
                }
            }
        }
        out
    }
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
    }
}
