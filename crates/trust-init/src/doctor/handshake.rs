//! A TLS handshake and no more: what the server presents, whoever signed it.
//!
//! rustls speaks TLS 1.2 and 1.3 and shows that the server has the key of what it presents. A server
//! that only speaks older versions, or that rustls has no cipher in common with, is sent a
//! `ClientHello` written here: up to TLS 1.2 the certificates come in the clear, before anything is
//! proven.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ClientConfig, ResolvesClientCert};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConnection, DigitallySignedStruct, ProtocolVersion, SignatureScheme,
    sign,
};

use super::connect::{Deadline, Timed};
use super::provider::provider;

/// What a server presented.
#[derive(Clone, Debug, Default)]
pub struct Presented {
    /// Its certificates in DER, its own first, in the order they came.
    pub chain: Vec<Vec<u8>>,
    /// The version that was agreed on, or that the server answered with.
    pub version: Option<&'static str>,
    /// Whether the server has shown that it has the key.
    pub proof: Proof,
    /// Whether it asked for a client's certificate.
    pub asks_for_client: bool,
    /// Whether it takes old ciphers alone: without forward secrecy, or with a MAC by SHA-1. Python
    /// and newer JVMs have none of them.
    pub has_old_ciphers: bool,
    /// What ended the handshake, where it did not succeed.
    pub failure: Option<Failure>,
}

/// Whether a server has shown that it has the key of its certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Proof {
    /// The handshake did not get that far.
    #[default]
    Missing,
    /// The chain was read off a handshake in the clear, which was never to get that far.
    NeverAsked,
    /// It has.
    Given,
}

/// Why a handshake failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// What came back is not TLS: its first line.
    NotTls(String),
    /// An alert, by its name in RFC 8446.
    Alert(String),
    /// The connection was closed.
    Closed,
    /// Nothing came back in time.
    Silent,
    /// The server's signature is not by the key of its certificate, or by one that ring cannot compute
    /// with.
    BadSignature,
    /// What the server presents or speaks is beyond rustls, and may well be within the clients.
    Beyond(String),
    /// Anything else, in words.
    Other(String),
}

/// Shakes hands on `stream`, as a client that calls the server `host`.
pub(super) fn modern(mut stream: TcpStream, host: &str, deadline: Deadline) -> Presented {
    let mut presented = Presented::default();
    let provider = Arc::new(provider());
    let seen = Arc::new(Seen::new(provider.clone()));
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map(|builder| {
            builder
                .dangerous()
                .with_custom_certificate_verifier(seen.clone())
                .with_client_cert_resolver(seen.clone())
        });
    let name = ServerName::try_from(host.to_owned());
    let connection = match (config, name) {
        (Ok(config), Ok(name)) => ClientConnection::new(Arc::new(config), name),
        (Err(error), _) => Err(error),
        (_, Err(_)) => {
            presented.failure = Some(Failure::Other(String::from("no name that TLS can ask for")));
            return presented;
        }
    };
    let mut connection = match connection {
        Ok(connection) => connection,
        Err(error) => {
            presented.failure = Some(Failure::Other(error.to_string()));
            return presented;
        }
    };
    let mut tap = Tap::new(&mut stream, deadline);
    let outcome = connection.complete_io(&mut tap).map(|_| ());
    let outcome = outcome.and_then(|()| {
        // Of TLS 1.3 the server's word on the client comes after the handshake.
        if seen.asked() {
            let mut one = [0];
            tap.timed.deadline = Deadline::in_(AFTER.min(deadline.left()));
            return match rustls::Stream::new(&mut connection, &mut tap).read(&mut one) {
                Err(error) if is_silent(&error) => Ok(()),
                other => other.map(|_| ()),
            };
        }
        Ok(())
    });
    if !connection.is_handshaking() {
        presented.proof = Proof::Given;
    }
    presented.version = connection.protocol_version().and_then(version_name);
    presented.failure = outcome.err().map(|error| failure(&error, &tap.first));
    if presented.failure.is_none() && presented.proof == Proof::Missing {
        // An end of the stream in the middle is no error to it.
        presented.failure = Some(Failure::Closed);
    }
    presented.asks_for_client = seen.asked();
    presented.chain = seen.chain();
    // Politely, and without minding whether it arrives.
    connection.send_close_notify();
    let _ = connection.write_tls(&mut stream);
    presented
}

/// How long to wait for a server that asked for a client's certificate to say that it minds.
const AFTER: std::time::Duration = std::time::Duration::from_millis(1500);

fn version_name(version: ProtocolVersion) -> Option<&'static str> {
    match version {
        ProtocolVersion::TLSv1_2 => Some("TLS 1.2"),
        ProtocolVersion::TLSv1_3 => Some("TLS 1.3"),
        _ => None,
    }
}

