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
    /// What it does, if that is not what the flags of this name do everywhere (`verb::help`).
    pub help: &'static str,
    /// What it is if it is not given, where that is not what the flags of this name are everywhere.
    pub default: &'static str,
    /// Whether a real kubectl heeds it and this one refuses it by name.
    pub refused: bool,
    /// What kubectl says of an old flag that it heeds and hides.
    pub deprecated: &'static str,
    /// The subcommands that know it; none means all of them.
    pub subcommands: &'static [&'static str],
}

impl Flag {
    const fn new(name: &'static str, short: char, takes: Takes) -> Self {
        Self {
            name,
            short: if short == ' ' { None } else { Some(short) },
            takes,
            help: "",
            default: "",
            refused: false,
            deprecated: "",
            subcommands: &[],
        }
    }

    /// The flag with a text of its own for `--help`.
    pub(super) const fn says(self, help: &'static str) -> Self {
        Self { help, ..self }
    }

    /// The flag with a default of its own.
    pub(super) const fn or(self, default: &'static str) -> Self {
        Self { default, ..self }
    }

    /// The flag as an old one.
    pub(super) const fn deprecated(self, deprecated: &'static str) -> Self {
        Self { deprecated, ..self }
    }

    /// Whether `--help` tells of it.
    pub(super) fn is_told(&self) -> bool {
        !self.refused && self.deprecated.is_empty()
    }

    /// The flag as one that is refused by name.
    pub(super) const fn refused(self) -> Self {
        Self {
            refused: true,
            ..self
        }
    }

    /// The flag as one of these subcommands alone.
    pub(super) const fn of(self, subcommands: &'static [&'static str]) -> Self {
        Self {
            subcommands,
            ..self
        }
    }

    /// Whether a verb, with its subcommand behind it if there is one, knows the flag.
    pub(super) fn is_of(&self, path: &str) -> bool {
        let subcommand = path.split_once(' ').map(|(_, it)| it);
        self.subcommands.is_empty() || subcommand.is_none_or(|it| self.subcommands.contains(&it))
    }
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
    /// A span of time as Go writes it: `90s`, `1m30s`.
    Duration,
}

/// A flag with a value.
pub(super) const fn value(name: &'static str, short: char) -> Flag {
    Flag::new(name, short, Takes::Value)
}

/// A flag that is on or off.
pub(super) const fn truth(name: &'static str, short: char) -> Flag {
    Flag::new(name, short, Takes::Truth)
}

/// A flag with a whole number.
pub(super) const fn number(name: &'static str) -> Flag {
    Flag::new(name, ' ', Takes::Number)
}

/// A flag with a span of time.
pub(super) const fn duration(name: &'static str) -> Flag {
    Flag::new(name, ' ', Takes::Duration)
}

/// A flag whose value may be left out.
pub(super) const fn optional(name: &'static str, default: &'static str) -> Flag {
    Flag::new(name, ' ', Takes::Optional(default))
}

/// Notes the command as the reason of the change.
pub(super) const RECORD: Flag =
    truth("record", ' ').deprecated("--record will be removed in the future");

/// Flags that every verb knows.
pub(super) const GLOBAL: &[Flag] = &[
    value("namespace", 'n'),
    value("context", ' '),
    value("cluster", ' ').refused(),
    value("user", ' ').refused(),
    value("kubeconfig", ' ').refused(),
    value("request-timeout", ' ').or("0"),
    value("server", 's').refused(),
    value("v", 'v').or("0"),
    value("as", ' ').refused(),
    value("as-group", ' ').refused(),
    truth("insecure-skip-tls-verify", ' ').refused(),
    value("kuberc", ' ').refused(),
    value("token", ' ').refused(),
    truth("warnings-as-errors", ' ').refused(),
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
        let mut known = flags.iter().chain(GLOBAL);
        let known = known.find(|flag| flag.name == name && flag.is_of(verb));
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
                .find(|flag| flag.short == Some(letter) && flag.is_of(verb));
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
        let wrong = match flag.takes {
            Takes::Truth if truth_of(&value).is_none() => Some(syntax("ParseBool", &value)),
            Takes::Number if value.parse::<i64>().is_err() => Some(syntax("ParseInt", &value)),
            Takes::Duration => duration_ms(&value).err(),
            _ => None,
        };
        if let Some(why) = wrong {
            let text = format!("invalid argument {value:?} for \"{shown}\" flag: {why}");
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

    /// The value of a flag, which is then as if it had not been given.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        let value = self.get(name).map(str::to_owned);
        self.given.retain(|(flag, _)| *flag != name);
        value
    }

    /// The first flag that is refused by name.
    pub(super) fn refused(&self, flags: &'static [Flag]) -> Option<&'static str> {
        let mut given = self.given.iter().map(|(name, _)| *name);
        given.find(|name| {
            let flag = flags.iter().chain(GLOBAL).find(|it| it.name == *name);
            flag.is_some_and(|it| it.refused)
        })
    }

    /// The old flags that were given, each with what is to be said of it.
    pub(super) fn deprecated(&self, flags: &'static [Flag]) -> Vec<(&'static str, &'static str)> {
        let known = flags.iter().filter(|it| !it.deprecated.is_empty());
        known
            .filter(|flag| self.get(flag.name).is_some())
            .map(|flag| (flag.name, flag.deprecated))
            .collect()
    }

    /// The words, and behind them the flags with their values, as kubectl writes a command down.
    pub(super) fn line(&self) -> String {
        let words = self.words.iter().map(|it| format!(" {it}"));
        let flags = self
            .given
            .iter()
            .map(|(name, value)| format!(" --{name}={value}"));
        words.chain(flags).collect()
    }

    /// Refuses the first flag that a subcommand does not take.
    pub(super) fn only(&self, path: &str, takes: impl Fn(&str) -> bool) -> Result<(), Fault> {
        let is_global = |flag: &str| GLOBAL.iter().any(|it| it.name == flag);
        let mut given = self.given.iter().map(|(name, _)| *name);
        match given.find(|flag| !takes(flag) && !is_global(flag)) {
            Some(flag) => Err(usage(path, format!("unknown flag: --{flag}"))),
            None => Ok(()),
        }
    }

    /// Every value of a flag that also takes several with commas between them.
    pub(super) fn each<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.all(name).flat_map(|it| it.split(','))
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
        self.get(name).and_then(truth_of) == Some(true)
    }

    /// Whether a flag was switched off.
    pub(super) fn is_off(&self, name: &str) -> bool {
        self.get(name).is_some() && !self.is_on(name)
    }

    /// The whole number that a flag was given.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.get(name)?.parse().ok()
    }

    /// The span of time that a flag was given, in milliseconds.
    pub(super) fn duration_ms(&self, name: &str) -> Option<i64> {
        duration_ms(self.get(name)?).ok()
    }
}

