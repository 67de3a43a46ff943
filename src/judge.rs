//! Applies the policy: what was found in the sources becomes a verdict on each section, and the
//! certificates that are to be trusted, by store. Pure: the moment to judge at is a parameter.

use std::collections::{HashMap, HashSet};

use crate::bundle::{Bundle, Member, Store, StoreSet, Stores};
use crate::cert::{Certificate, Fingerprint};
use crate::error::{Error, Errors};
use crate::formats::{Found, Problem};
use crate::moment::Moment;
use crate::policy::{Level, Policy, Rule};
use crate::read::Role;

/// What one source held.
#[derive(Debug)]
pub struct Decoded {
    /// As messages name the source; escaped.
    pub source: String,
    /// Whether it is the customer's or a base, and for which stores.
    pub role: Role,
    /// Its sections.
    pub found: Vec<Found>,
}

/// What a rule says of one section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// Its level, by the policy and the source's role.
    pub level: Level,
    /// Why, in words.
    pub reason: String,
    /// What to do about it.
    pub hint: Option<&'static str>,
}

/// What became of a section. Sections seen = kept + merged + dropped + rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It stands in every store listed.
    Kept,
    /// The same certificate was kept from an earlier source, whose entry has the stores of both.
    Merged,
    /// A certificate that a rule left out.
    Dropped,
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
            Verdict::Rejected => "rejected",
        }
    }
}

/// One section of one source, judged.
#[derive(Debug)]
pub struct Entry {
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

impl Entry {
    fn new(
        source: usize,
        origin: String,
        found: Found,
        findings: Vec<Finding>,
        stores: StoreSet,
    ) -> Self {
        let certificate = found.content.ok().map(|taken| taken.certificate);
        let left_out = findings.iter().any(|finding| finding.level >= Level::Drop);
        let (verdict, stores) = match certificate {
            None => (Verdict::Rejected, StoreSet::NONE),
            Some(_) if left_out => (Verdict::Dropped, StoreSet::NONE),
            Some(_) => (Verdict::Kept, stores),
        };
        Entry {
            source,
            origin,
            certificate,
            verdict,
            stores,
            findings,
        }
    }

    /// Hands its stores to the entry of the same certificate that was kept before, so that each
    /// certificate stands in one entry's stores.
    fn merge_into(&mut self, first: &mut Entry, finding: Finding) {
        first.stores = first.stores | self.stores;
        self.stores = StoreSet::NONE;
        self.verdict = Verdict::Merged;
        self.findings.push(finding);
    }

    /// The subject for messages, or what the section is instead.
    pub fn subject(&self) -> String {
        match &self.certificate {
            Some(certificate) => certificate.subject().to_string(),
            None => String::from("(no certificate)"),
        }
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
    /// See [`Verdict::Rejected`].
    pub rejected: usize,
}

impl Counts {
    fn of<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let mut counts = Counts::default();
        for entry in entries {
            counts.seen += 1;
            *match entry.verdict {
                Verdict::Kept => &mut counts.kept,
                Verdict::Merged => &mut counts.merged,
                Verdict::Dropped => &mut counts.dropped,
                Verdict::Rejected => &mut counts.rejected,
            } += 1;
        }
        counts
    }
}

/// The verdict on everything that was read.
#[derive(Debug, Default)]
pub struct Judgement {
    /// Each source's name and role, in the order they were read.
    pub sources: Vec<(String, Role)>,
    /// Every section, in the order it was read.
    pub entries: Vec<Entry>,
    /// What was found of the set as a whole, short of a denial.
    pub set_findings: Vec<Finding>,
}

/// Judges every section by `policy` at the moment `at`, for the stores in `wanted`. The customer's
/// sources come first, so that a certificate which a base has too is the customer's. Fails with
/// every denial there is, not only the first.
pub fn judge(
    decoded: Vec<Decoded>,
    policy: &Policy,
    at: Moment,
    wanted: StoreSet,
) -> Result<Judgement, Errors> {
    let mut judgement = Judgement::default();
    let mut faults = Vec::new();
    // Where each certificate was kept.
    let mut kept: HashMap<Fingerprint, usize> = HashMap::new();
    for (source, decoded) in decoded.into_iter().enumerate() {
        let role = decoded.role;
        for found in decoded.found {
            let mut findings = findings(&found, policy, at);
            if !role.is_customer() {
                // A base is what the pod trusted before: a fault in it never stops the pod.
                for finding in &mut findings {
                    finding.level = finding.level.min(Level::Drop);
                }
            }
            let origin = format!("{}{}", decoded.source, found.place);
            let mut entry = Entry::new(source, origin, found, findings, role.stores() & wanted);
            if let (Verdict::Kept, Some(certificate)) = (entry.verdict, &entry.certificate) {
                let next = judgement.entries.len();
                let first = *kept.entry(certificate.fingerprint()).or_insert(next);
                if let Some(first) = judgement.entries.get_mut(first) {
                    entry.merge_into(first, duplicate(role, policy));
                }
            }
            faults.extend(denials(&entry));
            judgement.entries.push(entry);
        }
        judgement.sources.push((decoded.source, role));
    }
    let has_customer = judgement.sources.iter().any(|(_, role)| role.is_customer());
    if has_customer && judgement.trust_anchors().is_empty() && faults.is_empty() {
        let finding = nothing_left(policy);
        if finding.level == Level::Deny {
            faults.push(
                judgement
                    .left_out()
                    .take(20)
                    .fold(denial(&finding), Error::hint),
            );
        } else {
            judgement.set_findings.push(finding);
        }
    }
    Errors::check(faults)?;
    Ok(judgement)
}

/// What the rules find of one section, the gravest first.
fn findings(found: &Found, policy: &Policy, at: Moment) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |rule: Rule, reason: String, hint: Option<&'static str>| {
        findings.push(Finding {
            rule,
            level: policy.level(rule),
            reason,
            hint,
        });
    };
    match &found.content {
        Err(Problem::Malformed { message, hint }) => {
            find(Rule::Malformed, message.clone(), *hint);
        }
        Err(Problem::PrivateKey { kind }) => find(
            Rule::PrivateKey,
            format!("a private key ({kind}) stands here"),
            Some(
                "take it out, and hold the key compromised if this file was shared; a trust \
                 store needs the CA's certificates alone",
            ),
        ),
        Ok(taken) => {
            let certificate = &taken.certificate;
            if let Some(distrust) = &taken.distrust {
                find(Rule::Distrusted, distrust.clone(), None);
            }
            if certificate.not_after() < at {
                let reason = format!("expired on {}", certificate.not_after());
                find(Rule::Expired, reason, None);
            }
            if certificate.not_before() > at {
                let reason = format!("not valid before {}", certificate.not_before());
                find(Rule::NotYetValid, reason, None);
            }
        }
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    findings
}

