//! A Java truststore out.
//!
//! Certificates stand in bags with two attributes: friendlyName, which is the alias, and Oracle's
//! trustedKeyUsage, without which the JVM finds no entry at all. The plain form, without
//! encryption and without a MAC, is the form of the JDK's own `cacerts` since 18: every JDK loads
//! it with the right password, a wrong one or none.

use der::asn1::{AnyRef, BmpString, ObjectIdentifier, OctetStringRef, SetOfVec};
use der::{
    Any, Decode as _, Encode, EncodeValue, Length, Sequence, Tag, TagNumber, Tagged, ValueOrd,
    Writer,
};
use hmac::Hmac;
use pkcs5::EncryptionScheme;
use pkcs5::pbes2::{self, Kdf, Pbkdf2Params};
use pkcs12::kdf::Pkcs12KeyType;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::{
    CERT_BAG, DATA, ENCRYPTED_DATA, FRIENDLY_NAME, SHA_1, SHA_256, TRUSTED_KEY_USAGE,
    X509_CERTIFICATE, derive_key, hmac,
};
use crate::bundle::Bundle;
use crate::formats::alias::Alias;
use crate::formats::password::Password;

/// How a store is protected. It holds public certificates only: what a MAC or encryption add is
/// what some libraries or rules ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protection<'a> {
    /// Neither encryption nor MAC.
    None,
    /// A MAC by HMAC-SHA-1, which every JDK reads and BouncyCastle asks for.
    Mac(&'a Password),
    /// PBES2 with AES-256 and PBKDF2-HMAC-SHA-256, and a MAC by HMAC-SHA-256.
    Encrypted(&'a Password),
}

const ANY_EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37.0");

/// keytool's own count. The content is public, so more would only cost start-up time.
const ITERATIONS: u32 = 10_000;

/// A MAC over `content`, keyed with the password by RFC 7292, appendix B.
macro_rules! mac {
    ($hash:ty, $length:literal, $password:expr, $salt:expr, $content:expr) => {{
        let password = $password.bmp_string();
        let purpose = Pkcs12KeyType::Mac;
        let key = derive_key::<$hash>(&password, $salt, purpose, ITERATIONS, $length);
        hmac::<Hmac<$hash>>(&key, $content).ok_or_else(|| Tag::OctetString.value_error())?
    }};
}

#[derive(Sequence)]
struct EncryptedData<'a> {
    version: u8,
    content: EncryptedContentInfo<'a>,
}

#[derive(Sequence)]
struct EncryptedContentInfo<'a> {
    content_type: ObjectIdentifier,
    algorithm: AnyRef<'a>,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT")]
    content: &'a OctetStringRef,
}

#[derive(Sequence)]
struct AlgorithmIdentifier<'a> {
    algorithm: ObjectIdentifier,
    parameters: AnyRef<'a>,
}

#[derive(Sequence)]
struct SafeBag<'a> {
    bag_id: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    bag_value: CertBag<'a>,
    attributes: SetOfVec<Attribute>,
}

#[derive(Sequence)]
struct CertBag<'a> {
    cert_id: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    value: &'a OctetStringRef,
}

#[derive(Clone, Sequence, ValueOrd)]
struct Attribute {
    id: ObjectIdentifier,
    values: SetOfVec<Any>,
}

#[derive(Sequence)]
struct MacData<'a> {
    mac: DigestInfo<'a>,
    salt: &'a OctetStringRef,
    iterations: u32,
}

#[derive(Sequence)]
struct DigestInfo<'a> {
    algorithm: AlgorithmIdentifier<'a>,
    digest: &'a OctetStringRef,
}

/// `bundle` as a PKCS#12 truststore. The same bundle gives the same bytes: salts come from the
/// content, not from chance.
pub(crate) fn encode(bundle: &Bundle<'_>, protection: Protection<'_>) -> der::Result<Vec<u8>> {
    let bags = bags(bundle)?;
    let safe_contents = AnyRef::new(Tag::Sequence, &bags)?;
    let plain = || sequence(content_info(DATA, octets(safe_contents)));
    match protection {
        Protection::None => pfx(plain(), None),
        Protection::Mac(password) => {
            let auth_safe = plain().to_der()?;
            let salt = salt("mac", &auth_safe);
            let mac = mac!(Sha1, 20, password, &salt, &auth_safe);
            let mac_data = mac_data(SHA_1, &mac, &salt)?;
            pfx(AnyRef::try_from(auth_safe.as_slice())?, Some(mac_data))
        }
        Protection::Encrypted(password) => {
            let auth_safe = sequence(encrypted(&safe_contents.to_der()?, password)?).to_der()?;
            let salt = salt("mac", &auth_safe);
            let mac = mac!(Sha256, 32, password, &salt, &auth_safe);
            let mac_data = mac_data(SHA_256, &mac, &salt)?;
            pfx(AnyRef::try_from(auth_safe.as_slice())?, Some(mac_data))
        }
    }
}

/// Where DER is written to: `der` itself would fill the place with zeros first.
struct Behind<'a>(&'a mut Vec<u8>);

impl Writer for Behind<'_> {
    fn write(&mut self, bytes: &[u8]) -> der::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

/// An element whose content is another's DER. The largest parts of a store are wrapped seven deep;
/// encoding all of it at once copies them once, where a buffer for each would copy them seven
/// times.
struct Wrapped<T> {
    tag: Tag,
    content: T,
}

