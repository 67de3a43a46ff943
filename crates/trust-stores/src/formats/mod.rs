//! The formats that certificates come in and go out in, decoders and encoders side by side.
//!
//! [`decode`] detects the format by content, never by name, and loses nothing silently: every
//! section of a file comes back as one [`Section`], a certificate or the problem with it.

mod alias;
mod der;
mod derivation_budget;
mod embedded;
mod escapes;
mod foreign_store;
pub mod hashed_directory;
pub mod java;
mod jks;
mod password;
pub mod pem;
mod pkcs12;
mod pkcs7;
mod plain_text;
mod private_key;
mod problem;
mod section;
mod stray;
mod unrecognized;

pub use self::derivation_budget::DerivationBudget;
pub use self::password::Password;
pub use self::plain_text::is_plain_text;
pub use self::problem::{Hint, Problem, ProblemKind};
pub use self::section::{DecodedCertificate, Distrust, Position, Section};
pub(crate) use self::section::{Listed, Sections};

use std::borrow::Cow;
use std::fmt;

/// How to open protected stores.
#[derive(Clone, Debug, Default)]
pub struct DecodeOptions {
    /// The password of a PKCS#12 store or Java keystore. Without one, an encrypted PKCS#12 store is
    /// tried with the empty password and with `changeit`.
    pub password: Option<Password>,
    /// What to do with the key entries of stores. A private key in PEM is always a problem.
    pub key_entries: KeyEntries,
    /// What the key derivations of PKCS#12 stores may cost, for everything that is decoded with these options
    /// and their clones.
    pub budget: DerivationBudget,
}

/// What to do with a store's key entries. Their private keys are never decrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyEntries {
    /// Each is a [`Problem::PrivateKey`], because a trust store should not hold keys.
    #[default]
    Refuse,
    /// They are skipped. Certificates next to a key are read, including those of its own chain.
    Skip,
}

/// A format that certificates come in.
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

impl SourceFormat {
    /// The format of `bytes`, by their content. Anything that is not in another format counts as PEM.
    pub fn detect(bytes: &[u8]) -> Self {
        // Binary first: a subject in it may hold anything, PEM markers too.
        if jks::is_keystore(bytes) {
            return SourceFormat::Jks;
        }
        match der::container(bytes) {
            Some(der::Container::Pkcs7) => SourceFormat::Pkcs7,
            Some(der::Container::Pkcs12) => SourceFormat::Pkcs12,
            None if der::is_der(bytes) => SourceFormat::Der,
            None => SourceFormat::Pem,
        }
    }
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

/// Whether `bytes` are a PKCS#12 store whose certificates cannot be read without its password.
pub fn is_encrypted(bytes: &[u8]) -> bool {
    SourceFormat::detect(bytes) == SourceFormat::Pkcs12 && pkcs12::is_encrypted(bytes)
}

/// Everything that `bytes` hold, whatever their format: a [`Section`] for each certificate, and for
/// everything that is not one. There is always at least one.
///
/// A source of a few megabytes can have millions of sections. The first 1,000 problems of each
/// [`ProblemKind`] are listed; one [`Problem::Unlisted`] counts the others.
///
/// ```
/// use trust_stores::{DecodeOptions, Problem, decode};
///
/// let mut source = include_bytes!("../../examples/client-ca-chain.pem").to_vec();
/// source.extend(b"-----BEGIN RSA PRIVATE KEY-----\nMC4CAQ==\n-----END RSA PRIVATE KEY-----\n");
///
/// let [issuing, root, key] = &decode(&source, &DecodeOptions::default())[..] else {
///     panic!("two certificates and a key");
/// };
/// let root = root.certificate().unwrap();
/// assert_eq!(root.subject().to_string(), "CN=Example Client Root CA,O=Example Client,C=FR");
/// assert!(root.may_have_issued(issuing.certificate().unwrap()));
///
/// let problem = key.content.as_ref().unwrap_err();
/// assert!(matches!(problem, Problem::PrivateKey { .. }));
/// assert_eq!(key.position.to_string(), ":49");
/// assert_eq!(problem.to_string(), "found a private key (RSA PRIVATE KEY)");
/// ```
pub fn decode(bytes: &[u8], options: &DecodeOptions) -> Vec<Section> {
    decode_as(SourceFormat::detect(bytes), bytes, options)
}

/// Like [`decode`], for bytes that must be in `format`.
pub fn decode_as(format: SourceFormat, bytes: &[u8], options: &DecodeOptions) -> Vec<Section> {
    if let Some(problem) = foreign_store::identify(bytes) {
        return vec![Section::problem(Position::Whole, problem)];
    }
    match format {
        SourceFormat::Jks => jks::decode(bytes, options),
        SourceFormat::Pkcs7 => pkcs7::decode(bytes),
        SourceFormat::Pkcs12 => pkcs12::decode(bytes, options),
        SourceFormat::Der => der::decode(bytes),
        SourceFormat::Pem => decode_text(bytes),
    }
}

/// What is in a text, and in binary data within it.
fn decode_text(bytes: &[u8]) -> Vec<Section> {
    let text = pem::plain(bytes);
    // Plain text has no NUL, and nothing that is binary.
    let is_plain = matches!(text, Cow::Borrowed(_));
    let embedded = if is_plain {
        Vec::new()
    } else {
        embedded::find(bytes)
    };
    let binary_data = if embedded.is_empty() && (is_plain || !pem::is_wide(bytes)) {
        pem::BinaryData::Report
    } else {
        pem::BinaryData::Ignore
    };
    let mut sections = Sections::default();
    sections.extend(pem::decode(&text, binary_data));
    let key = |(offset, kind)| {
        let position = Position::Byte(offset);
        Section::problem(position, Problem::private_key(kind))
    };
    let is_archive = || unrecognized::is_archive(bytes) && embedded.len() == 1;
    if sections.is_empty() && (embedded.is_empty() || is_archive()) {
        if let Some(found) = private_key::offset_in_der(bytes) {
            return vec![key(found)];
        }
        let problem = unrecognized::identify(bytes, &text);
        return vec![Section::problem(Position::Whole, problem)];
    }
    sections.extend(embedded);
    let mut sections = Vec::from(sections);
    let is_key = |section: &Section| matches!(section.content, Err(Problem::PrivateKey { .. }));
    // NULs are no text, and most keys in DER have some.
    if !is_plain
        && !sections.iter().any(is_key)
        && let Some(found) = private_key::offset_in_der(bytes)
    {
        sections.push(key(found));
    }
    private_key::advise(&text, &mut sections);
    sections
}

/// Adds a problem to the sections of a container if anything but blanks, the `rest`, follows it in its
/// file: nothing there has been read.
fn check_end(mut sections: Vec<Section>, whole: &[u8], rest: &[u8]) -> Vec<Section> {
    let is_blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0;
    if rest.iter().all(is_blank) {
        return sections;
    }
    let position = Position::Byte(whole.len() - rest.len());
    let mut found = Vec::new();
    stray::scan(rest, stray::Place::Nowhere, &mut found);
    let key = found
        .into_iter()
        .find(|problem| matches!(problem, Problem::PrivateKey { .. }));
    let problem = key.unwrap_or_else(|| {
        Problem::hinted(
            "something follows the end of the store: another store or a certificate",
            "put each store in a file of its own",
        )
    });
    sections.push(Section::problem(position, problem));
    sections
}
