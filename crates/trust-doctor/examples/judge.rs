//! Says what each client answers to chains of certificates that no server has to present.
//!
//! Reads a case a line from standard input, in JSON:
//!
//! ```json
//! {"id": "expired", "anchors": ["-----BEGIN …"], "chain": ["-----BEGIN …"], "host": "example.com", "at": "2030-01-01"}
//! ```
//!
//! `anchors` is the client's store, a PEM section each; `chain` is what the server presents, its own
//! certificate first. Writes an answer a line for each client, which is judged as `trust-init doctor`
//! judges it, from the bytes of its store on:
//!
//! ```json
//! {"id":"expired","client":"openssl","outcome":"refused","reason":"Certificate(Expired, Leaf, …)"}
//! ```
//!
//! `outcome` is `trusted`, `refused`, `broken-store` or `cannot-tell`. The reason is for people who
//! compare it with what the real client says; tests/paths does so for some two thousand cases.

use std::error::Error;
use std::io::{self, BufRead, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use trust_doctor::handshake::{CipherSuite, Handshake, Proof, TlsVersion};
use trust_doctor::store::{Consequence, java_anchors, load_pem_bundle, pem_anchors};
use trust_doctor::{
    Client, ClientStore, ClientVerdict, Outcome, Probe, StoreContents, Strictness, diagnose,
};
use trust_stores::Certificate;
use trust_stores::cert::Key;

/// A server, and what the clients that ask it trust.
#[derive(Deserialize)]
struct Case {
    id: String,
    anchors: Vec<String>,
    chain: Vec<String>,
    host: String,
    at: String,
}

/// What one client answers.
#[derive(Serialize)]
struct Answer<'a> {
    id: &'a str,
    client: &'a str,
    outcome: &'a str,
    reason: String,
}

/// Each client whose rules differ, with the name that answers have.
const CLIENTS: [(&str, Client, Strictness); 7] = [
    ("openssl", Client::OpenSsl, Strictness::Lenient),
    ("curl", Client::Curl, Strictness::Lenient),
    ("python", Client::Python, Strictness::Lenient),
    ("python-strict", Client::Python, Strictness::Strict),
    ("requests", Client::Requests, Strictness::Lenient),
    ("requests-strict", Client::Requests, Strictness::Strict),
    ("java", Client::Jvm, Strictness::Lenient),
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let case: Case = serde_json::from_str(&line?)?;
        let chain: Vec<Vec<u8>> = case.chain.iter().map(der).collect::<Result<_, _>>()?;
        let stores = CLIENTS.map(|(_, client, strictness)| ClientStore {
            client,
            strictness,
            contents: store(client, &case.anchors.concat()),
        });
        let verdicts = diagnose(probe(&case, chain)?, &stores, case.at.parse()?).verdicts;
        for ((name, ..), verdict) in CLIENTS.iter().zip(verdicts) {
            serde_json::to_writer(&mut out, &answer(&case.id, name, &verdict))?;
            writeln!(out)?;
        }
    }
    Ok(())
}

/// The bytes inside one PEM section, which need not be a certificate.
fn der(section: &String) -> Result<Vec<u8>, String> {
    let lines = section.lines().filter(|line| !line.starts_with("-----"));
    STANDARD
        .decode(lines.collect::<String>())
        .map_err(|error| format!("{error} in {section:?}"))
}

/// `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`.
const ECDHE_RSA: u16 = 0xc02f;

/// `TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256`.
const ECDHE_ECDSA: u16 = 0xc02b;

/// What `trust-init doctor` has after a handshake that went well.
fn probe(case: &Case, chain: Vec<Vec<u8>>) -> Result<Probe, Box<dyn Error>> {
    let target = if case.host.contains(':') {
        format!("[{}]", case.host).parse()?
    } else {
        case.host.parse()?
    };
    let read = chain
        .iter()
        .map_while(|der| Certificate::from_der(der.clone()).ok());
    let read: Vec<Certificate> = read.collect();
    // Those of the server in tests/paths.
    let is_rsa = |one: &Certificate| matches!(one.key(), Key::Rsa { .. } | Key::RsaPss { .. });
    let suite = CipherSuite(if read.first().is_some_and(is_rsa) {
        ECDHE_RSA
    } else {
        ECDHE_ECDSA
    });
    Ok(Probe {
        target,
        authority: case.host.clone(),
        proxy: None,
        unused_proxy: None,
        address: None,
        starttls: None,
        protocol: None,
        chain: read,
        answer: Ok(Handshake {
            chain,
            version: Some(TlsVersion::Tls12),
            cipher_suite: Some(suite),
            proof: Proof::Given,
            ..Handshake::default()
        }),
        fetched: Vec::new(),
    })
}

/// A client's store with these certificates: a PEM bundle, or the truststore of a JVM.
fn store(client: Client, pem: &str) -> StoreContents {
    let loaded = match client {
        Client::Jvm => java_anchors(pem_anchors(pem.as_bytes())),
        _ => load_pem_bundle(pem.as_bytes()),
    };
    let mut contents = StoreContents::default();
    match loaded {
        Ok(anchors) => contents.anchors = anchors,
        Err(problem) => contents.fault("the case", problem, Consequence::Fails),
    }
    contents
}

fn answer<'a>(id: &'a str, client: &'a str, verdict: &ClientVerdict) -> Answer<'a> {
    let (outcome, reason) = match &verdict.outcome {
        Outcome::Trusted(_) => ("trusted", String::new()),
        Outcome::Refused(reason) => ("refused", words(reason)),
        Outcome::CannotTell(doubt) => ("cannot-tell", words(doubt)),
        Outcome::BrokenStore(fault) => ("broken-store", words(&fault.problem)),
        Outcome::Absent => ("absent", String::new()),
    };
    Answer {
        id,
        client,
        outcome,
        reason,
    }
}

/// The names of a value's variants, without the certificates in it.
fn words(value: &impl std::fmt::Debug) -> String {
    let text = format!("{value:?}");
    let certificate = text.match_indices("Certificate {").find(|(at, _)| {
        let before = text[..*at].chars().next_back();
        before.is_none_or(|before| !before.is_alphanumeric())
    });
    match certificate {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}
