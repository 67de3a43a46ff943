//! OpenSSL's `X509_V_FLAG_X509_STRICT`, which Python sets by default since 3.13 (`check_extensions` of
//! `crypto/x509/x509_vfy.c`).

use super::Reason;
use crate::asn1::{Element, tag};
use crate::cert::fields;
use crate::cert::{Certificate, oid};

/// Why OpenSSL refuses chains with this CA under `X509_V_FLAG_X509_STRICT`, if it does. Certificates that are
/// not a CA's, or may not sign, have rules of their own and are passed over.
pub fn x509_strict_refusal(certificate: &Certificate) -> Option<Reason> {
    if !certificate.is_ca() {
        return None;
    }
    let reason = match (certificate.basic_constraints(), certificate.key_usage()) {
        // With this flag, only basicConstraints make a CA.
        (None, _) => "it is of version 1",
        (Some(_), _) if certificate.version() < 3 => {
            "it has extensions, which its version does not allow"
        }
        (Some(constraints), _) if !constraints.critical => "its basicConstraints is not critical",
        (_, None) => "it has no keyUsage",
        (_, Some(usage)) if !usage.cert_sign() => return None,
        _ => identity(certificate)?,
    };
    Some(reason.into())
}

fn identity(certificate: &Certificate) -> Option<&'static str> {
    let is_empty = |name| Element::whole(name).is_some_and(|name| name.content.is_empty());
    let [inner, outer] = certificate.signature_algorithms_der()?;
    let subject_key = certificate.subject_key_identifier();
    let authority_key = certificate.authority_key_identifier();
    let names = certificate.extension(oid::SUBJECT_ALTERNATIVE_NAME);
    Some(if is_empty(certificate.issuer_der()) {
        "its issuer is empty"
    } else if is_empty(certificate.subject_der()) {
        "its subject is empty"
    } else if inner != outer {
        "its two signature algorithms differ"
    } else if subject_key.is_some_and(|identifier| identifier.critical) {
        "its subjectKeyIdentifier is critical"
    } else if authority_key.is_some_and(|identifier| identifier.critical) {
        "its authorityKeyIdentifier is critical"
    } else if subject_key.is_none() {
        "it has no subjectKeyIdentifier"
    } else if authority_key.is_none() && !certificate.is_self_signed() {
        "it has no authorityKeyIdentifier"
    } else if names.is_some_and(|names| names.value == [tag::SEQUENCE, 0]) {
        "its subjectAltName is empty"
    } else if has_explicit_curve(certificate) {
        "its key has explicit curve parameters"
    } else {
        return None;
    })
}

/// An elliptic curve written out instead of named (RFC 3279, section 2.3.5).
fn has_explicit_curve(certificate: &Certificate) -> bool {
    let key = certificate.public_key();
    let algorithm = key.and_then(|key| fields::algorithm(key.algorithm));
    algorithm.is_some_and(|(id, parameters)| {
        id == oid::EC && parameters.is_some_and(|curve| curve.tag == tag::SEQUENCE)
    })
}
