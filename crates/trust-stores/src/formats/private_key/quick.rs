//! One look at each byte, which tells the forms that a key among them could have. In nearly all certificates and
//! texts there is no such form, and the searches for them, which take fifty times as long, need not be made.
//!
//! A form that is possible may turn out not to be there. One that is not possible is not there: builds with debug
//! assertions, and so all tests, make the searches all the same and compare ([`Possible::check`]).

use std::ops::Range;

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
        let mut possible = Possible::default();
        let [mut encoded, mut numbers, mut digits] = [0; 3];
        for (at, byte) in bytes.iter().enumerate() {
            let class = CLASSES[usize::from(*byte)];
            if class & STARTS != 0 {
                possible.look_at(bytes, at);
            }
            if let Some(run) = run_before(at, &mut encoded, class & ENCODED) {
                possible.look_into_encoded(&bytes[run]);
            }
            if let Some(run) = run_before(at, &mut numbers, class & NUMBERS) {
                possible.look_into_numbers(&bytes[run]);
            }
            if let Some(run) = run_before(at, &mut digits, class & DIGIT) {
                possible.escaped |= escapes::OFFSET_DIGITS.contains(&run.len());
            }
        }
        possible.look_into_encoded(&bytes[encoded..]);
        possible.look_into_numbers(&bytes[numbers..]);
        possible
    }

    /// Looks at what may be a key, or an escape, by its byte `at` an offset.
    fn look_at(&mut self, bytes: &[u8], at: usize) {
        let found = |needle: &Needle| {
            let start = at.checked_sub(needle.rarest)?;
            let there = bytes.get(start..start + needle.bytes.len())?;
            Some(there.eq_ignore_ascii_case(needle.bytes))
        };
        self.words |= WORDS.iter().any(|word| found(word) == Some(true));
        self.binary |= BINARY.iter().any(|magic| found(magic) == Some(true))
            || openpgp::is_secret_key(&bytes[at..], at == 0)
            || binary::plain_at(bytes, at).is_some();
        self.escaped |= escapes::escape(&bytes[at..]).is_some();
    }

    fn look_into_encoded(&mut self, run: &[u8]) {
        if run.len() >= BASE64.shortest {
            let characters = run.iter().filter(|byte| BASE64.has(**byte));
            let others = characters.clone().filter(|byte| !byte.is_ascii_lowercase());
            self.encoded |=
                characters.count() >= BASE64.shortest && others.count() >= encoded::FEW_OTHERS;
        }
    }

    fn look_into_numbers(&mut self, run: &[u8]) {
        if run.len() >= escapes::SHORTEST_LIST * 2 - 1 {
            let digits = run.iter().filter(|byte| byte.is_ascii_hexdigit());
            self.escaped |= digits.count() >= escapes::SHORTEST_LIST;
        }
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

/// The run that ends before the byte `at`, if that is not of its class. A byte that is not begins the next.
fn run_before(at: usize, start: &mut usize, is_member: u8) -> Option<Range<usize>> {
    if is_member != 0 {
        return None;
    }
    let run = *start..at;
    *start = at + 1;
    Some(run)
}

/// Bytes that a key or an escape has, whatever the case of letters.
struct Needle {
    bytes: &'static [u8],
    /// The offset of the byte that is the rarest in certificates and texts.
    rarest: usize,
}

const fn needle(bytes: &'static [u8], rarest: usize) -> Needle {
    Needle { bytes, rarest }
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

/// A byte at which [`Possible::look_at`] is to look.
const STARTS: u8 = 1;
/// A byte that may be within base64 or hex, and what is between their characters.
const ENCODED: u8 = 2;
/// A byte that may be within a list of numbers.
const NUMBERS: u8 = 4;
/// A hexadecimal digit.
const DIGIT: u8 = 8;

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
        let rarest = needles[index].bytes[needles[index].rarest];
        classes[rarest.to_ascii_lowercase() as usize] |= STARTS;
        classes[rarest.to_ascii_uppercase() as usize] |= STARTS;
        index += 1;
    }
}
