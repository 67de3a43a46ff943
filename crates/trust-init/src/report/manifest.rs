//! `manifest.json`: what was read, kept, dropped and why; what was written. Its schema is
//! docs/manifest.schema.json.
//!
//! Everything in it follows from the inputs (no clock, no host name, no hash map's order), so that two
//! runs on the same input write the same bytes.

use serde::Serialize;

pub use super::records::trust_anchors_hash;

use super::records::{self, CertificateRecord, FindingRecord, RejectedRecord, SourceRecord};
use crate::layout::{Link, Tree};
use crate::read::{Inputs, roots};
use trust_stores::{Fingerprint, Judgement, Timestamp};

/// The number in `schemaVersion`. It grows when programs that read the old form could misread the new one.
const SCHEMA_VERSION: u32 = 1;

/// What the manifest is made from.
#[derive(Debug)]
pub struct ManifestInput<'a> {
    /// The verdicts.
    pub judgement: &'a Judgement,
    /// What was read: the sources that are files, in the judgement's order.
    pub inputs: &'a Inputs,
    /// What is written beside the manifest.
    pub tree: &'a Tree,
    /// The time of `--at`, if it was given.
    pub at: Option<Timestamp>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest<'a> {
    schema_version: u32,
    tool: Tool,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    ca_bundle_hash: Option<Fingerprint>,
    trust_anchors_hash: Option<Fingerprint>,
    sources: Vec<SourceRecord<'a>>,
    certificates: Vec<CertificateRecord<'a>>,
    rejected: Vec<RejectedRecord<'a>>,
    findings: Vec<FindingRecord<'a>>,
    artifacts: Vec<ArtifactRecord<'a>>,
    links: Vec<LinkRecord>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tool {
    name: &'static str,
    version: &'static str,
    mozilla_roots: &'static str,
    mozilla_roots_date: String,
}

#[derive(Serialize)]
struct ArtifactRecord<'a> {
    path: &'a str,
    sha256: Fingerprint,
    size: usize,
    certificates: usize,
}

#[derive(Serialize)]
struct LinkRecord {
    path: &'static str,
    target: &'static str,
}

/// The manifest as JSON with two spaces of indentation and a final newline.
pub fn encode(input: &ManifestInput<'_>) -> Vec<u8> {
    let &ManifestInput {
        judgement,
        inputs,
        tree,
        at,
    } = input;
    let manifest = Manifest {
        schema_version: SCHEMA_VERSION,
        tool: Tool {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            mozilla_roots: roots::VERSION,
            mozilla_roots_date: roots::DATE.date(),
        },
        at: at.map(|at| at.to_string()),
        ca_bundle_hash: inputs.ca_bundle_hash(),
        trust_anchors_hash: records::trust_anchors_hash(&judgement.trust_anchors()),
        sources: records::sources(judgement, &inputs.sources),
        certificates: records::certificates(judgement),
        rejected: records::rejected(judgement),
        findings: judgement
            .set_findings
            .iter()
            .map(records::finding)
            .collect(),
        artifacts: tree
            .files
            .iter()
            .map(|file| ArtifactRecord {
                path: &file.path,
                sha256: file.sha256(),
                size: file.content.len(),
                certificates: file.certificates,
            })
            .collect(),
        links: tree
            .links
            .iter()
            .map(|&Link { path, target }| LinkRecord { path, target })
            .collect(),
    };
    let mut out = Vec::with_capacity(4096 + 1024 * judgement.sections.len());
    // It fails only for maps without string keys and for failing streams, and there are none.
    let _ = serde_json::to_writer_pretty(&mut out, &manifest);
    out.push(b'\n');
    out
}
