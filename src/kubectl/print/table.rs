//! Tables whose columns only grow (reference 8.1).

/// The least width of a column.
const WIDTH_MIN: usize = 6;
/// The blanks between two columns.
const PADDING: usize = 3;

/// The widths of a table's columns so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Table {
    widths: Vec<usize>,
}

impl Table {
    /// Prints rows that belong together; later rows keep the widths.
    pub(crate) fn print(&mut self, rows: &[Vec<String>], out: &mut String) {
        let rows: Vec<Vec<String>> = rows
            .iter()
            .map(|row| row.iter().map(|it| cut(it)).collect())
            .collect();
        for row in &rows {
            for (at, cell) in row.iter().enumerate() {
                let width = WIDTH_MIN.max(cell.chars().count() + PADDING);
                match self.widths.get_mut(at) {
                    Some(known) => *known = width.max(*known),
                    None => self.widths.push(width),
                }
            }
        }
        for row in &rows {
            for (at, cell) in row.iter().enumerate() {
                out.push_str(cell);
                if at + 1 < row.len() {
                    let width = self.widths.get(at).copied().unwrap_or_default();
                    let blanks = width.saturating_sub(cell.chars().count());
                    out.push_str(&" ".repeat(blanks));
                }
            }
            out.push('\n');
        }
    }
}

/// A cell ends at its first line.
fn cut(cell: &str) -> String {
    match cell.split_once('\n') {
        Some((first, _)) => format!("{first}..."),
        None => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_grow_and_the_last_cell_is_not_padded() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let (mut table, mut out) = (Table::default(), String::new());
        table.print(
            &[
                row(["NAME", "STATUS", "AGE"]),
                row(["web-0", "Pending", "0s"]),
            ],
            &mut out,
        );
        table.print(&[row(["web-0", "ContainerCreating", "1s"])], &mut out);
        table.print(&[row(["web-0", "Running", "4s"])], &mut out);
        assert_eq!(
            out,
            "NAME    STATUS    AGE\nweb-0   Pending   0s\nweb-0   ContainerCreating   1s\nweb-0   Running             4s\n"
        );
    }
}
