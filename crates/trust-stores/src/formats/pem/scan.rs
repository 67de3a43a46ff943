//! One pass over a text: a [`Section`] for every marker in it, and for what was meant as one.

use super::base64::{self, Base64Error};
use super::marker::{Edge, Marker, damaged_marker};
use super::text::{Lines, is_bare_base64, is_binary};
use crate::escape::shorten;
use crate::formats::{DecodedCertificate, Position, Problem, Section, Sections, der, pkcs7};

const COPY_AGAIN: &str =
    "the text was damaged on its way: copy the certificate again from its source";
const LINE_LOST: &str =
    "a line was lost: copy the whole certificate again, including both marker lines";

/// Every section of `text`, in order; empty if it has no marker at all.
pub(in crate::formats) fn decode(text: &[u8]) -> Vec<Section> {
    let mut scan = Scan {
        text,
        lines: Lines::new(text),
        sections: Sections::default(),
        outside: 0,
    };
    let mut open: Option<Marker<'_>> = None;
    let mut at = 0;
    while let Some(marker) = Marker::next(text, at) {
        at = marker.end;
        match (open.take(), marker.edge) {
            (None, Edge::Begin) => {
                scan.outside(marker.start);
                open = Some(marker);
            }
            (None, Edge::End) => {
                if !scan.outside(marker.start) {
                    scan.end_without_begin(&marker);
                }
            }
            (Some(begin), Edge::Begin) => {
                scan.begin_without_end(&begin);
                open = Some(marker);
            }
            (Some(begin), Edge::End) => scan.section(&begin, &marker),
        }
        scan.outside = at;
    }
    if let Some(begin) = open {
        scan.begin_without_end(&begin);
    } else {
        scan.outside(text.len());
    }
    scan.sections.into()
}

/// The state of one pass over a text.
struct Scan<'a> {
    text: &'a [u8],
    lines: Lines<'a>,
    sections: Sections,
    /// The offset from which the text outside sections has not been looked at yet.
    outside: usize,
}

