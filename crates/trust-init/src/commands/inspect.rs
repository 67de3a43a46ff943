//! `inspect`: shows what any store contains; everything is judged and nothing refused.

use std::path::Path;
use std::slice;

use super::pipeline::input::{JudgedInputs, decode, unlock};
use crate::args::{InspectPlan, Variables};
use crate::error::exit::Answer;
use crate::error::{Errors, ExitCode};
use crate::layout;
use crate::read::{self, Location, SizeLimit};
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
    let unlock = unlock(&plan.unlock)?;
    let at = plan.policy.at.unwrap_or(now);
    let style = Style::of_stdout(variables);
    let judged = read_and_judge(plan, &plan.sources, &unlock, now, log)?;
    let build = build_record(&plan.sources, &judged.judgement);
    let report = InspectReport::new(&judged.inputs, &judged.judgement, build, at);
    let Some(other) = &plan.diff else {
        report::print(&report.text(plan.format, style))?;
        return Ok(ExitCode::Done);
    };
    let judged = read_and_judge(plan, slice::from_ref(other), &unlock, now, log)?;
    let other = InspectReport::new(&judged.inputs, &judged.judgement, None, at);
    let difference = Difference::between(&report, &other);
    report::print(&difference.text(plan.format, style))?;
    Ok(Answer::of(difference.is_none()).into())
}

fn read_and_judge(
    plan: &InspectPlan,
    locations: &[Location],
    unlock: &DecodeOptions,
    now: Timestamp,
    log: &mut Log,
) -> Result<JudgedInputs, Errors> {
    let locations: Vec<Location> = locations.iter().flat_map(stores_of_a_build).collect();
    let mut inputs = read::read(&locations, &[], None, LIMIT, None)?;
    Errors::check(inputs.refused.clone())?;
    for fault in &inputs.warnings {
        log.warning(fault);
    }
    let mut judge = Judge::new(plan.policy.criteria(now), StoreSet::ALL);
    for source in &mut inputs.sources {
        judge.add(decode(source, unlock));
        source.release();
    }
    let judgement = judge.finish();
    if plan.diff.is_some() || plan.format == InspectFormat::Pem {
        // The output has no place for them.
        log.unreadable_sections(&judgement);
    }
    Ok(JudgedInputs { inputs, judgement })
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
