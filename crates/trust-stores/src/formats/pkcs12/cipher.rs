//! The ciphers of encrypted safes: those of PBES2 with a key of PBKDF2 or scrypt, and those of PKCS#12's first
//! edition (RFC 7292, appendix C), which old tools wrote.
//!
//! Their mode, CBC (NIST SP 800-38A, section 6.2), and its padding (RFC 8018, section 6.1.1) are by hand: the crate
//! `cbc` is compiled for each cipher, and for AES with the code of each generation of processors, which is 90 kB for
//! what one call for each block does.

use aes::cipher::{Block, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
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
            decrypt: decrypt_with::<C>,
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

fn decrypt_with<C: BlockCipherDecrypt + KeyInit>(
    key: &[u8],
    iv: &[u8],
    content: &[u8],
) -> Option<Vec<u8>> {
    let cipher = C::new_from_slice(key).ok()?;
    if iv.len() != C::block_size() {
        return None;
    }
    undo_cbc(iv, content, &|block| {
        if let Ok(block) = <&mut Block<C>>::try_from(block) {
            cipher.decrypt_block(block);
        }
    })
}

/// `content` without CBC and padding, with a function that decrypts a block as long as `iv`.
fn undo_cbc(iv: &[u8], content: &[u8], decrypt_block: &dyn Fn(&mut [u8])) -> Option<Vec<u8>> {
    if !content.len().is_multiple_of(iv.len()) {
        return None;
    }
    let mut plain = content.to_vec();
    let mut previous = iv;
    for (block, encrypted) in plain
        .chunks_exact_mut(iv.len())
        .zip(content.chunks_exact(iv.len()))
    {
        decrypt_block(block);
        xor(block, previous);
        previous = encrypted;
    }
    let last = *plain.last()?;
    let padding = usize::from(last);
    let length = plain.len().checked_sub(padding)?;
    if !(1..=iv.len()).contains(&padding) || plain[length..].iter().any(|byte| *byte != last) {
        return None;
    }
    plain.truncate(length);
    Some(plain)
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
    cipher: aes::Aes256,
    /// The last encrypted block, or the initialization vector, combined with the `filled` bytes of the next one.
    block: Block<aes::Aes256>,
    filled: usize,
    out: &'a mut W,
}

impl<'a, W: Writer> Aes256Cbc<'a, W> {
    pub(super) fn new(key: &[u8; 32], iv: &[u8; BLOCK], out: &'a mut W) -> Self {
        Aes256Cbc {
            cipher: aes::Aes256::new(key.into()),
            block: (*iv).into(),
            filled: 0,
            out,
        }
    }

    /// Writes the last block, with PKCS#7's padding (RFC 5652, section 6.3).
    pub(super) fn finish(mut self) -> der::Result<()> {
        let padding = BLOCK - self.filled;
        // At most 16.
        let value = u8::try_from(padding)?;
        self.write(&[value; BLOCK][..padding])
    }
}

impl<W: Writer> Writer for Aes256Cbc<'_, W> {
    fn write(&mut self, mut bytes: &[u8]) -> der::Result<()> {
        while !bytes.is_empty() {
            let space = &mut self.block[self.filled..];
            let (now, later) = bytes.split_at(space.len().min(bytes.len()));
            xor(space, now);
            self.filled += now.len();
            bytes = later;
            if self.filled == BLOCK {
                self.cipher.encrypt_block(&mut self.block);
                self.out.write(&self.block)?;
                self.filled = 0;
            }
        }
        Ok(())
    }
}

fn xor(block: &mut [u8], other: &[u8]) {
    for (byte, other) in block.iter_mut().zip(other) {
        *byte ^= other;
    }
}

#[cfg(test)]
mod tests {
    use der::Writer as _;

    use super::{Aes256Cbc, Cipher};
    use crate::asn1::write::AppendTo;
    use crate::cert::oid;

    const IV: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

    fn encrypted(key: &[u8; 32], pieces: &[&[u8]]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut out_writer = AppendTo(&mut out);
        let mut cipher = Aes256Cbc::new(key, &IV, &mut out_writer);
        for piece in pieces {
            cipher.write(piece).unwrap();
        }
        cipher.finish().unwrap();
        out
    }

    fn decrypted(key: &[u8; 32], content: &[u8]) -> Option<Vec<u8>> {
        let cipher = Cipher::of_pbes2(oid::AES_256_CBC).unwrap();
        cipher.decrypt(key, &IV, content)
    }

    /// NIST SP 800-38A, F.2.5.
    #[test]
    fn two_blocks_are_those_of_the_standard() {
        let key = 0x603d_eb10_15ca_71be_2b73_aef0_857d_7781_u128.to_be_bytes();
        let rest = 0x1f35_2c07_3b61_08d7_2d98_10a3_0914_dff4_u128.to_be_bytes();
        let key = [key, rest].concat().try_into().unwrap();
        let plain = [
            0x6bc1_bee2_2e40_9f96_e93d_7e11_7393_172a_u128.to_be_bytes(),
            0xae2d_8a57_1e03_ac9c_9eb7_6fac_45af_8e51_u128.to_be_bytes(),
        ]
        .concat();
        let encrypted = encrypted(&key, &[&plain[..5], &plain[5..]]);
        assert_eq!(
            encrypted[..32],
            [
                0xf58c_4c04_d6e5_f1ba_779e_abfb_5f7b_fbd6_u128.to_be_bytes(),
                0x9cfc_4e96_7edb_808d_679f_777b_c670_2c7d_u128.to_be_bytes(),
            ]
            .concat()
        );
        assert_eq!(encrypted.len(), 48, "a whole block of padding");
        assert_eq!(decrypted(&key, &encrypted).as_deref(), Some(&plain[..]));
    }

    #[test]
    fn content_of_another_length_or_key_is_refused() {
        let encrypted = encrypted(&[1; 32], &[b"some", b" bags"]);
        assert_eq!(decrypted(&[1; 32], &encrypted).unwrap(), b"some bags");
        assert_eq!(decrypted(&[2; 32], &encrypted), None);
        assert_eq!(decrypted(&[1; 32], &encrypted[..15]), None);
        assert_eq!(decrypted(&[1; 32], &[]), None);
    }
}
