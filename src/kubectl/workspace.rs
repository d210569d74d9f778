//! What a person has beside the cluster: files, and the namespace that commands go to.

use crate::cluster::sorted::SortedMap;
use crate::cluster::value::Text;

/// Files and kubectl's context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// The files of the working directory, by name.
    pub files: SortedMap<String, String>,
    /// The namespace of the current context.
    pub namespace: Text,
    /// The name of the current context.
    pub context: Text,
    /// What is piped to the command that runs: the file `-`.
    pub input: Option<String>,
    /// The files that `kubectl edit` has opened, the last one at the end.
    pub opened: Vec<String>,
}

impl Default for Workspace {
    fn default() -> Self {
        Self {
            files: SortedMap::new(),
            namespace: "default".into(),
            context: "minikube".into(),
            input: None,
            opened: Vec::new(),
        }
    }
}