/// What is said of a certificate that was kept before. A base may well hold what another source
/// holds; only the customer's own list is judged for it.
fn duplicate(role: Role, policy: &Policy) -> Finding {
    Finding {
        rule: Rule::Duplicate,
        level: if role.is_customer() {
            policy.level(Rule::Duplicate)
        } else {
            Level::Allow
        },
        reason: String::from("the same certificate was read before"),
        hint: None,
    }
}

fn denials(entry: &Entry) -> impl Iterator<Item = Error> {
    entry
        .findings
        .iter()
        .filter(|finding| finding.level == Level::Deny)
        .map(|finding| {
            let fault = denial(finding).at(entry.origin.clone());
            match &entry.certificate {
                Some(certificate) => Error {
                    message: format!("{}: {}", certificate.subject(), fault.message),
                    ..fault
                },
                None => fault,
            }
        })
}

fn denial(finding: &Finding) -> Error {
    let fault = Error::input(finding.rule.code(), finding.reason.clone());
    match finding.hint {
        Some(hint) => fault.hint(hint),
        None => fault,
    }
}

fn nothing_left(policy: &Policy) -> Finding {
    Finding {
        rule: Rule::NothingLeft,
        level: policy.level(Rule::NothingLeft),
        reason: String::from("no certificate of the customer's is left"),
        hint: Some("give at least one CA certificate; these were left out:"),
    }
}

impl Judgement {
    /// What was left out of the customer's sources and why, a line each.
    fn left_out(&self) -> impl Iterator<Item = String> {
        let of_customer = self.entries.iter().filter(|entry| self.is_customer(entry));
        of_customer.filter_map(|entry| {
            let finding = entry.findings.first()?;
            let (origin, subject) = (&entry.origin, entry.subject());
            Some(format!("{origin}: {subject}: {}", finding.reason))
        })
    }

    /// The counts of one source.
    pub fn counts(&self, source: usize) -> Counts {
        Counts::of(self.entries.iter().filter(|entry| entry.source == source))
    }

    /// The counts of all the customer's sources, or of all bases.
    pub fn counts_of(&self, is_customer: bool) -> Counts {
        let of_role = |entry: &&Entry| self.role(entry).is_customer() == is_customer;
        Counts::of(self.entries.iter().filter(of_role))
    }

    fn role(&self, entry: &Entry) -> Role {
        self.sources[entry.source].1
    }

    /// The role of an entry's source.
    pub fn is_customer(&self, entry: &Entry) -> bool {
        self.role(entry).is_customer()
    }

    /// The certificates to trust, an ordered bundle for each store.
    pub fn stores(&self) -> Stores<'_> {
        let in_base: HashSet<Fingerprint> = self
            .entries
            .iter()
            .filter(|entry| !self.is_customer(entry))
            .filter(|entry| matches!(entry.verdict, Verdict::Kept | Verdict::Merged))
            .filter_map(|entry| entry.certificate.as_ref())
            .map(Certificate::fingerprint)
            .collect();
        let bundle = |store: Store| {
            Bundle::new(
                self.entries
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
            .entries
            .iter()
            .filter(|entry| self.is_customer(entry) && entry.verdict == Verdict::Kept)
            .filter_map(|entry| entry.certificate.as_ref())
            .map(Certificate::fingerprint)
            .collect();
        anchors.sort_unstable();
        anchors
    }
}
