//! What three verdicts, the stores and the handshake come to: one cause, and what to do.

use super::Asked;
use super::connect::Unreached;
use super::handshake::Failure;
use super::path::{Fault, Judge, Role, Trusted};
use super::stores::{Trust, Who};
use crate::cert::{Certificate, Fingerprint};
use crate::moment::Moment;
use crate::report::escape;

/// Whether one client trusts a server, and why not.
#[derive(Debug)]
pub struct Verdict {
    /// The client.
    pub who: Who,
    /// The outcome.
    pub outcome: Outcome,
}

/// What one client makes of a server.
#[derive(Debug)]
pub enum Outcome {
    /// It trusts it, by this path.
    Trusted(Trusted),
    /// It does not.
    Refused(Fault),
    /// It would fail with any server, by its store.
    BrokenStore(String),
}

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
}

impl Cause {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Cause {
            code,
            message: message.into(),
            remedies: Vec::new(),
            certificate: None,
        }
    }

    fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedies.push(remedy.into());
        self
    }

    fn about(mut self, certificate: &Certificate) -> Self {
        self.certificate = Some(certificate.fingerprint());
        self
    }
}

/// The verdict of each client on what a server presented.
pub fn verdicts(asked: &Asked, trusts: &[Trust], at: Moment) -> Vec<Verdict> {
    let of = |trust: &Trust| {
        let broken = trust.faults.first().filter(|_| trust.is_broken);
        let outcome = match broken {
            Some(fault) => Outcome::BrokenStore(format!("{}: {}", fault.place, fault.message)),
            None => {
                let judge = Judge {
                    client: trust.who.client(),
                    anchors: &trust.anchors,
                    chain: &asked.chain,
                    host: &asked.target.host,
                    at,
                };
                match judge.verdict() {
                    Ok(trusted) => Outcome::Trusted(trusted),
                    Err(fault) => Outcome::Refused(fault),
                }
            }
        };
        Verdict {
            who: trust.who,
            outcome,
        }
    };
    trusts.iter().map(of).collect()
}

/// What is wrong, if anything is. `None` is a server that every client trusts.
pub fn cause(asked: &Asked, verdicts: &[Verdict]) -> Option<Cause> {
    let presented = match &asked.answer {
        Err(unreached) => return Some(of_the_way(unreached)),
        Ok(presented) => presented,
    };
    if asked.chain.is_empty() {
        return Some(of_the_handshake(presented.failure.as_ref()));
    }
    if !presented.is_proven && !presented.asks_for_client {
        let version = presented.version.unwrap_or("an old version of TLS");
        if presented
            .version
            .is_some_and(|v| v != "TLS 1.2" && v != "TLS 1.3")
        {
            let message =
                format!("the server speaks {version} alone, which today's clients refuse");
            return Some(
                Cause::new("old-tls", message)
                    .remedy("its owner has to enable TLS 1.2 or 1.3; no CA helps here"),
            );
        }
        if presented.failure.is_some() {
            return Some(of_the_handshake(presented.failure.as_ref()));
        }
    }
    let refused: Vec<&Verdict> = verdicts
        .iter()
        .filter(|verdict| !matches!(verdict.outcome, Outcome::Trusted(_)))
        .collect();
    let Some(first) = refused.first() else {
        return match (&presented.failure, presented.asks_for_client) {
            (Some(_), true) => Some(
                Cause::new(
                    "client-certificate",
                    "the server wants a client's certificate (mutual TLS)",
                )
                .remedy("trust is fine: configure the client with its certificate and key"),
            ),
            (Some(failure), false) => Some(of_the_handshake(Some(failure))),
            (None, _) => None,
        };
    };
    // A store that is broken explains more than what is missing in it.
    let broken = refused.iter().find_map(|verdict| match &verdict.outcome {
        Outcome::BrokenStore(reason) => Some((verdict.who, reason)),
        _ => None,
    });
    if let Some((who, reason)) = broken {
        let message = format!("{} fails with every server: {reason}", who.name());
        return Some(Cause::new("broken-store", message));
    }
    let Outcome::Refused(fault) = &first.outcome else {
        return None;
    };
    let mut cause = of_the_fault(fault, asked);
    if refused.len() < verdicts.len() {
        let names: Vec<&str> = refused.iter().map(|verdict| verdict.who.name()).collect();
        cause.message = format!("{}: {}", names.join(" and "), cause.message);
        cause.remedies.insert(
            0,
            String::from(
                "the other clients trust it: give this one the same store, see trust-init env",
            ),
        );
    }
    Some(cause)
}

