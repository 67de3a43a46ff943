//! Which CA is missing, where, and what to do: looks at what each client of a process trusts, and
//! at what a server presents.
//!
//! The only module that opens a socket.

pub mod cause;
pub mod connect;
pub mod fault;
pub mod handshake;
pub mod issuers;
mod names;
pub mod path;
pub mod process;
mod provider;
mod signature;
pub mod stores;
pub mod target;
pub mod verdict;

use self::connect::{Deadline, Route, Unreached};
use self::handshake::Presented;
use self::issuers::Fetched;
use self::target::Target;
use trust_stores::Certificate;

/// What came of asking a server.
#[derive(Debug)]
pub struct Asked {
    /// As it was named.
    pub target: Target,
    /// That and its port, as it was asked.
    pub authority: String,
    /// The proxy that was gone through, as `host:port`.
    pub proxy: Option<String>,
    /// What it presented, or why nobody answered.
    pub answer: Result<Presented, Unreached>,
    /// That in certificates, as far as they can be read.
    pub chain: Vec<Certificate>,
    /// Issuers that the server does not send, where they were to be fetched.
    pub fetched: Vec<Fetched>,
}

/// What a thread of its own brings of a server: bytes, as certificates are not shared by threads.
#[derive(Debug)]
pub struct Answer {
    presented: Result<Presented, Unreached>,
    fetched: Vec<issuers::Download>,
}

impl Asked {
    /// What came of [`ask`].
    pub fn new(target: &Target, route: &Route, answer: Answer) -> Self {
        let port = target.port(route.starttls);
        Asked {
            target: target.clone(),
            authority: target.authority(route.starttls),
            proxy: route.proxy_to(target, port).map(target::Proxy::shown),
            chain: chain(&answer.presented),
            answer: answer.presented,
            fetched: answer.fetched.into_iter().map(Fetched::from).collect(),
        }
    }
}

fn chain(presented: &Result<Presented, Unreached>) -> Vec<Certificate> {
    let chain = presented.iter().flat_map(|presented| &presented.chain);
    let chain = chain.map_while(|der| Certificate::from_der(der.clone()).ok());
    chain.collect()
}

/// Asks a server what it presents and, `with_issuers`, its certificates' addresses for the issuers that
/// are not in it. All of it within one limit of time.
pub fn ask(target: &Target, route: &Route, with_issuers: bool) -> Answer {
    let deadline = Deadline::in_(route.limit);
    let presented = handshake(target, route, deadline);
    let fetched = if with_issuers {
        issuers::fetch(&chain(&presented), route, deadline)
    } else {
        Vec::new()
    };
    Answer { presented, fetched }
}

fn handshake(target: &Target, route: &Route, deadline: Deadline) -> Result<Presented, Unreached> {
    let (stream, _) = connect::open(target, route, deadline)?;
    let modern = handshake::modern(stream, &target.host, deadline);
    let is_tls = !matches!(modern.failure, Some(handshake::Failure::NotTls(_)));
    if !modern.chain.is_empty() || !is_tls || deadline.left().is_zero() {
        return Ok(modern);
    }
    // It speaks something older, or has no cipher in common: what it presents can still be seen.
    let Ok((stream, _)) = connect::open(target, route, deadline) else {
        return Ok(modern);
    };
    let old = handshake::in_the_clear(stream, &target.host, deadline);
    Ok(Presented {
        failure: modern.failure,
        ..old
    })
}
