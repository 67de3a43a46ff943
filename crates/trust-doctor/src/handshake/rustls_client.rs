//! The handshake that rustls makes, TLS 1.2 and 1.3.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::ClientConfig;
use rustls::pki_types::ServerName;
use rustls::{CertificateError, ClientConnection, Error};

use super::flight::Flight;
use super::observer::Observer;
use super::provider::provider;
use super::scheme::SCHEMES;
use super::{Group, Handshake, HandshakeFailure, Proof, TlsVersion};
use crate::connect::{Deadline, Timed};

/// How long a server that asked for a client certificate may take to complain that there is none.
/// In TLS 1.3 it does so after the handshake.
const COMPLAINT: Duration = Duration::from_millis(1500);

/// Shakes hands on `stream` with the server that is called `host`.
pub(crate) fn shake_hands(mut stream: TcpStream, host: &str, deadline: Deadline) -> Handshake {
    let observer = Arc::new(Observer::default());
    let mut connection = match connection(host, &observer) {
        Ok(connection) => connection,
        Err(failure) => {
            return Handshake {
                failure: Some(failure),
                ..Handshake::default()
            };
        }
    };
    let mut tap = Tap {
        timed: deadline.on(&mut stream),
        heard: Vec::new(),
    };
    let outcome = converse(&mut connection, &mut tap, &observer);
    let is_complete = !connection.is_handshaking();
    let proof = if is_complete || observer.is_signed() {
        Proof::Given
    } else {
        Proof::Missing
    };
    let failure = match outcome {
        Err(error) => Some(classify(&error, &tap.heard)),
        // To rustls an end of the stream in the middle is no error.
        Ok(()) => (!is_complete).then_some(HandshakeFailure::Closed),
    };
    let heard = Handshake::of_flight(Flight::of(&tap.heard));
    // Polite; whether it arrives does not matter.
    connection.send_close_notify();
    let _ = connection.write_tls(&mut stream);
    let accepted_cas = if heard.accepted_cas.is_empty() {
        observer.accepted_cas()
    } else {
        heard.accepted_cas
    };
    Handshake {
        chain: observer.chain(),
        proof,
        requests_client_certificate: observer.requests_certificate(),
        accepted_cas,
        failure,
        ..heard
    }
}

/// Whether the hello of [`shake_hands`] offers what a server chose.
pub(super) fn offers(flight: &Flight) -> bool {
    let provider = provider();
    let suites = &provider.cipher_suites;
    let suite = flight.suite.map(|suite| suite.0);
    let has_suite = suites
        .iter()
        .any(|one| Some(u16::from(one.suite())) == suite);
    let has_group = flight.group.is_some_and(|group| {
        let mut groups = provider.kx_groups.iter();
        groups.any(|one| group == Group::Named(u16::from(one.name())))
    });
    let has_scheme = flight
        .signature_scheme
        .is_none_or(|scheme| SCHEMES.iter().any(|one| u16::from(*one) == scheme));
    flight.version == Some(TlsVersion::Tls12) && has_suite && has_group && has_scheme
}

fn connection(host: &str, observer: &Arc<Observer>) -> Result<ClientConnection, HandshakeFailure> {
    let name = ServerName::try_from(host.to_owned()).map_err(|_| HandshakeFailure::NoServerName)?;
    let other = |error: Error| HandshakeFailure::Other(error.to_string());
    let config = ClientConfig::builder_with_provider(Arc::new(provider()))
        .with_safe_default_protocol_versions()
        .map_err(other)?
        .dangerous()
        .with_custom_certificate_verifier(observer.clone())
        .with_client_cert_resolver(observer.clone());
    ClientConnection::new(Arc::new(config), name).map_err(other)
}

fn converse(
    connection: &mut ClientConnection,
    tap: &mut Tap<'_>,
    observer: &Observer,
) -> io::Result<()> {
    connection.complete_io(tap)?;
    if !observer.requests_certificate() {
        return Ok(());
    }
    tap.timed.deadline = Deadline::after(COMPLAINT.min(tap.timed.deadline.left()));
    match rustls::Stream::new(connection, tap).read(&mut [0]) {
        Err(error) if is_timeout(&error) => Ok(()),
        other => other.map(|_| ()),
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}

/// Enough of what a server says to show a reader that it is not TLS.
const SHOWN: usize = 120;

fn classify(error: &io::Error, first: &[u8]) -> HandshakeFailure {
    // A TLS record begins with its type and the major version 3.
    let is_tls = matches!(first, [0x14..=0x17, 3, ..]);
    if !is_tls && !first.is_empty() {
        let line = String::from_utf8_lossy(&first[..first.len().min(SHOWN)]);
        return HandshakeFailure::NotTls(line.lines().next().unwrap_or_default().to_owned());
    }
    if is_timeout(error) {
        return HandshakeFailure::Silent;
    }
    let inner = error.get_ref();
    match inner.and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(Error::AlertReceived(alert)) => HandshakeFailure::Alert(format!("{alert:?}")),
        Some(Error::InvalidCertificate(CertificateError::BadSignature)) => {
            HandshakeFailure::BadSignature
        }
        Some(unsupported @ (Error::InvalidCertificate(_) | Error::PeerIncompatible(_))) => {
            HandshakeFailure::Unsupported(unsupported.to_string())
        }
        Some(other) => HandshakeFailure::Other(other.to_string()),
        None => match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => {
                HandshakeFailure::Closed
            }
            _ => HandshakeFailure::Other(error.to_string()),
        },
    }
}

/// The readable part of a handshake is shorter: of a longer one, what follows is not looked at.
const HEARD: usize = 256 << 10;

/// The stream, with a copy of what came out of it.
struct Tap<'a> {
    timed: Timed<'a>,
    heard: Vec<u8>,
}

impl Read for Tap<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.timed.read(buffer)?;
        let room = HEARD.saturating_sub(self.heard.len());
        self.heard.extend(&buffer[..length.min(room)]);
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
