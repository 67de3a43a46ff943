//! What rustls speaks with: ring's ciphers, and what clients know beyond it, so that more servers are
//! proven. That is the key exchange on P-521 (a JVM offers it, OpenSSL too) and, up to TLS 1.2 and in it,
//! Diffie-Hellman in the groups of RFC 7919 and RFC 3526; most servers use one of those.
//!
//! It is not ring's whole provider, which brings keys for clients and signatures that nothing here asks for.
//!
//! A server with a group of its own (`openssl dhparam`) is left to the handshake in plain text, because
//! rustls has no way to say that any group will do. So are those that only speak CBC ciphers.

use std::sync::{Arc, LazyLock};

use ::ring::rand::{SecureRandom as _, SystemRandom};
use rustls::crypto::{CipherSuiteCommon, CryptoProvider, GetRandomFailed, KeyExchangeAlgorithm};
use rustls::crypto::{
    KeyProvider, SecureRandom, SupportedKxGroup, WebPkiSupportedAlgorithms, ring,
};
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::SigningKey;
use rustls::{CipherSuite, Error, SignatureScheme, SupportedCipherSuite, Tls12CipherSuite};

use super::curves::{P256, P384, P521};
use super::finite_field;

/// ring's ciphers with more groups, and with suites and signatures for them.
pub(super) fn provider() -> CryptoProvider {
    let tls_13 = ring::ALL_CIPHER_SUITES.iter().copied();
    let tls_13 = tls_13.filter(|suite| suite.tls13().is_some());
    let tls_12 = TLS_12.iter().map(SupportedCipherSuite::Tls12);
    // Every client has P-256. A server that chooses otherwise when it is first may know nothing else.
    let on_curves: [&dyn SupportedKxGroup; 4] = [&P256, ring::kx_group::X25519, &P384, &P521];
    CryptoProvider {
        cipher_suites: tls_13.chain(tls_12).collect(),
        kx_groups: on_curves.into_iter().chain(finite_field::GROUPS).collect(),
        // Certificates are the observer's to judge.
        signature_verification_algorithms: WebPkiSupportedAlgorithms {
            all: &[],
            mapping: &[],
        },
        secure_random: &Ours,
        key_provider: &Ours,
    }
}

/// Random numbers, and no keys: `doctor` presents no certificate.
#[derive(Debug)]
struct Ours;

impl SecureRandom for Ours {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), GetRandomFailed> {
        let filled = SystemRandom::new().fill(bytes);
        filled.map_err(|_| GetRandomFailed)
    }
}

impl KeyProvider for Ours {
    fn load_private_key(&self, _: PrivateKeyDer<'static>) -> Result<Arc<dyn SigningKey>, Error> {
        Err(Error::General("no client certificates".to_owned()))
    }
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