impl<T> Tagged for Wrapped<T> {
    fn tag(&self) -> Tag {
        self.tag
    }
}

impl<T: Encode> EncodeValue for Wrapped<T> {
    fn value_len(&self) -> der::Result<Length> {
        self.content.encoded_len()
    }

    fn encode_value(&self, writer: &mut impl Writer) -> der::Result<()> {
        self.content.encode(writer)
    }
}

/// One element and the next.
struct Pair<A, B>(A, B);

impl<A: Encode, B: Encode> Encode for Pair<A, B> {
    fn encoded_len(&self) -> der::Result<Length> {
        self.0.encoded_len()? + self.1.encoded_len()?
    }

    fn encode(&self, writer: &mut impl Writer) -> der::Result<()> {
        self.0.encode(writer)?;
        self.1.encode(writer)
    }
}

fn sequence<T: Encode>(content: T) -> Wrapped<T> {
    Wrapped {
        tag: Tag::Sequence,
        content,
    }
}

fn octets<T: Encode>(content: T) -> Wrapped<T> {
    Wrapped {
        tag: Tag::OctetString,
        content,
    }
}

/// `ContentInfo`: `SEQUENCE { type, [0] EXPLICIT content }`.
fn content_info<T: Encode>(content_type: ObjectIdentifier, content: T) -> impl Encode {
    let explicit = Wrapped {
        tag: Tag::ContextSpecific {
            constructed: true,
            number: TagNumber(0),
        },
        content,
    };
    sequence(Pair(content_type, explicit))
}

/// `PFX`: version 3, the `AuthenticatedSafe` as data, and its MAC.
fn pfx(auth_safe: impl Encode, mac_data: Option<MacData<'_>>) -> der::Result<Vec<u8>> {
    let content = content_info(DATA, octets(auth_safe));
    let pfx = sequence(Pair(3_u8, Pair(content, mac_data)));
    let mut out = Vec::with_capacity(usize::try_from(pfx.encoded_len()?)?);
    pfx.encode(&mut Behind(&mut out))?;
    Ok(out)
}

/// A `SafeBag` for each certificate, one after the other.
fn bags(bundle: &Bundle<'_>) -> der::Result<Vec<u8>> {
    let usage = attribute(
        TRUSTED_KEY_USAGE,
        Any::encode_from(&ANY_EXTENDED_KEY_USAGE)?,
    )?;
    let mut bags = Vec::with_capacity(bundle.iter().map(|c| c.der().len() + 256).sum());
    for (certificate, alias) in bundle.iter().zip(Alias::for_all(bundle)) {
        let alias = Any::encode_from(&BmpString::from_utf8(alias.as_str())?)?;
        SafeBag {
            bag_id: CERT_BAG,
            bag_value: CertBag {
                cert_id: X509_CERTIFICATE,
                value: OctetStringRef::new(certificate.der())?,
            },
            attributes: SetOfVec::try_from([attribute(FRIENDLY_NAME, alias)?, usage.clone()])?,
        }
        .encode(&mut Behind(&mut bags))?;
    }
    Ok(bags)
}

fn attribute(id: ObjectIdentifier, value: Any) -> der::Result<Attribute> {
    Ok(Attribute {
        id,
        values: SetOfVec::try_from([value])?,
    })
}

/// A `ContentInfo` that holds `bags`, a `SafeContents`, encrypted.
fn encrypted(bags: &[u8], password: &Password) -> der::Result<impl Encode + use<>> {
    let failed = |_| Tag::OctetString.value_error();
    let mut kdf = Pbkdf2Params::hmac_sha256(ITERATIONS, &salt("pbkdf2", bags)).map_err(failed)?;
    // Optional in PKCS#5, but JDK 11.0.5 to 11.0.10 refuse a store without it.
    kdf.key_length = Some(32);
    let parameters = pbes2::Parameters {
        kdf: Kdf::Pbkdf2(kdf),
        encryption: pbes2::EncryptionScheme::Aes256Cbc {
            iv: salt("iv", bags),
        },
    };
    let content = parameters.encrypt(password.utf8(), bags).map_err(failed)?;
    let data = EncryptedData {
        version: 0,
        content: EncryptedContentInfo {
            content_type: DATA,
            algorithm: AnyRef::try_from(EncryptionScheme::from(parameters).to_der()?.as_slice())?,
            content: OctetStringRef::new(&content)?,
        },
    }
    .to_der()?;
    Ok(content_info(ENCRYPTED_DATA, Any::from_der(&data)?))
}

/// A salt that depends on nothing but what it is for and the content, so that the same input
/// gives the same store. The content is public: there is no secret that a known salt could help
/// to find but the password, and that protects nothing here.
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

fn mac_data<'a>(
    hash: ObjectIdentifier,
    digest: &'a [u8],
    salt: &'a [u8],
) -> der::Result<MacData<'a>> {
    Ok(MacData {
        mac: DigestInfo {
            algorithm: AlgorithmIdentifier {
                algorithm: hash,
                parameters: AnyRef::NULL,
            },
            digest: OctetStringRef::new(digest)?,
        },
        salt: OctetStringRef::new(salt)?,
        iterations: ITERATIONS,
    })
}
