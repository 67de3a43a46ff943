//! What `check` answers, for people, as JSON and as `JUnit`'s XML.

mod json;
mod junit;

use std::fmt::{Display, Write as _};
use std::{mem, ptr};

use serde::Serialize;

use super::siblings::Siblings;
use super::style::{Style, Tone};
use super::tally::Tally;
use super::text::count;
use crate::error::{Errors, hint_text};
use crate::read::Inputs;
use trust_stores::{
    DistinctFinding, Finding, Fingerprint, JudgedSection, Judgement, Level, Rule, Verdict,
};

/// The form of `check`'s report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum CheckFormat {
    /// Lines for people.
    #[default]
    #[value(alias = "text")]
    Human,
    /// One JSON object.
    Json,
    /// JUnit XML: a test suite per source, a test case per certificate.
    Junit,
}

/// Whether warnings make the answer a no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// Only what `build` would refuse or leave out.
    AsBuild,
    /// Warnings too.
    Strict,
}

/// What `check` found.
#[derive(Debug)]
pub struct CheckReport<'a> {
    /// What was read.
    pub inputs: &'a Inputs,
    /// What the rules found in it.
    pub judgement: &'a Judgement,
    /// The paths in which `--against` differs from what would be written; none without that option.
    pub differences: Vec<PathDifference>,
    /// What makes the answer a no.
    pub strictness: Strictness,
}

/// A path that is not as `build` would write it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PathDifference {
    /// The path; escaped.
    pub path: String,
    /// How it differs.
    pub state: PathState,
}

/// How a path differs from what `build` would write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PathState {
    /// It does not exist.
    Missing,
    /// It holds something else.
    Changed,
    /// It exists, and `build` would not write it.
    Unexpected,
    /// It cannot be read.
    Unreadable,
}

impl PathState {
    fn message(self) -> &'static str {
        match self {
            PathState::Missing => "missing",
            PathState::Changed => "changed: not the bytes that build would write",
            PathState::Unexpected => "unexpected: build would not write this file",
            PathState::Unreadable => "unreadable",
        }
    }
}

/// The code of a line about a [`PathDifference`]. No rule has this code.
const DRIFT: &str = "drift";

