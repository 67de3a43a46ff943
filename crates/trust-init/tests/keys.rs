//! A private key in a source: every command refuses it or reports it, with the exit code that it has, and no
//! piece of any of them is in what a command prints or writes.
//!
//! `crates/trust-stores/tests/keys.rs` shows that each form is found however it is pasted.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::{EXAMPLE, Room, Run, command, exec, snapshot, trust_init};
use trust_stores::hex;

/// The length of a piece that nothing printed may have.
const PIECE: usize = 12;

/// The content of each key in tests/vectors/keys, by the name of its file.
fn keys() -> BTreeMap<String, Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/keys");
    let forms = fs::read(folder.join("forms.json")).unwrap();
    let forms: BTreeMap<String, String> = serde_json::from_slice(&forms).unwrap();
    assert!(forms.len() >= 60);
    let read = |name: String| {
        let content = fs::read(folder.join(&name)).unwrap();
        (name, content)
    };
    forms.into_keys().map(read).collect()
}

/// Every piece of a key, as it is in its file, in base64, in hex, and as its file has them.
fn pieces(key: &[u8]) -> HashSet<Vec<u8>> {
    let encoded = [
        STANDARD.encode(key),
        hex::encode(key),
        hex::encode_with_colons(key),
    ];
    let words = key.split(|byte| !byte.is_ascii_graphic());
    // Words such as BEGIN are no pieces: long ones are.
    let words = words.filter(|word| word.len() >= 2 * PIECE && !word.starts_with(b"-----"));
    let binary = (!key.is_ascii()).then_some(key);
    // What every certificate has, such as the name of an algorithm, is no secret.
    let chain = fs::read(EXAMPLE).unwrap();
    let words_of_messages = b"found a private key (PRIVATE KEY)[a private key] CN=throwaway CA";
    let public: HashSet<&[u8]> = chain
        .windows(PIECE)
        .chain(words_of_messages.windows(PIECE))
        .collect();
    words
        .chain(encoded.iter().map(String::as_bytes))
        .chain(binary)
        .flat_map(|text| text.windows(PIECE))
        .filter(|piece| !public.contains(piece) && piece.iter().any(|byte| *byte != piece[0]))
        .map(<[u8]>::to_vec)
        .collect()
}

#[track_caller]
fn assert_silent(name: &str, pieces: &HashSet<Vec<u8>>, printed: &[u8]) {
    let leaked = printed
        .windows(PIECE)
        .find(|window| pieces.contains(*window));
    let leaked = leaked.map(String::from_utf8_lossy);
    assert_eq!(leaked, None, "{name}: {}", String::from_utf8_lossy(printed));
}

#[track_caller]
fn assert_run_silent(name: &str, pieces: &HashSet<Vec<u8>>, run: &Run) {
    assert_silent(name, pieces, run.stdout.as_bytes());
    assert_silent(name, pieces, run.stderr.as_bytes());
}

/// The password of the stores.
fn password(room: &Room) -> String {
    room.file("password", "throwaway\n")
}

/// A chain with the key after it, if that is text; a binary one is a file of its own, next to the chain.
fn source(room: &Room, name: &str, key: &[u8]) -> String {
    let chain = fs::read(EXAMPLE).unwrap();
    if key.is_ascii() {
        room.file("chain.pem", [&chain, key].concat())
    } else {
        room.file(&format!("in/{name}"), key)
    }
}

#[test]
fn a_build_refuses_each_key_and_prints_none() {
    for (name, key) in keys() {
        let room = Room::new();
        let pieces = pieces(&key);
        let source = source(&room, &name, &key);
        let log = room.file("termination-log", "");
        let password = password(&room);
        for format in ["text", "json"] {
            let out = room.out();
            let run = trust_init([
                "build",
                "--ca",
                &source,
                "--base",
                "none",
                "--out",
                &out,
                "--ca-password-file",
                &password,
                "--log-format",
                format,
                "--termination-log",
                &log,
            ]);
            assert!(run.stderr.contains("private-key"), "{name}: {run:#?}");
            let run = run.failed(3, &["found a private key ("]);
            assert_run_silent(&name, &pieces, &run);
            assert!(!room.path("out").exists(), "{name}");
            let said = fs::read(&log).unwrap();
            assert!(!said.is_empty(), "{name}");
            assert_silent(&name, &pieces, &said);
        }
    }
}

