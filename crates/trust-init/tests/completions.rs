//! `completions`: a script for each shell, which knows every command and flag. What bash makes of its
//! own is among the tests of interop.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::trust_init;

const COMMANDS: [&str; 9] = [
    "build",
    "exec",
    "check",
    "inspect",
    "doctor",
    "env",
    "render",
    "install",
    "completions",
];

#[test]
fn each_shell_gets_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let run = trust_init(["completions", shell]).succeeded();
        assert_eq!(run.stderr, "");
        for command in COMMANDS {
            assert!(run.stdout.contains(command), "{shell}: {command}");
        }
        for flag in ["java-store", "hash-suffix", "against"] {
            assert!(run.stdout.contains(flag), "{shell}: {flag}");
        }
    }
}

#[test]
fn another_shell_is_a_usage_error() {
    trust_init(["completions", "tcsh"]).failed(
        2,
        &[
            "error[usage]",
            "invalid value 'tcsh' for '<SHELL>'",
            "possible values: bash, zsh, fish",
        ],
    );
    trust_init(["completions"]).failed(2, &["error[usage]", "<SHELL>"]);
}
