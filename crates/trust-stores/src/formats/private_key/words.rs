//! Keys whose form is written in words: the markers of PEM and its relatives, and the headers of other files.

use std::ops::Range;

use memchr::memmem;

use super::{Hit, Kind, encoded};

/// How far a marker's words are from "PRIVATE KEY": the longest is BEGIN and the name of an algorithm.
const MARKER: usize = 40;

/// Adds the keys of `text`, which is `lower` in lower case.
pub(super) fn find(text: &[u8], lower: &[u8], hits: &mut Vec<Hit>) {
    markers(text, lower, hits);
    for (header, form) in HEADERS {
        let mut paragraphs = Paragraphs::new(lower);
        for at in memmem::find_iter(lower, header) {
            hits.push(hit(at..paragraphs.end_after(at), form));
        }
    }
    // So many characters as a key of age has; a comment may hold the words.
    for at in memmem::find_iter(lower, b"age-secret-key-") {
        let rest = &lower[at + 15..];
        let length = rest
            .iter()
            .take(200)
            .take_while(|b| b.is_ascii_alphanumeric() || **b == b'-');
        let length = length.count();
        if length >= 32 {
            hits.push(hit(at..at + 15 + length, "age identity"));
        }
    }
    for name in [
        &b"privateexponent"[..],
        b"private exponent",
        b"priv",
        b"private key",
    ] {
        let mut paragraphs = Paragraphs::new(lower);
        for at in memmem::find_iter(lower, name) {
            if is_word_start(&lower[..at]) && is_printed_number(&lower[at + name.len()..]) {
                hits.push(hit(
                    at..paragraphs.end_after(at),
                    "text of openssl or certtool",
                ));
            }
        }
    }
}

/// Whether a word can start after `before`, which may end in an escape such as `\n`.
fn is_word_start(before: &[u8]) -> bool {
    match before {
        [] | [.., b'\\', b'n' | b'r' | b't'] => true,
        [.., last] => !last.is_ascii_alphanumeric(),
    }
}

/// First lines that no other file has, and whose keys they are.
const HEADERS: [(&[u8], &str); 2] = [
    (b"putty-user-key-file-", "PuTTY PPK"),
    (b"private-key-format:", "DNSSEC"),
];

fn hit(range: Range<usize>, form: &'static str) -> Hit {
    Hit {
        range,
        kind: Kind::new(form),
    }
}

/// Finds the ends of paragraphs for offsets that only grow, so that the text is looked through once.
struct Paragraphs<'a> {
    text: &'a [u8],
    end: usize,
}

impl<'a> Paragraphs<'a> {
    fn new(text: &'a [u8]) -> Self {
        Paragraphs { text, end: 0 }
    }

    /// The offset of the first empty line after `from`, or the end.
    fn end_after(&mut self, from: usize) -> usize {
        if from >= self.end {
            let rest = &self.text[from..];
            let ends = [&b"\n\n"[..], b"\n\r\n", b"\r\r"];
            // Each is looked for no further than the one before it was found.
            let length = ends.iter().fold(rest.len(), |length, end| {
                memmem::find(&rest[..length], end).unwrap_or(length)
            });
            self.end = (from + length.max(1)).min(self.text.len());
        }
        self.end
    }
}

