//! What a run tells while it works and where it fails: the log, its forms, the termination log.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::Path;

use common::{EXAMPLE_WITH_EXPIRED, Room, Run, command, pem, trust_init};

fn build(room: &Room, arguments: &[&str]) -> Run {
    let out = room.out();
    trust_init([&["build", "--out", &out], arguments].concat())
}

#[test]
fn the_reason_of_a_failure_is_where_kubectl_shows_it() {
    let room = Room::new();
    let log = room.file("termination-log", "x".repeat(9000));
    let key = room.file("key.pem", pem("PRIVATE KEY", b"k"));
    build(&room, &["--ca", &key, "--termination-log", &log]).failed(3, &[]);
    let text = fs::read_to_string(&log).unwrap();
    assert!(
        text.starts_with("trust-init: error[private-key]: "),
        "{text}"
    );
    assert!(text.contains("hint: ") && text.len() <= 4096);
    // A usage error too, and from the variable; a run that succeeds leaves it as it is.
    let run = command()
        .args(["build", "--nonsense"])
        .env("TRUST_INIT_TERMINATION_LOG", &log)
        .output();
    Run::from(run.unwrap()).failed(2, &[]);
    assert!(fs::read_to_string(&log).unwrap().contains("--nonsense"));
    // A pipe that nobody reads cannot hang the failure.
    let pipe = room.path("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let pipe = pipe.to_str().unwrap();
    build(&room, &["--ca", &key, "--termination-log", pipe]).failed(3, &[]);
    // Where it does not exist, none is made.
    let absent = room.path("absent");
    let absent = absent.to_str().unwrap();
    build(&room, &["--ca", &key, "--termination-log", absent]).failed(3, &[]);
    assert!(!Path::new(absent).exists());
}

#[test]
fn the_log_is_quiet_or_json_when_asked() {
    let room = Room::new();
    let run = build(&room, &["--ca", EXAMPLE_WITH_EXPIRED, "-q"]).succeeded();
    assert_eq!(run.stderr.lines().count(), 1, "{run:#?}");
    assert!(run.stderr.contains("warning[expired]"));
    for (arguments, level) in [
        (
            &["--ca", EXAMPLE_WITH_EXPIRED, "--drop", "expired"][..],
            "dropped",
        ),
        (&["--ca", "/missing"][..], "error"),
    ] {
        let run = build(&room, &[arguments, &["--log-format", "json"]].concat());
        let lines: Vec<serde_json::Value> = run
            .stderr
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert!(lines.iter().all(|line| line["message"].is_string()));
        let told = lines.iter().find(|line| line["level"] == level).unwrap();
        assert!(
            told["code"].is_string() && told["place"].is_string(),
            "{told}"
        );
    }
    // Also where the command line itself is wrong.
    let run = build(&room, &["--log-format", "json", "--nonsense"]);
    let line: serde_json::Value = serde_json::from_str(run.stderr.trim_end()).unwrap();
    assert_eq!(line["code"], "usage");
}
