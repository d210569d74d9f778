//! The log of records: it only grows, and copies of it share what they have in common.
//!
//! A cluster is copied for every checkpoint of a timeline, and its log is by far the largest part of it.

use std::rc::Rc;

use super::record::Record;

/// Records in one shared piece.
const CHUNK: usize = 1024;

/// All records since the cluster was set up.
#[derive(Clone, Debug, Default)]
pub struct Log {
    full: Vec<Rc<[Record]>>,
    tail: Vec<Record>,
}

impl Log {
    /// Adds a record.
    pub(super) fn push(&mut self, record: Record) {
        self.tail.push(record);
        if self.tail.len() == CHUNK {
            self.full.push(self.tail.drain(..).collect());
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.full.len() * CHUNK + self.tail.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The record at a position.
    pub fn get(&self, at: usize) -> Option<&Record> {
        match self.full.get(at / CHUNK) {
            Some(chunk) => chunk.get(at % CHUNK),
            None => self.tail.get(at.checked_sub(self.full.len() * CHUNK)?),
        }
    }

    /// The records from a position on.
    pub fn since(&self, from: usize) -> impl DoubleEndedIterator<Item = &Record> {
        (from..self.len()).filter_map(|at| self.get(at))
    }

    /// All records.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.since(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::object::{Kind, ObjectKey};
    use crate::cluster::record::{Because, Component, Stop, Stopped, What};
    use crate::cluster::time::Time;

    #[test]
    fn every_record_is_found_at_its_position() {
        let mut log = Log::default();
        let count = CHUNK * 2 + 5;
        for at in 0..count {
            assert_eq!(log.len(), at);
            log.push(Record {
                time: Time(at as i64),
                author: Component::User,
                because: Because::Start,
                what: What::Stopped(Rc::new(Stopped {
                    key: ObjectKey::new(Kind::Pod, "default", "web-0"),
                    reason: Stop::Done,
                })),
            });
        }
        let copy = log.clone();
        for log in [&log, &copy] {
            let times: Vec<i64> = log.iter().map(|record| record.time.0).collect();
            assert_eq!(times, (0..count as i64).collect::<Vec<_>>());
            assert_eq!(log.since(count - 2).count(), 2);
            assert!(log.get(count).is_none());
        }
    }
}
