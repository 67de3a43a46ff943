//! A store that no certificate is left for: it is not written, no variable names it, and every command
//! that would have written it says so.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::fs;

use common::{EXAMPLE, Room, Run, exec, trust_init};

const VECTORS: &str = concat!(
    concat!(env!("CARGO_MANIFEST_DIR"), "/../.."),
    "/tests/vectors/certificates/"
);
/// A JVM refuses any store that contains it; OpenSSL does not.
const NOT_FOR_JAVA: &str = "alternative-name-uri-final-dot.der";
/// OpenSSL refuses any store that contains it; a JVM does not.
const NOT_FOR_OPENSSL: &str = "name-integer.der";

fn build(room: &Room, name: &str, options: &[&str]) -> Run {
    let (ca, out) = (format!("{VECTORS}{name}"), room.out());
    trust_init([&["build", "--ca", &ca, "--out", &out], options].concat())
}

#[track_caller]
fn warns(run: &Run, stores: &[&str]) {
    let warned: Vec<&str> = run
        .stderr
        .lines()
        .filter_map(|line| line.strip_prefix("trust-init: warning[store-empty]: "))
        .map(|line| line.split(": ").next().unwrap())
        .collect();
    assert_eq!(warned, stores, "{run:#?}");
}

#[test]
fn without_a_base_a_store_can_be_empty() {
    for (name, only, stores, variables) in [
        (
            NOT_FOR_JAVA,
            "os,java,python",
            &["java"][..],
            &["SSL_CERT_FILE=", "REQUESTS_CA_BUNDLE="][..],
        ),
        (NOT_FOR_JAVA, "os", &["java"], &["SSL_CERT_FILE="]),
        (NOT_FOR_JAVA, "java", &["java"], &["NODE_EXTRA_CA_CERTS="]),
        (NOT_FOR_JAVA, "python", &[], &["REQUESTS_CA_BUNDLE="]),
        (
            NOT_FOR_OPENSSL,
            "os,java,python",
            &["os", "python", "custom"],
            &["JAVA_TOOL_OPTIONS="],
        ),
        (
            NOT_FOR_OPENSSL,
            "java",
            &["custom"],
            &["JAVA_TOOL_OPTIONS="],
        ),
    ] {
        let room = Room::new();
        let run = build(&room, name, &["--base", "none", "--only", only]).succeeded();
        warns(&run, stores);
        let recorded = room.manifest()["emptyStores"].clone();
        let expected = if stores.is_empty() {
            serde_json::Value::Null
        } else {
            stores.into()
        };
        assert_eq!(recorded, expected, "{name}");
        let wiring = fs::read_to_string(room.path("out/trust.env")).unwrap();
        for variable in variables {
            assert!(wiring.contains(variable), "{wiring}");
        }
        for (store, files, variable) in [
            ("os", &["os/ca-certificates.crt"][..], "SSL_CERT_FILE="),
            (
                "java",
                &["java/truststore.p12", "os/java/cacerts"],
                "JAVA_TOOL_OPTIONS=",
            ),
            ("python", &["python/cacert.pem"], "REQUESTS_CA_BUNDLE="),
            (
                "custom",
                &["custom/client-ca-chain.pem"],
                "NODE_EXTRA_CA_CERTS=",
            ),
        ] {
            if stores.contains(&store) {
                assert!(!wiring.contains(variable), "{wiring}");
                for file in files {
                    assert!(!room.path("out").join(file).exists(), "{name}: {file}");
                }
            }
        }
    }
}

#[test]
fn with_a_base_only_the_chain_alone_can_be_empty() {
    for (name, stores) in [(NOT_FOR_JAVA, &[][..]), (NOT_FOR_OPENSSL, &["custom"])] {
        let room = Room::new();
        warns(&build(&room, name, &[]).succeeded(), stores);
    }
    let room = Room::new();
    let out = room.out();
    let run = trust_init(["build", "--base", "mozilla", "--out", &out]).succeeded();
    warns(&run, &[]);
    assert_eq!(room.manifest()["emptyStores"], serde_json::Value::Null);
    let run = trust_init(["build", "--base", "none", "--ca", EXAMPLE, "--out", &out]);
    warns(&run.succeeded(), &[]);
}

#[test]
fn render_and_exec_say_so_too() {
    let ca = format!("{VECTORS}{NOT_FOR_JAVA}");
    let run = trust_init(["render", "--base", "none", "--ca", &ca]).succeeded();
    warns(&run, &["java"]);
    assert!(!run.stdout.contains("JAVA_TOOL_OPTIONS"), "{run:#?}");
    let room = Room::new();
    let run = exec(
        &room,
        &[],
        &["--base", "none", "--ca", &ca],
        &["/usr/bin/env"],
    )
    .succeeded();
    warns(&run, &["java"]);
    assert!(!run.stdout.contains("JAVA_TOOL_OPTIONS"), "{run:#?}");
    let run = trust_init(["render", "--base", "none", "--only", "java", "--ca", &ca]).succeeded();
    warns(&run, &["java"]);
}
