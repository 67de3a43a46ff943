//! What a newcomer types first: help, a file without an option, a word that another program takes.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use clap::builder::PossibleValue;
use common::{EXAMPLE, EXAMPLE_WITH_EXPIRED, Room, Run, command, listing, snapshot, trust_init};

#[test]
fn help_and_version_are_words_too() {
    for (words, option) in [
        (&["help"][..], &["--help"][..]),
        (&["help", "--help"], &["--help"]),
        (&["help", "help"], &["--help"]),
        (&["help", "build"], &["build", "--help"]),
        (&["help", "exec"], &["exec", "--help"]),
        (&["version"], &["--version"]),
    ] {
        let run = trust_init(words).succeeded();
        assert_eq!(
            run.stdout,
            trust_init(option).succeeded().stdout,
            "{words:?}"
        );
        assert!(run.stdout.len() > 50 && run.stderr.is_empty(), "{run:#?}");
    }
    trust_init(["help", "buidl"]).failed(2, &["hint: a similar subcommand exists: 'build'"]);
}

#[test]
fn without_a_command_the_first_ones_are_named() {
    let words = [
        "no command given",
        "build PATH",
        "exec --ca PATH",
        "doctor HOST",
        "trust-init help",
    ];
    let run = trust_init([""; 0]).failed(2, &words);
    assert_eq!(run.stdout, "");
}

/// What a build writes that does not depend on where.
fn stores(out: &Path) -> BTreeMap<std::path::PathBuf, Vec<u8>> {
    let mut found = snapshot(out);
    found.retain(|path, _| !path.ends_with("trust.env") && !path.ends_with("manifest.json"));
    found
}

#[test]
fn a_source_needs_no_option() {
    let room = Room::new();
    let out = |name: &str| room.path(name).to_str().unwrap().to_owned();
    trust_init(["build", "--ca", EXAMPLE, "--out", &out("option")]).succeeded();
    trust_init(["build", EXAMPLE, "--out", &out("word")]).succeeded();
    assert!(stores(&room.path("option")) == stores(&room.path("word")));
    let render = |words: &[&str]| trust_init([&["render"], words].concat()).succeeded().stdout;
    assert_eq!(render(&["--ca", EXAMPLE]), render(&[EXAMPLE]));
    trust_init(["watch", "-", "--out", &room.out()]).failed(2, &["a pipe cannot be watched"]);
    trust_init(["watch", "absent.pem", "--out", &room.out()])
        .failed(3, &["absent.pem: no such file"]);
}

#[test]
fn both_kinds_of_sources_add_up_and_keep_the_variable_out() {
    let room = Room::new();
    for subcommand in ["build", "check", "render"] {
        let sources = |words: &[&str], variable: Option<&str>| -> Run {
            let mut command = command();
            command.arg(subcommand).args(words);
            if subcommand == "build" {
                command.args(["--out", &room.out()]);
            }
            command.envs(variable.map(|path| ("TRUST_INIT_CA", path)));
            command.output().unwrap().into()
        };
        let absent = ["absent-1.pem: no such file", "absent-2.pem: no such file"];
        sources(&["--ca", "absent-1.pem", "absent-2.pem"], None).failed(3, &absent);
        sources(&["absent-1.pem", "absent-2.pem"], None).failed(3, &absent);
        sources(&[], Some("absent-1.pem:absent-2.pem")).failed(3, &absent);
        for words in [&[EXAMPLE][..], &["--ca", EXAMPLE]] {
            sources(words, Some("absent-1.pem")).succeeded();
        }
    }
}

#[test]
fn other_names_of_values_are_accepted() {
    let room = Room::new();
    for (index, (options, others)) in [
        (["--os-layout", "debian"], ["--os-layout", "alpine"]),
        (["--os-layout", "rhel"], ["--os-layout", "fedora"]),
        (["--os-layout", "suse"], ["--os-layout", "opensuse"]),
        (["--java-store", "pkcs12-mac"], ["--java-store", "p12-mac"]),
        (["--only", "java,python"], ["--only", "jvm,requests"]),
    ]
    .into_iter()
    .enumerate()
    {
        let built = [options, others].map(|options| {
            let out = room.path(&format!("{index}-{}", options[1]));
            let arguments = [
                "build",
                EXAMPLE,
                "--mounted-at",
                "/trust",
                "--out",
                out.to_str().unwrap(),
            ];
            trust_init([&arguments[..], &options].concat()).succeeded();
            stores(&out)
        });
        assert!(built[0] == built[1], "{options:?}");
    }
    for (arguments, value, other) in [
        (&["env", "--format"][..], "kubernetes", "k8s"),
        (
            &["check", EXAMPLE_WITH_EXPIRED, "--format"],
            "human",
            "text",
        ),
        (
            &["inspect", EXAMPLE, "--at", "2026-11-21", "--format"],
            "table",
            "text",
        ),
        (&["render", EXAMPLE, "--kind"], "configmap", "cm"),
    ] {
        let shown = [value, other].map(|value| trust_init([arguments, &[value]].concat()).stdout);
        assert!(!shown[0].is_empty() && shown[0] == shown[1], "{other}");
    }
    let run = command()
        .args(["env", "--format=docker"])
        .env("TRUST_INIT_ONLY", "jvm")
        .output()
        .unwrap();
    let run = Run::from(run).succeeded();
    assert!(run.stdout.contains("JAVA_TOOL_OPTIONS="), "{run:#?}");
    assert!(!run.stdout.contains("SSL_CERT_FILE"), "{run:#?}");
}

