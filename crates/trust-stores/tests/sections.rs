//! `pem::sections` names every section that a certificate is read from, or says that it cannot tell.

#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use trust_stores::{Certificate, DecodeOptions, Fingerprint, decode, pem};

const CHAIN: &[u8] = include_bytes!("../examples/client-ca-chain.pem");

fn fingerprints(bytes: &[u8]) -> BTreeSet<Fingerprint> {
    let sections = decode(bytes, &DecodeOptions::default());
    let certificates = sections.iter().filter_map(|one| one.certificate());
    certificates.map(Certificate::fingerprint).collect()
}

/// Whether the sections of `bytes` could be told. If so, they are found to hold what `bytes` hold, whatever is
/// around them.
fn is_told(bytes: &[u8]) -> bool {
    let Some(sections) = pem::sections(bytes) else {
        return false;
    };
    let alone: BTreeSet<Fingerprint> = sections.iter().flat_map(|one| fingerprints(one)).collect();
    let text = String::from_utf8_lossy(bytes);
    assert_eq!(alone, fingerprints(bytes), "{text}");
    true
}

#[test]
fn sections_hold_what_the_vectors_hold() {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors");
    let mut told = 0;
    for folder in ["certificates", "keys", "pem", "stores"] {
        for entry in fs::read_dir(vectors.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            // Opening every protected store takes this test seconds.
            let is_store = folder == "stores" && path.extension().is_some_and(|end| end != "pem");
            if path.is_file() && !is_store {
                told += usize::from(is_told(&fs::read(&path).unwrap()));
            }
        }
    }
    assert!(told > 50, "{told}");
}

#[test]
fn comments_in_any_language_are_no_obstacle() {
    let text = [
        "# NetLock Arany (Főtanúsítvány) -- 2008\n".as_bytes(),
        CHAIN,
    ]
    .concat();
    assert!(is_told(&text));
    assert_eq!(pem::sections(&text).unwrap().len(), 2);
    assert!(is_told(b"<html>sign in</html>"));
    assert!(is_told(b""));
}

#[test]
fn what_may_be_read_in_another_way_is_not_told() {
    let chain = std::str::from_utf8(CHAIN).unwrap();
    let wide: Vec<u8> = chain.bytes().flat_map(|byte| [byte, 0]).collect();
    let text = |from: &str, to: &str| chain.replacen(from, to, 1).into_bytes();
    for other in [
        text("-----BEGIN C", "-----BEGIN X509 C"),
        text("-----BEGIN C", "-----BEGIN TRUSTED C"),
        text("-----BEGIN C", "--\u{200b}---BEGIN C"),
        text("-----BEGIN C", "--\0---BEGIN C"),
        text("-----BEGIN C", "\u{1b}[-----BEGIN C"),
        text("-----BEGIN C", "-----BEGIN\u{200b} C"),
        text("-----END CERTIFICATE-----", ""),
        pem::sections(CHAIN).unwrap().concat(),
        [CHAIN, b"-----BEGIN PRIVATE KEY-----\n"].concat(),
        [CHAIN, &wide].concat(),
        wide,
    ] {
        assert!(!is_told(&other), "{}", String::from_utf8_lossy(&other));
    }
}

/// Each byte of a BEGIN and an END marker replaced, and hyphens put in.
#[test]
fn a_damaged_bundle_is_told_only_if_nothing_is_lost() {
    let sections = pem::sections(CHAIN).unwrap();
    let text = [sections[0], b"\n", sections[1], b"\n"].concat();
    let end = sections[0].len() - 26;
    for at in (0..30).chain(end..end + 40) {
        for byte in [b'-', b'\n', 0, 0x1b, 0xa0, b'A'] {
            let mut damaged = text.clone();
            damaged[at] = byte;
            is_told(&damaged);
        }
        let (before, after) = text.split_at(at);
        is_told(&[before, b"-----", after].concat());
    }
}
