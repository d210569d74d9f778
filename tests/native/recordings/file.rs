//! A recording as it stands in its file.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

/// One recording.
#[derive(Clone, Debug)]
pub(super) struct Recording {
    /// Its name.
    pub scenario: String,
    /// What it shows.
    pub about: String,
    /// The version that was recorded.
    pub kubernetes: String,
    /// The wall time of its first second.
    pub epoch: String,
    /// Files of the working directory.
    pub files: BTreeMap<String, String>,
    /// Names of its nodes.
    pub nodes: Vec<String>,
    /// Extra namespaces.
    pub namespaces: Vec<String>,
    /// Whether there is a default class.
    pub standard_class: bool,
    /// Whether the provisioner answers.
    pub provisioner: bool,
    /// The namespace of the manual verbs.
    pub namespace: String,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// Its second.
    pub at: i64,
    /// What is done.
    pub line: String,
    /// Everything else, as it stands.
    pub said: Value,
}

impl Recording {
    /// Reads a file.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        let value: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        Self::from_value(&value)
    }

    /// Reads the JSON of a file.
    pub(super) fn from_value(value: &Value) -> Result<Self, String> {
        let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        let list = |key: &str| -> Vec<String> {
            let items = value[key].as_array().into_iter().flatten();
            items
                .filter_map(|it| Some(it.as_str()?.to_owned()))
                .collect()
        };
        let files = value["files"].as_object().into_iter().flatten();
        let steps = value["steps"].as_array().ok_or("a recording has steps")?;
        let namespace = text("namespace");
        Ok(Self {
            scenario: text("scenario"),
            about: text("about"),
            kubernetes: text("kubernetes"),
            epoch: text("epoch"),
            files: files
                .filter_map(|(name, it)| Some((name.clone(), it.as_str()?.to_owned())))
                .collect(),
            nodes: list("nodes"),
            namespaces: list("namespaces"),
            standard_class: value["standardClass"].as_bool().unwrap_or(false),
            provisioner: value["provisioner"].as_str() == Some("auto"),
            namespace: if namespace.is_empty() {
                "default".to_owned()
            } else {
                namespace
            },
            steps: steps
                .iter()
                .map(Step::from_value)
                .collect::<Result<_, _>>()?,
        })
    }
}

impl Step {
    fn from_value(value: &Value) -> Result<Self, String> {
        let at = value["at"].as_i64().ok_or("a step has a second")?;
        let line = value["do"]
            .as_str()
            .ok_or("a step does something")?
            .to_owned();
        Ok(Self {
            at,
            line,
            said: value.clone(),
        })
    }

    /// Whether the writes of an object are left out.
    pub(super) fn is_loose(&self, object: &str) -> bool {
        self.said["loose"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|it| it.as_str() == Some(object))
    }

    /// How long it lasts if it is the last one: a second, or what it waits for.
    pub(super) fn own_seconds(&self) -> i64 {
        let wait = self
            .line
            .strip_prefix("@wait ")
            .and_then(|text| text.trim().strip_suffix('s'));
        wait.and_then(|text| text.parse().ok()).unwrap_or(1)
    }
}
