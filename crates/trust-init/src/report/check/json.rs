//! The report of `check` as a JSON object.

use serde::Serialize;

use super::{CheckReport, PathDifference};
use crate::error::{Code, Error};
use crate::report::records::{
    self, CertificateRecord, FindingRecord, RejectedRecord, RoleName, SourceRecord,
};
use crate::report::text::json;
use trust_stores::Fingerprint;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CheckObject<'a> {
    schema_version: u32,
    ok: bool,
    ca_bundle_hash: Option<Fingerprint>,
    trust_anchors_hash: Option<Fingerprint>,
    sources: Vec<SourceRecord<'a>>,
    certificates: Vec<CertificateRecord<'a>>,
    rejected: Vec<RejectedRecord<'a>>,
    findings: Vec<FindingRecord<'a>>,
    refused: Vec<RefusedRecord<'a>>,
    drift: &'a [PathDifference],
}

/// A source, or all of them, refused before anything in it was looked at.
#[derive(Serialize)]
struct RefusedRecord<'a> {
    origin: Option<&'a str>,
    rule: Code,
    reason: &'a str,
}

impl<'a> RefusedRecord<'a> {
    fn new(fault: &'a Error) -> Self {
        RefusedRecord {
            origin: fault.place.as_deref(),
            rule: fault.code,
            reason: &fault.message,
        }
    }
}

impl CheckReport<'_> {
    pub(super) fn json(&self) -> String {
        let judgement = self.judgement;
        let mut sources = records::sources(judgement, &self.inputs.sources);
        sources.retain(|record| record.role == RoleName::Customer);
        let mut certificates = records::certificates(judgement);
        certificates.retain(|record| record.role == RoleName::Customer);
        let mut rejected = records::rejected(judgement);
        rejected.retain(|record| record.role == RoleName::Customer);
        let findings = judgement.set_findings.iter().map(records::finding);
        json(&CheckObject {
            schema_version: 1,
            ok: self.is_ok(),
            ca_bundle_hash: self.inputs.ca_bundle_hash(),
            trust_anchors_hash: records::trust_anchors_hash(&judgement.trust_anchors()),
            sources,
            certificates,
            rejected,
            findings: findings.collect(),
            refused: self.inputs.refused.iter().map(RefusedRecord::new).collect(),
            drift: &self.differences,
        })
    }
}
