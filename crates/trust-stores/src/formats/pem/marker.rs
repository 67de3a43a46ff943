//! BEGIN and END markers, and lines that were meant as one.

use memchr::memchr;

const HYPHENS: &[u8] = b"-----";

/// Which end of a section a marker is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    Begin,
    End,
}

impl Edge {
    /// The edge whose word `text` starts with, and the length of that word.
    fn starting(text: &[u8]) -> Option<(Self, usize)> {
        [(b"BEGIN ".as_slice(), Edge::Begin), (b"END ", Edge::End)]
            .into_iter()
            .find(|(word, _)| text.starts_with(word))
            .map(|(word, edge)| (edge, word.len()))
    }
}

/// `-----BEGIN label-----` or `-----END label-----`.
pub(super) struct Marker<'a> {
    pub(super) edge: Edge,
    /// ASCII letters, digits, spaces, `.` and `#`.
    pub(super) label: &'a [u8],
    /// The offset of its first hyphen.
    pub(super) start: usize,
    /// The offset after its last hyphen.
    pub(super) end: usize,
}

impl<'a> Marker<'a> {
    /// The first marker at or after `from`, wherever on its line it is.
    pub(super) fn next(text: &'a [u8], from: usize) -> Option<Self> {
        let mut at = from;
        while let Some(hit) = memchr(b'-', &text[at..]) {
            let opening = at + hit;
            let count = hyphens(&text[opening..]);
            // Of more than five hyphens, the last five belong to the marker.
            at = opening + count;
            if count < HYPHENS.len() {
                continue;
            }
            let Some((edge, word)) = Edge::starting(&text[at..]) else {
                continue;
            };
            let label = &text[at + word..];
            let length = label
                .iter()
                .position(|byte| !is_label(*byte))
                .unwrap_or(label.len());
            let closing = hyphens(&label[length..]);
            if length == 0 || closing < HYPHENS.len() {
                continue;
            }
            let after = at + word + length + closing;
            // Glued to the next marker: five of these hyphens are its own.
            let is_glued = closing >= 2 * HYPHENS.len() && Edge::starting(&text[after..]).is_some();
            return Some(Marker {
                edge,
                label: label[..length].trim_ascii(),
                start: at - HYPHENS.len(),
                end: after - if is_glued { HYPHENS.len() } else { 0 },
            });
        }
        None
    }
}

fn is_label(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'.' | b'#')
}

/// How many hyphens `text` starts with.
fn hyphens(text: &[u8]) -> usize {
    text.iter().take_while(|byte| **byte == b'-').count()
}

/// The words of a marker on a line that holds nothing but those words and marks: its hyphens were lost or
/// turned into dashes. A sentence may hold the words.
pub(super) fn damaged_marker(line: &[u8]) -> Option<&'static str> {
    const WORDS: [&str; 4] = [
        "BEGIN CERTIFICATE",
        "END CERTIFICATE",
        "BEGIN X509 CERTIFICATE",
        "BEGIN TRUSTED CERTIFICATE",
    ];
    // From the shortest of them to what a line of words can have.
    if !(15..=200).contains(&line.len()) {
        return None;
    }
    let words: Vec<&[u8]> = line
        .split(|byte| !byte.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    WORDS.into_iter().find(|expected| {
        let expected: Vec<&[u8]> = expected.split(' ').map(str::as_bytes).collect();
        words.len() == expected.len()
            && words
                .iter()
                .zip(expected)
                .all(|(word, expected)| word.eq_ignore_ascii_case(expected))
    })
}
