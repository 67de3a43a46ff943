//! The ciphers of PKCS#12's first edition (RFC 7292, appendix C), for stores that old tools wrote.
//! Nothing is written with them.

use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt as _, KeyInit, KeyIvInit as _};
use sha1::Sha1;

use super::kdf::{Purpose, derive_key};
use crate::cert::Oid;

/// A cipher with the length of its key.
#[derive(Clone, Copy)]
pub(super) enum Scheme {
    TripleDes3,
    TripleDes2,
    Rc2With128,
    Rc2With40,
}

impl Scheme {
    /// The scheme of an algorithm identifier. The two with RC4 are left out: nothing writes them.
    pub(super) fn of(id: Oid<'_>) -> Option<Self> {
        const PKCS_12_PBE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 1];
        match id.0.strip_prefix(PKCS_12_PBE)? {
            [3] => Some(Scheme::TripleDes3),
            [4] => Some(Scheme::TripleDes2),
            [5] => Some(Scheme::Rc2With128),
            [6] => Some(Scheme::Rc2With40),
            _ => None,
        }
    }

    fn key_length(self) -> usize {
        match self {
            Scheme::TripleDes3 => 24,
            Scheme::TripleDes2 | Scheme::Rc2With128 => 16,
            Scheme::Rc2With40 => 5,
        }
    }

    /// How many rounds of SHA-1 an iteration takes: one for each 20 bytes of the key, one for the
    /// initialization vector.
    pub(super) fn rounds(self) -> u64 {
        if self.key_length() > 20 { 3 } else { 2 }
    }

    /// `content` decrypted with `password`; `None` if that is the wrong one.
    pub(super) fn decrypt(
        self,
        password: &[u8],
        salt: &[u8],
        iterations: u32,
        content: &[u8],
    ) -> Option<Vec<u8>> {
        let derive =
            |purpose, length| derive_key::<Sha1>(password, salt, purpose, iterations, length);
        let key = derive(Purpose::Encryption, self.key_length());
        let iv = derive(Purpose::InitializationVector, 8);
        match self {
            Scheme::TripleDes3 => cbc::<des::TdesEde3>(&key, &iv, content),
            Scheme::TripleDes2 => cbc::<des::TdesEde2>(&key, &iv, content),
            // The key's length is its effective length too.
            Scheme::Rc2With128 | Scheme::Rc2With40 => cbc::<rc2::Rc2>(&key, &iv, content),
        }
    }
}

fn cbc<C: BlockCipherDecrypt + KeyInit>(key: &[u8], iv: &[u8], content: &[u8]) -> Option<Vec<u8>> {
    cbc::Decryptor::<C>::new_from_slices(key, iv)
        .ok()?
        .decrypt_padded_vec::<Pkcs7>(content)
        .ok()
}
