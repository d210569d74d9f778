//! A map for single questions: as quick as a hash map, and as deterministic as an ordered one.
//!
//! It cannot be walked, so that the order in which it happens to hold things never shows.

use crate::cluster::sorted;
use std::borrow::Borrow;
use std::hash::Hash;

#[expect(
    clippy::disallowed_types,
    reason = "it is never walked here, and its hash has no seed"
)]
type Inner<K, V> = std::collections::HashMap<K, V, rustc_hash::FxBuildHasher>;

/// A map that is asked for one key at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup<K: Eq + Hash, V>(Inner<K, V>);

impl<K: Eq + Hash, V> Default for Lookup<K, V> {
    fn default() -> Self {
        Self(Inner::default())
    }
}

impl<K: Eq + Hash, V> Lookup<K, V> {
    /// The value of a key.
    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.get(key)
    }

    /// The value of a key, to change.
    pub fn get_mut<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.0.get_mut(key)
    }

    /// Sets the value of a key; the one before.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.0.insert(key, value)
    }

    /// Takes a key away, with its value.
    pub fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.0.remove(key)
    }

    /// The value of a key, made if there is none.
    pub fn or_default(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        self.0.entry(key).or_default()
    }

    /// The value of a key, made by `make` if there is none.
    pub fn or_insert_with(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        self.0.entry(key).or_insert_with(make)
    }

    /// Keeps the keys whose values fit.
    pub fn retain(&mut self, mut fits: impl FnMut(&V) -> bool) {
        self.0.retain(|_, value| fits(value));
    }

    /// Whether a key is there.
    pub fn contains<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.0.contains_key(key)
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All keys in their order; it takes the time to sort them.
    pub fn sorted(&self) -> Vec<(&K, &V)>
    where
        K: Ord,
    {
        let mut all: Vec<_> = self.0.iter().collect();
        sorted::sort_by(&mut all, |a, b| a.0.cmp(b.0));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_answers_like_a_map_and_shows_its_keys_in_order_only() {
        let mut lookup: Lookup<String, usize> = Lookup::default();
        for number in [3, 1, 2] {
            lookup.insert(format!("web-{number}"), number);
        }
        assert_eq!(lookup.get("web-2"), Some(&2));
        *lookup.or_default("web-4".to_owned()) += 4;
        assert_eq!(lookup.remove("web-1"), Some(1));
        let keys: Vec<_> = lookup
            .sorted()
            .into_iter()
            .map(|(key, _)| key.as_str())
            .collect();
        assert_eq!(keys, ["web-2", "web-3", "web-4"]);
        assert_eq!((lookup.len(), lookup.contains("web-1")), (3, false));
        lookup.retain(|number| number % 2 == 0);
        let left = |name| lookup.contains(name);
        assert_eq!((left("web-2"), left("web-3")), (true, false));
    }
}
