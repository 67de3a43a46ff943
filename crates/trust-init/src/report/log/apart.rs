//! The log line about an image whose stores differ.

use std::collections::{BTreeMap, HashSet};

use super::Log;
use crate::error::{Code, Error};
use crate::report::text::count;
use trust_stores::{Certificate, Fingerprint, Judgement, StoreSet, mozilla};

impl Log {
    /// For each of `stores`, reports the certificates that only other stores of the image have: a CA that a
    /// company added to the system's bundle, say, and that the JVM does not know.
    ///
    /// Public roots are not counted: every distribution and every JDK has a few that others have dropped.
    pub fn bases_apart(&mut self, judgement: &Judgement, stores: StoreSet) {
        let all = certificates(judgement);
        let wanted = stores & StoreSet::MERGED & union(&all);
        let is_apart = |of: &StoreSet| !(wanted - *of).is_empty();
        if !all.values().any(|(_, of)| is_apart(of)) {
            return;
        }
        let public: HashSet<Fingerprint> = mozilla::sections()
            .into_iter()
            .filter_map(|section| Some(section.content.ok()?.certificate.fingerprint()))
            .collect();
        for store in wanted.iter() {
            let missing: Vec<_> = all
                .iter()
                .filter(|(fingerprint, (_, of))| {
                    !of.contains(store) && !public.contains(*fingerprint)
                })
                .map(|(_, (certificate, _))| certificate)
                .collect();
            let Some(first) = missing.first() else {
                continue;
            };
            let message = format!(
                "{} of the image's other stores, such as {}, {} not in the base for {}",
                count(missing.len(), "certificate"),
                first.subject(),
                if missing.len() == 1 { "is" } else { "are" },
                store.name(),
            );
            self.note(
                &Error::new(Code::BasesApart, message)
                    .hint("give --base union to add what any store of the image has to all"),
            );
        }
    }
}

type ByFingerprint<'a> = BTreeMap<Fingerprint, (&'a Certificate, StoreSet)>;

/// The certificates of the bases, and the stores that each is a base of. What a rule leaves out counts too:
/// that is reported as such.
fn certificates(judgement: &Judgement) -> ByFingerprint<'_> {
    let mut all = ByFingerprint::new();
    for section in &judgement.sections {
        let role = judgement.sources[section.source].role;
        let Some(certificate) = section.certificate.as_deref() else {
            continue;
        };
        // The customer's go to every store.
        let of = if role.is_customer() {
            StoreSet::MERGED
        } else {
            role.stores()
        };
        let known = all
            .entry(certificate.fingerprint())
            .or_insert((certificate, StoreSet::NONE));
        known.1 = known.1 | of;
    }
    all
}

fn union(all: &ByFingerprint<'_>) -> StoreSet {
    all.values()
        .fold(StoreSet::NONE, |stores, (_, of)| stores | *of)
}
