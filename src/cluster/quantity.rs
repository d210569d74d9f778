//! Resource quantities: `1Gi`, `500m`, `2`.
//!
//! Mirrors apimachinery's `resource.Quantity`: what it accepts, and the canonical text it writes back
//! (`1024Mi` → `1Gi`, `0.5` → `500m`).

use std::cmp::Ordering;
use std::fmt;

use super::json::Json;
use super::value::Value;

/// What the server answers to a text that is no quantity.
pub const MALFORMED: &str =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/// An exact amount in billionths of a unit, with the family of suffixes that it was written in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quantity {
    nano: i128,
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Format {
    #[default]
    Decimal,
    Binary,
    Exponent,
}

const NANO: i128 = 1_000_000_000;
/// Above this the arithmetic below could overflow; Kubernetes caps at 2^63 as well.
const MAX: i128 = (i64::MAX as i128) * NANO;
const DECIMAL: [(&str, i32); 10] = [
    ("n", -9),
    ("u", -6),
    ("m", -3),
    ("", 0),
    ("k", 3),
    ("M", 6),
    ("G", 9),
    ("T", 12),
    ("P", 15),
    ("E", 18),
];
const BINARY: [&str; 6] = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

impl Quantity {
    /// A whole number of units.
    pub fn units(units: i64) -> Self {
        Self {
            nano: i128::from(units) * NANO,
            format: Format::Decimal,
        }
    }

    /// Billionths of a unit.
    pub fn from_nano(nano: i128) -> Self {
        Self {
            nano,
            format: Format::Decimal,
        }
    }

    /// Adds another amount; the first one that is not nothing says how the sum is written.
    pub fn add(&mut self, other: &Self) {
        if self.nano == 0 {
            self.format = other.format;
        }
        self.nano += other.nano;
    }

    /// Reads a text; `None` where the server answers [`MALFORMED`].
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.as_bytes().first()? {
            b'-' => (true, text.get(1..)?),
            b'+' => (false, text.get(1..)?),
            _ => (false, text),
        };
        let end = digits
            .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
            .unwrap_or(digits.len());
        let (number, suffix) = digits.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if fraction.contains('.') || (whole.is_empty() && fraction.is_empty()) {
            return None;
        }
        let (multiplier, format) = read_suffix(suffix)?;
        let nano = scale(whole, fraction, multiplier);
        Some(Self {
            nano: if negative { -nano } else { nano },
            format,
        })
    }

    /// Billionths of a unit: the exact amount.
    pub fn nano(self) -> i128 {
        self.nano
    }

    /// Thousandths of a unit, rounded up, as the scheduler counts cpu.
    pub fn milli(self) -> i64 {
        i64::try_from(-(-self.nano).div_euclid(1_000_000)).unwrap_or(i64::MAX)
    }

    /// Whole units, rounded up, as the scheduler counts memory.
    pub fn value(self) -> i64 {
        i64::try_from(-(-self.nano).div_euclid(NANO)).unwrap_or(i64::MAX)
    }

    /// Whether this is more than nothing.
    pub fn is_positive(self) -> bool {
        self.nano > 0
    }
}

/// Equal amounts are equal, however they were written.
impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nano == other.nano
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nano.cmp(&other.nano)
    }
}

impl Json for Quantity {
    fn read(value: Value) -> Self {
        match value {
            Value::Text(text) => Self::parse(&text).unwrap_or_default(),
            other => Self::parse(&other.to_json()).unwrap_or_default(),
        }
    }

    fn write(&self) -> Option<Value> {
        Some(Value::text(self.to_string()))
    }
}

enum Multiplier {
    Ten(i32),
    Two(u32),
}

fn read_suffix(suffix: &str) -> Option<(Multiplier, Format)> {
    if let Some((_, exponent)) = DECIMAL.iter().find(|(name, _)| *name == suffix) {
        return Some((Multiplier::Ten(*exponent), Format::Decimal));
    }
    if let Some(index) = BINARY.iter().position(|name| *name == suffix) {
        return Some((Multiplier::Two(10 * (index as u32 + 1)), Format::Binary));
    }
    let exponent = suffix.strip_prefix(['e', 'E'])?;
    let exponent: i32 = exponent.parse().ok()?;
    Some((Multiplier::Ten(exponent.clamp(-40, 40)), Format::Exponent))
}

