//! The report for people. For each server: who trusts it, why not and what to do, then what it
//! presented. Last come the stores that the clients read.

use std::fmt::Write as _;
use std::path::PathBuf;

use trust_doctor::cause::CauseReason;
use trust_doctor::chain::Place;
use trust_doctor::store::StoreContents;
use trust_doctor::{Cause, Client, Diagnosis, Probe};
use trust_stores::escape::escape;
use trust_stores::{Certificate, Timestamp};

use super::answers::{Answer, Verdict, answers, headline, list};
use super::ask::Asked;
use super::causes::{self, values};
use super::connection::not_fetched;
use super::stores::{fault, fault_line, installation, is_unseen, not_seen, note, switch};
use super::{
    Delivery, Detail, DoctorReport, ServerReport, chain, client_name, connection_details,
    connection_facts,
};
use crate::report::style::{Style, Tone};
use crate::report::text::count;

/// The whole report; colored if `style` is.
pub(super) fn human(report: &DoctorReport, detail: Detail, style: Style) -> String {
    let mut out = String::new();
    for server in &report.servers {
        let screen = Screen {
            style,
            detail,
            at: report.at,
            delivery: report.delivery,
        };
        screen.push_server(&mut out, report, server);
        out.push('\n');
    }
    push_stores(&mut out, style, report);
    out
}

fn push_stores(out: &mut String, style: Style, report: &DoctorReport) {
    let mut absent: Vec<Client> = Vec::new();
    for store in &report.stores.clients {
        if is_unseen(&store.contents) {
            absent.push(store.client);
            continue;
        }
        let name = client_name(store.client);
        let found_by = store.contents.found_by.unwrap_or("nothing");
        push_store(out, style, name, &store.contents, found_by);
        // They are for those who look at the stores; with a server, the verdicts are what counts.
        let notes = store.contents.notes.iter();
        for one in notes.filter(|_| report.servers.is_empty()) {
            let _ = writeln!(out, "{}", escape(&note(one)));
        }
    }
    // Usually all further variables name one file.
    let variables = &report.stores.variables;
    let mut shown: Vec<&[PathBuf]> = Vec::new();
    for store in variables {
        let files = store.contents.files.as_slice();
        if shown.contains(&files) {
            continue;
        }
        shown.push(files);
        let alike = variables.iter().filter(|one| one.contents.files == files);
        let names: Vec<&str> = alike.map(|one| one.variable).collect();
        push_store(
            out,
            style,
            "other clients",
            &store.contents,
            &names.join(", "),
        );
    }
    for variable in &report.stores.switches {
        let _ = writeln!(out, "{:<16} {}", "note", switch(variable));
    }
    if !absent.is_empty() {
        let _ = writeln!(out, "not seen here: {}", list(&absent));
    }
}

fn push_store(
    out: &mut String,
    style: Style,
    name: &str,
    contents: &StoreContents,
    found_by: &str,
) {
    let program = contents.installation.as_ref().map(installation);
    // Writing to a String cannot fail.
    let line = if let Some(absence) = &contents.absence {
        let absence = not_seen(absence, program.as_deref());
        escape(&absence).into_owned()
    } else {
        let program = program.map(|program| format!("; {}", escape(&program)));
        held(
            contents,
            &format!("{found_by}{}", program.unwrap_or_default()),
        )
    };
    let _ = writeln!(out, "{name:<16} {line}");
    let tone = if contents.breakage().is_some() {
        Tone::Bad
    } else {
        Tone::Doubt
    };
    for one in &contents.faults {
        let _ = writeln!(out, "  {}", style.paint(tone, &fault_line(one)));
        let _ = writeln!(out, "  hint: {}", fault(one).1);
    }
}

/// How many CAs a store has, in which files, and what led there.
pub(super) fn held(contents: &StoreContents, found_by: &str) -> String {
    let files = contents.files.iter().map(|file| file.to_string_lossy());
    let files: Vec<String> = files.map(|file| escape(&file).into_owned()).collect();
    let files = if files.is_empty() {
        String::from("nothing")
    } else {
        files.join(", ")
    };
    let mut held = count(contents.anchors.len(), "CA");
    if let Some(customers) = contents.customer_anchors {
        let _ = write!(held, ", {customers} of them the customer's,");
    }
    format!("{held} from {files} ({found_by})")
}

/// How servers are shown.
struct Screen {
    style: Style,
    detail: Detail,
    at: Timestamp,
    delivery: Delivery,
}

