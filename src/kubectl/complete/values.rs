//! Completing the values of flags.

use super::Place;
use super::found::Found;
use super::kubectl::Given;
use crate::cluster::object::Kind;
use crate::kubectl::args::{Flag, Takes};

impl Place<'_> {
    /// The value of a flag.
    pub(super) fn value(&self, flag: Flag, given: &Given<'_>, found: &mut Found<'_>) {
        match flag.name {
            "namespace" => self.names(Kind::Namespace, &[], given, found),
            "output" => found.offer_all(formats(given)),
            "filename" | "from-file" | "from-env-file" => {
                found.skip_to_last(',');
                found.skip_to_last('=');
                self.files(found);
            }
            "container" => self.containers(given, found),
            "selector" => self.selector(given, found),
            "field-selector" => self.field_selector(given, found),
            "label-columns" => self.label_keys(given, found),
            "sort-by" => self.path(given, found),
            "context" | "cluster" | "user" => found.offer(&self.workspace.context, ""),
            "revision" | "to-revision" => self.revisions(given, found),
            "cascade" => found.offer_all(&["background", "foreground", "orphan"]),
            "dry-run" => found.offer_all(&["client", "none", "server"]),
            "validate" => found.offer_all(&["false", "ignore", "strict", "true", "warn"]),
            "type" if given.verb_name() == "patch" => {
                found.offer_all(&["json", "merge", "strategic"]);
            }
            "type" if given.verb_name() == "expose" => {
                found.offer_all(&["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]);
            }
            "restart" => found.offer_all(&["Always", "Never", "OnFailure"]),
            "subresource" => found.offer_all(&["scale", "status"]),
            "for" => found.offer_all(&["condition=Ready", "create", "delete", "jsonpath="]),
            _ if flag.takes == Takes::Truth => found.offer_all(&["false", "true"]),
            _ => {}
        }
    }

    /// `status.phase=Running,spec.nodeName=…`.
    fn field_selector(&self, given: &Given<'_>, found: &mut Found<'_>) {
        found.skip_to_last(',');
        let kind = given.named().first().and_then(|it| Kind::of_command(it));
        let Some((field, _)) = found.piece().split_once('=') else {
            found.offer_all(&["metadata.name=", "metadata.namespace="]);
            if kind == Some(Kind::Pod) {
                found.offer_all(&["spec.nodeName=", "status.phase="]);
            }
            return;
        };
        found.skip_to_last('=');
        match (field.trim_end_matches('!'), kind) {
            ("metadata.name", Some(kind)) => self.names(kind, &[], given, found),
            ("metadata.namespace", _) => self.names(Kind::Namespace, &[], given, found),
            ("spec.nodeName", _) => self.names(Kind::Node, &[], given, found),
            ("status.phase", _) => {
                found.offer_all(&["Failed", "Pending", "Running", "Succeeded", "Unknown"]);
            }
            _ => {}
        }
    }
}

/// What `-o` takes.
fn formats(given: &Given<'_>) -> &'static [&'static str] {
    match (given.verb_name(), given.words.first().copied()) {
        ("get", _) => &[
            "custom-columns=",
            "json",
            "jsonpath=",
            "name",
            "wide",
            "yaml",
        ],
        ("explain", _) => &["plaintext"],
        ("api-resources", _) => &["name", "wide"],
        ("config", Some("get-contexts")) | ("delete" | "rollout", _) => &["name"],
        ("version", _) => &["json", "yaml"],
        ("logs" | "exec" | "describe", _) => &[],
        _ => &["json", "name", "yaml"],
    }
}