fn is_silent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}

fn failure(error: &io::Error, first: &[u8]) -> Failure {
    // A TLS record begins with its type and the major version 3.
    let is_tls = matches!(first, [0x14..=0x17, 3, ..]);
    if !is_tls && !first.is_empty() {
        let line = String::from_utf8_lossy(first);
        return Failure::NotTls(line.lines().next().unwrap_or_default().to_owned());
    }
    if is_silent(error) {
        return Failure::Silent;
    }
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::AlertReceived(alert)) => Failure::Alert(format!("{alert:?}")),
        Some(rustls::Error::InvalidCertificate(CertificateError::BadSignature)) => {
            Failure::BadSignature
        }
        Some(
            beyond @ (rustls::Error::InvalidCertificate(_) | rustls::Error::PeerIncompatible(_)),
        ) => Failure::Beyond(beyond.to_string()),
        Some(other) => Failure::Other(other.to_string()),
        None if error.kind() == io::ErrorKind::UnexpectedEof => Failure::Closed,
        None if error.kind() == io::ErrorKind::ConnectionReset => Failure::Closed,
        None => Failure::Other(error.to_string()),
    }
}

/// The stream, and the first bytes that came out of it.
struct Tap<'a> {
    timed: Timed<'a>,
    first: Vec<u8>,
}

impl<'a> Tap<'a> {
    fn new(stream: &'a mut TcpStream, deadline: Deadline) -> Self {
        Tap {
            timed: Timed { stream, deadline },
            first: Vec::new(),
        }
    }
}

impl Read for Tap<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.timed.read(buffer)?;
        let room = 120usize.saturating_sub(self.first.len());
        self.first.extend(&buffer[..length.min(room)]);
        Ok(length)
    }
}

impl Write for Tap<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.timed.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.timed.flush()
    }
}

/// Takes note of what is presented and asked for, and minds nothing: judging comes later, and for
/// three clients.
#[derive(Debug)]
struct Seen {
    provider: Arc<CryptoProvider>,
    chain: Mutex<Vec<Vec<u8>>>,
    asked: Mutex<bool>,
}

impl Seen {
    fn new(provider: Arc<CryptoProvider>) -> Self {
        Seen {
            provider,
            chain: Mutex::default(),
            asked: Mutex::default(),
        }
    }

    fn chain(&self) -> Vec<Vec<u8>> {
        self.chain
            .lock()
            .map(|chain| chain.clone())
            .unwrap_or_default()
    }

    fn asked(&self) -> bool {
        self.asked.lock().is_ok_and(|asked| *asked)
    }
}

impl ServerCertVerifier for Seen {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if let Ok(mut chain) = self.chain.lock() {
            *chain = std::iter::once(own)
                .chain(others)
                .map(|certificate| certificate.to_vec())
                .collect();
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

impl ResolvesClientCert for Seen {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<sign::CertifiedKey>> {
        if let Ok(mut asked) = self.asked.lock() {
            *asked = true;
        }
        None
    }