fn of_the_way(unreached: &Unreached) -> Cause {
    match unreached {
        Unreached::Lookup(reason) => {
            Cause::new("no-such-name", format!("the name has no address: {reason}"))
                .remedy("check the spelling, and the DNS of this pod (dnsPolicy, search domains)")
        }
        Unreached::Refused(address) => {
            Cause::new("refused", format!("nobody listens at {address}"))
                .remedy("check the port, and that the service is up")
        }
        Unreached::Silent(step) => {
            Cause::new("silent", format!("nothing came back in time: {step}")).remedy(
                "a firewall or NetworkPolicy may drop what is sent: ask who runs the network",
            )
        }
        Unreached::Network(reason) => {
            Cause::new("unreachable", format!("the network says: {reason}"))
                .remedy("check routes and NetworkPolicies of this pod")
        }
        Unreached::ProxyUnreached(inner) => {
            let inner = of_the_way(inner);
            Cause::new(
                "proxy-unreachable",
                format!("the proxy cannot be reached: {}", inner.message),
            )
            .remedy("check HTTPS_PROXY, or add the host to NO_PROXY")
        }
        Unreached::ProxyRefused(status) => Cause::new(
            "proxy-refused",
            format!("the proxy would not: {}", escape(status)),
        )
        .remedy("ask who runs the proxy to let this host through, or add it to NO_PROXY"),
        Unreached::StartTls(reason) => Cause::new(
            "no-starttls",
            format!("the server would not start TLS: {}", escape(reason)),
        )
        .remedy("check the protocol of --starttls and the port"),
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
        Some(Failure::Silent) => Cause::new("silent", "connected, and nothing came back: TLS")
            .remedy("the port is open and speaks no TLS, or a firewall drops what is sent"),
        Some(Failure::Other(reason)) => Cause::new(
            "handshake",
            format!("the handshake failed: {}", escape(reason)),
        )
        .remedy("its owner can tell which versions and ciphers the server takes"),
        None => Cause::new("handshake", "the server presented no certificate"),
    }
}

