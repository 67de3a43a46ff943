//! The way to a server, as far as TLS: name, TCP, a proxy's tunnel, STARTTLS.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::target::{Proxy, StartTls, Target, is_exempt};
use trust_stores::escape::escape;

/// Why there was nobody to speak TLS with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreached {
    /// The name has no address.
    Lookup,
    /// Nobody listens.
    Refused(SocketAddr),
    /// Nothing came back in time: which step it was.
    Silent(&'static str),
    /// The network said no.
    Network(String),
    /// The proxy cannot be reached.
    ProxyUnreached(Box<Unreached>),
    /// The proxy would not.
    ProxyRefused(String),
    /// The server does not know STARTTLS, or not this one.
    StartTls(String),
}

impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unreached::Lookup => f.write_str("the name has no address"),
            Unreached::Refused(address) => write!(f, "nobody listens at {address}"),
            Unreached::Silent(step) => write!(f, "nothing came back in time: {step}"),
            Unreached::Network(reason) => write!(f, "the network says: {reason}"),
            Unreached::ProxyUnreached(inner) => write!(f, "the proxy cannot be reached: {inner}"),
            Unreached::ProxyRefused(status) => write!(f, "the proxy would not: {}", escape(status)),
            Unreached::StartTls(said) => {
                write!(f, "the server would not start TLS: {}", escape(said))
            }
        }
    }
}

/// A connection that is begun has this long at least.
const LEAST: Duration = Duration::from_millis(1);

/// How to get there.
#[derive(Clone, Debug)]
pub struct Route {
    /// The proxy to go through.
    pub proxy: Option<Proxy>,
    /// Whom to reach without it, as `NO_PROXY` says.
    pub exempt: String,
    /// What to say before TLS.
    pub starttls: Option<StartTls>,
    /// How long all of it may take.
    pub limit: Duration,
}

impl Route {
    /// The proxy to go through, on the way to this server's port.
    pub fn proxy_to(&self, target: &Target, port: u16) -> Option<&Proxy> {
        let proxy = self.proxy.as_ref();
        proxy.filter(|_| !is_exempt(target, port, &self.exempt))
    }
}

/// A moment that nothing may last beyond.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline(Instant);

impl Deadline {
    pub(super) fn in_(limit: Duration) -> Self {
        Deadline(Instant::now() + limit)
    }

    pub(super) fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}

/// A stream with an end: a server that sends a byte now and then holds nobody longer.
pub(super) struct Timed<'a> {
    pub(super) stream: &'a mut TcpStream,
    pub(super) deadline: Deadline,
}

impl Timed<'_> {
    fn left(&self) -> io::Result<Duration> {
        // Zero would be no limit to a socket.
        match self.deadline.left() {
            Duration::ZERO => Err(io::ErrorKind::TimedOut.into()),
            left => Ok(left),
        }
    }
}

impl Read for Timed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(self.left()?))?;
        self.stream.read(buffer).map_err(in_time)
    }
}

impl Write for Timed<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(self.left()?))?;
        self.stream.write(buffer).map_err(in_time)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// A socket's limit ends as `WouldBlock`, which rustls takes for a pause where anything came before it.
fn in_time(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock => io::ErrorKind::TimedOut.into(),
        _ => error,
    }
}

/// A stream on which the server expects a `ClientHello`, and the address that answered.
pub(super) fn open(
    target: &Target,
    route: &Route,
    deadline: Deadline,
) -> Result<(TcpStream, SocketAddr), Unreached> {
    let authority = target.authority(route.starttls);
    let proxy = route.proxy_to(target, target.port(route.starttls));
    let (mut stream, address) = match proxy {
        None => tcp(&target.host, target.port(route.starttls), deadline)?,
        Some(proxy) => {
            let (mut stream, address) = to_proxy(proxy, deadline)?;
            let mut timed = Timed {
                stream: &mut stream,
                deadline,
            };
            tunnel(&mut timed, proxy, &authority)?;
            (stream, address)
        }
    };
    if let Some(starttls) = route.starttls {
        let mut timed = Timed {
            stream: &mut stream,
            deadline,
        };
        negotiate(&mut timed, starttls).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Unreached::Silent("STARTTLS"),
            _ => Unreached::StartTls(without_number(&error)),
        })?;
    }
    Ok((stream, address))
}

