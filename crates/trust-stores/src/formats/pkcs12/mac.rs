//! The MAC over a store, keyed with its password: computed for what is written, compared for what is read.

use der::asn1::ObjectIdentifier;
use hmac::{EagerHash, Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use super::kdf::{Purpose, derive_key};

const SHA_1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const SHA_224: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.4");
const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA_384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA_512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");

/// The hash that a MAC and its key are made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MacHash {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl MacHash {
    const ALL: [MacHash; 5] = [
        MacHash::Sha1,
        MacHash::Sha224,
        MacHash::Sha256,
        MacHash::Sha384,
        MacHash::Sha512,
    ];

    /// The hash with this identifier.
    pub(super) fn of(id: ObjectIdentifier) -> Option<Self> {
        MacHash::ALL.into_iter().find(|hash| hash.id() == id)
    }

    /// Its object identifier.
    pub(super) fn id(self) -> ObjectIdentifier {
        match self {
            MacHash::Sha1 => SHA_1,
            MacHash::Sha224 => SHA_224,
            MacHash::Sha256 => SHA_256,
            MacHash::Sha384 => SHA_384,
            MacHash::Sha512 => SHA_512,
        }
    }

    /// HMAC of `content`, with a key that is derived from `password` in UTF-16.
    pub(super) fn mac(
        self,
        password: &[u8],
        salt: &[u8],
        iterations: u32,
        content: &[u8],
    ) -> Vec<u8> {
        match self {
            MacHash::Sha1 => mac::<Sha1>(password, salt, iterations, content),
            MacHash::Sha224 => mac::<Sha224>(password, salt, iterations, content),
            MacHash::Sha256 => mac::<Sha256>(password, salt, iterations, content),
            MacHash::Sha384 => mac::<Sha384>(password, salt, iterations, content),
            MacHash::Sha512 => mac::<Sha512>(password, salt, iterations, content),
        }
    }
}

fn mac<H: Digest + EagerHash>(
    password: &[u8],
    salt: &[u8],
    iterations: u32,
    content: &[u8],
) -> Vec<u8> {
    let length = <H as Digest>::output_size();
    let key = derive_key::<H>(password, salt, Purpose::Mac, iterations, length);
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let hmac = Hmac::<H>::new_from_slice(&key).expect("a key of any length");
    hmac.chain_update(content).finalize().into_bytes().to_vec()
}
