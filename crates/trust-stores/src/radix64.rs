//! Base64, in and out, a group of characters at a time.
//!
//! By hand because a build decodes and encodes every certificate, and the `base64` crate needs longer. Its
//! decoder calls `memcpy` for every eight characters in our builds, which takes musl longer than to decode them:
//! a fifth of `doctor`'s time. Its encoder takes one character at a time at the end of what it encodes: twice the
//! time for a line of PEM, of which a build writes up to four for each that it reads.

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The value of each character; [`NONE`] for what is no digit of base64.
static VALUES: [u8; 256] = {
    let mut values = [NONE; 256];
    let mut value = 0;
    while value < 64 {
        values[DIGITS[value as usize] as usize] = value;
        value += 1;
    }
    values
};

const NONE: u8 = 0xff;

/// The two characters for each 12 bits.
static PAIRS: [[u8; 2]; 1 << 12] = {
    let mut pairs = [[0; 2]; 1 << 12];
    let mut bits = 0;
    while bits < pairs.len() {
        pairs[bits] = [DIGITS[bits >> 6], DIGITS[bits & 63]];
        bits += 1;
    }
    pairs
};

/// Writes each six bytes as eight characters.
pub(crate) fn encode(sixes: &[[u8; 6]], eights: &mut [[u8; 8]]) {
    for (six, eight) in sixes.iter().zip(eights) {
        let mut bits = [0; 8];
        bits[2..].copy_from_slice(six);
        let bits = u64::from_be_bytes(bits);
        let pair = |shift: u32| PAIRS[((bits >> shift) & 0xfff) as usize];
        eight.copy_from_slice([pair(36), pair(24), pair(12), pair(0)].as_flattened());
    }
}

/// The bytes that `text` encodes, which has nothing but base64 in it; `None` if it has. How the last group of at
/// most four characters is read, which alone may be padded or cut short, is up to `decode_last`.
pub fn decode(text: &[u8], decode_last: impl FnOnce(&[u8]) -> Option<Vec<u8>>) -> Option<Vec<u8>> {
    let (groups, last) = text.split_at(text.len().saturating_sub(1) / 4 * 4);
    let (groups, _) = groups.as_chunks::<4>();
    // With room for what the last group encodes.
    let mut bytes = vec![0; groups.len() * 3 + 3];
    let mut seen = 0;
    let value = |digit: u8| VALUES[usize::from(digit)];
    // Not `map` of the array: in builds for size that is a call for each byte.
    for (&[one, two, three, four], out) in groups.iter().zip(bytes.as_chunks_mut::<3>().0) {
        let (one, two, three, four) = (value(one), value(two), value(three), value(four));
        seen |= one | two | three | four;
        *out = [
            one << 2 | two >> 4,
            two << 4 | three >> 2,
            three << 6 | four,
        ];
    }
    if seen == NONE {
        return None;
    }
    bytes.truncate(groups.len() * 3);
    bytes.extend(decode_last(last)?);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

    use super::decode;

    #[test]
    fn it_decodes_what_the_crate_decodes() {
        let bytes: Vec<u8> = (0..=255).chain((0..=255).rev()).collect();
        for length in 0..bytes.len() {
            let padded = STANDARD.encode(&bytes[..length]);
            let cut = STANDARD_NO_PAD.encode(&bytes[..length]);
            for text in [padded, cut] {
                let found = decode(text.as_bytes(), |last| STANDARD.decode(last).ok());
                assert_eq!(found, STANDARD.decode(&text).ok(), "{text}");
                let found = decode(text.as_bytes(), |last| STANDARD_NO_PAD.decode(last).ok());
                assert_eq!(found, STANDARD_NO_PAD.decode(&text).ok(), "{text}");
            }
        }
    }

    #[test]
    fn it_refuses_what_the_crate_refuses() {
        let text = b"QUJDREVGR0hJSg==";
        for at in 0..text.len() {
            for byte in 0..=255 {
                let mut text = *text;
                text[at] = byte;
                let found = decode(&text, |last| STANDARD.decode(last).ok());
                assert_eq!(found, STANDARD.decode(text).ok(), "{}", text.escape_ascii());
            }
        }
    }
}
