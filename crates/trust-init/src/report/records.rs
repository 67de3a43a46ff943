//! What the manifest, `check` and `inspect` report about a source, a certificate or a finding in JSON:
//! everywhere with the same fields.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use crate::error::{Code, Error, Errors};
use crate::read::{Inputs, Source};
use crate::report::text::json;
use trust_stores::{
    Certificate, Counts, Finding, Fingerprint, JudgedSection, JudgedSource, Judgement, SourceRole,
    StoreSet,
};

/// A list whose records are made one by one while they are written: all of them together would take more
/// memory than the sources that they are about.
pub(super) struct Each<F>(pub(super) F);

impl<I, F> Serialize for Each<F>
where
    F: Fn() -> I,
    I: Iterator<Item: Serialize>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

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

/// What was read, and what the rules found in it.
#[derive(Clone, Copy)]
pub(super) struct JudgementRecord<'a> {
    judgement: &'a Judgement,
    inputs: &'a Inputs,
    /// Whether what concerns a base alone is part of it.
    has_bases: bool,
}

/// One source, and how many of its sections came to which verdict.
#[derive(Serialize)]
struct SourceRecord<'a> {
    name: &'a str,
    role: RoleName,
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

/// A certificate, whatever became of it.
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
    #[serde(flatten)]
    summary: CertificateSummary<'a>,
    origin: &'a str,
    role: RoleName,
    stores: StoreSet,
    verdict: &'static str,
    rule: Option<&'static str>,
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<FindingRecord<'a>>,
}

/// A section that is no certificate, or several.
#[derive(Serialize)]
pub(super) struct RejectedRecord<'a> {
    origin: &'a str,
    role: RoleName,
    rule: &'static str,
    reason: &'a str,
    #[serde(skip_serializing_if = "is_one")]
    count: usize,
}

#[derive(Serialize)]
struct FindingRecord<'a> {
    rule: &'static str,
    level: &'static str,
    reason: &'a str,
}

impl<'a> JudgementRecord<'a> {
    pub(super) fn new(judgement: &'a Judgement, inputs: &'a Inputs) -> Self {
        JudgementRecord {
            judgement,
            inputs,
            has_bases: true,
        }
    }

    /// Without what concerns a base alone.
    pub(super) fn of_customer(self) -> Self {
        JudgementRecord {
            has_bases: false,
            ..self
        }
    }

    fn sources(self) -> impl Iterator<Item = SourceRecord<'a>> {
        let counts = self.judgement.counts_by_source();
        let sources = self.judgement.sources.iter().zip(counts).enumerate();
        sources
            .filter(move |(_, (source, _))| self.has_bases || source.role.is_customer())
            .map(move |(index, (source, counts))| {
                // The sources that are files come first.
                SourceRecord::new(source, counts, self.inputs.sources.get(index))
            })
    }

    /// Every section with whose it is.
    fn sections(self) -> impl Iterator<Item = (&'a JudgedSection, RoleName)> {
        let sections = self.judgement.sections.iter();
        sections
            .map(move |section| (section, role_of(self.judgement, section)))
            .filter(move |(_, role)| self.has_bases || *role == RoleName::Customer)
    }
}

impl JudgementRecord<'_> {
    /// Serializes it as fields of another record.
    pub(super) fn serialize_into<M: SerializeMap>(self, fields: &mut M) -> Result<(), M::Error> {
        let certificates = || {
            self.sections()
                .filter_map(|(entry, role)| CertificateRecord::new(entry, role))
        };
        let rejected = || {
            self.sections()
                .filter_map(|(entry, role)| RejectedRecord::new(entry, role))
        };
        let findings = || self.judgement.set_findings.iter().map(finding);
        let anchors = self.judgement.trust_anchors();
        fields.serialize_entry("caBundleHash", &self.inputs.ca_bundle_hash())?;
        fields.serialize_entry("trustAnchorsHash", &trust_anchors_hash(&anchors))?;
        fields.serialize_entry("sources", &Each(|| self.sources()))?;
        if !self.inputs.absent.is_empty() {
            fields.serialize_entry("absent", &self.inputs.absent)?;
        }
        if !self.inputs.passed_over.is_empty() {
            fields.serialize_entry("passedOver", &self.inputs.passed_over)?;
        }
        fields.serialize_entry("certificates", &Each(certificates))?;
        fields.serialize_entry("rejected", &Each(rejected))?;
        fields.serialize_entry("findings", &Each(findings))
    }
}

