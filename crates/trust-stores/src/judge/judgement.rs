//! The verdict on everything that was read, and what follows from it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::BitOr as _;
use std::ptr;

use super::finding::{Denial, Finding};
use super::section::{JudgedSection, Verdict};
use super::source::SourceRole;
use crate::bundle::{Bundle, Store, StoreSet, Stores};
use crate::cert::{Certificate, Fingerprint};
use crate::parallel;
use crate::policy::{Level, Rule};

/// A source whose sections were judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedSource {
    /// As messages name it; escaped.
    pub name: String,
    /// Whose it is.
    pub role: SourceRole,
}

/// The verdict on everything that was read.
///
/// It holds every finding, denials included: a caller asks for [`Judgement::denials`] before it writes what
/// [`Judgement::stores`] returns.
#[derive(Debug, Default)]
pub struct Judgement {
    /// The sources, in the order they were read.
    pub sources: Vec<JudgedSource>,
    /// Every section, in the order it was read.
    pub sections: Vec<JudgedSection>,
    /// What was found about the set as a whole.
    pub set_findings: Vec<Finding>,
}

impl Judgement {
    /// Every denial, not only the first.
    pub fn denials(&self) -> Vec<Denial> {
        let is_denial = |finding: &&Finding| finding.level == Level::Deny;
        let mut denials: Vec<Denial> = self
            .distinct_findings(|_, finding| is_denial(&finding))
            .iter()
            .map(|found| Denial {
                count: found.count(),
                ..found.finding.denial(Some(found.section), found.message())
            })
            .collect();
        for finding in self.set_findings.iter().filter(is_denial) {
            let mut denial = finding.denial(None, finding.reason.clone());
            if finding.rule == Rule::NothingLeft {
                denial.left_out = self.left_out();
            }
            denials.push(denial);
        }
        denials
    }

    /// The findings about sections that `is_wanted` picks. One that several sections with the same certificate
    /// have is listed once, where it was found first.
    pub fn distinct_findings(
        &self,
        is_wanted: impl Fn(&JudgedSection, &Finding) -> bool,
    ) -> Vec<DistinctFinding<'_>> {
        let mut distinct: Vec<DistinctFinding<'_>> = Vec::new();
        let mut known: BTreeMap<(Fingerprint, Rule), usize> = BTreeMap::new();
        for section in &self.sections {
            let findings = section.findings.iter();
            for finding in findings.filter(|finding| is_wanted(section, finding)) {
                let next = distinct.len();
                let index = section.certificate.as_ref().map_or(next, |certificate| {
                    let key = (certificate.fingerprint(), finding.rule);
                    *known.entry(key).or_insert(next)
                });
                match distinct.get_mut(index) {
                    Some(first) => first.repetitions += 1,
                    None => distinct.push(DistinctFinding {
                        section,
                        finding,
                        repetitions: 0,
                    }),
                }
            }
        }
        distinct
    }

    /// What was left out of the customer's sources and why, a line each, up to twenty.
    fn left_out(&self) -> Vec<String> {
        const MOST: usize = 20;
        let is_deciding = |section: &JudgedSection, finding: &Finding| {
            let deciding = section.deciding_finding();
            self.is_customer(section) && deciding.is_some_and(|one| ptr::eq(one, finding))
        };
        let all = self.distinct_findings(is_deciding);
        let (shown, hidden) = all.split_at(all.len().min(MOST));
        let shown = shown.iter();
        let mut lines: Vec<String> = shown
            .map(|found| format!("{}: {}", found.section.origin, found.message()))
            .collect();
        if let more @ 1.. = hidden.iter().map(DistinctFinding::count).sum::<usize>() {
            lines.push(format!("and {more} more"));
        }
        lines
    }

    /// The counts of one source, by its index.
    pub fn counts(&self, source: usize) -> Counts {
        let sections = self.sections.iter();
        Counts::of(sections.filter(|section| section.source == source))
    }

    /// The counts of every source, in their order.
    pub fn counts_by_source(&self) -> Vec<Counts> {
        let mut counts = vec![Counts::default(); self.sources.len()];
        for section in &self.sections {
            counts[section.source].add(section);
        }
        counts
    }

    /// The counts of all the customer's sources together.
    pub fn customer_counts(&self) -> Counts {
        Counts::of(self.customer_sections())
    }

    /// The counts of all bases together.
    pub fn base_counts(&self) -> Counts {
        Counts::of(self.base_sections())
    }

    pub(super) fn role(&self, section: &JudgedSection) -> SourceRole {
        self.sources[section.source].role
    }

    /// Whether a section is of a customer's source.
    pub fn is_customer(&self, section: &JudgedSection) -> bool {
        self.role(section).is_customer()
    }

    fn customer_sections(&self) -> impl Iterator<Item = &JudgedSection> {
        let sections = self.sections.iter();
        sections.filter(|section| self.is_customer(section))
    }

    pub(super) fn base_sections(&self) -> impl Iterator<Item = &JudgedSection> {
        let sections = self.sections.iter();
        sections.filter(|section| !self.is_customer(section))
    }

    /// The certificates that a base has, even if the customer gave them too.
    pub(super) fn base_fingerprints(&self) -> BTreeSet<Fingerprint> {
        let sections = self
            .base_sections()
            .filter(|section| matches!(section.verdict, Verdict::Kept | Verdict::Merged));
        let certificates = sections.filter_map(|section| section.certificate.as_deref());
        let mut fingerprints = BTreeSet::new();
        fingerprints.extend(certificates.map(Certificate::fingerprint));
        fingerprints
    }

    /// The stores that hold at least one certificate.
    pub fn non_empty_stores(&self) -> StoreSet {
        let stores = self.sections.iter().map(|section| section.stores);
        stores.fold(StoreSet::NONE, StoreSet::bitor)
    }

    /// The certificates to trust, an ordered bundle for each store.
    pub fn stores(&self) -> Stores<'_> {
        let of_bases = self.base_fingerprints();
        let bundle = |store: Store| {
            let sections = self.sections.iter();
            let certificates = sections
                .filter(|section| section.stores.contains(store))
                .filter_map(|section| section.certificate.as_deref());
            let (base, added): (Vec<_>, Vec<_>) =
                certificates.partition(|certificate| of_bases.contains(&certificate.fingerprint()));
            Bundle::merged(base, added)
        };
        // Stores that hold the same are sorted once.
        let are_equal = |one: Store, other: Store| {
            let mut stores = self.sections.iter().map(|section| section.stores);
            stores.all(|stores| stores.contains(one) == stores.contains(other))
        };
        let (os, custom) = parallel::both(
            self.sections.len(),
            || bundle(Store::Os),
            || bundle(Store::Custom),
        );
        let java = if are_equal(Store::Java, Store::Os) {
            os.clone()
        } else {
            bundle(Store::Java)
        };
        let python = if are_equal(Store::Python, Store::Os) {
            os.clone()
        } else {
            bundle(Store::Python)
        };
        Stores {
            os,
            java,
            python,
            custom,
        }
    }

    /// Fingerprints of the customer's certificates that were kept, sorted, each once.
    pub fn trust_anchors(&self) -> Vec<Fingerprint> {
        let mut anchors: Vec<Fingerprint> = self
            .customer_sections()
            .filter_map(JudgedSection::kept)
            .map(Certificate::fingerprint)
            .collect();
        anchors.sort_unstable();
        anchors
    }
}

