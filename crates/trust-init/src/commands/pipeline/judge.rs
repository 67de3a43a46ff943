//! From the sources that a plan names to a judgement: read, decode, judge.

use super::decode::{decode, mozilla, unlock};
use crate::args::{PolicyPlan, SourcesPlan};
use crate::error::{Code, Error, Errors};
use crate::read::{self, Inputs};
use crate::report::log::Log;
use trust_stores::{Judge, Judgement, StoreSet, Timestamp};

/// What was read, and what the rules found in it.
pub(in crate::commands) struct JudgedInputs {
    pub(in crate::commands) inputs: Inputs,
    pub(in crate::commands) judgement: Judgement,
}

impl JudgedInputs {
    /// Everything that a rule refuses.
    pub(in crate::commands) fn refusals(&self) -> Vec<Error> {
        let mut refusals = self.inputs.refused.clone();
        refusals.extend(self.judgement.denials().into_iter().map(Error::from));
        refusals
    }

    /// Fails if a rule refuses anything, and otherwise logs what the rules found.
    pub(in crate::commands) fn accept(&self, log: &mut Log) -> Result<(), Errors> {
        Errors::check(self.refusals())?;
        log.judgement(&self.judgement);
        Ok(())
    }
}

/// Reads, decodes and judges what the plans name, for `stores`.
pub(in crate::commands) fn read_and_judge(
    sources: &SourcesPlan,
    policy: &PolicyPlan,
    stores: StoreSet,
    now: Timestamp,
    log: &mut Log,
) -> Result<JudgedInputs, Errors> {
    let unlock = unlock(&sources.unlock)?;
    let inputs = read(sources, stores, log)?;
    let mut judge = Judge::new(policy.criteria(now), stores);
    for source in &inputs.sources {
        judge.add(decode(source, &unlock));
    }
    let embedded = stores_for_mozilla(sources, &inputs, &judge, log);
    if !embedded.is_empty() {
        judge.add(mozilla(embedded));
    }
    Ok(JudgedInputs {
        judgement: judge.finish(),
        inputs,
    })
}

fn read(sources: &SourcesPlan, stores: StoreSet, log: &mut Log) -> Result<Inputs, Errors> {
    read::wait(&sources.customer, sources.wait);
    let inputs = read::read(
        &sources.customer,
        &sources.bases,
        sources.image.as_ref().map(|image| (image, stores)),
        sources.limit,
        sources.expected,
    )?;
    for fault in &inputs.warnings {
        log.warning(fault);
    }
    log.bases_found(&inputs);
    Ok(inputs)
}

/// The stores that the embedded Mozilla roots go to: those that were asked for, or those for which the
/// bases that were asked for have no certificate. Without a base a store would contain the customer's
/// CAs alone, and trust is added, never replaced.
fn stores_for_mozilla(
    sources: &SourcesPlan,
    inputs: &Inputs,
    judge: &Judge<'_>,
    log: &mut Log,
) -> StoreSet {
    if let Some(stores) = inputs.mozilla {
        return stores;
    }
    let is_auto = sources.image.as_ref().is_some_and(|image| image.has_own);
    if sources.bases.is_empty() && !is_auto {
        return StoreSet::NONE;
    }
    let stores = judge.stores_without_base() & StoreSet::MERGED;
    let is_found = |store| {
        let mut found = inputs.sources.iter().filter(|s| s.found_by.is_some());
        found.any(|source| source.role.stores().contains(store))
    };
    if is_auto && !stores.iter().any(is_found) {
        log.bases_embedded(stores);
    } else if !stores.is_empty() {
        let message = format!(
            "no base provides a certificate for {stores}: using the embedded Mozilla roots instead"
        );
        log.warning(&Error::new(Code::BaseEmpty, message).at("--base"));
    }
    stores
}
