//! Elements in BER (X.690, clause 8), as NSS, Firefox and BouncyCastle write PKCS#7 and PKCS#12: lengths may be
//! indefinite, and a string may be in pieces.
//!
//! Nothing is rewritten while it is read, so a certificate keeps its bytes and its fingerprint. Every level of a
//! container is read this way, because BER can begin at any of them: inside an OCTET STRING, or after decryption.

use std::borrow::Cow;
use std::iter;

use super::oid::Oid;
use super::primitive::is_object_identifier;
use super::read::{Header, tag};

/// How deep elements of indefinite length, or pieces of a string, may be nested. Real writers of containers need
/// about twenty levels, a certificate has ten, and a file made to exhaust the stack has thousands.
pub(super) const MAX_DEPTH: usize = 48;

/// Why bytes cannot be read as BER.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A length goes past the end, or a tag or length is damaged.
    Broken,
    /// Elements are nested too deep.
    TooDeep,
}

/// An element of definite or indefinite length.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BerElement<'a> {
    /// The first identifier octet: class, form, and the tag number up to 30.
    pub(crate) tag: u8,
    /// The contents octets, without the end-of-contents marker.
    pub(crate) content: &'a [u8],
    /// All of it, with the end-of-contents marker.
    pub(crate) encoded: &'a [u8],
}

impl<'a> BerElement<'a> {
    /// The element that `bytes` start with, and what follows it.
    pub(crate) fn first(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), Fault> {
        let header = Header::of(bytes).ok_or(Fault::Broken)?;
        let body = &bytes[header.length..];
        let (length, end) = match header.content {
            Some(length) => (length, length),
            None => indefinite_length(body)?,
        };
        let content = body.get(..length).ok_or(Fault::Broken)?;
        let (encoded, rest) = bytes.split_at(header.length + end);
        let tag = header.tag;
        Ok((
            BerElement {
                tag,
                content,
                encoded,
            },
            rest,
        ))
    }

    /// The element that `bytes` are; an error if something follows it.
    pub(crate) fn whole(bytes: &'a [u8]) -> Result<Self, Fault> {
        match BerElement::first(bytes)? {
            (element, []) => Ok(element),
            _ => Err(Fault::Broken),
        }
    }

    /// The elements that its content is made of, whatever its tag.
    pub(crate) fn children(&self) -> Result<Vec<Self>, Fault> {
        self.each().collect()
    }

    /// Like [`Self::children`], one by one, up to the first that cannot be read. A list of them can take twenty
    /// times the memory of the content.
    pub(crate) fn each(&self) -> impl Iterator<Item = Result<Self, Fault>> + use<'a> {
        let mut rest = self.content;
        iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let found = BerElement::first(rest);
            rest = found.as_ref().map_or(&[], |(_, after)| after);
            Some(found.map(|(child, _)| child))
        })
    }

    /// The elements of a SEQUENCE.
    pub(crate) fn sequence(&self) -> Result<Vec<Self>, Fault> {
        match self.tag {
            tag::SEQUENCE => self.children(),
            _ => Err(Fault::Broken),
        }
    }

    /// The content of an OCTET STRING, its pieces joined.
    pub(crate) fn octets(&self) -> Result<Cow<'a, [u8]>, Fault> {
        match self.tag & !tag::CONSTRUCTED {
            tag::OCTET_STRING => self.string(),
            _ => Err(Fault::Broken),
        }
    }

    /// The content of a string of any type, its pieces joined: those of `[0] IMPLICIT OCTET STRING` too.
    pub(crate) fn string(&self) -> Result<Cow<'a, [u8]>, Fault> {
        if self.tag & tag::CONSTRUCTED == 0 {
            return Ok(Cow::Borrowed(self.content));
        }
        let mut joined = Vec::with_capacity(self.content.len());
        self.join(&mut joined, 0)?;
        Ok(Cow::Owned(joined))
    }

    fn join(&self, joined: &mut Vec<u8>, depth: usize) -> Result<(), Fault> {
        if depth > MAX_DEPTH {
            return Err(Fault::TooDeep);
        }
        for piece in self.children()? {
            // Pieces are OCTET STRINGs or of the string's own type, never elements of another.
            if piece.tag & tag::CONSTRUCTED == 0 {
                joined.extend_from_slice(piece.content);
            } else if piece.tag == tag::SEQUENCE || piece.tag == tag::SET {
                return Err(Fault::Broken);
            } else {
                piece.join(joined, depth + 1)?;
            }
        }
        Ok(())
    }

    /// An OBJECT IDENTIFIER whose numbers are whole and in their shortest form.
    pub(crate) fn identifier(&self) -> Option<Oid<'a>> {
        let is_sound = self.tag == tag::OBJECT_IDENTIFIER && is_object_identifier(self.content);
        is_sound.then_some(Oid(self.content))
    }
}

