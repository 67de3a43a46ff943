//! Whether one certificate signed another, or a message of a handshake.
//!
//! Ed25519 is ring's arithmetic, curves are `RustCrypto`'s; so that an answer does not depend on which of
//! two libraries was asked, each kind of key has one. RSA and DSA are a power of a public number and a
//! comparison, by hand on `RustCrypto`'s `crypto-bigint`: ring takes no short keys, no MD5 and only one salt
//! length, and the `rsa` crate has one hash for message and mask, and an advisory about its private keys
//! (RUSTSEC-2023-0071). What nobody here computes (SHA-3, explicit curve parameters) is reported as
//! unknown, never as good. Which algorithms a client refuses is decided in [`crate::path`].

mod dsa;
mod ecdsa;
mod hash;
mod rsa;

use std::cell::RefCell;
use std::collections::HashMap;

use ring::signature::{ED25519, UnparsedPublicKey};
use trust_stores::Fingerprint;
use trust_stores::cert::{Certificate, Key, PssParameters, SignatureAlgorithm};

/// Whether a signature is by a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signature {
    /// It is.
    Good,
    /// It is not: the key is another one, or what was signed or the signature was changed.
    Bad,
    /// The algorithm, or this form of the key, is not computed here.
    Unknown,
}

/// Whether a certificate's key is two coordinates that are no point of its curve, so that nobody can have
/// signed with it.
pub(crate) fn is_off_curve(certificate: &Certificate) -> bool {
    match certificate.key() {
        Key::Ec(curve) => ecdsa::is_on_curve(curve, certificate.public_key_bits()) == Some(false),
        _ => false,
    }
}

thread_local! {
    /// What was found of a certificate and an issuer: each client builds a path of the same few, and to verify
    /// one takes longer than all else that is asked of them.
    static ANSWERS: RefCell<HashMap<[Fingerprint; 2], Signature>> = RefCell::default();
}

/// How many answers are kept. A path has some five, and servers choose how many there are.
const MAX_ANSWERS: usize = 1000;

/// Whether the key of `issuer` signed `certificate`.
pub(crate) fn verify(certificate: &Certificate, issuer: &Certificate) -> Signature {
    let asked = [certificate.fingerprint(), issuer.fingerprint()];
    ANSWERS.with_borrow_mut(|answers| {
        if answers.len() >= MAX_ANSWERS {
            answers.clear();
        }
        let answer = answers.entry(asked);
        *answer.or_insert_with(|| compute(certificate, issuer))
    })
}

fn compute(certificate: &Certificate, issuer: &Certificate) -> Signature {
    // OpenSSL verifies over the bytes as they came, a JVM over DER that it made of them.
    if certificate.is_ber() {
        return Signature::Unknown;
    }
    let [inner, outer] = certificate.signature_algorithms_der().unwrap_or_default();
    if inner != outer {
        // To a JVM NULL parameters are none; OpenSSL compares them (`X509_ALGOR_cmp` in `X509_verify`).
        return if without_null(inner) == without_null(outer) {
            Signature::Unknown
        } else {
            Signature::Bad
        };
    }
    // OpenSSL refuses (`ASN1_item_verify_ctx`), the JVM drops the unused bits.
    if !certificate.is_signature_whole_bytes() {
        return Signature::Unknown;
    }
    let algorithm = certificate.signature_algorithm();
    verify_message(
        certificate.tbs(),
        algorithm,
        certificate.signature(),
        issuer,
    )
}

/// The content of an `AlgorithmIdentifier` without the NULL at its end.
fn without_null(algorithm: &[u8]) -> Option<&[u8]> {
    let content = algorithm.get(2..)?;
    Some(content.strip_suffix(&[5, 0]).unwrap_or(content))
}

