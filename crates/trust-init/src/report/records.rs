//! What the manifest, `check` and `inspect` report about a source, a certificate or a finding in JSON:
//! everywhere with the same fields.

use serde::Serialize;

use crate::read::Source;
use trust_stores::{
    Certificate, Finding, Fingerprint, JudgedSection, Judgement, SourceRole, StoreSet,
};

/// Where a certificate comes from.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RoleName {
    Customer,
    Base,
}

impl From<SourceRole> for RoleName {
    fn from(role: SourceRole) -> Self {
        match role {
            SourceRole::Customer => RoleName::Customer,
            SourceRole::Base(_) => RoleName::Base,
        }
    }
}

/// One source, and how many of its sections came to which verdict.
#[derive(Serialize)]
pub(super) struct SourceRecord<'a> {
    name: &'a str,
    pub(super) role: RoleName,
    /// The stores that a base goes to.
    #[serde(skip_serializing_if = "Option::is_none")]
    stores: Option<StoreSet>,
    #[serde(rename = "foundBy", skip_serializing_if = "Option::is_none")]
    found_by: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<Fingerprint>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<usize>,
    seen: usize,
    kept: usize,
    merged: usize,
    dropped: usize,
    #[serde(skip_serializing_if = "is_zero")]
    denied: usize,
    rejected: usize,
}

/// A certificate that was not judged.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CertificateSummary<'a> {
    sha256: Fingerprint,
    subject: &'a str,
    issuer: &'a str,
    not_before: String,
    not_after: String,
}

impl<'a> CertificateSummary<'a> {
    pub(super) fn new(certificate: &'a Certificate) -> Self {
        CertificateSummary {
            sha256: certificate.fingerprint(),
            subject: certificate.subject().as_str(),
            issuer: certificate.issuer().as_str(),
            not_before: certificate.not_before().to_string(),
            not_after: certificate.not_after().to_string(),
        }
    }
}

/// A certificate, and what became of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CertificateRecord<'a> {
    sha256: Fingerprint,
    subject: &'a str,
    issuer: &'a str,
    not_before: String,
    not_after: String,
    origin: &'a str,
    pub(super) role: RoleName,
    stores: StoreSet,
    verdict: &'static str,
    rule: Option<&'static str>,
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<FindingRecord<'a>>,
}

/// A section that is no certificate.
#[derive(Serialize)]
pub(super) struct RejectedRecord<'a> {
    origin: &'a str,
    pub(super) role: RoleName,
    rule: &'static str,
    reason: &'a str,
}

#[derive(Serialize)]
pub(super) struct FindingRecord<'a> {
    rule: &'static str,
    level: &'static str,
    reason: &'a str,
}

/// The records of every source. `files` has those that were read from files, in the judgement's order.
pub(super) fn sources<'a>(judgement: &'a Judgement, files: &'a [Source]) -> Vec<SourceRecord<'a>> {
    let sources = judgement.sources.iter().enumerate();
    sources
        .map(|(index, source)| {
            let (name, of) = (&source.name, source.role);
            let counts = judgement.counts(index);
            let file = files.get(index);
            SourceRecord {
                name,
                role: of.into(),
                stores: (!of.is_customer()).then(|| of.stores()),
                found_by: file.and_then(|file| file.found_by),
                sha256: file.map(|file| file.sha256),
                size: file.map(|file| file.bytes.len()),
                seen: counts.seen,
                kept: counts.kept,
                merged: counts.merged,
                dropped: counts.dropped,
                denied: counts.denied,
                rejected: counts.rejected,
            }
        })
        .collect()
}

/// The records of every certificate.
pub(super) fn certificates(judgement: &Judgement) -> Vec<CertificateRecord<'_>> {
    let entries = judgement.sections.iter();
    entries
        .filter_map(|entry| CertificateRecord::new(entry, role_of(judgement, entry)))
        .collect()
}

/// The records of every section that is no certificate.
pub(super) fn rejected(judgement: &Judgement) -> Vec<RejectedRecord<'_>> {
    let entries = judgement.sections.iter();
    entries
        .filter_map(|entry| RejectedRecord::new(entry, role_of(judgement, entry)))
        .collect()
}

/// Leaves out `denied` where it is zero: only `check` can have it, since a build that denies anything
/// writes no manifest.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

fn role_of(judgement: &Judgement, entry: &JudgedSection) -> RoleName {
    judgement.sources[entry.source].role.into()
}

pub(super) fn finding(finding: &Finding) -> FindingRecord<'_> {
    FindingRecord {
        rule: finding.rule.code(),
        level: finding.level.name(),
        reason: &finding.reason,
    }
}

impl<'a> CertificateRecord<'a> {
    pub(super) fn new(entry: &'a JudgedSection, role: RoleName) -> Option<Self> {
        let certificate = entry.certificate.as_ref()?;
        // All findings but the one that decided the verdict are warnings.
        let decided = entry.deciding_finding();
        let others = entry
            .findings
            .iter()
            .filter(|finding| decided != Some(finding));
        Some(CertificateRecord {
            sha256: certificate.fingerprint(),
            subject: certificate.subject().as_str(),
            issuer: certificate.issuer().as_str(),
            not_before: certificate.not_before().to_string(),
            not_after: certificate.not_after().to_string(),
            origin: &entry.origin,
            role,
            stores: entry.stores,
            verdict: entry.verdict.name(),
            rule: decided.map(|finding| finding.rule.code()),
            reason: decided.map(|finding| finding.reason.as_str()),
            warnings: others.map(finding).collect(),
        })
    }
}

impl<'a> RejectedRecord<'a> {
    pub(super) fn new(entry: &'a JudgedSection, role: RoleName) -> Option<Self> {
        let finding = entry.findings.first()?;
        match entry.certificate {
            Some(_) => None,
            None => Some(RejectedRecord {
                origin: &entry.origin,
                role,
                rule: finding.rule.code(),
                reason: &finding.reason,
            }),
        }
    }
}

/// SHA-256 of the fingerprints of the customer's certificates that were kept: in hex, sorted, a
/// line each, so that `sort` and `sha256sum` compute it too. A set has this hash in whatever form it
/// came. None without any.
pub fn trust_anchors_hash(anchors: &[Fingerprint]) -> Option<Fingerprint> {
    if anchors.is_empty() {
        return None;
    }
    let mut lines = anchors.iter().map(ToString::to_string).collect::<Vec<_>>();
    // So that the last line ends with a line break too.
    lines.push(String::new());
    Some(Fingerprint::of(lines.join("\n").as_bytes()))
}
