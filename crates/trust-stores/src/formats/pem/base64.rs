//! The base64 between two markers, among every kind of white space.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use memchr::memchr2_iter;

/// Missing padding is common in pasted files; DER's own lengths show what was cut.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Why some text is not base64.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Base64Error {
    /// It has nothing but white space.
    Empty,
    /// This byte, at this offset, is not base64.
    Byte(u8, usize),
    /// Something follows the padding, at this offset.
    AfterPadding(usize),
    /// Its last group of four is not complete.
    CutShort,
}

/// The bytes that the base64 in `body` encodes. White space of every kind is skipped, also if it was escaped
/// (`\n` in JSON), quoted as mail (`>`), or split into strings.
pub(super) fn decode(body: &[u8]) -> Result<Vec<u8>, Base64Error> {
    if let Some(plain) = decode_plain(body) {
        return Ok(plain);
    }
    let mut clean = Vec::with_capacity(body.len());
    let mut is_padded = false;
    let mut at = 0;
    while let Some(&byte) = body.get(at) {
        at += match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if !is_padded => {
                clean.push(byte);
                1
            }
            b'=' => {
                is_padded = true;
                1
            }
            _ => match blank_length(&body[at..]) {
                0 if is_padded => return Err(Base64Error::AfterPadding(at)),
                0 => return Err(Base64Error::Byte(byte, at)),
                length => length,
            },
        };
    }
    if clean.is_empty() {
        return Err(Base64Error::Empty);
    }
    LENIENT.decode(&clean).map_err(|_| Base64Error::CutShort)
}

/// The bytes of base64 in plain lines, as nearly all of it is.
fn decode_plain(body: &[u8]) -> Option<Vec<u8>> {
    let mut clean = Vec::with_capacity(body.len());
    let mut start = 0;
    for end in memchr2_iter(b'\n', b'\r', body).chain([body.len()]) {
        clean.extend_from_slice(&body[start..end]);
        start = end + 1;
    }
    let bytes = LENIENT.decode(&clean).ok()?;
    (!bytes.is_empty()).then_some(bytes)
}

/// The length of the blank that `text` starts with, 0 if it starts with none.
fn blank_length(text: &[u8]) -> usize {
    match text {
        [
            b' ' | b'\t' | b'\n' | b'\r' | b'\x0b' | b'\x0c' | b'>' | b'"' | b'\'' | b',',
            ..,
        ] => 1,
        // Escapes and continued lines; the no-break space.
        [b'\\', b'n' | b'r' | b't' | b'\n', ..] | [0xc2, 0xa0, ..] => 2,
        // A continued line of CR LF; the zero-width space; the byte-order mark.
        [b'\\', b'\r', b'\n', ..] | [0xe2, 0x80, 0x8b, ..] | [0xef, 0xbb, 0xbf, ..] => 3,
        _ => 0,
    }
}
