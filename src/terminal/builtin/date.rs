//! `date`.

use crate::cluster::time::Time;
use crate::terminal::out::Printed;

const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Prints the cluster's time; there is no other zone than UTC.
pub(super) fn run(words: &[String], now: Time, printed: &mut Printed) -> i32 {
    let mut format = "%a %b %e %H:%M:%S %Z %Y";
    for word in words {
        match word.as_str() {
            "-u" | "--utc" | "--universal" => {}
            "-R" | "--rfc-email" => format = "%a, %d %b %Y %T %z",
            "-I" | "-Idate" | "--iso-8601" => format = "%F",
            "-Iseconds" | "--iso-8601=seconds" => format = "%FT%T%:z",
            word => match word.strip_prefix('+') {
                Some(text) => format = text,
                None => {
                    printed.error(&format!(
                        "date: this terminal's date tells the cluster's time, and does not know {word}\n"
                    ));
                    return 1;
                }
            },
        }
    }
    printed.out(&(told(now, format) + "\n"));
    0
}

/// A time in such a format; what is not known of it stays as it is.
fn told(time: Time, format: &str) -> String {
    let [year, month, day, hour, minute, second, ms] = time.civil();
    let full = |names: &[&'static str], short: &str| {
        let found = names.iter().find(|it| it.starts_with(short));
        found.copied().unwrap_or_default()
    };
    let mut out = String::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let (bare, after) = match after.strip_prefix('-') {
            Some(after) => (true, after),
            None => (false, after),
        };
        let mut letters = after.chars();
        let letter = letters.next().unwrap_or('%');
        rest = letters.as_str();
        let two = |it: i64| {
            if bare {
                it.to_string()
            } else {
                format!("{it:02}")
            }
        };
        let half = if hour % 12 == 0 { 12 } else { hour % 12 };
        out.push_str(&match letter {
            'Y' => year.to_string(),
            'y' => two(year % 100),
            'm' => two(month),
            'd' => two(day),
            'e' => format!("{day:>2}"),
            'H' => two(hour),
            'I' => two(half),
            'M' => two(minute),
            'S' => two(second),
            'N' => format!("{:09}", ms * 1_000_000),
            'p' => (if hour < 12 { "AM" } else { "PM" }).to_owned(),
            's' => time.0.div_euclid(1000).to_string(),
            'a' => time.weekday_name().to_owned(),
            'A' => full(&DAYS, time.weekday_name()).to_owned(),
            'b' | 'h' => time.month_name().to_owned(),
            'B' => full(&MONTHS, time.month_name()).to_owned(),
            'F' => format!("{year}-{month:02}-{day:02}"),
            'T' => format!("{hour:02}:{minute:02}:{second:02}"),
            'R' => format!("{hour:02}:{minute:02}"),
            'D' => format!("{month:02}/{day:02}/{:02}", year % 100),
            'c' => told(time, "%a %b %e %T %Y"),
            'Z' => "UTC".to_owned(),
            'z' => "+0000".to_owned(),
            'n' => "\n".to_owned(),
            't' => "\t".to_owned(),
            '%' => "%".to_owned(),
            ':' if rest.starts_with('z') => {
                rest = rest.get(1..).unwrap_or_default();
                "+00:00".to_owned()
            }
            '3' if rest.starts_with('N') => {
                rest = rest.get(1..).unwrap_or_default();
                format!("{ms:03}")
            }
            other => format!("%{other}"),
        });
    }
    out + rest
}

/// `Wed Jan 15 10:00:05 UTC 2025`.
pub(in crate::terminal) fn date(time: Time, format: &str) -> String {
    told(time, format)
}

/// `Jan 15 10:00`, as `ls -l` has it.
pub(in crate::terminal) fn short_date(time: Time) -> String {
    told(time, "%b %e %R")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_told_as_date_tells_them() {
        let time = Time::parse("2025-01-05T13:07:05Z").expect("it is a time");
        assert_eq!(short_date(time), "Jan  5 13:07");
        let mut said = String::new();
        for word in [
            "-u",
            "+%F_%T",
            "+%s",
            "+%A %-d %B %y, %I %p %%",
            "-Iseconds",
            "+%D %R",
        ] {
            let mut printed = Printed::default();
            run(&[word.to_owned()], time, &mut printed);
            said += &printed.stream(false);
        }
        assert_eq!(
            said,
            "Sun Jan  5 13:07:05 UTC 2025\n2025-01-05_13:07:05\n1736082425\nSunday 5 January 25, 01 PM %\n\
             2025-01-05T13:07:05+00:00\n01/05/25 13:07\n"
        );
    }
}
