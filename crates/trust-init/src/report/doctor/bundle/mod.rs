//! The support bundle: one file for a ticket, with all that the diagnosis rests on. A document is made
//! once and rendered as text or as HTML.

mod document;
mod drawing;
mod html;
mod plain;

use std::collections::HashSet;

use trust_doctor::ClientStore;
use trust_doctor::store::StoreContents;
use trust_stores::{Certificate, Fingerprint, Timestamp};

use self::document::{Block, Document, Section};
use super::answers::{Answer, answers, headline};
use super::ask::Asked;
use super::causes::{self, values};
use super::connection::not_fetched;
use super::stores::{fault, fault_line, installation, not_seen};
use super::text::held;
use super::{DoctorReport, ServerReport, chain, client_name, connection_details, connection_facts};

/// A store with more anchors of its own than this is not listed to the end.
const MAX_ANCHORS: usize = 100;

/// The form of a support bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BundleForm {
    /// Plain text.
    Text,
    /// One page without scripts that loads nothing.
    Html,
}

/// What a bundle says about the place, besides the report. Values of variables are masked already.
#[derive(Debug)]
pub struct Surroundings {
    /// When the bundle was made.
    pub now: Timestamp,
    /// The machine, the system and the user, by name.
    pub platform: Vec<(String, String)>,
    /// The variables about certificates and proxies that are set.
    pub variables: Vec<(String, String)>,
    /// The public roots, which are counted and not listed.
    pub public: HashSet<Fingerprint>,
}

/// The bundle, as the content of its file.
pub(super) fn bundle(
    report: &DoctorReport,
    surroundings: &Surroundings,
    form: BundleForm,
) -> String {
    let document = Document {
        title: String::from("trust-init doctor: support bundle"),
        sections: sections(report, surroundings),
    };
    match form {
        BundleForm::Text => plain::plain(&document),
        BundleForm::Html => html::html(&document),
    }
}

fn sections(report: &DoctorReport, surroundings: &Surroundings) -> Vec<Section> {
    let mut sections = vec![summary(report, surroundings)];
    sections.extend(
        report
            .servers
            .iter()
            .map(|server| self::server(report, server)),
    );
    sections.extend(stores(report, &surroundings.public));
    let mut environment = Section::new("Environment");
    if surroundings.variables.is_empty() {
        environment.lines(vec![String::from(
            "no variable about certificates or proxies is set",
        )]);
    }
    environment.facts(surroundings.variables.clone());
    sections.push(environment);
    sections
}

fn summary(report: &DoctorReport, surroundings: &Surroundings) -> Section {
    let mut section = Section::new("Summary");
    for server in &report.servers {
        let headline = headline(&server.diagnosis, &answers(report, &server.diagnosis));
        let (tone, headline) = Asked::of(server).amend(headline);
        let answer = format!("{}: {headline}", server.diagnosis.probe.authority);
        section.blocks.push(Block::Answer(tone, answer));
    }
    let mut facts = vec![
        (
            String::from("trust-init"),
            env!("CARGO_PKG_VERSION").to_owned(),
        ),
        (String::from("made at"), surroundings.now.to_string()),
    ];
    if report.at != surroundings.now {
        facts.push((String::from("validity judged at"), report.at.to_string()));
    }
    facts.extend(surroundings.platform.iter().cloned());
    section.facts(facts);
    section.lines(vec![String::from(
        "Passwords are masked, and no other variables, keys or files are in here. Names of hosts \
         and CAs may be confidential: read it before you send it.",
    )]);
    section
}

fn server(report: &DoctorReport, server: &ServerReport) -> Section {
    let diagnosis = &server.diagnosis;
    let mut section = Section::new(&diagnosis.probe.authority);
    let answers = answers(report, diagnosis);
    let asked = Asked::of(server);
    let (tone, headline) = asked.amend(headline(diagnosis, &answers));
    section.blocks.push(Block::Answer(tone, headline));
    section.facts(answers.iter().map(answer_row).collect());
    push_asked(&mut section, asked);
    push_cause(&mut section, server);
    section.lines(
        server
            .notes()
            .iter()
            .map(|note| format!("note: {note}"))
            .collect(),
    );
    if !diagnosis.probe.chain.is_empty() {
        section.heading("What was sent, and where it leads");
        section
            .blocks
            .push(Block::Tree(drawing::drawing(report, diagnosis, &answers)));
    }
    push_connection(&mut section, server);
    section
}

fn answer_row(answer: &Answer<'_>) -> (String, String) {
    (client_name(answer.client).to_owned(), answer.line())
}

