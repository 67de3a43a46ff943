//! Asks a TLS server for its certificates and says, for each client with its own store, whether it
//! trusts the server; and if one does not, why.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use trust_doctor::{Client, ClientStore, MissingIssuers, Route, StoreContents, Strictness};
//!
//! let stores = [ClientStore {
//!     client: Client::OpenSsl,
//!     strictness: Strictness::Lenient,
//!     contents: StoreContents {
//!         anchors: trust_doctor::store::load_pem_bundle(&std::fs::read("ca-certificates.crt")?)
//!             .map_err(|problem| format!("{problem:?}"))?,
//!         ..StoreContents::default()
//!     },
//! }];
//! let route = Route {
//!     proxy: None,
//!     unused_proxy: None,
//!     no_proxy: String::new(),
//!     starttls: None,
//!     limit: Duration::from_secs(10),
//! };
//! let target = "login.example.com".parse()?;
//! let probe = trust_doctor::probe(&target, &route, MissingIssuers::Ignore);
//! let diagnosis = trust_doctor::diagnose(probe, &stores, "2026-11-21".parse()?);
//! if let Some(cause) = diagnosis.cause {
//!     println!("{}", cause.code().as_str());
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # How it works
//!
//! | step | module | turns |
//! | --- | --- | --- |
//! | reach | [`target`], [`protocol`], [`proxy`], [`connect`] | a host or a URL into a stream that expects TLS |
//! | shake hands | [`handshake`] | the stream into the certificates that the server presents |
//! | sort | [`chain`], and [`issuers`] on request | those into who issued whom, and the issuers that it does not send |
//! | judge | [`path`], by the rules of each [`client`] | those and the client's [`store`] into an [`outcome`], a [`verdict`] each |
//! | explain | [`cause`] | all verdicts into one cause, with a stable code |
//!
//! [`probe()`] takes the first two steps, and [`diagnose`] the last two. The clients are those of
//! [`Client::ALL`], each with its own rules for paths, names, algorithms and handshakes. Every rule was
//! tried on the real program; `examples/judge.rs` answers for chains that no server has to present, so
//! that a test can compare thousands of answers.
//!
//! Facts and verdicts are data: enums, certificates, names. Sentences for people are made by the
//! program that prints them. Nothing here reads a file or the environment; only [`probe()`] opens a
//! socket.
//!
//! # What a verdict means
//!
//! [`Outcome::Trusted`] always has a path whose every signature was computed and is good. What
//! clients check and this crate does not (a signature that it does not compute, an extension that it
//! does not read, a point on which versions of a client differ) gives [`Outcome::CannotTell`], and so
//! does a server that did not prove that it has the key of its certificate
//! ([`Handshake::proof`](handshake::Handshake::proof)). Revocation is not looked at; clients are taken
//! with their defaults.
//!
//! # What is sent
//!
//! The handshake and what leads to it. With [`MissingIssuers::Fetch`] also plain HTTP requests to
//! addresses that the certificates name.

#![forbid(unsafe_code)]

pub mod cause;
pub mod chain;
pub mod client;
pub mod connect;
pub mod handshake;
pub mod issuers;
mod names;
pub mod outcome;
pub mod path;
pub mod probe;
pub mod protocol;
pub mod proxy;
mod signature;
pub mod store;
pub mod target;
pub mod verdict;

pub use cause::{Cause, CauseCode};
pub use client::{Client, Rules, Strictness};
pub use connect::Route;
pub use outcome::{Outcome, RefusalReason};
pub use probe::{MissingIssuers, Probe, probe};
pub use protocol::{Protocol, StartTls};
pub use proxy::{Proxy, ProxyError};
pub use store::{ClientStore, StoreContents, VariableStore};
pub use target::{Target, TargetError};
pub use verdict::ClientVerdict;

use trust_stores::Timestamp;

/// A server, and what clients answer about it.
#[derive(Debug)]
pub struct Diagnosis {
    /// What it presented.
    pub probe: Probe,
    /// What each client answers.
    pub verdicts: Vec<ClientVerdict>,
    /// What is wrong. `None` means that every client seen here trusts the server, and there is one.
    pub cause: Option<Cause>,
    /// Why requests under Python 3.13 and later refuses what requests here trusts, if it does.
    pub strict_python: Option<RefusalReason>,
}

/// Judges what a server presented by the stores of each client, at the moment `at`.
pub fn diagnose(probe: Probe, stores: &[ClientStore], at: Timestamp) -> Diagnosis {
    let verdicts = verdict::verdicts(&probe, stores, at);
    let cause = cause::cause(&probe, &verdicts, stores);
    let is_trusted = |verdict: &ClientVerdict| {
        verdict.client == Client::Requests
            && matches!(verdict.outcome, outcome::Outcome::Trusted(_))
    };
    let strict_python = (cause.is_none() || verdicts.iter().any(is_trusted))
        .then(|| verdict::strict_python(&probe, stores, at))
        .flatten();
    Diagnosis {
        probe,
        verdicts,
        cause,
        strict_python,
    }
}
