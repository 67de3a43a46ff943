//! Base64 outside the BEGIN and END lines that was meant as a certificate: it lost its markers, or never had
//! any, as in XML and in most APIs. What it is, its bytes decide, wherever it starts and however it is broken
//! into lines.

use std::ops::Range;

use memchr::memmem;

use super::base64::{Token, decode_symbols};
use crate::asn1::{self, tag};
use crate::cert::certificate_length;
use crate::formats::{Problem, ProblemKind, der, escapes};

/// Something in a text that is no section, and where it is.
pub(super) struct Found {
    pub(super) range: Range<usize>,
    pub(super) problem: Problem,
}

const MARK_IT: &str = "If it is a CA certificate, put -----BEGIN CERTIFICATE----- before it and \
                       -----END CERTIFICATE----- after it. If those lines were lost, copy the whole \
                       certificate again.";

/// The certificates, and what else is as long, that `text` has in base64.
pub(super) fn find(text: &[u8]) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut reached = 0;
    // The base64 of a SEQUENCE of 128 bytes or more, which every certificate is.
    for start in memmem::find_iter(text, b"MI") {
        if start < reached {
            continue;
        }
        let Some(length) = length_by_head(&take(&text[start..], 32).0) else {
            continue;
        };
        // Each is read once, so the time is linear: what is found ends the search within it.
        let (bytes, taken) = take(&text[start..], length);
        reached = start + taken;
        // A few characters of base64 in a sentence are no certificate, cut as they are: a subject, a log line.
        if bytes.len() >= length / 2 || starts_line(text, start) {
            found.push(Found {
                range: start..reached,
                problem: problem(&bytes),
            });
        }
    }
    if let Some(range) = encoded_pem(text)
        && found
            .iter()
            .all(|other| !other.range.contains(&range.start))
    {
        let problem = encoded_twice();
        found.push(Found { range, problem });
    }
    found.extend(keystores(text));
    found.extend(hexadecimal(text));
    found.extend(wrapped(text));
    let is_other = |one: &Found| one.problem.kind() == ProblemKind::NotACertificate;
    if found.iter().all(is_other)
        && let Some(undone) = escapes::undo(text)
    {
        let is_certificate = |start: &usize| certificate_length(&undone.text[*start..]).is_some();
        let binary = memchr::memchr_iter(tag::SEQUENCE, &undone.text).find(is_certificate);
        let pem = memmem::find(&undone.text, b"-----BEGIN CERTIFICATE-----");
        // As it is, PEM is not looked for here.
        let pem = pem.filter(|_| memmem::find(text, b"-----BEGIN CERTIFICATE-----").is_none());
        if let Some(start) = binary.or(pem) {
            let range = undone.range(&(start..start + 1), text.len());
            let message = "a certificate that is written in escapes or as numbers";
            let hint = "provide the file itself, not a dump or a string of it";
            let problem = Problem::hinted(message, hint);
            found.push(Found { range, problem });
        }
    }
    found
}

/// Archives in base64, and what was encoded once more, by their first characters.
fn wrapped(text: &[u8]) -> impl Iterator<Item = Found> {
    const BEGINNINGS: [(&[u8], &str); 7] = [
        (b"H4sIA", "a compressed archive"),
        (b"H4sIC", "a compressed archive"),
        (b"UEsDB", "a compressed archive"),
        // In base64 twice: a release of Helm.
        (b"SDRzSU", "a compressed archive"),
        // MII, and the BEGIN of PEM in base64 and in UTF-16
        (b"TUlJ", "base64"),
        (b"TFMwdExTMUNSVWRKVG", "base64"),
        (b"LQAtAC0ALQAtAEIARQBHAEkATg", "UTF-16"),
    ];
    // As long as the smallest store, and no word of a sentence.
    const SHORTEST: usize = 60;
    BEGINNINGS.into_iter().flat_map(move |(beginning, kind)| {
        let starts = memmem::find_iter(text, beginning).filter(move |start| {
            let before = start.checked_sub(1).map(|before| text[before]);
            before.is_none_or(|byte| !byte.is_ascii_alphanumeric() && byte != b'+' && byte != b'/')
        });
        starts.filter_map(move |start| {
            let (bytes, taken) = take(&text[start..], SHORTEST);
            let problem = Problem::hinted(
                format!("base64 of {kind} outside the BEGIN and END lines"),
                "decode it with base64 -d, and provide what it holds in a file of its own",
            );
            (bytes.len() >= SHORTEST / 2).then_some(Found {
                range: start..start + taken,
                problem,
            })
        })
    })
}

