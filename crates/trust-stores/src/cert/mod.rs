//! Certificates: parses DER or BER, and answers what the stores and the rules ask. Refuses what is not one whole
//! certificate. Signatures are not checked: a trust anchor is trusted because of who supplied it.

mod algorithm;
mod canonical;
mod encoding;
mod extensions;
pub(crate) mod fields;
mod key;
mod name;
#[cfg(feature = "mozilla")]
pub(crate) mod roots;
#[cfg(not(feature = "mozilla"))]
#[path = "no_roots.rs"]
mod roots;
mod shape;
mod span;
mod validity;

pub use crate::asn1::oid::{self, Oid};
pub use algorithm::{Hash, PssParameters, SignatureAlgorithm};
pub use canonical::{canonical_name, java_name};
pub(crate) use encoding::certificate_length;
pub use extensions::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, GeneralName, KeyUsage,
    NameConstraints, SubjectKeyIdentifier, Subtree,
};
pub use fields::Extension;
pub use key::{Curve, Key};
pub use name::{Name, NameHash, NameValue, has_plain_values};
pub(crate) use shape::has_outer_fields;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::io;
use std::mem;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::armor::write_armored;
use crate::asn1::{Element, Reader};
use crate::blocks::BlockWriter;
use crate::cert::encoding::{Encoding, Undone};
use crate::cert::extensions::Known;
use crate::cert::fields::{Fields, PublicKey};
use crate::cert::span::Span;
use crate::hex;
use crate::parse_error::ParseError;
use crate::time::Timestamp;

/// SHA-256 of some bytes; of a certificate's DER, its fingerprint.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
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

/// Byte by byte.
impl Ord for Fingerprint {
    fn cmp(&self, other: &Self) -> Ordering {
        compare_digests(&self.0, &other.0)
    }
}

impl PartialOrd for Fingerprint {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// What SHA-256 gave.
impl From<[u8; 32]> for Fingerprint {
    fn from(sha256: [u8; 32]) -> Self {
        Fingerprint(sha256)
    }
}

/// Takes 64 hex digits of either case, with or without colons, as every tool prints them.
impl FromStr for Fingerprint {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        const EXPECTED: &str = "expected a SHA-256: 64 hex digits, with or without colons";
        let bytes = hex::decode(text).and_then(|bytes| bytes.try_into().ok());
        bytes.map(Fingerprint).ok_or(ParseError(EXPECTED.into()))
    }
}

/// Lower-case hex without colons.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::with(self.0, |hex| f.pad(hex))
    }
}

/// As it is displayed.
impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        hex::with(self.0, |hex| serializer.serialize_str(hex))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A certificate. It has one constructor, so every value of this type has been parsed.
#[derive(Clone, Debug)]
pub struct Certificate {
    encoding: Encoding,
    fingerprint: Fingerprint,
    subject: Name,
    /// `None` if it equals the subject, as in every root.
    issuer: Option<Name>,
    version: u32,
    not_before: Timestamp,
    not_after: Timestamp,
    has_plain_times: bool,
    signature_algorithm: SignatureAlgorithm,
    known: Known,
    /// Where in the form with definite lengths each of these is.
    tbs: Span,
    serial: Span,
    subject_der: Span,
    public_key: Span,
    extensions: Span,
    signature: Span,
}

/// Why bytes are not one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotACertificate {
    /// They are neither DER nor BER, or not those of a certificate.
    Malformed,
    /// A certificate with something in it that clients do not read, or each in another way.
    Unreadable(&'static str),
    /// A certificate, and this many bytes after it.
    TrailingBytes(usize),
}

impl fmt::Display for NotACertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotACertificate::Malformed => f.write_str("the DER is not an X.509 certificate"),
            NotACertificate::Unreadable(reason) => {
                write!(f, "no client can use the certificate: {reason}")
            }
            NotACertificate::TrailingBytes(1) => f.write_str("1 byte follows the certificate"),
            NotACertificate::TrailingBytes(count) => {
                write!(f, "{count} bytes follow the certificate")
            }
        }
    }
}

impl std::error::Error for NotACertificate {}

impl Certificate {
    /// Parses `der`. Some CAs have written BER: that is read too, and kept as it is.
    ///
    /// # Errors
    ///
    /// [`NotACertificate`] if `der` is not a certificate, or anything follows it.
    pub fn from_der(der: impl Into<Cow<'static, [u8]>>) -> Result<Self, NotACertificate> {
        let der = der.into();
        let mut certificate = Certificate::read(&der)?;
        certificate.encoding.fill(der);
        Ok(certificate)
    }

    /// Like [`from_der`](Self::from_der), but takes `der` only if it is a certificate.
    pub(crate) fn take(der: &mut Vec<u8>) -> Result<Self, NotACertificate> {
        let mut certificate = Certificate::read(der)?;
        certificate.encoding.fill(mem::take(der).into());
        Ok(certificate)
    }