fn of_the_fault(fault: &Fault, asked: &Asked) -> Cause {
    const SEND: &str = "then add it to the customer's chain (trust.caBundle.pem) and build again";
    let named = |certificate: &Certificate| certificate.subject().as_str().to_owned();
    let until = |certificate: &Certificate| certificate.not_after().to_string();
    match fault {
        Fault::Nothing | Fault::Unreadable => {
            Cause::new("unreadable", "what the server presents is no certificate")
        }
        Fault::SelfSigned => {
            let leaf = &asked.chain[0];
            Cause::new(
                "self-signed",
                "the server's certificate signed itself: no CA stands behind it",
            )
            .remedy("ask its owner for a certificate of the company's CA")
            .remedy(
                "or, once its fingerprint is confirmed by another way, add the certificate itself",
            )
            .about(leaf)
        }
        Fault::UntrustedRoot(root) => {
            let message = format!("the root is not trusted here: {}", named(root));
            Cause::new("untrusted-root", message)
                .remedy(
                    "compare its fingerprint with what its owner publishes; --save-chain writes it",
                )
                .remedy(SEND)
                .about(root)
        }
        Fault::MissingIssuer(last, Role::Leaf) => {
            let message = format!(
                "the issuer of the server's certificate is missing: {}",
                last.issuer()
            );
            Cause::new("missing-intermediate", message)
                .remedy(
                    "the server should send it: its owner has to add the intermediate to its chain",
                )
                .remedy(
                    "until then, get it from the CA's owner, then add it to the customer's chain",
                )
        }
        Fault::MissingIssuer(last, _) => {
            let message = format!(
                "the chain ends before a trusted root: {} is missing",
                last.issuer()
            );
            Cause::new("missing-root", message)
                .remedy("get that CA's certificate from its owner, and compare its fingerprint")
                .remedy(SEND)
        }
        Fault::IntermediateAnchor(anchor) => {
            let message = format!(
                "{} is trusted and its root is not: OpenSSL and Python want the root, {}",
                named(anchor),
                anchor.issuer()
            );
            Cause::new("intermediate-anchor", message)
                .remedy("get the root's certificate from its owner, and compare its fingerprint")
                .remedy(SEND)
        }
        Fault::Expired(role, certificate) => {
            let message = format!(
                "{role} expired on {}: {}",
                until(certificate),
                named(certificate)
            );
            Cause::new("expired", message)
                .remedy("its owner has to renew it; is this machine's clock right?")
                .about(certificate)
        }
        Fault::NotYetValid(role, certificate) => {
            let message = format!(
                "{role} is valid from {} on: {}",
                certificate.not_before(),
                named(certificate)
            );
            Cause::new("not-yet-valid", message)
                .remedy("is this machine's clock right? else its owner issued it too early")
                .about(certificate)
        }
        Fault::NotACa(certificate) => Cause::new(
            "not-a-ca",
            format!(
                "{} signed a certificate and may not: it is no CA's",
                named(certificate)
            ),
        )
        .remedy("the CA's owner has to issue from a CA certificate")
        .about(certificate),
        Fault::PathTooLong(certificate) => Cause::new(
            "path-too-long",
            format!("{} allows fewer CAs below it", named(certificate)),
        )
        .remedy("the CA's owner has to change its hierarchy")
        .about(certificate),
        Fault::NotForServers(role, certificate) => Cause::new(
            "not-for-servers",
            format!(
                "{role} is not for TLS servers (extendedKeyUsage): {}",
                named(certificate)
            ),
        )
        .remedy("its owner has to issue one with serverAuth")
        .about(certificate),
        Fault::NameConstraint(certificate) => {
            let message = format!(
                "{} may not vouch for {} (nameConstraints)",
                named(certificate),
                asked.target.host
            );
            Cause::new("name-constraint", message)
                .remedy("use a name that it may vouch for, or ask its owner for another CA")
                .about(certificate)
        }
        Fault::Weak(role, certificate, reason) => Cause::new(
            "weak",
            format!("{role} is too weak: {reason}: {}", named(certificate)),
        )
        .remedy("its owner has to issue it again")
        .about(certificate),
        Fault::Strict(certificate, reason) => Cause::new(
            "python-strict",
            format!("Python 3.13 refuses {}: {reason}", named(certificate)),
        )
        .remedy("the CA's owner has to issue it again; until then Python 3.12 takes it")
        .about(certificate),
        Fault::OtherName(names) => {
            let list = if names.is_empty() {
                String::from("no name")
            } else {
                names.join(", ")
            };
            let message = format!(
                "the certificate is not for {}, but for {}",
                asked.target.host,
                escape(&list)
            );
            Cause::new("other-name", message)
                .remedy("use a name that it is for, or have it issued with this one")
        }
        Fault::CommonNameOnly(name) => {
            let message = format!(
                "the name {} stands in the subject alone, where Python does not look",
                escape(name)
            );
            Cause::new("common-name-only", message)
                .remedy("its owner has to issue it with a subjectAltName")
        }
    }
}
