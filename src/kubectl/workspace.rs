//! What a person has beside the cluster: files, and the namespace that commands go to.

use std::collections::BTreeMap;

use crate::cluster::value::Text;

/// Files and kubectl's context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// The files of the working directory, by name.
    pub files: BTreeMap<String, String>,
    /// The namespace of the current context.
    pub namespace: Text,
    /// The name of the current context.
    pub context: Text,
}

impl Default for Workspace {
    fn default() -> Self {
        Self {
            files: BTreeMap::new(),
            namespace: "default".into(),
            context: "minikube".into(),
        }
    }
}
