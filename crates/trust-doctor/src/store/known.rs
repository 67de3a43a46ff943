//! The certificates that were parsed so far: the stores of an image mostly hold the same.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use trust_stores::{Certificate, DecodeOptions, SourceFormat, decode_as};

/// Certificates by their DER.
#[derive(Debug, Default)]
pub(super) struct KnownCertificates(RefCell<BTreeMap<Vec<u8>, Certificate>>);

impl KnownCertificates {
    /// The certificate that `der` is; `None` if it is anything else, or there is more to say about it.
    pub(super) fn parse(&self, der: &[u8]) -> Option<Certificate> {
        if let Some(known) = self.0.borrow().get(der) {
            return Some(known.clone());
        }
        let mut sections = decode_as(SourceFormat::Der, der, &DecodeOptions::default());
        let certificate = Arc::unwrap_or_clone(sections.pop()?.content.ok()?.certificate);
        if certificate.der() != der {
            return None;
        }
        let mut known = self.0.borrow_mut();
        known.insert(der.to_vec(), certificate.clone());
        Some(certificate)
    }
}
