//! What is read of a server's first flight, as `openssl s_server` 3.0 wrote it:
//! `-tls1_2 -cipher DHE-RSA-AES128-SHA256 -Verify 2 -CAfile CLIENT_CA`.

#![allow(missing_docs, clippy::unwrap_used)]

use std::io::{self, Read, Write};

use trust_doctor::handshake::{CipherSuite, Group, Handshake, Offers, TlsVersion, plain_handshake};

const FLIGHT: &[u8] = include_bytes!("flights/openssl-dhe.bin");

/// A server that says what it says, whatever it hears.
struct Server<'a>(&'a [u8]);

impl Read for Server<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Server<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn read(flight: &[u8]) -> io::Result<Handshake> {
    plain_handshake(&mut Server(flight), "localhost", Offers::Everything)
}

#[test]
fn every_fact_of_a_flight_is_read() {
    let handshake = read(FLIGHT).unwrap();
    assert_eq!(handshake.version, Some(TlsVersion::Tls12));
    assert_eq!(handshake.cipher_suite, Some(CipherSuite(0x0067)));
    assert_eq!(handshake.group, Some(Group::DiffieHellman(2048)));
    // rsa_pss_rsae_sha256
    assert_eq!(handshake.signature_scheme, Some(0x0804));
    assert!(!handshake.lacks_secure_renegotiation);
    assert!(handshake.requests_client_certificate);
    let accepted = handshake.accepted_cas.iter().map(ToString::to_string);
    let accepted: Vec<String> = accepted.collect();
    assert_eq!(
        accepted,
        ["CN=Example Customer Client CA,O=Example Customer"]
    );
    assert_eq!(handshake.chain.len(), 1);
}

/// Without the extension of RFC 5746, which is the first of this `ServerHello`.
#[test]
fn a_hello_without_renegotiation_info_is_told_apart() {
    let at = FLIGHT
        .windows(5)
        .position(|five| five == [0xff, 1, 0, 1, 0]);
    let mut without = FLIGHT.to_vec();
    // A type that nobody knows, in its place.
    without[at.unwrap()] = 0x7f;
    assert!(read(&without).unwrap().lacks_secure_renegotiation);
}

#[test]
fn a_flight_that_is_cut_off_or_bent_is_no_panic() {
    for length in 0..FLIGHT.len() {
        let _ = read(&FLIGHT[..length]);
    }
    // Its hello whole, and of what follows every fifth byte: signatures take their time.
    let indexes = (0..120).chain((120..FLIGHT.len()).step_by(5));
    let mut bent = FLIGHT.to_vec();
    for index in indexes {
        bent[index] ^= 0xff;
        let _ = read(&bent);
        bent[index] ^= 0xff;
    }
}
