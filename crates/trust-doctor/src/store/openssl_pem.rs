//! PEM as OpenSSL reads it, line by line: `PEM_read_bio` in `crypto/pem/pem_lib.c`, and
//! `PEM_X509_INFO_read_bio` in `crypto/pem/pem_info.c` on top of it. Python, requests and curl load
//! their bundles with these.
//!
//! Not the decoder of [`trust_stores`]: that finds as many certificates as it can, and a client
//! must not be credited with one that it does not find. Written from the behavior of OpenSSL 3; a
//! test shows each form to the real one.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use memchr::memchr;
use trust_stores::{Certificate, DecodeOptions, Problem, SourceFormat, decode, radix64};

use super::StoreProblem;
use super::known::KnownCertificates;

/// The longest piece of a line that OpenSSL reads at once (`LINESIZE`, with its NUL).
const PIECE: usize = 254;

/// Room for the base64 of nearly every certificate.
const USUAL_BASE64: usize = 2 << 10;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const TAIL: &[u8] = b"-----";

/// The labels of certificates (`PEM_STRING_X509` and its siblings in `pem.h`).
const CERTIFICATES: [&[u8]; 3] = [b"CERTIFICATE", b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE"];

const CRL: &[u8] = b"X509 CRL";

/// Labels whose content OpenSSL reads as well, and that cost the whole file if it cannot.
const KEYS: [&[u8]; 4] = [
    b"PRIVATE KEY",
    b"RSA PRIVATE KEY",
    b"EC PRIVATE KEY",
    b"DSA PRIVATE KEY",
];

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const SEQUENCE: u8 = 0x30;

/// The anchors of a bundle, as `X509_load_cert_crl_file` loads it: one block that cannot be read
/// costs all, and a file without a certificate is an error.
pub(super) fn bundle(
    bytes: &[u8],
    known: &KnownCertificates,
) -> Result<Vec<Arc<Certificate>>, StoreProblem> {
    let mut anchors = Vec::new();
    let mut holds_certificate = false;
    for block in Blocks::new(bytes) {
        let block = block.map_err(|fault| malformed(fault.line, fault.message))?;
        if block.is_ignored() {
            continue;
        }
        if block.is_key() {
            // An encrypted key is not read.
            if !block.has_header && block.tags().first() != Some(&INTEGER) {
                return Err(malformed(block.line, "the private key is damaged"));
            }
            continue;
        }
        if block.has_header {
            let message = "the block has a header, or an empty line in it";
            return Err(malformed(block.line, message));
        }
        // It counts as content, and no default makes a client use it.
        holds_certificate = true;
        if block.label == CRL {
            if block.tags() != [SEQUENCE, SEQUENCE, BIT_STRING] {
                return Err(malformed(block.line, "the revocation list is damaged"));
            }
            continue;
        }
        let anchor = block.certificate(known);
        anchors.extend(anchor.map_err(|problem| malformed(block.line, problem.to_string()))?);
    }
    if holds_certificate {
        Ok(anchors)
    } else {
        Err(StoreProblem::NoPemCertificate(SourceFormat::detect(bytes)))
    }
}

/// The anchors of a file in a hashed directory, as `X509_load_cert_file` loads it: those before
/// the first block that cannot be read.
pub(super) fn hashed_file(bytes: &[u8], known: &KnownCertificates) -> Vec<Arc<Certificate>> {
    let blocks = Blocks::new(bytes).map_while(Result::ok);
    let certificates = blocks.filter(|block| CERTIFICATES.contains(&block.label.as_slice()));
    certificates
        .map_while(|block| (!block.has_header).then(|| block.certificate(known).ok())?)
        .flatten()
        .collect()
}

fn malformed(line: usize, message: impl Into<String>) -> StoreProblem {
    StoreProblem::Malformed {
        place: format!(":{line}"),
        message: message.into(),
    }
}

/// What is between a BEGIN and its END line.
struct Block {
    /// The line of BEGIN, from 1.
    line: usize,
    label: Vec<u8>,
    /// Base64 whose form is right.
    base64: Vec<u8>,
    /// What it encodes, unless it is such that only OpenSSL reads it.
    der: Option<Vec<u8>>,
    /// Whether OpenSSL takes some of it for a header (`Proc-Type: 4,ENCRYPTED`).
    has_header: bool,
}

/// Why OpenSSL gives up on a file.
struct Fault {
    /// The line of the BEGIN before it.
    line: usize,
    message: &'static str,
}

impl Block {
    /// Whether OpenSSL skips the block without a look at its content.
    fn is_ignored(&self) -> bool {
        let is_read = CERTIFICATES.contains(&self.label.as_slice()) || self.label == CRL;
        !is_read && !self.is_key()
    }

    fn is_key(&self) -> bool {
        KEYS.contains(&self.label.as_slice())
    }

    /// The tags of the elements in the outermost SEQUENCE; none if its lengths do not fit.
    fn tags(&self) -> Vec<u8> {
        let der = self.der.as_deref().unwrap_or_default();
        let elements = |content| {
            let mut rest: &[u8] = content;
            let mut tags = Vec::new();
            while !rest.is_empty() {
                let (tag, _, after) = element(rest)?;
                tags.push(tag);
                rest = after;
            }
            Some(tags)
        };
        match element(der) {
            Some((SEQUENCE, content, [])) => elements(content).unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// The certificate, unless its trust settings exclude TLS servers.
    fn certificate(&self, known: &KnownCertificates) -> Result<Option<Arc<Certificate>>, Problem> {
        let der = self.first_element();
        if let Some(certificate) = der.and_then(|der| known.parse(der)) {
            return Ok(Some(certificate));
        }
        // With its settings, or for what is wrong with it.
        let label = String::from_utf8_lossy(&self.label);
        let base64 = der.map_or_else(
            || String::from_utf8_lossy(&self.base64),
            |der| STANDARD.encode(der).into(),
        );
        let text = format!("-----BEGIN {label}-----\n{base64}\n-----END {label}-----\n");
        let mut sections = decode(text.as_bytes(), &DecodeOptions::default()).into_iter();
        let Some(section) = sections.next() else {
            return Ok(None);
        };
        let found = section.content?;
        Ok(found.distrust.is_none().then_some(found.certificate))
    }

    /// The DER of the certificate alone: `d2i_X509` ignores what follows it. `None` behind TRUSTED CERTIFICATE,
    /// where its trust settings follow, and if it has no such element.
    fn first_element(&self) -> Option<&[u8]> {
        let is_plain = self.label != b"TRUSTED CERTIFICATE";
        let der = self.der.as_ref().filter(|_| is_plain)?;
        let (_, _, rest) = element(der)?;
        Some(&der[..der.len() - rest.len()])
    }
}

/// The first DER element: its tag, its content, and what follows it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        let shift = |sum: usize, byte: &u8| Some(sum.checked_mul(256)? + usize::from(*byte));
        (length.iter().try_fold(0, shift)?, rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// The blocks of a text, until the first that OpenSSL cannot read.
struct Blocks<'a> {
    rest: &'a [u8],
    line: usize,
    is_over: bool,
}

/// How far the header of a block has been read (`enum header_status`).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Header {
    /// What was read so far may be data or a header.
    Maybe,
    In,
    Behind,
}

impl<'a> Blocks<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Blocks {
            rest: bytes,
            line: 0,
            is_over: false,
        }
    }

    /// What `BIO_gets` reads: a line or a piece of a long one, which a NUL cuts short, because
    /// OpenSSL asks for the length of a C string. An empty one is the end of the file.
    fn piece(&mut self) -> Option<(&'a [u8], bool)> {
        let most = self.rest.len().min(PIECE);
        let end = memchr(b'\n', &self.rest[..most]);
        let (piece, rest) = self.rest.split_at(end.map_or(most, |end| end + 1));
        self.rest = rest;
        self.line += usize::from(end.is_some());
        let is_partial = piece.len() == PIECE && end.is_none();
        let length = memchr(0, piece).unwrap_or(piece.len());
        let piece = &piece[..length];
        (!piece.is_empty()).then_some((piece, is_partial))
    }

    /// The label of the next BEGIN line (`get_name`).
    fn label(&mut self) -> Option<Vec<u8>> {
        // Other byte order marks mean an encoding that OpenSSL does not read.
        const UTF8_BOM: &[u8] = b"\xef\xbb\xbf";
        let mut is_first = true;
        loop {
            let (piece, _) = self.piece()?;
            let without_mark = piece.strip_prefix(UTF8_BOM).filter(|_| is_first);
            is_first = false;
            let line = trimmed(without_mark.unwrap_or(piece));
            let label = line.strip_prefix(BEGIN);
            if let Some(label) = label.and_then(|label| label.strip_suffix(TAIL)) {
                return Some(label.to_vec());
            }
        }
    }

    /// The block whose BEGIN line was just read (`get_header_and_data`).
    fn block(&mut self, label: Vec<u8>) -> Result<Block, Fault> {
        let line = self.line.max(1);
        let fault = |message| Fault { line, message };
        let mut header = Header::Maybe;
        let mut has_header = false;
        let mut data = Vec::with_capacity(USUAL_BASE64);
        let (mut was_partial, mut is_last) = (false, false);
        loop {
            let (piece, is_partial) = self
                .piece()
                .ok_or_else(|| fault("the block has no END line"))?;
            if header == Header::Maybe && memchr(b':', piece).is_some() {
                header = Header::In;
            }
            let text = trimmed(piece);
            let is_empty_line = text.is_empty() && !was_partial;
            let is_rest_of_line = text.is_empty() && was_partial;
            was_partial = is_partial;
            if is_rest_of_line {
                continue;
            }
            if is_empty_line {
                if header == Header::Behind {
                    return Err(fault("the block has a second empty line in it"));
                }
                has_header |= !data.is_empty();
                header = Header::Behind;
                data.clear();
                continue;
            }
            if let Some(end) = text.strip_prefix(END) {
                if end.strip_suffix(TAIL) != Some(&label[..]) {
                    return Err(fault("the END line does not match, or has more in it"));
                }
                let (base64, der) = base64(data)
                    .ok_or_else(|| fault("the block is empty, or its base64 is damaged"))?;
                return Ok(Block {
                    line,
                    label,
                    base64,
                    der,
                    has_header,
                });
            }
            if is_last {
                return Err(fault("a short line is not the last"));
            }
            data.extend(text);
            if header == Header::Behind {
                if text.len() > 64 {
                    return Err(fault(
                        "a line after an empty one is longer than 64 characters",
                    ));
                }
                is_last = text.len() < 64;
            }
        }
    }
}

