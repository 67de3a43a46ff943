//! `build` as a user runs it: the tree, the words, the exit codes, what survives a failure.

#![allow(missing_docs, clippy::unwrap_used, clippy::too_many_lines)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;

use common::{
    EXAMPLE, EXAMPLE_WITH_EXPIRED, REJECTS_SERVERS, Room, Run, command, pem, root, snapshot,
    trust_init, trusted, two, with_stdin,
};
use sha2::{Digest as _, Sha256};
use trust_stores::hashed_directory::is_hash_name;

fn build(room: &Room, arguments: &[&str]) -> Run {
    let out = room.out();
    let always = ["build", "--out", &out];
    trust_init(always.into_iter().chain(arguments.iter().copied()))
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<Vec<_>>()
        .concat()
}

fn count(text: &str) -> usize {
    text.matches("-----BEGIN CERTIFICATE-----").count()
}

fn read(room: &Room, path: &str) -> String {
    fs::read_to_string(room.path("out").join(path)).unwrap()
}

#[test]
fn the_whole_tree_is_written() {
    let room = Room::new();
    let run = build(&room, &["--ca", EXAMPLE]).succeeded();
    assert_eq!(run.stdout, "");
    let (hashed, named): (BTreeSet<_>, BTreeSet<_>) = snapshot(&room.path("out"))
        .into_keys()
        .map(|path| path.to_str().unwrap().to_owned())
        .partition(|path| path.strip_prefix("os/").is_some_and(is_hash_name));
    let expected = [
        "custom",
        "custom/client-ca-chain.pem",
        "java",
        "java/truststore.p12",
        "manifest.json",
        "os",
        "os/ca-bundle.crt",
        "os/ca-certificates.crt",
        "os/java",
        "os/java/cacerts",
        "python",
        "python/cacert.pem",
        "trust.env",
    ];
    assert_eq!(named, expected.map(String::from).into());
    assert!(hashed.len() > 100);
    let all = trust_stores::mozilla::count() + 2;
    for bundle in [
        "os/ca-certificates.crt",
        "os/ca-bundle.crt",
        "python/cacert.pem",
    ] {
        assert_eq!(count(&read(&room, bundle)), all, "{bundle}");
    }
    assert_eq!(count(&read(&room, "custom/client-ca-chain.pem")), 2);
    let in_directory: usize = hashed.iter().map(|path| count(&read(&room, path))).sum();
    assert_eq!(in_directory, all);
}

#[test]
fn hashes_are_what_sha256sum_says() {
    let room = Room::new();
    build(&room, &["--ca", EXAMPLE]).succeeded();
    let example = fs::read(EXAMPLE).unwrap();
    assert_eq!(room.manifest()["caBundleHash"], hex(&example));
    // Several: the hash of sha256sum's own lines.
    let (a, b) = (room.file("d/a.pem", two()), room.file("d/b.pem", &example));
    let directory = room.path("d");
    build(&room, &["--ca", directory.to_str().unwrap()]).succeeded();
    let mut lines = [
        format!("{}  a.pem\n", hex(fs::read(a).unwrap())),
        format!("{}  b.pem\n", hex(fs::read(b).unwrap())),
    ];
    lines.sort();
    let manifest = room.manifest();
    assert_eq!(manifest["caBundleHash"], hex(lines.concat()));
    let mut anchors: Vec<String> = manifest["certificates"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|certificate| certificate["role"] == "customer")
        .map(|certificate| format!("{}\n", certificate["sha256"].as_str().unwrap()))
        .collect();
    anchors.sort();
    assert_eq!(anchors.len(), 4);
    assert_eq!(manifest["trustAnchorsHash"], hex(anchors.concat()));
    for artifact in manifest["artifacts"].as_array().unwrap() {
        let content = fs::read(room.path("out").join(artifact["path"].as_str().unwrap())).unwrap();
        assert_eq!(artifact["sha256"], hex(&content), "{artifact}");
        assert_eq!(artifact["size"], content.len(), "{artifact}");
    }
}

#[test]
fn every_section_is_counted() {
    let room = Room::new();
    let all = [
        fs::read_to_string(EXAMPLE_WITH_EXPIRED).unwrap(),
        trusted(0, REJECTS_SERVERS),
        two(),
        two(),
        "-----BEGIN CERTIFICATE-----\nMIIxxxx\n".to_owned(),
    ];
    let input = room.file("all.pem", all.concat());
    let run = build(&room, &["--ca", &input, "--drop", "malformed,expired"]).succeeded();
    let manifest = room.manifest();
    let source = &manifest["sources"][0];
    let number = |field: &str| source[field].as_u64().unwrap();
    assert_eq!(number("seen"), 9);
    let shares = ["kept", "merged", "dropped", "rejected"].map(number);
    assert_eq!(shares, [4, 2, 2, 1]);
    let told: Vec<&str> = run
        .stderr
        .lines()
        .filter(|line| line.contains("dropped["))
        .collect();
    assert_eq!(told.len(), 3, "{told:#?}");
    for (line, words) in told.iter().zip([
        "dropped[expired]: ",
        "dropped[distrusted]: ",
        "dropped[malformed]: ",
    ]) {
        assert!(line.contains(words) && line.contains("all.pem:"), "{line}");
    }
    assert_eq!(manifest["rejected"][0]["rule"], "malformed");
}

