//! The base64 between two markers, among every kind of white space.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use memchr::memchr2;

use crate::radix64;

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
/// (`\n` in JSON, `&#10;` in XML), quoted as mail (`>`), or split into strings.
pub(super) fn decode(body: &[u8]) -> Result<Vec<u8>, Base64Error> {
    if let Some(plain) = decode_plain(body) {
        return Ok(plain);
    }
    let mut clean = Vec::with_capacity(body.len());
    let mut is_padded = false;
    let mut at = 0;
    while let Some(&byte) = body.get(at) {
        let (token, length) = Token::first(&body[at..]).ok_or(if is_padded {
            Base64Error::AfterPadding(at)
        } else {
            Base64Error::Byte(byte, at)
        })?;
        match token {
            Token::Symbol(_) if is_padded => return Err(Base64Error::AfterPadding(at)),
            Token::Symbol(symbol) => clean.push(symbol),
            Token::Padding => is_padded = true,
            Token::Blank => {}
        }
        at += length;
    }
    if clean.is_empty() {
        return Err(Base64Error::Empty);
    }
    decode_symbols(&clean).ok_or(Base64Error::CutShort)
}

/// The bytes that these characters of base64 encode, without blanks; padded or not.
pub(super) fn decode_symbols(symbols: &[u8]) -> Option<Vec<u8>> {
    radix64::decode(symbols, |last| LENIENT.decode(last).ok())
}

/// The bytes of base64 in plain lines, as nearly all of it is.
fn decode_plain(body: &[u8]) -> Option<Vec<u8>> {
    /// As RFC 7468 requires it.
    const LINE: usize = 64;
    // Longer than nearly every certificate: those need no memory for the characters without line breaks.
    let mut few = [0; 4096];
    let mut many = Vec::new();
    let symbols = if body.len() <= few.len() {
        &mut few[..]
    } else {
        many.resize(body.len(), 0);
        &mut many
    };
    let mut count = 0;
    let mut push = |part: &[u8]| {
        symbols[count..count + part.len()].copy_from_slice(part);
        count += part.len();
    };
    let mut rest = body;
    loop {
        // Of a length that is known, lines are copied faster. What is not base64 is found when they are decoded.
        while let Some((line, [b'\n', after @ ..])) = rest.split_first_chunk::<LINE>() {
            push(line);
            rest = after;
        }
        let Some(end) = memchr2(b'\n', b'\r', rest) else {
            push(rest);
            break;
        };
        push(&rest[..end]);
        rest = &rest[end + 1..];
    }
    let bytes = decode_symbols(&symbols[..count])?;
    (!bytes.is_empty()).then_some(bytes)
}

/// What base64 is made of where people keep it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// One of the 64 characters.
    Symbol(u8),
    /// `=`.
    Padding,
    /// White space, or a mark that a quotation adds to it.
    Blank,
}

impl Token {
    /// The token that `text` starts with, and its length; as itself or escaped.
    pub(super) fn first(text: &[u8]) -> Option<(Self, usize)> {
        Some(match text {
            [
                symbol @ (b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/'),
                ..,
            ] => (Token::Symbol(*symbol), 1),
            [b'=', ..] => (Token::Padding, 1),
            [
                b' ' | b'\t' | b'\n' | b'\r' | b'\x0b' | b'\x0c' | b'>' | b'"' | b'\'' | b',',
                ..,
            ] => (Token::Blank, 1),
            [b'\\', ..] => return escaped(text),
            // Character references of XML and HTML.
            [b'&', b'#', ..] => {
                let end = text.iter().take(8).position(|byte| *byte == b';')?;
                let number = text.get(2..end)?;
                let code = match number {
                    [b'x' | b'X', digits @ ..] => number_of(digits, 16),
                    digits => number_of(digits, 10),
                };
                (Token::of(code?)?, end + 1)
            }
            _ => return None,
        })
    }

    /// The token that an escape names.
    fn of(character: u8) -> Option<Self> {
        match Token::first(&[character])? {
            (token, 1) => Some(token),
            _ => None,
        }
    }
}

/// A token behind backslashes, more than one where a string was escaped twice: the end of a line, of a string
/// or of a shell's line that goes on, the slash of PHP's JSON, or a `\u003d` for what HTML might misread.
fn escaped(text: &[u8]) -> Option<(Token, usize)> {
    // Each time a string is escaped doubles them. A file of nothing else must not be counted through at each.
    const MOST: usize = 16;
    let slashes = text.iter().take(MOST);
    let slashes = slashes.take_while(|byte| **byte == b'\\').count();
    Some(match &text[slashes..] {
        [b'\r', b'\n', ..] => (Token::Blank, slashes + 2),
        [b'n' | b'r' | b't' | b'\n' | b'\r' | b'"', ..] => (Token::Blank, slashes + 1),
        [b'/', ..] => (Token::Symbol(b'/'), slashes + 1),
        [b'u', b'0', b'0', digits @ ..] => {
            (Token::of(number_of(digits.get(..2)?, 16)?)?, slashes + 5)
        }
        _ => return None,
    })
}

fn number_of(digits: &[u8], radix: u32) -> Option<u8> {
    let digits = std::str::from_utf8(digits).ok()?;
    u8::from_str_radix(digits, radix).ok()
}
