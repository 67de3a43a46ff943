//! `doctor`'s command line. What it finds of servers and stores is in `tests/interop`, beside real
//! clients.

#![cfg(feature = "doctor")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::{Room, Run, command, listing, trust_init};

const SECRET: &str = "example-secret";

#[test]
fn wrong_usage_is_exit_2_and_writes_nothing() {
    let room = Room::new();
    for arguments in [
        &["--starttls", "smtp"][..],
        &["--proxy", "none"],
        &["--fetch-issuers"],
        &["--save-chain", "chain.pem"],
        &["no host"],
        &["localhost:99999"],
        &["localhost", "--starttls", "imap"],
        &["http://localhost"],
        &["s3a://bucket/path"],
        &["mongodb+srv://localhost"],
        &["gopher://localhost"],
        &["localhost:9093,"],
    ] {
        let mut doctor = command();
        doctor
            .arg("doctor")
            .args(arguments)
            .current_dir(room.path("."));
        let run = Run::from(doctor.output().unwrap()).failed(2, &["trust-init: error"]);
        assert_eq!(run.stdout, "", "{arguments:?}");
        assert_eq!(listing(&room.path(".")), [""; 0], "{arguments:?}");
    }
}

#[test]
fn a_usage_error_shows_no_password() {
    let proxy = format!("socks5://user:{SECRET}@127.0.0.1:1");
    let host = format!("https://user:{SECRET}@no host");
    let jdbc = format!("jdbc:postgresql://no host/orders?user=me&password={SECRET}");
    let parameters = format!("jdbc:sqlserver://localhost;password={SECRET}");
    for (arguments, word) in [
        (&["localhost", "--proxy", &proxy][..], "--proxy"),
        (&[&host], "no host"),
        (&[&jdbc], "no host"),
        (&[&parameters], "SQL Server"),
    ] {
        let run = trust_init([&["doctor"], arguments].concat()).failed(2, &[word]);
        assert!(!run.stderr.contains(SECRET), "{run:#?}");
    }
}

#[test]
fn a_process_that_does_not_exist_is_an_error() {
    let run = trust_init(["doctor", "--pid", "4194305"]).failed(3, &["--pid"]);
    assert_eq!(run.stdout, "");
}

#[test]
fn the_port_of_a_starttls_protocol_is_its_default() {
    let options = ["--starttls=ldap", "--proxy=none", "--format=json"];
    let run = trust_init([&["doctor", "localhost"], &options[..]].concat()).failed(3, &[]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["servers"][0]["host"], "localhost:389");
}

#[test]
fn a_url_means_a_protocol_and_a_list_means_several_servers() {
    let url = "jdbc:postgresql://localhost:1,localhost/orders";
    let options = ["--proxy=none", "--format=json"];
    let run = trust_init([&["doctor", url], &options[..]].concat()).failed(3, &[]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let servers = report["servers"].as_array().unwrap();
    let hosts: Vec<_> = servers.iter().map(|one| &one["host"]).collect();
    assert_eq!(hosts, ["localhost:1", "localhost:5432"]);
    for server in servers {
        assert_eq!(server["protocol"], "postgres");
        let clients = server["protocolClients"].as_array().unwrap();
        let pgjdbc = clients.iter().find(|one| one["name"] == "pgjdbc").unwrap();
        assert_eq!(pgjdbc["verdictOf"], serde_json::Value::Null);
        assert_eq!(pgjdbc["reads"], "~/.postgresql/root.crt");
    }
}

/// No reader of PEM sees anything in it, and OpenSSL says nothing.
#[test]
fn a_bundle_that_is_an_encrypted_store_is_a_fault() {
    let store = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/vectors/stores/openssl.p12"
    );
    let mut doctor = command();
    doctor.arg("doctor").env("SSL_CERT_FILE", store);
    let run = Run::from(doctor.output().unwrap());
    assert_eq!(run.code, 1, "{run:#?}");
    let fault = run.stdout.lines().find(|line| line.contains("encrypted"));
    let fault = fault.unwrap_or_else(|| panic!("{run:#?}"));
    assert!(fault.contains("SSL_CERT_FILE: "), "{fault}");
    assert!(
        fault.ends_with("OpenSSL silently continues without it"),
        "{fault}"
    );
}
