//! What a server sends in plain text, up to TLS 1.2 its certificates too. They prove nothing; in TLS
//! 1.2 the signature behind them does, unless keys are exchanged by RSA.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use ring::rand::{SecureRandom as _, SystemRandom};

use super::client_hello::{Offers, client_hello};
use super::flight::Flight;
use super::rustls_client;
use super::{Handshake, HandshakeFailure, Proof};
use crate::connect::Deadline;

/// Reads what the server called `host` sends on `stream` to such a hello. Without a certificate, the
/// failure says why none came.
pub(crate) fn read_plain(
    mut stream: TcpStream,
    host: &str,
    offers: Offers,
    deadline: Deadline,
) -> Handshake {
    let mut stream = deadline.on(&mut stream);
    plain_handshake(&mut stream, host, offers).unwrap_or_else(|error| Handshake {
        failure: Some(match error.kind() {
            io::ErrorKind::TimedOut => HandshakeFailure::Silent,
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => {
                HandshakeFailure::Closed
            }
            _ => HandshakeFailure::Other(crate::connect::reason(&error)),
        }),
        ..Handshake::default()
    })
}

/// Sends a `ClientHello`, and reads what the server answers in plain text.
pub fn plain_handshake(
    stream: &mut (impl Read + Write),
    host: &str,
    offers: Offers,
) -> io::Result<Handshake> {
    let mut random = [0; 32];
    let filled = SystemRandom::new().fill(&mut random);
    filled.map_err(|_| io::Error::other("no random bytes"))?;
    stream.write_all(&client_hello(host, offers, &random))?;
    let mut flight = Flight::default();
    loop {
        match record(stream) {
            Ok((kind, record)) if flight.take(kind, &record) => {}
            Err(error) if flight.version.is_none() => return Err(error),
            _ => break,
        }
    }
    // Where rustls offered the same, something else was wrong: the certificates prove nothing, and
    // neither does this handshake explain why that one failed.
    let is_explained = flight.chain.is_empty() || rustls_client::offers(&flight);
    let is_signed = flight.is_signed(&random);
    let proof = match is_signed {
        _ if is_explained => Proof::Missing,
        Some(true) => Proof::Signed,
        Some(false) => Proof::Missing,
        None => Proof::NeverAsked,
    };
    let handshake = Handshake::of_flight(flight);
    let forged = (is_signed == Some(false)).then_some(HandshakeFailure::BadSignature);
    Ok(Handshake {
        proof,
        failure: forged.or(handshake.failure),
        ..handshake
    })
}

fn record(stream: &mut impl Read) -> io::Result<(u8, Vec<u8>)> {
    let mut header = [0; 5];
    stream.read_exact(&mut header)?;
    let length = usize::from(u16::from_be_bytes([header[3], header[4]]));
    let mut record = vec![0; length];
    stream.read_exact(&mut record)?;
    Ok((header[0], record))
}
