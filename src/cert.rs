//! A certificate: DER in, and what the stores and the rules ask of it out. Refuses DER that is
//! not one whole certificate. Signatures are not checked: the customer vouches for these files.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::fmt;
use std::ops::Range;
use std::rc::Rc;

use sha2::{Digest, Sha256};
use x509_parser::certificate::{X509Certificate, X509CertificateParser};
use x509_parser::nom::Parser as _;

use crate::formats::name::{self, Name};
use crate::formats::pem::text;
use crate::moment::Moment;

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

/// Lower-case hex without colons.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hex(&self.0, ""))
    }
}

/// `bytes` in lower-case hex with `separator` between them.
pub(crate) fn hex(bytes: &[u8], separator: &str) -> String {
    // Not by `{:02x}`: a build writes thousands of these bytes.
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    let mut hex = String::with_capacity(bytes.len() * (2 + separator.len()));
    for (index, byte) in bytes.iter().enumerate() {
        if index > 0 {
            hex.push_str(separator);
        }
        hex.push(DIGITS[usize::from(byte >> 4)]);
        hex.push(DIGITS[usize::from(byte & 15)]);
    }
    hex
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
    issuer: Option<String>,
    serial: Range<usize>,
    not_before: Moment,
    not_after: Moment,
    has_subject_key_identifier: bool,
    /// Made when first asked for: the same text stands in up to four files.
    pem: OnceCell<Rc<Vec<u8>>>,
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
            issuer: (subject.as_raw() != issuer.as_raw()).then(|| name::text(issuer)),
            serial: range_within(&der, certificate.raw_serial()),
            not_before: Moment::from_unix(validity.not_before.timestamp()),
            not_after: Moment::from_unix(validity.not_after.timestamp()),
            has_subject_key_identifier: certificate
                .extensions()
                .iter()
                .any(|extension| extension.oid.as_bytes() == SUBJECT_KEY_IDENTIFIER),
            pem: OnceCell::new(),
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
    pub fn pem(&self) -> &Rc<Vec<u8>> {
        self.pem.get_or_init(|| text::encode_der(&self.der).into())
    }

    /// The subject's distinguished name.
    pub fn subject(&self) -> &Name {
        &self.subject
    }

    /// The issuer's distinguished name as text.
    pub fn issuer(&self) -> &str {
        self.issuer.as_deref().unwrap_or(self.subject.as_str())
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

    /// Whether it carries a subjectKeyIdentifier extension (RFC 5280, section 4.2.1.2).
    pub fn has_subject_key_identifier(&self) -> bool {
        self.has_subject_key_identifier
    }
}

/// 2.5.29.14 as DER content.
const SUBJECT_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 0x0e];

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
