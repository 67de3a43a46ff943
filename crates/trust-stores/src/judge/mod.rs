//! Applies the policy: what was found in the sources becomes a verdict on each section, and the
//! certificates that are to be trusted, by store. Pure: the moment to judge at is a parameter.
//!
//! Nothing is refused here. A judgement holds every finding, denials too; a command asks it for
//! [`Judgement::refusals`] before it goes on.

mod certificate;
mod relations;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::BitOr as _;

use crate::bundle::{Bundle, Member, Store, StoreSet, Stores};
use crate::cert::{Certificate, Fingerprint};
use crate::formats::{Hint, Section};
use crate::policy::{Level, Policy, Rule};
use crate::time::{Days, Timestamp};

/// What to judge by.
#[derive(Clone, Copy, Debug)]
pub struct Criteria<'a> {
    /// The level of each rule.
    pub policy: &'a Policy,
    /// The moment that validity is judged at.
    pub at: Timestamp,
    /// How near an end of validity is said.
    pub expires_soon: Days,
    /// Certificates that are not to be trusted.
    pub blocked: &'a [Fingerprint],
}

/// What one source held.
#[derive(Debug)]
pub struct DecodedSource {
    /// As messages name the source; escaped.
    pub name: String,
    /// Whether it is the customer's or a base, and for which stores.
    pub role: SourceRole,
    /// When the set was published, if it is one that ages: a program's embedded roots.
    pub published: Option<Timestamp>,
    /// Its sections.
    pub sections: Vec<Section>,
}

/// What a rule says of a section, or of the set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// Its level, by the policy and the source's role.
    pub level: Level,
    /// Why, in words.
    pub reason: String,
    /// What to do about it.
    pub hint: Option<Hint>,
}

impl Finding {
    fn new(rule: Rule, policy: &Policy, reason: impl Into<String>) -> Self {
        Finding {
            rule,
            level: policy.level(rule),
            reason: reason.into(),
            hint: None,
        }
    }

    fn hinted(self, hint: Hint) -> Self {
        Finding {
            hint: Some(hint),
            ..self
        }
    }

    /// The stores that it keeps a certificate out of.
    fn withholds(&self) -> StoreSet {
        match self.rule {
            _ if self.level < Level::Drop => StoreSet::NONE,
            Rule::BreaksJava => Store::Java.into(),
            Rule::BreaksOpenssl => StoreSet::PEM,
            _ => StoreSet::ALL,
        }
    }

    /// As the end of a run.
    fn refusal(&self, origin: Option<&str>, message: String) -> Denial {
        Denial {
            rule: self.rule,
            origin: origin.map(str::to_owned),
            message,
            hint: self.hint,
            left_out: Vec::new(),
        }
    }
}

/// What became of a section. Sections seen = kept + merged + dropped + denied + rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It stands in every store listed.
    Kept,
    /// The same certificate was kept from an earlier source, whose entry has the stores of both.
    Merged,
    /// A certificate that a rule left out.
    Dropped,
    /// A certificate that ends the run.
    Denied,
    /// No certificate, and left out.
    Rejected,
}

impl Verdict {
    /// As the manifest has it.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Kept => "kept",
            Verdict::Merged => "merged",
            Verdict::Dropped => "dropped",
            Verdict::Denied => "denied",
            Verdict::Rejected => "rejected",
        }
    }
}

/// One section of one source, judged.
#[derive(Debug)]
pub struct JudgedSection {
    /// The index of its source.
    pub source: usize,
    /// Source and place, as messages name it; escaped.
    pub origin: String,
    /// The certificate, unless the section is none.
    pub certificate: Option<Certificate>,
    /// What became of it.
    pub verdict: Verdict,
    /// The stores that it stands in.
    pub stores: StoreSet,
    /// All that was found of it, the gravest first.
    pub findings: Vec<Finding>,
}

