//! `check`: the line as far as the verdict, and nothing written; with `--against`, as far as the
//! bytes that would be.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use rustix::fs::CWD;

use super::pipeline::input::{JudgedInputs, read_and_judge};
use super::pipeline::output::{java_password, manifest, stores_and_wiring, stores_to_judge};
use crate::args::{CheckPlan, ContentPlan, Variables};
use crate::error::exit::Answer;
use crate::error::{Error, Errors, ExitCode, shown_path};
use crate::layout::{self, MANIFEST, Manifest, Tree};
use crate::report;
use crate::report::check::{CheckReport, PathDifference, PathState, Strictness};
use crate::report::log::Log;
use crate::report::style::Style;
use crate::sys::{Comparison, Links, open_regular};
use trust_stores::{BlockWriter, Timestamp};

pub(super) fn run(
    plan: &CheckPlan,
    variables: Variables<'_>,
    now: Timestamp,
    log: &mut Log,
) -> Result<ExitCode, Errors> {
    let verdict = &plan.verdict;
    let (judged, differences) = match judge(plan, now, log) {
        Ok(judged) => judged,
        Err(errors) => {
            // What reads standard output would otherwise find nothing there, which is not even JSON or XML.
            report::print(&report::check::unanswered(verdict.format, &errors))?;
            return Err(errors);
        }
    };
    let report = CheckReport {
        inputs: &judged.inputs,
        judgement: &judged.judgement,
        differences,
        strictness: if verdict.strict {
            Strictness::Strict
        } else {
            Strictness::AsBuild
        },
    };
    report::print(&report.text(verdict.format, Style::of_stdout(variables)))?;
    Ok(Answer::of(report.is_ok()).into())
}

/// What the rules find, and with `--against` the paths that differ from what `build` would write.
fn judge(
    plan: &CheckPlan,
    now: Timestamp,
    log: &mut Log,
) -> Result<(JudgedInputs, Vec<PathDifference>), Errors> {
    let CheckPlan { content, verdict } = plan;
    let judged = read_and_judge(content, stores_to_judge(&content.stores), now, log)?;
    let differences = match &verdict.against {
        Some(directory) => compare(directory, content, &judged)?,
        None => Vec::new(),
    };
    Ok((judged, differences))
}

/// Every path of `directory` that differs from what `build` would write.
fn compare(
    directory: &Path,
    plan: &ContentPlan,
    judged: &JudgedInputs,
) -> Result<Vec<PathDifference>, Errors> {
    // Fails here rather than listing everything as missing: the path was misspelled, or is not mounted.
    fs::read_dir(directory).map_err(|error| Error::unreadable(directory, &error))?;
    if !judged.refusals().is_empty() {
        // build would write nothing, so there is nothing to compare with.
        return Ok(Vec::new());
    }
    let password = java_password(&plan.stores)?;
    let tree = stores_and_wiring(&plan.stores, &password, judged)?;
    let manifest = manifest(judged, &tree, plan.policy.at);
    Ok(differences(directory, &tree, &manifest))
}

/// Every path of `directory` that differs from `tree` and its manifest.
fn differences(directory: &Path, tree: &Tree<'_>, manifest: &dyn Manifest) -> Vec<PathDifference> {
    let mut differences = Vec::new();
    for file in &tree.files {
        let write = |out: &mut dyn Write| file.content.write(out);
        differences.extend(file_difference(directory, &file.path, write));
    }
    differences.extend(file_difference(directory, MANIFEST, |out| {
        BlockWriter::write_to(out, |out| manifest.write(out, &mut || Ok(())))
    }));
    for link in &tree.links {
        let state = match fs::read_link(directory.join(link.path)) {
            Ok(target) if target == Path::new(link.target) => continue,
            Ok(_) => PathState::Changed,
            Err(_) => missing_or_unreadable(&directory.join(link.path)),
        };
        differences.push(difference(directory, link.path, state));
    }
    let expected: BTreeSet<&str> = tree.paths().chain([MANIFEST]).collect();
    let unexpected = ours_in(directory)
        .into_iter()
        .filter(|path| !expected.contains(path.as_str()));
    differences.extend(unexpected.map(|path| difference(directory, &path, PathState::Unexpected)));
    differences
}

/// How the file at `path` differs from what `write` writes, if it does.
fn file_difference(
    directory: &Path,
    path: &str,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Option<PathDifference> {
    let file = directory.join(path);
    let compared = open_regular(CWD, &file, Links::Follow)
        .and_then(|found| Comparison::with(found).holds(write));
    let state = match compared {
        Ok(true) => return None,
        Ok(false) => PathState::Changed,
        Err(_) => missing_or_unreadable(&file),
    };
    Some(difference(directory, path, state))
}

fn difference(directory: &Path, path: &str, state: PathState) -> PathDifference {
    PathDifference {
        path: shown_path(&directory.join(path)),
        state,
    }
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
            if let Some(path) = path.to_str().filter(|path| layout::is_output_path(path)) {
                ours.push(path.to_owned());
            }
        }
    }
    ours.sort_unstable();
    ours
}

fn missing_or_unreadable(path: &Path) -> PathState {
    match fs::symlink_metadata(path) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            PathState::Missing
        }
        Err(_) => PathState::Unreadable,
        // It exists, and is neither a file nor the expected link.
        Ok(metadata) if metadata.is_file() => PathState::Unreadable,
        Ok(_) => PathState::Changed,
    }
}