impl CheckReport<'_> {
    /// Whether `build` would take all of it as it is.
    pub fn is_ok(&self) -> bool {
        self.inputs.refused.is_empty()
            && self.differences.is_empty()
            && self.findings().all(|(_, finding)| !self.fails(finding))
            && (self.strictness == Strictness::AsBuild || self.inputs.warnings.is_empty())
    }

    /// Leaving out what is no certificate leaves out no trust.
    fn fails(&self, finding: &Finding) -> bool {
        if finding.rule == Rule::NotACertificate && self.strictness == Strictness::AsBuild {
            return finding.level == Level::Deny;
        }
        let threshold = match self.strictness {
            Strictness::AsBuild => Level::Drop,
            Strictness::Strict => Level::Warn,
        };
        finding.level >= threshold
    }

    /// What was found in the customer's certificates and in the set.
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

    /// The report in the format asked for.
    pub fn text(&self, format: CheckFormat, style: Style) -> String {
        match format {
            CheckFormat::Human => self.human(style),
            CheckFormat::Json => self.json(),
            CheckFormat::Junit => self.junit(),
        }
    }

    fn human(&self, style: Style) -> String {
        let mut lines = Lines {
            text: String::new(),
            style,
            tally: Tally::new(),
        };
        for fault in &self.inputs.refused {
            let place = fault.place.as_deref();
            lines.line(Level::Deny, fault.code.as_str(), place, &fault.message);
            lines.hints(&fault.hints);
        }
        let found = self.judgement.distinct_findings(|entry, finding| {
            self.judgement.is_customer(entry) && is_shown(finding)
        });
        let mut found = found.iter().peekable();
        let mut siblings = Siblings::new(self.inputs, self.judgement);
        for entry in self.customer() {
            while let Some(one) = found.next_if(|one| ptr::eq(one.section, entry)) {
                lines.finding(one, &mut siblings);
            }
            lines.verdict(entry);
        }
        lines.rest(self.judgement);
        let of_set = self.judgement.set_findings.iter();
        for finding in of_set.filter(|finding| finding.level > Level::Allow) {
            lines.line(finding.level, finding.rule.code(), None, &finding.reason);
            lines.hints(finding.hint.map(hint_text));
        }
        for PathDifference { path, state } in &self.differences {
            lines.line(Level::Deny, DRIFT, Some(path), state.message());
        }
        // Writing to a String cannot fail.
        let _ = writeln!(lines.text, "{}", self.summary(style));
        lines.hints(self.inputs.hash_without_newline().map(other_hash));
        lines.text
    }

    fn summary(&self, style: Style) -> String {
        let customer = self.judgement.customer_counts();
        let at_level = |level| -> usize {
            let findings = self
                .findings()
                .filter(|(_, finding)| finding.level == level && !finding.is_repeated);
            findings
                .map(|(entry, _)| entry.map_or(1, |entry| entry.count))
                .sum()
        };
        let errors = at_level(Level::Deny) + self.inputs.refused.len();
        let warnings = at_level(Level::Warn) + self.inputs.warnings.len();
        let mut parts = vec![count(customer.seen - customer.rejected, "certificate")];
        for (number, text) in [
            (errors, count(errors, "error")),
            (
                at_level(Level::Drop),
                format!("{} dropped", at_level(Level::Drop)),
            ),
            (warnings, count(warnings, "warning")),
            (
                self.differences.len(),
                count(self.differences.len(), "difference"),
            ),
        ] {
            if number > 0 {
                parts.push(text);
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
}

/// What a person who compares hashes has to know about standard input.
fn other_hash(without_newline: Fingerprint) -> String {
    format!(
        "if yq, jq -r or echo added the newline at the end, caBundleHash without it is {without_newline}"
    )
}

/// Whether people are shown a finding about a certificate.
fn is_shown(finding: &Finding) -> bool {
    finding.level > Level::Allow || finding.rule == Rule::KeyRollover
}

/// The report where there is no verdict, because something cannot be read: `errors`. People read those on
/// stderr.
pub fn unanswered(format: CheckFormat, errors: &Errors) -> String {
    match format {
        CheckFormat::Human => String::new(),
        CheckFormat::Json => super::unanswered(errors),
        CheckFormat::Junit => junit::unanswered(errors),
    }
}

/// The lines for people.
struct Lines {
    text: String,
    style: Style,
    tally: Tally<(&'static str, Level)>,
}

/// The code of a line about a certificate that was read before.
const MERGED: &str = "merged";

impl Lines {
    fn finding(&mut self, one: &DistinctFinding<'_>, siblings: &mut Siblings<'_>) {
        let DistinctFinding {
            section, finding, ..
        } = one;
        let (code, level) = (finding.rule.code(), finding.level);
        if self.tally.shows((code, level), section.source, one.count()) {
            self.line(level, code, Some(section.origin.as_str()), &one.message());
            let own = finding.hint.map(hint_text).into_iter().collect();
            self.hints(match level {
                Level::Deny => siblings.hints(section, finding.rule, own),
                _ => own,
            });
        }
    }

    /// That a certificate is fine, or that it was read before.
    fn verdict(&mut self, entry: &JudgedSection) {
        let Some(certificate) = &entry.certificate else {
            return;
        };
        if entry
            .findings
            .iter()
            .any(|finding| finding.level > Level::Allow && !finding.is_repeated)
        {
            return;
        }
        let (origin, subject) = (&entry.origin, certificate.subject());
        let is_merged = entry.verdict == Verdict::Merged;
        if !is_merged {
            let ok = self.style.paint(Tone::Good, "ok");
            let end = certificate.not_after().date();
            let _ = writeln!(self.text, "{ok}: {origin}: {subject}, valid until {end}");
        } else if self.tally.shows((MERGED, Level::Allow), entry.source, 1) {
            let merged = self.style.paint(Tone::Faint, MERGED);
            let _ = writeln!(self.text, "{merged}: {origin}: {subject}, already read");
        }
    }

    /// How many lines were not shown, by code.
    fn rest(&mut self, judgement: &Judgement) {
        let tally = mem::replace(&mut self.tally, Tally::new());
        for ((code, level), rest) in tally.rest(judgement) {
            let place = rest.place.as_deref();
            self.line(level, code, place, &rest.message);
        }
    }

    fn line(&mut self, level: Level, code: &str, place: Option<&str>, message: &str) {
        let (word, tone) = match level {
            Level::Allow if code == MERGED => (MERGED, Tone::Faint),
            Level::Allow => ("info", Tone::Faint),
            Level::Warn => ("warning", Tone::Doubt),
            Level::Drop => ("dropped", Tone::Bad),
            Level::Deny => ("error", Tone::Bad),
        };
        let word = if code == word {
            word.to_owned()
        } else {
            format!("{word}[{code}]")
        };
        let word = self.style.paint(tone, &word);
        let place = place.map(|place| format!("{place}: ")).unwrap_or_default();
        let _ = writeln!(self.text, "{word}: {place}{message}");
    }

    fn hints(&mut self, hints: impl IntoIterator<Item = impl Display>) {
        let word = self.style.paint(Tone::Faint, "hint");
        for hint in hints {
            let _ = writeln!(self.text, "{word}: {hint}");
        }
    }
}