/// The problem with PEM that is in base64 once more.
pub(super) fn encoded_twice() -> Problem {
    Problem::hinted(
        "PEM that was encoded in base64 a second time",
        "decode it with base64 -d; in a Secret, put PEM under stringData, or encode it once and put it under \
         data",
    )
}

/// Whether nothing but a name or a mark is before `at` on its line.
fn starts_line(text: &[u8], at: usize) -> bool {
    const LONGEST_NAME: usize = 24;
    let before = &text[at.saturating_sub(400)..at];
    let line = before.rsplit(|byte| matches!(byte, b'\n' | b'\r')).next();
    line.is_none_or(|line| line.trim_ascii().len() <= LONGEST_NAME)
}

/// Up to `length` bytes of the base64 that `text` starts with, and how much of the text that is.
fn take(text: &[u8], length: usize) -> (Vec<u8>, usize) {
    let wanted = length.div_ceil(3).saturating_mul(4);
    let mut symbols = Vec::with_capacity(wanted.min(text.len()));
    let mut at = 0;
    let mut end = 0;
    while symbols.len() < wanted {
        match token(text, at) {
            Some((Token::Symbol(symbol), length)) => {
                symbols.push(symbol);
                at += length;
                end = at;
            }
            Some((Token::Blank, length)) => at += length,
            Some((Token::Padding, _)) | None => break,
        }
    }
    while let Some((Token::Padding, length)) = token(text, end) {
        end += length;
    }
    if symbols.len() % 4 == 1 {
        symbols.pop();
    }
    (decode_symbols(&symbols).unwrap_or_default(), end)
}

/// A token of base64, or of its variants and wrappings that a body does not have: base64url,
/// percent-encoding, the marks of lists and comments at the start of a line.
fn token(text: &[u8], at: usize) -> Option<(Token, usize)> {
    let rest = text.get(at..)?;
    if let Some(token) = Token::first(rest) {
        return Some(token);
    }
    let is_symbol = |at: Option<usize>| {
        let byte = at.and_then(|at| text.get(at));
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
    };
    match rest {
        [b'-', ..] if is_symbol(at.checked_sub(1)) && is_symbol(Some(at + 1)) => {
            Some((Token::Symbol(b'+'), 1))
        }
        [b'_', ..] => Some((Token::Symbol(b'/'), 1)),
        [b'-', b' ', ..] | [b'#' | b'|' | b'*' | b';' | b'`', ..] => Some((Token::Blank, 1)),
        [b'%', b'0' | b'2' | b'3', digit, ..] => match (rest[1], digit.to_ascii_uppercase()) {
            (b'0', b'A' | b'D' | b'9') | (b'2', b'0') => Some((Token::Blank, 3)),
            (b'2', b'B') => Some((Token::Symbol(b'+'), 3)),
            (b'2', b'F') => Some((Token::Symbol(b'/'), 3)),
            (b'3', b'D') => Some((Token::Padding, 3)),
            _ => None,
        },
        _ => None,
    }
}

/// How long the structure is whose first bytes these are, if it is one that can be a certificate or a store
/// of them: a SEQUENCE that starts with a SEQUENCE, or as PKCS#7 and PKCS#12 do. The largest if it does not
/// say how long it is.
fn length_by_head(head: &[u8]) -> Option<usize> {
    let fields = asn1::within_sequence(head)?;
    let is_structure = match asn1::within_sequence(fields) {
        Some(inner) => {
            // A serial number or version, an algorithm.
            der::starts_with_version(inner)
                || matches!(
                    inner,
                    [tag::INTEGER, 1..=0x21, ..]
                        | [tag::OBJECT_IDENTIFIER, 3..=10, 0x2a | 0x2b | 0x60, ..]
                )
        }
        None => der::container(head).is_some(),
    };
    is_structure.then(|| asn1::length_of_element(head).unwrap_or(usize::MAX))
}

/// What is wrong with base64 of these bytes outside of a section.
fn problem(bytes: &[u8]) -> Problem {
    if certificate_length(bytes).is_some() {
        let message = "base64 of a certificate outside the BEGIN and END lines";
        return Problem::hinted(message, MARK_IT);
    }
    if der::container(bytes).is_some() {
        return Problem::hinted(
            "base64 of a PKCS#7 file or PKCS#12 store, without BEGIN and END lines",
            "decode it: base64 -d FILE > chain.p7b, or .p12",
        );
    }
    match der::classify(bytes) {
        problem @ Problem::NotACertificate { .. } => problem,
        _ => Problem::hinted(
            "base64 outside the BEGIN and END lines, of a certificate that is damaged or of another structure",
            MARK_IT,
        ),
    }
}

