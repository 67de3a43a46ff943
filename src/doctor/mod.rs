//! Which CA is missing, where, and what to do: looks at what each client of a process trusts, and
//! at what a server presents.
//!
//! The only module that opens a socket.

pub mod cause;
pub mod connect;
pub mod handshake;
pub mod issuers;
pub mod path;
mod provider;
mod signature;
pub mod stores;
pub mod target;

use std::time::Duration;

use self::connect::{Deadline, Route, Unreached};
use self::handshake::Presented;
use self::issuers::Fetched;
use self::target::Target;
use crate::cert::Certificate;

/// What came of asking a server.
#[derive(Debug)]
pub struct Asked {
    /// As it was named.
    pub target: Target,
    /// What it presented, or why nobody answered.
    pub answer: Result<Presented, Unreached>,
    /// That in certificates, as far as they can be read.
    pub chain: Vec<Certificate>,
    /// The proxy that was gone through, as `host:port`.
    pub proxy: Option<String>,
    /// Issuers that the server does not send, where they were to be fetched.
    pub fetched: Vec<Fetched>,
}

impl Asked {
    /// What came of [`ask`].
    pub fn new(target: &Target, route: &Route, answer: Result<Presented, Unreached>) -> Self {
        let chain = answer.iter().flat_map(|presented| &presented.chain);
        let chain = chain.map_while(|der| Certificate::from_der(der.clone()).ok());
        let chain = chain.collect();
        Asked {
            target: target.clone(),
            answer,
            chain,
            proxy: route.proxy.as_ref().map(target::Proxy::shown),
            fetched: Vec::new(),
        }
    }
}

/// Asks a server what it presents.
pub fn ask(target: &Target, route: &Route) -> Result<Presented, Unreached> {
    let deadline = Deadline::in_(route.limit);
    let (stream, _) = connect::open(target, route, deadline)?;
    let modern = handshake::modern(stream, &target.host, deadline);
    let is_tls = !matches!(modern.failure, Some(handshake::Failure::NotTls(_)));
    if !modern.chain.is_empty() || !is_tls {
        return Ok(modern);
    }
    // It speaks something older, or has no cipher in common: what it presents can still be seen.
    let left = Deadline::in_(deadline.left().max(Duration::from_secs(1)));
    let (stream, _) = connect::open(target, route, left)?;
    let old = handshake::in_the_clear(stream, &target.host, left);
    Ok(Presented {
        failure: modern.failure,
        ..old
    })
}
