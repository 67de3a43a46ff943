//! The text beneath PEM: markers, damaged markers, base64 among every kind of white space, line
//! numbers; and one certificate out.

use std::borrow::Cow;
use std::ops::Range;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose};

use memchr::{memchr, memchr2_iter};

use crate::formats::Problem;

const HYPHENS: &[u8] = b"-----";

/// Missing padding is common in pasted files; DER's own lengths show what was cut.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Text in UTF-16 (with or without byte-order mark) as one byte a character, `?` for what is not
/// ASCII; any other text as it is. Markers and base64 are ASCII, so nothing that counts is lost.
pub(in crate::formats) fn as_ascii(bytes: &[u8]) -> Cow<'_, [u8]> {
    let (little, body) = match bytes {
        [0xff, 0xfe, body @ ..] => (true, body),
        [0xfe, 0xff, body @ ..] => (false, body),
        // No mark: hyphens between NULs, and which byte of a pair they are.
        _ => match find(bytes, b"-\0-\0-") {
            Some(at) => (at % 2 == 0, bytes),
            None => return Cow::Borrowed(bytes),
        },
    };
    let (pairs, _) = body.as_chunks::<2>();
    let narrow = |pair: &[u8; 2]| {
        let unit = if little {
            u16::from_le_bytes(*pair)
        } else {
            u16::from_be_bytes(*pair)
        };
        u8::try_from(unit).ok().filter(u8::is_ascii).unwrap_or(b'?')
    };
    Cow::Owned(pairs.iter().map(narrow).collect())
}

/// A BEGIN or END marker.
pub(super) struct Marker<'a> {
    pub(super) is_begin: bool,
    pub(super) label: &'a [u8],
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The next `-----BEGIN label-----` or `-----END label-----` at or after `from`, wherever on its
/// line it stands.
pub(super) fn next_marker(text: &[u8], from: usize) -> Option<Marker<'_>> {
    let mut at = from;
    while let Some(hit) = find(&text[at..], HYPHENS) {
        let opening = at + hit;
        // Of more than five hyphens, the last five belong to the marker.
        at = opening + hyphens(&text[opening..]);
        let Some((is_begin, keyword)) = keyword(&text[at..]) else {
            continue;
        };
        let label = &text[at + keyword..];
        let length = label
            .iter()
            .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'.' | b'#')))
            .unwrap_or(label.len());
        let closing = hyphens(&label[length..]);
        if length == 0 || closing < HYPHENS.len() {
            continue;
        }
        let after = at + keyword + length + closing;
        // Glued to the next marker: five of these hyphens are its own.
        let is_glued = closing >= 2 * HYPHENS.len() && self::keyword(&text[after..]).is_some();
        return Some(Marker {
            is_begin,
            label: label[..length].trim_ascii(),
            start: at - HYPHENS.len(),
            end: after - if is_glued { HYPHENS.len() } else { 0 },
        });
    }
    None
}

/// How many hyphens `text` starts with.
fn hyphens(text: &[u8]) -> usize {
    text.iter().take_while(|byte| **byte == b'-').count()
}

/// Whether `text` starts a BEGIN or an END marker's words, and how long that word is.
fn keyword(text: &[u8]) -> Option<(bool, usize)> {
    [(b"BEGIN ".as_slice(), true), (b"END ", false)]
        .into_iter()
        .find(|(word, _)| text.starts_with(word))
        .map(|(word, is_begin)| (is_begin, word.len()))
}

/// `BEGIN CERTIFICATE` and the like on a line that holds nothing else but marks: a marker whose
/// hyphens were lost or turned into dashes. In a sentence the words are free.
pub(super) fn damaged_marker(line: &[u8]) -> Option<&'static str> {
    const WORDS: [&str; 9] = [
        "BEGIN CERTIFICATE",
        "END CERTIFICATE",
        "BEGIN X509 CERTIFICATE",
        "BEGIN TRUSTED CERTIFICATE",
        "BEGIN PRIVATE KEY",
        "BEGIN RSA PRIVATE KEY",
        "BEGIN EC PRIVATE KEY",
        "BEGIN ENCRYPTED PRIVATE KEY",
        "BEGIN OPENSSH PRIVATE KEY",
    ];
    // From the shortest of them to what a line of words can have.
    if !(15..=200).contains(&line.len()) {
        return None;
    }
    let words: Vec<&[u8]> = line
        .split(|byte| !byte.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    WORDS.into_iter().find(|expected| {
        let expected = expected.split(' ');
        words.len() == expected.clone().count()
            && words
                .iter()
                .zip(expected)
                .all(|(word, expected)| word.eq_ignore_ascii_case(expected.as_bytes()))
    })
}

/// Whether `byte` is one that no text has, in ASCII, Latin-1 or UTF-8.
pub(super) fn is_binary(byte: u8) -> bool {
    matches!(byte, 0..=8 | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f)
}

