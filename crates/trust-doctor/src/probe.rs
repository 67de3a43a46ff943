//! One server asked, within one time limit.

use trust_stores::Certificate;

use crate::connect::{self, Deadline, Route, Unreached};
use crate::handshake::{self, Handshake, HandshakeFailure};
use crate::issuers::{self, FetchedIssuer};
use crate::proxy::Proxy;
use crate::target::Target;

/// A server, and what came of asking it.
#[derive(Debug)]
pub struct Probe {
    /// The server, as it was named.
    pub target: Target,
    /// `HOST:PORT`, as it was asked.
    pub authority: String,
    /// The proxy on the way, as `HOST:PORT`.
    pub proxy: Option<String>,
    /// What it presented, or why nobody answered.
    pub answer: Result<Handshake, Unreached>,
    /// The certificates that it presented, up to the first that cannot be read.
    pub chain: Vec<Certificate>,
    /// The issuers that the server does not send, if they were to be fetched.
    pub fetched: Vec<FetchedIssuer>,
}

impl Probe {
    /// Whether it presented a certificate that cannot be read, and so more than [`Probe::chain`].
    pub fn is_chain_cut(&self) -> bool {
        let answer = self.answer.as_ref();
        answer.is_ok_and(|handshake| self.chain.len() < handshake.chain.len())
    }
}

/// Whether issuers that a server does not send are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingIssuers {
    /// They are left missing, as they are to clients.
    Ignore,
    /// They are fetched from the addresses that the certificates name.
    Fetch,
}

/// Asks a server for its certificates. The connection and every fetch share [`Route::limit`].
pub fn probe(target: &Target, route: &Route, issuers: MissingIssuers) -> Probe {
    let deadline = Deadline::after(route.limit);
    let answer = handshake(target, route, deadline);
    let sent = answer.iter().flat_map(|handshake| &handshake.chain);
    let chain: Vec<Certificate> = sent
        .map_while(|der| Certificate::from_der(der.clone()).ok())
        .collect();
    let fetched = match issuers {
        MissingIssuers::Ignore => Vec::new(),
        MissingIssuers::Fetch => issuers::fetch(&chain, route, deadline),
    };
    let proxy = route.proxy_to(target, target.port(route.starttls));
    Probe {
        target: target.clone(),
        authority: target.authority(route.starttls),
        proxy: proxy.map(Proxy::authority),
        answer,
        chain,
        fetched,
    }
}

fn handshake(target: &Target, route: &Route, deadline: Deadline) -> Result<Handshake, Unreached> {
    let stream = connect::open(target, route, deadline)?;
    let modern = handshake::shake_hands(stream, &target.host, deadline);
    let is_tls = !matches!(modern.failure, Some(HandshakeFailure::NotTls(_)));
    if !modern.chain.is_empty() || !is_tls || deadline.left().is_zero() {
        return Ok(modern);
    }
    // It speaks something older, or shares no cipher: its certificates can still be seen.
    let Ok(stream) = connect::open(target, route, deadline) else {
        return Ok(modern);
    };
    Ok(Handshake {
        failure: modern.failure,
        ..handshake::read_plain(stream, &target.host, deadline)
    })
}
