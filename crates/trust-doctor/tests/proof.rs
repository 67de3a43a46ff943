//! A good chain is no yes if the server did not prove that it has the key, or sends what cannot be read;
//! nor if a client's store is broken, or no client is seen.

#![allow(missing_docs, clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use trust_doctor::cause::CauseReason;
use trust_doctor::handshake::{Handshake, HandshakeFailure, Proof};
use trust_doctor::outcome::Doubt;
use trust_doctor::store::{Absence, Consequence, JavaProblem, StoreProblem, pem_anchors};
use trust_doctor::{
    CauseCode, Client, ClientStore, Diagnosis, Outcome, Probe, StoreContents, Strictness, diagnose,
};
use trust_stores::Certificate;

/// What OpenSSL answers about a server with a chain that it trusts, after this handshake.
fn diagnosis(handshake: Handshake) -> Diagnosis {
    seen_from(StoreContents::default(), handshake)
}

fn seen_from(contents: StoreContents, handshake: Handshake) -> Diagnosis {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/signed/genuine-p256.pem");
    let certificates = pem_anchors(&fs::read(file).unwrap());
    let [leaf, root] = certificates.try_into().unwrap();
    let probe = Probe {
        target: "login.example.com".parse().unwrap(),
        authority: String::from("login.example.com:443"),
        proxy: None,
        unused_proxy: None,
        address: None,
        starttls: None,
        protocol: None,
        answer: Ok(Handshake {
            chain: [vec![leaf.der().to_vec()], handshake.chain].concat(),
            ..handshake
        }),
        chain: vec![Certificate::clone(&leaf)],
        fetched: Vec::new(),
    };
    let store = ClientStore {
        client: Client::OpenSsl,
        strictness: Strictness::Lenient,
        contents: StoreContents {
            anchors: vec![root],
            ..contents
        },
    };
    diagnose(probe, &[store], "2030-01-01".parse().unwrap())
}

fn with(proof: Proof) -> Handshake {
    Handshake {
        proof,
        ..Handshake::default()
    }
}

#[test]
fn a_key_that_nobody_proved_to_hold_is_no_yes() {
    let diagnosis = diagnosis(with(Proof::NeverAsked));
    let outcome = &diagnosis.verdicts[0].outcome;
    let Outcome::CannotTell(Doubt::KeyNotProven(path)) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(path.certificates.len(), 2);
    assert_eq!(diagnosis.cause.unwrap().code(), CauseCode::CannotTell);
}

#[test]
fn a_handshake_that_failed_before_that_is_no_yes_and_has_its_own_cause() {
    let diagnosis = diagnosis(Handshake {
        failure: Some(HandshakeFailure::Closed),
        ..with(Proof::Missing)
    });
    let outcome = &diagnosis.verdicts[0].outcome;
    let is_open = matches!(outcome, Outcome::CannotTell(Doubt::KeyNotProven(_)));
    assert!(is_open, "{outcome:?}");
    assert_eq!(diagnosis.cause.unwrap().code(), CauseCode::Closed);
}

#[test]
fn a_signature_proves_the_key_where_the_handshake_was_only_read() {
    let handshake = |requests_client_certificate| Handshake {
        failure: Some(HandshakeFailure::Alert(String::from("HandshakeFailure"))),
        requests_client_certificate,
        ..with(Proof::Signed)
    };
    assert!(diagnosis(handshake(false)).cause.is_none());
    // Whether the server insists was not seen.
    let cause = diagnosis(handshake(true)).cause.unwrap();
    let is_open = matches!(
        cause.reason,
        CauseReason::CannotTell(Doubt::ClientCertificate)
    );
    assert!(is_open, "{cause:?}");
}

#[test]
fn where_no_client_is_seen_nobody_trusts_it() {
    let absent = StoreContents {
        absence: Some(Absence::NoProgram),
        ..StoreContents::default()
    };
    let diagnosis = seen_from(absent, with(Proof::Given));
    assert!(matches!(diagnosis.verdicts[0].outcome, Outcome::Absent));
    assert_eq!(diagnosis.cause.unwrap().code(), CauseCode::CannotTell);
}

#[test]
fn a_finished_handshake_with_a_good_chain_has_no_cause() {
    let diagnosis = diagnosis(with(Proof::Given));
    assert!(diagnosis.cause.is_none(), "{diagnosis:?}");
}

#[test]
fn a_certificate_that_cannot_be_read_is_no_yes() {
    let diagnosis = diagnosis(Handshake {
        chain: vec![b"no certificate".to_vec()],
        ..with(Proof::Given)
    });
    let outcome = &diagnosis.verdicts[0].outcome;
    assert!(
        matches!(outcome, Outcome::CannotTell(Doubt::Unreadable(1))),
        "{outcome:?}"
    );
    assert_eq!(diagnosis.cause.unwrap().code(), CauseCode::CannotTell);
}

#[test]
fn an_impostor_that_asks_for_a_client_certificate_is_not_proven() {
    let diagnosis = diagnosis(Handshake {
        requests_client_certificate: true,
        failure: Some(HandshakeFailure::BadSignature),
        ..Handshake::default()
    });
    assert_eq!(diagnosis.cause.unwrap().code(), CauseCode::NotProven);
}

#[test]
fn a_broken_store_is_a_cause() {
    let mut broken = StoreContents::default();
    let problem = StoreProblem::Java(JavaProblem::NothingReadable);
    broken.fault("the image", problem, Consequence::Fails);
    let diagnosis = seen_from(broken, with(Proof::Given));
    assert!(matches!(
        diagnosis.verdicts[0].outcome,
        Outcome::BrokenStore(_)
    ));
    assert_eq!(diagnosis.cause.unwrap().code(), CauseCode::BrokenStore);
}

#[test]
fn a_setting_that_is_not_predicted_is_no_yes() {
    let contents = StoreContents {
        setting: Some("jdk.tls.client.protocols"),
        ..StoreContents::default()
    };
    let diagnosis = seen_from(contents, with(Proof::Given));
    let outcome = &diagnosis.verdicts[0].outcome;
    let is_open = matches!(outcome, Outcome::CannotTell(Doubt::Setting(_)));
    assert!(is_open, "{outcome:?}");
    assert_eq!(diagnosis.cause.unwrap().code(), CauseCode::CannotTell);
}