/// Whether `text` starts as base64 of a certificate does: a long SEQUENCE, and a line of it.
pub(in crate::formats) fn is_bare_base64(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let line = text
        .split(u8::is_ascii_whitespace)
        .next()
        .unwrap_or_default();
    line.starts_with(b"MII")
        && line.len() >= 40
        && line
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
}

/// Line numbers of offsets that only grow, so that the whole text is counted through once.
pub(super) struct Lines<'a> {
    text: &'a [u8],
    offset: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Lines {
            text,
            offset: 0,
            line: 1,
        }
    }

    /// The line that `offset` is on, from 1. LF, CR LF and CR alone each end a line.
    pub(super) fn line_of(&mut self, offset: usize) -> usize {
        if offset < self.offset {
            *self = Lines::new(self.text);
        }
        for at in memchr2_iter(b'\n', b'\r', &self.text[self.offset..offset]) {
            let end = self.offset + at;
            let is_split = self.text[end] == b'\r' && self.text.get(end + 1) == Some(&b'\n');
            self.line += usize::from(!is_split);
        }
        self.offset = offset;
        self.line
    }

    /// The bytes that the base64 in `range` stands for. White space of every kind is passed over,
    /// also where it was escaped (`\n` in JSON), quoted as mail (`>`), or split into strings.
    pub(super) fn base64(&mut self, range: Range<usize>) -> Result<Vec<u8>, Problem> {
        let body = &self.text[range.clone()];
        if let Some(plain) = plain_base64(body) {
            return Ok(plain);
        }
        let mut clean = Vec::with_capacity(body.len());
        let mut padded = false;
        let mut at = 0;
        while let Some(&byte) = body.get(at) {
            let skip = match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if !padded => {
                    clean.push(byte);
                    1
                }
                b'=' => {
                    padded = true;
                    1
                }
                _ => blank_length(&body[at..]),
            };
            if skip == 0 {
                let line = self.line_of(range.start + at);
                let fault = match byte {
                    _ if padded => format!("base64 goes on behind its padding at line {line}"),
                    b'!'..=b'~' => {
                        let shown = char::from(byte);
                        format!("'{shown}' at line {line} is not base64")
                    }
                    _ => format!("byte 0x{byte:02x} at line {line} is not base64"),
                };
                return Err(Problem::hinted(
                    fault,
                    "the text was damaged on its way: copy the certificate again from its source",
                ));
            }
            at += skip;
        }
        if clean.is_empty() {
            return Err(Problem::malformed(
                "nothing between the BEGIN and END lines",
            ));
        }
        LENIENT.decode(&clean).map_err(|_| {
            Problem::hinted(
                "the base64 is cut short",
                "the text was damaged on its way: copy the certificate again from its source",
            )
        })
    }
}

/// The bytes of base64 in plain lines, as nearly all of it is.
fn plain_base64(body: &[u8]) -> Option<Vec<u8>> {
    let mut clean = Vec::with_capacity(body.len());
    let mut start = 0;
    for end in memchr2_iter(b'\n', b'\r', body).chain([body.len()]) {
        clean.extend_from_slice(&body[start..end]);
        start = end + 1;
    }
    let bytes = LENIENT.decode(&clean).ok()?;
    (!bytes.is_empty()).then_some(bytes)
}

/// The length of the blank that `text` starts with, 0 if it starts with none.
fn blank_length(text: &[u8]) -> usize {
    match text {
        [
            b' ' | b'\t' | b'\n' | b'\r' | b'\x0b' | b'\x0c' | b'>' | b'"' | b'\'' | b',',
            ..,
        ] => 1,
        // Escapes and continued lines; the no-break space.
        [b'\\', b'n' | b'r' | b't' | b'\n', ..] | [0xc2, 0xa0, ..] => 2,
        // A continued line of CR LF; the zero-width space; the byte-order mark.
        [b'\\', b'\r', b'\n', ..] | [0xe2, 0x80, 0x8b, ..] | [0xef, 0xbb, 0xbf, ..] => 3,
        _ => 0,
    }
}

pub(in crate::formats) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let (first, rest) = needle.split_first()?;
    let mut at = 0;
    loop {
        at += memchr(*first, haystack.get(at..)?)?;
        if haystack[at + 1..].starts_with(rest) {
            return Some(at);
        }
        at += 1;
    }
}

/// One section of PEM.
pub(crate) fn encode(label: &str, der: &[u8]) -> Vec<u8> {
    const LINE: usize = 48;
    let begin = format!("-----BEGIN {label}-----\n");
    let end = format!("-----END {label}-----\n");
    let characters = der.len().div_ceil(3) * 4;
    let length = begin.len() + characters + characters.div_ceil(64) + end.len();
    let mut out = vec![b'\n'; length];
    out[..begin.len()].copy_from_slice(begin.as_bytes());
    let mut at = begin.len();
    for line in der.chunks(LINE) {
        // 48 bytes make 64 characters, and the line end behind them stands already.
        at += general_purpose::STANDARD
            .encode_slice(line, &mut out[at..])
            .unwrap_or_default();
        at += 1;
    }
    out[at..].copy_from_slice(end.as_bytes());
    out
}
