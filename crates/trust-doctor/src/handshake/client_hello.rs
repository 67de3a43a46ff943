//! A `ClientHello` written by hand (RFC 5246, section 7.4.1.2; RFC 8446, section 4.1.2).

use std::net::IpAddr;

use super::flight::HANDSHAKE;
use super::suites::{CipherSuite, Group};

/// What a hello accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offers {
    /// Up to TLS 1.2, the suites, groups and signatures that every client has.
    Current,
    /// Up to TLS 1.2, whatever a server may have: nothing is going to be encrypted with it.
    Everything,
    /// TLS 1.3 with every group, and a key for none of them: the server answers which it takes.
    Tls13,
    /// TLS 1.3 without a key, and TLS 1.2, with what JDK 8 has: suites with AES, and no curve of RFC 7748.
    Jdk8,
}

/// `TLS_EMPTY_RENEGOTIATION_INFO_SCSV` (RFC 5746, section 3.3): the server is to say in its hello
/// whether it renegotiates securely.
const RENEGOTIATION_INFO: CipherSuite = CipherSuite(0x00ff);

// Extension types of RFC 6066, RFC 8422, RFC 5246 and RFC 8446.
const SERVER_NAME: u8 = 0;
const SUPPORTED_GROUPS: u8 = 10;
const EC_POINT_FORMATS: u8 = 11;
const SIGNATURE_ALGORITHMS: u8 = 13;
const SUPPORTED_VERSIONS: u8 = 43;
const KEY_SHARE: u8 = 51;

/// x25519, P-256, x448, P-521, P-384, and the five primes of RFC 7919: OpenSSL's.
const GROUPS: [u16; 10] = [29, 23, 30, 25, 24, 256, 257, 258, 259, 260];

/// ECDSA, Ed25519, Ed448, RSA-PSS of both kinds of key, and RSA, with SHA-256, 384 and 512.
const SIGNATURES: [u16; 14] = [
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0809, 0x080a, 0x080b, 0x0804, 0x0805, 0x0806, 0x0401,
    0x0501, 0x0601,
];

/// RSA and ECDSA with SHA-1, and RSA with SHA-224, last.
const OLD_SIGNATURES: [u16; 3] = [0x0301, 0x0201, 0x0203];

/// The record with the `ClientHello` for the server called `host`.
pub(super) fn client_hello(host: &str, offers: Offers, random: &[u8; 32]) -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend(random);
    // No session, the suites, no compression.
    body.push(0);
    body.extend(sized(
        2,
        &numbers(suites(offers).iter().map(|suite| suite.0)),
    ));
    body.extend([1, 0]);
    body.extend(sized(2, &extensions(host, offers)));
    let message = [&[1][..], &sized(3, &body)].concat();
    [&[HANDSHAKE, 3, 1][..], &sized(2, &message)].concat()
}

fn suites(offers: Offers) -> Vec<CipherSuite> {
    let mut suites: Vec<CipherSuite> = match offers {
        Offers::Current => CipherSuite::current().collect(),
        Offers::Everything => CipherSuite::every().collect(),
        Offers::Tls13 => CipherSuite::of_tls_13().collect(),
        Offers::Jdk8 => CipherSuite::of_tls_13()
            .chain(CipherSuite::current())
            .filter(|suite| !suite.is_chacha20())
            .collect(),
    };
    suites.push(RENEGOTIATION_INFO);
    suites
}

fn extensions(host: &str, offers: Offers) -> Vec<u8> {
    let mut extensions = Vec::new();
    if host.parse::<IpAddr>().is_err() {
        let name = [&[0][..], &sized(2, host.as_bytes())].concat();
        extension(&mut extensions, SERVER_NAME, &sized(2, &name));
    }
    let is_known = |group: &u16| offers != Offers::Jdk8 || !Group::Named(*group).is_of_rfc_7748();
    let groups = numbers(GROUPS.into_iter().filter(is_known));
    extension(&mut extensions, SUPPORTED_GROUPS, &sized(2, &groups));
    extension(&mut extensions, EC_POINT_FORMATS, &sized(1, &[0]));
    let old = (offers == Offers::Everything).then_some(OLD_SIGNATURES);
    let signatures = SIGNATURES.into_iter().chain(old.into_iter().flatten());
    let signatures = sized(2, &numbers(signatures));
    extension(&mut extensions, SIGNATURE_ALGORITHMS, &signatures);
    let versions: &[u8] = match offers {
        Offers::Current | Offers::Everything => return extensions,
        Offers::Tls13 => &[3, 4],
        Offers::Jdk8 => &[3, 4, 3, 3],
    };
    extension(&mut extensions, SUPPORTED_VERSIONS, &sized(1, versions));
    extension(&mut extensions, KEY_SHARE, &sized(2, &[]));
    extensions
}

fn numbers(numbers: impl Iterator<Item = u16>) -> Vec<u8> {
    numbers.flat_map(u16::to_be_bytes).collect()
}

fn extension(extensions: &mut Vec<u8>, kind: u8, content: &[u8]) {
    extensions.extend([0, kind]);
    extensions.extend(sized(2, content));
}

/// `content` after its length, which takes this many bytes.
fn sized(bytes: usize, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    [&length[length.len() - bytes..], content].concat()
}
