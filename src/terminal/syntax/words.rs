//! Words with their quotes and variables, and where streams go: the second half of the grammar.

use super::{How, Part, Read, Reader, Redirect, SyntaxError, Word, is_meta};
use crate::terminal::builtin::unescape;

impl Reader {
    pub(super) fn redirect(&mut self) -> Read<Option<Redirect>> {
        self.skip_blanks();
        let before = self.at;
        let mut stream = None;
        if self.starts("&>") {
            self.at += 1;
            stream = Some(3);
        } else if let (Some(digit @ '0'..='2'), Some('<' | '>')) = (self.peek(), self.peek_at(1)) {
            stream = digit.to_digit(10).and_then(|it| u8::try_from(it).ok());
            self.at += 1;
        }
        if self.starts("<(") || self.starts(">(") {
            return Err(SyntaxError::Unsupported("process substitution, `<(…)`,"));
        }
        let (how, default) = if self.eat("<<<") {
            let mut word = self.target()?;
            word.push(Part::Quoted("\n".to_owned()));
            return Ok(Some(Redirect {
                stream: 0,
                how: How::Here,
                word,
            }));
        } else if self.eat("<<") {
            return self.here().map(Some);
        } else if self.eat(">&") {
            let Some(to) = self.peek().and_then(|it| it.to_digit(10)) else {
                return Err(self.unexpected());
            };
            self.at += 1;
            let how = How::Same(u8::try_from(to).unwrap_or(1));
            let stream = stream.unwrap_or(1);
            return Ok(Some(Redirect {
                stream,
                how,
                word: Word::new(),
            }));
        } else if self.eat(">>") {
            (How::Append, 1)
        } else if self.eat(">|") || self.eat(">") {
            (How::Write, 1)
        } else if self.eat("<") {
            (How::Read, 0)
        } else {
            self.at = before;
            return Ok(None);
        };
        let stream = stream.unwrap_or(default);
        let word = self.target()?;
        Ok(Some(Redirect { stream, how, word }))
    }

    fn target(&mut self) -> Read<Word> {
        self.skip_blanks();
        if self.peek().is_none() {
            return Err(SyntaxError::Unexpected("newline".to_owned()));
        }
        let word = self.word()?;
        if word.is_empty() {
            return Err(self.unexpected());
        }
        Ok(word)
    }

    /// A here-document: its lines are taken out of what follows the line.
    fn here(&mut self) -> Read<Redirect> {
        let strips_tabs = self.eat("-");
        let tag_parts = self.target()?;
        let is_plain = tag_parts.iter().all(|it| matches!(it, Part::Text(_)));
        let tag: String = tag_parts
            .iter()
            .map(|it| match it {
                Part::Text(text) | Part::Quoted(text) => text.as_str(),
                _ => "",
            })
            .collect();
        let rest = self.letters.get(self.at..).unwrap_or_default();
        let line_end = rest.iter().position(|it| *it == '\n');
        let start = self.at + line_end.ok_or(SyntaxError::Unfinished)? + 1;
        let text: String = self
            .letters
            .get(start..)
            .unwrap_or_default()
            .iter()
            .collect();
        let (mut body, mut taken, mut found) = (String::new(), 0, false);
        for line in text.split_inclusive('\n') {
            taken += line.chars().count();
            let line = if strips_tabs {
                line.trim_start_matches('\t')
            } else {
                line
            };
            if line.trim_end_matches('\n') == tag {
                found = true;
                break;
            }
            body.push_str(line);
        }
        if !found {
            return Err(SyntaxError::Unfinished);
        }
        self.letters.drain(start..start + taken);
        let word = if is_plain {
            let mut inner = Self {
                letters: body.chars().collect(),
                at: 0,
                depth: self.depth,
            };
            let mut word = Word::new();
            inner.quoted(&mut word, None)?;
            word
        } else {
            vec![Part::Quoted(body)]
        };
        Ok(Redirect {
            stream: 0,
            how: How::Here,
            word,
        })
    }

