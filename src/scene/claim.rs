//! A claim and the volume that it is bound to.

use super::waits;
use crate::cluster::disk::Disks;
use crate::cluster::inside::files::volume_disk;
use crate::cluster::object::volume::VolumePhase;
use crate::cluster::object::{PersistentVolume, PersistentVolumeClaim};
use crate::cluster::record::Stop;
use crate::cluster::value::Text;
use crate::kubectl::status::{access_modes, claim_status};
use crate::timeline::View;

/// A claim as a tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimTab {
    /// Its name.
    pub name: Text,
    /// The word of kubectl's STATUS column: Pending, Bound, Lost or Terminating.
    pub word: Text,
    /// How much it asks for.
    pub request: Text,
    /// Its class; empty for none.
    pub class: Text,
    /// Its volume, if it has one.
    pub disk: Option<Disk>,
    /// Why it is not bound, if somebody said so.
    pub waits: Option<Stop>,
}

/// A volume as a disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disk {
    /// Its name.
    pub name: Text,
    /// How much it holds.
    pub capacity: Text,
    /// How it can be mounted, as in `RWO`.
    pub modes: Text,
    /// Its phase.
    pub phase: Text,
    /// The first files on it, by their path.
    pub files: Vec<DiskFile>,
    /// How many files more there are.
    pub undrawn: usize,
}

/// A file as a line on its disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskFile {
    /// Its path on the volume.
    pub path: Text,
    /// The last line of its text, or what fits of it.
    pub line: Text,
}

/// So many files are drawn on a disk.
const FILES_MAX: usize = 3;
/// So many letters are shown of a file's line.
const LINE_MAX: usize = 60;

pub(super) fn draw(claim: &PersistentVolumeClaim, view: &View, disks: &Disks) -> ClaimTab {
    let volume = view
        .store
        .find::<PersistentVolume>("", &claim.spec.volume_name);
    ClaimTab {
        name: claim.meta.name.clone(),
        word: claim_status(claim).into(),
        request: claim.spec.request().to_string().into(),
        class: claim.spec.class().into(),
        disk: volume.map(|it| disk(it, view, disks)),
        waits: waits::of_claim(view, &claim.meta.namespace, &claim.meta.name),
    }
}

pub(super) fn disk(volume: &PersistentVolume, view: &View, disks: &Disks) -> Disk {
    let files = disks.files(&volume_disk(volume), view.now);
    let drawn = files.iter().take(FILES_MAX).map(|(path, text)| {
        let line = text.lines().next_back().unwrap_or_default();
        DiskFile {
            path: (*path).into(),
            line: line.chars().take(LINE_MAX).collect::<String>().into(),
        }
    });
    let phase = volume.status.phase.unwrap_or(VolumePhase::Pending);
    Disk {
        name: volume.meta.name.clone(),
        capacity: volume.spec.storage().to_string().into(),
        modes: access_modes(&volume.spec.access_modes).into(),
        phase: phase.as_str().into(),
        files: drawn.collect(),
        undrawn: files.len().saturating_sub(FILES_MAX),
    }
}