impl JudgedSection {
    fn new(
        source: usize,
        origin: String,
        found: Section,
        findings: Vec<Finding>,
        stores: StoreSet,
    ) -> Self {
        let certificate = found.content.ok().map(|taken| taken.certificate);
        let is_denied = findings.iter().any(|f| f.level == Level::Deny);
        let mut entry = JudgedSection {
            source,
            origin,
            certificate,
            verdict: Verdict::Rejected,
            stores: StoreSet::NONE,
            findings,
        };
        let withheld = entry.withheld();
        (entry.verdict, entry.stores) = match entry.certificate {
            None => (Verdict::Rejected, StoreSet::NONE),
            Some(_) if is_denied => (Verdict::Denied, StoreSet::NONE),
            // One that no store can take is dropped; one that was for no store is not.
            Some(_) if !withheld.is_empty() && (stores - withheld).is_empty() => {
                (Verdict::Dropped, StoreSet::NONE)
            }
            Some(_) => (Verdict::Kept, stores - withheld),
        };
        entry
    }

    /// The stores that its findings keep it out of.
    fn withheld(&self) -> StoreSet {
        let findings = self.findings.iter();
        findings.fold(StoreSet::NONE, |set, finding| set | finding.withholds())
    }

    /// Hands its stores to the entry of the same certificate that was kept before, so that each
    /// certificate stands in one entry's stores.
    fn merge_into(&mut self, first: &mut JudgedSection, finding: Finding) {
        first.stores = first.stores | self.stores;
        self.stores = StoreSet::NONE;
        self.verdict = Verdict::Merged;
        self.findings.push(finding);
    }

    /// A finding of this entry in words: what it is about, and why.
    pub fn message(&self, finding: &Finding) -> String {
        let Some(certificate) = &self.certificate else {
            return finding.reason.clone();
        };
        // Dropped from some stores, and standing in others.
        let from = match finding.rule {
            _ if self.verdict != Verdict::Kept || finding.level != Level::Drop => "",
            Rule::BreaksJava => "; left out of the Java stores only",
            Rule::BreaksOpenssl => "; left out of the PEM stores only",
            _ => "",
        };
        format!("{}: {}{from}", certificate.subject(), finding.reason)
    }

    /// The finding that decided a verdict other than kept.
    pub fn deciding_finding(&self) -> Option<&Finding> {
        match self.verdict {
            Verdict::Kept => None,
            Verdict::Merged => self.findings.last(),
            Verdict::Dropped | Verdict::Denied | Verdict::Rejected => self.findings.first(),
        }
    }

    /// The certificate, where it stands in a store.
    fn kept(&self) -> Option<&Certificate> {
        self.certificate
            .as_ref()
            .filter(|_| self.verdict == Verdict::Kept)
    }
}

/// How many sections of some entries came to which verdict.
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
    fn of<'a>(entries: impl IntoIterator<Item = &'a JudgedSection>) -> Self {
        let mut counts = Counts::default();
        for entry in entries {
            counts.seen += 1;
            *match entry.verdict {
                Verdict::Kept => &mut counts.kept,
                Verdict::Merged => &mut counts.merged,
                Verdict::Dropped => &mut counts.dropped,
                Verdict::Denied => &mut counts.denied,
                Verdict::Rejected => &mut counts.rejected,
            } += 1;
        }
        counts
    }
}

/// A source whose sections were judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedSource {
    /// As messages name it; escaped.
    pub name: String,
    /// Whose it is.
    pub role: SourceRole,
}

/// The verdict on everything that was read.
#[derive(Debug, Default)]
pub struct Judgement {
    /// Each source's name and role, in the order they were read.
    pub sources: Vec<JudgedSource>,
    /// Every section, in the order it was read.
    pub sections: Vec<JudgedSection>,
    /// What was found of the set as a whole.
    pub set_findings: Vec<Finding>,
}

/// Judges source after source. The customer's come first, so that a certificate which a base has
/// too is the customer's.
#[derive(Debug)]
pub struct Judge<'a> {
    criteria: Criteria<'a>,
    wanted: StoreSet,
    judgement: Judgement,
    /// Where each certificate was kept.
    kept: BTreeMap<Fingerprint, usize>,
    /// What [`DecodedSource::published`] said of the sources.
    dates: Vec<Timestamp>,
}

