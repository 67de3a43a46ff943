//! `inspect` as a user runs it: any store in, a table, JSON or PEM out.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::fs::{self, File};
use std::io::Read as _;

use common::{EXAMPLE, EXAMPLE_WITH_EXPIRED, Room, Run, command, pem, root, trust_init};
use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::Value;

fn inspect(arguments: &[&str]) -> Run {
    trust_init(["inspect"].iter().chain(arguments))
}

fn json(arguments: &[&str]) -> Value {
    let run = inspect(&[arguments, &["--format=json"]].concat()).succeeded();
    serde_json::from_str(&run.stdout).unwrap()
}

fn fingerprints(report: &Value) -> Vec<&str> {
    let certificates = report["certificates"].as_array().unwrap();
    let sha256 = certificates.iter().map(|c| c["sha256"].as_str().unwrap());
    sha256.collect()
}

#[test]
fn the_table_tells_each_certificate_and_what_rules_find() {
    let run = inspect(&[EXAMPLE_WITH_EXPIRED, "--at=2026-11-21"]).succeeded();
    for word in [
        "KIND",
        "intermediate  2049-12-31 (8441 days)  RSA 2048",
        "root          2024-01-01 (expired)",
        "issuer CN=Example Client Root CA,O=Example Client,C=FR",
        "expired: expired on 2024-01-01T00:00:00Z",
        "3 certificates",
        "caBundleHash     ",
        "trustAnchorsHash ",
    ] {
        assert!(run.stdout.contains(word), "no {word:?} in {}", run.stdout);
    }
    assert!(!run.stdout.contains('\u{1b}'), "color without a terminal");
}

/// What the program prints where its output is a terminal.
fn on_a_terminal(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let mut ours = File::from(openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap());
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap();
    let theirs = open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
    let mut command = command();
    command
        .args(arguments)
        .env("TERM", "xterm-256color")
        .envs(variables.iter().copied())
        .stdout(theirs.try_clone().unwrap())
        .stderr(theirs);
    let mut child = command.spawn().unwrap();
    // Ours are the last ones that write; Linux ends a terminal without writers by an error.
    drop(command);
    let mut shown = Vec::new();
    let _ = ours.read_to_end(&mut shown);
    child.wait().unwrap();
    String::from_utf8(shown).unwrap()
}

#[test]
fn color_is_for_terminals_that_want_it() {
    let inspect = ["inspect", EXAMPLE_WITH_EXPIRED];
    for (variables, is_colored) in [
        (&[][..], true),
        (&[("NO_COLOR", "1")], false),
        (&[("TERM", "dumb")], false),
        // An empty NO_COLOR counts as unset (no-color.org).
        (&[("NO_COLOR", "")], true),
    ] {
        let shown = on_a_terminal(&inspect, variables);
        assert!(shown.contains("expired"), "{shown}");
        assert_eq!(
            shown.contains("\u{1b}["),
            is_colored,
            "{variables:?}: {shown}"
        );
    }
}

#[test]
fn every_store_of_a_build_holds_the_same() {
    let room = Room::new();
    let out = room.out();
    trust_init(["build", "--base=none", "--ca", EXAMPLE, "--out", &out]).succeeded();
    let expected = json(&[EXAMPLE]);
    let mut expected = fingerprints(&expected);
    expected.sort_unstable();
    for store in [
        "",
        "os",
        "os/ca-certificates.crt",
        "os/java/cacerts",
        "java/truststore.p12",
        "python/cacert.pem",
        "custom/client-ca-chain.pem",
    ] {
        let report = json(&[&format!("{out}/{store}")]);
        let mut found = fingerprints(&report);
        found.sort_unstable();
        assert_eq!(found, expected, "{store}");
        assert_eq!(report["rejected"].as_array().unwrap().len(), 0, "{store}");
    }
    let places = json(&[&out])["certificates"][0]["origins"].clone();
    assert_eq!(places.as_array().unwrap().len(), 5, "{places}");
}

#[test]
fn pem_is_each_certificate_once() {
    let room = Room::new();
    let store = room.file(
        "three.pem",
        [0, 1, 0]
            .map(|index| pem("CERTIFICATE", &root(index)))
            .concat(),
    );
    let run = inspect(&[&store, "--format=pem"]).succeeded();
    let expected = [0, 1]
        .map(|index| pem("CERTIFICATE", &root(index)))
        .concat();
    assert_eq!(run.stdout, expected);
}

