//! Log lines about what was read and judged: bases, findings, the total.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use super::{Log, LogLine, MAX_LINES};
use crate::error::code::Severity;
use crate::error::{Code, Error, hint_text};
use crate::image::AddedCa;
use crate::read::{Absent, AbsentKind, Inputs, PassedOver, PassedOverKind};
use crate::report::tally::Tally;
use crate::report::text::count;
use trust_stores::{
    Counts, DistinctFinding, Finding, Fingerprint, JudgedSection, Judgement, Level, Rule, StoreSet,
    Verdict,
};

impl Log {
    /// Names the optional sources that are not there, and what was passed over in directories: a line for
    /// each directory.
    pub fn not_read(&mut self, inputs: &Inputs) {
        for Absent { name, kind } in &inputs.absent {
            let message = match kind {
                AbsentKind::Missing => "does not exist",
                AbsentKind::EmptyFile => "is empty",
                AbsentKind::EmptyDirectory => "has no file with certificates",
            };
            let message = format!("{message}, and is optional: nothing is added to the base");
            self.note(&Error::new(Code::Absent, message).at(name.as_str()));
        }
        let mut directories: BTreeMap<&Path, Vec<&PassedOver>> = BTreeMap::new();
        for one in &inputs.passed_over {
            let directory = Path::new(&one.name).parent().unwrap_or(Path::new(""));
            directories.entry(directory).or_default().push(one);
        }
        for (directory, all) in directories {
            let names = all.iter().take(MAX_LINES).map(|one| {
                let name = Path::new(&one.name).file_name().unwrap_or_default();
                let name = name.to_string_lossy();
                match one.kind {
                    PassedOverKind::Companion => name.into_owned(),
                    PassedOverKind::Password => format!("{name} (a password)"),
                    PassedOverKind::Directory => format!("{name} (a directory)"),
                }
            });
            let mut names = names.collect::<Vec<_>>().join(", ");
            if let more @ 1.. = all.len().saturating_sub(MAX_LINES) {
                // Writing to a String cannot fail.
                let _ = write!(names, " and {more} more");
            }
            let message = format!("passed over, no certificates: {names}");
            self.note(&Error::new(Code::PassedOver, message).at(directory.to_string_lossy()));
        }
    }

    /// Names the stores that were found in the image and serve as bases.
    pub fn bases_found(&mut self, inputs: &Inputs) {
        // One line for a directory, which can have hundreds of files.
        let mut lines: Vec<(String, String, usize)> = Vec::new();
        for source in &inputs.sources {
            let Some(found_by) = source.found_by else {
                continue;
            };
            let prefix = format!("base for {}", source.role.stores());
            let directory = Path::new(&source.name)
                .parent()
                .map(|path| path.to_string_lossy());
            let directory = format!("{prefix}: {} ({found_by})", directory.unwrap_or_default());
            let file = format!("{prefix}: {} ({found_by})", source.name);
            match lines.last_mut() {
                Some((place, _, files)) if *place == directory => *files += 1,
                _ => lines.push((directory, file, 1)),
            }
        }
        for (directory, file, files) in lines {
            if files == 1 {
                self.info(&file);
            } else {
                self.info(&format!("{directory}, {}", count(files, "file")));
            }
        }
    }

    /// Says that the image has nothing for `stores`, which are then based on Mozilla's roots.
    pub fn bases_embedded(&mut self, stores: StoreSet) {
        if !stores.is_empty() {
            self.info(&format!(
                "base for {stores}: the embedded Mozilla roots (no store was found here)"
            ));
        }
    }

    /// Names the CAs that were added to the image's OS bundle and that not all of the image's stores have: of
    /// the `merged` outputs, some do not get them.
    pub fn added_apart(&mut self, added: &[AddedCa], judgement: &Judgement, merged: StoreSet) {
        let mut missing: BTreeMap<String, Vec<&AddedCa>> = BTreeMap::new();
        for one in added {
            let fingerprint = one.certificate.fingerprint();
            let is_it = |found: &&JudgedSection| {
                let certificate = found.kept();
                certificate.is_some_and(|kept| kept.fingerprint() == fingerprint)
            };
            let mut found = judgement.sections.iter().filter(is_it);
            // What a rule keeps out of a store is reported as such.
            if let Some(section) = found.next()
                && section
                    .findings
                    .iter()
                    .all(|finding| finding.level < Level::Drop)
                && section.stores & merged != merged
            {
                let stores = (merged - section.stores).to_string();
                missing.entry(stores).or_default().push(one);
            }
        }
        for (stores, all) in missing {
            let names = all.iter().take(MAX_LINES);
            let mut names: Vec<_> = names
                .map(|one| one.certificate.subject().to_string())
                .collect();
            if let more @ 1.. = all.len().saturating_sub(MAX_LINES) {
                names.push(format!("{more} more"));
            }
            let message = format!(
                "added to the OS bundle, but missing from the stores here for {stores}: {}",
                names.join("; ")
            );
            let place = all[0].path.to_string_lossy();
            self.note(
                &Error::new(Code::NotInEveryStore, message)
                    .at(place)
                    .hint("to add the OS bundle to every store, add --base os"),
            );
        }
    }

