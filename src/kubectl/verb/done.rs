//! What verbs that change something have in common: requests, `--dry-run`, and what they print of the result.

use super::rollout::CHANGE_CAUSE;
use super::{Command, elsewhere};
use crate::cluster::api::{Api, FieldValidation, Patched};
use crate::cluster::error::ApiError;
use crate::cluster::object::{Object, ObjectKey};
use crate::cluster::patch::PatchType;
use crate::cluster::record::{Component, Part};
use crate::cluster::value::Value;
use crate::kubectl::args::truth_of;
use crate::kubectl::fault::Fault;
use crate::kubectl::print::{self, JsonPath};
use crate::manifest;

/// The formats that a real kubectl knows.
const FORMATS: &[&str] = &[
    "custom-columns",
    "custom-columns-file",
    "go-template",
    "go-template-file",
    "json",
    "jsonpath",
    "jsonpath-as-json",
    "jsonpath-file",
    "kyaml",
    "name",
    "template",
    "templatefile",
    "wide",
    "yaml",
];
/// Those of them that are tables, which results have none of.
const TABLES: &[&str] = &["custom-columns", "custom-columns-file", "wide"];

/// Reads the template of `-o jsonpath=`.
pub(super) fn json_path(template: &str) -> Result<JsonPath, Fault> {
    let bad = |why| Fault::client(format!("error parsing jsonpath {template}, {why}"));
    JsonPath::read(template).map_err(bad)
}

/// Refuses a format: by name if a real kubectl knows it, in its words if it does not.
pub(super) fn no_format(verb: &str, format: &str, has_tables: bool) -> Fault {
    let known = FORMATS
        .iter()
        .filter(|it| has_tables || !TABLES.contains(it));
    let known: Vec<&str> = known.copied().collect();
    let name = format.split('=').next().unwrap_or(format);
    if known.contains(&name) {
        return elsewhere(&format!("{verb} -o {name}"));
    }
    Fault::client(format!(
        "unable to match a printer suitable for the output format {format:?}, allowed formats are: {}",
        known.join(",")
    ))
}

/// How results are printed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::kubectl) enum Shows {
    /// `statefulset.apps/web scaled`.
    #[default]
    Word,
    /// `statefulset.apps/web`.
    Name,
    Yaml,
    Json,
    Path(JsonPath),
}

impl Shows {
    /// Reads `-o` of a verb that changes something.
    pub(super) fn read(verb: &str, format: Option<&str>) -> Result<Self, Fault> {
        let format = format.unwrap_or_default();
        let (name, rest) = format.split_once('=').unwrap_or((format, ""));
        Ok(match name {
            "" => Self::Word,
            "name" => Self::Name,
            "yaml" => Self::Yaml,
            "json" => Self::Json,
            "jsonpath" => Self::Path(json_path(rest)?),
            _ => return Err(no_format(verb, format, false)),
        })
    }
}

/// How `--dry-run` is to be understood.
pub(super) fn check_dry_run(text: Option<&str>) -> Result<(), Fault> {
    match text {
        None | Some("none" | "server" | "client" | "unchanged") => Ok(()),
        Some(other) => match truth_of(other) {
            Some(_) => Ok(()),
            None => Err(Fault::client(format!(
                "Invalid dry-run value ({other}). Must be \"none\", \"server\", or \"client\"."
            ))),
        },
    }
}

