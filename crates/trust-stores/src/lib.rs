//! Reads CA certificates in any of their forms, judges them by rules, and writes the trust stores that
//! OpenSSL, the JVM and Python load.
//!
//! Pure: bytes in, bytes out. Nothing here reads a file, the clock or the environment.

mod asn1;
pub mod bundle;
pub mod cert;
pub mod escape;
pub mod formats;
pub mod judge;
pub mod policy;
pub mod strictness;
pub mod time;
