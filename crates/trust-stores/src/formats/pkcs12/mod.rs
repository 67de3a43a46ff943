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
