//! What is to be done next: one queue over all components, ordered by time and then by the order of asking.
//!
//! Mirrors client-go's work queues: a key waits at most once for now and once for later, and a key whose sync failed
//! comes again after 5 ms, 10 ms, 20 ms … up to 1000 s (reference 2.2, rule 5).

use super::large::LargeMap;
use super::lookup::Lookup;
use super::object::ObjectKey;
use super::record::{Because, Component};
use super::time::Time;

/// The first wait after a failure.
const RETRY_MS: i64 = 5;
/// The longest wait after failures.
const RETRY_MAX_MS: i64 = 1_000_000;

/// One thing to do.
#[derive(Clone, Debug)]
pub struct Task {
    /// Who does it.
    pub component: Component,
    /// To what.
    pub key: ObjectKey,
    /// Because of what.
    pub because: Because,
}

type Slot = (Component, ObjectKey);
type Place = (Time, u64);

/// Where a key waits: for now, and for later.
#[derive(Clone, Debug, Default)]
struct Places {
    now: Option<Place>,
    later: Option<Place>,
}

/// All that is to be done.
#[derive(Clone, Debug, Default)]
pub struct Queue {
    tasks: LargeMap<Place, Task>,
    asked: u64,
    places: Lookup<Slot, Places>,
    failures: Lookup<Slot, u32>,
}

impl Queue {
    /// Wakes a component for a key; a key that already waits keeps its earlier place.
    pub fn add(&mut self, due: Time, component: Component, key: ObjectKey, because: Because) {
        let places = self.places.or_default((component, key.clone()));
        if places.now.is_some_and(|(at, _)| at <= due) {
            return;
        }
        self.asked += 1;
        let old = places.now.replace((due, self.asked));
        self.insert(due, component, key, because, old);
    }

    /// Wakes a component for a key at a later time, besides waking it sooner; the earlier of two later times counts.
    pub fn add_later(&mut self, due: Time, component: Component, key: ObjectKey) {
        let places = self.places.or_default((component, key.clone()));
        if places.later.is_some_and(|(at, _)| at <= due) {
            return;
        }
        self.asked += 1;
        let old = places.later.replace((due, self.asked));
        self.insert(due, component, key, Because::Clock, old);
    }

    /// Wakes a component again for a key whose sync failed.
    pub fn retry(&mut self, now: Time, component: Component, key: ObjectKey) {
        let failures = self.failures.or_default((component, key.clone()));
        // The one with a rate of its own (`defaultSyncBackOff`).
        let first = match component {
            Component::EndpointSlice => 1000,
            _ => RETRY_MS,
        };
        let wait = first
            .saturating_mul(1 << (*failures).min(20))
            .min(RETRY_MAX_MS);
        *failures += 1;
        self.add_later(now.plus_ms(wait), component, key);
    }

    /// Forgets the failures of a key whose sync went well.
    pub fn forget(&mut self, component: Component, key: &ObjectKey) {
        if !self.failures.is_empty() {
            self.failures.remove(&(component, key.clone()));
        }
    }

    /// Puts a task at the place that was just counted, instead of where it waited.
    fn insert(
        &mut self,
        due: Time,
        component: Component,
        key: ObjectKey,
        because: Because,
        old: Option<Place>,
    ) {
        if let Some(old) = old {
            self.tasks.remove(&old);
        }
        let task = Task {
            component,
            key,
            because,
        };
        self.tasks.insert((due, self.asked), task);
    }

    /// When the next thing is due.
    pub fn next_due(&self) -> Option<Time> {
        self.tasks.first_key_value().map(|((due, _), _)| *due)
    }

    /// Takes the next thing that is due by then.
    pub fn pop(&mut self, by: Time) -> Option<(Time, Task)> {
        if self.next_due()? > by {
            return None;
        }
        let (place, task) = self.tasks.pop_first()?;
        let slot = (task.component, task.key.clone());
        if let Some(places) = self.places.get_mut(&slot) {
            places.now = places.now.filter(|at| *at != place);
            places.later = places.later.filter(|at| *at != place);
            if places.now.or(places.later).is_none() {
                self.places.remove(&slot);
            }
        }
        Some((place.0, task))
    }

    /// All that waits, in its order.
    pub fn waiting(&self) -> impl Iterator<Item = (Time, &Task)> {
        self.tasks.iter().map(|((due, _), task)| (*due, task))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::object::Kind;

    fn key(name: &str) -> ObjectKey {
        ObjectKey::new(Kind::StatefulSet, "default", name)
    }

    #[test]
    fn a_key_waits_once_and_ties_keep_their_order() {
        let mut queue = Queue::default();
        let who = Component::StatefulSet;
        queue.add(Time(5), who, key("b"), Because::Clock);
        queue.add(Time(5), who, key("a"), Because::Clock);
        queue.add(Time(9), who, key("b"), Because::Clock);
        queue.add(Time(3), who, key("a"), Because::Clock);
        let order: Vec<_> = std::iter::from_fn(|| queue.pop(Time(10)))
            .map(|(at, task)| (at.0, task.key.name))
            .collect();
        assert_eq!(order, [(3, "a".into()), (5, "b".into())]);
    }

    #[test]
    fn failures_wait_longer_each_time() {
        let mut queue = Queue::default();
        let who = Component::StatefulSet;
        let mut now = Time(0);
        let mut waits = Vec::new();
        for _ in 0..20 {
            queue.retry(now, who, key("a"));
            let (due, _) = queue.pop(Time(i64::MAX)).unwrap();
            waits.push(due.ms_since(now));
            now = due;
        }
        assert_eq!(waits[..5], [5, 10, 20, 40, 80]);
        assert_eq!(waits[19], RETRY_MAX_MS);
        queue.forget(who, &key("a"));
        queue.retry(now, who, key("a"));
        assert_eq!(queue.next_due(), Some(now.plus_ms(5)));
    }

    #[test]
    fn a_key_may_wait_now_and_later() {
        let mut queue = Queue::default();
        queue.add_later(Time(100), Component::StatefulSet, key("a"));
        queue.add(Time(1), Component::StatefulSet, key("a"), Because::Clock);
        assert_eq!(queue.waiting().count(), 2);
        assert!(queue.pop(Time(0)).is_none());
    }
}