/// The length of a content that runs up to an end-of-contents marker, without and with that marker.
fn indefinite_length(body: &[u8]) -> Result<(usize, usize), Fault> {
    const END_OF_CONTENTS: [u8; 2] = [0, 0];
    let mut at = 0;
    let mut open = 1_usize;
    loop {
        let rest = body.get(at..).ok_or(Fault::Broken)?;
        if rest.starts_with(&END_OF_CONTENTS) {
            open -= 1;
            if open == 0 {
                return Ok((at, at + END_OF_CONTENTS.len()));
            }
            at += END_OF_CONTENTS.len();
            continue;
        }
        let header = Header::of(rest).ok_or(Fault::Broken)?;
        open += usize::from(header.content.is_none());
        if open > MAX_DEPTH {
            return Err(Fault::TooDeep);
        }
        // An element of definite length is passed over as a whole.
        at = at.saturating_add(header.length + header.content.unwrap_or(0));
    }
}

#[cfg(test)]
mod tests {
    use super::{BerElement, Fault};

    #[test]
    fn bytes_stay_as_they_are_whatever_the_form_of_their_length() {
        // Not minimal, so not DER; but a certificate's bytes are its identity.
        let long = [0x30, 0x81, 0x03, 0x02, 0x01, 0x05];
        let element = BerElement::whole(&long).unwrap();
        assert_eq!(element.encoded, &long[..]);
        assert_eq!(element.content, &long[3..]);
        let indefinite = [0x30, 0x80, 0x30, 0x80, 0x02, 0x01, 0x05, 0, 0, 0, 0];
        let (element, rest) = BerElement::first(&[&indefinite[..], b"more"].concat())
            .map(|(element, rest)| (element.encoded.to_vec(), rest.to_vec()))
            .unwrap();
        assert_eq!(element, indefinite);
        assert_eq!(rest, b"more");
        let element = BerElement::whole(&indefinite).unwrap();
        assert_eq!(element.content, &indefinite[2..9]);
        assert_eq!(element.sequence().unwrap()[0].content, &indefinite[4..7]);
    }

    #[test]
    fn strings_in_pieces_are_joined_at_every_depth() {
        let pieces = [
            0x24, 0x80, 0x04, 0x01, b'a', 0x24, 0x05, 0x04, 0x03, b'b', b'c', b'd', 0, 0,
        ];
        let string = BerElement::whole(&pieces).unwrap();
        assert_eq!(string.octets().unwrap(), &b"abcd"[..]);
        // [0] IMPLICIT
        let implicit = [&[0xa0][..], &pieces[1..]].concat();
        let string = BerElement::whole(&implicit).unwrap();
        assert_eq!(string.string().unwrap(), &b"abcd"[..]);
        assert_eq!(string.octets(), Err(Fault::Broken));
        let no_string = BerElement::whole(&[0x24, 0x04, 0x30, 0x02, 0x04, 0x00]).unwrap();
        assert_eq!(no_string.octets(), Err(Fault::Broken));
    }

    #[test]
    fn hostile_nesting_and_lengths_end_in_an_error() {
        let whole = |bytes| BerElement::whole(bytes).map(|element| element.tag);
        let deep = [0x30, 0x80].repeat(100_000);
        assert_eq!(whole(&deep), Err(Fault::TooDeep));
        let mut deep = Vec::new();
        for _ in 0..100 {
            deep = [
                &[0x24, 0x81, u8::try_from(deep.len().min(255)).unwrap()][..],
                &deep,
            ]
            .concat();
            deep.truncate(250);
        }
        let _ = BerElement::first(&deep).map(|(string, _)| string.octets());
        for broken in [
            &[][..],
            &[0x30],
            &[0x30, 0x80],
            &[0x30, 0x80, 0x02, 0x7f],
            &[0x30, 0x05, 0x02],
            &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
            &[0x30, 0x85, 1, 0, 0, 0, 0],
            &[0x30, 0xff],
            &[0x04, 0x80, 0, 0],
            &[0x02, 0x00, 0x00],
        ] {
            assert_eq!(whole(broken), Err(Fault::Broken), "{broken:x?}");
        }
    }
}
