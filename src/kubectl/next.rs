//! What a command goes on with beside the API: programs in containers, open ports, files to edit.
//!
//! kubectl only says what; the terminal does it, since it is the terminal that is at the other end.

use crate::cluster::inside::Spot;
use crate::cluster::object::ObjectKey;
use crate::cluster::time::Time;
use crate::cluster::value::Text;

/// What kubectl does once the program that it talks to has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// It goes.
    Nothing,
    /// It says how the pod has ended (`kubectl run`).
    Tells,
    /// It deletes the pod (`--rm`), and says how it has ended.
    Deletes,
}

/// What a command goes on with, once it has waited for what it waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Runs a program in a container.
    Exec {
        /// The container.
        spot: Spot,
        /// The program and its words.
        words: Vec<String>,
        /// Whether what is typed goes to it (`-i`).
        input: bool,
        /// Whether it prints on a terminal (`-t`).
        terminal: bool,
    },
    /// Talks to the program that a container was made with.
    Attach {
        /// The container.
        spot: Spot,
        /// What kubectl says as it begins.
        hints: &'static str,
        /// What follows.
        after: After,
    },
    /// Serves the API on a port of the person's computer.
    Proxy(u16),
    /// Forwards ports of the person's computer to a pod: the port here, the port there.
    Forward {
        /// The pod.
        pod: ObjectKey,
        /// Its uid.
        uid: Text,
        /// The pairs of ports.
        ports: Vec<(u16, i32)>,
    },
    /// Prints what containers print (`logs -f`).
    Follow(Vec<Stream>),
    /// Opens a file in the manifest pane.
    Edit {
        /// The file's name.
        file: String,
        /// Its text.
        text: String,
    },
}

/// What a container prints, on its way to a reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// The container.
    pub spot: Spot,
    /// Which of its lives.
    pub restarts: i32,
    /// How many lines were read already.
    pub seen: usize,
    /// What stands before each line.
    pub prefix: String,
    /// Whether its time stands before each line.
    pub timestamps: bool,
    /// How many bytes it may still be.
    pub left: Option<usize>,
}

impl Stream {
    /// A line as the reader gets it; past the last byte there is none.
    pub fn write(&mut self, time: Time, line: &str) -> String {
        let mut text = match self.timestamps {
            // The kubelet writes nine digits behind the second.
            true => format!("{}000Z {line}", time.micro().trim_end_matches('Z')),
            false => line.to_owned(),
        };
        if let Some(left) = &mut self.left {
            let mut end = text.len().min(*left);
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text.truncate(end);
            *left -= end;
        }
        match text.is_empty() {
            true => text,
            false => format!("{}{text}", self.prefix),
        }
    }

    /// Whether it may be no longer.
    pub fn is_full(&self) -> bool {
        self.left == Some(0)
    }
}
