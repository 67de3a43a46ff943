//! What `inspect` shows: a table for people, JSON, or the certificates themselves as PEM; and the
//! difference between two sets.

mod difference;
mod forecast;
mod json;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

pub use difference::Difference;
use forecast::Forecast;
use serde::Serialize;

use super::records;
use super::style::{Style, Tone};
use super::text::count;
use crate::error::{Error, hint_text};
use crate::read::Inputs;
use trust_stores::{
    Certificate, Fingerprint, JudgedSection, Judgement, Level, Policy, Rule, Timestamp, Verdict,
};

/// How many places of one certificate the table names.
const MAX_PLACES: usize = 4;

/// Of how many sources the table says what `build` would do.
const MAX_FORECASTS: usize = 10;

/// The form in which `inspect` shows certificates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum InspectFormat {
    /// A table for people.
    #[default]
    #[value(aliases = ["text", "human"])]
    Table,
    /// One JSON object.
    Json,
    /// The certificates themselves, each once.
    Pem,
}

/// What some sources contain.
#[derive(Debug)]
pub struct InspectReport<'a> {
    inputs: &'a Inputs,
    judgement: &'a Judgement,
    at: Timestamp,
    build: Option<BuildRecord>,
    /// Each certificate once, in the order they were read.
    certificates: Vec<InspectedCertificate<'a>>,
    /// What `build` would do with each source.
    forecasts: Vec<Forecast>,
}

/// A certificate, with all the places that contain it.
#[derive(Debug)]
struct InspectedCertificate<'a> {
    /// Where it was read first.
    entry: &'a JudgedSection,
    certificate: &'a Certificate,
    origins: Vec<&'a str>,
}

/// What a build recorded about the stores that it wrote.
#[derive(Debug)]
pub struct BuildRecord {
    /// The hash of the customer's sources, from its manifest.
    pub ca_bundle_hash: Option<String>,
    /// The customer's certificates that it kept.
    pub customer: BTreeSet<Fingerprint>,
}

impl<'a> InspectReport<'a> {
    /// The report on what was read and judged, with `build` if a build wrote it; days are counted from
    /// `at`. `limit` is how many bytes of a source `build` would read.
    pub fn new(
        inputs: &'a Inputs,
        judgement: &'a Judgement,
        build: Option<BuildRecord>,
        at: Timestamp,
        limit: u64,
    ) -> Self {
        let mut certificates: Vec<InspectedCertificate<'_>> = Vec::new();
        let mut known: BTreeMap<Fingerprint, usize> = BTreeMap::new();
        for entry in &judgement.sections {
            let Some(certificate) = &entry.certificate else {
                continue;
            };
            let index = *known
                .entry(certificate.fingerprint())
                .or_insert(certificates.len());
            match certificates.get_mut(index) {
                Some(one) => one.origins.push(&entry.origin),
                None => certificates.push(InspectedCertificate {
                    entry,
                    certificate,
                    origins: vec![&entry.origin],
                }),
            }
        }
        let sources = inputs.sources.iter().enumerate();
        let forecast = |(index, source)| Forecast::of(judgement, index, source, limit);
        InspectReport {
            inputs,
            judgement,
            at,
            build,
            certificates,
            forecasts: sources.map(forecast).collect(),
        }
    }

