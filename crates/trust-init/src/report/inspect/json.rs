//! What `inspect` shows, as JSON objects.

use serde::Serialize;

use super::{CertificateKind, Difference, Forecast, InspectReport, InspectedCertificate};
use crate::error::Error;
use crate::read::PassedOver;
use crate::report::records::{
    self, CertificateRecord, CertificateSummary, Each, ErrorRecord, RejectedRecord, RoleName,
};
use crate::report::text::json;
use trust_stores::Fingerprint;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InspectObject<'a, Certificates: Serialize> {
    schema_version: u32,
    ca_bundle_hash: Option<String>,
    trust_anchors_hash: Option<Fingerprint>,
    #[serde(skip_serializing_if = "<[PassedOver]>::is_empty")]
    passed_over: &'a [PassedOver],
    sources: Vec<SourceRecord<'a>>,
    certificates: Certificates,
    rejected: Vec<RejectedRecord<'a>>,
    errors: Vec<ErrorRecord<'a>>,
}

#[derive(Serialize)]
struct SourceRecord<'a> {
    name: &'a str,
    sha256: Fingerprint,
    size: usize,
    build: &'a Forecast,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InspectedRecord<'a> {
    #[serde(flatten)]
    record: CertificateRecord<'a>,
    kind: CertificateKind,
    key: String,
    days_left: i64,
    origins: &'a [&'a str],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DifferenceObject<'a> {
    schema_version: u32,
    added: Vec<CertificateSummary<'a>>,
    removed: Vec<CertificateSummary<'a>>,
    renewed: Vec<RenewalRecord<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RenewalRecord<'a> {
    old: CertificateSummary<'a>,
    new: CertificateSummary<'a>,
    same_key: bool,
}

impl InspectReport<'_> {
    pub(super) fn json(&self, unread: &[Error]) -> String {
        let sources = self.inputs.sources.iter().zip(&self.forecasts);
        let certificates = || self.certificates.iter().filter_map(|one| self.record(one));
        json(&InspectObject {
            schema_version: 1,
            ca_bundle_hash: self.ca_bundle_hash(),
            trust_anchors_hash: self.trust_anchors_hash(),
            passed_over: &self.inputs.passed_over,
            sources: sources
                .map(|(source, build)| SourceRecord {
                    name: &source.name,
                    sha256: source.sha256(),
                    size: source.size,
                    build,
                })
                .collect(),
            certificates: Each(certificates),
            rejected: records::rejected(self.judgement),
            errors: unread.iter().map(ErrorRecord::new).collect(),
        })
    }

    fn record<'a>(&'a self, one: &'a InspectedCertificate<'a>) -> Option<InspectedRecord<'a>> {
        let certificate = one.certificate;
        let role = if self.is_customers(certificate.fingerprint()) {
            RoleName::Customer
        } else {
            RoleName::Base
        };
        Some(InspectedRecord {
            record: CertificateRecord::new(one.entry, role)?,
            kind: CertificateKind::of(certificate),
            key: certificate.key().to_string(),
            days_left: self.at.days_until(certificate.not_after()),
            origins: &one.origins,
        })
    }
}

impl Difference<'_> {
    pub(super) fn json(&self) -> String {
        let renewed = self.renewed.iter().map(|renewal| RenewalRecord {
            old: CertificateSummary::new(renewal.old),
            new: CertificateSummary::new(renewal.new),
            same_key: renewal.has_same_key(),
        });
        json(&DifferenceObject {
            schema_version: 1,
            added: self
                .added
                .iter()
                .map(|one| CertificateSummary::new(one))
                .collect(),
            removed: self
                .removed
                .iter()
                .map(|one| CertificateSummary::new(one))
                .collect(),
            renewed: renewed.collect(),
        })
    }
}
