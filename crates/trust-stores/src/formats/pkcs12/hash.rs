//! The hashes that keys and MACs are made with, and what a round of each costs.

use hmac::{EagerHash, Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};

use super::kdf::{Purpose, derive_key};
use crate::cert::{Oid, oid};
use crate::formats::derivation_budget::{SHA_1_ROUND, SHA_256_ROUND, SHA_512_ROUND};

/// [`derive_key`] with a hash.
type DeriveKey = fn(&[u8], &[u8], Purpose, u32, usize) -> Vec<u8>;

/// A hash, by its functions.
#[derive(Clone, Copy)]
pub(super) struct Hash {
    /// Its object identifier.
    pub(super) id: Oid<'static>,
    /// The object identifier of HMAC with it.
    hmac_id: Oid<'static>,
    /// The length of its output in bytes.
    pub(super) length: usize,
    /// The cost of hashing one block, in the unit of
    /// [`DerivationBudget`](crate::formats::DerivationBudget).
    pub(super) round: u64,
    derive_key: DeriveKey,
    hmac: fn(&[u8], &[u8]) -> Vec<u8>,
    pbkdf2: fn(&[u8], &[u8], u32, &mut [u8]),
}

impl Hash {
    pub(super) const SHA_1: Hash =
        Hash::new::<Sha1>(oid::SHA_1, oid::HMAC_WITH_SHA_1, 20, SHA_1_ROUND);
    pub(super) const SHA_256: Hash =
        Hash::new::<Sha256>(oid::SHA_256, oid::HMAC_WITH_SHA_256, 32, SHA_256_ROUND);
    const ALL: [Hash; 7] = [
        Hash::SHA_1,
        Hash::new::<Sha224>(oid::SHA_224, oid::HMAC_WITH_SHA_224, 28, SHA_256_ROUND),
        Hash::SHA_256,
        Hash::new::<Sha384>(oid::SHA_384, oid::HMAC_WITH_SHA_384, 48, SHA_512_ROUND),
        Hash::new::<Sha512>(oid::SHA_512, oid::HMAC_WITH_SHA_512, 64, SHA_512_ROUND),
        Hash::new::<Sha512_224>(
            oid::SHA_512_224,
            oid::HMAC_WITH_SHA_512_224,
            28,
            SHA_512_ROUND,
        ),
        Hash::new::<Sha512_256>(
            oid::SHA_512_256,
            oid::HMAC_WITH_SHA_512_256,
            32,
            SHA_512_ROUND,
        ),
    ];

    const fn new<H: Digest + EagerHash>(
        id: Oid<'static>,
        hmac_id: Oid<'static>,
        length: usize,
        round: u64,
    ) -> Self {
        Hash {
            id,
            hmac_id,
            length,
            round,
            derive_key: derive_key::<H>,
            hmac: hmac::<H>,
            pbkdf2: pbkdf2::pbkdf2_hmac::<H>,
        }
    }

    /// The hash with this identifier.
    pub(super) fn of(id: Oid<'_>) -> Option<Self> {
        Hash::ALL.into_iter().find(|hash| hash.id == id)
    }

    /// The hash of the HMAC with this identifier.
    pub(super) fn of_hmac(id: Oid<'_>) -> Option<Self> {
        Hash::ALL.into_iter().find(|hash| hash.hmac_id == id)
    }

    /// HMAC of `content` with a key of its length that PKCS#12 derives from `password`, which is in UTF-16.
    pub(super) fn mac(
        self,
        password: &[u8],
        salt: &[u8],
        iterations: u32,
        content: &[u8],
    ) -> Vec<u8> {
        let key = (self.derive_key)(password, salt, Purpose::Mac, iterations, self.length);
        self.hmac(&key, content)
    }

    /// HMAC of `content` with `key`.
    pub(super) fn hmac(self, key: &[u8], content: &[u8]) -> Vec<u8> {
        (self.hmac)(key, content)
    }

    /// Fills `key` by PBKDF2 (RFC 8018, section 5.2).
    pub(super) fn pbkdf2(self, password: &[u8], salt: &[u8], iterations: u32, key: &mut [u8]) {
        (self.pbkdf2)(password, salt, iterations, key);
    }
}

fn hmac<H: Digest + EagerHash>(key: &[u8], content: &[u8]) -> Vec<u8> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let hmac = Hmac::<H>::new_from_slice(key).expect("a key of any length");
    hmac.chain_update(content).finalize().into_bytes().to_vec()
}
