//! The text that PEM is in: its encoding, and line numbers.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr2_iter, memmem};

use crate::escape::is_visible_or;

/// The text of `bytes`, in which every character that markers and base64 are made of is one byte.
///
/// Files are joined without a look at their encodings (PowerShell's `>>` appends UTF-16 to UTF-8, Windows'
/// `copy a+b` leaves a 0x1A between them), so there is no encoding of the whole file. Markers and base64 are
/// ASCII, and ASCII in UTF-16 or UTF-32 is the same bytes with NULs around: without NULs and byte-order marks,
/// all of it reads alike, at any offset. What has no width or no meaning goes too: zero-width characters, the
/// colors of a terminal. Blanks of every kind become spaces. Other text keeps its bytes.
pub(in crate::formats) fn plain(bytes: &[u8]) -> Cow<'_, [u8]> {
    if is_visible_or(bytes, b"\t\n\r") {
        return Cow::Borrowed(bytes);
    }
    let is_plain = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    let mut text = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while !rest.is_empty() {
        let length = rest.iter().take_while(|byte| is_plain(byte)).count();
        text.extend_from_slice(&rest[..length]);
        rest = &rest[length..];
        let (length, character) = character(rest, text.last().copied());
        text.extend(character);
        rest = &rest[length..];
    }
    Cow::Owned(text)
}

/// How many bytes the character takes that `rest` starts with, and the byte that it becomes, if any.
fn character(rest: &[u8], before: Option<u8>) -> (usize, Option<u8>) {
    match rest {
        [] => (0, None),
        [0, ..] => (1, None),
        // Byte-order marks; the soft hyphen, zero-width characters, the word joiner.
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0xc2, 0xad, ..] => (2, None),
        [0xef, 0xbb, 0xbf, ..] | [0xe2, 0x80, 0x8b..=0x8f, ..] | [0xe2, 0x81, 0xa0, ..] => {
            (3, None)
        }
        // The line ends of Unicode, and its blanks.
        [0xc2, 0x85, ..] => (2, Some(b'\n')),
        [0xe2, 0x80, 0xa8 | 0xa9, ..] => (3, Some(b'\n')),
        [0xc2, 0xa0, ..] => (2, Some(b' ')),
        [0xe2, 0x80, 0x80..=0x8a | 0xaf, ..] | [0xe2, 0x81, 0x9f, ..] | [0xe3, 0x80, 0x80, ..] => {
            (3, Some(b' '))
        }
        // The end of a file for MS-DOS; the no-break space in ISO 8859 and UTF-16.
        [0x1a, ..] => (1, Some(b' ')),
        [0xa0, ..] if before.is_none_or(|before| before.is_ascii()) => (1, Some(b' ')),
        [0x1b, b'[', sequence @ ..] => {
            let parameters = sequence.iter().take(32);
            let length = parameters.take_while(|byte| (0x20..=0x3f).contains(*byte));
            let length = length.count();
            match sequence.get(length) {
                Some(0x40..=0x7e) => (2 + length + 1, None),
                _ => (1, Some(0x1b)),
            }
        }
        [byte, ..] => (1, Some(*byte)),
    }
}

/// Whether `bytes` have text in UTF-16 or UTF-32, whose bytes may have any value.
pub(in crate::formats) fn is_wide(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xff, 0xfe])
        || bytes.starts_with(&[0xfe, 0xff])
        || memmem::find(bytes, b"-\0-\0-").is_some()
        || memmem::find(bytes, b"-\0\0\0-").is_some()
}

/// Where binary data starts in `text`, if there is some: it has control characters, and a quarter of its bytes
/// are not ASCII. Control characters alone are in many a comment, where a tool printed a subject as it is.
pub(super) fn binary_data(text: &[u8]) -> Option<usize> {
    let is_control = |byte: &u8| matches!(byte, 1..=8 | 0x0e..=0x1a | 0x1c..=0x1f | 0x7f);
    let controls = text.iter().filter(|byte| is_control(byte)).count();
    let not_ascii = text.iter().filter(|byte| !byte.is_ascii()).count();
    let is_binary = controls > 16 && not_ascii > text.len() / 4;
    text.iter().position(is_control).filter(|_| is_binary)
}

/// Counts lines up to offsets that mostly grow, so that the whole text is counted through once.
pub(super) struct Lines<'a> {
    text: &'a [u8],
    /// Whether a CR is in it. Without one, lines are counted many bytes at a time.
    has_returns: bool,
    offset: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Lines {
            text,
            has_returns: memchr(b'\r', text).is_some(),
            offset: 0,
            line: 1,
        }
    }

    /// The line that `offset` is on, from 1. LF, CR LF and CR alone each end a line.
    pub(super) fn number(&mut self, offset: usize) -> usize {
        if offset < self.offset {
            (self.offset, self.line) = (0, 1);
        }
        let more = &self.text[self.offset..offset];
        if self.has_returns {
            for at in memchr2_iter(b'\n', b'\r', more) {
                let end = self.offset + at;
                let is_split = self.text[end] == b'\r' && self.text.get(end + 1) == Some(&b'\n');
                self.line += usize::from(!is_split);
            }
        } else {
            self.line += memchr_iter(b'\n', more).count();
        }
        self.offset = offset;
        self.line
    }
}
