//! The hashes that keys and MACs are made with, and what a round of each costs.

use hmac::EagerHash;
use sha1::Sha1;
use sha2::digest::OutputSizeUser;
use sha2::digest::block_api::BlockSizeUser;
use sha2::digest::typenum::Unsigned as _;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};

use super::kdf::{Purpose, derive_key};
use crate::cert::{Oid, oid};
use crate::formats::derivation_budget::{SHA_1_ROUND, SHA_256_ROUND, SHA_512_ROUND};

/// A hash, by its functions. What is made with it is no generic code: seven copies of it are a hundred kilobytes.
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
    /// The length of the blocks that it reads, in bytes.
    pub(super) block: usize,
    digest: fn(&[&[u8]], &mut [u8]),
    pbkdf2: fn(&[u8], &[u8], u32, &mut [u8]),
}

impl Hash {
    pub(super) const SHA_1: Hash = Hash::new::<Sha1>(oid::SHA_1, oid::HMAC_WITH_SHA_1, SHA_1_ROUND);
    pub(super) const SHA_256: Hash =
        Hash::new::<Sha256>(oid::SHA_256, oid::HMAC_WITH_SHA_256, SHA_256_ROUND);
    const ALL: [Hash; 7] = [
        Hash::SHA_1,
        Hash::new::<Sha224>(oid::SHA_224, oid::HMAC_WITH_SHA_224, SHA_256_ROUND),
        Hash::SHA_256,
        Hash::new::<Sha384>(oid::SHA_384, oid::HMAC_WITH_SHA_384, SHA_512_ROUND),
        Hash::new::<Sha512>(oid::SHA_512, oid::HMAC_WITH_SHA_512, SHA_512_ROUND),
        Hash::new::<Sha512_224>(oid::SHA_512_224, oid::HMAC_WITH_SHA_512_224, SHA_512_ROUND),
        Hash::new::<Sha512_256>(oid::SHA_512_256, oid::HMAC_WITH_SHA_512_256, SHA_512_ROUND),
    ];

    const fn new<H: Digest + BlockSizeUser + EagerHash>(
        id: Oid<'static>,
        hmac_id: Oid<'static>,
        round: u64,
    ) -> Self {
        Hash {
            id,
            hmac_id,
            length: <H as OutputSizeUser>::OutputSize::USIZE,
            round,
            block: H::BlockSize::USIZE,
            digest: digest::<H>,
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
        let key = derive_key(self, password, salt, Purpose::Mac, iterations, self.length);
        self.hmac(&key, content)
    }

    /// Fills `hash`, which has the length of this one, with that of the `parts`, one after the other.
    pub(super) fn digest(self, parts: &[&[u8]], hash: &mut [u8]) {
        (self.digest)(parts, hash);
    }

    /// HMAC of `content` with `key` (RFC 2104).
    pub(super) fn hmac(self, key: &[u8], content: &[u8]) -> Vec<u8> {
        let mut block = vec![0; self.block];
        match block.get_mut(..key.len()) {
            Some(start) => start.copy_from_slice(key),
            None => self.digest(&[key], &mut block[..self.length]),
        }
        let padded = |pad: u8| -> Vec<u8> { block.iter().map(|byte| byte ^ pad).collect() };
        let mut hash = vec![0; self.length];
        self.digest(&[&padded(0x36), content], &mut hash);
        let inner = hash.clone();
        self.digest(&[&padded(0x5c), &inner], &mut hash);
        hash
    }

    /// Fills `key` by PBKDF2 (RFC 8018, section 5.2).
    pub(super) fn pbkdf2(self, password: &[u8], salt: &[u8], iterations: u32, key: &mut [u8]) {
        (self.pbkdf2)(password, salt, iterations, key);
    }
}

fn digest<H: Digest>(parts: &[&[u8]], hash: &mut [u8]) {
    let mut hasher = H::new();
    for part in parts {
        hasher.update(part);
    }
    hash.copy_from_slice(&hasher.finalize());
}

#[cfg(test)]
mod tests {
    use super::Hash;
    use crate::hex::encode as hex;

    /// RFC 4231, test cases 2 and 6.
    #[test]
    fn hmac_is_that_of_the_rfc() {
        let mac = |key: &[u8], content: &[u8]| hex(&Hash::SHA_256.hmac(key, content));
        assert_eq!(
            mac(b"Jefe", b"what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            mac(
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First"
            ),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }
}
