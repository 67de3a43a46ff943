//! The forms that certificates come in and go out in, decode and encode side by side.
//!
//! [`decode`] tells the form by content, never by name, and loses nothing in silence: every
//! section that a file holds comes back as one [`Section`], a certificate or the problem with it.

mod alias;
mod der;
pub mod hashed_directory;
pub mod java;
mod jks;

mod password;
pub mod pem;
mod pkcs12;
mod pkcs7;
mod problem;
mod unrecognized;

use std::fmt;
use std::rc::Rc;

use ::der::asn1::{AnyRef, OctetStringRef};
use ::der::{Decode as _, Encode as _, Reader as _, SliceReader, Tag};

pub use self::password::Password;
pub use self::problem::{Hint, Problem};
use crate::asn1;
use crate::cert::Certificate;
use crate::escape::escape;

/// As much of an alias as is told. A store can have one for thousands of sections.
const LONGEST_ALIAS: usize = 64;

/// Where in a source something stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Position {
    /// It is the whole source.
    Whole,
    /// The line of its BEGIN marker, from 1.
    Line(usize),
    /// The offset of its first byte, in a source of several DER certificates.
    Byte(usize),
    /// Which of a container's entries it is, from 1.
    Entry(usize),
    /// The name of its entry in a keystore, as far as people read it.
    Alias(Rc<str>),
}

/// As it follows a file's name: `:12`, `@byte 1024`, `[2]`, `[alias]` or nothing. Escaped.
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Position::Whole => Ok(()),
            Position::Line(line) => write!(f, ":{line}"),
            Position::Byte(offset) => write!(f, "@byte {offset}"),
            Position::Entry(number) => write!(f, "[{number}]"),
            Position::Alias(alias) => write!(f, "[{}]", escape(alias)),
        }
    }
}

/// One section of a source: where it stands, and what it is.
#[derive(Debug)]
pub struct Section {
    /// Where in the source.
    pub position: Position,
    /// A certificate, or why it cannot be taken.
    pub content: Result<DecodedCertificate, Problem>,
}

impl Section {
    fn certificate(position: Position, certificate: Certificate) -> Self {
        let content = Ok(DecodedCertificate {
            certificate,
            distrust: None,
            trusted_by_java: true,
        });
        Section { position, content }
    }

    fn problem(position: Position, problem: Problem) -> Self {
        Section {
            position,
            content: Err(problem),
        }
    }
}

/// Why a source's own settings say not to trust a certificate for TLS servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distrust {
    /// The trust settings of an OpenSSL TRUSTED CERTIFICATE reject TLS servers.
    RejectsServers,
    /// The trust settings of an OpenSSL TRUSTED CERTIFICATE name only other uses.
    OtherUses,
    /// The trusted key usages of a PKCS#12 entry name only other uses.
    OtherUsesInStore,
}

impl fmt::Display for Distrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Distrust::RejectsServers => "its trust settings reject TLS servers",
            Distrust::OtherUses => "its trust settings name only uses other than TLS servers",
            Distrust::OtherUsesInStore => {
                "its store entry is trusted only for uses other than TLS servers"
            }
        })
    }
}

/// A certificate as it came out of a source.
#[derive(Debug)]
pub struct DecodedCertificate {
    /// The certificate.
    pub certificate: Certificate,
    /// Why the source itself says not to trust it for TLS servers, if it does.
    pub distrust: Option<Distrust>,
    /// Whether a JVM that reads the store takes it for trusted: in PKCS#12 an entry needs Java's mark
    /// (trustedKeyUsage, 2.16.840.1.113894.746875.1.1).
    pub trusted_by_java: bool,
}

/// What to do with a store's key entries, whose private keys are never decrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyEntries {
    /// Each is a [`Problem::PrivateKey`]: a trust store should not hold keys.
    #[default]
    Refuse,
    /// They are passed over, and their certificate chains are taken.
    Skip,
}

/// How to open protected stores.
#[derive(Clone, Debug, Default)]
pub struct DecodeOptions {
    /// The password of a PKCS#12 store or Java keystore. Without one, an encrypted PKCS#12 store is
    /// tried with the empty password and with `changeit`.
    pub password: Option<Password>,
    /// What to do with key entries of stores. A private key in PEM is always a problem.
    pub key_entries: KeyEntries,
}