#[test]
fn reports_name_each_key_and_print_none() {
    for (name, key) in keys() {
        let room = Room::new();
        let pieces = pieces(&key);
        let source = source(&room, &name, &key);
        for (arguments, codes) in [
            (&["check"][..], &[1][..]),
            (&["check", "--format=json"], &[1]),
            (&["check", "--format=junit"], &[1]),
            // 3 if nothing else is in the file.
            (&["inspect"], &[0, 3]),
            (&["inspect", "--format=json"], &[0, 3]),
        ] {
            let unlock = ["--ca-password-file", &password(&room), &source];
            let run = trust_init([arguments, &unlock].concat());
            let said = format!("{}{}", run.stdout, run.stderr);
            assert!(said.contains("found a private key ("), "{name}: {run:#?}");
            assert!(codes.contains(&run.code), "{name}: {run:#?}");
            assert_run_silent(&name, &pieces, &run);
        }
        // A store's certificates are in its file, and they are what is asked for.
        if key.is_ascii() {
            let run = trust_init(["inspect", "--format=pem", &source]);
            assert_run_silent(&name, &pieces, &run);
        }
    }
}

#[test]
fn what_would_carry_a_key_further_does_not() {
    for (name, key) in keys() {
        let room = Room::new();
        let pieces = pieces(&key);
        let source = source(&room, &name, &key);
        let password = password(&room);
        let options = [
            "--ca",
            &source,
            "--base",
            "none",
            "--ca-password-file",
            &password,
        ];
        let render = trust_init([&["render"], &options[..]].concat());
        let exec = exec(&room, &[], &options, &["env"]);
        for (run, code) in [(render, 3), (exec, 125)] {
            assert_run_silent(&name, &pieces, &run);
            assert_eq!(run.stdout, "", "{name}");
            run.failed(code, &["found a private key ("]);
        }
    }
}

#[test]
fn a_key_in_a_base_is_left_out_of_everything() {
    for (name, key) in keys().into_iter().filter(|(_, key)| key.is_ascii()) {
        let room = Room::new();
        let pieces = pieces(&key);
        let source = source(&room, &name, &key);
        let out = room.out();
        let run =
            trust_init(["build", "--ca", EXAMPLE, "--base", &source, "--out", &out]).succeeded();
        assert!(
            run.stderr.contains("found a private key ("),
            "{name}: {run:#?}"
        );
        assert_run_silent(&name, &pieces, &run);
        for (path, content) in snapshot(Path::new(&out)) {
            assert_silent(&format!("{name}: {}", path.display()), &pieces, &content);
        }
    }
}

#[test]
fn doctor_prints_no_key_of_a_store() {
    for (name, key) in keys()
        .into_iter()
        .filter(|(_, key)| key.is_ascii())
        .step_by(8)
    {
        let room = Room::new();
        let source = source(&room, &name, &key);
        let run = command()
            .args(["doctor", "127.0.0.1:1", "--timeout", "1"])
            .env("SSL_CERT_FILE", &source)
            .output()
            .unwrap();
        assert_run_silent(&name, &pieces(&key), &Run::from(run));
    }
}

/// A Secret of cert-manager, mounted whole: its key is where it belongs, so nobody has to replace it.
#[test]
fn a_secret_that_is_mounted_whole_is_no_leak() {
    let room = Room::new();
    let chain = fs::read(EXAMPLE).unwrap();
    let key = &keys()["ec-pkcs8.der"];
    let key = common::pem("PRIVATE KEY", key);
    for (name, content) in [
        ("ca.crt", &chain[..]),
        ("tls.crt", &chain),
        ("tls.key", key.as_bytes()),
    ] {
        room.file(&format!("tls/{name}"), content);
    }
    let directory = room.path("tls").to_str().unwrap().to_owned();
    let run = trust_init(["build", "--ca", &directory, "--out", &room.out()]);
    let advice = format!("--ca {directory}/ca.crt");
    let run = run.failed(
        3,
        &[
            "tls.key:1: found a private key (PRIVATE KEY)",
            &advice,
            "items",
        ],
    );
    assert!(run.stderr.contains("has not leaked"), "{run:#?}");
    assert!(!run.stderr.contains("Remove it"), "{run:#?}");
    // The same file by itself may be a leak.
    let run = trust_init([
        "build",
        "--ca",
        &format!("{directory}/tls.key"),
        "--out",
        &room.out(),
    ]);
    run.failed(3, &["found a private key (PRIVATE KEY)", "compromised"]);
}