    /// The report in the format asked for.
    pub fn text(&self, format: InspectFormat, style: Style) -> String {
        match format {
            InspectFormat::Table => self.table(style),
            InspectFormat::Json => self.json(&self.unread()),
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
        for (index, one) in self.certificates.iter().enumerate() {
            self.row(&mut out, style, index + 1, one);
        }
        for entry in self.rejected() {
            for finding in &entry.findings {
                let code = style.paint(Tone::Bad, finding.rule.code());
                let _ = writeln!(out, "      {code}: {}: {}", entry.origin, finding.reason);
            }
        }
        let _ = writeln!(out, "{}", count(self.certificates.len(), "certificate"));
        let trust_anchors = self.trust_anchors_hash().map(|hash| hash.to_string());
        for (name, hash) in [
            ("caBundleHash    ", self.ca_bundle_hash()),
            ("trustAnchorsHash", trust_anchors),
        ] {
            if let Some(hash) = hash {
                let _ = writeln!(out, "{} {hash}", faint(name));
            }
        }
        if let Some(hash) = self.inputs.hash_without_newline() {
            let name = faint("without newline ");
            let _ = writeln!(out, "{name} {hash} (yq, jq -r and echo add one)");
        }
        // Stores that a build wrote are not what a build reads.
        if self.build.is_none() {
            self.put_forecasts(&mut out, &faint("build           "));
        }
        out
    }

    /// What `build` would do: with every source if there are few, and otherwise with those that it would
    /// not take as they are.
    fn put_forecasts(&self, out: &mut String, heading: &str) {
        let all = self.inputs.sources.iter().zip(&self.forecasts);
        let is_short = self.forecasts.len() <= MAX_FORECASTS;
        let shown = all.filter(|(_, forecast)| is_short || forecast.is_partial());
        let mut more = self.forecasts.len();
        for (source, forecast) in shown.take(MAX_FORECASTS) {
            more -= 1;
            // Writing to a String cannot fail.
            let _ = if self.forecasts.len() == 1 {
                writeln!(out, "{heading} {forecast}")
            } else {
                writeln!(out, "{heading} {}: {forecast}", source.name)
            };
        }
        if more > 0 {
            let sources = count(more, "more source");
            let _ = writeln!(out, "{heading} {sources}: see --format json");
        }
    }

    fn row(&self, out: &mut String, style: Style, number: usize, one: &InspectedCertificate<'_>) {
        let faint = |word: &str| style.paint(Tone::Faint, word);
        let certificate = one.certificate;
        let _ = writeln!(
            out,
            "{number:>4}  {:<12}  {:<22}  {:<10}  {}",
            CertificateKind::of(certificate).as_str(),
            self.expiry(certificate),
            certificate.key().to_string(),
            certificate.subject(),
        );
        let mut detail = |name: &str, value: &str| {
            let _ = writeln!(out, "      {} {value}", faint(name));
        };
        if !certificate.is_self_signed() {
            detail("issuer", certificate.issuer().as_str());
        }
        detail("sha256", &certificate.fingerprint().to_string());
        detail("in    ", &places(&one.origins));
        for finding in &one.entry.findings {
            let code = style.paint(Tone::Doubt, finding.rule.code());
            let _ = writeln!(out, "      {code}: {}", finding.reason);
        }
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

    /// What keeps this from being all that the sources hold: each section that could not be read, or that
    /// there is no certificate. A private key or a revocation list next to certificates is no such reason.
    pub fn unread(&self) -> Vec<Error> {
        let policy = Policy::default();
        let is_loss = |rule: Rule| rule != Rule::PrivateKey && policy.level(rule) == Level::Deny;
        let has_none = self.certificates.is_empty();
        let mut unread: Vec<Error> = Vec::new();
        for entry in self.rejected() {
            let losses = entry.findings.iter();
            for finding in losses.filter(|finding| has_none || is_loss(finding.rule)) {
                let fault = Error::new(finding.rule, entry.message(finding));
                unread.push(Error {
                    hints: finding.hint.map(hint_text).into_iter().collect(),
                    ..fault.at(entry.origin.as_str())
                });
            }
        }
        if has_none && unread.is_empty() {
            let names: Vec<&str> = self.inputs.sources.iter().map(|one| &*one.name).collect();
            let fault = Error::new(Rule::NothingLeft, "there is no certificate in it");
            unread.push(fault.at(places(&names)));
        }
        unread
    }

    /// Whether every section that may be a certificate could be read.
    pub fn is_complete(&self) -> bool {
        self.rejected().all(JudgedSection::is_no_certificate)
    }

    fn ca_bundle_hash(&self) -> Option<String> {
        if let Some(build) = &self.build {
            return build.ca_bundle_hash.clone();
        }
        self.inputs.ca_bundle_hash().map(|hash| hash.to_string())
    }

    fn trust_anchors_hash(&self) -> Option<Fingerprint> {
        let fingerprints = self
            .certificates
            .iter()
            .map(|one| one.certificate.fingerprint());
        let mut anchors: Vec<Fingerprint> =
            fingerprints.filter(|one| self.is_customers(*one)).collect();
        anchors.sort_unstable();
        records::trust_anchors_hash(&anchors)
    }

    /// Whether a certificate is the customer's. Outside of a build, every one counts as such.
    fn is_customers(&self, fingerprint: Fingerprint) -> bool {
        let build = self.build.as_ref();
        build.is_none_or(|build| build.customer.contains(&fingerprint))
    }

    fn pem(&self) -> String {
        let certificates = self.certificates.iter();
        certificates
            .map(|one| String::from_utf8_lossy(&one.certificate.pem()).into_owned())
            .collect()
    }
}

/// What a certificate is for.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
enum CertificateKind {
    Root,
    Intermediate,
    Leaf,
}

impl CertificateKind {
    fn of(certificate: &Certificate) -> Self {
        match (certificate.is_ca(), certificate.is_self_signed()) {
            (true, true) => CertificateKind::Root,
            (true, false) => CertificateKind::Intermediate,
            (false, _) => CertificateKind::Leaf,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            CertificateKind::Root => "root",
            CertificateKind::Intermediate => "intermediate",
            CertificateKind::Leaf => "leaf",
        }
    }
}

/// The first places, and how many more.
fn places(origins: &[&str]) -> String {
    let named = &origins[..origins.len().min(MAX_PLACES)];
    let mut text = named.join(", ");
    if let more @ 1.. = origins.len() - named.len() {
        let _ = write!(text, " and {more} more");
    }
    text
}
