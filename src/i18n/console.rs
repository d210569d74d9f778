//! The keys of the terminals' texts.

use crate::terminal::Hint;

/// The texts of the terminals.
pub struct Console {
    /// The region of the terminals.
    pub title: &'static str,
    /// A terminal, by its number.
    pub name: fn(u8) -> String,
    /// Shows all of them beside each other.
    pub both: &'static str,
    /// Behind the name of a terminal in which a command runs.
    pub busy: &'static str,
    /// The keys, in short.
    pub keys: &'static str,
    /// The screen of a terminal, by its number.
    pub screen: fn(u8) -> String,
    /// What was typed and printed.
    pub log: &'static str,
    /// The first terminal before anything was done.
    pub empty: &'static str,
    /// The second one.
    pub empty_second: &'static str,
    /// Where commands are typed: takes the terminal.
    pub command_line: fn(u8) -> String,
    /// A command that has the terminal to itself.
    pub runs: fn(&str) -> String,
    /// The button that stops it.
    pub stop: &'static str,
    /// It waits for a clock that stands still.
    pub paused: &'static str,
    /// The button that lets the clock go on.
    pub play: &'static str,
    /// Lines that are not shown: takes how many.
    pub earlier: fn(usize) -> String,
    /// The prompt of the search in the history.
    pub search: &'static str,
    /// The list of candidates: takes how many.
    pub offered: fn(usize) -> String,
    /// Why a command has failed.
    pub hint: fn(&Hint) -> String,
    /// The files of a volume.
    pub files: &'static str,
    /// The choice of the file in the pane: takes its name.
    pub file: fn(&str) -> String,
    /// The field for the name of a new file.
    pub new_file: &'static str,
    /// The button beside it.
    pub make_file: &'static str,
}
