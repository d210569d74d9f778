//! The shell's grammar: what a person types, as a tree (POSIX shell command language, as far as people type it).
//!
//! Own code: brush-parser costs 45 KB on the wire, this 5 KB (its share of the module). What it does not know it names.

mod words;

use std::rc::Rc;

/// A piece of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Letters without quotes: `*`, `?` and braces mean something in them.
    Text(String),
    /// Letters in quotes.
    Quoted(String),
    /// `$NAME`, `${NAME}` or, with what is done to it, `${NAME:-default}`.
    Variable {
        name: String,
        change: Option<(&'static str, Word)>,
        quoted: bool,
    },
    /// `$((…))`.
    Arithmetic { word: Word, quoted: bool },
    /// `$(…)`.
    Command { node: Rc<Node>, quoted: bool },
}

/// A word: its pieces stand side by side.
pub(super) type Word = Vec<Part>;

/// Where a stream comes from or goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Redirect {
    /// The stream: 0, 1, 2; 3 stands for 1 and 2.
    pub stream: u8,
    /// What becomes of it.
    pub how: How,
    /// The file, or the text of a here-document.
    pub word: Word,
}

/// What becomes of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// Read from a file.
    Read,
    /// Written to a new file.
    Write,
    /// Written behind what is in a file.
    Append,
    /// Goes where another stream goes.
    Same(u8),
    /// Reads this text.
    Here,
}

/// One command with its words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Simple {
    /// `NAME=value` before the words.
    pub assignments: Vec<(String, Word)>,
    /// The words.
    pub words: Vec<Word>,
    /// The redirections.
    pub redirects: Vec<Redirect>,
}

/// A command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// Words.
    Simple(Simple),
    /// `a | b`.
    Pipe(Vec<Rc<Self>>),
    /// `! a`.
    Not(Rc<Self>),
    /// `time a`.
    Timed(Rc<Self>),
    /// `a && b`.
    And(Rc<Self>, Rc<Self>),
    /// `a || b`.
    Or(Rc<Self>, Rc<Self>),
    /// `a; b &`: with what was typed, for each that runs in the background.
    List(Vec<(Rc<Self>, Option<String>)>),
    /// `for NAME in …; do …; done`.
    For {
        name: String,
        words: Vec<Word>,
        body: Rc<Self>,
    },
    /// `while …; do …; done`, or `until`.
    While {
        until: bool,
        condition: Rc<Self>,
        body: Rc<Self>,
    },
    /// `if …; then …; elif …; else …; fi`.
    If {
        arms: Vec<(Rc<Self>, Rc<Self>)>,
        otherwise: Option<Rc<Self>>,
    },
    /// `{ …; }` or `( … )`, with redirections.
    Group {
        body: Rc<Self>,
        redirects: Vec<Redirect>,
        /// Whether it runs in a shell of its own.
        subshell: bool,
    },
}

/// Why a line cannot be read; `Display` is what bash prints.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxError {
    /// More lines are needed.
    #[error("syntax error: unexpected end of file")]
    Unfinished,
    /// Something that cannot stand there.
    #[error("syntax error near unexpected token `{0}'")]
    Unexpected(String),
    /// Our own words: a real shell can do this.
    #[error("{0} is not supported by this terminal")]
    Unsupported(&'static str),
}

type Read<T> = Result<T, SyntaxError>;

/// Reads what a person typed: one or several lines.
pub(super) fn parse(text: &str) -> Read<Rc<Node>> {
    let mut reader = Reader {
        letters: text.chars().collect(),
        at: 0,
        depth: 0,
    };
    let node = reader.list(&[])?;
    match reader.peek() {
        None => Ok(node),
        Some(_) => Err(reader.unexpected()),
    }
}

struct Reader {
    letters: Vec<char>,
    at: usize,
    /// How deep what is read stands within other commands.
    depth: usize,
}

/// How deep commands may stand within each other.
const DEPTH_MAX: usize = 60;

