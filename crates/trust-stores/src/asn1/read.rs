//! Elements of definite length, without judging what they hold.

use super::oid::Oid;
use super::primitive::is_object_identifier;

/// Identifier octets of the types in certificates and their containers (X.680, clause 8.4).
pub(crate) mod tag {
    pub(crate) const BOOLEAN: u8 = 0x01;
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const BIT_STRING: u8 = 0x03;
    pub(crate) const OCTET_STRING: u8 = 0x04;
    pub(crate) const NULL: u8 = 0x05;
    pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
    pub(crate) const ENUMERATED: u8 = 0x0a;
    pub(crate) const UTF8_STRING: u8 = 0x0c;
    pub(crate) const NUMERIC_STRING: u8 = 0x12;
    pub(crate) const PRINTABLE_STRING: u8 = 0x13;
    pub(crate) const T61_STRING: u8 = 0x14;
    pub(crate) const IA5_STRING: u8 = 0x16;
    pub(crate) const UTC_TIME: u8 = 0x17;
    pub(crate) const GENERALIZED_TIME: u8 = 0x18;
    pub(crate) const VISIBLE_STRING: u8 = 0x1a;
    pub(crate) const UNIVERSAL_STRING: u8 = 0x1c;
    pub(crate) const BMP_STRING: u8 = 0x1e;
    pub(crate) const SEQUENCE: u8 = 0x30;
    pub(crate) const SET: u8 = 0x31;

    /// The bit that says "made of elements".
    pub(crate) const CONSTRUCTED: u8 = 0x20;
    /// An OCTET STRING whose content is in several (X.690, 8.7.3), which only BER allows.
    pub(crate) const OCTET_STRING_IN_PIECES: u8 = OCTET_STRING | CONSTRUCTED;
    /// The bits of the tag number; all of them set if the number follows in octets of its own.
    pub(crate) const NUMBER: u8 = 0x1f;

    /// `[number]` in front of a simple type (IMPLICIT).
    pub(crate) const fn context(number: u8) -> u8 {
        0x80 | number
    }

    /// `[number]` around elements (EXPLICIT, or IMPLICIT in front of a SEQUENCE).
    pub(crate) const fn explicit(number: u8) -> u8 {
        context(number) | CONSTRUCTED
    }
}

/// An element of definite length.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Element<'a> {
    /// The first identifier octet: class, form, and the tag number up to 30.
    pub(crate) tag: u8,
    /// The contents octets.
    pub(crate) content: &'a [u8],
    /// All of it, from the identifier octet to the end of the contents.
    pub(crate) encoded: &'a [u8],
    /// Whether its length is in the shortest form, which DER requires.
    pub(crate) is_minimal: bool,
}

impl<'a> Element<'a> {
    /// The element that `bytes` are; `None` if they are not one, or something follows.
    pub(crate) fn whole(bytes: &'a [u8]) -> Option<Self> {
        let (element, rest) = Element::first(bytes)?;
        rest.is_empty().then_some(element)
    }

    /// The element that `bytes` start with, and what follows it.
    #[inline]
    pub(crate) fn first(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let header = Header::of(bytes)?;
        let length = header.content?;
        let content = bytes.get(header.length..)?.get(..length)?;
        let (encoded, rest) = bytes.split_at_checked(header.length + length)?;
        let length_octets = match length {
            0..=0x7f => 1,
            0x80..=0xff => 2,
            0x100..=0xffff => 3,
            0x1_0000..=0xff_ffff => 4,
            _ => 5,
        };
        let element = Element {
            tag: header.tag,
            content,
            encoded,
            is_minimal: header.length == header.identifier + length_octets,
        };
        Some((element, rest))
    }

    /// A reader of the elements that it is made of, if it is a `tag`.
    pub(crate) fn reader(&self, tag: u8) -> Option<Reader<'a>> {
        (self.tag == tag).then_some(Reader(self.content))
    }

    /// The elements of a SEQUENCE.
    pub(crate) fn sequence(&self) -> Option<Vec<Element<'a>>> {
        self.reader(tag::SEQUENCE)?.collect_all()
    }

    /// An OBJECT IDENTIFIER whose numbers are whole and in their shortest form.
    pub(crate) fn identifier(&self) -> Option<Oid<'a>> {
        let is_sound = self.tag == tag::OBJECT_IDENTIFIER && is_object_identifier(self.content);
        is_sound.then_some(Oid(self.content))
    }

    /// The elements that its content is made of, whatever its tag.
    pub(crate) fn children(&self) -> Option<Vec<Element<'a>>> {
        Reader(self.content).collect_all()
    }

    /// The elements that its content is made of, if they are `N`.
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
                Some((child, after)) if passes(child) => rest = after,
                _ => return false,
            }
        }
        true
    }
}

