//! What the controller remembers of each set's pods, so that a sync need not look at all of them.
//!
//! A pod is *settled* when a sync would pass it by: it is as it should be in every step of `PROCESS_REPLICA`
//! (reference 2.5), and nothing that those steps look at has changed since.
//! [`SetIndex::check`] compares all of this with a plain search.

use std::rc::Rc;

use super::retention::claim_names;
use crate::cluster::object::{Pod, PodPhase, StatefulSet};
use crate::cluster::sorted::{SortedMap, SortedSet};
use crate::cluster::time::Time;
use crate::cluster::value::Text;

/// The label with the revision that a pod was made from.
pub const REVISION_LABEL: &str = "controller-revision-hash";

/// The pods of one set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetIndex {
    /// By ordinal.
    pods: Vec<Facts>,
    /// Ordinals that a sync must look at.
    unsettled: SortedSet<i32>,
    /// Ordinals whose pods are not Ready or are terminating.
    not_ready: SortedSet<i32>,
    /// By revision: how many pods there are, and the ordinals of those that are not terminating.
    revisions: SortedMap<Text, (usize, SortedSet<i32>)>,
    /// Pods that are Running and Ready.
    running_and_ready: i32,
    /// The claims of the pod that was looked at last, which mostly is the next too.
    claims: Option<Claims>,
}

/// The claims of one pod.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Claims {
    ordinal: i32,
    names: Rc<[Text]>,
    /// They were there, with the owners that they should have, when so many changes of claims had been made.
    good_at: Option<u64>,
}

/// What counts of one pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Its ordinal.
    pub ordinal: i32,
    /// Its name.
    pub name: Text,
    /// Its revision.
    pub revision: Text,
    /// Its phase.
    pub phase: PodPhase,
    /// Whether the condition Ready is True.
    pub ready: bool,
    /// Since when.
    pub since: Option<Time>,
    /// Whether its deletion was asked for.
    pub terminating: bool,
}

impl Facts {
    /// What counts of a pod; `None` if its name has no ordinal.
    pub fn of(pod: &Pod) -> Option<Self> {
        let (_, ordinal) = pod.parent_and_ordinal()?;
        let ready = pod.condition("Ready").filter(|it| &*it.status == "True");
        Some(Self {
            ordinal,
            name: pod.meta.name.clone(),
            revision: pod
                .meta
                .labels
                .get(REVISION_LABEL)
                .cloned()
                .unwrap_or_default(),
            phase: pod.status.phase,
            ready: ready.is_some(),
            since: ready.and_then(|it| it.last_transition_time),
            terminating: pod.meta.is_deleting(),
        })
    }

    /// Running with the condition Ready.
    pub fn is_running_and_ready(&self) -> bool {
        self.ready && self.phase == PodPhase::Running
    }

    /// Ready for so many seconds (reference 2.1).
    pub fn is_available(&self, min_ready_s: i32, now: Time) -> bool {
        let long_enough = |since: Time| since.plus_s(min_ready_s.into()) <= now;
        self.ready && (min_ready_s == 0 || self.since.is_some_and(long_enough))
    }

    /// Succeeded or Failed.
    pub fn is_finished(&self) -> bool {
        matches!(self.phase, PodPhase::Succeeded | PodPhase::Failed)
    }
}

impl SetIndex {
    /// Every pod, by ordinal.
    pub fn pods(&self) -> &[Facts] {
        &self.pods
    }

    /// The pod of an ordinal.
    pub fn get(&self, ordinal: i32) -> Option<&Facts> {
        self.pods.get(self.position(ordinal).ok()?)
    }

    fn position(&self, ordinal: i32) -> Result<usize, usize> {
        self.pods
            .binary_search_by_key(&ordinal, |facts| facts.ordinal)
    }

    /// Takes a pod in, or its new version.
    pub fn put(&mut self, facts: Facts) {
        self.unsettled.insert(facts.ordinal);
        match self.position(facts.ordinal) {
            Ok(at) => {
                let known = &self.pods[at];
                let counts_the_same = known.terminating == facts.terminating
                    && known.is_running_and_ready() == facts.is_running_and_ready()
                    && known.ready == facts.ready
                    && known.revision == facts.revision;
                if !counts_the_same {
                    let stale = known.clone();
                    self.count_out(&stale);
                    self.count_in(&facts);
                }
                self.pods[at] = facts;
            }
            Err(at) => {
                self.count_in(&facts);
                self.pods.insert(at, facts);
            }
        }
    }

