//! Instants of the cluster's own clock and their texts.
//!
//! Owns the arithmetic between milliseconds and RFC 3339.
//! Reads no clock: instants come from the queue, counted on from the epoch that the configuration names.

use std::fmt;

use super::value::Text;

/// An instant in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

impl Time {
    /// This instant and so many milliseconds.
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// This instant and so many seconds.
    #[must_use]
    pub fn plus_s(self, seconds: i64) -> Self {
        self.plus_ms(seconds.saturating_mul(1000))
    }

    /// The milliseconds that passed since `earlier`.
    pub fn ms_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The instant as the API stores it: whole seconds.
    #[must_use]
    pub fn whole_seconds(self) -> Self {
        Self(self.0.div_euclid(1000).saturating_mul(1000))
    }

    /// Reads `2026-01-15T10:00:00Z`, with or without a fraction or a zone.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let number = |range: std::ops::Range<usize>| -> Option<i64> {
            let digits = text.get(range)?;
            digits
                .bytes()
                .all(|byte| byte.is_ascii_digit())
                .then(|| digits.parse().ok())?
        };
        let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
        if !marks.iter().all(|(at, mark)| bytes.get(*at) == Some(mark)) {
            return None;
        }
        let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
        let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
        if !(1..=12).contains(&month)
            || !(1..=31).contains(&day)
            || hour > 23
            || minute > 59
            || second > 59
        {
            return None;
        }
        let tail = text.get(19..)?;
        let digits = tail.strip_prefix('.').map_or(0, |rest| {
            rest.bytes().take_while(u8::is_ascii_digit).count()
        });
        let fraction = if digits > 0 {
            tail.get(1..=digits)?
        } else {
            ""
        };
        let zone = tail.get(if digits > 0 { digits + 1 } else { 0 }..)?;
        let ms: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
        let seconds =
            days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
        Some(Self((seconds - zone_offset_s(zone)?) * 1000 + ms))
    }

    /// Year, month, day, hour, minute, second, millisecond.
    pub fn civil(self) -> [i64; 7] {
        let seconds = self.0.div_euclid(1000);
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let [year, month, day] = civil_from_days(days);
        [
            year,
            month,
            day,
            rest / 3600,
            rest / 60 % 60,
            rest % 60,
            self.0.rem_euclid(1000),
        ]
    }

    /// The day of the week, as in `Wed`.
    pub fn weekday_name(self) -> &'static str {
        const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
        // The first day of the epoch was a Thursday.
        let days = self.0.div_euclid(86_400_000).rem_euclid(7);
        named(&DAYS, days)
    }

    /// The month, as in `Jan`.
    pub fn month_name(self) -> &'static str {
        const MONTHS: [&str; 12] = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ];
        let [_, month, ..] = self.civil();
        named(&MONTHS, month - 1)
    }

    /// The text of the API's `MicroTime`: six digits behind the second.
    pub fn micro(self) -> Text {
        Text::from_utf8(&self.stamp()).unwrap_or_default()
    }

    /// The text of the API's `Time`, as `Display` writes it.
    pub fn text(self) -> Text {
        let mut stamp = self.stamp();
        stamp[19] = b'Z';
        Text::from_utf8(&stamp[..20]).unwrap_or_default()
    }

    /// The digits of date and time. They stand in much that is written, so that they are put in place by hand.
    fn stamp(self) -> [u8; 27] {
        let mut text = *b"0000-00-00T00:00:00.000000Z";
        let mut put = |at: usize, number: i64| {
            let number = number as u8;
            (text[at], text[at + 1]) = (b'0' + number / 10, b'0' + number % 10);
        };
        let [year, month, day, hour, minute, second, ms] = self.civil();
        put(0, year / 100 % 100);
        put(2, year % 100);
        put(5, month);
        put(8, day);
        put(11, hour);
        put(14, minute);
        put(17, second);
        put(20, ms / 10);
        text[22] = b'0' + (ms % 10) as u8;
        text
    }
}

fn named(names: &[&'static str], at: i64) -> &'static str {
    let found = usize::try_from(at).ok().and_then(|at| names.get(at));
    found.copied().unwrap_or_default()
}

/// The text of the API's `Time`: whole seconds in UTC.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stamp = self.stamp();
        f.write_str(&String::from_utf8_lossy(&stamp[..19]))?;
        f.write_str("Z")
    }
}

fn zone_offset_s(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let sign = match zone.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    Some(sign * (hours.parse::<i64>().ok()? * 3600 + minutes.parse::<i64>().ok()? * 60))
}

/// Days since 1970-01-01 of a date of the Gregorian calendar, counted in eras of 400 years that begin in March.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn civil_from_days(days: i64) -> [i64; 3] {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    [year, month, day_of_year - (153 * shifted + 2) / 5 + 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_instants_are_each_others_inverse() {
        for text in [
            "1970-01-01T00:00:00Z",
            "2000-02-29T23:59:59Z",
            "2026-11-21T07:26:08Z",
            "2100-03-01T00:00:00Z",
        ] {
            assert_eq!(
                Time::parse(text).map(|time| time.to_string()),
                Some(text.to_owned())
            );
        }
        assert_eq!(Time::parse("1970-01-01T00:00:01.25Z"), Some(Time(1250)));
        assert_eq!(Time::parse("1970-01-01T02:00:00+02:00"), Some(Time(0)));
        for text in [
            "",
            "today",
            "2026-13-01T00:00:00Z",
            "2026-01-01T00:00:00",
            "2026-01-01 00:00:00Z",
        ] {
            assert_eq!(Time::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_api_keeps_whole_seconds() {
        assert_eq!(Time(1999).whole_seconds(), Time(1000));
        assert_eq!(Time(-1).whole_seconds(), Time(-1000));
        assert_eq!(
            Time(1_768_471_201_250).micro(),
            "2026-01-15T10:00:01.250000Z"
        );
    }
}
