//! Signatures by RSA keys (RFC 8017).

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};
use der::asn1::UintRef;
use der::{Decode, Reader, SliceReader};
use trust_stores::cert::{Hash, PssParameters};

use super::Signature;
use super::hash::{digest, identifier};

/// The longest modulus that OpenSSL (`OPENSSL_RSA_MAX_MODULUS_BITS`) and the JVM (`RSAKeyFactory`)
/// compute with.
const MAX_MODULUS_BITS: u32 = 16_384;

/// What they both take whatever the modulus; a server may not choose how long we compute.
const MAX_EXPONENT_BITS: u32 = 64;

/// `RSASSA-PKCS1-v1_5` (section 8.2.2).
pub(super) fn verify_pkcs1(message: &[u8], hash: Hash, signature: &[u8], key: &[u8]) -> Signature {
    let (Some(key), Some(digest)) = (PublicKey::of(key), digest(hash, &[message])) else {
        return Signature::Unknown;
    };
    let Some(identifier) = identifier(hash) else {
        return Signature::Unknown;
    };
    let Some(encoded) = key.raise(signature) else {
        return Signature::Bad;
    };
    let is_encoding_with = |null: &[u8]| {
        let expected = pkcs1_encoding(identifier, null, &digest, encoded.len());
        expected.is_some_and(|expected| expected == encoded)
    };
    if is_encoding_with(&[5, 0]) {
        Signature::Good
    } else if is_encoding_with(&[]) {
        // OpenSSL refuses it, newer JVMs do not.
        Signature::Unknown
    } else {
        Signature::Bad
    }
}

/// `EMSA-PKCS1-v1_5` (section 9.2); `null` is the hash's parameters. `None` if it does not fit.
fn pkcs1_encoding(identifier: &[u8], null: &[u8], digest: &[u8], length: usize) -> Option<Vec<u8>> {
    const LEAST_PADDING: usize = 8;
    let algorithm = element(0x30, &[&element(6, &[identifier]), null]);
    let info = element(0x30, &[&algorithm, &element(4, &[digest])]);
    let padding = length
        .checked_sub(3 + info.len())
        .filter(|padding| *padding >= LEAST_PADDING)?;
    Some([&[0, 1], &*vec![0xff; padding], &[0], &*info].concat())
}

/// An element of DER that is shorter than 128 bytes.
fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut element = vec![tag];
    element.extend(u8::try_from(content.len()));
    element.extend(content);
    element
}

/// `RSASSA-PSS` (section 8.1.2), with a salt of exactly the length that the parameters name.
pub(super) fn verify_pss(
    message: &[u8],
    parameters: PssParameters,
    signature: &[u8],
    key: &[u8],
) -> Signature {
    let (Some(key), Some(digest)) = (PublicKey::of(key), digest(parameters.hash, &[message]))
    else {
        return Signature::Unknown;
    };
    let Some(encoded) = key.raise(signature) else {
        return Signature::Bad;
    };
    // The encoding is one bit shorter than the modulus: a byte less where that has 8n + 1 bits.
    let bits = key.bits - 1;
    let (surplus, encoded) = encoded.split_at(encoded.len() - bits.div_ceil(8));
    if surplus.iter().any(|byte| *byte != 0) {
        return Signature::Bad;
    }
    match is_pss_encoding(encoded, bits, &digest, parameters) {
        Some(is_good) => Signature::from(is_good),
        None => Signature::Unknown,
    }
}

/// `EMSA-PSS-VERIFY` (section 9.1.2). `None` if the mask's hash is not computed here.
fn is_pss_encoding(
    encoded: &[u8],
    bits: usize,
    digest_of_message: &[u8],
    parameters: PssParameters,
) -> Option<bool> {
    let unused_bits = encoded.len() * 8 - bits;
    let padding = encoded
        .len()
        .checked_sub(digest_of_message.len() + 2)
        .zip(usize::try_from(parameters.salt_length).ok())
        .and_then(|(room, salt)| room.checked_sub(salt));
    let Some(padding) = padding else {
        return Some(false);
    };
    let [masked @ .., 0xbc] = encoded else {
        return Some(false);
    };
    let (masked, hash_of_salted) = masked.split_at(masked.len() - digest_of_message.len());
    if masked[0].leading_zeros() < u32::try_from(unused_bits).ok()? {
        return Some(false);
    }
    let mask = mgf1(parameters.mask_hash, hash_of_salted, masked.len())?;
    let mut block: Vec<u8> = masked.iter().zip(mask).map(|(a, b)| a ^ b).collect();
    block[0] &= 0xff >> unused_bits;
    let (zeros, salt) = block.split_at(padding);
    let [1, salt @ ..] = salt else {
        return Some(false);
    };
    let salted = digest(parameters.hash, &[&[0; 8], digest_of_message, salt])?;
    Some(zeros.iter().all(|byte| *byte == 0) && salted == hash_of_salted)
}

/// The mask generation function (appendix B.2.1).
fn mgf1(hash: Hash, seed: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut mask = Vec::new();
    for counter in 0_u32.. {
        if mask.len() >= length {
            break;
        }
        mask.extend(digest(hash, &[seed, &counter.to_be_bytes()])?);
    }
    mask.truncate(length);
    Some(mask)
}

/// `RSAPublicKey`.
struct PublicKey {
    modulus: Odd<BoxedUint>,
    /// How many bits the modulus has.
    bits: usize,
    exponent: BoxedUint,
}

impl PublicKey {
    /// From its DER. `None` for what OpenSSL or the JVM does not compute with, nor we.
    fn of(der: &[u8]) -> Option<Self> {
        let mut reader = SliceReader::new(der).ok()?;
        let numbers = reader.sequence(|fields| {
            Ok::<_, der::Error>([UintRef::decode(fields)?, UintRef::decode(fields)?])
        });
        let [modulus, exponent] = numbers.ok().filter(|_| reader.is_finished())?;
        let [modulus, exponent] =
            [modulus, exponent].map(|number| BoxedUint::from_be_slice_vartime(number.as_bytes()));
        let (bits, exponent_bits) = (modulus.bit_width_vartime(), exponent.bit_width_vartime());
        // An exponent of 1 would make every signature a good one.
        let is_computed = (2..=MAX_EXPONENT_BITS).contains(&exponent_bits)
            && exponent_bits < bits
            && bits <= MAX_MODULUS_BITS;
        let modulus = Option::from(Odd::new(modulus)).filter(|_| is_computed)?;
        Some(PublicKey {
            modulus,
            bits: bits as usize,
            exponent,
        })
    }

    /// The signature to the power of the exponent, as long as the modulus (`RSAVP1`, `I2OSP`). `None` if
    /// it has another length or is no number below the modulus.
    fn raise(&self, signature: &[u8]) -> Option<Vec<u8>> {
        let length = self.bits.div_ceil(8);
        let precision = self.modulus.bits_precision();
        let signature = Some(signature)
            .filter(|signature| signature.len() == length)
            .and_then(|signature| BoxedUint::from_be_slice(signature, precision).ok())
            .filter(|signature| *signature < *self.modulus)?;
        let parameters = BoxedMontyParams::new_vartime(self.modulus.clone());
        let power = BoxedMontyForm::new(signature, &parameters)
            .pow_bounded_exp(&self.exponent, self.exponent.bit_width_vartime())
            .retrieve()
            .to_be_bytes();
        Some(power[power.len() - length..].to_vec())
    }
}