/// The amount in billionths: rounded up, cut at [`MAX`].
fn scale(whole: &str, fraction: &str, multiplier: Multiplier) -> i128 {
    let digits: String = whole
        .chars()
        .chain(fraction.chars())
        .skip_while(|digit| *digit == '0')
        .collect();
    if digits.is_empty() {
        return 0;
    }
    let places = fraction.len() as i32;
    // Thirty digits hold every amount below the cap exactly; what is longer is cut there.
    let kept: String = digits.chars().take(30).collect();
    let cut = digits.len().saturating_sub(kept.len()) as i32;
    let mantissa: i128 = kept.parse().unwrap_or(MAX);
    let (base, exponent) = match multiplier {
        Multiplier::Ten(power) => (mantissa, power - places + 9 + cut),
        Multiplier::Two(bits) => {
            let Some(base) = mantissa.checked_mul(1_i128 << bits) else {
                return MAX;
            };
            (base, 9 - places + cut)
        }
    };
    let power = 10_i128.checked_pow(exponent.unsigned_abs());
    let nano = match (power, exponent >= 0) {
        (Some(power), true) => base.checked_mul(power).unwrap_or(MAX),
        (Some(power), false) => -(-base).div_euclid(power),
        (None, true) => MAX,
        (None, false) => 1,
    };
    nano.min(MAX)
}

/// The canonical text: the largest suffix that leaves a whole number.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.nano == 0 {
            return f.write_str("0");
        }
        let small = self.nano.abs() < 1024 * NANO;
        if self.format == Format::Binary && !small {
            return fmt_binary(-(-self.nano).div_euclid(NANO), f);
        }
        let mut mantissa = self.nano;
        let mut exponent = -9;
        while mantissa % 1000 == 0 && exponent < 18 {
            mantissa /= 1000;
            exponent += 3;
        }
        if self.format == Format::Exponent {
            return if exponent == 0 {
                write!(f, "{mantissa}")
            } else {
                write!(f, "{mantissa}e{exponent}")
            };
        }
        let suffix = DECIMAL
            .iter()
            .find(|(_, power)| *power == exponent)
            .map_or("", |(name, _)| name);
        write!(f, "{mantissa}{suffix}")
    }
}

fn fmt_binary(mut units: i128, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut suffix = "";
    for name in BINARY {
        if units % 1024 != 0 {
            break;
        }
        units /= 1024;
        suffix = name;
    }
    write!(f, "{units}{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_texts() {
        for (written, canonical) in [
            ("1Gi", "1Gi"),
            ("1024Mi", "1Gi"),
            ("0.5Gi", "512Mi"),
            ("512", "512"),
            ("0.5", "500m"),
            ("1000m", "1"),
            ("1.5", "1500m"),
            ("0.5Ki", "512"),
            ("1023Ki", "1023Ki"),
            ("1e3", "1e3"),
            ("9E", "9E"),
            ("1000", "1k"),
            ("-1", "-1"),
            ("+2", "2"),
            ("0", "0"),
            ("100G", "100G"),
            ("0.1n", "1n"),
            ("99999999999999999999999999E", "9223372036854775807"),
        ] {
            assert_eq!(
                Quantity::parse(written).map(|it| it.to_string()).as_deref(),
                Some(canonical),
                "{written}"
            );
        }
    }

    #[test]
    fn malformed_texts() {
        for text in [
            "", "1GB!", "GB", "1.2.3", "1 Gi", "--1", "1gi", "e3", "1e", ".",
        ] {
            assert!(Quantity::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn amounts_compare_and_round_up() {
        let parse = |text| Quantity::parse(text).unwrap();
        assert_eq!(parse("1Gi"), parse("1073741824"));
        assert!(parse("1G") < parse("1Gi"));
        assert_eq!(parse("100u").milli(), 1);
        assert_eq!(parse("1500m").value(), 2);
        assert!(!parse("0").is_positive());
    }
}
