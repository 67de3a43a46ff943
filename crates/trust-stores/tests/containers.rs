//! Questions about a container as a whole: its format, whether it is encrypted, and what follows its end.

#![allow(missing_docs, clippy::expect_used, clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use trust_stores::{
    DecodeOptions, Password, Position, Problem, ProblemKind, SourceFormat, decode, is_encrypted,
};

fn store(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/stores");
    fs::read(folder.join(name)).unwrap()
}

#[test]
fn formats_are_detected_and_have_names_for_people() {
    for (file, format, name) in [
        ("openssl-pem.p7b", SourceFormat::Pem, "PEM file"),
        ("openssl-der.p7b", SourceFormat::Pkcs7, "PKCS#7 file"),
        ("ber-indefinite.p7b", SourceFormat::Pkcs7, "PKCS#7 file"),
        ("windows.pfx", SourceFormat::Pkcs12, "PKCS#12 store"),
        ("keytool-8.jks", SourceFormat::Jks, "Java keystore"),
        ("keytool.jceks", SourceFormat::Jks, "Java keystore"),
    ] {
        let detected = SourceFormat::detect(&store(file));
        assert_eq!(detected, format, "{file}");
        assert_eq!(detected.to_string(), name);
    }
    let root = webpki_root_certs::TLS_SERVER_ROOT_CERTS[0].as_ref();
    assert_eq!(SourceFormat::detect(root).to_string(), "DER file");
}

#[test]
fn only_pkcs12_stores_with_encrypted_certificates_are_encrypted() {
    for file in ["openssl.p12", "keytool-17.p12", "openssl-3des.p12"] {
        assert!(is_encrypted(&store(file)), "{file}");
    }
    for file in ["openssl-plain.p12", "openssl-der.p7b", "keytool-17.jks"] {
        assert!(!is_encrypted(&store(file)), "{file}");
    }
}

#[test]
fn a_keystore_that_is_cut_is_damaged_under_any_password() {
    for file in ["keytool-8.jks", "keytool.jceks"] {
        let store = store(file);
        for password in ["example-password", "wrong"] {
            let options = DecodeOptions {
                password: Some(Password::new(password)),
                ..DecodeOptions::default()
            };
            let cut = decode(&store[..store.len() / 2], &options);
            let [section] = &cut[..] else {
                panic!("{file}: {cut:?}");
            };
            let problem = section.content.as_ref().unwrap_err();
            assert_eq!(problem.kind(), ProblemKind::Malformed, "{file}");
            let whole = decode(&store, &options);
            let problem = whole[0].content.as_ref().err().map(Problem::kind);
            let expected = (password == "wrong").then_some(ProblemKind::WrongPassword);
            assert_eq!(problem, expected, "{file}");
        }
    }
}

#[test]
fn blanks_may_follow_a_container_and_nothing_else() {
    let options = DecodeOptions::default();
    let store = store("openssl-der.p7b");
    let sections = decode(&store, &options).len();
    assert_eq!(
        decode(&[&store[..], b" \r\n\0\0"].concat(), &options).len(),
        sections
    );
    let glued = [&store[..], b"\n\x30\x03\x02\x01\x00"].concat();
    let found = decode(&glued, &options);
    assert_eq!(found.len(), sections + 1);
    let last = found.last().unwrap();
    assert!(last.content.is_err());
    assert_eq!(last.position, Position::Byte(store.len()));
}

#[test]
fn the_stores_of_a_run_share_one_budget_of_key_derivation() {
    let costly = store("openssl-iterations-600000.p12");
    let run = DecodeOptions {
        password: Some(Password::new("example-password")),
        ..DecodeOptions::default()
    };
    let problem = (0..6).find_map(|_| {
        let first = decode(&costly, &run.clone()).into_iter().next();
        first.unwrap().content.err()
    });
    let problem = problem.expect("six of them are too many");
    assert!(matches!(problem, Problem::Malformed { .. }), "{problem}");
    assert!(problem.to_string().contains("all stores of a run"));
    assert!(problem.hint().is_some());
    let next_run = DecodeOptions {
        password: run.password,
        ..DecodeOptions::default()
    };
    assert!(decode(&costly, &next_run)[0].content.is_ok());
}

#[test]
fn a_jvm_has_the_last_of_several_entries_with_one_name() {
    let trusted = |name: &str| -> Vec<bool> {
        let found = decode(&store(name), &DecodeOptions::default()).into_iter();
        found
            .map(|section| section.content.unwrap().trusted_by_java)
            .collect()
    };
    assert_eq!(trusted("hand-same-name.p12"), [false, true]);
    assert_eq!(trusted("hand-same-alias.jks"), [false, true]);
    assert_eq!(trusted("hand-same-alias.jceks"), [false, true]);
    assert_eq!(trusted("hand-upper-case.jks"), [false, false]);
}
