//! BER (X.690) made DER where containers need it: indefinite lengths get their length, strings
//! in pieces become one. NSS and BouncyCastle write PKCS#7 and PKCS#12 so.
//!
//! What is definite already stays byte for byte, so a certificate inside keeps its fingerprint.

pub(crate) mod write;

use std::borrow::Cow;

/// An element of definite length, as it stands: nothing in it is checked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Element<'a> {
    /// The identifier octet.
    pub(crate) tag: u8,
    /// The contents octets.
    pub(crate) content: &'a [u8],
    /// The whole of it.
    pub(crate) encoded: &'a [u8],
    /// Whether its length is in the shortest form, as DER asks for.
    pub(crate) is_minimal: bool,
}

impl<'a> Element<'a> {
    /// The element that `bytes` are; `None` if they are not one, or something follows.
    pub(crate) fn whole(bytes: &'a [u8]) -> Option<Self> {
        let (element, rest) = Element::first(bytes)?;
        rest.is_empty().then_some(element)
    }

    /// The element that `bytes` start with, and what follows it.
    pub(crate) fn first(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let header = header(bytes).ok()?;
        let length = header.content?;
        let content = bytes.get(header.length..)?.get(..length)?;
        let (encoded, rest) = bytes.split_at_checked(header.length + length)?;
        let shortest = match length {
            0..=0x7f => 2,
            0x80..=0xff => 3,
            0x100..=0xffff => 4,
            0x1_0000..=0xff_ffff => 5,
            _ => 6,
        };
        let element = Element {
            tag: header.tag,
            content,
            encoded,
            is_minimal: header.length == shortest,
        };
        Some((element, rest))
    }

    /// The elements that its content is made of.
    pub(crate) fn children(&self) -> Option<Vec<Element<'a>>> {
        let mut children = Vec::with_capacity(4);
        let are_all = self.all(|child| {
            children.push(child);
            true
        });
        are_all.then_some(children)
    }

    /// The same, if they are `N`.
    pub(crate) fn fields<const N: usize>(&self) -> Option<[Element<'a>; N]> {
        let mut fields = [Element::default(); N];
        let mut rest = self.content;
        for field in &mut fields {
            (*field, rest) = Element::first(rest)?;
        }
        rest.is_empty().then_some(fields)
    }

    /// Whether its content is made of elements, and each passes.
    pub(crate) fn all(&self, mut passes: impl FnMut(Element<'a>) -> bool) -> bool {
        let mut rest = self.content;
        while !rest.is_empty() {
            match Element::first(rest) {
                Some((child, behind)) if passes(child) => rest = behind,
                _ => return false,
            }
        }
        true
    }
}

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

/// What follows the header of the SEQUENCE that `bytes` start with.
pub(crate) fn within_sequence(bytes: &[u8]) -> Option<&[u8]> {
    const SEQUENCE: u8 = 0x30;
    let header = header(bytes).ok()?;
    bytes
        .get(header.length..)
        .filter(|_| header.tag == SEQUENCE)
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
