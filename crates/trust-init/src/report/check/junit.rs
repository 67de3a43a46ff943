//! The report of `check` in the form that CI systems read (testmoapp/junitxml describes it): a suite
//! for each source, a case for each of its sections, and one suite for what concerns all of them.

use std::fmt::Write as _;

use super::{CheckReport, DRIFT, is_shown};
use crate::error::{Errors, hint_text};
use trust_stores::{Finding, JudgedSection, Level};

struct Suite {
    name: String,
    cases: Vec<Case>,
}

struct Case {
    name: String,
    /// Each a code and a message.
    failures: Vec<(&'static str, String)>,
    /// Why there is no verdict, in the same form.
    errors: Vec<(&'static str, String)>,
    notes: Vec<String>,
}

impl CheckReport<'_> {
    pub(super) fn junit(&self) -> String {
        let entries: Vec<&JudgedSection> = self.customer().collect();
        let by_source = entries.chunk_by(|one, next| one.source == next.source);
        let mut suites: Vec<Suite> = by_source
            .map(|entries| Suite {
                name: self.judgement.sources[entries[0].source].name.clone(),
                cases: entries.iter().map(|entry| self.case_of(entry)).collect(),
            })
            .collect();
        suites.push(self.whole_set());
        xml_of(&suites)
    }

    /// What concerns no single certificate.
    fn whole_set(&self) -> Suite {
        let refused = self.inputs.refused.iter().map(|fault| {
            let name = fault.place.clone().unwrap_or_default();
            Case::failed(name, fault.code.as_str(), fault.message.clone())
        });
        let of_set = self.judgement.set_findings.iter();
        let together = self.case(
            String::from("all certificates together"),
            of_set.map(|finding| (finding, finding.reason.clone())),
        );
        let differences = self.differences.iter().map(|difference| {
            let message = difference.state.message().to_owned();
            Case::failed(difference.path.clone(), DRIFT, message)
        });
        Suite {
            name: String::from("the whole set"),
            cases: refused.chain([together]).chain(differences).collect(),
        }
    }

    fn case_of(&self, entry: &JudgedSection) -> Case {
        let name = match &entry.certificate {
            Some(certificate) => format!("{}: {}", entry.origin, certificate.subject()),
            None => entry.origin.clone(),
        };
        self.case(name, entry.findings.iter().map(|f| (f, entry.message(f))))
    }

    fn case<'f>(
        &self,
        name: String,
        findings: impl Iterator<Item = (&'f Finding, String)>,
    ) -> Case {
        let mut case = Case {
            name,
            failures: Vec::new(),
            errors: Vec::new(),
            notes: Vec::new(),
        };
        let is_new = |f: &Finding| is_shown(f) && !f.is_repeated;
        for (finding, mut message) in findings.filter(|(finding, _)| is_new(finding)) {
            let code = finding.rule.code();
            if let Some(hint) = finding.hint {
                message = format!("{message}; hint: {}", hint_text(hint));
            }
            if self.fails(finding) {
                case.failures.push((code, message));
            } else {
                let word = match finding.level {
                    Level::Drop => "dropped",
                    Level::Allow => "info",
                    _ => "warning",
                };
                case.notes.push(format!("{word}[{code}]: {message}"));
            }
        }
        case
    }
}

impl Case {
    fn failed(name: String, code: &'static str, message: String) -> Self {
        Case {
            name,
            failures: vec![(code, message)],
            errors: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn write(&self, out: &mut String, suite: &str) {
        let (suite, name) = (xml(suite), xml(&self.name));
        // Writing to a String cannot fail.
        let _ = writeln!(out, "    <testcase classname=\"{suite}\" name=\"{name}\">");
        let failures = self.failures.iter().map(|failure| ("failure", failure));
        let errors = self.errors.iter().map(|error| ("error", error));
        for (element, (code, message)) in failures.chain(errors) {
            let message = xml(message);
            let _ = writeln!(
                out,
                "      <{element} type=\"{code}\" message=\"{message}\">{message}</{element}>"
            );
        }
        if !self.notes.is_empty() {
            let notes = xml(&self.notes.join("\n"));
            let _ = writeln!(out, "      <system-out>{notes}</system-out>");
        }
        out.push_str("    </testcase>\n");
    }
}

/// A case for each of `errors`, none of which is a verdict.
pub(super) fn unanswered(errors: &Errors) -> String {
    let cases = errors.iter().map(|fault| {
        let mut message = fault.message.clone();
        for hint in &fault.hints {
            message = format!("{message}; hint: {hint}");
        }
        Case {
            name: fault.place.clone().unwrap_or_default(),
            failures: Vec::new(),
            errors: vec![(fault.code.as_str(), message)],
            notes: Vec::new(),
        }
    });
    let suites = [Suite {
        name: String::from("what cannot be read"),
        cases: cases.collect(),
    }];
    xml_of(&suites)
}

fn xml_of(suites: &[Suite]) -> String {
    let attributes = |name: &str, cases: &[&Case]| {
        let failed = cases.iter().filter(|case| !case.failures.is_empty());
        let unanswered = cases.iter().filter(|case| !case.errors.is_empty());
        format!(
            "name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\"",
            xml(name),
            cases.len(),
            failed.count(),
            unanswered.count()
        )
    };
    let all: Vec<&Case> = suites.iter().flat_map(|suite| &suite.cases).collect();
    let all = attributes("trust-init check", &all);
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(out, "<testsuites {all}>");
    for Suite { name, cases } in suites {
        let these: Vec<&Case> = cases.iter().collect();
        let _ = writeln!(out, "  <testsuite {}>", attributes(name, &these));
        for case in cases {
            case.write(&mut out, name);
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

/// `text` escaped for content and attributes of XML. Of the characters that XML 1.0 does not allow,
/// control characters were escaped before, and U+FFFE and U+FFFF are replaced here.
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
