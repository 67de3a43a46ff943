//! The forms that certificates come in and go out in, decode and encode side by side.
//!
//! [`decode`] tells the form by content, never by name, and loses nothing in silence: every
//! section that a file holds comes back as one [`Found`], a certificate or the problem with it.

mod alias;
mod der;
pub mod hashdir;
pub mod java;
mod jks;
pub mod name;
pub mod password;
pub mod pem;
mod pkcs12;

use std::fmt;

use crate::cert::Certificate;

/// Where in a source something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// It is the whole source.
    Whole,
    /// The line of its BEGIN marker, from 1.
    Line(usize),
    /// The offset of its first byte, in a source of several DER certificates.
    Byte(usize),
}

/// As it follows a file's name: `:12`, `@byte 1024` or nothing.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Whole => Ok(()),
            Place::Line(line) => write!(f, ":{line}"),
            Place::Byte(offset) => write!(f, "@byte {offset}"),
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
    /// It is a private key; `kind` is its PEM label or the form of its DER.
    PrivateKey {
        /// For instance `RSA PRIVATE KEY`.
        kind: String,
    },
}

impl Problem {
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

/// Everything that `bytes` holds, a [`Found`] for each section.
pub fn decode(bytes: &[u8]) -> Vec<Found> {
    // DER first: a subject inside it may hold anything, PEM markers too.
    if let Some(found) = der::decode(bytes) {
        return found;
    }
    let text = pem::as_ascii(bytes);
    let found = pem::decode(&text);
    if found.is_empty() {
        return vec![Found::problem(Place::Whole, unknown(bytes, &text))];
    }
    found
}

const EXPECTED: &str =
    "a CA file is PEM text with BEGIN CERTIFICATE lines, or one certificate in DER";

/// What a source without any section most likely is.
fn unknown(bytes: &[u8], text: &[u8]) -> Problem {
    let trimmed = text
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(text)
        .trim_ascii();
    let starts = |prefix: &[u8]| {
        trimmed
            .get(..prefix.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(prefix))
    };
    if trimmed.is_empty() {
        Problem::hinted(
            "the file is empty",
            "put the CA certificates there as PEM; a ConfigMap that is filled later must be \
             filled first",
        )
    } else if bytes.starts_with(&[0xfe, 0xed, 0xfe, 0xed]) || bytes.starts_with(&[0xce; 4]) {
        Problem::hinted(
            "a Java keystore (JKS or JCEKS), not PEM or DER",
            "export its certificates as PEM: keytool -list -rfc -keystore FILE > ca.pem",
        )
    } else if starts(b"<!doctype") || starts(b"<html") || starts(b"<?xml") {
        Problem::hinted(
            "a web page or XML document, not a certificate",
            "a download often saves the sign-in page instead of the file: fetch it again",
        )
    } else if pem::is_bare_base64(trimmed) {
        Problem::hinted(
            "base64 without its BEGIN CERTIFICATE and END CERTIFICATE lines",
            "put -----BEGIN CERTIFICATE----- before it and -----END CERTIFICATE----- after it",
        )
    } else {
        Problem::hinted("neither PEM nor DER: no certificate in it", EXPECTED)
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, Problem, decode};

    fn complaint(bytes: &[u8]) -> String {
        let found = decode(bytes);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].place, Place::Whole);
        match &found[0].content {
            Err(Problem::Malformed { message, .. }) => message.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_no_certificate_is_named_by_its_content() {
        for (bytes, expected) in [
            (&b""[..], "the file is empty"),
            (b" \r\n\t", "the file is empty"),
            (b"\xef\xbb\xbf", "the file is empty"),
            (b"<!DOCTYPE html><html>", "a web page"),
            (b"\xfe\xed\xfe\xed\0\0\0\x02", "a Java keystore"),
            (b"garbage", "neither PEM nor DER"),
            (b"\x1f\x8b\x08", "neither PEM nor DER"),
        ] {
            let message = complaint(bytes);
            assert!(message.starts_with(expected), "{message}");
        }
    }
}
