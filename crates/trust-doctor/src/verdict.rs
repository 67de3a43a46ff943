//! Whether each client trusts a server.

use trust_stores::Timestamp;

use crate::client::Client;
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
    if store.contents.is_absent {
        return Outcome::Absent;
    }
    if let Some(fault) = store.contents.breakage() {
        return Outcome::BrokenStore(Box::new(fault.clone()));
    }
    let handshake = probe.answer.as_ref().ok();
    let version = handshake.and_then(|handshake| handshake.version);
    if let Some(version) = version.filter(|version| !version.is_current()) {
        return Outcome::Refused(RefusalReason::OldTls(version));
    }
    let outcome = path_builder(probe, store, store.client, at).judge();
    let has_only_old = handshake.is_some_and(|handshake| handshake.has_only_old_ciphers);
    match outcome {
        Outcome::Trusted(_) | Outcome::CannotTell(_)
            if has_only_old && store.client == Client::Requests =>
        {
            Outcome::Refused(RefusalReason::OldCiphers)
        }
        // Clients give up where a certificate cannot be read, even one that they do not need.
        Outcome::Trusted(_) if probe.is_chain_cut() => {
            Outcome::CannotTell(Doubt::Unreadable(probe.chain.len()))
        }
        other => other,
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
    match path_builder(probe, store, Client::StrictPython, at).judge() {
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
    client: Client,
    at: Timestamp,
) -> PathBuilder<'a> {
    PathBuilder {
        client,
        anchors: &store.contents.anchors,
        chain: &probe.chain,
        host: &probe.target.host,
        at,
    }
}