#[test]
fn a_public_root_that_the_customer_gives_is_in_each_store_once() {
    let room = Room::new();
    let input = room.file("root.pem", pem("CERTIFICATE", &root(0)));
    build(&room, &["--ca", &input]).succeeded();
    let manifest = room.manifest();
    let entries = manifest["certificates"].as_array().unwrap();
    let fingerprint = hex(root(0));
    let of_it: Vec<_> = entries
        .iter()
        .filter(|entry| entry["sha256"] == fingerprint.as_str())
        .map(|entry| {
            (
                entry["role"].as_str(),
                entry["verdict"].as_str(),
                &entry["stores"],
            )
        })
        .collect();
    let (all, none) = (
        serde_json::json!(["os", "java", "python", "custom"]),
        serde_json::json!([]),
    );
    let expected = [
        (Some("customer"), Some("kept"), &all),
        (Some("base"), Some("merged"), &none),
    ];
    assert_eq!(of_it, expected);
    let roots = trust_stores::mozilla::count();
    for (store, file, held) in [
        ("os", "os/ca-certificates.crt", roots),
        ("python", "python/cacert.pem", roots),
        ("custom", "custom/client-ca-chain.pem", 1),
    ] {
        let is_in = |entry: &&serde_json::Value| {
            let stores = entry["stores"].as_array().unwrap();
            stores.iter().any(|name| name == store)
        };
        assert_eq!(entries.iter().filter(is_in).count(), held, "{store}");
        assert_eq!(count(&read(&room, file)), held, "{file}");
    }
}

#[test]
fn nothing_left_is_an_error_unless_allowed() {
    let room = Room::new();
    let input = room.file("only.pem", trusted(0, REJECTS_SERVERS));
    build(&room, &["--ca", &input]).failed(
        3,
        &[
            "error[nothing-left]",
            "hint: ",
            "only.pem:1: CN=",
            "reject TLS servers",
        ],
    );
    assert!(!room.path("out").exists());
    build(&room, &["--ca", &input, "--warn", "nothing-left"]).succeeded();
    let manifest = room.manifest();
    assert!(manifest["trustAnchorsHash"].is_null());
    assert_eq!(manifest["findings"][0]["rule"], "nothing-left");
    assert!(!room.path("out/custom").exists());
    assert!(!read(&room, "trust.env").contains("NODE_EXTRA_CA_CERTS"));
}

#[test]
fn levels_decide_what_a_finding_does() {
    let room = Room::new();
    let with = |arguments: &[&str]| {
        build(
            &room,
            &[&["--ca", EXAMPLE_WITH_EXPIRED], arguments].concat(),
        )
    };
    let words = "client-ca-chain-with-expired.pem:51: CN=Example Client Root CA 2009,";
    with(&[])
        .succeeded()
        .failed(0, &["warning[expired]: ", words]);
    with(&["--drop", "expired"]).failed(0, &["dropped[expired]: ", words]);
    with(&["--deny", "expired"]).failed(3, &["error[expired]: ", words]);
    let run = with(&["--allow", "expired"]).succeeded();
    assert!(!run.stderr.contains("expired]"), "{run:#?}");
    with(&["--at", "2020-01-01", "--deny", "expired"]).failed(0, &["warning[not-yet-valid]: "]);
    with(&["--at", "2020-01-01", "--deny", "not-yet-valid"]).failed(3, &["error[not-yet-valid]"]);
    let manifest = {
        with(&["--drop", "expired"]).succeeded();
        room.manifest()
    };
    let dropped = manifest["certificates"]
        .as_array()
        .unwrap()
        .iter()
        .find(|certificate| certificate["verdict"] == "dropped")
        .unwrap();
    assert_eq!(dropped["rule"], "expired");
    assert_eq!(dropped["reason"], "expired on 2024-01-01T00:00:00Z");
    assert_eq!(dropped["stores"], serde_json::json!([]));
}

