//! The ciphers of PKCS#12's first edition (RFC 7292, appendix C), for stores that old tools wrote.
//! Nothing is written with them.

use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt as _, KeyInit, KeyIvInit as _};
use sha1::Sha1;

use super::kdf::{Purpose, derive_key};
use crate::cert::Oid;

/// Decrypts, with a key and an initialization vector, some content; `None` if its padding is wrong.
type Cipher = fn(&[u8], &[u8], &[u8]) -> Option<Vec<u8>>;

/// A cipher with the length of its key in bytes.
#[derive(Clone, Copy)]
pub(super) struct Scheme {
    key_length: usize,
    cipher: Cipher,
}

impl Scheme {
    /// The scheme of an algorithm identifier. The two with RC4 are left out: nothing writes them.
    pub(super) fn of(id: Oid<'_>) -> Option<Self> {
        const PKCS_12_PBE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 1];
        let scheme = |key_length, cipher| Some(Scheme { key_length, cipher });
        match id.0.strip_prefix(PKCS_12_PBE)? {
            [3] => scheme(24, cbc::<des::TdesEde3>),
            [4] => scheme(16, cbc::<des::TdesEde2>),
            // The length of RC2's key is its effective length too.
            [5] => scheme(16, cbc::<rc2::Rc2>),
            [6] => scheme(5, cbc::<rc2::Rc2>),
            _ => None,
        }
    }

    /// How many rounds of SHA-1 an iteration takes: one for each 20 bytes of the key, one for the
    /// initialization vector.
    pub(super) fn rounds(self) -> u64 {
        if self.key_length > 20 { 3 } else { 2 }
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
        let key = derive(Purpose::Encryption, self.key_length);
        let iv = derive(Purpose::InitializationVector, 8);
        (self.cipher)(&key, &iv, content)
    }
}

fn cbc<C: BlockCipherDecrypt + KeyInit>(key: &[u8], iv: &[u8], content: &[u8]) -> Option<Vec<u8>> {
    cbc::Decryptor::<C>::new_from_slices(key, iv)
        .ok()?
        .decrypt_padded_vec::<Pkcs7>(content)
        .ok()
}
