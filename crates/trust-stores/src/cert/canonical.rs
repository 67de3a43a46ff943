//! The forms in which OpenSSL and JVMs compare distinguished names.

use super::name::{Attribute, attributes, relative_names, short_name, text_of};
use crate::asn1::write::{push, push_around};
use crate::asn1::{Element, tag};

/// A distinguished name in DER as OpenSSL compares it: a name is below another one if its bytes begin
/// with those of the other. `None` if it is no name.
pub fn canonical_name(der: &[u8]) -> Option<Vec<u8>> {
    let name = Element::whole(der).filter(|name| name.tag == tag::SEQUENCE)?;
    canonical(name).ok()
}

/// A distinguished name in DER as a JVM compares it (`AVA.toRFC2253CanonicalString`): as OpenSSL, but only
/// attributes of RFC 2253 in the two plain types are text, the others count byte by byte. JVMs take some
/// more letters beyond ASCII for equal. `None` if it is no name.
pub fn java_name(der: &[u8]) -> Option<Vec<u8>> {
    let name = Element::whole(der).filter(|name| name.tag == tag::SEQUENCE)?;
    canonical_by(name, |attribute, out| {
        if is_text_to_java(attribute) {
            return append_canonical(attribute, out);
        }
        push(out, &[tag::OBJECT_IDENTIFIER], attribute.kind.0)?;
        out.extend(attribute.value.encoded);
        Ok(())
    })
    .ok()
}

pub(super) fn is_text_to_java(attribute: Attribute<'_>) -> bool {
    const KEYWORDS: [&str; 9] = ["CN", "C", "L", "ST", "O", "OU", "STREET", "DC", "UID"];
    matches!(
        attribute.value.tag,
        tag::UTF8_STRING | tag::PRINTABLE_STRING
    ) && short_name(attribute.kind).is_some_and(|name| KEYWORDS.contains(&name))
}

/// A name as OpenSSL compares and hashes it (`x509_name_canon` of `crypto/x509/x_name.c`): strings
/// of the usual types become UTF-8, stripped, with single spaces, in ASCII lower case; each RDN is
/// sorted anew; the outer SEQUENCE is left off.
pub(super) fn canonical(name: Element<'_>) -> der::Result<Vec<u8>> {
    canonical_by(name, append_canonical)
}

fn canonical_by(
    name: Element<'_>,
    append: fn(Attribute<'_>, &mut Vec<u8>) -> der::Result<()>,
) -> der::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(name.encoded.len() + 16);
    for relative_name in relative_names(name) {
        push_around(&mut out, tag::SET, |out| {
            let mut others = attributes(relative_name);
            match (others.next(), others.next()) {
                (Some(one), None) => append(one, out),
                _ => append_sorted(relative_name, append, out),
            }
        })?;
    }
    Ok(out)
}

/// Appends the attributes of a relative distinguished name, sorted by what is appended of each.
fn append_sorted(
    relative_name: Element<'_>,
    append: fn(Attribute<'_>, &mut Vec<u8>) -> der::Result<()>,
    out: &mut Vec<u8>,
) -> der::Result<()> {
    let encoded = attributes(relative_name).map(|attribute| {
        let mut encoded = Vec::new();
        append(attribute, &mut encoded).map(|()| encoded)
    });
    let mut encoded = encoded.collect::<der::Result<Vec<_>>>()?;
    encoded.sort_unstable();
    out.extend(encoded.into_iter().flatten());
    Ok(())
}

fn append_canonical(attribute: Attribute<'_>, out: &mut Vec<u8>) -> der::Result<()> {
    let Attribute { kind, value } = attribute;
    // NumericString is text, but not among the types that OpenSSL converts.
    let text = text_of(attribute).filter(|_| value.tag & tag::NUMBER != tag::NUMERIC_STRING);
    push_around(out, tag::SEQUENCE, |out| {
        push(out, &[tag::OBJECT_IDENTIFIER], kind.0)?;
        match text {
            Some(text) => push_around(out, tag::UTF8_STRING, |out| {
                append_folded(&text, out);
                Ok(())
            }),
            None => push(out, &[value.tag], value.content),
        }
    })
}

/// Appends `text` without ASCII space at its ends, with one space for each inner run of it, and with ASCII letters
/// in lower case. Not Unicode's: OpenSSL leaves `É` as it is, and so must the hash.
fn append_folded(text: &str, out: &mut Vec<u8>) {
    let start = out.len();
    for byte in text.bytes() {
        if !matches!(byte, b' ' | b'\t'..=b'\r') {
            out.push(byte.to_ascii_lowercase());
        } else if out.len() > start && out.last() != Some(&b' ') {
            out.push(b' ');
        }
    }
    if out.len() > start {
        out.pop_if(|last| *last == b' ');
    }
}

#[cfg(test)]
mod tests {
    use super::append_folded;

    #[test]
    fn folding_keeps_what_is_not_ascii_space() {
        let mut folded = b"before ".to_vec();
        append_folded("\t A \r\n B\u{a0}C ", &mut folded);
        assert_eq!(folded, "before a b\u{a0}c".as_bytes());
        append_folded("\t ", &mut folded);
        assert_eq!(folded, "before a b\u{a0}c".as_bytes());
    }
}
