//! The key derivation of PKCS#12 (RFC 7292, appendix B.2): a password and a salt in, a key out.
//!
//! Written by hand because the only crate that has it, `pkcs12`, brings `cms` and `x509-cert` for these few
//! lines, and has no stable release: <https://github.com/RustCrypto/formats/issues/2387>.

use super::hash::Hash;

/// What a key is for. Each purpose gives a different key; the numbers are those of appendix B.3.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    Encryption = 1,
    InitializationVector = 2,
    Mac = 3,
}

/// A key of `length` bytes from `password`, which is in UTF-16 with a terminating NUL
/// ([`Password::bmp_string`](crate::Password)), or empty for no password at all.
pub(super) fn derive_key(
    with: Hash,
    password: &[u8],
    salt: &[u8],
    purpose: Purpose,
    iterations: u32,
    length: usize,
) -> Vec<u8> {
    let block = with.block;
    let whole_blocks = |bytes: &[u8]| -> Vec<u8> {
        let length = bytes.len().next_multiple_of(block);
        bytes.iter().copied().cycle().take(length).collect()
    };
    let diversifier = vec![purpose as u8; block];
    let mut input = [whole_blocks(salt), whole_blocks(password)].concat();
    let mut key = Vec::new();
    let mut hash = vec![0; with.length];
    let mut previous = hash.clone();
    loop {
        with.digest(&[&diversifier, &input], &mut hash);
        for _ in 1..iterations {
            previous.copy_from_slice(&hash);
            with.digest(&[&previous], &mut hash);
        }
        key.extend_from_slice(&hash);
        if key.len() >= length {
            key.truncate(length);
            return key;
        }
        for block in input.chunks_mut(block) {
            add_one_more_than(&hash, block);
        }
    }
}

/// Adds `hash`, repeated to the length of `block`, and 1 to `block`, modulo its size.
fn add_one_more_than(hash: &[u8], block: &mut [u8]) {
    let mut carry = 1;
    let addend: Vec<u8> = hash.iter().copied().cycle().take(block.len()).collect();
    for (byte, addend) in block.iter_mut().zip(addend).rev() {
        let [high, low] = (u16::from(*byte) + u16::from(addend) + carry).to_be_bytes();
        *byte = low;
        carry = u16::from(high);
    }
}

#[cfg(test)]
mod tests {
    use super::{Hash, Purpose, derive_key};
    use crate::cert::oid;
    use crate::formats::Password;
    use crate::hex::encode as hex;

    const SALT: [u8; 8] = [1, 2, 3, 4, 5, 6, 7, 8];

    /// What `openssl kdf` 3.0 gives, with `-kdfopt hexpass:` and the password in UTF-16:
    /// `openssl kdf -keylen 24 -kdfopt digest:SHA1 … -kdfopt iter:3 -kdfopt id:1 PKCS12KDF`.
    #[test]
    fn keys_are_those_of_openssl() {
        let password = Password::default().bmp_string();
        let key = derive_key(Hash::SHA_1, &password, &SALT, Purpose::Encryption, 3, 24);
        assert_eq!(
            hex(&key),
            "f8c7117eef60072c240a1ec2614f14be375e29bf732e5c7c"
        );
        let key = derive_key(
            Hash::SHA_1,
            &password,
            &SALT,
            Purpose::InitializationVector,
            3,
            8,
        );
        assert_eq!(hex(&key), "b25396b2c141c99d");
        let key = derive_key(Hash::SHA_1, &password, &SALT, Purpose::Mac, 1000, 20);
        assert_eq!(hex(&key), "74947e4666d2dff3c2d89f6fb6243566d68d43b9");
        let key = derive_key(
            Hash::of(oid::SHA_224).unwrap(),
            &password,
            &SALT,
            Purpose::Mac,
            2,
            28,
        );
        assert_eq!(
            hex(&key),
            "9d637366c124a05f73f1c78973d6214994f543b7d81bba1910bd7859"
        );
        let key = derive_key(Hash::SHA_256, &password, &SALT, Purpose::Mac, 2, 64);
        assert_eq!(
            hex(&key),
            "159711d2404d05739c7e62fc3078a957a081b6ce8044af00ed3ce77055779b27\
             2c074068b7dcee6e7918fad2f4e9d77295ce9bdbc25e395619d391814f92cc2f"
        );
        let key = derive_key(
            Hash::of(oid::SHA_384).unwrap(),
            &password,
            &SALT,
            Purpose::Mac,
            2,
            48,
        );
        assert_eq!(
            hex(&key),
            "07e865101765037bd8164aa575deb97d8a175dc020a5c154e1746067b1bf3d7b\
             d5815e0d31f077224c3579a9fe24d8a5"
        );
        let key = derive_key(
            Hash::of(oid::SHA_512).unwrap(),
            &password,
            &SALT,
            Purpose::Encryption,
            2,
            200,
        );
        assert_eq!(
            hex(&key[160..]),
            "db7c748e9f0bea3962f3a29b7f9c52f31147956f7aabff0dd95cff847546a7dae2161e2b5bce3659"
        );
    }

    #[test]
    fn the_empty_password_and_inputs_of_several_blocks_are_those_of_openssl_too() {
        let key = derive_key(Hash::SHA_1, &[0, 0], &SALT, Purpose::Encryption, 2, 40);
        assert_eq!(
            hex(&key),
            "6f61ada78cbd3662b270422ddedbc65c84349b8acbb9671889c0abbe374a62c381b840328588bd7c"
        );
        let password = Password::new("p".repeat(40)).bmp_string();
        let key = derive_key(
            Hash::SHA_1,
            &password,
            &[0xab; 70],
            Purpose::Encryption,
            1,
            50,
        );
        assert_eq!(
            hex(&key),
            "143a35f8389c3fdffb221d4667708213a728419f2dac99af6035cc6e324b1f53\
             801bfaed1b5b808cf72e8679b95128374eac"
        );
    }
}
