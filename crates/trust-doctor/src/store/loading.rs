//! How each client takes its anchors from the bytes of a store.

use std::sync::Arc;

use trust_stores::strictness::{Reason, java_refusal};
use trust_stores::{
    Certificate, DecodeOptions, KeyEntries, Problem, Section, SourceFormat, decode, is_encrypted,
};

use super::known::KnownCertificates;
use super::{JavaProblem, StoreProblem, openssl_pem};

/// Takes certificates from PEM as OpenSSL does. Parses each once, however many stores hold it.
#[derive(Debug, Default)]
pub struct PemLoader {
    known: KnownCertificates,
}

impl PemLoader {
    /// The certificates in `bytes` that OpenSSL takes from a file of a hashed directory: those before
    /// the first block that it cannot read.
    pub fn hashed_file(&self, bytes: &[u8]) -> Vec<Arc<Certificate>> {
        openssl_pem::hashed_file(bytes, &self.known)
    }

    /// The anchors of a PEM bundle as OpenSSL loads it: one block that it cannot read, or one
    /// certificate that it refuses, costs all. It reads no other format.
    pub fn bundle(&self, bytes: &[u8]) -> Result<Vec<Arc<Certificate>>, StoreProblem> {
        let anchors = openssl_pem::bundle(bytes, &self.known)?;
        unless_refused(anchors, |anchor| self.known.openssl_refusal(anchor))
    }
}

/// The certificates of one file, as [`PemLoader::hashed_file`] takes them.
pub fn pem_anchors(bytes: &[u8]) -> Vec<Arc<Certificate>> {
    PemLoader::default().hashed_file(bytes)
}

/// The anchors of one bundle, as [`PemLoader::bundle`] takes them.
pub fn load_pem_bundle(bytes: &[u8]) -> Result<Vec<Arc<Certificate>>, StoreProblem> {
    PemLoader::default().bundle(bytes)
}

/// The anchors of a truststore as a JVM loads it.
pub fn load_java_store(
    bytes: &[u8],
    options: &DecodeOptions,
) -> Result<Vec<Arc<Certificate>>, StoreProblem> {
    if !matches!(
        SourceFormat::detect(bytes),
        SourceFormat::Pkcs12 | SourceFormat::Jks
    ) {
        return Err(StoreProblem::Java(JavaProblem::NotAJavaStore));
    }
    if options.password.is_none() && is_encrypted(bytes) {
        return Err(StoreProblem::Java(JavaProblem::NoPassword));
    }
    let found = decode(bytes, options);
    let anchors = anchors(&found, Entries::MarkedForJava);
    if anchors.is_empty() {
        return Err(StoreProblem::Java(why_empty(bytes, &found, options)));
    }
    java_anchors(anchors)
}

/// The anchors of a JVM's truststore, unless it refuses one of them and so the store.
pub fn java_anchors(anchors: Vec<Arc<Certificate>>) -> Result<Vec<Arc<Certificate>>, StoreProblem> {
    unless_refused(anchors, java_refusal)
}

/// Why a JVM finds no anchor in the store `bytes`, of which this was found.
fn why_empty(bytes: &[u8], found: &[Section], options: &DecodeOptions) -> JavaProblem {
    let is_empty = |found: &Section| matches!(found.content, Err(Problem::EmptyStore(_)));
    let is_empty = found.iter().any(is_empty);
    if !is_empty && found.iter().all(|found| found.content.is_err()) {
        return match options.password {
            Some(_) => JavaProblem::WrongPassword,
            None => JavaProblem::NothingReadable,
        };
    }
    let with_keys = DecodeOptions {
        key_entries: KeyEntries::Refuse,
        ..options.clone()
    };
    let mut all = decode(bytes, &with_keys).into_iter();
    if all.any(|one| matches!(one.content, Err(Problem::PrivateKey { .. }))) {
        JavaProblem::OnlyKeys
    } else if is_empty {
        JavaProblem::Empty
    } else {
        JavaProblem::NoJavaAttribute
    }
}

/// The anchors, unless the client refuses one of them and so all.
fn unless_refused(
    anchors: Vec<Arc<Certificate>>,
    refusal: impl Fn(&Certificate) -> Option<Reason>,
) -> Result<Vec<Arc<Certificate>>, StoreProblem> {
    let refused = anchors.iter().find_map(|anchor| {
        let reason = refusal(anchor)?;
        let subject = anchor.subject().clone();
        Some(StoreProblem::RefusedCertificate { subject, reason })
    });
    refused.map_or(Ok(anchors), Err)
}

/// Which entries of a store a client takes for anchors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entries {
    /// All but those marked as distrusted.
    All,
    /// Of a PKCS#12, those with Java's `trustedKeyUsage` attribute.
    MarkedForJava,
}

/// The trust anchors among what was decoded.
pub fn anchors(found: &[Section], entries: Entries) -> Vec<Arc<Certificate>> {
    found
        .iter()
        .filter_map(|found| found.content.as_ref().ok())
        .filter(|taken| taken.distrust.is_none())
        .filter(|taken| taken.trusted_by_java || entries == Entries::All)
        .map(|taken| Arc::clone(&taken.certificate))
        .collect()
}
