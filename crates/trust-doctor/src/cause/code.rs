//! The codes of causes: stable names that scripts and documentation hold on to.

use super::CauseReason;
use crate::connect::Unreached;
use crate::handshake::{HandshakeFailure, Obstacle};
use crate::outcome::{CertificateFault, Doubt, Outcome, RefusalReason, Role};

/// Defines [`CauseCode`], so that each code is written once.
macro_rules! cause_codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal,)*) => {
        /// The code of a [`Cause`](crate::cause::Cause).
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum CauseCode {
            $($(#[$doc])* $variant,)*
        }

        impl CauseCode {
            /// Every code.
            pub const ALL: &[CauseCode] = &[$(CauseCode::$variant),*];

            /// The code as reports and documentation write it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(CauseCode::$variant => $code,)*
                }
            }
        }
    };
}

cause_codes! {
    /// The server sends its root, and no store has it.
    UntrustedRoot = "untrusted-root",
    /// The chain ends before a trusted root.
    MissingRoot = "missing-root",
    /// The issuer of the server's certificate is neither sent nor trusted; whether it is a root or an
    /// intermediate is not known.
    UnknownIssuer = "unknown-issuer",
    /// The intermediate that issued the server's certificate is neither sent nor trusted.
    MissingIntermediate = "missing-intermediate",
    /// A CA is trusted, but its issuer is not.
    IntermediateAnchor = "intermediate-anchor",
    /// A proxy seems to sign in the server's place.
    Intercepted = "intercepted",
    /// The server did not prove that it has the key.
    NotProven = "not-proven",
    /// The CA is in another client's store.
    NotInThisStore = "not-in-this-store",
    /// A trusted CA has the issuer's name and another key.
    SameName = "same-name",
    /// The server's certificate is self-signed.
    SelfSigned = "self-signed",
    /// A client's store cannot be used, or was not read.
    BrokenStore = "broken-store",
    /// Nothing is known against the server, but clients check something that is not checked here.
    CannotTell = "cannot-tell",
    /// A certificate has expired.
    Expired = "expired",
    /// A certificate is not valid yet.
    NotYetValid = "not-yet-valid",
    /// The certificate is for other names, or the client accepts none like this one.
    OtherName = "other-name",
    /// The name is only in the subject.
    CommonNameOnly = "common-name-only",
    /// A certificate signed another and may not.
    NotACa = "not-a-ca",
    /// A CA allows fewer CAs below it.
    PathTooLong = "path-too-long",
    /// The extended key usage excludes servers.
    NotForServers = "not-for-servers",
    /// The key usage excludes a handshake.
    NotForSigning = "not-for-signing",
    /// A client does not know a critical extension.
    UnknownExtension = "unknown-extension",
    /// A CA may not issue for this name.
    NameConstraint = "name-constraint",
    /// A client does not read a certificate.
    Malformed = "malformed",
    /// A certificate says that its issuer has another key than the CA that signed it.
    WrongKeyIdentifier = "wrong-key-identifier",
    /// The server sends more than a client takes.
    ChainTooLarge = "chain-too-large",
    /// A hash is broken, or a key too short.
    Weak = "weak",
    /// Python 3.13 and later refuse the form of a certificate.
    PythonStrict = "python-strict",
    /// What the server presents is not a certificate.
    Unreadable = "unreadable",
    /// The server insists on a client certificate.
    ClientCertificate = "client-certificate",
    /// The server only accepts old ciphers.
    OldCiphers = "old-ciphers",
    /// The server speaks nothing newer than TLS 1.1.
    OldTls = "old-tls",
    /// The server does not renegotiate securely (RFC 5746).
    NoSecureRenegotiation = "no-secure-renegotiation",
    /// The server's part of the keys is too weak.
    WeakKeyExchange = "weak-key-exchange",
    /// The server ended the handshake with an alert.
    Alert = "alert",
    /// The server closed the connection during the handshake.
    Closed = "closed",
    /// The handshake failed otherwise.
    Handshake = "handshake",
    /// What answers is not TLS.
    NotTls = "not-tls",
    /// The server did not switch to TLS.
    NoStartTls = "no-starttls",
    /// The name has no address.
    NoSuchName = "no-such-name",
    /// Nobody listens at the port.
    Refused = "refused",
    /// Nothing came back in time.
    Silent = "silent",
    /// The network refused.
    Unreachable = "unreachable",
    /// The proxy cannot be reached.
    ProxyUnreachable = "proxy-unreachable",
    /// The proxy opened no tunnel.
    ProxyRefused = "proxy-refused",
}

impl CauseCode {
    /// Why a client that is here does not trust a server; nothing if it does.
    pub fn of_outcome(outcome: &Outcome) -> Option<Self> {
        match outcome {
            Outcome::Trusted(_) | Outcome::Absent => None,
            Outcome::Refused(reason) => Some(CauseCode::refusal(reason)),
            Outcome::CannotTell(_) => Some(CauseCode::CannotTell),
            Outcome::BrokenStore(_) => Some(CauseCode::BrokenStore),
        }
    }

