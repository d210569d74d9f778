//! What stands on the disks: files of volumes and of containers, with their past.
//!
//! Nothing is ever overwritten: each write is a version with its time, so that what stood there at an instant can be
//! read at any later one. What a disk is called is told in `inside::files`.

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
        text: Rc<str>,
        /// When it was written.
        changed: Time,
    },
}

/// An entry since a time; `None` since it was removed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Version {
    since: Time,
    entry: Option<Entry>,
}

/// All disks, by name; on each the entries by their path, without a slash at its begin or end.
#[derive(Clone, Debug, Default)]
pub struct Disks(SortedMap<Text, SortedMap<String, Vec<Version>>>);

impl Disks {
    /// What a path of a disk led to at a time.
    pub fn get(&self, disk: &str, path: &str, at: Time) -> Option<&Entry> {
        let versions = self.0.get(disk)?.get(path)?;
        let last = versions.iter().rev().find(|it| it.since <= at)?;
        last.entry.as_ref()
    }

    /// Puts an entry at a path, or takes it away.
    pub fn put(&mut self, disk: &Text, path: &str, now: Time, entry: Option<Entry>) {
        let versions = self.0.entry(disk.clone()).or_default();
        let versions = versions.entry(path.to_owned()).or_default();
        versions.push(Version { since: now, entry });
    }

    /// The names in a directory at a time, with what they lead to.
    pub fn list(&self, disk: &str, folder: &str, at: Time) -> Vec<(&str, &Entry)> {
        let Some(files) = self.0.get(disk) else {
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
        let paths = self.0.get(disk).into_iter().flat_map(SortedMap::keys);
        let found = paths.filter_map(|path| match self.get(disk, path, at)? {
            Entry::File { text, .. } => Some((&**path, &**text)),
            Entry::Folder => None,
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
            let (text, changed) = (text.into(), Time(0));
            Some(Entry::File { text, changed })
        };
        disks.put(&disk, "a/b", Time(1), file("one"));
        disks.put(&disk, "a/b", Time(2), file("two"));
        disks.put(&disk, "a/b", Time(3), None);
        let text = |at| disks.files("pv/a", Time(at)).first().map(|it| it.1);
        let seen = [0, 1, 2, 3].map(text);
        assert_eq!(seen, [None, Some("one"), Some("two"), None]);
        assert_eq!(disks.list("pv/a", "a", Time(2)).len(), 1);
        assert_eq!(disks.list("pv/a", "", Time(2)), []);
        assert_eq!(disks.list("pv/b", "a", Time(2)), []);
    }
}
