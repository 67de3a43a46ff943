//! `check`: the line as far as the verdict, and nothing written; with `--against`, as far as the
//! bytes that would be.

use std::collections::BTreeSet;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::Path;

use super::build::{encode, password, wanted};
use super::judged::judged;
use crate::args::CheckPlan;
use crate::error::{Error, Errors};
use crate::layout::{self, Tree};
use crate::read;
use crate::report::check::{Drift, Verdict, drift};
use crate::report::log::Log;
use crate::report::style::Style;
use trust_stores::Timestamp;

/// Judges what `plan` names, validity at `--at`, else `now`. Gives the verdict as text, and
/// whether it is a yes.
pub fn run<W: Write>(
    plan: &CheckPlan,
    now: Timestamp,
    style: Style,
    log: &mut Log<W>,
) -> Result<(String, bool), Errors> {
    let judged = judged(&plan.sources, &plan.policy, wanted(&plan.stores), now, log)?;
    if let Some(directory) = &plan.against {
        // Not a list of all that is missing: a path that was misspelled, or is not mounted.
        fs::read_dir(directory).map_err(|error| Error::unreadable(directory, &error))?;
    }
    let drift = match &plan.against {
        // What build refuses, it does not write: there is nothing to compare with.
        Some(directory) if judged.refusals().is_empty() => {
            let password = password(&plan.stores)?;
            let tree = encode(&plan.stores, &password, &judged, plan.policy.at)?;
            differences(directory, &tree)
        }
        _ => Vec::new(),
    };
    let verdict = Verdict {
        inputs: &judged.inputs,
        judgement: &judged.judgement,
        drift,
        strict: plan.strict,
    };
    Ok((verdict.text(plan.format, style), verdict.is_ok()))
}

/// Every path in which `directory` is not what `tree` would make it.
fn differences(directory: &Path, tree: &Tree) -> Vec<Drift> {
    let mut differences = Vec::new();
    for file in &tree.files {
        // A byte more than it should have is enough to see that it differs.
        let limit = file.content.len() as u64 + 1;
        let state = match read::read_file(&directory.join(&file.path), limit) {
            Ok(bytes) if bytes == **file.content => continue,
            Ok(_) => "changed",
            Err(_) => missing_or_unreadable(&directory.join(&file.path)),
        };
        differences.push(drift(directory, &file.path, state));
    }
    for link in &tree.links {
        let state = match fs::read_link(directory.join(link.path)) {
            Ok(target) if target == Path::new(link.target) => continue,
            Ok(_) => "changed",
            Err(_) => missing_or_unreadable(&directory.join(link.path)),
        };
        differences.push(drift(directory, link.path, state));
    }
    let expected: BTreeSet<&str> = tree.paths().collect();
    let unexpected = ours_in(directory)
        .into_iter()
        .filter(|path| !expected.contains(path.as_str()));
    differences.extend(unexpected.map(|path| drift(directory, &path, "unexpected")));
    differences
}

/// The paths under `directory` that a build may write, sorted.
fn ours_in(directory: &Path) -> Vec<String> {
    let mut ours = Vec::new();
    for below in layout::DIRECTORIES.into_iter().chain([""]) {
        let Ok(entries) = fs::read_dir(directory.join(below)) else {
            continue;
        };
        for entry in entries.flatten() {
            let path = Path::new(below).join(entry.file_name());
            if let Some(path) = path.to_str().filter(|path| layout::is_ours(path)) {
                ours.push(path.to_owned());
            }
        }
    }
    ours.sort_unstable();
    ours
}

fn missing_or_unreadable(path: &Path) -> &'static str {
    match fs::symlink_metadata(path) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            "missing"
        }
        Err(_) => "unreadable",
        // It is there, and neither a file nor the link that it should be.
        Ok(metadata) if metadata.is_file() => "unreadable",
        Ok(_) => "changed",
    }
}
