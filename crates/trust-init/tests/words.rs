//! Words that are wrong: each is refused with exit code 2 and what to write instead, on the command line
//! and in a variable, and nothing is written.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;
use std::fs;

use clap::builder::PossibleValue;
use clap::{Arg, ArgAction};
use common::{EXAMPLE, Room, Run, command, exec, trust_init};

/// What each command needs to get as far as its options' values.
fn needed(subcommand: &str) -> (Vec<&str>, Vec<&str>) {
    match subcommand {
        "exec" => (vec!["exec"], vec!["--", "true"]),
        "install" => (vec!["install"], vec!["/nowhere"]),
        "completions" => (vec!["completions"], vec!["bash"]),
        "doctor" => (vec!["doctor"], vec!["host.invalid"]),
        "check" | "inspect" => (vec![subcommand], vec![EXAMPLE]),
        other => (vec![other], vec![]),
    }
}

fn usage_code(subcommand: &str) -> i32 {
    if subcommand == "exec" { 125 } else { 2 }
}

/// The words that people type instead of `value`, which each have it as their nearest.
fn mistyped(value: &str) -> Vec<String> {
    let mut swapped: Vec<char> = value.chars().collect();
    swapped.swap(0, 1);
    let mut capital = value.to_owned();
    capital[..1].make_ascii_uppercase();
    vec![
        swapped.into_iter().collect(),
        capital,
        value.to_ascii_uppercase(),
        format!("{value}x"),
        value.replace('-', "_") + "_",
    ]
}

fn has_variable(argument: &Arg) -> bool {
    argument.get_long().is_some_and(|long| long != "help")
}

#[test]
fn every_value_of_a_list_is_suggested_where_it_is_mistyped() {
    // The same list in another command is parsed by the same code.
    let mut lists = BTreeSet::new();
    let mut seen = 0;
    for subcommand in trust_init::args::command().get_subcommands() {
        let name = subcommand.get_name();
        for argument in subcommand.get_arguments().filter(|one| has_variable(one)) {
            let long = argument.get_long().unwrap();
            if matches!(argument.get_action(), ArgAction::SetTrue) {
                continue;
            }
            let values = argument.get_possible_values();
            let values: Vec<&str> = values.iter().map(PossibleValue::get_name).collect();
            if !lists.insert(format!("{long} {values:?}")) {
                continue;
            }
            for value in values.into_iter().take(6) {
                for wrong in mistyped(value) {
                    // kind takes any case.
                    if wrong.eq_ignore_ascii_case(value) && long == "kind" || wrong == value {
                        continue;
                    }
                    seen += 1;
                    refused(name, long, &wrong, &[]);
                }
            }
        }
    }
    assert!(seen > 150, "{seen}");
}

/// The refusal of `wrong` as the option's value, typed and in its variable.
#[track_caller]
fn refused(subcommand: &str, long: &str, wrong: &str, words: &[&str]) {
    let room = Room::new();
    let (before, after) = needed(subcommand);
    let run = |option: Option<String>, variable: Option<(String, &str)>| -> Run {
        let mut command = command();
        command.current_dir(room.path(".")).args(&before);
        command.args(option).args(&after).envs(variable);
        command.output().unwrap().into()
    };
    let variable = format!("TRUST_INIT_{}", long.replace('-', "_").to_ascii_uppercase());
    let typed = run(Some(format!("--{long}={wrong}")), None);
    let set = run(None, Some((variable.clone(), wrong)));
    for run in [typed, set] {
        let run = run.failed(usage_code(subcommand), &["error[usage]: "]);
        let is_answered = run.stderr.contains("\nhint: ") || run.stderr.contains(": expected ");
        assert!(is_answered, "{subcommand} --{long}={wrong}: {run:#?}");
        for word in words {
            assert!(run.stderr.contains(word), "no {word:?} in {run:#?}");
        }
        assert_eq!(run.stdout, "");
        assert_eq!(fs::read_dir(room.path(".")).unwrap().count(), 0);
    }
}

