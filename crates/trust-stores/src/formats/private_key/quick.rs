//! One look at each byte, which tells the forms that a key among them could have. In nearly all certificates and
//! texts there is no such form, and the searches for them, which take fifty times as long, need not be made.
//!
//! A form that is possible may turn out not to be there. One that is not possible is not there: builds with debug
//! assertions, and so all tests, make the searches all the same and compare ([`Possible::check`]).

use super::encoded::{self, BASE64};
use super::{Hit, binary, members, openpgp, words};
use crate::formats::escapes;

/// The forms that a key in some bytes could have.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each form")]
pub(super) struct Possible {
    /// For [`binary`].
    pub(super) binary: bool,
    /// For [`words`] and [`members`].
    pub(super) words: bool,
    /// For [`encoded`].
    pub(super) encoded: bool,
    /// For [`escapes`].
    pub(super) escaped: bool,
}

impl Possible {
    /// The forms that a key in `bytes` could have.
    pub(super) fn within(bytes: &[u8]) -> Self {
        let mut possible = Possible {
            encoded: runs(bytes, ENCODED, BASE64.shortest).any(may_be_encoded),
            escaped: runs(bytes, NUMBERS, SHORTEST_NUMBERS).any(may_be_numbers)
                || runs(bytes, DIGIT, *escapes::OFFSET_DIGITS.start())
                    .any(|run| escapes::OFFSET_DIGITS.contains(&run.len())),
            ..Possible::default()
        };
        for (at, byte) in bytes.iter().enumerate() {
            let class = CLASSES[usize::from(*byte)];
            if class & RAREST != 0 {
                let byte = byte.to_ascii_lowercase();
                let is_there =
                    |needle: &Needle| needle.rarest_byte == byte && needle.is_around(bytes, at);
                possible.words |= WORDS.iter().any(is_there);
                possible.binary |= BINARY.iter().any(is_there);
            }
            if class & STARTS != 0 {
                possible.binary |= openpgp::is_secret_key(&bytes[at..], at == 0)
                    || binary::plain_at(bytes, at).is_some();
                possible.escaped |= escapes::escape(&bytes[at..]).is_some();
            }
        }
        possible
    }

    /// Panics if one of the forms that are not possible is there.
    pub(super) fn check(self, text: &[u8], depth: usize) {
        let mut hits = Vec::new();
        if !self.binary {
            hits.extend(binary::find(text));
        }
        if !self.words {
            let lower = text.to_ascii_lowercase();
            words::find(text, &lower, &mut hits);
            members::find(text, &lower, &mut hits);
        }
        if !self.encoded {
            encoded::find(text, depth, &mut hits);
        }
        let forms: Vec<_> = hits.iter().map(|Hit { kind, .. }| kind).collect();
        assert!(forms.is_empty(), "{forms:?} ruled out by {self:?}");
        assert!(self.escaped || escapes::undo(text).is_none(), "escapes");
    }
}

/// The runs of at least `shortest` bytes of a class. Each has a byte at one of the offsets that are as far apart, so most
/// others are not looked at.
fn runs(bytes: &[u8], class: u8, shortest: usize) -> impl Iterator<Item = &[u8]> {
    let is_member = move |byte: &&u8| CLASSES[usize::from(**byte)] & class != 0;
    let mut reached = 0;
    let offsets = (shortest - 1..bytes.len()).step_by(shortest);
    offsets.filter_map(move |at| {
        if at < reached || !is_member(&&bytes[at]) {
            return None;
        }
        let before = bytes[reached..at].iter().rev().take_while(is_member);
        let start = at - before.count();
        reached = at + bytes[at..].iter().take_while(is_member).count();
        Some(&bytes[start..reached]).filter(|run| run.len() >= shortest)
    })
}

fn may_be_encoded(run: &[u8]) -> bool {
    let characters = run.iter().filter(|byte| BASE64.has(**byte));
    let others = characters.clone().filter(|byte| !byte.is_ascii_lowercase());
    characters.count() >= BASE64.shortest && others.count() >= encoded::FEW_OTHERS
}

/// As many bytes as a list of numbers has at least.
const SHORTEST_NUMBERS: usize = escapes::SHORTEST_LIST * 2 - 1;

fn may_be_numbers(run: &[u8]) -> bool {
    let digits = run.iter().filter(|byte| byte.is_ascii_hexdigit());
    digits.count() >= escapes::SHORTEST_LIST
}

