//! What `doctor` prints: a screen for people, an object for machines.

mod answers;
mod ask;
mod bundle;
mod causes;
mod chain;
mod connection;
mod json;
mod names;
mod own_words;
mod protocols;
mod stores;
mod text;

pub use self::bundle::{BundleForm, Surroundings};
use trust_doctor::handshake::Handshake;
use trust_doctor::store::ProcessStores;
use trust_doctor::{CauseCode, Client, Diagnosis, Outcome, Probe};
use trust_stores::Timestamp;
use trust_stores::cert::Name;

use self::ask::Asked;
use crate::ask::ClientAnswer;
use crate::error::exit::Answer;
use crate::report::style::Style;

/// The form of `doctor`'s answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum DoctorFormat {
    /// Text for people.
    #[default]
    #[value(alias = "text")]
    Human,
    /// One JSON object.
    Json,
}

/// How a CA gets into the stores of the process that was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Values of the chart that made its pod.
    Chart,
    /// A command next to it: on a laptop, in a notebook, on a server.
    Command,
}

/// How much the screen shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// What it takes to act.
    Brief,
    /// Everything that is known.
    Full,
}

/// All that was found out.
#[derive(Debug)]
pub struct DoctorReport {
    /// What each client trusts.
    pub stores: ProcessStores,
    /// The servers, in the order they were named.
    pub servers: Vec<ServerReport>,
    /// The moment that validity is judged at.
    pub at: Timestamp,
    /// How a missing CA is added here.
    pub delivery: Delivery,
}

/// One server.
#[derive(Debug)]
pub struct ServerReport {
    /// What it presented, and what clients answer.
    pub diagnosis: Diagnosis,
    /// Whether it was reached through a proxy that the JVM here does not use.
    pub jvm_may_differ: bool,
    /// Why the proxy that a variable names was not used.
    pub proxy_fault: Option<String>,
    /// What the programs here answer, if they were asked.
    pub asked: Vec<ClientAnswer>,
}

impl DoctorReport {
    /// Whether every client trusts every server; without a server, whether every store is sound.
    pub fn answer(&self) -> Answer {
        let servers: Vec<Answer> = self.servers.iter().map(ServerReport::answer).collect();
        if servers.contains(&Answer::CannotTell) {
            return Answer::CannotTell;
        }
        let clients = self.stores.clients.iter().map(|store| &store.contents);
        let variables = self.stores.variables.iter().map(|store| &store.contents);
        let mut contents = clients.chain(variables);
        let is_wrong = if servers.is_empty() {
            contents.any(|contents| !contents.faults.is_empty())
        } else {
            servers.contains(&Answer::No)
        };
        Answer::of(!is_wrong)
    }

    /// The report in the format asked for.
    pub fn text(&self, format: DoctorFormat, detail: Detail, style: Style) -> String {
        match format {
            DoctorFormat::Human => text::human(self, detail, style),
            DoctorFormat::Json => json::json(self),
        }
    }

    /// The content of a support bundle.
    pub fn bundle(&self, surroundings: &Surroundings, form: BundleForm) -> String {
        bundle::bundle(self, surroundings, form)
    }
}

impl ServerReport {
    /// Whether every client trusts it.
    fn answer(&self) -> Answer {
        let own = if self.is_unanswered() {
            Answer::CannotTell
        } else {
            Answer::of(self.diagnosis.cause.is_none())
        };
        Asked::of(self).decide(own)
    }

    /// What the verdicts do not show.
    fn notes(&self) -> Vec<String> {
        let strict = self.diagnosis.strict_python.as_ref();
        let host = &self.diagnosis.probe.target.host;
        let strict = strict.map(|reason| causes::refusal(reason, host).message);
        let jvm = self.jvm_may_differ.then(|| {
            String::from(
                "connected through a proxy, as curl and Python do; a JVM without -Dhttps.proxyHost \
                 connects directly and may see another certificate",
            )
        });
        let notes = [
            strict,
            self.client_certificate(),
            jvm,
            self.proxy_fault.clone(),
        ];
        let of_clients = protocols::notes(&self.diagnosis.probe);
        notes.into_iter().flatten().chain(of_clients).collect()
    }

