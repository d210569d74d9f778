//! The files that a container sees: its own, those of its image, and those of the volumes mounted in it.

use super::image::{self, App};
use super::{Spot, env, hostname, hosts as hosts_of};
use crate::cluster::disk::{Body, Entry};
use crate::cluster::dns;
use crate::cluster::engine::Cluster;
use crate::cluster::object::pod_spec::{Container, Volume};
use crate::cluster::object::{Kind, PersistentVolume, PersistentVolumeClaim, Pod};
use crate::cluster::store::Store;
use crate::cluster::time::Time;
use crate::cluster::value::{Text, Value};

/// Where a mounted directory's files come from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    /// A disk, and a directory of it.
    Disk(Text, String),
    /// Files that follow from objects: name and text.
    Fixed(Vec<(String, String)>),
}

/// One directory that a volume is mounted at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// The directory, without a slash at its end.
    pub path: String,
    /// The name of the volume.
    pub volume: Text,
    /// The claim behind it.
    pub claim: Option<Text>,
    /// Whether it is kept in memory, and not on a disk.
    pub in_memory: bool,
    /// Whether it cannot be written.
    pub read_only: bool,
    source: Source,
}

/// Why a file cannot be had; `Display` is what programs print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Nothing is there.
    #[error("No such file or directory")]
    Missing,
    /// It is a directory.
    #[error("Is a directory")]
    IsFolder,
    /// A part of the path is a file.
    #[error("Not a directory")]
    NotFolder,
    /// It cannot be written.
    #[error("Read-only file system")]
    ReadOnly,
    /// It is there already.
    #[error("File exists")]
    Exists,
    /// A directory that is not empty.
    #[error("Directory not empty")]
    NotEmpty,
    /// It would be longer than a file may be here.
    #[error("No space left on device")]
    Full,
}

/// A name in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The name.
    pub name: String,
    /// The text of a file, and when it was written; `None` for a directory.
    pub file: Option<(Body, Time)>,
}

/// The disk behind a volume.
pub fn volume_disk(volume: &PersistentVolume) -> Text {
    format!("volume/{}", volume.meta.uid).into()
}

/// A path from the root, without `.`, `..` and doubled slashes.
pub fn normal(folder: &str, path: &str) -> String {
    let whole = if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("{folder}/{path}")
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// What is left of a path inside of a directory; `""` for the directory itself.
fn inside<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    let folder = folder.trim_end_matches('/');
    if path == folder {
        return Some("");
    }
    path.strip_prefix(folder)?.strip_prefix('/')
}

impl Cluster {
    /// The directories that volumes are mounted at in a container, the longest path first.
    pub fn mounts(&self, spot: &Spot) -> Vec<Mount> {
        let store = &self.api.store;
        let Some((pod, container)) = spot.spec(store) else {
            return Vec::new();
        };
        let mounted = container.volume_mounts.iter().filter_map(|mount| {
            let mut volumes = pod.spec.volumes.iter();
            let volume = volumes.find(|it| it.name == mount.name)?;
            let sub = mount.rest.get("subPath").and_then(Value::as_str);
            let (source, fixed) = self.source(pod, volume, sub.unwrap_or_default())?;
            Some(Mount {
                path: mount.mount_path.trim_end_matches('/').to_owned(),
                volume: volume.name.clone(),
                in_memory: in_memory(volume),
                claim: volume.claim.as_ref().map(|it| it.claim_name.clone()),
                read_only: mount.read_only || fixed,
                source,
            })
        });
        let mut mounts: Vec<Mount> = mounted.collect();
        crate::cluster::sorted::sort_by_key(&mut mounts, |it| std::cmp::Reverse(it.path.len()));
        mounts
    }

