//! Words of a command line, as a shell cuts them: blanks, quotes, escapes, comments.

/// Why a line cannot be cut into words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// A quote that is not closed.
    #[error("unexpected end of line while looking for matching `{0}'")]
    Unclosed(char),
}

/// Cuts a line into words.
pub fn words(line: &str) -> Result<Vec<String>, LineError> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            letter if letter.is_whitespace() => words.extend(word.take()),
            '#' if word.is_none() => break,
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match letters.next() {
                        Some('\'') => break,
                        Some(letter) => word.push(letter),
                        None => return Err(LineError::Unclosed('\'')),
                    }
                }
            }
            '"' => quoted(&mut letters, word.get_or_insert_default())?,
            '\\' => match letters.next() {
                Some('\n') | None => {}
                Some(letter) => word.get_or_insert_default().push(letter),
            },
            letter => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    Ok(words)
}

fn quoted(letters: &mut impl Iterator<Item = char>, word: &mut String) -> Result<(), LineError> {
    loop {
        match letters.next() {
            Some('"') => return Ok(()),
            Some('\\') => match letters.next() {
                Some(letter @ ('"' | '\\' | '$' | '`')) => word.push(letter),
                Some(letter) => word.extend(['\\', letter]),
                None => return Err(LineError::Unclosed('"')),
            },
            Some(letter) => word.push(letter),
            None => return Err(LineError::Unclosed('"')),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_as_a_shell_cuts_them() {
        for (line, expected) in [
            ("kubectl get  pods", vec!["kubectl", "get", "pods"]),
            ("a 'b c' d", vec!["a", "b c", "d"]),
            ("-p '{\"a\":\"b\"}'", vec!["-p", "{\"a\":\"b\"}"]),
            ("a\"b \\\"c\\\"\"d", vec!["ab \"c\"d"]),
            ("a\\ b ''", vec!["a b", ""]),
            ("a # b", vec!["a"]),
            ("a#b", vec!["a#b"]),
        ] {
            assert_eq!(words(line).unwrap(), expected, "{line}");
        }
        assert_eq!(words("a 'b"), Err(LineError::Unclosed('\'')));
    }
}
