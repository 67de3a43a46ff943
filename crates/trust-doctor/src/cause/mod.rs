//! What the verdicts, the stores and the handshake come down to: one cause.

mod code;

use std::sync::Arc;

use trust_stores::Certificate;
use trust_stores::cert::Name;

pub use self::code::CauseCode;
use crate::client::Client;
use crate::connect::Unreached;
use crate::handshake::{Handshake, HandshakeFailure};
use crate::outcome::{Doubt, Outcome, RefusalReason, Role};
use crate::path;
use crate::probe::Probe;
use crate::store::{ClientStore, Consequence, StoreFault, StoreProblem};
use crate::verdict::ClientVerdict;

/// Why not every client trusts a server, and what is needed to change that.
#[derive(Clone, Debug)]
pub struct Cause {
    /// What is wrong.
    pub reason: CauseReason,
    /// The clients that it concerns; empty if it concerns every client here.
    pub clients: Vec<Client>,
    /// The certificate that is missing or at fault, where it was seen.
    pub certificate: Option<Box<Certificate>>,
    /// The CA whose certificate the customer's chain lacks, where adding it helps.
    pub missing_ca: Option<Name>,
    /// Where the missing issuer's certificate can be had.
    pub issuer_source: Option<IssuerSource>,
    /// Whether a CA is missing from the store of a client that does not read all of the customer's CAs either,
    /// which a build has written. What to add to them shows only once it does.
    pub leaves_customer_unread: bool,
}

/// What is wrong.
#[derive(Clone, Debug)]
pub enum CauseReason {
    /// The server was not reached.
    Unreached(Unreached),
    /// What it presents first is not a certificate.
    UnreadableChain,
    /// The handshake failed, or ended without a certificate.
    Handshake(Option<HandshakeFailure>),
    /// The server insists on a client certificate; the client trusts it.
    ClientCertificate,
    /// A client's store cannot be used, or was not read.
    BrokenStore(StoreFault),
    /// This CA, by which other clients trust the server, is missing from the client's store.
    NotInThisStore {
        /// The CA.
        ca: Box<Certificate>,
        /// What led the client to its store.
        found_by: Option<&'static str>,
    },
    /// The CA of this name seems to belong to a proxy that opens connections.
    Intercepted(Name),
    /// The server does not send this intermediate, which issued its certificate and was fetched.
    MissingIntermediate(Box<Certificate>),
    /// The client refuses what the server presents.
    Refused(RefusalReason),
    /// No client is known to refuse it, but this is not checked here.
    CannotTell(Doubt),
}

/// Where an issuer's certificate that the server does not send can be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssuerSource {
    /// It was fetched, and nobody vouches for it.
    Fetched,
    /// At this URL, which the certificate names and which was not asked.
    Url(String),
}

impl Cause {
    fn new(reason: CauseReason) -> Self {
        Cause {
            reason,
            clients: Vec::new(),
            certificate: None,
            missing_ca: None,
            issuer_source: None,
            leaves_customer_unread: false,
        }
    }

    fn about(mut self, certificate: &Certificate) -> Self {
        self.certificate = Some(Box::new(certificate.clone()));
        self
    }

    fn lacking(mut self, ca: &Name) -> Self {
        self.missing_ca = Some(ca.clone());
        self
    }

    /// The code that documentation lists.
    pub fn code(&self) -> CauseCode {
        CauseCode::of(&self.reason)
    }
}

/// What is wrong, if anything is; `None` means that every client seen here trusts the server, and
/// that there is one.
pub(crate) fn cause(
    probe: &Probe,
    verdicts: &[ClientVerdict],
    stores: &[ClientStore],
) -> Option<Cause> {
    let handshake = match &probe.answer {
        Err(unreached) => return Some(Cause::new(CauseReason::Unreached(unreached.clone()))),
        Ok(handshake) => handshake,
    };
    if probe.chain.is_empty() {
        return Some(Cause::new(if handshake.chain.is_empty() {
            CauseReason::Handshake(handshake.failure.clone())
        } else {
            CauseReason::UnreadableChain
        }));
    }
    let broken = verdicts.iter().find_map(|verdict| match &verdict.outcome {
        Outcome::BrokenStore(fault) => Some(fault),
        _ => None,
    });
    if let Some(fault) = broken {
        return Some(Cause::new(CauseReason::BrokenStore(StoreFault::clone(
            fault,
        ))));
    }
    let refused = refusals(verdicts);
    let Some((first, reason)) = refused.first().copied() else {
        return doubted(verdicts, &|doubt| !matches!(doubt, Doubt::KeyNotProven(_)))
            .or_else(|| no_client(verdicts))
            .or_else(|| failed_handshake(handshake))
            .or_else(|| doubted(verdicts, &|_| true))
            .or_else(|| client_certificate(handshake));
    };
    if let Some(fault) = unread_store(&refused, stores) {
        return Some(Cause::new(CauseReason::BrokenStore(fault.clone())));
    }
    // Two clients may fail at different steps; of a handshake that fails, no store is at fault.
    let is_handshake = matches!(reason, RefusalReason::Handshake(_));
    let alike = refused.iter().filter(|(_, other)| is_alike(reason, other));
    let clients = unless_all(alike.map(|(client, _)| *client), verdicts);
    let missing = if clients.is_empty() || is_handshake {
        None
    } else {
        missing_from(first, verdicts, stores)
    };
    let cause = match missing {
        Some(ca) => Cause::new(CauseReason::NotInThisStore {
            ca: Box::new(ca.clone()),
            found_by: ClientStore::of(first, stores).and_then(|store| store.contents.found_by),
        })
        .about(ca),
        None => Cause {
            leaves_customer_unread: reason.is_missing_ca() && leaves_customer_unread(first, stores),
            ..refused_cause(reason, probe)
        },
    };
    Some(Cause { clients, ..cause })
}