    /// Lets a pod go.
    pub fn remove(&mut self, ordinal: i32) {
        if let Ok(at) = self.position(ordinal) {
            let facts = self.pods.remove(at);
            self.claims = self.claims.take().filter(|it| it.ordinal != ordinal);
            self.unsettled.remove(&facts.ordinal);
            self.count_out(&facts);
        }
    }

    /// Counts what a pod is good for, in or out.
    fn count_ready(&mut self, facts: &Facts, sign: i32) {
        self.running_and_ready += sign * i32::from(facts.is_running_and_ready());
        if !facts.ready || facts.terminating {
            match sign {
                1 => self.not_ready.insert(facts.ordinal),
                _ => self.not_ready.remove(&facts.ordinal),
            };
        }
    }

    fn count_in(&mut self, facts: &Facts) {
        self.count_ready(facts, 1);
        let (count, live) = self.revisions.entry(facts.revision.clone()).or_default();
        *count += 1;
        if !facts.terminating {
            live.insert(facts.ordinal);
        }
    }

    fn count_out(&mut self, facts: &Facts) {
        self.count_ready(facts, -1);
        if let Some((count, live)) = self.revisions.get_mut(&facts.revision) {
            *count -= 1;
            live.remove(&facts.ordinal);
            if *count == 0 {
                self.revisions.remove(&facts.revision);
            }
        }
    }

    /// Notes that a sync found the pod as it should be.
    pub fn settle(&mut self, ordinal: i32) {
        self.unsettled.remove(&ordinal);
    }

    /// Notes that something changed that a sync looks at, such as a claim of the pod.
    pub fn unsettle(&mut self, ordinal: i32) {
        if self.position(ordinal).is_ok() {
            self.unsettled.insert(ordinal);
        }
    }

    /// Notes that something changed that concerns every pod.
    pub fn unsettle_all(&mut self) {
        self.unsettled = self.pods.iter().map(|facts| facts.ordinal).collect();
        self.claims = None;
    }

    /// The names of the claims of an ordinal's pod, made by `name` unless they are remembered.
    pub fn claims(&mut self, ordinal: i32, name: impl FnOnce(i32) -> Rc<[Text]>) -> Rc<[Text]> {
        let known = self.claims.take().filter(|it| it.ordinal == ordinal);
        let new = || Claims {
            ordinal,
            names: name(ordinal),
            good_at: None,
        };
        let claims = self.claims.insert(known.unwrap_or_else(new));
        Rc::clone(&claims.names)
    }

    /// Whether a pod's claims are still as they should be, after so many changes of claims.
    pub fn has_good_claims(&self, ordinal: i32, changes: u64) -> bool {
        let mut known = self.claims.iter();
        known.any(|it| it.ordinal == ordinal && it.good_at == Some(changes))
    }

    /// Notes that a pod's claims are as they should be, after so many changes of claims.
    pub fn note_good_claims(&mut self, ordinal: i32, changes: u64) {
        if let Some(claims) = self.claims.as_mut().filter(|it| it.ordinal == ordinal) {
            claims.good_at = Some(changes);
        }
    }

    /// Ordinals that a sync must look at, with the holes: those of `wanted` that have no pod.
    pub fn attention(&self, wanted: std::ops::Range<i64>) -> SortedSet<i32> {
        let in_range = |ordinal: &i32| wanted.contains(&i64::from(*ordinal));
        let mut ordinals: SortedSet<i32> =
            self.unsettled.iter().copied().filter(in_range).collect();
        let from = self
            .pods
            .partition_point(|facts| i64::from(facts.ordinal) < wanted.start);
        let to = self
            .pods
            .partition_point(|facts| i64::from(facts.ordinal) < wanted.end);
        let inside = self.pods.get(from..to).unwrap_or_default();
        let mut next = wanted.start;
        let mut rest = inside;
        while next < wanted.end {
            // As long as ordinals follow each other without a gap they are where counting puts them.
            let offset = next;
            let run = gapless(rest, offset);
            next += run as i64;
            rest = rest.get(run..).unwrap_or_default();
            let gap_end = rest
                .first()
                .map_or(wanted.end, |facts| i64::from(facts.ordinal));
            ordinals.extend((next..gap_end).filter_map(|ordinal| i32::try_from(ordinal).ok()));
            next = gap_end;
        }
        ordinals
    }

