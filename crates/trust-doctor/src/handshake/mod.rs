//! A TLS handshake and no more: what the server presents, whoever issued it.
//!
//! rustls speaks TLS 1.2 and 1.3 and proves that the server has the key of what it presents. A
//! server that only speaks older versions, or has no cipher in common with rustls, gets a
//! `ClientHello` written by hand: up to TLS 1.2 the certificates arrive in plain text, before
//! anything is proven. No library does that, since no client should.

mod client_hello;
mod curves;
mod finite_field;
mod flight;
mod observer;
mod obstacle;
mod plain;
mod provider;
mod rustls_client;
mod scheme;
mod suites;

use trust_stores::cert::Name;

pub use self::client_hello::Offers;
use self::flight::Flight;
pub use self::obstacle::Obstacle;
pub(crate) use self::obstacle::Obstructs;
use self::obstacle::Offer;
pub use self::plain::plain_handshake;
pub(crate) use self::plain::read_plain;
pub(crate) use self::rustls_client::shake_hands;
pub use self::suites::{CipherSuite, Group};

/// What a server presented.
#[derive(Clone, Debug, Default)]
pub struct Handshake {
    /// Its certificates in DER, in the order they came; the server's own should be the first.
    pub chain: Vec<Vec<u8>>,
    /// The version that was agreed on, or that the server answered with.
    pub version: Option<TlsVersion>,
    /// The cipher suite that it chose. In a handshake that was only read, nothing that every client
    /// offers suits it better.
    pub cipher_suite: Option<CipherSuite>,
    /// Whether it takes nothing that JDK 8 has, but insists on `ChaCha20` or on x25519.
    pub is_beyond_jdk_8: bool,
    /// What the keys were agreed on with; nothing with RSA key exchange.
    pub group: Option<Group>,
    /// The number of the scheme by which it signed that, up to TLS 1.2 (RFC 8446, section 4.2.3).
    pub signature_scheme: Option<u16>,
    /// Whether it speaks TLS 1.2 or older without the extension of RFC 5746.
    pub lacks_secure_renegotiation: bool,
    /// Whether the server proved that it has the key of its certificate.
    pub proof: Proof,
    /// Whether it asked for a client certificate; whether it insists shows in the failure.
    pub requests_client_certificate: bool,
    /// The CAs that it accepts client certificates of, by its own words; often it names none.
    pub accepted_cas: Vec<Name>,
    /// Why the handshake did not succeed, if it did not.
    pub failure: Option<HandshakeFailure>,
    /// Why a second hello, which offered all that clients know up to TLS 1.2, brought no certificate
    /// either; nothing if there was none.
    pub second_failure: Option<HandshakeFailure>,
}

impl Handshake {
    /// What the server chose, as the reason why this crate goes no further.
    pub(crate) fn wanted(&self) -> Option<HandshakeFailure> {
        let (version, suite) = (self.version?.as_str(), self.cipher_suite?);
        let group = self
            .group
            .map_or_else(String::new, |group| format!(" and {group}"));
        let reason = format!("the server wants {version} with {suite}{group}");
        Some(HandshakeFailure::Unsupported(reason))
    }

    fn of_flight(flight: Flight) -> Self {
        let version = flight.version;
        Handshake {
            lacks_secure_renegotiation: !flight.has_renegotiation_info
                && version.is_some_and(|version| version < TlsVersion::Tls13),
            chain: flight.chain,
            version,
            cipher_suite: flight.suite,
            is_beyond_jdk_8: false,
            group: flight.group,
            signature_scheme: flight.signature_scheme,
            proof: Proof::Missing,
            requests_client_certificate: flight.requests_certificate,
            accepted_cas: flight.accepted_cas,
            failure: flight.failure,
            second_failure: None,
        }
    }
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    /// SSL 3.0.
    Ssl3,
    /// TLS 1.0.
    Tls10,
    /// TLS 1.1.
    Tls11,
    /// TLS 1.2.
    Tls12,
    /// TLS 1.3.
    Tls13,
}

impl TlsVersion {
    /// For instance `TLS 1.2`.
    pub fn as_str(self) -> &'static str {
        match self {
            TlsVersion::Ssl3 => "SSL 3.0",
            TlsVersion::Tls10 => "TLS 1.0",
            TlsVersion::Tls11 => "TLS 1.1",
            TlsVersion::Tls12 => "TLS 1.2",
            TlsVersion::Tls13 => "TLS 1.3",
        }
    }

    /// Whether clients still accept it (RFC 8996 ended the ones before 1.2).
    pub fn is_current(self) -> bool {
        self >= TlsVersion::Tls12
    }
}

/// Whether a server proved that it has the key of its certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Proof {
    /// The handshake ended before that.
    #[default]
    Missing,
    /// The chain was read from a plain-text handshake, which never gets that far.
    NeverAsked,
    /// It signed its part of the keys in such a handshake, which went no further.
    Signed,
    /// It did.
    Given,
}

impl Proof {
    /// Whether it has the key.
    pub fn is_given(self) -> bool {
        matches!(self, Proof::Signed | Proof::Given)
    }

    /// Whether the handshake was only read, so that its end says nothing of the server.
    pub(crate) fn is_read(self) -> bool {
        matches!(self, Proof::NeverAsked | Proof::Signed)
    }
}

/// Why a handshake failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandshakeFailure {
    /// What came back is not TLS: its first line, which may hold anything.
    NotTls(String),
    /// The server sent this alert (its name in RFC 8446, in camel case).
    Alert(String),
    /// The server closed the connection.
    Closed,
    /// Nothing came back in time.
    Silent,
    /// The server's signature does not fit the key of its certificate.
    BadSignature,
    /// The host cannot be sent as a server name.
    NoServerName,
    /// rustls does not support what the server presents or speaks; clients may.
    Unsupported(String),
    /// Anything else, in the words of rustls or the system.
    Other(String),
}
