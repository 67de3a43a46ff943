//! Cipher suites and key exchanges: their names, and which clients offer them.

use std::fmt;

use super::Offer::{self, Always, Never, Sometimes};
use crate::client::Client;

/// A cipher suite, by its number in IANA's registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CipherSuite(pub u16);

/// What decides which clients offer a suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    /// Of TLS 1.3.
    Tls13,
    /// ECDHE or DHE with AES, and no SHA-1.
    Current,
    /// ECDHE with `ChaCha20`.
    ChaCha,
    /// DHE with `ChaCha20`.
    DheChaCha,
    /// ECDHE or DHE with a SHA-1 MAC.
    Sha1Mac,
    /// RSA key exchange with AES.
    Rsa,
    /// Triple DES and RC4.
    Broken,
}
use Family::{Broken, ChaCha, Current, DheChaCha, Rsa, Sha1Mac, Tls13};

/// The suites that have a name here, the best of each family first.
const SUITES: [(u16, &str, Family); 37] = [
    (0x1301, "TLS_AES_128_GCM_SHA256", Tls13),
    (0x1302, "TLS_AES_256_GCM_SHA384", Tls13),
    (0x1303, "TLS_CHACHA20_POLY1305_SHA256", Tls13),
    (0x1304, "TLS_AES_128_CCM_SHA256", Tls13),
    (0x1305, "TLS_AES_128_CCM_8_SHA256", Tls13),
    (0xc02f, "ECDHE_RSA_WITH_AES_128_GCM_SHA256", Current),
    (0xc030, "ECDHE_RSA_WITH_AES_256_GCM_SHA384", Current),
    (0xc02b, "ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", Current),
    (0xc02c, "ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", Current),
    (0xc027, "ECDHE_RSA_WITH_AES_128_CBC_SHA256", Current),
    (0xc028, "ECDHE_RSA_WITH_AES_256_CBC_SHA384", Current),
    (0xc023, "ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", Current),
    (0xc024, "ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", Current),
    (0x009e, "DHE_RSA_WITH_AES_128_GCM_SHA256", Current),
    (0x009f, "DHE_RSA_WITH_AES_256_GCM_SHA384", Current),
    (0x0067, "DHE_RSA_WITH_AES_128_CBC_SHA256", Current),
    (0x006b, "DHE_RSA_WITH_AES_256_CBC_SHA256", Current),
    (0xcca8, "ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", ChaCha),
    (0xcca9, "ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", ChaCha),
    (0xccaa, "DHE_RSA_WITH_CHACHA20_POLY1305_SHA256", DheChaCha),
    (0xc013, "ECDHE_RSA_WITH_AES_128_CBC_SHA", Sha1Mac),
    (0xc014, "ECDHE_RSA_WITH_AES_256_CBC_SHA", Sha1Mac),
    (0xc009, "ECDHE_ECDSA_WITH_AES_128_CBC_SHA", Sha1Mac),
    (0xc00a, "ECDHE_ECDSA_WITH_AES_256_CBC_SHA", Sha1Mac),
    (0x0033, "DHE_RSA_WITH_AES_128_CBC_SHA", Sha1Mac),
    (0x0039, "DHE_RSA_WITH_AES_256_CBC_SHA", Sha1Mac),
    (0x009c, "RSA_WITH_AES_128_GCM_SHA256", Rsa),
    (0x009d, "RSA_WITH_AES_256_GCM_SHA384", Rsa),
    (0x003c, "RSA_WITH_AES_128_CBC_SHA256", Rsa),
    (0x003d, "RSA_WITH_AES_256_CBC_SHA256", Rsa),
    (0x002f, "RSA_WITH_AES_128_CBC_SHA", Rsa),
    (0x0035, "RSA_WITH_AES_256_CBC_SHA", Rsa),
    (0xc012, "ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", Broken),
    (0x0016, "DHE_RSA_WITH_3DES_EDE_CBC_SHA", Broken),
    (0x000a, "RSA_WITH_3DES_EDE_CBC_SHA", Broken),
    (0x0005, "RSA_WITH_RC4_128_SHA", Broken),
    (0x0004, "RSA_WITH_RC4_128_MD5", Broken),
];

