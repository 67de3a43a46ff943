//! A certificate: DER in, and what the stores and the rules ask of it out. Refuses DER that is
//! not one whole certificate. Signatures are not checked: the customer vouches for these files.

mod extensions;
mod key;
pub mod name;
mod signature;

pub use extensions::{BasicConstraints, Extensions, KeyIdentifier, KeyUsage};
pub use key::Key;
pub use signature::WeakHash;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};
use x509_parser::certificate::{X509Certificate, X509CertificateParser};
use x509_parser::nom::Parser as _;

use crate::cert::name::Name;
use crate::formats::pem::text;
use crate::time::Moment;

/// SHA-256 of some bytes; of a certificate's DER, its fingerprint.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// SHA-256 of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Fingerprint(Sha256::digest(bytes).into())
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Takes 64 hex digits of either case, with or without colons, as every tool prints them.
impl FromStr for Fingerprint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b':').collect();
        let (pairs, rest) = digits.as_chunks::<2>();
        let bytes: Option<Vec<u8>> = pairs
            .iter()
            .map(|pair| {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                u8::try_from(digit(pair[0])? << 4 | digit(pair[1])?).ok()
            })
            .collect();
        bytes
            .filter(|_| rest.is_empty())
            .and_then(|bytes| bytes.try_into().ok())
            .map(Fingerprint)
            .ok_or_else(|| {
                String::from("expected a SHA-256: 64 hex digits, with or without colons")
            })
    }
}

/// Lower-case hex without colons.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hex(&self.0))
    }
}

/// As it is displayed.
impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex(&self.0))
    }
}

/// `bytes` in lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    hex_in_steps(bytes, 2)
}

/// The same with a colon between two bytes.
pub(crate) fn hex_with_colons(bytes: &[u8]) -> String {
    let mut hex = hex_in_steps(bytes, 3);
    hex.pop();
    hex
}

