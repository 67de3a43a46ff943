//! The verdict of `check`, for people, as JSON and as `JUnit`'s XML.

use std::fmt::{Display, Write as _};
use std::path::Path;

use serde::Serialize;

use super::count;
use super::records::{self, CertificateRecord, FindingRecord, RejectedRecord, SourceRecord};
use super::style::{Style, Tone};
use crate::error::Error;
use crate::error::hint_text;
use crate::read::Inputs;
use trust_stores::escape::escape;
use trust_stores::{Finding, JudgedSection, JudgedSource, Judgement, Level};

/// The form of `check`'s verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum CheckFormat {
    /// Lines for people.
    #[default]
    Human,
    /// One JSON object.
    Json,
    /// JUnit XML: a test suite per source, a test case per certificate.
    Junit,
}

/// What `check` found.
#[derive(Debug)]
pub struct Verdict<'a> {
    /// What was read.
    pub inputs: &'a Inputs,
    /// The verdict on it.
    pub judgement: &'a Judgement,
    /// The paths in which `--against` differs from what would be written, with how; none without
    /// that flag.
    pub drift: Vec<Drift>,
    /// Whether warnings make it a no.
    pub strict: bool,
}

/// A path that is not as `build` would write it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// The path; escaped.
    pub path: String,
    /// `missing`, `changed`, `unexpected` or `unreadable`.
    pub state: &'static str,
}

/// The code of a drift's line; no rule's.
const DRIFT: &str = "drift";

