//! DER: one certificate, several one after the other, or a list of them, in; and what else DER may be, for an
//! error that helps.

mod trusted;

pub(super) use trusted::{leaves_out_servers, trusted_certificate};

use super::{Position, Problem, Section, Sections, pem, private_key};
use crate::asn1::{self, BerElement, Element, tag};
use crate::cert::{Certificate, NotACertificate, certificate_length, fields, oid};

/// A file of another structure that holds certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    Pkcs7,
    Pkcs12,
}

/// Which container `bytes` are, by their first fields, in DER or BER.
pub(super) fn container(bytes: &[u8]) -> Option<Container> {
    // contentType: 1.2.840.113549.1.7, PKCS#7, and a last arc
    const PKCS_7: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07";
    // version 3, then the AuthenticatedSafe
    const PKCS_12: &[u8] = b"\x02\x01\x03\x30";
    let fields = asn1::within_sequence(bytes)?;
    if fields.starts_with(PKCS_7) {
        Some(Container::Pkcs7)
    } else if fields.starts_with(PKCS_12) {
        Some(Container::Pkcs12)
    } else {
        None
    }
}

/// Whether `signed`, the first bytes of what is signed, are `[0] { version INTEGER }` in DER or BER. Every certificate
/// starts so but those of version 1.
pub(super) fn starts_with_version(signed: &[u8]) -> bool {
    matches!(signed, [0xa0, 3 | 0x80, tag::INTEGER, 1, ..])
}

/// `netscape-cert-sequence` (2.16.840.1.113730.2.5).
const NETSCAPE_SEQUENCE: &[u8] = b"\x60\x86\x48\x01\x86\xf8\x42\x02\x05";

/// Everything in `bytes`, one after the other: certificates, lists of them, and what is neither.
pub(super) fn decode(bytes: &[u8]) -> Vec<Section> {
    let mut sections = Sections::default();
    let mut offset = 0;
    while offset < bytes.len() {
        let rest = &bytes[offset..];
        if offset > 0 && is_padding(rest[0]) {
            offset += 1;
            continue;
        }
        // Text that follows DER may look like an element too.
        let is_sound = |one: &[u8]| offset == 0 || is_der(one) || elements_in(one).is_some();
        let element = BerElement::first(rest).ok();
        let element = element.map(|(one, after)| (one.encoded, after));
        let element = element.filter(|(one, _)| is_sound(one));
        if element.is_none() && offset > 0 && is_pem(rest) {
            // OpenSSL and the JVM go on reading.
            sections.extend(pem::decode(rest, pem::BinaryData::Report).into_iter().map(
                |section| Section {
                    position: Position::Byte(offset),
                    ..section
                },
            ));
            break;
        }
        let (element, after) = element.unwrap_or((rest, &[]));
        let is_whole = offset == 0 && after.iter().copied().all(is_padding);
        let position = if is_whole {
            Position::Whole
        } else {
            Position::Byte(offset)
        };
        match certificates_in(element) {
            Some(listed) => sections.extend(listed.into_iter().enumerate().map(|(index, one)| {
                let entry = Position::Entry(index + 1);
                Section {
                    position: if is_whole { entry } else { position.clone() },
                    content: certificate(one).map(Into::into),
                }
            })),
            None => push(
                &mut sections,
                Section {
                    position,
                    content: certificate(element).map(Into::into),
                },
            ),
        }
        offset = bytes.len() - after.len();
    }
    sections.into()
}

fn is_pem(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, b"-----BEGIN ").is_some()
}

/// Adds a section, unless it is one more in a row of which nobody can tell what they are.
fn push(sections: &mut Sections, section: Section) {
    let last = sections.last().map(|last| &last.content);
    match (last, &section.content) {
        (Some(Err(last)), Err(problem)) if last == problem => {}
        _ => sections.push(section),
    }
}

/// What files end in that were joined or copied in blocks: line breaks, zeros, and the mark for the end of a
/// text file in DOS.
fn is_padding(byte: u8) -> bool {
    const DOS_END: u8 = 0x1a;
    byte.is_ascii_whitespace() || matches!(byte, 0 | DOS_END)
}

