//! Distinguished names: DER in; the text of RFC 4514, and OpenSSL's subject hash, out.
//!
//! The text is safe to print and to write anywhere. RFC 4514 allows any character to be written as `\` and
//! the hex of its UTF-8 bytes. Line breaks, escape sequences, text-direction marks and runs of hyphens
//! (`-----BEGIN`) are written so: no subject can put a line into a log, or a certificate into a bundle's
//! comment.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::{self, Write as _};
use std::ops::Range;

use sha1::{Digest, Sha1};

use super::canonical::{canonical, is_text_to_java};
use super::compare_digests;
use super::fields::is_simple;
use crate::asn1::oid::{self, Oid};
use crate::asn1::{Element, Reader, tag};
use crate::escape::{is_unprintable, shorten};
use crate::hex;

/// The short name of an attribute type: those that RFC 4514 and RFC 4519 define, and the few others that
/// every tool prints.
pub(super) fn short_name(kind: Oid<'_>) -> Option<&'static str> {
    Some(match kind.0 {
        [0x55, 4, 3] => "CN",
        [0x55, 4, 4] => "SN",
        [0x55, 4, 5] => "serialNumber",
        [0x55, 4, 6] => "C",
        [0x55, 4, 7] => "L",
        [0x55, 4, 8] => "ST",
        [0x55, 4, 9] => "STREET",
        [0x55, 4, 10] => "O",
        [0x55, 4, 11] => "OU",
        [0x55, 4, 12] => "title",
        [0x55, 4, 17] => "postalCode",
        [0x55, 4, 42] => "GN",
        [0x55, 4, 97] => "organizationIdentifier",
        // 0.9.2342.19200300.100.1.1, .25 and 1.2.840.113549.1.9.1
        b"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01" => "UID",
        b"\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19" => "DC",
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01" => "emailAddress",
        _ => return None,
    })
}

/// An attribute of a name: its type and value.
#[derive(Clone, Copy)]
pub(super) struct Attribute<'a> {
    pub(super) kind: Oid<'a>,
    pub(super) value: Element<'a>,
}

