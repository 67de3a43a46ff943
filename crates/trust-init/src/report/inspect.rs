//! What `inspect` shows: a table for people, JSON, or the certificates themselves as PEM; and the
//! difference between two sets.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Serialize;

use super::count;
use super::records::{self, CertificateRecord, RejectedRecord};
use super::style::{Style, Tone};
use crate::read::Inputs;
use trust_stores::{Certificate, Fingerprint, JudgedSection, Judgement, Timestamp, Verdict};

/// The form in which `inspect` shows certificates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum InspectFormat {
    /// A table for people.
    #[default]
    Table,
    /// One JSON object.
    Json,
    /// The certificates themselves, each once.
    Pem,
}

/// What some sources hold.
#[derive(Debug)]
pub struct Holdings<'a> {
    inputs: &'a Inputs,
    judgement: &'a Judgement,
    at: Timestamp,
    build: Option<Build>,
    /// Each certificate once, in the order they were read, with all the places that hold it.
    certificates: Vec<(&'a JudgedSection, &'a Certificate, Vec<&'a str>)>,
}

/// What is known of the stores where a build wrote them.
#[derive(Debug)]
pub struct Build {
    /// What its manifest says of the customer's sources.
    pub ca_bundle_hash: Option<String>,
    /// The customer's certificates that it kept.
    pub customer: BTreeSet<Fingerprint>,
}

impl<'a> Holdings<'a> {
    /// What was read and judged, of a build or of anything else; days are counted from `at`.
    pub fn new(
        inputs: &'a Inputs,
        judgement: &'a Judgement,
        build: Option<Build>,
        at: Timestamp,
    ) -> Self {
        let mut certificates: Vec<(&JudgedSection, &Certificate, Vec<&str>)> = Vec::new();
        let mut known: BTreeMap<Fingerprint, usize> = BTreeMap::new();
        for entry in &judgement.sections {
            let Some(certificate) = &entry.certificate else {
                continue;
            };
            let index = *known
                .entry(certificate.fingerprint())
                .or_insert(certificates.len());
            match certificates.get_mut(index) {
                Some((.., origins)) => origins.push(&entry.origin),
                None => certificates.push((entry, certificate, vec![&entry.origin])),
            }
        }
        Holdings {
            inputs,
            judgement,
            at,
            build,
            certificates,
        }
    }

    /// What is held, in the format asked for.
    pub fn text(&self, format: InspectFormat, style: Style) -> String {
        match format {
            InspectFormat::Table => self.table(style),
            InspectFormat::Json => self.json(),
            InspectFormat::Pem => self.pem(),
        }
    }

    fn table(&self, style: Style) -> String {
        let mut out = String::new();
        let faint = |word: &str| style.paint(Tone::Faint, word);
        let heading = format!(
            "{:>4}  {:<12}  {:<22}  {:<10}  {}",
            "", "KIND", "EXPIRES", "KEY", "SUBJECT"
        );
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{}", faint(&heading));
        for (index, (entry, certificate, origins)) in self.certificates.iter().enumerate() {
            let _ = writeln!(
                out,
                "{:>4}  {:<12}  {:<22}  {:<10}  {}",
                index + 1,
                kind(certificate),
                self.expiry(certificate),
                certificate.key().to_string(),
                certificate.subject(),
            );
            if !certificate.is_self_signed() {
                let _ = writeln!(out, "      {} {}", faint("issuer"), certificate.issuer());
            }
            let _ = writeln!(
                out,
                "      {} {}",
                faint("sha256"),
                certificate.fingerprint()
            );
            let _ = writeln!(out, "      {} {}", faint("in    "), places(origins));
            for finding in &entry.findings {
                let code = style.paint(Tone::Doubt, finding.rule.code());
                let _ = writeln!(out, "      {code}: {}", finding.reason);
            }
        }
        for entry in self.rejected() {
            for finding in &entry.findings {
                let code = style.paint(Tone::Bad, finding.rule.code());
                let _ = writeln!(out, "      {code}: {}: {}", entry.origin, finding.reason);
            }
        }
        let _ = writeln!(out, "{}", count(self.certificates.len(), "certificate"));
        for (name, hash) in [
            ("caBundleHash    ", self.ca_bundle_hash()),
            ("trustAnchorsHash", self.trust_anchors_hash()),
        ] {
            if let Some(hash) = hash {
                let _ = writeln!(out, "{} {hash}", faint(name));
            }
        }
        out
    }