/// Words that end a list.
const ENDS: &[&str] = &["do", "done", "then", "elif", "else", "fi", "}"];

impl Reader {
    fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    fn peek_at(&self, ahead: usize) -> Option<char> {
        self.letters.get(self.at + ahead).copied()
    }

    fn starts(&self, text: &str) -> bool {
        text.chars()
            .enumerate()
            .all(|(ahead, it)| self.peek_at(ahead) == Some(it))
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = self.starts(text);
        if found {
            self.at += text.chars().count();
        }
        found
    }

    fn unexpected(&self) -> SyntaxError {
        let two = [";;", "&&", "||", ">>", "<<"]
            .into_iter()
            .find(|it| self.starts(it));
        match (two, self.peek()) {
            (_, None) => SyntaxError::Unfinished,
            (_, Some('\n')) => SyntaxError::Unexpected("newline".to_owned()),
            (Some(two), _) => SyntaxError::Unexpected(two.to_owned()),
            (None, Some(letter)) if is_meta(letter) => SyntaxError::Unexpected(letter.to_string()),
            (None, Some(_)) => SyntaxError::Unexpected(self.bare_word()),
        }
    }

    /// Blanks, continued lines and comments.
    fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(' ' | '\t' | '\r') => self.at += 1,
                Some('\\') if self.peek_at(1) == Some('\n') => self.at += 2,
                Some('#') => {
                    while self.peek().is_some_and(|it| it != '\n') {
                        self.at += 1;
                    }
                }
                _ => return,
            }
        }
    }

    fn skip_lines(&mut self) {
        self.skip_blanks();
        while self.peek() == Some('\n') {
            self.at += 1;
            self.skip_blanks();
        }
    }

    /// The letters of a word that has no quotes, without taking them.
    fn bare_word(&self) -> String {
        let rest = self.letters.get(self.at..).unwrap_or_default();
        rest.iter()
            .take_while(|it| !it.is_whitespace() && !is_meta(**it))
            .collect()
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.bare_word() == word;
        if found {
            self.at += word.chars().count();
        }
        found
    }

    fn expect_word(&mut self, word: &str) -> Read<()> {
        self.skip_lines();
        if self.eat_word(word) {
            return Ok(());
        }
        Err(self.unexpected())
    }

    /// Commands one after the other, up to one of these words or a bracket.
    fn list(&mut self, ends: &[&str]) -> Read<Rc<Node>> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(SyntaxError::Unsupported("so deep a nesting of commands"));
        }
        let mut items = Vec::new();
        loop {
            self.skip_lines();
            let word = self.bare_word();
            let is_end = ends.contains(&word.as_str()) || matches!(self.peek(), None | Some(')'));
            if is_end {
                break;
            }
            if ENDS.contains(&word.as_str()) || self.starts(";") || self.starts("&") {
                return Err(self.unexpected());
            }
            let begin = self.at;
            let node = self.and_or()?;
            let end = self.at;
            self.skip_blanks();
            if self.starts(";;") {
                return Err(self.unexpected());
            }
            let background = !self.starts("&&") && self.eat("&");
            if !background && !self.eat(";") && !matches!(self.peek(), None | Some('\n' | ')')) {
                return Err(self.unexpected());
            }
            // A here-document may have been taken out of what follows.
            let typed = self.letters.get(begin..end.max(begin));
            let typed: String = typed.unwrap_or_default().iter().collect();
            items.push((node, background.then(|| typed.trim_end().to_owned())));
        }
        self.depth -= 1;
        Ok(Rc::new(Node::List(items)))
    }

    /// A list that must hold something.
    fn body(&mut self, ends: &[&str]) -> Read<Rc<Node>> {
        let node = self.list(ends)?;
        match &*node {
            Node::List(items) if items.is_empty() => Err(self.unexpected()),
            _ => Ok(node),
        }
    }

    fn and_or(&mut self) -> Read<Rc<Node>> {
        let mut left = self.pipeline()?;
        loop {
            self.skip_blanks();
            let and = self.eat("&&");
            if !and && !self.eat("||") {
                return Ok(left);
            }
            self.skip_lines();
            let right = self.pipeline()?;
            left = Rc::new(if and {
                Node::And(left, right)
            } else {
                Node::Or(left, right)
            });
        }
    }

    fn pipeline(&mut self) -> Read<Rc<Node>> {
        self.skip_blanks();
        if self.eat_word("!") {
            self.skip_blanks();
            if self.bare_word() == "!" {
                return Err(self.unexpected());
            }
            return Ok(Rc::new(Node::Not(self.pipeline()?)));
        }
        if self.eat_word("time") {
            self.skip_blanks();
            self.eat_word("-p");
            return Ok(Rc::new(Node::Timed(self.pipeline()?)));
        }
        let mut stages = vec![self.command()?];
        loop {
            self.skip_blanks();
            if self.starts("||") || !self.eat("|") {
                break;
            }
            if self.eat("&")
                && let Some(last) = stages.last_mut()
            {
                let both = Redirect {
                    stream: 2,
                    how: How::Same(1),
                    word: Word::new(),
                };
                *last = Rc::new(Node::Group {
                    body: Rc::clone(last),
                    redirects: vec![both],
                    subshell: false,
                });
            }
            self.skip_lines();
            stages.push(self.command()?);
        }
        match (stages.len(), stages.pop()) {
            (1, Some(only)) => Ok(only),
            (_, last) => {
                stages.extend(last);
                Ok(Rc::new(Node::Pipe(stages)))
            }
        }
    }

    fn command(&mut self) -> Read<Rc<Node>> {
        self.skip_blanks();
        let word = self.bare_word();
        let unsupported = match &*word {
            "case" => Some("`case`"),
            "function" => Some("`function`"),
            "select" => Some("`select`"),
            _ => None,
        };
        if let Some(what) = unsupported {
            return Err(SyntaxError::Unsupported(what));
        }
        let node = match &*word {
            "for" => self.for_loop()?,
            "while" | "until" => {
                self.at += 5;
                let condition = self.body(&["do"])?;
                let body = self.do_body()?;
                Node::While {
                    until: word == "until",
                    condition,
                    body,
                }
            }
            "if" => self.if_arms()?,
            "[[" => self.double_test()?,
            "{" => {
                self.at += 1;
                let body = self.body(&["}"])?;
                self.expect_word("}")?;
                Node::Group {
                    body,
                    redirects: Vec::new(),
                    subshell: false,
                }
            }
            _ if self.eat("((") => {
                // It holds if it is not nought.
                let plain = |text: &str| vec![Part::Quoted(text.to_owned())];
                let word = self.arithmetic()?;
                let sum = vec![Part::Arithmetic { word, quoted: true }];
                Node::Simple(Simple {
                    words: vec![plain("test"), sum, plain("-ne"), plain("0")],
                    ..Simple::default()
                })
            }
            _ if self.eat("(") => {
                let body = self.body(&[])?;
                if !self.eat(")") {
                    return Err(self.unexpected());
                }
                Node::Group {
                    body,
                    redirects: Vec::new(),
                    subshell: true,
                }
            }
            _ => return self.simple(),
        };
        let mut redirects = Vec::new();
        while let Some(redirect) = self.redirect()? {
            redirects.push(redirect);
        }
        if redirects.is_empty() {
            return Ok(Rc::new(node));
        }
        let body = Rc::new(node);
        Ok(Rc::new(Node::Group {
            body,
            redirects,
            subshell: false,
        }))
    }

    /// `[[ … ]]`: its words do not fall into several.
    fn double_test(&mut self) -> Read<Node> {
        let mut words = Vec::new();
        loop {
            let marks = ["&&", "||", "<", ">"].into_iter();
            let mark = marks.into_iter().find(|it| self.eat(it));
            let mut word = match mark {
                Some(mark) => vec![Part::Quoted(mark.to_owned())],
                None => self.word()?,
            };
            for part in &mut word {
                match part {
                    Part::Text(text) => *part = Part::Quoted(std::mem::take(text)),
                    Part::Variable { quoted, .. }
                    | Part::Command { quoted, .. }
                    | Part::Arithmetic { quoted, .. } => *quoted = true,
                    Part::Quoted(_) => {}
                }
            }
            if word.is_empty() {
                return Err(match self.peek() {
                    Some('(' | ')') => SyntaxError::Unsupported("a bracket in `[[ … ]]`"),
                    _ => self.unexpected(),
                });
            }
            let is_end = matches!(&word[..], [Part::Quoted(text)] if text == "]]");
            words.push(word);
            if is_end {
                return Ok(Node::Simple(Simple {
                    words,
                    ..Simple::default()
                }));
            }
            self.skip_lines();
        }
    }

    fn do_body(&mut self) -> Read<Rc<Node>> {
        self.expect_word("do")?;
        let body = self.body(&["done"])?;
        self.expect_word("done")?;
        Ok(body)
    }

    fn for_loop(&mut self) -> Read<Node> {
        self.at += 3;
        self.skip_blanks();
        if self.starts("((") {
            return Err(SyntaxError::Unsupported("`for ((…))`"));
        }
        let name = self.bare_word();
        if name.is_empty()
            || !name
                .chars()
                .all(|it| it.is_ascii_alphanumeric() || it == '_')
        {
            return Err(self.unexpected());
        }
        self.at += name.chars().count();
        let mut words = Vec::new();
        self.skip_lines();
        let is_named = self.eat_word("in");
        if !is_named {
            // The words that the shell was called with.
            let (name, quoted) = ("@".to_owned(), true);
            words.push(vec![Part::Variable {
                name,
                change: None,
                quoted,
            }]);
        }
        loop {
            self.skip_blanks();
            match self.peek() {
                _ if !is_named => break,
                Some(';' | '\n') => break,
                Some(letter) if is_meta(letter) => return Err(self.unexpected()),
                None => return Err(SyntaxError::Unfinished),
                Some(_) => words.push(self.word()?),
            }
        }
        self.eat(";");
        let body = self.do_body()?;
        Ok(Node::For { name, words, body })
    }

    fn if_arms(&mut self) -> Read<Node> {
        self.at += 2;
        let mut arms = Vec::new();
        let mut otherwise = None;
        loop {
            let condition = self.body(&["then"])?;
            self.expect_word("then")?;
            let body = self.body(&["elif", "else", "fi"])?;
            arms.push((condition, body));
            self.skip_lines();
            if self.eat_word("elif") {
                continue;
            }
            if self.eat_word("else") {
                otherwise = Some(self.body(&["fi"])?);
            }
            self.expect_word("fi")?;
            return Ok(Node::If { arms, otherwise });
        }
    }

    fn simple(&mut self) -> Read<Rc<Node>> {
        let mut simple = Simple::default();
        loop {
            self.skip_blanks();
            if let Some(redirect) = self.redirect()? {
                simple.redirects.push(redirect);
                continue;
            }
            match self.peek() {
                None | Some('\n' | ';' | '&' | '|' | ')') => break,
                Some('(') if simple.words.len() == 1 => {
                    return Err(SyntaxError::Unsupported("defining a function"));
                }
                Some('(') => return Err(self.unexpected()),
                Some(_) => {}
            }
            let name = self.assigned_name();
            if let (Some(name), true) = (name, simple.words.is_empty()) {
                self.at += name.chars().count() + 1;
                if self.starts("(") {
                    return Err(SyntaxError::Unsupported("an array, `NAME=(…)`,"));
                }
                let value = self.word()?;
                simple.assignments.push((name, value));
                continue;
            }
            simple.words.push(self.word()?);
        }
        let is_empty = simple == Simple::default();
        if is_empty {
            return Err(self.unexpected());
        }
        Ok(Rc::new(Node::Simple(simple)))
    }

    /// The name of `NAME=`.
    fn assigned_name(&self) -> Option<String> {
        let word = self.bare_word();
        let (name, _) = word.split_once('=')?;
        let fits = |it: char| it.is_ascii_alphanumeric() || it == '_';
        let starts = name.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_');
        (starts && name.chars().all(fits)).then(|| name.to_owned())
    }
}

