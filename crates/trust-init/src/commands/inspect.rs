//! `inspect`: shows what any store contains; everything is judged and nothing refused.

use std::path::{Path, PathBuf};
use std::slice;

use super::pipeline::input::{JudgedInputs, decode, unlock};
use crate::args::{InspectPlan, Variables};
use crate::error::exit::Answer;
use crate::error::{Errors, ExitCode};
use crate::layout;
use crate::read::{self, CustomerSources, Location, Presence, SizeLimit};
use crate::report;
use crate::report::inspect::{BuildRecord, Difference, InspectFormat, InspectReport};
use crate::report::log::Log;
use crate::report::style::Style;
use trust_stores::{Certificate, DecodeOptions, Judge, Judgement, Level, StoreSet, Timestamp};

/// Larger than any store: a whole image's trust is a few hundred kilobytes.
const LIMIT: SizeLimit = SizeLimit {
    bytes: 16 << 20,
    level: Level::Deny,
};

pub(super) fn run(
    plan: &InspectPlan,
    variables: Variables<'_>,
    now: Timestamp,
    log: &mut Log,
) -> Result<ExitCode, Errors> {
    let style = Style::of_stdout(variables);
    let is_json = plan.format == InspectFormat::Json;
    let (shown, other) = match read_all(plan, now, log) {
        Ok(judged) => judged,
        Err(errors) if is_json => return unanswered(errors),
        Err(errors) => return Err(errors),
    };
    let at = plan.policy.at.unwrap_or(now);
    let build = build_record(&plan.sources, &shown.judgement);
    let limit = plan.build_limit;
    let report = InspectReport::new(&shown.inputs, &shown.judgement, build, at, limit);
    let unread = Errors::check(report.unread());
    let Some(other) = &other else {
        // Part of a chain as PEM is taken for the chain.
        if plan.format == InspectFormat::Pem {
            unread?;
            log.unreadable_sections(&shown.judgement);
            report::print(&report.text(plan.format, style))?;
        } else {
            report::print(&report.text(plan.format, style))?;
            unread?;
        }
        return Ok(ExitCode::Done);
    };
    let other_report = InspectReport::new(&other.inputs, &other.judgement, None, at, limit);
    let sides = [unread, Errors::check(other_report.unread())];
    if let Some(errors) = Errors::all(sides) {
        // Everything that was not read would be shown as added or removed.
        return if is_json {
            unanswered(errors)
        } else {
            Err(errors)
        };
    }
    log.unreadable_sections(&shown.judgement);
    log.unreadable_sections(&other.judgement);
    let difference = Difference::between(&report, &other_report);
    report::print(&difference.text(plan.format, style))?;
    Ok(Answer::of(difference.is_none()).into())
}

/// Prints that there is no answer, for a program that reads standard output.
fn unanswered(errors: Errors) -> Result<ExitCode, Errors> {
    report::print(&report::unanswered(&errors))?;
    Err(errors)
}

/// Reads what is to be shown, and what it is to be compared with.
fn read_all(
    plan: &InspectPlan,
    now: Timestamp,
    log: &mut Log,
) -> Result<(JudgedInputs, Option<JudgedInputs>), Errors> {
    let unlock = unlock(&plan.unlock)?;
    let shown = read_and_judge(plan, &plan.sources, &unlock, now, log)?;
    let other = plan.diff.as_ref().map(slice::from_ref);
    let other = other.map(|other| read_and_judge(plan, other, &unlock, now, log));
    Ok((shown, other.transpose()?))
}

fn read_and_judge(
    plan: &InspectPlan,
    locations: &[Location],
    unlock: &DecodeOptions,
    now: Timestamp,
    log: &mut Log,
) -> Result<JudgedInputs, Errors> {
    let locations: Vec<Location> = locations.iter().flat_map(stores_of_a_build).collect();
    let customer = CustomerSources {
        locations: &locations,
        limit: LIMIT,
        expected: None,
        presence: Presence::Required,
        password_files: &plan
            .unlock
            .password_file
            .iter()
            .map(PathBuf::as_path)
            .collect::<Vec<_>>(),
    };
    let mut inputs = read::read(customer, &[], None, &unlock.budget)?;
    Errors::check(inputs.refused.clone())?;
    for fault in &inputs.warnings {
        log.warning(fault);
    }
    log.not_read(&inputs);
    let mut judge = Judge::new(plan.policy.criteria(now), StoreSet::ALL);
    for source in &mut inputs.sources {
        judge.add(decode(source, unlock));
        source.release();
    }
    Ok(JudgedInputs {
        judgement: judge.finish(),
        inputs,
        stores: StoreSet::ALL,
    })
}

/// What the manifest records, if the one location is the directory of a build.
fn build_record(locations: &[Location], judgement: &Judgement) -> Option<BuildRecord> {
    let [Location::Path(path)] = locations else {
        return None;
    };
    let manifest = read::read_file(&path.join(layout::MANIFEST), LIMIT.bytes).ok()?;
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).ok()?;
    let is_chain = |name: &str| name.ends_with(layout::CUSTOM_CHAIN);
    let of_chain = judgement.sections.iter().filter(|entry| {
        let name = &judgement.sources[entry.source].name;
        is_chain(name)
    });
    Some(BuildRecord {
        ca_bundle_hash: manifest["caBundleHash"].as_str().map(str::to_owned),
        customer: of_chain
            .filter_map(|entry| entry.certificate.as_deref())
            .map(Certificate::fingerprint)
            .collect(),
    })
}

/// The stores of a build if the location is its `--out`, otherwise the location itself.
fn stores_of_a_build(location: &Location) -> Vec<Location> {
    let stores = match location {
        Location::Path(path) if path.join(layout::MANIFEST).is_file() => stores_in(path),
        _ => Vec::new(),
    };
    if stores.is_empty() {
        vec![location.clone()]
    } else {
        stores
    }
}

fn stores_in(directory: &Path) -> Vec<Location> {
    layout::STORES
        .iter()
        .map(|store| directory.join(store))
        .filter(|path| path.is_file())
        .map(Location::Path)
        .collect()
}
