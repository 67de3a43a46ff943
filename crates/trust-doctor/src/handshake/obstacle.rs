//! What ends a handshake of some clients before they look at any certificate.

use super::suites::{CipherSuite, Group};
use super::{Handshake, TlsVersion};
use crate::client::Client;

/// Whether a client offers something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offer {
    /// Every version of it.
    Always,
    /// By its version, or by how it was built.
    Sometimes,
    /// No version that is in use.
    Never,
}

/// What a client does not accept of a handshake. No CA helps against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The server speaks nothing newer than this version.
    OldTls(TlsVersion),
    /// Its hello of TLS 1.2 lacks what RFC 5746 demands, so anyone in between may put words before
    /// the client's.
    NoSecureRenegotiation,
    /// It has nothing better than this suite.
    CipherSuite(CipherSuite),
    /// It agrees on keys by this group alone.
    Group(Group),
    /// It agrees on keys by Diffie-Hellman with a prime of so few bits.
    ShortDiffieHellman(u16),
    /// It signs its part of the keys with SHA-1.
    Sha1Signature,
}

/// An obstacle, and for whom it is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Obstructs {
    /// Every version of the client.
    All(Obstacle),
    /// Some of its versions or builds.
    Some(Obstacle),
}

impl Handshake {
    /// What keeps a client from the server's certificates, if anything does.
    ///
    /// Of OpenSSL, and what is built with it, 3.0 at its security level 2; each was tried on the
    /// real programs.
    pub(crate) fn obstacle_to(&self, client: Client) -> Option<Obstructs> {
        let is_jvm = client == Client::Jvm;
        let version = self.version?;
        if !version.is_current() {
            return Some(Obstructs::All(Obstacle::OldTls(version)));
        }
        // SSL_OP_LEGACY_SERVER_CONNECT, which OpenSSL 3.0 no longer sets by itself; the JVM's
        // sun.security.ssl.allowLegacyHelloMessages is true.
        if self.lacks_secure_renegotiation && !is_jvm {
            return Some(Obstructs::All(Obstacle::NoSecureRenegotiation));
        }
        let suite = self
            .cipher_suite
            .map(|suite| (suite, suite.offered_by(client)));
        let of_suite = match suite {
            Some((suite, Offer::Never)) => Some(Obstructs::All(Obstacle::CipherSuite(suite))),
            Some((suite, Offer::Sometimes)) => Some(Obstructs::Some(Obstacle::CipherSuite(suite))),
            Some((suite, Offer::Always)) if self.is_beyond_jdk_8 && is_jvm => {
                let group = self.group.filter(|_| !suite.is_chacha20());
                let obstacle = group.map_or(Obstacle::CipherSuite(suite), Obstacle::Group);
                Some(Obstructs::Some(obstacle))
            }
            Some((_, Offer::Always)) | None => None,
        };
        // The certain before the uncertain.
        match of_suite {
            Some(Obstructs::All(_)) => of_suite,
            _ => self.obstacle_in_keys(is_jvm).or(of_suite),
        }
    }

    fn obstacle_in_keys(&self, is_jvm: bool) -> Option<Obstructs> {
        // ssl_security of OpenSSL's level 2 ("dh key too small"); jdk.tls.disabledAlgorithms.
        let min_bits = if is_jvm { 1024 } else { 2048 };
        if let Some(Group::DiffieHellman(bits)) = self.group
            && bits < min_bits
        {
            return Some(Obstructs::All(Obstacle::ShortDiffieHellman(bits)));
        }
        // JDK 25 disables them, JDK 8 to 21 do not; OpenSSL's level 1 has them no more.
        // rsa_pkcs1_sha1 and ecdsa_sha1.
        let is_sha1 = matches!(self.signature_scheme, Some(0x0201 | 0x0203));
        match (is_sha1, is_jvm) {
            (false, _) => None,
            (true, true) => Some(Obstructs::Some(Obstacle::Sha1Signature)),
            (true, false) => Some(Obstructs::All(Obstacle::Sha1Signature)),
        }
    }
}
