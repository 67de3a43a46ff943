//! The report for machines. `docs/runbook.md` lists the fields.

use serde::Serialize;
use trust_doctor::chain::Place;
use trust_doctor::handshake::Handshake;
use trust_doctor::issuers::FetchedIssuer;
use trust_doctor::store::{Installation, StoreContents, StoreNote};
use trust_doctor::{Client, ClientStore, Diagnosis, Protocol, Strictness};
use trust_stores::{Certificate, Timestamp};

use super::answers::{Answer, Verdict, answers, headline};
use super::ask::{Asked, JsonAsked};
use super::causes::{self, values};
use super::chain::{self, names, oddities, signature_algorithm};
use super::connection::not_fetched;
use super::protocols::JsonProtocolClient;
use super::stores::{fault, installation, not_seen};
use super::{DoctorReport, ServerReport};
use crate::report::records::trust_anchors_hash;
use crate::report::text;

/// The whole report as one object.
pub(super) fn json(doctor: &DoctorReport) -> String {
    let clients = doctor.stores.clients.iter();
    let clients = clients.map(|store| JsonStore {
        strictness: store
            .contents
            .installation
            .as_ref()
            .map(|_| strictness(store)),
        ..JsonStore::of(store.client.as_str(), &store.contents)
    });
    let variables = doctor.stores.variables.iter();
    let variables = variables.map(|store| JsonStore::of(store.variable, &store.contents));
    let servers = doctor.servers.iter();
    let servers = servers.map(|server| JsonServer::of(doctor, server));
    text::json(&JsonReport {
        schema_version: 1,
        at: doctor.at.to_string(),
        stores: clients.chain(variables).collect(),
        switches: doctor.stores.switches.clone(),
        servers: servers.collect(),
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonReport {
    schema_version: u32,
    at: String,
    stores: Vec<JsonStore>,
    /// Variables that turn off verification, or choose other roots.
    switches: Vec<&'static str>,
    servers: Vec<JsonServer>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonStore {
    client: &'static str,
    files: Vec<String>,
    found_by: &'static str,
    anchors: usize,
    /// Of their fingerprints: equal for the same set in any form.
    #[serde(skip_serializing_if = "Option::is_none")]
    anchors_hash: Option<String>,
    customer_anchors: Option<usize>,
    broken: bool,
    /// Why it is not judged, if it is not.
    absent: Option<String>,
    /// Whether it verifies as Python 3.13 and later do.
    #[serde(skip_serializing_if = "Option::is_none")]
    strictness: Option<&'static str>,
    /// The Python that was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    python: Option<JsonPython>,
    /// Other Pythons, whose answers may differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    other_pythons: Vec<JsonPython>,
    faults: Vec<JsonFault>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonPython {
    version: Option<String>,
    program: String,
    found_by: &'static str,
}

fn strictness(store: &ClientStore) -> &'static str {
    match store.strictness {
        Strictness::Lenient => "lenient",
        Strictness::Strict => "strict",
        Strictness::Unknown => "unknown",
    }
}

impl JsonPython {
    fn of(one: &Installation) -> Self {
        JsonPython {
            version: one.version.clone(),
            program: one.program.to_string_lossy().into_owned(),
            found_by: one.found_by,
        }
    }
}

#[derive(Serialize)]
struct JsonFault {
    place: &'static str,
    message: String,
    hint: &'static str,
}

impl JsonStore {
    fn of(client: &'static str, contents: &StoreContents) -> Self {
        let anchors = contents.anchors.iter();
        let mut fingerprints: Vec<_> = anchors.map(|one| one.fingerprint()).collect();
        fingerprints.sort_unstable();
        let files = contents.files.iter();
        let faults = contents.faults.iter().map(|one| {
            let (message, hint) = fault(one);
            JsonFault {
                place: one.found_by,
                message,
                hint,
            }
        });
        JsonStore {
            client,
            files: files
                .map(|file| file.to_string_lossy().into_owned())
                .collect(),
            found_by: contents.found_by.unwrap_or("nothing"),
            anchors: contents.anchors.len(),
            anchors_hash: trust_anchors_hash(&fingerprints).map(|hash| hash.to_string()),
            customer_anchors: contents.customer_anchors,
            broken: contents.breakage().is_some(),
            absent: contents.absence.as_ref().map(|absence| {
                let program = contents.installation.as_ref().map(installation);
                not_seen(absence, program.as_deref())
            }),
            strictness: None,
            python: contents.installation.as_ref().map(JsonPython::of),
            other_pythons: contents
                .notes
                .iter()
                .filter_map(|note| match note {
                    StoreNote::OtherPython { installation, .. } => {
                        Some(JsonPython::of(installation))
                    }
                    StoreNote::GnuTlsCurl => None,
                })
                .collect(),
            faults: faults.collect(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonServer {
    host: String,
    /// The first line of the report for people.
    summary: String,
    reached: bool,
    version: Option<&'static str>,
    /// Where the connection led: the server, or the proxy.
    address: Option<String>,
    cipher_suite: Option<String>,
    key_exchange: Option<String>,
    proven: bool,
    asks_for_client_certificate: bool,
    /// Of client certificates.
    accepted_cas: Vec<String>,
    chain: Vec<JsonPresented>,
    /// What is worth knowing of the chain as a whole.
    chain_notes: Vec<String>,
    proxy: Option<String>,
    fetched: Vec<JsonFetched>,
    trusted_by: Vec<&'static str>,
    refused_by: Vec<&'static str>,
    /// The clients whose answer is not known.
    undecided: Vec<&'static str>,
    /// The answers of the programs here, if they were asked.
    asked: Vec<JsonAsked>,
    clients: Vec<JsonAnswer>,
    cause: Option<JsonCause>,
    notes: Vec<String>,
    /// What is spoken inside TLS, where that is known.
    protocol: Option<&'static str>,
    /// Clients of that protocol, and which verdict is theirs.
    protocol_clients: Vec<JsonProtocolClient>,
}

impl JsonServer {
    fn of(report: &DoctorReport, server: &ServerReport) -> Self {
        let diagnosis = &server.diagnosis;
        let probe = &diagnosis.probe;
        let handshake = probe.answer.as_ref().ok();
        let answers = answers(report, diagnosis);
        let clients = |verdict: Verdict| {
            let wanted = answers.iter().filter(|one| one.verdict == verdict);
            wanted.map(|one| one.client.as_str()).collect()
        };
        let chain: Vec<(&Certificate, Place)> = chain::placed(&probe.chain).collect();
        let places: Vec<Place> = chain.iter().map(|(_, place)| *place).collect();
        let presented = chain.into_iter();
        JsonServer {
            host: probe.authority.clone(),
            summary: Asked::of(server).amend(headline(diagnosis, &answers)).1,
            reached: !probe.chain.is_empty(),
            version: handshake.and_then(|one| Some(one.version?.as_str())),
            address: probe.address.map(|address| address.to_string()),
            cipher_suite: handshake.and_then(|one| Some(one.cipher_suite?.to_string())),
            key_exchange: handshake.and_then(|one| Some(one.group?.to_string())),
            proven: handshake.is_some_and(|one| one.proof.is_given()),
            asks_for_client_certificate: handshake
                .is_some_and(|one| one.requests_client_certificate),
            accepted_cas: handshake.map(accepted_cas).unwrap_or_default(),
            chain: presented
                .map(|(one, place)| JsonPresented::of(one, place, report.at))
                .collect(),
            chain_notes: oddities(&probe.chain, &places),
            proxy: probe.proxy.clone(),
            fetched: probe.fetched.iter().map(JsonFetched::of).collect(),
            trusted_by: clients(Verdict::Trusted),
            refused_by: clients(Verdict::Refused),
            undecided: clients(Verdict::Undecided),
            asked: Asked::of(server).json(),
            clients: answers.iter().map(JsonAnswer::of).collect(),
            cause: JsonCause::of(diagnosis),
            notes: server.notes(),
            protocol: probe.protocol.map(Protocol::as_str),
            protocol_clients: JsonProtocolClient::all(probe),
        }
    }
}

fn accepted_cas(handshake: &Handshake) -> Vec<String> {
    let names = handshake.accepted_cas.iter();
    names.map(|name| name.as_str().to_owned()).collect()
}

/// What one client answers.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonAnswer {
    client: &'static str,
    verdict: &'static str,
    /// The reason, as in `cause`.
    code: Option<&'static str>,
    /// The end of the path.
    anchor: Option<JsonAnchor>,
    /// SHA-256 of each certificate, the server's own first.
    path: Vec<String>,
    found_by: Option<&'static str>,
    /// What the client itself prints.
    own_words: Option<String>,
}

#[derive(Serialize)]
struct JsonAnchor {
    sha256: String,
    subject: String,
}

impl JsonAnswer {
    fn of(answer: &Answer<'_>) -> Self {
        let path = answer.path.iter();
        JsonAnswer {
            client: Client::as_str(answer.client),
            verdict: answer.verdict.as_str(),
            code: answer.code.map(trust_doctor::CauseCode::as_str),
            anchor: answer.path.last().map(|anchor| JsonAnchor {
                sha256: anchor.fingerprint().to_string(),
                subject: anchor.subject().as_str().to_owned(),
            }),
            path: path.map(|one| one.fingerprint().to_string()).collect(),
            found_by: answer.found_by,
            own_words: answer.own_words.clone(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonCertificate {
    sha256: String,
    subject: String,
    issuer: String,
    not_before: String,
    not_after: String,
}

impl JsonCertificate {
    fn of(certificate: &Certificate) -> Self {
        JsonCertificate {
            sha256: certificate.fingerprint().to_string(),
            subject: certificate.subject().as_str().to_owned(),
            issuer: certificate.issuer().as_str().to_owned(),
            not_before: certificate.not_before().to_string(),
            not_after: certificate.not_after().to_string(),
        }
    }
}

/// A certificate that the server presented.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonPresented {
    #[serde(flatten)]
    certificate: JsonCertificate,
    key: String,
    signature_algorithm: String,
    names: Vec<String>,
    /// Negative for one that has expired.
    days_left: i64,
    place: &'static str,
    /// The index that the place refers to.
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<usize>,
    superfluous: bool,
}

impl JsonPresented {
    fn of(certificate: &Certificate, place: Place, at: Timestamp) -> Self {
        let (word, of) = match place {
            Place::Server => ("server", None),
            Place::IssuerOf(child) => ("issuer", Some(child)),
            Place::RootOf(child) => ("root", Some(child)),
            Place::CopyOf(first) => ("copy", Some(first)),
            Place::Unrelated => ("unrelated", None),
        };
        JsonPresented {
            certificate: JsonCertificate::of(certificate),
            key: certificate.key().to_string(),
            signature_algorithm: signature_algorithm(certificate.signature_algorithm()),
            names: names(certificate),
            days_left: at.days_until(certificate.not_after()),
            place: word,
            of,
            superfluous: place.is_superfluous(),
        }
    }
}

/// With either `certificate` or `error`.
#[derive(Serialize)]
struct JsonFetched {
    address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<JsonCertificate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl JsonFetched {
    fn of(fetched: &FetchedIssuer) -> Self {
        JsonFetched {
            address: fetched.address.clone(),
            certificate: fetched.outcome.as_ref().ok().map(JsonCertificate::of),
            error: fetched.outcome.as_ref().err().map(not_fetched),
        }
    }
}

#[derive(Serialize)]
struct JsonCause {
    code: &'static str,
    message: String,
    remedies: Vec<String>,
    sha256: Option<String>,
    /// YAML.
    values: Option<String>,
}

impl JsonCause {
    fn of(diagnosis: &Diagnosis) -> Option<Self> {
        let cause = diagnosis.cause.as_ref()?;
        let words = causes::cause(cause, diagnosis);
        let certificate = cause.certificate.as_ref();
        Some(JsonCause {
            code: cause.code().as_str(),
            message: words.message,
            remedies: words.fixes,
            sha256: certificate.map(|one| one.fingerprint().to_string()),
            values: values(cause),
        })
    }
}
