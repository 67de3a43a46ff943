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
            .all(|certificate| aliases.insert(short.alias(certificate)));
        if is_unique {
            return short;
        }
        // Four bytes can clash, and a CA's owner can make them clash: then all of the fingerprint.
        Aliases {
            fingerprint_bytes: 32,
        }
    }

    /// The common name of `certificate`, and the start of its fingerprint.
    pub(super) fn alias(self, certificate: &Certificate) -> String {
        let mut alias = slug(certificate.subject().label().unwrap_or_default());
        alias.push('-');
        hex::with(*certificate.fingerprint().as_bytes(), |hex| {
            alias.push_str(&hex[..2 * self.fingerprint_bytes]);
        });
        alias
    }
}

/// The ASCII letters and digits of `text` in lower case, everything between them as one hyphen; at most 40
/// characters.
fn slug(text: &str) -> String {
    // With room for the start of a fingerprint.
    let mut slug = String::with_capacity(64);
    for character in text.chars() {
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() == 40 {
            break;
        }
    }
    if slug.ends_with('-') {
        slug.pop();
    }
    if slug.is_empty() {
        slug.push_str("ca");
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn slugs_are_short_lower_case_ascii_and_never_empty() {
        assert_eq!(slug("Client Demo  Root CA"), "client-demo-root-ca");
        assert_eq!(slug("ÉCOLE (Test)"), "cole-test");
        assert_eq!(slug("日本"), "ca");
        assert_eq!(slug(""), "ca");
        assert_eq!(slug(&"x".repeat(99)).len(), 40);
    }
}