    pub(super) fn word(&mut self) -> Read<Word> {
        let mut word = Word::new();
        while let Some(letter) = self.peek() {
            match letter {
                letter if letter.is_whitespace() || is_meta(letter) => break,
                '\'' => {
                    self.at += 1;
                    let rest = self.letters.get(self.at..).unwrap_or_default();
                    let end = rest.iter().position(|it| *it == '\'');
                    let end = end.ok_or(SyntaxError::Unfinished)?;
                    let text: String = rest.iter().take(end).collect();
                    self.at += end + 1;
                    word.push(Part::Quoted(text));
                }
                '"' => {
                    self.at += 1;
                    word.push(Part::Quoted(String::new()));
                    self.quoted(&mut word, Some('"'))?;
                }
                '\\' => {
                    self.at += 1;
                    match self.peek() {
                        Some('\n') => {}
                        Some(letter) => word.push(Part::Quoted(letter.to_string())),
                        None => return Err(SyntaxError::Unfinished),
                    }
                    self.at += 1;
                }
                '$' | '`' => self.dollar(&mut word, false)?,
                letter => {
                    self.at += 1;
                    push(&mut word, letter, false);
                }
            }
        }
        Ok(word)
    }

    /// Up to the closing quote, or to the end.
    fn quoted(&mut self, word: &mut Word, end: Option<char>) -> Read<()> {
        loop {
            let Some(letter) = self.peek() else {
                return end.map_or(Ok(()), |_| Err(SyntaxError::Unfinished));
            };
            match letter {
                letter if Some(letter) == end => {
                    self.at += 1;
                    return Ok(());
                }
                '\\' => {
                    self.at += 1;
                    match self.peek() {
                        Some('\n') => {}
                        Some(letter @ ('$' | '`' | '\\')) => push(word, letter, true),
                        Some('"') if end.is_some() => push(word, '"', true),
                        Some(letter) => {
                            push(word, '\\', true);
                            push(word, letter, true);
                        }
                        None => return Err(SyntaxError::Unfinished),
                    }
                    self.at += 1;
                }
                '$' | '`' => self.dollar(word, true)?,
                letter => {
                    self.at += 1;
                    push(word, letter, true);
                }
            }
        }
    }

    /// The commands between backquotes.
    fn backquoted(&mut self, text: &str) -> Read<std::rc::Rc<super::Node>> {
        let mut inner = Self {
            letters: text.chars().collect(),
            at: 0,
            depth: self.depth,
        };
        let node = inner.list(&[])?;
        match inner.peek() {
            None => Ok(node),
            Some(_) => Err(inner.unexpected()),
        }
    }

    fn dollar(&mut self, word: &mut Word, quoted: bool) -> Read<()> {
        if self.eat("`") {
            let rest = self.letters.get(self.at..).unwrap_or_default();
            let end = rest
                .iter()
                .position(|it| *it == '`')
                .ok_or(SyntaxError::Unfinished)?;
            let text: String = rest.iter().take(end).collect();
            self.at += end + 1;
            word.push(Part::Command {
                node: self.backquoted(&text)?,
                quoted,
            });
            return Ok(());
        }
        self.at += 1;
        if self.eat("((") {
            let inner = self.arithmetic()?;
            word.push(Part::Arithmetic {
                word: inner,
                quoted,
            });
            return Ok(());
        }
        if self.eat("(") {
            let node = self.list(&[])?;
            if !self.eat(")") {
                return Err(self.unexpected());
            }
            word.push(Part::Command { node, quoted });
            return Ok(());
        }
        if self.eat("{") {
            let part = self.braced(quoted)?;
            word.push(part);
            return Ok(());
        }
        if !quoted && self.eat("'") {
            let mut text = String::new();
            loop {
                let letter = self.peek().ok_or(SyntaxError::Unfinished)?;
                self.at += 1;
                match letter {
                    '\'' => break,
                    '\\' if matches!(self.peek(), Some('\'' | '"')) => {
                        text.extend(self.peek());
                        self.at += 1;
                    }
                    '\\' => {
                        text.push(letter);
                        text.extend(self.peek());
                        self.at += 1;
                    }
                    letter => text.push(letter),
                }
            }
            word.push(Part::Quoted(unescape(&text)));
            return Ok(());
        }
        let rest = self.letters.get(self.at..).unwrap_or_default();
        let fits = |it: &&char| it.is_ascii_alphanumeric() || **it == '_';
        let name: String = match rest.first() {
            Some(special @ ('?' | '$' | '#' | '@' | '*' | '!' | '0'..='9')) => special.to_string(),
            _ => rest.iter().take_while(fits).collect(),
        };
        if name.is_empty() {
            push(word, '$', quoted);
            return Ok(());
        }
        self.at += name.chars().count();
        word.push(Part::Variable {
            name,
            change: None,
            quoted,
        });
        Ok(())
    }

