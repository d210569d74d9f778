//! One node that is emptied: its pods are asked to go, and awaited.

use super::pods::skips_at;
use super::{Asked, Why};
use crate::cluster::Cluster;
use crate::cluster::api::DeleteOptions;
use crate::cluster::error::ApiError;
use crate::cluster::object::{ObjectKey, Pod};
use crate::cluster::record::Component;
use crate::cluster::time::Time;
use crate::cluster::value::Text;
use crate::kubectl::args::go_duration;
use crate::kubectl::output::Output;
use crate::kubectl::wait::is_gone;

/// How long kubectl sleeps before it tries a refused eviction again. It does not wake for its timeout meanwhile.
const RETRY_S: i64 = 5;
/// Go's words for a time that is over.
const LATE: &str = "context deadline exceeded";

/// A node under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    /// The node.
    pub node: Text,
    pods: Vec<Leaving>,
    /// When it gives up.
    until: Option<Time>,
    /// What is wrong with single pods.
    faults: Vec<String>,
}

/// One pod that has to go.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Leaving {
    key: ObjectKey,
    uid: Text,
    /// When it is asked to go; `None` once the server agreed.
    ask_at: Option<Time>,
    /// From when on it is not waited for.
    skips_at: Option<Time>,
}

impl Turn {
    pub(super) fn new(
        node: Text,
        pods: Vec<(ObjectKey, Text)>,
        asked: &Asked,
        cluster: &Cluster,
    ) -> Self {
        let now = cluster.now();
        let leaving = |(key, uid)| Leaving {
            key,
            uid,
            ask_at: Some(now),
            skips_at: None,
        };
        Self {
            node,
            pods: pods.into_iter().map(leaving).collect(),
            until: asked.timeout_ms.map(|ms| now.plus_ms(ms)),
            faults: Vec::new(),
        }
    }

    /// When it does something by itself.
    pub(super) fn due(&self) -> Option<Time> {
        let waits = self.pods.iter().any(|it| it.ask_at.is_none());
        let own = |pod: &Leaving| pod.ask_at.or(pod.skips_at);
        let own = self.pods.iter().filter_map(own);
        own.chain(self.until.filter(|_| waits)).min()
    }

    /// Goes on as far as it can; what came of it once nothing is left to wait for.
    pub(super) fn poll(
        &mut self,
        asked: &Asked,
        cluster: &mut Cluster,
        output: &mut Output,
    ) -> Option<Result<(), Why>> {
        let asks = if asked.deletes {
            self.delete(asked, cluster)
        } else {
            self.evict(asked, cluster, output);
            Ok(())
        };
        if let Err(why) = asks {
            return Some(Err(why));
        }
        self.note_gone(asked, cluster, output);
        if self.until.is_some_and(|until| cluster.now() >= until) {
            let waits = self.pods.iter().any(|it| it.ask_at.is_none());
            if waits && asked.deletes {
                return Some(Err(Why::One(LATE.to_owned())));
            }
            self.give_up();
        }
        if !self.pods.is_empty() {
            return None;
        }
        let faults = std::mem::take(&mut self.faults);
        Some(match faults.is_empty() {
            true => Ok(()),
            false => Err(Why::Each(faults)),
        })
    }

    /// Deletes the pods: all of them, or none is awaited.
    fn delete(&mut self, asked: &Asked, cluster: &mut Cluster) -> Result<(), Why> {
        for pod in self.pods.iter_mut().filter(|it| it.ask_at.is_some()) {
            match send(asked, &pod.key, cluster) {
                Err(error) if !error.is_not_found() => return Err(Why::One(error.to_string())),
                _ => pod.ask_at = None,
            }
        }
        if asked.dry_run.is_some() {
            self.pods.clear();
        }
        Ok(())
    }

    /// Asks for the evictions that are due.
    fn evict(&mut self, asked: &Asked, cluster: &mut Cluster, output: &mut Output) {
        let now = cluster.now();
        let is_due = |pod: &Leaving| pod.ask_at.is_some_and(|at| at <= now);
        for Leaving { key, .. } in self.pods.iter().filter(|it| is_due(it)) {
            let suffix = asked.dry_run.unwrap_or_default();
            output.line(&format!(
                "evicting pod {}/{}{suffix}",
                key.namespace, key.name
            ));
        }
        let (until, faults) = (self.until, &mut self.faults);
        self.pods.retain_mut(|pod| {
            if !is_due(pod) {
                return true;
            }
            let (namespace, name) = (&pod.key.namespace, &pod.key.name);
            let doing = format!("error when evicting pods/{name:?} -n {namespace:?}");
            if until.is_some_and(|until| now >= until) {
                let after = go_duration(asked.timeout_ms.unwrap_or(0));
                faults.push(format!("{doing}: global timeout reached: {after}"));
                return false;
            }
            match send(asked, &pod.key, cluster) {
                Err(error @ ApiError::TooManyRequests(_)) => {
                    output
                        .error_in_place(&format!("{doing} (will retry after {RETRY_S}s): {error}"));
                    pod.ask_at = Some(now.plus_s(RETRY_S));
                    true
                }
                Err(error) => {
                    // What is gone meanwhile is what was wanted.
                    if !error.is_not_found() {
                        faults.push(format!("{doing}: {error}"));
                    }
                    false
                }
                Ok(()) => {
                    pod.ask_at = None;
                    asked.dry_run.is_none()
                }
            }
        });
    }

    /// Says which pods are gone, and which are not waited for any more.
    fn note_gone(&mut self, asked: &Asked, cluster: &Cluster, output: &mut Output) {
        let word = if asked.deletes { "deleted" } else { "evicted" };
        let store = &cluster.api.store;
        self.pods.retain_mut(|pod| {
            let Leaving { key, uid, .. } = &*pod;
            if pod.ask_at.is_some() {
                return true;
            }
            if is_gone(cluster, key, uid) {
                output.line(&format!("pod/{} {word}", key.name));
                return false;
            }
            let found = store.find::<Pod>(&key.namespace, &key.name);
            let skips_at = found.and_then(|it| skips_at(asked, it));
            if skips_at.is_some_and(|at| at <= cluster.now()) {
                output.line(&format!(
                    "pod {:?} has DeletionTimestamp older than {} seconds, skipping",
                    key.name, asked.skip_s
                ));
                return false;
            }
            pod.skips_at = skips_at;
            true
        });
    }

    /// The time is over for the pods that are awaited; those whose eviction was refused sleep on.
    fn give_up(&mut self) {
        let faults = &mut self.faults;
        self.pods.retain(|pod| {
            if pod.ask_at.is_some() {
                return true;
            }
            let (namespace, name) = (&pod.key.namespace, &pod.key.name);
            faults.push(format!(
                "error when waiting for pod {name:?} in namespace {namespace:?} to terminate: {LATE}"
            ));
            false
        });
    }
}

/// Asks the server for one pod.
fn send(asked: &Asked, key: &ObjectKey, cluster: &mut Cluster) -> Result<(), ApiError> {
    let options = DeleteOptions {
        grace_s: asked.grace_s,
        ..DeleteOptions::default()
    };
    let request = |api: &mut crate::cluster::api::Api| match asked.deletes {
        true => api.delete(key, &options).map(drop),
        false => api.evict(key, &options),
    };
    match asked.dry_run {
        Some(_) => cluster.api.try_out(request),
        None => cluster.request(Component::User, request),
    }
}
