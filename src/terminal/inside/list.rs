//! `ls`, as GNU's and busybox's print it.

use super::system::human;
use crate::cluster::inside::Spot;
use crate::cluster::inside::files::{FileError, normal};
use crate::cluster::time::Time;
use crate::terminal::builtin::short_date;
use crate::terminal::host::columns;
use crate::terminal::job::World;
use crate::terminal::out::Printed;
use crate::terminal::shell::Shell;

/// The flags that are known.
const FLAGS: &str = "laA1dRhtrF";
/// What a directory takes on a disk, and the unit in which files take it.
const BLOCK: usize = 4096;

/// What is listed: its name, its bytes and its time, and how many names it has on its disk.
struct Row {
    name: String,
    is_folder: bool,
    size: usize,
    changed: Time,
    links: usize,
}

/// `ls` with its flags, in a container.
struct Ls<'a> {
    flags: String,
    busybox: bool,
    terminal: bool,
    spot: &'a Spot,
    world: &'a World<'a>,
}

pub(super) fn ls(
    words: &[String],
    busybox: bool,
    spot: &Spot,
    shell: &Shell,
    world: &World<'_>,
    printed: &mut Printed,
) -> i32 {
    let is_flag = |it: &&String| it.starts_with('-') && it.len() > 1;
    let given = words.iter().filter(is_flag);
    let flags: String = given
        .filter(|it| !it.starts_with("--color"))
        .map(|it| it.trim_start_matches('-'))
        .collect();
    if let Some(letter) = flags.chars().find(|it| !FLAGS.contains(*it)) {
        printed.error(&format!(
            "ls: this terminal's ls does not know the flag -{letter}\n"
        ));
        return 2;
    }
    let ls = Ls {
        flags,
        busybox,
        terminal: shell.terminal,
        spot,
        world,
    };
    let mut asked: Vec<&str> = words
        .iter()
        .filter(|it| !is_flag(it))
        .map(|it| &**it)
        .collect();
    if asked.is_empty() {
        asked.push(".");
    }
    let (mut files, mut folders, mut code) = (Vec::new(), Vec::new(), 0);
    for path in &asked {
        let whole = normal(&shell.folder, path);
        match ls.row(path, &whole) {
            Ok(row) if row.is_folder && !ls.has('d') => folders.push(((*path).to_owned(), whole)),
            Ok(row) => files.push(row),
            Err(error) if busybox => {
                printed.error(&format!("ls: {path}: {error}\n"));
                code = 1;
            }
            Err(error) => {
                printed.error(&format!("ls: cannot access '{path}': {error}\n"));
                code = 2;
            }
        }
    }
    printed.out(&ls.shown(files.iter().collect()));
    let mut is_first = files.is_empty();
    let titled = asked.len() > 1 || ls.has('R');
    while !folders.is_empty() {
        let (path, whole) = folders.remove(0);
        let rows = ls.rows(&whole);
        if titled {
            let gap = if is_first { "" } else { "\n" };
            printed.out(&format!("{gap}{path}:\n"));
        }
        is_first = false;
        if ls.has('l') {
            let blocks: usize = rows.iter().map(|it| it.size.div_ceil(BLOCK)).sum();
            let total = if ls.has('h') {
                human((blocks * BLOCK) as u64, busybox)
            } else {
                (blocks * BLOCK / 1024).to_string()
            };
            printed.out(&format!("total {total}\n"));
        }
        if ls.has('R') {
            let below = rows
                .iter()
                .filter(|it| it.is_folder && !matches!(&*it.name, "." | ".."));
            let below = below.map(|it| {
                let path = format!("{}/{}", path.trim_end_matches('/'), it.name);
                (path, normal(&whole, &it.name))
            });
            folders.splice(0..0, below);
        }
        printed.out(&ls.shown(rows.iter().collect()));
    }
    code
}

impl Ls<'_> {
    fn has(&self, flag: char) -> bool {
        self.flags.contains(flag)
    }

    /// What a path leads to.
    fn row(&self, name: &str, whole: &str) -> Result<Row, FileError> {
        let cluster = &self.world.cluster;
        match cluster.list_folder(self.spot, whole) {
            Ok(found) => Ok(Row {
                name: name.to_owned(),
                is_folder: true,
                size: BLOCK,
                changed: cluster.api.config.epoch,
                links: 2 + found.iter().filter(|it| it.file.is_none()).count(),
            }),
            Err(FileError::NotFolder) => {
                let text = cluster.read_file(self.spot, whole)?;
                let changed = cluster.changed_at(self.spot, whole).unwrap_or_default();
                Ok(Row {
                    name: name.to_owned(),
                    is_folder: false,
                    size: text.len(),
                    changed,
                    links: 1,
                })
            }
            Err(error) => Err(error),
        }
    }

    /// What is in a directory, in the order in which it is shown.
    fn rows(&self, whole: &str) -> Vec<Row> {
        let found = self.world.cluster.list_folder(self.spot, whole);
        let names = found.unwrap_or_default().into_iter().map(|it| it.name);
        let own: &[&str] = if self.has('a') { &[".", ".."] } else { &[] };
        let own = own.iter().map(|it| (*it).to_owned());
        let shown =
            own.chain(names.filter(|it| self.has('a') || self.has('A') || !it.starts_with('.')));
        let rows = shown.filter_map(|name| self.row(&name, &normal(whole, &name)).ok());
        let mut rows: Vec<Row> = rows.collect();
        if self.has('t') {
            crate::cluster::sorted::sort_by_key(&mut rows, |it| std::cmp::Reverse(it.changed));
        }
        if self.has('r') {
            rows.reverse();
        }
        rows
    }

    /// The lines for what is listed.
    fn shown(&self, rows: Vec<&Row>) -> String {
        let label = |row: &Row| {
            let end = if row.is_folder && self.has('F') {
                "/"
            } else {
                ""
            };
            format!("{}{end}", row.name)
        };
        if !self.has('l') {
            let names: Vec<String> = rows.into_iter().map(label).collect();
            return columns(&names, self.terminal && !self.has('1'), self.busybox);
        }
        let size = |row: &Row| match self.has('h') {
            true => human(row.size as u64, self.busybox),
            false => row.size.to_string(),
        };
        let width = rows.iter().map(|it| size(it).len()).max().unwrap_or(0);
        let links = rows.iter().map(|it| it.links.to_string().len()).max();
        let links = links.unwrap_or(0);
        let lines = rows.into_iter().map(|row| {
            let kind = if row.is_folder {
                "drwxr-xr-x"
            } else {
                "-rw-r--r--"
            };
            let (count, bytes, name) = (row.links, size(row), label(row));
            let date = short_date(row.changed);
            if self.busybox {
                format!("{kind} {count:>4} root     root     {bytes:>9} {date} {name}\n")
            } else {
                format!("{kind} {count:>links$} root root {bytes:>width$} {date} {name}\n")
            }
        });
        lines.collect()
    }
}
