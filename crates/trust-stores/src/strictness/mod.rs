//! What clients refuse to read, decided by a certificate's structure before any store is written:
//! one such certificate makes the JVM refuse a whole truststore, and OpenSSL a whole bundle.
//!
//! Where a client's own answer is not certain, a certificate counts as refused: left out of one
//! store it is missed by those who need it, left in it could take all the others with it. Tests
//! hold both modules to the real JVM and OpenSSL with thousands of bent certificates.

mod extension;
pub mod java;
pub mod openssl;
mod structure;
