//! Transcripts: what is typed, and what is read. `tests/transcripts/README.md` says how they are written.
//!
//! `UPDATE_EXPECT=1 cargo test transcripts` writes anew what was read; `TRANSCRIPTS=<folder>` plays that folder's.

use std::fs;
use std::path::{Path, PathBuf};

use ordinal::terminal::Entry;

use crate::support::Town;

fn tests() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests"))
}

/// Our own transcripts.
fn ours() -> PathBuf {
    tests().join("transcripts")
}

/// The transcripts of a folder: name and text.
fn all(folder: &Path) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|it| it.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|it| it == "txt"))
        .map(|path| {
            let name = path.file_stem().expect("it has a name").to_string_lossy();
            (
                name.into_owned(),
                fs::read_to_string(&path).expect("it can be read"),
            )
        })
        .collect();
    found.sort();
    found
}

/// Who plays a transcript, and how much of what was printed was told already.
struct Player {
    town: Town,
    told: Vec<String>,
}

impl Player {
    /// What has been printed since it was last asked.
    fn news(&mut self) -> String {
        let mut out = String::new();
        for (at, entry) in self.town.entries().iter().enumerate() {
            let whole = text(entry);
            if at == self.told.len() {
                self.told.push(String::new());
            }
            // A screen that was wiped is told anew.
            let new = whole.strip_prefix(self.told[at].as_str()).unwrap_or(&whole);
            let mark = if entry.terminal == 2 { "  2 " } else { "    " };
            for line in new.lines() {
                out.push_str(format!("{mark}{line}").trim_end());
                out.push('\n');
            }
            self.told[at] = whole;
        }
        out
    }

    /// Does what a line says.
    fn act(&mut self, line: &str) {
        if let Some(text) = line.strip_prefix("$ ") {
            self.town.enter(1, text);
        } else if let Some(text) = line.strip_prefix("2$ ") {
            self.town.enter(2, text);
        } else if let Some(text) = line.strip_prefix("~ ") {
            let seconds = text.trim_end_matches('s').parse().expect("~ takes seconds");
            self.town.wait_s(seconds);
        } else if let Some(terminal) = line.strip_suffix("^C") {
            self.town.interrupt(if terminal == "2" { 2 } else { 1 });
        } else if let Some((name, manifest)) =
            line.strip_prefix("< ").and_then(|it| it.split_once(' '))
        {
            let path = tests().join("manifests").join(manifest);
            let text = fs::read_to_string(path).expect("the manifest is there");
            self.town.workspace.files.insert(name.to_owned(), text);
        }
    }
}

fn text(entry: &Entry) -> String {
    entry
        .printed
        .chunks
        .iter()
        .map(|it| it.text.as_str())
        .collect()
}

/// Whether a line is what was printed: an empty one is, too.
fn is_printed(line: &str) -> bool {
    line.is_empty() || ["    ", "  2"].iter().any(|it| line.starts_with(it))
}

/// Plays a transcript; what it should read, and the commands that failed.
fn play(transcript: &str) -> (String, Vec<String>) {
    let mut player = Player {
        town: Town::new(),
        told: Vec::new(),
    };
    let mut out = String::new();
    for line in transcript.lines().filter(|it| !is_printed(it)) {
        player.act(line);
        out.push_str(line);
        out.push('\n');
        out.push_str(&player.news());
    }
    let entries = player.town.entries().iter();
    // Who is stopped by Ctrl+C (130) has not failed.
    let failed = entries.filter(|it| it.exit.is_some_and(|code| code != 0 && code != 130));
    (out, failed.map(|it| it.command.clone()).collect())
}

#[test]
fn every_transcript_reads_as_it_is_written() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let folder = std::env::var_os("TRANSCRIPTS").map_or_else(ours, PathBuf::from);
    let mut differ = Vec::new();
    for (name, written) in all(&folder) {
        let (read, _) = play(&written);
        if read == written {
            continue;
        }
        if update {
            fs::write(folder.join(format!("{name}.txt")), read).expect("it can be written");
            continue;
        }
        let lines = read.lines().zip(written.lines()).position(|(a, b)| a != b);
        let at = lines.unwrap_or(read.lines().count().min(written.lines().count()));
        let line = |text: &str| text.lines().nth(at).unwrap_or("(the end)").to_owned();
        differ.push(format!(
            "{name}.txt:{}\n  written {}\n  read    {}",
            at + 1,
            line(&written),
            line(&read)
        ));
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

/// The commands of the seeds that fail as they are printed there, each with the reason.
const FAIL: &[(&str, &str, &str)] = &[
    (
        "seed-000",
        "kubectl apply -f kubia-service.yaml",
        "the manifest is indented so that it is no YAML",
    ),
    (
        "seed-000",
        "kubectl apply -f kubia-stateful.yaml",
        "the manifest is indented so that it is no YAML",
    ),
    (
        "seed-003",
        "kubectl apply -f statefulset-nginx.yml",
        "the file is written as nginx-statefulset.yaml",
    ),
    (
        "seed-003",
        "kubectl delete -f statefulset-nginx.yml",
        "the file is written as nginx-statefulset.yaml",
    ),
    (
        "seed-004",
        "for i in 0 1; do kubectl exec -i -t \"web-$i\" -- sh -c 'curl http://localhost/'; done",
        "bitnami/nginx listens at port 8080",
    ),
    (
        "seed-004",
        "for i in 0 1; do kubectl exec \"web-$i\" -- sh -c 'echo \"$(hostname)\" > /usr/share/nginx/html/index.html'; done",
        "bitnami/nginx has no such directory: the set mounts its volume at /app",
    ),
];

#[test]
fn the_commands_of_the_seeds_work_but_for_those_that_are_listed() {
    let mut found = Vec::new();
    for (name, written) in all(&ours())
        .into_iter()
        .filter(|(name, _)| name.starts_with("seed-"))
    {
        let (_, mut failed) = play(&written);
        failed.sort();
        failed.dedup();
        found.extend(failed.into_iter().map(|command| (name.clone(), command)));
    }
    let mut listed: Vec<(String, String)> = FAIL
        .iter()
        .map(|(name, command, _)| ((*name).to_owned(), (*command).to_owned()))
        .collect();
    listed.sort();
    assert_eq!(found, listed);
}
