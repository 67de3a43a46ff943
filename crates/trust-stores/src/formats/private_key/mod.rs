//! Private keys, in every form in which people paste or export them. They are recognized so that they can be
//! refused, and never decoded further than it takes to tell them from something else.
//!
//! What is recognized is the beginning of a key, because a key that was cut short or garbled on its way is key
//! material too. Tokens and passwords are secrets but not keys, and are not looked for.

mod advice;
mod binary;
mod encoded;
mod members;
mod openpgp;
mod quick;
mod words;

pub(in crate::formats) use self::advice::advise;

use std::fmt;
use std::ops::Range;

use memchr::memmem;

use self::quick::Possible;
use super::escapes;

/// The form of a private key, without a byte of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::formats) struct Kind {
    form: &'static str,
    /// What that form is encoded in, outermost.
    encoding: Option<&'static str>,
}

impl Kind {
    const fn new(form: &'static str) -> Self {
        Kind {
            form,
            encoding: None,
        }
    }

    fn encoded_in(self, encoding: &'static str) -> Self {
        Kind {
            encoding: Some(encoding),
            ..self
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.form)?;
        match self.encoding {
            Some(encoding) => write!(f, " in {encoding}"),
            None => Ok(()),
        }
    }
}

/// How often escapes are undone: a string of JSON may hold percent-encoding.
const ESCAPED_DEPTH: usize = 2;

/// A key in a text, and how far it reaches.
struct Hit {
    range: Range<usize>,
    kind: Kind,
}

/// The private key between PEM markers with this label, if that is what it names.
pub(in crate::formats) fn in_label(label: &[u8]) -> Option<Kind> {
    let name = memmem::find(label, b"PRIVATE KEY").map(|at| &label[..at])?;
    Some(Kind::new(words::form(name)))
}

/// The first private key in `bytes`, which may be binary or text: text can pass for DER, and text can follow it.
pub(in crate::formats) fn first(bytes: &[u8]) -> Option<Kind> {
    first_within(bytes, 0).map(|hit| hit.kind)
}

/// The private keys in `text` and their offsets, in order. Binary data in the text, base64 and hex are looked
/// into, whatever is before and around them.
pub(in crate::formats) fn in_text(text: &[u8]) -> Vec<(usize, Kind)> {
    let hits = find(text, 0).into_iter();
    hits.map(|hit| (hit.range.start, hit.kind)).collect()
}

/// The first private key in `bytes`, which are binary (DER, a keystore, or the file of a program), and its offset. A
/// certificate, a public key or a revocation list has none.
pub(in crate::formats) fn offset_in_der(bytes: &[u8]) -> Option<(usize, Kind)> {
    binary::find(bytes).map(|hit| (hit.range.start, hit.kind))
}

/// Like [`in_text`], with how far each key reaches.
pub(in crate::formats) fn ranges_in_text(text: &[u8]) -> Vec<(Range<usize>, Kind)> {
    let hits = find(text, 0).into_iter();
    hits.map(|hit| (hit.range, hit.kind)).collect()
}

/// The first key in `bytes` that were encoded `depth` times: in binary or, if there is none, in text.
fn first_within(bytes: &[u8], depth: usize) -> Option<Hit> {
    let possible = Possible::within(bytes);
    let in_text = || find_with(None, possible, bytes, depth).into_iter().next();
    find_binary(bytes, possible).or_else(in_text)
}

/// The keys in a `text` that was encoded `depth` times, each once.
fn find(text: &[u8], depth: usize) -> Vec<Hit> {
    let possible = Possible::within(text);
    find_with(find_binary(text, possible), possible, text, depth)
}

fn find_binary(bytes: &[u8], possible: Possible) -> Option<Hit> {
    if possible.binary {
        binary::find(bytes)
    } else {
        None
    }
}

/// Like [`find`], for a text in which this is the first key in `binary`, and others have `possible` forms.
fn find_with(binary: Option<Hit>, possible: Possible, text: &[u8], depth: usize) -> Vec<Hit> {
    if cfg!(debug_assertions) {
        possible.check(text, depth);
    }
    let mut hits = Vec::from_iter(binary);
    if possible.words {
        let lower = text.to_ascii_lowercase();
        words::find(text, &lower, &mut hits);
        members::find(text, &lower, &mut hits);
    }
    if possible.encoded {
        encoded::find(text, depth, &mut hits);
    }
    if possible.escaped
        && depth < ESCAPED_DEPTH
        && let Some(undone) = escapes::undo(text)
    {
        hits.extend(find(&undone.text, depth + 1).into_iter().map(|hit| Hit {
            range: undone.range(&hit.range, text.len()),
            ..hit
        }));
    }
    hits.sort_by_key(|hit| hit.range.start);
    // What a key of another form holds is no key of its own.
    let mut reached = 0;
    hits.retain(|hit| {
        let is_new = hit.range.start >= reached;
        reached = reached.max(hit.range.end);
        is_new
    });
    hits
}

#[cfg(test)]
mod tests;