impl<'a> Judge<'a> {
    /// A judge for the stores in `wanted`.
    pub fn new(criteria: Criteria<'a>, wanted: StoreSet) -> Self {
        Judge {
            criteria,
            wanted,
            judgement: Judgement::default(),
            kept: BTreeMap::new(),
            dates: Vec::new(),
        }
    }

    /// Judges every section of one source.
    pub fn add(&mut self, decoded: DecodedSource) {
        let role = decoded.role;
        let source = self.judgement.sources.len();
        let is_embedded = decoded.published.is_some();
        self.dates.extend(decoded.published);
        for found in decoded.sections {
            let mut findings = certificate::findings(&found, is_embedded, self.criteria);
            if !role.is_customer() {
                // A base is what the pod trusted before: a fault in it never stops the pod.
                for finding in &mut findings {
                    finding.level = finding.level.min(Level::Drop);
                }
            }
            let origin = format!("{}{}", decoded.name, found.position);
            let stores = role.stores() & self.wanted;
            let mut entry = JudgedSection::new(source, origin, found, findings, stores);
            if let Some(certificate) = entry.kept() {
                let next = self.judgement.sections.len();
                let first = *self.kept.entry(certificate.fingerprint()).or_insert(next);
                if let Some(first) = self.judgement.sections.get_mut(first) {
                    entry.merge_into(first, duplicate(role, self.criteria.policy));
                }
            }
            self.judgement.sections.push(entry);
        }
        self.judgement.sources.push(JudgedSource {
            name: decoded.name,
            role,
        });
    }

    /// The stores in which no base left a certificate.
    pub fn stores_without_base(&self) -> StoreSet {
        let judgement = &self.judgement;
        let of_bases = judgement.sections.iter().filter(|entry| {
            !judgement.is_customer(entry)
                && matches!(entry.verdict, Verdict::Kept | Verdict::Merged)
        });
        of_bases.fold(self.wanted, |without, entry| {
            // A merged one stands in the stores of its source by the entry before it.
            without - (judgement.role(entry).stores() - entry.withheld())
        })
    }

    /// The judgement, with what can be said of the set only when it is whole.
    pub fn finish(self) -> Judgement {
        let mut judgement = self.judgement;
        relations::judge(&mut judgement, self.criteria);
        for date in self.dates {
            judgement
                .set_findings
                .extend(roots_old(date, self.criteria));
        }
        judgement
    }
}

fn roots_old(date: Timestamp, criteria: Criteria<'_>) -> Option<Finding> {
    const YEAR: Days = Days::new(365);
    (date.plus(YEAR) < criteria.at).then(|| {
        let reason = format!(
            "the embedded Mozilla roots are of {}: roots that came since are missing, and those \
             that were withdrawn are still trusted",
            date.date()
        );
        Finding::new(Rule::RootsOld, criteria.policy, reason).hinted(Hint::UpdateRoots)
    })
}

/// What is said of a certificate that was kept before. A base may well hold what another source
/// holds; only the customer's own list is judged for it.
fn duplicate(role: SourceRole, policy: &Policy) -> Finding {
    let finding = Finding::new(
        Rule::Duplicate,
        policy,
        "the same certificate was read before",
    );
    Finding {
        level: if role.is_customer() {
            finding.level
        } else {
            Level::Allow
        },
        ..finding
    }
}

impl Judgement {
    /// Every denial there is, not only the first.
    pub fn denials(&self) -> Vec<Denial> {
        let mut refusals = Vec::new();
        for entry in &self.sections {
            for finding in entry.findings.iter().filter(|f| f.level == Level::Deny) {
                refusals.push(finding.refusal(Some(&entry.origin), entry.message(finding)));
            }
        }
        for finding in self.set_findings.iter().filter(|f| f.level == Level::Deny) {
            let mut refusal = finding.refusal(None, finding.reason.clone());
            if finding.rule == Rule::NothingLeft {
                refusal.left_out.extend(self.left_out().take(20));
            }
            refusals.push(refusal);
        }
        refusals
    }

