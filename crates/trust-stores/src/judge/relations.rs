//! What the rules find of certificates among each other, when all of them are known.

use std::collections::{BTreeMap, BTreeSet};

use super::{Criteria, Finding, JudgedSection, Judgement};
use crate::bundle::Member;
use crate::cert::name::NameHash;
use crate::cert::{Certificate, Fingerprint};
use crate::formats::Hint;
use crate::policy::{Level, Rule};

/// Adds what can only be said of the whole: chains, names and what is left. Of the customer's
/// certificates alone; a base was trusted before, as it is.
pub(super) fn judge(judgement: &mut Judgement, criteria: Criteria<'_>) {
    if !judgement
        .sources
        .iter()
        .any(|source| source.role.is_customer())
    {
        return;
    }
    let set = Set::new(judgement);
    let in_base = judgement.in_base();
    let mut findings: Vec<(usize, Finding)> = Vec::new();
    let mut customers: Vec<&Certificate> = Vec::new();
    for (index, entry) in judgement.sections.iter().enumerate() {
        let Some(certificate) = entry.kept().filter(|_| judgement.is_customer(entry)) else {
            continue;
        };
        customers.push(certificate);
        if !certificate.is_self_signed() && set.issuers(certificate).next().is_none() {
            findings.push((index, incomplete_chain(certificate, criteria)));
        }
        if let Some(other) = set.namesake(certificate) {
            let first = first_of(&in_base, certificate, other);
            findings.push((index, same_subject(other, first, criteria)));
        }
    }
    let is_empty = customers.is_empty();
    let leads_to_root = set.leads_to_root(customers);
    for (index, finding) in findings {
        if let Some(entry) = judgement.sections.get_mut(index) {
            entry.findings.push(finding);
            entry
                .findings
                .sort_by_key(|finding| std::cmp::Reverse(finding.level));
        }
    }
    if is_empty {
        // What was denied one by one is told already.
        let mut findings = judgement.sections.iter().flat_map(|entry| &entry.findings);
        if !findings.any(|finding| finding.level == Level::Deny) {
            judgement.set_findings.push(nothing_left(criteria));
        }
    } else if !leads_to_root {
        judgement.set_findings.push(no_root(criteria));
    }
}

/// The kept certificates by the names that clients look them up by.
struct Set<'a>(BTreeMap<NameHash, Vec<&'a JudgedSection>>);

impl<'a> Set<'a> {
    fn new(judgement: &'a Judgement) -> Self {
        let mut by_name: BTreeMap<NameHash, Vec<&JudgedSection>> = BTreeMap::new();
        for entry in &judgement.sections {
            if let Some(certificate) = entry.kept() {
                let hash = certificate.subject().hash();
                by_name.entry(hash).or_default().push(entry);
            }
        }
        Set(by_name)
    }

    fn named(&self, hash: NameHash) -> impl Iterator<Item = &'a JudgedSection> {
        self.0.get(&hash).into_iter().flatten().copied()
    }

    /// The certificates that may have issued this one, itself left out.
    fn issuers(&self, certificate: &Certificate) -> impl Iterator<Item = &'a Certificate> {
        let fingerprint = certificate.fingerprint();
        self.named(certificate.issuer().hash())
            .filter_map(JudgedSection::kept)
            .filter(move |issuer| issuer.fingerprint() != fingerprint)
            .filter(|issuer| issuer.may_have_issued(certificate))
    }

    /// Whether any of `open` is a root, or issued by what is one in the end. Cross-signed CAs can
    /// go in circles: no certificate is looked at twice.
    fn leads_to_root(&self, mut open: Vec<&'a Certificate>) -> bool {
        let mut seen: BTreeSet<Fingerprint> = open
            .iter()
            .map(|certificate| certificate.fingerprint())
            .collect();
        while let Some(next) = open.pop() {
            if next.is_self_signed() {
                return true;
            }
            let issuers = self.issuers(next);
            open.extend(issuers.filter(|issuer| seen.insert(issuer.fingerprint())));
        }
        false
    }

    /// Another certificate of this one's name whose key is another.
    fn namesake(&self, certificate: &Certificate) -> Option<&'a JudgedSection> {
        self.named(certificate.subject().hash()).find(|entry| {
            entry
                .kept()
                .is_some_and(|other| other.public_key_info() != certificate.public_key_info())
        })
    }
}

fn incomplete_chain(certificate: &Certificate, criteria: Criteria<'_>) -> Finding {
    let issuer = certificate.issuer();
    let what = if certificate.is_ca() {
        "what it signed"
    } else {
        "it"
    };
    let reason = format!(
        "its issuer {issuer} is not among the certificates: Python before 3.13 and most of OpenSSL \
         refuse {what}, while the JVM and curl take it"
    );
    Finding::new(Rule::IncompleteChain, criteria.policy, reason)
        .hinted(Hint::Text("add the issuer's certificate, up to the root"))
}

/// Which of two namesakes stands first in the bundles.
fn first_of(
    in_base: &BTreeSet<Fingerprint>,
    this: &Certificate,
    other: &JudgedSection,
) -> &'static str {
    let rank = |certificate: &Certificate| {
        let in_base = in_base.contains(&certificate.fingerprint());
        Member {
            certificate,
            in_base,
        }
        .rank()
    };
    match other.kept() {
        Some(other) if rank(other) < rank(this) => "the other",
        _ => "this one",
    }
}

fn same_subject(other: &JudgedSection, first: &str, criteria: Criteria<'_>) -> Finding {
    let reason = format!(
        "{} has the same name and another key: a client that looks a CA up by its name can take \
         the wrong one; {first} stands first in the bundles",
        other.origin,
    );
    Finding::new(Rule::SameSubject, criteria.policy, reason)
        .hinted(Hint::Text("a CA with a new key is better given a new name; if one of the two is out of use, leave it out"))
}

fn no_root(criteria: Criteria<'_>) -> Finding {
    Finding::new(
        Rule::NoRoot,
        criteria.policy,
        "none of the customer's certificates is a root or leads to one: Python before 3.13 and most \
         of OpenSSL need the root, the JVM and curl do not",
    )
    .hinted(Hint::Text("add the root CA's certificate, which names itself as its issuer"))
}

fn nothing_left(criteria: Criteria<'_>) -> Finding {
    Finding::new(
        Rule::NothingLeft,
        criteria.policy,
        "no certificate of the customer's is left",
    )
    .hinted(Hint::Text(
        "give at least one CA certificate; these were left out:",
    ))
}
