//! Java truststores: a [`Bundle`] in, a store that the JVM loads out.
//!
//! Each certificate is a trusted entry whose alias is made of its common name and fingerprint. The same
//! bundle, format and password always give the same bytes.

use std::fmt;
use std::io;
use std::num::TryFromIntError;

use super::pkcs12::Protection;
use super::{Password, jks, pkcs12};
use crate::blocks::BlockWriter;
use crate::bundle::Bundle;

/// A format of Java truststore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JavaFormat {
    /// PKCS#12 without encryption and MAC, the format of the JDK's own `cacerts` since version 18. Every
    /// JDK since 8 loads it, with any password or none.
    Pkcs12,
    /// PKCS#12 with a SHA-1 MAC, which `BouncyCastle` requires and every JDK reads.
    Pkcs12Mac,
    /// PKCS#12 encrypted with AES-256 and with a SHA-256 MAC, for those whose rules ask for it. Without its
    /// password a JVM finds no trust anchors in it, and reports nothing.
    Pkcs12Encrypted,
    /// The old Java keystore.
    Jks,
}

impl JavaFormat {
    /// Every format.
    pub const ALL: [JavaFormat; 4] = [
        JavaFormat::Pkcs12,
        JavaFormat::Pkcs12Mac,
        JavaFormat::Pkcs12Encrypted,
        JavaFormat::Jks,
    ];

    /// Its name in kebab case: `pkcs12`, `pkcs12-mac`, `pkcs12-encrypted`, `jks`.
    pub fn name(self) -> &'static str {
        match self {
            JavaFormat::Pkcs12 => "pkcs12",
            JavaFormat::Pkcs12Mac => "pkcs12-mac",
            JavaFormat::Pkcs12Encrypted => "pkcs12-encrypted",
            JavaFormat::Jks => "jks",
        }
    }

    /// Whether a JVM can use `password` with it: for PKCS#12 the JDK's key factory takes only printable
    /// ASCII ("Password is not ASCII").
    pub fn accepts(self, password: &Password) -> bool {
        match self {
            JavaFormat::Pkcs12 | JavaFormat::Jks => true,
            JavaFormat::Pkcs12Mac | JavaFormat::Pkcs12Encrypted => password.is_printable_ascii(),
        }
    }

    /// Whether readers must give the password: the JVM for an encrypted store, `BouncyCastle` for one with
    /// a MAC. JKS and plain PKCS#12 load without.
    pub fn requires_password(self) -> bool {
        matches!(self, JavaFormat::Pkcs12Mac | JavaFormat::Pkcs12Encrypted)
    }
}

impl fmt::Display for JavaFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// `bundle` as a truststore in `format`. The password counts for every format but
/// [`JavaFormat::Pkcs12`].
///
/// # Errors
/// A store is limited to what its length fields hold: 256 MiB for PKCS#12, 4 GiB for one certificate of JKS.
///
/// # Examples
/// A PKCS#12 store that every JDK loads, with any password or none:
///
/// ```
/// use trust_stores::{Bundle, DecodeOptions, JavaFormat, Password, Section, decode, java};
///
/// let chain = include_bytes!("../../examples/client-ca-chain.pem");
/// let sections = decode(chain, &DecodeOptions::default());
/// let bundle = Bundle::new(sections.iter().filter_map(Section::certificate)).unwrap();
///
/// let store = java::encode(&bundle, JavaFormat::Pkcs12, &Password::default())?;
/// let read_back = decode(&store, &DecodeOptions::default());
/// for section in read_back {
///     assert!(section.content?.trusted_by_java);
/// }
///
/// // A JKS store, which has an integrity hash that a password keys.
/// let password = Password::new("open sesame");
/// let store = java::encode(&bundle, JavaFormat::Jks, &password)?;
/// assert!(store.starts_with(&[0xfe, 0xed, 0xfe, 0xed]));
/// let options = DecodeOptions {
///     password: Some(password),
///     ..DecodeOptions::default()
/// };
/// assert_eq!(decode(&store, &options)[0].position.to_string(), "[example-client-root-ca-52ec9edf]");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn encode(
    bundle: &Bundle<'_>,
    format: JavaFormat,
    password: &Password,
) -> Result<Vec<u8>, StoreTooLarge> {
    let mut out = Vec::new();
    // Writing to a vector cannot fail.
    let _ = Truststore::new(bundle, format, password)?.write(&mut out);
    Ok(out)
}

/// A truststore that is encoded while it is written, and never in memory as a whole.
#[derive(Clone, Debug)]
pub struct Truststore<'a>(Encoder<'a>);

#[derive(Clone, Debug)]
enum Encoder<'a> {
    Pkcs12(pkcs12::Truststore<'a>),
    Jks(jks::Truststore<'a>),
}

impl<'a> Truststore<'a> {
    /// What [`encode`] gives for the same arguments.
    ///
    /// # Errors
    /// Those of [`encode`]: what fits here can be written.
    pub fn new(
        bundle: &Bundle<'a>,
        format: JavaFormat,
        password: &Password,
    ) -> Result<Self, StoreTooLarge> {
        let protection = match format {
            JavaFormat::Pkcs12 => Protection::None,
            JavaFormat::Pkcs12Mac => Protection::Mac(password),
            JavaFormat::Pkcs12Encrypted => Protection::Encrypted(password),
            JavaFormat::Jks => {
                let store = jks::Truststore::new(bundle, password)?;
                return Ok(Truststore(Encoder::Jks(store)));
            }
        };
        let store = pkcs12::Truststore::new(bundle, protection)?;
        Ok(Truststore(Encoder::Pkcs12(store)))
    }

    /// Writes it to `out`, the same bytes each time.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        BlockWriter::write_to(out, |out| match &self.0 {
            Encoder::Pkcs12(store) => store.write(out),
            Encoder::Jks(store) => store.write(out),
        })
    }
}

/// The certificates do not fit into one store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreTooLarge;

impl fmt::Display for StoreTooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the certificates are too large for one Java truststore")
    }
}

impl std::error::Error for StoreTooLarge {}

/// The only error of encoding: aliases, salts and identifiers are always valid.
impl From<der::Error> for StoreTooLarge {
    fn from(_: der::Error) -> Self {
        StoreTooLarge
    }
}

impl From<TryFromIntError> for StoreTooLarge {
    fn from(_: TryFromIntError) -> Self {
        StoreTooLarge
    }
}