impl Screen {
    fn push_server(&self, out: &mut String, report: &DoctorReport, server: &ServerReport) {
        let diagnosis = &server.diagnosis;
        let answers = answers(report, diagnosis);
        let asked = Asked::of(server);
        let (tone, headline) = asked.amend(headline(diagnosis, &answers));
        let headline = format!("{}: {headline}", diagnosis.probe.authority);
        let _ = writeln!(out, "{}", self.style.paint(tone, &headline));
        for answer in &answers {
            self.push_answer(out, answer);
        }
        asked.push(out, self.style);
        if let Some(cause) = &diagnosis.cause {
            self.push_cause(out, cause, diagnosis);
        }
        for note in server.notes() {
            let note = format!("note: {}", escape(&note));
            let _ = writeln!(out, "  {}", self.style.paint(Tone::Doubt, &note));
        }
        self.push_chain(out, &diagnosis.probe);
        push_fetched(out, &diagnosis.probe);
    }

    fn push_answer(&self, out: &mut String, answer: &Answer<'_>) {
        if answer.verdict == Verdict::Absent {
            return;
        }
        let name = client_name(answer.client);
        let line = self.style.paint(answer.verdict.tone(), &answer.line());
        let _ = writeln!(out, "  {name:<16} {line}");
        if self.detail == Detail::Full && answer.path.len() > 1 {
            let path = answer.path.iter().map(|one| one.subject().as_str());
            let path: Vec<&str> = path.collect();
            let _ = writeln!(out, "    path: {}", path.join(" < "));
        }
    }

    fn push_cause(&self, out: &mut String, cause: &Cause, diagnosis: &Diagnosis) {
        let words = causes::cause(cause, diagnosis);
        let tone = match cause.reason {
            CauseReason::CannotTell(_) => Tone::Doubt,
            _ => Tone::Bad,
        };
        let line = format!("cause[{}]: {}", cause.code().as_str(), words.message);
        let _ = writeln!(out, "  {}", self.style.paint(tone, &line));
        if let Some(certificate) = &cause.certificate {
            let _ = writeln!(out, "  sha256 {}", certificate.fingerprint());
        }
        for (index, fix) in words.fixes.iter().enumerate() {
            let lead = if index == 0 { "fix:" } else { "    " };
            let _ = writeln!(out, "  {lead} {fix}");
        }
        if let Some(values) = values(cause) {
            self.push_delivery(out, &values);
        }
    }

    /// The fix as something to type.
    fn push_delivery(&self, out: &mut String, values: &str) {
        if self.delivery == Delivery::Command {
            out.push_str("       trust-init build --base auto --ca FILE --out trust\n");
            return;
        }
        out.push_str("       in the chart's values:\n");
        for line in values.lines() {
            let _ = writeln!(out, "    {line}");
        }
    }

    fn push_chain(&self, out: &mut String, probe: &Probe) {
        let Some(line) = connection_line(probe) else {
            return;
        };
        let _ = writeln!(out, "  {line}");
        if self.detail == Detail::Full {
            for line in connection_details(probe) {
                let _ = writeln!(out, "    {line}");
            }
        }
        for (index, (certificate, place)) in chain::placed(&probe.chain).enumerate() {
            self.push_certificate(out, index, certificate, place);
        }
    }

    fn push_certificate(&self, out: &mut String, index: usize, shown: &Certificate, place: Place) {
        let _ = writeln!(
            out,
            "  {index} {}\n    issuer {}\n    until {}, sha256 {}",
            shown.subject(),
            shown.issuer(),
            shown.not_after().date(),
            shown.fingerprint()
        );
        if self.detail == Detail::Full {
            for line in chain::details(shown, place, self.at) {
                let _ = writeln!(out, "    {line}");
            }
        }
    }
}

/// The line above the chain; nothing if there was no connection.
fn connection_line(probe: &Probe) -> Option<String> {
    probe.answer.as_ref().ok()?;
    let facts = connection_facts(probe);
    let facts = match facts.as_slice() {
        [] => String::new(),
        facts => format!(" ({})", facts.join(", ")),
    };
    let line = if probe.chain.is_empty() {
        format!("no certificate came{facts}")
    } else {
        format!("it presented{facts}:")
    };
    Some(line)
}

fn push_fetched(out: &mut String, probe: &Probe) {
    for fetched in &probe.fetched {
        let address = escape(&fetched.address);
        let _ = match &fetched.outcome {
            Ok(certificate) => writeln!(
                out,
                "  fetched {}\n    from {address}, not verified\n    sha256 {}",
                certificate.subject(),
                certificate.fingerprint()
            ),
            Err(error) => {
                let reason = not_fetched(error);
                writeln!(out, "  not fetched from {address}: {}", escape(&reason))
            }
        };
    }
}
