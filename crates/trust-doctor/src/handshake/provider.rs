//! What rustls speaks with: ring's provider, and what clients know beyond it, so that more servers are
//! proven. That is the key exchange on P-521 (a JVM offers it, OpenSSL too) and, up to TLS 1.2 and in it,
//! Diffie-Hellman in the groups of RFC 7919 and RFC 3526; most servers use one of those.
//!
//! A server with a group of its own (`openssl dhparam`) is left to the handshake in plain text, because
//! rustls has no way to say that any group will do. So are those that only speak CBC ciphers.

use std::sync::LazyLock;

use rustls::crypto::{CipherSuiteCommon, CryptoProvider, KeyExchangeAlgorithm, ring};
use rustls::{CipherSuite, NamedGroup, SignatureScheme, SupportedCipherSuite, Tls12CipherSuite};

use super::finite_field;
use super::p521::P521;

/// ring's provider with more groups, and with suites and signatures for them.
pub(super) fn provider() -> CryptoProvider {
    let mut provider = ring::default_provider();
    // Every client has P-256. A server that chooses otherwise when it is first may know nothing else.
    provider
        .kx_groups
        .sort_by_key(|group| group.name() != NamedGroup::secp256r1);
    provider.kx_groups.push(&P521);
    provider.kx_groups.extend(finite_field::GROUPS);
    provider
        .cipher_suites
        .retain(|suite| suite.tls13().is_some());
    provider
        .cipher_suites
        .extend(TLS_12.iter().map(SupportedCipherSuite::Tls12));
    provider
}

/// Whatever an RSA key may sign.
const BY_RSA: &[SignatureScheme] = &[
    SignatureScheme::RSA_PSS_SHA256,
    SignatureScheme::RSA_PKCS1_SHA256,
];

/// One scheme of each kind of key: rustls compares no more than that.
const BY_CURVES: &[SignatureScheme] = &[
    SignatureScheme::ECDSA_NISTP256_SHA256,
    SignatureScheme::ED25519,
    SignatureScheme::ED448,
];

/// ring's suites of TLS 1.2, with signatures by P-521 and Ed448, and with Diffie-Hellman in finite fields
/// in place of curves. `ChaCha20` is missing among the latter, as in OpenSSL's and Python's usual lists.
static TLS_12: LazyLock<Vec<Tls12CipherSuite>> = LazyLock::new(suites);

fn suites() -> Vec<Tls12CipherSuite> {
    let of_ring = ring::ALL_CIPHER_SUITES.iter();
    let of_ring: Vec<&Tls12CipherSuite> = of_ring.filter_map(|suite| tls12(*suite)).collect();
    let on_curves = of_ring.iter().map(|suite| {
        let schemes = match suite.common.suite {
            CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
            | CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
            | CipherSuite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 => BY_RSA,
            _ => BY_CURVES,
        };
        copy(suite, suite.common.suite, suite.kx, schemes)
    });
    let in_fields = of_ring.iter().filter_map(|suite| {
        let name = match suite.common.suite {
            CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 => {
                CipherSuite::TLS_DHE_RSA_WITH_AES_128_GCM_SHA256
            }
            CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 => {
                CipherSuite::TLS_DHE_RSA_WITH_AES_256_GCM_SHA384
            }
            _ => return None,
        };
        Some(copy(suite, name, KeyExchangeAlgorithm::DHE, BY_RSA))
    });
    on_curves.chain(in_fields).collect()
}

fn tls12(suite: SupportedCipherSuite) -> Option<&'static Tls12CipherSuite> {
    match suite {
        SupportedCipherSuite::Tls12(suite) => Some(suite),
        SupportedCipherSuite::Tls13(_) => None,
    }
}

/// A suite with another name, key exchange and signatures.
fn copy(
    suite: &Tls12CipherSuite,
    name: CipherSuite,
    key_exchange: KeyExchangeAlgorithm,
    sign: &'static [SignatureScheme],
) -> Tls12CipherSuite {
    Tls12CipherSuite {
        common: CipherSuiteCommon {
            suite: name,
            hash_provider: suite.common.hash_provider,
            confidentiality_limit: suite.common.confidentiality_limit,
        },
        prf_provider: suite.prf_provider,
        kx: key_exchange,
        sign,
        aead_alg: suite.aead_alg,
    }
}