/// A form that certificates come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceFormat {
    /// Text with BEGIN and END lines.
    Pem,
    /// Certificates in DER, one after the other.
    Der,
    /// PKCS#7, in DER or BER.
    Pkcs7,
    /// PKCS#12, in DER or BER.
    Pkcs12,
    /// A Java keystore, JKS or JCEKS.
    Jks,
}

impl fmt::Display for SourceFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SourceFormat::Pem => "PEM file",
            SourceFormat::Der => "DER file",
            SourceFormat::Pkcs7 => "PKCS#7 file",
            SourceFormat::Pkcs12 => "PKCS#12 store",
            SourceFormat::Jks => "Java keystore",
        })
    }
}

impl SourceFormat {
    /// The form of `bytes`, told by content. What is none of the others is taken for PEM.
    pub fn detect(bytes: &[u8]) -> Self {
        // Binary first: a subject inside it may hold anything, PEM markers too.
        if jks::is_keystore(bytes) {
            return SourceFormat::Jks;
        }
        match der::container(bytes) {
            Some(der::Container::Pkcs7) => SourceFormat::Pkcs7,
            Some(der::Container::Pkcs12) => SourceFormat::Pkcs12,
            None if der::is_sequence(bytes) => SourceFormat::Der,
            None => SourceFormat::Pem,
        }
    }
}

/// Whether `bytes` is a PKCS#12 store whose certificates nobody sees without its password.
pub fn is_encrypted(bytes: &[u8]) -> bool {
    SourceFormat::detect(bytes) == SourceFormat::Pkcs12 && pkcs12::is_encrypted(bytes)
}

/// Everything that `bytes` holds, a [`Section`] for each section; at least one.
pub fn decode(bytes: &[u8], unlock: &DecodeOptions) -> Vec<Section> {
    decode_as(SourceFormat::detect(bytes), bytes, unlock)
}

/// The same, of bytes whose form is known.
pub fn decode_as(form: SourceFormat, bytes: &[u8], unlock: &DecodeOptions) -> Vec<Section> {
    match form {
        SourceFormat::Jks => jks::decode(bytes, unlock),
        SourceFormat::Pkcs7 => with_rest(pkcs7::decode(bytes), bytes, asn1::behind(bytes)),
        SourceFormat::Pkcs12 => {
            with_rest(pkcs12::decode(bytes, unlock), bytes, asn1::behind(bytes))
        }
        SourceFormat::Der => der::decode(bytes),
        SourceFormat::Pem => {
            let text = pem::as_ascii(bytes);
            let found = pem::decode(&text);
            if found.is_empty() {
                return vec![Section::problem(
                    Position::Whole,
                    unrecognized::identify(bytes, &text),
                )];
            }
            found
        }
    }
}

/// What a container held, and a problem if anything but blanks follows it in its file: nothing
/// behind it has been looked at.
fn with_rest(mut found: Vec<Section>, whole: &[u8], rest: &[u8]) -> Vec<Section> {
    let is_blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0;
    if !rest.iter().all(is_blank) {
        let place = Position::Byte(whole.len() - rest.len());
        let problem = Problem::hinted(
            "something follows the end of the store: another store, a certificate or a key",
            "give each store a file of its own",
        );
        found.push(Section::problem(place, problem));
    }
    found
}

/// The elements of a SEQUENCE.
fn children(sequence: AnyRef<'_>) -> ::der::Result<Vec<AnyRef<'_>>> {
    if ::der::Tagged::tag(&sequence) != Tag::Sequence {
        return Err(Tag::Sequence.value_error().into());
    }
    elements(sequence.value())
}

/// The elements that stand one after the other in `content`.
fn elements(content: &[u8]) -> ::der::Result<Vec<AnyRef<'_>>> {
    let mut reader = SliceReader::new(content)?;
    let mut elements = Vec::new();
    while !reader.is_finished() {
        elements.push(AnyRef::decode(&mut reader)?);
    }
    Ok(elements)
}

/// The content of an OCTET STRING.
fn octets(any: AnyRef<'_>) -> ::der::Result<&[u8]> {
    any.decode_as::<&OctetStringRef>()
        .map(OctetStringRef::as_bytes)
}

/// An element with its header.
fn encoded(any: AnyRef<'_>) -> ::der::Result<Vec<u8>> {
    any.to_der()
}