impl Serialize for JudgementRecord<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_map(None)?;
        self.serialize_into(&mut fields)?;
        fields.end()
    }
}

impl<'a> SourceRecord<'a> {
    /// `file` is what was read, unless the source is part of this program.
    fn new(source: &'a JudgedSource, counts: Counts, file: Option<&Source>) -> Self {
        SourceRecord {
            name: &source.name,
            role: source.role.into(),
            stores: (!source.role.is_customer()).then(|| source.role.stores()),
            found_by: file.and_then(|file| file.found_by),
            sha256: file.map(Source::sha256),
            size: file.map(|file| file.size),
            seen: counts.seen,
            kept: counts.kept,
            merged: counts.merged,
            dropped: counts.dropped,
            denied: counts.denied,
            rejected: counts.rejected,
        }
    }
}

/// The records of every section that is no certificate.
pub(super) fn rejected(judgement: &Judgement) -> Vec<RejectedRecord<'_>> {
    let entries = judgement.sections.iter();
    entries
        .filter_map(|entry| RejectedRecord::new(entry, role_of(judgement, entry)))
        .collect()
}

/// Leaves out `count` where it says nothing.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_one(number: &usize) -> bool {
    *number == 1
}

/// Leaves out `denied` where it is zero: only `check` can have it, because a build that denies anything
/// writes no manifest.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

fn role_of(judgement: &Judgement, entry: &JudgedSection) -> RoleName {
    judgement.sources[entry.source].role.into()
}

fn finding(finding: &Finding) -> FindingRecord<'_> {
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
            .filter(|finding| decided != Some(finding) && !finding.is_repeated);
        Some(CertificateRecord {
            summary: CertificateSummary::new(certificate),
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
                count: entry.count,
            }),
        }
    }
}

/// A fault that ends a run, with the fields of the log.
#[derive(Serialize)]
pub(super) struct ErrorRecord<'a> {
    code: Code,
    place: Option<&'a str>,
    message: &'a str,
    hints: &'a [String],
}

impl<'a> ErrorRecord<'a> {
    pub(super) fn new(fault: &'a Error) -> Self {
        ErrorRecord {
            code: fault.code,
            place: fault.place.as_deref(),
            message: &fault.message,
            hints: &fault.hints,
        }
    }
}

/// The answer of a command that could not read what it was asked about. It has none of an answer's other
/// fields, so that nobody takes an empty list for one.
pub(crate) fn unanswered(errors: &Errors) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Unanswered<'a> {
        schema_version: u32,
        ok: bool,
        errors: Vec<ErrorRecord<'a>>,
    }
    json(&Unanswered {
        schema_version: 1,
        ok: false,
        errors: errors.iter().map(ErrorRecord::new).collect(),
    })
}

/// SHA-256 of the fingerprints of the customer's certificates that were kept: in hex, sorted, a
/// line each, so that `sort` and `sha256sum` compute it too. A set has this hash in whatever form it
/// came. None without any.
pub fn trust_anchors_hash(anchors: &[Fingerprint]) -> Option<Fingerprint> {
    if anchors.is_empty() {
        return None;
    }
    let mut hash = Sha256::new();
    for anchor in anchors {
        hash.update(anchor.to_string());
        hash.update("\n");
    }
    let sha256: [u8; 32] = hash.finalize().into();
    Some(sha256.into())
}
