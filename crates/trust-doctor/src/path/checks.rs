//! What a client checks of the certificates on a path.

use trust_stores::cert::{Certificate, Curve, Key, Name};
use trust_stores::strictness::{java_refusal, openssl_refusal, openssl_verify_refusal};

use super::algorithms::{disputed, weak_key, weak_signature};
use super::constraints::{self, Verdict, is_self_issued};
use super::work::Work;
use super::{End, PathBuilder, role};
use crate::client::Client;
use crate::outcome::{CertificateFault, Doubt, RefusalReason, Weakness};
use crate::signature;

/// The largest handshake message that a JVM takes (`jdk.tls.maxHandshakeMessageSize`).
const MAX_JAVA_MESSAGE: usize = 1 << 15;

/// The longest chain that a JVM takes (`jdk.tls.maxCertificateChainLength`).
const MAX_JAVA_CERTIFICATES: usize = 10;

/// The largest that OpenSSL takes for a chain (`SSL_MAX_CERT_LIST_DEFAULT`).
const MAX_OPENSSL_MESSAGE: usize = 100 << 10;

impl PathBuilder<'_> {
    /// Why a client does not take what is presented at all. It reads every certificate, those too that it
    /// does not need.
    pub(super) fn unread(&self) -> Option<RefusalReason> {
        if self.rules.is_jvm() && self.chain.len() > MAX_JAVA_CERTIFICATES {
            return Some(RefusalReason::TooManyCertificates {
                count: self.chain.len(),
                limit: MAX_JAVA_CERTIFICATES,
            });
        }
        // Each has its length before it; TLS 1.3 adds two bytes to each and one before all.
        let sizes = self.chain.iter().map(|one| one.der().len() + 3);
        let limit = if self.rules.is_jvm() {
            MAX_JAVA_MESSAGE
        } else {
            MAX_OPENSSL_MESSAGE
        };
        let size = sizes.sum::<usize>() + 3;
        if size > limit {
            return Some(RefusalReason::ChainTooLarge { size, limit });
        }
        let refusal = if self.rules.is_jvm() {
            java_refusal
        } else {
            openssl_refusal
        };
        self.chain.iter().enumerate().find_map(|(index, one)| {
            let fault = CertificateFault::Malformed(refusal(one)?);
            let certificate = Box::new(one.clone());
            Some(RefusalReason::Certificate(
                fault,
                role(index, one),
                certificate,
            ))
        })
    }

    /// Finds the first fault of a path's certificates, otherwise what is not known of them.
    pub(super) fn check(
        &self,
        path: &[&Certificate],
        end: End,
        work: &Work,
    ) -> Result<Option<Doubt>, RefusalReason> {
        let at_fault = |fault, index: usize| {
            let certificate = path[index];
            let role = role(index, certificate);
            RefusalReason::Certificate(fault, role, Box::new(certificate.clone()))
        };
        for index in 0..path.len() {
            let is_anchor = end == End::Anchor && index + 1 == path.len();
            if let Some(fault) = self.fault(path, index, is_anchor) {
                return Err(at_fault(fault, index));
            }
        }
        let disputed = (end == End::Anchor)
            .then(|| disputed(self.rules, path))
            .flatten();
        let doubt = disputed
            .map(|certificate| Doubt::Algorithm(Box::new(certificate.clone())))
            .or_else(|| self.policy_doubt(path))
            .or_else(|| self.resource_doubt(path));
        let with_anchor = self.rules.checks_anchor_extensions() || end == End::Open;
        match constraints::check(path, self.rules, with_anchor, work) {
            Ok(()) => Ok(doubt),
            Err((Verdict::Forbidden, ca)) => {
                let at = path.iter().position(|one| std::ptr::eq(*one, ca));
                Err(at_fault(
                    CertificateFault::NameConstraint,
                    at.unwrap_or_default(),
                ))
            }
            Err((Verdict::JavaVersion, ca)) => Ok(Some(Doubt::JavaVersion(Box::new(ca.clone())))),
            Err((_, ca)) => Ok(Some(Doubt::NameConstraint(Box::new(ca.clone())))),
        }
    }

    fn fault(
        &self,
        path: &[&Certificate],
        index: usize,
        is_anchor: bool,
    ) -> Option<CertificateFault> {
        let certificate = path[index];
        if !self.rules.is_jvm()
            && let Some(reason) = openssl_verify_refusal(certificate)
        {
            return Some(CertificateFault::Malformed(reason));
        }
        if !self.rules.is_jvm() && !certificate.has_plain_times() {
            // `X509_cmp_time`.
            let reason = "its validity is not in the form of RFC 5280";
            return Some(CertificateFault::Malformed(reason.into()));
        }
        if (!is_anchor || self.rules.checks_anchor_validity())
            && let Some(fault) = self.validity_fault(certificate)
        {
            return Some(fault);
        }
        // No client checks the signature on a certificate that it trusts.
        let is_signed =
            !(is_anchor || index + 1 == path.len() && is_self_issued(certificate, self.rules));
        let weakness = is_signed
            .then(|| weak_signature(self.rules, certificate))
            .flatten()
            .or_else(|| weak_key(self.rules, certificate))
            .or_else(|| unfit_key(certificate, index == 0));
        if let Some(weakness) = weakness {
            return Some(CertificateFault::Weak(weakness));
        }
        if index == 0 && signature::is_off_curve(certificate) {
            let reason = "its public key is not a point on its curve";
            return Some(CertificateFault::Malformed(reason.into()));
        }
        if self.rules.client == Client::Curl && index == 0 && is_nameless(certificate.issuer()) {
            // curl 7.88 refuses it, 8.23 does not.
            return Some(CertificateFault::Malformed("its issuer is empty".into()));
        }
        if !self.rules.is_jvm() && path.len() > 1 {
            let reason = if has_explicit_curve(certificate) {
                Some("its key has explicit curve parameters")
            } else {
                (is_signed && has_two_algorithms(certificate))
                    .then_some("its two signature algorithms differ")
            };
            if let Some(reason) = reason {
                return Some(CertificateFault::Malformed(reason.into()));
            }
        }
        self.purpose_fault(path, index, is_anchor)
            .or_else(|| self.strict_fault(path, index))
    }

    pub(super) fn is_valid(&self, certificate: &Certificate) -> bool {
        self.validity_fault(certificate).is_none()
    }

    /// To OpenSSL the moment of notAfter is the first that it has expired at (`X509_cmp_time`).
    fn validity_fault(&self, certificate: &Certificate) -> Option<CertificateFault> {
        let end = certificate.not_after();
        if self.at > end || self.at == end && !self.rules.is_jvm() {
            return Some(CertificateFault::Expired);
        }
        (self.at < certificate.not_before()).then_some(CertificateFault::NotYetValid)
    }
}

