//! A Java truststore out.
//!
//! Certificates are in bags with two attributes: friendlyName, which is the alias, and Oracle's
//! trustedKeyUsage, without which the JVM finds no entry at all. The plain form, without encryption and MAC, is
//! that of the JDK's own `cacerts` since 18: every JDK loads it with the right password, a wrong one or none.
//!
//! No form of it is ever in memory: its length follows from those of the certificates, and then it is written
//! bag by bag. Salts come from the content, so the protected forms are encoded once more for each salt and for
//! the MAC, into a hash.

use std::fmt;
use std::io;

use der::asn1::{Null, OctetStringRef};
use der::{Encode, EncodeValue, FixedTag, Length, Tag, TagNumber, Tagged, Writer};
use hmac::{Hmac, KeyInit};
use sha1::Sha1;
use sha2::digest::Update;
use sha2::{Digest as _, Sha256};

use super::cipher::{Aes256Cbc, aes_length};
use super::hash::Hash;
use super::kdf::{Purpose, derive_key};
use crate::asn1::write::{
    AnyWriter, By, DigestOf, Pair, explicit, octets, sequence, set, write_to,
};
use crate::bundle::Bundle;
use crate::cert::{Certificate, Oid, oid};
use crate::formats::Password;
use crate::formats::alias::{Alias, Aliases};

/// How a store is protected. It holds only public certificates: a MAC and encryption are there for libraries
/// and rules that ask for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::formats) enum Protection<'a> {
    /// Neither encryption nor MAC.
    None,
    /// A MAC by HMAC-SHA-1, which every JDK reads and BouncyCastle requires.
    Mac(&'a Password),
    /// PBES2 with AES-256 and PBKDF2-HMAC-SHA-256, and a MAC by HMAC-SHA-256.
    Encrypted(&'a Password),
}

/// keytool's own count. The content is public, so more would only cost start-up time.
const ITERATIONS: u32 = 10_000;

/// A PKCS#12 truststore. The same bundle gives the same bytes: salts come from the content.
#[derive(Clone, Debug)]
pub(in crate::formats) struct Truststore<'a> {
    safe: AuthenticatedSafe<'a>,
    mac: Option<Mac>,
}

impl<'a> Truststore<'a> {
    /// The truststore for `bundle`. Fails if that is too large for DER.
    pub(in crate::formats) fn new(
        bundle: &Bundle<'a>,
        protection: Protection<'_>,
    ) -> der::Result<Self> {
        let mut safe = AuthenticatedSafe {
            contents: SafeContents::new(bundle)?,
            encryption: None,
        };
        let mac = match protection {
            Protection::None => None,
            Protection::Mac(password) => {
                Some(Mac::new::<Hmac<Sha1>>(&safe, Hash::SHA_1, password)?)
            }
            Protection::Encrypted(password) => {
                safe.encryption = Some(Encryption::new(&safe.contents, password)?);
                let mac = Mac::new::<Hmac<Sha256>>(&safe, Hash::SHA_256, password)?;
                Some(mac)
            }
        };
        let store = Truststore { safe, mac };
        store.pfx()?.encoded_len()?;
        Ok(store)
    }

    /// Writes it to `out`.
    pub(in crate::formats) fn write(&self, out: &mut impl io::Write) -> io::Result<()> {
        let pfx = self.pfx().map_err(io::Error::other)?;
        write_to(out, &pfx)
    }

    /// `PFX`: version 3, the `AuthenticatedSafe` as data, and its MAC.
    fn pfx(&self) -> der::Result<impl Encode> {
        let content = content_info(oid::DATA, octets(By(&self.safe)));
        let mac_data = self.mac.as_ref().map(Mac::data).transpose()?;
        Ok(sequence(Pair(3_u8, Pair(content, mac_data))))
    }
}

/// `ContentInfo`: `SEQUENCE { type, [0] EXPLICIT content }`.
fn content_info<T: Encode>(content_type: Oid<'_>, content: T) -> impl Encode {
    sequence(Pair(content_type, explicit(0, content)))
}

/// `AuthenticatedSafe`: one `ContentInfo`, as data or encrypted.
#[derive(Clone, Debug)]
struct AuthenticatedSafe<'a> {
    contents: SafeContents<'a>,
    encryption: Option<Encryption>,
}

