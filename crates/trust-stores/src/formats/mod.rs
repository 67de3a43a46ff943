//! The forms that certificates come in and go out in, decode and encode side by side.
//!
//! [`decode`] tells the form by content, never by name, and loses nothing in silence: every
//! section that a file holds comes back as one [`Found`], a certificate or the problem with it.

mod alias;
mod der;
pub mod hashdir;
pub mod java;
mod jks;

pub mod password;
pub mod pem;
mod pkcs12;
mod pkcs7;
mod unknown;

use std::fmt;
use std::rc::Rc;

use ::der::asn1::{AnyRef, OctetStringRef};
use ::der::{Decode as _, Encode as _, Reader as _, SliceReader, Tag};

use self::password::Password;
use crate::asn1;
use crate::cert::Certificate;
use crate::escape::escape;

/// As much of an alias as is told. A store can have one for thousands of sections.
const LONGEST_ALIAS: usize = 64;

/// Where in a source something stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
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
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Whole => Ok(()),
            Place::Line(line) => write!(f, ":{line}"),
            Place::Byte(offset) => write!(f, "@byte {offset}"),
            Place::Entry(number) => write!(f, "[{number}]"),
            Place::Alias(alias) => write!(f, "[{}]", escape(alias)),
        }
    }
}

/// One section of a source: where it stands, and what it is.
#[derive(Debug)]
pub struct Found {
    /// Where in the source.
    pub place: Place,
    /// A certificate, or why it cannot be taken.
    pub content: Result<Taken, Problem>,
}

impl Found {
    fn certificate(place: Place, certificate: Certificate) -> Self {
        let content = Ok(Taken {
            certificate,
            distrust: None,
            is_marked: true,
        });
        Found { place, content }
    }

    fn problem(place: Place, problem: Problem) -> Self {
        Found {
            place,
            content: Err(problem),
        }
    }
}

/// A certificate as it came out of a source.
#[derive(Debug)]
pub struct Taken {
    /// The certificate.
    pub certificate: Certificate,
    /// In words, why the source itself says not to trust it for TLS servers, if it does.
    pub distrust: Option<String>,
    /// Whether a JVM that reads the store takes it for trusted: in PKCS#12 an entry needs Java's mark
    /// (trustedKeyUsage, 2.16.840.1.113894.746875.1.1).
    pub is_marked: bool,
}

/// Why a section is no certificate. No byte of a private key is ever in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It cannot be read as a certificate.
    Malformed {
        /// What is wrong with it.
        message: String,
        /// What to do about it, where that is known.
        hint: Option<&'static str>,
    },
    /// It is a private key, or a secret one.
    PrivateKey {
        /// Its PEM label, the form of its DER, or the store that has it.
        kind: String,
        /// What to do about it.
        hint: &'static str,
    },
}

impl Problem {
    /// A private key in PEM or DER.
    fn private_key(kind: impl Into<String>) -> Self {
        Problem::PrivateKey {
            kind: kind.into(),
            hint: "take it out, and hold the key compromised if this file was shared; a trust \
                   store needs the CA's certificates alone",
        }
    }

    /// A key in a store, which has certificates too.
    fn key_entry(kind: &str) -> Self {
        Problem::PrivateKey {
            kind: kind.to_owned(),
            hint: "export a store without keys; or take its certificates alone with \
                   --certificates-only, and hold the key compromised if this file was shared",
        }
    }

    fn revocation_list() -> Self {
        Problem::hinted(
            "a revocation list (CRL), not a certificate",
            "a bundle of trust anchors holds certificates alone: take it out",
        )
    }

    fn malformed(message: impl Into<String>) -> Self {
        Problem::Malformed {
            message: message.into(),
            hint: None,
        }
    }

    fn hinted(message: impl Into<String>, hint: &'static str) -> Self {
        Problem::Malformed {
            message: message.into(),
            hint: Some(hint),
        }
    }
}

/// What it takes to open protected stores.
#[derive(Clone, Debug, Default)]
pub struct Unlock {
    /// Their password, where one was given.
    pub password: Option<Password>,
    /// Whether keys in a store are passed over. In PEM they never are.
    pub certificates_only: bool,
}

/// A form that certificates come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
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

impl Form {
    /// The form of `bytes`, told by content. What is none of the others is taken for PEM.
    pub fn of(bytes: &[u8]) -> Self {
        // Binary first: a subject inside it may hold anything, PEM markers too.
        if jks::is_keystore(bytes) {
            return Form::Jks;
        }
        match der::container(bytes) {
            Some(der::Container::Pkcs7) => Form::Pkcs7,
            Some(der::Container::Pkcs12) => Form::Pkcs12,
            None if der::is_sequence(bytes) => Form::Der,
            None => Form::Pem,
        }
    }
}

/// Whether `bytes` is a PKCS#12 store whose certificates nobody sees without its password.
pub fn is_encrypted(bytes: &[u8]) -> bool {
    Form::of(bytes) == Form::Pkcs12 && pkcs12::is_encrypted(bytes)
}

/// Everything that `bytes` holds, a [`Found`] for each section; at least one.
pub fn decode(bytes: &[u8], unlock: &Unlock) -> Vec<Found> {
    decode_as(Form::of(bytes), bytes, unlock)
}

/// The same, of bytes whose form is known.
pub fn decode_as(form: Form, bytes: &[u8], unlock: &Unlock) -> Vec<Found> {
    match form {
        Form::Jks => jks::decode(bytes, unlock),
        Form::Pkcs7 => with_rest(pkcs7::decode(bytes), bytes, asn1::behind(bytes)),
        Form::Pkcs12 => with_rest(pkcs12::decode(bytes, unlock), bytes, asn1::behind(bytes)),
        Form::Der => der::decode(bytes),
        Form::Pem => {
            let text = pem::as_ascii(bytes);
            let found = pem::decode(&text);
            if found.is_empty() {
                return vec![Found::problem(
                    Place::Whole,
                    unknown::what_it_is(bytes, &text),
                )];
            }
            found
        }
    }
}

/// What a container held, and a problem if anything but blanks follows it in its file: nothing
/// behind it has been looked at.
fn with_rest(mut found: Vec<Found>, whole: &[u8], rest: &[u8]) -> Vec<Found> {
    let is_blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0;
    if !rest.iter().all(is_blank) {
        let place = Place::Byte(whole.len() - rest.len());
        let problem = Problem::hinted(
            "something follows the end of the store: another store, a certificate or a key",
            "give each store a file of its own",
        );
        found.push(Found::problem(place, problem));
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
