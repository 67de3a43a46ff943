//! The sections of a text as they are, to compare texts without decoding them.

use memchr::{memchr2, memmem};

use crate::formats::{SourceFormat, foreign_store};

const HYPHENS: &[u8] = b"-----";
const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
const END: &[u8] = b"-----END CERTIFICATE-----";

/// The sections that [`decode`](crate::decode) reads certificates from in `bytes`, each from its BEGIN marker to
/// its END marker. `None` if it may read one from anything else: a binary format, another label, a marker in
/// another form.
///
/// Equal sections hold equal certificates. So a bundle lacks nothing of another whose sections are all among its
/// own, and to find that takes a hundredth of the time that decoding both takes. Sections that differ may still
/// hold the same certificate.
///
/// ```
/// use trust_stores::pem;
///
/// let chain = include_bytes!("../../../examples/client-ca-chain.pem");
/// let sections = pem::sections(chain).unwrap();
/// assert_eq!(sections.len(), 2);
/// assert!(sections[0].starts_with(b"-----BEGIN CERTIFICATE-----\nMII"));
///
/// assert_eq!(pem::sections(b"-----BEGIN PKCS7-----\nMAA=\n-----END PKCS7-----\n"), None);
/// ```
pub fn sections(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    if SourceFormat::detect(bytes) != SourceFormat::Pem
        || foreign_store::identify(bytes).is_some()
        || may_hide_hyphens(bytes)
    {
        return None;
    }
    let hyphens = memmem::Finder::new(HYPHENS);
    let mut sections = Vec::new();
    let mut rest = bytes;
    while let Some(begin) = hyphens.find(rest) {
        rest = &rest[begin..];
        let body = rest.strip_prefix(BEGIN)?;
        let end = hyphens.find(body)?;
        let after = body[end..].strip_prefix(END)?;
        // More than five hyphens may belong to a marker that is glued to this one.
        if after.first() == Some(&b'-') || end == 0 {
            return None;
        }
        let (section, after) = rest.split_at(rest.len() - after.len());
        sections.push(section);
        rest = after;
    }
    Some(sections)
}

/// Whether the hyphens of `bytes` may not be those of their text ([`plain`](super::plain)): a character that has
/// no width, a NUL of UTF-16 for instance, may be among five hyphens, and an escape sequence of a terminal may
/// have some.
fn may_hide_hyphens(bytes: &[u8]) -> bool {
    const ESCAPE: u8 = 0x1b;
    // Of most bundles, each is found to be text at once.
    const BLOCK: usize = 4096;
    let is_plain = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    let is_next_to_hyphen = |at: usize| {
        let neighbors = &bytes[at.saturating_sub(1)..bytes.len().min(at + 2)];
        neighbors.contains(&b'-')
    };
    let mut blocks = bytes.chunks(BLOCK).zip(0..);
    blocks.any(|(block, number)| {
        // Other characters of ASCII are text of one byte each.
        if block.is_ascii() && memchr2(0, ESCAPE, block).is_none() {
            return false;
        }
        let mut block = block.iter().zip(number * BLOCK..);
        block.any(|(&byte, at)| byte == ESCAPE || (!is_plain(byte) && is_next_to_hyphen(at)))
    })
}
