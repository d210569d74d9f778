//! What commands print, in the order in which they print it.

/// A piece of what was printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Whether it went to standard error.
    pub error: bool,
    /// The text.
    pub text: String,
}

/// What was printed, piece by piece.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Printed {
    /// The pieces; neighbours differ in their stream.
    pub chunks: Vec<Chunk>,
    /// How often the screen was wiped.
    pub wiped: usize,
}

impl Printed {
    /// Prints on standard output.
    pub(super) fn out(&mut self, text: &str) {
        self.push(false, text);
    }

    /// Prints on standard error.
    pub(super) fn error(&mut self, text: &str) {
        self.push(true, text);
    }

    /// Wipes the screen.
    pub(super) fn wipe(&mut self) {
        self.chunks.clear();
        self.wiped += 1;
    }

    fn push(&mut self, error: bool, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.chunks.last_mut() {
            Some(last) if last.error == error => last.text.push_str(text),
            _ => self.chunks.push(Chunk {
                error,
                text: text.to_owned(),
            }),
        }
    }

    /// Takes over what another has printed.
    pub(super) fn take(&mut self, other: &mut Self) {
        if other.wiped > 0 {
            self.wipe();
        }
        for chunk in other.chunks.drain(..) {
            self.push(chunk.error, &chunk.text);
        }
        other.wiped = 0;
    }

    /// All of one stream.
    pub fn stream(&self, error: bool) -> String {
        let own = self.chunks.iter().filter(|it| it.error == error);
        own.map(|it| it.text.as_str()).collect()
    }

    /// How many bytes it is.
    pub fn len(&self) -> usize {
        self.chunks.iter().map(|it| it.text.len()).sum()
    }

    /// Whether nothing was printed.
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }
}
