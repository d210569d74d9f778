//! Arithmetic as in `$((…))`: whole numbers, variables, and what is done to them.

use super::shell::Shell;

/// Operators of two sides, and how strongly they bind; those that begin with another stand before it.
const BINARY: &[(&str, u8)] = &[
    ("||", 1),
    ("&&", 2),
    ("==", 6),
    ("!=", 6),
    ("<<", 8),
    (">>", 8),
    ("<=", 7),
    (">=", 7),
    ("<", 7),
    (">", 7),
    ("|", 3),
    ("^", 4),
    ("&", 5),
    ("+", 9),
    ("-", 9),
    ("**", 11),
    ("*", 10),
    ("/", 10),
    ("%", 10),
];

/// How deep brackets, and variables that name others, may stand within each other.
const DEPTH_MAX: usize = 40;

/// What an expression comes to; what is wrong with it is said as bash says it.
pub(super) fn sum(text: &str, shell: &mut Shell) -> Result<i64, String> {
    let name = shell.name;
    let found = evaluate(text, shell, 0);
    found.map_err(|why| format!("{name}: {}: {why}\n", text.trim_start()))
}

fn evaluate(text: &str, shell: &mut Shell, depth: usize) -> Result<i64, String> {
    let mut reader = Reader {
        rest: text.trim(),
        shell,
        depth,
    };
    if reader.rest.is_empty() {
        return Ok(0);
    }
    let value = reader.whole()?;
    match reader.rest {
        "" => Ok(value),
        rest => Err(format!(
            "syntax error in expression (error token is \"{rest}\")"
        )),
    }
}

struct Reader<'a> {
    rest: &'a str,
    shell: &'a mut Shell,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn eat(&mut self, mark: &str) -> bool {
        let after = self.rest.strip_prefix(mark);
        self.rest = after.map_or(self.rest, str::trim_start);
        after.is_some()
    }

    /// An expression with its `? :`.
    fn whole(&mut self) -> Result<i64, String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err("expression recursion level exceeded".to_owned());
        }
        let value = self.binary(1)?;
        let value = if self.eat("?") {
            let yes = self.whole()?;
            if !self.eat(":") {
                return Err("`:' expected for conditional expression".to_owned());
            }
            let no = self.whole()?;
            if value != 0 { yes } else { no }
        } else {
            value
        };
        self.depth -= 1;
        Ok(value)
    }

    fn binary(&mut self, least: u8) -> Result<i64, String> {
        let mut left = self.unary()?;
        loop {
            let mut marks = BINARY.iter();
            let Some((mark, binds)) = marks.find(|(mark, _)| self.rest.starts_with(mark)) else {
                return Ok(left);
            };
            if *binds < least {
                return Ok(left);
            }
            self.eat(mark);
            let token = self.rest;
            // Powers are taken from the right.
            let right = self.binary(binds + u8::from(*mark != "**"))?;
            left = apply(mark, left, right, token)?;
        }
    }

    fn unary(&mut self) -> Result<i64, String> {
        for (mark, by) in [("++", 1), ("--", -1)] {
            if self.rest.starts_with(mark) {
                self.eat(mark);
                let name = self.name();
                let value = self.value(name)?.wrapping_add(by);
                return Ok(self.assign(name, value));
            }
        }
        // Each sign is a step down, like a bracket.
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err("expression recursion level exceeded".to_owned());
        }
        let value = if self.eat("-") {
            self.unary()?.wrapping_neg()
        } else if self.eat("+") {
            self.unary()?
        } else if self.eat("!") {
            i64::from(self.unary()? == 0)
        } else if self.eat("~") {
            !self.unary()?
        } else if self.eat("(") {
            let value = self.whole()?;
            if !self.eat(")") {
                return Err("missing `)'".to_owned());
            }
            value
        } else {
            self.operand()?
        };
        self.depth -= 1;
        Ok(value)
    }

    fn name(&mut self) -> &'a str {
        let is_letter = |it: char| it.is_ascii_alphanumeric() || it == '_';
        let end = self.rest.find(|it| !is_letter(it));
        let (name, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest.trim_start();
        name
    }

    fn operand(&mut self) -> Result<i64, String> {
        let before = self.rest;
        let name = self.name();
        if name.is_empty() {
            return Err(format!(
                "syntax error: operand expected (error token is \"{before}\")"
            ));
        }
        if name.starts_with(|it: char| it.is_ascii_digit()) {
            let (digits, base) = match (name.strip_prefix("0x"), name.strip_prefix('0')) {
                (Some(digits), _) => (digits, 16),
                (_, Some(digits)) if !digits.is_empty() => (digits, 8),
                _ => (name, 10),
            };
            return i64::from_str_radix(digits, base)
                .map_err(|_| format!("value too great for base (error token is \"{name}\")"));
        }
        for (mark, by) in [("++", 1), ("--", -1)] {
            if self.eat(mark) {
                let value = self.value(name)?;
                self.assign(name, value.wrapping_add(by));
                return Ok(value);
            }
        }
        if self.rest.starts_with('=') && !self.rest.starts_with("==") {
            self.eat("=");
            let value = self.whole()?;
            return Ok(self.assign(name, value));
        }
        for mark in ["+", "-", "*", "/", "%"] {
            let after = self
                .rest
                .strip_prefix(mark)
                .and_then(|it| it.strip_prefix('='));
            if let Some(after) = after.map(str::trim_start) {
                self.rest = after;
                let right = self.whole()?;
                let value = apply(mark, self.value(name)?, right, after)?;
                return Ok(self.assign(name, value));
            }
        }
        self.value(name)
    }

    fn value(&mut self, name: &str) -> Result<i64, String> {
        let text = self.shell.variable(name).unwrap_or_default();
        if let Ok(number) = text.trim().parse() {
            return Ok(number);
        }
        if self.depth >= DEPTH_MAX {
            return Err("expression recursion level exceeded".to_owned());
        }
        evaluate(&text, self.shell, self.depth + 10)
    }

    fn assign(&mut self, name: &str, value: i64) -> i64 {
        let variables = &mut self.shell.variables;
        variables.insert(name.to_owned(), value.to_string());
        value
    }
}

fn apply(mark: &str, left: i64, right: i64, token: &str) -> Result<i64, String> {
    Ok(match mark {
        "||" => i64::from(left != 0 || right != 0),
        "&&" => i64::from(left != 0 && right != 0),
        "==" => i64::from(left == right),
        "!=" => i64::from(left != right),
        "<=" => i64::from(left <= right),
        ">=" => i64::from(left >= right),
        "<" => i64::from(left < right),
        ">" => i64::from(left > right),
        "<<" => left.wrapping_shl((right & 63) as u32),
        ">>" => left.wrapping_shr((right & 63) as u32),
        "|" => left | right,
        "^" => left ^ right,
        "&" => left & right,
        "+" => left.wrapping_add(right),
        "-" => left.wrapping_sub(right),
        "*" => left.wrapping_mul(right),
        "**" => {
            let power = u32::try_from(right)
                .map_err(|_| format!("exponent less than 0 (error token is \"{token}\")"))?;
            left.wrapping_pow(power)
        }
        _ if right == 0 => return Err(format!("division by 0 (error token is \"{token}\")")),
        "/" => left.wrapping_div(right),
        _ => left.wrapping_rem(right),
    })
}
