//! PEM (RFC 7468): a [`Bundle`](crate::Bundle) in, a file of certificates out, plain or in the forms that
//! certifi and OpenSSL use.
//!
//! Reading it is part of [`decode`](crate::decode), and lenient in layout but strict in count. Byte-order
//! marks, UTF-16, several encodings in one text, control characters, CR line ends, indentation, mail quotes,
//! text before a marker, glued markers, newlines that became spaces or a literal `\n`: all of these are read.
//! But every BEGIN and END marker, damaged ones included, ends up in a [`Section`](crate::Section), and every
//! label other than a certificate's is a problem, because a bundle of trust anchors holds nothing else. So
//! does base64 of a certificate outside of sections.
//!
//! The scanner is written by hand because rustls-pemfile is archived (RUSTSEC-2025-0134), and its successor,
//! rustls-pki-types, skips what it does not know: certificates are lost without an error if a line is
//! indented (<https://github.com/rustls/pemfile/issues/40>), two markers are glued together, or the label is
//! `X509 CERTIFICATE` or `TRUSTED CERTIFICATE` (<https://github.com/rustls/rustls/issues/2079>).

mod ahead;
mod base64;
mod encode;
mod loose;
mod marker;
mod scan;
mod sections;
mod text;

pub use encode::{encode, encode_commented, encode_trusted, write, write_commented, write_trusted};
pub(super) use loose::BEGIN_IN_BASE64;
pub(super) use scan::{BinaryData, decode};
pub use sections::sections;
pub(super) use text::{is_wide, plain};
