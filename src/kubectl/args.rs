//! Words and flags of a command, as kubectl's flag library reads them.

use super::fault::Fault;

/// One flag that a verb knows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flag {
    /// Its long name.
    pub name: &'static str,
    /// Its one-letter name.
    pub short: Option<char>,
    /// What it takes.
    pub takes: Takes,
}

/// What a flag takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// A value, always.
    Value,
    /// `true` or `false`, or nothing, which means `true`.
    Truth,
    /// A value behind `=`, or nothing, which means this value.
    Optional(&'static str),
    /// A whole number.
    Number,
}

/// A flag with a value.
pub(super) const fn value(name: &'static str, short: char) -> Flag {
    Flag {
        name,
        short: if short == ' ' { None } else { Some(short) },
        takes: Takes::Value,
    }
}

/// A flag that is on or off.
pub(super) const fn truth(name: &'static str, short: char) -> Flag {
    Flag {
        name,
        short: if short == ' ' { None } else { Some(short) },
        takes: Takes::Truth,
    }
}

/// A flag with a whole number.
pub(super) const fn number(name: &'static str) -> Flag {
    Flag {
        name,
        short: None,
        takes: Takes::Number,
    }
}

/// A flag whose value may be left out.
pub(super) const fn optional(name: &'static str, default: &'static str) -> Flag {
    Flag {
        name,
        short: None,
        takes: Takes::Optional(default),
    }
}

/// Flags that every verb knows.
pub(super) const GLOBAL: &[Flag] = &[
    value("namespace", 'n'),
    value("context", ' '),
    value("cluster", ' '),
    value("user", ' '),
    value("kubeconfig", ' '),
    value("request-timeout", ' '),
    value("server", 's'),
    value("v", 'v'),
    value("as", ' '),
    truth("help", 'h'),
];

/// Flags and words of one command.
#[derive(Clone, Debug, Default)]
pub(super) struct Args {
    /// Words that are no flags.
    pub words: Vec<String>,
    /// Words behind `--`.
    pub after_dashes: Vec<String>,
    given: Vec<(&'static str, String)>,
}

impl Args {
    /// Reads the words of a command whose verb has these flags.
    pub(super) fn read(
        verb: &str,
        flags: &'static [Flag],
        words: Vec<String>,
    ) -> Result<Self, Fault> {
        let mut args = Self::default();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            if word == "--" {
                args.after_dashes = words.collect();
                break;
            }
            if let Some(long) = word.strip_prefix("--") {
                args.long(verb, flags, long, &mut words)?;
            } else if word.len() > 1 && word.starts_with('-') {
                args.short(verb, flags, word.get(1..).unwrap_or_default(), &mut words)?;
            } else {
                args.words.push(word);
            }
        }
        Ok(args)
    }

