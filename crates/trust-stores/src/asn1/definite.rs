//! BER rewritten with definite lengths, where bytes need not stay as they are: to read a certificate, or what
//! OpenSSL appends to one. Containers are read as they are ([`BerElement`]).

use std::borrow::Cow;

use super::ber::{BerElement, MAX_DEPTH};
use super::read::{Header, tag};
use super::write::push;

/// The element with definite lengths in it, and its octet strings joined; as it is if it has nothing else. `None`
/// if something in it is damaged or nested too deep.
pub(crate) fn to_definite(element: BerElement<'_>) -> Option<Cow<'_, [u8]>> {
    definite(element, 0)
}

fn definite(element: BerElement<'_>, depth: usize) -> Option<Cow<'_, [u8]>> {
    let header = Header::of(element.encoded).filter(|_| depth <= MAX_DEPTH)?;
    if header.tag & tag::CONSTRUCTED == 0 {
        return Some(Cow::Borrowed(element.encoded));
    }
    let mut out = Vec::new();
    if header.tag == tag::OCTET_STRING_IN_PIECES {
        push(&mut out, &[tag::OCTET_STRING], &element.octets().ok()?).ok()?;
        return Some(Cow::Owned(out));
    }
    let children = element.children().ok()?.into_iter();
    let children: Option<Vec<_>> = children.map(|child| definite(child, depth + 1)).collect();
    let children = children?;
    let is_changed = children.iter().any(|child| matches!(child, Cow::Owned(_)));
    if header.content.is_some() && !is_changed {
        return Some(Cow::Borrowed(element.encoded));
    }
    let identifier = &element.encoded[..header.identifier];
    push(&mut out, identifier, &children.concat()).ok()?;
    Some(Cow::Owned(out))
}

#[cfg(test)]
mod tests {
    use super::to_definite;
    use crate::asn1::BerElement;

    fn rewritten(bytes: &[u8]) -> Option<Vec<u8>> {
        to_definite(BerElement::first(bytes).ok()?.0).map(std::borrow::Cow::into_owned)
    }

    #[test]
    fn definite_lengths_stay_as_they_are() {
        // Not minimal, so not DER; whether a client reads it depends on that.
        let bytes = [0x30, 0x81, 0x03, 0x02, 0x01, 0x05];
        assert_eq!(rewritten(&bytes).unwrap(), bytes);
    }

    #[test]
    fn indefinite_lengths_and_strings_in_pieces_become_definite() {
        let bytes = [
            0x30, 0x80, 0x24, 0x80, 0x04, 0x01, b'a', 0x04, 0x02, b'b', b'c', 0, 0, 0, 0, 0xff,
        ];
        let expected = [0x30, 0x05, 0x04, 0x03, b'a', b'b', b'c'];
        assert_eq!(rewritten(&bytes).unwrap(), expected);
        let long = [&[0x30, 0x80, 0x04, 0x81, 0xc8][..], &[7; 200], &[0, 0]].concat();
        let expected = [0x30, 0x81, 0xcb, 0x04, 0x81, 0xc8];
        assert_eq!(rewritten(&long).unwrap()[..6], expected);
    }

    #[test]
    fn hostile_nesting_is_given_up() {
        let mut deep = Vec::new();
        for _ in 0..1_000 {
            let length = u32::try_from(deep.len()).unwrap().to_be_bytes();
            deep = [&[0x30, 0x84][..], &length, &deep].concat();
        }
        assert_eq!(rewritten(&deep), None);
        assert_eq!(rewritten(&[0x30, 0x80]), None);
    }
}
