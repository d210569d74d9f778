//! Ways out of what is wrong with a manifest.

/// A way out; its words are those of the page's language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Lines belong to the list item above them: they must stand further right than its dash.
    IndentItem,
    /// YAML takes blanks, not tabs.
    TabsToBlanks,
    /// The value has `: ` in it and must be quoted.
    Quote,
    /// The YAML itself is broken in a way that has no one repair.
    Syntax,
    /// Another field was meant.
    Rename(String),
    /// The field belongs into this one, which stands beside it.
    MoveInto(String),
    /// The field belongs further out, to this path; empty for the top.
    MoveOut(String),
    /// There is no such field.
    NoSuchField,
    /// A value of this Go type is wanted.
    Type(String),
    /// Something must be written.
    Add(String),
    /// The selector must be written, with the labels of the template.
    AddSelector,
    /// Selector and labels must be the same.
    MatchLabels,
    /// One of the listed values is wanted.
    TakeOne,
    /// Each must be another.
    Distinct,
    /// These fields cannot be changed while the object is there.
    Immutable,
    /// The value must be another.
    Change,
    /// apiVersion and kind must be written.
    Header,
    /// The apiVersion of this kind is another.
    ApiVersion(String),
    /// There is no such kind.
    NoSuchKind,
    /// The kind is none of ours.
    NotSimulated,
    /// The object needs a name.
    Name,
    /// The namespace must be made first.
    CreateNamespace,
}