    /// For instance `2035-11-19 (3285 days)`.
    fn expiry(&self, certificate: &Certificate) -> String {
        let end = certificate.not_after();
        let left = match self.at.days_until(end) {
            _ if end < self.at => String::from("expired"),
            days if days > 99_999 => String::from("never"),
            1 => String::from("1 day"),
            days => format!("{days} days"),
        };
        format!("{} ({left})", end.date())
    }

    fn rejected(&self) -> impl Iterator<Item = &JudgedSection> {
        let entries = self.judgement.sections.iter();
        entries.filter(|entry| entry.verdict == Verdict::Rejected)
    }

    fn ca_bundle_hash(&self) -> Option<String> {
        if let Some(build) = &self.build {
            return build.ca_bundle_hash.clone();
        }
        self.inputs.ca_bundle_hash().map(|hash| hash.to_string())
    }

    fn trust_anchors_hash(&self) -> Option<String> {
        let mut anchors: Vec<Fingerprint> = self
            .certificates
            .iter()
            .map(|(_, certificate, _)| certificate.fingerprint())
            .filter(|fingerprint| self.is_customers(*fingerprint))
            .collect();
        anchors.sort_unstable();
        records::trust_anchors_hash(&anchors).map(|hash| hash.to_string())
    }

    /// Whether a certificate is the customer's. Outside of a build nobody knows of another's.
    fn is_customers(&self, fingerprint: Fingerprint) -> bool {
        let build = self.build.as_ref();
        build.is_none_or(|build| build.customer.contains(&fingerprint))
    }

    fn json(&self) -> String {
        let certificates = self.certificates.iter();
        let report = Report {
            schema_version: 1,
            ca_bundle_hash: self.ca_bundle_hash(),
            trust_anchors_hash: self.trust_anchors_hash(),
            certificates: certificates
                .filter_map(|(entry, certificate, origins)| {
                    Some(Row {
                        record: CertificateRecord::new(
                            entry,
                            records::role(self.is_customers(certificate.fingerprint())),
                        )?,
                        kind: kind(certificate),
                        key: certificate.key().to_string(),
                        days_left: self.at.days_until(certificate.not_after()),
                        origins,
                    })
                })
                .collect(),
            rejected: records::rejected(self.judgement),
        };
        super::json(&report)
    }

    fn pem(&self) -> String {
        let texts = self
            .certificates
            .iter()
            .map(|(_, certificate, _)| String::from_utf8_lossy(certificate.pem()).into_owned());
        texts.collect()
    }

    /// What is in `other` and not here, here and not in `other`.
    pub fn difference<'d>(&'d self, other: &'d Holdings<'d>) -> Difference<'d> {
        let mut difference = Difference::default();
        let mut removed = self.without(other);
        for new in other.without(self) {
            let key = new.public_key_info();
            // Of several of one name, the one with the same key is the one renewed.
            let old = removed
                .iter()
                .position(|old| is_namesake(old, new) && old.public_key_info() == key)
                .or_else(|| removed.iter().position(|old| is_namesake(old, new)));
            match old {
                Some(index) => difference.renewed.push((removed.remove(index), new)),
                None => difference.added.push(new),
            }
        }
        difference.removed = removed;
        difference
    }

    /// The certificates that `other` does not have, by fingerprint.
    fn without(&self, other: &Holdings<'_>) -> Vec<&'a Certificate> {
        let mine: BTreeMap<Fingerprint, &Certificate> = self
            .certificates
            .iter()
            .map(|(_, certificate, _)| (certificate.fingerprint(), *certificate))
            .collect();
        let is_there = |fingerprint: &Fingerprint| {
            let mut others = other.certificates.iter();
            others.any(|(_, certificate, _)| certificate.fingerprint() == *fingerprint)
        };
        mine.into_iter()
            .filter(|(fingerprint, _)| !is_there(fingerprint))
            .map(|(_, certificate)| certificate)
            .collect()
    }
}