/// What the programs of the pod answer.
fn push_asked(section: &mut Section, asked: Asked<'_>) {
    let lines: Vec<String> = asked.lines().into_iter().map(|(_, line)| line).collect();
    if !lines.is_empty() {
        section.heading("What the programs here answer");
        section.lines(lines);
    }
}

fn push_cause(section: &mut Section, server: &ServerReport) {
    let diagnosis = &server.diagnosis;
    let Some(cause) = &diagnosis.cause else {
        return;
    };
    let words = causes::cause(cause, diagnosis);
    section.heading("Cause and fix");
    let mut facts = vec![(format!("cause[{}]", cause.code().as_str()), words.message)];
    if let Some(certificate) = &cause.certificate {
        let fingerprint = certificate.fingerprint().to_string();
        facts.push((String::from("sha256"), fingerprint));
    }
    let fixes = words.fixes.into_iter().enumerate();
    facts.extend(fixes.map(|(index, fix)| {
        let name = if index == 0 { "fix" } else { "" };
        (name.to_owned(), fix)
    }));
    section.facts(facts);
    section.blocks.extend(values(cause).map(Block::Verbatim));
}

fn push_connection(section: &mut Section, server: &ServerReport) {
    let probe = &server.diagnosis.probe;
    let mut lines = connection_facts(probe);
    lines.extend(connection_details(probe));
    let fetched = probe.fetched.iter().map(|fetched| {
        let what = match &fetched.outcome {
            Ok(certificate) => format!(
                "{}, sha256 {}, not verified",
                certificate.subject(),
                certificate.fingerprint()
            ),
            Err(error) => not_fetched(error),
        };
        format!("fetched from {}: {what}", fetched.address)
    });
    lines.extend(fetched);
    if !lines.is_empty() {
        section.heading("Connection");
        section.lines(lines);
    }
}

fn stores(report: &DoctorReport, public: &HashSet<Fingerprint>) -> Vec<Section> {
    let mut section = Section::new("Stores");
    for store in &report.stores.clients {
        push_store(&mut section, client_name(store.client), &store.contents);
    }
    for store in &report.stores.variables {
        push_store(&mut section, store.variable, &store.contents);
    }
    let mut sections = vec![section];
    sections.extend(own_anchors(&report.stores.clients, public));
    sections
}

fn push_store(section: &mut Section, name: &str, contents: &StoreContents) {
    section.heading(name);
    let found_by = contents.found_by.unwrap_or("nothing");
    let program = contents.installation.as_ref().map(installation);
    section.lines(vec![match &contents.absence {
        Some(absence) => not_seen(absence, program.as_deref()),
        None => held(contents, found_by),
    }]);
    section.lines(program.into_iter().collect());
    let faults = contents.faults.iter();
    section.lines(
        faults
            .flat_map(|one| [fault_line(one), format!("hint: {}", fault(one).1)])
            .collect(),
    );
}

/// The anchors that are not public, each once, with the clients that have it.
fn own_anchors(stores: &[ClientStore], public: &HashSet<Fingerprint>) -> Option<Section> {
    let mut found: Vec<(&Certificate, Vec<&str>)> = Vec::new();
    let mut counts: Vec<(String, String)> = Vec::new();
    for store in stores.iter().filter(|store| !store.contents.is_absent()) {
        let name = client_name(store.client);
        let anchors = store.contents.anchors.iter();
        let (known, own): (Vec<_>, Vec<_>) =
            anchors.partition(|one| public.contains(&one.fingerprint()));
        counts.push((
            name.to_owned(),
            format!("{} public, {} others", known.len(), own.len()),
        ));
        for anchor in own {
            let mut known = found.iter_mut();
            match known.find(|(one, _)| one.fingerprint() == anchor.fingerprint()) {
                Some((_, names)) => names.push(name),
                None => found.push((anchor, vec![name])),
            }
        }
    }
    if counts.is_empty() {
        return None;
    }
    let mut section = Section::new("Trust anchors that are not among Mozilla's public roots");
    section.facts(counts);
    let listed = found.iter().take(MAX_ANCHORS);
    section.facts(
        listed
            .map(|(anchor, names)| {
                (
                    anchor.fingerprint().to_string(),
                    anchor_words(anchor, names),
                )
            })
            .collect(),
    );
    if let Some(more) = found
        .len()
        .checked_sub(MAX_ANCHORS)
        .filter(|more| *more > 0)
    {
        section.lines(vec![format!("and {more} more")]);
    }
    Some(section)
}

fn anchor_words(anchor: &Certificate, names: &[&str]) -> String {
    format!(
        "{}; until {}; {}; signed with {}; in the store of {}",
        anchor.subject(),
        anchor.not_after().date(),
        anchor.key(),
        chain::signature_algorithm(anchor.signature_algorithm()),
        names.join(", ")
    )
}
