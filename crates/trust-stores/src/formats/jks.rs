//! JKS, the old Java keystore, in and out, and JCEKS, its sibling, in.
//!
//! Written by hand because it is a list of length-prefixed fields, whose only specification is the source of
//! the JDK (`sun.security.provider.JavaKeyStore` and `com.sun.crypto.provider.JceKeyStore`). The crate for
//! it, <https://github.com/agusibrahim/jks>, brings older versions of asn1-rs, sha1 and thiserror (0.3.3), and
//! its documentation does not speak of JCEKS.

use std::collections::HashMap;
use std::io;
use std::ops::Range;

use sha1::{Digest, Sha1};

use super::alias::Aliases;
use super::der;
use super::java::StoreTooLarge;
use super::stray::{self, Place};
use super::{
    DecodeOptions, DecodedCertificate, Distrust, KeyEntries, Password, Position, Problem, Section,
    Sections, SourceFormat,
};
use crate::asn1::Fault;
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

/// A JKS store, encoded while it is written.
#[derive(Clone, Debug)]
pub(super) struct Truststore<'a> {
    bundle: Bundle<'a>,
    aliases: Aliases,
    /// The integrity hash, to which the password has been added.
    keyed: Sha1,
}

impl<'a> Truststore<'a> {
    /// The store for `bundle`, whose integrity hash is keyed with `password`. The JVM loads it with that
    /// password or with none.
    pub(super) fn new(bundle: &Bundle<'a>, password: &Password) -> Result<Self, StoreTooLarge> {
        u32::try_from(bundle.count())?;
        for certificate in bundle.iter() {
            u32::try_from(certificate.der().len())?;
        }
        Ok(Truststore {
            bundle: bundle.clone(),
            aliases: Aliases::of(bundle),
            keyed: keyed(password),
        })
    }

    /// Writes it to `out`.
    pub(super) fn write(&self, out: &mut impl io::Write) -> io::Result<()> {
        let mut out = EntryWriter {
            out,
            hash: self.keyed.clone(),
        };
        out.put_u32(MAGIC)?;
        out.put_u32(VERSION)?;
        out.put_length(self.bundle.count())?;
        for certificate in self.bundle.iter() {
            out.put_u32(TRUSTED_CERTIFICATE)?;
            out.put_utf(self.aliases.alias(certificate).as_bytes())?;
            // The entry's date of creation. The clock's would change the bytes of each run, and some
            // tools print 0 as an error, so this is the start of validity.
            let milliseconds = certificate.not_before().unix().saturating_mul(1000);
            out.put(&milliseconds.to_be_bytes())?;
            out.put_utf(b"X.509")?;
            out.put_length(certificate.der().len())?;
            out.put(certificate.der())?;
        }
        let EntryWriter { out, hash } = out;
        out.write_all(&hash.finalize())
    }
}

/// Writes the fields of a store, and hashes them.
struct EntryWriter<'a, W> {
    out: &'a mut W,
    hash: Sha1,
}

impl<W: io::Write> EntryWriter<'_, W> {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.out.write_all(bytes)
    }

    fn put_u32(&mut self, value: u32) -> io::Result<()> {
        self.put(&value.to_be_bytes())
    }

    fn put_length(&mut self, length: usize) -> io::Result<()> {
        self.put_u32(u32::try_from(length).map_err(io::Error::other)?)
    }

    /// Java's modified UTF-8, which for the ASCII of an alias is ASCII.
    fn put_utf(&mut self, ascii: &[u8]) -> io::Result<()> {
        let length = u16::try_from(ascii.len()).map_err(io::Error::other)?;
        self.put(&length.to_be_bytes())?;
        self.put(ascii)
    }
}

/// Whether `bytes` start as one of these stores does.
pub(super) fn is_keystore(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC.to_be_bytes()) || bytes.starts_with(&JCEKS_MAGIC.to_be_bytes())
}

/// The certificates of the store `bytes`, and its keys as problems. The entries are not encrypted;
/// a password only proves that they are complete.
pub(super) fn decode(bytes: &[u8], options: &DecodeOptions) -> Vec<Section> {
    let (content, digest) = bytes
        .split_last_chunk::<DIGEST>()
        .map_or((bytes, None), |(content, digest)| (content, Some(digest)));
    let password = options.password.as_ref();
    let is_opened = password.is_none_or(|password| digest == Some(&integrity(content, password)));
    let mut reader = EntryReader {
        rest: content,
        sections: Sections::default(),
        key_entries: options.key_entries,
        by_alias: HashMap::new(),
    };
    let is_whole = reader.store().is_some();
    let EntryReader {
        rest, mut sections, ..
    } = reader;
    if !is_opened {
        sections = Sections::default();
    }
    if !is_whole || !is_opened {
        // What is cut is damaged under any password.
        let problem = if is_whole {
            Problem::WrongPassword(SourceFormat::Jks)
        } else {
            Problem::container(SourceFormat::Jks, Fault::Broken)
        };
        sections.push(Section::problem(Position::Whole, problem));
        return sections.into();
    }
    if sections.is_empty() {
        let problem = Problem::EmptyStore(SourceFormat::Jks);
        sections.push(Section::problem(Position::Whole, problem));
    }
    // If something follows the store, what seems to be the digest is the end of that.
    super::check_end(sections.into(), content, rest)
}

