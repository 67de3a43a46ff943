//! PEM (RFC 7468), as people send it: text in, a [`Section`] for every section out; and bundles
//! out again as plain PEM or in certifi's form.
//!
//! Lenient in layout, strict in count. Byte-order marks, UTF-16, CR line ends, indentation, mail
//! quotes, text before a marker, glued markers, newlines that became spaces or a literal `\n`:
//! all of these are read. But every BEGIN and END marker, damaged ones too, ends up in a `Section`;
//! readers that skip what they do not know lose certificates in silence. Any label that is not a
//! certificate's is a problem: a bundle of trust anchors holds nothing else.

pub(crate) mod text;

use std::fmt::Write as _;

use self::text::{Lines, Marker, damaged_marker, find, is_binary, next_marker};
pub(super) use self::text::{as_ascii, is_bare_base64};

use super::{Position, Problem, Section, der, pkcs7};
use crate::bundle::Bundle;
use crate::escape::escape;
use crate::hex;

/// Every section of `text`, in order; empty if it has no marker at all.
pub(super) fn decode(text: &[u8]) -> Vec<Section> {
    let mut scan = Scan {
        text,
        lines: Lines::new(text),
        found: Vec::new(),
        outside: 0,
    };
    let mut open: Option<Marker<'_>> = None;
    let mut at = 0;
    while let Some(marker) = next_marker(text, at) {
        at = marker.end;
        match open.take() {
            // Between sections.
            None if marker.is_begin => {
                scan.pass_over(marker.start);
                open = Some(marker);
            }
            None => {
                let told = scan.pass_over(marker.start);
                if !told {
                    scan.stray_end(&marker);
                }
            }
            // Inside one.
            Some(begin) if marker.is_begin => {
                scan.unfinished(&begin);
                open = Some(marker);
            }
            Some(begin) => scan.section(&begin, &marker),
        }
        scan.outside = at;
    }
    if let Some(begin) = open {
        scan.unfinished(&begin);
    } else {
        scan.pass_over(text.len());
    }
    scan.found
}

/// The state of one pass over a text.
struct Scan<'a> {
    text: &'a [u8],
    lines: Lines<'a>,
    found: Vec<Section>,
    /// Where the text outside any section, not yet looked at, begins.
    outside: usize,
}

impl Scan<'_> {
    fn push_problem(&mut self, at: usize, problem: Problem) {
        let place = Position::Line(self.lines.line_of(at));
        self.found.push(Section::problem(place, problem));
    }

    fn unfinished(&mut self, begin: &Marker<'_>) {
        self.push_problem(begin.start, unfinished(begin.label));
    }

    fn stray_end(&mut self, end: &Marker<'_>) {
        let label = lossy(end.label);
        self.push_problem(
            end.start,
            Problem::hinted(
                format!("END {label} without its BEGIN line"),
                "a line was lost: copy the whole certificate again, both marker lines included",
            ),
        );
    }

    fn section(&mut self, begin: &Marker<'_>, end: &Marker<'_>) {
        let place = Position::Line(self.lines.line_of(begin.start));
        if matches!(begin.label, b"PKCS7" | b"CMS") && begin.label == end.label {
            // Its certificates stand here, all on one line as far as people can tell.
            let found = match self.lines.base64(begin.end..end.start) {
                Ok(der) => pkcs7::decode(&der),
                Err(problem) => vec![Section::problem(place.clone(), problem)],
            };
            self.found.extend(found.into_iter().map(|found| Section {
                position: place.clone(),
                ..found
            }));
            return;
        }
        let content = if is_private_key(begin.label) || is_private_key(end.label) {
            Err(private_key(begin.label))
        } else if begin.label != end.label {
            Err(Problem::malformed(format!(
                "BEGIN {} is closed by END {}",
                lossy(begin.label),
                lossy(end.label),
            )))
        } else {
            self.lines
                .base64(begin.end..end.start)
                .map_err(|problem| self.commented_out(begin).unwrap_or(problem))
                .and_then(|der| certificate(begin.label, &der))
        };
        self.found.push(Section {
            position: place,
            content,
        });
    }

    /// Within a YAML block scalar or a PEM file, a `#` hides nothing.
    fn commented_out(&self, begin: &Marker<'_>) -> Option<Problem> {
        // As far as comment signs and blanks can reach: a file may be one long line.
        let before = self.text.get(begin.start.saturating_sub(80)..begin.start)?;
        let line = before
            .rsplit(|byte| matches!(byte, b'\n' | b'\r'))
            .next()?
            .trim_ascii();
        matches!(line, b"#" | b"//" | b";").then(|| {
            Problem::hinted(
                format!("a {} that is commented out", lossy(begin.label)),
                "PEM has no comment signs: delete the section, or the signs before its lines",
            )
        })
    }

    /// Looks through text outside sections, up to `end`, for what was meant as one: a marker with
    /// the wrong hyphens, base64 that lost its BEGIN line. Comments are free to say anything else.
    /// True if the text ends within such a section, so that its END line is no fault of its own.
    fn pass_over(&mut self, end: usize) -> bool {
        let start = self.outside;
        let outside = self.text.get(start..end).unwrap_or_default();
        // Without any marker it is no PEM at all, and named otherwise.
        let is_pem = outside.len() < self.text.len();
        if let Some(at) = outside.iter().position(|b| is_pem && is_binary(*b)) {
            self.push_problem(
                start + at,
                Problem::hinted(
                    "binary data outside any BEGIN and END lines",
                    "a certificate, key or archive in another form was put into a PEM file: give \
                     each form a file of its own",
                ),
            );
            return false;
        }
        let mut offset = start;
        let mut in_base64 = false;
        for line in outside.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')) {
            let damaged = damaged_marker(line);
            // The END of what has been told already.
            let is_told = in_base64 && damaged.is_some_and(|label| label.starts_with("END"));
            if let Some(label) = damaged.filter(|_| !is_told) {
                let problem = if is_private_key(label.as_bytes()) {
                    private_key(label.trim_start_matches("BEGIN ").as_bytes())
                } else {
                    Problem::hinted(
                        format!("a damaged marker line: {label} without five hyphens on each side"),
                        "the line reads -----BEGIN CERTIFICATE-----, with plain hyphens; editors \
                         and mail programs turn them into dashes",
                    )
                };
                self.push_problem(offset, problem);
            }
            let looks_like_base64 = is_bare_base64(line);
            if looks_like_base64 && !in_base64 && damaged.is_none() {
                self.push_problem(
                    offset,
                    Problem::hinted(
                        "base64 of a certificate outside any BEGIN and END lines",
                        "a line was lost: copy the whole certificate again, both marker lines \
                         included",
                    ),
                );
            }
            // After a damaged BEGIN its body follows: one fault, told once.
            in_base64 = damaged.is_some() || (in_base64 && !line.trim_ascii().is_empty());
            in_base64 |= looks_like_base64;
            offset += line.len();
        }
        in_base64
    }
}

