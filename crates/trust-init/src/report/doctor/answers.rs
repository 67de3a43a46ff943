//! What each client answers about a server: one line for each, and the first line of the server's
//! block, which says for whom.

use std::sync::Arc;

use trust_doctor::cause::CauseReason;
use trust_doctor::outcome::Doubt;
use trust_doctor::{CauseCode, Client, ClientStore, ClientVerdict, Diagnosis, Outcome};
use trust_stores::{Certificate, Fingerprint};

use super::own_words::own_words;
use super::{DoctorReport, client_name, protocols};
use crate::report::style::Tone;

/// One client's answer, with everything that its line is made of.
#[derive(Debug)]
pub(super) struct Answer<'r> {
    pub(super) client: Client,
    pub(super) verdict: Verdict,
    outcome: &'r Outcome,
    /// Why the client does not trust the server.
    pub(super) code: Option<CauseCode>,
    /// The path by which it trusts what the server presents, the server's own certificate first.
    pub(super) path: Vec<&'r Certificate>,
    /// What led the client to its store.
    pub(super) found_by: Option<&'static str>,
    /// What it prints itself.
    pub(super) own_words: Option<String>,
}

/// An answer in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Trusted,
    Refused,
    Undecided,
    Absent,
}

impl Verdict {
    fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Trusted(_) => Verdict::Trusted,
            Outcome::Refused(_) | Outcome::BrokenStore(_) => Verdict::Refused,
            Outcome::CannotTell(_) => Verdict::Undecided,
            Outcome::Absent => Verdict::Absent,
        }
    }

    /// The word that machines read.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Verdict::Trusted => "trusted",
            Verdict::Refused => "refused",
            Verdict::Undecided => "undecided",
            Verdict::Absent => "absent",
        }
    }

    pub(super) fn tone(self) -> Tone {
        match self {
            Verdict::Trusted => Tone::Good,
            Verdict::Refused => Tone::Bad,
            Verdict::Undecided => Tone::Doubt,
            Verdict::Absent => Tone::Faint,
        }
    }
}

/// The answers of all clients to what a server presented; none if it presented nothing.
pub(super) fn answers<'r>(report: &'r DoctorReport, diagnosis: &'r Diagnosis) -> Vec<Answer<'r>> {
    let Some(leaf) = diagnosis.probe.chain.first() else {
        return Vec::new();
    };
    let answer = |verdict: &'r ClientVerdict| {
        let store = ClientStore::of(verdict.client, &report.stores.clients);
        let outcome = &verdict.outcome;
        let host = &diagnosis.probe.target.host;
        let fingerprints = outcome.path().map_or(&[][..], |path| &path.certificates);
        let find = |one: &Fingerprint| find(*one, diagnosis, store);
        Answer {
            client: verdict.client,
            verdict: Verdict::of(outcome),
            outcome,
            code: CauseCode::of_outcome(outcome),
            path: fingerprints.iter().filter_map(find).collect(),
            found_by: store.and_then(|store| store.contents.found_by),
            own_words: own_words(verdict.client, outcome, leaf, host),
        }
    };
    diagnosis.verdicts.iter().map(answer).collect()
}

/// A certificate that the server sent, or that is in the client's store.
fn find<'r>(
    fingerprint: Fingerprint,
    diagnosis: &'r Diagnosis,
    store: Option<&'r ClientStore>,
) -> Option<&'r Certificate> {
    let anchors = store.into_iter().flat_map(|store| &store.contents.anchors);
    let anchors = anchors.map(Arc::as_ref);
    let mut known = diagnosis.probe.chain.iter().chain(anchors);
    known.find(|one| one.fingerprint() == fingerprint)
}

impl Answer<'_> {
    /// What follows the client's name.
    pub(super) fn line(&self) -> String {
        match self.outcome {
            Outcome::Trusted(_) => format!("trusts it{}", self.by()),
            Outcome::CannotTell(Doubt::KeyNotProven(_)) => format!(
                "doctor cannot tell: trusts the certificates{}, but their key is not proven",
                self.by()
            ),
            Outcome::CannotTell(_) => String::from("doctor cannot tell"),
            Outcome::Absent => String::from("not seen here"),
            Outcome::Refused(_) | Outcome::BrokenStore(_) => match &self.own_words {
                Some(words) => format!("refuses it (\"{words}\")"),
                None => String::from("refuses it"),
            },
        }
    }

    /// The anchor, and what led the client to it.
    fn by(&self) -> String {
        let Some(anchor) = self.path.last() else {
            return String::new();
        };
        let found_by = self.found_by.map(|by| format!(" ({by})"));
        format!(" by {}{}", short_name(anchor), found_by.unwrap_or_default())
    }
}