    /// Whether nobody is known to refuse the server, and not everybody to trust it.
    fn is_unanswered(&self) -> bool {
        let diagnosis = &self.diagnosis;
        let code = diagnosis.cause.as_ref().map(trust_doctor::Cause::code);
        let any = |is_wanted: fn(&Outcome) -> bool| {
            let mut verdicts = diagnosis.verdicts.iter();
            verdicts.any(|one| is_wanted(&one.outcome))
        };
        if diagnosis.probe.chain.is_empty() {
            return true;
        }
        let is_refused =
            any(|outcome| matches!(outcome, Outcome::Refused(_) | Outcome::BrokenStore(_)));
        let is_open = any(|outcome| matches!(outcome, Outcome::CannotTell(_)));
        !is_refused
            && code != Some(CauseCode::NotProven)
            && (is_open || code == Some(CauseCode::CannotTell))
    }

    /// What a client meets next, once the cause is gone.
    fn client_certificate(&self) -> Option<String> {
        let handshake = self.diagnosis.probe.answer.as_ref().ok()?;
        let code = self.diagnosis.cause.as_ref()?.code();
        let requires_one = handshake.requests_client_certificate && handshake.failure.is_some();
        (requires_one && code != CauseCode::ClientCertificate)
            .then(|| String::from("the server also requires a client certificate (mutual TLS)"))
    }
}

/// The version, whether the key was proven, and the proxy.
fn connection_facts(probe: &Probe) -> Vec<String> {
    let Ok(handshake) = &probe.answer else {
        return Vec::new();
    };
    let version = handshake.version.map(|version| version.as_str().to_owned());
    let is_proven = handshake.proof.is_given() || probe.chain.is_empty();
    let unproven = (!is_proven).then(|| String::from("not proven: the handshake did not finish"));
    let proxy = probe.proxy.as_ref();
    let proxy = proxy.map(|proxy| format!("through the proxy {proxy}"));
    [version, unproven, proxy].into_iter().flatten().collect()
}

/// What is known of a connection besides its version, a line each. Escaped.
fn connection_details(probe: &Probe) -> Vec<String> {
    let Ok(handshake) = &probe.answer else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    if let Some(address) = probe.address {
        lines.push(format!("reached {address}"));
    }
    if let Some(suite) = handshake.cipher_suite {
        let group = handshake.group.map(|group| format!(", keys by {group}"));
        lines.push(format!("cipher {suite}{}", group.unwrap_or_default()));
    }
    if handshake.requests_client_certificate {
        lines.push(String::from("it asks for a client certificate"));
    }
    lines.extend(accepted_cas(handshake));
    let places = trust_doctor::chain::places(&probe.chain);
    lines.extend(chain::oddities(&probe.chain, &places));
    lines
}

/// The CAs whose client certificates a server accepts. Some list all the roots of their system.
fn accepted_cas(handshake: &Handshake) -> Option<String> {
    const SHOWN: usize = 20;
    let names = handshake.accepted_cas.iter().map(Name::as_str);
    let names: Vec<&str> = names.take(SHOWN).collect();
    if names.is_empty() {
        return None;
    }
    let more = match handshake.accepted_cas.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    Some(format!(
        "it accepts client certificates issued by {}{more}",
        names.join("; ")
    ))
}

/// The name of a client, as people know it.
fn client_name(client: Client) -> &'static str {
    match client {
        Client::OpenSsl => "OpenSSL",
        Client::Curl => "curl",
        Client::Python => "Python ssl",
        Client::Requests => "Python requests",
        Client::Jvm => "JVM",
    }
}