fn unfinished(label: &[u8]) -> Problem {
    if is_private_key(label) {
        return private_key(label);
    }
    Problem::hinted(
        format!("BEGIN {} has no END line", lossy(label)),
        "the text was cut: copy the whole certificate again, both marker lines included",
    )
}

fn is_private_key(label: &[u8]) -> bool {
    find(label, b"PRIVATE KEY").is_some()
}

fn private_key(label: &[u8]) -> Problem {
    Problem::private_key(lossy(label))
}

fn certificate(label: &[u8], der: &[u8]) -> Result<super::DecodedCertificate, Problem> {
    match label {
        b"CERTIFICATE" | b"X509 CERTIFICATE" => Ok(super::DecodedCertificate {
            certificate: der::certificate(der)?,
            distrust: None,
            trusted_by_java: true,
        }),
        b"TRUSTED CERTIFICATE" => der::trusted_certificate(der),
        b"CERTIFICATE REQUEST" | b"NEW CERTIFICATE REQUEST" => Err(Problem::hinted(
            "a certificate request, not a certificate",
            "send the certificate that the CA issued, not the request that went to it",
        )),
        b"X509 CRL" => Err(Problem::revocation_list()),
        other => Err(Problem::hinted(
            format!("{}, not a certificate", lossy(other)),
            "a bundle of trust anchors holds certificates alone: take this section out",
        )),
    }
}

/// Labels are letters, digits and spaces here, so ASCII and harmless.
fn lossy(label: &[u8]) -> String {
    String::from_utf8_lossy(label).into_owned()
}

/// `bundle` as PEM, nothing but certificates.
pub fn encode(bundle: &Bundle<'_>) -> Vec<u8> {
    let texts: Vec<&[u8]> = bundle.iter().map(|c| c.pem().as_slice()).collect();
    texts.concat()
}

/// `bundle` as OpenSSL's TRUSTED CERTIFICATE, each trusted for TLS servers and nothing else.
pub fn encode_trusted(bundle: &Bundle<'_>) -> Vec<u8> {
    // CertAux { trust SEQUENCE OF OBJECT IDENTIFIER: serverAuth }, see x_x509a.c of OpenSSL.
    const FOR_SERVERS: [u8; 14] = [0x30, 12, 0x30, 10, 6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 1];
    let mut out = Vec::with_capacity(bundle.iter().map(|c| c.pem().len() + 64).sum());
    for certificate in bundle.iter() {
        let der = [certificate.der(), &FOR_SERVERS].concat();
        out.extend(text::encode("TRUSTED CERTIFICATE", &der));
    }
    out
}

/// `bundle` in the form of certifi's `cacert.pem`: a comment before each certificate that says
/// whose it is. MD5 and SHA-1 fingerprints, which certifi has too, identify nothing today.
pub fn encode_commented(bundle: &Bundle<'_>) -> Vec<u8> {
    let length = bundle.iter().map(|c| c.pem().len() + 512).sum();
    let mut out = Vec::with_capacity(length);
    let mut comment = String::new();
    for certificate in bundle.iter() {
        comment.clear();
        let label = escape(certificate.subject().label().unwrap_or_default());
        // Writing to a String cannot fail.
        let _ = writeln!(
            comment,
            "\n# Issuer: {}\n# Subject: {}\n# Label: \"{label}\"\n# Serial: 0x{}\n# SHA256 Fingerprint: {}",
            certificate.issuer(),
            certificate.subject(),
            hex::encode(certificate.serial()),
            hex::encode_with_colons(certificate.fingerprint().as_bytes()),
        );
        out.extend_from_slice(comment.as_bytes());
        out.extend_from_slice(certificate.pem());
    }
    out
}
