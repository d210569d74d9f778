//! English: the manifest pane.

use crate::i18n::Pane;
use crate::session::Remedy;

pub(super) const PANE: Pane = Pane {
    choose: "Start from",
    starters: &[
        ("first.yaml", "A Service and a set of three"),
        ("parallel.yaml", "Parallel: all at once"),
        ("partition.yaml", "Partition: a canary first"),
        ("no-class.yaml", "A claim that stays Pending"),
        ("deployment.yaml", "For contrast: a Deployment"),
        ("postgresql.yaml", "PostgreSQL"),
        ("zookeeper.yaml", "ZooKeeper"),
        ("cassandra.yaml", "Cassandra"),
        ("seed-001.yaml", "Lesson: kubia, a set of pets"),
        ("seed-002.yaml", "Lesson: nginx, the tutorial"),
        ("seed-003.yaml", "Lesson: nginx, three of them"),
        ("seed-004.yaml", "Lesson: nginx on port 8080"),
        ("seed-000-service.yaml", "Broken on purpose: a Service"),
        ("seed-000-set.yaml", "Broken on purpose: a set"),
    ],
    not_loaded: |file| {
        format!(
            "{file} could not be loaded. Your manifest is as it was; check the connection and choose again."
        )
    },
    editor_help: "Tab indents. Press Esc and then Tab to leave the editor. Ctrl+Enter applies, F8 goes to the next problem, Ctrl+. fixes it.",
    editor_phrases: &[
        ("Find", "Find"),
        ("Replace", "Replace with"),
        ("next", "Next"),
        ("previous", "Previous"),
        ("all", "All"),
        ("match case", "Match case"),
        ("regexp", "Regular expression"),
        ("by word", "Whole words"),
        ("replace", "Replace"),
        ("replace all", "Replace all"),
        ("close", "Close the search"),
        ("current match", "current match"),
        ("on line", "on line"),
        ("replaced $ matches", "replaced $ matches"),
        ("replaced match on line $", "replaced the match on line $"),
        ("Selection deleted", "Selection deleted"),
        ("Control character", "Control character"),
    ],
    apply_key: "Ctrl+Enter",
    problems: |count| match count {
        1 => "1 problem".to_owned(),
        count => format!("{count} problems"),
    },
    place: |line, column| format!("line {line}, column {column}"),
    remedy,
    fix: "Fix",
    changes: "Apply would",
    change_new: |key| format!("create {} {}", key.kind.name(), key.name),
    change_none: |key| format!("leave {} {} unchanged", key.kind.name(), key.name),
    change_fields: |key| format!("change {} {}", key.kind.name(), key.name),
    refused: "may not be changed",
    save_file: "Save manifest",
    save_script: "Save as shell script",
    not_kept: "The browser keeps nothing for this page: save what you need, a reload does not bring it back.",
    other_tab: "Ordinal is open in another tab, which keeps its own run. A reload of this one brings back that one's.",
    dismiss: "Dismiss",
    not_fetched: "The simulation could not be loaded. Your manifest is here; try again when the connection is back.",
    not_restored: |why| {
        format!(
            "What was done before could not be brought back ({why}). Your manifest is here, the cluster is new, and the old log is kept in the browser's storage as ordinal.unread."
        )
    },
};

fn remedy(remedy: &Remedy) -> String {
    match remedy {
        Remedy::IndentItem => {
            "This belongs to the list item above: move it right, under the item's first field.".to_owned()
        }
        Remedy::TabsToBlanks => "YAML indents with blanks: replace the tabs.".to_owned(),
        Remedy::Quote => "A value with “: ” in it needs quotes.".to_owned(),
        Remedy::Syntax => {
            "Look at this line and the one above: indentation, a missing colon, quote or bracket.".to_owned()
        }
        Remedy::Rename(name) => format!("Did you mean {name}?"),
        Remedy::MoveInto(field) => format!("It is a field of {field}: move it in there."),
        Remedy::MoveOut(path) if path.is_empty() => "It stands at the top of the object: move it out.".to_owned(),
        Remedy::MoveOut(path) => format!("It is a field of {path}: move it out to there."),
        Remedy::NoSuchField => "Kubernetes has no such field here: take it out, or look at its spelling.".to_owned(),
        Remedy::Type(wanted) => match &**wanted {
            "int32" | "int64" => "A whole number is wanted here, without quotes.".to_owned(),
            "bool" => "true or false is wanted here, without quotes.".to_owned(),
            "string" => "A text is wanted here: put it in quotes.".to_owned(),
            other if other.starts_with("[]") => "A list is wanted here: begin each item with “- ”.".to_owned(),
            "" => "The value is of another type than this field's.".to_owned(),
            _ => "A map is wanted here: fields on lines of their own, further right.".to_owned(),
        },
        Remedy::Add(field) => format!("Write {field}: the server does not fill it in."),
        Remedy::AddSelector => "Write a selector with the labels of the pod template.".to_owned(),
        Remedy::MatchLabels => "Every label of the selector must be among the template's labels: change one of them.".to_owned(),
        Remedy::TakeOne => "Take one of the values that the message lists.".to_owned(),
        Remedy::Distinct => "Give each of them another value.".to_owned(),
        Remedy::Immutable => {
            "This is fixed when the object is made. Put the old value back, or delete the object and make it anew (a set \
             with --cascade=orphan keeps its pods)."
                .to_owned()
        }
        Remedy::Change => "Change the value so that it is what the message asks for.".to_owned(),
        Remedy::Header => "Begin the document with apiVersion and kind, such as apps/v1 and StatefulSet.".to_owned(),
        Remedy::ApiVersion(version) => format!("This kind is served as {version}."),
        Remedy::NoSuchKind => "Kubernetes has no such kind by itself: look at its spelling.".to_owned(),
        Remedy::NotSimulated => "Take the document out here; on a real cluster it can stay.".to_owned(),
        Remedy::Name => "Write metadata.name.".to_owned(),
        Remedy::CreateNamespace => {
            "Make the namespace first: a document with kind Namespace above this one.".to_owned()
        }
    }
}
