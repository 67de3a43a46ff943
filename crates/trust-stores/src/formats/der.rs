//! DER: one certificate, or several one after the other, in; and what else DER may be, for an error
//! that helps.

use super::{DecodedCertificate, Distrust, Position, Problem, Section, Sections};
use crate::asn1::{self, Element, tag};
use crate::cert::{Certificate, NotACertificate, Oid, certificate_length, oid};

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

/// The certificates in `bytes`, one after the other.
pub(super) fn decode(bytes: &[u8]) -> Vec<Section> {
    let mut sections = Sections::default();
    let mut offset = 0;
    while offset < bytes.len() {
        let rest = &bytes[offset..];
        let position = |length: usize| {
            if offset == 0 && length == bytes.len() {
                Position::Whole
            } else {
                Position::Byte(offset)
            }
        };
        let Some(length) = certificate_length(rest) else {
            // A line break after the DER is harmless; anything else is reported.
            if offset == 0 || !rest.trim_ascii().is_empty() {
                sections.push(Section::problem(position(rest.len()), classify(rest)));
            }
            break;
        };
        sections.push(Section {
            position: position(length),
            content: certificate(&rest[..length]).map(Into::into),
        });
        offset += length;
    }
    sections.into()
}

/// The certificate that `der` is, or what it is instead.
pub(super) fn certificate(der: &[u8]) -> Result<Certificate, Problem> {
    Certificate::from_der(der.to_vec()).map_err(|error| match error {
        NotACertificate::Malformed => classify(der),
        _ => error.into(),
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
        settings => distrust(settings)?,
    };
    Ok(DecodedCertificate {
        distrust,
        ..certificate(&der[..length])?.into()
    })
}

/// Why OpenSSL would not trust a certificate with these settings for a TLS server, as its `obj_trust`
/// decides: rejected by name, or trusted only for other uses.
fn distrust(settings: &[u8]) -> Result<Option<Distrust>, Problem> {
    let TrustSettings { trusted, rejected } = TrustSettings::read(settings).ok_or_else(|| {
        Problem::malformed("the trust settings after the certificate cannot be read")
    })?;
    Ok(if rejected.iter().any(is_for_servers) {
        Some(Distrust::RejectsServers)
    } else if leaves_out_servers(&trusted) {
        Some(Distrust::OtherUses)
    } else {
        None
    })
}

/// The uses that `X509_AUX` names.
#[derive(Default)]
struct TrustSettings<'a> {
    trusted: Vec<Oid<'a>>,
    rejected: Vec<Oid<'a>>,
}

impl<'a> TrustSettings<'a> {
    fn read(settings: &'a [u8]) -> Option<Self> {
        let mut uses = TrustSettings::default();
        for field in Element::whole(settings)?.sequence()? {
            let uses = match field.tag {
                tag::SEQUENCE => &mut uses.trusted,
                REJECTED => &mut uses.rejected,
                // An alias, a key identifier, other algorithms: nothing about TLS.
                _ => continue,
            };
            let identifiers = field.children()?;
            *uses = identifiers
                .iter()
                .map(Element::identifier)
                .collect::<Option<_>>()?;
        }
        Some(uses)
    }
}

const REJECTED: u8 = tag::explicit(0);

fn is_for_servers(usage: &Oid<'_>) -> bool {
    matches!(*usage, oid::SERVER_AUTH | oid::ANY_EXTENDED_KEY_USAGE)
}

/// Whether trust for only these `usages` excludes TLS servers. An empty list excludes nothing.
pub(super) fn leaves_out_servers(usages: &[Oid<'_>]) -> bool {
    !usages.is_empty() && !usages.iter().any(is_for_servers)
}

/// Whether `bytes` start as a SEQUENCE with fields in it, even if not all of it is there.
pub(super) fn is_sequence(bytes: &[u8]) -> bool {
    // Text can start with '0', which is the same byte: then no field follows.
    let first = asn1::within_sequence(bytes).and_then(<[u8]>::first);
    first.is_some_and(|field| {
        matches!(
            *field,
            tag::INTEGER | tag::OBJECT_IDENTIFIER | tag::SEQUENCE
        )
    })
}

/// What DER that is no certificate most likely is, by its first fields.
fn classify(der: &[u8]) -> Problem {
    let fields = Element::first(der).and_then(|(whole, _)| whole.sequence());
    let Some((first, rest)) = fields.as_deref().and_then(<[_]>::split_first) else {
        return Problem::hinted(
            "the DER is cut short or damaged: not an X.509 certificate",
            "copy it again from its source, a DER file in binary mode, and compare the size",
        );
    };
    let second = rest.first().map(|field| field.tag);
    match (first.tag, first.content, second) {
        (tag::INTEGER, [0 | 1], Some(tag::SEQUENCE)) => Problem::private_key("PKCS#8 DER"),
        (tag::INTEGER, [0], Some(tag::INTEGER)) => Problem::private_key("PKCS#1 DER"),
        (tag::INTEGER, [1], Some(tag::OCTET_STRING)) => Problem::private_key("SEC 1 DER"),
        (tag::SEQUENCE, _, Some(tag::OCTET_STRING)) => Problem::private_key("encrypted PKCS#8 DER"),
        (tag::INTEGER, [3], Some(tag::SEQUENCE)) => Problem::hinted(
            "found a PKCS#12 store in place of a certificate",
            "give the .p12 or .pfx file itself, not its text between PEM markers",
        ),
        _ if first.identifier() == Some(oid::SIGNED_DATA) => Problem::hinted(
            "found a PKCS#7 file in place of a certificate",
            "use the markers -----BEGIN PKCS7----- and -----END PKCS7-----",
        ),
        _ => Problem::hinted(
            "the DER is not an X.509 certificate",
            "export the CA certificate itself, not a request, a key or a revocation list",
        ),
    }
}