fn is_namesake(one: &Certificate, other: &Certificate) -> bool {
    one.subject().hash() == other.subject().hash()
}

fn kind(certificate: &Certificate) -> &'static str {
    match (certificate.is_ca(), certificate.is_self_signed()) {
        (true, true) => "root",
        (true, false) => "intermediate",
        (false, _) => "leaf",
    }
}

/// The first places, and how many more.
fn places(origins: &[&str]) -> String {
    const MOST: usize = 4;
    let mut text = origins
        .iter()
        .take(MOST)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    if let more @ 1.. = origins.len().saturating_sub(MOST) {
        let _ = write!(text, " and {more} more");
    }
    text
}

/// What changed from one set to another.
#[derive(Debug, Default)]
pub struct Difference<'a> {
    added: Vec<&'a Certificate>,
    removed: Vec<&'a Certificate>,
    renewed: Vec<(&'a Certificate, &'a Certificate)>,
}

impl Difference<'_> {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.renewed.is_empty()
    }

    /// The difference in the format asked for.
    pub fn text(&self, format: InspectFormat, style: Style) -> String {
        if format == InspectFormat::Json {
            return self.json();
        }
        let mut out = String::new();
        let mut put = |tone: Tone, word: &str, certificate: &Certificate, more: &str| {
            let word = style.paint(tone, word);
            // Writing to a String cannot fail.
            let _ = writeln!(
                out,
                "{word} {} {}, until {}{more}",
                certificate.fingerprint(),
                certificate.subject(),
                certificate.not_after().date(),
            );
        };
        for certificate in &self.added {
            put(Tone::Good, "added  ", certificate, "");
        }
        for certificate in &self.removed {
            put(Tone::Bad, "removed", certificate, "");
        }
        for (old, new) in &self.renewed {
            let key = if has_same_key(old, new) {
                "the same key"
            } else {
                "another key"
            };
            let more = format!(", {key}; before {}", old.fingerprint());
            put(Tone::Doubt, "renewed", new, &more);
        }
        if self.is_empty() {
            out.push_str("the same certificates\n");
        }
        out
    }

    fn json(&self) -> String {
        super::json(&DifferenceReport {
            schema_version: 1,
            added: self.added.iter().copied().map(Change::new).collect(),
            removed: self.removed.iter().copied().map(Change::new).collect(),
            renewed: self
                .renewed
                .iter()
                .map(|(old, new)| Renewal {
                    old: Change::new(old),
                    new: Change::new(new),
                    same_key: has_same_key(old, new),
                })
                .collect(),
        })
    }
}

fn has_same_key(old: &Certificate, new: &Certificate) -> bool {
    old.public_key_info() == new.public_key_info()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'a> {
    schema_version: u32,
    ca_bundle_hash: Option<String>,
    trust_anchors_hash: Option<String>,
    certificates: Vec<Row<'a>>,
    rejected: Vec<RejectedRecord<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    #[serde(flatten)]
    record: CertificateRecord<'a>,
    kind: &'static str,
    key: String,
    days_left: i64,
    origins: &'a [&'a str],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DifferenceReport<'a> {
    schema_version: u32,
    added: Vec<Change<'a>>,
    removed: Vec<Change<'a>>,
    renewed: Vec<Renewal<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change<'a> {
    sha256: String,
    subject: &'a str,
    issuer: &'a str,
    not_before: String,
    not_after: String,
}

impl<'a> Change<'a> {
    fn new(certificate: &'a Certificate) -> Self {
        Change {
            sha256: certificate.fingerprint().to_string(),
            subject: certificate.subject().as_str(),
            issuer: certificate.issuer().as_str(),
            not_before: certificate.not_before().to_string(),
            not_after: certificate.not_after().to_string(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Renewal<'a> {
    old: Change<'a>,
    new: Change<'a>,
    same_key: bool,
}
