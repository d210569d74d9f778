//! What a command prints.

/// The two streams and the exit code of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// The exit code; 0 means success.
    pub exit: i32,
    /// How long both streams were when something on standard error was said whose place between the lines of
    /// standard output matters.
    pub turns: Vec<(usize, usize)>,
}

impl Output {
    /// A command that failed with this text on standard error.
    pub fn failed(text: &str, exit: i32) -> Self {
        Self {
            stderr: text.to_owned(),
            exit,
            ..Self::default()
        }
    }

    /// Prints a line.
    pub fn line(&mut self, text: &str) {
        self.stdout.push_str(text);
        self.stdout.push('\n');
    }

    /// Prints a line on standard error.
    pub fn error_line(&mut self, text: &str) {
        self.stderr.push_str(text);
        self.stderr.push('\n');
    }

    /// Prints a line on standard error behind what stands on standard output by now.
    pub fn error_in_place(&mut self, text: &str) {
        self.error_line(text);
        self.turns.push((self.stdout.len(), self.stderr.len()));
    }
}
