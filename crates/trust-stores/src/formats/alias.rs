//! Aliases: the names of trusted certificates in Java stores.

use std::collections::BTreeSet;

use crate::bundle::Bundle;
use crate::cert::Certificate;
use crate::hex;

/// The names of the trusted certificates in one Java store: lower-case ASCII, none empty, none twice.
///
/// PKCS#12 stores fold case and overwrite an entry of the same name, and a JKS entry whose alias has an
/// upper-case letter is never found: both lose trust anchors without an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Aliases {
    /// How much of its fingerprint ends each alias.
    fingerprint_bytes: usize,
}

impl Aliases {
    /// How the certificates of `bundle` are named.
    pub(super) fn of(bundle: &Bundle<'_>) -> Self {
        let short = Aliases {
            fingerprint_bytes: 4,
        };
        let end = |certificate: &Certificate| {
            let [a, b, c, d, ..] = *certificate.fingerprint().as_bytes();
            u32::from_be_bytes([a, b, c, d])
        };
        // Equal aliases end alike, so hardly one need be made to see that all differ.
        let mut ends: Vec<u32> = bundle.iter().map(end).collect();
        ends.sort_unstable();
        let mut alike: BTreeSet<u32> = BTreeSet::new();
        alike.extend(
            ends.windows(2)
                .filter(|pair| pair[0] == pair[1])
                .map(|pair| pair[0]),
        );
        let mut aliases = BTreeSet::new();
        let is_unique = bundle
            .iter()
            .filter(|certificate| alike.contains(&end(certificate)))
            .all(|certificate| aliases.insert(short.alias(certificate).as_bytes().to_vec()));
        if is_unique {
            return short;
        }
        // Four bytes can clash, and a CA's owner can make them clash: then all of the fingerprint.
        Aliases {
            fingerprint_bytes: 32,
        }
    }

    /// The common name of `certificate`, and the start of its fingerprint.
    pub(super) fn alias(self, certificate: &Certificate) -> Alias {
        let mut alias = Alias::slug(certificate.subject().label().unwrap_or_default());
        alias.push(b"-");
        for byte in &certificate.fingerprint().as_bytes()[..self.fingerprint_bytes] {
            alias.push(&hex::digits(*byte));
        }
        alias
    }
}

/// An alias. It takes no allocation, because stores have thousands.
pub(super) struct Alias {
    /// Followed by what does not count.
    characters: [u8; Alias::LONGEST],
    length: usize,
}

impl Alias {
    const LONGEST_SLUG: usize = 40;
    /// A slug, a hyphen, and all of a fingerprint.
    pub(super) const LONGEST: usize = Alias::LONGEST_SLUG + 1 + 64;

    /// The ASCII letters and digits of `text` in lower case, everything between them as one hyphen; at most 40
    /// characters.
    fn slug(text: &str) -> Self {
        let mut slug = Alias {
            characters: [0; Alias::LONGEST],
            length: 0,
        };
        let mut last = b'-';
        for byte in text.bytes() {
            let is_kept = byte.is_ascii_alphanumeric();
            let character = if is_kept {
                byte.to_ascii_lowercase()
            } else {
                b'-'
            };
            slug.characters[slug.length] = character;
            // One of several hyphens is overwritten by the next, and so is one at the start.
            slug.length += usize::from(is_kept || last != b'-');
            last = character;
            if slug.length == Alias::LONGEST_SLUG {
                break;
            }
        }
        slug.length -= usize::from(slug.as_bytes().ends_with(b"-"));
        if slug.length == 0 {
            slug.push(b"ca");
        }
        slug
    }

    fn push(&mut self, ascii: &[u8]) {
        let end = self.length + ascii.len();
        self.characters[self.length..end].copy_from_slice(ascii);
        self.length = end;
    }

    /// Its characters, which are ASCII.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.characters[..self.length]
    }
}

#[cfg(test)]
mod tests {
    use super::Alias;

    #[test]
    fn slugs_are_short_lower_case_ascii_and_never_empty() {
        let slug = |text: &str| String::from_utf8(Alias::slug(text).as_bytes().to_vec()).unwrap();
        assert_eq!(slug("Client Demo  Root CA"), "client-demo-root-ca");
        assert_eq!(slug("ÉCOLE (Test)"), "cole-test");
        assert_eq!(slug("-- a -"), "a");
        assert_eq!(slug("日本"), "ca");
        assert_eq!(slug(""), "ca");
        assert_eq!(slug(&"x".repeat(99)), "x".repeat(40));
        // A hyphen is not the last of forty characters.
        assert_eq!(slug(&format!("{}, {0}", "x".repeat(39))), "x".repeat(39));
    }
}
