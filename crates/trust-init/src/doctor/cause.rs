//! What three verdicts, the stores and the handshake come to: one cause, and what to do.

use super::connect::Unreached;
use super::fault::{CertificateFault, Fault, Role};
use super::handshake::{Failure, Presented, Proof};
use super::stores::{StoreFault, Trust, Who};
use super::verdict::{self, Outcome, Verdict};
use super::{Asked, path, signature};
use trust_stores::escape::escape;
use trust_stores::{Certificate, Fingerprint, Timestamp, cert::name::Name};

/// One line of what is wrong, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// A short kebab-case code.
    pub code: &'static str,
    /// In words.
    pub message: String,
    /// What to do, a line each.
    pub remedies: Vec<String>,
    /// The certificate that is missing or at fault, where there is one.
    pub certificate: Option<Fingerprint>,
    /// Whose certificate is to be added to the customer's chain, where that mends it.
    pub adds: Option<String>,
}

impl Cause {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        // Much of what is told comes from the server or the environment.
        let message: String = message.into();
        Cause {
            code,
            message: escape(&message).into_owned(),
            remedies: Vec::new(),
            certificate: None,
            adds: None,
        }
    }

    /// That certificate is to be added.
    fn adding(mut self, subject: &Name) -> Self {
        self.adds = Some(subject.to_string());
        self
    }

    /// The values of the chart that add what is missing, as YAML. Not the certificate itself: whoever
    /// stands between could have presented it, and a block to paste would be pasted.
    pub fn values(&self) -> Option<String> {
        let subject = self.adds.as_ref()?;
        let sha256 = self
            .certificate
            .map_or_else(String::new, |fingerprint| format!(", sha256 {fingerprint}"));
        Some(format!(
            "trust:\n  caBundle:\n    pem: |\n      # what stands here already, and behind it:\n      \
             # {subject}{sha256}\n      -----BEGIN CERTIFICATE-----\n      ...\n      \
             -----END CERTIFICATE-----\n"
        ))
    }

    fn remedy(mut self, remedy: impl AsRef<str>) -> Self {
        self.remedies.push(escape(remedy.as_ref()).into_owned());
        self
    }

    fn about(mut self, certificate: &Certificate) -> Self {
        self.certificate = Some(certificate.fingerprint());
        self
    }
}

/// What Python 3.13 would say where OpenSSL and Python before it trust a server.
pub fn strict_note(asked: &Asked, trusts: &[Trust], at: Timestamp) -> Option<String> {
    let fault = verdict::strict(asked, trusts, at)?;
    Some(of_the_fault(&fault, asked).message)
}

/// What is wrong, if anything is. `None` is a server that every client trusts.
pub fn cause(asked: &Asked, verdicts: &[Verdict], trusts: &[Trust]) -> Option<Cause> {
    let presented = match &asked.answer {
        Err(unreached) => return Some(of_the_way(unreached)),
        Ok(presented) => presented,
    };
    if asked.chain.is_empty() {
        return Some(if presented.chain.is_empty() {
            of_the_handshake(presented.failure.as_ref())
        } else {
            Cause::new("unreadable", "what the server presents is no certificate")
                .remedy("check the port, and ask who runs the server")
        });
    }
    let refused: Vec<&Verdict> = verdicts
        .iter()
        .filter(|verdict| matches!(verdict.outcome, Outcome::Refused(_) | Outcome::BrokenStore))
        .collect();
    let Some(first) = refused.first() else {
        return unproven(asked, presented);
    };
    if let Some(fault) = lost_store(&refused, trusts) {
        let message = format!("{}: {}", fault.place, fault.message);
        return Some(Cause::new("broken-store", message).remedy(fault.hint));
    }
    let Outcome::Refused(fault) = &first.outcome else {
        return None;
    };
    let mut cause = of_the_fault(fault, asked);
    let judged = verdicts
        .iter()
        .filter(|verdict| !matches!(verdict.outcome, Outcome::Unknown));
    if refused.len() == judged.count() {
        return Some(cause);
    }
    let names: Vec<&str> = refused.iter().map(|verdict| verdict.who.name()).collect();
    let names = names.join(" and ");
    if let Some(missing) = missing_in(first.who, verdicts, trusts) {
        // Another client trusts it by a CA that this one does not have.
        let found_by = Trust::of(first.who, trusts).map_or("", |trust| trust.found_by);
        let message = format!(
            "{} is not in the store of {names} ({found_by}), and in that of the others here",
            missing.subject()
        );
        return Some(
            Cause::new("not-in-this-store", message)
                .remedy("give this client the same stores: see trust-init env")
                .about(missing),
        );
    }
    cause.message = format!("{names}: {}", cause.message);
    Some(cause)
}