#[test]
fn a_mistyped_value_is_answered_with_the_nearest() {
    for (subcommand, long, wrong, nearest) in [
        ("build", "java-store", "pkcs-12", "pkcs12"),
        ("build", "java-store", "PKCS12_MAC", "pkcs12-mac"),
        ("build", "java-store", "P12", "p12"),
        ("build", "os-layout", "RedHat", "redhat"),
        ("build", "os-layout", "ubunut", "ubuntu"),
        ("watch", "log-format", "jsn", "json"),
        ("build", "only", "os,jav", "java"),
        ("exec", "only", "Python", "python"),
        ("build", "allow", "expird", "expired"),
        ("check", "warn", "selfsigned,not_a_ca", "none"),
        ("check", "warn", "not_a_ca", "not-a-ca"),
        ("render", "drop", "blockd", "blocked"),
        ("exec", "deny", "EXPIRED", "expired"),
        ("check", "format", "txt", "text"),
        ("check", "format", "Junit", "junit"),
        ("inspect", "format", "PEM", "pem"),
        ("inspect", "format", "tabel", "table"),
        ("env", "format", "kubernets", "kubernetes"),
        ("env", "format", "K8S", "k8s"),
        ("render", "kind", "Sercet", "secret"),
        ("render", "print", "pods", "pod"),
        ("doctor", "starttls", "postgre", "postgres"),
        ("build", "base", "Mozila", "mozilla"),
    ] {
        let hint = format!("hint: a similar value exists: '{nearest}'\n");
        let words: &[&str] = if nearest == "none" { &[] } else { &[&hint] };
        refused(subcommand, long, wrong, words);
    }
}

#[test]
fn a_word_that_is_no_base_adds_no_roots() {
    for wrong in [
        "None", "NONE", "no", "nnoe", "off", "false", " none", "none ", "nothing",
    ] {
        for subcommand in ["build", "exec", "env"] {
            refused(
                subcommand,
                "base",
                wrong,
                &["possible values: mozilla, auto, os, none"],
            );
        }
    }
    for wrong in ["None", "NONE", "no", "nnoe", "off", " none"] {
        refused("build", "base", wrong, &["a similar value exists: 'none'"]);
    }
    refused("build", "base", "corp.pem", &["write './corp.pem'"]);
    refused(
        "build",
        "base",
        "https://ca.example.com/ca.pem",
        &["download it first"],
    );
    let run = trust_init(["build", "--ca", EXAMPLE, "--base", "mozilla,auto"]);
    run.failed(2, &["--base mozilla --base auto"]);
    let run = trust_init(["build", "--ca", EXAMPLE, "--base", ""]);
    run.failed(2, &["a value is required"]);
}

#[test]
fn a_file_in_the_working_directory_is_a_base_and_a_path_may_be_absent() {
    let room = Room::new();
    let example = fs::read(EXAMPLE).unwrap();
    room.file("Corporate", example);
    for (base, code, said) in [
        ("Corporate", 0, "done: "),
        ("./None", 0, "this base is skipped"),
        ("absent/none", 0, "this base is skipped"),
        ("Corporat", 2, "possible values"),
    ] {
        let run = command()
            .current_dir(room.path("."))
            .args(["build", "--ca", EXAMPLE, "--out", "out", "--base", base])
            .output()
            .unwrap();
        Run::from(run).failed(code, &[said]);
    }
    // The word is the base; the file of that name needs its path.
    let example = fs::read(EXAMPLE).unwrap();
    room.file("none", example);
    let run = command()
        .current_dir(room.path("."))
        .args(["build", "--ca", EXAMPLE, "--out", "bare", "--base", "none"])
        .output()
        .unwrap();
    Run::from(run).failed(0, &["kept 2 of 2 customer certificates; caBundleHash"]);
}

