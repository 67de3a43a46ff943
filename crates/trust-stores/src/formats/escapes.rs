//! Text in which characters are written as escapes or numbers: percent-encoding, the strings of JSON and of
//! programs, references of XML, quoted-printable, lists of bytes, dumps in hexadecimal.

use std::ops::{Range, RangeInclusive};

/// A text without its escapes, and where its parts were.
pub(super) struct Undone {
    pub(super) text: Vec<u8>,
    /// Offsets in this text and in the one with escapes, in order.
    anchors: Vec<(usize, usize)>,
}

/// A list of fewer numbers is too short for a key.
pub(super) const SHORTEST_LIST: usize = 39;
/// How many digits the offset has that a line of a dump starts with.
pub(super) const OFFSET_DIGITS: RangeInclusive<usize> = 7..=8;
/// How many bytes are between two anchors at least, so that they need no more memory than the text.
const ANCHOR_STEP: usize = 16;

/// The `text` without its escapes, if it has some.
pub(super) fn undo(text: &[u8]) -> Option<Undone> {
    let mut undone = Undone {
        text: Vec::new(),
        anchors: Vec::new(),
    };
    let mut at = 0;
    let mut copied = 0;
    // Before it, no list is long enough, wherever it starts: each is read once, so the time is linear.
    let mut too_short = 0;
    while at < text.len() {
        let is_start = at == 0 || !text[at - 1].is_ascii_alphanumeric();
        let found = escape(&text[at..])
            .map(|(byte, length)| (vec![byte], length))
            .or_else(|| {
                let rest = Some(&text[at..]).filter(|_| is_start)?;
                if let Some(line) = dump(rest) {
                    return Some(line);
                }
                if at < too_short {
                    return None;
                }
                let (bytes, length) = pairs(rest).unwrap_or_else(|| list(rest));
                if bytes.len() < SHORTEST_LIST {
                    too_short = at + length;
                    return None;
                }
                Some((bytes, length))
            });
        let Some((bytes, length)) = found else {
            at += 1;
            continue;
        };
        undone.text.extend_from_slice(&text[copied..at]);
        undone.anchor(at);
        undone.text.extend(bytes);
        at += length;
        copied = at;
    }
    if copied == 0 {
        return None;
    }
    undone.text.extend_from_slice(&text[copied..]);
    Some(undone)
}

impl Undone {
    fn anchor(&mut self, at: usize) {
        let last = self.anchors.last();
        if last.is_none_or(|(own, _)| own + ANCHOR_STEP <= self.text.len()) {
            self.anchors.push((self.text.len(), at));
        }
    }

    /// About where the bytes in `range` are in the text with escapes, which is as long as `whole`.
    pub(super) fn range(&self, range: &Range<usize>, whole: usize) -> Range<usize> {
        let start = self.offset(range.start).min(whole);
        start..self.offset(range.end).clamp(start, whole)
    }

    fn offset(&self, at: usize) -> usize {
        let next = self.anchors.partition_point(|(own, _)| *own <= at);
        match next.checked_sub(1).map(|last| self.anchors[last]) {
            Some((own, other)) => other + (at - own),
            None => at,
        }
    }
}

/// The byte that an escape at the start of `text` stands for, and the escape's length.
pub(super) fn escape(text: &[u8]) -> Option<(u8, usize)> {
    match text {
        [b'%' | b'=', high, low, ..] => Some((byte(&[*high, *low], 16)?, 3)),
        [b'\\', b'x', high, low, ..] => Some((byte(&[*high, *low], 16)?, 4)),
        [b'\\', b'u', b'0', b'0', high, low, ..] => Some((byte(&[*high, *low], 16)?, 6)),
        [b'\\', b'/', ..] => Some((b'/', 2)),
        [b'\\', a @ b'0'..=b'3', b, c, ..] => Some((byte(&[*a, *b, *c], 8)?, 4)),
        [b'&', b'#', rest @ ..] => {
            let end = rest.iter().take(6).position(|byte| *byte == b';')?;
            let code = match &rest[..end] {
                [b'x' | b'X', digits @ ..] => byte(digits, 16),
                digits => byte(digits, 10),
            };
            Some((code?, end + 3))
        }
        _ => None,
    }
}

