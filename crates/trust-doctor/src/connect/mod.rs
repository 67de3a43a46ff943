//! The way to a server, up to the first byte of TLS: name, TCP, a proxy's tunnel, STARTTLS.

mod deadline;
mod starttls;
mod tunnel;

use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

pub(crate) use self::deadline::{Deadline, Timed};
use crate::protocol::StartTls;
use crate::proxy::{Proxy, ProxyError, is_exempt};
use crate::target::Target;

/// How to reach servers.
#[derive(Clone, Debug)]
pub struct Route {
    /// The proxy to go through.
    pub proxy: Option<Proxy>,
    /// What the clients' variables name in place of a proxy that is supported here: the way then leads past
    /// it, which theirs does not.
    pub unused_proxy: Option<ProxyError>,
    /// Whom to reach without it, in the form of `NO_PROXY`.
    pub no_proxy: String,
    /// The protocol in which to ask for TLS, whatever a target's scheme says.
    pub starttls: Option<StartTls>,
    /// How long one server may take in all.
    pub limit: Duration,
}

impl Route {
    /// The proxy on the way to this server's port, if there is one.
    pub(crate) fn proxy_to(&self, target: &Target, port: u16) -> Option<&Proxy> {
        let proxy = self.proxy.as_ref();
        proxy.filter(|_| !is_exempt(target, port, &self.no_proxy))
    }

    /// Why there is no proxy on the way to this server's port, where its clients have one.
    pub(crate) fn unused_proxy_to(&self, target: &Target, port: u16) -> Option<ProxyError> {
        let unused = self.unused_proxy;
        unused.filter(|_| !is_exempt(target, port, &self.no_proxy))
    }
}

/// Why there was nobody to speak TLS with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreached {
    /// The name has no address.
    NoSuchName,
    /// Nobody listens at this address.
    Refused(SocketAddr),
    /// Nothing came back in time at this step.
    Silent(Step),
    /// The network refused, in the system's words.
    Network(String),
    /// The proxy itself cannot be reached.
    ProxyUnreached(Box<Unreached>),
    /// The proxy opened no tunnel.
    ProxyRefused(Rejection),
    /// The server did not switch to TLS.
    StartTlsRefused(Rejection),
}

/// A step that can take too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Looking the name up.
    Lookup,
    /// The TCP connection.
    Tcp,
    /// The proxy's answer.
    Proxy,
    /// The switch to TLS.
    StartTls,
}

/// How a proxy or a server turned a request down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// With this line. It comes from the network: escape it before you print it.
    Answered(String),
    /// The proxy requires a user (RFC 9110, section 11.7.1), by one of these schemes
    /// (`Proxy-Authenticate`), which come from the network too.
    Unauthorized {
        /// The line with the status.
        status: String,
        /// `Basic`, `Negotiate`, `NTLM` or `Digest`, as the proxy lists them.
        schemes: Vec<String>,
    },
    /// What it said is not of the protocol in which it was asked.
    OtherProtocol,
    /// It has no TLS, or has it turned off.
    NoTls,
    /// It closed the connection.
    HungUp,
    /// The connection failed, in the system's words.
    Failed(String),
}

/// Why an exchange ended early.
enum Stopped {
    Io(io::Error),
    Rejected(Rejection),
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Stopped::Io(error)
    }
}

impl From<Rejection> for Stopped {
    fn from(rejection: Rejection) -> Self {
        Stopped::Rejected(rejection)
    }
}

impl Stopped {
    fn at(self, step: Step, rejected: fn(Rejection) -> Unreached) -> Unreached {
        match self {
            Stopped::Rejected(rejection) => rejected(rejection),
            Stopped::Io(error) => match error.kind() {
                io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Unreached::Silent(step),
                io::ErrorKind::UnexpectedEof => rejected(Rejection::HungUp),
                _ => rejected(Rejection::Failed(reason(&error))),
            },
        }
    }
}

/// A connection that was begun is given at least this long.
const MIN_CONNECT: Duration = Duration::from_millis(1);

