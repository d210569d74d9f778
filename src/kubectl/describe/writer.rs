//! Lines of tab-separated cells, aligned in blocks as Go's `text/tabwriter` does (reference 8.1).

/// The blanks between two columns.
const PADDING: usize = 2;

/// What `kubectl describe` writes into.
#[derive(Debug, Default)]
pub(super) struct Writer {
    lines: Vec<Vec<String>>,
}

impl Writer {
    /// A line at a level of indentation; tabs separate its cells.
    pub(super) fn line(&mut self, level: usize, text: &str) {
        let text = format!("{}{text}", "  ".repeat(level));
        self.lines
            .push(text.split('\t').map(str::to_owned).collect());
    }

    /// Several lines.
    pub(super) fn lines(&mut self, text: &str) {
        for line in text.split('\n') {
            self.line(0, line);
        }
    }

    /// A key and its value.
    pub(super) fn field(&mut self, level: usize, key: &str, value: &str) {
        self.line(level, &format!("{key}:\t{value}"));
    }

    /// The lines, aligned.
    pub(super) fn aligned(&self) -> String {
        let mut out = String::new();
        self.format(&mut Vec::new(), 0, self.lines.len(), &mut out);
        out
    }

    /// The lines with their tabs, as `kubectl rollout history --revision` leaves them.
    pub(super) fn raw(&self) -> String {
        self.lines
            .iter()
            .map(|line| format!("{}\n", line.join("\t")))
            .collect()
    }

    /// Go's `Writer.format`: a column is a run of lines that all have a cell that ends there.
    fn format(&self, widths: &mut Vec<usize>, from: usize, to: usize, out: &mut String) {
        let column = widths.len();
        let has_column = |at: usize| {
            self.lines
                .get(at)
                .is_some_and(|line| column + 1 < line.len())
        };
        let (mut start, mut at) = (from, from);
        while at < to {
            if has_column(at) {
                self.write(widths, start, at, out);
                start = at;
                let mut width = 0;
                while at < to && has_column(at) {
                    let cell = self.lines.get(at).and_then(|line| line.get(column));
                    width = width.max(cell.map_or(0, |it| it.chars().count()) + PADDING);
                    at += 1;
                }
                widths.push(width);
                self.format(widths, start, at, out);
                widths.pop();
                start = at;
            } else {
                at += 1;
            }
        }
        self.write(widths, start, to, out);
    }

    fn write(&self, widths: &[usize], from: usize, to: usize, out: &mut String) {
        for line in self.lines.get(from..to).unwrap_or_default() {
            for (at, cell) in line.iter().enumerate() {
                out.push_str(cell);
                if let Some(width) = widths.get(at) {
                    out.push_str(&" ".repeat(width.saturating_sub(cell.chars().count())));
                }
            }
            out.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_a_column_ends_its_block() {
        let mut out = Writer::default();
        out.field(0, "Name", "web-0");
        out.field(0, "Service Account", "default");
        out.line(0, "IPs:");
        out.field(1, "IP", "10.0.0.1");
        out.field(0, "Controlled By", "StatefulSet/web");
        assert_eq!(
            out.aligned(),
            "Name:             web-0\nService Account:  default\nIPs:\n  IP:           10.0.0.1\nControlled By:  StatefulSet/web\n"
        );
    }
}
