//! Facts of recordings that hang on a race and not on a rule: the list beside them (`RACES.md`).

use std::path::Path;

use super::play;

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Race {
    /// `scenario@second`.
    pub place: String,
    /// What a difference of this fact says.
    pub fact: String,
}

impl Race {
    /// Whether a difference is about this fact.
    pub(super) fn covers(&self, difference: &str) -> bool {
        let place = difference.split(' ').next().unwrap_or_default();
        place == self.place && difference.contains(&self.fact)
    }
}

/// The list of a folder; `None` if there is none beside its recordings.
pub(super) fn read(folder: &Path) -> Option<Vec<Race>> {
    let text = std::fs::read_to_string(folder.join("RACES.md")).ok()?;
    let rows = text.lines().filter_map(|line| {
        let cells: Vec<&str> = line.strip_prefix("| ")?.split(" | ").collect();
        let [recording, at, fact, ..] = cells[..] else {
            return None;
        };
        at.parse::<i64>().ok().map(|at| Race {
            place: format!("{recording}@{at}"),
            fact: fact.trim_matches('`').to_owned(),
        })
    });
    Some(rows.collect())
}

#[test]
fn the_list_names_what_hangs_on_the_binders_tick_and_nothing_else() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings");
    let races = read(&folder).expect("the list is there");
    let mut seen = vec![false; races.len()];
    for path in super::files(&folder) {
        let recording = super::Recording::read(&path).expect("it is a recording");
        let prefix = format!("{}@", recording.scenario);
        let is_listed = races.iter().any(|it| it.place.starts_with(&prefix));
        // What is not listed is not free, so that a few moments show whether it ought to be.
        let every = if is_listed { 1 } else { 5 };
        for difference in play::with_other_ticks(&recording, every) {
            let known: Vec<usize> = (0..races.len())
                .filter(|at| races[*at].covers(&difference))
                .collect();
            assert!(!known.is_empty(), "not in RACES.md: {difference}");
            for at in known {
                seen[at] = true;
            }
        }
    }
    let stale: Vec<_> = races.iter().zip(seen).filter(|(_, seen)| !seen).collect();
    assert!(stale.is_empty(), "no race: {stale:?}");
}
