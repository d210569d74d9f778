//! What a command waits for while the clock runs.

use crate::cluster::Cluster;
use crate::cluster::object::ObjectKey;
use crate::cluster::value::Text;

/// A condition on the cluster before a command ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Until these objects are gone: by key and uid.
    Gone(Vec<(ObjectKey, Text)>),
    /// Until a rollout is through; the lines that its status had so far.
    Rollout(ObjectKey),
    /// For ever: a watch.
    Forever,
}

impl Wait {
    /// Whether the command can end.
    pub fn is_over(&self, cluster: &Cluster) -> bool {
        match self {
            Self::Gone(objects) => objects.iter().all(|(key, uid)| {
                cluster
                    .api
                    .store
                    .by_key(key)
                    .is_none_or(|object| object.meta().uid != *uid)
            }),
            Self::Rollout(key) => super::verb::rollout::is_through(key, cluster),
            Self::Forever => false,
        }
    }
}
