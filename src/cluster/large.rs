//! Maps and sets for what grows with the number of pods: sorted lists in pieces.
//!
//! A change moves at most one piece, so that it costs about the same in a set of ten and of ten thousand; and the code
//! for a pair of types is a quarter of what an ordered tree takes on the wire.

use std::borrow::Borrow;

use super::sorted::SortedMap;

/// The most entries of a piece.
const PIECE_MAX: usize = 128;

/// A map whose keys are sorted.
#[derive(Clone, Debug)]
pub struct LargeMap<K, V> {
    /// None of them is empty.
    pieces: Vec<SortedMap<K, V>>,
}

/// A set whose elements are sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LargeSet<T>(LargeMap<T, ()>);

impl<K, V> Default for LargeMap<K, V> {
    fn default() -> Self {
        Self { pieces: Vec::new() }
    }
}

impl<T> Default for LargeSet<T> {
    fn default() -> Self {
        Self(LargeMap::default())
    }
}

/// Two maps are equal if their entries are, whatever their pieces.
impl<K: PartialEq, V: PartialEq> PartialEq for LargeMap<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<K: Eq, V: Eq> Eq for LargeMap<K, V> {}

impl<K, V> LargeMap<K, V> {
    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The entries in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.pieces.iter().flatten()
    }

    /// The keys in their order.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    /// The values in the order of their keys.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// The entry with the lowest key.
    pub fn first_key_value(&self) -> Option<(&K, &V)> {
        self.pieces.first()?.first_key_value()
    }

    /// The value of the lowest key, to be changed.
    pub fn first_value_mut(&mut self) -> Option<&mut V> {
        let (_, value) = self.pieces.first_mut()?.iter_mut().next()?;
        Some(value)
    }

    /// Takes the lowest key out; its value.
    pub fn pop_first(&mut self) -> Option<V> {
        let piece = self.pieces.first_mut()?;
        let first = piece.pop_first();
        if piece.is_empty() {
            self.pieces.remove(0);
        }
        first
    }
}

impl<K: Ord, V> LargeMap<K, V> {
    /// The piece in which a key stands, or would stand if it is not above all.
    fn piece<Q: Ord + ?Sized>(&self, key: &Q) -> usize
    where
        K: Borrow<Q>,
    {
        self.pieces.partition_point(|piece| {
            let last = piece.last_key_value();
            last.is_some_and(|(last, _)| last.borrow() < key)
        })
    }

    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.pieces.get(self.piece(key))?.get(key)
    }

    /// The value of a key, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let at = self.piece(key);
        self.pieces.get_mut(at)?.get_mut(key)
    }

    /// The piece that takes a key in, with room for one more.
    fn piece_for(&mut self, key: &K) -> &mut SortedMap<K, V> {
        if self.pieces.is_empty() {
            self.pieces.push(SortedMap::new());
        }
        let mut at = self.piece(key).min(self.pieces.len() - 1);
        if self.pieces[at].len() == PIECE_MAX {
            let upper = self.pieces[at].split_half();
            self.pieces.insert(at + 1, upper);
            at = self.piece(key).min(self.pieces.len() - 1);
        }
        &mut self.pieces[at]
    }

    /// Sets the value of a key; the value that it had.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.piece_for(&key).insert(key, value)
    }

    /// The value of a key, its default if it has none.
    pub fn or_default(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        self.or_insert_with(key, V::default)
    }

    /// The value of a key, made by `make` if it has none.
    pub fn or_insert_with(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        self.piece_for(&key).entry(key).or_insert_with(make)
    }

    /// Keeps the entries that fit.
    pub fn retain(&mut self, mut fits: impl FnMut(&K, &mut V) -> bool) {
        for piece in &mut self.pieces {
            piece.retain(&mut fits);
        }
        self.pieces.retain(|piece| !piece.is_empty());
    }

    /// Takes a key out; the value that it had.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let at = self.piece(key);
        let piece = self.pieces.get_mut(at)?;
        let value = piece.remove(key);
        if piece.is_empty() {
            self.pieces.remove(at);
        }
        value
    }
}

impl<T> LargeSet<T> {
    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.0.pieces.iter().map(SortedMap::len).sum()
    }

    /// The elements in their order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.keys()
    }
}

impl<T: Ord> LargeSet<T> {
    /// Puts an element in.
    pub fn insert(&mut self, item: T) {
        self.0.insert(item, ());
    }

    /// Takes an element out.
    pub fn remove<Q: Ord + ?Sized>(&mut self, item: &Q)
    where
        T: Borrow<Q>,
    {
        self.0.remove(item);
    }
}

impl<T: Ord> FromIterator<T> for LargeSet<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut set = Self::default();
        set.extend(items);
        set
    }
}

impl<T: Ord> Extend<T> for LargeSet<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        for item in items {
            self.insert(item);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_large_map_does_what_an_ordered_tree_does() {
        let mut map = LargeMap::default();
        let mut tree = BTreeMap::new();
        let mut number = 7_u32;
        for round in 0..20_000 {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // It grows to a thousand entries and shrinks again.
            let grows = round < 10_000;
            let key = (number >> 8) % 1500;
            match (number >> 4) % 4 {
                0 if grows => assert_eq!(map.remove(&key), tree.remove(&key)),
                1..4 if !grows => assert_eq!(map.remove(&key), tree.remove(&key)),
                1 => {
                    *map.or_default(key) += 1;
                    *tree.entry(key).or_default() += 1;
                }
                _ => assert_eq!(map.insert(key, round), tree.insert(key, round)),
            }
            assert_eq!(map.get(&key), tree.get(&key));
            assert_eq!(map.first_key_value(), tree.first_key_value());
            if round % 100 == 0 {
                assert!(map.iter().eq(tree.iter()), "after round {round}");
                assert!(
                    map.pieces
                        .iter()
                        .all(|it| (1..=PIECE_MAX).contains(&it.len()))
                );
            }
        }
    }

    #[test]
    fn maps_with_the_same_entries_are_equal_however_they_came_about() {
        let upwards: Vec<u32> = (0..1000).collect();
        let make = |keys: &mut dyn Iterator<Item = u32>| {
            let mut set = LargeSet::default();
            keys.for_each(|key| set.insert(key));
            set
        };
        let (a, b) = (
            make(&mut upwards.iter().copied()),
            make(&mut upwards.iter().rev().copied()),
        );
        assert_eq!(a, b);
        assert_eq!((a.len(), a.is_empty()), (1000, false));
    }
}
