//! `inspect` as a user runs it: any store in, a table, JSON or PEM out.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::fs;

use common::{EXAMPLE, EXAMPLE_WITH_EXPIRED, Room, Run, on_a_terminal, pem, root, trust_init};
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
    let run = inspect(&[&one, "--diff", &both]).failed(1, &["warning[private-key]"]);
    let same = "no difference in what could be read";
    assert!(run.stdout.contains(same), "{run:#?}");
    for (old, new) in [(&one, &page), (&page, &one), (&page, &page)] {
        let run = inspect(&[old, "--diff", new]).failed(3, &["error[malformed]: "]);
        assert_eq!(run.stdout, "");
        let run = inspect(&[old, "--diff", new, "--format=json"]).failed(3, &[]);
        let answer: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(answer["errors"][0]["code"], "malformed");
        assert_eq!(answer["added"], Value::Null);
    }
    let run = inspect(&[&both, "--format=pem"]).succeeded();
    assert!(run.stderr.contains("warning[private-key]"), "{run:#?}");
}

/// Files that hold no certificate, or not all that they should, with the rule that refuses them.
fn unreadable(room: &Room) -> Vec<(String, &'static str)> {
    let whole = pem("CERTIFICATE", &root(0));
    let cut = &whole[..whole.len() / 2];
    let files = [
        (
            "page.pem",
            b"<!DOCTYPE html><p>sign in</p>".to_vec(),
            "malformed",
        ),
        ("empty.pem", Vec::new(), "malformed"),
        ("cut.pem", cut.as_bytes().to_vec(), "malformed"),
        (
            "second-is-cut.pem",
            format!("{whole}{cut}").into_bytes(),
            "malformed",
        ),
        ("noise.der", vec![0x30, 0x82, 0x01], "malformed"),
        (
            "key.pem",
            pem("PRIVATE KEY", b"k").into_bytes(),
            "private-key",
        ),
        (
            "protected.p12",
            fs::read(PROTECTED).unwrap(),
            "wrong-password",
        ),
    ];
    let file = |(name, content, rule)| (room.file(name, content), rule);
    files.into_iter().map(file).collect()
}

/// A PKCS#12 store whose password is none of those that are tried unasked.
const PROTECTED: &str = concat!(
    concat!(env!("CARGO_MANIFEST_DIR"), "/../.."),
    "/tests/vectors/stores/cryptography.p12"
);

#[test]
fn what_cannot_be_read_is_no_success_in_any_format() {
    let room = Room::new();
    let good = room.file("good.pem", pem("CERTIFICATE", &root(1)));
    for (file, rule) in unreadable(&room) {
        let error = format!("error[{rule}]: {file}");
        let sets = [vec![file.as_str()], vec![&good, &file], vec![&file, &good]];
        for sources in sets {
            // A key next to certificates is no loss, and is reported.
            let is_lost = rule != "private-key" || sources.len() == 1;
            let code = if is_lost { 3 } else { 0 };
            let error = if is_lost { error.as_str() } else { rule };
            let run = inspect(&[&sources[..], &["--format=pem"]].concat()).failed(code, &[error]);
            assert_eq!(run.stdout.is_empty(), is_lost, "{run:#?}");
            let run = inspect(&sources);
            assert_eq!(run.code, code, "{run:#?}");
            assert!(run.stdout.contains(&format!("{rule}: ")), "{run:#?}");
            assert!(
                run.stdout.contains(&format!("would refuse it: {rule}\n")),
                "{run:#?}"
            );
            let run = inspect(&[&sources[..], &["--format=json"]].concat());
            assert_eq!(run.code, code, "{run:#?}");
            let report: Value = serde_json::from_str(&run.stdout).unwrap();
            assert!(!report["rejected"].as_array().unwrap().is_empty());
            assert_eq!(report["errors"].as_array().unwrap().is_empty(), !is_lost);
        }
    }
}