    /// The certificate that `der` is, whose bytes are not in it yet.
    fn read(der: &[u8]) -> Result<Self, NotACertificate> {
        let usual = Fields::first(der);
        let undone = match &usual {
            Some(fields) if !encoding::may_be_indefinite(fields) => None,
            _ => Undone::of(der),
        };
        if let Some(undone) = undone {
            let definite = undone.definite();
            let fields = Fields::first(definite).ok_or(NotACertificate::Malformed)?;
            check_end(der, undone.length)?;
            let mut certificate = Certificate::with(&fields, definite, Fingerprint::of(der));
            certificate.encoding = Encoding::ber(undone);
            return Ok(certificate);
        }
        let Some(fields) = &usual else {
            return Err(shape::complaint(der));
        };
        check_end(der, fields.whole.encoded.len())?;
        let fingerprint = Fingerprint::of(der);
        // Most certificates of an image are among them.
        if let Some(root) = roots::without_bytes(fingerprint) {
            return Ok(root.clone());
        }
        Ok(Certificate::with(fields, der, fingerprint))
    }

    /// From its fields in the form with `definite` lengths.
    fn with(fields: &Fields<'_>, definite: &[u8], fingerprint: Fingerprint) -> Self {
        let is_own_issuer = fields.subject.encoded == fields.issuer.encoded;
        let extensions = fields.extension_bytes();
        let times = fields.validity.fields::<2>();
        let span = |part| Span::of(part, definite);
        Certificate {
            encoding: Encoding::NONE,
            fingerprint,
            subject: Name::of(fields.subject),
            issuer: (!is_own_issuer).then(|| Name::of(fields.issuer)),
            version: fields.version_number,
            not_before: fields.not_before,
            not_after: fields.not_after,
            has_plain_times: times.is_some_and(|times| times.iter().all(validity::is_plain)),
            signature_algorithm: SignatureAlgorithm::of(fields.outer_algorithm),
            known: Known::of(definite, extensions),
            tbs: span(fields.tbs.encoded),
            serial: span(fields.serial.content),
            subject_der: span(fields.subject.encoded),
            public_key: span(fields.public_key.whole.encoded),
            extensions: span(extensions),
            signature: span(fields::bits(fields.signature)),
        }
    }

    /// The whole certificate as its source has it: in DER, or in [BER](Self::is_ber).
    pub fn der(&self) -> &[u8] {
        self.encoding.issued()
    }

    /// Whether it is in BER with what DER forbids: lengths that are not said at the start (indefinite ones),
    /// or strings in pieces. Clients differ in whether they read it and in what they verify its signature over.
    pub fn is_ber(&self) -> bool {
        matches!(self.encoding, Encoding::Ber(_))
    }

    /// Whether it is one of Mozilla's roots that are compiled in. What is asked of all others was asked of those
    /// beforehand, by tests.
    pub(crate) fn is_known_root(&self) -> bool {
        roots::without_bytes(self.fingerprint).is_some()
    }

    /// SHA-256 of [`der`](Self::der).
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The whole certificate in PEM, with its final newline.
    pub fn pem(&self) -> Vec<u8> {
        let mut pem = Vec::new();
        // Writing to a vector cannot fail.
        let _ = BlockWriter::write_to(&mut pem, |out| self.write_pem(out));
        pem
    }

    /// Writes what [`pem`](Self::pem) gives. The text is not kept: it goes into several files, but that of
    /// thousands of certificates is larger than they are.
    pub(crate) fn write_pem(&self, out: &mut BlockWriter<'_>) -> io::Result<()> {
        write_armored("CERTIFICATE", self.der(), out)
    }

    /// The subject's distinguished name.
    pub fn subject(&self) -> &Name {
        &self.subject
    }

