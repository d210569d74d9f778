//! Base64 with padding, as Secrets and ConfigMaps hold bytes (RFC 4648).

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The text of bytes.
pub fn encode(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk
            .iter()
            .fold(0_u32, |word, byte| word << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for index in 0..4_usize {
            let six = (word >> (18 - 6 * index)) & 63;
            let letter = LETTERS.get(six as usize).copied().unwrap_or(b'=');
            out.push(if index <= chunk.len() {
                char::from(letter)
            } else {
                '='
            });
        }
    }
    out
}

/// The bytes of a text; `None` if it is no base64. Line ends in it do not count.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for letter in text.bytes().filter(|it| !b"\n\r=".contains(it)) {
        let six = LETTERS.iter().position(|it| *it == letter)?;
        bits = (bits << 6) | u32::try_from(six).ok()?;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    Some(bytes)
}

/// Where a text is no base64, counted in bytes as Go's decoder counts them.
pub fn fault(text: &str) -> Option<usize> {
    let mut held = 0;
    let mut padded = false;
    for (at, letter) in text.bytes().enumerate() {
        match letter {
            b'\n' | b'\r' => {}
            b'=' if held >= 2 => {
                padded = true;
                held = (held + 1) % 4;
            }
            _ if padded || !LETTERS.contains(&letter) => return Some(at),
            _ => held = (held + 1) % 4,
        }
    }
    (held > 0).then(|| text.len() - held)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back() {
        for (bytes, text) in [
            ("", ""),
            ("a", "YQ=="),
            ("hello", "aGVsbG8="),
            ("hunter", "aHVudGVy"),
        ] {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()));
        }
        assert_eq!(decode("a*"), None);
        assert_eq!(fault("aHVudGVy"), None);
        assert_eq!(
            (fault("not base64"), fault("YWJ"), fault("YQ==x")),
            (Some(3), Some(0), Some(4))
        );
    }
}
