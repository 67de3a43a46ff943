//! Binary data in a text file: certificates and stores in another format, put behind PEM or before it.
//! Readers of PEM pass over it, so that what is in it would be lost.

use memchr::{memchr_iter, memmem};

use super::{Position, Problem, Section, Sections, der};
use crate::asn1::{self, BerElement, tag};
use crate::cert::{certificate_length, has_outer_fields};

/// What a file starts with that is not DER, and what it is.
const MAGIC: [(&[u8], &str); 9] = [
    (b"\xfe\xed\xfe\xed\0\0\0", "a Java keystore"),
    (b"\xce\xce\xce\xce\0\0\0", "a Java keystore"),
    (b"PK\x03\x04", ARCHIVE),
    (b"\x1f\x8b\x08", ARCHIVE),
    (b"BZh91AY&SY", ARCHIVE),
    (b"\xfd7zXZ\0", ARCHIVE),
    (b"\x28\xb5\x2f\xfd", ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", ARCHIVE),
    // Five hyphens and BEGIN in every EBCDIC code page.
    (b"\x60\x60\x60\x60\x60\xc2\xc5\xc7\xc9\xd5\x40", EBCDIC),
];

const ARCHIVE: &str = "a compressed archive";
const EBCDIC: &str = "PEM in EBCDIC";

/// The problems with all that is binary in `bytes`, which are otherwise text.
pub(super) fn find(bytes: &[u8]) -> Vec<Section> {
    // DER and every magic number here have such a byte.
    if bytes.is_ascii() && memmem::find(bytes, b"PK\x03\x04").is_none() {
        return Vec::new();
    }
    let mut found: Vec<(usize, &str)> = Vec::new();
    for (magic, kind) in MAGIC {
        found.extend(memmem::find_iter(bytes, magic).map(|at| (at, kind)));
    }
    let mut reached = 0;
    for at in memchr_iter(0x30, bytes) {
        let rest = &bytes[at..];
        // Shorter ones are no certificates, and may be text.
        let is_long = rest.get(1).is_some_and(|length| *length >= 0x80);
        if at >= reached
            && is_long
            && let Some(kind) = structure(rest)
        {
            // Of one whose end is missing, no part is looked at by itself.
            let length = asn1::length_of_element(rest).or_else(|| {
                let (element, _) = BerElement::first(rest).ok()?;
                Some(element.encoded.len())
            });
            reached = length.map_or(bytes.len(), |length| at.saturating_add(length));
            found.push((at, kind));
        }
    }
    found.sort_unstable();
    let problem = |(at, kind)| Section::problem(Position::Byte(at), problem(kind));
    let mut sections = Sections::default();
    sections.extend(found.into_iter().map(problem));
    sections.into()
}

/// What the DER or BER is that `bytes` start with, even if the end of it is missing.
fn structure(bytes: &[u8]) -> Option<&'static str> {
    // Of BER, which takes as long to read as it is: more than a certificate of version 1 has.
    const LONGEST: usize = 4096;
    match der::container(bytes) {
        Some(der::Container::Pkcs7) => return Some("a PKCS#7 file"),
        Some(der::Container::Pkcs12) => return Some("a PKCS#12 store"),
        None => {}
    }
    let fields = asn1::within_sequence(asn1::within_sequence(bytes)?)?;
    let is_certificate = der::starts_with_version(fields)
        || has_outer_fields(bytes)
        || (fields.first() == Some(&tag::INTEGER)
            && certificate_length(&bytes[..bytes.len().min(LONGEST)]).is_some());
    is_certificate.then_some("a certificate in DER")
}

fn problem(kind: &str) -> Problem {
    let hint = match kind {
        EBCDIC => "convert it to ASCII: iconv -f IBM-1047 -t UTF-8 FILE",
        ARCHIVE => "unpack it, and put each file that it holds next to this one",
        _ => "put each format in a file of its own",
    };
    Problem::hinted(
        format!("found {kind} in a file that is otherwise text"),
        hint,
    )
}

#[cfg(test)]
mod tests {
    use super::find;

    /// Would take minutes if each offset were read to the end.
    #[test]
    fn ber_without_an_end_is_not_read_from_every_offset() {
        let unit = [0x04, 0x04, 0x30, 0x80, 0x30, 0x80];
        let hostile = [&[0xff, 0x30, 0x80, 0x30, 0x80][..], &unit.repeat(1 << 18)].concat();
        assert!(find(&hostile).is_empty());
    }
}
