//! The keys of the manifest pane's texts.

use crate::cluster::object::ObjectKey;
use crate::session::Remedy;

/// The texts of the manifest pane.
pub struct Pane {
    /// The choice of starting manifests.
    pub choose: &'static str,
    /// The starting manifests: the file, and what it is.
    pub starters: &'static [(&'static str, &'static str)],
    /// A starting manifest could not be loaded: takes its file.
    pub not_loaded: fn(&str) -> String,
    /// How the editor is left by keyboard.
    pub editor_help: &'static str,
    /// What the editor itself says (its search above all): its English, and what to say instead.
    pub editor_phrases: &'static [(&'static str, &'static str)],
    /// What is said of the Apply button: its key.
    pub apply_key: &'static str,
    /// The heading of what is wrong: takes how many.
    pub problems: fn(usize) -> String,
    /// A place in the text: line and column, from 1 on.
    pub place: fn(usize, usize) -> String,
    /// The way out.
    pub remedy: fn(&Remedy) -> String,
    /// The button that takes it.
    pub fix: &'static str,
    /// The heading of what applying would do.
    pub changes: &'static str,
    /// An object would be new.
    pub change_new: fn(&ObjectKey) -> String,
    /// Nothing would change.
    pub change_none: fn(&ObjectKey) -> String,
    /// Fields of an object would change.
    pub change_fields: fn(&ObjectKey) -> String,
    /// A change that the server refuses.
    pub refused: &'static str,
    /// Saves the manifest as a file.
    pub save_file: &'static str,
    /// Saves what was done as a shell script.
    pub save_script: &'static str,
    /// The browser keeps nothing.
    pub not_kept: &'static str,
    /// Another tab keeps its own run.
    pub other_tab: &'static str,
    /// The button that takes a notice away.
    pub dismiss: &'static str,
    /// The cluster's code could not be fetched.
    pub not_fetched: &'static str,
    /// The saved run cannot be read: takes why.
    pub not_restored: fn(&str) -> String,
}
