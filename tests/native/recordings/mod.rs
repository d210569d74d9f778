//! The engine held to recordings of the real control plane.
//!
//! `RECORDINGS=<folder>` plays that folder's files instead of ours. A run of our own leaves what it found in
//! `target/recordings.json`, for the About panel of the page, be it good or bad.

mod compare;
mod file;
mod judge;
mod outputs;
mod play;
mod races;
mod shape;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use file::Recording;
use ordinal::proof::{Played, Proof};
use play::Verdict;
use races::Race;

/// The folder whose recordings are played.
fn folder() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
    std::env::var_os("RECORDINGS").map_or(own, PathBuf::from)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries =
        std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    files.retain(|path| path.extension().is_some_and(|it| it == "json"));
    files.sort();
    files
}

/// Plays a file.
fn played(
    path: &Path,
    races: Option<&[Race]>,
    kubernetes: &mut BTreeSet<String>,
) -> (Played, Vec<String>) {
    let read = Recording::read(path);
    let verdict = match &read {
        Ok(recording) => play::play(recording, races),
        Err(error) => Verdict {
            facts: 0,
            differences: vec![error.clone()],
        },
    };
    let stem = path.file_stem().unwrap_or_default();
    let mut played = Played {
        name: stem.to_string_lossy().into_owned(),
        facts: verdict.facts,
        difference: verdict.differences.first().cloned(),
        ..Played::default()
    };
    if let Ok(recording) = read {
        played.name = recording.scenario;
        played.about = recording.about;
        played.steps = recording.steps.len();
        kubernetes.insert(recording.kubernetes);
    }
    (played, verdict.differences)
}

/// Leaves what was found where the page's build takes it from (`scripts/recordings.sh`).
fn leave(proof: &Proof) -> Result<(), String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(folder.join("recordings.json"), proof.to_json()))
        .map_err(|error| format!("{}: {error}", folder.display()))
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "the closing line is what the run is for"
)]
fn recordings_are_reproduced() -> Result<(), String> {
    let files = files(&folder());
    assert!(!files.is_empty(), "there are recordings to play");
    let races = races::read(&folder());
    let mut proof = Proof::default();
    let mut kubernetes = BTreeSet::new();
    for path in &files {
        let (played, differences) = played(path, races.as_deref(), &mut kubernetes);
        proof.recordings.push(played);
        if !differences.is_empty() {
            println!("{} is not reproduced:", path.display());
            let shown = if std::env::var_os("RECORDINGS_ALL").is_some() {
                usize::MAX
            } else {
                1
            };
            for difference in differences.iter().take(shown) {
                println!("  {difference}");
            }
        }
    }
    proof.kubernetes = kubernetes.into_iter().collect::<Vec<_>>().join(", ");
    let reproduced = proof.reproduced();
    println!(
        "{reproduced} of {} reproduced, {} facts compared",
        files.len(),
        proof.facts()
    );
    // The page lists what it is held to itself, and nobody else's recordings.
    if std::env::var_os("RECORDINGS").is_none() {
        leave(&proof)?;
    }
    if reproduced == files.len() {
        Ok(())
    } else {
        Err("not every recording is reproduced".to_owned())
    }
}
