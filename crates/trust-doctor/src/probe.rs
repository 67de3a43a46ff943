//! One server asked, within one time limit.

use std::net::SocketAddr;

use trust_stores::Certificate;

use crate::connect::{self, Deadline, Route, Unreached};
use crate::handshake::{self, CipherSuite, Group, Handshake, HandshakeFailure, Offers};
use crate::issuers::{self, FetchedIssuer};
use crate::protocol::{Protocol, StartTls};
use crate::proxy::{Proxy, ProxyError};
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
    /// Why it was asked without the proxy that clients go through.
    pub unused_proxy: Option<ProxyError>,
    /// The address that the connection reached: the server's, or the proxy's.
    pub address: Option<SocketAddr>,
    /// How TLS began there, if not at once.
    pub starttls: Option<StartTls>,
    /// What is spoken there, as far as the target or its port tells. It says which clients the server
    /// has; [`Client`](crate::Client) are those of HTTPS.
    pub protocol: Option<Protocol>,
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
    let mut address = None;
    let answer = handshake(target, route, deadline, &mut address);
    let sent = answer.iter().flat_map(|handshake| &handshake.chain);
    let chain: Vec<Certificate> = sent
        .map_while(|der| Certificate::from_der(der.clone()).ok())
        .collect();
    let fetched = match issuers {
        MissingIssuers::Ignore => Vec::new(),
        MissingIssuers::Fetch => issuers::fetch(&chain, route, deadline),
    };
    let port = target.port(route.starttls);
    let proxy = route.proxy_to(target, port);
    Probe {
        target: target.clone(),
        authority: target.authority(route.starttls),
        proxy: proxy.map(Proxy::authority),
        unused_proxy: route.unused_proxy_to(target, port),
        address,
        starttls: target.starttls(route.starttls),
        protocol: target.protocol(route.starttls),
        answer,
        chain,
        fetched,
    }
}

fn handshake(
    target: &Target,
    route: &Route,
    deadline: Deadline,
    address: &mut Option<SocketAddr>,
) -> Result<Handshake, Unreached> {
    let stream = connect::open(target, route, deadline)?;
    *address = stream.peer_addr().ok();
    let modern = handshake::shake_hands(stream, target.server_name(), deadline);
    let is_tls = !matches!(modern.failure, Some(HandshakeFailure::NotTls(_)));
    if !modern.chain.is_empty() || !is_tls {
        return Ok(Handshake {
            is_beyond_jdk_8: is_beyond_jdk_8(&modern, target, route, deadline),
            ..modern
        });
    }
    // It speaks something older, or shares no cipher: its certificates can still be seen. What every
    // client offers comes first, since a server may prefer what few do.
    let mut second_failure = None;
    for offers in [Offers::Current, Offers::Everything, Offers::Tls13] {
        if deadline.left().is_zero() {
            break;
        }
        let Ok(stream) = connect::open(target, route, deadline) else {
            break;
        };
        let plain = handshake::read_plain(stream, target.server_name(), offers, deadline);
        if plain.version.is_some() {
            let failure = match plain.wanted() {
                _ if plain.failure == Some(HandshakeFailure::BadSignature) => plain.failure.clone(),
                // The alert says less.
                Some(wanted) if plain.chain.is_empty() => Some(wanted),
                _ => modern.failure,
            };
            return Ok(Handshake {
                failure,
                second_failure,
                ..plain
            });
        }
        if offers != Offers::Tls13 {
            second_failure = plain.failure;
        }
    }
    Ok(Handshake {
        second_failure,
        ..modern
    })
}

/// Whether a server that chose what JDK 8 does not have takes nothing else: it may only prefer it.
fn is_beyond_jdk_8(chosen: &Handshake, target: &Target, route: &Route, deadline: Deadline) -> bool {
    let is_new = chosen.cipher_suite.is_some_and(CipherSuite::is_chacha20)
        || chosen.group.is_some_and(Group::is_of_rfc_7748);
    if !is_new || deadline.left().is_zero() {
        return false;
    }
    connect::open(target, route, deadline).is_ok_and(|stream| {
        let other = handshake::read_plain(stream, target.server_name(), Offers::Jdk8, deadline);
        matches!(other.failure, Some(HandshakeFailure::Alert(_))) && other.version.is_none()
    })
}