/// A pass over the entries. `None` is an end that comes too early.
struct EntryReader<'a> {
    rest: &'a [u8],
    sections: Sections,
    key_entries: KeyEntries,
    /// The sections of the entry that each alias has.
    by_alias: HashMap<&'a [u8], Range<usize>>,
}

impl<'a> EntryReader<'a> {
    fn store(&mut self) -> Option<()> {
        let _magic = self.u32()?;
        let version = self.u32()?;
        let count = self.u32()?;
        for _ in 0..count {
            let kind = self.u32()?;
            let name = self.utf()?;
            let alias = Position::alias(&String::from_utf8_lossy(name));
            let _created = self.take(8)?;
            self.search(name, &alias);
            let start = self.sections.next_index();
            match kind {
                KEY => self.key(version, &alias)?,
                TRUSTED_CERTIFICATE => self.certificate(version, alias)?,
                SECRET_KEY => {
                    // A serialized Java object, whose length is written nowhere.
                    let problem = Problem::hinted(
                        "a secret key, after which nothing can be read",
                        "export the certificates as PEM: keytool -list -rfc -storetype JCEKS \
                         -keystore FILE > ca.pem",
                    );
                    self.sections.push(Section::problem(alias, problem));
                    self.rest = &[];
                    return Some(());
                }
                _ => return None,
            }
            self.names(name, start..self.sections.next_index());
        }
        Some(())
    }

    /// Records which entry a JVM finds under an alias: of several, the last. It asks for the alias in lower
    /// case, so it never finds one that is not.
    fn names(&mut self, name: &'a [u8], entry: Range<usize>) {
        let text = String::from_utf8_lossy(name);
        let is_found = text.to_lowercase() == text;
        let overwritten = self.by_alias.insert(name, entry.clone());
        for section in self.sections.range_mut(entry) {
            if let Ok(found) = &mut section.content {
                found.trusted_by_java &= is_found;
            }
        }
        for section in self.sections.range_mut(overwritten.unwrap_or_default()) {
            if let Ok(found) = &mut section.content {
                found.trusted_by_java = false;
                found.distrust = Some(Distrust::Overwritten);
            }
        }
    }

    /// Looks for a key or certificate in an alias.
    fn search(&mut self, name: &[u8], position: &Position) {
        let mut found = Vec::new();
        stray::scan(name, Place::Nowhere, &mut found);
        let found = found.into_iter();
        self.sections
            .extend(found.map(|problem| Section::problem(position.clone(), problem)));
    }

    /// A private key and the certificates of its chain.
    fn key(&mut self, version: u32, alias: &Position) -> Option<()> {
        let length = self.length()?;
        self.take(length)?;
        if self.key_entries == KeyEntries::Refuse {
            let problem = Problem::key_entry("a key entry of a Java keystore");
            self.sections.push(Section::problem(alias.clone(), problem));
        }
        for number in 0..self.u32()? {
            let mut content = self.read_certificate(version)?;
            // Of a key entry's chain a JVM trusts the first (`TrustStoreUtil.getTrustedCerts`).
            if let (1.., Ok(found)) = (number, &mut content) {
                found.trusted_by_java = false;
            }
            let position = alias.clone();
            self.sections.push(Section { position, content });
        }
        Some(())
    }

    fn certificate(&mut self, version: u32, position: Position) -> Option<()> {
        let content = self.read_certificate(version)?;
        self.sections.push(Section { position, content });
        Some(())
    }

    fn read_certificate(&mut self, version: u32) -> Option<Result<DecodedCertificate, Problem>> {
        // The first version of the format has no type, because there was only one.
        let is_x509 = version < VERSION || self.utf()? == b"X.509";
        let length = self.length()?;
        let der = self.take(length)?;
        Some(if is_x509 {
            der::certificate(der).map(Into::into)
        } else {
            Err(Problem::malformed("a certificate that is not X.509"))
        })
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

    /// Java's modified UTF-8, which is UTF-8 but for NUL and rare characters.
    fn utf(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        self.take(usize::from(u16::from_be_bytes(*length)))
    }
}

/// The keyed hash at the end of a store.
fn integrity(content: &[u8], password: &Password) -> [u8; DIGEST] {
    keyed(password).chain_update(content).finalize().into()
}

/// That hash before anything of the store.
fn keyed(password: &Password) -> Sha1 {
    Sha1::new()
        .chain_update(password.utf16_be())
        .chain_update(WHITENER)
}
