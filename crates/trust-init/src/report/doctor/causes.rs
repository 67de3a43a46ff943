//! The words for causes: what is wrong, and how to fix it.

use trust_doctor::cause::{CauseReason, IssuerSource};
use trust_doctor::outcome::{CertificateFault, Doubt, Role, StrictFault, Weakness};
use trust_doctor::{Cause, Client, Diagnosis, ProxyError, RefusalReason};
use trust_stores::Certificate;
use trust_stores::cert::Name;
use trust_stores::escape::escape;

use super::answers::list;
use super::{client_name, connection, names, stores};

/// What is wrong, and how to fix it. Escaped: servers choose much of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words {
    /// One line.
    pub(super) message: String,
    /// What to do, a line each, the first step first.
    pub(super) fixes: Vec<String>,
}

impl Words {
    pub(super) fn new(message: impl AsRef<str>) -> Self {
        Words {
            message: escape(message.as_ref()).into_owned(),
            fixes: Vec::new(),
        }
    }

    pub(super) fn fix(mut self, fix: impl AsRef<str>) -> Self {
        self.fixes.push(escape(fix.as_ref()).into_owned());
        self
    }
}

const ADD: &str = "then add it to the customer's chain, and build the stores again";
const BUILT_FIRST: &str = "first point the clients at the stores that were built here (exec --from DIR, or \
                           DIR/trust.env), and ask again";
const COMPARE: &str = "compare its fingerprint with the one its owner publishes; --save-chain \
                       writes the certificate";
const GET: &str = "get that CA's certificate from its owner, and compare its fingerprint";

const ASK_A_CLIENT: &str = "ask the clients themselves: repeat this with --ask";

/// A fault of the server's certificate that has a name of its own in RFC 5280 (4.1.2.6), and in what clients
/// print.
pub(super) const NO_SUBJECT: &str = "its subject is empty and its subjectAltName is not critical";

/// The words for a cause.
pub(super) fn cause(cause: &Cause, diagnosis: &Diagnosis) -> Words {
    let host = &diagnosis.probe.target.host;
    let mut words = match &cause.reason {
        CauseReason::Unreached(unreached) => connection::unreached(unreached),
        CauseReason::UnreadableChain => Words::new("what the server presents is not a certificate")
            .fix("check the port, and ask the server's owner"),
        CauseReason::Handshake(failure) => {
            connection::failed_handshake(failure.as_ref(), &diagnosis.probe)
        }
        CauseReason::ClientCertificate => Words::new(
            "the server requires a client certificate (mutual TLS)",
        )
        .fix("this is not a trust problem: give the client a certificate and key of its own"),
        CauseReason::BrokenStore(fault) => {
            Words::new(stores::fault_line(fault)).fix(stores::fault(fault).1)
        }
        CauseReason::NotInThisStore { ca, found_by } => {
            // The message itself names the clients.
            return not_in_this_store(ca, &cause.clients, *found_by);
        }
        CauseReason::Intercepted(ca) => intercepted(ca),
        CauseReason::MissingIntermediate(ca) => missing_intermediate(ca),
        CauseReason::Refused(reason) => refusal(reason, host),
        CauseReason::CannotTell(doubt) => cannot_tell(doubt),
    };
    if cause.leaves_customer_unread {
        words.fixes.insert(0, String::from(BUILT_FIRST));
    }
    match &cause.issuer_source {
        Some(IssuerSource::Fetched) => {
            words = words.fix("--save-chain also writes what was fetched, unverified");
        }
        Some(IssuerSource::Url(url)) => {
            words = words.fix(format!(
                "the certificate names a URL for it, which --fetch-issuers downloads: {url}"
            ));
        }
        None => {}
    }
    if !cause.clients.is_empty() {
        words.message = format!("{}: {}", list(&cause.clients), words.message);
    }
    words
}

