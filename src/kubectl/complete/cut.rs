//! The last simple command of a line, up to the place where a person types.
//!
//! Reads blanks, quotes, escapes and what parts commands (`;`, `&&`, `|`, `$(`, a redirection) as a shell does, and
//! never fails: a quote or a bracket that is still open is what a line under way looks like.

use std::iter::Peekable;
use std::str::CharIndices;

/// The command that is being typed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Cut {
    /// The words that are finished.
    pub words: Vec<String>,
    /// The word that is being typed; may be empty.
    pub word: Word,
    /// Whether that word is the file of a redirection.
    pub is_file: bool,
}

/// A word, and where its letters stand in the line.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Word {
    /// What it says, without quotes and escapes.
    pub text: String,
    /// For each byte of the text where its letter stands in the line.
    places: Vec<usize>,
    /// Where the last quote or bracket in it was closed.
    closed: Option<usize>,
}

impl Word {
    fn push(&mut self, at: usize, letter: char) {
        self.text.push(letter);
        self.places.resize(self.text.len(), at);
    }

    /// Where the rest of the word behind this many bytes begins in a line that ends at `end`; nothing can be put there
    /// if a quote would lose its end.
    pub(super) fn place(&self, from: usize, end: usize) -> Option<usize> {
        let start = self.places.get(from).copied().unwrap_or(end);
        let is_shut = self.closed.is_some_and(|at| at >= start || at + 1 == end);
        (!is_shut).then_some(start)
    }
}

/// One level of `$(…)`.
#[derive(Default)]
struct Level {
    words: Vec<String>,
    word: Option<Word>,
    is_file: bool,
    is_quoted: bool,
    is_tick: bool,
}

impl Level {
    fn word(&mut self) -> &mut Word {
        self.word.get_or_insert_default()
    }

    fn end_word(&mut self) {
        if let Some(word) = self.word.take()
            && !std::mem::take(&mut self.is_file)
        {
            self.words.push(word.text);
        }
    }

    fn end_command(&mut self) {
        self.word = None;
        self.words.clear();
        self.is_file = false;
    }

    /// `2>`: the number belongs to the arrow.
    fn redirect(&mut self) {
        let is_number = |word: &Word| word.text.bytes().all(|it| it.is_ascii_digit());
        if self.word.as_ref().is_some_and(is_number) {
            self.word = None;
        }
        self.end_word();
        self.is_file = true;
    }
}

type Letters<'a> = Peekable<CharIndices<'a>>;

/// Cuts the beginning of a line; nothing for a comment.
pub(super) fn cut(text: &str) -> Option<Cut> {
    let mut outer: Vec<Level> = Vec::new();
    let mut level = Level::default();
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let opens = letter == '$' && letters.next_if(|(_, it)| *it == '(').is_some();
        if opens || (letter == '`' && !level.is_tick) {
            let inner = Level {
                is_tick: !opens,
                ..Level::default()
            };
            outer.push(std::mem::replace(&mut level, inner));
            continue;
        }
        let closes = match letter {
            '`' => true,
            ')' => !level.is_quoted && !level.is_tick,
            _ => false,
        };
        if closes && let Some(back) = outer.pop() {
            level = back;
            level.word().closed = Some(at);
        } else if level.is_quoted {
            quoted(&mut level, at, letter, &mut letters);
        } else if letter == '#' && level.word.is_none() {
            letters.find(|(_, it)| *it == '\n')?;
            level.end_command();
        } else {
            plain(&mut level, at, letter, &mut letters);
        }
    }
    Some(Cut {
        words: level.words,
        word: level.word.unwrap_or_default(),
        is_file: level.is_file,
    })
}

fn quoted(level: &mut Level, at: usize, letter: char, letters: &mut Letters<'_>) {
    match letter {
        '"' => {
            level.is_quoted = false;
            level.word().closed = Some(at);
        }
        '\\' => match letters.next_if(|(_, it)| matches!(it, '"' | '\\' | '$' | '`')) {
            Some((_, letter)) => level.word().push(at, letter),
            None => level.word().push(at, letter),
        },
        letter => level.word().push(at, letter),
    }
}

fn plain(level: &mut Level, at: usize, letter: char, letters: &mut Letters<'_>) {
    match letter {
        '\n' | ';' | '|' | '(' | ')' => level.end_command(),
        '&' if level.is_file && level.word.is_none() => {}
        '&' => level.end_command(),
        '<' | '>' => level.redirect(),
        letter if letter.is_whitespace() => level.end_word(),
        '"' => {
            level.is_quoted = true;
            level.word();
        }
        '\'' => {
            let word = level.word();
            for (at, letter) in letters.by_ref() {
                if letter == '\'' {
                    word.closed = Some(at);
                    break;
                }
                word.push(at, letter);
            }
        }
        '\\' => match letters.next() {
            Some((_, '\n')) | None => {}
            Some((_, letter)) => level.word().push(at, letter),
        },
        letter => level.word().push(at, letter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_command_of_a_line_is_what_counts() {
        for (line, words, word) in [
            ("", "", ""),
            ("kubectl get", "kubectl", "get"),
            ("kubectl get ", "kubectl get", ""),
            ("sleep 1; kubectl  get po", "kubectl get", "po"),
            ("a && b", "", "b"),
            ("a || b c", "b", "c"),
            ("a | b c", "b", "c"),
            ("a &", "", ""),
            ("echo $(k get po", "k get", "po"),
            ("echo $(k get po) b", "echo ", "b"),
            ("echo \"x $(k get \"po", "k get", "po"),
            ("echo `k get po", "k get", "po"),
            ("echo `k` x", "echo ", "x"),
            ("for p in a b; do k get", "do k", "get"),
            ("a 2> out b", "a", "b"),
            ("a > out; b c", "b", "c"),
            ("a 2>&1 b", "a", "b"),
            ("a 'b c' d\\ e", "a b c", "d e"),
            ("a 'b \" c", "a", "b \" c"),
            ("a \"b \\\" c", "a", "b \" c"),
            ("a # b\nc d", "c", "d"),
        ] {
            let cut = cut(line).unwrap();
            assert_eq!(
                (&*cut.words.join(" "), &*cut.word.text),
                (words, word),
                "{line}"
            );
        }
        assert_eq!(cut("a # b"), None);
        assert!(cut("a > o").unwrap().is_file && cut("a 2>>").unwrap().is_file);
        assert!(!cut("a > o b").unwrap().is_file);
    }

    #[test]
    fn letters_know_where_they_stand() {
        for (line, from, place) in [
            ("get po", 0, Some(4)),
            ("get ", 0, Some(4)),
            ("get 'ä po", 2, Some(7)),
            ("get -l 'app=ng", 4, Some(12)),
            ("get -l 'app'=ng", 4, Some(13)),
            ("get -l 'app=ng'", 4, None),
            ("get ''", 0, None),
            ("get $(a)", 0, None),
        ] {
            let word = cut(line).unwrap().word;
            assert_eq!(word.place(from, line.len()), place, "{line}");
        }
    }
}
