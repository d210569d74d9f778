//! Lists of which each version shares most with the one before.
//!
//! What lists all pods behind a Service is written anew whenever one of them changes. Such a list is held in pieces: a
//! change copies one piece and the list of pieces, and all versions share the rest.

use std::cmp::Ordering;
use std::rc::Rc;

use super::json::Json;
use super::value::Value;

/// The most items of a piece: a change of a list of a thousand copies about as many items as pieces.
const PIECE_MAX: usize = 32;

type Piece<T> = Vec<Rc<T>>;

/// A list in shared pieces.
#[derive(Debug)]
pub struct Pieces<T> {
    /// None of them is empty.
    pieces: Rc<Vec<Rc<Piece<T>>>>,
    len: usize,
}

/// Where an item stands, or would stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    piece: usize,
    at: usize,
}

impl<T> Clone for Pieces<T> {
    fn clone(&self) -> Self {
        Self {
            pieces: Rc::clone(&self.pieces),
            len: self.len,
        }
    }
}

impl<T> Default for Pieces<T> {
    fn default() -> Self {
        Self {
            pieces: Rc::default(),
            len: 0,
        }
    }
}

/// Two lists are equal if their items are, whatever their pieces.
impl<T: Eq> PartialEq for Pieces<T> {
    fn eq(&self, other: &Self) -> bool {
        let both = self.pieces.iter().zip(other.pieces.iter());
        let shared = both.take_while(|(a, b)| Rc::ptr_eq(a, b)).count();
        self.len == other.len && self.from(shared).eq(other.from(shared))
    }
}

impl<T: Eq> Eq for Pieces<T> {}

impl<T> Pieces<T> {
    /// How many items there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The items in their order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Rc<T>> + Clone {
        self.pieces.iter().flat_map(|piece| piece.iter())
    }

    /// The items from a piece on.
    fn from(&self, piece: usize) -> impl Iterator<Item = &Rc<T>> {
        let pieces = self.pieces.iter().skip(piece);
        pieces.flat_map(|piece| piece.iter())
    }

    /// The item at a spot.
    pub fn get(&self, spot: Spot) -> Option<&Rc<T>> {
        self.pieces.get(spot.piece)?.get(spot.at)
    }

    /// Where the item stands that fits; the search begins at the end.
    pub fn find_last(&self, fits: impl Fn(&T) -> bool) -> Option<Spot> {
        let mut pieces = self.pieces.iter().enumerate().rev();
        pieces.find_map(|(piece, items)| {
            let at = items.iter().rposition(|it| fits(it))?;
            Some(Spot { piece, at })
        })
    }

    /// Where an item stands in a list that is sorted, or else where it would; `order` compares others with it.
    pub fn search(&self, order: impl Fn(&T) -> Ordering) -> Result<Spot, Spot> {
        let is_before = |piece: &Rc<Piece<T>>| piece.last().is_some_and(|it| order(it).is_lt());
        let piece = self.pieces.partition_point(is_before);
        let Some(items) = self.pieces.get(piece) else {
            return Err(self.end());
        };
        let spot = |at| Spot { piece, at };
        let found = items.binary_search_by(|it| order(it));
        found.map(spot).map_err(spot)
    }

    /// Behind the last item.
    fn end(&self) -> Spot {
        let at = self.pieces.last().map_or(0, |last| last.len());
        let piece = self.pieces.len().saturating_sub(1);
        Spot { piece, at }
    }

    /// Puts an item in at a spot, before the one that stands there.
    pub fn insert(&mut self, spot: Spot, item: Rc<T>) {
        let pieces = own(&mut self.pieces);
        self.len += 1;
        let full = match pieces.get_mut(spot.piece) {
            Some(piece) if piece.len() < PIECE_MAX => {
                own(piece).insert(spot.at, item);
                return;
            }
            Some(full) => full,
            None => {
                pieces.push(Rc::new(vec![item]));
                return;
            }
        };
        // Lists that only grow at their end have full pieces.
        let grows = spot.at == PIECE_MAX;
        let mut upper = match grows {
            true => Vec::with_capacity(PIECE_MAX),
            false => own(full).split_off(PIECE_MAX / 2),
        };
        match spot
            .at
            .checked_sub(if grows { PIECE_MAX } else { PIECE_MAX / 2 })
        {
            Some(at) => upper.insert(at, item),
            None => own(full).insert(spot.at, item),
        }
        pieces.insert(spot.piece + 1, Rc::new(upper));
    }

    /// Puts an item at the end.
    pub fn push(&mut self, item: Rc<T>) {
        self.insert(self.end(), item);
    }

    /// Puts an item in place of another.
    pub fn set(&mut self, spot: Spot, item: Rc<T>) {
        if let Some(piece) = own(&mut self.pieces).get_mut(spot.piece)
            && let Some(slot) = own(piece).get_mut(spot.at)
        {
            *slot = item;
        }
    }

    /// Takes an item out.
    pub fn remove(&mut self, spot: Spot) {
        let pieces = own(&mut self.pieces);
        let Some(piece) = pieces.get_mut(spot.piece) else {
            return;
        };
        if piece.len() > 1 {
            own(piece).remove(spot.at);
        } else {
            pieces.remove(spot.piece);
        }
        self.len -= 1;
    }

    /// The first items, so many at most.
    pub fn first(&self, most: usize) -> Self {
        if self.len <= most {
            return self.clone();
        }
        let mut pieces = Vec::new();
        let mut free = most;
        for piece in self.pieces.iter() {
            if piece.len() >= free {
                pieces.extend((free > 0).then(|| Rc::new(piece[..free].to_vec())));
                break;
            }
            free -= piece.len();
            pieces.push(Rc::clone(piece));
        }
        Self {
            pieces: Rc::new(pieces),
            len: most,
        }
    }
}

