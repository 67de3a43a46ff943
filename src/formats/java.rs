//! Java truststores: a bundle in, a store of the form asked for out.

use std::fmt;
use std::str::FromStr;

use super::pkcs12::Protection;
use super::{jks, pkcs12};
use crate::bundle::Bundle;
use crate::cert::Certificate;

/// The password of a form that needs one, where none is given. Everybody's: it protects nothing.
pub const DEFAULT_PASSWORD: &str = "changeit";

/// A truststore's password. Its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// A password of the user's own.
    pub fn new(password: impl Into<String>) -> Self {
        Password(password.into())
    }

    /// Whether it is the default, which everybody knows.
    pub fn is_default(&self) -> bool {
        self.0 == DEFAULT_PASSWORD
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Password {
    fn default() -> Self {
        Password::new(DEFAULT_PASSWORD)
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A form of truststore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JavaForm {
    /// PKCS#12 without encryption and MAC: every JDK loads it, with any password or none.
    Pkcs12,
    /// PKCS#12 with a SHA-1 MAC: for BouncyCastle; every JDK reads it.
    Pkcs12Mac,
    /// PKCS#12 with AES-256 and a SHA-256 MAC. Without its password a JVM finds no anchors, and
    /// says nothing.
    Pkcs12Encrypted,
    /// The old Java keystore.
    Jks,
}

impl JavaForm {
    /// Every form.
    pub const ALL: [JavaForm; 4] = [
        JavaForm::Pkcs12,
        JavaForm::Pkcs12Mac,
        JavaForm::Pkcs12Encrypted,
        JavaForm::Jks,
    ];

    /// As `--java-store` names it.
    pub fn name(self) -> &'static str {
        match self {
            JavaForm::Pkcs12 => "pkcs12",
            JavaForm::Pkcs12Mac => "pkcs12-mac",
            JavaForm::Pkcs12Encrypted => "pkcs12-encrypted",
            JavaForm::Jks => "jks",
        }
    }

    /// Whether a JVM can use `password` with it: for PKCS#12 the JDK's key factory takes printable
    /// ASCII alone ("Password is not ASCII").
    pub fn accepts(self, password: &Password) -> bool {
        match self {
            JavaForm::Pkcs12 | JavaForm::Jks => true,
            JavaForm::Pkcs12Mac | JavaForm::Pkcs12Encrypted => {
                password.0.bytes().all(|byte| matches!(byte, b' '..=b'~'))
            }
        }
    }

    /// Whether it is made with a password.
    pub fn needs_password(self) -> bool {
        self != JavaForm::Pkcs12
    }
}

impl fmt::Display for JavaForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for JavaForm {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        JavaForm::ALL
            .into_iter()
            .find(|form| form.name() == name)
            .ok_or_else(|| {
                let names = JavaForm::ALL.map(JavaForm::name);
                format!("expected one of {}", names.join(", "))
            })
    }
}

/// `bundle` as a truststore of `form`; `password` counts where the form needs one.
pub fn encode(
    bundle: &Bundle<'_>,
    form: JavaForm,
    password: &Password,
) -> Result<Vec<u8>, der::Error> {
    let password = password.as_str();
    match form {
        JavaForm::Pkcs12 => pkcs12::encode(bundle, Protection::None),
        JavaForm::Pkcs12Mac => pkcs12::encode(bundle, Protection::Mac(password)),
        JavaForm::Pkcs12Encrypted => pkcs12::encode(bundle, Protection::Encrypted(password)),
        JavaForm::Jks => Ok(jks::encode(bundle, password)),
    }
}

/// A trusted certificate's name in a Java store: lower-case ASCII, never empty, unique there.
///
/// PKCS#12 stores fold case and silently overwrite on a clash, and a JKS entry whose alias has an
/// upper-case letter is never found: both lose anchors without a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Alias(String);

impl Alias {
    /// An alias for each certificate of `bundle`, in its order.
    pub(crate) fn for_all(bundle: &Bundle<'_>) -> Vec<Alias> {
        let short = bundle
            .iter()
            .map(|certificate| Alias::with_digits(certificate, 8))
            .collect::<Vec<_>>();
        let mut sorted: Vec<&str> = short.iter().map(Alias::as_str).collect();
        sorted.sort_unstable();
        if sorted.windows(2).all(|pair| pair[0] != pair[1]) {
            return short;
        }
        // Eight digits can clash, and a CA's owner can make them: then all of the fingerprint.
        bundle
            .iter()
            .map(|certificate| Alias::with_digits(certificate, 64))
            .collect()
    }

    fn with_digits(certificate: &Certificate, digits: usize) -> Alias {
        let label = certificate.subject().label().unwrap_or_default();
        let fingerprint = certificate.fingerprint().to_string();
        let slug = slug(label);
        Alias(format!("{slug}-{}", &fingerprint[..digits]))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// ASCII letters and digits of `text`, lowered, other runs as one hyphen; at most 40 characters.
fn slug(text: &str) -> String {
    let mut slug = String::new();
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
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "ca" } else { slug }.to_owned()
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
