//! From the sources that a plan names to a judgement: read, decode, judge.

use crate::args::{ContentPlan, SourcesPlan, UnlockPlan};
use crate::error::{Code, Error, Errors};
use crate::read::{self, Base, Inputs, Source, roots};
use crate::report::log::Log;
use trust_stores::{
    DecodeOptions, DecodedSource, DerivationBudget, Judge, Judgement, KeyEntries, Password,
    Section, SourceRole, StoreSet, Timestamp,
};

/// What was read, and what the rules found in it.
pub(crate) struct JudgedInputs {
    pub(crate) inputs: Inputs,
    pub(crate) judgement: Judgement,
}

impl JudgedInputs {
    /// Everything that a rule refuses.
    pub(crate) fn refusals(&self) -> Vec<Error> {
        let mut refusals = self.inputs.refused.clone();
        refusals.extend(self.judgement.denials().into_iter().map(Error::from));
        refusals
    }

    /// Fails if a rule refuses anything, and otherwise logs what the rules found.
    pub(crate) fn accept(&self, log: &mut Log) -> Result<(), Errors> {
        Errors::check(self.refusals())?;
        log.judgement(&self.judgement);
        Ok(())
    }
}

/// Reads, decodes and judges what `plan` names, for `stores`.
pub(crate) fn read_and_judge(
    plan: &ContentPlan,
    stores: StoreSet,
    now: Timestamp,
    log: &mut Log,
) -> Result<JudgedInputs, Errors> {
    let sources = &plan.sources;
    let unlock = unlock(&sources.unlock)?;
    let mut inputs = read(sources, stores, log)?;
    let mut judge = Judge::new(plan.policy.criteria(now), stores);
    for source in &mut inputs.sources {
        judge.add(decode(source, &unlock));
        source.release();
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
    if sources.bases.contains(&Base::Mozilla) {
        return StoreSet::MERGED;
    }
    let is_auto = sources
        .image
        .as_ref()
        .is_some_and(|image| image.searches_usual_places);
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

/// The options that open protected stores. Reads the password file.
pub(crate) fn unlock(plan: &UnlockPlan) -> Result<DecodeOptions, Error> {
    let password = plan.password_file.as_deref().map(read::password);
    Ok(DecodeOptions {
        password: password.transpose()?,
        key_entries: if plan.certificates_only {
            KeyEntries::Skip
        } else {
            KeyEntries::Refuse
        },
        budget: DerivationBudget::default(),
    })
}

/// Decodes one source.
pub(crate) fn decode(source: &Source, unlock: &DecodeOptions) -> DecodedSource {
    let sections = if source.role.is_customer() {
        trust_stores::decode(&source.bytes, unlock)
    } else {
        decode_base(source, unlock)
    };
    DecodedSource {
        name: source.name.clone(),
        role: source.role,
        embedded: None,
        sections,
    }
}

/// Skips keys, because a base is what the image trusts anyway. The customer's password is tried last:
/// it was not meant for a base.
fn decode_base(source: &Source, unlock: &DecodeOptions) -> Vec<Section> {
    let with = |password: Option<Password>| {
        let unlock = DecodeOptions {
            password,
            key_entries: KeyEntries::Skip,
            budget: unlock.budget.clone(),
        };
        trust_stores::decode(&source.bytes, &unlock)
    };
    let first = with(source.password.clone());
    let is_read = first.iter().any(|found| found.content.is_ok());
    match &unlock.password {
        Some(password) if !is_read && source.password.is_none() => with(Some(password.clone())),
        _ => first,
    }
}

/// The embedded Mozilla roots, as a base of `stores`.
fn mozilla(stores: StoreSet) -> DecodedSource {
    DecodedSource {
        name: roots::NAME.to_owned(),
        role: SourceRole::Base(stores),
        embedded: Some(roots::DATE),
        sections: roots::sections(),
    }
}
