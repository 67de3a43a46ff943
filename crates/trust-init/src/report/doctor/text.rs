//! The report for people.

use std::fmt::Write as _;
use std::path::PathBuf;

use trust_doctor::cause::CauseReason;
use trust_doctor::handshake::Proof;
use trust_doctor::store::StoreContents;
use trust_doctor::{Cause, Diagnosis, Outcome, Probe};
use trust_stores::escape::escape;

use super::causes::{self, values};
use super::connection::not_fetched;
use super::stores::{fault, fault_line, installation, not_seen, note, switch};
use super::{DoctorReport, ServerReport, client_name};
use crate::report::style::{Style, Tone};
use crate::report::text::count;

/// The whole report; colored if `style` is.
pub(super) fn human(report: &DoctorReport, style: Style) -> String {
    let mut out = String::new();
    for store in &report.stores.clients {
        let name = client_name(store.client);
        let found_by = store.contents.found_by.unwrap_or("nothing");
        push_store(&mut out, style, name, &store.contents, found_by);
        // They are for those who look at the stores; with a server, the verdicts are what counts.
        let notes = store
            .contents
            .notes
            .iter()
            .filter(|_| report.servers.is_empty());
        for one in notes {
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
            &mut out,
            style,
            "other clients",
            &store.contents,
            &names.join(", "),
        );
    }
    for variable in &report.stores.switches {
        let _ = writeln!(out, "{:<16} {}", "note", switch(variable));
    }
    for server in &report.servers {
        out.push('\n');
        push_server(&mut out, style, server);
    }
    out
}

fn push_store(
    out: &mut String,
    style: Style,
    name: &str,
    contents: &StoreContents,
    found_by: &str,
) {
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
    let program = contents.installation.as_ref().map(installation);
    // Writing to a String cannot fail.
    let _ = match (&contents.absence, program) {
        (Some(absence), program) => {
            let absence = not_seen(absence, program.as_deref());
            writeln!(out, "{name:<16} {}", escape(&absence))
        }
        (None, None) => writeln!(out, "{name:<16} {held} from {files} ({found_by})"),
        (None, Some(program)) => {
            let program = escape(&program).into_owned();
            writeln!(
                out,
                "{name:<16} {held} from {files} ({found_by}; {program})"
            )
        }
    };
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

fn push_server(out: &mut String, style: Style, server: &ServerReport) {
    let diagnosis = &server.diagnosis;
    push_heading(out, &diagnosis.probe);
    push_chain(out, &diagnosis.probe);
    if !diagnosis.probe.chain.is_empty() {
        push_verdicts(out, style, diagnosis);
    }
    for note in server.notes() {
        let note = format!("note: {}", escape(&note));
        let _ = writeln!(out, "  {}", style.paint(Tone::Doubt, &note));
    }
    if let Some(cause) = &diagnosis.cause {
        push_cause(out, style, cause, diagnosis);
    } else {
        let ok = style.paint(Tone::Good, ok(diagnosis));
        let _ = writeln!(out, "  {ok}");
    }
}

/// What it is that every client trusts.
fn ok(diagnosis: &Diagnosis) -> &'static str {
    let answer = diagnosis.probe.answer.as_ref();
    if answer.is_ok_and(|handshake| handshake.proof != Proof::Given) {
        "ok: every client trusts this chain; the handshake did not prove that the server holds its key"
    } else if diagnosis.strict_python.is_some() {
        "ok: every client above trusts it; Python 3.13 and later do not"
    } else {
        "ok: every client trusts it"
    }
}

fn push_heading(out: &mut String, probe: &Probe) {
    let proxy = probe.proxy.as_ref();
    let proxy = proxy.map_or_else(String::new, |proxy| format!(" through the proxy {proxy}"));
    let handshake = probe.answer.as_ref().ok();
    let version = handshake.and_then(|handshake| Some((handshake.version?, handshake.proof)));
    let version = match version {
        Some((version, Proof::Given)) => format!(" ({})", version.as_str()),
        Some((version, _)) => format!(
            " ({}, not proven: the handshake did not finish)",
            version.as_str()
        ),
        None => String::new(),
    };
    let _ = writeln!(out, "{}{proxy}{version}", probe.authority);
}

fn push_chain(out: &mut String, probe: &Probe) {
    for (index, certificate) in probe.chain.iter().enumerate() {
        let _ = writeln!(
            out,
            "  {index} {}\n    issuer {}\n    until {}, sha256 {}",
            certificate.subject(),
            certificate.issuer(),
            certificate.not_after().date(),
            certificate.fingerprint()
        );
    }
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

fn push_verdicts(out: &mut String, style: Style, diagnosis: &Diagnosis) {
    for verdict in &diagnosis.verdicts {
        let (tone, word) = match verdict.outcome {
            Outcome::Trusted(_) => (Tone::Good, "trusts it"),
            Outcome::Refused(_) | Outcome::BrokenStore(_) => (Tone::Bad, "refuses it"),
            Outcome::CannotTell(_) => (Tone::Doubt, "doctor cannot tell"),
            Outcome::Absent => continue,
        };
        let name = client_name(verdict.client);
        let _ = writeln!(out, "  {name:<16} {}", style.paint(tone, word));
    }
}

fn push_cause(out: &mut String, style: Style, cause: &Cause, diagnosis: &Diagnosis) {
    let words = causes::cause(cause, diagnosis);
    let tone = match cause.reason {
        CauseReason::CannotTell(_) => Tone::Doubt,
        _ => Tone::Bad,
    };
    let line = format!("cause[{}]: {}", cause.code().as_str(), words.message);
    let _ = writeln!(out, "  {}", style.paint(tone, &line));
    if let Some(certificate) = &cause.certificate {
        let _ = writeln!(out, "  sha256 {}", certificate.fingerprint());
    }
    for fix in &words.fixes {
        let _ = writeln!(out, "  fix: {fix}");
    }
    for line in values(cause).iter().flat_map(|values| values.lines()) {
        let _ = writeln!(out, "    {line}");
    }
}