#[test]
fn values_that_are_no_words_are_refused_too() {
    for (long, wrong) in [
        ("at", "yesterday"),
        ("at", "21.11.2026"),
        ("at", "2026-11-21 08:00"),
        ("wait", "5m"),
        ("wait", "-1"),
        ("wait", "1.5"),
        ("block", "abcdef"),
        ("block", "CN=Corp"),
        ("expect-sha256", "sha256:abc"),
        ("max-size", "64kb"),
        ("max-size", "0"),
        ("block", "00:11,"),
        ("expires-soon", "soon"),
        ("mounted-at", "trust"),
        ("mounted-at", "$HOME/trust"),
        ("lock-timeout", "1h"),
    ] {
        for subcommand in ["build", "watch"] {
            if subcommand == "watch" && (long == "at" || long == "wait") {
                continue;
            }
            let room = Room::new();
            let out = room.out();
            let option = format!("--{long}={wrong}");
            let run = trust_init([subcommand, "--ca", EXAMPLE, "--out", &out, &option]);
            run.failed(2, &["error[usage]: ", long]);
            assert!(!room.path("out").exists());
        }
    }
}

#[test]
fn an_empty_value_is_no_value() {
    let (values, room) = (
        ["ca", "base", "out", "only", "deny", "root", "at", "block"],
        Room::new(),
    );
    for long in values
        .into_iter()
        .chain(["mounted-at", "ca-password-file", "max-size", "wait"])
    {
        let option = format!("--{long}=");
        let run = command()
            .current_dir(room.path("."))
            .args(["build", "--ca", EXAMPLE, "--base", "auto", &option])
            .output()
            .unwrap();
        Run::from(run).failed(2, &["error[usage]: ", long]);
    }
    for list in ["os,", ",os", "os,,java"] {
        let run = trust_init(["build", "--ca", EXAMPLE, "--only", list]);
        run.failed(2, &["a value is required for '--only"]);
    }
    assert_eq!(fs::read_dir(room.path(".")).unwrap().count(), 0);
}

fn with_variables(room: &Room, variables: &[(&str, &str)]) -> Run {
    let out = room.out();
    let mut command = command();
    command.args(["build", "--out", &out, "--base", "none"]);
    Run::from(command.envs(variables.iter().copied()).output().unwrap())
}

#[test]
fn a_switch_in_a_variable_is_on_or_off() {
    let room = Room::new();
    let given = ("TRUST_INIT_CA", EXAMPLE);
    for (wrong, nearest) in [
        ("ture", "true"),
        ("True", "true"),
        ("YES", "yes"),
        ("flase", "false"),
    ] {
        let hint = format!("hint: a similar value exists: '{nearest}'");
        let place = format!("TRUST_INIT_SYNC: invalid value '{wrong}': expected 1, true or yes");
        with_variables(&room, &[given, ("TRUST_INIT_SYNC", wrong)]).failed(2, &[&place, &hint]);
    }
    with_variables(&room, &[given, ("TRUST_INIT_SYNC", "2")])
        .failed(2, &["expected 1, true or yes"]);
}

#[test]
fn a_list_may_have_blanks_after_its_commas() {
    let room = Room::new();
    let blocked = format!("{}, {}", "ab".repeat(32), "cd".repeat(32));
    let run = with_variables(
        &room,
        &[
            ("TRUST_INIT_CA", EXAMPLE),
            ("TRUST_INIT_ONLY", "os, python"),
            ("TRUST_INIT_DENY", "expired, distrusted"),
            ("TRUST_INIT_BLOCK", &blocked),
        ],
    );
    run.succeeded();
    let run = trust_init([
        "check",
        EXAMPLE,
        "--deny",
        "expired, no-root",
        "--block",
        &blocked,
    ]);
    run.succeeded();
}

#[test]
fn a_list_in_a_variable_has_paths() {
    let room = Room::new();
    with_variables(&room, &[("TRUST_INIT_CA", "::")])
        .failed(2, &["TRUST_INIT_CA: a list without a path in it"]);
    with_variables(&room, &[("TRUST_INIT_CA", &format!(":{EXAMPLE}"))]).failed(
        0,
        &["warning[variable]: TRUST_INIT_CA: a path in this list is empty"],
    );
    let run = with_variables(&room, &[("TRUST_INIT_CA", EXAMPLE)]).succeeded();
    assert!(!run.stderr.contains("warning"), "{run:#?}");
}

