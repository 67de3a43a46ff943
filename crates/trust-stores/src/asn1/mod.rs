//! BER (X.690) made DER where containers need it: indefinite lengths get their length, strings
//! in pieces become one. NSS and BouncyCastle write PKCS#7 and PKCS#12 so.
//!
//! What is definite already stays byte for byte, so a certificate inside keeps its fingerprint.

pub(crate) mod primitive;
mod read;
pub(crate) mod write;

pub(crate) use read::{Element, tag, within_sequence};

use std::borrow::Cow;

/// How deep elements may lie within each other: a PKCS#12 store needs about twenty, and a file
/// made to exhaust the stack has thousands.
const MAX_DEPTH: usize = 48;

/// Why bytes are not BER that can be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A length goes past the end, or a tag or length is nonsense.
    Broken,
    /// Elements lie too deep within each other.
    TooDeep,
}

/// The first element of `bytes`, with definite lengths; [`behind`] tells what follows it.
pub(crate) fn definite(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Fault> {
    let (element, _) = element(bytes, 0)?;
    Ok(element)
}

/// What follows the first element of `bytes`; nothing, where that cannot be followed.
pub(crate) fn behind(bytes: &[u8]) -> &[u8] {
    let taken = element(bytes, 0).map_or(bytes.len(), |(_, taken)| taken);
    bytes.get(taken..).unwrap_or_default()
}

/// An element's header.
struct Header {
    /// The identifier octets; the low tag numbers alone, as these containers have no other.
    tag: u8,
    /// How long the header is.
    length: usize,
    /// How long the content is, unless an end-of-contents marker says.
    content: Option<usize>,
}

const CONSTRUCTED: u8 = 0x20;
const OCTET_STRING: u8 = 0x04;

fn header(bytes: &[u8]) -> Result<Header, Fault> {
    let (&tag, rest) = bytes.split_first().ok_or(Fault::Broken)?;
    let (&first, rest) = rest.split_first().ok_or(Fault::Broken)?;
    if tag & 0x1f == 0x1f {
        return Err(Fault::Broken);
    }
    let (length, content) = match first {
        0..=0x7f => (2, Some(usize::from(first))),
        0x80 if tag & CONSTRUCTED != 0 => (2, None),
        0x81..=0x84 => {
            let count = usize::from(first & 0x7f);
            let digits = rest.get(..count).ok_or(Fault::Broken)?;
            let length = digits
                .iter()
                .fold(0, |length, digit| length << 8 | usize::from(*digit));
            (2 + count, Some(length))
        }
        _ => return Err(Fault::Broken),
    };
    Ok(Header {
        tag,
        length,
        content,
    })
}

/// The first element of `bytes`, and how many of them it took.
fn element(bytes: &[u8], depth: usize) -> Result<(Cow<'_, [u8]>, usize), Fault> {
    if depth > MAX_DEPTH {
        return Err(Fault::TooDeep);
    }
    let header = header(bytes)?;
    let body = &bytes[header.length..];
    let is_constructed = header.tag & CONSTRUCTED != 0;
    let (body, taken) = match header.content {
        Some(length) => (body.get(..length).ok_or(Fault::Broken)?, length),
        None => (body, 0),
    };
    let whole = header.length + taken;
    if !is_constructed {
        return Ok((Cow::Borrowed(&bytes[..whole]), whole));
    }
    let mut children = Vec::new();
    let mut changed = header.content.is_none();
    let mut at = 0;
    loop {
        let rest = &body[at..];
        match header.content {
            Some(_) if rest.is_empty() => break,
            None if rest.starts_with(&[0, 0]) => {
                at += 2;
                break;
            }
            _ => {}
        }
        let (child, length) = element(rest, depth + 1)?;
        changed |= matches!(child, Cow::Owned(_));
        children.push(child);
        at += length;
    }
    let taken = header.length + at;
    if header.tag == OCTET_STRING | CONSTRUCTED {
        let mut joined = Vec::new();
        for child in &children {
            let piece = self::header(child)?;
            joined.extend_from_slice(&child[piece.length..]);
        }
        return Ok((Cow::Owned(encode(OCTET_STRING, &joined)), taken));
    }
    if !changed {
        return Ok((Cow::Borrowed(&bytes[..taken]), taken));
    }
    Ok((Cow::Owned(encode(header.tag, &children.concat())), taken))
}

fn encode(tag: u8, content: &[u8]) -> Vec<u8> {
    let digits = content.len().to_be_bytes();
    let significant = digits
        .iter()
        .position(|digit| *digit != 0)
        .unwrap_or(digits.len());
    let digits = &digits[significant..];
    let mut out = Vec::with_capacity(content.len() + 6);
    out.push(tag);
    match (content.len(), u8::try_from(digits.len())) {
        (0..=0x7f, _) | (_, Err(_)) => out.push(digits.first().copied().unwrap_or_default()),
        (_, Ok(count)) => {
            out.push(0x80 | count);
            out.extend_from_slice(digits);
        }
    }
    out.extend_from_slice(content);
    out
}

#[cfg(test)]
mod tests {
    use super::{Fault, definite};

    #[test]
    fn definite_lengths_stay_as_they_are() {
        // Not minimal, so not DER; but a certificate's bytes are its identity.
        let bytes = [0x30, 0x81, 0x03, 0x02, 0x01, 0x05];
        assert_eq!(definite(&bytes).unwrap(), &bytes[..]);
    }

    #[test]
    fn indefinite_lengths_and_strings_in_pieces_become_definite() {
        let bytes = [
            0x30, 0x80, 0x24, 0x80, 0x04, 0x01, b'a', 0x04, 0x02, b'b', b'c', 0, 0, 0, 0, 0xff,
        ];
        let expected = [0x30, 0x05, 0x04, 0x03, b'a', b'b', b'c'];
        assert_eq!(definite(&bytes).unwrap(), &expected[..]);
        let long = [&[0x30, 0x80, 0x04, 0x81, 0xc8][..], &[7; 200], &[0, 0]].concat();
        assert_eq!(
            definite(&long).unwrap()[..6],
            [0x30, 0x81, 0xcb, 0x04, 0x81, 0xc8]
        );
    }

    #[test]
    fn hostile_nesting_and_lengths_end_in_an_error() {
        let deep = [0x30, 0x80].repeat(100_000);
        assert_eq!(definite(&deep), Err(Fault::TooDeep));
        for broken in [
            &[][..],
            &[0x30],
            &[0x30, 0x80],
            &[0x30, 0x05, 0x02],
            &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
            &[0x30, 0x88, 0, 0, 0, 0, 0, 0, 0, 0],
            &[0x04, 0x80, 0, 0],
        ] {
            assert_eq!(definite(broken), Err(Fault::Broken), "{broken:x?}");
        }
    }
}