/// Bytes that a key or an escape has, whatever the case of letters.
struct Needle {
    bytes: &'static [u8],
    /// The offset of the byte that is the rarest in certificates and texts.
    rarest: usize,
    /// That byte; a letter in lower case.
    rarest_byte: u8,
}

impl Needle {
    /// Whether it is in `bytes`, its rarest byte `at` this offset.
    fn is_around(&self, bytes: &[u8], at: usize) -> bool {
        let start = at.checked_sub(self.rarest);
        let around = start.and_then(|start| bytes.get(start..start + self.bytes.len()));
        around.is_some_and(|around| around.eq_ignore_ascii_case(self.bytes))
    }
}

const fn needle(bytes: &'static [u8], rarest: usize) -> Needle {
    Needle {
        bytes,
        rarest,
        rarest_byte: bytes[rarest].to_ascii_lowercase(),
    }
}

/// Those of [`words`] and [`members`].
const WORDS: [Needle; 5] = [
    needle(b"priv", 3),
    needle(b"putty-", 5),
    needle(b"age-secret-key-", 3),
    needle(b"kty", 0),
    // of RSA's and DSA's
    needle(b"sakeyvalue", 2),
];

/// Those of [`binary`], but for the short ones that are asked for by name.
const BINARY: [Needle; 13] = [
    needle(b"P\0R\0I\0V\0", 6),
    needle(b"openssh-key-v1\0", 7),
    needle(b"EdScB2", 5),
    needle(b"Ed\0\0B2", 5),
    needle(b"EdBK\0\0", 3),
    needle(b"\x1e\xf1\xb5\xb0", 1),
    needle(b"\x07\x02\0\0\0", 0),
    needle(b"\xfe\xed\xfe\xed", 0),
    needle(b"\xce\xce\xce\xce", 0),
    // PKCS#5, PKCS#12
    needle(b"\x2a\x86\x48\x86\xf7\x0d\x01\x05", 4),
    needle(b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c", 4),
    // Sun
    needle(b"\x2b\x06\x01\x04\x01\x2a\x02\x11", 5),
    needle(b"\x2b\x06\x01\x04\x01\x2a\x02\x13", 5),
];

/// The first byte of an escape or of a packet of `OpenPGP`, or the tag of a version.
const STARTS: u8 = 1;
/// A byte that may be within base64 or hex, and what is between their characters.
const ENCODED: u8 = 2;
/// A byte that may be within a list of numbers.
const NUMBERS: u8 = 4;
/// A hexadecimal digit.
const DIGIT: u8 = 8;
/// The rarest byte of a [`Needle`], whatever its case.
const RAREST: u8 = 16;

static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    // The tag of a version, packets of OpenPGP, escapes.
    let marks = b"\x02\x94\x95\xc5%=\\&";
    let mut index = 0;
    while index < marks.len() {
        classes[marks[index] as usize] = STARTS;
        index += 1;
    }
    mark_rarest(&mut classes, &WORDS);
    mark_rarest(&mut classes, &BINARY);
    let mut byte: u8 = 0;
    loop {
        let class = &mut classes[byte as usize];
        if encoded::may_be_in_run(byte) {
            *class |= ENCODED;
        }
        if byte.is_ascii_hexdigit() {
            *class |= DIGIT;
        }
        if !byte.is_ascii_alphabetic() || matches!(byte | 0x20, b'a'..=b'f' | b'x') {
            *class |= NUMBERS;
        }
        if byte == u8::MAX {
            break classes;
        }
        byte += 1;
    }
};

const fn mark_rarest(classes: &mut [u8; 256], needles: &[Needle]) {
    let mut index = 0;
    while index < needles.len() {
        let rarest = needles[index].rarest_byte;
        classes[rarest as usize] |= RAREST;
        classes[rarest.to_ascii_uppercase() as usize] |= RAREST;
        index += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::{DIGIT, runs};

    #[test]
    fn every_run_of_enough_bytes_is_found_as_a_whole() {
        for length in 0..30 {
            for start in 0..20 {
                let text = format!("{}{}-00000000-", "-".repeat(start), "0".repeat(length));
                let found: Vec<_> = runs(text.as_bytes(), DIGIT, 7).collect();
                let run = &text.as_bytes()[start..start + length];
                let mut expected = vec![run, b"00000000"];
                expected.retain(|run| run.len() >= 7);
                assert_eq!(found, expected, "{text}");
            }
        }
    }
}