/// The certificates within an element that is a list of them: a certification path of Java (`PkiPath`, X.509), a
/// Netscape certificate sequence (`openssl nseq`), the certificate of a PKCS#12 bag, or one in an OCTET STRING.
fn certificates_in(element: &[u8]) -> Option<Vec<&[u8]>> {
    let is_one = |bytes: &&[u8]| certificate_length(bytes) == Some(bytes.len());
    if element.first() == Some(&tag::OCTET_STRING) {
        let content = Element::whole(element)?.content;
        return Some(vec![content]).filter(|_| is_sequence(content));
    }
    if certificate_length(element).is_some() {
        return None;
    }
    let fields = elements_in(element)?;
    let kind = Element::whole(fields.first()?)?;
    if kind.tag == tag::SEQUENCE {
        return Some(fields).filter(|fields| fields.iter().any(is_one));
    }
    let [_, content] = fields[..] else {
        return None;
    };
    let [list] = elements_in(content)?[..] else {
        return None;
    };
    match kind.identifier()? {
        id if id.as_bytes() == NETSCAPE_SEQUENCE => elements_in(list),
        oid::X509_CERTIFICATE => Element::whole(list)
            .filter(|octets| octets.tag == tag::OCTET_STRING)
            .map(|octets| vec![octets.content]),
        _ => None,
    }
}

/// The elements within a constructed one, each as it is in DER or BER.
fn elements_in(element: &[u8]) -> Option<Vec<&[u8]>> {
    let (element, _) = BerElement::first(element).ok()?;
    let children = element.children().ok();
    let children = children.filter(|_| element.tag & tag::CONSTRUCTED != 0)?;
    Some(children.into_iter().map(|child| child.encoded).collect())
}

/// The certificate that `der` is, or what it is instead.
pub(super) fn certificate(der: impl Into<Vec<u8>>) -> Result<Certificate, Problem> {
    let mut der = der.into();
    let certificate = Certificate::take(&mut der).map_err(|error| match error {
        NotACertificate::Malformed => classify(&der),
        NotACertificate::Unreadable(_) => Problem::hinted(
            error.to_string(),
            "ask whoever issued it for one in DER that follows RFC 5280",
        ),
        NotACertificate::TrailingBytes(count) => trailing(error, &der[der.len() - count..]),
    })?;
    match key_within(&certificate) {
        Some(key) => Err(key),
        None => Ok(certificate),
    }
}

/// The problem with a private key in the names or extensions of a certificate, which may hold anything, and names
/// are printed. The bits of its public key and signature are random: they could pass for a key.
fn key_within(certificate: &Certificate) -> Option<Problem> {
    if certificate.is_known_root() {
        return None;
    }
    search_for_key(certificate)
}

fn search_for_key(certificate: &Certificate) -> Option<Problem> {
    let (issuer, subject) = (certificate.issuer_der(), certificate.subject_der());
    let parts = [issuer].into_iter().filter(|issuer| *issuer != subject);
    let mut parts = parts.chain(certificate.optional_fields()).chain([subject]);
    parts.find_map(key_in)
}

/// What follows a certificate where nothing should.
fn trailing(error: NotACertificate, rest: &[u8]) -> Problem {
    if let Some(key) = key_in(rest) {
        return key;
    }
    if trusted::are_settings(rest) {
        return Problem::hinted(
            format!("{error}: OpenSSL's trust settings"),
            "write TRUSTED CERTIFICATE in its BEGIN and END lines, or remove the settings with: openssl x509 \
             -in FILE",
        );
    }
    error.into()
}

/// Whether `bytes` are DER: a SEQUENCE with fields in it, or one within an OCTET STRING.
pub(super) fn is_der(bytes: &[u8]) -> bool {
    let octets = Element::first(bytes).filter(|(one, _)| one.tag == tag::OCTET_STRING);
    is_sequence(bytes) || octets.is_some_and(|(octets, _)| is_sequence(octets.content))
}

