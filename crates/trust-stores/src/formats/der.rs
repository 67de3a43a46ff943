//! DER: one certificate, or several one after the other, in; and names for what else it may be.

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode as _, Header, Reader as _, SliceReader, Tag, Tagged as _};

use super::{DecodedCertificate, Distrust, Position, Problem, Section, pkcs7};
use crate::asn1;
use crate::cert::{Certificate, NotACertificate, certificate_length};

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

/// The certificates that stand in `bytes` one after the other.
pub(super) fn decode(bytes: &[u8]) -> Vec<Section> {
    let mut found = Vec::new();
    let mut offset = 0;
    while offset < bytes.len() {
        let rest = &bytes[offset..];
        let place = |length: usize| {
            if offset == 0 && length == bytes.len() {
                Position::Whole
            } else {
                Position::Byte(offset)
            }
        };
        let Some(length) = certificate_length(rest) else {
            // A line break after the DER is harmless; what else follows is told.
            if offset == 0 || !rest.trim_ascii().is_empty() {
                found.push(Section::problem(place(rest.len()), classify(rest)));
            }
            break;
        };
        found.push(match certificate(&rest[..length]) {
            Ok(certificate) => Section::certificate(place(length), certificate),
            Err(problem) => Section::problem(place(length), problem),
        });
        offset += length;
    }
    found
}

/// The certificate that `der` is, or what it is instead.
pub(super) fn certificate(der: &[u8]) -> Result<Certificate, Problem> {
    Certificate::from_der(der.to_vec()).map_err(|error| match error {
        NotACertificate::TrailingBytes(_) => Problem::malformed(error.to_string()),
        NotACertificate::Malformed => classify(der),
    })
}

/// OpenSSL's TRUSTED CERTIFICATE: a certificate, then what it is trusted for (`X509_AUX` of
/// `crypto/x509/x_x509a.c`). The second part is read and left off.
pub(super) fn trusted_certificate(der: &[u8]) -> Result<DecodedCertificate, Problem> {
    let Some(length) = certificate_length(der) else {
        return Err(classify(der));
    };
    let distrust = match &der[length..] {
        [] => None,
        settings => distrust(settings).map_err(|_| {
            Problem::malformed("the trust settings behind the certificate cannot be read")
        })?,
    };
    Ok(DecodedCertificate {
        certificate: certificate(&der[..length])?,
        distrust,
        trusted_by_java: true,
    })
}

const SERVER_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");
const ANY_EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37.0");

/// Why OpenSSL would not trust a certificate with these settings for a TLS server, as its
/// `obj_trust` decides: rejected by name, or trusted for other uses alone.
fn distrust(settings: &[u8]) -> der::Result<Option<Distrust>> {
    let mut trusted: Vec<ObjectIdentifier> = Vec::new();
    let mut rejected: Vec<ObjectIdentifier> = Vec::new();
    AnyRef::from_der(settings)?.sequence(|fields| -> der::Result<()> {
        while !fields.is_finished() {
            let field = AnyRef::decode(fields)?;
            match field.tag() {
                Tag::Sequence => trusted = object_identifiers(field.value())?,
                tag if tag.number().value() == 0 && tag.is_context_specific() => {
                    rejected = object_identifiers(field.value())?;
                }
                // An alias, a key identifier, other algorithms: nothing about TLS.
                _ => {}
            }
        }
        Ok(())
    })?;
    Ok(if rejected.iter().any(is_for_servers) {
        Some(Distrust::RejectsServers)
    } else if distrusts(&trusted) {
        Some(Distrust::OtherUses)
    } else {
        None
    })
}

fn is_for_servers(usage: &ObjectIdentifier) -> bool {
    *usage == SERVER_AUTH || *usage == ANY_EXTENDED_KEY_USAGE
}

/// Whether trust for `usages` alone leaves out TLS servers. Trust for none in particular does not.
pub(super) fn distrusts(usages: &[ObjectIdentifier]) -> bool {
    !usages.is_empty() && !usages.iter().any(is_for_servers)
}

fn object_identifiers(bytes: &[u8]) -> der::Result<Vec<ObjectIdentifier>> {
    let mut reader = SliceReader::new(bytes)?;
    let mut found = Vec::new();
    while !reader.is_finished() {
        found.push(ObjectIdentifier::decode(&mut reader)?);
    }
    Ok(found)
}

/// A SEQUENCE whose header is sound; whether all of it is there is another matter.
pub(super) fn is_sequence(bytes: &[u8]) -> bool {
    if bytes.first() != Some(&0x30) {
        return false;
    }
    let Ok(mut reader) = SliceReader::new(bytes) else {
        return false;
    };
    let Ok(header) = Header::decode(&mut reader) else {
        return false;
    };
    // Text can start with '0' too: then the length is nonsense and no field starts well.
    usize::try_from(header.length()).is_ok_and(|length| length >= 2)
        && reader
            .peek_byte()
            .is_some_and(|byte| matches!(byte, 0x02 | 0x06 | 0x30))
}

/// What DER that is no certificate most likely is, told by its first fields.
fn classify(der: &[u8]) -> Problem {
    let broken = || {
        Problem::hinted(
            "the DER is cut short or damaged: not an X.509 certificate",
            "copy it again from its source, a DER file in binary mode, and compare the size",
        )
    };
    let Ok(whole) = SliceReader::new(der).and_then(|mut reader| AnyRef::decode(&mut reader)) else {
        return broken();
    };
    let fields = whole.sequence(|reader| -> der::Result<_> {
        let first = AnyRef::decode(reader)?;
        let second = if reader.is_finished() {
            None
        } else {
            Some(AnyRef::decode(reader)?)
        };
        // The rest does not matter here.
        reader.read_slice(reader.remaining_len())?;
        Ok((first, second))
    });
    let Ok((first, second)) = fields else {
        return broken();
    };
    let key = |kind: &str| Problem::private_key(kind);
    match (first.tag(), first.value(), second.map(|any| any.tag())) {
        (Tag::Integer, [0 | 1], Some(Tag::Sequence)) => key("PKCS#8 DER"),
        (Tag::Integer, [0], Some(Tag::Integer)) => key("PKCS#1 DER"),
        (Tag::Integer, [1], Some(Tag::OctetString)) => key("SEC 1 DER"),
        (Tag::Sequence, _, Some(Tag::OctetString)) => key("encrypted PKCS#8 DER"),
        (Tag::Integer, [3], Some(Tag::Sequence)) => Problem::hinted(
            "a PKCS#12 store where a certificate should stand",
            "give the .p12 or .pfx file itself, not its text between PEM markers",
        ),
        (Tag::ObjectIdentifier, _, _) if first.decode_as() == Ok(pkcs7::SIGNED_DATA) => {
            Problem::hinted(
                "a PKCS#7 file where a certificate should stand",
                "its markers are -----BEGIN PKCS7----- and -----END PKCS7-----",
            )
        }
        _ => Problem::hinted(
            "the DER is not an X.509 certificate",
            "export the CA's certificate itself, not a request, a key or a revocation list",
        ),
    }
}
