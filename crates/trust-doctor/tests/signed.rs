//! Signatures of every algorithm, held to what real clients said of them: `signed/make.py` makes the
//! chains, forged and genuine, asks the clients, and writes down their answers.

#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use trust_doctor::client::Rules;
use trust_doctor::path::PathBuilder;
use trust_doctor::store::pem_anchors;
use trust_doctor::{Client, Outcome};

/// What each real client said, by chain, client and way of asking: `trusts it`, or its error.
type Answers = BTreeMap<String, BTreeMap<String, serde_json::Value>>;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/signed")
}

fn answers() -> Answers {
    serde_json::from_slice(&fs::read(folder().join("answers.json")).unwrap()).unwrap()
}

/// What real clients of a family said of a chain: in TLS, or of the chain alone if the server could not
/// read it either.
fn said(answers: &BTreeMap<String, serde_json::Value>, client: Client) -> Vec<bool> {
    let family = match client {
        Client::Jvm => "java",
        _ => "openssl",
    };
    let of_family = answers
        .iter()
        .filter(|(name, _)| name.starts_with(family))
        .flat_map(|(_, said)| match said {
            serde_json::Value::Object(ways) if ways.len() > 1 => ways
                .iter()
                .filter(|(way, _)| *way != "pkix")
                .map(|(_, said)| said)
                .collect(),
            serde_json::Value::Object(ways) => ways.values().collect(),
            said => vec![said],
        });
    of_family.map(|said| said == "trusts it").collect()
}

/// What a client answers about a chain, whose root it trusts.
fn outcome(name: &str, client: Client, is_strict: bool) -> Outcome {
    let pem = fs::read(folder().join(format!("{name}.pem"))).unwrap();
    let [leaf, root] = pem_anchors(&pem).try_into().unwrap();
    let builder = PathBuilder {
        rules: if is_strict {
            Rules::strict(client)
        } else {
            Rules::of(client)
        },
        anchors: &[root],
        chain: &[Arc::unwrap_or_clone(leaf)],
        host: "login.example.com",
        at: "2030-01-01".parse().unwrap(),
    };
    builder.judge()
}

#[test]
fn no_forgery_is_trusted() {
    let mut tried = 0;
    for name in answers().keys() {
        if name.starts_with("genuine-") {
            continue;
        }
        tried += 1;
        for client in Client::ALL {
            for is_strict in [false, true] {
                let outcome = outcome(name, client, is_strict);
                let is_trusted = matches!(outcome, Outcome::Trusted(_));
                assert!(!is_trusted, "{client:?} trusts {name}");
            }
        }
    }
    assert!(tried >= 150, "{tried}");
}

#[test]
fn a_yes_or_a_no_is_that_of_every_real_client() {
    for (name, answers) in answers() {
        for client in Client::ALL {
            let said = said(&answers, client);
            assert!(!said.is_empty(), "{name}");
            match outcome(&name, client, false) {
                Outcome::Trusted(_) => {
                    assert!(said.iter().all(|yes| *yes), "{client:?} trusts {name}");
                }
                Outcome::Refused(_) => {
                    let is_no = said.iter().all(|yes| !yes);
                    assert!(is_no, "{client:?} refuses {name}");
                }
                Outcome::CannotTell(_) => {}
                other => panic!("{client:?} {name}: {other:?}"),
            }
        }
    }
}

/// What is not told though all real clients that were asked agree, and why.
const UNTOLD: [(&str, &str); 16] = [
    ("2047-bits", "OpenSSL 1.1.1 refuses it"),
    ("brainpool", "Red Hat's builds of OpenSSL differ"),
    (
        "sha3",
        "not computed: JDK 8 and 11 and OpenSSL 1.1 have none",
    ),
    ("rsa-odd-parameters", "parameters that RSA does not have"),
    ("dsa-sha384", "not computed: later versions may"),
    ("dsa-sha512", "not computed: later versions may"),
    ("-compressed", "refused by JVMs when they read it"),
    ("-with-null", "parameters that Edwards curves do not have"),
    ("parameters", "of RSA-PSS: missing or damaged"),
    ("without-null", "JVMs take both forms, OpenSSL does not"),
    ("unused-bits", "JVMs drop them, OpenSSL refuses"),
    ("pss-key-signs-pkcs1", "JVMs take it, OpenSSL does not"),
    ("ed25519-garbage", "JDK 17 takes it"),
    ("ed448-garbage", "JDK 17 takes it"),
    ("pss-trailer-2", "parameters that no client takes"),
    ("-salt", "parameters that no client takes"),
];

#[test]
fn what_all_real_clients_agree_on_is_told() {
    let mut told = 0;
    for (name, answers) in answers() {
        if UNTOLD.iter().any(|(part, _)| name.contains(part)) && !name.starts_with("genuine-pss") {
            continue;
        }
        for client in [Client::OpenSsl, Client::Jvm] {
            let said = said(&answers, client);
            let agree = said.iter().all(|yes| *yes == said[0]);
            let outcome = outcome(&name, client, false);
            let is_told = !matches!(outcome, Outcome::CannotTell(_));
            assert!(is_told || !agree, "{client:?} {name}");
            told += usize::from(is_told);
        }
    }
    assert!(told >= 350, "{told}");
}