/// Reads the elements of some contents one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next element, if it passes. Otherwise nothing is taken.
    pub(crate) fn next_if(
        &mut self,
        passes: impl FnOnce(&Element<'a>) -> bool,
    ) -> Option<Element<'a>> {
        let (element, rest) = Element::first(self.0).filter(|(element, _)| passes(element))?;
        self.0 = rest;
        Some(element)
    }

    /// The next element, if it is a `tag`. Otherwise nothing is taken.
    pub(crate) fn read(&mut self, tag: u8) -> Option<Element<'a>> {
        self.next_if(|element| element.tag == tag)
    }

    /// All the elements; `None` if something among them is not one.
    pub(crate) fn collect_all(mut self) -> Option<Vec<Element<'a>>> {
        let mut elements = Vec::with_capacity(4);
        elements.extend(&mut self);
        self.is_empty().then_some(elements)
    }
}

/// The elements up to the end, or up to what is not an element.
impl<'a> Iterator for Reader<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        self.next_if(|_| true)
    }
}

/// What follows the header of the SEQUENCE that `bytes` start with.
pub(crate) fn within_sequence(bytes: &[u8]) -> Option<&[u8]> {
    let header = Header::of(bytes)?;
    bytes
        .get(header.length..)
        .filter(|_| header.tag == tag::SEQUENCE)
}

/// How many octets the element takes that `bytes` start with, even if not all of them are there; `None` if it
/// runs up to an end-of-contents marker, or if they start with no element.
pub(crate) fn length_of_element(bytes: &[u8]) -> Option<usize> {
    let header = Header::of(bytes)?;
    header.length.checked_add(header.content?)
}

/// The identifier and length octets of an element.
pub(crate) struct Header {
    /// The first identifier octet.
    pub(crate) tag: u8,
    /// How many identifier octets there are.
    pub(crate) identifier: usize,
    /// How many octets the header has in all.
    pub(crate) length: usize,
    /// The length of the content; `None` if it runs up to an end-of-contents marker.
    pub(crate) content: Option<usize>,
}

impl Header {
    #[inline]
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            // As most are.
            [tag, length @ 0..=0x7f, ..] if tag & tag::NUMBER != tag::NUMBER => Some(Header {
                tag: *tag,
                identifier: 1,
                length: 2,
                content: Some(usize::from(*length)),
            }),
            _ => Header::of_any(bytes),
        }
    }

    fn of_any(bytes: &[u8]) -> Option<Self> {
        // A tag number of 2^28 or more is in no module of ASN.1.
        const MOST_NUMBER_OCTETS: usize = 4;
        let (&tag, mut rest) = bytes.split_first()?;
        if tag & tag::NUMBER == tag::NUMBER {
            let last = rest
                .iter()
                .take(MOST_NUMBER_OCTETS)
                .position(|octet| octet & 0x80 == 0)?;
            rest = &rest[last + 1..];
        }
        let identifier = bytes.len() - rest.len();
        let (&first, digits) = rest.split_first()?;
        let (length, content) = match first {
            0..=0x7f => (1, Some(usize::from(first))),
            0x80 if tag & tag::CONSTRUCTED != 0 => (1, None),
            0x81..=0xfe => {
                let count = usize::from(first & 0x7f);
                let mut digits = digits.get(..count)?.iter().skip_while(|digit| **digit == 0);
                // No file has elements of 4 GiB.
                let length = digits.try_fold(0_u32, |length, digit| {
                    Some(length.checked_mul(256)? | u32::from(*digit))
                })?;
                let length = usize::try_from(length).ok()?;
                (1 + count, Some(length))
            }
            _ => return None,
        };
        Some(Header {
            tag,
            identifier,
            length: identifier + length,
            content,
        })
    }
}
