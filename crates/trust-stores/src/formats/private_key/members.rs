//! Keys that are the values of names: JSON Web Keys, XML, and raw keys of programs.

use memchr::{memchr_iter, memmem};

use super::{Hit, Kind};

/// Adds the keys of `text`, which is `lower` in lower case.
pub(super) fn find(text: &[u8], lower: &[u8], hits: &mut Vec<Hit>) {
    jwk(text, lower, hits);
    xml(lower, hits);
    raw(text, lower, hits);
}

/// JSON Web Keys (RFC 7517), also in YAML, in scripts, or escaped in another JSON.
fn jwk(text: &[u8], lower: &[u8], hits: &mut Vec<Hit>) {
    if !has_word(lower, b"kty") {
        return;
    }
    let is_symmetric = has_word(lower, b"oct");
    for colon in memchr_iter(b':', text) {
        let name = name_before(text, colon);
        let is_secret = matches!(name, b"d" | b"priv") || (is_symmetric && name == b"k");
        if is_secret && value_after(&text[colon + 1..]).len() >= 20 {
            hits.push(Hit {
                range: colon..colon + 1,
                kind: Kind::new("JWK"),
            });
        }
    }
}

/// Whether a text, in lower case, has a word that is no part of a longer one, as base64 has any three letters.
pub(super) fn has_word(lower: &[u8], word: &[u8]) -> bool {
    memmem::find_iter(lower, word).any(|at| {
        let after = lower.get(at + word.len());
        let before = at.checked_sub(1).map(|before| &lower[before]);
        [before, after]
            .into_iter()
            .flatten()
            .all(|byte| byte.is_ascii() && !byte.is_ascii_alphanumeric())
    })
}

/// .NET's `RSAKeyValue` with its private exponent, and `DSAKeyValue` with its private number.
fn xml(lower: &[u8], hits: &mut Vec<Hit>) {
    for (tag, around) in [(&b"<d>"[..], &b"rsakeyvalue"[..]), (b"<x>", b"dsakeyvalue")] {
        if memmem::find(lower, around).is_none() {
            continue;
        }
        for at in memmem::find_iter(lower, tag) {
            if value_after(&lower[at + tag.len()..]).len() >= 20 {
                hits.push(Hit {
                    range: at..at + tag.len(),
                    kind: Kind::new("XML RSAKeyValue"),
                });
            }
        }
    }
}

/// The `PrivateKey` of `wg`, and other raw keys that are named so.
fn raw(text: &[u8], lower: &[u8], hits: &mut Vec<Hit>) {
    for at in memmem::find_iter(lower, b"private") {
        let after = &lower[at + b"private".len()..];
        let gap = after
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'_' | b'-' | b'.'));
        let gap = gap.count().min(1);
        let Some(rest) = after[gap..].strip_prefix(b"key") else {
            continue;
        };
        let sign = rest
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'"' | b'\'' | b'\\'))
            .count();
        if !matches!(rest.get(sign), Some(b':' | b'=' | b'>')) {
            continue;
        }
        let value = value_after(&text[text.len() - rest.len() + sign + 1..]);
        if is_raw_key(value) {
            hits.push(Hit {
                range: at..text.len() - rest.len(),
                kind: Kind::new("raw key"),
            });
        }
    }
}

/// Whether `value` is base64 or hex of 32 or 64 random bytes. A path or a name is not.
fn is_raw_key(value: &[u8]) -> bool {
    let has = |of: fn(&u8) -> bool| value.iter().any(of);
    let is_hex = value.iter().all(u8::is_ascii_hexdigit);
    match value.len() {
        64 | 128 if is_hex => has(u8::is_ascii_digit),
        43 | 44 | 86 | 88 => {
            has(u8::is_ascii_uppercase)
                && has(u8::is_ascii_lowercase)
                && has(u8::is_ascii_digit)
                && !value.starts_with(b"/")
        }
        _ => false,
    }
}

/// The name that ends before `colon`, without quotes.
fn name_before(text: &[u8], colon: usize) -> &[u8] {
    let quotes = |byte: &&u8| matches!(byte, b' ' | b'"' | b'\'' | b'\\');
    let end = colon - text[..colon].iter().rev().take_while(quotes).count();
    // The longest name that is asked for, and one more.
    let letters = text[..end].iter().rev().take(5);
    let length = letters.take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_');
    &text[end - length.count()..end]
}

/// The base64 or hex that `text` starts with, after blanks and quotes.
fn value_after(text: &[u8]) -> &[u8] {
    let skipped = text
        .iter()
        .take_while(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'\\'))
        .count();
    let value = &text[skipped..];
    // Longer than any raw key, and than what is asked of the others.
    let length = value
        .iter()
        .take(200)
        .take_while(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=')
        })
        .count();
    &value[..length]
}