/// Whether `bytes` start as a SEQUENCE with fields in it, even if not all of it is there.
fn is_sequence(bytes: &[u8]) -> bool {
    // Text can start with '0', which is the same byte: then no field follows. One that would be as short as
    // the length '0' says is no certificate: `xxd` and logs start with zeros.
    if bytes.starts_with(b"000") {
        return false;
    }
    let first = asn1::within_sequence(bytes).and_then(<[u8]>::first);
    first.is_some_and(|field| {
        matches!(
            *field,
            tag::INTEGER | tag::OBJECT_IDENTIFIER | tag::SEQUENCE
        )
    })
}

/// What DER or BER that is no certificate most likely is, by its first fields.
pub(super) fn classify(bytes: &[u8]) -> Problem {
    if let Some(key) = key_in(bytes) {
        return key;
    }
    let first = BerElement::first(bytes).ok();
    let definite = first.and_then(|(first, _)| asn1::to_definite(first));
    let whole = definite.as_deref().and_then(Element::whole);
    let parts = whole.and_then(|whole| whole.sequence());
    let Some((first, rest)) = parts.as_deref().and_then(<[_]>::split_first) else {
        return Problem::hinted(
            "the DER is cut short or damaged: not an X.509 certificate",
            "copy it again from its source, a DER file in binary mode, and compare the size",
        );
    };
    let second = rest.first().map(|field| field.tag);
    match (first.tag, first.content, second) {
        (tag::INTEGER, [3], Some(tag::SEQUENCE)) => Problem::hinted(
            "found a PKCS#12 store in place of a certificate",
            "give the .p12 or .pfx file itself, not its text between PEM markers",
        ),
        _ if first.identifier() == Some(oid::SIGNED_DATA) => Problem::hinted(
            "found a PKCS#7 file in place of a certificate",
            "give it in a file of its own; in PEM, use the markers -----BEGIN PKCS7----- and -----END PKCS7-----",
        ),
        (tag::OBJECT_IDENTIFIER, NETSCAPE_SEQUENCE, _) => Problem::hinted(
            "found a Netscape certificate sequence in place of a certificate",
            "take its certificates out: openssl nseq -in FILE -out chain.pem",
        ),
        (tag::SEQUENCE, _, Some(tag::BIT_STRING)) if is_public_key(first, rest) => {
            Problem::not_a_certificate("a public key")
        }
        (tag::SEQUENCE, _, Some(tag::SEQUENCE)) if is_revocation_list(first) => {
            Problem::revocation_list()
        }
        (tag::SEQUENCE, _, Some(tag::SEQUENCE)) if is_request(first) => Problem::hinted(
            "a certificate request, not a certificate",
            "send the certificate that the CA issued, not the request that it received",
        ),
        _ => Problem::hinted(
            "the DER is not an X.509 certificate",
            "export the CA certificate itself, not a request, a key or a revocation list",
        ),
    }
}

/// The problem with the first private key in `bytes`, if there is one.
fn key_in(bytes: &[u8]) -> Option<Problem> {
    private_key::first(bytes).map(Problem::private_key)
}

/// `SubjectPublicKeyInfo` (RFC 5280, section 4.1.2.7). A certificate that lost what was signed looks the same
/// but for its algorithm, or the length of a signature.
fn is_public_key(algorithm: &Element<'_>, rest: &[Element<'_>]) -> bool {
    let [bits] = rest else {
        return false;
    };
    match fields::algorithm(*algorithm) {
        Some((oid::RSA | oid::RSA_PSS | oid::EC | oid::DSA, _)) => true,
        Some((oid::ED25519, _)) => bits.content.len() == 1 + 32,
        Some((oid::ED448, _)) => bits.content.len() == 1 + 57,
        _ => false,
    }
}

/// `TBSCertList` (RFC 5280, section 5.1.2): a version perhaps, an algorithm, a name, a time.
fn is_revocation_list(signed: &Element<'_>) -> bool {
    let Some(mut fields) = signed.reader(tag::SEQUENCE) else {
        return false;
    };
    fields.read(tag::INTEGER);
    fields.read(tag::SEQUENCE).is_some()
        && fields.read(tag::SEQUENCE).is_some()
        && fields
            .next()
            .is_some_and(|time| matches!(time.tag, tag::UTC_TIME | tag::GENERALIZED_TIME))
}

