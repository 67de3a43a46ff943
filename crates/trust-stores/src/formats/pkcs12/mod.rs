//! PKCS#12 (RFC 7292): customers' stores in, Java truststores out.
//!
//! Written here because p12-keystore, the crate for it, cannot write the JDK's default form (no
//! encryption and no MAC), decrypts every private key it meets, and fails as a whole on one odd bag
//! (<https://github.com/ancwrd1/p12-keystore>). What it takes is spread over the files of this folder:
//! [`decode`] opens a store, [`bags`] reads what is in it, [`decrypt`] and [`legacy`] are its ciphers,
//! [`mac`] and [`kdf`] its integrity, [`encode`] writes.

mod bags;
mod decode;
mod decrypt;
mod encode;
mod kdf;
mod legacy;
mod mac;

pub(super) use decode::{decode, is_encrypted};
pub(super) use encode::{Protection, encode};

use der::asn1::ObjectIdentifier;

const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const SIGNED_DATA: ObjectIdentifier = super::pkcs7::SIGNED_DATA;
const ENCRYPTED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.6");
const CERT_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.3");
const X509_CERTIFICATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.22.1");
const FRIENDLY_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.20");
/// Oracle's mark of a trusted certificate; its values are what it is trusted for.
const TRUSTED_KEY_USAGE: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("2.16.840.1.113894.746875.1.1");
