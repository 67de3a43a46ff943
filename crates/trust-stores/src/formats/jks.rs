//! JKS, the old Java keystore, in and out, and JCEKS, its sibling, in.
//! (`sun.security.provider.JavaKeyStore` and `com.sun.crypto.provider.JceKeyStore` of the JDK are
//! their only specification.)

use sha1::{Digest, Sha1};

use super::alias::Alias;
use super::password::Password;
use super::{DecodeOptions, KeyEntries, Position, Problem, Section, SourceFormat, der};
use crate::bundle::Bundle;

const MAGIC: u32 = 0xfeed_feed;
const JCEKS_MAGIC: u32 = 0xcece_cece;
const VERSION: u32 = 2;
const KEY: u32 = 1;
const TRUSTED_CERTIFICATE: u32 = 2;
const SECRET_KEY: u32 = 3;
/// The length of the SHA-1 at the end.
const DIGEST: usize = 20;
/// What is hashed between password and content. Sun's joke, now a format.
const WHITENER: &[u8] = b"Mighty Aphrodite";

/// `bundle` as a JKS store whose integrity hash is keyed with `password`. The JVM loads it with
/// that password or with none.
pub(crate) fn encode(bundle: &Bundle<'_>, password: &Password) -> Vec<u8> {
    let mut out = Vec::new();
    put_u32(&mut out, MAGIC);
    put_u32(&mut out, VERSION);
    put_u32(&mut out, saturated(bundle.count()));
    for (certificate, alias) in bundle.iter().zip(Alias::for_all(bundle)) {
        put_u32(&mut out, TRUSTED_CERTIFICATE);
        put_utf(&mut out, alias.as_str());
        // The entry's date of creation. Not the clock's, which would change the bytes of each
        // run, and not 0, which some tools print as a fault: the start of validity.
        let milliseconds = certificate.not_before().unix().saturating_mul(1000);
        out.extend(milliseconds.to_be_bytes());
        put_utf(&mut out, "X.509");
        put_u32(&mut out, saturated(certificate.der().len()));
        out.extend(certificate.der());
    }
    let digest = integrity(&out, password);
    out.extend_from_slice(&digest);
    out
}

/// Whether `bytes` start as one of these stores does.
pub(super) fn is_keystore(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC.to_be_bytes()) || bytes.starts_with(&JCEKS_MAGIC.to_be_bytes())
}

/// The certificates of the store `bytes`, and its keys as problems. The entries are in the clear;
/// a password only proves that they are whole.
pub(super) fn decode(bytes: &[u8], unlock: &DecodeOptions) -> Vec<Section> {
    let (content, digest) = bytes
        .split_last_chunk::<DIGEST>()
        .map_or((bytes, None), |(content, digest)| (content, Some(digest)));
    if let Some(password) = &unlock.password
        && digest != Some(&integrity(content, password))
    {
        let problem = Problem::WrongPassword(SourceFormat::Jks);
        return vec![Section::problem(Position::Whole, problem)];
    }
    let mut reader = Reader {
        rest: content,
        found: Vec::new(),
    };
    let is_whole = reader.store(unlock).is_some();
    let Reader { rest, mut found } = reader;
    if !is_whole {
        let problem = Problem::hinted(
            "the Java keystore is cut short or damaged",
            "copy the file again in binary mode, and compare its size",
        );
        found.push(Section::problem(Position::Whole, problem));
        return found;
    } else if found.is_empty() {
        let problem = Problem::hinted(
            "a Java keystore without any certificate",
            "see what is in it with: keytool -list -keystore FILE",
        );
        found.push(Section::problem(Position::Whole, problem));
    }
    // What seems to be the digest is the end of whatever follows.
    super::with_rest(found, content, rest)
}

/// A pass over the entries. `None` is an end that comes too early.
struct Reader<'a> {
    rest: &'a [u8],
    found: Vec<Section>,
}

impl<'a> Reader<'a> {
    fn store(&mut self, unlock: &DecodeOptions) -> Option<()> {
        let _magic = self.u32()?;
        let version = self.u32()?;
        let count = self.u32()?;
        for _ in 0..count {
            let kind = self.u32()?;
            // One for each certificate of an entry: none may be longer than is read.
            let alias = String::from_utf8_lossy(self.utf()?);
            let alias: String = alias.chars().take(super::LONGEST_ALIAS).collect();
            let place = Position::Alias(alias.into());
            let _created = self.take(8)?;
            match kind {
                KEY => {
                    let length = self.length()?;
                    self.take(length)?;
                    if unlock.key_entries == KeyEntries::Refuse {
                        let problem = Problem::key_entry("a key entry of a Java keystore");
                        self.found.push(Section::problem(place.clone(), problem));
                    }
                    for _ in 0..self.u32()? {
                        self.certificate(version, place.clone())?;
                    }
                }
                TRUSTED_CERTIFICATE => self.certificate(version, place)?,
                SECRET_KEY => {
                    // A serialised Java object, whose length is written nowhere.
                    let problem = Problem::hinted(
                        "a secret key, behind which nothing can be read",
                        "export the certificates as PEM: keytool -list -rfc -storetype JCEKS \
                         -keystore FILE > ca.pem",
                    );
                    self.found.push(Section::problem(place, problem));
                    self.rest = &[];
                    return Some(());
                }
                _ => return None,
            }
        }
        Some(())
    }

    fn certificate(&mut self, version: u32, place: Position) -> Option<()> {
        // The first version of the format had no type, for there was one alone.
        let is_x509 = version < VERSION || self.utf()? == b"X.509";
        let length = self.length()?;
        let der = self.take(length)?;
        let content = if is_x509 {
            der::certificate(der)
        } else {
            Err(Problem::malformed("a certificate that is not X.509"))
        };
        self.found.push(match content {
            Ok(certificate) => Section::certificate(place, certificate),
            Err(problem) => Section::problem(place, problem),
        });
        Some(())
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn u32(&mut self) -> Option<u32> {
        let (taken, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(u32::from_be_bytes(*taken))
    }

    fn length(&mut self) -> Option<usize> {
        usize::try_from(self.u32()?).ok()
    }

    /// Java's modified UTF-8, which for all but NUL and rare characters is UTF-8.
    fn utf(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        self.take(usize::from(u16::from_be_bytes(*length)))
    }
}

/// The keyed hash at the end of a store.
fn integrity(content: &[u8], password: &Password) -> [u8; DIGEST] {
    Sha1::new()
        .chain_update(password.utf16_be())
        .chain_update(WHITENER)
        .chain_update(content)
        .finalize()
        .into()
}

fn put_u32(out: &mut Vec<u8>, value: u32) {
    out.extend(value.to_be_bytes());
}

/// Java's modified UTF-8, which for the ASCII of an alias is ASCII.
fn put_utf(out: &mut Vec<u8>, ascii: &str) {
    let length = u16::try_from(ascii.len()).unwrap_or(u16::MAX);
    out.extend(length.to_be_bytes());
    out.extend(ascii.as_bytes());
}

fn saturated(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