/// Whether a number in hex pairs with colons follows, as `openssl pkey -text` and `certtool` print it.
fn is_printed_number(rest: &[u8]) -> bool {
    let Some(number) = rest.strip_prefix(b":") else {
        return false;
    };
    let mut digits = number;
    // A line may start with the sign of a comment, and end in an escape.
    while digits.len() + 64 > number.len() {
        match encoded::blank_length(digits) {
            0 => break,
            length => digits = &digits[length..],
        }
    }
    let is_number = |digits: &[u8]| {
        let pairs = digits.chunks(3).take_while(|pair| {
            matches!(pair, [high, low, b':'] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
        });
        pairs.count() >= 8
    };
    // Of another name's number, which the next colon ends, it is none.
    let marks = digits.iter().take(24);
    let marks = marks.take_while(|byte| **byte != b':').count();
    (0..=marks).any(|skipped| is_number(&digits[skipped..]))
}

/// BEGIN and END lines, whole or damaged.
fn markers(text: &[u8], lower: &[u8], hits: &mut Vec<Hit>) {
    // The last BEGIN without its END.
    let mut open: Option<usize> = None;
    let mut paragraphs = Paragraphs::new(lower);
    for at in memmem::find_iter(lower, b"private") {
        let Some(marker) = Marker::around(lower, at) else {
            continue;
        };
        if !marker.is_meant(text) {
            continue;
        }
        if marker.is_end {
            match open.take() {
                Some(begin) => hits[begin].range.end = marker.range.end,
                None => hits.push(hit(marker.range, marker.form)),
            }
        } else {
            open = Some(hits.len());
            let end = paragraphs.end_after(marker.range.end);
            hits.push(hit(marker.range.start..end, marker.form));
        }
    }
}

/// The words of a marker, whatever is around them.
struct Marker {
    /// From BEGIN or END to KEY or BLOCK.
    range: Range<usize>,
    is_end: bool,
    form: &'static str,
}

impl Marker {
    /// The marker whose word PRIVATE is at `at`.
    fn around(lower: &[u8], at: usize) -> Option<Self> {
        let after = &lower[at + b"private".len()..];
        let blanks = after
            .iter()
            .take(3)
            .take_while(|byte| is_blank(**byte))
            .count();
        let rest = after[blanks..].strip_prefix(b"key")?;
        let mut end = lower.len() - rest.len();
        if rest.starts_with(b" block") {
            end += b" block".len();
        }
        let from = at.saturating_sub(MARKER);
        let before = &lower[from..at];
        let begin = memmem::rfind(before, b"begin").map(|at| (at, 5));
        let close = memmem::rfind(before, b"end").map(|at| (at, 3));
        let (start, word) = begin.max(close)?;
        let name = &before[start + word..];
        // BEGIN and the name of the algorithm are words of their own.
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'.' || is_blank(*byte);
        if !is_blank(*name.first()?) || !name.iter().all(is_name) {
            return None;
        }
        Some(Marker {
            range: from + start..end,
            is_end: word == 3,
            form: form(name),
        })
    }

    /// Whether this is meant as a marker. A sentence may hold the words.
    fn is_meant(&self, text: &[u8]) -> bool {
        let before = &text[..self.range.start];
        let after = &text[self.range.end..];
        let is_marked = starts_with_marks(before.iter().rev()) && starts_with_marks(after.iter());
        let is_alone = is_empty_line(before.iter().rev()) && is_empty_line(after.iter());
        is_marked || is_alone || (!self.is_end && has_body(after))
    }
}

/// Whether two marks come first, but for spaces.
fn starts_with_marks<'a>(bytes: impl Iterator<Item = &'a u8>) -> bool {
    let marks = bytes.skip_while(|byte| **byte == b' ').take(2);
    marks.filter(|byte| is_mark(**byte)).count() == 2
}

/// Whether no letter or digit comes before the end of the line, if that is near.
fn is_empty_line<'a>(bytes: impl Iterator<Item = &'a u8>) -> bool {
    let mut line = bytes
        .take(MARKER)
        .take_while(|byte| !matches!(byte, b'\n' | b'\r'));
    !line.any(u8::is_ascii_alphanumeric)
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'_' | b'-' | b'\t')
}

/// Hyphens, what people type for them, and the bytes of dashes in UTF-8.
fn is_mark(byte: u8) -> bool {
    matches!(byte, b'-' | b'=' | b'_' | b'*' | b'~' | b'+') || !byte.is_ascii()
}

/// Whether a line of base64 follows before long.
fn has_body(after: &[u8]) -> bool {
    const LINE: usize = 40;
    let near = &after[..after.len().min(300)];
    let mut words =
        near.split(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')));
    words.any(|word| {
        word.len() >= LINE
            && word.iter().any(u8::is_ascii_digit)
            && word.iter().any(u8::is_ascii_uppercase)
    })
}

/// How a key is called in messages whose marker has this `name` before PRIVATE KEY. Only names that are known:
/// others may be anything.
pub(super) fn form(name: &[u8]) -> &'static str {
    const FORMS: [(&[u8], &str); 12] = [
        (b"rsa", "RSA PRIVATE KEY"),
        (b"ec", "EC PRIVATE KEY"),
        (b"dsa", "DSA PRIVATE KEY"),
        (b"dh", "DH PRIVATE KEY"),
        (b"any", "ANY PRIVATE KEY"),
        (b"encrypted", "ENCRYPTED PRIVATE KEY"),
        (b"openssh", "OPENSSH PRIVATE KEY"),
        (b"ssh2 encrypted", "SSH2 ENCRYPTED PRIVATE KEY"),
        (b"ed25519", "ED25519 PRIVATE KEY"),
        (b"pgp", "PGP PRIVATE KEY BLOCK"),
        (b"tss2", "TSS2 PRIVATE KEY"),
        (b"tpm2", "TPM2 PRIVATE KEY"),
    ];
    let name = name.trim_ascii();
    FORMS
        .into_iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map_or("PRIVATE KEY", |(_, form)| form)
}