    /// What was left out of the customer's sources and why, a line each.
    fn left_out(&self) -> impl Iterator<Item = String> {
        let of_customer = self.sections.iter().filter(|entry| self.is_customer(entry));
        of_customer.filter_map(|entry| {
            let finding = entry.deciding_finding()?;
            Some(format!("{}: {}", entry.origin, entry.message(finding)))
        })
    }

    /// The counts of one source.
    pub fn counts(&self, source: usize) -> Counts {
        Counts::of(self.sections.iter().filter(|entry| entry.source == source))
    }

    /// The counts of all the customer's sources together.
    pub fn customer_counts(&self) -> Counts {
        Counts::of(
            self.sections
                .iter()
                .filter(|section| self.is_customer(section)),
        )
    }

    /// The counts of all bases together.
    pub fn base_counts(&self) -> Counts {
        Counts::of(
            self.sections
                .iter()
                .filter(|section| !self.is_customer(section)),
        )
    }

    fn role(&self, entry: &JudgedSection) -> SourceRole {
        self.sources[entry.source].role
    }

    /// The role of an entry's source.
    pub fn is_customer(&self, entry: &JudgedSection) -> bool {
        self.role(entry).is_customer()
    }

    /// The certificates that a base has, whoever else does.
    fn in_base(&self) -> BTreeSet<Fingerprint> {
        self.sections
            .iter()
            .filter(|entry| !self.is_customer(entry))
            .filter(|entry| matches!(entry.verdict, Verdict::Kept | Verdict::Merged))
            .filter_map(|entry| entry.certificate.as_ref())
            .map(Certificate::fingerprint)
            .collect()
    }

    /// The stores that hold anything.
    pub fn non_empty_stores(&self) -> StoreSet {
        let stores = self.sections.iter().map(|entry| entry.stores);
        stores.fold(StoreSet::NONE, StoreSet::bitor)
    }

    /// The certificates to trust, an ordered bundle for each store.
    pub fn stores(&self) -> Stores<'_> {
        let in_base = self.in_base();
        let bundle = |store: Store| {
            Bundle::new(
                self.sections
                    .iter()
                    .filter(|entry| entry.stores.contains(store))
                    .filter_map(|entry| entry.certificate.as_ref())
                    .map(|certificate| Member {
                        certificate,
                        in_base: in_base.contains(&certificate.fingerprint()),
                    }),
            )
        };
        Stores {
            os: bundle(Store::Os),
            java: bundle(Store::Java),
            python: bundle(Store::Python),
            custom: bundle(Store::Custom),
        }
    }

    /// Fingerprints of the customer's certificates that were kept, sorted, each once.
    pub fn trust_anchors(&self) -> Vec<Fingerprint> {
        let mut anchors: Vec<Fingerprint> = self
            .sections
            .iter()
            .filter(|entry| self.is_customer(entry))
            .filter_map(JudgedSection::kept)
            .map(Certificate::fingerprint)
            .collect();
        anchors.sort_unstable();
        anchors
    }
}

/// Whose a source is, and which stores its certificates go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceRole {
    /// The customer's: it goes to every store.
    Customer,
    /// What the pod trusts anyway: it goes to these stores.
    Base(StoreSet),
}

impl SourceRole {
    /// Whether it is the customer's.
    pub fn is_customer(self) -> bool {
        self == SourceRole::Customer
    }

    /// The stores that its certificates go to.
    pub fn stores(self) -> StoreSet {
        match self {
            SourceRole::Customer => StoreSet::ALL,
            SourceRole::Base(stores) => stores,
        }
    }
}

/// A denial: what a rule at level `deny` found, for the run to end with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// The rule.
    pub rule: Rule,
    /// Source and place, unless the whole set is refused; escaped.
    pub origin: Option<String>,
    /// What was found.
    pub message: String,
    /// What to do about it.
    pub hint: Option<Hint>,
    /// For [`Rule::NothingLeft`], the sections that were left out and why, a line each.
    pub left_out: Vec<String>,
}
