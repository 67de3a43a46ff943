//! Every vector in tests/vectors through the library alone: what decoding and judging give is what the
//! sidecar expects, and what is written of it reads back as the same certificates.
//!
//! `crates/trust-init/tests/vectors.rs` asks the program the same; this test is what mutation testing of
//! the library runs.

#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use trust_stores::{
    Bundle, Certificate, Criteria, Days, DecodeOptions, DecodedSource, JavaFormat, Judge,
    JudgedSection, Judgement, KeyEntries, Level, Password, Policy, Rule, SourceRole, StoreSet,
    Verdict, decode, hashed_directory, java, pem,
};

/// The cheap ones first.
const FORMATS: [JavaFormat; 4] = [
    JavaFormat::Pkcs12,
    JavaFormat::Jks,
    JavaFormat::Pkcs12Mac,
    JavaFormat::Pkcs12Encrypted,
];

fn vectors(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/vectors")
        .join(folder);
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut vectors: Vec<PathBuf> = files
        .filter(|path| path.extension().is_none_or(|kind| kind != "json"))
        .collect();
    vectors.sort();
    vectors
}

fn sidecar(vector: &Path) -> Value {
    let path = format!("{}.json", vector.display());
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn options(sidecar: &Value) -> DecodeOptions {
    DecodeOptions {
        password: sidecar["password"].as_str().map(Password::new),
        key_entries: if sidecar["certificatesOnly"] == true {
            KeyEntries::Skip
        } else {
            KeyEntries::Refuse
        },
        ..DecodeOptions::default()
    }
}

fn judged(vector: &Path, sidecar: &Value) -> Judgement {
    let criteria = Criteria {
        policy: &Policy::default(),
        at: "2026-11-21".parse().unwrap(),
        expires_soon: Days::new(30),
        blocked: &[],
    };
    let mut judge = Judge::new(criteria, StoreSet::ALL);
    judge.add(DecodedSource {
        name: String::from("vector"),
        role: SourceRole::Customer,
        embedded: None,
        sections: decode(&fs::read(vector).unwrap(), &options(sidecar)),
    });
    judge.finish()
}

/// A judged section as the sidecars have it.
fn record(section: &JudgedSection) -> Option<Value> {
    let certificate = section.certificate.as_ref()?;
    let rules: BTreeSet<&str> = section.findings.iter().map(|f| f.rule.code()).collect();
    Some(json!({
        "sha256": certificate.fingerprint(),
        "verdict": section.verdict.name(),
        "stores": section.stores,
        "rules": rules,
    }))
}

fn found(judgement: &Judgement) -> Value {
    let refused = judgement
        .sections
        .iter()
        .any(|section| matches!(section.verdict, Verdict::Dropped));
    let rejected: Vec<&str> = judgement
        .sections
        .iter()
        .filter(|section| section.certificate.is_none())
        .map(|section| section.findings[0].rule.code())
        .collect();
    let partly_dropped = judgement
        .sections
        .iter()
        .filter(|section| !section.is_no_certificate())
        .flat_map(|section| &section.findings)
        .any(|finding| finding.level == Level::Drop);
    let set = judgement.set_findings.iter().map(|f| f.rule.code());
    json!({
        "ok": judgement.denials().is_empty() && !refused && !partly_dropped,
        "certificates": judgement.sections.iter().filter_map(record).collect::<Vec<_>>(),
        "rejected": rejected,
        "set": set.collect::<Vec<_>>(),
    })
}

/// Sorted where the sidecars have no order: rules, and a store's certificates.
fn in_order(mut report: Value, by_fingerprint: bool) -> Value {
    let certificates = report["certificates"].as_array_mut().unwrap();
    for certificate in certificates.iter_mut() {
        let rules = certificate["rules"].as_array_mut().unwrap();
        rules.sort_by_key(Value::to_string);
    }
    if by_fingerprint {
        certificates.sort_by_key(|certificate| certificate["sha256"].to_string());
    }
    report
}

fn walk(folder: &str, at_least: usize) {
    let vectors = vectors(folder);
    assert!(vectors.len() >= at_least, "{folder}: {}", vectors.len());
    let mut is_first = true;
    let mut differences = String::new();
    for vector in vectors {
        let sidecar = sidecar(&vector);
        let judgement = judged(&vector, &sidecar);
        let by_fingerprint = folder == "stores";
        let (found, expected) = (
            in_order(found(&judgement), by_fingerprint),
            in_order(sidecar["expected"].clone(), by_fingerprint),
        );
        if found != expected {
            let about = &sidecar["about"];
            writeln!(
                differences,
                "{}: {about}\n found {found}\n not {expected}",
                vector.display()
            )
            .unwrap();
        }
        if judgement
            .sections
            .iter()
            .any(|section| section.verdict == Verdict::Kept)
        {
            // Key derivation is slow: once for each folder is enough.
            let formats = if is_first { 4 } else { 2 };
            is_first = false;
            reads_back(&judgement, &FORMATS[..formats], &vector);
        }
    }
    assert!(differences.is_empty(), "{differences}");
}

/// What is written of the kept certificates holds each of them once.
fn reads_back(judgement: &Judgement, formats: &[JavaFormat], vector: &Path) {
    let stores = judgement.stores();
    if let Some(bundle) = &stores.os {
        let hashed: Vec<u8> = hashed_directory::files(bundle)
            .flat_map(|file| pem::encode(&file.bundle))
            .collect();
        for written in [
            pem::encode(bundle),
            pem::encode_trusted(bundle),
            pem::encode_commented(bundle),
            hashed,
        ] {
            assert_same(bundle, &written, &DecodeOptions::default(), vector);
        }
    }
    if let Some(bundle) = &stores.java {
        let password = Password::new("horse battery");
        for &format in formats {
            let written = java::encode(bundle, format, &password).unwrap();
            let options = DecodeOptions {
                password: Some(password.clone()),
                key_entries: KeyEntries::Refuse,
                ..DecodeOptions::default()
            };
            assert_same(bundle, &written, &options, vector);
        }
    }
}

fn assert_same(bundle: &Bundle<'_>, written: &[u8], options: &DecodeOptions, vector: &Path) {
    let mut expected: Vec<_> = bundle.iter().map(Certificate::fingerprint).collect();
    let mut read: Vec<_> = decode(written, options)
        .into_iter()
        .map(|section| {
            let decoded = section.content.unwrap();
            assert!(decoded.distrust.is_none(), "{}", vector.display());
            decoded.certificate.fingerprint()
        })
        .collect();
    expected.sort_unstable();
    read.sort_unstable();
    assert_eq!(read, expected, "{}", vector.display());
}

#[test]
fn pem_as_people_break_it() {
    walk("pem", 40);
}

#[test]
fn odd_certificates() {
    walk("certificates", 100);
}

#[test]
fn stores_of_every_writer() {
    walk("stores", 50);
}

/// What OpenSSL and a JVM make of it differs, and the finding says so.
#[test]
fn a_ca_by_its_key_usage_alone_is_one_for_openssl() {
    let reason = |name: &str| {
        let vector = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../tests/vectors/certificates")
            .join(name);
        let judgement = judged(&vector, &sidecar(&vector));
        let mut findings = judgement.sections[0].findings.iter();
        let finding = findings.find(|finding| finding.rule == Rule::NotACa);
        finding.unwrap().reason.clone()
    };
    let by_usage = reason("basic-constraints-absent.der");
    assert!(by_usage.contains("OpenSSL and Python before 3.13 take its keyCertSign"));
    let not_at_all = reason("basic-constraints-false.der");
    assert!(not_at_all.ends_with("clients trust nothing that it signed"));
}
