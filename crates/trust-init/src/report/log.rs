//! The log on stderr: a line each for people, or a JSON object each for machines.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use crate::error::{Error, Errors, hint_text};
use crate::layout::{self, Tree};
use crate::read::Inputs;
use crate::report::count;
use trust_stores::escape::escape;
use trust_stores::{Counts, Finding, Fingerprint, Judgement, Level, StoreSet, Verdict};

/// The certificates that stand in stores, by fingerprint, each with its subject.
pub type Held = Vec<(Fingerprint, StoreSet, String)>;

/// The form of the log on stderr.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Writes log lines to a stream, in the format asked for.
pub struct Log<W: Write> {
    stream: W,
    format: LogFormat,
    quiet: bool,
}

/// One line in JSON. The fields are documented in docs/log.md.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    level: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'a str>,
    message: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    hints: &'a [String],
}

impl Log<io::Stderr> {
    /// The log on standard error. With `quiet`, only warnings, drops and errors are told.
    pub fn stderr(format: LogFormat, quiet: bool) -> Self {
        Log::to(io::stderr(), format, quiet)
    }
}

impl<W: Write> Log<W> {
    /// A log to any stream.
    pub fn to(stream: W, format: LogFormat, quiet: bool) -> Self {
        Log {
            stream,
            format,
            quiet,
        }
    }

    /// What was done.
    pub fn info(&mut self, message: &str) {
        if !self.quiet {
            self.line("info", None, None, message, &[]);
        }
    }

    /// What deserves a look, though the run goes on.
    pub fn warning(&mut self, code: &str, place: Option<&str>, message: &str, hints: &[String]) {
        self.line("warning", Some(code), place, message, hints);
    }

    /// A fault that does not end the run.
    pub fn fault(&mut self, fault: &Error) {
        self.warning(
            fault.code,
            fault.place.as_deref(),
            &fault.message,
            &fault.hints,
        );
    }

    /// A certificate or section that was left out.
    pub fn dropped(&mut self, code: &str, place: &str, message: &str) {
        self.line("dropped", Some(code), Some(place), message, &[]);
    }