/// A list to change, with room for one more: a copy if others share it.
fn own<T>(list: &mut Rc<Vec<Rc<T>>>) -> &mut Vec<Rc<T>> {
    if Rc::strong_count(list) > 1 {
        let mut copy = Vec::with_capacity(list.len() + 1);
        copy.extend(list.iter().cloned());
        *list = Rc::new(copy);
    }
    Rc::make_mut(list)
}

impl<T> FromIterator<Rc<T>> for Pieces<T> {
    fn from_iter<I: IntoIterator<Item = Rc<T>>>(items: I) -> Self {
        let mut pieces = Self::default();
        for item in items {
            pieces.push(item);
        }
        pieces
    }
}

impl<T: Json> Json for Pieces<T> {
    fn read(value: Value) -> Self {
        Vec::read(value).into_iter().map(Rc::new).collect()
    }

    fn write(&self) -> Option<Value> {
        (!self.is_empty()).then(|| self.write_always())
    }

    fn write_always(&self) -> Value {
        Value::List(self.iter().map(|it| it.write_always()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::rng::Rng;

    fn items(pieces: &Pieces<u64>) -> Vec<u64> {
        pieces.iter().map(|it| **it).collect()
    }

    #[test]
    fn a_list_in_pieces_does_what_a_list_does() {
        let (mut pieces, mut plain, mut rng) = (Pieces::default(), Vec::new(), Rng::new(7));
        let mut versions: Vec<(Pieces<u64>, Vec<u64>)> = Vec::new();
        for round in 0..5000 {
            // It grows to some hundreds and shrinks again.
            let grows = round < 2500;
            let number = rng.below(600) * 2;
            let found = pieces.search(|it: &u64| it.cmp(&number));
            assert_eq!(found.is_ok(), plain.binary_search(&number).is_ok());
            assert_eq!(pieces.find_last(|it| *it == number), found.ok());
            match (found, plain.binary_search(&number)) {
                (Err(spot), Err(at)) if grows => {
                    pieces.insert(spot, Rc::new(number));
                    plain.insert(at, number);
                }
                (Ok(spot), Ok(at)) if !grows || rng.below(4) == 0 => {
                    assert_eq!(pieces.get(spot).map(|it| **it), Some(number));
                    pieces.remove(spot);
                    plain.remove(at);
                }
                (Ok(spot), Ok(at)) => {
                    pieces.set(spot, Rc::new(number + 1));
                    pieces.set(spot, Rc::new(number));
                    plain[at] = number;
                }
                _ => {}
            }
            assert_eq!((items(&pieces), pieces.len()), (plain.clone(), plain.len()));
            assert!(
                pieces
                    .pieces
                    .iter()
                    .all(|it| (1..=PIECE_MAX).contains(&it.len()))
            );
            if round % 100 == 0 {
                versions.push((pieces.clone(), plain.clone()));
            }
        }
        for (pieces, plain) in versions {
            assert_eq!(items(&pieces), plain, "an earlier version stays as it was");
            for most in [0, 1, 31, 32, 33, plain.len(), 1000] {
                let first = pieces.first(most);
                assert_eq!(items(&first), plain[..most.min(plain.len())]);
                assert_eq!(first.len(), most.min(plain.len()));
            }
        }
    }

    #[test]
    fn lists_are_equal_if_their_items_are() {
        let whole: Pieces<u64> = (0..100).map(Rc::new).collect();
        let mut other = whole.clone();
        assert_eq!(whole, other);
        let spot = other.search(|it| it.cmp(&50)).unwrap();
        other.remove(spot);
        assert_ne!(whole, other);
        other.insert(spot, Rc::new(51));
        assert_ne!(whole, other);
        other.set(spot, Rc::new(50));
        assert_eq!(whole, other);
        // The same items in other pieces.
        let mut backwards = Pieces::default();
        for number in (0..100).rev() {
            let end = backwards.search(|it: &u64| it.cmp(&number)).unwrap_err();
            backwards.insert(end, Rc::new(number));
        }
        assert_eq!(whole, backwards);
    }
}
