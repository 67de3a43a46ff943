//! Bytes as hex digits.

/// `bytes` in lower-case hex.
pub fn encode(bytes: &[u8]) -> String {
    in_steps(bytes, 2)
}

/// `bytes` in lower-case hex, with a colon between each two.
pub fn encode_with_colons(bytes: &[u8]) -> String {
    let mut hex = in_steps(bytes, 3);
    hex.pop();
    hex
}

/// Two digits for each byte, `step` apart, and colons between them. A build writes thousands of these:
/// neither `{:02x}` nor an iterator of characters is as fast.
fn in_steps(bytes: &[u8], step: usize) -> String {
    let mut hex = vec![b':'; bytes.len() * step];
    for (place, byte) in hex.chunks_exact_mut(step).zip(bytes) {
        place[..2].copy_from_slice(&digits(*byte));
    }
    String::from_utf8(hex).unwrap_or_default()
}

/// Passes `bytes` in lower-case hex to `use_text`, without an allocation.
pub(crate) fn with<const N: usize, T>(bytes: [u8; N], use_text: impl FnOnce(&str) -> T) -> T {
    let hex = bytes.map(digits);
    use_text(str::from_utf8(hex.as_flattened()).unwrap_or_default())
}

/// The two digits of `byte`, in lower case.
pub(crate) const fn digits(byte: u8) -> [u8; 2] {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    [DIGITS[(byte >> 4) as usize], DIGITS[(byte & 15) as usize]]
}

/// The bytes that hex digits of either case stand for, with or without colons.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let digits = text.chars().filter(|character| *character != ':');
    let digits: Option<Vec<u32>> = digits.map(|digit| digit.to_digit(16)).collect();
    let digits = digits?;
    let (pairs, rest) = digits.as_chunks::<2>();
    let bytes = pairs
        .iter()
        .map(|[high, low]| u8::try_from(high << 4 | low).ok());
    bytes.collect::<Option<_>>().filter(|_| rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{decode, encode, encode_with_colons, with};

    #[test]
    fn both_ways() {
        assert_eq!(encode(&[0, 0x1f, 0xff]), "001fff");
        assert_eq!(encode_with_colons(&[0, 0x1f, 0xff]), "00:1f:ff");
        assert_eq!(encode_with_colons(&[]), "");
        assert_eq!(with([0, 0x1f, 0xff], str::to_owned), "001fff");
        assert_eq!(decode("00:1F:ff"), Some(vec![0, 0x1f, 0xff]));
        for wrong in ["0", "0g", "é0"] {
            assert_eq!(decode(wrong), None);
        }
    }
}
