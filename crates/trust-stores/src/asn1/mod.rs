//! ASN.1 in its BER and DER encodings (X.690): one reader, one writer.
//!
//! The reader is written by hand. It accepts what real files contain rather than what DER allows, because a
//! certificate that one client refuses is still another client's trust anchor. And it keeps how each length
//! was encoded, because that decides whether the JVM and OpenSSL read the certificate
//! ([`crate::strictness`]). The `der` crate reads neither; support for BER has begun in
//! <https://github.com/RustCrypto/formats/pull/1894>. `asn1-rs` does not keep lengths as they were encoded.
//! Everything that is written goes through `der`.

mod ber;
mod definite;
pub mod oid;
pub(crate) mod primitive;
mod read;
pub(crate) mod write;

pub(crate) use ber::{BerElement, Fault};
pub(crate) use definite::to_definite;
pub(crate) use read::{Element, Header, Reader, length_of_element, tag, within_sequence};