/// A word for on or off, as Go reads it.
pub(super) fn truth_of(text: &str) -> Option<bool> {
    match text {
        "true" | "1" | "t" | "T" | "True" | "TRUE" => Some(true),
        "false" | "0" | "f" | "F" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

fn syntax(parser: &str, text: &str) -> String {
    format!("strconv.{parser}: parsing {text:?}: invalid syntax")
}

/// The milliseconds of a span of time such as `1m30s`, or Go's words for what is wrong with it.
fn duration_ms(text: &str) -> Result<i64, String> {
    const UNITS: &[(&str, f64)] = &[
        ("ns", 1e-6),
        ("us", 1e-3),
        ("µs", 1e-3),
        ("ms", 1.0),
        ("s", 1e3),
        ("m", 60e3),
        ("h", 3600e3),
    ];
    let invalid = || format!("time: invalid duration {text:?}");
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let is_digit = |letter: char| letter.is_ascii_digit() || letter == '.';
    let mut ms = 0.0;
    while !rest.is_empty() {
        let (digits, tail) = rest.split_at(rest.find(|it| !is_digit(it)).unwrap_or(rest.len()));
        let count: f64 = digits.parse().map_err(|_| invalid())?;
        let (unit, tail) = tail.split_at(tail.find(is_digit).unwrap_or(tail.len()));
        if unit.is_empty() {
            return Err(format!("time: missing unit in duration {text:?}"));
        }
        let Some((_, size)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err(format!("time: unknown unit {unit:?} in duration {text:?}"));
        };
        ms += count * size;
        rest = tail;
    }
    Ok((sign * ms) as i64)
}

/// The span of time as Go prints it: `1m30s`.
pub(super) fn go_duration(ms: i64) -> String {
    let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms % 60_000);
    let seconds = format!("{}s", seconds as f64 / 1000.0);
    match (hours, minutes) {
        _ if ms.abs() < 1000 && ms != 0 => format!("{ms}ms"),
        (0, 0) => seconds,
        (0, _) => format!("{minutes}m{seconds}"),
        _ => format!("{hours}h{minutes}m{seconds}"),
    }
}

fn usage(verb: &str, text: String) -> Fault {
    let blank = if verb.is_empty() { "" } else { " " };
    Fault::Client(format!(
        "{text}\nSee 'kubectl{blank}{verb} --help' for usage."
    ))
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
        duration("timeout"),
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
            (
                "--timeout=30",
                "invalid argument \"30\" for \"--timeout\" flag: time: missing unit in duration \"30\"",
            ),
            (
                "--timeout=3x",
                "invalid argument \"3x\" for \"--timeout\" flag: time: unknown unit \"x\" in duration \"3x\"",
            ),
            (
                "--timeout=soon",
                "invalid argument \"soon\" for \"--timeout\" flag: time: invalid duration \"soon\"",
            ),
        ] {
            let expected = format!("error: {text}\nSee 'kubectl scale --help' for usage.");
            assert_eq!(read(line).unwrap_err(), expected, "{line}");
        }
    }

    #[test]
    fn spans_of_time_are_gos() {
        for (text, ms, printed) in [
            ("0", 0, "0s"),
            ("30s", 30_000, "30s"),
            ("1m30s", 90_000, "1m30s"),
            ("1.5h", 5_400_000, "1h30m0s"),
            ("250ms", 250, "250ms"),
            ("2500ms", 2500, "2.5s"),
        ] {
            assert_eq!(duration_ms(text), Ok(ms), "{text}");
            assert_eq!(go_duration(ms), printed, "{text}");
        }
        assert_eq!(duration_ms("-1s"), Ok(-1000));
    }
}
