//! What is to be done next: one queue over all components, ordered by time and then by the order of asking.
//!
//! Mirrors client-go's work queues: a key waits at most once for now and once for later, and a key whose sync failed
//! comes again after 5 ms, 10 ms, 20 ms … up to 1000 s (reference 2.2, rule 5).

use std::collections::VecDeque;

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
/// When something is due, and how many were asked for before it.
type Place = (Time, u64);
/// What is due at one time, in the order of asking. The next is taken from the front and others come to the end, so
/// that nothing else is moved.
type Row = VecDeque<(u64, Task)>;

/// Places that are not swept yet, at least.
const PLACES_MIN: usize = 1024;

/// Where a key waits or waited last: for now, and for later.
#[derive(Clone, Debug, Default)]
struct Places {
    now: Place,
    later: Place,
}

/// All that is to be done.
#[derive(Clone, Debug, Default)]
pub struct Queue {
    tasks: LargeMap<Time, Row>,
    /// Rows that are through, to be filled again.
    spare: Vec<Row>,
    asked: u64,
    /// Of all keys that wait, and of some that do no more.
    places: Lookup<Slot, Places>,
    /// So many places are swept.
    places_max: usize,
    /// The place of the task that was taken last. Time does not go back: who waits stands behind it.
    through: Place,
    failures: Lookup<Slot, u32>,
}

impl Queue {
    /// Wakes a component for a key; a key that already waits keeps its earlier place.
    pub fn add(&mut self, due: Time, component: Component, key: ObjectKey, because: Because) {
        let place = &mut self.places.or_default((component, key.clone())).now;
        let waits = *place > self.through;
        if waits && place.0 <= due {
            return;
        }
        self.asked += 1;
        let old = std::mem::replace(place, (due, self.asked));
        self.insert(due, component, key, because, waits.then_some(old));
    }

    /// Wakes a component for a key at a later time, besides waking it sooner; the earlier of two later times counts.
    pub fn add_later(&mut self, due: Time, component: Component, key: ObjectKey) {
        let place = &mut self.places.or_default((component, key.clone())).later;
        let waits = *place > self.through;
        if waits && place.0 <= due {
            return;
        }
        self.asked += 1;
        let old = std::mem::replace(place, (due, self.asked));
        self.insert(due, component, key, Because::Clock, waits.then_some(old));
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
            self.take_out(old);
        }
        let task = Task {
            component,
            key,
            because,
        };
        let spare = &mut self.spare;
        let row = self
            .tasks
            .or_insert_with(due, || spare.pop().unwrap_or_default());
        row.push_back((self.asked, task));
        if self.places.len() > self.places_max {
            self.sweep();
        }
    }

    /// Forgets the places of keys that do not wait.
    #[cold]
    fn sweep(&mut self) {
        let through = self.through;
        self.places
            .retain(|places| places.now.max(places.later) > through);
        self.places_max = PLACES_MIN.max(2 * self.places.len());
    }

    fn take_out(&mut self, (due, asked): Place) {
        let Some(row) = self.tasks.get_mut(&due) else {
            return;
        };
        if let Ok(at) = row.binary_search_by_key(&asked, |(asked, _)| *asked) {
            row.remove(at);
        }
        if row.is_empty() {
            self.tasks.remove(&due);
        }
    }

    /// When the next thing is due.
    pub fn next_due(&self) -> Option<Time> {
        self.tasks.first_key_value().map(|(due, _)| *due)
    }

    /// Takes the next thing that is due by then.
    pub fn pop(&mut self, by: Time) -> Option<(Time, Task)> {
        let due = self.next_due().filter(|due| *due <= by)?;
        let row = self.tasks.first_value_mut()?;
        let (asked, task) = row.pop_front()?;
        if row.is_empty() {
            self.spare.extend(self.tasks.pop_first());
        }
        self.through = (due, asked);
        Some((due, task))
    }

    /// All that waits, in its order.
    pub fn waiting(&self) -> impl Iterator<Item = (Time, &Task)> {
        let rows = self.tasks.iter();
        rows.flat_map(|(due, row)| row.iter().map(|(_, task)| (*due, task)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::object::Kind;
    use crate::cluster::rng::Rng;

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
    fn what_is_due_comes_in_the_order_of_times_and_then_of_asking() {
        let (mut queue, mut rng) = (Queue::default(), Rng::new(7));
        // Each key with the place that it has: the plain search for the next is the least of them.
        let mut plain: Vec<(Place, ObjectKey)> = Vec::new();
        let mut now = Time(0);
        for _ in 0..20_000 {
            if rng.below(5) < 3 {
                let (due, key) = (
                    now.plus_ms(rng.below(6) as i64),
                    key(&rng.below(40).to_string()),
                );
                queue.add(due, Component::Kubelet, key.clone(), Because::Clock);
                let known = plain.iter().position(|(_, it)| *it == key);
                if known.is_some_and(|at| plain[at].0.0 <= due) {
                    continue;
                }
                known.map(|at| plain.remove(at));
                plain.push(((due, queue.asked), key));
            } else {
                let next = plain.iter().min_by_key(|(place, _)| *place).cloned();
                let popped = queue.pop(Time(i64::MAX)).map(|(due, task)| (due, task.key));
                assert_eq!(popped, next.clone().map(|((due, _), key)| (due, key)));
                plain.retain(|it| Some(it) != next.as_ref());
                now = popped.map_or(now, |(due, _)| due);
            }
            assert_eq!(queue.waiting().count(), plain.len());
        }
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
