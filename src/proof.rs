//! How the engine is held to the real control plane: what the test run that played every recording has found.
//!
//! The recordings' test (`tests/native/recordings`) writes it, the page's build takes it along and the About panel
//! reads it: nobody writes such a list by hand.

use crate::cluster::value::Value;
use crate::manifest::json;

/// What a run of the recordings' test found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// The version of Kubernetes that was recorded.
    pub kubernetes: String,
    /// The recordings, in the order in which they were played.
    pub recordings: Vec<Played>,
}

/// One recording, and what came of playing it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Played {
    /// Its name.
    pub name: String,
    /// What it shows, in its own words.
    pub about: String,
    /// How many steps it has.
    pub steps: usize,
    /// How many facts were compared.
    pub facts: usize,
    /// The first difference; `None` if it is reproduced.
    pub difference: Option<String>,
}

impl Proof {
    /// How many recordings are reproduced.
    pub fn reproduced(&self) -> usize {
        let reproduced = |it: &&Played| it.difference.is_none();
        self.recordings.iter().filter(reproduced).count()
    }

    /// How many facts were compared.
    pub fn facts(&self) -> usize {
        self.recordings.iter().map(|it| it.facts).sum()
    }

    /// The text that [`Proof::read`] reads.
    pub fn to_json(&self) -> String {
        let recordings = self.recordings.iter().map(Played::to_value).collect();
        Value::map([
            ("kubernetes", Value::text(&*self.kubernetes)),
            ("reproduced", number(self.reproduced())),
            ("facts", number(self.facts())),
            ("recordings", Value::List(recordings)),
        ])
        .to_json()
    }

    /// Reads the text that a test run wrote; `None` if it is no such text, or its sums are wrong.
    pub fn read(text: &str) -> Option<Self> {
        let value = json::value(text).ok()?;
        let recordings = value.get("recordings")?.as_list()?.iter();
        let proof = Self {
            kubernetes: value.str_at(&["kubernetes"])?.to_owned(),
            recordings: recordings.map(Played::of_value).collect::<Option<_>>()?,
        };
        let is_right = count(&value, "reproduced")? == proof.reproduced()
            && count(&value, "facts")? == proof.facts();
        is_right.then_some(proof)
    }
}

impl Played {
    fn to_value(&self) -> Value {
        let mut value = Value::map([
            ("name", Value::text(&*self.name)),
            ("about", Value::text(&*self.about)),
            ("steps", number(self.steps)),
            ("facts", number(self.facts)),
            ("reproduced", Value::Bool(self.difference.is_none())),
        ]);
        if let Some(difference) = &self.difference {
            value.set(&["difference"], Value::text(&**difference));
        }
        value
    }

    fn of_value(value: &Value) -> Option<Self> {
        let text = |key| value.str_at(&[key]).map(str::to_owned);
        let difference = match value.get("reproduced")?.as_bool()? {
            true => None,
            false => Some(text("difference")?),
        };
        Some(Self {
            name: text("name")?,
            about: text("about")?,
            steps: count(value, "steps")?,
            facts: count(value, "facts")?,
            difference,
        })
    }
}

fn number(count: usize) -> Value {
    Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

fn count(value: &Value, key: &str) -> Option<usize> {
    value.get(key)?.as_int()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof() -> Proof {
        let played = |name: &str, facts, difference: Option<&str>| Played {
            name: name.to_owned(),
            about: "What it shows: <b>, \"quotes\" and\nlines.".to_owned(),
            steps: 3,
            facts,
            difference: difference.map(str::to_owned),
        };
        Proof {
            kubernetes: "v1.36.2".to_owned(),
            recordings: vec![
                played("start-ordered", 40, None),
                played("scale-up", 2, Some("state of pod/web-0: phase is …")),
            ],
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let proof = proof();
        assert_eq!((proof.reproduced(), proof.facts()), (1, 42));
        assert_eq!(Proof::read(&proof.to_json()), Some(proof));
        let nothing = Proof::default();
        assert_eq!(Proof::read(&nothing.to_json()), Some(nothing));
    }

    #[test]
    fn what_no_run_has_written_is_not_believed() {
        let text = proof().to_json();
        let changes = [
            ("\"facts\":42", "\"facts\":43"),
            ("\"reproduced\":1", "\"reproduced\":2"),
            ("\"reproduced\":false", "\"reproduced\":true"),
            ("\"steps\":3", "\"steps\":-3"),
            ("\"name\"", "\"label\""),
            ("\"difference\"", "\"differences\""),
        ];
        for (from, to) in changes {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text, "{from} is in it");
            assert_eq!(Proof::read(&changed), None, "{to}");
        }
        for other in ["", "[]", "{}", "<!doctype html>", &text[1..]] {
            assert_eq!(Proof::read(other), None, "{other}");
        }
    }
}