    /// The last common name of the subject, unescaped.
    pub fn common_name(&self) -> Option<Cow<'_, str>> {
        name::last(
            Element::whole(self.subject_der.within(self.definite()))?,
            oid::COMMON_NAME,
        )
    }

    /// The subject in DER.
    pub fn subject_der(&self) -> &[u8] {
        self.subject_der.within(self.definite())
    }

    /// The issuer in DER.
    pub fn issuer_der(&self) -> &[u8] {
        let signed = Element::first(&self.definite()[self.tbs.start()..]);
        let fields = signed.and_then(|(signed, _)| fields::algorithm_and_issuer(signed));
        fields.map_or(&[], |[_, issuer]| issuer.encoded)
    }

    /// The unique identifiers and the extensions: what may follow the public key in what is signed, each in DER.
    pub(crate) fn optional_fields(&self) -> impl Iterator<Item = &[u8]> {
        let rest = self.definite().get(self.public_key.end()..self.tbs.end());
        Reader(rest.unwrap_or_default()).map(|field| field.encoded)
    }

    /// How many attributes the subject has.
    pub fn subject_attribute_count(&self) -> usize {
        Element::whole(self.subject_der()).map_or(0, name::attribute_count)
    }

    /// The values that the subject has of one kind, in their order.
    pub fn subject_values<'a>(&'a self, kind: Oid<'a>) -> impl Iterator<Item = NameValue<'a>> {
        let subject = Element::whole(self.subject_der());
        subject
            .into_iter()
            .flat_map(move |subject| name::values(subject, kind))
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
        self.serial.within(self.definite())
    }

    /// The first moment it is valid at.
    pub fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// The last moment it is valid at.
    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// Whether both times are in the forms of RFC 5280, section 4.1.2.5: with seconds, without a fraction, in
    /// UTC, on a day that is in the calendar.
    pub fn has_plain_times(&self) -> bool {
        self.has_plain_times
    }

    /// The public key.
    pub fn key(&self) -> Key<'_> {
        self.public_key()
            .map_or(Key::Other(Oid(&[])), |key| Key::of(&key))
    }

    /// The `SubjectPublicKeyInfo` in DER: equal for certificates of one key.
    pub fn public_key_info(&self) -> &[u8] {
        self.public_key.within(self.definite())
    }

    /// The bits of the public key: a point, or the DER of `RSAPublicKey`.
    pub fn public_key_bits(&self) -> &[u8] {
        self.public_key().map_or(&[], |key| fields::bits(key.key))
    }

    /// The parameters of the public key's algorithm in DER: a DSA key's group, for instance.
    pub fn public_key_parameters(&self) -> Option<&[u8]> {
        let (_, parameters) = fields::algorithm(self.public_key()?.algorithm)?;
        parameters.map(|parameters| parameters.encoded)
    }

    pub(crate) fn public_key(&self) -> Option<PublicKey<'_>> {
        PublicKey::of(Element::whole(self.public_key_info())?)
    }

    /// The part that the signature is over (`TBSCertificate`), as its source has it.
    pub fn tbs(&self) -> &[u8] {
        match &self.encoding {
            Encoding::Der(der) => self.tbs.within(der),
            Encoding::Ber(ber) => ber.tbs(),
        }
    }

    /// The algorithm that it is signed with.
    pub fn signature_algorithm(&self) -> SignatureAlgorithm {
        self.signature_algorithm
    }

    /// The `AlgorithmIdentifier` of its signature in DER, as it is within what is signed and as it is next
    /// to the signature. RFC 5280, section 4.1.1.2, requires that they are equal.
    pub fn signature_algorithms_der(&self) -> Option<[&[u8]; 2]> {
        let (signed, rest) = Element::first(&self.definite()[self.tbs.start()..])?;
        let [inner, _] = fields::algorithm_and_issuer(signed)?;
        let (outer, _) = Element::first(rest)?;
        Some([inner.encoded, outer.encoded])
    }

    /// Whether its signature is whole bytes, as that of every algorithm is.
    pub fn is_signature_whole_bytes(&self) -> bool {
        self.fields()
            .is_some_and(|fields| fields.signature.content.first() == Some(&0))
    }

    /// The bits of its signature.
    pub fn signature(&self) -> &[u8] {
        self.signature.within(self.definite())
    }

    /// The broken hash that it is signed with, if it is.
    pub fn weak_hash(&self) -> Option<Hash> {
        self.signature_algorithm
            .hash()
            .filter(|hash| hash.is_broken())
    }

    /// Whether it is its own issuer, judging by its names and key identifiers; its signature is not
    /// checked. The certificate of a CA's new key, signed with its old one, is not.
    pub fn is_self_signed(&self) -> bool {
        self.may_have_issued(self)
    }

    /// Whether it may be the issuer of `other`: the names agree, and the key identifiers where
    /// both have one. OpenSSL and the JVM look up issuers in this way.
    pub fn may_have_issued(&self, other: &Certificate) -> bool {
        let ([own, _], [_, wanted]) = (self.key_identifiers(), other.key_identifiers());
        other.issuer().hash() == self.subject.hash()
            && own.zip(wanted).is_none_or(|(own, wanted)| own == wanted)
    }

    /// Whether it is a CA's: basicConstraints says so or, before version 3 had extensions, it
    /// is self-signed (what OpenSSL's `check_ca` accepts).
    pub fn is_ca(&self) -> bool {
        match self.basic_constraints() {
            Some(constraints) => constraints.ca,
            None => self.version == 1 && self.is_self_signed(),
        }
    }

    /// Its fields as they are in its DER; those of a certificate in BER with definite lengths.
    pub(crate) fn fields(&self) -> Option<Fields<'_>> {
        Fields::first(self.definite())
    }

    /// Whether every JVM that reads it in DER reads it as it is.
    pub(crate) fn is_undone_by_java(&self) -> bool {
        self.encoding.is_undone_by_java()
    }

    fn definite(&self) -> &[u8] {
        self.encoding.definite()
    }
}

/// Whether nothing follows a certificate of this length.
fn check_end(der: &[u8], length: usize) -> Result<(), NotACertificate> {
    match der.len() - length {
        0 => Ok(()),
        more => Err(NotACertificate::TrailingBytes(more)),
    }
}

/// As `cmp` does, byte by byte. The first eight bytes decide nearly always, and are compared as one number.
fn compare_digests<const N: usize>(one: &[u8; N], other: &[u8; N]) -> Ordering {
    let head = |digest: &[u8; N]| digest.first_chunk().map(|head| u64::from_be_bytes(*head));
    head(one).cmp(&head(other)).then_with(|| one.cmp(other))
}