/// A stream on which the server expects a `ClientHello`.
pub(crate) fn open(
    target: &Target,
    route: &Route,
    deadline: Deadline,
) -> Result<TcpStream, Unreached> {
    let port = target.port(route.starttls);
    let mut stream = match route.proxy_to(target, port) {
        None => tcp(&target.host, port, deadline)?,
        Some(proxy) => {
            let mut stream = to_proxy(proxy, deadline)?;
            let authority = target.authority(route.starttls);
            tunnel::open(&mut deadline.on(&mut stream), proxy, &authority)?;
            stream
        }
    };
    if let Some(protocol) = target.starttls(route.starttls) {
        starttls::negotiate(&mut deadline.on(&mut stream), protocol)?;
    }
    Ok(stream)
}

/// A stream to a plain HTTP server, and the proxy at its other end if there is one.
pub(crate) fn to_web_server<'r>(
    target: &Target,
    route: &'r Route,
    deadline: Deadline,
) -> Result<(TcpStream, Option<&'r Proxy>), Unreached> {
    let port = target.port_or(80);
    let proxy = route.proxy_to(target, port);
    let stream = match proxy {
        None => tcp(&target.host, port, deadline)?,
        Some(proxy) => to_proxy(proxy, deadline)?,
    };
    Ok((stream, proxy))
}

fn to_proxy(proxy: &Proxy, deadline: Deadline) -> Result<TcpStream, Unreached> {
    tcp(&proxy.target.host, proxy.port(), deadline)
        .map_err(|error| Unreached::ProxyUnreached(Box::new(error)))
}

fn tcp(host: &str, port: u16, deadline: Deadline) -> Result<TcpStream, Unreached> {
    let mut last = Unreached::NoSuchName;
    let addresses = addresses(host, port, deadline)?;
    for (tried, address) in addresses.iter().enumerate() {
        // An address that drops packets must leave time for the next one.
        let share = u32::try_from(addresses.len() - tried).unwrap_or(u32::MAX);
        let limit = (deadline.left() / share).max(MIN_CONNECT);
        match TcpStream::connect_timeout(address, limit) {
            Ok(stream) => {
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Err(error) => {
                last = match error.kind() {
                    io::ErrorKind::ConnectionRefused => Unreached::Refused(*address),
                    io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
                        Unreached::Silent(Step::Tcp)
                    }
                    _ => Unreached::Network(reason(&error)),
                };
            }
        }
    }
    Err(last)
}

/// The C library's lookup has no time limit, so its thread is abandoned at the deadline. Where no
/// thread can be had, the lookup takes the time that it takes.
fn addresses(host: &str, port: u16, deadline: Deadline) -> Result<Vec<SocketAddr>, Unreached> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![(address, port).into()]);
    }
    let (sender, receiver) = mpsc::channel();
    let owned = host.to_owned();
    let begin = move || sender.send(look_up(&owned, port));
    let found = match thread::Builder::new().spawn(begin) {
        Ok(_) => match receiver.recv_timeout(deadline.left()) {
            Ok(found) => found,
            Err(_) => return Err(Unreached::Silent(Step::Lookup)),
        },
        Err(_) => look_up(host, port),
    };
    match found {
        Ok(addresses) if !addresses.is_empty() => Ok(addresses),
        Err(error) if is_shortage(&error) => Err(Unreached::Network(reason(&error))),
        _ => Err(Unreached::NoSuchName),
    }
}

fn look_up(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    Ok((host, port).to_socket_addrs()?.collect())
}

/// Whether this process may open no more files or has no more memory: the name is not at fault.
fn is_shortage(error: &io::Error) -> bool {
    const EMFILE: i32 = 24;
    error.raw_os_error() == Some(EMFILE) || error.kind() == io::ErrorKind::OutOfMemory
}

/// What the system says of an error, without Rust's number behind it.
pub(crate) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next();
    text.unwrap_or_default().to_owned()
}