    fn long(
        &mut self,
        verb: &str,
        flags: &'static [Flag],
        text: &str,
        words: &mut impl Iterator<Item = String>,
    ) -> Result<(), Fault> {
        let (name, given) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (text, None),
        };
        let known = flags.iter().chain(GLOBAL).find(|flag| flag.name == name);
        let Some(flag) = known else {
            return Err(usage(verb, format!("unknown flag: --{name}")));
        };
        let value = match (given, flag.takes) {
            (Some(value), _) => value,
            (None, Takes::Truth) => "true".to_owned(),
            (None, Takes::Optional(default)) => default.to_owned(),
            (None, _) => words
                .next()
                .ok_or_else(|| usage(verb, format!("flag needs an argument: --{name}")))?,
        };
        let shown = flag.short.map_or_else(
            || format!("--{name}"),
            |short| format!("-{short}, --{name}"),
        );
        self.give(verb, *flag, value, &shown)
    }

    fn short(
        &mut self,
        verb: &str,
        flags: &'static [Flag],
        letters: &str,
        words: &mut impl Iterator<Item = String>,
    ) -> Result<(), Fault> {
        let mut rest = letters;
        while let Some(letter) = rest.chars().next() {
            let known = flags
                .iter()
                .chain(GLOBAL)
                .find(|flag| flag.short == Some(letter));
            let Some(flag) = known else {
                return Err(usage(
                    verb,
                    format!("unknown shorthand flag: {letter:?} in -{letters}"),
                ));
            };
            rest = rest.get(letter.len_utf8()..).unwrap_or_default();
            let shown = format!("-{letter}, --{}", flag.name);
            let value = match (rest.strip_prefix('='), flag.takes) {
                (Some(value), _) => std::mem::take(&mut value.to_owned()),
                (None, Takes::Truth) => {
                    self.give(verb, *flag, "true".to_owned(), &shown)?;
                    continue;
                }
                (None, Takes::Optional(default)) => default.to_owned(),
                (None, _) if !rest.is_empty() => rest.to_owned(),
                (None, _) => {
                    let missing = || {
                        usage(
                            verb,
                            format!("flag needs an argument: {letter:?} in -{letters}"),
                        )
                    };
                    words.next().ok_or_else(missing)?
                }
            };
            return self.give(verb, *flag, value, &shown);
        }
        Ok(())
    }

    fn give(&mut self, verb: &str, flag: Flag, value: String, shown: &str) -> Result<(), Fault> {
        let parsed = match flag.takes {
            Takes::Truth
                if !matches!(
                    &*value,
                    "true"
                        | "false"
                        | "1"
                        | "0"
                        | "t"
                        | "f"
                        | "T"
                        | "F"
                        | "True"
                        | "False"
                        | "TRUE"
                        | "FALSE"
                ) =>
            {
                Some("strconv.ParseBool")
            }
            Takes::Number if value.parse::<i64>().is_err() => Some("strconv.ParseInt"),
            _ => None,
        };
        if let Some(parser) = parsed {
            let text = format!(
                "invalid argument {value:?} for \"{shown}\" flag: {parser}: parsing {value:?}: invalid syntax"
            );
            return Err(usage(verb, text));
        }
        self.given.push((flag.name, value));
        Ok(())
    }

    /// The value of a flag, the last one if it was given more than once.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.given
            .iter()
            .rev()
            .find(|(flag, _)| *flag == name)
            .map(|(_, value)| &**value)
    }

    /// Every value of a flag.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.given
            .iter()
            .filter(move |(flag, _)| *flag == name)
            .map(|(_, value)| &**value)
    }

    /// Whether a flag is on.
    pub(super) fn is_on(&self, name: &str) -> bool {
        self.get(name)
            .is_some_and(|value| matches!(value, "true" | "1" | "t" | "T" | "True" | "TRUE"))
    }

    /// Whether a flag was switched off.
    pub(super) fn is_off(&self, name: &str) -> bool {
        self.get(name).is_some() && !self.is_on(name)
    }

    /// The whole number that a flag was given.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.get(name)?.parse().ok()
    }
}

fn usage(verb: &str, text: String) -> Fault {
    Fault::Client(format!("{text}\nSee 'kubectl {verb} --help' for usage."))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAGS: &[Flag] = &[
        value("filename", 'f'),
        truth("wait", ' '),
        number("replicas"),
        optional("cascade", "background"),
        truth("stdin", 'i'),
        truth("tty", 't'),
    ];

    fn read(line: &str) -> Result<Args, String> {
        let words = line.split_whitespace().map(str::to_owned).collect();
        Args::read("scale", FLAGS, words).map_err(|fault| fault.to_string())
    }

    #[test]
    fn flags_come_in_all_their_forms() {
        let args = read("a -f x --filename=y -fz --wait=false --replicas 3 --cascade b -it -n kube-system -- c -f").unwrap();
        assert_eq!(args.words, ["a", "b"]);
        assert_eq!(args.all("filename").collect::<Vec<_>>(), ["x", "y", "z"]);
        assert!(args.is_off("wait") && args.is_on("stdin") && args.is_on("tty"));
        assert_eq!(
            (
                args.number("replicas"),
                args.get("cascade"),
                args.get("namespace")
            ),
            (Some(3), Some("background"), Some("kube-system"))
        );
        assert_eq!(args.after_dashes, ["c", "-f"]);
    }

    #[test]
    fn faults_have_kubectls_words() {
        for (line, text) in [
            ("--foo", "unknown flag: --foo"),
            ("-z", "unknown shorthand flag: 'z' in -z"),
            ("--filename", "flag needs an argument: --filename"),
            ("-f", "flag needs an argument: 'f' in -f"),
            (
                "--replicas=x",
                "invalid argument \"x\" for \"--replicas\" flag: strconv.ParseInt: parsing \"x\": invalid syntax",
            ),
        ] {
            let expected = format!("error: {text}\nSee 'kubectl scale --help' for usage.");
            assert_eq!(read(line).unwrap_err(), expected, "{line}");
        }
    }
}
