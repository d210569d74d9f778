//! A revision of a set, as the small square that its pods carry.

use crate::cluster::object::{Kind, ObjectKey};
use crate::cluster::value::Text;
use crate::timeline::View;

/// How many shapes and how many colours there are.
const KINDS: usize = 4;

/// A revision, drawn in the same way for as long as it lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevisionTag {
    /// Its name.
    pub name: Text,
    /// Its number among all that its set has had, from 0 on.
    pub number: usize,
}

impl RevisionTag {
    /// What it is of all: the end of its name, as `7c5f9d6b8` of `web-7c5f9d6b8`.
    pub fn hash(&self) -> &str {
        self.name.rsplit('-').next().unwrap_or_default()
    }

    /// Its shape and its colour, both from 0 on. One revision and the next differ in both; sixteen in a row in either.
    pub fn look(&self) -> (usize, usize) {
        let round = self.number / KINDS;
        (self.number % KINDS, (self.number + round) % KINDS)
    }
}

/// `None` for no revision.
pub(super) fn draw(namespace: &str, set: &str, name: &str, view: &View) -> Option<RevisionTag> {
    if name.is_empty() {
        return None;
    }
    let set = ObjectKey::new(Kind::StatefulSet, namespace, set);
    Some(RevisionTag {
        name: name.into(),
        number: view.revision_number(&set, name).unwrap_or(0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_revisions_in_a_row_look_different_and_neighbours_in_both_ways() {
        let look = |number| {
            let name = "web-7c5f".into();
            RevisionTag { name, number }.look()
        };
        let all: Vec<_> = (0..KINDS * KINDS).map(look).collect();
        for (at, one) in all.iter().enumerate() {
            assert!(!all[..at].contains(one), "{at}");
        }
        for number in 0..100 {
            let ((shape, colour), (next, other)) = (look(number), look(number + 1));
            assert!(shape != next && colour != other, "{number}");
        }
    }
}
