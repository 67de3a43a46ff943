//! PKCS#12 (RFC 7292): customers' stores in, Java truststores out.

mod cipher;
mod decode;
mod encode;

pub(super) use decode::{decode, is_encrypted};
pub(crate) use encode::{Protection, encode};

use der::asn1::ObjectIdentifier;
use digest::block_api::BlockSizeUser;
use digest::{Digest, FixedOutputReset};
use hmac::{KeyInit, Mac};

const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const ENCRYPTED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.6");
const CERT_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.3");
const X509_CERTIFICATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.22.1");
const FRIENDLY_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.20");
/// Oracle's mark of a trusted certificate; its values are what it is trusted for.
const TRUSTED_KEY_USAGE: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("2.16.840.1.113894.746875.1.1");
const SHA_1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");

/// The key derivation of RFC 7292, appendix B, from a password as [`super::password`] encodes it.
fn derive_key<D>(
    password: &[u8],
    salt: &[u8],
    purpose: pkcs12::kdf::Pkcs12KeyType,
    iterations: u32,
    length: usize,
) -> Vec<u8>
where
    D: Digest + FixedOutputReset + BlockSizeUser,
{
    let iterations = iterations.cast_signed();
    pkcs12::kdf::derive_key::<D>(password, salt, purpose, iterations, length)
}

fn hmac<M: Mac + KeyInit>(key: &[u8], content: &[u8]) -> Option<Vec<u8>> {
    let mac = <M as KeyInit>::new_from_slice(key).ok()?;
    Some(mac.chain_update(content).finalize().into_bytes().to_vec())
}
