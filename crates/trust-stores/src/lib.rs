//! Reads CA certificates in any of their formats, judges them by rules, and writes the trust stores that
//! OpenSSL, the JVM and Python load.
//!
//! A customer's CA chain arrives as PEM that went through a mail program, as a Windows export, or as a keystore
//! with a forgotten password. This library reads all of these, says what is wrong with each certificate before
//! a client finds out, and writes stores that clients really load: a PEM bundle, OpenSSL's hashed directory, a
//! PKCS#12 truststore in which every JDK since 8 finds its trust anchors, or a JKS.
//!
//! - **Nothing is lost silently.** Every section of a source comes back, as a certificate or as the
//!   [`Problem`] with it.
//! - **Pure.** Bytes in, bytes out. Nothing here reads a file, the clock or the environment, and nothing panics
//!   on hostile input.
//! - **Reproducible.** The same certificates give the same bytes, in whatever order they were read.
//! - **No private keys.** A key in a source is reported and never decrypted; the crate has no type for one.
//!
//! # Example
//!
//! Read a chain, judge it, write each store, and read one back:
//!
//! ```
//! use trust_stores::{
//!     Criteria, DecodeOptions, DecodedSource, JavaFormat, Judge, Password, Policy, StoreSet, decode,
//!     hashed_directory, java, pem,
//! };
//!
//! let chain = include_bytes!("../examples/client-ca-chain.pem");
//! let sections = decode(chain, &DecodeOptions::default());
//!
//! let policy = Policy::default();
//! let criteria = Criteria::new(&policy, "2026-11-21T08:00:00Z".parse()?);
//! let mut judge = Judge::new(criteria, StoreSet::ALL);
//! judge.add(DecodedSource::customer("client-ca-chain.pem", sections));
//! let judgement = judge.finish();
//! assert!(judgement.denials().is_empty());
//!
//! let stores = judgement.stores();
//! let bundle = stores.java.as_ref().expect("the chain has certificates");
//! let pem_bundle = pem::encode(bundle);
//! let directory = hashed_directory::files(bundle);
//! let truststore = java::encode(bundle, JavaFormat::Pkcs12, &Password::default())?;
//!
//! assert!(pem_bundle.starts_with(b"-----BEGIN CERTIFICATE-----\n"));
//! assert_eq!(directory.count(), 2);
//! let read_back = decode(&truststore, &DecodeOptions::default());
//! assert!(read_back.iter().all(|section| section.content.is_ok()));
//! assert_eq!(read_back.len(), bundle.count());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is where
//!
//! | to | use |
//! | --- | --- |
//! | read a source | [`decode`] with [`DecodeOptions`]: a [`Section`] for each thing in it |
//! | handle what cannot be read | [`Problem`], [`Hint`], [`Position`] |
//! | judge what was read | [`Judge`] with [`Criteria`] and a [`Policy`] of [`Rule`]s and [`Level`]s |
//! | act on it | [`Judgement`]: [`Denial`]s, [`Finding`]s, a [`Verdict`] for each section, [`Stores`] |
//! | skip judging | [`Bundle::new`] from any [`Certificate`]s |
//! | add Mozilla's roots | the module `mozilla`, which the feature of that name adds |
//! | compare PEM files without decoding them | [`pem::sections`] |
//! | write a PEM file | [`pem::encode`], [`pem::encode_commented`], [`pem::encode_trusted`] |
//! | write a Java truststore | [`java::encode`] with a [`JavaFormat`] |
//! | write OpenSSL's `CApath` | [`hashed_directory::files`] |
//! | write a store without holding it in memory | [`pem::write`], [`pem::write_commented`], [`pem::write_trusted`], [`java::Truststore`] |
//! | ask what a client refuses | [`strictness`] |
//!
//! Signatures are not checked: a trust anchor is trusted because of who supplied it. Paths are not built, and
//! revocation is not considered.
//!
//! # Stability
//!
//! Versions follow semantic versioning; before 1.0, a new minor version may break what is promised here.
//!
//! - Stable: the names at the root of the crate and in [`pem`], [`java`] and [`hashed_directory`]; the codes of
//!   [`Rule`] and the names of [`Level`], [`Verdict`], [`Store`] and [`JavaFormat`]; the bytes of a store for the
//!   same certificates.
//! - Not stable: the wording of messages and hints; what [`cert`], [`strictness`], [`hex`], [`radix64`] and [`escape`]
//!   offer beyond what the names at the root need.
//! - Enums that are `#[non_exhaustive]` gain variants in any version. A new [`Rule`] is a minor version, because
//!   a policy may then find more.

#![warn(clippy::missing_errors_doc)]

mod armor;
mod asn1;
mod blocks;
mod bundle;
pub mod cert;
pub mod escape;
mod formats;
pub mod hex;
mod judge;
#[cfg(feature = "mozilla")]
pub mod mozilla;
mod parallel;
mod parse_error;
mod policy;
pub mod radix64;
pub mod strictness;
#[cfg(test)]
mod testing;
mod time;

pub use blocks::BlockWriter;
pub use bundle::{Bundle, Store, StoreSet, Stores};
pub use cert::{Certificate, Fingerprint};
pub use formats::{
    DecodeOptions, DecodedCertificate, DerivationBudget, Distrust, Hint, KeyEntries, Password,
    Position, Problem, ProblemKind, Section, SourceFormat, decode, decode_as, hashed_directory,
    is_encrypted, is_plain_text, java, pem,
};
pub use java::JavaFormat;
pub use judge::{
    Counts, Criteria, DecodedSource, Denial, DistinctFinding, Finding, Judge, JudgedSection,
    JudgedSource, Judgement, SourceRole, Verdict,
};
pub use parse_error::ParseError;
pub use policy::{Level, Policy, PolicyError, Rule, Scope};
pub use time::{Days, Timestamp};
