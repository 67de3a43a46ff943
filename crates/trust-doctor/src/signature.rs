//! Whether one certificate signed another. The arithmetic is ring's; what ring does not compute
//! (P-521, Ed448, MD5, DSA, short RSA keys) is reported as unknown, never as good.

use ring::signature::{self as algorithms, UnparsedPublicKey, VerificationAlgorithm};
use trust_stores::cert::{Certificate, Curve, Hash, Key, SignatureAlgorithm};

/// Whether a certificate's signature is by a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signature {
    /// It is.
    Good,
    /// It is not: the key is another one, or the certificate was changed.
    Bad,
    /// The algorithm is not one that ring computes.
    Unknown,
}

/// Whether the key of `issuer` signed `certificate`.
pub(crate) fn verify(certificate: &Certificate, issuer: &Certificate) -> Signature {
    let (signed_with, key) = (certificate.signature_algorithm(), issuer.key());
    let Some(algorithm) = algorithm(signed_with, &key) else {
        return if may_use(signed_with, &key) {
            Signature::Unknown
        } else {
            Signature::Bad
        };
    };
    let key = UnparsedPublicKey::new(algorithm, issuer.public_key_bits());
    match key.verify(certificate.tbs(), certificate.signature()) {
        Ok(()) => Signature::Good,
        Err(_) => Signature::Bad,
    }
}

/// Whether an algorithm may be one of this kind of key: a CA that was renewed with another kind has
/// not signed what its old key did.
fn may_use(algorithm: SignatureAlgorithm, key: &Key<'_>) -> bool {
    use SignatureAlgorithm::{Dsa, Ecdsa, Ed448, Ed25519, Other, RsaPkcs1, RsaPss};
    match key {
        Key::Rsa { .. } | Key::RsaPss => matches!(algorithm, RsaPkcs1(_) | RsaPss(_) | Other),
        Key::Dsa { .. } => matches!(algorithm, Dsa(_) | Other),
        Key::Ec(_) => matches!(algorithm, Ecdsa(_) | Other),
        Key::Ed25519 => matches!(algorithm, Ed25519 | Other),
        Key::Ed448 => matches!(algorithm, Ed448 | Other),
        _ => true,
    }
}

/// Whether ring computes with such a server's key in a handshake.
pub(crate) fn has_supported_key(leaf: &Certificate) -> bool {
    match leaf.key() {
        Key::Rsa { bits } => (2048..=8192).contains(&bits),
        Key::Ec(curve) => matches!(curve, Curve::P256 | Curve::P384),
        Key::Ed25519 => true,
        _ => false,
    }
}

fn algorithm(
    algorithm: SignatureAlgorithm,
    key: &Key<'_>,
) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match (algorithm, key) {
        (SignatureAlgorithm::RsaPkcs1(hash), Key::Rsa { bits }) => match (hash, bits) {
            (Hash::Sha1, 1024..=8192) => &algorithms::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
            (Hash::Sha256, 1024..=8192) => {
                &algorithms::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY
            }
            (Hash::Sha384, 2048..=8192) => &algorithms::RSA_PKCS1_2048_8192_SHA384,
            (Hash::Sha512, 1024..=8192) => {
                &algorithms::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY
            }
            _ => return None,
        },
        (SignatureAlgorithm::RsaPss(hash), Key::RsaPss | Key::Rsa { bits: 2048..=8192 }) => {
            match hash {
                Hash::Sha256 => &algorithms::RSA_PSS_2048_8192_SHA256,
                Hash::Sha384 => &algorithms::RSA_PSS_2048_8192_SHA384,
                Hash::Sha512 => &algorithms::RSA_PSS_2048_8192_SHA512,
                _ => return None,
            }
        }
        (SignatureAlgorithm::Ecdsa(hash), Key::Ec(curve)) => match (hash, curve) {
            (Hash::Sha256, Curve::P256) => &algorithms::ECDSA_P256_SHA256_ASN1,
            (Hash::Sha384, Curve::P256) => &algorithms::ECDSA_P256_SHA384_ASN1,
            (Hash::Sha256, Curve::P384) => &algorithms::ECDSA_P384_SHA256_ASN1,
            (Hash::Sha384, Curve::P384) => &algorithms::ECDSA_P384_SHA384_ASN1,
            _ => return None,
        },
        (SignatureAlgorithm::Ed25519, Key::Ed25519) => &algorithms::ED25519,
        _ => return None,
    })
}