/// The fault of a store that explains why a client refuses: it is broken, or the file that was meant was
/// not read and a CA is missing. What else is wrong with a certificate is no store's fault.
fn lost_store<'t>(refused: &[&Verdict], trusts: &'t [Trust]) -> Option<&'t StoreFault> {
    let fault_of = |verdict: &&Verdict| {
        let faults = &Trust::of(verdict.who, trusts)?.faults;
        faults.iter().rev().find(|fault| fault.is_lost)
    };
    let is_broken = |verdict: &&&Verdict| matches!(verdict.outcome, Outcome::BrokenStore);
    if let Some(broken) = refused.iter().find(is_broken) {
        return fault_of(broken);
    }
    let is_of_a_missing_ca = |verdict: &&Verdict| match &verdict.outcome {
        Outcome::Refused(fault) => fault.is_of_a_missing_ca(),
        _ => false,
    };
    if !refused.iter().all(is_of_a_missing_ca) {
        return None;
    }
    refused.iter().find_map(fault_of)
}

/// Every client trusts the chain. Whether it is the server's own is another question.
fn unproven(asked: &Asked, presented: &Presented) -> Option<Cause> {
    let failure = presented.failure.as_ref()?;
    if presented.asks_for_client {
        return Some(client_certificate());
    }
    // That doctor's own TLS knows fewer ciphers and keys than the clients do is no cause.
    let is_ours = match failure {
        Failure::Beyond(_) => true,
        Failure::BadSignature => !signature::is_computed(asked.chain.first()?.key()),
        _ => presented.proof == Proof::NeverAsked,
    };
    (!is_ours).then(|| of_the_handshake(Some(failure)))
}

/// The anchor by which another client trusts the server, if it is not in this one's store.
fn missing_in<'t>(who: Who, verdicts: &[Verdict], trusts: &'t [Trust]) -> Option<&'t Certificate> {
    let lacking = Trust::of(who, trusts)?;
    verdicts.iter().find_map(|verdict| {
        let Outcome::Trusted(trusted) = &verdict.outcome else {
            return None;
        };
        let end = *trusted.path.last()?;
        if lacking
            .anchors
            .iter()
            .any(|anchor| anchor.fingerprint() == end)
        {
            return None;
        }
        let theirs = Trust::of(verdict.who, trusts)?;
        theirs
            .anchors
            .iter()
            .find(|anchor| anchor.fingerprint() == end)
    })
}

fn client_certificate() -> Cause {
    Cause::new(
        "client-certificate",
        "the server wants a client's certificate (mutual TLS)",
    )
    .remedy("trust is fine: configure the client with its certificate and key")
}

fn of_the_way(unreached: &Unreached) -> Cause {
    let said = unreached.to_string();
    match unreached {
        Unreached::Lookup => Cause::new("no-such-name", said)
            .remedy("check the spelling, and the DNS of this pod (dnsPolicy, search domains)"),
        Unreached::Refused(_) => {
            Cause::new("refused", said).remedy("check the port, and that the service is up")
        }
        Unreached::Silent(_) => Cause::new("silent", said)
            .remedy("a firewall or NetworkPolicy may drop what is sent: ask who runs the network"),
        Unreached::Network(_) => {
            Cause::new("unreachable", said).remedy("check routes and NetworkPolicies of this pod")
        }
        Unreached::ProxyUnreached(_) => Cause::new("proxy-unreachable", said)
            .remedy("check HTTPS_PROXY, or add the host to NO_PROXY"),
        Unreached::ProxyRefused(status) => {
            // RFC 9110, section 15.5.8.
            let remedy = if status.contains(" 407 ") {
                "it asks for a user: http://USER:PASSWORD@PROXY, or add the host to NO_PROXY"
            } else {
                "ask who runs the proxy to let this host through, or add it to NO_PROXY"
            };
            Cause::new("proxy-refused", said).remedy(remedy)
        }
        Unreached::StartTls(_) => {
            Cause::new("no-starttls", said).remedy("check the protocol of --starttls and the port")
        }
    }
}

fn of_the_handshake(failure: Option<&Failure>) -> Cause {
    match failure {
        Some(Failure::NotTls(said)) => {
            let cause = Cause::new(
                "not-tls",
                format!("what answers is not TLS: \"{}\"", escape(said)),
            );
            if said.starts_with("HTTP/") {
                cause.remedy("this port speaks plain HTTP: name the HTTPS port, usually 443")
            } else {
                cause.remedy("check the port; a database or mail server may want --starttls")
            }
        }
        Some(Failure::Alert(name)) => Cause::new(
            "alert",
            format!("the server ended the handshake with the alert {name}"),
        )
        .remedy("its log tells why; often it does not know this host name (SNI)"),
        Some(Failure::Closed) => Cause::new("closed", "the server hung up during the handshake")
            .remedy("check the port, and whether a proxy or firewall stands between"),
        Some(Failure::Silent) => Cause::new("silent", "connected, and nothing came back")
            .remedy("the port is open and speaks no TLS, or a firewall drops what is sent"),
        Some(Failure::BadSignature) => Cause::new(
            "not-proven",
            "the server did not show that it has the key of its certificate: its signature is wrong",
        )
        .remedy("somebody between may pass another server's certificate off: ask who runs the network")
        .remedy("or the server has a key that is not its certificate's: ask who runs it"),
        Some(Failure::Beyond(reason) | Failure::Other(reason)) => Cause::new(
            "handshake",
            format!("the handshake failed: {}", escape(reason)),
        )
        .remedy("its owner can tell which versions and ciphers the server takes"),
        None => Cause::new("handshake", "the server presented no certificate"),
    }
}

