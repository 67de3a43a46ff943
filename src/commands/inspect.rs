//! `inspect`: what any store holds, judged but never refused.

use std::io::Write;
use std::path::Path;

use super::judged::{decoded, unlock};
use crate::args::InspectPlan;
use crate::bundle::StoreSet;
use crate::error::Errors;
use crate::formats::Unlock;
use crate::judge::{Judge, Judgement};
use crate::moment::Moment;
use crate::policy::Level;
use crate::read::{self, Inputs, Location, SizeLimit};
use crate::report::inspect::Holdings;
use crate::report::log::Log;
use crate::report::style::Style;
use crate::write::layout;

/// Larger than any store: a whole image's trust is a few hundred kilobytes.
const LIMIT: SizeLimit = SizeLimit {
    bytes: 16 << 20,
    level: Level::Deny,
};

/// Shows what `plan` names. Gives the text, and whether there was no difference to show.
pub fn run<W: Write>(
    plan: &InspectPlan,
    now: Moment,
    style: Style,
    log: &mut Log<W>,
) -> Result<(String, bool), Errors> {
    let unlock = unlock(&plan.unlock)?;
    let at = plan.policy.at.unwrap_or(now);
    let (inputs, judgement) = holdings(plan, &plan.sources, &unlock, now, log)?;
    let here = Holdings::new(&inputs, &judgement, at);
    let Some(other) = &plan.diff else {
        return Ok((here.text(plan.format, style), true));
    };
    let (inputs, judgement) = holdings(plan, std::slice::from_ref(other), &unlock, now, log)?;
    let there = Holdings::new(&inputs, &judgement, at);
    let difference = here.difference(&there);
    Ok((difference.text(plan.format, style), difference.is_empty()))
}

fn holdings<W: Write>(
    plan: &InspectPlan,
    locations: &[Location],
    unlock: &Unlock,
    now: Moment,
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
        judge.source(decoded(source, unlock));
    }
    let judgement = judge.finish();
    Ok((inputs, judgement))
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