/// Two digits for each byte, `step` apart, and colons between them. A build writes thousands of them:
/// not by `{:02x}`, nor by closures, which a small program calls one by one.
fn hex_in_steps(bytes: &[u8], step: usize) -> String {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    let mut hex = vec![b':'; bytes.len() * step];
    let mut at = 0;
    for byte in bytes {
        hex[at] = DIGITS[usize::from(byte >> 4)];
        hex[at + 1] = DIGITS[usize::from(byte & 15)];
        at += step;
    }
    String::from_utf8(hex).unwrap_or_default()
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A certificate. It has one constructor, so what is here was parsed.
#[derive(Clone, Debug)]
pub struct Certificate {
    der: Cow<'static, [u8]>,
    fingerprint: Fingerprint,
    subject: Name,
    /// `None` where it is the subject, as in every root.
    issuer: Option<Name>,
    version: u32,
    serial: Range<usize>,
    not_before: Moment,
    not_after: Moment,
    /// Its `SubjectPublicKeyInfo`.
    public_key: Range<usize>,
    weak_hash: Option<WeakHash>,
    extensions: Extensions,
    /// Made when first asked for: the same text stands in up to four files.
    pem: OnceLock<Arc<Vec<u8>>>,
}

/// Why DER is not a certificate, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotACertificate(pub String);

impl Certificate {
    /// Parses `der`, which must be one certificate and nothing else.
    pub fn from_der(der: impl Into<Cow<'static, [u8]>>) -> Result<Self, NotACertificate> {
        let der = der.into();
        let (rest, certificate) = parse(&der)?;
        if !rest.is_empty() {
            let message = format!("{} bytes follow the certificate", rest.len());
            return Err(NotACertificate(message));
        }
        let (subject, issuer) = (certificate.subject(), certificate.issuer());
        let validity = certificate.validity();
        Ok(Certificate {
            fingerprint: Fingerprint::of(&der),
            subject: Name::new(subject),
            issuer: (subject.as_raw() != issuer.as_raw()).then(|| Name::new(issuer)),
            version: certificate.version().0.saturating_add(1),
            serial: range_within(&der, certificate.raw_serial()),
            not_before: Moment::from_unix(validity.not_before.timestamp()),
            not_after: Moment::from_unix(validity.not_after.timestamp()),
            public_key: range_within(&der, certificate.public_key().raw),
            weak_hash: WeakHash::of(certificate.signature_algorithm.algorithm.as_bytes()),
            extensions: Extensions::of(&certificate, &der),
            pem: OnceLock::new(),
            der,
        })
    }

    /// The whole certificate in DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// SHA-256 of the DER.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The whole certificate in PEM, with its final newline.
    pub fn pem(&self) -> &Arc<Vec<u8>> {
        self.pem
            .get_or_init(|| text::encode("CERTIFICATE", &self.der).into())
    }

    /// The subject's distinguished name.
    pub fn subject(&self) -> &Name {
        &self.subject
    }

    /// The issuer's distinguished name.
    pub fn issuer(&self) -> &Name {
        self.issuer.as_ref().unwrap_or(&self.subject)
    }

    /// The version as people count it: 1, 2 or 3.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The serial number, big-endian, as the DER has it.
    pub fn serial(&self) -> &[u8] {
        &self.der[self.serial.clone()]
    }

    /// The first moment it is valid at.
    pub fn not_before(&self) -> Moment {
        self.not_before
    }

    /// The last moment it is valid at.
    pub fn not_after(&self) -> Moment {
        self.not_after
    }

    /// The public key.
    pub fn key(&self) -> Key {
        Key::of(self.public_key_info())
    }

    /// The `SubjectPublicKeyInfo` in DER: equal for certificates of one key.
    pub fn public_key_info(&self) -> &[u8] {
        &self.der[self.public_key.clone()]
    }

    /// The broken hash that it is signed with, if it is.
    pub fn weak_hash(&self) -> Option<WeakHash> {
        self.weak_hash
    }

    /// Its extensions.
    pub fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// Whether it carries a subjectKeyIdentifier (RFC 5280, section 4.2.1.2).
    pub fn has_subject_key_identifier(&self) -> bool {
        self.extensions.subject_key_identifier.is_some()
    }

    fn identifier(&self, identifier: Option<&KeyIdentifier>) -> Option<&[u8]> {
        let range = identifier?.bytes.clone()?;
        self.der.get(range)
    }

    /// Whether it vouches for itself, by its names and key identifiers; its signature is not
    /// checked. The certificate of a CA's new key signed with its old one does not.
    pub fn is_self_signed(&self) -> bool {
        self.may_have_issued(self)
    }

    /// Whether it may be the issuer of `other`: the names agree, and the key identifiers where
    /// both have one. OpenSSL and the JVM look issuers up in this way.
    pub fn may_have_issued(&self, other: &Certificate) -> bool {
        let mine = self.identifier(self.extensions.subject_key_identifier.as_ref());
        let wanted = other.identifier(other.extensions.authority_key_identifier.as_ref());
        other.issuer().hash() == self.subject.hash()
            && match (mine, wanted) {
                (Some(mine), Some(wanted)) => mine == wanted,
                _ => true,
            }
    }

    /// Whether it is a CA's: basicConstraints says so or, before version 3 had extensions, it
    /// vouches for itself (what OpenSSL's `check_ca` takes).
    pub fn is_ca(&self) -> bool {
        match self.extensions.basic_constraints {
            Some(constraints) => constraints.ca,
            None => self.version == 1 && self.is_self_signed(),
        }
    }
}

/// How many bytes of `der` its leading certificate takes.
pub(crate) fn certificate_length(der: &[u8]) -> Result<usize, NotACertificate> {
    parse(der).map(|(rest, _)| der.len() - rest.len())
}

fn parse(der: &[u8]) -> Result<(&[u8], X509Certificate<'_>), NotACertificate> {
    // Extensions stay unparsed here: a rule that needs one looks at that one.
    X509CertificateParser::new()
        .with_deep_parse_extensions(false)
        .parse(der)
        .map_err(|_| NotACertificate(String::from("the DER is not an X.509 certificate")))
}

/// Where `part`, a slice of `whole`, lies in it.
fn range_within(whole: &[u8], part: &[u8]) -> Range<usize> {
    let start = (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize);
    start..start + part.len()
}