/// Whether the key of `signer` made this signature of a message.
pub(crate) fn verify_message(
    message: &[u8],
    algorithm: SignatureAlgorithm,
    signature: &[u8],
    signer: &Certificate,
) -> Signature {
    use SignatureAlgorithm::{Dsa, Ecdsa, Ed448, Ed25519, RsaPkcs1, RsaPss};
    let (key, bits) = (signer.key(), signer.public_key_bits());
    match (algorithm, &key) {
        (RsaPkcs1(hash), Key::Rsa { .. }) => rsa::verify_pkcs1(message, hash, signature, bits),
        (RsaPss(parameters), Key::Rsa { .. }) => {
            rsa::verify_pss(message, parameters, signature, bits)
        }
        (RsaPss(parameters), Key::RsaPss { restriction, .. }) => match restriction {
            Some(restriction) if !allows(*restriction, parameters) => Signature::Bad,
            _ => rsa::verify_pss(message, parameters, signature, bits),
        },
        (Ecdsa(hash), Key::Ec(curve)) => ecdsa::verify(message, hash, signature, *curve, bits),
        (Dsa(hash), Key::Dsa { .. }) => {
            let group = signer.public_key_parameters().unwrap_or_default();
            dsa::verify(message, hash, signature, group, bits)
        }
        // JDK 17 reads no further than where a signature should end.
        (Ed25519, Key::Ed25519) if signature.len() > 64 => Signature::Unknown,
        (Ed448, Key::Ed448) if signature.len() > 114 => Signature::Unknown,
        (Ed25519, Key::Ed25519) => {
            let key = UnparsedPublicKey::new(&ED25519, bits);
            Signature::from(key.verify(message, signature).is_ok())
        }
        (Ed448, Key::Ed448) => ed448(message, signature, bits),
        // A CA that was renewed with another kind of key has not signed what its old key did.
        (algorithm, key) if may_use(algorithm, key) => Signature::Unknown,
        _ => Signature::Bad,
    }
}

impl From<bool> for Signature {
    fn from(is_good: bool) -> Self {
        if is_good {
            Signature::Good
        } else {
            Signature::Bad
        }
    }
}

/// Whether a key that is restricted to one way of signing may have signed in this one (RFC 4055, section
/// 3.3; `rsa_pss_get_param` of OpenSSL and `RSAPSSSignature.isCompatible` of the JVM check it).
fn allows(restriction: PssParameters, used: PssParameters) -> bool {
    restriction.hash == used.hash
        && restriction.mask_hash == used.mask_hash
        && restriction.salt_length <= used.salt_length
}

/// Whether an algorithm may be one of this kind of key (`check_sig_alg_match` of OpenSSL's `v3_purp.c`).
pub(crate) fn may_use(algorithm: SignatureAlgorithm, key: &Key<'_>) -> bool {
    use SignatureAlgorithm::{Dsa, Ecdsa, Ed448, Ed25519, Other, RsaPkcs1, RsaPss};
    match key {
        // OpenSSL refuses PKCS#1 1.5 by a key that is only for PSS, JVMs do not.
        Key::Rsa { .. } | Key::RsaPss { .. } => {
            matches!(algorithm, RsaPkcs1(_) | RsaPss(_) | Other)
        }
        Key::Dsa { .. } => matches!(algorithm, Dsa(_) | Other),
        Key::Ec(_) => matches!(algorithm, Ecdsa(_) | Other),
        Key::Ed25519 => matches!(algorithm, Ed25519 | Other),
        Key::Ed448 => matches!(algorithm, Ed448 | Other),
        _ => true,
    }
}

fn ed448(message: &[u8], signature: &[u8], key: &[u8]) -> Signature {
    let key = key.try_into().ok();
    let Some(key) = key.and_then(|key| ed448_goldilocks::VerifyingKey::from_bytes(&key).ok())
    else {
        return Signature::Unknown;
    };
    let signature = ed448_goldilocks::Signature::try_from(signature);
    Signature::from(signature.is_ok_and(|signature| key.verify_raw(&signature, message).is_ok()))
}