    /// The stores that an image has and that serve as bases.
    pub fn found(&mut self, inputs: &Inputs) {
        // Of a directory there can be hundreds: one line.
        let mut lines: Vec<(String, String, usize)> = Vec::new();
        for source in &inputs.sources {
            let Some(found_by) = source.found_by else {
                continue;
            };
            let prefix = format!("base of {}", source.role.stores());
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

    /// What an image has no store for.
    pub fn embedded(&mut self, stores: StoreSet) {
        if !stores.is_empty() {
            self.info(&format!(
                "base of {stores}: the embedded Mozilla roots, for the image has none"
            ));
        }
    }

    /// Of a customer's certificate all that was found but what is allowed; of a base's only what
    /// was left out. The manifest has the rest.
    pub fn judgement(&mut self, judgement: &Judgement) {
        for entry in &judgement.sections {
            let threshold = if judgement.is_customer(entry) {
                Level::Warn
            } else {
                Level::Drop
            };
            for finding in entry.findings.iter().filter(|f| f.level >= threshold) {
                let message = entry.message(finding);
                let code = finding.rule.code();
                if finding.level == Level::Drop {
                    self.dropped(code, &entry.origin, &message);
                } else {
                    self.warning(code, Some(&entry.origin), &message, &hints(finding));
                }
            }
        }
        for finding in &judgement.set_findings {
            if finding.level >= Level::Warn {
                let code = finding.rule.code();
                self.warning(code, None, &finding.reason, &hints(finding));
            }
        }
    }

    /// Sections that could not be read.
    pub fn unread(&mut self, judgement: &Judgement) {
        for entry in &judgement.sections {
            if entry.verdict == Verdict::Rejected {
                for finding in &entry.findings {
                    let code = finding.rule.code();
                    let message = entry.message(finding);
                    self.warning(code, Some(&entry.origin), &message, &hints(finding));
                }
            }
        }
    }

    /// What was written: a line for each file, the hashed directory as one. Of `tree` that is what
    /// stands in `written`; the rest held the same bytes before.
    pub fn tree(&mut self, out: &Path, tree: &Tree, written: &[String]) {
        let is_written = |path: &str| {
            written
                .binary_search_by(|one| one.as_str().cmp(path))
                .is_ok()
        };
        let (hashed, single): (Vec<_>, Vec<_>) = tree.files.iter().partition(|f| f.is_hashed());
        let mut directories: BTreeMap<&Path, Hashed> = BTreeMap::new();
        for file in hashed {
            let directory = Path::new(&file.path).parent().unwrap_or(Path::new(""));
            let hashed = directories.entry(directory).or_default();
            hashed.files += 1;
            hashed.written += usize::from(is_written(&file.path));
            hashed.certificates += file.certificates;
        }
        for (directory, hashed) in directories {
            if hashed.written > 0 {
                let name = shown(&out.join(directory).join("HASH.0"));
                self.info(&format!("wrote {name}: {hashed}"));
            }
        }
        for file in single.iter().filter(|file| is_written(&file.path)) {
            let name = shown(&out.join(&file.path));
            let holds = match file.certificates {
                0 => String::new(),
                certificates => format!(": {}", certificates_of(certificates)),
            };
            self.info(&format!("wrote {name}{holds}"));
        }
        let left = tree.paths().filter(|path| !is_written(path)).count();
        if left > 0 {
            let files = count(left, "file");
            let out = shown(out);
            self.info(&format!(
                "left {files} of {out} alone: the bytes are the same"
            ));
        }
    }

    /// What an earlier build had written and this one removed; a hashed directory as one.
    pub fn removed(&mut self, out: &Path, paths: &[String]) {
        let message = "removed: an earlier build's, and not part of this one";
        let (hashed, single): (Vec<_>, Vec<_>) =
            paths.iter().partition(|path| layout::is_hashed(path));
        let mut directories: BTreeMap<&Path, usize> = BTreeMap::new();
        for path in hashed {
            let directory = Path::new(path).parent().unwrap_or(Path::new(""));
            *directories.entry(directory).or_default() += 1;
        }
        for (directory, files) in directories {
            let name = shown(&out.join(directory).join("HASH.N"));
            let message = format!("{}, {message}", count(files, "file"));
            self.warning("stale", Some(&name), &message, &[]);
        }
        for path in single {
            self.warning("stale", Some(&shown(&out.join(path))), message, &[]);
        }
    }

    /// The files that a build is made for, again.
    pub fn changed(&mut self, names: &[&str]) {
        self.some("changed:", names.iter());
    }

    /// What came and what went between two builds.
    pub fn difference(&mut self, old: &Held, new: &Held) {
        self.some("added to", not_in(old, new).iter());
        self.some("removed from", not_in(new, old).iter());
    }

    /// A line for each of `things`, but no more than one reads.
    fn some(&mut self, what: &str, things: impl Iterator<Item = impl fmt::Display>) {
        let mut more = 0_usize;
        for (index, thing) in things.enumerate() {
            if index < MOST {
                self.info(&format!("{what} {thing}"));
            } else {
                more += 1;
            }
        }
        if more > 0 {
            self.info(&format!("{what} … {more} more, not shown"));
        }
    }

    /// The total.
    pub fn total(&mut self, judgement: &Judgement, ca_bundle_hash: Option<Fingerprint>) {
        let mut parts = Vec::new();
        let customer = judgement.customer_counts();
        if customer.seen > 0 {
            parts.push(format!(
                "{} of the customer's {} kept{}",
                customer.kept,
                certificates_of(customer.seen),
                besides(customer),
            ));
        }
        let base = judgement.base_counts();
        if base.seen > 0 {
            let of_base = format!(
                "{} of the base{}",
                certificates_of(base.kept),
                besides(base)
            );
            parts.push(of_base);
        }
        if let Some(hash) = ca_bundle_hash {
            parts.push(format!("caBundleHash {hash}"));
        }
        self.info(&format!("done: {}", parts.join("; ")));
    }

    /// What ended the run.
    pub fn errors(&mut self, errors: &Errors) {
        for error in errors.iter().take(MOST) {
            self.error(error);
        }
        let more = errors.iter().count().saturating_sub(MOST);
        if let (1.., Some(last)) = (more, errors.iter().last()) {
            let message = format!("and {more} more errors, not shown");
            self.line("error", Some(last.code), None, &message, &[]);
        }
    }

    fn error(&mut self, error: &Error) {
        let place = error.place.as_deref();
        self.line(
            "error",
            Some(error.code),
            place,
            &error.message,
            &error.hints,
        );
    }

    /// A log that cannot be written is no reason to fail: there is nowhere left to say so.
    fn line(
        &mut self,
        level: &'static str,
        code: Option<&str>,
        place: Option<&str>,
        message: &str,
        hints: &[String],
    ) {
        let mut out = Vec::new();
        match self.format {
            LogFormat::Text => {
                let code = code.map(|code| format!("[{code}]")).unwrap_or_default();
                let level = if level == "info" {
                    String::new()
                } else {
                    format!("{level}{code}: ")
                };
                let place = place.map(|place| format!("{place}: ")).unwrap_or_default();
                let _ = writeln!(out, "trust-init: {level}{place}{message}");
                for hint in hints {
                    let _ = writeln!(out, "hint: {hint}");
                }
            }
            LogFormat::Json => {
                let line = Line {
                    level,
                    code,
                    place,
                    message,
                    hints,
                };
                let _ = serde_json::to_writer(&mut out, &line);
                out.push(b'\n');
            }
        }
        // One write a line, so that lines of several containers do not mix.
        let _ = self.stream.write_all(&out);
    }
}

/// A file of another kind can be a fault in every line, and a base brings a hundred certificates:
/// nobody reads a thousand lines.
const MOST: usize = 20;

/// What `new` has in a store and `old` has not, as lines tell it.
fn not_in(old: &Held, new: &Held) -> Vec<String> {
    let line = |(fingerprint, stores, subject): &(Fingerprint, StoreSet, String)| {
        let before = old.binary_search_by_key(fingerprint, |(known, ..)| *known);
        let before = before.map_or(StoreSet::NONE, |index| old[index].1);
        let stores = *stores - before;
        (!stores.is_empty()).then(|| format!("{stores}: {subject} ({fingerprint})"))
    };
    new.iter().filter_map(line).collect()
}

fn hints(finding: &Finding) -> Vec<String> {
    finding.hint.map(hint_text).into_iter().collect()
}

fn shown(path: &Path) -> String {
    escape(&path.to_string_lossy()).into_owned()
}

fn certificates_of(number: usize) -> String {
    count(number, "certificate")
}

/// A hashed directory as its line tells it.
#[derive(Default)]
struct Hashed {
    files: usize,
    written: usize,
    certificates: usize,
}

impl fmt::Display for Hashed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.written < self.files {
            write!(f, "{} of ", self.written)?;
        }
        let files = count(self.files, "file");
        write!(f, "{files}, {}", certificates_of(self.certificates))
    }
}

