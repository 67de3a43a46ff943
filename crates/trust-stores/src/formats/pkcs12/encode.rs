//! A Java truststore out.
//!
//! Certificates are in bags with two attributes: friendlyName, which is the alias, and Oracle's
//! trustedKeyUsage, without which the JVM finds no entry at all. The plain form, without encryption and MAC, is
//! that of the JDK's own `cacerts` since 18: every JDK loads it with the right password, a wrong one or none.

use der::asn1::{AnyRef, BmpString, Null, OctetStringRef};
use der::{Any, Encode, Tag, TagNumber};
use sha2::{Digest, Sha256};

use super::cipher::encrypt_aes_256;
use super::hash::Hash;
use crate::asn1::write::{AppendTo, Pair, explicit, octets, sequence, set};
use crate::bundle::Bundle;
use crate::cert::{Oid, oid};
use crate::formats::Password;
use crate::formats::alias::Alias;

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

/// `bundle` as a PKCS#12 truststore. The same bundle gives the same bytes: salts come from the content.
pub(in crate::formats) fn encode(
    bundle: &Bundle<'_>,
    protection: Protection<'_>,
) -> der::Result<Vec<u8>> {
    let bags = bags(bundle)?;
    let safe_contents = AnyRef::new(Tag::Sequence, &bags)?;
    let plain = || sequence(content_info(oid::DATA, octets(safe_contents)));
    match protection {
        Protection::None => pfx(plain(), None::<Null>),
        Protection::Mac(password) => with_mac(&plain().to_der()?, Hash::SHA_1, password),
        Protection::Encrypted(password) => {
            let safe = encrypted(&safe_contents.to_der()?, password)?;
            let safes = sequence(AnyRef::try_from(&safe[..])?);
            with_mac(&safes.to_der()?, Hash::SHA_256, password)
        }
    }
}

/// The store whose `AuthenticatedSafe` this is, with its MAC.
fn with_mac(auth_safe: &[u8], hash: Hash, password: &Password) -> der::Result<Vec<u8>> {
    let salt = salt("mac", auth_safe);
    let mac = hash.mac(&password.bmp_string(), &salt, ITERATIONS, auth_safe);
    let algorithm = sequence(Pair(hash.id, Null));
    let digest_info = sequence(Pair(algorithm, OctetStringRef::new(&mac)?));
    let parameters = Pair(OctetStringRef::new(&salt)?, ITERATIONS);
    let mac_data = sequence(Pair(digest_info, parameters));
    pfx(AnyRef::try_from(auth_safe)?, Some(mac_data))
}

/// `ContentInfo`: `SEQUENCE { type, [0] EXPLICIT content }`.
fn content_info<T: Encode>(content_type: Oid<'_>, content: T) -> impl Encode {
    sequence(Pair(content_type, explicit(0, content)))
}

/// `PFX`: version 3, the `AuthenticatedSafe` as data, and its MAC.
fn pfx(auth_safe: impl Encode, mac_data: Option<impl Encode>) -> der::Result<Vec<u8>> {
    let content = content_info(oid::DATA, octets(auth_safe));
    let pfx = sequence(Pair(3_u8, Pair(content, mac_data)));
    let mut out = Vec::with_capacity(usize::try_from(pfx.encoded_len()?)?);
    pfx.encode(&mut AppendTo(&mut out))?;
    Ok(out)
}

/// A `SafeBag` for each certificate, one after the other.
fn bags(bundle: &Bundle<'_>) -> der::Result<Vec<u8>> {
    let mut bags = Vec::with_capacity(bundle.iter().map(|c| c.der().len() + 256).sum());
    for (certificate, alias) in bundle.iter().zip(Alias::for_all(bundle)) {
        let value = OctetStringRef::new(certificate.der())?;
        let bag = sequence(Pair(oid::X509_CERTIFICATE, explicit(0, value)));
        // DER sorts a SET OF by its encodings, the shorter first: for any alias, that is this order.
        let attributes = set(Pair(
            attribute(oid::TRUSTED_KEY_USAGE, oid::ANY_EXTENDED_KEY_USAGE),
            attribute(oid::FRIENDLY_NAME, BmpString::from_utf8(alias.as_str())?),
        ));
        sequence(Pair(oid::CERT_BAG, Pair(explicit(0, bag), attributes)))
            .encode(&mut AppendTo(&mut bags))?;
    }
    Ok(bags)
}

/// `SEQUENCE { id, SET OF value }`.
fn attribute(id: Oid<'_>, value: impl Encode) -> impl Encode {
    sequence(Pair(id, set(value)))
}

/// A `ContentInfo` that holds `bags`, a `SafeContents`, encrypted.
fn encrypted(bags: &[u8], password: &Password) -> der::Result<Vec<u8>> {
    let (salt, iv) = (salt("pbkdf2", bags), salt("iv", bags));
    let mut key = [0; 32];
    Hash::SHA_256.pbkdf2(password.utf8(), &salt, ITERATIONS, &mut key);
    let content = encrypt_aes_256(&key, &iv, bags);
    let hmac = sequence(Pair(oid::HMAC_WITH_SHA_256, Null));
    // The length of the key is optional in PKCS#5, but JDK 11.0.5 to 11.0.10 refuse a store without it.
    let length_and_hash = Pair(32_u8, hmac);
    let parameters = sequence(Pair(
        OctetStringRef::new(&salt)?,
        Pair(ITERATIONS, length_and_hash),
    ));
    let derivation = sequence(Pair(oid::PBKDF2, parameters));
    let cipher = sequence(Pair(oid::AES_256_CBC, OctetStringRef::new(&iv)?));
    let algorithm = sequence(Pair(oid::PBES2, sequence(Pair(derivation, cipher))));
    // [0] IMPLICIT OCTET STRING
    let tag = Tag::ContextSpecific {
        constructed: false,
        number: TagNumber(0),
    };
    let info = sequence(Pair(oid::DATA, Pair(algorithm, Any::new(tag, content)?)));
    content_info(oid::ENCRYPTED_DATA, sequence(Pair(0_u8, info))).to_der()
}

/// A salt that depends only on its purpose and the content, so that the same input gives the same store. The
/// only secret that a known salt could help to find is the password, which protects nothing here.
fn salt(purpose: &str, content: &[u8]) -> [u8; 16] {
    let digest: [u8; 32] = Sha256::new()
        .chain_update("trust-init pkcs12 ")
        .chain_update(purpose)
        .chain_update([0])
        .chain_update(content)
        .finalize()
        .into();
    let [half, _] = digest.as_chunks::<16>().0 else {
        return [0; 16];
    };
    *half
}
