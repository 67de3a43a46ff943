//! Base64 in, a group of four characters at a time.
//!
//! By hand because the `base64` crate's decoder calls `memcpy` for every eight characters in our builds, which
//! takes musl longer than to decode them: a fifth of `doctor`'s time.

/// The value of each character; [`NONE`] for what is no digit of base64.
static VALUES: [u8; 256] = values();

const NONE: u8 = 0xff;

const fn values() -> [u8; 256] {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut values = [NONE; 256];
    let mut value = 0;
    while value < 64 {
        values[DIGITS[value as usize] as usize] = value;
        value += 1;
    }
    values
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