impl CipherSuite {
    /// Those of TLS 1.2 and before that every client offers.
    pub(super) fn current() -> impl Iterator<Item = CipherSuite> {
        SUITES
            .iter()
            .filter(|(_, _, family)| matches!(family, Current | ChaCha))
            .map(|(number, ..)| CipherSuite(*number))
    }

    /// Those of TLS 1.2 and before, whoever offers them.
    pub(super) fn every() -> impl Iterator<Item = CipherSuite> {
        let suites = SUITES.iter().filter(|(_, _, family)| *family != Tls13);
        suites.map(|(number, ..)| CipherSuite(*number))
    }

    /// Those of TLS 1.3.
    pub(super) fn of_tls_13() -> impl Iterator<Item = CipherSuite> {
        let suites = SUITES.iter().filter(|(_, _, family)| *family == Tls13);
        suites.map(|(number, ..)| CipherSuite(*number))
    }

    /// Whether it encrypts with `ChaCha20`.
    pub(crate) fn is_chacha20(self) -> bool {
        self.name().is_some_and(|name| name.contains("CHACHA20"))
    }

    /// Its name in IANA's registry, up to TLS 1.2 without `TLS_`; `None` for suites that no client
    /// here offers.
    pub fn name(self) -> Option<&'static str> {
        self.known().map(|(_, name, _)| *name)
    }

    fn known(self) -> Option<&'static (u16, &'static str, Family)> {
        SUITES.iter().find(|(number, ..)| *number == self.0)
    }

    /// Whether a client offers it.
    ///
    /// As tried with OpenSSL 3.0, Python 3.11 and JDK 8 to 25. Python that was built with its own
    /// list (`PY_SSL_DEFAULT_CIPHER_STRING` of `_ssl.c`; Debian and Fedora build with OpenSSL's)
    /// offers neither RSA key exchange nor SHA-1. JDK 24 and later have `TLS_RSA_*` among
    /// `jdk.tls.disabledAlgorithms`; JDK 8 has no `ChaCha20`.
    pub(super) fn offered_by(self, client: Client) -> Offer {
        let Some((.., family)) = self.known() else {
            return Never;
        };
        match (family, client) {
            (Tls13 | Current | ChaCha, _)
            | (DheChaCha | Sha1Mac | Rsa, Client::OpenSsl | Client::Curl)
            | (Sha1Mac, Client::Jvm) => Always,
            (DheChaCha | Sha1Mac | Rsa, Client::Python | Client::Requests)
            | (DheChaCha | Rsa, Client::Jvm) => Sometimes,
            (Broken, _) => Never,
        }
    }
}

impl fmt::Display for CipherSuite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => write!(f, "cipher suite {:#06x}", self.0),
        }
    }
}

/// What the keys of a connection were agreed on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// A group of IANA's registry, by its number: a curve, or one of the primes of RFC 7919.
    Named(u16),
    /// Diffie-Hellman with a prime of this many bits that the server chose.
    DiffieHellman(u16),
}

impl Group {
    /// Whether it is x25519 or x448, which came to the JDK with version 11.
    pub(crate) fn is_of_rfc_7748(self) -> bool {
        matches!(self, Group::Named(29 | 30))
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Group::DiffieHellman(bits) => return write!(f, "DH of {bits} bits"),
            Group::Named(number) => match number {
                23 => "P-256",
                24 => "P-384",
                25 => "P-521",
                29 => "x25519",
                30 => "x448",
                256 => "ffdhe2048",
                257 => "ffdhe3072",
                258 => "ffdhe4096",
                259 => "ffdhe6144",
                260 => "ffdhe8192",
                4588 => "X25519MLKEM768",
                _ => return write!(f, "group {number}"),
            },
        };
        f.pad(name)
    }
}