#[test]
fn what_is_no_certificate_is_shown_and_no_key_printed() {
    let room = Room::new();
    let file = room.file(
        "mixed.pem",
        pem("CERTIFICATE", &root(0)) + &pem("PRIVATE KEY", b"secret secret secret"),
    );
    let run = inspect(&[&file]).succeeded();
    assert!(run.stdout.contains("private-key: "), "{run:#?}");
    assert!(!run.stdout.contains("c2VjcmV0"), "{run:#?}");
    assert_eq!(json(&[&file])["rejected"][0]["rule"], "private-key");
}

#[test]
fn a_difference_is_an_exit_code_and_names_what_changed() {
    let room = Room::new();
    let old = room.file(
        "old.pem",
        pem("CERTIFICATE", &root(0)) + &pem("CERTIFICATE", &root(1)),
    );
    let new = room.file(
        "new.pem",
        pem("CERTIFICATE", &root(1)) + &pem("CERTIFICATE", &root(2)),
    );
    let same = inspect(&[&old, "--diff", &old]).succeeded();
    assert_eq!(same.stdout, "no difference\n");
    let run = inspect(&[&old, "--diff", &new]);
    assert_eq!(run.code, 1);
    let shown = |word: &str| run.stdout.lines().filter(|l| l.starts_with(word)).count();
    assert_eq!(
        (shown("added"), shown("removed"), shown("renewed")),
        (1, 1, 0)
    );
    let run = inspect(&[&old, "--diff", &new, "--format=json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["added"].as_array().unwrap().len(), 1);
    assert_eq!(report["removed"].as_array().unwrap().len(), 1);
    inspect(&[&old, "--diff", &new, "--format=pem"]).failed(2, &["--diff"]);
}

#[test]
fn a_renewed_certificate_is_not_a_new_one() {
    let folder = concat!(
        concat!(env!("CARGO_MANIFEST_DIR"), "/../.."),
        "/tests/vectors/certificates/"
    );
    let renewal = fs::read_to_string(format!("{folder}renewed.pem")).unwrap();
    let (old, new) = renewal.split_at(renewal.find("-----\n-----").unwrap() + 6);
    let room = Room::new();
    let (old, new) = (room.file("old.pem", old), room.file("new.pem", new));
    let run = inspect(&[&old, "--diff", &new]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.starts_with("renewed "), "{run:#?}");
    assert!(run.stdout.contains("same key, replaces"), "{run:#?}");
    assert_eq!(run.stdout.lines().count(), 1, "{run:#?}");
}

#[test]
fn of_a_build_the_hashes_are_those_of_its_manifest() {
    let room = Room::new();
    trust_init(["build", "--ca", EXAMPLE, "--out", &room.out()]).succeeded();
    let (shown, manifest) = (json(&[&room.out()]), room.manifest());
    for hash in ["caBundleHash", "trustAnchorsHash"] {
        assert_eq!(shown[hash], manifest[hash]);
    }
    let certificates = shown["certificates"].as_array().unwrap();
    let customers = certificates.iter().filter(|one| one["role"] == "customer");
    assert_eq!((customers.count(), certificates.len()), (2, 120));
}

#[test]
fn what_could_not_be_read_is_never_the_same() {
    let room = Room::new();
    let one = room.file("one.pem", pem("CERTIFICATE", &root(0)));
    let page = room.file("page.pem", "<html>sign in</html>");
    let both = room.file(
        "both.pem",
        pem("CERTIFICATE", &root(0)) + &pem("PRIVATE KEY", b"k"),
    );
    for (old, new) in [(&one, &both), (&page, &page)] {
        let run = inspect(&[old, "--diff", new]);
        assert_eq!(run.code, 1, "{run:#?}");
        assert!(
            run.stdout.contains("no difference in what could be read"),
            "{run:#?}"
        );
        assert!(run.stderr.contains("warning["), "{run:#?}");
    }
    let run = inspect(&[&both, "--format=pem"]).succeeded();
    assert!(run.stderr.contains("warning[private-key]"), "{run:#?}");
}

#[test]
fn a_full_disk_is_no_success() {
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let run = common::command()
        .args(["inspect", EXAMPLE, "--format", "pem"])
        .stdout(full)
        .output();
    let run = Run::from(run.unwrap());
    run.failed(4, &["error[unwritable]: <stdout>: no space left"]);
}

#[test]
fn wrong_usage_is_an_error() {
    inspect(&[]).failed(2, &["nothing to inspect"]);
    inspect(&["/missing"]).failed(3, &["/missing: no such file"]);
    inspect(&[EXAMPLE, "--format=xml"]).failed(2, &["possible values: table, json, pem"]);
}
