//! One pass over a text: a [`Section`] for every marker in it, and for what was meant as one.

use std::ops::Range;

use super::ahead::Ahead;
use super::base64::{self, Base64Error};
use super::loose::{self, Found};
use super::marker::{Edge, Marker, damaged_marker};
use super::text::{Lines, binary_data};
use crate::escape::shorten;
use crate::formats::{
    DecodedCertificate, Position, Problem, Section, Sections, der, embedded, pkcs7, private_key,
};

const COPY_AGAIN: &str =
    "the text was damaged on its way: copy the certificate again from its source";
const LINE_LOST: &str =
    "a line was lost: copy the whole certificate again, including both marker lines";

/// Whether text outside sections is looked at for its share of binary data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::formats) enum BinaryData {
    /// It is reported.
    Report,
    /// What was found in it is reported already, or the text is in an encoding that has every byte.
    Ignore,
}

/// Every section of `text`, in order, and everything else in it that was meant as one.
pub(in crate::formats) fn decode(text: &[u8], binary_data: BinaryData) -> Vec<Section> {
    let mut scan = Scan {
        text,
        lines: Lines::new(text),
        ahead: Ahead::of(text),
        sections: Sections::default(),
        outside: 0,
        binary_data,
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
                scan.begin_without_end(&begin, marker.start);
                open = Some(marker);
            }
            (Some(begin), Edge::End) => scan.section(&begin, &marker),
        }
        scan.outside = at;
    }
    if let Some(begin) = open {
        scan.begin_without_end(&begin, text.len());
    } else {
        scan.outside(text.len());
    }
    scan.sections.into()
}

/// The state of one pass over a text.
struct Scan<'a> {
    text: &'a [u8],
    lines: Lines<'a>,
    ahead: Ahead,
    sections: Sections,
    /// The offset from which the text outside sections has not been looked at yet.
    outside: usize,
    binary_data: BinaryData,
}

impl Scan<'_> {
    fn push_problem(&mut self, offset: usize, problem: Problem) {
        let position = Position::Line(self.lines.number(offset));
        self.sections.push(Section::problem(position, problem));
    }

    /// `end` is where the next section begins, or the text ends.
    fn begin_without_end(&mut self, begin: &Marker<'_>, end: usize) {
        let key = private_key::in_label(begin.label)
            .or_else(|| private_key::first(self.text.get(begin.end..end)?));
        let problem = if let Some(kind) = key {
            Problem::private_key(kind)
        } else {
            Problem::hinted(
                format!("BEGIN {} has no END line", lossy(begin.label)),
                "the text was cut: copy the whole certificate again, including both marker lines",
            )
        };
        self.push_problem(begin.start, problem);
    }

    fn end_without_begin(&mut self, end: &Marker<'_>) {
        let problem = if let Some(kind) = private_key::in_label(end.label) {
            Problem::private_key(kind)
        } else {
            let message = format!("END {} has no BEGIN line", lossy(end.label));
            Problem::hinted(message, LINE_LOST)
        };
        self.push_problem(end.start, problem);
    }

    fn section(&mut self, begin: &Marker<'_>, end: &Marker<'_>) {
        let position = Position::Line(self.lines.number(begin.start));
        if matches!(begin.label, b"PKCS7" | b"CMS" | b"PKCS #7 SIGNED DATA")
            && begin.label == end.label
        {
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
        if let Some(certificate) = self.ahead.take(begin, end) {
            let content = Ok(certificate.into());
            self.sections.push(Section { position, content });
            return;
        }
        let key = private_key::in_label(begin.label).or_else(|| private_key::in_label(end.label));
        let content = if let Some(kind) = key {
            Err(Problem::private_key(kind))
        } else if begin.label != end.label {
            let (begin, end) = (lossy(begin.label), lossy(end.label));
            Err(Problem::malformed(format!(
                "BEGIN {begin} is closed by END {end}"
            )))
        } else {
            self.body(begin, end)
                .map_err(|problem| self.commented_out(begin).unwrap_or(problem))
                .and_then(|der| certificate(begin.label, der))
                .map_err(|problem| {
                    if matches!(problem, Problem::PrivateKey { .. }) {
                        return problem;
                    }
                    let key = self
                        .text
                        .get(begin.end..end.start)
                        .and_then(private_key::first);
                    key.map_or(problem, Problem::private_key)
                })
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
        let start = self.outside;
        let outside = self.text.get(start..end).unwrap_or_default();
        if outside.iter().all(u8::is_ascii_whitespace) {
            return false;
        }
        // Without any marker it is no PEM at all, and identified later.
        let is_pem = outside.len() < self.text.len();
        let keys = private_key::ranges_in_text(outside);
        if is_pem
            && keys.is_empty()
            && self.binary_data == BinaryData::Report
            && let Some(at) = binary_data(outside)
        {
            let problem = Problem::hinted(
                "binary data outside the BEGIN and END lines",
                "a certificate, key or archive in another format was put into a PEM file: put each \
                 format in a file of its own",
            );
            self.push_problem(start + at, problem);
            return false;
        }
        let found = found_outside(outside, keys);
        let mut reached = 0;
        for one in found {
            self.push_problem(start + one.range.start, one.problem);
            reached = reached.max(one.range.end);
        }
        let is_blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'=';
        reached > 0 && outside[reached..].iter().all(is_blank)
    }
}

/// What was meant as a section in a text outside of sections, in order: the `keys` that were found, sections
/// whose markers are damaged, base64. What is part of another is reported once.
fn found_outside(text: &[u8], keys: Vec<(Range<usize>, private_key::Kind)>) -> Vec<Found> {
    let mut others = damaged_sections(text);
    others.extend(loose::find(text));
    sort(&mut others);
    let mut reached = 0;
    others.retain(|one| {
        // Base64 of a key is reported as a key. A certificate after one in the same lines is not part of it.
        let next = keys.partition_point(|(key, _)| key.start < one.range.start);
        let is_key = keys
            .get(next)
            .is_some_and(|(key, _)| key.start < one.range.end);
        let is_new = !is_key && one.range.start >= reached;
        if is_new {
            reached = one.range.end;
        }
        is_new
    });
    let keys = keys.into_iter().map(|(range, kind)| Found {
        range,
        problem: Problem::private_key(kind),
    });
    others.extend(keys);
    sort(&mut others);
    others
}

fn sort(found: &mut [Found]) {
    found.sort_by_key(|one| one.range.start);
}

/// The sections in `text` whose markers are damaged, each up to its END line, an empty line, or the end.
fn damaged_sections(text: &[u8]) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut is_open = false;
    let mut offset = 0;
    for line in text.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')) {
        let end = offset + line.len();
        let damaged = damaged_marker(line);
        match damaged {
            Some(words) if !(is_open && words.starts_with("END")) => {
                found.push(Found {
                    range: offset..end,
                    problem: damaged_problem(words),
                });
                is_open = words.starts_with("BEGIN");
            }
            _ if is_open => {
                is_open = damaged.is_none() && !line.trim_ascii().is_empty();
                if let Some(open) = found.last_mut() {
                    open.range.end = end;
                }
            }
            _ => {}
        }
        offset = end;
    }
    found
}

