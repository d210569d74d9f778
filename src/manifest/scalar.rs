//! Plain scalars as YAML 1.1 reads them, with the deviations of Go's library (reference 7.3, "Scalars").

use crate::cluster::value::Value;

/// Resolves a plain scalar that the YAML library left a string because it knows only YAML 1.2.
pub(super) fn resolve(text: &str) -> Value {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Value::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Value::Bool(false),
        _ => number(text).unwrap_or_else(|| Value::text(text)),
    }
}

/// Numbers with underscores and octal numbers with a leading zero.
fn number(text: &str) -> Option<Value> {
    // The first letter decides whether Go tries a number at all.
    if text.starts_with('_') {
        return None;
    }
    let plain: String = text.chars().filter(|letter| *letter != '_').collect();
    let (sign, digits) = match plain.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, plain.strip_prefix('+').unwrap_or(&plain)),
    };
    if !digits.starts_with(|letter: char| letter.is_ascii_digit() || letter == '.') {
        return None;
    }
    let radix = |prefix: &str, radix| {
        let rest = digits.strip_prefix(prefix)?;
        i64::from_str_radix(rest, radix)
            .ok()
            .filter(|_| !rest.is_empty())
    };
    let whole = radix("0x", 16)
        .or_else(|| radix("0b", 2))
        .or_else(|| radix("0o", 8))
        .or_else(|| octal(digits));
    if let Some(whole) = whole {
        return Some(Value::Int(sign * whole));
    }
    let is_decimal = digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_decimal {
        // 08 and 09 are no octal numbers: Go reads them as floats.
        return digits
            .parse()
            .ok()
            .map(|whole: i64| Value::Int(sign * whole))
            .or_else(|| float(&plain));
    }
    is_float(digits).then(|| float(&plain))?
}

fn octal(digits: &str) -> Option<i64> {
    let rest = digits.strip_prefix('0').filter(|rest| !rest.is_empty())?;
    rest.bytes()
        .all(|byte| (b'0'..=b'7').contains(&byte))
        .then(|| i64::from_str_radix(rest, 8).ok())?
}

/// Go's own pattern: `^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`.
fn is_float(digits: &str) -> bool {
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (digits, None),
    };
    let all_digits =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent_fits =
        exponent.is_none_or(|it| all_digits(it.strip_prefix(['+', '-']).unwrap_or(it)));
    let mantissa_fits = match mantissa.split_once('.') {
        Some(("", fraction)) => all_digits(fraction),
        Some((whole, fraction)) => {
            all_digits(whole) && (fraction.is_empty() || all_digits(fraction))
        }
        None => all_digits(mantissa),
    };
    exponent_fits && mantissa_fits
}

fn float(text: &str) -> Option<Value> {
    text.parse()
        .ok()
        .filter(|number: &f64| number.is_finite())
        .map(from_float)
}

/// A number as JSON carries it: without a fraction it is whole.
pub(super) fn from_float(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        Value::Int(number as i64)
    } else {
        Value::Float(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_resolve_as_in_the_reference() {
        for (text, value) in [
            ("yes", Value::Bool(true)),
            ("Off", Value::Bool(false)),
            ("yEs", "yEs".into()),
            ("1_000", Value::Int(1000)),
            ("017", Value::Int(15)),
            ("-017", Value::Int(-15)),
            ("08", Value::Int(8)),
            ("0x1_F", Value::Int(31)),
            ("1_0.5", Value::Float(10.5)),
            ("1:30", "1:30".into()),
            ("2001-12-14", "2001-12-14".into()),
            ("1Gi", "1Gi".into()),
            ("10.0.0.1", "10.0.0.1".into()),
            ("500m", "500m".into()),
            ("_", "_".into()),
            ("-", "-".into()),
            ("e3", "e3".into()),
        ] {
            assert_eq!(resolve(text), value, "{text}");
        }
    }
}
