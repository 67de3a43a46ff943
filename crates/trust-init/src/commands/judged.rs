//! The first half of the line, which `build` and `check` share: read, decode, judge.

use std::io::Write;

use crate::args::{PolicyPlan, SourcesPlan, UnlockPlan};
use crate::error::{Error, Errors};
use crate::read::{self, Inputs, Source, roots};
use crate::report::log::Log;
use trust_stores::{
    DecodeOptions, DecodedSource, Judge, Judgement, KeyEntries, Password, Section, SourceRole,
    StoreSet, Timestamp,
};

/// What was read, and the verdict on it.
pub(super) struct Judged {
    pub(super) inputs: Inputs,
    pub(super) judgement: Judgement,
}

impl Judged {
    /// Everything that a rule refuses.
    pub(super) fn refusals(&self) -> Vec<Error> {
        let mut refusals = self.inputs.refused.clone();
        refusals.extend(self.judgement.denials().into_iter().map(Error::from));
        refusals
    }
}

/// Reads, decodes and judges what the plans name, for the stores in `wanted`.
pub(super) fn judged<W: Write>(
    sources: &SourcesPlan,
    policy: &PolicyPlan,
    wanted: StoreSet,
    now: Timestamp,
    log: &mut Log<W>,
) -> Result<Judged, Errors> {
    let unlock = unlock(&sources.unlock)?;
    read::wait(&sources.customer, sources.wait);
    let inputs = read::read(
        &sources.customer,
        &sources.bases,
        sources.image.as_ref().map(|image| (image, wanted)),
        sources.limit,
        sources.expected,
    )?;
    for fault in &inputs.warnings {
        log.fault(fault);
    }
    log.found(&inputs);
    let mut judge = Judge::new(policy.criteria(now), wanted);
    for source in &inputs.sources {
        judge.add(decoded(source, &unlock));
    }
    // What was asked for, and what an image does not have.
    let mut embedded = inputs.mozilla.unwrap_or(StoreSet::NONE);
    let is_auto = sources.image.as_ref().is_some_and(|image| image.has_own);
    if (!sources.bases.is_empty() || is_auto) && inputs.mozilla.is_none() {
        // Without a base a store would hold the customer's CAs alone: trust is added, never
        // replaced.
        embedded = judge.stores_without_base() & StoreSet::MERGED;
        let is_found = |store| {
            inputs
                .sources
                .iter()
                .any(|s| s.found_by.is_some() && s.role.stores().contains(store))
        };
        if is_auto && !embedded.iter().any(is_found) {
            log.embedded(embedded);
        } else if !embedded.is_empty() {
            let message = format!(
                "no base leaves a certificate for {embedded}: the embedded Mozilla roots take their place"
            );
            log.warning("base-empty", Some("--base"), &message, &[]);
        }
    }
    if !embedded.is_empty() {
        judge.add(mozilla(embedded));
    }
    Ok(Judged {
        judgement: judge.finish(),
        inputs,
    })
}

/// What it takes to open stores, read from where the plan says.
pub(super) fn unlock(plan: &UnlockPlan) -> Result<DecodeOptions, Error> {
    Ok(DecodeOptions {
        password: plan
            .password_file
            .as_deref()
            .map(read::password)
            .transpose()?,
        key_entries: if plan.certificates_only {
            KeyEntries::Skip
        } else {
            KeyEntries::Refuse
        },
    })
}

/// One source, decoded.
pub(super) fn decoded(source: &Source, unlock: &DecodeOptions) -> DecodedSource {
    let found = if source.role.is_customer() {
        trust_stores::decode(&source.bytes, unlock)
    } else {
        base(source, unlock)
    };
    DecodedSource {
        name: source.name.clone(),
        role: source.role,
        published: None,
        sections: found,
    }
}

/// A base is what the image trusts, whatever keys stand beside it. The customer's password is not
/// its own: that, or none, comes first.
fn base(source: &Source, unlock: &DecodeOptions) -> Vec<Section> {
    let with = |password: Option<Password>| {
        let unlock = DecodeOptions {
            password,
            key_entries: KeyEntries::Skip,
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

fn mozilla(stores: StoreSet) -> DecodedSource {
    DecodedSource {
        name: roots::NAME.to_owned(),
        role: SourceRole::Base(stores),
        published: Some(roots::DATE),
        sections: roots::found(),
    }
}