    /// Where the files of a volume come from, and whether they can only be read.
    fn source(&self, pod: &Pod, volume: &Volume, sub: &str) -> Option<(Source, bool)> {
        let store = &self.api.store;
        let namespace = &pod.meta.namespace;
        let sub = sub.trim_matches('/').to_owned();
        if let Some(claim) = &volume.claim {
            let found = store.find::<PersistentVolumeClaim>(namespace, &claim.claim_name)?;
            let volume = store.find::<PersistentVolume>("", &found.spec.volume_name)?;
            let disk = volume_disk(volume);
            return Some((Source::Disk(disk, sub), claim.read_only));
        }
        let named = [
            (
                volume.config_map.as_ref().map(|it| &it.name),
                Kind::ConfigMap,
            ),
            (
                volume.secret.as_ref().map(|it| &it.secret_name),
                Kind::Secret,
            ),
        ];
        for (name, kind) in named {
            if let Some(name) = name {
                return Some((Source::Fixed(env::data(self, kind, namespace, name)), true));
            }
        }
        if volume.projected.is_some() {
            let texts = [
                (
                    "ca.crt",
                    "-----BEGIN CERTIFICATE-----\n(of this simulation)\n-----END CERTIFICATE-----\n",
                ),
                ("namespace", &**namespace),
                ("token", "(of this simulation)"),
            ];
            let texts = texts.map(|(name, text)| (name.to_owned(), text.to_owned()));
            return Some((Source::Fixed(texts.to_vec()), true));
        }
        let path = volume
            .host_path
            .as_ref()
            .and_then(|it| it.str_at(&["path"]));
        let disk = match path {
            Some(path) => format!("host/{}{path}", pod.spec.node_name),
            None => format!("pod/{}/{}", pod.meta.uid, volume.name),
        };
        Some((Source::Disk(disk.into(), sub), false))
    }

    /// The disk of a container's own files: gone with each restart.
    fn own_disk(&self, spot: &Spot) -> Text {
        let restarts = spot
            .status(&self.api.store)
            .map_or(0, |it| it.restart_count);
        format!("container/{}/{}/{restarts}", spot.uid, spot.container).into()
    }

    /// What a path leads to: `None` if nothing is there.
    fn entry(&self, spot: &Spot, path: &str) -> Option<Entry> {
        let path = normal("/", path);
        let mounts = self.mounts(spot);
        if path == "/" || mounts.iter().any(|it| inside(&it.path, &path).is_some()) {
            return Some(Entry::Folder);
        }
        for mount in &mounts {
            if let Some(rest) = inside(&path, &mount.path) {
                return self.entry_of(&mount.source, rest);
            }
        }
        let own = path.trim_start_matches('/');
        let disk = self.own_disk(spot);
        let written = self.disks.get(&disk, own, self.now());
        written
            .or_else(|| {
                // A directory that was made for a file that was written.
                let is_folder = !self.disks.list(&disk, own, self.now()).is_empty();
                is_folder.then_some(Entry::Folder)
            })
            .or_else(|| self.of_image(spot, own))
    }

    fn entry_of(&self, source: &Source, rest: &str) -> Option<Entry> {
        match source {
            Source::Disk(disk, sub) => {
                let path = format!("{sub}/{rest}");
                self.disks.get(disk, path.trim_matches('/'), self.now())
            }
            Source::Fixed(texts) => {
                let (_, text) = texts.iter().find(|(name, _)| name == rest)?;
                let changed = self.api.config.epoch;
                let text = text.clone().into();
                Some(Entry::File { text, changed })
            }
        }
    }

    /// What the image, and the kubelet, have put at a path.
    fn of_image(&self, spot: &Spot, path: &str) -> Option<Entry> {
        let (pod, container) = spot.spec(&self.api.store)?;
        if image::FOLDERS.contains(&path) {
            return Some(Entry::Folder);
        }
        let texts = image_files(pod, container);
        if let Some((_, text)) = texts.iter().find(|(name, _)| name == path) {
            let changed = pod.status.start_time.unwrap_or_default();
            let text = text.clone().into();
            return Some(Entry::File { text, changed });
        }
        let leads = texts.iter().any(|(name, _)| inside(name, path).is_some());
        leads.then_some(Entry::Folder)
    }