#[test]
fn a_misspelt_variable_is_warned_of_even_if_the_run_fails() {
    let warning = "warning[variable]: TRUST_INIT_CAS: no option has this variable: it is ignored\n\
                   hint: did you mean TRUST_INIT_CA?\n";
    let room = Room::new();
    let run = command()
        .arg("build")
        .env("TRUST_INIT_CAS", EXAMPLE)
        .output()
        .unwrap();
    Run::from(run).failed(2, &[warning, "nothing to read"]);
    let run = with_variables(
        &room,
        &[("TRUST_INIT_CA", EXAMPLE), ("TRUST_INIT_CAS", "secret")],
    );
    let run = run.failed(0, &[warning]);
    assert!(!run.stderr.contains("secret"), "{run:#?}");
    let run = exec(
        &room,
        &[("TRUST_INIT_CAS", "x")],
        &["--ca", EXAMPLE],
        &["/bin/true"],
    );
    run.failed(0, &[warning]);
}

#[test]
fn what_kubernetes_sets_for_a_service_is_not_warned_of() {
    let room = Room::new();
    let run = with_variables(
        &room,
        &[
            ("TRUST_INIT_CA", EXAMPLE),
            ("TRUST_INIT_SERVICE_HOST", "10.0.0.1"),
            ("TRUST_INIT_SERVICE_PORT", "8443"),
            ("TRUST_INIT_SERVICE_PORT_HTTPS", "8443"),
            ("TRUST_INIT_PORT", "tcp://10.0.0.1:8443"),
            ("TRUST_INIT_PORT_8443_TCP", "tcp://10.0.0.1:8443"),
            ("TRUST_INIT_PORT_8443_TCP_ADDR", "10.0.0.1"),
            ("TRUST_INIT_CA_PORT", "tcp://10.0.0.1:8443"),
        ],
    );
    assert!(!run.succeeded().stderr.contains("warning"));
}

#[test]
fn a_command_in_capitals_or_an_option_with_one_dash_is_answered() {
    trust_init(["BUILD"]).failed(2, &["hint: a similar subcommand exists: 'build'"]);
    trust_init(["build", "-base", "none"]).failed(2, &["hint: an option has two dashes"]);
}

#[test]
fn an_address_where_a_path_is_expected_is_answered_with_a_command() {
    let room = Room::new();
    let out = room.out();
    let doctor = "hint: to save the certificates that the server presents: trust-init doctor";
    for (address, server) in [
        ("https://ca.example.com", Some("ca.example.com")),
        (
            "https://me:secret@ca.example.com:8443/ca?token=secret",
            Some("ca.example.com:8443"),
        ),
        ("ldap://ca.example.com", Some("ldap://ca.example.com")),
        ("ca.example.com:443", Some("ca.example.com:443")),
        ("http://ca.example.com/ca.pem", None),
        ("s3://bucket/ca.pem", None),
        ("file:///etc/ca.pem", None),
    ] {
        let build = ["build", "--out", &out, "--ca", address];
        for (arguments, variable) in [
            (&["inspect", address][..], None),
            (&["inspect", EXAMPLE, "--diff", address], None),
            (&["check", address], None),
            (&["check", "--format", "junit", EXAMPLE, address], None),
            (&["render", "--ca", address], None),
            (&build, None),
            (&["build", "--out", &out], Some(("TRUST_INIT_CA", address))),
        ] {
            // A list of paths has a ':' between them, which is no host's.
            if variable.is_some() && !address.contains("//") {
                continue;
            }
            let mut command = command();
            command.args(arguments).envs(variable);
            let run = Run::from(command.output().unwrap()).failed(3, &["error[unreadable]: "]);
            let hint = server.map(|server| format!("{doctor} {server} --save-chain chain.pem\n"));
            assert_eq!(
                run.stderr.contains("trust-init doctor"),
                server.is_some(),
                "{run:#?}"
            );
            assert!(
                hint.is_none_or(|hint| run.stderr.contains(&hint)),
                "{run:#?}"
            );
            let shown = run.stderr + &run.stdout;
            assert!(!shown.contains("secret"), "{shown}");
        }
        let mut command = command();
        let base = format!("--base={address}");
        command.args(["build", "--ca", EXAMPLE, "--out", &out, &base]);
        let run = Run::from(command.output().unwrap()).failed(2, &["error[usage]: "]);
        assert!(!run.stderr.contains("secret"), "{run:#?}");
    }
    assert!(!room.path("out").exists());
}
