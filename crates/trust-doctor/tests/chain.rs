//! What the certificates that a server sends are to each other.

#![allow(missing_docs, clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use trust_doctor::chain::{Place, is_in_order, places};
use trust_doctor::store::pem_anchors;
use trust_stores::Certificate;

fn read(file: &str) -> Vec<Certificate> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let certificates = pem_anchors(&fs::read(tests.join(file)).unwrap()).into_iter();
    certificates.map(Arc::unwrap_or_clone).collect()
}

#[test]
fn what_a_server_need_not_send_is_superfluous() {
    let (mut chain, others) = (
        read("signed/genuine-p256.pem"),
        read("signed/genuine-ed25519.pem"),
    );
    chain.extend([others[1].clone(), chain[1].clone()]);
    let places = places(&chain);
    let expected = [
        Place::Server,
        Place::RootOf(0),
        Place::Unrelated,
        Place::CopyOf(1),
    ];
    assert_eq!(places, expected);
    let superfluous: Vec<bool> = places.iter().map(|place| place.is_superfluous()).collect();
    assert_eq!(superfluous, [false, true, true, true]);
    assert!(is_in_order(&places));
}

#[test]
fn an_issuer_after_something_else_is_out_of_order() {
    let (server, others) = (
        read("signed/genuine-p256.pem"),
        read("signed/genuine-ed25519.pem"),
    );
    let chain = [server[0].clone(), others[1].clone(), server[1].clone()];
    let places = places(&chain);
    assert_eq!(places, [Place::Server, Place::Unrelated, Place::RootOf(0)]);
    assert!(!is_in_order(&places));
}

#[test]
fn a_forged_signature_makes_no_issuer() {
    assert_eq!(
        places(&read("signed/p256-other-key.pem")),
        [Place::Server, Place::Unrelated]
    );
    assert_eq!(places(&[]), []);
}
