//! The ciphers of encrypted safes: those of PBES2 with a key of PBKDF2 or scrypt, and those of PKCS#12's first
//! edition (RFC 7292, appendix C), which old tools wrote.

use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{
    BlockCipherDecrypt, BlockModeDecrypt as _, BlockModeEncrypt as _, KeyInit, KeyIvInit as _,
};
use der::{Length, Writer};

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

/// The length of an AES block.
const BLOCK: usize = 16;

/// How long `length` bytes are once they are encrypted: padding fills the last block, or is one.
pub(super) fn aes_length(length: Length) -> der::Result<Length> {
    let blocks = usize::try_from(length)? / BLOCK + 1;
    Length::try_from(blocks * BLOCK)
}

/// Encrypts the DER that is written to it with AES-256 in CBC mode, a block at a time.
pub(super) struct Aes256Cbc<'a, W> {
    encryptor: cbc::Encryptor<aes::Aes256>,
    /// What does not fill a block yet.
    rest: [u8; BLOCK],
    filled: usize,
    out: &'a mut W,
}

impl<'a, W: Writer> Aes256Cbc<'a, W> {
    pub(super) fn new(key: &[u8; 32], iv: &[u8; BLOCK], out: &'a mut W) -> Self {
        Aes256Cbc {
            encryptor: cbc::Encryptor::new(key.into(), iv.into()),
            rest: [0; BLOCK],
            filled: 0,
            out,
        }
    }

    /// Writes the last block, with PKCS#7's padding (RFC 5652, section 6.3).
    pub(super) fn finish(mut self) -> der::Result<()> {
        let padding = BLOCK - self.filled;
        // At most 16.
        self.rest[self.filled..].fill(u8::try_from(padding)?);
        self.encrypt_block()
    }

    fn encrypt_block(&mut self) -> der::Result<()> {
        let mut block = self.rest.into();
        self.encryptor.encrypt_block(&mut block);
        self.filled = 0;
        self.out.write(&block)
    }
}

impl<W: Writer> Writer for Aes256Cbc<'_, W> {
    fn write(&mut self, mut bytes: &[u8]) -> der::Result<()> {
        while !bytes.is_empty() {
            let space = &mut self.rest[self.filled..];
            let (now, later) = bytes.split_at(space.len().min(bytes.len()));
            space[..now.len()].copy_from_slice(now);
            self.filled += now.len();
            bytes = later;
            if self.filled == BLOCK {
                self.encrypt_block()?;
            }
        }
        Ok(())
    }
}
