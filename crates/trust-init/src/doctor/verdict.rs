//! Whether each client trusts a server.

use super::Asked;
use super::fault::{CertificateFault, Fault};
use super::path::{Client, Judge, Trusted};
use super::stores::{State, Trust, Who};
use trust_stores::Timestamp;

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
    BrokenStore,
    /// There is no such client here, or nobody can see its store.
    Unknown,
}

/// What Python 3.13 would mind where OpenSSL and Python before it trust a server.
pub(super) fn strict(asked: &Asked, trusts: &[Trust], at: Timestamp) -> Option<Fault> {
    let trust = Trust::of(Who::Python, trusts)?;
    let judge = Judge {
        client: Client::StrictPython,
        anchors: &trust.anchors,
        chain: &asked.chain,
        host: &asked.target.host,
        at,
    };
    match judge.verdict() {
        Err(
            fault @ (Fault::OfCertificate(CertificateFault::Strict(_), ..)
            | Fault::CommonNameOnly(_)),
        ) => Some(fault),
        _ => None,
    }
}

/// The verdict of each client on what a server presented.
pub fn verdicts(asked: &Asked, trusts: &[Trust], at: Timestamp) -> Vec<Verdict> {
    let of = |trust: &Trust| Verdict {
        who: trust.who,
        outcome: outcome(asked, trust, at),
    };
    trusts.iter().map(of).collect()
}

fn outcome(asked: &Asked, trust: &Trust, at: Timestamp) -> Outcome {
    match trust.state {
        State::Absent => return Outcome::Unknown,
        State::Broken => return Outcome::BrokenStore,
        State::Usable => {}
    }
    let presented = asked.answer.as_ref().ok();
    let version = presented.and_then(|presented| presented.version);
    if let Some(version @ ("SSL 3.0" | "TLS 1.0" | "TLS 1.1")) = version {
        return Outcome::Refused(Fault::OldTls(version));
    }
    let judge = Judge {
        client: trust.who.client(),
        anchors: &trust.anchors,
        chain: &asked.chain,
        host: &asked.target.host,
        at,
    };
    let has_old_ciphers = presented.is_some_and(|presented| presented.has_old_ciphers);
    match judge.verdict() {
        Ok(_) if has_old_ciphers && trust.who == Who::Python => Outcome::Refused(Fault::OldCiphers),
        Ok(trusted) => Outcome::Trusted(trusted),
        Err(fault) => Outcome::Refused(fault),
    }
}
