//! The log on stderr: a line each for people, or a JSON object each for machines.

mod sources;
mod stores;
mod usage;

use std::fmt::Write as _;
use std::io::{self, Write as _};

use serde::Serialize;

pub use stores::TrustedCertificate;

use super::style::{Style, Tone};
use super::tally::MAX_LINES;
use super::text::count;
use crate::error::code::Severity;
use crate::error::{Code, Error, Errors};

/// The form of the log on stderr.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    #[value(alias = "human")]
    Text,
    /// One JSON object per line.
    Json,
}

/// Writes log lines to standard error.
#[derive(Debug)]
pub struct Log {
    format: LogFormat,
    is_quiet: bool,
    style: Style,
}

/// One line; in JSON with these fields, which docs/log.md describes.
#[derive(Serialize)]
struct LogLine<'a> {
    level: Severity,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Code>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'a str>,
    message: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    hints: &'a [String],
}

impl Log {
    /// A log that reports everything.
    pub fn new(format: LogFormat) -> Self {
        Log {
            format,
            is_quiet: false,
            style: Style::default(),
        }
    }

    /// With `is_quiet`, leaves out what went well.
    #[must_use]
    pub fn quiet(self, is_quiet: bool) -> Self {
        Log { is_quiet, ..self }
    }

    /// With colors, if the form is for people and `style` has any.
    #[must_use]
    pub fn styled(self, style: Style) -> Self {
        Log { style, ..self }
    }

    /// Reports something that was done.
    pub fn info(&mut self, message: &str) {
        self.line(&LogLine {
            level: Severity::Info,
            code: None,
            place: None,
            message,
            hints: &[],
        });
    }

    /// Reports a fact that machines may look for.
    pub fn note(&mut self, fact: &Error) {
        self.line(&LogLine::of(Severity::Info, fact));
    }

    /// Reports a fault that does not end the run.
    pub fn warning(&mut self, fault: &Error) {
        self.line(&LogLine::of(Severity::Warning, fault));
    }

    /// Reports the faults that end the run.
    pub fn errors(&mut self, errors: &Errors) {
        // By code, so that a thousand damaged sections do not hide a private key.
        let mut codes: Vec<(Code, usize, usize)> = Vec::new();
        for error in errors.iter() {
            let known = codes.iter().position(|(code, ..)| *code == error.code);
            let index = known.unwrap_or(codes.len());
            if known.is_none() {
                codes.push((error.code, 0, 0));
            }
            let (_, shown, hidden) = &mut codes[index];
            if *shown < MAX_LINES {
                *shown += 1;
                self.line(&LogLine::of(Severity::Error, error));
            } else {
                *hidden += error.count;
            }
        }
        for (code, _, hidden) in codes.into_iter().filter(|(.., hidden)| *hidden > 0) {
            let message = format!("{} not shown", count(hidden, "more error"));
            self.line(&LogLine::of(Severity::Error, &Error::new(code, message)));
        }
    }

    /// A log that cannot be written is no reason to fail: there is nowhere left to say so.
    fn line(&mut self, line: &LogLine<'_>) {
        // One write a line, so that lines of several containers do not mix.
        let _ = io::stderr().write_all(self.rendered(line).as_bytes());
    }

    fn rendered(&self, line: &LogLine<'_>) -> String {
        match self.format {
            _ if self.is_quiet && line.level == Severity::Info => String::new(),
            LogFormat::Text => line.text(self.style),
            LogFormat::Json => line.json(),
        }
    }
}

impl Severity {
    /// How its word is colored, as in the report of `check`.
    fn tone(self) -> Tone {
        match self {
            Severity::Info => Tone::Faint,
            Severity::Warning => Tone::Doubt,
            Severity::Dropped | Severity::Error => Tone::Bad,
        }
    }
}

impl<'a> LogLine<'a> {
    fn of(level: Severity, fault: &'a Error) -> Self {
        LogLine {
            level,
            code: Some(fault.code),
            place: fault.place.as_deref(),
            message: &fault.message,
            hints: &fault.hints,
        }
    }

    fn text(&self, style: Style) -> String {
        let mut out = String::from("trust-init: ");
        if let Some(code) = self.code {
            let (level, code) = (self.level.as_str(), code.as_str());
            // Writing to a String cannot fail.
            let word = style.paint(self.level.tone(), &format!("{level}[{code}]"));
            let _ = write!(out, "{word}: ");
        }
        if let Some(place) = self.place {
            let _ = write!(out, "{place}: ");
        }
        let _ = writeln!(out, "{}", self.message);
        let word = style.paint(Tone::Faint, "hint");
        for hint in self.hints {
            let _ = writeln!(out, "{word}: {hint}");
        }
        out
    }

    fn json(&self) -> String {
        let mut line = serde_json::to_string(self).unwrap_or_default();
        line.push('\n');
        line
    }
}

#[cfg(test)]
mod tests {
    use super::{Log, LogFormat, LogLine};
    use crate::error::Error;
    use crate::error::code::Severity;
    use trust_stores::Rule;

    fn written(log: &Log) -> String {
        let expired = Error::new(Rule::Expired, "CN=Old: expired").at("a.pem:3");
        let usage = Error::usage("no").at("--ca").hint("try");
        let done = LogLine {
            level: Severity::Info,
            code: None,
            place: None,
            message: "wrote a file",
            hints: &[],
        };
        [
            done,
            LogLine::of(Severity::Dropped, &expired),
            LogLine::of(Severity::Error, &usage),
        ]
        .iter()
        .map(|line| log.rendered(line))
        .collect()
    }

    #[test]
    fn text_names_level_code_and_place() {
        let expected = "trust-init: wrote a file\n\
            trust-init: dropped[expired]: a.pem:3: CN=Old: expired\n\
            trust-init: error[usage]: --ca: no\n\
            hint: try\n";
        assert_eq!(written(&Log::new(LogFormat::Text)), expected);
        let quiet: String = expected.split_inclusive('\n').skip(1).collect();
        assert_eq!(written(&Log::new(LogFormat::Text).quiet(true)), quiet);
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
        assert_eq!(written(&Log::new(LogFormat::Json)), expected);
    }
}
