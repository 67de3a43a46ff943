//! `manifest.json`: what was read, kept, dropped and why; what was written. Its schema is
//! docs/manifest.schema.json.
//!
//! Everything in it follows from the inputs (no clock, no host name, no hash map's order), so that two
//! runs on the same input write the same bytes.

use serde::Serialize;

pub use super::records::trust_anchors_hash;

use super::records::JudgementRecord;
use crate::layout::{Link, Tree};
use crate::read::Inputs;
use trust_stores::{Fingerprint, Judgement, StoreSet, Timestamp, mozilla};

/// The number in `schemaVersion`. It grows when programs that read the old form could misread the new one.
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest<'a> {
    schema_version: u32,
    tool: Tool,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    #[serde(flatten)]
    judgement: JudgementRecord<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    empty_stores: Option<StoreSet>,
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

/// The manifest of a build that writes `tree`, as JSON with two spaces of indentation and a final newline;
/// `empty_stores` are not written, because no certificate is left for them; `at` is the time of `--at`, if
/// it was given.
pub fn encode(
    judgement: &Judgement,
    inputs: &Inputs,
    empty_stores: StoreSet,
    tree: &Tree,
    at: Option<Timestamp>,
) -> Vec<u8> {
    let manifest = Manifest {
        schema_version: SCHEMA_VERSION,
        tool: Tool {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            mozilla_roots: mozilla::VERSION,
            mozilla_roots_date: mozilla::DATE.date(),
        },
        at: at.map(|at| at.to_string()),
        judgement: JudgementRecord::new(judgement, inputs),
        empty_stores: (!empty_stores.is_empty()).then_some(empty_stores),
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
