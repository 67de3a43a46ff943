//! What each client takes of signatures and keys that are good. Tried with OpenSSL 3.0 and JDK 8 to 25 on
//! the chains of `tests/signed`, whose `answers.json` has what they said.

use trust_stores::cert::{Certificate, Curve, Hash, Key, SignatureAlgorithm};

use crate::client::Rules;
use crate::outcome::Weakness;

/// Why a client refuses what a certificate is signed with, if it does.
pub(super) fn weak_signature(rules: Rules, certificate: &Certificate) -> Option<Weakness> {
    let algorithm = certificate.signature_algorithm();
    let hash = algorithm.hash()?;
    let is_weak = if rules.is_jvm() {
        match algorithm {
            // SHA-1 only below the JDK's own CAs (`jdkCA` in `java.security`), and the customer's are
            // none of them. In PSS, TLS has no name for it, nor for SHA-224 (`SignatureScheme`).
            SignatureAlgorithm::RsaPss(_) => hash.is_broken() || hash == Hash::Sha224,
            _ => hash.is_broken() && hash != Hash::Sha1,
        }
    } else {
        hash.is_broken()
    };
    is_weak.then_some(Weakness::Hash(hash))
}

/// Why a client refuses a certificate's key, if it does.
pub(super) fn weak_key(rules: Rules, certificate: &Certificate) -> Option<Weakness> {
    let key = certificate.key();
    if !rules.is_jvm() {
        let weakness = key.weakness().filter(|_| !is_almost_2048(&key));
        return weakness.map(Weakness::KeyForOpenSsl);
    }
    match key {
        Key::Rsa { bits } | Key::RsaPss { bits, .. } | Key::Dsa { bits } if bits < 1024 => {
            Some(Weakness::KeyForJvm(key.to_string()))
        }
        // `jdk.disabled.namedCurves` since 8u271 and 11.0.9; JDK 16 and later do not have them.
        Key::Ec(curve) if !matches!(curve, Curve::P256 | Curve::P384 | Curve::P521) => {
            Some(Weakness::KeyForJvm(key.to_string()))
        }
        _ => None,
    }
}

/// The certificate on a path to an anchor whose algorithms some versions or builds of the client take and
/// others do not.
pub(super) fn disputed<'p>(rules: Rules, path: &[&'p Certificate]) -> Option<&'p Certificate> {
    let (anchor, others) = path.split_last()?;
    let is_disputed = |certificate: &&&Certificate| {
        let is_anchor = std::ptr::eq(**certificate, *anchor) && !others.is_empty();
        if rules.is_jvm() {
            let leaf_key = path[0].key();
            !is_anchor && jvms_differ(certificate.signature_algorithm())
                || is_compressed(certificate)
                || std::ptr::eq(**certificate, path[0])
                    && matches!(leaf_key, Key::Ed25519 | Key::Ed448)
        } else {
            builds_differ(&certificate.key())
        }
    };
    path.iter().find(is_disputed).copied()
}

/// SHA-224 and DSA end with TLS 1.2: a JVM compares the chain with the schemes of the version at hand
/// (`SSLAlgorithmConstraints`). Edwards curves came with JDK 15.
fn jvms_differ(algorithm: SignatureAlgorithm) -> bool {
    matches!(
        algorithm,
        SignatureAlgorithm::RsaPkcs1(Hash::Sha224)
            | SignatureAlgorithm::Ecdsa(Hash::Sha224)
            | SignatureAlgorithm::Dsa(_)
            | SignatureAlgorithm::Ed25519
            | SignatureAlgorithm::Ed448
    )
}

/// OpenSSL has the curves of RFC 5639, Red Hat's builds of it were without them for years.
fn builds_differ(key: &Key<'_>) -> bool {
    let is_brainpool = matches!(
        key,
        Key::Ec(Curve::BrainpoolP256r1 | Curve::BrainpoolP384r1 | Curve::BrainpoolP512r1)
    );
    is_brainpool || is_almost_2048(key)
}

/// Whether the key is a little too short: to OpenSSL 3 it has 112 bits of strength (rounded, by
/// `ossl_ifc_ffc_compute_security_bits`), to 1.1.1 it has 80 (`BN_security_bits`).
fn is_almost_2048(key: &Key<'_>) -> bool {
    match key {
        Key::Rsa { bits } | Key::RsaPss { bits, .. } | Key::Dsa { bits } => {
            (1960..2048).contains(bits)
        }
        _ => false,
    }
}

/// Whether the key is a point without its second coordinate, which no JVM tried reads.
fn is_compressed(certificate: &Certificate) -> bool {
    matches!(certificate.key(), Key::Ec(_)) && certificate.public_key_bits().first() != Some(&4)
}