/// What became of those that were not kept.
fn besides(counts: Counts) -> String {
    [
        (counts.merged, "given more than once"),
        (counts.dropped, "dropped"),
        (counts.rejected, "unreadable and left out"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .fold(String::new(), |text, (number, what)| {
        format!("{text}, {number} {what}")
    })
}

#[cfg(test)]
mod tests {
    use super::{Log, LogFormat};
    use crate::error::Error;

    fn written(format: LogFormat, quiet: bool) -> String {
        let mut out = Vec::new();
        let mut log = Log::to(&mut out, format, quiet);
        log.info("wrote a file");
        log.dropped("expired", "a.pem:3", "CN=Old: expired");
        log.errors(&Error::usage("no").at("--ca").hint("try").into());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn text_names_level_code_and_place() {
        let expected = "trust-init: wrote a file\n\
            trust-init: dropped[expired]: a.pem:3: CN=Old: expired\n\
            trust-init: error[usage]: --ca: no\n\
            hint: try\n";
        assert_eq!(written(LogFormat::Text, false), expected);
        let quiet: String = expected.split_inclusive('\n').skip(1).collect();
        assert_eq!(written(LogFormat::Text, true), quiet);
    }

    #[test]
    fn json_is_one_object_a_line() {
        let expected = concat!(
            r#"{"level":"info","message":"wrote a file"}"#,
            "\n",
            r#"{"level":"dropped","code":"expired","place":"a.pem:3","message":"CN=Old: expired"}"#,
            "\n",
            r#"{"level":"error","code":"usage","place":"--ca","message":"no","hints":["try"]}"#,
            "\n",
        );
        assert_eq!(written(LogFormat::Json, false), expected);
    }
}