    /// What stands in `((…))`, up to its end.
    pub(super) fn arithmetic(&mut self) -> Read<Word> {
        let (mut text, mut depth) = (String::new(), 0);
        while !(depth == 0 && self.eat("))")) {
            let letter = self.peek().ok_or(SyntaxError::Unfinished)?;
            depth += match letter {
                '(' => 1,
                ')' => -1,
                _ => 0,
            };
            text.push(letter);
            self.at += 1;
        }
        let mut inner = Self {
            letters: text.chars().collect(),
            at: 0,
            depth: self.depth + 1,
        };
        if inner.depth > super::DEPTH_MAX {
            return Err(SyntaxError::Unsupported("so deep a nesting of commands"));
        }
        let mut word = vec![Part::Quoted(String::new())];
        inner.quoted(&mut word, None)?;
        Ok(word)
    }

    /// What stands in `${…}`, up to its end.
    fn braced(&mut self, quoted: bool) -> Read<Part> {
        let counts = self.starts("#") && self.peek_at(1) != Some('}') && self.eat("#");
        let rest = self.letters.get(self.at..).unwrap_or_default();
        let fits = |it: &&char| it.is_ascii_alphanumeric() || **it == '_';
        let mut name: String = rest.iter().take_while(fits).collect();
        if let (true, Some(special @ ('?' | '$' | '#' | '@' | '*' | '!'))) =
            (name.is_empty(), rest.first())
        {
            name.push(*special);
        }
        self.at += name.chars().count();
        let change = CHANGES.iter().find(|it| self.eat(it));
        let mut word = vec![Part::Quoted(String::new())];
        self.depth += 1;
        if self.depth > super::DEPTH_MAX {
            return Err(SyntaxError::Unsupported("so deep a nesting of commands"));
        }
        loop {
            match self.peek() {
                None => return Err(SyntaxError::Unfinished),
                Some('}') => break,
                Some(_) if change.is_none() => {
                    return Err(SyntaxError::Unsupported("this form of `${…}`"));
                }
                Some('$' | '`') => self.dollar(&mut word, true)?,
                Some('"') => {
                    self.at += 1;
                    self.quoted(&mut word, Some('"'))?;
                }
                Some('\'') if !quoted => {
                    self.at += 1;
                    while let Some(letter) = self.peek().filter(|it| *it != '\'') {
                        push(&mut word, letter, true);
                        self.at += 1;
                    }
                    self.at += 1;
                }
                Some(letter) => {
                    let letter = if letter == '\\' {
                        self.peek_at(1)
                    } else {
                        Some(letter)
                    };
                    self.at += 1 + usize::from(self.peek() == Some('\\'));
                    push(&mut word, letter.unwrap_or('\\'), true);
                }
            }
        }
        self.depth -= 1;
        self.at += 1;
        let change = change.map(|it| (*it, word));
        let change = if counts {
            Some(("len", Word::new()))
        } else {
            change
        };
        if name.is_empty() {
            return Err(SyntaxError::Unsupported("this form of `${…}`"));
        }
        Ok(Part::Variable {
            name,
            change,
            quoted,
        })
    }
}

/// What can be done to a variable, as it is written behind its name.
const CHANGES: &[&str] = &[
    ":-", ":=", ":+", ":?", "##", "#", "%%", "%", "//", "/", "^^", ",,", "-", "=", "+", "?", ":",
];

/// Appends a letter to a word, to its last piece if that is of the same sort.
fn push(word: &mut Word, letter: char, quoted: bool) {
    match (word.last_mut(), quoted) {
        (Some(Part::Quoted(text)), true) | (Some(Part::Text(text)), false) => text.push(letter),
        (_, true) => word.push(Part::Quoted(letter.to_string())),
        (_, false) => word.push(Part::Text(letter.to_string())),
    }
}
