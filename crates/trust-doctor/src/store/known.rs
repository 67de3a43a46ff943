//! The certificates that were parsed so far: the stores of an image mostly hold the same.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use memchr::arch::all::is_equal;
use trust_stores::strictness::{Reason, openssl_refusal};
use trust_stores::{Certificate, DecodeOptions, Fingerprint, SourceFormat, decode_as};

/// Certificates, and what OpenSSL refuses in them.
#[derive(Debug, Default)]
pub(super) struct KnownCertificates {
    /// By the end of their DER, which is that of a signature and tells nearly all apart. To hash the whole of each
    /// would take longer than to compare it with the one that ends alike.
    certificates: RefCell<HashMap<[u8; END], Arc<Certificate>>>,
    refusals: RefCell<HashMap<Fingerprint, Option<Reason>>>,
}

const END: usize = 32;

impl KnownCertificates {
    /// The certificate that `der` is; `None` if it is anything else, or there is more to say about it.
    pub(super) fn parse(&self, der: &[u8]) -> Option<Arc<Certificate>> {
        let end = der.last_chunk::<END>()?;
        if let Some(known) = self.certificates.borrow().get(end)
            // Slices compare by musl's memcmp, which takes a byte at a time.
            && is_equal(known.der(), der)
        {
            return Some(Arc::clone(known));
        }
        let mut sections = decode_as(SourceFormat::Der, der, &DecodeOptions::default());
        let certificate = sections.pop()?.content.ok()?.certificate;
        if certificate.der() != der {
            return None;
        }
        let mut known = self.certificates.borrow_mut();
        known.insert(*end, Arc::clone(&certificate));
        Some(certificate)
    }

    /// Why OpenSSL refuses a bundle with the certificate.
    pub(super) fn openssl_refusal(&self, certificate: &Certificate) -> Option<Reason> {
        let mut refusals = self.refusals.borrow_mut();
        let refusal = refusals.entry(certificate.fingerprint());
        refusal
            .or_insert_with(|| openssl_refusal(certificate))
            .clone()
    }
}