/// The chart values that add the missing CA, as YAML. Not the certificate itself: an attacker
/// between could have presented it, and a complete block would be pasted without a look.
pub(super) fn values(cause: &Cause) -> Option<String> {
    let subject = cause.missing_ca.as_ref()?;
    let sha256 = cause
        .certificate
        .as_ref()
        .map_or_else(String::new, |one| format!(", sha256 {}", one.fingerprint()));
    Some(format!(
        "trust:\n  caBundle:\n    pem: |\n      # keep what is here, and append:\n      \
         # {subject}{sha256}\n      -----BEGIN CERTIFICATE-----\n      ...\n      \
         -----END CERTIFICATE-----\n"
    ))
}

fn not_in_this_store(ca: &Certificate, clients: &[Client], found_by: Option<&str>) -> Words {
    let stores = match clients {
        [Client::Jvm] => String::from("the JVM's store"),
        [one] => format!("the store of {}", client_name(*one)),
        several => format!("the stores of {}", list(several)),
    };
    // It is about the first of them.
    let found_by = found_by.filter(|_| clients.len() == 1);
    let found_by = found_by.map_or_else(String::new, |found_by| format!(" ({found_by})"));
    Words::new(format!(
        "{} is missing from {stores}{found_by} but present in the other clients' stores",
        ca.subject()
    ))
    .fix(match clients {
        [_] => "point this client at the same stores: see trust-init env",
        _ => "point these clients at the same stores: see trust-init env",
    })
}

fn cannot_tell(doubt: &Doubt) -> Words {
    let doubt = match doubt {
        Doubt::Handshake(obstacle) => return connection::obstacle(*obstacle),
        Doubt::Signature(certificate) => {
            format!("cannot compute the signature on {}", certificate.subject())
        }
        Doubt::Algorithm(certificate) => format!(
            "knows versions of a client that take the key or the signature of {} and others that refuse it",
            certificate.subject()
        ),
        Doubt::Extension(id, certificate) => format!(
            "does not check the extension {id} of {}",
            certificate.subject()
        ),
        Doubt::NameConstraint(ca) => format!(
            "does not compare every name with the constraints of {}",
            ca.subject()
        ),
        Doubt::Policies(ca) => format!(
            "does not compute the certificate policies that {} requires or maps",
            ca.subject()
        ),
        Doubt::JavaVersion(certificate) => format!(
            "does not see which JVM it is, and JVMs differ about {}",
            certificate.subject()
        ),
        Doubt::TooMuchWork => String::from("gives up on a chain with so many names and paths"),
        Doubt::PythonVersion => String::from(
            "does not see which version of Python it is, and Python 3.12 and 3.13 answer differently",
        ),
        Doubt::Unreadable(index) => {
            format!("cannot read certificate {index} of those that the server sends")
        }
        Doubt::KeyNotProven(_) => return key_not_proven(),
        Doubt::NoClient => return no_client(),
        Doubt::Setting(property) => {
            format!("does not know what a JVM with -D{property} accepts")
        }
        Doubt::Proxy(error) => return unused_proxy(*error),
        Doubt::ClientCertificate => return maybe_client_certificate(),
    };
    Words::new(format!(
        "doctor {doubt}, so it cannot tell whether clients trust the server"
    ))
    .fix(ASK_A_CLIENT)
}

fn key_not_proven() -> Words {
    Words::new(
        "the certificates are trusted, but doctor could not make the server prove that it holds \
         their key: anyone can present another server's certificates",
    )
    .fix(ASK_A_CLIENT)
}

fn maybe_client_certificate() -> Words {
    Words::new(
        "the server asks for a client certificate (mutual TLS), and doctor cannot tell whether it \
         requires one",
    )
    .fix("ask its owner; if it does, give the client a certificate and key of its own")
}

fn unused_proxy(error: ProxyError) -> Words {
    let instead = match error {
        ProxyError::AutoConfiguration => "name the proxy that the script chooses in HTTPS_PROXY",
        _ => "name a proxy by http:// in HTTPS_PROXY, if there is one",
    };
    Words::new(
        "the proxy variables name no proxy that doctor can use: doctor asked without one and these clients do not, so it cannot tell what they see",
    )
    .fix(instead)
    .fix("or add the host to NO_PROXY, if it can be reached directly; --proxy none tries that")
}

