//! Reads CA certificates in any of their forms, judges them by rules, and writes the trust stores that
//! OpenSSL, the JVM and Python load.
//!
//! Pure: bytes in, bytes out. Nothing here reads a file, the clock or the environment.

mod armor;
mod asn1;
mod bundle;
pub mod cert;
pub mod escape;
mod formats;
pub mod hex;
mod judge;
mod policy;
pub mod strictness;
mod time;

pub use bundle::{Bundle, Store, StoreSet, Stores};
pub use cert::{Certificate, Fingerprint};
pub use formats::{
    DecodeOptions, DecodedCertificate, Distrust, Hint, KeyEntries, Password, Position, Problem,
    Section, SourceFormat, decode, decode_as, hashed_directory, is_encrypted, java, pem,
};
pub use java::JavaFormat;
pub use judge::{
    Counts, Criteria, DecodedSource, Denial, Finding, Judge, JudgedSection, JudgedSource,
    Judgement, SourceRole, Verdict,
};
pub use policy::{Level, Policy, PolicyError, Rule, Scope, UnknownRule};
pub use time::{Days, Timestamp};
