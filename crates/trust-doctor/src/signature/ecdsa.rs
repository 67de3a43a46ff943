//! Signatures by elliptic curves (FIPS 186-5, section 6.4.2).

use ::ecdsa::signature::hazmat::PrehashVerifier;
use trust_stores::cert::{Curve, Hash};

use super::Signature;
use super::hash::digest;

/// Calls a macro with the type of a curve; the other expression is for curves that are not computed.
macro_rules! with_curve {
    ($curve:expr, $on:ident, $otherwise:expr) => {
        match $curve {
            Curve::P224 => $on!(p224::NistP224),
            Curve::P256 => $on!(p256::NistP256),
            Curve::P384 => $on!(p384::NistP384),
            Curve::P521 => $on!(p521::NistP521),
            Curve::Secp256k1 => $on!(k256::Secp256k1),
            Curve::BrainpoolP256r1 => $on!(bp256::BrainpoolP256r1),
            Curve::BrainpoolP384r1 => $on!(bp384::BrainpoolP384r1),
            _ => $otherwise,
        }
    };
}

/// Whether two coordinates, the public key, are a point of a curve; nothing where neither that nor
/// another form of a point is computed.
pub(super) fn is_on_curve(curve: Curve, point: &[u8]) -> Option<bool> {
    /// Both coordinates follow (SEC 1, section 2.3.3).
    const UNCOMPRESSED: u8 = 4;
    macro_rules! on {
        ($curve:ty) => {
            ::ecdsa::VerifyingKey::<$curve>::from_sec1_bytes(point).is_ok()
        };
    }
    (point.first() == Some(&UNCOMPRESSED)).then_some(with_curve!(curve, on, return None))
}

/// Whether a point on a curve, the public key, made the signature.
pub(super) fn verify(
    message: &[u8],
    hash: Hash,
    signature: &[u8],
    curve: Curve,
    point: &[u8],
) -> Signature {
    let Some(digest) = digest(hash, &[message]) else {
        return Signature::Unknown;
    };
    // A hash shorter than the order counts as a number, which RustCrypto does not take if it is
    // shorter than half of it.
    let length = curve.bits().div_ceil(8);
    let digest = [&*vec![0; length.saturating_sub(digest.len())], &*digest].concat();
    macro_rules! on {
        ($curve:ty) => {{
            // Two of its forms are not read here, which OpenSSL reads: neither good nor bad.
            let Ok(key) = ::ecdsa::VerifyingKey::<$curve>::from_sec1_bytes(point) else {
                return Signature::Unknown;
            };
            // Only DER, with nothing behind it, as in `ossl_ecdsa_verify` and `ECUtil`.
            let signature = ::ecdsa::Signature::<$curve>::from_der(signature);
            signature.is_ok_and(|signature| {
                // Some take only the lower of both values of s that are good; clients take both.
                let lower = signature.normalize_s();
                key.verify_prehash(&digest, &lower).is_ok()
            })
        }};
    }
    Signature::from(with_curve!(curve, on, return Signature::Unknown))
}
