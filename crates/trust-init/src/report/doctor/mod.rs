//! What `doctor` prints: a screen for people, an object for machines.

mod ask;
mod causes;
mod connection;
mod json;
mod stores;
mod text;

use trust_doctor::store::ProcessStores;
use trust_doctor::{Cause, CauseCode, Client, Diagnosis};
use trust_stores::Timestamp;

use self::ask::Asked;
use crate::ask::ClientAnswer;
use crate::error::exit::Answer;
use crate::report::style::Style;

/// The form of `doctor`'s answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum DoctorFormat {
    /// Text for people.
    #[default]
    Human,
    /// One JSON object.
    Json,
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
    pub fn text(&self, format: DoctorFormat, style: Style) -> String {
        match format {
            DoctorFormat::Human => text::human(self, style),
            DoctorFormat::Json => json::json(self),
        }
    }
}

impl ServerReport {
    /// Whether every client trusts it.
    fn answer(&self) -> Answer {
        let cause = self.diagnosis.cause.as_ref().map(Cause::code);
        let own = match cause {
            _ if self.diagnosis.probe.chain.is_empty() => Answer::CannotTell,
            Some(CauseCode::CannotTell) => Answer::CannotTell,
            cause => Answer::of(cause.is_none()),
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
        let notes = [strict, jvm, self.proxy_fault.clone()];
        notes.into_iter().flatten().collect()
    }
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