#[test]
fn what_cannot_be_opened_is_said_in_json_too() {
    let room = Room::new();
    fs::create_dir(room.path("nothing")).unwrap();
    let nothing = room.path("nothing").to_str().unwrap().to_owned();
    for missing in ["/missing", &nothing, "https://ca.example.com/ca.pem"] {
        for sources in [
            &[missing][..],
            &[EXAMPLE, missing],
            &[EXAMPLE, "--diff", missing],
        ] {
            for format in ["table", "pem"] {
                if format == "pem" && sources.contains(&"--diff") {
                    continue;
                }
                let format = ["--format", format];
                let run = inspect(&[sources, &format].concat()).failed(3, &["error[unreadable]: "]);
                assert_eq!(run.stdout, "");
            }
            let run = inspect(&[sources, &["--format=json"]].concat()).failed(3, &[missing]);
            let answer: Value = serde_json::from_str(&run.stdout).unwrap();
            assert_eq!(answer["ok"], false);
            assert_eq!(answer["errors"][0]["place"], missing);
            assert_eq!(answer["certificates"], Value::Null);
        }
    }
}

#[test]
fn what_build_would_do_is_what_build_does() {
    let room = Room::new();
    let mut files = unreadable(&room);
    let large = pem("CERTIFICATE", &root(0)).repeat(90);
    files.push((room.file("large.pem", large), "too-large"));
    for (file, rule) in &files {
        let run = trust_init(["build", "--ca", file, "--out", &room.out()]);
        run.failed(3, &[&format!("error[{rule}]: ")]);
        let run = inspect(&[file]);
        assert!(
            run.stdout.contains(&format!("would refuse it: {rule}\n")),
            "{run:#?}"
        );
    }
    let trusted = room.file("rejected.pem", common::trusted(2, common::REJECTS_SERVERS));
    let mixed = fs::read_to_string(&trusted).unwrap() + &common::two();
    let mixed = room.file("mixed.pem", mixed);
    for (file, forecast, kept) in [
        (EXAMPLE, "would take 2 certificates\n", Some(2)),
        (
            &mixed,
            "would take 2 of 3 certificates (distrusted)\n",
            Some(2),
        ),
        (&trusted, "would refuse it: distrusted\n", None),
    ] {
        let run = inspect(&[file]).succeeded();
        assert!(run.stdout.contains(forecast), "{run:#?}");
        let out = room.out();
        let run = trust_init(["build", "--base=none", "--ca", file, "--out", &out]);
        assert_eq!(run.code, if kept.is_some() { 0 } else { 3 }, "{run:#?}");
        if let Some(kept) = kept {
            assert_eq!(room.manifest()["sources"][0]["kept"], kept);
        }
    }
    let forecast = &json(&[&mixed])["sources"][0]["build"];
    assert_eq!(
        *forecast,
        serde_json::json!({"accepts": true, "certificates": 2, "rules": ["distrusted"]})
    );
}

#[test]
fn the_forecast_for_stores_of_other_programs_comes_true() {
    let folder = concat!(
        concat!(env!("CARGO_MANIFEST_DIR"), "/../.."),
        "/tests/vectors/stores"
    );
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            continue;
        }
        seen += 1;
        let (room, file) = (Room::new(), path.to_str().unwrap());
        let run = inspect(&[file, "--format=json"]);
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        let forecast = &report["sources"][0]["build"];
        let built = trust_init(["build", "--base=none", "--ca", file, "--out", &room.out()]);
        assert_eq!(
            forecast["accepts"],
            built.code == 0,
            "{forecast}: {built:#?}"
        );
        let kept = match built.code {
            0 => room.manifest()["sources"][0]["kept"].clone(),
            _ => 0.into(),
        };
        assert_eq!(forecast["certificates"], kept, "{file}");
    }
    assert!(seen > 20, "{seen}");
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
    let run = run.failed(4, &["error[unwritable]: <stdout>: no space left"]);
    assert!(!run.stderr.contains("emptyDir"), "{run:#?}");
}

#[test]
fn wrong_usage_is_an_error() {
    inspect(&[]).failed(2, &["nothing to inspect"]);
    inspect(&["/missing"]).failed(3, &["/missing: no such file"]);
    inspect(&[EXAMPLE, "--format=xml"]).failed(2, &["possible values: table, json, pem"]);
}