fn leaves_customer_unread(client: Client, stores: &[ClientStore]) -> bool {
    ClientStore::of(client, stores).is_some_and(|store| {
        let mut faults = store.contents.faults.iter();
        faults.any(|fault| matches!(fault.problem, StoreProblem::CustomerMissing { .. }))
    })
}

/// Whether one cause explains both refusals. What is missing from stores can have many names.
fn is_alike(one: &RefusalReason, other: &RefusalReason) -> bool {
    (one.is_missing_ca() && other.is_missing_ca())
        || CauseCode::refusal(one) == CauseCode::refusal(other)
}

/// The clients that refuse what the server presents, and why.
fn refusals(verdicts: &[ClientVerdict]) -> Vec<(Client, &RefusalReason)> {
    let verdicts = verdicts.iter();
    let refusals = verdicts.filter_map(|verdict| match &verdict.outcome {
        Outcome::Refused(reason) => Some((verdict.client, reason)),
        _ => None,
    });
    refusals.collect()
}

/// The clients that a cause concerns, or none if those are all that there are.
fn unless_all(some: impl Iterator<Item = Client>, verdicts: &[ClientVerdict]) -> Vec<Client> {
    let is_here = |verdict: &&ClientVerdict| !matches!(verdict.outcome, Outcome::Absent);
    let some: Vec<Client> = some.collect();
    if some.len() == verdicts.iter().filter(is_here).count() {
        Vec::new()
    } else {
        some
    }
}

/// No client refuses, but something that `is_meant` is not checked here.
fn doubted(verdicts: &[ClientVerdict], is_meant: &dyn Fn(&Doubt) -> bool) -> Option<Cause> {
    let doubts = verdicts
        .iter()
        .filter_map(|verdict| match &verdict.outcome {
            Outcome::CannotTell(doubt) if is_meant(doubt) => Some((verdict.client, doubt)),
            _ => None,
        });
    let (_, doubt) = doubts.clone().next()?;
    let certificate = match doubt {
        Doubt::Signature(certificate)
        | Doubt::Algorithm(certificate)
        | Doubt::Extension(_, certificate)
        | Doubt::Policies(certificate)
        | Doubt::JavaVersion(certificate)
        | Doubt::NameConstraint(certificate) => Some(certificate.clone()),
        Doubt::Unreadable(_)
        | Doubt::PythonVersion
        | Doubt::TooMuchWork
        | Doubt::Handshake(_)
        | Doubt::KeyNotProven(_)
        | Doubt::ClientCertificate
        | Doubt::Proxy(_)
        | Doubt::Setting(_)
        | Doubt::NoClient => None,
    };
    Some(Cause {
        clients: unless_all(doubts.map(|(client, _)| client), verdicts),
        certificate,
        ..Cause::new(CauseReason::CannotTell(doubt.clone()))
    })
}

/// The file that was not read and may hold the CA that is missing. Anything else that is wrong with
/// a certificate is no store's fault.
fn unread_store<'s>(
    refused: &[(Client, &RefusalReason)],
    stores: &'s [ClientStore],
) -> Option<&'s StoreFault> {
    if !refused.iter().all(|(_, reason)| reason.is_missing_ca()) {
        return None;
    }
    refused.iter().find_map(|(client, _)| {
        let mut faults = ClientStore::of(*client, stores)?.contents.faults.iter();
        faults.rfind(|fault| fault.consequence != Consequence::Reads)
    })
}

/// Nobody here was asked: that is no yes.
fn no_client(verdicts: &[ClientVerdict]) -> Option<Cause> {
    let mut verdicts = verdicts.iter();
    let is_absent = |verdict: &ClientVerdict| matches!(verdict.outcome, Outcome::Absent);
    verdicts
        .all(is_absent)
        .then(|| Cause::new(CauseReason::CannotTell(Doubt::NoClient)))
}

