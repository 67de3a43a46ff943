//! The extensions that rules ask about (RFC 5280, section 4.2.1). One that cannot be read counts
//! as absent here, but for keyUsage: whether it stops a client is for [`crate::strictness`] to say.

use std::ops::Range;

use der::asn1::{AnyRef, BitStringRef, OctetStringRef, UintRef};
use der::{Decode, Reader as _, Tag, Tagged as _};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::X509Extension;

use super::range_within;

/// What the extensions of one certificate say.
#[derive(Clone, Debug, Default)]
pub struct Extensions {
    /// How many there are.
    pub count: usize,
    /// Whether it is a CA's (4.2.1.9).
    pub basic_constraints: Option<BasicConstraints>,
    /// What its key may be used for (4.2.1.3).
    pub key_usage: Option<KeyUsage>,
    /// Which key it is (4.2.1.2).
    pub subject_key_identifier: Option<KeyIdentifier>,
    /// Which key signed it (4.2.1.1); the `keyIdentifier` field alone.
    pub authority_key_identifier: Option<KeyIdentifier>,
    /// Whether there is a subjectAltName without a name in it; 4.2.1.6 wants one at least.
    pub empty_subject_alternative_name: bool,
}

/// basicConstraints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BasicConstraints {
    /// Whether the extension is marked critical.
    pub critical: bool,
    /// The `cA` field.
    pub ca: bool,
    /// Whether a `pathLenConstraint` is there.
    pub has_path_length: bool,
}

/// keyUsage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUsage {
    /// `keyCertSign`, bit 5.
    pub cert_sign: bool,
    /// `cRLSign`, bit 6.
    pub crl_sign: bool,
}

/// A key identifier: where its bytes lie in the certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyIdentifier {
    /// Whether the extension is marked critical.
    pub critical: bool,
    pub(super) bytes: Option<Range<usize>>,
}

const SUBJECT_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 0x0e];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
const SUBJECT_ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 0x11];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const EMPTY_SEQUENCE: &[u8] = &[0x30, 0];
const AUTHORITY_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 0x23];

impl Extensions {
    pub(super) fn of(certificate: &X509Certificate<'_>, der: &[u8]) -> Self {
        let mut found = Extensions::default();
        for extension in certificate.extensions() {
            found.count += 1;
            let X509Extension {
                critical, value, ..
            } = *extension;
            match extension.oid.as_bytes() {
                BASIC_CONSTRAINTS => found.basic_constraints = basic_constraints(value, critical),
                KEY_USAGE => found.key_usage = Some(key_usage(value)),
                SUBJECT_KEY_IDENTIFIER => {
                    let bytes = <&OctetStringRef>::from_der(value).ok();
                    found.subject_key_identifier = Some(KeyIdentifier {
                        critical,
                        bytes: bytes.map(|octets| range_within(der, octets.as_bytes())),
                    });
                }
                AUTHORITY_KEY_IDENTIFIER => {
                    found.authority_key_identifier = Some(KeyIdentifier {
                        critical,
                        bytes: authority_key_identifier(value)
                            .map(|bytes| range_within(der, bytes)),
                    });
                }
                SUBJECT_ALTERNATIVE_NAME => {
                    found.empty_subject_alternative_name = value == EMPTY_SEQUENCE;
                }
                _ => {}
            }
        }
        found
    }
}

fn basic_constraints(value: &[u8], critical: bool) -> Option<BasicConstraints> {
    let read = AnyRef::from_der(value)
        .ok()?
        .sequence(|fields| -> der::Result<_> {
            let ca = Option::<bool>::decode(fields)?.unwrap_or(false);
            let has_path_length = !fields.is_finished();
            if has_path_length {
                // Below 0 is an error.
                UintRef::decode(fields)?;
            }
            Ok((ca, has_path_length))
        });
    let (ca, has_path_length) = read.ok()?;
    Some(BasicConstraints {
        critical,
        ca,
        has_path_length,
    })
}

/// Clients that cannot read it allow the key nothing.
fn key_usage(value: &[u8]) -> KeyUsage {
    let bits = BitStringRef::from_der(value).ok();
    let first = bits.and_then(|bits| bits.raw_bytes().first().copied());
    let first = first.unwrap_or_default();
    KeyUsage {
        cert_sign: first & 0b0000_0100 != 0,
        crl_sign: first & 0b0000_0010 != 0,
    }
}

/// `[0] IMPLICIT keyIdentifier` of `AuthorityKeyIdentifier`.
fn authority_key_identifier(value: &[u8]) -> Option<&[u8]> {
    let sequence = AnyRef::from_der(value)
        .ok()
        .filter(|any| any.tag() == Tag::Sequence)?;
    let first = der::SliceReader::new(sequence.value())
        .and_then(|mut reader| AnyRef::decode(&mut reader))
        .ok()?;
    let tag = first.tag();
    (tag.is_context_specific() && tag.number().value() == 0).then_some(first.value())
}