impl Command<'_> {
    /// Makes requests as the person; under `--dry-run=server` the server only tries them out.
    pub(super) fn request<T>(&mut self, request: impl FnOnce(&mut Api) -> T) -> T {
        // What others were warned of is not for this command.
        self.cluster.api.take_warnings();
        let answer = if self.dry_run().is_some() {
            self.cluster.api.try_out(request)
        } else {
            self.cluster.request(Component::User, request)
        };
        for text in self.cluster.api.take_warnings() {
            // A command says each of them once.
            if !self.output.stderr.contains(&format!("Warning: {text}\n")) {
                self.warn(&text);
            }
        }
        answer
    }

    /// Patches an object that must be there. Under `--dry-run=client` the server is not asked, and refuses nothing.
    pub(super) fn patch(
        &mut self,
        key: &ObjectKey,
        part: Part,
        patch: (PatchType, &Value),
        validation: FieldValidation,
    ) -> Result<Patched, ApiError> {
        let live = self.find(key)?;
        let patched = self.request(|api| api.patch_part(key, part, patch.0, patch.1, validation));
        if self.sends() {
            return patched;
        }
        Ok(patched.unwrap_or(Patched {
            object: live,
            changed: true,
            warnings: Vec::new(),
        }))
    }

    /// What `--record` notes as the reason of a change: the command itself.
    pub(super) fn cause(&self) -> Option<Value> {
        let records = self.args.is_on("record");
        records.then(|| Value::text(format!("kubectl {}{}", self.verb, self.args.line())))
    }

    /// A patch that notes the reason, too.
    pub(super) fn with_cause(&self, mut patch: Value) -> Value {
        if let Some(cause) = self.cause() {
            patch.set(&["metadata", "annotations", CHANGE_CAUSE], cause);
        }
        patch
    }

    /// Notes the reason of a change that was made already.
    pub(super) fn note_cause(&mut self, key: &ObjectKey) -> Result<(), ApiError> {
        if self.args.is_on("record") {
            let patch = self.with_cause(Value::default());
            self.patch(
                key,
                Part::Main,
                (PatchType::Merge, &patch),
                FieldValidation::Ignore,
            )?;
        }
        Ok(())
    }

    /// Whether the server hears of what the command does: not under `--dry-run=client`.
    pub(super) fn sends(&self) -> bool {
        matches!(self.dry_run(), None | Some(SERVER))
    }

    /// The suffix of result lines under `--dry-run`.
    pub(super) fn dry_run(&self) -> Option<&'static str> {
        match self.args.get("dry-run") {
            None | Some("none" | "false") => None,
            Some("server") => Some(SERVER),
            Some(_) => Some(" (dry run)"),
        }
    }

    /// Says what was done to an object: a line with a word, or as `-o` asks.
    pub(super) fn done(&mut self, object: &Object, word: &str) {
        let name = format!("{}/{}", object.kind().singular(), object.meta().name);
        // Most commands ask for a line alone.
        let look = match self.shows {
            Shows::Word | Shows::Name => Value::Null,
            Shows::Yaml | Shows::Json | Shows::Path(_) => print::shown(object, self.cluster),
        };
        self.say_done(&name, word, look);
    }

    /// The same of an object as the server has it now.
    pub(super) fn done_now(&mut self, key: &ObjectKey, word: &str) {
        if let Some(object) = self.cluster.api.store.by_key(key).cloned() {
            self.done(&object, word);
        }
    }

    /// The same of something that has a name of its own, and a look.
    pub(super) fn say_done(&mut self, name: &str, word: &str, look: Value) {
        match self.shows {
            Shows::Word => {
                let suffix = self.dry_run().unwrap_or_default();
                self.output.line(&format!("{name} {word}{suffix}"));
            }
            Shows::Name => self.output.line(name),
            Shows::Yaml | Shows::Json | Shows::Path(_) => self.shown.push(look),
        }
    }

    /// Prints the objects that were changed, if they are asked for whole.
    pub(super) fn show_changed(&mut self, as_list: bool) {
        let mut shown = std::mem::take(&mut self.shown);
        if as_list && shown.len() > 1 {
            shown = vec![print::list(shown)];
        }
        let text: Vec<String> = shown
            .iter()
            .map(|value| match &self.shows {
                Shows::Json => format!("{}\n", print::pretty(value)),
                Shows::Path(path) => path.print(value).unwrap_or_default(),
                _ => manifest::write::yaml(value),
            })
            .collect();
        let between = match self.shows {
            Shows::Yaml => "---\n",
            _ => "",
        };
        self.output.stdout.push_str(&text.join(between));
    }
}

/// What stands behind a result under `--dry-run=server`.
const SERVER: &str = " (server dry run)";
