//! What a client answers about a server; and if it refuses, why.

use trust_stores::cert::Hash;
use trust_stores::strictness::Reason;
use trust_stores::{Certificate, Fingerprint};

use crate::handshake::Obstacle;
use crate::proxy::ProxyError;
use crate::store::StoreFault;

/// A client's answer.
#[derive(Debug)]
pub enum Outcome {
    /// It trusts the server, by this path.
    Trusted(TrustedPath),
    /// It does not.
    Refused(RefusalReason),
    /// Nothing is known against the server, but something that the client checks was not. Never
    /// count this as trust: anyone can forge a signature that nobody checks.
    CannotTell(Doubt),
    /// It fails with every server, because its store has this fault.
    BrokenStore(Box<StoreFault>),
    /// There is no such client here, or its store cannot be seen.
    Absent,
}

/// What is not checked here, though clients do.
#[derive(Clone, Debug)]
pub enum Doubt {
    /// The signature on this certificate: its algorithm or its form is not computed here.
    Signature(Box<Certificate>),
    /// What this certificate is signed with, or its key: the client has versions and builds that take it,
    /// and others that do not.
    Algorithm(Box<Certificate>),
    /// The extension with this identifier, which is not checked here.
    Extension(String, Box<Certificate>),
    /// The name constraints of this CA on names of a kind that is not compared here.
    NameConstraint(Box<Certificate>),
    /// The policies that this CA requires or maps, which a JVM looks at.
    Policies(Box<Certificate>),
    /// Which JVM it is: they differ about this certificate.
    JavaVersion(Box<Certificate>),
    /// The server's chain takes more work than it is worth: CAs that all signed each other, or tens of
    /// thousands of names.
    TooMuchWork,
    /// The certificate that the server sends at this place, counted from 0: it cannot be read.
    Unreadable(usize),
    /// Whether this version of the client, as it was built, accepts the handshake.
    Handshake(Obstacle),
    /// Which Python it is: 3.13 and later answer otherwise than those before.
    PythonVersion,
    /// Whether the server has the key of its certificate. Its chain is trusted, by this path; anyone
    /// can present another server's chain.
    KeyNotProven(TrustedPath),
    /// Whether the server insists on the client certificate that it asks for. Its chain is trusted.
    ClientCertificate,
    /// What the client's own way leads to: its variables name a proxy that is not supported here, and the
    /// server was asked without one.
    Proxy(ProxyError),
    /// What the client makes of this setting of its own, which is not predicted here.
    Setting(&'static str),
    /// Everything: no client whose answer is predicted is here.
    NoClient,
}

/// A path from a server's certificate to a trust anchor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedPath {
    /// Its certificates, the server's own first and the anchor last.
    pub certificates: Vec<Fingerprint>,
}

/// The part that a certificate plays on a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The server's own.
    Leaf,
    /// A CA between the server and a root.
    Intermediate,
    /// A self-signed CA at the end.
    Root,
}

/// Why a client refuses a server.
#[derive(Clone, Debug)]
pub enum RefusalReason {
    /// The server presented no certificate.
    NoCertificate,
    /// The handshake ends before any certificate counts.
    Handshake(Obstacle),
    /// The server's certificate is self-signed, and not trusted.
    SelfSigned(Box<Certificate>),
    /// The path ends at a root that the server sent and that is not trusted.
    UntrustedRoot(Box<Certificate>),
    /// The issuer of this certificate is neither sent nor trusted.
    MissingIssuer(Box<Certificate>, Role),
    /// This trusted CA has the issuer's name, but another key made the signature.
    SameName(Box<Certificate>),
    /// This intermediate is trusted and its root is not, while the client requires a root.
    IntermediateAnchor(Box<Certificate>),
    /// A certificate on the path is at fault.
    Certificate(CertificateFault, Role, Box<Certificate>),
    /// The server sends more certificates than the client takes.
    TooManyCertificates {
        /// How many there are.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
    /// What the server sends is larger than the client takes, in bytes.
    ChainTooLarge {
        /// How large it is.
        size: usize,
        /// How large it may be.
        limit: usize,
    },
    /// The certificate is for other names: these.
    OtherName(Vec<String>),
    /// The server was called by a name with an underscore, which a JVM takes for no host name
    /// ("Illegal given domain name").
    Underscore,
    /// The name is only in the subject, where this client does not look.
    CommonNameOnly(String),
}

impl Outcome {
    /// The path by which the client trusts what the server presented, whether or not the server
    /// proved to have the key.
    pub fn path(&self) -> Option<&TrustedPath> {
        match self {
            Outcome::Trusted(path) | Outcome::CannotTell(Doubt::KeyNotProven(path)) => Some(path),
            _ => None,
        }
    }
}

impl TrustedPath {
    /// The trust anchor that it ends in.
    pub fn anchor(&self) -> Option<Fingerprint> {
        self.certificates.last().copied()
    }
}

impl RefusalReason {
    /// Whether one more CA in the store would change the answer.
    pub(crate) fn is_missing_ca(&self) -> bool {
        self.is_dead_end() || matches!(self, RefusalReason::SelfSigned(_))
    }

    /// Whether it says no more than that a path ended before an anchor.
    pub(crate) fn is_dead_end(&self) -> bool {
        matches!(
            self,
            RefusalReason::MissingIssuer(..)
                | RefusalReason::SameName(_)
                | RefusalReason::UntrustedRoot(_)
                | RefusalReason::IntermediateAnchor(_)
        )
    }
}

/// What is wrong with a certificate on a path.
#[derive(Clone, Debug)]
pub enum CertificateFault {
    /// Its validity is over.
    Expired,
    /// Its validity has not begun.
    NotYetValid,
    /// It signed another certificate, but is no CA or may not sign.
    NotACa,
    /// There are more CAs below it than its path length allows.
    PathTooLong,
    /// Its extended key usage excludes TLS servers.
    NotForServers,
    /// Its key usage excludes a handshake.
    NotForHandshakes,
    /// The client does not read it, for this reason.
    Malformed(Reason),
    /// It says that its issuer has another key (authorityKeyIdentifier) than the CA that signed it,
    /// which may be itself.
    WrongKeyIdentifier,
    /// It has a critical extension that the client does not know, with this identifier.
    UnknownExtension(String),
    /// Its name constraints exclude a name of the server's certificate, or of a CA below.
    NameConstraint,
    /// Its signature or key is too weak.
    Weak(Weakness),
    /// Python 3.13 and later refuse its form, for this reason.
    Strict(StrictFault),
}

/// A signature or a key that a client finds too weak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// It is signed with a broken hash.
    Hash(Hash),
    /// Its key is too short for OpenSSL's security level 2, as
    /// [`Key::weakness`](trust_stores::cert::Key::weakness) says.
    KeyForOpenSsl(String),
    /// TLS has no signatures by a key of this kind.
    NoTlsKey(String),
    /// A key of this kind is refused by the JVM (`jdk.certpath.disabledAlgorithms` of
    /// `java.security`).
    KeyForJvm(String),
}

/// What `VERIFY_X509_STRICT` finds wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StrictFault {
    /// It does not say which key signed it.
    NoAuthorityKeyIdentifier,
    /// Another part of its form.
    Form(Reason),
}
