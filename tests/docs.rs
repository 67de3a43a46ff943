//! What the documents say is what the program says.

#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;

use trust_init::error::CODES;
use trust_init::policy::Rule;

fn document(path: &str) -> String {
    fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn every_error_code_is_documented() {
    let text = document("docs/log.md");
    for code in CODES {
        assert!(text.contains(&format!("| `{code}` | error |")), "{code}");
    }
}

#[test]
fn the_schema_names_the_rules() {
    let schema: serde_json::Value =
        serde_json::from_str(&document("docs/manifest.schema.json")).unwrap();
    let named: BTreeSet<&str> = schema["$defs"]["rule"]["enum"]
        .as_array()
        .unwrap()
        .iter()
        .map(|code| code.as_str().unwrap())
        .collect();
    assert_eq!(named, Rule::ALL.map(Rule::code).into());
}

#[test]
fn the_readme_tells_each_rule_with_its_level() {
    let text = document("README.md");
    for rule in Rule::ALL {
        let row = format!("| `{rule}` | {} |", rule.default_level());
        assert!(text.contains(&row), "{row}");
    }
}

#[test]
fn the_readme_shows_what_the_program_prints() {
    let text = document("README.md");
    let mut lines = text
        .lines()
        .skip_while(|line| !line.starts_with("$ trust-init build --ca examples/"));
    let command = lines.next().unwrap().trim_start_matches("$ trust-init ");
    let shown: Vec<&str> = lines.take_while(|line| *line != "```").collect();
    let room = tempfile::tempdir().unwrap();
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
    std::os::unix::fs::symlink(examples, room.path().join("examples")).unwrap();
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_trust-init"))
        .args(command.split(' '))
        .current_dir(room.path())
        .env_clear()
        .output()
        .unwrap();
    let printed = String::from_utf8(run.stderr).unwrap();
    assert_eq!(printed.lines().collect::<Vec<_>>(), shown);
}
