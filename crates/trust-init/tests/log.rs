//! What a run tells while it works and where it fails: the log, its forms, the termination log.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::{EXAMPLE, EXAMPLE_WITH_EXPIRED, Room, Run, command, on_a_terminal, pem, trust_init};

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

#[test]
fn colors_follow_one_rule_on_both_streams() {
    let run = |arguments: &[&str], variables: &[(&str, &str)]| -> Run {
        let mut command = command();
        command.args(arguments).envs(variables.iter().copied());
        command.output().unwrap().into()
    };
    let room = Room::new();
    let out = room.out();
    let build = ["build", "--ca", EXAMPLE_WITH_EXPIRED, "--out", &out];
    let check = ["check", EXAMPLE_WITH_EXPIRED];
    let forced = ("CLICOLOR_FORCE", "1");
    let yellow = "\x1b[33mwarning[expired]\x1b[0m: ";
    let said = run(&build, &[forced]).succeeded().stderr;
    assert!(said.contains(&format!("trust-init: {yellow}")), "{said}");
    let said = run(&check, &[forced]).succeeded().stdout;
    assert!(said.contains(yellow), "{said}");
    let missing = ["build", "--ca", "/missing", "--out", &out];
    let said = run(&missing, &[forced]).failed(3, &[]).stderr;
    let red = "trust-init: \x1b[31merror[unreadable]\x1b[0m: /missing: no such file";
    assert!(
        said.starts_with(red) && said.contains("\n\x1b[2mhint\x1b[0m: "),
        "{said}"
    );

    let json = [&build[..], &["--log-format", "json"]].concat();
    let none = ("NO_COLOR", "1");
    for (arguments, variables) in [
        (&build[..], &[("TERM", "xterm")][..]),
        (&build, &[forced, none]),
        (&check, &[forced, none]),
        (&json, &[forced]),
    ] {
        let run = run(arguments, variables).succeeded();
        assert!(
            !format!("{}{}", run.stdout, run.stderr).contains('\x1b'),
            "{run:#?}"
        );
    }
}

/// The lines are run as they are printed, for a directory whose name needs quotes.
#[test]
fn what_to_type_next_works_and_is_for_terminals() {
    let room = Room::new();
    let out = room.path("my stores");
    let out = out.to_str().unwrap();
    let build = ["build", "--ca", EXAMPLE, "--out", out];
    let shown = on_a_terminal(&build, &[("NO_COLOR", "1")]);
    let step = |start: &str| {
        let mut lines = shown.lines().rev().take(2);
        let step = lines.find_map(|line| line.split_once(start)).unwrap().1;
        step.trim_end().to_owned()
    };
    let one = step("to use them for one command: ");
    assert!(one.ends_with(" -- curl https://HOST"), "{one}");
    let one = one.replace("curl https://HOST", "printenv SSL_CERT_FILE");
    let all = step("to use them in this shell: ") + "; printenv SSL_CERT_FILE";
    for line in [one, all] {
        let run = Command::new("sh").args(["-c", &line]).output().unwrap();
        let bundle = format!("{out}/os/ca-certificates.crt\n");
        assert_eq!(String::from_utf8_lossy(&run.stdout), bundle, "{line}");
    }

    let last = |shown: &str| {
        shown
            .lines()
            .last()
            .unwrap_or_default()
            .trim_end()
            .to_owned()
    };
    let is_total = |shown: &str| last(shown).contains("done: kept 2 of 2");
    assert!(is_total(&trust_init(build).succeeded().stderr));
    for more in [&["--log-format=json"][..], &["--mounted-at=/trust"]] {
        let shown = on_a_terminal(&[&build[..], more].concat(), &[]);
        assert!(is_total(&shown), "{shown}");
    }
    assert_eq!(on_a_terminal(&[&build[..], &["-q"]].concat(), &[]), "");
}

#[test]
fn a_certificate_that_left_the_sources_is_no_warning_and_a_store_that_did_is_one() {
    let room = Room::new();
    build(&room, &["--ca", EXAMPLE_WITH_EXPIRED, "-q"]).succeeded();
    let run = build(&room, &["--ca", EXAMPLE]).succeeded();
    assert!(
        run.stderr.contains("info[stale]: ") && !run.stderr.contains("warning["),
        "{run:#?}"
    );
    let run = build(&room, &["--ca", EXAMPLE, "--only", "java,python"]).succeeded();
    assert!(run.stderr.contains("os/HASH.N: removed"), "{run:#?}");
    assert!(
        run.stderr.contains("warning[stale]: ") && !run.stderr.contains("info[stale]"),
        "{run:#?}"
    );
}