const SEND: &str = "then add it to the customer's chain (trust.caBundle.pem) and build again";
const COMPARE: &str =
    "compare its fingerprint with what its owner publishes; --save-chain writes it";

fn of_the_fault(fault: &Fault, asked: &Asked) -> Cause {
    match fault {
        Fault::Nothing => Cause::new("handshake", "the server presented no certificate"),
        Fault::OldTls(version) => {
            let message =
                format!("the server speaks {version} alone, which today's clients refuse");
            Cause::new("old-tls", message)
                .remedy("its owner has to enable TLS 1.2 or 1.3; no CA helps here")
        }
        Fault::OldCiphers => {
            let message = "the server takes old ciphers alone (RSA key exchange, or SHA-1), which \
                           Python and newer JVMs refuse";
            Cause::new("old-ciphers", message)
                .remedy("its owner has to enable ECDHE with AES-GCM; no CA helps here")
        }
        Fault::SelfSigned(leaf) => {
            let message = "the server's certificate signed itself: no CA stands behind it";
            Cause::new("self-signed", message)
                .remedy("ask its owner for a certificate of the company's CA")
                .remedy("or, once its fingerprint is confirmed by another way, add it itself")
                .about(leaf)
                .adding(leaf.subject())
        }
        Fault::UntrustedRoot(root) => untrusted_root(root),
        Fault::MissingIssuer(last, role) => missing_issuer(last, *role, asked),
        Fault::SameName(namesake) => {
            let message = format!(
                "a CA of the issuer's name is trusted, with another key: {}",
                namesake.subject()
            );
            Cause::new("same-name", message)
                .remedy("the CA was renewed with a new key, or two CAs bear one name: get the other's certificate from its owner")
                .remedy(SEND)
                .about(namesake)
        }
        Fault::IntermediateAnchor(anchor) => {
            let message = format!(
                "{} is trusted and its issuer is not; OpenSSL, and Python before 3.13, want all up \
                 to the root: {}",
                anchor.subject(),
                anchor.issuer()
            );
            Cause::new("intermediate-anchor", message)
                .remedy("get that CA's certificate from its owner, and compare its fingerprint")
                .remedy(SEND)
                .adding(anchor.issuer())
        }
        Fault::OtherName(of) => {
            let list = if of.is_empty() {
                String::from("no name")
            } else {
                of.join(", ")
            };
            let host = &asked.target.host;
            let message = format!(
                "the certificate is not for {host}, but for {}",
                escape(&list)
            );
            Cause::new("other-name", message)
                .remedy("use a name that it is for, or have it issued with this one")
        }
        Fault::CommonNameOnly(name) => {
            let name = escape(name);
            let message = format!(
                "the name {name} stands in the subject alone, where newer clients do not look"
            );
            Cause::new("common-name-only", message)
                .remedy("its owner has to issue it with a subjectAltName")
        }
        Fault::OfCertificate(fault, role, certificate) => {
            of_a_certificate(fault, *role, certificate, &asked.target.host)
        }
    }
}

/// Whether a CA's name is like those that inspecting proxies sign with: products, and the words that
/// their owners use.
fn is_of_a_proxy(name: &Name) -> bool {
    const WORDS: [&str; 13] = [
        "proxy",
        "inspection",
        "intercept",
        "decrypt",
        "web filter",
        "zscaler",
        "netskope",
        "fortigate",
        "fortinet",
        "blue coat",
        "bluecoat",
        "palo alto",
        "mitmproxy",
    ];
    let name = name.as_str().to_lowercase();
    WORDS.iter().any(|word| name.contains(word))
}

fn intercepted(name: &Name) -> Cause {
    let message = format!("a proxy seems to sign in the server's place, by its own CA: {name}");
    Cause::new("intercepted", message)
        .remedy("ask who runs the network for that CA's certificate, and compare its fingerprint")
        .remedy("then add it as a base of the platform (--base), or let this host pass the proxy")
        .remedy("if it is the company's own CA, and no proxy's, add it to the customer's chain")
        .adding(name)
}

