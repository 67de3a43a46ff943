//! The ciphers of encrypted safes: those of PBES2 with a key of PBKDF2 or scrypt, and those of PKCS#12's first
//! edition (RFC 7292, appendix C), which old tools wrote.

use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{
    BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt as _, BlockModeEncrypt as _, KeyInit,
    KeyIvInit as _,
};

use crate::cert::{Oid, oid};

/// Decrypts, with a key and an initialization vector, some content; `None` if its padding is wrong.
type Decrypt = fn(&[u8], &[u8], &[u8]) -> Option<Vec<u8>>;

/// A cipher, by what it needs.
#[derive(Clone, Copy)]
pub(super) struct Cipher {
    /// The length of its key in bytes.
    pub(super) key_length: usize,
    /// The length of its initialization vector; 0 if it has none.
    pub(super) iv_length: usize,
    decrypt: Decrypt,
}

impl Cipher {
    const fn block<C: BlockCipherDecrypt + KeyInit>(key_length: usize, iv_length: usize) -> Self {
        Cipher {
            key_length,
            iv_length,
            decrypt: decrypt_cbc::<C>,
        }
    }

    const fn rc4(key_length: usize) -> Self {
        Cipher {
            key_length,
            iv_length: 0,
            decrypt: |key, _, content| Some(super::rc4::apply(key, content)),
        }
    }

    /// The cipher of an `encryptionScheme` of PBES2.
    pub(super) fn of_pbes2(id: Oid<'_>) -> Option<Self> {
        Some(match id {
            oid::AES_128_CBC => Cipher::block::<aes::Aes128>(16, 16),
            oid::AES_192_CBC => Cipher::block::<aes::Aes192>(24, 16),
            oid::AES_256_CBC => Cipher::block::<aes::Aes256>(32, 16),
            oid::DES_EDE3_CBC => Cipher::block::<des::TdesEde3>(24, 8),
            _ => return None,
        })
    }

    /// The cipher of an algorithm of PKCS#12's own.
    pub(super) fn of_pkcs12(id: Oid<'_>) -> Option<Self> {
        const PKCS_12_PBE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 1];
        Some(match id.0.strip_prefix(PKCS_12_PBE)? {
            [1] => Cipher::rc4(16),
            [2] => Cipher::rc4(5),
            [3] => Cipher::block::<des::TdesEde3>(24, 8),
            [4] => Cipher::block::<des::TdesEde2>(16, 8),
            // The length of RC2's key is its effective length too.
            [5] => Cipher::block::<rc2::Rc2>(16, 8),
            [6] => Cipher::block::<rc2::Rc2>(5, 8),
            _ => return None,
        })
    }

    /// `content` decrypted; `None` if the key is the wrong one.
    pub(super) fn decrypt(self, key: &[u8], iv: &[u8], content: &[u8]) -> Option<Vec<u8>> {
        (self.decrypt)(key, iv, content)
    }
}

fn decrypt_cbc<C: BlockCipherDecrypt + KeyInit>(
    key: &[u8],
    iv: &[u8],
    content: &[u8],
) -> Option<Vec<u8>> {
    cbc::Decryptor::<C>::new_from_slices(key, iv)
        .ok()?
        .decrypt_padded_vec::<Pkcs7>(content)
        .ok()
}

/// `content` encrypted with AES-256 in CBC mode.
pub(super) fn encrypt_aes_256(key: &[u8; 32], iv: &[u8; 16], content: &[u8]) -> Vec<u8> {
    encrypt_cbc::<aes::Aes256>(key, iv, content)
}

fn encrypt_cbc<C: BlockCipherEncrypt + KeyInit>(key: &[u8], iv: &[u8], content: &[u8]) -> Vec<u8> {
    #[expect(clippy::expect_used, reason = "the callers' types have the lengths")]
    let encryptor =
        cbc::Encryptor::<C>::new_from_slices(key, iv).expect("a key and a vector of AES");
    encryptor.encrypt_padded_vec::<Pkcs7>(content)
}