/// The relative distinguished names of a name, most general first, up to the first that is damaged.
pub(super) fn relative_names(name: Element<'_>) -> impl Iterator<Item = Element<'_>> {
    Reader(name.content).take_while(|set| {
        set.tag & tag::NUMBER == tag::SET & tag::NUMBER && attributes(*set).next().is_some()
    })
}

/// The attributes of a relative distinguished name, up to the first that is damaged.
pub(super) fn attributes(set: Element<'_>) -> impl Iterator<Item = Attribute<'_>> {
    Reader(set.content).map_while(|attribute| {
        let mut fields = (attribute.tag & tag::NUMBER == tag::SEQUENCE & tag::NUMBER)
            .then_some(Reader(attribute.content))?;
        let kind = fields.next_if(is_simple)?;
        Some(Attribute {
            kind: Oid(kind.content),
            value: fields.next()?,
        })
    })
}

/// How many characters of a name's text and label are kept. The longest names of real CAs have about 250.
const LONGEST: usize = 1000;

/// How many of them messages show.
const LONGEST_SHOWN: usize = 200;

/// A distinguished name: what messages and stores need of it, computed once.
#[derive(Clone)]
pub struct Name {
    text: Cow<'static, str>,
    label: Option<Label>,
    hash: NameHash,
}

/// The label of a name.
#[derive(Clone)]
enum Label {
    /// This part of its text, as in nearly every name: the text begins with the common name.
    InText(Range<usize>),
    Apart(Cow<'static, str>),
}

impl Name {
    /// From the DER of a name (RFC 5280, section 4.1.2.4); nothing if it is no name.
    pub fn from_der(der: &[u8]) -> Option<Self> {
        let name = Element::whole(der)?;
        (name.tag == tag::SEQUENCE).then(|| Name::of(name))
    }

    /// From a SEQUENCE of relative distinguished names.
    pub(crate) fn of(name: Element<'_>) -> Self {
        let text = text(name);
        let mut kinds = [
            oid::COMMON_NAME,
            oid::ORGANIZATIONAL_UNIT,
            oid::ORGANIZATION,
        ]
        .into_iter();
        let label = kinds.find_map(|kind| last(name, kind));
        Name {
            label: label.map(|label| Label::of(&label, &text)),
            text: text.into(),
            hash: NameHash::of(name),
        }
    }

    /// One that was read before this program was compiled.
    #[cfg(feature = "mozilla")]
    pub(super) const fn known(
        text: &'static str,
        label: Option<&'static str>,
        hash: [u8; 20],
    ) -> Self {
        Name {
            text: Cow::Borrowed(text),
            label: match label {
                Some(label) => Some(Label::Apart(Cow::Borrowed(label))),
                None => None,
            },
            hash: NameHash(hash),
        }
    }

    /// As RFC 4514 writes it, safe to print anywhere. After 1,000 characters it ends with an ellipsis.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The value that tells most, unescaped: the last common name, or else the last organizational unit, or
    /// else the last organization. After 1,000 characters it ends with an ellipsis.
    pub fn label(&self) -> Option<&str> {
        match self.label.as_ref()? {
            Label::InText(range) => self.text.get(range.clone()),
            Label::Apart(label) => Some(label),
        }
    }

    /// The hash that names a file of an OpenSSL hashed directory (`openssl x509 -subject_hash`).
    pub fn hash(&self) -> NameHash {
        self.hash
    }
}

impl Label {
    /// This `label`, of a name with this `text`.
    fn of(label: &str, text: &str) -> Self {
        let label = shorten(label, LONGEST);
        let start = text.find('=').map_or(text.len(), |sign| sign + 1);
        if text[start..].starts_with(&*label) {
            Label::InText(start..start + label.len())
        } else {
            Label::Apart(label.into_owned().into())
        }
    }
}

/// Equal names look equal, wherever their labels are kept.
impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Name")
            .field("text", &self.as_str())
            .field("label", &self.label())
            .field("hash", &self.hash)
            .finish()
    }
}

/// As RFC 4514 writes it, safe to print anywhere. After 200 characters it ends with an ellipsis: it is for
/// messages.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&shorten(&self.text, LONGEST_SHOWN))
    }
}

/// A value of an attribute in a distinguished name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameValue<'a> {
    /// The identifier octet of its type, such as `0x16` for an `IA5String`.
    pub tag: u8,
    /// The value, if it is text.
    pub text: Option<Cow<'a, str>>,
}

/// The values of one kind, in their order.
pub(super) fn values<'a>(name: Element<'a>, kind: Oid<'a>) -> impl Iterator<Item = NameValue<'a>> {
    relative_names(name)
        .flat_map(attributes)
        .filter(move |attribute| attribute.kind == kind)
        .map(|attribute| NameValue {
            tag: attribute.value.tag,
            text: text_of(attribute),
        })
}

/// Whether all attributes of a distinguished name in DER are compared in one way by every client: those of
/// RFC 2253 as `UTF8String` or `PrintableString`.
pub fn has_plain_values(der: &[u8]) -> bool {
    let name = Element::whole(der).filter(|name| name.tag == tag::SEQUENCE);
    name.is_some_and(|name| {
        let mut attributes = relative_names(name).flat_map(attributes);
        attributes.all(is_text_to_java)
    })
}

pub(super) fn attribute_count(name: Element<'_>) -> usize {
    relative_names(name).flat_map(attributes).count()
}

/// The last value of one kind, if it is text.
pub(super) fn last<'a>(name: Element<'a>, kind: Oid<'_>) -> Option<Cow<'a, str>> {
    let attributes = relative_names(name).flat_map(attributes);
    attributes
        .filter(|attribute| attribute.kind == kind)
        .last()
        .and_then(text_of)
}