/// The bytes of one line of `xxd` or `hexdump -C`, which starts with an offset and ends in the same bytes as text.
fn dump(line: &[u8]) -> Option<(Vec<u8>, usize)> {
    let digits = line
        .iter()
        .take(9)
        .take_while(|byte| byte.is_ascii_hexdigit())
        .count();
    if !OFFSET_DIGITS.contains(&digits) {
        return None;
    }
    let end = line.iter().take(160).position(|byte| *byte == b'\n');
    let end = end.unwrap_or(line.len().min(160));
    let mut rest = line[digits..end]
        .strip_prefix(b":")
        .unwrap_or(&line[digits..end]);
    let mut bytes = Vec::new();
    while bytes.len() < 16 {
        rest = match rest {
            // In two groups of eight.
            [b' ', b' ', after @ ..] if bytes.len() % 8 == 0 => after,
            [b' ', after @ ..] => after,
            _ => rest,
        };
        let Some(byte) = rest.get(..2).and_then(|digits| byte(digits, 16)) else {
            break;
        };
        bytes.push(byte);
        rest = &rest[2..];
    }
    let is_dump = bytes.len() == 16 || (!bytes.is_empty() && (rest.is_empty() || rest[0] == b' '));
    // With the line break, so that nothing is between the bytes of two lines.
    is_dump.then_some((bytes, (end + 1).min(line.len())))
}

/// The bytes of a list of numbers, signed or not, in decimal or hexadecimal.
fn list(text: &[u8]) -> (Vec<u8>, usize) {
    let mut bytes = Vec::new();
    let (mut at, mut end) = (0, 0);
    while let Some((byte, length)) = number(&text[at..]) {
        bytes.push(byte);
        end = at + length;
        let separator = |byte: &&u8| byte.is_ascii_whitespace() || **byte == b',';
        let length = text[end..].iter().take_while(separator).count();
        if length == 0 {
            break;
        }
        at = end + length;
    }
    (bytes, end)
}

/// The bytes of pairs of hexadecimal digits with a mark between them, as .NET's `BitConverter` writes them; `None`
/// if there is no mark.
fn pairs(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mark = *text
        .get(2)
        .filter(|mark| matches!(mark, b'-' | b'.' | b'_'))?;
    let bytes: Vec<u8> = text
        .chunks(3)
        .map_while(|pair| match pair {
            [high, low] => byte(&[*high, *low], 16),
            [high, low, after] if *after == mark || !after.is_ascii_alphanumeric() => {
                byte(&[*high, *low], 16)
            }
            _ => None,
        })
        .collect();
    let length = (bytes.len() * 3).min(text.len());
    Some((bytes, length))
}

fn number(text: &[u8]) -> Option<(u8, usize)> {
    let (digits, radix, before) = match text {
        [b'0', b'x' | b'X', digits @ ..] => (digits, 16, 2),
        [b'-', digits @ ..] => (digits, 10, 1),
        digits => (digits, 10, 0),
    };
    let length = digits.iter().take(4);
    let length = length.take_while(|byte| byte.is_ascii_hexdigit()).count();
    let byte = byte(&digits[..length], radix)?;
    let byte = if before == 1 {
        byte.wrapping_neg()
    } else {
        byte
    };
    Some((byte, before + length))
}

fn byte(digits: &[u8], radix: u32) -> Option<u8> {
    let is_digit = |byte: &u8| char::from(*byte).is_digit(radix);
    let digits = std::str::from_utf8(digits).ok()?;
    let is_number = digits.bytes().all(|byte| is_digit(&byte));
    u8::from_str_radix(digits, radix).ok().filter(|_| is_number)
}
