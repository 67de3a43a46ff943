//! `--optional`: a missing source is reported and is not an error; one that exists but is invalid still is.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Command;

use common::{EXAMPLE, Room, Run, command, listing, pem, root, trust_init, with_stdin};
use rustix::process::geteuid;

fn build(room: &Room, source: &str, options: &[&str]) -> Run {
    let out = room.out();
    let arguments = ["build", "--ca", source, "--out", &out, "--optional"];
    trust_init(arguments.iter().chain(options))
}

fn string(room: &Room, name: &str) -> String {
    room.path(name).to_str().unwrap().to_owned()
}

/// Sources that are not there, each with what the manifest says of it.
fn absent(room: &Room) -> Vec<(String, &'static str)> {
    fs::create_dir_all(room.path("empty")).unwrap();
    room.file("binding/type", "postgresql");
    room.file("binding/host", "db");
    // As a kubelet mounts an optional ConfigMap that does not exist.
    fs::create_dir_all(room.path("volume/..2026_11_27_08_00_00.1")).unwrap();
    symlink("..2026_11_27_08_00_00.1", room.path("volume/..data")).unwrap();
    vec![
        (string(room, "missing.pem"), "missing"),
        (string(room, "missing/ca.pem"), "missing"),
        (string(room, "volume/ca.pem"), "missing"),
        (string(room, "volume/..data/ca.pem"), "missing"),
        (room.file("nothing.pem", ""), "empty-file"),
        (room.file("blank.pem", "\u{feff} \r\n\n"), "empty-file"),
        (room.file("injected/ca-bundle.crt", ""), "empty-file"),
        (string(room, "empty"), "empty-directory"),
        (string(room, "volume"), "empty-directory"),
        (string(room, "binding"), "empty-directory"),
    ]
}

#[test]
fn nothing_there_leaves_the_base_and_is_reported() {
    let room = Room::new();
    for (source, kind) in absent(&room) {
        let run = build(&room, &source, &[]).succeeded();
        let said = format!("info[absent]: {source}: ");
        assert!(run.stderr.contains(&said), "{run:#?}");
        let manifest = room.manifest();
        assert_eq!(
            manifest["absent"],
            serde_json::json!([{"name": source, "kind": kind}])
        );
        assert!(manifest["caBundleHash"].is_null(), "{source}");
        assert!(!room.path("out/custom").exists(), "{source}");
        assert!(room.path("out/os/ca-certificates.crt").is_file());
        let wiring = fs::read_to_string(room.path("out/trust.env")).unwrap();
        assert!(
            wiring.contains("SSL_CERT_FILE") && !wiring.contains("custom/"),
            "{wiring}"
        );
        let out = room.out();
        for arguments in [
            vec!["check", "--optional", &source],
            vec![
                "check",
                "--optional",
                "--strict",
                "--format",
                "json",
                &source,
            ],
            vec![
                "check",
                "--optional",
                "--format",
                "junit",
                &source,
                "--against",
                &out,
            ],
            vec!["render", "--optional", "--ca", &source],
        ] {
            let run = trust_init(&arguments).succeeded();
            assert!(run.stderr.contains(&said), "{run:#?}");
            let is_json = arguments.contains(&"json");
            assert!(
                !is_json || run.stdout.contains(&format!("\"{kind}\"")),
                "{run:#?}"
            );
        }
        // As before, without the option.
        let checked = trust_init(["check", &source]);
        assert!([1, 3].contains(&checked.code), "{checked:#?}");
    }
}

#[test]
fn a_directory_of_which_a_part_is_there_has_its_part() {
    let room = Room::new();
    room.file("in/ca.crt", pem("CERTIFICATE", &root(0)));
    let empty = room.file("in/service-ca.crt", "");
    let run = build(&room, &string(&room, "in"), &["--base", "mozilla"]).succeeded();
    assert!(
        run.stderr
            .contains(&format!("info[absent]: {empty}: is empty")),
        "{run:#?}"
    );
    assert!(
        run.stderr.contains("kept 1 of 1 customer certificate"),
        "{run:#?}"
    );
}

#[test]
fn standard_input_may_be_empty() {
    let room = Room::new();
    let arguments = ["build", "--ca", "-", "--optional", "--out", &room.out()];
    let run = with_stdin(arguments, b"\n").succeeded();
    assert!(
        run.stderr.contains("info[absent]: <stdin>: is empty"),
        "{run:#?}"
    );
}