/// A certificate's common name, or all of its subject if it has none.
pub(super) fn short_name(certificate: &Certificate) -> &str {
    let subject = certificate.subject().as_str();
    match subject.split_once(',') {
        // A comma in a value is written with a backslash before it.
        Some((first, _)) if first.starts_with("CN=") && !first.ends_with('\\') => first,
        _ => subject,
    }
}

/// Whether the pod trusts the server, and for whom.
pub(super) fn headline(diagnosis: &Diagnosis, answers: &[Answer<'_>]) -> (Tone, String) {
    let probe = &diagnosis.probe;
    if probe.answer.is_err() {
        return (Tone::Bad, String::from("not reached"));
    }
    if answers.is_empty() {
        return (
            Tone::Bad,
            String::from("reached, but it presented no certificate"),
        );
    }
    let who = |verdict: Verdict| -> Vec<Client> {
        let answers = answers.iter().filter(|one| one.verdict == verdict);
        answers.map(|one| one.client).collect()
    };
    if is_impostor(diagnosis) {
        let not_proven = "not trusted: it did not prove that it holds the key of its certificate";
        return (Tone::Bad, String::from(not_proven));
    }
    let (trusted, refused) = (who(Verdict::Trusted), who(Verdict::Refused));
    let undecided = who(Verdict::Undecided);
    let seen = trusted.len() + refused.len() + undecided.len();
    let everyone = |clients: &[Client], any: &str| {
        if clients.len() < seen {
            list(clients)
        } else if seen == 1 {
            format!("{}, the only client seen here", list(clients))
        } else {
            format!("{any} client seen here")
        }
    };
    let trust = trust_clause(&trusted);
    if !refused.is_empty() {
        let doubt = unless_empty(&undecided, |who| format!("; cannot tell for {}", list(who)));
        let refused = everyone(&refused, "every");
        return (Tone::Bad, format!("refused by {refused}{trust}{doubt}"));
    }
    if !undecided.is_empty() {
        let undecided = everyone(&undecided, "any");
        return (Tone::Doubt, format!("cannot tell for {undecided}{trust}"));
    }
    if trusted.is_empty() {
        return (
            Tone::Doubt,
            String::from("cannot tell: no client is seen here"),
        );
    }
    let trusted = everyone(&trusted, "every");
    let (tone, but) = but(diagnosis).unwrap_or((Tone::Good, ""));
    match protocols::name(probe).filter(|_| diagnosis.cause.is_none()) {
        Some(name) => (
            Tone::Doubt,
            format!("trusted by {trusted}{but}; for {name}'s own clients, see the notes"),
        ),
        None => (tone, format!("trusted by {trusted}{but}")),
    }
}

fn is_impostor(diagnosis: &Diagnosis) -> bool {
    let cause = diagnosis.cause.as_ref();
    cause.is_some_and(|cause| cause.code() == CauseCode::NotProven)
}

/// What keeps a trusted server from being all well.
fn but(diagnosis: &Diagnosis) -> Option<(Tone, &'static str)> {
    let Some(cause) = &diagnosis.cause else {
        let strict = diagnosis.strict_python.as_ref();
        return strict.map(|_| (Tone::Doubt, "; Python 3.13 and later refuse it"));
    };
    Some(match cause.reason {
        CauseReason::ClientCertificate => (Tone::Bad, ", but it requires a client certificate"),
        CauseReason::CannotTell(Doubt::ClientCertificate) => {
            (Tone::Doubt, ", but it may require a client certificate")
        }
        _ => (Tone::Bad, ", but the connection fails"),
    })
}

fn trust_clause(trusted: &[Client]) -> String {
    unless_empty(trusted, |who| {
        let verb = if who.len() == 1 { "trusts" } else { "trust" };
        format!("; {} {verb} it", list(who))
    })
}

fn unless_empty(clients: &[Client], clause: impl Fn(&[Client]) -> String) -> String {
    if clients.is_empty() {
        String::new()
    } else {
        clause(clients)
    }
}

/// Clients in a sentence: `OpenSSL, curl and the JVM`.
pub(super) fn list(clients: &[Client]) -> String {
    let name = |client: &Client| match client {
        Client::Jvm => "the JVM",
        other => client_name(*other),
    };
    match clients {
        [] => String::new(),
        [one] => name(one).to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(name).collect();
            format!("{} and {}", first.join(", "), name(last))
        }
    }
}