    /// The text of a file.
    pub fn read_file(&self, spot: &Spot, path: &str) -> Result<Body, FileError> {
        match self.entry(spot, path) {
            Some(Entry::File { text, .. }) => Ok(text),
            Some(Entry::Folder) => Err(FileError::IsFolder),
            None => Err(FileError::Missing),
        }
    }

    /// When a file was written.
    pub fn changed_at(&self, spot: &Spot, path: &str) -> Option<Time> {
        match self.entry(spot, path) {
            Some(Entry::File { changed, .. }) => Some(changed),
            _ => None,
        }
    }

    /// The names in a directory, sorted.
    pub fn list_folder(&self, spot: &Spot, path: &str) -> Result<Vec<Found>, FileError> {
        let path = normal("/", path);
        match self.entry(spot, &path) {
            Some(Entry::Folder) => {}
            Some(Entry::File { .. }) => return Err(FileError::NotFolder),
            None => return Err(FileError::Missing),
        }
        let mut names: Vec<String> = Vec::new();
        let mounts = self.mounts(spot);
        let own = path.trim_start_matches('/');
        match mounts.iter().find(|it| inside(&path, &it.path).is_some()) {
            Some(Mount {
                source: Source::Fixed(texts),
                ..
            }) => {
                names.extend(texts.iter().map(|(name, _)| name.clone()));
            }
            Some(Mount {
                source: Source::Disk(disk, sub),
                path: at,
                ..
            }) => {
                let rest = inside(&path, at).unwrap_or_default();
                let folder = format!("{sub}/{rest}");
                let listed = self.disks.list(disk, folder.trim_matches('/'), self.now());
                names.extend(listed.iter().map(|(name, _)| (*name).to_owned()));
            }
            None => {
                let listed = self.disks.list(&self.own_disk(spot), own, self.now());
                names.extend(listed.iter().map(|(name, _)| (*name).to_owned()));
                names.extend(self.image_names(spot, own));
            }
        }
        // Where other volumes are mounted below.
        names.extend(
            mounts
                .iter()
                .filter_map(|it| first_part(inside(&it.path, &path)?)),
        );
        names.sort();
        names.dedup();
        let found = names.into_iter().filter_map(|name| {
            let file = match self.entry(spot, &normal(&path, &name))? {
                Entry::File { text, changed } => Some((text, changed)),
                Entry::Folder => None,
            };
            Some(Found { name, file })
        });
        Ok(found.collect())
    }

    fn image_names(&self, spot: &Spot, folder: &str) -> Vec<String> {
        let Some((pod, container)) = spot.spec(&self.api.store) else {
            return Vec::new();
        };
        let files = image_files(pod, container);
        let paths = files.iter().map(|(path, _)| path.as_str());
        let all = paths.chain(image::FOLDERS.iter().copied());
        let names = all.filter_map(|path| {
            let rest = if folder.is_empty() {
                path
            } else {
                inside(path, folder)?
            };
            first_part(rest)
        });
        names.collect()
    }

    /// Puts a text into a file, or behind what is in it.
    pub fn write_file(
        &mut self,
        spot: &Spot,
        path: &str,
        text: &str,
        append: bool,
    ) -> Result<(), FileError> {
        let path = normal("/", path);
        let before = match self.entry(spot, &path) {
            Some(Entry::Folder) => return Err(FileError::IsFolder),
            Some(Entry::File { .. }) if append => {
                let now = self.now();
                if let Some((disk, path)) = self.disk_of(spot, &path)
                    && self.disks.append(&disk, &path, now, text)
                {
                    return Ok(());
                }
                self.read_file(spot, &path)?.to_string()
            }
            _ => String::new(),
        };
        let file = Entry::File {
            text: (before + text).into(),
            changed: self.now(),
        };
        self.put(spot, &path, Some(file))
    }