/// A finding about a certificate, in however many sections the certificate is.
#[derive(Clone, Copy, Debug)]
pub struct DistinctFinding<'a> {
    /// The section where it was found first.
    pub section: &'a JudgedSection,
    /// The finding.
    pub finding: &'a Finding,
    /// In how many more sections the same was found about the same certificate.
    pub repetitions: usize,
}

impl DistinctFinding<'_> {
    /// The finding in words.
    pub fn message(&self) -> String {
        let message = self.section.message(self.finding);
        match self.repetitions {
            0 => message,
            1 => format!("{message} (also in 1 more place)"),
            more => format!("{message} (also in {more} more places)"),
        }
    }

    /// How many sections it is about.
    pub fn count(&self) -> usize {
        self.section.count + self.repetitions
    }
}

/// How many sections came to which verdict: `seen` is the sum of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All sections.
    pub seen: usize,
    /// See [`Verdict::Kept`].
    pub kept: usize,
    /// See [`Verdict::Merged`].
    pub merged: usize,
    /// See [`Verdict::Dropped`].
    pub dropped: usize,
    /// See [`Verdict::Denied`].
    pub denied: usize,
    /// See [`Verdict::Rejected`].
    pub rejected: usize,
}

impl Counts {
    fn of<'a>(sections: impl IntoIterator<Item = &'a JudgedSection>) -> Self {
        let mut counts = Counts::default();
        for section in sections {
            counts.add(section);
        }
        counts
    }

    fn add(&mut self, section: &JudgedSection) {
        self.seen += section.count;
        *match section.verdict {
            Verdict::Kept => &mut self.kept,
            Verdict::Merged => &mut self.merged,
            Verdict::Dropped => &mut self.dropped,
            Verdict::Denied => &mut self.denied,
            Verdict::Rejected => &mut self.rejected,
        } += section.count;
    }
}