fn untrusted_root(root: &Certificate) -> Cause {
    let name = root.subject();
    if is_of_a_proxy(name) {
        return intercepted(name).about(root);
    }
    Cause::new("untrusted-root", format!("the root is not trusted here: {name}"))
        .remedy(COMPARE)
        .remedy(SEND)
        .remedy("if the server is not the company's own, a proxy may sign in its place: ask who runs the network")
        .about(root)
        .adding(name)
}

fn missing_issuer(last: &Certificate, role: Role, asked: &Asked) -> Cause {
    let issuer = last.issuer();
    let below = Some(last.subject()).filter(|_| role == Role::Intermediate);
    let mut names = [Some(issuer), below].into_iter().flatten();
    let cause = if let Some(name) = names.find(|name| is_of_a_proxy(name)) {
        intercepted(name)
    } else if role == Role::Leaf {
        let message =
            format!("the issuer of the server's certificate is neither sent nor trusted: {issuer}");
        Cause::new("missing-intermediate", message)
            .remedy("if it is an intermediate, the server should send it: its owner has to add it to its chain")
            .remedy("get it from the CA's owner, compare its fingerprint, and add it to the customer's chain")
    } else {
        let message = format!("the chain ends before a trusted root: {issuer} is missing");
        Cause::new("missing-root", message)
            .remedy("get that CA's certificate from its owner, and compare its fingerprint")
            .remedy(SEND)
    };
    let fetched = asked
        .fetched
        .iter()
        .filter_map(|one| one.outcome.as_ref().ok());
    let mut fetched = fetched.filter(|one| path::issued(one, last));
    if let Some(found) = fetched.next() {
        // That the whole path is to be had is seen by its end.
        let end = asked
            .fetched
            .iter()
            .rev()
            .find_map(|one| one.outcome.as_ref().ok());
        let end = end.unwrap_or(found);
        return cause
            .remedy("--save-chain writes what was fetched too; nobody has verified it")
            .about(found)
            .adding(end.subject());
    }
    let cause = cause.adding(issuer);
    match path::issuers_address(last) {
        Some(address) if asked.fetched.is_empty() => cause.remedy(format!(
            "the certificate names an address for it, which --fetch-issuers asks: {}",
            escape(&address)
        )),
        _ => cause,
    }
}

fn of_a_certificate(
    fault: &CertificateFault,
    role: Role,
    certificate: &Certificate,
    host: &str,
) -> Cause {
    let name = certificate.subject();
    let cause = match fault {
        CertificateFault::Expired => {
            let end = certificate.not_after();
            let cause = Cause::new("expired", format!("{role} expired on {end}: {name}"))
                .remedy("its owner has to renew it; is this machine's clock right?");
            if role == Role::Leaf {
                cause
            } else {
                cause.remedy("if it was renewed already, take the old one out of the stores")
            }
        }
        CertificateFault::NotYetValid => {
            let start = certificate.not_before();
            Cause::new(
                "not-yet-valid",
                format!("{role} is valid from {start} on: {name}"),
            )
            .remedy("is this machine's clock right? else its owner issued it too early")
        }
        CertificateFault::NotACa => {
            let message = format!("{name} signed a certificate and may not: it is no CA's");
            Cause::new("not-a-ca", message)
                .remedy("the CA's owner has to issue from a CA certificate")
        }
        CertificateFault::PathTooLong => {
            Cause::new("path-too-long", format!("{name} allows fewer CAs below it"))
                .remedy("the CA's owner has to change its hierarchy")
        }
        CertificateFault::NotForServers => {
            let message = format!("{role} is not for TLS servers (extendedKeyUsage): {name}");
            Cause::new("not-for-servers", message)
                .remedy("its owner has to issue one with serverAuth")
        }
        CertificateFault::NotForSigning => {
            let message = format!("{role} may not take part in a handshake (keyUsage): {name}");
            Cause::new("not-for-signing", message)
                .remedy("its owner has to issue one with digitalSignature")
        }
        CertificateFault::UnknownExtension(id) => {
            let message =
                format!("{role} has a critical extension that no client knows ({id}): {name}");
            Cause::new("unknown-extension", message)
                .remedy("its owner has to issue it without that, or not as critical")
        }
        CertificateFault::NameConstraint => {
            let message = format!("{name} may not vouch for {host} (nameConstraints)");
            Cause::new("name-constraint", message)
                .remedy("use a name that it may vouch for, or ask its owner for another CA")
        }
        CertificateFault::Weak(reason) => {
            Cause::new("weak", format!("{role} is too weak, {reason}: {name}"))
                .remedy("its owner has to issue it again")
        }
        CertificateFault::Strict(reason) => Cause::new(
            "python-strict",
            format!("Python 3.13 refuses {name}: {reason}"),
        )
        .remedy("the CA's owner has to issue it again; until then Python 3.12 takes it"),
    };
    cause.about(certificate)
}