    /// The disk that a path is on and the path there; `None` if it cannot be written.
    fn disk_of(&self, spot: &Spot, path: &str) -> Option<(Text, String)> {
        let mounts = self.mounts(spot);
        let (disk, path) = match mounts.iter().find(|it| inside(path, &it.path).is_some()) {
            Some(mount) => match (&mount.source, mount.read_only) {
                (Source::Disk(disk, sub), false) => {
                    let rest = inside(path, &mount.path).unwrap_or_default();
                    (disk.clone(), format!("{sub}/{rest}"))
                }
                _ => return None,
            },
            None => (self.own_disk(spot), path.to_owned()),
        };
        Some((disk, path.trim_matches('/').to_owned()))
    }

    /// Makes a directory.
    pub fn make_folder(&mut self, spot: &Spot, path: &str) -> Result<(), FileError> {
        let path = normal("/", path);
        if self.entry(spot, &path).is_some() {
            return Err(FileError::Exists);
        }
        self.put(spot, &path, Some(Entry::Folder))
    }

    /// Removes a file, or a directory with what is in it.
    pub fn remove(&mut self, spot: &Spot, path: &str, whole: bool) -> Result<(), FileError> {
        let path = normal("/", path);
        match self.entry(spot, &path) {
            None => return Err(FileError::Missing),
            Some(Entry::Folder) if !whole => return Err(FileError::IsFolder),
            Some(Entry::Folder) => {
                for found in self.list_folder(spot, &path)? {
                    self.remove(spot, &normal(&path, &found.name), true)?;
                }
            }
            Some(Entry::File { .. }) => {}
        }
        self.put(spot, &path, None)
    }

    /// Puts an entry at a path whose directory is there.
    fn put(&mut self, spot: &Spot, path: &str, entry: Option<Entry>) -> Result<(), FileError> {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        match self.entry(spot, folder) {
            Some(Entry::Folder) => {}
            Some(Entry::File { .. }) => return Err(FileError::NotFolder),
            None => return Err(FileError::Missing),
        }
        let now = self.now();
        let (disk, path) = self.disk_of(spot, path).ok_or(FileError::ReadOnly)?;
        self.disks.put(&disk, &path, now, entry);
        Ok(())
    }

    /// The files of a volume at a time: path and text.
    pub fn volume_files(&self, store: &Store, volume: &str, at: Time) -> Vec<(&str, &str)> {
        let volume = store.find::<PersistentVolume>("", volume);
        volume.map_or_else(Vec::new, |it| self.disks.files(&volume_disk(it), at))
    }
}

/// Whether a volume is a tmpfs: tokens and secrets, and what asks for it.
fn in_memory(volume: &Volume) -> bool {
    let medium = volume.empty_dir.as_ref().and_then(|it| it.get("medium"));
    volume.secret.is_some()
        || volume.projected.is_some()
        || medium.and_then(Value::as_str) == Some("Memory")
}

fn first_part(path: &str) -> Option<String> {
    let first = path.split('/').next().filter(|it| !it.is_empty());
    first.map(str::to_owned)
}

/// The files that the kubelet and the image bring along.
fn image_files(pod: &Pod, container: &Container) -> Vec<(String, String)> {
    let host = hostname(pod);
    let mut hosts = "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n\
         fe00::\tip6-localnet\nfe00::\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n"
        .to_owned();
    for (at, (ip, names)) in hosts_of(pod).iter().enumerate() {
        if at == 1 {
            hosts.push_str("\n# Entries added by HostAliases.\n");
        }
        hosts.push_str(&format!("{ip}\t{}\n", names.join("\t")));
    }
    let search = dns::search_list(&pod.meta.namespace).join(" ");
    let resolv = format!(
        "search {search}\nnameserver {}\noptions ndots:5\n",
        dns::SERVER
    );
    let mut files = vec![
        ("etc/hostname".to_owned(), format!("{host}\n")),
        ("etc/hosts".to_owned(), hosts),
        ("etc/resolv.conf".to_owned(), resolv),
    ];
    if let App::Nginx(folder) = image::app(container) {
        let folder = folder.trim_start_matches('/');
        files.push((format!("{folder}/index.html"), image::WELCOME.to_owned()));
        files.push((format!("{folder}/50x.html"), image::WELCOME.to_owned()));
    }
    files
}
