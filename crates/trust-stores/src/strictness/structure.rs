//! The fields of a certificate as they stand (RFC 5280, section 4.1), and what DER asks of the
//! simple types in them.

use crate::asn1::Element;

pub(super) const BOOLEAN: u8 = 0x01;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const NULL: u8 = 0x05;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const ENUMERATED: u8 = 0x0a;
pub(super) const UTF8_STRING: u8 = 0x0c;
pub(super) const NUMERIC_STRING: u8 = 0x12;
pub(super) const PRINTABLE_STRING: u8 = 0x13;
pub(super) const T61_STRING: u8 = 0x14;
pub(super) const IA5_STRING: u8 = 0x16;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
pub(super) const UNIVERSAL_STRING: u8 = 0x1c;
pub(super) const BMP_STRING: u8 = 0x1e;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

const VERSION: u8 = 0xa0;
const ISSUER_UNIQUE_ID: u8 = 0x81;
const SUBJECT_UNIQUE_ID: u8 = 0x82;
const EXTENSIONS: u8 = 0xa3;

/// Why a client refuses, in words.
pub(super) type Refused = String;

/// A certificate's fields, each with the tag that it must have.
pub(super) struct Structure<'a> {
    /// The version number as it stands, where there is one.
    pub(super) version: Option<Element<'a>>,
    pub(super) serial: Element<'a>,
    pub(super) inner_algorithm: Element<'a>,
    pub(super) issuer: Element<'a>,
    pub(super) validity: [Element<'a>; 2],
    pub(super) subject: Element<'a>,
    pub(super) key_algorithm: Element<'a>,
    pub(super) key: Element<'a>,
    /// issuerUniqueID and subjectUniqueID.
    pub(super) unique_ids: Vec<Element<'a>>,
    /// The list of extensions, where there is one.
    pub(super) extensions: Option<Vec<Extension<'a>>>,
    pub(super) outer_algorithm: Element<'a>,
    pub(super) signature: Element<'a>,
}

/// An extension's fields.
pub(super) struct Extension<'a> {
    pub(super) id: Element<'a>,
    pub(super) critical: Option<Element<'a>>,
    pub(super) value: Element<'a>,
}

impl<'a> Structure<'a> {
    /// The fields of `der`; else what is wrong with the structure itself, which every client
    /// minds.
    pub(super) fn of(der: &'a [u8]) -> Result<Self, Refused> {
        let whole = Element::whole(der).filter(|whole| whole.tag == SEQUENCE);
        let [body, outer_algorithm, signature] = whole
            .and_then(|whole| whole.fields())
            .ok_or("not a sequence of three fields")?;
        let mut fields = Fields::of(body).ok_or("the signed part")?;
        let version = match fields.optional(VERSION) {
            Some(explicit) => {
                let inner = Element::whole(explicit.content);
                Some(inner.filter(|v| v.tag == INTEGER).ok_or("the version")?)
            }
            None => None,
        };
        let serial = fields.next(INTEGER, "the serial number")?;
        let inner_algorithm = fields.next(SEQUENCE, "the signature algorithm")?;
        let issuer = fields.next(SEQUENCE, "the issuer")?;
        let validity = fields.next(SEQUENCE, "the validity")?;
        let validity = validity.fields().ok_or("the validity")?;
        let subject = fields.next(SEQUENCE, "the subject")?;
        let key_info = fields.next(SEQUENCE, "the public key")?;
        let [key_algorithm, key] = key_info.fields().ok_or("the public key")?;
        let unique_ids = [ISSUER_UNIQUE_ID, SUBJECT_UNIQUE_ID]
            .into_iter()
            .filter_map(|tag| fields.optional(tag))
            .collect();
        let extensions = match fields.optional(EXTENSIONS) {
            Some(explicit) => {
                let list = Element::whole(explicit.content).filter(|list| list.tag == SEQUENCE);
                let list = list
                    .and_then(|list| list.children())
                    .ok_or("the extensions")?;
                let list: Option<Vec<_>> = list.into_iter().map(Extension::of).collect();
                Some(list.ok_or("an extension")?)
            }
            None => None,
        };
        if !fields.are_over() {
            return Err(String::from("a field that no certificate has"));
        }
        Ok(Structure {
            version,
            serial,
            inner_algorithm,
            issuer,
            validity,
            subject,
            key_algorithm,
            key,
            unique_ids,
            extensions,
            outer_algorithm,
            signature,
        })
    }
}

