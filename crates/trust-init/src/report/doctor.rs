//! What `doctor` says: a screen for people, an object for machines.

use std::fmt::Write as _;

use serde::Serialize;

use crate::doctor::Asked;
use crate::doctor::cause::Cause;
use crate::doctor::handshake::Proof;
use crate::doctor::issuers::Fetched;
use crate::doctor::stores::{State, Trust};
use crate::doctor::verdict::{Outcome, Verdict};
use crate::error::exit::Answer;
use crate::report::records;
use crate::report::style::{Style, Tone};
use crate::report::text::count;
use trust_stores::escape::escape;
use trust_stores::{Certificate, Timestamp};

/// The form of `doctor`'s answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum DoctorFormat {
    /// Text for people.
    #[default]
    Human,
    /// One JSON object.
    Json,
}

/// One server, and what came of it.
#[derive(Debug)]
pub struct Server {
    /// What it presented.
    pub asked: Asked,
    /// What each client makes of it.
    pub verdicts: Vec<Verdict>,
    /// What is wrong, if anything is.
    pub cause: Option<Cause>,
    /// What the verdicts do not say: of a newer Python, of a JVM and proxies.
    pub notes: Vec<String>,
}

/// All of it.
#[derive(Debug)]
pub struct Report<'a> {
    /// What each client trusts.
    pub trusts: &'a [Trust],
    /// What other variables name.
    pub others: &'a [Trust],
    /// The servers.
    pub servers: &'a [Server],
    /// The moment that validity is judged at.
    pub at: Timestamp,
}

impl Report<'_> {
    /// Whether every client trusts every server; a server that could not be asked leaves that open.
    pub fn answer(&self) -> Answer {
        if self
            .servers
            .iter()
            .any(|server| server.asked.chain.is_empty())
        {
            return Answer::CannotTell;
        }
        let is_wrong = self.servers.iter().any(|server| server.cause.is_some())
            || (self.servers.is_empty() && self.stores().any(|trust| !trust.faults.is_empty()));
        Answer::of(!is_wrong)
    }

    fn stores(&self) -> impl Iterator<Item = &Trust> {
        self.trusts.iter().chain(self.others)
    }

    /// In the form asked for.
    pub fn text(&self, format: DoctorFormat, style: Style) -> String {
        match format {
            DoctorFormat::Human => self.human(style),
            DoctorFormat::Json => self.json(),
        }
    }

    fn human(&self, style: Style) -> String {
        let mut out = String::new();
        for trust in self.trusts {
            store(&mut out, style, trust.who.name(), trust, trust.found_by);
        }
        // Usually all of them name one file.
        let mut told: Vec<&Trust> = Vec::new();
        for trust in self.others {
            if told.iter().any(|one| one.files == trust.files) {
                continue;
            }
            told.push(trust);
            let alike = self.others.iter().filter(|one| one.files == trust.files);
            let names: Vec<&str> = alike.map(|one| one.found_by).collect();
            store(&mut out, style, "other clients", trust, &names.join(", "));
        }
        for server in self.servers {
            out.push('\n');
            server.human(&mut out, style);
        }
        out
    }

    fn json(&self) -> String {
        let report = JsonReport {
            schema_version: 1,
            at: self.at.to_string(),
            stores: self.stores().map(JsonTrust::of).collect(),
            servers: self.servers.iter().map(JsonServer::of).collect(),
        };
        let mut text = serde_json::to_string_pretty(&report).unwrap_or_default();
        text.push('\n');
        text
    }
}

fn store(out: &mut String, style: Style, name: &str, trust: &Trust, found_by: &str) {
    let files = trust.files.iter().map(|file| file.to_string_lossy());
    let files: Vec<String> = files.map(|file| escape(&file).into_owned()).collect();
    let files = if files.is_empty() {
        String::from("nothing")
    } else {
        files.join(", ")
    };
    let mut held = count(trust.anchors.len(), "CA");
    if let Some(of_customer) = trust.of_customer {
        let _ = write!(held, ", {of_customer} of them the customer's,");
    }
    let _ = match trust.state {
        State::Absent => writeln!(out, "{name:<16} not seen here"),
        _ => writeln!(out, "{name:<16} {held} from {files} ({found_by})"),
    };
    let tone = if trust.state == State::Broken {
        Tone::Bad
    } else {
        Tone::Doubt
    };
    for fault in &trust.faults {
        let line = format!("{}: {}", escape(&fault.place), escape(&fault.message));
        let _ = writeln!(out, "  {}", style.paint(tone, &line));
        let _ = writeln!(out, "  hint: {}", fault.hint);
    }
}

