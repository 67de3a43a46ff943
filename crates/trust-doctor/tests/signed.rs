//! No client is ever said to trust a chain whose signature is forged, whatever the algorithm; see
//! `forged/make.py` for how they were made.

#![allow(missing_docs, clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use trust_doctor::path::PathBuilder;
use trust_doctor::store::pem_anchors;
use trust_doctor::{Client, Outcome, Rules};

fn all_rules() -> impl Iterator<Item = Rules> {
    let clients = Client::ALL.into_iter();
    clients.flat_map(|client| [Rules::of(client), Rules::strict(client)])
}

/// What a client answers about the chain in a file of `forged/`, whose root it trusts.
fn outcome(name: &str, rules: Rules) -> Outcome {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/forged");
    let certificates = pem_anchors(&fs::read(path.join(name)).unwrap());
    let [leaf, root] = certificates.try_into().unwrap();
    let builder = PathBuilder {
        rules,
        anchors: &[root],
        chain: &[leaf],
        host: "login.example.com",
        at: "2030-01-01".parse().unwrap(),
    };
    builder.judge()
}

#[test]
fn a_forged_signature_is_never_trusted() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/forged");
    let mut tried = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.extension().unwrap() != "pem" || name.starts_with("genuine-") {
            continue;
        }
        tried += 1;
        for rules in all_rules() {
            let outcome = outcome(name, rules);
            let is_trusted = matches!(outcome, Outcome::Trusted(_));
            assert!(!is_trusted, "{rules:?} trusts {name}");
        }
    }
    assert!(tried >= 15, "{tried}");
}

#[test]
fn what_cannot_be_computed_is_neither_trusted_nor_refused() {
    for name in [
        "p-521.pem",
        "secp256k1.pem",
        "ed448.pem",
        "genuine-p-521.pem",
    ] {
        for client in [Client::OpenSsl, Client::Requests, Client::Jvm] {
            let outcome = outcome(name, Rules::of(client));
            assert!(
                matches!(outcome, Outcome::CannotTell(_)),
                "{client:?} {name}: {outcome:?}"
            );
        }
    }
}

#[test]
fn what_is_computed_is_decided() {
    for client in [Client::OpenSsl, Client::Requests, Client::Jvm] {
        let genuine = outcome("genuine-p-256.pem", Rules::of(client));
        assert!(
            matches!(genuine, Outcome::Trusted(_)),
            "{client:?}: {genuine:?}"
        );
        for name in [
            "p-256.pem",
            "rsa.pem",
            "rsa-pss.pem",
            "ed25519.pem",
            "rsa-with-md5.pem",
        ] {
            let outcome = outcome(name, Rules::of(client));
            assert!(
                matches!(outcome, Outcome::Refused(_)),
                "{client:?} {name}: {outcome:?}"
            );
        }
    }
}
