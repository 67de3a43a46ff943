//! What the documents say is what the program says.

#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs;

use trust_init::error::Code;
use trust_init::wiring::foreign::{FOREIGN_VARIABLES, ForeignVariable};
use trust_init::wiring::{Effect, VARIABLES};
use trust_stores::{Rule, Store};

fn document(path: &str) -> String {
    fs::read_to_string(format!(
        "{}/{path}",
        concat!(env!("CARGO_MANIFEST_DIR"), "/../..")
    ))
    .unwrap()
}

#[test]
fn every_code_is_documented() {
    let text = document("docs/log.md");
    let (_, table) = text.split_once("## Codes that are not rules").unwrap();
    let rows: Vec<&str> = table
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    let row = |code: &Code| {
        let (name, level) = (code.as_str(), code.severity().as_str());
        format!("| `{name}` | {level} | {} |", code.description())
    };
    let expected: Vec<String> = Code::OWN.iter().map(row).collect();
    assert_eq!(rows, expected);
}

#[test]
fn the_documents_list_each_other_name_of_a_value() {
    let text = document("docs/output.md");
    let (_, table) = text.split_once("## Options and variables").unwrap();
    let (mut told, mut options) = (BTreeSet::new(), Vec::new());
    for row in table.lines().filter(|line| line.starts_with("| ")).skip(2) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let names = |cell: &str| -> Vec<String> {
            let names = cell.split(", ").map(|name| name.trim_matches('`'));
            names.map(str::to_owned).collect()
        };
        if !cells[0].is_empty() {
            options = names(cells[0]);
        }
        for option in &options {
            let others = names(cells[2]).into_iter();
            told.extend(others.map(|other| format!("{option}={other}: {}", names(cells[1])[0])));
        }
    }
    let mut taken = BTreeSet::new();
    for command in trust_init::args::command().get_subcommands() {
        for argument in command.get_arguments() {
            let long = argument.get_long().unwrap_or_default();
            let option = match (command.get_name(), long) {
                (name, "format" | "kind" | "starttls") => format!("{name} --{long}"),
                _ => format!("--{long}"),
            };
            for value in argument.get_possible_values() {
                let others = value.get_name_and_aliases().skip(1);
                let name = value.get_name();
                taken.extend(others.map(|other| format!("{option}={other}: {name}")));
            }
        }
    }
    if !cfg!(feature = "doctor") {
        told.retain(|line| !line.starts_with("doctor "));
    }
    assert_eq!(told, taken);
}

#[test]
fn the_documents_list_each_variable_with_its_clients_and_store() {
    let text = document("docs/exec.md");
    let (_, table) = text.split_once("## What it sets").unwrap();
    let (table, _) = table.split_once("\n\nA variable ").unwrap();
    let rows: Vec<&str> = table
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    assert_eq!(rows.len(), VARIABLES.len());
    for (row, variable) in rows.iter().zip(VARIABLES) {
        let value = match variable.bundle {
            Store::Python => "the merged Python bundle |",
            Store::Java => "`-Djavax.net.ssl.trustStore=…`",
            _ if variable.effect == Effect::AddsToRoots => "the customer's chain, ",
            _ => "the merged OS bundle |",
        };
        let start = format!("| `{}` | {} | {value}", variable.name, variable.clients);
        assert!(row.starts_with(&start), "{start}");
    }
}

#[test]
fn the_documents_list_each_variable_that_exec_does_not_set() {
    let text = document("docs/exec.md");
    let (_, table) = text.split_once("<!-- foreign variables -->").unwrap();
    let (table, _) = table.split_once("<!-- end -->").unwrap();
    let rows: Vec<&str> = table
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    let row = |one: ForeignVariable| {
        let (name, clients) = (one.name, one.clients);
        format!(
            "| `{name}` | {clients} | {} | {} |",
            one.does(),
            one.handled()
        )
    };
    assert_eq!(rows, FOREIGN_VARIABLES.map(row));
}

#[test]
#[cfg(feature = "doctor")]
fn the_runbook_has_each_cause() {
    use trust_doctor::CauseCode;

    let runbook = document("docs/runbook.md");
    let (_, table) = runbook.split_once("<!-- causes -->").unwrap();
    let (table, _) = table.split_once("<!-- end -->").unwrap();
    let told: BTreeSet<&str> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    assert_eq!(
        told,
        CauseCode::ALL.iter().map(|code| code.as_str()).collect()
    );
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
fn the_chart_takes_each_rule_whose_level_can_be_set() {
    let schema: serde_json::Value =
        serde_json::from_str(&document("charts/trust-init/values.schema.json")).unwrap();
    let named: BTreeSet<&str> = schema["definitions"]["rule"]["enum"]
        .as_array()
        .unwrap()
        .iter()
        .map(|code| code.as_str().unwrap())
        .collect();
    let can_be_set = |rule: &Rule| rule.scope().levels().len() > 1;
    let rules = Rule::ALL.into_iter().filter(can_be_set).map(Rule::code);
    assert_eq!(named, rules.collect());
}

#[test]
fn each_rule_has_its_page() {
    let text = document("docs/rules.md");
    let headings: Vec<&str> = text.lines().filter_map(|l| l.strip_prefix("## ")).collect();
    assert_eq!(headings, Rule::ALL.map(Rule::code));
    for rule in Rule::ALL {
        let levels = rule.scope().levels();
        let others: Vec<&str> = levels
            .iter()
            .filter(|level| **level != rule.default_level())
            .map(|level| level.name())
            .collect();
        let others = if others.is_empty() {
            String::from("fixed")
        } else {
            others.join(", ")
        };
        let row = format!(
            "| [`{rule}`](#{rule}) | {} | {others} | {} |",
            rule.default_level(),
            rule.description(),
        );
        assert!(text.contains(&row), "{row}");
    }
}