    /// The first ordinal of `wanted` that has no pod.
    pub fn first_hole(&self, wanted: std::ops::Range<i64>) -> Option<i32> {
        let from = self
            .pods
            .partition_point(|facts| i64::from(facts.ordinal) < wanted.start);
        let run = gapless(self.pods.get(from..).unwrap_or_default(), wanted.start) as i64;
        let hole = wanted.start + run;
        (hole < wanted.end)
            .then(|| i32::try_from(hole).ok())
            .flatten()
    }

    /// The first ordinal from `from` on that a sync must look at.
    pub fn next_unsettled(&self, from: i32) -> Option<i32> {
        self.unsettled.range(from..).next().copied()
    }

    /// Ordinals that a sync must look at, in the set's range or not.
    pub fn unsettled(&self) -> impl Iterator<Item = i32> {
        self.unsettled.iter().copied()
    }

    /// Whether a sync must look at an ordinal.
    pub fn is_unsettled(&self, ordinal: i32) -> bool {
        self.unsettled.contains(&ordinal)
    }

    /// The pods outside of `wanted`, highest first.
    pub fn condemned(&self, wanted: &std::ops::Range<i64>) -> impl Iterator<Item = &Facts> {
        let below = self
            .pods
            .partition_point(|facts| i64::from(facts.ordinal) < wanted.start);
        let end = wanted.end.max(wanted.start);
        let above = self
            .pods
            .partition_point(|facts| i64::from(facts.ordinal) < end);
        let (low, high) = (self.pods.get(..below), self.pods.get(above..));
        let high = high.into_iter().flatten().rev();
        high.chain(low.into_iter().flatten().rev())
    }

    /// The lowest ordinal outside of `wanted` that is not Ready for so long, or terminating.
    pub fn first_condemned_unavailable(
        &self,
        wanted: &std::ops::Range<i64>,
        min_ready_s: i32,
        now: Time,
    ) -> Option<i32> {
        if min_ready_s == 0 {
            let mut outside = self
                .not_ready
                .iter()
                .filter(|it| !wanted.contains(&i64::from(**it)));
            return outside.next().copied();
        }
        let unavailable = |it: &&Facts| {
            !wanted.contains(&i64::from(it.ordinal)) && is_unavailable(it, min_ready_s, now)
        };
        self.pods.iter().find(unavailable).map(|it| it.ordinal)
    }

    /// The highest ordinal of a range that is not Ready for so long, or terminating.
    pub fn last_unavailable(
        &self,
        range: std::ops::Range<i64>,
        min_ready_s: i32,
        now: Time,
    ) -> Option<i32> {
        let inside = |ordinal: i32| range.contains(&i64::from(ordinal));
        if min_ready_s == 0 {
            let end = i32::try_from(range.end).unwrap_or(i32::MAX);
            return self
                .not_ready
                .range(..end)
                .next_back()
                .copied()
                .filter(|ordinal| inside(*ordinal));
        }
        let mut from_the_top = self.pods.iter().rev();
        from_the_top
            .find(|it| inside(it.ordinal) && is_unavailable(it, min_ready_s, now))
            .map(|it| it.ordinal)
    }

    /// The highest ordinal of a range whose pod is of another revision and not terminating.
    pub fn last_outdated(&self, range: std::ops::Range<i64>, revision: &str) -> Option<i32> {
        let end = i32::try_from(range.end).unwrap_or(i32::MAX);
        let others = self
            .revisions
            .iter()
            .filter(|(name, _)| &***name != revision);
        let highest = others
            .filter_map(|(_, (_, live))| live.range(..end).next_back().copied())
            .max();
        highest.filter(|ordinal| i64::from(*ordinal) >= range.start)
    }

    /// How many pods of a range are of another revision and not terminating.
    pub fn outdated(&self, revision: &str) -> i32 {
        let others = self
            .revisions
            .iter()
            .filter(|(name, _)| &***name != revision);
        others.map(|(_, (_, live))| count(live.len())).sum()
    }

    /// Pods that exist.
    pub fn replicas(&self) -> i32 {
        count(self.pods.len())
    }

    /// Pods that are Running and Ready.
    pub fn ready(&self) -> i32 {
        self.running_and_ready
    }

    /// Pods that are Ready for so many seconds.
    pub fn available(&self, min_ready_s: i32, now: Time) -> i32 {
        if min_ready_s == 0 {
            return self.running_and_ready;
        }
        let available =
            |it: &&Facts| it.is_running_and_ready() && it.is_available(min_ready_s, now);
        count(self.pods.iter().filter(available).count())
    }