#[test]
fn what_is_there_and_wrong_is_refused_as_without_the_option() {
    let room = Room::new();
    symlink("gone", room.path("dangling.pem")).unwrap();
    symlink("..gone", room.path("dangling-directory")).unwrap();
    fs::create_dir(room.path("swapped")).unwrap();
    symlink("..2026", room.path("swapped/..data")).unwrap();
    symlink("..data/ca.crt", room.path("swapped/ca.crt")).unwrap();
    fs::create_dir(room.path("broken-volume")).unwrap();
    symlink("..2026", room.path("broken-volume/..data")).unwrap();
    symlink("loop.pem", room.path("loop.pem")).unwrap();
    assert!(
        Command::new("mkfifo")
            .arg(room.path("pipe"))
            .status()
            .unwrap()
            .success()
    );
    room.file("root/binding/ca.crt", pem("CERTIFICATE", &root(0)));
    room.file("mixed/ca.crt", "");
    room.file("mixed/corporate", "404 page not found");
    room.file("a-file", "x");
    for (name, words) in [
        ("garbage.pem", "no certificate found"),
        ("comment.pem", "no certificate found"),
        ("dangling.pem", "dangling.pem: a link that leads nowhere"),
        ("dangling-directory/ca.crt", "no such file"),
        ("swapped", "swapped/ca.crt: a link that leads nowhere"),
        ("swapped/ca.crt", "a link that leads nowhere"),
        (
            "broken-volume",
            "broken-volume/..data: a link that leads nowhere",
        ),
        ("loop.pem", "too many levels"),
        ("pipe", "a pipe (FIFO)"),
        ("a-file/ca.crt", "not a directory"),
        ("root", "no file with certificates at the top"),
        ("mixed", "mixed/corporate: no certificate found"),
    ] {
        room.file("garbage.pem", "garbage");
        room.file("comment.pem", "# none\n");
        build(&room, &string(&room, name), &[]).failed(3, &[words]);
        assert!(!room.path("out").exists(), "{name}");
    }
}

#[test]
fn what_may_not_be_read_is_not_nothing() {
    if geteuid().is_root() {
        // Root may read everything; another user's process is needed.
        let room = Room::new();
        let closed = room.path("closed");
        fs::create_dir(&closed).unwrap();
        fs::set_permissions(room.path("."), fs::Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
        let program = room.path("trust-init");
        // Not by this process: a test that forks at that moment would keep the copy open for writing.
        let copied = Command::new("cp")
            .args([
                env!("CARGO_BIN_EXE_trust-init").as_ref(),
                program.as_os_str(),
            ])
            .status();
        assert!(copied.unwrap().success());
        let source = closed.join("ca.pem");
        let run = Command::new("setpriv")
            .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .arg(program)
            .args(["check", "--optional", source.to_str().unwrap()])
            .output();
        Run::from(run.unwrap()).failed(3, &["permission denied"]);
    } else {
        let room = Room::new();
        let closed = room.path("closed");
        fs::create_dir(&closed).unwrap();
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
        build(&room, closed.join("ca.pem").to_str().unwrap(), &[])
            .failed(3, &["permission denied"]);
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
    }
}

#[test]
fn what_contradicts_it_is_a_usage_error() {
    let room = Room::new();
    let hash = "0".repeat(64);
    build(&room, EXAMPLE, &["--expect-sha256", &hash])
        .failed(2, &["--optional", "--expect-sha256"]);
    build(&room, EXAMPLE, &["--base", "none"]).failed(2, &["--optional", "nothing to trust"]);
    let run = command()
        .env("TRUST_INIT_OPTIONAL", "true")
        .args([
            "build",
            "--ca",
            EXAMPLE,
            "--out",
            &room.out(),
            "--expect-sha256",
            &hash,
        ])
        .output();
    Run::from(run.unwrap()).failed(2, &["--optional"]);
}

#[test]
fn stores_of_a_customer_who_has_gone_are_removed() {
    let room = Room::new();
    let source = room.file("ca.pem", pem("CERTIFICATE", &root(0)));
    build(&room, &source, &[]).succeeded();
    assert!(room.path("out/custom/client-ca-chain.pem").is_file());
    fs::remove_file(&source).unwrap();
    let run = build(&room, &source, &[]).succeeded();
    assert!(run.stderr.contains("warning[stale]"), "{run:#?}");
    assert!(
        run.stderr.contains("custom/client-ca-chain.pem: removed"),
        "{run:#?}"
    );
    assert!(!listing(&room.path("out")).contains(&String::from("custom")));
}

#[test]
fn it_is_waited_for_first() {
    let room = Room::new();
    let source = room.path("ca.pem");
    let script = format!(
        "(sleep 0.3; cp {EXAMPLE} {0}.new; mv {0}.new {0}) & exec \"$0\" \"$@\"",
        source.to_str().unwrap()
    );
    let run = Command::new("sh")
        .args(["-c", &script, env!("CARGO_BIN_EXE_trust-init")])
        .args([
            "check",
            "--optional",
            "--wait",
            "60",
            source.to_str().unwrap(),
        ])
        .output();
    let run = Run::from(run.unwrap()).succeeded();
    assert!(run.stdout.contains("2 certificates"), "{run:#?}");
    fs::remove_file(&source).unwrap();
    let run = trust_init([
        "check",
        "--optional",
        "--wait",
        "1",
        source.to_str().unwrap(),
    ]);
    assert!(run.succeeded().stderr.contains("info[absent]"));
}

#[test]
fn exec_runs_the_command_with_the_base() {
    let room = Room::new();
    let run = command()
        .env("PATH", "/usr/bin:/bin")
        .env("TMPDIR", room.path("."))
        .env("TRUST_INIT_OPTIONAL", "1")
        .args([
            "exec",
            "--base",
            "mozilla",
            "--ca",
            &string(&room, "missing.pem"),
            "--",
            "env",
        ])
        .output();
    let run = Run::from(run.unwrap()).succeeded();
    assert!(run.stdout.contains("SSL_CERT_FILE="), "{run:#?}");
    assert!(!run.stdout.contains("NODE_EXTRA_CA_CERTS="), "{run:#?}");
    assert!(run.stderr.contains("info[absent]"), "{run:#?}");
}
