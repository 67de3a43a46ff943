//! Applies the policy: what was found in the sources becomes a verdict on each section, and the certificates
//! to trust, by store. Pure: the moment to judge at is a parameter.

mod certificate;
mod finding;
mod judgement;
mod relations;
#[cfg(feature = "mozilla")]
mod roots;
#[cfg(not(feature = "mozilla"))]
mod roots {
    /// Nothing is known of any certificate before it is judged.
    pub(super) fn lasting(
        _: &crate::cert::Certificate,
        _: &super::Policy,
    ) -> Option<Vec<super::Finding>> {
        None
    }
}
mod section;
mod source;
#[cfg(test)]
mod tests;

pub use finding::{Denial, Finding};
pub use judgement::{Counts, DistinctFinding, JudgedSource, Judgement};
pub use section::{JudgedSection, Verdict};
pub use source::{Criteria, DecodedSource, SourceRole};

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::bundle::StoreSet;
use crate::cert::Fingerprint;
use crate::formats::{Hint, Listed, Position, Sections};
use crate::parallel;
use crate::policy::{Level, Policy, Rule};
use crate::time::{Days, Timestamp};

/// Judges source after source. Add the customer's first: a certificate that a base has too is then reported
/// as the customer's.
///
/// ```
/// use trust_stores::{
///     Criteria, DecodeOptions, DecodedSource, Judge, Policy, Rule, StoreSet, Verdict, decode,
/// };
///
/// let chain = include_bytes!("../../examples/client-ca-chain.pem");
/// let policy = Policy::default();
/// let criteria = Criteria::new(&policy, "2049-12-25".parse()?);
/// let mut judge = Judge::new(criteria, StoreSet::ALL);
/// judge.add(DecodedSource::customer("chain.pem", decode(chain, &DecodeOptions::default())));
///
/// for section in &judge.finish().sections {
///     assert_eq!(section.verdict, Verdict::Kept);
///     let [finding] = &section.findings[..] else { panic!("a warning each") };
///     assert_eq!(finding.rule, Rule::ExpiresSoon);
///     assert_eq!(finding.reason, "expires on 2049-12-31T00:00:00Z, in 6 days");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Judge<'a> {
    criteria: Criteria<'a>,
    wanted: StoreSet,
    judgement: Judgement,
    /// The index of the section that each certificate was kept from.
    kept: BTreeMap<Fingerprint, usize>,
    /// When the embedded sets were published.
    published: Vec<Timestamp>,
    /// How many problems were listed so far, by kind.
    listed: Listed,
}

impl<'a> Judge<'a> {
    /// A judge for the stores in `wanted`.
    pub fn new(criteria: Criteria<'a>, wanted: StoreSet) -> Self {
        Judge {
            criteria,
            wanted,
            judgement: Judgement::default(),
            kept: BTreeMap::new(),
            published: Vec::new(),
            listed: Listed::default(),
        }
    }

    /// Judges every section of one source.
    pub fn add(&mut self, source: DecodedSource) {
        let role = source.role;
        let index = self.judgement.sources.len();
        self.published.extend(source.embedded);
        let mut sections = Sections::after(self.listed);
        sections.extend(source.sections);
        self.listed = sections.listed();
        let sections = Vec::from(sections);
        let findings = parallel::map(&sections, |section| {
            certificate::findings(section, role, self.criteria)
        });
        self.judgement.sections.reserve(sections.len());
        for (section, mut findings) in sections.into_iter().zip(findings) {
            if !role.is_customer() {
                // A base is what the pod trusted before: a fault in it never stops the pod.
                for finding in &mut findings {
                    finding.level = finding.level.min(Level::Drop);
                }
            }
            let origin = origin(&source.name, &section.position);
            let stores = role.stores() & self.wanted;
            let mut judged = JudgedSection::new(index, origin, section, findings, stores);
            if let Some(certificate) = judged.kept() {
                let next = self.judgement.sections.len();
                let first = *self.kept.entry(certificate.fingerprint()).or_insert(next);
                if let Some(first) = self.judgement.sections.get_mut(first) {
                    judged.merge_into(first, duplicate(role, self.criteria.policy));
                }
            }
            self.judgement.sections.push(judged);
        }
        self.judgement.sources.push(JudgedSource {
            name: source.name,
            role,
        });
    }

    /// The stores that no base has left a certificate in so far.
    pub fn stores_without_base(&self) -> StoreSet {
        let judgement = &self.judgement;
        let of_bases = judgement
            .base_sections()
            .filter(|section| matches!(section.verdict, Verdict::Kept | Verdict::Merged));
        of_bases.fold(self.wanted, |without, section| {
            // A merged one is in the stores of its source through the section before it.
            without - (judgement.role(section).stores() - section.excluded_stores())
        })
    }

    /// The judgement, with what can only be found out about the complete set.
    pub fn finish(self) -> Judgement {
        let mut judgement = self.judgement;
        relations::judge(&mut judgement, self.criteria);
        let old = self.published.into_iter();
        let old = old.filter_map(|date| roots_old(date, self.criteria));
        judgement.set_findings.extend(old);
        judgement
    }
}

/// A section as messages name it.
fn origin(source: &str, position: &Position) -> String {
    // Enough for a line's number: it does not grow after that.
    let mut origin = String::with_capacity(source.len() + 8);
    // Writing to a String cannot fail.
    let _ = write!(origin, "{source}{position}");
    origin
}

fn roots_old(published: Timestamp, criteria: Criteria<'_>) -> Option<Finding> {
    const YEAR: Days = Days::new(365);
    (published.plus(YEAR) < criteria.at).then(|| {
        let reason = format!(
            "the embedded Mozilla roots date from {}: newer roots are missing, and withdrawn ones \
             are still trusted",
            published.date()
        );
        Finding::new(Rule::RootsOld, criteria.policy, reason).hinted(Hint::UpdateRoots)
    })
}

/// The finding about a certificate that was kept before. A base may well hold what another source holds;
/// only the customer's own list is judged for it.
fn duplicate(role: SourceRole, policy: &Policy) -> Finding {
    let mut finding = Finding::new(
        Rule::Duplicate,
        policy,
        "the same certificate was already read",
    );
    if !role.is_customer() {
        finding.level = Level::Allow;
    }
    finding
}