fn no_client() -> Words {
    Words::new("doctor sees no client here that it knows, so it has no verdict")
        .fix("run doctor in the container where the client runs, or name its process with --pid")
}

fn intercepted(ca: &Name) -> Words {
    Words::new(format!(
        "a proxy seems to sign in the server's place with its own CA: {ca}"
    ))
    .fix("ask your network team for that CA's certificate, and compare its fingerprint")
    .fix("then add it as a base of the platform (--base), or exempt this host from the proxy")
    .fix("if it is the company's own CA and not a proxy's, add it to the customer's chain")
}

/// The words for a client's refusal of the server that was called `host`.
pub(super) fn refusal(reason: &RefusalReason, host: &str) -> Words {
    match reason {
        RefusalReason::NoCertificate => connection::handshake(None),
        RefusalReason::Handshake(obstacle) => connection::obstacle(*obstacle),
        RefusalReason::SelfSigned(_) => {
            Words::new("the server's certificate is self-signed: no CA issued it")
                .fix("ask the server's owner for a certificate from the company's CA")
                .fix("or, once the owner has confirmed its fingerprint, add the certificate itself")
        }
        RefusalReason::UntrustedRoot(root) => Words::new(format!(
            "the root is not trusted here: {}",
            root.subject()
        ))
        .fix(COMPARE)
        .fix(ADD)
        .fix("if the server is not the company's own, a proxy may be signing in its place: ask your network team"),
        RefusalReason::MissingIssuer(last, role) => missing_issuer(last, *role),
        RefusalReason::SameName(namesake) => Words::new(format!(
            "a trusted CA has the issuer's name but another key: {}",
            namesake.subject()
        ))
        .fix("the CA was renewed with a new key, or two CAs share a name: get the other certificate from its owner")
        .fix(ADD),
        RefusalReason::IntermediateAnchor(anchor) => Words::new(format!(
            "{} is trusted but its issuer is not, and OpenSSL, like Python before 3.13, needs all \
             CAs up to the root: {} is missing",
            anchor.subject(),
            anchor.issuer()
        ))
        .fix(GET)
        .fix(ADD),
        RefusalReason::TooManyCertificates { count, limit } => Words::new(format!(
            "the server sends {count} certificates, and a JVM accepts at most {limit}"
        ))
        .fix("the server's owner must send its own certificate and its intermediates only"),
        RefusalReason::ChainTooLarge { size, limit } => Words::new(format!(
            "the server sends {size} bytes of certificates, and clients accept at most {limit}"
        ))
        .fix("the server's owner must send its own certificate and its intermediates only"),
        RefusalReason::OtherName(listed) => names::other(listed, host),
        RefusalReason::Underscore => names::underscore(host),
        RefusalReason::CommonNameOnly(name) => names::common(name),
        RefusalReason::Certificate(fault, role, certificate) => {
            certificate_fault(fault, *role, certificate)
        }
    }
}

fn missing_issuer(last: &Certificate, role: Role) -> Words {
    let issuer = last.issuer();
    if role == Role::Leaf {
        return Words::new(format!(
            "the issuer of the server's certificate is unknown here, neither sent nor trusted: {issuer}"
        ))
        .fix("it may be a root or an intermediate: ask the owner of the CA for its certificates up to the root")
        .fix(ADD)
        .fix("if it is an intermediate, the server should send it: ask its owner to add it to the server's chain");
    }
    Words::new(format!(
        "the chain ends before a trusted root: {issuer} is missing"
    ))
    .fix(GET)
    .fix(ADD)
}

fn missing_intermediate(ca: &Certificate) -> Words {
    Words::new(format!(
        "the server does not send the intermediate that issued its certificate: {}",
        ca.subject()
    ))
    .fix("ask the server's owner to add it to the server's chain")
    .fix("until then, compare its fingerprint with its owner's, and add it to the customer's chain")
}