impl AuthenticatedSafe<'_> {
    fn plain(&self) -> impl Encode {
        sequence(content_info(oid::DATA, octets(By(&self.contents))))
    }
}

impl Encode for AuthenticatedSafe<'_> {
    fn encoded_len(&self) -> der::Result<Length> {
        match &self.encryption {
            None => self.plain().encoded_len(),
            Some(encryption) => sequence(encryption.of(&self.contents)?).encoded_len(),
        }
    }

    fn encode(&self, writer: &mut impl Writer) -> der::Result<()> {
        match &self.encryption {
            None => self.plain().encode(writer),
            Some(encryption) => sequence(encryption.of(&self.contents)?).encode(writer),
        }
    }
}

/// `SafeContents`: a `SafeBag` for each certificate, one after the other.
#[derive(Clone, Debug)]
struct SafeContents<'a> {
    bundle: Bundle<'a>,
    aliases: Aliases,
    /// Computed once: every layer around it needs it.
    length: Length,
}

impl<'a> SafeContents<'a> {
    fn new(bundle: &Bundle<'a>) -> der::Result<Self> {
        let mut contents = SafeContents {
            bundle: bundle.clone(),
            aliases: Aliases::of(bundle),
            length: Length::ZERO,
        };
        contents.length = contents
            .bundle
            .iter()
            .try_fold(Length::ZERO, |length, certificate| {
                length + contents.bag(certificate)?.encoded_len()?
            })?;
        Ok(contents)
    }

    fn bag<'c>(&self, certificate: &'c Certificate) -> der::Result<impl Encode + use<'c>> {
        let alias = self.aliases.alias(certificate);
        let value = OctetStringRef::new(certificate.der())?;
        let bag = sequence(Pair(oid::X509_CERTIFICATE, explicit(0, value)));
        // DER sorts a SET OF by its encodings, the shorter first: for any alias, that is this order.
        let attributes = set(Pair(
            attribute(oid::TRUSTED_KEY_USAGE, oid::ANY_EXTENDED_KEY_USAGE),
            attribute(oid::FRIENDLY_NAME, FriendlyName(alias)),
        ));
        Ok(sequence(Pair(
            oid::CERT_BAG,
            Pair(explicit(0, bag), attributes),
        )))
    }
}

impl Tagged for SafeContents<'_> {
    fn tag(&self) -> Tag {
        Tag::Sequence
    }
}

impl EncodeValue for SafeContents<'_> {
    fn value_len(&self) -> der::Result<Length> {
        Ok(self.length)
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        self.bundle
            .iter()
            .try_for_each(|certificate| self.bag(certificate)?.encode(writer))
    }
}

/// An alias as a `BMPString`. That of `der` takes an allocation.
struct FriendlyName(Alias);

impl FixedTag for FriendlyName {
    const TAG: Tag = Tag::BmpString;
}

impl EncodeValue for FriendlyName {
    fn value_len(&self) -> der::Result<Length> {
        Length::try_from(2 * self.0.as_bytes().len())
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        let mut utf16 = [[0; 2]; Alias::LONGEST];
        for ([_, low], character) in utf16.iter_mut().zip(self.0.as_bytes()) {
            *low = *character;
        }
        writer.write(utf16[..self.0.as_bytes().len()].as_flattened())
    }
}

/// `SEQUENCE { id, SET OF value }`.
fn attribute<T: Encode>(id: Oid<'static>, value: T) -> impl Encode + use<T> {
    sequence(Pair(id, set(value)))
}

/// What some content is encrypted with.
#[derive(Clone)]
struct Encryption {
    salt: [u8; 16],
    iv: [u8; 16],
    key: [u8; 32],
}

/// The key is as secret as the password.
impl fmt::Debug for Encryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Encryption {
    fn new(contents: &SafeContents<'_>, password: &Password) -> der::Result<Self> {
        let salt = salt("pbkdf2", contents)?;
        let mut key = [0; 32];
        Hash::SHA_256.pbkdf2(password.utf8(), &salt, ITERATIONS, &mut key);
        Ok(Encryption {
            salt,
            iv: self::salt("iv", contents)?,
            key,
        })
    }

