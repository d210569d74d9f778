//! Completing a kubectl command: verbs, what their words are, and their flags.

use super::Place;
use super::found::Found;
use crate::cluster::object::Kind;
use crate::kubectl::args::{Flag, GLOBAL, Takes};
use crate::kubectl::verb::{VERBS, Verb};

/// The words of a kubectl command that are finished, as far as they can be understood.
#[derive(Default)]
pub(super) struct Given<'a> {
    /// The verb.
    pub verb: Option<&'static Verb>,
    /// The words behind the verb that are no flags.
    pub words: Vec<&'a str>,
    /// Flags and their values.
    pub flags: Vec<(&'static str, &'a str)>,
    /// The flag whose value is being typed.
    pub open: Option<Flag>,
    /// Whether `--` was given.
    pub is_behind_dashes: bool,
}

impl<'a> Given<'a> {
    fn read(words: &[&'a str]) -> Self {
        let mut given = Self::default();
        for word in words {
            given.take(word);
        }
        given
    }

    fn take(&mut self, word: &'a str) {
        if self.is_behind_dashes {
            return;
        }
        if let Some(flag) = self.open.take() {
            self.flags.push((flag.name, word));
        } else if word == "--" {
            self.is_behind_dashes = true;
        } else if let Some(long) = word.strip_prefix("--") {
            let (name, value) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (long, None),
            };
            if let Some(flag) = self.known(|it| it.name == name) {
                self.give(*flag, value);
            }
        } else if word.len() > 1 && word.starts_with('-') {
            if let Some((flag, value)) = self.letters(word.get(1..).unwrap_or_default()) {
                self.give(*flag, Some(value).filter(|it| !it.is_empty()));
            }
        } else if self.verb.is_some() {
            self.words.push(word);
        } else {
            self.verb = VERBS.iter().find(|it| it.name == word);
            // Nothing is known about the words of another verb.
            self.is_behind_dashes = self.verb.is_none();
        }
    }

    fn give(&mut self, flag: Flag, value: Option<&'a str>) {
        match (value, flag.takes) {
            (Some(value), _) => self.flags.push((flag.name, value)),
            (None, Takes::Truth) => self.flags.push((flag.name, "true")),
            (None, Takes::Optional(default)) => self.flags.push((flag.name, default)),
            (None, Takes::Value | Takes::Number | Takes::Duration) => self.open = Some(flag),
        }
    }

    /// Reads `it`, `n`, `nkube-system` or `n=kube-system`: the last flag and what follows it.
    fn letters(&mut self, letters: &'a str) -> Option<(&'static Flag, &'a str)> {
        let mut rest = letters.chars();
        while let Some(letter) = rest.next() {
            let flag = self.known(|it| it.short == Some(letter))?;
            let value = rest.as_str();
            if flag.takes != Takes::Truth || value.is_empty() {
                return Some((flag, value.strip_prefix('=').unwrap_or(value)));
            }
            self.flags.push((flag.name, "true"));
        }
        None
    }

    fn known(&self, fits: impl Fn(&Flag) -> bool) -> Option<&'static Flag> {
        let own = self.verb.map_or(&[][..], |verb| verb.flags);
        own.iter().chain(GLOBAL).find(|flag| fits(flag))
    }

    /// The last value of a flag.
    pub(super) fn flag(&self, name: &str) -> Option<&'a str> {
        let mut given = self.flags.iter().rev();
        given.find(|(it, _)| *it == name).map(|(_, value)| *value)
    }

    /// The verb, and its subcommand behind it.
    fn path(&self) -> String {
        let (verb, first) = (self.verb_name(), self.words.first());
        let knows = |word: &&&str| self.verb.is_some_and(|it| it.help.has_subcommand(word));
        match first.filter(knows) {
            Some(subcommand) => format!("{verb} {subcommand}"),
            None => verb.to_owned(),
        }
    }

    /// The name of the verb.
    pub(super) fn verb_name(&self) -> &'static str {
        self.verb.map_or("", |verb| verb.name)
    }

    /// The words that name objects: without the second word of verbs that have one.
    pub(super) fn named(&self) -> &[&'a str] {
        let skipped = usize::from(!subverbs(self.verb_name(), &[]).is_empty());
        self.words.get(skipped..).unwrap_or_default()
    }
}

/// Flags that can be given more than once.
const REPEATED: &[&str] = &[
    "filename",
    "from-env-file",
    "from-file",
    "from-literal",
    "image",
    "label-columns",
    "tcp",
];

/// The second words of a verb, or the third ones.
pub(super) fn subverbs(verb: &str, words: &[&str]) -> &'static [&'static str] {
    match (verb, words) {
        ("rollout", []) => &["history", "pause", "restart", "resume", "status", "undo"],
        ("set", []) => &["env", "image", "resources", "selector", "serviceaccount"],
        ("config", []) => &[
            "current-context",
            "get-contexts",
            "set-context",
            "use-context",
        ],
        ("create", []) => &[
            "configmap",
            "deployment",
            "namespace",
            "poddisruptionbudget",
            "secret",
            "service",
            "serviceaccount",
        ],
        ("create", ["service" | "svc"]) => {
            &["clusterip", "externalname", "loadbalancer", "nodeport"]
        }
        ("create", ["secret"]) => &["generic"],
        _ => &[],
    }
}

/// Kinds that `scale` takes, as kubectl lists them.
const SCALED: &[Kind] = &[Kind::Deployment, Kind::ReplicaSet, Kind::StatefulSet];
/// Kinds that `rollout` takes.
const ROLLED: &[Kind] = &[Kind::Deployment, Kind::StatefulSet];
/// Kinds whose pods `set image` changes.
const WITH_IMAGES: &[Kind] = &[
    Kind::Pod,
    Kind::Deployment,
    Kind::ReplicaSet,
    Kind::StatefulSet,
];
/// Kinds that stand for one of their pods.
const WITH_PODS: &[Kind] = &[
    Kind::Deployment,
    Kind::Pod,
    Kind::ReplicaSet,
    Kind::Service,
    Kind::StatefulSet,
];

