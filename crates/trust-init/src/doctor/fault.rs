//! Why a client refuses a server.

use std::fmt;
use trust_stores::Certificate;

/// Which of a path's certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The server's own.
    Leaf,
    /// One between.
    Intermediate,
    /// The last, self-signed.
    Root,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Role::Leaf => "the server's certificate",
            Role::Intermediate => "an intermediate",
            Role::Root => "the root",
        })
    }
}

/// Why a client refuses.
#[derive(Clone, Debug)]
pub enum Fault {
    /// The server presented nothing.
    Nothing,
    /// It speaks this version alone, which no client takes any more.
    OldTls(&'static str),
    /// It takes old ciphers alone, which this client does not have.
    OldCiphers,
    /// Its certificate signed itself, and is not trusted.
    SelfSigned(Box<Certificate>),
    /// The path ends at a root that the server sent and that is not trusted.
    UntrustedRoot(Box<Certificate>),
    /// The issuer of this certificate is neither presented nor trusted.
    MissingIssuer(Box<Certificate>, Role),
    /// A CA of the issuer's name is trusted, and did not sign this certificate: that one.
    SameName(Box<Certificate>),
    /// An intermediate is trusted, and its root is not: OpenSSL wants the root.
    IntermediateAnchor(Box<Certificate>),
    /// Something about a certificate of the path.
    OfCertificate(CertificateFault, Role, Box<Certificate>),
    /// The certificate is for other names: which.
    OtherName(Vec<String>),
    /// The name stands in the subject alone, where this client does not look.
    CommonNameOnly(String),
}

/// What is wrong with a certificate.
#[derive(Clone, Debug)]
pub enum CertificateFault {
    /// Its time has passed.
    Expired,
    /// Its time is yet to come.
    NotYetValid,
    /// It is between and not a CA's, or may not sign.
    NotACa,
    /// There are more CAs below it than it allows.
    PathTooLong,
    /// It is not for servers, by its extended key usage.
    NotForServers,
    /// Its key may not sign a handshake, by its key usage.
    NotForSigning,
    /// A critical extension that no client knows: its identifier.
    UnknownExtension(String),
    /// It is a CA's that may not vouch for this name.
    NameConstraint,
    /// A broken hash or a short key: what of it.
    Weak(String),
    /// What Python 3.13 minds of a CA.
    Strict(String),
}

impl Fault {
    /// Whether another CA in the store would mend it.
    pub(super) fn is_of_a_missing_ca(&self) -> bool {
        self.is_an_end() || matches!(self, Fault::SelfSigned(_))
    }

    /// Whether it says no more than that a path ended.
    pub(super) fn is_an_end(&self) -> bool {
        matches!(
            self,
            Fault::MissingIssuer(..)
                | Fault::SameName(_)
                | Fault::UntrustedRoot(_)
                | Fault::IntermediateAnchor(_)
        )
    }
}
