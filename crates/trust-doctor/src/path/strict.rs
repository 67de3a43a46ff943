//! `X509_V_FLAG_X509_STRICT` of OpenSSL (`check_extensions` in `x509_vfy.c`), which Python sets since 3.13.

use trust_stores::cert::{Certificate, KeyUsage, oid};

use super::PathBuilder;
use super::purpose::CaKind;
use crate::outcome::{CertificateFault, StrictFault};

impl PathBuilder<'_> {
    /// What the flag finds wrong; nothing of a path that is one certificate.
    pub(super) fn strict_fault(
        &self,
        path: &[&Certificate],
        index: usize,
    ) -> Option<CertificateFault> {
        if !self.rules.is_strict {
            return None;
        }
        let certificate = path[index];
        let kind = CaKind::of(certificate);
        let is_kind_strict = match kind {
            CaKind::BasicConstraints => true,
            CaKind::None => index == 0,
            _ => false,
        };
        let fault = |reason: &'static str| StrictFault::Form(reason.into());
        let fault = if !is_kind_strict {
            fault("nothing but its basicConstraints can make it a CA's")
        } else if path.len() == 1 {
            return None;
        } else if let Some(reason) = form(certificate) {
            fault(reason)
        } else if certificate.version() < 3 {
            return None;
        } else if index + 1 < path.len() && !has_authority_key(certificate) {
            StrictFault::NoAuthorityKeyIdentifier
        } else if is_ca(certificate) && certificate.subject_key_identifier().is_none() {
            fault("it has no subjectKeyIdentifier")
        } else {
            return None;
        };
        Some(CertificateFault::Strict(fault))
    }
}

fn is_ca(certificate: &Certificate) -> bool {
    certificate
        .basic_constraints()
        .is_some_and(|constraints| constraints.ca)
}

fn has_authority_key(certificate: &Certificate) -> bool {
    certificate
        .authority_key_identifier()
        .is_some_and(|key| key.key_identifier.is_some())
}

fn form(certificate: &Certificate) -> Option<&'static str> {
    let constraints = certificate.basic_constraints();
    let usage = certificate.key_usage();
    let is_ca = is_ca(certificate);
    let may_sign = usage.is_some_and(KeyUsage::cert_sign);
    let names = certificate.extension(oid::SUBJECT_ALTERNATIVE_NAME);
    let list = certificate.subject_alternative_names();
    let has_subject = certificate.subject_attribute_count() > 0;
    let has_path_length = constraints.is_some_and(|constraints| constraints.path_length.is_some());
    let is_critical = |id| certificate.extension(id).is_some_and(|one| one.critical);
    let [inner, outer] = certificate.signature_algorithms_der().unwrap_or_default();
    Some(if has_path_length && !is_ca {
        "it has a path length and is not a CA"
    } else if has_path_length && !(may_sign || usage.is_none()) {
        "it has a path length and may not sign certificates"
    } else if is_ca && constraints.is_some_and(|constraints| !constraints.critical) {
        "its basicConstraints is not critical"
    } else if is_ca && usage.is_none() {
        "it has no keyUsage"
    } else if !is_ca && may_sign {
        "it may sign certificates (keyUsage) and is not a CA"
    } else if certificate.issuer().as_str() == "(empty)" {
        "its issuer is empty"
    } else if !has_subject && (is_ca || usage.is_some_and(KeyUsage::crl_sign) || names.is_none()) {
        "its subject is empty"
    } else if !has_subject && names.is_some_and(|names| !names.critical) {
        "its subject is empty and its subjectAltName is not critical"
    } else if list.is_some_and(|list| list.is_empty()) {
        "its subjectAltName is empty"
    } else if inner != outer {
        "its two signature algorithms differ"
    } else if is_critical(oid::AUTHORITY_KEY_IDENTIFIER) {
        "its authorityKeyIdentifier is critical"
    } else if is_critical(oid::SUBJECT_KEY_IDENTIFIER) {
        "its subjectKeyIdentifier is critical"
    } else if certificate.version() < 3 && certificate.extensions().next().is_some() {
        "it has extensions, which its version does not allow"
    } else {
        return None;
    })
}