#[test]
fn wrong_usage_is_exit_2_and_names_the_flag() {
    let room = Room::new();
    for (arguments, words) in [
        (
            vec![],
            vec!["nothing to read", "hint: ", "files or directories"],
        ),
        (vec!["--base", "none"], vec!["--base: ", "nothing to write"]),
        (
            vec!["--ca", EXAMPLE, "--base", "none", "--base", "./x"],
            vec!["--base: 'none' cannot be combined"],
        ),
        (
            vec!["--ca", EXAMPLE, "--root", "/"],
            vec!["--root: only --base auto"],
        ),
        (
            vec!["--ca", "-", "--ca", "-"],
            vec!["'-' can be given only once"],
        ),
        (
            vec!["--cert", EXAMPLE],
            vec!["unexpected argument '--cert'", "hint: the option is --ca"],
        ),
        (
            vec!["--ca", EXAMPLE, "--deny", "expird"],
            vec!["--deny", "similar value exists: 'expired'"],
        ),
        (
            vec!["--ca", EXAMPLE, "--warn", "private-key"],
            vec!["'private-key' is fixed"],
        ),
        (
            vec!["--ca", EXAMPLE, "--only", "node"],
            vec!["--only", "possible values: os, java, python"],
        ),
        (
            vec!["--ca", EXAMPLE, "--max-size", "big"],
            vec!["--max-size"],
        ),
        (
            vec!["--ca", EXAMPLE, "--at", "noon"],
            vec!["--at", "2026-11-21"],
        ),
        (
            vec!["--ca", EXAMPLE, "--java-store", "pem"],
            vec!["--java-store", "pkcs12-mac"],
        ),
        (
            vec!["--ca", EXAMPLE, "--mounted-at", "trust"],
            vec!["--mounted-at: not an absolute"],
        ),
        (
            vec!["--ca", EXAMPLE, "--mounted-at", "/a\nb"],
            vec!["--mounted-at: ", r"\u{a}"],
        ),
    ] {
        build(&room, &arguments).failed(2, &words);
        assert!(!room.path("out").exists(), "{arguments:?}");
    }
    trust_init(["build", "--ca", EXAMPLE, "--out", "/"]).failed(2, &["--out: ", "root directory"]);
    trust_init(["bild"]).failed(2, &["'bild'", "build"]);
    trust_init([""; 0]).failed(
        2,
        &[
            "no command given",
            "trust-init build PATH",
            "trust-init help",
        ],
    );
}

#[test]
fn help_and_version_go_to_stdout() {
    for (argument, word) in [
        ("-h", "build"),
        ("--help", "Exit codes"),
        ("-V", "trust-init 0"),
    ] {
        let run = trust_init([argument]).succeeded();
        assert!(run.stdout.contains(word), "{argument}: {run:#?}");
        assert_eq!(run.stderr, "");
    }
    let run = trust_init(["--version"]).succeeded();
    assert!(
        run.stdout
            .contains("Mozilla roots: webpki-root-certs 1.0.11 of 2026-10-23"),
        "{run:#?}"
    );
    let run = trust_init(["build", "--help"]).succeeded();
    assert!(run.stdout.contains("TRUST_INIT_SOME_OPTION"), "{run:#?}");
}

#[test]
fn a_config_map_mount_is_read_once_for_each_key() {
    // As the kubelet lays it: keys are links through ..data to a dated directory.
    let room = Room::new();
    room.file("mount/..2026_11_21/a.pem", pem("CERTIFICATE", &root(0)));
    room.file("mount/..2026_11_21/b.pem", pem("CERTIFICATE", &root(1)));
    room.file("mount/nested/c.pem", pem("CERTIFICATE", &root(2)));
    room.file("mount/.hidden", "not read");
    symlink("..2026_11_21", room.path("mount/..data")).unwrap();
    for key in ["a.pem", "b.pem"] {
        symlink(format!("..data/{key}"), room.path("mount").join(key)).unwrap();
    }
    // A directory that leads to itself is a directory, and those are passed over.
    symlink(".", room.path("mount/again")).unwrap();
    let mount = room.path("mount");
    build(&room, &["--ca", mount.to_str().unwrap(), "--base", "none"]).succeeded();
    let manifest = room.manifest();
    assert_eq!(manifest["sources"].as_array().unwrap().len(), 2);
    assert_eq!(count(&read(&room, "os/ca-certificates.crt")), 2);
}

#[test]
fn standard_input_and_der_are_sources() {
    let room = Room::new();
    let out = room.out();
    let der = [root(0), root(1)].concat();
    with_stdin(["build", "--ca", "-", "--out", &out], &der).succeeded();
    let manifest = room.manifest();
    assert_eq!(manifest["caBundleHash"], hex(&der));
    assert_eq!(
        manifest["certificates"][1]["origin"],
        format!("<stdin>@byte {}", root(0).len())
    );
    with_stdin(["build", "--ca", "-", "--out", &out], b"")
        .failed(3, &["<stdin>: the file is empty"]);
}

