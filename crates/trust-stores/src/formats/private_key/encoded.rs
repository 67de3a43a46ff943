//! Keys in base64 and in hex, whatever separates the characters: lines of any width, quotes, escapes.

use super::quick::Possible;
use super::{Hit, Kind};

/// Text in base64 may hold base64 again: a Secret's value of a file that has keys in base64 itself.
const MAX_DEPTH: usize = 3;

/// Adds the keys in the base64 and hex of a `text` that was encoded `depth` times.
pub(super) fn find(text: &[u8], depth: usize, hits: &mut Vec<Hit>) {
    let mut base64 = Run::new(&BASE64);
    let mut hex = Run::new(&HEX);
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let rest = &text[at..];
        let blank = if STARTS_BLANK[usize::from(byte)] {
            blank_length(rest)
        } else {
            0
        };
        let token = BASE64.leading(rest);
        if blank > 0 {
            at += blank;
        } else if token.is_empty() {
            base64.finish(depth, hits);
            if !HEX_SEPARATORS.contains(&byte) {
                hex.finish(depth, hits);
            }
            at += 1;
        } else {
            base64.push(token, at);
            let digits = without_prefix(token);
            if HEX.leading(digits).len() == digits.len() {
                hex.push(digits, at + token.len() - digits.len());
            } else {
                hex.finish(depth, hits);
            }
            at += token.len();
        }
    }
    base64.finish(depth, hits);
    hex.finish(depth, hits);
}

/// What may be between the digits of two bytes, next to blanks: a colon; the backslash of a program's string.
const HEX_SEPARATORS: &[u8] = b":\\";

/// The digits of `0x30` or of the string `\x30`.
fn without_prefix(token: &[u8]) -> &[u8] {
    match token {
        [b'0', b'x' | b'X', digits @ ..] | [b'x', digits @ ..] => digits,
        _ => token,
    }
}

/// How characters stand for bits.
pub(super) struct Alphabet {
    name: &'static str,
    /// How many bits a character stands for.
    bits: usize,
    /// How many characters make whole bytes.
    group: usize,
    /// The shortest run of characters that can hold a key.
    pub(super) shortest: usize,
    /// What each character stands for, or [`NONE`].
    values: [u8; 256],
}

impl Alphabet {
    fn value(&self, character: u8) -> u8 {
        self.values[usize::from(character)]
    }

    pub(super) const fn has(&self, character: u8) -> bool {
        self.values[character as usize] != NONE
    }

    /// The characters of this alphabet that `text` starts with.
    fn leading<'a>(&self, text: &'a [u8]) -> &'a [u8] {
        let end = text.iter().position(|byte| self.value(*byte) == NONE);
        &text[..end.unwrap_or(text.len())]
    }
}

/// No character of an alphabet.
const NONE: u8 = 0xff;

const fn values(characters: &[u8], from: u8, mut values: [u8; 256]) -> [u8; 256] {
    let (mut index, mut value) = (0, from);
    while index < characters.len() {
        values[characters[index] as usize] = value;
        index += 1;
        value += 1;
    }
    values
}

const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
const DIGITS: &[u8] = b"0123456789";

/// Both alphabets of RFC 4648.
pub(super) static BASE64: Alphabet = Alphabet {
    name: "base64",
    bits: 6,
    group: 4,
    shortest: 24,
    values: {
        let letters = values(LOWER, 26, values(UPPER, 0, [NONE; 256]));
        values(b"-_", 62, values(b"+/", 62, values(DIGITS, 52, letters)))
    },
};

static HEX: Alphabet = Alphabet {
    name: "hex",
    bits: 4,
    group: 2,
    shortest: 40,
    values: {
        let digits = values(DIGITS, 0, [NONE; 256]);
        values(b"abcdef", 10, values(b"ABCDEF", 10, digits))
    },
};

/// Fewer characters that are no lower-case letters have words.
pub(super) const FEW_OTHERS: usize = 7;

/// Characters of an alphabet with nothing but blanks and separators among them.
struct Run {
    alphabet: &'static Alphabet,
    characters: Vec<u8>,
    /// For each part of it: how many characters are before it, and its offset in the text.
    parts: Vec<(usize, usize)>,
}

impl Run {
    fn new(alphabet: &'static Alphabet) -> Self {
        Run {
            alphabet,
            characters: Vec::new(),
            parts: Vec::new(),
        }
    }

    fn push(&mut self, part: &[u8], at: usize) {
        self.parts.push((self.characters.len(), at));
        self.characters.extend_from_slice(part);
    }

    /// Looks into what was gathered, and forgets it.
    fn finish(&mut self, depth: usize, hits: &mut Vec<Hit>) {
        if self.characters.len() >= self.alphabet.shortest && self.is_data() {
            // What is before the key may have shifted it.
            let found = (0..self.alphabet.group).find_map(|shift| {
                let bytes = decode(&self.characters[shift..], self.alphabet);
                let (offset, kind) = inside(&bytes, depth)?;
                Some((shift + offset * 8 / self.alphabet.bits, kind))
            });
            if let Some((index, kind)) = found {
                hits.push(Hit {
                    range: self.offset(index)..self.offset(self.characters.len() - 1) + 1,
                    kind: kind.encoded_in(self.alphabet.name),
                });
            }
        }
        self.characters.clear();
        self.parts.clear();
    }