    /// Pods of a revision that are not terminating.
    pub fn at_revision(&self, revision: &str) -> i32 {
        self.revisions
            .get(revision)
            .map_or(0, |(_, live)| count(live.len()))
    }

    /// Every revision that a pod has.
    pub fn revisions(&self) -> impl Iterator<Item = &Text> {
        self.revisions.keys()
    }

    /// Compares the index with a plain search over the set's pods; settled pods are left to the caller.
    pub fn check<'a>(
        &self,
        pods: impl Iterator<Item = &'a Pod>,
        set: &StatefulSet,
    ) -> Result<(), String> {
        let mut plain = Self::default();
        pods.filter_map(Facts::of)
            .for_each(|facts| plain.put(facts));
        plain.unsettled.clone_from(&self.unsettled);
        plain.claims = self.claims.clone().map(|it| Claims {
            names: claim_names(set, it.ordinal),
            ..it
        });
        if plain == *self {
            Ok(())
        } else {
            Err(format!(
                "the index of {} differs from a plain search",
                set.meta.name
            ))
        }
    }
}

fn is_unavailable(facts: &Facts, min_ready_s: i32, now: Time) -> bool {
    facts.terminating || !facts.is_available(min_ready_s, now)
}

/// How many of the pods, sorted by ordinal, follow each other from `start` on without a gap.
fn gapless(pods: &[Facts], start: i64) -> usize {
    // Ordinals are distinct and sorted: where the first gap is, ordinal minus position begins to grow.
    let mut positions = (0, pods.len());
    while positions.0 < positions.1 {
        let middle = positions.0.midpoint(positions.1);
        let in_place = pods
            .get(middle)
            .is_some_and(|facts| i64::from(facts.ordinal) == start + middle as i64);
        if in_place {
            positions.0 = middle + 1;
        } else {
            positions.1 = middle;
        }
    }
    positions.0
}

fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(ordinal: i32, revision: &str, ready: bool) -> Facts {
        Facts {
            ordinal,
            name: format!("web-{ordinal}").into(),
            revision: revision.into(),
            phase: PodPhase::Running,
            ready,
            since: ready.then_some(Time(0)),
            terminating: false,
        }
    }

    #[test]
    fn holes_and_unsettled_pods_need_attention() {
        let mut index = SetIndex::default();
        for ordinal in [0, 1, 3, 4, 7] {
            index.put(facts(ordinal, "a", true));
            index.settle(ordinal);
        }
        index.unsettle(4);
        index.unsettle(5);
        assert_eq!(index.attention(0..7), [2, 4, 5, 6].into());
        assert_eq!(index.attention(3..5), [4].into());
        assert_eq!(index.attention(0..0), [].into());
        assert_eq!(index.first_hole(0..7), Some(2));
        assert_eq!(index.first_hole(3..5), None);
        assert_eq!(index.first_hole(9..11), Some(9));
        let condemned =
            |wanted| -> Vec<i32> { index.condemned(&wanted).map(|it| it.ordinal).collect() };
        assert_eq!(condemned(1..4), [7, 4, 0]);
        assert_eq!(condemned(0..0), [7, 4, 3, 1, 0]);
    }

    #[test]
    fn availability_and_revisions_are_found_from_both_ends() {
        let mut index = SetIndex::default();
        for (ordinal, revision, ready) in [
            (0, "a", true),
            (1, "a", false),
            (2, "b", true),
            (3, "b", false),
        ] {
            index.put(facts(ordinal, revision, ready));
        }
        assert_eq!(index.last_unavailable(0..4, 0, Time(0)), Some(3));
        assert_eq!(index.last_unavailable(0..3, 0, Time(0)), Some(1));
        assert_eq!(
            index.first_condemned_unavailable(&(1..2), 0, Time(0)),
            Some(3)
        );
        assert_eq!(
            index.first_condemned_unavailable(&(1..2), 5, Time(4000)),
            Some(0)
        );
        assert_eq!(index.last_outdated(0..4, "b"), Some(1));
        assert_eq!(index.last_outdated(2..4, "b"), None);
        assert_eq!(
            (index.replicas(), index.ready(), index.at_revision("b")),
            (4, 2, 2)
        );
        index.put(Facts {
            terminating: true,
            ..facts(2, "b", true)
        });
        assert_eq!((index.at_revision("b"), index.ready()), (1, 2));
        index.remove(2);
        assert_eq!((index.replicas(), index.outdated("a")), (3, 1));
    }
}
