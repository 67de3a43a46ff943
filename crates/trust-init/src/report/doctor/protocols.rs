//! The words for the clients of databases, directories and queues: whether the verdicts are about them.

use serde::Serialize;
use trust_doctor::protocol::{ProtocolClient, Source};
use trust_doctor::{Probe, Protocol};

/// What is spoken there, as people know it; nothing where it is HTTPS, or not known.
pub(super) fn name(probe: &Probe) -> Option<&'static str> {
    Some(match probe.protocol? {
        Protocol::Https => return None,
        Protocol::Postgres => "PostgreSQL",
        Protocol::Mysql => "MySQL",
        Protocol::Ldap => "LDAP",
        Protocol::Mongo => "MongoDB",
        Protocol::Kafka => "Kafka",
        Protocol::Smtp => "SMTP",
        Protocol::Amqp => "AMQP",
        Protocol::Redis => "Redis",
        Protocol::Oracle => "Oracle",
        Protocol::Snowflake => "Snowflake",
        Protocol::Trino => "Trino",
    })
}

/// For each client of what is spoken there, which verdict is about it, and what to set.
pub(super) fn notes(probe: &Probe) -> impl Iterator<Item = String> {
    let clients = probe.protocol.into_iter().flat_map(Protocol::clients);
    clients.filter(|_| !probe.chain.is_empty()).map(note)
}

fn note(client: &ProtocolClient) -> String {
    let mut note = match client.reads {
        Source::JvmStore => format!("{}: as the JVM", client.name),
        Source::OpenSslStore => format!("{}: as Python ssl", client.name),
        Source::RequestsBundle => format!("{}: as Python requests", client.name),
        Source::Own(place) => {
            format!(
                "{}: no verdict above, because it reads {place}",
                client.name
            )
        }
        Source::Nothing => format!(
            "{}: no verdict above, because it reads no store",
            client.name
        ),
    };
    if let Some(setting) = client.verifies_with {
        note = format!("{note}; verifies only with {setting}");
    }
    match (client.setting, client.reads) {
        (Some(setting), Source::Own(_) | Source::Nothing) => format!("{note}; set {setting}"),
        (Some(setting), _) => format!("{note}, unless {setting} is set"),
        (None, _) => note,
    }
}

/// The same for machines.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct JsonProtocolClient {
    name: &'static str,
    /// The client of `stores[]` whose verdict is also this one's; null if none is.
    verdict_of: Option<&'static str>,
    reads: Option<&'static str>,
    verifies_with: Option<&'static str>,
    setting: Option<&'static str>,
}

impl JsonProtocolClient {
    pub(super) fn all(probe: &Probe) -> Vec<Self> {
        let clients = probe.protocol.into_iter().flat_map(Protocol::clients);
        clients.map(JsonProtocolClient::of).collect()
    }

    fn of(client: &ProtocolClient) -> Self {
        use trust_doctor::Client;
        let (verdict_of, reads) = match client.reads {
            Source::JvmStore => (Some(Client::Jvm), None),
            Source::OpenSslStore => (Some(Client::Python), None),
            Source::RequestsBundle => (Some(Client::Requests), None),
            Source::Own(place) => (None, Some(place)),
            Source::Nothing => (None, None),
        };
        JsonProtocolClient {
            name: client.name,
            verdict_of: verdict_of.map(Client::as_str),
            reads,
            verifies_with: client.verifies_with,
            setting: client.setting,
        }
    }
}