fn is_meta(letter: char) -> bool {
    matches!(letter, ';' | '&' | '|' | '<' | '>' | '(' | ')' | '\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_is_read() {
        for line in [
            "kubectl get pods -l 'app in (a, b)' # all",
            "for i in 0 1; do kubectl exec \"web-$i\" -- sh -c 'echo \"$(hostname)\" > /x'; done",
            "a && b || c; d & e",
            "! a | b 2>&1 | c > out 2>/dev/null",
            "if a; then b; elif c; then d; else e; fi",
            "while true; do a; sleep 1; done",
            "{ a; b; } > out; (a; b) | c",
            "cat <<EOF | kubectl apply -f -\na: $X\nEOF\n",
            "X=1 Y=\"$(a)\" kubectl get ${X:-y}",
            "echo ${#X} ${X%\"}\"} ${X:-${Y}} $((1 + (2 * $X))) $'a\\'b'; ((i++))",
            "a |& b; time c",
            "[[ $x == web* && a < b || ! -z $y ]] && echo yes",
            "a \\\n  b",
            "",
            "# nothing",
        ] {
            assert!(parse(line).is_ok(), "{line}: {:?}", parse(line));
        }
    }

    #[test]
    fn what_cannot_be_read_is_said_as_bash_says_it() {
        let deep = "echo $(".repeat(5000);
        for (line, text) in [
            ("a 'b", "syntax error: unexpected end of file"),
            ("for i in 1; do a", "syntax error: unexpected end of file"),
            ("cat <<EOF\na", "syntax error: unexpected end of file"),
            ("done", "syntax error near unexpected token `done'"),
            ("a | | b", "syntax error near unexpected token `|'"),
            ("a ;; b", "syntax error near unexpected token `;;'"),
            ("a )", "syntax error near unexpected token `)'"),
            (
                "for i in 1; done",
                "syntax error near unexpected token `done'",
            ),
            ("echo $((1+1)", "syntax error: unexpected end of file"),
            (
                "y=(1 2)",
                "an array, `NAME=(…)`, is not supported by this terminal",
            ),
            ("ls >", "syntax error near unexpected token `newline'"),
            (
                "echo ${X@Q}",
                "this form of `${…}` is not supported by this terminal",
            ),
            ("case x in", "`case` is not supported by this terminal"),
            (
                "f() { a; }",
                "defining a function is not supported by this terminal",
            ),
            (
                deep.as_str(),
                "so deep a nesting of commands is not supported by this terminal",
            ),
            (
                "diff <(a) b",
                "process substitution, `<(…)`, is not supported by this terminal",
            ),
        ] {
            assert_eq!(parse(line).unwrap_err().to_string(), text, "{line}");
        }
    }

    #[test]
    fn a_word_has_its_pieces() {
        let node = parse("a\"b $X\"'c'$(d)").expect("it is read");
        let Node::List(items) = &*node else {
            panic!("a list")
        };
        let Node::Simple(simple) = &*items[0].0 else {
            panic!("a command")
        };
        let variable = Part::Variable {
            name: "X".into(),
            change: None,
            quoted: true,
        };
        let word = &simple.words[0];
        assert_eq!(
            word[..4],
            [
                Part::Text("a".into()),
                Part::Quoted("b ".into()),
                variable,
                Part::Quoted("c".into())
            ]
        );
        assert!(matches!(&word[4], Part::Command { quoted: false, .. }));
    }
}