/// A handshake that was only read does not show whether a client needs a certificate.
fn client_certificate(handshake: &Handshake) -> Option<Cause> {
    let is_open = handshake.requests_client_certificate && handshake.proof.is_read();
    is_open.then(|| Cause::new(CauseReason::CannotTell(Doubt::ClientCertificate)))
}

/// Every client trusts the chain, and the handshake fails for a reason that they share.
fn failed_handshake(handshake: &Handshake) -> Option<Cause> {
    let failure = handshake.failure.as_ref()?;
    // What was only read does not show whether the server insists on a client certificate.
    let is_read = handshake.proof.is_read();
    // Clients know more ciphers and keys than rustls does: what stopped us may not stop them.
    let is_ours = match failure {
        HandshakeFailure::Unsupported(_) => true,
        HandshakeFailure::BadSignature => false,
        _ => is_read,
    };
    // An impostor can ask for a client certificate before it fails to prove its own.
    let is_impostor = *failure == HandshakeFailure::BadSignature && !is_ours;
    if handshake.requests_client_certificate && !is_impostor && !is_read {
        return Some(Cause::new(CauseReason::ClientCertificate));
    }
    (!is_ours).then(|| Cause::new(CauseReason::Handshake(Some(failure.clone()))))
}

/// The anchor by which another client trusts the server, if it is missing from this one's store.
fn missing_from<'s>(
    client: Client,
    verdicts: &[ClientVerdict],
    stores: &'s [ClientStore],
) -> Option<&'s Certificate> {
    let anchors = |client| Some(&ClientStore::of(client, stores)?.contents.anchors);
    let own = anchors(client)?;
    verdicts.iter().find_map(|verdict| {
        let end = verdict.outcome.path()?.anchor()?;
        if own.iter().any(|anchor| anchor.fingerprint() == end) {
            return None;
        }
        let mut theirs = anchors(verdict.client)?.iter().map(Arc::as_ref);
        theirs.find(|anchor| anchor.fingerprint() == end)
    })
}

fn refused_cause(reason: &RefusalReason, probe: &Probe) -> Cause {
    let cause = Cause::new(CauseReason::Refused(reason.clone()));
    match reason {
        RefusalReason::SelfSigned(leaf) => cause.about(leaf).lacking(leaf.subject()),
        RefusalReason::UntrustedRoot(root) => {
            let name = root.subject();
            let cause = if is_inspection_ca(name) {
                Cause::new(CauseReason::Intercepted(name.clone()))
            } else {
                cause
            };
            cause.about(root).lacking(name)
        }
        RefusalReason::MissingIssuer(last, role) => missing_issuer(cause, last, *role, probe),
        RefusalReason::SameName(certificate) | RefusalReason::Certificate(_, _, certificate) => {
            cause.about(certificate)
        }
        RefusalReason::IntermediateAnchor(anchor) => cause.lacking(anchor.issuer()),
        RefusalReason::NoCertificate
        | RefusalReason::ChainTooLarge { .. }
        | RefusalReason::TooManyCertificates { .. }
        | RefusalReason::Handshake(_)
        | RefusalReason::OtherName(_)
        | RefusalReason::Underscore
        | RefusalReason::CommonNameOnly(_) => cause,
    }
}

fn missing_issuer(cause: Cause, last: &Certificate, role: Role, probe: &Probe) -> Cause {
    let issuer = last.issuer();
    let subject = (role == Role::Intermediate).then(|| last.subject());
    let mut names = [Some(issuer), subject].into_iter().flatten();
    let cause = match names.find(|name| is_inspection_ca(name)) {
        Some(name) => Cause::new(CauseReason::Intercepted(name.clone())),
        None => cause,
    };
    let fetched: Vec<&Certificate> = probe
        .fetched
        .iter()
        .filter_map(|one| one.outcome.as_ref().ok())
        .collect();
    let direct = fetched.iter().find(|one| path::may_have_signed(one, last));
    if let (Some(direct), Some(end)) = (direct, fetched.last()) {
        let is_intermediate = role == Role::Leaf && !direct.is_self_signed();
        let cause = match cause.reason {
            CauseReason::Refused(_) if is_intermediate => Cause::new(
                CauseReason::MissingIntermediate(Box::new((*direct).clone())),
            ),
            _ => cause,
        };
        return Cause {
            issuer_source: Some(IssuerSource::Fetched),
            ..cause.about(direct).lacking(end.subject())
        };
    }
    let url = path::issuer_url(last).filter(|_| probe.fetched.is_empty());
    Cause {
        issuer_source: url.map(IssuerSource::Url),
        ..cause.lacking(issuer)
    }
}

/// Whether a CA's name resembles those of inspecting proxies: products, and the words that their
/// owners use.
fn is_inspection_ca(name: &Name) -> bool {
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