fn certificate_fault(fault: &CertificateFault, role: Role, certificate: &Certificate) -> Words {
    let (message, fix) = fault_and_fix(fault, role, certificate);
    let words = Words::new(message).fix(fix);
    match (fault, role) {
        (CertificateFault::Expired, Role::Intermediate | Role::Root) => {
            words.fix("if it was already renewed, remove the old one from the stores")
        }
        _ => words,
    }
}

fn fault_and_fix(
    fault: &CertificateFault,
    role: Role,
    certificate: &Certificate,
) -> (String, &'static str) {
    let (name, at) = (certificate.subject(), role_name(role));
    match fault {
        CertificateFault::Expired => (
            format!("{at} expired on {}: {name}", certificate.not_after()),
            "its owner must renew it; also check this machine's clock",
        ),
        CertificateFault::NotYetValid => (
            format!(
                "{at} is not valid before {}: {name}",
                certificate.not_before()
            ),
            "check this machine's clock; if it is right, the certificate was issued too early",
        ),
        CertificateFault::NotACa => (
            format!("{name} signed a certificate but is not allowed to: it is not a CA"),
            "the CA's owner must issue from a CA certificate",
        ),
        CertificateFault::PathTooLong => (
            format!("{name} does not allow this many CAs below it (pathLenConstraint)"),
            "the CA's owner must change its hierarchy",
        ),
        CertificateFault::NotForServers => (
            format!("{at} is not for TLS servers (extendedKeyUsage): {name}"),
            "its owner must reissue it with serverAuth",
        ),
        CertificateFault::NotForHandshakes => (
            format!("{at} may not be used in handshakes (keyUsage): {name}"),
            "its owner must reissue it with digitalSignature",
        ),
        CertificateFault::UnknownExtension(id) => (
            format!("{at} has a critical extension that clients do not know ({id}): {name}"),
            "its owner must reissue it without that extension, or with it marked as not critical",
        ),
        CertificateFault::Malformed(reason) => (
            format!("{at} cannot be read, because {reason}: {name}"),
            if reason == NO_SUBJECT {
                "its owner must reissue it with a common name, or with subjectAltName critical"
            } else {
                "its owner must reissue it as RFC 5280 says"
            },
        ),
        CertificateFault::WrongKeyIdentifier => (
            format!("{at} names a key other than its issuer's (authorityKeyIdentifier): {name}"),
            "its owner must reissue it; an authorityKeyIdentifier may also be left out of a root",
        ),
        CertificateFault::NameConstraint => (
            format!(
                "{name} may not issue for every name in the certificates below it (nameConstraints)"
            ),
            "its owner must get it from a CA that may issue for all its names",
        ),
        CertificateFault::Weak(weakness) => (
            format!("{at} is too weak ({}): {name}", weakness_reason(weakness)),
            "its owner must reissue it",
        ),
        CertificateFault::Strict(strict) => (
            format!("Python 3.13 refuses {name}: {}", strict_reason(strict)),
            "the CA's owner must reissue it; until then, Python 3.12 accepts it",
        ),
    }
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Leaf => "the server's certificate",
        Role::Intermediate => "an intermediate",
        Role::Root => "the root",
    }
}

fn strict_reason(fault: &StrictFault) -> &str {
    match fault {
        StrictFault::NoAuthorityKeyIdentifier => "it has no authorityKeyIdentifier",
        StrictFault::Form(reason) => reason,
    }
}

fn weakness_reason(weakness: &Weakness) -> String {
    match weakness {
        Weakness::Hash(hash) => format!("signed with {hash}"),
        Weakness::KeyForOpenSsl(reason) => reason.clone(),
        Weakness::NoTlsKey(key) => format!("{key}: TLS has no signatures by such keys"),
        Weakness::KeyForJvm(key) => format!("{key}: JVMs refuse such keys"),
    }
}