/// A stream to a server of plain HTTP, and what the head of a request needs for the proxy on the way.
pub(super) fn to_web_server(
    target: &Target,
    route: &Route,
    deadline: Deadline,
) -> Result<(TcpStream, String), Unreached> {
    match route.proxy_to(target, target.port_or(80)) {
        None => {
            let (stream, _) = tcp(&target.host, target.port_or(80), deadline)?;
            Ok((stream, String::new()))
        }
        Some(proxy) => {
            let (stream, _) = to_proxy(proxy, deadline)?;
            Ok((stream, credentials(proxy)))
        }
    }
}

fn to_proxy(proxy: &Proxy, deadline: Deadline) -> Result<(TcpStream, SocketAddr), Unreached> {
    let reached = tcp(&proxy.target.host, proxy.port(), deadline);
    reached.map_err(|error| Unreached::ProxyUnreached(Box::new(error)))
}

fn tcp(host: &str, port: u16, deadline: Deadline) -> Result<(TcpStream, SocketAddr), Unreached> {
    let mut last = Unreached::Lookup;
    let addresses = addresses(host, port, deadline)?;
    for (tried, address) in addresses.iter().enumerate() {
        // So that one that drops what is sent leaves time for the next.
        let share = u32::try_from(addresses.len() - tried).unwrap_or(u32::MAX);
        match TcpStream::connect_timeout(address, (deadline.left() / share).max(LEAST)) {
            Ok(stream) => {
                let _ = stream.set_nodelay(true);
                return Ok((stream, *address));
            }
            Err(error) => {
                last = match error.kind() {
                    io::ErrorKind::ConnectionRefused => Unreached::Refused(*address),
                    io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Unreached::Silent("TCP"),
                    _ => Unreached::Network(without_number(&error)),
                };
            }
        }
    }
    Err(last)
}

/// The C library's lookup knows no time limit, so it is left behind when that has passed.
fn addresses(host: &str, port: u16, deadline: Deadline) -> Result<Vec<SocketAddr>, Unreached> {
    let (sender, receiver) = mpsc::channel();
    let host = host.to_owned();
    thread::spawn(move || {
        let found = (host.as_str(), port).to_socket_addrs();
        let _ = sender.send(found.map(Iterator::collect::<Vec<_>>));
    });
    match receiver.recv_timeout(deadline.left()) {
        Ok(Ok(addresses)) if !addresses.is_empty() => Ok(addresses),
        Ok(_) => Err(Unreached::Lookup),
        Err(_) => Err(Unreached::Silent("the name lookup")),
    }
}

pub(super) fn without_number(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error")
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// The line of a request's head by which a proxy knows its user (RFC 7617); none without one.
fn credentials(proxy: &Proxy) -> String {
    use base64::Engine as _;
    let line = proxy.user_info.as_ref().map(|user_info| {
        let decoded = percent_decoded(user_info);
        let encoded = base64::engine::general_purpose::STANDARD.encode(decoded);
        format!("Proxy-Authorization: Basic {encoded}\r\n")
    });
    line.unwrap_or_default()
}

fn tunnel(stream: &mut Timed<'_>, proxy: &Proxy, authority: &str) -> Result<(), Unreached> {
    let credentials = credentials(proxy);
    let request = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{credentials}\r\n");
    let failed = |error: &io::Error| match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Unreached::Silent("the proxy"),
        _ => Unreached::ProxyRefused(without_number(error)),
    };
    stream
        .write_all(request.as_bytes())
        .map_err(|e| failed(&e))?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < 8192 {
        let mut byte = [0];
        match stream.read(&mut byte) {
            Ok(0) => return Err(Unreached::ProxyRefused(String::from("it hung up"))),
            Ok(_) => head.push(byte[0]),
            Err(error) => return Err(failed(&error)),
        }
    }
    let status = String::from_utf8_lossy(&head);
    let status = status.lines().next().unwrap_or_default();
    match status.split(' ').nth(1) {
        Some(code) if code.starts_with('2') => Ok(()),
        _ => Err(Unreached::ProxyRefused(status.to_owned())),
    }
}

