//! What stands on the disks: files of volumes and of containers, with their past.
//!
//! Nothing is ever overwritten: each write is a version with its time, so that what stood there at an instant can be
//! read at any later one. What is written behind a text shares it. What a disk is called is told in `inside::files`.

use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

use super::sorted::SortedMap;
use super::time::Time;
use super::value::Text;

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A directory.
    Folder,
    /// A file.
    File {
        /// Its text.
        text: Body,
        /// When it was written.
        changed: Time,
    },
}

/// The text of a file: what a longer one begins with.
#[derive(Clone, Debug, Default)]
pub struct Body {
    whole: Rc<String>,
    len: usize,
}

impl Deref for Body {
    type Target = str;

    fn deref(&self) -> &str {
        self.whole.get(..self.len).unwrap_or_default()
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        let len = text.len();
        let whole = Rc::new(text);
        Self { whole, len }
    }
}

impl PartialEq for Body {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Body {}

impl fmt::Display for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

/// An entry since a time.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Version {
    since: Time,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Gone,
    Folder,
    /// So much of the text of that number.
    File(usize, usize, Time),
}

/// What stood at a path, and the texts of it; one that was written behind has grown.
#[derive(Clone, Debug, Default)]
struct History {
    versions: Vec<Version>,
    texts: Vec<Rc<String>>,
}

/// All disks, by name; on each the entries by their path, without a slash at its begin or end.
#[derive(Clone, Debug, Default)]
pub struct Disks {
    files: SortedMap<Text, SortedMap<String, History>>,
    writes: usize,
}

impl Disks {
    /// How often something was written or taken away.
    pub fn writes(&self) -> usize {
        self.writes
    }

    /// What a path of a disk led to at a time.
    pub fn get(&self, disk: &str, path: &str, at: Time) -> Option<Entry> {
        let history = self.files.get(disk)?.get(path)?;
        let last = history.versions.iter().rev().find(|it| it.since <= at)?;
        match last.what {
            What::Gone => None,
            What::Folder => Some(Entry::Folder),
            What::File(number, len, changed) => {
                let whole = Rc::clone(history.texts.get(number)?);
                let text = Body { whole, len };
                Some(Entry::File { text, changed })
            }
        }
    }

    /// Puts an entry at a path, or takes it away.
    pub fn put(&mut self, disk: &Text, path: &str, now: Time, entry: Option<Entry>) {
        let files = self.files.entry(disk.clone()).or_default();
        let history = files.entry(path.to_owned()).or_default();
        let what = match entry {
            None => What::Gone,
            Some(Entry::Folder) => What::Folder,
            Some(Entry::File { text, changed }) => {
                history.texts.push(text.whole);
                What::File(history.texts.len() - 1, text.len, changed)
            }
        };
        history.versions.push(Version { since: now, what });
        self.writes += 1;
    }

    /// Puts a text behind the file that stands at a path; whether there is one.
    pub fn append(&mut self, disk: &str, path: &str, now: Time, more: &str) -> bool {
        let history = self.files.get_mut(disk).and_then(|it| it.get_mut(path));
        let Some(History { versions, texts }) = history else {
            return false;
        };
        let Some(What::File(number, len, _)) = versions.last().map(|it| it.what) else {
            return false;
        };
        let Some(text) = texts.get_mut(number).filter(|it| it.len() == len) else {
            return false;
        };
        Rc::make_mut(text).push_str(more);
        let what = What::File(number, len + more.len(), now);
        versions.push(Version { since: now, what });
        self.writes += 1;
        true
    }

    /// The names in a directory at a time, with what they lead to.
    pub fn list(&self, disk: &str, folder: &str, at: Time) -> Vec<(&str, Entry)> {
        let Some(files) = self.files.get(disk) else {
            return Vec::new();
        };
        let inside = |path: &'_ str| -> Option<usize> {
            let rest = if folder.is_empty() {
                path
            } else {
                path.strip_prefix(folder)?.strip_prefix('/')?
            };
            (!rest.is_empty() && !rest.contains('/')).then_some(path.len() - rest.len())
        };
        let found = files.keys().filter_map(|path| {
            let name = path.get(inside(path)?..)?;
            Some((name, self.get(disk, path, at)?))
        });
        found.collect()
    }

    /// Every file of a disk at a time: path and text.
    pub fn files(&self, disk: &str, at: Time) -> Vec<(&str, &str)> {
        let paths = self.files.get(disk).into_iter().flat_map(SortedMap::iter);
        let found = paths.filter_map(|(path, history)| {
            let last = history.versions.iter().rev().find(|it| it.since <= at)?;
            match last.what {
                What::File(number, len, _) => {
                    Some((&**path, history.texts.get(number)?.get(..len)?))
                }
                What::Gone | What::Folder => None,
            }
        });
        found.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_keeps_its_past() {
        let (mut disks, disk) = (Disks::default(), Text::from("pv/a"));
        let file = |text: &str| {
            let (text, changed) = (text.to_owned().into(), Time(0));
            Some(Entry::File { text, changed })
        };
        disks.put(&disk, "a/b", Time(1), file("one"));
        disks.put(&disk, "a/b", Time(2), file("two"));
        disks.put(&disk, "a/b", Time(3), None);
        let text = |disks: &Disks, at| {
            let files = disks.files("pv/a", Time(at));
            files.first().map_or(String::new(), |it| it.1.to_owned())
        };
        assert_eq!(
            [0, 1, 2, 3].map(|at| text(&disks, at)),
            ["", "one", "two", ""]
        );
        assert_eq!(disks.list("pv/a", "a", Time(2)).len(), 1);
        assert_eq!(disks.list("pv/a", "", Time(2)), []);
        assert_eq!(disks.list("pv/b", "a", Time(2)), []);
        // What is written behind a text shares it, and what stood there before stays.
        assert!(!disks.append("pv/a", "a/b", Time(4), "x"));
        disks.put(&disk, "a/b", Time(4), file("1"));
        let mut other = disks.clone();
        for at in 5..100 {
            assert!(disks.append("pv/a", "a/b", Time(at), "+"));
        }
        assert_eq!([4, 5, 7].map(|at| text(&disks, at)), ["1", "1+", "1+++"]);
        let texts = |disks: &Disks| {
            disks
                .files
                .get("pv/a")
                .and_then(|it| it.get("a/b"))
                .map(|it| it.texts.len())
        };
        assert_eq!(texts(&disks), Some(3));
        assert!(other.append("pv/a", "a/b", Time(5), "-"));
        assert_eq!(
            (text(&other, 9), text(&disks, 5)),
            ("1-".into(), "1+".into())
        );
    }
}