#[test]
fn no_name_of_a_value_is_another_ones_too() {
    let mut others = 0;
    for subcommand in trust_init::args::command().get_subcommands() {
        for argument in subcommand.get_arguments() {
            let values = argument.get_possible_values();
            let names = values.iter().flat_map(PossibleValue::get_name_and_aliases);
            let mut names: Vec<&str> = names.collect();
            others += names.len() - values.len();
            names.sort_unstable();
            let count = names.len();
            names.dedup();
            assert_eq!(names.len(), count, "{argument}");
        }
    }
    assert!(others > 50, "{others}");
}

#[test]
fn install_says_that_it_installs_no_certificate() {
    let room = Room::new();
    let here = room.file("ca.pem", fs::read(EXAMPLE).unwrap());
    let run = |words: &[&str]| -> Run {
        let mut command = command();
        command.current_dir(room.path(".")).args(words);
        command.output().unwrap().into()
    };
    for path in [
        here.as_str(),
        "ca.pem",
        "absent.crt",
        "absent.CER",
        "absent.p12",
        "sub/absent.jks",
    ] {
        let build = format!("trust-init build {path}\n");
        let exec = format!("trust-init exec --ca {path} -- CMD");
        let words = [
            "installs no certificate",
            &build,
            &exec,
            "update-ca-certificates",
        ];
        run(&["install", path]).failed(2, &words);
    }
    run(&["install", "--ca", "ca.pem"]).failed(2, &["trust-init build PATH"]);
    run(&["install", "ca.pem", "other.pem"]).failed(2, &["trust-init build other.pem"]);
    run(&["install"]).failed(2, &["no directory given", "install DIR", "build PATH"]);
    fs::rename(&here, room.path("ca")).unwrap();
    run(&["install", "ca"]).failed(4, &["ca: expected a directory", "build PATH"]);
    assert_eq!(listing(&room.path(".")), ["ca"]);
    // A directory may have any name.
    fs::create_dir(room.path("certificates.pem")).unwrap();
    run(&["install", "certificates.pem"]).succeeded();
    assert_eq!(listing(&room.path("certificates.pem")), ["trust-init"]);
}

#[test]
fn a_word_of_another_program_is_answered_with_ours() {
    for (typed, code, hint) in [
        (&["verify", "x"][..], 2, "trust-init check PATH"),
        (&["test", "host"], 2, "trust-init doctor HOST"),
        (
            &["diff", "a", "b"],
            2,
            "trust-init inspect ONE --diff OTHER",
        ),
        (&["list", "x"], 2, "trust-init inspect PATH"),
        (&["convert", "x"], 2, "trust-init inspect --format pem PATH"),
        (
            &["run", "--", "curl"],
            2,
            "trust-init exec --ca PATH -- CMD",
        ),
        (&["apply"], 2, "trust-init render PATH"),
        (&["ca.pem"], 2, "trust-init build ca.pem"),
        (&["build", "--cafile", "x"], 2, "the option is --ca\n"),
        (&["build", "--cacert=x"], 2, "the option is --ca\n"),
        (&["build", "x", "-o", "d"], 2, "the option is --out\n"),
        (&["build", "x", "--output", "d"], 2, "the option is --out\n"),
        (
            &["inspect", "x", "-o", "json"],
            2,
            "the option is --format\n",
        ),
        (&["check", "--json", "x"], 2, "write --format json\n"),
        (&["build", "--dry-run", "x"], 2, "trust-init check PATH"),
        (
            &["exec", "ca.pem", "--", "true"],
            125,
            "trust-init exec --ca ca.pem -- CMD",
        ),
        (&["exec", "curl", "x"], 125, "put -- before the command"),
    ] {
        trust_init(typed).failed(code, &["error[usage]: ", hint]);
    }
}

#[test]
fn a_command_that_is_shown_can_be_pasted() {
    for (typed, word) in [
        ("my ca.pem", "'my ca.pem'"),
        ("$(id).pem", "'$(id).pem'"),
        ("new\nline.pem", "PATH"),
    ] {
        let build = format!("trust-init build {word}\n");
        let exec = format!("trust-init exec --ca {word} -- CMD");
        trust_init([typed]).failed(2, &[&build, &exec]);
        trust_init(["install", typed]).failed(2, &[&build, &exec]);
        trust_init(["exec", typed, "--", "true"]).failed(125, &[&exec]);
    }
}

#[test]
#[cfg(feature = "doctor")]
fn doctor_asks_servers_and_no_files() {
    let words = [
        "a file, and not a server",
        "trust-init inspect ",
        "client-ca-chain.pem -- trust-init doctor HOST",
    ];
    trust_init(["doctor", EXAMPLE]).failed(2, &words[1..2]);
    let mut command = command();
    command.current_dir(Path::new(EXAMPLE).parent().unwrap());
    command.args(["doctor", "client-ca-chain.pem"]);
    Run::from(command.output().unwrap()).failed(2, &words);
    trust_init(["doctor", "--cacert", "x", "host"])
        .failed(2, &["exec --ca PATH -- trust-init doctor"]);
    trust_init(["doctor", "--url", "https://x"]).failed(2, &["trust-init doctor HOST"]);
    trust_init(["doctor", "--starttls", "postgresql", "host:x"]).failed(2, &["host:x: "]);
}
