//! Which objects a command is about: what its words, its selectors and its files say together.
//!
//! Mirrors the resource builder of `k8s.io/cli-runtime/pkg/resource`: what may stand beside what, in its words.

use std::rc::Rc;

use super::Command;
use super::rollout::CHANGE_CAUSE;
use crate::cluster::admission::decode;
use crate::cluster::error::ApiError;
use crate::cluster::object::meta::Requirement;
use crate::cluster::object::{Kind, Object, ObjectKey};
use crate::kubectl::fault::{Fault, MISSING_RESOURCE};
use crate::kubectl::files::{self, FileObject};
use crate::kubectl::target::{self, Named, Resource};

/// What a kind without a name means to a verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bare {
    /// Every object of it.
    All,
    /// Nothing: a name is missing.
    Nothing,
}

/// An object that a command is about.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// Which.
    pub key: ObjectKey,
    /// The file that it stands in; empty if words name it.
    pub file: String,
}

/// Only a name is missing.
const NO_NAME: &str = "resource(s) were provided, but no name was specified";
/// `-l` or `--field-selector` beside a name.
pub(super) const NAME_AND_SELECTOR: &str = "name cannot be provided when a selector is specified";

impl Command<'_> {
    /// The objects of the files that `-f` names and that `-l` lets through.
    pub(super) fn file_objects(&self) -> Result<Vec<Result<FileObject, Fault>>, Fault> {
        let paths: Vec<&str> = self
            .args
            .all("filename")
            .flat_map(|it| it.split(','))
            .collect();
        let scope = self.scope()?;
        if let Some(why) = scope.fault {
            let typed = scope.labels_text.unwrap_or_default();
            let text = format!("the provided selector {typed:?} is not valid: {why}");
            return Err(Fault::client(text));
        }
        let labels = scope.labels;
        let mut found = files::objects(&paths, self.workspace, self.args.get("namespace"))?;
        found.retain(|it| it.as_ref().map_or(true, |it| fits(it, &labels)));
        if let Some(cause) = self.cause() {
            for object in found.iter_mut().flatten() {
                let annotation = ["metadata", "annotations", CHANGE_CAUSE];
                object.value.set(&annotation, cause.clone());
            }
        }
        Ok(found)
    }

    /// Refuses words of a verb that takes files alone.
    pub(super) fn files_only(&self, verb: &str) -> Result<(), Fault> {
        if !self.args.words.is_empty() {
            return Err(Fault::client(format!(
                "Unexpected args: [{}]\nSee 'kubectl {verb} -h' for help and examples",
                self.args.words.join(" ")
            )));
        }
        match self.args.get("filename") {
            Some(_) => Ok(()),
            None => Err(Fault::client("must specify one of -f and -k")),
        }
    }

    /// The objects that words, selectors or files name, in their order, each or what is wrong with it.
    pub(super) fn targets(
        &self,
        words: &[String],
        bare: Bare,
    ) -> Result<Vec<Result<Target, Fault>>, Fault> {
        let given = |flag: &str| self.args.get(flag).is_some();
        let is_slashed = words.iter().any(|word| word.contains('/'));
        if self.args.is_on("all") && (given("selector") || given("field-selector")) {
            return Err(Fault::client(
                "setting 'all' parameter but found a non empty selector. ",
            ));
        }
        if given("filename") {
            return match words {
                [] => self.in_files(),
                _ if is_slashed => Err(Fault::client(
                    "resource/name arguments cannot be provided when a path is specified",
                )),
                _ => Err(Fault::client(
                    "when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well",
                )),
            };
        }
        let named = target::read(words)?;
        let scope = self.scope()?;
        let is_bare = matches!(&named, Named::Kinds(kinds) if !kinds.is_empty());
        if self.selects() || (is_bare && bare == Bare::All) {
            return match named {
                Named::Objects(_) if is_slashed => Err(Fault::client(
                    "selectors and the all flag cannot be used when passing resource/name arguments",
                )),
                Named::Objects(_) => Err(Fault::client(NAME_AND_SELECTOR)),
                Named::Kinds(kinds) if kinds.is_empty() => Err(Fault::client(
                    "at least one resource must be specified to use a selector",
                )),
                Named::Kinds(kinds) => {
                    let known = kinds.into_iter().filter_map(|resource| match resource {
                        Resource::Known(kind) => Some(kind),
                        Resource::Foreign(_) => None,
                    });
                    let mut found = Vec::new();
                    for kind in known {
                        scope.check(kind)?;
                        found.extend(scope.select(kind, self.cluster));
                    }
                    Ok(found
                        .into_iter()
                        .map(|key| Ok(Target::named(key)))
                        .collect())
                }
            };
        }
        match named {
            Named::Objects(_) if scope.namespace.is_none() => Err(Fault::client(
                "a resource cannot be retrieved by name across all namespaces",
            )),
            Named::Objects(objects) => {
                let keys = objects.into_iter().map(|(resource, name)| match resource {
                    Resource::Known(kind) => Ok(Target::named(ObjectKey {
                        kind,
                        namespace: scope.namespace_of(kind),
                        name: name.into(),
                    })),
                    foreign @ Resource::Foreign(_) => Err(target::not_found(foreign, &name)),
                });
                Ok(keys.collect())
            }
            Named::Kinds(_) if is_bare => Err(Fault::client(NO_NAME)),
            Named::Kinds(_) => Err(Fault::client(MISSING_RESOURCE)),
        }
    }

    /// The same, where it does not matter which file names them.
    pub(super) fn keys(
        &self,
        words: &[String],
        bare: Bare,
    ) -> Result<Vec<Result<ObjectKey, Fault>>, Fault> {
        let targets = self.targets(words, bare)?.into_iter();
        Ok(targets.map(|it| it.map(|it| it.key)).collect())
    }

    fn in_files(&self) -> Result<Vec<Result<Target, Fault>>, Fault> {
        let objects = self.file_objects()?.into_iter();
        let targets = objects.map(|it| {
            it.map(|it| Target {
                key: it.key(),
                file: it.file,
            })
        });
        Ok(targets.collect())
    }

    /// An object that must be there.
    pub(super) fn find(&self, key: &ObjectKey) -> Result<Rc<Object>, ApiError> {
        let found = self.cluster.api.store.by_key(key).cloned();
        found.ok_or_else(|| self.missing(key))
    }

    /// That an object is not there, or that its namespace is not (`resource.Info.Get`).
    pub(super) fn missing(&self, key: &ObjectKey) -> ApiError {
        let namespace = &key.namespace;
        let store = &self.cluster.api.store;
        let is_known = matches!(&**namespace, "" | "default")
            || store.get(Kind::Namespace, "", namespace).is_some();
        match is_known {
            true => ApiError::not_found(key.kind, &key.name),
            false => ApiError::not_found(Kind::Namespace, namespace),
        }
    }

    /// Whether the command selects objects instead of naming them.
    pub(super) fn selects(&self) -> bool {
        self.args.get("selector").is_some()
            || self.args.is_on("all")
            || self.args.get("field-selector").is_some()
    }
}

impl Target {
    fn named(key: ObjectKey) -> Self {
        Self {
            key,
            file: String::new(),
        }
    }
}

/// Whether what a file says fits a selector.
fn fits(object: &FileObject, labels: &[Requirement]) -> bool {
    if labels.is_empty() {
        return true;
    }
    let read = Object::read(
        object.kind,
        decode::decode(object.kind, &object.value).value,
    );
    labels.iter().all(|it| it.matches(&read.meta().labels))
}
