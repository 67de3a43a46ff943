//! The certificates that a server sends in plain text, up to TLS 1.2. Nothing is proven by them.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use super::client_hello::{client_hello, is_old};
use super::{Handshake, Proof, TlsVersion};
use crate::connect::Deadline;

/// The record type of handshake messages.
pub(super) const HANDSHAKE: u8 = 22;
const SERVER_HELLO: u8 = 2;
const CERTIFICATE: u8 = 11;

/// Larger than any chain: a server may not fill the memory.
const MAX_MESSAGES: usize = 1 << 20;

/// Reads what the server called `host` sends on `stream`; nothing if it speaks no TLS.
pub(crate) fn read_plain(mut stream: TcpStream, host: &str, deadline: Deadline) -> Handshake {
    plain_handshake(&mut deadline.on(&mut stream), host).unwrap_or_default()
}

/// Sends a `ClientHello` that accepts everything, and reads up to the server's certificates.
pub fn plain_handshake(stream: &mut (impl Read + Write), host: &str) -> io::Result<Handshake> {
    stream.write_all(&client_hello(host))?;
    let mut handshake = Handshake::default();
    let mut messages = Vec::new();
    while messages.len() < MAX_MESSAGES {
        let mut header = [0; 5];
        stream.read_exact(&mut header)?;
        let length = usize::from(u16::from_be_bytes([header[3], header[4]]));
        let mut record = vec![0; length];
        stream.read_exact(&mut record)?;
        if header[0] != HANDSHAKE {
            return Ok(handshake);
        }
        messages.extend(record);
        while let Some((kind, body, rest)) = message(&messages) {
            match kind {
                SERVER_HELLO => {
                    handshake.version = body.get(..2).and_then(version);
                    handshake.has_only_old_ciphers = suite(body).is_some_and(is_old);
                }
                CERTIFICATE => {
                    handshake.proof = Proof::NeverAsked;
                    handshake.chain = certificates(body);
                    return Ok(handshake);
                }
                _ => return Ok(handshake),
            }
            messages = rest.to_vec();
        }
    }
    Ok(handshake)
}

/// The cipher suite of a `ServerHello`, after version, random and session.
fn suite(body: &[u8]) -> Option<u16> {
    let session = usize::from(*body.get(34)?);
    let suite = body.get(35 + session..37 + session)?;
    Some(u16::from_be_bytes([suite[0], suite[1]]))
}

fn version(number: &[u8]) -> Option<TlsVersion> {
    match number {
        [3, 0] => Some(TlsVersion::Ssl3),
        [3, 1] => Some(TlsVersion::Tls10),
        [3, 2] => Some(TlsVersion::Tls11),
        [3, 3] => Some(TlsVersion::Tls12),
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
