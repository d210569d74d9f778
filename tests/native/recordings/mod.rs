//! The engine held to recordings of the real control plane.
//!
//! `RECORDINGS=<folder>` plays that folder's files instead of ours.

mod compare;
mod file;
mod judge;
mod outputs;
mod play;
mod shape;

use std::path::{Path, PathBuf};

use file::Recording;
use play::Verdict;

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

#[test]
#[expect(
    clippy::print_stdout,
    reason = "the closing line is what the run is for"
)]
fn recordings_are_reproduced() -> Result<(), String> {
    let files = files(&folder());
    assert!(!files.is_empty(), "there are recordings to play");
    let (mut reproduced, mut facts) = (0, 0);
    for path in &files {
        let verdict = match Recording::read(path) {
            Ok(recording) => play::play(&recording),
            Err(error) => Verdict {
                facts: 0,
                differences: vec![error],
            },
        };
        facts += verdict.facts;
        if verdict.differences.is_empty() {
            reproduced += 1;
        } else {
            println!("{} is not reproduced:", path.display());
            let shown = if std::env::var_os("RECORDINGS_ALL").is_some() {
                usize::MAX
            } else {
                1
            };
            for difference in verdict.differences.iter().take(shown) {
                println!("  {difference}");
            }
        }
    }
    println!(
        "{reproduced} of {} reproduced, {facts} facts compared",
        files.len()
    );
    if reproduced == files.len() {
        Ok(())
    } else {
        Err("not every recording is reproduced".to_owned())
    }
}
