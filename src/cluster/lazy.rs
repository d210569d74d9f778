//! A set for what comes far more often than it is walked: it is put in order when somebody asks for its order.

use std::borrow::Borrow;
use std::cell::OnceCell;

use super::large::LargeSet;

/// A set whose elements are sorted as soon as they are looked at.
#[derive(Clone, Debug)]
pub struct LazySet<T> {
    sorted: LargeSet<T>,
    /// What has come since, in the order in which it came.
    fresh: Vec<T>,
    /// Both together, once somebody has walked the set as it is.
    whole: OnceCell<LargeSet<T>>,
}

impl<T> Default for LazySet<T> {
    fn default() -> Self {
        Self {
            sorted: LargeSet::default(),
            fresh: Vec::new(),
            whole: OnceCell::new(),
        }
    }
}

/// Two sets are equal if their elements are, whenever they were sorted.
impl<T: Ord + Clone> PartialEq for LazySet<T> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<T: Ord + Clone> Eq for LazySet<T> {}

impl<T: Ord + Clone> LazySet<T> {
    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty() && self.fresh.is_empty()
    }

    /// The elements in their order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        let sorted = match self.fresh.is_empty() {
            true => &self.sorted,
            false => self.whole.get_or_init(|| {
                let mut whole = self.sorted.clone();
                whole.extend(self.fresh.iter().cloned());
                whole
            }),
        };
        sorted.iter()
    }

    /// Puts an element in.
    pub fn insert(&mut self, item: T) {
        if let Some(whole) = self.whole.take() {
            self.sorted = whole;
            self.fresh.clear();
        }
        self.fresh.push(item);
    }

    /// Takes an element out.
    pub fn remove<Q: Ord + ?Sized>(&mut self, item: &Q)
    where
        T: Borrow<Q>,
    {
        match self.whole.take() {
            Some(whole) => {
                self.sorted = whole;
                self.fresh.clear();
            }
            None => self.sorted.extend(self.fresh.drain(..)),
        }
        self.sorted.remove(item);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::cluster::rng::Rng;

    #[test]
    fn a_lazy_set_does_what_an_ordered_tree_does() {
        let (mut set, mut tree, mut rng) = (LazySet::default(), BTreeSet::new(), Rng::new(7));
        for round in 0..10_000 {
            let number = rng.below(500);
            match rng.below(12) {
                0 => {
                    set.remove(&number);
                    tree.remove(&number);
                }
                1 => assert!(set.iter().eq(tree.iter()), "after round {round}"),
                _ => {
                    set.insert(number);
                    tree.insert(number);
                }
            }
            assert_eq!(set.is_empty(), tree.is_empty());
        }
        let mut other = LazySet::default();
        for number in tree.iter().rev() {
            other.insert(*number);
        }
        assert_eq!(set, other);
    }
}