/// A name in the text form of RFC 4514, the most specific part first; `(empty)` for one without
/// attributes.
fn text(name: Element<'_>) -> String {
    // Text is rarely longer than its DER; escapes are rare.
    let mut out = String::with_capacity(name.encoded.len().min(LONGEST));
    // Few names have more parts; only those are listed in memory of their own.
    let mut few = [Element::default(); 8];
    let mut many = Vec::new();
    let mut parts = relative_names(name);
    let count = few
        .iter_mut()
        .zip(&mut parts)
        .map(|(one, part)| *one = part)
        .count();
    let mut sets = &few[..count];
    if let Some(next) = parts.next() {
        many.extend(few.into_iter().chain([next]).chain(parts));
        sets = &many;
    }
    for set in sets.iter().rev() {
        if out.len() > 4 * LONGEST {
            break;
        }
        for (index, attribute) in attributes(*set).enumerate() {
            if index > 0 {
                out.push('+');
            } else if !out.is_empty() {
                out.push(',');
            }
            // Writing to a String cannot fail.
            let _ = write_attribute(&mut out, attribute);
        }
    }
    if out.is_empty() {
        out.push_str("(empty)");
    }
    match shorten(&out, LONGEST) {
        Cow::Owned(short) => short,
        Cow::Borrowed(_) => out,
    }
}

fn write_attribute(out: &mut String, attribute: Attribute<'_>) -> fmt::Result {
    match short_name(attribute.kind) {
        Some(short) => out.push_str(short),
        None => write!(out, "{}", attribute.kind)?,
    }
    out.push('=');
    if let Some(text) = text_of(attribute) {
        return write_escaped(out, &shorten(&text, LONGEST));
    }
    out.push('#');
    let mut bytes = attribute.value.content.iter().take(LONGEST);
    bytes.try_for_each(|byte| write!(out, "{byte:02x}"))
}

/// RFC 4514, section 2.4, with more characters in hex than it asks for.
fn write_escaped(out: &mut String, text: &str) -> fmt::Result {
    // As most of them are.
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b" .()/:&'_-".contains(&byte);
    let is_at_edge = text.starts_with(' ') || text.ends_with(' ');
    if text.bytes().all(is_plain) && !is_at_edge && !text.contains("--") {
        out.push_str(text);
        return Ok(());
    }
    let mut after_hyphen = false;
    for (index, character) in text.char_indices() {
        let at_edge = index == 0 || index + 1 == text.len();
        match character {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => write!(out, "\\{character}")?,
            '#' if index == 0 => out.push_str("\\#"),
            ' ' if at_edge => out.push_str("\\ "),
            // Every second hyphen of a run: no `-----BEGIN` comes out of a subject.
            '-' if after_hyphen => out.push_str("\\2d"),
            _ if is_unprintable(character) => {
                let mut utf8 = [0; 4];
                for byte in character.encode_utf8(&mut utf8).bytes() {
                    write!(out, "\\{byte:02x}")?;
                }
            }
            _ => out.push(character),
        }
        after_hyphen = character == '-' && !after_hyphen;
    }
    Ok(())
}

/// An attribute's value as text, if its type is a character string that can be read as one.
/// Bytes of the old types (T61, IA5, Printable) are read as Latin-1, as OpenSSL does.
pub(super) fn text_of(attribute: Attribute<'_>) -> Option<Cow<'_, str>> {
    let bytes = attribute.value.content;
    match attribute.value.tag & tag::NUMBER {
        tag::UTF8_STRING => str::from_utf8(bytes).ok().map(Cow::Borrowed),
        tag::NUMERIC_STRING
        | tag::PRINTABLE_STRING
        | tag::T61_STRING
        | tag::IA5_STRING
        | tag::VISIBLE_STRING => Some(match str::from_utf8(bytes) {
            Ok(ascii) if ascii.is_ascii() => Cow::Borrowed(ascii),
            _ => Cow::Owned(bytes.iter().copied().map(char::from).collect()),
        }),
        tag::BMP_STRING => utf16_text(bytes).map(Cow::Owned),
        tag::UNIVERSAL_STRING => utf32_text(bytes).map(Cow::Owned),
        _ => None,
    }
}

fn utf16_text(bytes: &[u8]) -> Option<String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    char::decode_utf16(pairs.iter().copied().map(u16::from_be_bytes))
        .collect::<Result<_, _>>()
        .ok()
}

fn utf32_text(bytes: &[u8]) -> Option<String> {
    let (quads, rest) = bytes.as_chunks::<4>();
    if !rest.is_empty() {
        return None;
    }
    quads
        .iter()
        .map(|quad| char::from_u32(u32::from_be_bytes(*quad)))
        .collect()
}

