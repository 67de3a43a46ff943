//! The verdict on one section.

use std::sync::Arc;

use super::finding::Finding;
use crate::bundle::StoreSet;
use crate::cert::Certificate;
use crate::formats::Section;
use crate::policy::{Level, Rule};

/// What became of a section. Every section has exactly one verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is in every store listed.
    Kept,
    /// The same certificate was kept before, and that section lists the stores of both.
    Merged,
    /// A rule left the certificate out.
    Dropped,
    /// A rule at level deny found something about the certificate.
    Denied,
    /// It is not a certificate.
    Rejected,
}

impl Verdict {
    /// Its name in the manifest: `kept`, `merged`, `dropped`, `denied` or `rejected`.
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

/// A section with its findings and the verdict on it.
#[derive(Debug)]
pub struct JudgedSection {
    /// The index of its source in [`Judgement::sources`](super::Judgement::sources).
    pub source: usize,
    /// Source and position, as messages name it; escaped.
    pub origin: String,
    /// How many sections this is: more than one only where problems are counted instead of listed
    /// ([`Problem::Unlisted`](crate::Problem::Unlisted)).
    pub count: usize,
    /// The certificate, if the section is one. Sections with the same one share it.
    pub certificate: Option<Arc<Certificate>>,
    /// What became of it.
    pub verdict: Verdict,
    /// The stores that the certificate is in.
    pub stores: StoreSet,
    /// All that was found about it, the gravest first.
    pub findings: Vec<Finding>,
}

impl JudgedSection {
    /// The verdict on a section that is for `stores`.
    pub(super) fn new(
        source: usize,
        origin: String,
        section: Section,
        findings: Vec<Finding>,
        stores: StoreSet,
    ) -> Self {
        let excluded = excluded_stores(&findings);
        let is_denied = findings.iter().any(|f| f.level == Level::Deny);
        let count = section.count();
        let certificate = section.content.ok().map(|decoded| decoded.certificate);
        let (verdict, stores) = match certificate {
            None => (Verdict::Rejected, StoreSet::NONE),
            Some(_) if is_denied => (Verdict::Denied, StoreSet::NONE),
            // One that no store can take is dropped; one that was for no store is not.
            Some(_) if !excluded.is_empty() && (stores - excluded).is_empty() => {
                (Verdict::Dropped, StoreSet::NONE)
            }
            Some(_) => (Verdict::Kept, stores - excluded),
        };
        JudgedSection {
            source,
            origin,
            count,
            certificate,
            verdict,
            stores,
            findings,
        }
    }

    /// The stores that its findings keep it out of.
    pub(super) fn excluded_stores(&self) -> StoreSet {
        excluded_stores(&self.findings)
    }

    /// Gives its stores to the section that the same certificate was kept from before, so that each
    /// certificate's stores are listed once. What was found about both is marked as repeated.
    pub(super) fn merge_into(&mut self, first: &mut JudgedSection, finding: Finding) {
        self.certificate.clone_from(&first.certificate);
        for finding in &mut self.findings {
            finding.is_repeated = first.findings.contains(finding);
        }
        first.stores = first.stores | self.stores;
        self.stores = StoreSet::NONE;
        self.verdict = Verdict::Merged;
        self.findings.push(finding);
    }

    /// Whether it is known for something other than a certificate or a key, so that no trust is lost with it.
    pub fn is_no_certificate(&self) -> bool {
        let mut findings = self.findings.iter();
        findings.any(|finding| finding.rule == Rule::NotACertificate)
    }

    /// A finding about this section in words: the subject, and what was found.
    pub fn message(&self, finding: &Finding) -> String {
        let Some(certificate) = &self.certificate else {
            return finding.reason.clone();
        };
        // Dropped from some stores, and kept in others.
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

    /// The certificate, if its verdict is [`Verdict::Kept`].
    pub fn kept(&self) -> Option<&Certificate> {
        self.certificate
            .as_deref()
            .filter(|_| self.verdict == Verdict::Kept)
    }
}

fn excluded_stores(findings: &[Finding]) -> StoreSet {
    let excluded = findings.iter().map(Finding::excluded_stores);
    excluded.fold(StoreSet::NONE, |all, stores| all | stores)
}
