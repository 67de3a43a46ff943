//! Keys in base64 and in hex, whatever separates the characters: lines of any width, quotes, escapes.

use super::{Hit, Kind, binary};

/// Text in base64 may hold base64 again: a Secret's value of a file that has keys in base64 itself.
const MAX_DEPTH: usize = 3;

/// Adds the keys in the base64 and hex of a `text` that was encoded `depth` times.
pub(super) fn find(text: &[u8], depth: usize, hits: &mut Vec<Hit>) {
    let mut base64 = Run::new(&BASE64);
    let mut hex = Run::new(&HEX);
    let mut at = 0;
    while at < text.len() {
        let blank = blank_length(&text[at..]);
        if blank > 0 {
            base64.interrupt();
            hex.interrupt();
            at += blank;
            continue;
        }
        for run in [&mut base64, &mut hex] {
            run.push(text[at], at, depth, hits);
        }
        at += 1;
    }
    base64.finish(depth, hits);
    hex.finish(depth, hits);
}

/// How characters stand for bits.
struct Alphabet {
    name: &'static str,
    /// How many bits a character stands for.
    bits: u32,
    /// How many characters make whole bytes.
    group: usize,
    /// The shortest run of characters that can hold a key.
    shortest: usize,
    value: fn(u8) -> Option<u8>,
    /// What may separate two characters, next to blanks.
    separators: &'static [u8],
}

/// Both alphabets of RFC 4648.
const BASE64: Alphabet = Alphabet {
    name: "base64",
    bits: 6,
    group: 4,
    shortest: 24,
    value: |byte| {
        Some(match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        })
    },
    separators: b"",
};

/// Also with colons, and as the bytes of a program's array (`0x30`).
const HEX: Alphabet = Alphabet {
    name: "hex",
    bits: 4,
    group: 2,
    shortest: 40,
    value: |byte| {
        Some(match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            b'A'..=b'F' => byte - b'A' + 10,
            _ => return None,
        })
    },
    separators: b":x\\",
};

/// Characters of an alphabet with nothing but blanks and separators among them.
struct Run {
    alphabet: &'static Alphabet,
    values: Vec<u8>,
    /// The offsets in the text of values after which others follow without a gap.
    pieces: Vec<(usize, usize)>,
    is_interrupted: bool,
}

impl Run {
    fn new(alphabet: &'static Alphabet) -> Self {
        Run {
            alphabet,
            values: Vec::new(),
            pieces: Vec::new(),
            is_interrupted: true,
        }
    }

    fn interrupt(&mut self) {
        self.is_interrupted = true;
    }

    fn push(&mut self, byte: u8, at: usize, depth: usize, hits: &mut Vec<Hit>) {
        if let Some(value) = (self.alphabet.value)(byte) {
            if self.is_interrupted {
                self.pieces.push((self.values.len(), at));
                self.is_interrupted = false;
            }
            self.values.push(value);
        } else if self.alphabet.separators.contains(&byte) {
            // The first 0 of 0x30 is no digit of the number; that of \x30\x31 is.
            if byte == b'x' && !self.is_interrupted && self.values.last() == Some(&0) {
                self.values.pop();
            }
            self.is_interrupted = true;
        } else {
            self.finish(depth, hits);
        }
    }

    /// Looks into what was gathered, and forgets it.
    fn finish(&mut self, depth: usize, hits: &mut Vec<Hit>) {
        if self.values.len() >= self.alphabet.shortest {
            // What is before the key may have shifted it.
            let found = (0..self.alphabet.group).find_map(|shift| {
                let bytes = self.decode(shift);
                let (offset, kind) = inside(&bytes, depth)?;
                Some((shift + offset * 8 / self.alphabet.bits as usize, kind))
            });
            if let Some((index, kind)) = found {
                hits.push(Hit {
                    range: self.offset(index)..self.offset(self.values.len() - 1) + 1,
                    kind: kind.encoded_in(self.alphabet.name),
                });
            }
        }
        self.values.clear();
        self.pieces.clear();
        self.is_interrupted = true;
    }

    /// The bytes that the values from `shift` on stand for.
    fn decode(&self, shift: usize) -> Vec<u8> {
        let groups = self.values[shift..].chunks(self.alphabet.group);
        let mut bytes = Vec::with_capacity(self.values.len() * self.alphabet.bits as usize / 8);
        for group in groups {
            let mut bits = 0_u32;
            for value in group {
                bits = bits << self.alphabet.bits | u32::from(*value);
            }
            let mut left = self.alphabet.bits * u32::try_from(group.len()).unwrap_or_default();
            while left >= 8 {
                left -= 8;
                bytes.push((bits >> left & 0xff) as u8);
            }
        }
        bytes
    }

    /// The offset in the text of the value at `index`.
    fn offset(&self, index: usize) -> usize {
        let piece = self.pieces.partition_point(|(first, _)| *first <= index);
        match self.pieces.get(piece.saturating_sub(1)) {
            Some((first, at)) => at + (index - first),
            None => 0,
        }
    }
}

/// The first key in decoded `bytes`, binary or text, and its offset.
fn inside(bytes: &[u8], depth: usize) -> Option<(usize, Kind)> {
    if let Some(hit) = binary::find(bytes) {
        return Some((hit.range.start, hit.kind));
    }
    if depth >= MAX_DEPTH || !holds_text(bytes) {
        return None;
    }
    let hit = super::find(bytes, depth + 1).into_iter().next()?;
    Some((hit.range.start, hit.kind))
}

/// Whether `bytes` hold as much text as the shortest key in it has. Random bytes do not.
fn holds_text(bytes: &[u8]) -> bool {
    const SHORTEST: usize = 20;
    let mut length = 0;
    bytes.iter().any(|byte| {
        length = match byte {
            b' '..=b'~' | b'\n' | b'\r' | b'\t' => length + 1,
            _ => 0,
        };
        length >= SHORTEST
    })
}

/// The length of the blank that `text` starts with, 0 if it starts with none.
pub(super) fn blank_length(text: &[u8]) -> usize {
    match text {
        [b'\\', rest @ ..] => {
            let more = rest
                .iter()
                .take(6)
                .take_while(|byte| **byte == b'\\')
                .count();
            match rest.get(more) {
                Some(b'n' | b'r' | b't' | b'\n' | b'"') => more + 2,
                _ => 0,
            }
        }
        [first, ..] if first.is_ascii_whitespace() || *first == b'\x0b' => 1,
        // An item of a list, a comment, a string in pieces.
        [b'-', b' ', ..] | [0xc2, 0xa0, ..] => 2,
        [b'/', b'/', b' ', ..] | [b'"', b' ', b'+', ..] => 3,
        [0xe2, 0x80, 0x8b, ..] | [0xef, 0xbb, 0xbf, ..] => 3,
        [b'>' | b'"' | b'\'' | b',' | b'#' | b';' | b'|', ..] => 1,
        _ => 0,
    }
}
