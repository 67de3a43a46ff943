//! Signatures by DSA keys (FIPS 186-4, section 4.7).

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, NonZero, Odd, Resize};
use der::asn1::UintRef;
use der::{Decode, Reader, SliceReader};
use trust_stores::cert::Hash;

use super::Signature;
use super::hash::digest;

/// The longest prime that OpenSSL computes with (`OPENSSL_DSA_MAX_MODULUS_BITS`).
const MAX_PRIME_BITS: u32 = 10_000;

/// Whether a key, an INTEGER in the group of `Dss-Parms`, made the signature.
pub(super) fn verify(
    message: &[u8],
    hash: Hash,
    signature: &[u8],
    group: &[u8],
    key: &[u8],
) -> Signature {
    // OpenSSL 3.0 knows no certificates with these, nor TLS (`SignatureScheme` of a JVM).
    if matches!(hash, Hash::Sha384 | Hash::Sha512) {
        return Signature::Unknown;
    }
    let (Some(digest), Some(key)) = (digest(hash, &[message]), PublicKey::of(group, key)) else {
        return Signature::Unknown;
    };
    Signature::from(key.has_signed(&digest, signature).is_some_and(|is| is))
}

struct PublicKey {
    prime: Odd<BoxedUint>,
    order: Odd<BoxedUint>,
    generator: BoxedUint,
    /// The generator to the power of the private key.
    power: BoxedUint,
}

impl PublicKey {
    /// `None` for what OpenSSL does not compute with (`DSA_do_verify`).
    fn of(group: &[u8], key: &[u8]) -> Option<Self> {
        let [prime, order, generator] = numbers(group)?.map(BoxedUint::from_be_slice_vartime);
        let mut reader = SliceReader::new(key).ok()?;
        let power = UintRef::decode(&mut reader).ok()?;
        let power = BoxedUint::from_be_slice_vartime(power.as_bytes());
        let is_computed = reader.is_finished()
            && prime.bit_width_vartime() <= MAX_PRIME_BITS
            && matches!(order.bit_width_vartime(), 160 | 224 | 256)
            && order < prime
            && [&generator, &power].into_iter().all(|one| *one < prime);
        let [prime, order] = [prime, order].map(|number| Option::from(Odd::new(number)));
        let (prime, order) = prime.zip(order).filter(|_| is_computed)?;
        Some(PublicKey {
            prime,
            order,
            generator,
            power,
        })
    }

    /// `None` if the signature is not `SEQUENCE { r INTEGER, s INTEGER }` in DER, with both between 0 and
    /// the order.
    fn has_signed(&self, digest: &[u8], signature: &[u8]) -> Option<bool> {
        let order_bits = self.order.bits_precision();
        let [r, s] = numbers(signature)?;
        let is_in_range =
            |number: &BoxedUint| !bool::from(number.is_zero()) && *number < *self.order;
        let in_order = |number| {
            let number = BoxedUint::from_be_slice(number, order_bits).ok()?;
            Some(number).filter(is_in_range)
        };
        let (r, s) = (in_order(r)?, in_order(s)?);
        // The leftmost bits; each order is whole bytes.
        let length = digest
            .len()
            .min(self.order.bit_width_vartime() as usize / 8);
        let order = NonZero::new(self.order.clone().get()).into_option()?;
        let hash = BoxedUint::from_be_slice(&digest[..length], order_bits).ok()?;
        let hash = hash.rem_vartime(&order);
        let inverse = s.invert_odd_mod_vartime(&self.order).into_option()?;
        let parameters = BoxedMontyParams::new_vartime(self.prime.clone());
        let power = |base: &BoxedUint, factor: &BoxedUint| {
            let exponent = factor.mul_mod(&inverse, &order);
            let base = base.clone().resize(self.prime.bits_precision());
            BoxedMontyForm::new(base, &parameters)
                .pow_bounded_exp(&exponent, exponent.bit_width_vartime())
        };
        let product = power(&self.generator, &hash).mul(&power(&self.power, &r));
        Some(product.retrieve().rem_vartime(&order) == r)
    }
}

/// The magnitudes of the INTEGERs that a SEQUENCE in DER is, none of them negative.
fn numbers<const N: usize>(der: &[u8]) -> Option<[&[u8]; N]> {
    let mut reader = SliceReader::new(der).ok()?;
    let numbers = reader.sequence(|fields| {
        let mut numbers = [&[][..]; N];
        for number in &mut numbers {
            *number = UintRef::decode(fields)?.as_bytes();
        }
        Ok::<_, der::Error>(numbers)
    });
    numbers.ok().filter(|_| reader.is_finished())
}
