//! PKCS#12 (RFC 7292): customers' stores in, Java truststores out.
//!
//! Written by hand because no crate writes the JDK's default form, without encryption and MAC. p12-keystore
//! (<https://github.com/ancwrd1/p12-keystore>) also decrypts every private key it finds, and fails as a whole
//! on one odd bag. The builder and reader of the `pkcs12` crate could replace this folder once they are
//! released: <https://github.com/RustCrypto/formats/pull/2299>.
//!
//! [`decode`] opens a store, [`bags`] reads what is in it, [`mac`] checks its integrity and [`decrypt`] its
//! encryption, with [`kdf`] and [`pbkdf2`] to derive keys, a [`hash`] and a [`cipher`]. [`encode`] writes.

mod bags;
mod cipher;
mod decode;
mod decrypt;
mod encode;
mod hash;
mod kdf;
mod mac;
mod pbkdf2;
mod rc4;

pub(super) use decode::{decode, is_encrypted};
pub(super) use encode::{Protection, Truststore};