impl Scan<'_> {
    fn push_problem(&mut self, offset: usize, problem: Problem) {
        let position = Position::Line(self.lines.number(offset));
        self.sections.push(Section::problem(position, problem));
    }

    fn begin_without_end(&mut self, begin: &Marker<'_>) {
        let problem = if is_private_key(begin.label) {
            private_key(begin.label)
        } else {
            Problem::hinted(
                format!("BEGIN {} has no END line", lossy(begin.label)),
                "the text was cut: copy the whole certificate again, including both marker lines",
            )
        };
        self.push_problem(begin.start, problem);
    }

    fn end_without_begin(&mut self, end: &Marker<'_>) {
        let message = format!("END {} has no BEGIN line", lossy(end.label));
        self.push_problem(end.start, Problem::hinted(message, LINE_LOST));
    }

    fn section(&mut self, begin: &Marker<'_>, end: &Marker<'_>) {
        let position = Position::Line(self.lines.number(begin.start));
        if matches!(begin.label, b"PKCS7" | b"CMS") && begin.label == end.label {
            // All its certificates are at its BEGIN line, as far as people can tell.
            let sections = match self.body(begin, end) {
                Ok(der) => pkcs7::decode(&der),
                Err(problem) => vec![Section::problem(position.clone(), problem)],
            };
            self.sections
                .extend(sections.into_iter().map(|section| Section {
                    position: position.clone(),
                    ..section
                }));
            return;
        }
        let content = if is_private_key(begin.label) || is_private_key(end.label) {
            Err(private_key(begin.label))
        } else if begin.label != end.label {
            let (begin, end) = (lossy(begin.label), lossy(end.label));
            Err(Problem::malformed(format!(
                "BEGIN {begin} is closed by END {end}"
            )))
        } else {
            self.body(begin, end)
                .map_err(|problem| self.commented_out(begin).unwrap_or(problem))
                .and_then(|der| certificate(begin.label, &der))
        };
        self.sections.push(Section { position, content });
    }

    /// What the base64 between two markers encodes.
    fn body(&mut self, begin: &Marker<'_>, end: &Marker<'_>) -> Result<Vec<u8>, Problem> {
        let body = &self.text[begin.end..end.start];
        base64::decode(body).map_err(|error| {
            let mut line = |offset| self.lines.number(begin.end + offset);
            let message = match error {
                Base64Error::Empty => {
                    return Problem::malformed("nothing between the BEGIN and END lines");
                }
                Base64Error::AfterPadding(at) => {
                    format!("base64 continues after its padding at line {}", line(at))
                }
                Base64Error::Byte(byte @ b'!'..=b'~', at) => {
                    let shown = char::from(byte);
                    format!("'{shown}' at line {} is not base64", line(at))
                }
                Base64Error::Byte(byte, at) => {
                    format!("byte 0x{byte:02x} at line {} is not base64", line(at))
                }
                Base64Error::CutShort => String::from("the base64 is cut short"),
            };
            Problem::hinted(message, COPY_AGAIN)
        })
    }

    /// A problem if the section starts with a comment sign. In a YAML block scalar or a PEM file, `#` hides
    /// nothing.
    fn commented_out(&self, begin: &Marker<'_>) -> Option<Problem> {
        // As far as comment signs and blanks can reach: a file may be one long line.
        let before = self.text.get(begin.start.saturating_sub(80)..begin.start)?;
        let line = before
            .rsplit(|byte| matches!(byte, b'\n' | b'\r'))
            .next()?
            .trim_ascii();
        matches!(line, b"#" | b"//" | b";").then(|| {
            Problem::hinted(
                format!("the {} is commented out", lossy(begin.label)),
                "PEM has no comment signs: delete the section, or the signs before its lines",
            )
        })
    }

    /// Looks through text outside sections, up to `end`, for what was meant as one: a marker with the wrong
    /// hyphens, base64 that lost its BEGIN line. Comments may say anything else.
    ///
    /// True if the text ends within such a section, so that its END line is no problem of its own.
    fn outside(&mut self, end: usize) -> bool {
        let mut offset = self.outside;
        let outside = self.text.get(offset..end).unwrap_or_default();
        // Without any marker it is no PEM at all, and identified later.
        let is_pem = outside.len() < self.text.len();
        if let Some(at) = outside.iter().position(|b| is_pem && is_binary(*b)) {
            let problem = Problem::hinted(
                "binary data outside the BEGIN and END lines",
                "a certificate, key or archive in another format was put into a PEM file: put each \
                 format in a file of its own",
            );
            self.push_problem(offset + at, problem);
            return false;
        }
        let mut in_section = false;
        for line in outside.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')) {
            in_section = self.outside_line(line, offset, in_section);
            offset += line.len();
        }
        in_section
    }

    /// One line of text outside sections. Whether it is part of a section whose problem is reported, which
    /// is also the question for the line before it (`in_section`).
    fn outside_line(&mut self, line: &[u8], offset: usize, in_section: bool) -> bool {
        let damaged = damaged_marker(line);
        let looks_like_base64 = is_bare_base64(line);
        if let Some(words) = damaged {
            let is_reported = in_section && words.starts_with("END");
            if !is_reported {
                self.push_problem(offset, damaged_problem(words));
            }
        } else if looks_like_base64 && !in_section {
            let message = "base64 of a certificate outside the BEGIN and END lines";
            self.push_problem(offset, Problem::hinted(message, LINE_LOST));
        }
        // The body after a damaged BEGIN belongs to it: one problem, reported once.
        damaged.is_some() || looks_like_base64 || (in_section && !line.trim_ascii().is_empty())
    }
}

fn damaged_problem(words: &str) -> Problem {
    if is_private_key(words.as_bytes()) {
        return Problem::private_key(words.trim_start_matches("BEGIN "));
    }
    Problem::hinted(
        format!("a damaged marker line: {words} without five hyphens on each side"),
        "the line reads -----BEGIN CERTIFICATE-----, with plain hyphens; editors and mail programs \
         turn them into dashes",
    )
}

fn is_private_key(label: &[u8]) -> bool {
    memchr::memmem::find(label, b"PRIVATE KEY").is_some()
}

fn private_key(label: &[u8]) -> Problem {
    Problem::private_key(lossy(label))
}

fn certificate(label: &[u8], der: &[u8]) -> Result<DecodedCertificate, Problem> {
    match label {
        b"CERTIFICATE" | b"X509 CERTIFICATE" => der::certificate(der).map(Into::into),
        b"TRUSTED CERTIFICATE" => der::trusted_certificate(der),
        b"CERTIFICATE REQUEST" | b"NEW CERTIFICATE REQUEST" => Err(Problem::hinted(
            "a certificate request, not a certificate",
            "send the certificate that the CA issued, not the request that it received",
        )),
        b"X509 CRL" => Err(Problem::revocation_list()),
        other => Err(Problem::hinted(
            format!("{}, not a certificate", lossy(other)),
            "remove this section: a bundle of trust anchors holds only certificates",
        )),
    }
}

/// Labels are ASCII letters, digits and a few marks, so they can be printed.
fn lossy(label: &[u8]) -> String {
    const LONGEST: usize = 64;
    shorten(&String::from_utf8_lossy(label), LONGEST).into_owned()
}