/// A server's key that TLS has no signatures for: none by DSA, and of the curves those of NIST
/// (`tls12_check_peer_sigalg` in OpenSSL's `t1_lib.c`).
pub(super) fn unfit_key(certificate: &Certificate, is_leaf: bool) -> Option<Weakness> {
    let key = certificate.key();
    let is_unfit = match key {
        Key::Dsa { .. } => true,
        Key::Ec(curve) => !matches!(curve, Curve::P256 | Curve::P384 | Curve::P521),
        _ => false,
    };
    (is_leaf && is_unfit).then(|| Weakness::NoTlsKey(key.to_string()))
}

fn is_nameless(name: &Name) -> bool {
    name.as_str() == "(empty)"
}

/// Whether the signature is by another algorithm than what is signed says (`X509_verify` in `x_all.c`).
fn has_two_algorithms(certificate: &Certificate) -> bool {
    certificate
        .signature_algorithms_der()
        .is_some_and(|[inner, outer]| inner != outer)
}

/// An elliptic curve written out instead of named (`check_curve` in `x509_vfy.c`).
fn has_explicit_curve(certificate: &Certificate) -> bool {
    const SEQUENCE: u8 = 0x30;
    let parameters = certificate.public_key_parameters();
    matches!(certificate.key(), Key::Ec(Curve::Other { .. }))
        && parameters.is_some_and(|parameters| parameters.first() == Some(&SEQUENCE))
}
