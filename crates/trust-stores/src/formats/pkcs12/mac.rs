//! The MAC over a store, keyed with its password: computed for what is written, compared for what is read.

use hmac::{EagerHash, Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use super::kdf::{Purpose, derive_key};
use crate::cert::{Oid, oid};

/// Computes a MAC of a password, a salt, a count of iterations and the content.
type Mac = fn(&[u8], &[u8], u32, &[u8]) -> Vec<u8>;

/// A hash that a MAC and its key are made with.
#[derive(Clone, Copy)]
pub(super) struct MacHash {
    /// Its object identifier.
    pub(super) id: Oid<'static>,
    mac: Mac,
}

impl MacHash {
    pub(super) const SHA_1: MacHash = MacHash::new::<Sha1>(oid::SHA_1);
    pub(super) const SHA_256: MacHash = MacHash::new::<Sha256>(oid::SHA_256);
    const ALL: [MacHash; 5] = [
        MacHash::SHA_1,
        MacHash::new::<Sha224>(oid::SHA_224),
        MacHash::SHA_256,
        MacHash::new::<Sha384>(oid::SHA_384),
        MacHash::new::<Sha512>(oid::SHA_512),
    ];

    const fn new<H: Digest + EagerHash>(id: Oid<'static>) -> Self {
        MacHash { id, mac: mac::<H> }
    }

    /// The hash with this identifier.
    pub(super) fn of(id: Oid<'_>) -> Option<Self> {
        MacHash::ALL.into_iter().find(|hash| hash.id == id)
    }

    /// HMAC of `content`, with a key that is derived from `password` in UTF-16.
    pub(super) fn mac(
        self,
        password: &[u8],
        salt: &[u8],
        iterations: u32,
        content: &[u8],
    ) -> Vec<u8> {
        (self.mac)(password, salt, iterations, content)
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
