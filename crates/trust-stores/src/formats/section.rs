//! What a source holds: sections, each a certificate or the problem with it, with its position.

use std::fmt;
use std::rc::Rc;

use super::private_key;
use super::problem::Problem;
use crate::cert::Certificate;
use crate::escape::escape;

/// Where in a source a section is.
///
/// `Display` gives it as it follows a file's name in messages: `:12`, `@byte 1024`, `[2]`, `[alias]`, or
/// nothing for the whole source. Aliases are escaped.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Position {
    /// It is the whole source.
    Whole,
    /// The line of its BEGIN marker, from 1.
    Line(usize),
    /// The offset of its first byte, in a source of several DER certificates.
    Byte(usize),
    /// The number of its entry in a container, from 1.
    Entry(usize),
    /// The name of its entry in a keystore, cut after 64 characters.
    Alias(Rc<str>),
}

impl Position {
    /// The entry named `alias`. A store can repeat a name for thousands of sections, so what is kept
    /// of a long one is short.
    pub(super) fn alias(alias: &str) -> Self {
        const LONGEST: usize = 64;
        if !private_key::in_text(alias.as_bytes()).is_empty() {
            // It is a problem of its own, and not printed.
            return Position::Alias("a private key".into());
        }
        let short: String = alias.chars().take(LONGEST).collect();
        Position::Alias(short.into())
    }
}

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

/// One section of a source: a PEM block, an entry of a store, a DER certificate.
#[derive(Debug)]
pub struct Section {
    /// Where in the source it is.
    pub position: Position,
    /// Its certificate, or why it has none.
    pub content: Result<DecodedCertificate, Problem>,
}

impl Section {
    /// Its certificate, whatever its source says about trusting it; `None` if it has none.
    pub fn certificate(&self) -> Option<&Certificate> {
        let decoded = self.content.as_ref().ok()?;
        Some(&decoded.certificate)
    }

    pub(super) fn problem(position: Position, problem: Problem) -> Self {
        Section {
            position,
            content: Err(problem),
        }
    }
}

/// A certificate as its source has it, with what the source says about trusting it.
#[derive(Debug)]
pub struct DecodedCertificate {
    /// The certificate.
    pub certificate: Certificate,
    /// Why the source itself says not to trust it for TLS servers, if it does.
    pub distrust: Option<Distrust>,
    /// Whether a JVM that loads the source makes it a trust anchor. In PKCS#12 that needs the
    /// attribute trustedKeyUsage (2.16.840.1.113894.746875.1.1); without it the JVM finds no entry.
    pub trusted_by_java: bool,
}

/// A certificate on which its source puts no conditions.
impl From<Certificate> for DecodedCertificate {
    fn from(certificate: Certificate) -> Self {
        DecodedCertificate {
            certificate,
            distrust: None,
            trusted_by_java: true,
        }
    }
}

/// Why a source's own settings say not to trust a certificate for TLS servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Distrust {
    /// The trust settings of an OpenSSL TRUSTED CERTIFICATE reject TLS servers.
    RejectsServers,
    /// The trust settings of an OpenSSL TRUSTED CERTIFICATE name only other uses.
    OtherUses,
    /// The trusted key usages of a PKCS#12 entry name only other uses.
    OtherUsesInStore,
    /// A later entry of a JKS or JCEKS store has the same alias, so no JVM finds this one (JDK 8 to 25), and
    /// whoever looks at the store with keytool does not see it.
    Overwritten,
}

impl fmt::Display for Distrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Distrust::RejectsServers => "its trust settings reject TLS servers",
            Distrust::OtherUses => "its trust settings name only uses other than TLS servers",
            Distrust::OtherUsesInStore => {
                "its store entry is trusted only for uses other than TLS servers"
            }
            Distrust::Overwritten => {
                "a later entry of the store has the same alias, so Java never finds this one"
            }
        })
    }
}
