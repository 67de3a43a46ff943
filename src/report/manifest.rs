//! `manifest.json`: what was read, kept, dropped and why; what was written. Its schema is
//! docs/manifest.schema.json.
//!
//! It holds nothing that the inputs do not decide: no clock, no host, no order of a hash map. Two
//! runs on the same input write the same bytes.

use serde::Serialize;

use crate::bundle::StoreSet;
use crate::cert::Fingerprint;
use crate::judge::{Entry, Finding, Judgement, Verdict};
use crate::moment::Moment;
use crate::read::{Source, roots};
use crate::write::layout::{Link, Tree};

/// The number in `schemaVersion`. It grows when a reader of the old form could go wrong.
const SCHEMA_VERSION: u32 = 1;

/// What the manifest tells, gathered.
#[derive(Debug)]
pub struct Account<'a> {
    /// The verdicts.
    pub judgement: &'a Judgement,
    /// The sources that are files, in the judgement's order.
    pub sources: &'a [Source],
    /// What is written beside the manifest.
    pub tree: &'a Tree,
    /// `--at`, where it was given.
    pub at: Option<Moment>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest<'a> {
    schema_version: u32,
    tool: Tool,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    ca_bundle_hash: Option<String>,
    trust_anchors_hash: Option<String>,
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
}

#[derive(Serialize)]
struct SourceRecord<'a> {
    name: &'a str,
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<usize>,
    seen: usize,
    kept: usize,
    merged: usize,
    dropped: usize,
    rejected: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CertificateRecord<'a> {
    sha256: String,
    subject: &'a str,
    issuer: &'a str,
    not_before: String,
    not_after: String,
    origin: &'a str,
    role: &'static str,
    stores: StoreSet,
    verdict: &'static str,
    rule: Option<&'static str>,
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<FindingRecord<'a>>,
}

#[derive(Serialize)]
struct RejectedRecord<'a> {
    origin: &'a str,
    role: &'static str,
    rule: &'static str,
    reason: &'a str,
}

#[derive(Serialize)]
struct FindingRecord<'a> {
    rule: &'static str,
    level: &'static str,
    reason: &'a str,
}

#[derive(Serialize)]
struct ArtifactRecord<'a> {
    path: &'a str,
    sha256: String,
    size: usize,
    certificates: usize,
}

#[derive(Serialize)]
struct LinkRecord {
    path: &'static str,
    target: &'static str,
}

/// The manifest as JSON with two spaces of indentation and a final newline.
pub fn encode(account: &Account<'_>) -> Vec<u8> {
    let judgement = account.judgement;
    let sources = judgement.sources.iter().enumerate();
    let certificates = judgement.entries.iter().filter_map(|entry| {
        let role = role(judgement.is_customer(entry));
        CertificateRecord::new(entry, role)
    });
    let rejected = judgement.entries.iter().filter_map(|entry| {
        let role = role(judgement.is_customer(entry));
        RejectedRecord::new(entry, role)
    });
    let manifest = Manifest {
        schema_version: SCHEMA_VERSION,
        tool: Tool {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            mozilla_roots: roots::VERSION,
        },
        at: account.at.map(|at| at.to_string()),
        ca_bundle_hash: ca_bundle_hash(account.sources).map(|hash| hash.to_string()),
        trust_anchors_hash: trust_anchors_hash(judgement).map(|hash| hash.to_string()),
        sources: sources
            .map(|(index, (name, of))| {
                let counts = judgement.counts(index);
                let file = account.sources.get(index);
                SourceRecord {
                    name,
                    role: role(of.is_customer()),
                    sha256: file.map(|file| file.sha256.to_string()),
                    size: file.map(|file| file.bytes.len()),
                    seen: counts.seen,
                    kept: counts.kept,
                    merged: counts.merged,
                    dropped: counts.dropped,
                    rejected: counts.rejected,
                }
            })
            .collect(),
        certificates: certificates.collect(),
        rejected: rejected.collect(),
        findings: judgement.set_findings.iter().map(finding).collect(),
        artifacts: account
            .tree
            .files
            .iter()
            .map(|file| ArtifactRecord {
                path: &file.path,
                sha256: file.sha256.to_string(),
                size: file.content.len(),
                certificates: file.certificates,
            })
            .collect(),
        links: account
            .tree
            .links
            .iter()
            .map(|&Link { path, target }| LinkRecord { path, target })
            .collect(),
    };
    let mut out = Vec::with_capacity(4096 + 1024 * judgement.entries.len());
    // Neither maps with odd keys nor a failing stream: it cannot fail.
    let _ = serde_json::to_writer_pretty(&mut out, &manifest);
    out.push(b'\n');
    out
}

fn role(is_customer: bool) -> &'static str {
    if is_customer { "customer" } else { "base" }
}

fn finding(finding: &Finding) -> FindingRecord<'_> {
    FindingRecord {
        rule: finding.rule.code(),
        level: finding.level.name(),
        reason: &finding.reason,
    }
}

impl<'a> CertificateRecord<'a> {
    fn new(entry: &'a Entry, role: &'static str) -> Option<Self> {
        let certificate = entry.certificate.as_ref()?;
        // The finding that decided the verdict; the others are warnings.
        let decided = match entry.verdict {
            Verdict::Kept | Verdict::Rejected => None,
            Verdict::Merged => entry.findings.last(),
            Verdict::Dropped => entry.findings.first(),
        };
        let others = entry
            .findings
            .iter()
            .filter(|finding| decided != Some(finding));
        Some(CertificateRecord {
            sha256: certificate.fingerprint().to_string(),
            subject: certificate.subject().as_str(),
            issuer: certificate.issuer(),
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
    fn new(entry: &'a Entry, role: &'static str) -> Option<Self> {
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

/// SHA-256 of what the customer gave: for one source just what `sha256sum` says of it; for
/// several, the SHA-256 of the lines that `sha256sum` prints for them, with base names, sorted.
/// None without a customer's source.
pub fn ca_bundle_hash(sources: &[Source]) -> Option<Fingerprint> {
    let mut customer = sources.iter().filter(|source| source.role.is_customer());
    let first = customer.next()?;
    let mut lines = vec![sha256sum_line(first)];
    lines.extend(customer.map(sha256sum_line));
    if lines.len() == 1 {
        return Some(first.sha256);
    }
    lines.sort_unstable();
    Some(Fingerprint::of(&lines.concat()))
}

fn sha256sum_line(source: &Source) -> Vec<u8> {
    let mut line = format!("{}  ", source.sha256).into_bytes();
    line.extend(&source.base_name);
    line.push(b'\n');
    line
}

/// SHA-256 of the fingerprints of the customer's certificates that were kept: in hex, sorted, a
/// line each, so that `sort` and `sha256sum` give it too. The same set has the same hash, whatever
/// form it came in. None without any.
pub fn trust_anchors_hash(judgement: &Judgement) -> Option<Fingerprint> {
    let anchors = judgement.trust_anchors();
    if anchors.is_empty() {
        return None;
    }
    let mut lines = anchors.iter().map(ToString::to_string).collect::<Vec<_>>();
    // The last line ends too.
    lines.push(String::new());
    Some(Fingerprint::of(lines.join("\n").as_bytes()))
}
