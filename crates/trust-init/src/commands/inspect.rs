//! `inspect`: what any store holds, judged but never refused.

use std::fs;
use std::io::Write;
use std::path::Path;

use super::judged::{decoded, unlock};
use crate::args::InspectPlan;
use crate::error::Errors;
use crate::layout;
use crate::read::{self, Inputs, Location, SizeLimit};
use crate::report::inspect::{Build, Holdings, InspectFormat};
use crate::report::log::Log;
use crate::report::style::Style;
use trust_stores::{
    Certificate, DecodeOptions, Judge, Judgement, Level, StoreSet, Timestamp, Verdict,
};

/// Larger than any store: a whole image's trust is a few hundred kilobytes.
const LIMIT: SizeLimit = SizeLimit {
    bytes: 16 << 20,
    level: Level::Deny,
};

/// Shows what `plan` names. Gives the text, and whether there was no difference to show.
pub fn run<W: Write>(
    plan: &InspectPlan,
    now: Timestamp,
    style: Style,
    log: &mut Log<W>,
) -> Result<(String, bool), Errors> {
    let unlock = unlock(&plan.unlock)?;
    let at = plan.policy.at.unwrap_or(now);
    let (inputs, judgement) = holdings(plan, &plan.sources, &unlock, now, log)?;
    let build = build(&plan.sources, &judgement);
    let here = Holdings::new(&inputs, &judgement, build, at);
    let Some(other) = &plan.diff else {
        return Ok((here.text(plan.format, style), true));
    };
    let is_whole = is_read(&judgement);
    let (inputs, judgement) = holdings(plan, std::slice::from_ref(other), &unlock, now, log)?;
    let there = Holdings::new(&inputs, &judgement, None, at);
    let difference = here.difference(&there);
    let is_same = difference.is_empty();
    let text =
        if is_same && !(is_whole && is_read(&judgement)) && plan.format == InspectFormat::Table {
            String::from("the same certificates, as far as they could be read\n")
        } else {
            difference.text(plan.format, style)
        };
    Ok((text, is_same && is_whole && is_read(&judgement)))
}

fn holdings<W: Write>(
    plan: &InspectPlan,
    locations: &[Location],
    unlock: &DecodeOptions,
    now: Timestamp,
    log: &mut Log<W>,
) -> Result<(Inputs, Judgement), Errors> {
    let locations: Vec<Location> = locations.iter().flat_map(stores_of_a_build).collect();
    let inputs = read::read(&locations, &[], None, LIMIT, None)?;
    Errors::check(inputs.refused.clone())?;
    for fault in &inputs.warnings {
        log.fault(fault);
    }
    let mut judge = Judge::new(plan.policy.criteria(now), StoreSet::ALL);
    for source in &inputs.sources {
        judge.add(decoded(source, unlock));
    }
    let judgement = judge.finish();
    if plan.diff.is_some() || plan.format == InspectFormat::Pem {
        // There is no place for it in what is shown.
        log.unread(&judgement);
    }
    Ok((inputs, judgement))
}

/// Whether all that was there could be read.
fn is_read(judgement: &Judgement) -> bool {
    !judgement
        .sections
        .iter()
        .any(|entry| entry.verdict == Verdict::Rejected)
}

/// What is known where one directory of a build is shown.
fn build(locations: &[Location], judgement: &Judgement) -> Option<Build> {
    let [Location::Path(path)] = locations else {
        return None;
    };
    let manifest = fs::read(path.join(layout::MANIFEST)).ok()?;
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).ok()?;
    let is_chain = |name: &str| name.ends_with(layout::CUSTOM_CHAIN);
    let of_chain = judgement.sections.iter().filter(|entry| {
        let name = &judgement.sources[entry.source].name;
        is_chain(name)
    });
    Some(Build {
        ca_bundle_hash: manifest["caBundleHash"].as_str().map(str::to_owned),
        customer: of_chain
            .filter_map(|entry| entry.certificate.as_ref())
            .map(Certificate::fingerprint)
            .collect(),
    })
}

/// The stores of a build, where a location is its `--out`; else the location itself.
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
