//! The signatures that servers prove their key with (RFC 8446, section 4.2.3).

use rustls::SignatureScheme;
use trust_stores::Certificate;
use trust_stores::cert::{Curve, Hash, Key, PssParameters, SignatureAlgorithm};

use super::TlsVersion;
use crate::signature::{self, Signature};

// RSA with the padding of PSS, by a key for nothing else.
const RSA_PSS_PSS_SHA256: SignatureScheme = SignatureScheme::Unknown(0x0809);
const RSA_PSS_PSS_SHA384: SignatureScheme = SignatureScheme::Unknown(0x080a);
const RSA_PSS_PSS_SHA512: SignatureScheme = SignatureScheme::Unknown(0x080b);

/// What is offered, the common first: each of them is also offered by OpenSSL and by newer JVMs. Not
/// SHA-1, which OpenSSL refuses by default, and no other curves, which no client offers by default.
pub(super) const SCHEMES: [SignatureScheme; 14] = [
    SignatureScheme::ECDSA_NISTP256_SHA256,
    SignatureScheme::ECDSA_NISTP384_SHA384,
    SignatureScheme::ECDSA_NISTP521_SHA512,
    SignatureScheme::ED25519,
    SignatureScheme::ED448,
    SignatureScheme::RSA_PSS_SHA256,
    SignatureScheme::RSA_PSS_SHA384,
    SignatureScheme::RSA_PSS_SHA512,
    RSA_PSS_PSS_SHA256,
    RSA_PSS_PSS_SHA384,
    RSA_PSS_PSS_SHA512,
    SignatureScheme::RSA_PKCS1_SHA256,
    SignatureScheme::RSA_PKCS1_SHA384,
    SignatureScheme::RSA_PKCS1_SHA512,
];

/// Whether the key of `leaf` made a server's signature of a handshake.
pub(super) fn verify(
    message: &[u8],
    leaf: &Certificate,
    scheme: SignatureScheme,
    signature: &[u8],
    version: TlsVersion,
) -> Signature {
    let key = leaf.key();
    let Some(algorithm) = algorithm(scheme, &key) else {
        return Signature::Bad;
    };
    if version == TlsVersion::Tls13 && !is_of_tls13(scheme, &key) {
        return Signature::Bad;
    }
    signature::verify_message(message, algorithm, signature, leaf)
}

/// What a scheme means for this kind of key; `None` if it is for another, or was not offered.
fn algorithm(scheme: SignatureScheme, key: &Key<'_>) -> Option<SignatureAlgorithm> {
    use SignatureScheme as Scheme;
    let hash = match scheme {
        Scheme::ED25519 => return Some(SignatureAlgorithm::Ed25519),
        Scheme::ED448 => return Some(SignatureAlgorithm::Ed448),
        Scheme::ECDSA_NISTP256_SHA256
        | Scheme::RSA_PSS_SHA256
        | RSA_PSS_PSS_SHA256
        | Scheme::RSA_PKCS1_SHA256 => Hash::Sha256,
        Scheme::ECDSA_NISTP384_SHA384
        | Scheme::RSA_PSS_SHA384
        | RSA_PSS_PSS_SHA384
        | Scheme::RSA_PKCS1_SHA384 => Hash::Sha384,
        Scheme::ECDSA_NISTP521_SHA512
        | Scheme::RSA_PSS_SHA512
        | RSA_PSS_PSS_SHA512
        | Scheme::RSA_PKCS1_SHA512 => Hash::Sha512,
        _ => return None,
    };
    let pss = SignatureAlgorithm::RsaPss(PssParameters {
        hash,
        mask_hash: hash,
        salt_length: match hash {
            Hash::Sha256 => 32,
            Hash::Sha384 => 48,
            _ => 64,
        },
    });
    match scheme {
        RSA_PSS_PSS_SHA256 | RSA_PSS_PSS_SHA384 | RSA_PSS_PSS_SHA512 => {
            matches!(key, Key::RsaPss { .. }).then_some(pss)
        }
        Scheme::RSA_PSS_SHA256 | Scheme::RSA_PSS_SHA384 | Scheme::RSA_PSS_SHA512 => {
            matches!(key, Key::Rsa { .. }).then_some(pss)
        }
        Scheme::RSA_PKCS1_SHA256 | Scheme::RSA_PKCS1_SHA384 | Scheme::RSA_PKCS1_SHA512 => {
            Some(SignatureAlgorithm::RsaPkcs1(hash))
        }
        _ => Some(SignatureAlgorithm::Ecdsa(hash)),
    }
}

/// TLS 1.3 binds each hash to a curve, and has no PKCS#1 1.5 in handshakes.
fn is_of_tls13(scheme: SignatureScheme, key: &Key<'_>) -> bool {
    match scheme {
        SignatureScheme::ECDSA_NISTP256_SHA256 => *key == Key::Ec(Curve::P256),
        SignatureScheme::ECDSA_NISTP384_SHA384 => *key == Key::Ec(Curve::P384),
        SignatureScheme::ECDSA_NISTP521_SHA512 => *key == Key::Ec(Curve::P521),
        SignatureScheme::RSA_PKCS1_SHA256
        | SignatureScheme::RSA_PKCS1_SHA384
        | SignatureScheme::RSA_PKCS1_SHA512 => false,
        _ => true,
    }
}