    /// Reports what the rules found: for the customer's certificates everything above `allow` and the rollover
    /// of a CA's key, for a base only what was left out. The manifest has the rest.
    pub fn judgement(&mut self, judgement: &Judgement) {
        let is_rollover = |entry: &JudgedSection, finding: &Finding| {
            finding.rule == Rule::KeyRollover
                && finding.level == Level::Allow
                && judgement.is_customer(entry)
        };
        let found = judgement.distinct_findings(|entry, finding| {
            let least = if judgement.is_customer(entry) {
                Level::Warn
            } else {
                Level::Drop
            };
            finding.level >= least || is_rollover(entry, finding)
        });
        self.findings(judgement, &found, |finding| finding.level);
        for finding in &judgement.set_findings {
            if finding.level >= Level::Warn {
                self.warning(&fault(finding, finding.reason.clone()));
            }
        }
    }

    /// Reports the sections that could not be read.
    pub fn unreadable_sections(&mut self, judgement: &Judgement) {
        let found = judgement.distinct_findings(|entry, _| entry.verdict == Verdict::Rejected);
        self.findings(judgement, &found, |_| Level::Warn);
    }

    fn findings(
        &mut self,
        judgement: &Judgement,
        found: &[DistinctFinding<'_>],
        level: impl Fn(&Finding) -> Level,
    ) {
        let mut tally = Tally::new();
        for one in found {
            let (section, finding) = (one.section, one.finding);
            let level = level(finding);
            if tally.shows((finding.rule, level), section.source, one.count()) {
                let fault = fault(finding, one.message()).at(section.origin.as_str());
                self.finding(level, fault);
            }
        }
        for ((rule, level), rest) in tally.rest(judgement) {
            let place = rest.place;
            let fault = Error {
                place,
                ..Error::new(rule, rest.message)
            };
            self.finding(level, fault);
        }
    }

    fn finding(&mut self, level: Level, mut fault: Error) {
        match level {
            Level::Allow => self.note(&fault),
            Level::Drop => {
                fault.hints.clear();
                self.line(&LogLine::of(Severity::Dropped, &fault));
            }
            Level::Warn | Level::Deny => self.warning(&fault),
        }
    }

    /// Sums up a build.
    pub fn total(&mut self, judgement: &Judgement, ca_bundle_hash: Option<Fingerprint>) {
        let mut parts = Vec::new();
        let customer = judgement.customer_counts();
        let others = others(judgement);
        if customer.seen > 0 {
            let duplicates = match customer.merged {
                0 => None,
                number => Some(count(number, "duplicate")),
            };
            let certificates = count(customer.seen - others, "customer certificate");
            let left_out = remarks(duplicates, customer, others);
            parts.push(format!(
                "kept {} of {certificates}{left_out}",
                customer.kept
            ));
        }
        let base = judgement.base_counts();
        if base.seen > 0 {
            let certificates = base_certificates(judgement);
            parts.push(format!("{certificates}{}", remarks(None, base, 0)));
        }
        parts.extend(ca_bundle_hash.map(|hash| format!("caBundleHash {hash}")));
        self.info(&format!("done: {}", parts.join("; ")));
    }
}

/// How many certificates the bases have and, if several have them, from how many sources: with `--base auto`
/// the operating system and the JDK usually bring the same roots.
fn base_certificates(judgement: &Judgement) -> String {
    let sections = judgement.sections.iter();
    let of_bases = sections.filter(|entry| {
        let is_taken = matches!(entry.verdict, Verdict::Kept | Verdict::Merged);
        is_taken && !judgement.is_customer(entry)
    });
    let mut certificates = BTreeSet::new();
    let mut sources = BTreeSet::new();
    for entry in of_bases {
        certificates.extend(entry.certificate.as_ref().map(|one| one.fingerprint()));
        sources.insert(entry.source);
    }
    let certificates = count(certificates.len(), "base certificate");
    match sources.len() {
        0 | 1 => certificates,
        sources => format!("{certificates} from {sources} sources"),
    }
}

/// How many sections of the customer's sources are known for something other than a certificate.
fn others(judgement: &Judgement) -> usize {
    let sections = judgement.sections.iter();
    let others = sections.filter(|section| judgement.is_customer(section));
    others.filter(|section| section.is_no_certificate()).count()
}

/// What else there is to say about a number of certificates, in parentheses.
fn remarks(repeated: Option<String>, counts: Counts, others: usize) -> String {
    let left_out = [
        (counts.dropped, "dropped"),
        (counts.rejected - others, "unreadable"),
        (others, "not certificates"),
    ];
    let left_out = left_out.into_iter().filter(|(number, _)| *number > 0);
    let left_out = left_out.map(|(number, what)| format!("{number} {what}"));
    let remarks: Vec<String> = repeated.into_iter().chain(left_out).collect();
    if remarks.is_empty() {
        String::new()
    } else {
        format!(" ({})", remarks.join(", "))
    }
}

/// A finding as a fault, without its place.
fn fault(finding: &Finding, message: String) -> Error {
    Error {
        hints: finding.hint.map(hint_text).into_iter().collect(),
        ..Error::new(finding.rule, message)
    }
}
