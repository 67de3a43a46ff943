//! What the rules find about certificates among each other, when all of them are known.

use std::cell::LazyCell;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::{Criteria, Finding, JudgedSection, Judgement};
use crate::bundle::Precedence;
use crate::cert::{Certificate, Fingerprint, NameHash};
use crate::formats::Hint;
use crate::policy::{Level, Rule};

/// Adds what can only be found out about the complete set: chains, names, and whether anything is left. Only
/// the customer's certificates are judged; a base was trusted before as it is.
pub(super) fn judge(judgement: &mut Judgement, criteria: Criteria<'_>) {
    if !judgement
        .sources
        .iter()
        .any(|source| source.role.is_customer())
    {
        return;
    }
    let set = Set::new(judgement);
    let of_bases = LazyCell::new(|| judgement.base_fingerprints());
    let mut findings: Vec<(usize, Finding)> = Vec::new();
    let mut customers: Vec<&Certificate> = Vec::new();
    for (index, section) in judgement.sections.iter().enumerate() {
        let Some(certificate) = section.kept().filter(|_| judgement.is_customer(section)) else {
            continue;
        };
        customers.push(certificate);
        if !certificate.is_self_signed() && set.issuers(certificate).next().is_none() {
            findings.push((index, incomplete_chain(certificate, criteria)));
        }
        match set.namesake(certificate) {
            Some((other, Some(doubt))) => {
                let first = first_of(&of_bases, certificate, other);
                findings.push((index, same_subject(other, doubt, first, criteria)));
            }
            Some((other, None)) if is_older(other, certificate) => {
                findings.push((index, key_rollover(other, criteria)));
            }
            _ => {}
        }
    }
    let is_empty = customers.is_empty();
    let leads_to_root = set.leads_to_root(customers);
    for (index, finding) in findings {
        let section = &mut judgement.sections[index];
        section.findings.push(finding);
        Finding::sort(&mut section.findings);
    }
    if is_empty {
        // What was denied one by one is reported already.
        let mut findings = judgement
            .sections
            .iter()
            .flat_map(|section| &section.findings);
        if !findings.any(|finding| finding.level == Level::Deny) {
            judgement.set_findings.push(nothing_left(criteria));
        }
    } else if !leads_to_root {
        judgement.set_findings.push(no_root(criteria));
    }
}

/// The kept certificates by the names that clients look them up by. A source can have thousands with one subject, so
/// none of the questions below goes through all of them for each.
struct Set<'a> {
    sections: &'a [JudgedSection],
    /// Sorted.
    members: Vec<Member<'a>>,
    /// By each name that certificates with several keys have.
    renewed: BTreeMap<NameHash, Namesakes<'a>>,
}

/// Certificates with one subject and several keys.
struct Namesakes<'a> {
    /// The first of them, and the first with another key.
    keys: [&'a JudgedSection; 2],
    /// Why clients may confuse them; `None` for an orderly rollover.
    doubt: Option<Doubt>,
}

/// Why a client that looks a CA up by name may pick the wrong one of several.
///
/// OpenSSL takes the first certificate with the issuer's name whose subjectKeyIdentifier does not contradict the
/// authorityKeyIdentifier of what it issued, and never tries the next one if the signature is another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doubt {
    /// One of them is a base's only: the customer's may pretend to be a CA that clients know.
    OfBase,
    /// One of them is not a CA's.
    NotACa,
    /// One of them has no subjectKeyIdentifier, so it fits whatever a client looks for.
    NoIdentifier,
    /// Two keys have one subjectKeyIdentifier.
    SameIdentifier,
    /// A certificate that they may have issued does not say by which key.
    UnnamedIssuer,
}

/// A certificate by its subject, its key identifier, and the index of its section.
type Member<'a> = (NameHash, Option<KeyIdentifier<'a>>, usize);

/// The key identifier of a subject or, if it is asked for, of an issuer.
type KeyIdentifier<'a> = &'a [u8];

