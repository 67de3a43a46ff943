//! The report for machines. `docs/runbook.md` lists the fields.

use serde::Serialize;
use trust_doctor::handshake::Proof;
use trust_doctor::issuers::FetchedIssuer;
use trust_doctor::store::{Installation, StoreContents, StoreNote};
use trust_doctor::{Client, ClientStore, ClientVerdict, Diagnosis, Outcome, Strictness};
use trust_stores::Certificate;

use super::causes::{self, values};
use super::connection::not_fetched;
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
    text::json(&JsonReport {
        schema_version: 1,
        at: doctor.at.to_string(),
        stores: clients.chain(variables).collect(),
        switches: doctor.stores.switches.clone(),
        servers: doctor.servers.iter().map(JsonServer::of).collect(),
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
        let mut fingerprints: Vec<_> = anchors.map(Certificate::fingerprint).collect();
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
    reached: bool,
    version: Option<&'static str>,
    proven: bool,
    asks_for_client_certificate: bool,
    chain: Vec<JsonCertificate>,
    proxy: Option<String>,
    fetched: Vec<JsonFetched>,
    trusted_by: Vec<&'static str>,
    refused_by: Vec<&'static str>,
    /// The clients whose answer is not known.
    undecided: Vec<&'static str>,
    cause: Option<JsonCause>,
    notes: Vec<String>,
}

impl JsonServer {
    fn of(server: &ServerReport) -> Self {
        let diagnosis = &server.diagnosis;
        let probe = &diagnosis.probe;
        let handshake = probe.answer.as_ref().ok();
        let clients = |is_wanted: fn(&Outcome) -> bool| {
            let verdicts = diagnosis.verdicts.iter();
            let wanted = verdicts.filter(|one| !probe.chain.is_empty() && is_wanted(&one.outcome));
            let clients = wanted.map(|one: &ClientVerdict| one.client);
            clients.map(Client::as_str).collect()
        };
        JsonServer {
            host: probe.authority.clone(),
            reached: !probe.chain.is_empty(),
            version: handshake.and_then(|one| Some(one.version?.as_str())),
            proven: handshake.is_some_and(|one| one.proof == Proof::Given),
            asks_for_client_certificate: handshake
                .is_some_and(|one| one.requests_client_certificate),
            chain: probe.chain.iter().map(JsonCertificate::of).collect(),
            proxy: probe.proxy.clone(),
            fetched: probe.fetched.iter().map(JsonFetched::of).collect(),
            trusted_by: clients(|outcome| matches!(outcome, Outcome::Trusted(_))),
            refused_by: clients(|outcome| {
                matches!(outcome, Outcome::Refused(_) | Outcome::BrokenStore(_))
            }),
            undecided: clients(|outcome| matches!(outcome, Outcome::CannotTell(_))),
            cause: JsonCause::of(diagnosis),
            notes: server.notes(),
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
