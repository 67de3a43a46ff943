//! What the next build is compared with.

use std::collections::BTreeSet;

use crate::commands::pipeline::input::JudgedInputs;
use crate::error::{Code, Error};
use crate::report::log::TrustedCertificate;
use trust_stores::{Judgement, Timestamp};

/// The last build that succeeded.
pub(super) struct LastBuild {
    pub(super) at: Timestamp,
    pub(super) certificates: Vec<TrustedCertificate>,
    /// The bases that certificates came from.
    bases: Vec<String>,
    /// The bases that could not be read, as their faults name them.
    unreadable: Vec<Option<String>>,
    /// The customer's sources that were there, and the directories that they were in.
    customer: BTreeSet<String>,
}

impl LastBuild {
    pub(super) fn of(judged: &JudgedInputs, at: Timestamp) -> Self {
        LastBuild {
            at,
            certificates: TrustedCertificate::all_of(&judged.judgement),
            bases: bases(&judged.judgement)
                .filter(|(_, is_empty)| !is_empty)
                .map(|(name, _)| name.to_owned())
                .collect(),
            unreadable: unreadable(judged)
                .map(|fault| fault.place.clone())
                .collect(),
            customer: judged
                .inputs
                .sources
                .iter()
                .filter(|source| source.role.is_customer())
                .flat_map(|source| source.directory.iter().chain([&source.name]))
                .cloned()
                .collect(),
        }
    }

    /// A warning for each optional source that was there and no longer is: whoever removed it meant to, or a
    /// volume is broken.
    pub(super) fn lost_sources(&self, judged: &JudgedInputs) -> Vec<Error> {
        let absent = judged.inputs.absent.iter();
        let lost = absent.filter(|one| self.customer.contains(&one.name));
        let message =
            "was there before, and is optional: its certificates are no longer in the stores";
        lost.map(|one| {
            Error::new(Code::Absent, message)
                .at(one.name.as_str())
                .hint("programs that are running trust them until they read the stores again")
        })
        .collect()
    }

    /// A fault for each base that was there and no longer is. A build leaves such a base out, so that it
    /// does not keep a pod from starting; here a running pod would lose trust because a volume was away
    /// for a moment.
    pub(super) fn lost_bases(&self, judged: &JudgedInputs) -> Vec<Error> {
        let unreadable = unreadable(judged)
            .filter(|fault| !self.unreadable.contains(&fault.place))
            .cloned();
        let empty = bases(&judged.judgement)
            .filter(|(name, is_empty)| *is_empty && self.bases.iter().any(|known| known == name))
            .map(|(name, _)| {
                Error::new(Code::Unreadable, "no longer contains a usable certificate").at(name)
            });
        let hint = "The current stores were built with this base. Restore it, or restart watch to \
                    build without it.";
        let lost = unreadable.chain(empty);
        lost.map(|fault| fault.hint(hint)).collect()
    }
}

/// The faults of bases that could not be read.
fn unreadable(judged: &JudgedInputs) -> impl Iterator<Item = &Error> {
    let faults = judged.inputs.warnings.iter();
    faults.filter(|fault| fault.code == Code::Unreadable)
}

/// Each base by its name, and whether it has given no certificate.
fn bases(judgement: &Judgement) -> impl Iterator<Item = (&str, bool)> {
    let sources = judgement.sources.iter().enumerate();
    let bases = sources.filter(|(_, source)| !source.role.is_customer());
    bases.map(|(index, source)| {
        let counts = judgement.counts(index);
        (source.name.as_str(), counts.kept + counts.merged == 0)
    })
}