/// `%40` and the like in a URL's user and password (RFC 3986, section 2.1).
fn percent_decoded(text: &str) -> Vec<u8> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        let digits = (byte == b'%').then(|| [ahead.next(), ahead.next()]);
        let value = digits.and_then(|[high, low]| {
            let digit = |d: Option<u8>| char::from(d?).to_digit(16);
            u8::try_from(digit(high)? * 16 + digit(low)?).ok()
        });
        if let Some(value) = value {
            decoded.push(value);
            bytes = ahead;
        } else {
            decoded.push(byte);
        }
    }
    decoded
}

fn negotiate(stream: &mut Timed<'_>, starttls: StartTls) -> io::Result<()> {
    let refused = |said: &[u8]| {
        let said = String::from_utf8_lossy(&said[..said.len().min(120)]);
        Err(io::Error::other(said.trim().to_owned()))
    };
    match starttls {
        StartTls::Postgres => {
            stream.write_all(&[0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f])?;
            let mut answer = [0];
            stream.read_exact(&mut answer)?;
            if answer == *b"S" {
                Ok(())
            } else {
                refused(b"it has no TLS")
            }
        }
        StartTls::Smtp => {
            expect(stream, "220")?;
            stream.write_all(b"EHLO trust-init.example.com\r\n")?;
            expect(stream, "250")?;
            stream.write_all(b"STARTTLS\r\n")?;
            expect(stream, "220")
        }
        StartTls::Ldap => {
            // LDAPMessage { 1, extendedReq { 1.3.6.1.4.1.1466.20037 } }
            let mut request = vec![0x30, 0x1d, 2, 1, 1, 0x77, 0x18, 0x80, 0x16];
            request.extend(b"1.3.6.1.4.1.1466.20037");
            stream.write_all(&request)?;
            let mut answer = [0; 256];
            let length = stream.read(&mut answer)?;
            // extendedResp { resultCode success, … }
            let success = [0x0a, 1, 0];
            if answer[..length].windows(3).any(|window| window == success) {
                Ok(())
            } else {
                refused(b"it refuses StartTLS")
            }
        }
        StartTls::Mysql => {
            let mut header = [0; 4];
            stream.read_exact(&mut header)?;
            let length = usize::from(header[0]) | usize::from(header[1]) << 8;
            let mut greeting = vec![0; length];
            stream.read_exact(&mut greeting)?;
            if greeting.first() != Some(&10) {
                return refused(&greeting);
            }
            // CLIENT_PROTOCOL_41, CLIENT_SSL, CLIENT_SECURE_CONNECTION; 16 MiB; utf8mb4
            let mut request = vec![32, 0, 0, 1, 0, 0x8a, 0, 0, 0, 0, 0, 1, 45];
            request.resize(36, 0);
            stream.write_all(&request)
        }
    }
}

/// Reads an answer of SMTP, all its lines.
fn expect(stream: &mut Timed<'_>, code: &str) -> io::Result<()> {
    let mut line = Vec::new();
    loop {
        let mut byte = [0];
        if stream.read(&mut byte)? == 0 || line.len() > 2000 {
            return Err(io::Error::other("it hung up"));
        }
        line.push(byte[0]);
        if byte[0] == b'\n' {
            let text = String::from_utf8_lossy(&line).trim().to_owned();
            if !text.starts_with(code) {
                return Err(io::Error::other(text));
            }
            if text.as_bytes().get(3) != Some(&b'-') {
                return Ok(());
            }
            line.clear();
        }
    }
}
