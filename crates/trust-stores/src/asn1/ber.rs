//! Makes the BER of containers readable as DER: indefinite lengths become definite, and strings in pieces
//! are joined. NSS and BouncyCastle write PKCS#7 and PKCS#12 this way.
//!
//! Elements of definite length keep their bytes, so a certificate inside keeps its fingerprint.

use std::borrow::Cow;

use super::read::{Element, Header, tag};
use super::write::push;

/// How deep elements may be nested: a PKCS#12 store needs about twenty levels, and a file made to exhaust
/// the stack has thousands.
const MAX_DEPTH: usize = 48;

/// Why bytes cannot be read as BER.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A length goes past the end, or a tag or length is damaged.
    Broken,
    /// Elements are nested too deep.
    TooDeep,
}

impl From<der::Error> for Fault {
    fn from(_: der::Error) -> Self {
        Fault::Broken
    }
}

/// The first element of `bytes`, with definite lengths; [`rest_after`] is what follows it.
pub(crate) fn to_definite(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Fault> {
    let (element, _) = element(bytes, 0)?;
    Ok(element)
}

/// What follows the first element of `bytes`; nothing if that cannot be read.
pub(crate) fn rest_after(bytes: &[u8]) -> &[u8] {
    let taken = element(bytes, 0).map_or(bytes.len(), |(_, taken)| taken);
    bytes.get(taken..).unwrap_or_default()
}

/// The first element of `bytes`, and how many of them it took.
fn element(bytes: &[u8], depth: usize) -> Result<(Cow<'_, [u8]>, usize), Fault> {
    const PIECES_OF_OCTET_STRING: u8 = tag::OCTET_STRING | tag::CONSTRUCTED;
    if depth > MAX_DEPTH {
        return Err(Fault::TooDeep);
    }
    let header = Header::of(bytes).ok_or(Fault::Broken)?;
    let body = &bytes[header.length..];
    let (body, taken) = match header.content {
        Some(length) => (body.get(..length).ok_or(Fault::Broken)?, length),
        None => (body, 0),
    };
    if header.tag & tag::CONSTRUCTED == 0 {
        let whole = header.length + taken;
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
    let mut out = Vec::new();
    if header.tag == PIECES_OF_OCTET_STRING {
        let pieces = children.iter().map(|child| Element::whole(child));
        let pieces: Option<Vec<_>> = pieces.map(|piece| Some(piece?.content)).collect();
        let joined = pieces.ok_or(Fault::Broken)?.concat();
        push(&mut out, &[tag::OCTET_STRING], &joined)?;
    } else if changed {
        push(&mut out, &bytes[..header.identifier], &children.concat())?;
    } else {
        return Ok((Cow::Borrowed(&bytes[..taken]), taken));
    }
    Ok((Cow::Owned(out), taken))
}

#[cfg(test)]
mod tests {
    use super::{Fault, to_definite};

    #[test]
    fn definite_lengths_stay_as_they_are() {
        // Not minimal, so not DER; but a certificate's bytes are its identity.
        let bytes = [0x30, 0x81, 0x03, 0x02, 0x01, 0x05];
        assert_eq!(to_definite(&bytes).unwrap(), &bytes[..]);
    }

    #[test]
    fn indefinite_lengths_and_strings_in_pieces_become_definite() {
        let bytes = [
            0x30, 0x80, 0x24, 0x80, 0x04, 0x01, b'a', 0x04, 0x02, b'b', b'c', 0, 0, 0, 0, 0xff,
        ];
        let expected = [0x30, 0x05, 0x04, 0x03, b'a', b'b', b'c'];
        assert_eq!(to_definite(&bytes).unwrap(), &expected[..]);
        let long = [&[0x30, 0x80, 0x04, 0x81, 0xc8][..], &[7; 200], &[0, 0]].concat();
        assert_eq!(
            to_definite(&long).unwrap()[..6],
            [0x30, 0x81, 0xcb, 0x04, 0x81, 0xc8]
        );
    }

    #[test]
    fn hostile_nesting_and_lengths_end_in_an_error() {
        let deep = [0x30, 0x80].repeat(100_000);
        assert_eq!(to_definite(&deep), Err(Fault::TooDeep));
        for broken in [
            &[][..],
            &[0x30],
            &[0x30, 0x80],
            &[0x30, 0x05, 0x02],
            &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
            &[0x30, 0x85, 1, 0, 0, 0, 0],
            &[0x30, 0xff],
            &[0x04, 0x80, 0, 0],
        ] {
            assert_eq!(to_definite(broken), Err(Fault::Broken), "{broken:x?}");
        }
    }
}