#[test]
fn a_base_never_fails_a_run() {
    let room = Room::new();
    let broken = room.file("broken.pem", two() + "-----BEGIN CERTIFICATE-----\nxx");
    let key = room.file("key.pem", pem("PRIVATE KEY", b"k"));
    let missing = room.path("missing.pem");
    let missing = missing.to_str().unwrap();
    let run = build(
        &room,
        &[
            "--ca", EXAMPLE, "--base", &broken, "--base", &key, "--base", missing,
        ],
    )
    .failed(
        0,
        &[
            "dropped[malformed]",
            "dropped[private-key]",
            "warning[unreadable]",
        ],
    );
    assert!(!run.stderr.contains("Mozilla"), "{run:#?}");
    assert_eq!(count(&read(&room, "os/ca-certificates.crt")), 4);
    // Trust is added, never replaced: without any base left, Mozilla's.
    build(&room, &["--ca", EXAMPLE, "--base", missing])
        .failed(0, &["using the embedded Mozilla roots instead"]);
    let all = trust_stores::mozilla::count() + 2;
    assert_eq!(count(&read(&room, "os/ca-certificates.crt")), all);
    // A platform without a customer is no error.
    build(&room, &["--base", "mozilla", "--base", &broken]).succeeded();
    assert!(room.manifest()["caBundleHash"].is_null());
}

#[test]
fn only_builds_what_it_names_and_removes_what_was() {
    let room = Room::new();
    build(&room, &["--ca", EXAMPLE, "--java-store", "jks"]).succeeded();
    let foreign = room.file("out/os/site.pem", "not ours");
    assert!(room.path("out/java/truststore.jks").exists());
    // Mounted over /etc/ssl/certs, os/ must bring the JVM's store of that place.
    build(&room, &["--ca", EXAMPLE, "--only", "os"]).succeeded();
    assert!(room.path("out/os/java/cacerts").exists() && !room.path("out/java").exists());
    let run = build(&room, &["--ca", EXAMPLE, "--only", "python"]).succeeded();
    assert!(
        run.stderr.contains("os/ca-certificates.crt: removed"),
        "{run:#?}"
    );
    assert!(!room.path("out/java").exists());
    let left: Vec<_> = fs::read_dir(room.path("out/os"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["site.pem"], "what is not ours stays");
    assert_eq!(fs::read_to_string(foreign).unwrap(), "not ours");
    let wiring = read(&room, "trust.env");
    assert!(wiring.contains(&format!("SSL_CERT_FILE={}/python/cacert.pem\n", room.out())));
    assert!(!wiring.contains("JAVA_TOOL_OPTIONS"));
}

#[test]
fn a_directory_with_the_name_of_a_store_is_left_alone() {
    let room = Room::new();
    fs::create_dir_all(room.path("out/os/deadbeef.0")).unwrap();
    build(&room, &["--ca", EXAMPLE]).succeeded();
    assert!(room.path("out/os/deadbeef.0").is_dir());
    // Another layout: the files of the old one are removed, and reported as one.
    let run = build(&room, &["--ca", EXAMPLE, "--os-layout", "rhel"]).succeeded();
    let stale = run.stderr.lines().filter(|line| line.contains("[stale]"));
    assert_eq!(stale.count(), 3, "{run:#?}");
    assert!(
        run.stderr.contains("os/HASH.N: removed 120 files"),
        "{run:#?}"
    );
}

#[test]
fn the_stores_of_an_earlier_build_are_no_base_by_any_name() {
    let room = Room::new();
    let own = room.file("own.pem", pem("CERTIFICATE", &root(0)));
    std::os::unix::fs::symlink(room.path("out"), room.path("link")).unwrap();
    build(&room, &["--ca", &own, "--base", "none"]).succeeded();
    for out in [room.out(), room.path("link").to_str().unwrap().to_owned()] {
        let run = command()
            .args(["build", "--ca", EXAMPLE, "--base", "auto", "--out", &out])
            .env("SSL_CERT_FILE", room.path("out/os/ca-certificates.crt"))
            .output();
        Run::from(run.unwrap()).succeeded();
        let sources = room.manifest()["sources"].to_string();
        assert!(!sources.contains("/out/os/"), "{sources}");
    }
}

#[test]
fn what_a_shell_puts_into_a_pipe_is_read() {
    let room = Room::new();
    let script = r#""$0" check <(cat "$1") --ca-password-file <(echo secret)"#;
    let run = std::process::Command::new("bash")
        .args(["-c", script, env!("CARGO_BIN_EXE_trust-init"), EXAMPLE])
        .current_dir(room.path("."))
        .output();
    let run = Run::from(run.unwrap()).succeeded();
    assert!(run.stdout.contains("ok: /dev/fd/"), "{run:#?}");
}