    /// A `ContentInfo` that holds `contents` encrypted.
    fn of<'a>(&'a self, contents: &'a SafeContents<'a>) -> der::Result<impl Encode + 'a> {
        let hmac = sequence(Pair(oid::HMAC_WITH_SHA_256, Null));
        // The length of the key is optional in PKCS#5, but JDK 11.0.5 to 11.0.10 refuse a store without it.
        let length_and_hash = Pair(32_u8, hmac);
        let parameters = sequence(Pair(
            OctetStringRef::new(&self.salt)?,
            Pair(ITERATIONS, length_and_hash),
        ));
        let derivation = sequence(Pair(oid::PBKDF2, parameters));
        let cipher = sequence(Pair(oid::AES_256_CBC, OctetStringRef::new(&self.iv)?));
        let algorithm = sequence(Pair(oid::PBES2, sequence(Pair(derivation, cipher))));
        let encrypted = Encrypted {
            contents,
            with: self,
        };
        let info = sequence(Pair(oid::DATA, Pair(algorithm, encrypted)));
        Ok(content_info(
            oid::ENCRYPTED_DATA,
            sequence(Pair(0_u8, info)),
        ))
    }
}

/// `[0] IMPLICIT OCTET STRING`: `contents`, encrypted while they are encoded.
struct Encrypted<'a> {
    contents: &'a SafeContents<'a>,
    with: &'a Encryption,
}

impl Tagged for Encrypted<'_> {
    fn tag(&self) -> Tag {
        Tag::ContextSpecific {
            constructed: false,
            number: TagNumber(0),
        }
    }
}

impl EncodeValue for Encrypted<'_> {
    fn value_len(&self) -> der::Result<Length> {
        aes_length(self.contents.encoded_len()?)
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        let mut cipher = Aes256Cbc::new(&self.with.key, &self.with.iv, writer);
        self.contents.encode(&mut AnyWriter(&mut cipher))?;
        cipher.finish()
    }
}

/// A MAC over an `AuthenticatedSafe`.
#[derive(Clone, Debug)]
struct Mac {
    hash: Oid<'static>,
    salt: [u8; 16],
    digest: Vec<u8>,
}

impl Mac {
    /// `H` is HMAC with `hash`.
    fn new<H: hmac::Mac + KeyInit + Update>(
        safe: &AuthenticatedSafe<'_>,
        hash: Hash,
        password: &Password,
    ) -> der::Result<Self> {
        let salt = salt("mac", safe)?;
        let password = password.bmp_string();
        let key = derive_key(
            hash,
            &password,
            &salt,
            Purpose::Mac,
            ITERATIONS,
            hash.length,
        );
        // HMAC takes a key of any length.
        let hmac = H::new_from_slice(&key).map_err(|_| der::ErrorKind::Failed)?;
        let mut hmac = DigestOf(hmac);
        safe.encode(&mut AnyWriter(&mut hmac))?;
        Ok(Mac {
            hash: hash.id,
            salt,
            digest: hmac.0.finalize().into_bytes().to_vec(),
        })
    }

    /// `MacData`.
    fn data(&self) -> der::Result<impl Encode> {
        let algorithm = sequence(Pair(self.hash, Null));
        let digest_info = sequence(Pair(algorithm, OctetStringRef::new(&self.digest)?));
        let parameters = Pair(OctetStringRef::new(&self.salt)?, ITERATIONS);
        Ok(sequence(Pair(digest_info, parameters)))
    }
}

/// A salt that depends only on its purpose and the content, so that the same input gives the same store. The
/// only secret that a known salt could help to find is the password, which protects nothing here.
fn salt(purpose: &str, content: &impl Encode) -> der::Result<[u8; 16]> {
    let hash = Sha256::new()
        .chain_update("trust-init pkcs12 ")
        .chain_update(purpose)
        .chain_update([0]);
    let mut hash = DigestOf(hash);
    content.encode(&mut AnyWriter(&mut hash))?;
    let digest: [u8; 32] = hash.0.finalize().into();
    let [half, _] = digest.as_chunks::<16>().0 else {
        return Ok([0; 16]);
    };
    Ok(*half)
}