impl Verdict<'_> {
    /// Whether `build` would take all of it as it is.
    pub fn is_ok(&self) -> bool {
        self.inputs.refused.is_empty()
            && self.drift.is_empty()
            && self.findings().all(|(_, finding)| !self.fails(finding))
            && (!self.strict || self.inputs.warnings.is_empty())
    }

    fn fails(&self, finding: &Finding) -> bool {
        let threshold = if self.strict {
            Level::Warn
        } else {
            Level::Drop
        };
        finding.level >= threshold
    }

    /// What was found of the customer's certificates and of the set.
    fn findings(&self) -> impl Iterator<Item = (Option<&JudgedSection>, &Finding)> {
        let of_entries = self
            .customer()
            .flat_map(|entry| entry.findings.iter().map(move |f| (Some(entry), f)));
        let of_set = self.judgement.set_findings.iter().map(|f| (None, f));
        of_entries.chain(of_set)
    }

    fn customer(&self) -> impl Iterator<Item = &JudgedSection> {
        let entries = self.judgement.sections.iter();
        entries.filter(|entry| self.judgement.is_customer(entry))
    }

    /// The verdict in the format asked for.
    pub fn text(&self, format: CheckFormat, style: Style) -> String {
        match format {
            CheckFormat::Human => self.human(style),
            CheckFormat::Json => self.json(),
            CheckFormat::Junit => self.junit(),
        }
    }

    fn human(&self, style: Style) -> String {
        let mut out = String::new();
        for fault in &self.inputs.refused {
            line(
                &mut out,
                style,
                Level::Deny,
                fault.code,
                fault.place.as_deref(),
                &fault.message,
            );
            hints(&mut out, style, &fault.hints);
        }
        for entry in self.customer() {
            let shown = entry.findings.iter().filter(|f| f.level > Level::Allow);
            let mut is_clean = true;
            for finding in shown {
                is_clean = false;
                let message = entry.message(finding);
                let place = Some(entry.origin.as_str());
                line(
                    &mut out,
                    style,
                    finding.level,
                    finding.rule.code(),
                    place,
                    &message,
                );
                hints(&mut out, style, finding.hint.map(hint_text));
            }
            if let (true, Some(certificate)) = (is_clean, &entry.certificate) {
                let ok = style.paint(Tone::Good, "ok");
                let (origin, subject) = (&entry.origin, certificate.subject());
                let end = certificate.not_after().date();
                // Writing to a String cannot fail.
                let _ = writeln!(out, "{ok}: {origin}: {subject}, until {end}");
            }
        }
        let of_set = self.judgement.set_findings.iter();
        for finding in of_set.filter(|finding| finding.level > Level::Allow) {
            line(
                &mut out,
                style,
                finding.level,
                finding.rule.code(),
                None,
                &finding.reason,
            );
            hints(&mut out, style, finding.hint.map(hint_text));
        }
        for Drift { path, state } in &self.drift {
            line(&mut out, style, Level::Deny, DRIFT, Some(path), state);
        }
        let _ = writeln!(out, "{}", self.summary(style));
        out
    }

    fn summary(&self, style: Style) -> String {
        let customer = self.judgement.customer_counts();
        let of_level = |level| self.findings().filter(|(_, f)| f.level == level).count();
        let mut parts = vec![count(customer.seen - customer.rejected, "certificate")];
        for (number, what) in [
            (of_level(Level::Deny) + self.inputs.refused.len(), "error"),
            (of_level(Level::Drop), "drop"),
            (
                of_level(Level::Warn) + self.inputs.warnings.len(),
                "warning",
            ),
            (self.drift.len(), "difference"),
        ] {
            if number > 0 {
                parts.push(count(number, what));
            }
        }
        if let Some(hash) = self.inputs.ca_bundle_hash() {
            parts.push(format!("caBundleHash {hash}"));
        }
        let verdict = if self.is_ok() {
            style.paint(Tone::Good, "passed")
        } else {
            style.paint(Tone::Bad, "refused")
        };
        format!("{verdict}: {}", parts.join(", "))
    }

    fn json(&self) -> String {
        let judgement = self.judgement;
        let is_customer = |role: &str| role == records::role(true);
        let mut certificates = records::certificates(judgement);
        certificates.retain(|record| is_customer(record.role));
        let mut rejected = records::rejected(judgement);
        rejected.retain(|record| is_customer(record.role));
        let mut sources = records::sources(judgement, &self.inputs.sources);
        sources.retain(|record| is_customer(record.role));
        let report = Report {
            schema_version: 1,
            ok: self.is_ok(),
            ca_bundle_hash: self.inputs.ca_bundle_hash().map(|hash| hash.to_string()),
            trust_anchors_hash: records::trust_anchors_hash(&judgement.trust_anchors())
                .map(|hash| hash.to_string()),
            sources,
            certificates,
            rejected,
            findings: judgement
                .set_findings
                .iter()
                .map(records::finding)
                .collect(),
            refused: self.inputs.refused.iter().map(Refused::new).collect(),
            drift: &self.drift,
        };
        super::json(&report)
    }

    /// A suite for each source, a case for each of its sections, and one suite for what is about
    /// all of them: the form that CI systems read (testmoapp/junitxml describes it).
    fn junit(&self) -> String {
        let mut suites = Vec::new();
        for (index, JudgedSource { name, role }) in self.judgement.sources.iter().enumerate() {
            if !role.is_customer() {
                continue;
            }
            let entries = self.customer().filter(|entry| entry.source == index);
            let cases = entries.map(|entry| self.case_of(entry)).collect();
            suites.push((name.clone(), cases));
        }
        let refused = self.inputs.refused.iter();
        let mut whole: Vec<Case> = refused
            .map(|fault| Case {
                name: fault.place.clone().unwrap_or_default(),
                failures: vec![(fault.code, fault.message.clone())],
                notes: Vec::new(),
            })
            .collect();
        whole.push(
            self.case(
                "all certificates together",
                self.judgement
                    .set_findings
                    .iter()
                    .map(|f| (f, f.reason.clone())),
            ),
        );
        whole.extend(self.drift.iter().map(|drift| Case {
            name: drift.path.clone(),
            failures: vec![(DRIFT, drift.state.to_owned())],
            notes: Vec::new(),
        }));
        suites.push((String::from("the whole set"), whole));
        junit(&suites)
    }

    fn case_of(&self, entry: &JudgedSection) -> Case {
        let subject = entry.certificate.as_ref().map(|c| c.subject().to_string());
        let name = match subject {
            Some(subject) => format!("{}: {subject}", entry.origin),
            None => entry.origin.clone(),
        };
        self.case(&name, entry.findings.iter().map(|f| (f, entry.message(f))))
    }

    fn case<'f>(&self, name: &str, findings: impl Iterator<Item = (&'f Finding, String)>) -> Case {
        let mut case = Case {
            name: name.to_owned(),
            failures: Vec::new(),
            notes: Vec::new(),
        };
        for (finding, mut message) in findings.filter(|(f, _)| f.level > Level::Allow) {
            let code = finding.rule.code();
            if let Some(hint) = finding.hint {
                message = format!("{message}; hint: {}", hint_text(hint));
            }
            if self.fails(finding) {
                case.failures.push((code, message));
            } else {
                case.notes.push(format!("warning[{code}]: {message}"));
            }
        }
        case
    }
}

