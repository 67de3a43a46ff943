//! Java truststores: a bundle in, a store of the form asked for out.

use std::fmt;
use std::str::FromStr;

use super::password::Password;
use super::pkcs12::Protection;
use super::{jks, pkcs12};
use crate::bundle::Bundle;

/// A form of truststore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JavaFormat {
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

impl JavaFormat {
    /// Every form.
    pub const ALL: [JavaFormat; 4] = [
        JavaFormat::Pkcs12,
        JavaFormat::Pkcs12Mac,
        JavaFormat::Pkcs12Encrypted,
        JavaFormat::Jks,
    ];

    /// As `--java-store` names it.
    pub fn name(self) -> &'static str {
        match self {
            JavaFormat::Pkcs12 => "pkcs12",
            JavaFormat::Pkcs12Mac => "pkcs12-mac",
            JavaFormat::Pkcs12Encrypted => "pkcs12-encrypted",
            JavaFormat::Jks => "jks",
        }
    }

    /// Whether a JVM can use `password` with it: for PKCS#12 the JDK's key factory takes printable
    /// ASCII alone ("Password is not ASCII").
    pub fn accepts(self, password: &Password) -> bool {
        match self {
            JavaFormat::Pkcs12 | JavaFormat::Jks => true,
            JavaFormat::Pkcs12Mac | JavaFormat::Pkcs12Encrypted => password.is_printable_ascii(),
        }
    }

    /// Whether readers have to name the password: the JVM for an encrypted store, BouncyCastle
    /// for one with a MAC. JKS and the plain form load without.
    pub fn requires_password(self) -> bool {
        matches!(self, JavaFormat::Pkcs12Mac | JavaFormat::Pkcs12Encrypted)
    }
}

impl fmt::Display for JavaFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for JavaFormat {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        JavaFormat::ALL
            .into_iter()
            .find(|form| form.name() == name)
            .ok_or_else(|| {
                let names = JavaFormat::ALL.map(JavaFormat::name);
                format!("expected one of {}", names.join(", "))
            })
    }
}

/// `bundle` as a truststore of `form`; `password` counts where the form needs one.
pub fn encode(
    bundle: &Bundle<'_>,
    form: JavaFormat,
    password: &Password,
) -> Result<Vec<u8>, der::Error> {
    match form {
        JavaFormat::Pkcs12 => pkcs12::encode(bundle, Protection::None),
        JavaFormat::Pkcs12Mac => pkcs12::encode(bundle, Protection::Mac(password)),
        JavaFormat::Pkcs12Encrypted => pkcs12::encode(bundle, Protection::Encrypted(password)),
        JavaFormat::Jks => Ok(jks::encode(bundle, password)),
    }
}
