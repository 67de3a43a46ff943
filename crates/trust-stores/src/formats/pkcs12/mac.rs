//! The MAC over a store, keyed with its password: computed for what is written, compared for what is read.

use hmac::{EagerHash, Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use super::kdf::{Purpose, derive_key};
use crate::cert::{Oid, oid};

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
    pub(super) fn of(id: Oid<'_>) -> Option<Self> {
        MacHash::ALL.into_iter().find(|hash| hash.id() == id)
    }

    /// Its object identifier.
    pub(super) fn id(self) -> Oid<'static> {
        match self {
            MacHash::Sha1 => oid::SHA_1,
            MacHash::Sha224 => oid::SHA_224,
            MacHash::Sha256 => oid::SHA_256,
            MacHash::Sha384 => oid::SHA_384,
            MacHash::Sha512 => oid::SHA_512,
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