    pub(crate) fn of(reason: &CauseReason) -> Self {
        match reason {
            CauseReason::Unreached(unreached) => CauseCode::unreached(unreached),
            CauseReason::UnreadableChain => CauseCode::Unreadable,
            CauseReason::Handshake(failure) => CauseCode::handshake(failure.as_ref()),
            CauseReason::ClientCertificate => CauseCode::ClientCertificate,
            CauseReason::BrokenStore(_) => CauseCode::BrokenStore,
            CauseReason::NotInThisStore { .. } => CauseCode::NotInThisStore,
            CauseReason::Intercepted(_) => CauseCode::Intercepted,
            CauseReason::MissingIntermediate(_) => CauseCode::MissingIntermediate,
            CauseReason::Refused(reason) => CauseCode::refusal(reason),
            CauseReason::CannotTell(Doubt::Handshake(obstacle)) => CauseCode::obstacle(*obstacle),
            CauseReason::CannotTell(_) => CauseCode::CannotTell,
        }
    }

    fn unreached(unreached: &Unreached) -> Self {
        match unreached {
            Unreached::NoSuchName => CauseCode::NoSuchName,
            Unreached::Refused(_) => CauseCode::Refused,
            Unreached::Silent(_) => CauseCode::Silent,
            Unreached::Network(_) => CauseCode::Unreachable,
            Unreached::ProxyUnreached(_) => CauseCode::ProxyUnreachable,
            Unreached::ProxyRefused(_) => CauseCode::ProxyRefused,
            Unreached::StartTlsRefused(_) => CauseCode::NoStartTls,
        }
    }

    fn handshake(failure: Option<&HandshakeFailure>) -> Self {
        match failure {
            Some(HandshakeFailure::NotTls(_)) => CauseCode::NotTls,
            Some(HandshakeFailure::Alert(_)) => CauseCode::Alert,
            Some(HandshakeFailure::Closed) => CauseCode::Closed,
            Some(HandshakeFailure::Silent) => CauseCode::Silent,
            Some(HandshakeFailure::BadSignature) => CauseCode::NotProven,
            Some(
                HandshakeFailure::NoServerName
                | HandshakeFailure::Unsupported(_)
                | HandshakeFailure::Other(_),
            )
            | None => CauseCode::Handshake,
        }
    }

    fn obstacle(obstacle: Obstacle) -> Self {
        match obstacle {
            Obstacle::OldTls(_) => CauseCode::OldTls,
            Obstacle::NoSecureRenegotiation => CauseCode::NoSecureRenegotiation,
            Obstacle::CipherSuite(_) => CauseCode::OldCiphers,
            // Always a doubt: which JVM it is.
            Obstacle::Group(_) => CauseCode::CannotTell,
            Obstacle::ShortDiffieHellman(_) | Obstacle::Sha1Signature => CauseCode::WeakKeyExchange,
        }
    }

    pub(super) fn refusal(reason: &RefusalReason) -> Self {
        match reason {
            RefusalReason::NoCertificate => CauseCode::Handshake,
            RefusalReason::Handshake(obstacle) => CauseCode::obstacle(*obstacle),
            RefusalReason::SelfSigned(_) => CauseCode::SelfSigned,
            RefusalReason::UntrustedRoot(_) => CauseCode::UntrustedRoot,
            RefusalReason::MissingIssuer(_, Role::Leaf) => CauseCode::UnknownIssuer,
            RefusalReason::MissingIssuer(..) => CauseCode::MissingRoot,
            RefusalReason::SameName(_) => CauseCode::SameName,
            RefusalReason::IntermediateAnchor(_) => CauseCode::IntermediateAnchor,
            RefusalReason::Certificate(fault, ..) => CauseCode::certificate(fault),
            RefusalReason::OtherName(_) | RefusalReason::Underscore => CauseCode::OtherName,
            RefusalReason::CommonNameOnly(_) => CauseCode::CommonNameOnly,
            RefusalReason::ChainTooLarge { .. } | RefusalReason::TooManyCertificates { .. } => {
                CauseCode::ChainTooLarge
            }
        }
    }

    fn certificate(fault: &CertificateFault) -> Self {
        match fault {
            CertificateFault::Expired => CauseCode::Expired,
            CertificateFault::NotYetValid => CauseCode::NotYetValid,
            CertificateFault::NotACa => CauseCode::NotACa,
            CertificateFault::PathTooLong => CauseCode::PathTooLong,
            CertificateFault::NotForServers => CauseCode::NotForServers,
            CertificateFault::NotForHandshakes => CauseCode::NotForSigning,
            CertificateFault::UnknownExtension(_) => CauseCode::UnknownExtension,
            CertificateFault::NameConstraint => CauseCode::NameConstraint,
            CertificateFault::Malformed(_) => CauseCode::Malformed,
            CertificateFault::WrongKeyIdentifier => CauseCode::WrongKeyIdentifier,
            CertificateFault::Weak(_) => CauseCode::Weak,
            CertificateFault::Strict(_) => CauseCode::PythonStrict,
        }
    }
}