fn damaged_problem(words: &str) -> Problem {
    Problem::hinted(
        format!("a damaged marker line: {words} without five hyphens on each side"),
        "the line reads -----BEGIN CERTIFICATE-----, with plain hyphens; editors and mail programs \
         turn them into dashes",
    )
}

fn certificate(label: &[u8], der: Vec<u8>) -> Result<DecodedCertificate, Problem> {
    if der.trim_ascii_start().starts_with(b"-----BEGIN ") {
        return Err(loose::encoded_twice());
    }
    match label {
        b"CERTIFICATE" | b"X509 CERTIFICATE" => der::certificate(der).map(Into::into),
        b"TRUSTED CERTIFICATE" => der::trusted_certificate(&der),
        _ => Err(no_certificate(label, &der)),
    }
}

/// What is in a section that its label says is no certificate.
fn no_certificate(label: &[u8], der: &[u8]) -> Problem {
    match label {
        b"CERTIFICATE REQUEST" | b"NEW CERTIFICATE REQUEST" => certificate_in(label, der)
            .unwrap_or_else(|| {
                Problem::hinted(
                    "a certificate request, not a certificate",
                    "send the certificate that the CA issued, not the request that it received",
                )
            }),
        b"X509 CRL" => other(label, der, "a revocation list (CRL)"),
        b"PUBLIC KEY" | b"RSA PUBLIC KEY" | b"DSA PUBLIC KEY" | b"EC PUBLIC KEY" => {
            other(label, der, "a public key")
        }
        b"DH PARAMETERS"
        | b"X9.42 DH PARAMETERS"
        | b"DSA PARAMETERS"
        | b"EC PARAMETERS"
        | b"PARAMETERS" => other(label, der, &lossy(label)),
        b"ATTRIBUTE CERTIFICATE" => other(label, der, "an attribute certificate"),
        // certtool writes PKCS12, and other tools have their own names for PKCS7.
        _ if der::container(der).is_some() => der::classify(der),
        _ => certificate_in(label, der).unwrap_or_else(|| {
            Problem::hinted(
                format!("{}, not a certificate", lossy(label)),
                "remove this section: a bundle of trust anchors holds only certificates",
            )
        }),
    }
}

/// A section that its label says is no certificate, unless there is one in it: a JVM reads any label.
fn other(label: &[u8], der: &[u8], kind: &str) -> Problem {
    certificate_in(label, der).unwrap_or_else(|| Problem::not_a_certificate(kind))
}

/// The problem with a certificate under another `label`.
fn certificate_in(label: &[u8], der: &[u8]) -> Option<Problem> {
    if embedded::find(der).is_empty() {
        return None;
    }
    Some(Problem::hinted(
        format!("found a certificate in a section labeled {}", lossy(label)),
        "if it is a CA certificate, change the label in both marker lines to CERTIFICATE",
    ))
}

/// Labels are ASCII letters, digits and a few marks, so they can be printed.
fn lossy(label: &[u8]) -> String {
    const LONGEST: usize = 64;
    shorten(&String::from_utf8_lossy(label), LONGEST).into_owned()
}