impl<'a> Set<'a> {
    fn new(judgement: &'a Judgement) -> Self {
        let sections = &judgement.sections;
        let kept = sections.iter().enumerate();
        let kept = kept.filter_map(|(index, section)| Some((index, section.kept()?)));
        let members = kept.map(|(index, certificate)| {
            let [own, _] = certificate.key_identifiers();
            (certificate.subject().hash(), own, index)
        });
        let mut members: Vec<Member<'a>> = members.collect();
        members.sort_unstable();
        let namesakes = members.chunk_by(|(one, ..), (other, ..)| one == other);
        let both = namesakes.filter_map(|namesakes| {
            let keys = several_keys(sections, namesakes)?;
            let doubt = doubt_about(judgement, namesakes);
            Some((namesakes[0].0, Namesakes { keys, doubt }))
        });
        let mut renewed = BTreeMap::new();
        renewed.extend(both);
        if !renewed.is_empty() {
            for certificate in sections.iter().filter_map(JudgedSection::kept) {
                let [_, issuer] = certificate.key_identifiers();
                if issuer.is_none()
                    && !certificate.is_self_signed()
                    && let Some(namesakes) = renewed.get_mut(&certificate.issuer().hash())
                {
                    namesakes.doubt.get_or_insert(Doubt::UnnamedIssuer);
                }
            }
        }
        Set {
            sections,
            members,
            renewed,
        }
    }

    /// The certificates that may have issued this one, other than itself.
    fn issuers<'s>(
        &'s self,
        certificate: &'s Certificate,
    ) -> impl Iterator<Item = &'a Certificate> + use<'a, 's> {
        let fingerprint = certificate.fingerprint();
        let [_, wanted] = certificate.key_identifiers();
        let name = certificate.issuer().hash();
        let namesakes = equal_range(&self.members, |(subject, ..)| subject.cmp(&name));
        let candidates = match wanted {
            None => [namesakes, &[]],
            Some(_) => [None, wanted]
                .map(|wanted| equal_range(namesakes, |(_, identifier, _)| identifier.cmp(&wanted))),
        };
        candidates
            .into_iter()
            .flatten()
            .filter_map(|(.., index)| self.sections[*index].kept())
            .filter(move |issuer| issuer.fingerprint() != fingerprint)
            .filter(|issuer| issuer.may_have_issued(certificate))
    }

    /// Whether any of `open` is a root, or has one above it. Cross-signed CAs can form a circle, so no
    /// certificate is looked at twice, and no issuer is looked for twice.
    fn leads_to_root(&self, mut open: Vec<&'a Certificate>) -> bool {
        if open.iter().any(|certificate| certificate.is_self_signed()) {
            return true;
        }
        let mut seen = BTreeSet::new();
        seen.extend(open.iter().map(|certificate| certificate.fingerprint()));
        let mut sought = BTreeSet::new();
        while let Some(next) = open.pop() {
            if next.is_self_signed() {
                return true;
            }
            let [_, wanted] = next.key_identifiers();
            if !sought.insert((next.issuer().hash(), wanted)) {
                continue;
            }
            let issuers = self.issuers(next);
            open.extend(issuers.filter(|issuer| seen.insert(issuer.fingerprint())));
        }
        false
    }

    /// A certificate with this one's subject but another key, and why clients may confuse them, if they may.
    fn namesake(&self, certificate: &Certificate) -> Option<(&'a JudgedSection, Option<Doubt>)> {
        let Namesakes { keys, doubt } = self.renewed.get(&certificate.subject().hash())?;
        let mut keys = keys.iter().copied();
        let other = keys.find(|section| !has_key_of(section, certificate))?;
        Some((other, *doubt))
    }
}

/// The first of these certificates with one subject, and the first with another key; `None` if all have the same key.
fn several_keys<'a>(
    sections: &'a [JudgedSection],
    namesakes: &[Member<'_>],
) -> Option<[&'a JudgedSection; 2]> {
    let indexes = || namesakes.iter().map(|(.., index)| *index);
    let first = indexes().min()?;
    let key = sections[first].kept()?;
    // Nearly every certificate has its name to itself, and no key needs to be compared.
    let others = indexes().filter(|index| *index != first && !has_key_of(&sections[*index], key));
    Some([&sections[first], &sections[others.min()?]])
}

