//! A TLS handshake and no more: what the server presents, whoever issued it.
//!
//! rustls speaks TLS 1.2 and 1.3 and proves that the server has the key of what it presents. A
//! server that only speaks older versions, or has no cipher in common with rustls, gets a
//! `ClientHello` written by hand: up to TLS 1.2 the certificates arrive in plain text, before
//! anything is proven. No library does that, since no client should.

mod client_hello;
mod finite_field;
mod observer;
mod p521;
mod plain;
mod provider;
mod rustls_client;
mod scheme;

pub use self::plain::plain_handshake;
pub(crate) use self::plain::read_plain;
pub(crate) use self::rustls_client::shake_hands;

/// What a server presented.
#[derive(Clone, Debug, Default)]
pub struct Handshake {
    /// Its certificates in DER, in the order they came; the server's own should be the first.
    pub chain: Vec<Vec<u8>>,
    /// The version that was agreed on, or that the server answered with.
    pub version: Option<TlsVersion>,
    /// Whether the server proved that it has the key of its certificate.
    pub proof: Proof,
    /// Whether it asked for a client certificate; whether it insists shows in the failure.
    pub requests_client_certificate: bool,
    /// Whether it only accepts old ciphers: RSA key exchange, which has no forward secrecy, or a
    /// SHA-1 MAC. Python and newer JVMs offer none of them.
    pub has_only_old_ciphers: bool,
    /// Why the handshake did not succeed, if it did not.
    pub failure: Option<HandshakeFailure>,
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
    /// It did.
    Given,
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
