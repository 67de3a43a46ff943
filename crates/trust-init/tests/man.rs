//! The man pages: one for each command, with each of its flags.

#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../examples/man.rs"]
#[allow(dead_code, unreachable_pub)]
mod man;

use std::fs;

#[test]
fn each_command_has_its_page_with_every_flag() {
    let room = tempfile::tempdir().unwrap();
    man::write(room.path()).unwrap();
    let page = |name: &str| {
        let page = fs::read_to_string(room.path().join(format!("{name}.1"))).unwrap();
        // roff's own hyphen, and its fonts.
        page.replace("\\-", "-")
            .replace("\\fB", "")
            .replace("\\fR", "")
    };
    let mut command = trust_init::args::command();
    command.build();
    let whole = page("trust-init");
    for subcommand in command.get_subcommands() {
        let name = format!("trust-init-{}", subcommand.get_name());
        assert!(whole.contains(&format!("{name}(1)")), "{name}");
        let page = page(&name);
        for flag in subcommand.get_arguments().filter_map(|one| one.get_long()) {
            assert!(page.contains(&format!("--{flag}")), "{name}: --{flag}");
        }
    }
}