    fn has_certs(&self) -> bool {
        // Only then is it asked.
        true
    }
}

/// The certificates that a server sends in the clear, up to TLS 1.2; nothing of it is proven.
pub(super) fn in_the_clear(mut stream: TcpStream, host: &str, deadline: Deadline) -> Presented {
    let mut timed = Timed {
        stream: &mut stream,
        deadline,
    };
    hello_and_certificate(&mut timed, host).unwrap_or_default()
}

const HANDSHAKE: u8 = 22;
const SERVER_HELLO: u8 = 2;
const CERTIFICATE: u8 = 11;
/// Larger than any chain: a server may not fill the memory.
const MOST: usize = 1 << 20;

/// Sends a `ClientHello`, and takes what comes back up to the server's certificates.
pub fn hello_and_certificate(
    stream: &mut (impl Read + Write),
    host: &str,
) -> io::Result<Presented> {
    stream.write_all(&client_hello(host))?;
    let mut presented = Presented::default();
    let mut messages = Vec::new();
    while messages.len() < MOST {
        let mut header = [0; 5];
        stream.read_exact(&mut header)?;
        let length = usize::from(u16::from_be_bytes([header[3], header[4]]));
        let mut record = vec![0; length];
        stream.read_exact(&mut record)?;
        if header[0] != HANDSHAKE {
            return Ok(presented);
        }
        messages.extend(record);
        while let Some((kind, body, rest)) = message(&messages) {
            match kind {
                SERVER_HELLO => {
                    presented.version = body.get(..2).and_then(old_version);
                    presented.has_old_ciphers = cipher(body).is_some_and(|c| OLD.contains(&c));
                }
                CERTIFICATE => {
                    presented.proof = Proof::NeverAsked;
                    presented.chain = certificates(body);
                    return Ok(presented);
                }
                _ => return Ok(presented),
            }
            messages = rest.to_vec();
        }
    }
    Ok(presented)
}

/// Those of [`client_hello`] with RSA key exchange, and those with a MAC by SHA-1.
const OLD: [u16; 14] = [
    0x009c, 0x009d, 0x002f, 0x0035, 0x003c, 0x000a, 0x0005, 0x0004, 0xc013, 0xc014, 0xc009, 0xc00a,
    0x0033, 0x0039,
];

/// The cipher suite of a `ServerHello`: behind version, random and session.
fn cipher(body: &[u8]) -> Option<u16> {
    let session = usize::from(*body.get(34)?);
    let suite = body.get(35 + session..37 + session)?;
    Some(u16::from_be_bytes([suite[0], suite[1]]))
}

fn old_version(number: &[u8]) -> Option<&'static str> {
    match number {
        [3, 0] => Some("SSL 3.0"),
        [3, 1] => Some("TLS 1.0"),
        [3, 2] => Some("TLS 1.1"),
        [3, 3] => Some("TLS 1.2"),
        _ => None,
    }
}

/// The first message: its type, its body, and what follows.
fn message(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (header, rest) = bytes.split_at_checked(4)?;
    let length = u24(&header[1..])?;
    let (body, rest) = rest.split_at_checked(length)?;
    Some((header[0], body, rest))
}

fn u24(bytes: &[u8]) -> Option<usize> {
    let &[high, middle, low] = bytes.get(..3)? else {
        return None;
    };
    Some(usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low))
}

/// The list of a Certificate message (RFC 5246, section 7.4.2).
fn certificates(body: &[u8]) -> Vec<Vec<u8>> {
    let mut list = body.get(3..).unwrap_or_default();
    let mut certificates = Vec::new();
    while let Some(length) = u24(list) {
        let Some(certificate) = list.get(3..3 + length) else {
            break;
        };
        certificates.push(certificate.to_vec());
        list = &list[3 + length..];
    }
    certificates
}

/// A `ClientHello` of TLS 1.2 that takes whatever a server has (RFC 5246, section 7.4.1.2).
fn client_hello(host: &str) -> Vec<u8> {
    // ECDHE, DHE and RSA with AES, 3DES and RC4: nothing is going to be encrypted with them.
    const CIPHERS: [u16; 24] = [
        0xc02f, 0xc030, 0xc02b, 0xc02c, 0xcca8, 0xcca9, 0xc027, 0xc028, 0xc023, 0xc024, 0xc013,
        0xc014, 0xc009, 0xc00a, 0x009c, 0x009d, 0x0033, 0x0039, 0x002f, 0x0035, 0x003c, 0x000a,
        0x0005, 0x0004,
    ];
    let mut extensions = Vec::new();
    if host.parse::<std::net::IpAddr>().is_err() {
        let name = sized(2, host.as_bytes());
        let entry = [&[0][..], &name].concat();
        extension(&mut extensions, 0, &sized(2, &entry));
    }
    // Curves x25519, P-256, P-384, P-521; points as they are; every usual signature.
    extension(
        &mut extensions,
        10,
        &sized(2, &[0, 29, 0, 23, 0, 24, 0, 25]),
    );
    extension(&mut extensions, 11, &sized(1, &[0]));
    let signatures = [
        4, 1, 5, 1, 6, 1, 4, 3, 5, 3, 6, 3, 8, 4, 8, 5, 8, 6, 2, 1, 2, 3,
    ];
    extension(&mut extensions, 13, &sized(2, &signatures));
    let mut body = vec![3, 3];
    // Random, as far as anybody needs it here: no key comes of it.
    body.extend([0x5a; 32]);
    body.push(0);
    let ciphers: Vec<u8> = CIPHERS.into_iter().flat_map(u16::to_be_bytes).collect();
    body.extend(sized(2, &ciphers));
    body.extend([1, 0]);
    body.extend(sized(2, &extensions));
    let handshake = [&[1][..], &sized(3, &body)].concat();
    [&[HANDSHAKE, 3, 1][..], &sized(2, &handshake)].concat()
}

fn extension(extensions: &mut Vec<u8>, kind: u8, content: &[u8]) {
    extensions.extend([0, kind]);
    extensions.extend(sized(2, content));
}

/// `content` behind its length in so many bytes.
fn sized(bytes: usize, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    [&length[length.len() - bytes..], content].concat()
}
