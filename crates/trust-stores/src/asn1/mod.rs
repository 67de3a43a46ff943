//! ASN.1 in its BER and DER encodings (X.690): one reader, one writer.
//!
//! The reader is our own. It takes what the files of this field hold rather than what DER allows, because a
//! certificate that one client refuses is still another client's trust anchor, and it tells how far an
//! encoding is from DER, which decides what the JVM and OpenSSL make of it ([`crate::strictness`]). The
//! readers of the `der` crate refuse both, and those of `asn1-rs` keep no lengths as encoded. Everything
//! that is written goes through `der`.

mod ber;
pub mod oid;
pub(crate) mod primitive;
mod read;
pub(crate) mod write;

pub(crate) use ber::{Fault, behind, definite};
pub(crate) use read::{Element, Reader, tag, within_sequence};
