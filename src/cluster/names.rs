//! Names and uids that the API server makes: at random from the seed, or in the fixed way of the recordings.

use super::hash::fnv1a_64;
use super::object::Kind;
use super::rng::Rng;
use super::value::{Text, concat, hex};
use crate::cluster::sorted::SortedMap;

/// The letters of generated names: no vowels, nothing that reads as another (reference 1.1).
const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// How names are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// From the seed, as a real server makes them from chance.
    Seeded,
    /// From the object itself, as the server of the recordings does, so that they can be compared.
    Recorded,
}

/// Makes names, and remembers what it must to make the next one.
#[derive(Clone, Debug)]
pub struct Names {
    naming: Naming,
    /// How many lives each `Kind/namespace/name` has had, for recorded uids.
    lives: SortedMap<String, u32>,
    /// How many names were made from each base, for recorded names.
    made: SortedMap<String, u32>,
}

impl Names {
    /// Starts with no name made.
    pub fn new(naming: Naming) -> Self {
        Self {
            naming,
            lives: SortedMap::new(),
            made: SortedMap::new(),
        }
    }

    /// The uid of a new object.
    pub fn uid(&mut self, rng: &mut Rng, kind: Kind, namespace: &str, name: &str) -> Text {
        match self.naming {
            Naming::Seeded => {
                let (high, low) = (rng.next_word(), rng.next_word());
                uid_of(high, low)
            }
            Naming::Recorded => {
                let identity = format!("{kind}/{namespace}/{name}");
                let hash = fnv1a_64(identity.as_bytes()) & 0xf_ffff_ffff;
                let life = self.lives.entry(identity).or_insert(0);
                *life += 1;
                format!("00000000-0000-4000-8000-{hash:09x}{life:03x}").into()
            }
        }
    }

    /// A full name from a `generateName`: its first 58 characters and five letters.
    pub fn generate(&mut self, rng: &mut Rng, base: &str) -> Text {
        let base = match base.char_indices().nth(58) {
            Some((end, _)) => &base[..end],
            None => base,
        };
        let mut number = match self.naming {
            Naming::Seeded => rng.next_word(),
            Naming::Recorded => {
                let made = self.made.entry(base.to_owned()).or_insert(0);
                *made += 1;
                fnv1a_64(format!("{base}{made}").as_bytes())
            }
        };
        let mut letters = [b'x'; 5];
        for letter in &mut letters {
            *letter = LETTERS[(number % 27) as usize];
            number /= 27;
        }
        concat(&[base, str::from_utf8(&letters).unwrap_or_default()])
    }

    /// Five letters for the name of a pod's service account volume.
    pub fn suffix(&mut self, rng: &mut Rng) -> Text {
        match self.naming {
            Naming::Seeded => self.generate(rng, ""),
            Naming::Recorded => "xxxxx".into(),
        }
    }
}

/// A version 4 uid of two random words.
fn uid_of(high: u64, low: u64) -> Text {
    let high = high & !0xf000 | 0x4000;
    let low = low & !(0xc << 60) | 0x8 << 60;
    let (high, low) = (hex(high), hex(low));
    let mut text = [b'-'; 36];
    text[..8].copy_from_slice(&high[..8]);
    text[9..13].copy_from_slice(&high[8..12]);
    text[14..18].copy_from_slice(&high[12..]);
    text[19..23].copy_from_slice(&low[..4]);
    text[24..].copy_from_slice(&low[4..]);
    Text::from_utf8(&text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorded_names_are_those_of_the_recordings() {
        let (mut names, mut rng) = (Names::new(Naming::Recorded), Rng::new(0));
        assert_eq!(
            &*names.uid(
                &mut rng,
                Kind::PersistentVolumeClaim,
                "default",
                "www-web-0"
            ),
            "00000000-0000-4000-8000-13aa98cd2001"
        );
        assert_eq!(&*names.generate(&mut rng, "nginx-"), "nginx-m9j7h");
        assert_eq!(&*names.generate(&mut rng, "kubia-"), "kubia-mlntw");
        assert_eq!(&*names.generate(&mut rng, "kubia-"), "kubia-jtwjd");
    }

    #[test]
    fn seeded_uids_are_version_4_and_differ() {
        let (mut names, mut rng) = (Names::new(Naming::Seeded), Rng::new(3));
        let mut uid = || names.uid(&mut rng, Kind::Pod, "default", "x");
        let (one, two) = (uid(), uid());
        assert_ne!(one, two);
        for uid in [one, two] {
            assert_eq!(uid.len(), 36);
            assert_eq!(uid.as_bytes()[14], b'4');
            assert!(b"89ab".contains(&uid.as_bytes()[19]), "{uid}");
        }
        assert_eq!(names.generate(&mut rng, &"x".repeat(80)).len(), 63);
    }
}
