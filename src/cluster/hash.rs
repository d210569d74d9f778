//! The two hashes that Kubernetes names are made with.

/// FNV-1, 32 bit, over several pieces of text: the hash in the name of a ControllerRevision (reference 1.8).
pub fn fnv1_32(pieces: &[&[u8]]) -> u32 {
    let bytes = pieces.iter().flat_map(|piece| piece.iter());
    bytes.fold(2_166_136_261, |hash: u32, byte| {
        hash.wrapping_mul(16_777_619) ^ u32::from(*byte)
    })
}

/// FNV-1a, 64 bit: what the recordings make their names from.
pub fn fnv1a_64(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The number in decimal with each digit replaced by a letter that spells no words (`rand.SafeEncodeString`).
pub fn safe_encode(number: u32) -> String {
    const LETTERS: [char; 10] = ['4', '5', '6', '7', '8', '9', 'b', 'c', 'd', 'f'];
    number
        .to_string()
        .bytes()
        .filter_map(|digit| LETTERS.get(usize::from(digit - b'0')))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_vectors() {
        assert_eq!(fnv1_32(&[b"foo", b"bar"]), 0x31f0_b262);
        assert_eq!(fnv1a_64(b"foobar"), 0x8594_4171_f739_67e8);
        // Worked example 1 of the reference, 1.8.
        assert_eq!(safe_encode(4_130_075_872), "85744c9dc6");
    }
}