/// SHA-1 of a name in OpenSSL's canonical form: equal for names that OpenSSL takes to be equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NameHash(pub(super) [u8; 20]);

/// Byte by byte.
impl Ord for NameHash {
    fn cmp(&self, other: &Self) -> Ordering {
        compare_digests(&self.0, &other.0)
    }
}

impl PartialOrd for NameHash {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl NameHash {
    /// That of a distinguished name in DER.
    pub(super) fn of_der(der: &[u8]) -> Option<Self> {
        Element::whole(der).map(NameHash::of)
    }

    fn of(name: Element<'_>) -> Self {
        // Too long for `der`, which is far too long for OpenSSL: it only needs some value.
        let canonical = canonical(name).unwrap_or_else(|_| name.encoded.to_vec());
        NameHash(Sha1::digest(canonical).into())
    }

    /// The file name in a hashed directory without `.N`: eight lower-case hex digits.
    pub fn file_stem(self) -> String {
        hex::encode(&self.short().to_be_bytes())
    }

    /// What those digits are, as a number.
    pub(crate) fn short(self) -> u32 {
        let [a, b, c, d, ..] = self.0;
        u32::from_le_bytes([a, b, c, d])
    }
}

#[cfg(test)]
mod tests {
    use super::Name;
    use crate::asn1::Element;

    /// `SEQUENCE { SET { SEQUENCE { commonName, value } } }` for a short value of any type.
    fn common_name(tag: u8, value: &[u8]) -> Vec<u8> {
        let wrap = |tag: u8, content: &[u8]| {
            let mut out = vec![tag, u8::try_from(content.len()).unwrap()];
            out.extend(content);
            out
        };
        let mut attribute = vec![0x06, 0x03, 0x55, 0x04, 0x03];
        attribute.extend(wrap(tag, value));
        wrap(0x30, &wrap(0x31, &wrap(0x30, &attribute)))
    }

    fn name(der: &[u8]) -> Name {
        Name::of(Element::whole(der).unwrap())
    }

    fn text(tag: u8, value: &[u8]) -> String {
        name(&common_name(tag, value)).to_string()
    }

    #[test]
    fn every_string_type_reads_as_text() {
        assert_eq!(text(0x0c, "Zürich".as_bytes()), "CN=Zürich");
        assert_eq!(text(0x14, b"Z\xfcrich"), "CN=Zürich");
        assert_eq!(text(0x1e, b"\0Z\0\xfc"), "CN=Zü");
        assert_eq!(text(0x1c, b"\0\0\0Z"), "CN=Z");
        assert_eq!(text(0x04, b"\xff\x00"), "CN=#ff00");
    }

    #[test]
    fn the_label_is_the_value_whether_the_text_has_it_as_it_is_or_not() {
        for (value, text) in [("A CA", "CN=A CA"), ("A, CA", r"CN=A\, CA"), ("", "CN=")] {
            let name = name(&common_name(0x0c, value.as_bytes()));
            assert_eq!(name.as_str(), text);
            assert_eq!(name.label(), Some(value));
        }
        let nameless = name(&[0x30, 0]);
        assert_eq!((nameless.as_str(), nameless.label()), ("(empty)", None));
    }

    #[test]
    fn a_subject_cannot_bring_lines_or_pem_or_direction_marks() {
        let hostile = "x\n-----BEGIN CERTIFICATE-----\u{202e}\u{1b}[2J";
        let shown = text(0x0c, hostile.as_bytes());
        assert_eq!(
            shown,
            r"CN=x\0a-\2d-\2d-BEGIN CERTIFICATE-\2d-\2d-\e2\80\ae\1b[2J"
        );
    }

    #[test]
    fn hash_ignores_case_and_spacing_of_ascii_only() {
        let hash = |value: &str| name(&common_name(0x0c, value.as_bytes())).hash();
        assert_eq!(hash("Example  CA "), hash("example ca"));
        assert_ne!(hash("École"), hash("éCOLE"));
        assert_eq!(name(&[0x30, 0]).hash().file_stem(), "eea339da");
    }
}