fn line(
    out: &mut String,
    style: Style,
    level: Level,
    code: &str,
    place: Option<&str>,
    message: &str,
) {
    let (word, tone) = match level {
        Level::Allow | Level::Warn => ("warning", Tone::Doubt),
        Level::Drop => ("dropped", Tone::Bad),
        Level::Deny => ("error", Tone::Bad),
    };
    let word = style.paint(tone, &format!("{word}[{code}]"));
    let place = place.map(|place| format!("{place}: ")).unwrap_or_default();
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{word}: {place}{message}");
}

fn hints<T: Display>(out: &mut String, style: Style, hints: impl IntoIterator<Item = T>) {
    let word = style.paint(Tone::Faint, "hint");
    for hint in hints {
        let _ = writeln!(out, "{word}: {hint}");
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'a> {
    schema_version: u32,
    ok: bool,
    ca_bundle_hash: Option<String>,
    trust_anchors_hash: Option<String>,
    sources: Vec<SourceRecord<'a>>,
    certificates: Vec<CertificateRecord<'a>>,
    rejected: Vec<RejectedRecord<'a>>,
    findings: Vec<FindingRecord<'a>>,
    refused: Vec<Refused<'a>>,
    drift: &'a [Drift],
}

/// A source, or all of them, refused before anything in it was looked at.
#[derive(Serialize)]
struct Refused<'a> {
    origin: Option<&'a str>,
    rule: &'static str,
    reason: &'a str,
}

impl<'a> Refused<'a> {
    fn new(fault: &'a Error) -> Self {
        Refused {
            origin: fault.place.as_deref(),
            rule: fault.code,
            reason: &fault.message,
        }
    }
}

/// A test case of `JUnit`'s.
struct Case {
    name: String,
    failures: Vec<(&'static str, String)>,
    notes: Vec<String>,
}

fn junit(suites: &[(String, Vec<Case>)]) -> String {
    let tests = |cases: &[Case]| cases.len();
    let failed = |cases: &[Case]| {
        cases
            .iter()
            .filter(|case| !case.failures.is_empty())
            .count()
    };
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let all: usize = suites.iter().map(|(_, cases)| tests(cases)).sum();
    let all_failed: usize = suites.iter().map(|(_, cases)| failed(cases)).sum();
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "<testsuites name=\"trust-init check\" tests=\"{all}\" failures=\"{all_failed}\">"
    );
    for (name, cases) in suites {
        let _ = writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\">",
            xml(name),
            tests(cases),
            failed(cases)
        );
        for case in cases {
            let _ = writeln!(
                out,
                "    <testcase classname=\"{}\" name=\"{}\">",
                xml(name),
                xml(&case.name)
            );
            for (code, message) in &case.failures {
                let message = xml(message);
                let _ = writeln!(
                    out,
                    "      <failure type=\"{code}\" message=\"{message}\">{message}</failure>"
                );
            }
            if !case.notes.is_empty() {
                let notes = xml(&case.notes.join("\n"));
                let _ = writeln!(out, "      <system-out>{notes}</system-out>");
            }
            out.push_str("    </testcase>\n");
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

/// `text` as XML has it in content and attributes. Controls, which XML 1.0 cannot hold, were
/// escaped before; U+FFFE and U+FFFF are what is left of them.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(character),
        }
    }
    out
}

/// A path of a drift, below the directory that was looked at.
pub fn drift(directory: &Path, path: &str, state: &'static str) -> Drift {
    Drift {
        path: escape(&directory.join(path).to_string_lossy()).into_owned(),
        state,
    }
}