impl Server {
    fn human(&self, out: &mut String, style: Style) {
        let asked = &self.asked;
        let target = asked.authority.clone();
        let version = asked
            .answer
            .as_ref()
            .ok()
            .and_then(|presented| presented.version);
        let is_proven = asked
            .answer
            .as_ref()
            .is_ok_and(|presented| presented.proof == Proof::Given);
        let proven = match (version, is_proven) {
            (Some(version), true) => format!(" ({version})"),
            (Some(version), false) => {
                format!(" ({version}, not proven: the handshake did not end)")
            }
            (None, _) => String::new(),
        };
        let way = asked
            .proxy
            .as_ref()
            .map(|proxy| format!(" through the proxy {proxy}"));
        let _ = writeln!(out, "{target}{}{proven}", way.unwrap_or_default());
        for (index, certificate) in asked.chain.iter().enumerate() {
            let _ = writeln!(
                out,
                "  {index} {}\n    issuer {}\n    until {}, sha256 {}",
                certificate.subject(),
                certificate.issuer(),
                certificate.not_after().date(),
                certificate.fingerprint()
            );
        }
        for fetched in &asked.fetched {
            let _ = match &fetched.outcome {
                Ok(certificate) => writeln!(
                    out,
                    "  fetched {}\n    from {}, and nobody has verified it\n    sha256 {}",
                    certificate.subject(),
                    escape(&fetched.address),
                    certificate.fingerprint()
                ),
                Err(reason) => writeln!(
                    out,
                    "  not fetched from {}: {}",
                    escape(&fetched.address),
                    escape(reason)
                ),
            };
        }
        if asked.answer.is_ok() && !asked.chain.is_empty() {
            for verdict in &self.verdicts {
                let (tone, word) = match verdict.outcome {
                    Outcome::Trusted(_) => (Tone::Good, "trusts it"),
                    Outcome::Refused(_) | Outcome::BrokenStore => (Tone::Bad, "refuses it"),
                    Outcome::Unknown => continue,
                };
                let _ = writeln!(
                    out,
                    "  {:<16} {}",
                    verdict.who.name(),
                    style.paint(tone, word)
                );
            }
        }
        for note in &self.notes {
            let _ = writeln!(
                out,
                "  {}",
                style.paint(Tone::Doubt, &format!("note: {}", escape(note)))
            );
        }
        match &self.cause {
            None => {
                let _ = writeln!(
                    out,
                    "  {}",
                    style.paint(Tone::Good, "ok: every client trusts it")
                );
            }
            Some(cause) => {
                let line = format!("cause[{}]: {}", cause.code, cause.message);
                let _ = writeln!(out, "  {}", style.paint(Tone::Bad, &line));
                if let Some(fingerprint) = cause.certificate {
                    let _ = writeln!(out, "  sha256 {fingerprint}");
                }
                for remedy in &cause.remedies {
                    let _ = writeln!(out, "  fix: {remedy}");
                }
                for line in cause.values().iter().flat_map(|values| values.lines()) {
                    let _ = writeln!(out, "    {line}");
                }
            }
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonReport {
    schema_version: u32,
    at: String,
    stores: Vec<JsonTrust>,
    servers: Vec<JsonServer>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonTrust {
    client: &'static str,
    files: Vec<String>,
    found_by: &'static str,
    anchors: usize,
    /// Of their fingerprints: the same set, whatever its form.
    #[serde(skip_serializing_if = "Option::is_none")]
    anchors_hash: Option<String>,
    /// Of the customer's certificates, where a build tells which those are.
    customer_anchors: Option<usize>,
    broken: bool,
    faults: Vec<JsonFault>,
}

#[derive(Serialize)]
struct JsonFault {
    place: String,
    message: String,
    hint: &'static str,
}

impl JsonTrust {
    fn of(trust: &Trust) -> Self {
        let faults = trust.faults.iter().map(|fault| JsonFault {
            place: fault.place.clone(),
            message: fault.message.clone(),
            hint: fault.hint,
        });
        JsonTrust {
            client: trust.who.code(),
            files: trust
                .files
                .iter()
                .map(|file| file.to_string_lossy().into_owned())
                .collect(),
            found_by: trust.found_by,
            anchors: trust.anchors.len(),
            anchors_hash: {
                let mut anchors: Vec<_> =
                    trust.anchors.iter().map(Certificate::fingerprint).collect();
                anchors.sort_unstable();
                records::trust_anchors_hash(&anchors).map(|hash| hash.to_string())
            },
            customer_anchors: trust.of_customer,
            broken: trust.state == State::Broken,
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
    cause: Option<JsonCause>,
    notes: Vec<String>,
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

#[derive(Serialize)]
struct JsonCause {
    code: &'static str,
    message: String,
    remedies: Vec<String>,
    sha256: Option<String>,
    /// YAML.
    values: Option<String>,
}

/// With `certificate` or `error`.
#[derive(Serialize)]
struct JsonFetched {
    address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<JsonCertificate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl JsonFetched {
    fn of(fetched: &Fetched) -> Self {
        JsonFetched {
            address: fetched.address.clone(),
            certificate: fetched.outcome.as_ref().ok().map(JsonCertificate::of),
            error: fetched.outcome.as_ref().err().cloned(),
        }
    }
}

impl JsonServer {
    fn of(server: &Server) -> Self {
        let asked = &server.asked;
        let presented = asked.answer.as_ref().ok();
        let by = |is_trusted: bool| {
            let verdicts = server.verdicts.iter().filter(|_| !asked.chain.is_empty());
            let of_kind = verdicts.filter(|verdict| match verdict.outcome {
                Outcome::Trusted(_) => is_trusted,
                Outcome::Refused(_) | Outcome::BrokenStore => !is_trusted,
                Outcome::Unknown => false,
            });
            of_kind.map(|verdict| verdict.who.code()).collect()
        };
        JsonServer {
            host: asked.authority.clone(),
            reached: !asked.chain.is_empty(),
            version: presented.and_then(|presented| presented.version),
            proven: presented.is_some_and(|presented| presented.proof == Proof::Given),
            asks_for_client_certificate: presented.is_some_and(|p| p.asks_for_client),
            chain: asked.chain.iter().map(JsonCertificate::of).collect(),
            proxy: asked.proxy.clone(),
            fetched: asked.fetched.iter().map(JsonFetched::of).collect(),
            trusted_by: by(true),
            refused_by: by(false),
            cause: server.cause.as_ref().map(|cause| JsonCause {
                code: cause.code,
                message: cause.message.clone(),
                remedies: cause.remedies.clone(),
                sha256: cause.certificate.map(|fingerprint| fingerprint.to_string()),
                values: cause.values(),
            }),
            notes: server.notes.clone(),
        }
    }
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
