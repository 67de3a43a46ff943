//! The text that PEM is in: its encoding, and line numbers.

use std::borrow::Cow;

use memchr::{memchr2_iter, memmem};

/// Text in UTF-16 (with or without byte-order mark) as one byte a character, `?` for what is not ASCII;
/// any other text unchanged. Markers and base64 are ASCII, so nothing that counts is lost.
pub(in crate::formats) fn as_ascii(bytes: &[u8]) -> Cow<'_, [u8]> {
    let (unit, body): (fn([u8; 2]) -> u16, _) = match bytes {
        [0xff, 0xfe, body @ ..] => (u16::from_le_bytes, body),
        [0xfe, 0xff, body @ ..] => (u16::from_be_bytes, body),
        // No mark: hyphens between NULs, and which byte of a pair they are.
        _ => match memmem::find(bytes, b"-\0-\0-") {
            Some(at) if at % 2 == 0 => (u16::from_le_bytes, bytes),
            Some(_) => (u16::from_be_bytes, bytes),
            None => return Cow::Borrowed(bytes),
        },
    };
    let (pairs, _) = body.as_chunks::<2>();
    let narrow = |pair: &[u8; 2]| {
        let byte = u8::try_from(unit(*pair)).ok();
        byte.filter(u8::is_ascii).unwrap_or(b'?')
    };
    Cow::Owned(pairs.iter().map(narrow).collect())
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

/// Counts lines up to offsets that mostly grow, so that the whole text is counted through once.
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
    pub(super) fn number(&mut self, offset: usize) -> usize {
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
}