/// `CertificationRequestInfo` (RFC 2986, section 4.1): a version, a name, a key, `[0]` attributes.
fn is_request(signed: &Element<'_>) -> bool {
    let fields = signed.sequence().unwrap_or_default();
    let tags: Vec<_> = fields.iter().map(|field| field.tag).collect();
    matches!(
        tags[..],
        [tag::INTEGER, tag::SEQUENCE, tag::SEQUENCE]
            | [tag::INTEGER, tag::SEQUENCE, tag::SEQUENCE, 0xa0]
    )
}

#[cfg(test)]
mod tests {
    use crate::asn1::tag;
    use crate::asn1::write::push;
    use crate::formats::pem::BinaryData;
    use crate::formats::{DecodeOptions, Position, Problem, Section, decode, pem};
    use crate::testing::root_der;

    const KEY: &[u8] = include_bytes!("../../../../../tests/vectors/keys/x448-pkcs8.der");

    fn wrapped(tag: u8, content: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        push(&mut out, &[tag], content).unwrap();
        out
    }

    fn armored(label: &str, der: &[u8]) -> Vec<Section> {
        pem::decode(&crate::armor::armored(label, der), BinaryData::Report)
    }

    #[cfg(feature = "mozilla")]
    #[test]
    fn no_known_root_holds_a_key() {
        for root in crate::cert::roots::all() {
            assert_eq!(super::search_for_key(&root), None, "{}", root.subject());
        }
    }

    fn has_key(sections: &[Section]) -> bool {
        sections
            .iter()
            .any(|section| matches!(section.content, Err(Problem::PrivateKey { .. })))
    }

    #[test]
    fn a_private_key_next_to_a_certificate_is_found_wherever_it_is() {
        let root = root_der(0);
        let whole = |bytes: &[u8]| decode(bytes, &DecodeOptions::default());
        let settings = |field: &[u8]| [&root[..], &wrapped(tag::SEQUENCE, field)].concat();
        let text = crate::armor::armored("PRIVATE KEY", KEY);
        for (place, sections) in [
            ("after it", whole(&[&root[..], KEY].concat())),
            ("between two", whole(&[&root[..], KEY, &root].concat())),
            ("after it, in PEM", whole(&[&root[..], &text].concat())),
            (
                "in a list",
                whole(&wrapped(tag::SEQUENCE, &[&root[..], KEY].concat())),
            ),
            (
                "in an OCTET STRING",
                whole(&wrapped(tag::OCTET_STRING, KEY)),
            ),
            (
                "behind it in PEM",
                armored("CERTIFICATE", &[&root[..], KEY].concat()),
            ),
            (
                "in an alias",
                armored(
                    "TRUSTED CERTIFICATE",
                    &settings(&wrapped(tag::UTF8_STRING, &text)),
                ),
            ),
            (
                "in an alias in DER",
                armored(
                    "TRUSTED CERTIFICATE",
                    &settings(&wrapped(tag::UTF8_STRING, KEY)),
                ),
            ),
            (
                "as its identifier",
                armored(
                    "TRUSTED CERTIFICATE",
                    &settings(&wrapped(tag::OCTET_STRING, KEY)),
                ),
            ),
            (
                "among other settings",
                armored(
                    "TRUSTED CERTIFICATE",
                    &settings(&wrapped(tag::explicit(1), KEY)),
                ),
            ),
            (
                "after the settings",
                armored("TRUSTED CERTIFICATE", &[&settings(&[])[..], KEY].concat()),
            ),
        ] {
            assert!(has_key(&sections), "{place}: {sections:?}");
        }
    }

    #[test]
    fn what_nobody_knows_is_reported_once_in_a_row_and_hides_no_certificate() {
        let unknown = [0x30, 2, 5, 0].repeat(50);
        let bytes = [&root_der(0)[..], &unknown, &root_der(1)].concat();
        let sections = decode(&bytes, &DecodeOptions::default());
        let read: Vec<bool> = sections.iter().map(|one| one.content.is_ok()).collect();
        assert_eq!(read, [true, false, true]);
        assert_eq!(sections[1].position, Position::Byte(root_der(0).len()));
    }
}
