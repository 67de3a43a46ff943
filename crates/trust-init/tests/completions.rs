//! `completions`: a script for each shell, which knows every command and option. What the shells offer with
//! them is tested with the shells themselves, in `tests/interop`.

#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::trust_init;

#[test]
fn each_shell_gets_every_command_with_its_options() {
    let definition = trust_init::args::command();
    for shell in ["bash", "zsh", "fish"] {
        let run = trust_init(["completions", shell]).succeeded();
        assert_eq!(run.stderr, "");
        for command in definition.get_subcommands() {
            let name = command.get_name();
            assert!(run.stdout.contains(name), "{shell}: {name}");
            for option in command.get_arguments().filter_map(|one| one.get_long()) {
                assert!(run.stdout.contains(option), "{shell}: {name} --{option}");
            }
        }
    }
}

#[test]
fn another_shell_is_a_usage_error() {
    let words = [
        "error[usage]",
        "invalid value 'tcsh' for '<SHELL>'",
        "possible values: bash, zsh, fish",
    ];
    trust_init(["completions", "tcsh"]).failed(2, &words);
    trust_init(["completions"]).failed(2, &["error[usage]", "<SHELL>"]);
}
