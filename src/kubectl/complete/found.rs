//! What is collected while a word is completed.

use super::cut::Word;
use super::{Candidate, Completion};
use crate::cluster::sorted::SortedMap;

/// The candidates so far, and the piece of the word that they continue.
pub(super) struct Found<'a> {
    word: &'a Word,
    from: usize,
    rank: usize,
    all: SortedMap<(usize, String), String>,
}

impl<'a> Found<'a> {
    /// Nothing yet: the whole word is what is completed.
    pub(super) fn new(word: &'a Word) -> Self {
        Self {
            word,
            from: 0,
            rank: 0,
            all: SortedMap::new(),
        }
    }

    /// The piece that is completed.
    pub(super) fn piece(&self) -> &'a str {
        self.word.text.get(self.from..).unwrap_or_default()
    }

    /// From here on only what stands behind this many bytes of the piece is completed.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.from += bytes;
    }

    /// From here on only what stands behind the last such letter is completed.
    pub(super) fn skip_to_last(&mut self, letter: char) {
        self.from += self
            .piece()
            .rfind(letter)
            .map_or(0, |at| at + letter.len_utf8());
    }

    /// What is offered from here on comes after what was offered before.
    pub(super) fn next_group(&mut self) {
        self.rank += 1;
    }

    /// Takes a candidate in, if it continues the piece.
    pub(super) fn offer(&mut self, text: &str, about: &str) {
        if text.starts_with(self.piece()) {
            self.all
                .insert((self.rank, text.to_owned()), about.to_owned());
        }
    }

    /// Takes in those candidates that continue the piece.
    pub(super) fn offer_all(&mut self, texts: &[&str]) {
        for text in texts {
            self.offer(text, "");
        }
    }

    /// Whether nothing fits so far.
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// What came of it, in a line that was read up to `end`.
    pub(super) fn finish(self, end: usize) -> Completion {
        let Some(start) = self.word.place(self.from, end) else {
            return Completion::nothing(end);
        };
        let candidates: Vec<Candidate> = self
            .all
            .into_iter()
            .map(|((_, text), about)| Candidate { text, about })
            .collect();
        Completion {
            start,
            common: common(&candidates),
            candidates,
        }
    }
}

/// The longest beginning that all have.
fn common(candidates: &[Candidate]) -> String {
    let Some((first, rest)) = candidates.split_first() else {
        return String::new();
    };
    let mut end = first.text.len();
    for other in rest {
        let same = first.text.chars().zip(other.text.chars());
        let same = same.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8());
        end = end.min(same.sum());
    }
    first.text.get(..end).unwrap_or_default().to_owned()
}
