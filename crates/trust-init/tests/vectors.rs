//! Every vector in tests/vectors: what `check` says of it is what its sidecar expects. What other
//! programs say of the same files is held to the sidecars by `tests/interop/test_vectors.py`.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use common::{Room, trust_init};
use serde_json::{Value, json};

fn vectors(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .join("tests/vectors")
        .join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

fn sidecar(vector: &Path) -> PathBuf {
    PathBuf::from(format!("{}.json", vector.display()))
}

/// What `check` says of a vector, in the words of the sidecars.
fn said(vector: &Path, expected: &Value) -> Value {
    let room = Room::new();
    let mut arguments = vec![
        String::from("check"),
        vector.to_str().unwrap().to_owned(),
        String::from("--format=json"),
        String::from("--at=2026-11-21"),
    ];
    if let Some(password) = expected["password"].as_str() {
        let file = room.file("password", password);
        arguments.push(format!("--ca-password-file={file}"));
    }
    if expected["certificatesOnly"] == true {
        arguments.push(String::from("--certificates-only"));
    }
    let run = trust_init(arguments);
    assert!(
        matches!(run.code, 0 | 1) && run.stderr.is_empty(),
        "{}: {run:#?}",
        vector.display()
    );
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["ok"], run.code == 0, "{}", vector.display());
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let rules = |certificate: &Value| {
        let warnings = list(&certificate["warnings"]);
        let mut rules: BTreeSet<String> = warnings
            .iter()
            .map(|warning| warning["rule"].as_str().unwrap().to_owned())
            .collect();
        rules.extend(certificate["rule"].as_str().map(str::to_owned));
        rules
    };
    let certificates: Vec<Value> = list(&report["certificates"])
        .iter()
        .map(|certificate| {
            json!({
                "sha256": certificate["sha256"],
                "verdict": certificate["verdict"],
                "stores": certificate["stores"],
                "rules": rules(certificate),
            })
        })
        .collect();
    let of = |records: &Value| -> Vec<Value> {
        list(records)
            .iter()
            .map(|record| record["rule"].clone())
            .collect()
    };
    json!({
        "ok": report["ok"],
        "certificates": certificates,
        "rejected": of(&report["rejected"]),
        "set": of(&report["findings"]),
    })
}

/// The same with what has no order in order.
fn ordered(mut expected: Value, by_fingerprint: bool) -> Value {
    let certificates = expected["certificates"].as_array_mut().unwrap();
    for certificate in certificates.iter_mut() {
        let mut rules: Vec<String> = serde_json::from_value(certificate["rules"].clone()).unwrap();
        rules.sort();
        certificate["rules"] = json!(rules);
    }
    if by_fingerprint {
        certificates.sort_by_key(|certificate| certificate["sha256"].to_string());
    }
    expected
}

/// Walks one folder of at least `least` vectors, none without its sidecar and none forgotten.
fn walk(folder: &str, least: usize) {
    let files = vectors(folder);
    let (sidecars, vectors): (Vec<_>, Vec<_>) = files
        .into_iter()
        .partition(|path| path.extension().is_some_and(|kind| kind == "json"));
    assert!(vectors.len() >= least, "{folder}: {}", vectors.len());
    let of_vectors: Vec<PathBuf> = vectors.iter().map(|vector| sidecar(vector)).collect();
    assert_eq!(
        sidecars, of_vectors,
        "a vector without its sidecar, or the reverse"
    );
    let by_fingerprint = folder == "stores";
    let wrong: Vec<String> = vectors
        .iter()
        .filter_map(|vector| {
            let told: Value = serde_json::from_slice(&fs::read(sidecar(vector)).unwrap()).unwrap();
            let expected = ordered(told["expected"].clone(), by_fingerprint);
            let said = ordered(said(vector, &told), by_fingerprint);
            (said != expected).then(|| {
                format!(
                    "{}: {}\nexpected {expected:#}\nsaid {said:#}",
                    vector.display(),
                    told["about"]
                )
            })
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pem_as_people_break_it() {
    walk("pem", 40);
}

#[test]
fn odd_certificates() {
    walk("certificates", 60);
}

#[test]
fn stores_of_other_programs() {
    walk("stores", 20);
}