/// The Java keystores in `text`: nothing reads them in base64.
fn keystores(text: &[u8]) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    // The magic number of each, and the first octets of the version.
    for start in [&b"/u3+7QAAAA"[..], b"zs7OzgAAAA"] {
        let mut reached = 0;
        for at in memmem::find_iter(text, start) {
            if at < reached {
                continue;
            }
            reached = at + take(&text[at..], usize::MAX).1;
            found.push(Found {
                range: at..reached,
                problem: Problem::hinted(
                    "a Java keystore in base64",
                    "decode it with base64 -d into a file of its own",
                ),
            });
        }
    }
    found
}

/// `-----BEGIN` in base64: after a multiple of three bytes, after one more, and after two more. Any blank may
/// follow.
pub(in crate::formats) const BEGIN_IN_BASE64: [&[u8]; 3] =
    [b"LS0tLS1CRUdJT", b"0tLS0tQkVHSU", b"tLS0tLUJFR0lO"];

/// The first PEM in `text` that is in base64 once more, whatever is before it in the same base64.
fn encoded_pem(text: &[u8]) -> Option<Range<usize>> {
    let first = |text: &[u8]| {
        let found = BEGIN_IN_BASE64.into_iter();
        let found = found.filter_map(|beginning| memmem::find(text, beginning));
        found.min()
    };
    let start = first(text).or_else(|| {
        // It may be broken into lines anywhere.
        let joined: Vec<u8> = symbols(text).map(|(_, symbol)| symbol).collect();
        let number = first(&joined)?;
        symbols(text).nth(number).map(|(at, _)| at)
    })?;
    let (_, taken) = take(&text[start..], usize::MAX);
    Some(start..start + taken)
}

/// The characters of base64 in `text` and their offsets, without what is blank among them; a NUL for anything
/// else.
fn symbols(text: &[u8]) -> impl Iterator<Item = (usize, u8)> {
    let mut next = 0;
    std::iter::from_fn(move || {
        while next < text.len() {
            let at = next;
            let (token, length) = token(text, at).unwrap_or((Token::Padding, 1));
            next += length;
            match token {
                Token::Symbol(symbol) => return Some((at, symbol)),
                Token::Padding => return Some((at, 0)),
                Token::Blank => {}
            }
        }
        None
    })
}

/// The certificates in `text` that are written as hexadecimal digits: `xxd`, a dump of a database, a constant
/// of a program.
fn hexadecimal(text: &[u8]) -> impl Iterator<Item = Found> {
    let starts = memmem::find_iter(text, b"30").filter(|start| {
        let before = start.checked_sub(1).and_then(|at| text.get(at));
        before.is_none_or(|byte| !byte.is_ascii_digit())
    });
    let is_certificate = |head: &[u8]| {
        let inner = asn1::within_sequence(head).and_then(asn1::within_sequence);
        inner.is_some_and(der::starts_with_version)
    };
    let starts = starts.filter(move |start| is_certificate(&from_hexadecimal(&text[*start..])));
    starts.map(|start| Found {
        range: start..start + 2,
        problem: Problem::hinted(
            "a certificate in hexadecimal digits",
            "make a file of it: xxd -r -p FILE ca.der",
        ),
    })
}

/// The first bytes that `text` has in hexadecimal, with or without separators and prefixes.
fn from_hexadecimal(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = &text[..text.len().min(120)];
    while bytes.len() < 16 {
        rest = match rest {
            [b'0', b'x' | b'X', after @ ..] | [b'\\', b'x', after @ ..] => after,
            [high, low, after @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                let digit = |digit: &u8| char::from(*digit).to_digit(16).unwrap_or_default();
                bytes.extend(u8::try_from(digit(high) << 4 | digit(low)));
                after
            }
            [
                b' ' | b':' | b',' | b'\t' | b'\r' | b'\n' | b'"' | b'\'',
                after @ ..,
            ] => after,
            _ => break,
        };
    }
    bytes
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::find;

    #[test]
    fn stores_and_certificates_in_ber_are_found_in_base64() {
        let ber = include_bytes!("../../../../../tests/vectors/certificates/ber-bouncy-castle.der");
        let store = include_bytes!("../../../../../tests/vectors/stores/hand-same-alias.jks");
        for bytes in [&ber[..], store] {
            let text = format!("ca: \"{}\"\n", STANDARD.encode(bytes));
            assert!(!find(text.as_bytes()).is_empty(), "{text}");
        }
    }

    /// Each would take minutes if the time grew with the square of the length.
    #[test]
    fn the_time_is_linear_in_the_length() {
        for part in ["\\", "MI", "MIIB ", "/u3+7QAAAA", "LS0tLS1CRUdJT", "30 82"] {
            find(part.repeat((1 << 20) / part.len()).as_bytes());
        }
    }
}
