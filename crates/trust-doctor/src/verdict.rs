//! Whether each client trusts a server.

use trust_stores::Timestamp;

use crate::client::{Client, Rules, Strictness};
use crate::handshake::Obstructs;
use crate::outcome::{CertificateFault, Doubt, Outcome, RefusalReason};
use crate::path::PathBuilder;
use crate::probe::Probe;
use crate::store::ClientStore;

/// What one client answers about a server.
#[derive(Debug)]
pub struct ClientVerdict {
    /// The client.
    pub client: Client,
    /// Its answer.
    pub outcome: Outcome,
}

/// The answer of each client to what a server presented.
pub(crate) fn verdicts(probe: &Probe, stores: &[ClientStore], at: Timestamp) -> Vec<ClientVerdict> {
    let verdict = |store: &ClientStore| ClientVerdict {
        client: store.client,
        outcome: outcome(probe, store, at),
    };
    stores.iter().map(verdict).collect()
}

fn outcome(probe: &Probe, store: &ClientStore, at: Timestamp) -> Outcome {
    if store.contents.is_absent() {
        return Outcome::Absent;
    }
    if let Some(fault) = store.contents.breakage() {
        return Outcome::BrokenStore(Box::new(fault.clone()));
    }
    let handshake = probe.answer.as_ref().ok();
    let obstacle = handshake.and_then(|handshake| handshake.obstacle_to(store.client));
    if let Some(Obstructs::All(obstacle)) = obstacle {
        return Outcome::Refused(RefusalReason::Handshake(obstacle));
    }
    match (by_strictness(probe, store, at), obstacle) {
        (Outcome::Trusted(_), Some(Obstructs::Some(obstacle))) => {
            Outcome::CannotTell(Doubt::Handshake(obstacle))
        }
        // Clients give up where a certificate cannot be read, even one that they do not need.
        (Outcome::Trusted(_), _) if probe.is_chain_cut() => {
            Outcome::CannotTell(Doubt::Unreadable(probe.chain.len()))
        }
        // What is missing may be what cannot be read.
        (Outcome::Refused(reason), _) if probe.is_chain_cut() && reason.is_dead_end() => {
            Outcome::CannotTell(Doubt::Unreadable(probe.chain.len()))
        }
        (Outcome::Trusted(path), _)
            if !handshake.is_some_and(|handshake| handshake.proof.is_given()) =>
        {
            Outcome::CannotTell(Doubt::KeyNotProven(path))
        }
        (Outcome::Trusted(path), _) => match probe.unused_proxy {
            // Neither `openssl` nor a JVM reads the variable.
            Some(error) if !matches!(store.client, Client::OpenSsl | Client::Jvm) => {
                Outcome::CannotTell(Doubt::Proxy(error))
            }
            _ => match store.contents.setting {
                Some(setting) => Outcome::CannotTell(Doubt::Setting(setting)),
                None => Outcome::Trusted(path),
            },
        },
        (other, _) => other,
    }
}

/// The client's answer to the chain; where its version is not known, the one that all versions give.
fn by_strictness(probe: &Probe, store: &ClientStore, at: Timestamp) -> Outcome {
    let judge = |rules| path_builder(probe, store, rules, at).judge();
    let (lenient, strict) = (Rules::of(store.client), Rules::strict(store.client));
    match store.strictness {
        Strictness::Lenient => judge(lenient),
        Strictness::Strict => judge(strict),
        Strictness::Unknown => match (judge(lenient), judge(strict)) {
            (Outcome::Trusted(_), Outcome::Refused(_))
            | (Outcome::Refused(_), Outcome::Trusted(_)) => {
                Outcome::CannotTell(Doubt::PythonVersion)
            }
            (Outcome::Trusted(_), doubt @ Outcome::CannotTell(_)) => doubt,
            (lenient, _) => lenient,
        },
    }
}

/// Why Python 3.13 refuses a server that earlier versions trust; nothing if it does not, or for a
/// reason that they share.
pub(crate) fn strict_python(
    probe: &Probe,
    stores: &[ClientStore],
    at: Timestamp,
) -> Option<RefusalReason> {
    let store = ClientStore::of(Client::Requests, stores)?;
    match path_builder(probe, store, Rules::strict(Client::Requests), at).judge() {
        Outcome::Refused(
            reason @ (RefusalReason::Certificate(CertificateFault::Strict(_), ..)
            | RefusalReason::CommonNameOnly(_)),
        ) => Some(reason),
        _ => None,
    }
}

fn path_builder<'a>(
    probe: &'a Probe,
    store: &'a ClientStore,
    rules: Rules,
    at: Timestamp,
) -> PathBuilder<'a> {
    PathBuilder {
        rules,
        anchors: &store.contents.anchors,
        chain: &probe.chain,
        host: &probe.target.host,
        at,
    }
}