/// Why clients may confuse these certificates with one subject and several keys.
fn doubt_about(judgement: &Judgement, namesakes: &[Member<'_>]) -> Option<Doubt> {
    let mut by_identifier: BTreeMap<KeyIdentifier<'_>, &Certificate> = BTreeMap::new();
    for (_, identifier, index) in namesakes {
        let section = &judgement.sections[*index];
        let Some(certificate) = section.kept() else {
            continue;
        };
        if !judgement.is_customer(section) {
            return Some(Doubt::OfBase);
        }
        if !certificate.is_ca() {
            return Some(Doubt::NotACa);
        }
        let Some(identifier) = identifier else {
            return Some(Doubt::NoIdentifier);
        };
        let first = by_identifier.entry(identifier).or_insert(certificate);
        if first.public_key_info() != certificate.public_key_info() {
            return Some(Doubt::SameIdentifier);
        }
    }
    None
}

/// The part of a sorted `list` that a `comparison` with what is sought finds equal.
fn equal_range<T>(list: &[T], comparison: impl Fn(&T) -> Ordering) -> &[T] {
    let start = list.partition_point(|one| comparison(one).is_lt());
    let length = list[start..].partition_point(|one| comparison(one).is_eq());
    &list[start..start + length]
}

fn has_key_of(section: &JudgedSection, certificate: &Certificate) -> bool {
    section
        .kept()
        .is_some_and(|other| other.public_key_info() == certificate.public_key_info())
}

fn incomplete_chain(certificate: &Certificate, criteria: Criteria<'_>) -> Finding {
    let issuer = certificate.issuer();
    let what = if certificate.is_ca() {
        "what it signed"
    } else {
        "it"
    };
    let reason = format!(
        "its issuer {issuer} is missing: Python before 3.13 and most OpenSSL programs refuse {what}, \
         while the JVM and curl accept it"
    );
    Finding::new(Rule::IncompleteChain, criteria.policy, reason).hinted(Hint::Text(
        "add the issuer's certificate, and those of the CAs above it up to the root",
    ))
}

/// Which of two certificates with one subject comes first in the bundles.
fn first_of(
    of_bases: &BTreeSet<Fingerprint>,
    this: &Certificate,
    other: &JudgedSection,
) -> &'static str {
    let rank = |certificate: &Certificate| {
        let precedence = if of_bases.contains(&certificate.fingerprint()) {
            Precedence::Base
        } else {
            Precedence::Added
        };
        precedence.rank(certificate)
    };
    match other.kept() {
        Some(other) if rank(other) < rank(this) => "the other",
        _ => "this one",
    }
}

fn same_subject(
    other: &JudgedSection,
    doubt: Doubt,
    first: &str,
    criteria: Criteria<'_>,
) -> Finding {
    let why = match doubt {
        Doubt::OfBase => "a base has one of the two",
        Doubt::NotACa => "one of the two is not a CA's",
        Doubt::NoIdentifier => "one of the two has no subjectKeyIdentifier",
        Doubt::SameIdentifier => "their subjectKeyIdentifiers are equal",
        Doubt::UnnamedIssuer => "a certificate that they issued has no authorityKeyIdentifier",
    };
    let hint = match doubt {
        Doubt::OfBase => {
            "ask the CA's owner whether it was renewed; if so, add the old certificate to the sources too"
        }
        _ => "give a CA with a new key a new name; if one of the two is no longer used, remove it",
    };
    let reason = format!(
        "{} has the same subject but another key, and {why}: a client that looks CAs up by name may pick \
         the wrong one; {first} comes first in the bundles",
        other.origin,
    );
    Finding::new(Rule::SameSubject, criteria.policy, reason).hinted(Hint::Text(hint))
}

/// What is found about the newer of two certificates that clients tell apart. A server's certificate without an
/// authorityKeyIdentifier is not among the sources: doctor finds it.
fn key_rollover(older: &JudgedSection, criteria: Criteria<'_>) -> Finding {
    let reason = format!(
        "this CA has another key in {}: clients tell the two apart by the key that a server's certificate names \
         (authorityKeyIdentifier), so servers can change from one to the other at any time",
        older.origin,
    );
    Finding::new(Rule::KeyRollover, criteria.policy, reason)
}

/// Whether the certificate of `section` became valid before `certificate`; of two at one time, one is older.
fn is_older(section: &JudgedSection, certificate: &Certificate) -> bool {
    let rank = |certificate: &Certificate| (certificate.not_before(), certificate.fingerprint());
    let other = section.kept();
    other.is_some_and(|other| rank(other) < rank(certificate))
}

fn no_root(criteria: Criteria<'_>) -> Finding {
    Finding::new(
        Rule::NoRoot,
        criteria.policy,
        "none of the customer's certificates is a root or leads to one: Python before 3.13 and most \
         OpenSSL programs need the root, the JVM and curl do not",
    )
    .hinted(Hint::Text("add the root CA's certificate, the one that is its own issuer"))
}

fn nothing_left(criteria: Criteria<'_>) -> Finding {
    Finding::new(
        Rule::NothingLeft,
        criteria.policy,
        "no customer certificate is left",
    )
    .hinted(Hint::Text(
        "provide at least one CA certificate; these were left out:",
    ))
}