impl Iterator for Blocks<'_> {
    type Item = Result<Block, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let label = self.label()?;
        let block = self.block(label);
        self.is_over = block.is_err();
        Some(block)
    }
}

/// A line without what OpenSSL strips from its end: white space, control characters, and, because
/// its characters are signed, everything that is not ASCII (`sanitize_line`).
fn trimmed(line: &[u8]) -> &[u8] {
    let is_kept = |byte: &u8| *byte > b' ' && byte.is_ascii();
    let end = line.iter().rposition(is_kept).map_or(0, |last| last + 1);
    &line[..end]
}

/// The base64 in `data`, if it is complete (`EVP_DecodeUpdate`), and what it encodes: white space is skipped, and
/// a hyphen ends it.
fn base64(data: Vec<u8>) -> Option<(Vec<u8>, Option<Vec<u8>>)> {
    // As nearly all of it is.
    let decoded = radix64::decode(&data, |last| STANDARD.decode(last).ok());
    if let Some(der) = decoded.filter(|der| !der.is_empty()) {
        return Some((data, Some(der)));
    }
    let text = data.split(|byte| *byte == b'-').next()?;
    let text: Vec<u8> = text
        .iter()
        .copied()
        .filter(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
        .collect();
    let padding = text.iter().rev().take_while(|byte| **byte == b'=').count();
    let digits = &text[..text.len() - padding];
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let is_whole = padding <= 2 && !digits.is_empty() && text.len().is_multiple_of(4);
    if !is_whole || !digits.iter().all(is_digit) {
        return None;
    }
    let der = STANDARD.decode(&text).ok();
    Some((text, der))
}
