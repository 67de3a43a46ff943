//! Aliases: the names of trusted certificates in Java stores.

use crate::bundle::Bundle;
use crate::cert::Certificate;
use crate::hex;

/// A trusted certificate's name in a Java store: lower-case ASCII, never empty, unique there.
///
/// PKCS#12 stores fold case and overwrite an entry of the same name, and a JKS entry whose alias has an
/// upper-case letter is never found: both lose trust anchors without an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Alias(String);

impl Alias {
    /// An alias for each certificate of `bundle`, in its order.
    pub(super) fn for_all(bundle: &Bundle<'_>) -> Vec<Alias> {
        let short = bundle
            .iter()
            .map(|certificate| Alias::of(certificate, 4))
            .collect::<Vec<_>>();
        let mut sorted: Vec<&str> = short.iter().map(Alias::as_str).collect();
        sorted.sort_unstable();
        if sorted.windows(2).all(|pair| pair[0] != pair[1]) {
            return short;
        }
        // Four bytes can clash, and a CA's owner can make them clash: then all of the fingerprint.
        bundle
            .iter()
            .map(|certificate| Alias::of(certificate, 32))
            .collect()
    }

    /// The common name of `certificate`, and as many bytes of its fingerprint.
    fn of(certificate: &Certificate, bytes: usize) -> Alias {
        let mut alias = slug(certificate.subject().label().unwrap_or_default());
        alias.push('-');
        alias.push_str(&hex::encode(&certificate.fingerprint().as_bytes()[..bytes]));
        Alias(alias)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The ASCII letters and digits of `text` in lower case, everything between them as one hyphen; at most 40
/// characters.
fn slug(text: &str) -> String {
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
