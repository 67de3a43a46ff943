//! The first half of the line, which `build` and `check` share: read, decode, judge.

use std::io::Write;

use crate::args::{PolicyPlan, SourcesPlan, UnlockPlan};
use crate::bundle::StoreSet;
use crate::error::{Error, Errors};
use crate::formats::{self, Unlock};
use crate::judge::{Decoded, Judge, Judgement};
use crate::moment::Moment;
use crate::read::{self, Inputs, Role, Source, roots};
use crate::report::log::Log;

/// What was read, and the verdict on it.
pub(super) struct Judged {
    pub(super) inputs: Inputs,
    pub(super) judgement: Judgement,
}

impl Judged {
    /// Everything that a rule refuses.
    pub(super) fn refusals(&self) -> Vec<Error> {
        let mut refusals = self.inputs.refused.clone();
        refusals.extend(self.judgement.refusals());
        refusals
    }
}

/// Reads, decodes and judges what the plans name, for the stores in `wanted`.
pub(super) fn judged<W: Write>(
    sources: &SourcesPlan,
    policy: &PolicyPlan,
    wanted: StoreSet,
    now: Moment,
    log: &mut Log<W>,
) -> Result<Judged, Errors> {
    let unlock = unlock(&sources.unlock)?;
    read::wait(&sources.customer, sources.wait);
    let inputs = read::read(
        &sources.customer,
        &sources.bases,
        sources.limit,
        sources.expected,
    )?;
    for fault in &inputs.warnings {
        log.fault(fault);
    }
    let mut judge = Judge::new(policy.criteria(now), wanted);
    for source in &inputs.sources {
        judge.source(decoded(source, &unlock));
    }
    if let Some(stores) = inputs.mozilla {
        judge.source(mozilla(stores));
    } else if !sources.bases.is_empty() && !judge.has_base() {
        // Bases were named, and none of them leaves anything. Without any base the stores would
        // hold the customer's CAs alone: trust is added, never replaced.
        log.warning(
            "base-empty",
            Some("--base"),
            "no base leaves a certificate: the embedded Mozilla roots take their place",
            &[],
        );
        judge.source(mozilla(StoreSet::MERGED));
    }
    Ok(Judged {
        judgement: judge.finish(),
        inputs,
    })
}

/// What it takes to open stores, read from where the plan says.
pub(super) fn unlock(plan: &UnlockPlan) -> Result<Unlock, Error> {
    Ok(Unlock {
        password: plan
            .password_file
            .as_deref()
            .map(read::password)
            .transpose()?,
        certificates_only: plan.certificates_only,
    })
}

/// One source, decoded.
pub(super) fn decoded(source: &Source, unlock: &Unlock) -> Decoded {
    Decoded {
        source: source.name.clone(),
        role: source.role,
        dated: None,
        found: formats::decode(&source.bytes, unlock),
    }
}

fn mozilla(stores: StoreSet) -> Decoded {
    Decoded {
        source: roots::NAME.to_owned(),
        role: Role::Base(stores),
        dated: Some(roots::DATE),
        found: roots::found(),
    }
}
