//! Whether one certificate signed another. The arithmetic is ring's.

use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use trust_stores::cert::{Curve, Key};
use x509_parser::certificate::X509Certificate;

/// Whether ring computes with such a server's key in a handshake.
pub(super) fn is_computed(key: Key<'_>) -> bool {
    match key {
        Key::Rsa { bits } => (2048..=8192).contains(&bits),
        Key::Ec(curve) => matches!(curve, Curve::P256 | Curve::P384),
        Key::Ed25519 => true,
        _ => false,
    }
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signature {
    /// It did.
    Good,
    /// It did not: the key is another one, or the certificate was changed.
    Bad,
    /// The algorithm is not known to ring: RSA below 1024 bits, P-521, MD5, DSA and the like.
    Unknown,
}

/// Whether the key of `issuer` signed `certificate`.
pub(super) fn check(certificate: &X509Certificate<'_>, issuer: &X509Certificate<'_>) -> Signature {
    let Some(algorithm) = algorithm(certificate, issuer) else {
        return Signature::Unknown;
    };
    let key = UnparsedPublicKey::new(algorithm, &issuer.public_key().subject_public_key.data);
    let signed = certificate.tbs_certificate.as_ref();
    match key.verify(signed, &certificate.signature_value.data) {
        Ok(()) => Signature::Good,
        Err(_) => Signature::Bad,
    }
}

fn algorithm(
    certificate: &X509Certificate<'_>,
    issuer: &X509Certificate<'_>,
) -> Option<&'static dyn VerificationAlgorithm> {
    let id = certificate.signature_algorithm.algorithm.to_id_string();
    let key = &issuer.public_key().algorithm;
    let curve = key
        .parameters
        .as_ref()
        .and_then(|parameters| parameters.as_oid().ok())
        .map(|oid| oid.to_id_string());
    Some(match (id.as_str(), curve.as_deref()) {
        ("1.2.840.113549.1.1.5", _) => &signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
        ("1.2.840.113549.1.1.11", _) => &signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        ("1.2.840.113549.1.1.12", _) => &signature::RSA_PKCS1_2048_8192_SHA384,
        ("1.2.840.113549.1.1.13", _) => &signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        ("1.2.840.113549.1.1.10", _) => pss(certificate)?,
        ("1.2.840.10045.4.3.2", Some("1.2.840.10045.3.1.7")) => &signature::ECDSA_P256_SHA256_ASN1,
        ("1.2.840.10045.4.3.3", Some("1.2.840.10045.3.1.7")) => &signature::ECDSA_P256_SHA384_ASN1,
        ("1.2.840.10045.4.3.2", Some("1.3.132.0.34")) => &signature::ECDSA_P384_SHA256_ASN1,
        ("1.2.840.10045.4.3.3", Some("1.3.132.0.34")) => &signature::ECDSA_P384_SHA384_ASN1,
        ("1.3.101.112", _) => &signature::ED25519,
        _ => return None,
    })
}

/// RSA-PSS with the hash that its parameters name (RFC 4055, section 3.1).
fn pss(certificate: &X509Certificate<'_>) -> Option<&'static dyn VerificationAlgorithm> {
    let parameters = certificate.signature_algorithm.parameters.as_ref()?;
    let holds = |oid: &[u8]| {
        parameters
            .data
            .windows(oid.len())
            .any(|window| window == oid)
    };
    let sha2 = |last: u8| [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, last];
    Some(if holds(&sha2(1)) {
        &signature::RSA_PSS_2048_8192_SHA256
    } else if holds(&sha2(2)) {
        &signature::RSA_PSS_2048_8192_SHA384
    } else if holds(&sha2(3)) {
        &signature::RSA_PSS_2048_8192_SHA512
    } else {
        return None;
    })
}
