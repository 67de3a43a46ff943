//! `doctor`'s command line. What it finds of servers and stores is in `tests/interop`, beside real
//! clients.

#![cfg(feature = "doctor")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use common::{Room, Run, command, listing, trust_init};

const SECRET: &str = "example-secret";

#[test]
fn wrong_usage_is_exit_2_and_writes_nothing() {
    let room = Room::new();
    for arguments in [
        &["--starttls", "smtp"][..],
        &["--proxy", "none"],
        &["--fetch-issuers"],
        &["--ask"],
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
fn a_bundle_that_is_a_store_of_another_format_is_a_fault() {
    let store = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/vectors/stores/openssl.p12"
    );
    let mut doctor = command();
    doctor.arg("doctor").env("SSL_CERT_FILE", store);
    let run = Run::from(doctor.output().unwrap());
    assert_eq!(run.code, 1, "{run:#?}");
    let fault = run
        .stdout
        .lines()
        .find(|line| line.contains("this is a PKCS#12 store"));
    let fault = fault.unwrap_or_else(|| panic!("{run:#?}"));
    assert!(fault.contains("SSL_CERT_FILE: "), "{fault}");
    assert!(
        fault.ends_with("OpenSSL silently continues without it"),
        "{fault}"
    );
}

/// A run in a room, without the clients of this machine's variables.
fn doctor_in(room: &Room, variables: &[(&str, &str)], arguments: &[&str]) -> Run {
    let mut doctor = command();
    doctor
        .arg("doctor")
        .args(arguments)
        .envs(variables.iter().copied())
        .current_dir(room.path("."));
    Run::from(doctor.output().unwrap())
}

#[test]
fn a_support_bundle_is_for_this_user_alone_and_holds_no_secret() {
    let room = Room::new();
    let proxy = format!("http://user:{SECRET}@127.0.0.1:1");
    let bare = format!("user:{SECRET}@127.0.0.1:1");
    let java = format!("-Djavax.net.ssl.trustStorePassword={SECRET} -Dapp.token={SECRET}");
    let variables = [
        ("HTTPS_PROXY", proxy.as_str()),
        ("ALL_PROXY", &bare),
        ("JAVA_TOOL_OPTIONS", &java),
        ("APP_TOKEN", SECRET),
        ("GIT_SSL_CAINFO", "/nonexistent/<b>.pem"),
    ];
    for (name, escaped) in [
        ("ticket.txt", "/nonexistent/<b>.pem"),
        ("ticket.HTML", "/nonexistent/&lt;b&gt;.pem"),
    ] {
        let run = doctor_in(&room, &variables, &["--report", name]);
        assert_eq!(run.code, 1, "{run:#?}");
        assert!(run.stdout.starts_with("OpenSSL"), "{run:#?}");
        let path = room.path(name);
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains(SECRET), "{text}");
        for shown in [
            "HTTPS_PROXY",
            "http://***@127.0.0.1:1",
            "trustStorePassword=***",
            escaped,
        ] {
            assert!(text.contains(shown), "no {shown} in {text}");
        }
        assert!(!text.contains("APP_TOKEN"), "{text}");
        assert_eq!(text.starts_with("<!doctype html>"), name.ends_with("HTML"));
        assert!(!text.contains("<b>") || name.ends_with("txt"), "{text}");
        assert!(
            !text.contains("src=") && !text.contains("<script"),
            "{text}"
        );
    }
    assert_eq!(listing(&room.path(".")).len(), 2, "nothing else is left");
}

#[test]
fn a_bundle_that_cannot_be_written_costs_no_report() {
    let room = Room::new();
    fs::create_dir(room.path("directory")).unwrap();
    room.file("target.txt", "untouched");
    symlink("target.txt", room.path("link.txt")).unwrap();
    for name in ["none/ticket.txt", "directory", "link.txt", "/dev/null"] {
        let run = doctor_in(&room, &[], &["--report", name]).failed(4, &[name]);
        assert!(run.stdout.starts_with("OpenSSL"), "{run:#?}");
    }
    let untouched = fs::read_to_string(room.path("target.txt")).unwrap();
    assert_eq!(untouched, "untouched");
}

#[test]
fn a_server_that_is_not_reached_is_said_first() {
    let room = Room::new();
    let run = doctor_in(&room, &[], &["--proxy=none", "127.0.0.1:1"]).failed(3, &[]);
    let (server, _) = run.stdout.split_once("\n\n").unwrap();
    let lines: Vec<&str> = server.lines().collect();
    let expected = [
        "127.0.0.1:1: not reached",
        "  cause[refused]: nothing is listening at 127.0.0.1:1",
        "  fix: check the port, and that the service is running",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn what_names_no_server_is_answered() {
    for (arguments, words) in [
        (
            &["example.com", "443"][..],
            &[
                "443: a port without a host",
                "did you mean example.com:443?",
            ][..],
        ),
        (
            &["a.example.com", "b.example.com", "8443"],
            &["did you mean b.example.com:8443?"],
        ),
        (
            &["443"],
            &["443: a port without a host: expected HOST:PORT"],
        ),
        (&["example.com:1", "443"], &["443: a port without a host"]),
        (
            &["localhost:"],
            &["localhost:: there is no port after the ':'"],
        ),
        (&["[::1]:"], &["there is no port"]),
        (
            &["localhost:https"],
            &["must be a number from 1 to 65535", "for https write 443"],
        ),
        (&["localhost:0"], &["must be a number from 1 to 65535"]),
        (
            &["localhost:1:2"],
            &["localhost:1:2: expected HOST or HOST:PORT"],
        ),
        (&[":443"], &[":443: expected HOST or HOST:PORT"]),
        (&["--", "-h"], &["-h: expected HOST"]),
        (&[""], &["'': expected HOST"]),
        (&[" "], &["' ': expected HOST"]),
        (
            &["/etc/passwd"],
            &["expected HOST", "trust-init inspect PATH"],
        ),
        (&["file:///etc/passwd"], &["trust-init inspect PATH"]),
        (&["*.example.com"], &["expected HOST"]),
        (&["b\u{fc}cher.example"], &["xn--"]),
        (
            &["localhost", "--proxy", "None"],
            &["'None' is not the URL of a proxy", "--proxy none"],
        ),
        (&["localhost", "--proxy", "direct"], &["--proxy none"]),
        (&["localhost", "--proxy", ""], &["--proxy none"]),
    ] {
        let run = trust_init([&["doctor"], arguments].concat()).failed(2, words);
        assert_eq!(run.stdout, "", "{arguments:?}");
    }
}

#[test]
fn a_server_is_named_as_it_was_understood() {
    // Nothing listens there.
    for (host, named) in [
        ("LOCALHOST:1", "localhost:1: not reached"),
        ("localhost:1/path", "localhost:1: not reached"),
        ("me@localhost:1", "localhost:1: not reached"),
        ("https://localhost:1/path", "localhost:1: not reached"),
        ("[::1]:1", "[::1]:1: not reached"),
    ] {
        let run = trust_init(["doctor", "--timeout", "5", "--proxy", "none", host]);
        assert_eq!(run.code, 3, "{run:#?}");
        assert!(run.stdout.starts_with(named), "{run:#?}");
    }
}
