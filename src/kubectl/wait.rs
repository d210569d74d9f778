//! What a command waits for while the clock runs.

use super::output::Output;
use super::verb::drain::Drain;
use super::verb::events::Shown;
use super::verb::get::Watch;
use super::verb::replace::Replacing;
use super::verb::rollout::status::Rollout;
use super::verb::wait::Waiting;
use crate::cluster::Cluster;
use crate::cluster::inside::Spot;
use crate::cluster::object::ObjectKey;
use crate::cluster::time::Time;
use crate::cluster::value::Text;

/// A condition on the cluster before a command ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Until these objects are gone: by key and uid.
    Gone(Vec<(ObjectKey, Text)>),
    /// Until a rollout is through.
    Rollout(Rollout),
    /// Until the pods of a node are evicted.
    Drain(Drain),
    /// Until objects are as they shall be: `kubectl wait`.
    For(Box<Waiting>),
    /// For ever: `get -w`.
    Watch(Box<Watch>),
    /// For ever: `events -w`.
    Events(Box<Shown>),
    /// Until a container has started.
    Start(Start),
    /// Until objects are gone and made anew: `replace --force`.
    Replace(Replacing),
}

/// A container that is awaited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// The container.
    pub spot: Spot,
    /// How long it is awaited.
    pub until: Time,
}

impl Wait {
    /// Whether the command can end.
    pub fn is_over(&self, cluster: &Cluster) -> bool {
        match self {
            Self::Gone(objects) => objects.iter().all(|(key, uid)| is_gone(cluster, key, uid)),
            Self::Rollout(rollout) => rollout.is_over(),
            Self::Drain(drain) => drain.is_over(),
            Self::For(waiting) => waiting.is_over(),
            Self::Start(start) => start.is_over(cluster),
            Self::Replace(replacing) => replacing.is_over(),
            Self::Watch(_) | Self::Events(_) => false,
        }
    }

    /// When the command does something by itself; `None` if it only watches.
    pub fn due(&self) -> Option<Time> {
        match self {
            Self::Drain(drain) => drain.due(),
            Self::Rollout(rollout) => rollout.due(),
            Self::For(waiting) => waiting.due(),
            Self::Start(start) => Some(start.until),
            Self::Replace(replacing) => replacing.due(),
            _ => None,
        }
    }

    /// Lets the command see the cluster as it is now: what it prints and does, and whether it can end.
    pub fn poll(&mut self, cluster: &mut Cluster, output: &mut Output) -> bool {
        match self {
            Self::Drain(drain) => drain.poll(cluster, output),
            Self::For(waiting) => waiting.poll(cluster, output),
            Self::Watch(watch) => watch.poll(cluster, output),
            Self::Events(shown) => shown.poll(cluster, output),
            Self::Rollout(rollout) => rollout.poll(cluster, output),
            Self::Start(start) => start.poll(cluster, output),
            Self::Gone(_) => {}
            Self::Replace(replacing) => return replacing.poll(cluster, output),
        }
        self.is_over(cluster)
    }
}

/// Whether an object is gone, or another one has its name.
pub(super) fn is_gone(cluster: &Cluster, key: &ObjectKey, uid: &Text) -> bool {
    let now = cluster.api.store.by_key(key);
    now.is_none_or(|object| object.meta().uid != *uid)
}
