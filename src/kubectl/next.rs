//! What a command goes on with beside the API: programs in containers, open ports, files to edit.
//!
//! kubectl only says what; the terminal does it, since it is the terminal that is at the other end.

use crate::cluster::inside::Spot;
use crate::cluster::object::ObjectKey;
use crate::cluster::value::Text;

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
        /// Whether the pod is deleted afterwards (`--rm`).
        removes: bool,
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
    /// Prints what a container prints (`logs -f`), from so many lines on.
    Follow {
        /// The container.
        spot: Spot,
        /// Which of its lives.
        restarts: i32,
        /// How many lines were printed already.
        seen: usize,
    },
    /// Opens a file in the manifest pane.
    Edit {
        /// The file's name.
        file: String,
        /// Its text.
        text: String,
    },
}