    /// Whether this may be more than words, of which nearly all letters are lower case. In the base64 of keys
    /// and of text, about half of the characters are not.
    fn is_data(&self) -> bool {
        let window = self.alphabet.shortest;
        let is_other = |character: &u8| usize::from(!character.is_ascii_lowercase());
        let mut others: usize = self.characters[..window].iter().map(is_other).sum();
        others >= FEW_OTHERS
            || self.characters.windows(window + 1).any(|moved| {
                others = others + is_other(&moved[window]) - is_other(&moved[0]);
                others >= FEW_OTHERS
            })
    }

    /// The offset in the text of the character at `index`.
    fn offset(&self, index: usize) -> usize {
        let part = self.parts.partition_point(|(first, _)| *first <= index);
        match self.parts.get(part.saturating_sub(1)) {
            Some((first, at)) => at + index.saturating_sub(*first),
            None => 0,
        }
    }
}

/// The bytes that `characters` stand for.
fn decode(characters: &[u8], alphabet: &Alphabet) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(characters.len() * alphabet.bits / 8 + 1);
    for group in characters.chunks(alphabet.group) {
        let bits = group.iter().fold(0, |bits: u32, character| {
            bits << alphabet.bits | u32::from(alphabet.value(*character))
        });
        let length = group.len() * alphabet.bits;
        let aligned = (bits << (32 - length)).to_be_bytes();
        bytes.extend_from_slice(&aligned[..length / 8]);
    }
    bytes
}

/// The first key in decoded `bytes`, binary or text, and its offset.
fn inside(bytes: &[u8], depth: usize) -> Option<(usize, Kind)> {
    let possible = Possible::within(bytes);
    if let Some(hit) = super::find_binary(bytes, possible) {
        return Some((hit.range.start, hit.kind));
    }
    if depth >= MAX_DEPTH {
        return None;
    }
    // PowerShell encodes text in UTF-16 first.
    let zeros: usize = bytes.iter().map(|byte| usize::from(*byte == 0)).sum();
    if zeros > bytes.len() / 3 {
        let narrow: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
        return inside(&narrow, depth).map(|(offset, kind)| (offset * 2, kind));
    }
    if !holds_text(bytes) {
        return None;
    }
    let hits = super::find_with(None, possible, bytes, depth + 1);
    let hit = hits.into_iter().next()?;
    Some((hit.range.start, hit.kind))
}

/// Whether `bytes` hold as much text as the shortest key in it has. Random bytes do not.
fn holds_text(bytes: &[u8]) -> bool {
    const SHORTEST: usize = 20;
    let is_text = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t');
    // Every stretch of that length has a byte at one of these offsets.
    let mut from = 0;
    while let Some(probe) = bytes.get(from + SHORTEST - 1) {
        let stretch = &bytes[from..from + SHORTEST];
        if is_text(probe) {
            match stretch.iter().rposition(|byte| !is_text(byte)) {
                Some(last) => from += last + 1,
                None => return true,
            }
        } else {
            from += SHORTEST;
        }
    }
    false
}

/// Which bytes a blank can start with.
static STARTS_BLANK: [bool; 256] = {
    let mut starts = [false; 256];
    let bytes = b"\\ \t\n\r\x0b\x0c>\"',#;|-/\xc2\xe2\xef";
    let mut index = 0;
    while index < bytes.len() {
        starts[bytes[index] as usize] = true;
        index += 1;
    }
    starts
};

/// Whether a byte may be a character of base64 or hex, or be between two in a row.
pub(super) const fn may_be_in_run(byte: u8) -> bool {
    // The second and third bytes of blanks.
    let ends_blank = matches!(byte, 0xa0 | 0x80 | 0x8b | 0xbb | 0xbf | b'+');
    BASE64.has(byte) || STARTS_BLANK[byte as usize] || ends_blank || matches!(byte, b':')
}

/// The length of the blank that `text` starts with, 0 if it starts with none.
pub(super) fn blank_length(text: &[u8]) -> usize {
    match text {
        [b'\\', rest @ ..] => {
            let more = rest.iter().take(6).take_while(|byte| **byte == b'\\');
            let more = more.count();
            match rest.get(more) {
                Some(b'n' | b'r' | b't' | b'\n' | b'"') => more + 2,
                _ => 0,
            }
        }
        // An item of a list, a comment, a string in pieces.
        [b'-', b' ', ..] | [0xc2, 0xa0, ..] => 2,
        [b'/', b'/', b' ', ..]
        | [b'"', b' ', b'+', ..]
        | [0xe2, 0x80, 0x8b, ..]
        | [0xef, 0xbb, 0xbf, ..] => 3,
        [first, ..] if first.is_ascii_whitespace() || *first == b'\x0b' => 1,
        [b'>' | b'"' | b'\'' | b',' | b'#' | b';' | b'|', ..] => 1,
        _ => 0,
    }
}