impl<'a> Extension<'a> {
    /// `SEQUENCE { id, critical BOOLEAN DEFAULT FALSE, OCTET STRING }`.
    fn of(element: Element<'a>) -> Option<Self> {
        let mut fields = Fields::of(element)?;
        let extension = Extension {
            id: fields.optional(OBJECT_IDENTIFIER)?,
            critical: fields.optional(BOOLEAN),
            value: fields.optional(OCTET_STRING)?,
        };
        fields.are_over().then_some(extension)
    }

    /// Whether it is marked critical; any value but 0 is true, as BER has it.
    pub(super) fn is_critical(&self) -> bool {
        self.critical
            .is_some_and(|critical| critical.content != [0])
    }
}

/// The fields of a SEQUENCE that are still to come.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn of(element: Element<'a>) -> Option<Self> {
        (element.tag == SEQUENCE).then_some(Fields(element.content))
    }

    fn are_over(&self) -> bool {
        self.0.is_empty()
    }

    fn optional(&mut self, tag: u8) -> Option<Element<'a>> {
        let (field, rest) = Element::first(self.0).filter(|(field, _)| field.tag == tag)?;
        self.0 = rest;
        Some(field)
    }

    fn next(&mut self, tag: u8, what: &str) -> Result<Element<'a>, Refused> {
        self.optional(tag).ok_or_else(|| what.to_owned())
    }
}

/// Whether both ends of the validity are of a type for times.
pub(super) fn is_validity(validity: &[Element<'_>]) -> bool {
    let mut tags = validity.iter().map(|time| time.tag);
    tags.all(|tag| matches!(tag, UTC_TIME | GENERALIZED_TIME))
}

/// Whether a universal tag has the wrong form: a simple type in pieces, which only BER has, or a
/// SEQUENCE or SET that is not made of elements.
pub(super) fn is_of_wrong_form(tag: u8) -> bool {
    const UNIVERSAL: u8 = 0;
    const CONSTRUCTED: u8 = 0x20;
    let is_constructed = tag & CONSTRUCTED != 0;
    let is_collection = matches!(tag | CONSTRUCTED, SEQUENCE | SET);
    tag & 0xc0 == UNIVERSAL && is_constructed != is_collection
}

/// The elements of a SEQUENCE, or `what` could not be read.
pub(super) fn sequence<'a>(element: Element<'a>, what: &str) -> Result<Vec<Element<'a>>, Refused> {
    element
        .children()
        .filter(|_| element.tag == SEQUENCE)
        .ok_or_else(|| what.to_owned())
}

/// Each attribute of a name: its type and value.
pub(super) fn attributes<'a>(name: Element<'a>) -> Option<Vec<(Element<'a>, Element<'a>)>> {
    let mut attributes = Vec::with_capacity(8);
    let mut push = |attribute: Element<'a>| {
        let fields = attribute.fields().filter(|_| attribute.tag == SEQUENCE);
        attributes.extend(fields.map(|[kind, value]| (kind, value)));
        fields.is_some()
    };
    let are_all = name.all(|relative| relative.tag == SET && relative.all(&mut push));
    are_all.then_some(attributes)
}

/// Whether an INTEGER has content, and no leading byte that adds nothing (X.690, 8.3.2).
pub(super) fn is_minimal_integer(content: &[u8]) -> bool {
    match content {
        [] => false,
        [0, next, ..] => *next >= 0x80,
        [0xff, next, ..] => *next < 0x80,
        _ => true,
    }
}

/// Whether each part of an OBJECT IDENTIFIER is whole and in its shortest form (X.690, 8.19.2).
pub(super) fn is_object_identifier(content: &[u8]) -> bool {
    let mut starts_part = true;
    for byte in content {
        if starts_part && *byte == 0x80 {
            return false;
        }
        starts_part = byte & 0x80 == 0;
    }
    starts_part && !content.is_empty()
}

/// Whether a BIT STRING says how many bits of its last byte count (X.690, 8.6.2).
pub(super) fn is_bit_string(content: &[u8]) -> bool {
    matches!(content, [0] | [0..=7, _, ..])
}

/// Whether a `BMPString` is whole characters, none of them half of a surrogate pair.
pub(super) fn is_bmp_text(content: &[u8]) -> bool {
    let (units, rest) = content.as_chunks::<2>();
    let is_character = |unit: &[u8; 2]| !(0xd8..=0xdf).contains(&unit[0]);
    rest.is_empty() && units.iter().all(is_character)
}

/// Whether a `UniversalString` is whole characters of Unicode.
pub(super) fn is_universal_text(content: &[u8]) -> bool {
    let (units, rest) = content.as_chunks::<4>();
    let is_character = |unit: &[u8; 4]| char::from_u32(u32::from_be_bytes(*unit)).is_some();
    rest.is_empty() && units.iter().all(is_character)
}