impl Place<'_> {
    /// The next word of kubectl with these words.
    pub(super) fn kubectl(&self, words: &[&str], found: &mut Found<'_>) {
        let mut given = Given::read(words);
        let piece = found.piece();
        if let Some(flag) = given.open {
            self.value(flag, &given, found);
        } else if given.is_behind_dashes {
            // What runs inside of a pod is not ours to know.
        } else if let Some((name, _)) = piece.strip_prefix("--").and_then(|it| it.split_once('=')) {
            if let Some(flag) = given.known(|it| it.name == name) {
                found.skip("--=".len() + name.len());
                self.value(*flag, &given, found);
            }
        } else if let Some(letters) = piece.strip_prefix('-').filter(|it| !it.starts_with('-')) {
            let before = given.flags.len();
            match given.letters(letters) {
                Some((flag, value)) if !value.is_empty() => {
                    found.skip(piece.len() - value.len());
                    self.value(*flag, &given, found);
                }
                _ => {
                    given.flags.truncate(before);
                    flags(&given, found);
                }
            }
        } else if piece.starts_with('-') {
            flags(&given, found);
        } else if given.verb.is_none() {
            for verb in VERBS {
                let first = verb
                    .help
                    .about
                    .split_once('.')
                    .map_or("", |(first, _)| first);
                found.offer(verb.name, first);
            }
        } else {
            self.word(&given, found);
        }
    }

    /// The next word of a verb.
    fn word(&self, given: &Given<'_>, found: &mut Found<'_>) {
        let verb = given.verb_name();
        let named = given.named();
        let next = subverbs(verb, &given.words);
        if !next.is_empty() {
            found.offer_all(next);
            return;
        }
        match (verb, given.words.first().copied()) {
            ("scale" | "autoscale", _) => self.targets(SCALED, named, given, found),
            ("rollout", _) => self.targets(ROLLED, named, given, found),
            ("set", Some("image")) => self.set_image(named, given, found),
            ("set", Some("selector")) => self.targets(&[Kind::Service], named, given, found),
            ("set", _) => self.targets(WITH_IMAGES, named, given, found),
            ("config", Some("use-context" | "set-context" | "delete-context"))
                if named.is_empty() =>
            {
                found.offer(&self.workspace.context, "");
            }
            ("cordon" | "uncordon" | "drain", _) => {
                self.names(Kind::Node, &given.words, given, found);
            }
            ("taint", _) => self.targets(&[Kind::Node], named, given, found),
            ("logs" | "exec" | "attach" | "port-forward" | "debug", first) => match first {
                None => self.pods(given, found),
                Some(_) if verb == "logs" && named.len() == 1 => self.containers(given, found),
                Some(_) => {}
            },
            ("explain", None) => self.explain(found),
            ("help", first) => match first {
                None => VERBS.iter().for_each(|it| found.offer(it.name, "")),
                Some(verb) => {
                    let words = given.words.get(1..).unwrap_or_default();
                    found.offer_all(subverbs(verb, words));
                }
            },
            // One object, by its kind and name.
            ("patch" | "expose" | "edit", _) if named.len() >= 2 => {}
            ("patch" | "expose", Some(first)) if first.contains('/') => {}
            (
                "get" | "describe" | "delete" | "label" | "annotate" | "patch" | "wait" | "edit"
                | "expose",
                _,
            ) => self.targets(&[], named, given, found),
            _ => {}
        }
    }

    /// `set image sts/web nginx=…`.
    fn set_image(&self, named: &[&str], given: &Given<'_>, found: &mut Found<'_>) {
        let is_named = match named {
            [first, ..] if first.contains('/') => true,
            [_, _, ..] => true,
            _ => false,
        };
        if is_named {
            let taken: Vec<&str> = named
                .iter()
                .filter_map(|it| Some(it.split_once('=')?.0))
                .collect();
            for (name, image) in self.containers_of(named, given) {
                if !taken.contains(&&*name) {
                    found.offer(&format!("{name}="), &image);
                }
            }
        } else {
            self.targets(WITH_IMAGES, named, given, found);
        }
    }

    /// Pods, and behind them the kinds that stand for pods.
    fn pods(&self, given: &Given<'_>, found: &mut Found<'_>) {
        if found.piece().contains('/') {
            self.targets(WITH_PODS, &[], given, found);
            return;
        }
        self.names(Kind::Pod, &[], given, found);
        found.next_group();
        for kind in WITH_PODS {
            found.offer(&format!("{}/", kind.info().plural), "");
        }
    }
}

/// The flags of a verb, and those of every verb.
fn flags(given: &Given<'_>, found: &mut Found<'_>) {
    let own = given.verb.map_or(&[][..], |verb| verb.flags);
    let is_open = |flag: &&Flag| given.flag(flag.name).is_none() || REPEATED.contains(&flag.name);
    let path = given.path();
    let offered = own.iter().chain(GLOBAL);
    let offered = offered.filter(|flag| flag.is_told() && flag.is_of(&path));
    for flag in offered.filter(is_open) {
        let short = flag.short.map(|it| format!("-{it}")).unwrap_or_default();
        let long = match flag.takes {
            Takes::Optional(_) => format!("--{}=", flag.name),
            _ => format!("--{}", flag.name),
        };
        if found.piece() == short {
            found.offer(&short, flag.name);
        }
        found.offer(&long, &short);
    }
}
