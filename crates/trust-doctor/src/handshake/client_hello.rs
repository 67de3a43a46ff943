//! A `ClientHello` of TLS 1.2 that accepts whatever a server has (RFC 5246, section 7.4.1.2).

use std::net::IpAddr;

use super::plain::HANDSHAKE;

/// What clients think of a cipher suite.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Age {
    Current,
    /// RSA key exchange, or a SHA-1 MAC.
    Old,
}
use Age::{Current, Old};

/// ECDHE, DHE and RSA with AES, `ChaCha20`, 3DES and RC4, the best first: nothing is going to be
/// encrypted with them. The numbers are IANA's.
const SUITES: [(u16, Age); 24] = [
    (0xc02f, Current), // ECDHE_RSA_WITH_AES_128_GCM_SHA256
    (0xc030, Current), // ECDHE_RSA_WITH_AES_256_GCM_SHA384
    (0xc02b, Current), // ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
    (0xc02c, Current), // ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
    (0xcca8, Current), // ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
    (0xcca9, Current), // ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
    (0xc027, Current), // ECDHE_RSA_WITH_AES_128_CBC_SHA256
    (0xc028, Current), // ECDHE_RSA_WITH_AES_256_CBC_SHA384
    (0xc023, Current), // ECDHE_ECDSA_WITH_AES_128_CBC_SHA256
    (0xc024, Current), // ECDHE_ECDSA_WITH_AES_256_CBC_SHA384
    (0xc013, Old),     // ECDHE_RSA_WITH_AES_128_CBC_SHA
    (0xc014, Old),     // ECDHE_RSA_WITH_AES_256_CBC_SHA
    (0xc009, Old),     // ECDHE_ECDSA_WITH_AES_128_CBC_SHA
    (0xc00a, Old),     // ECDHE_ECDSA_WITH_AES_256_CBC_SHA
    (0x009c, Old),     // RSA_WITH_AES_128_GCM_SHA256
    (0x009d, Old),     // RSA_WITH_AES_256_GCM_SHA384
    (0x0033, Old),     // DHE_RSA_WITH_AES_128_CBC_SHA
    (0x0039, Old),     // DHE_RSA_WITH_AES_256_CBC_SHA
    (0x002f, Old),     // RSA_WITH_AES_128_CBC_SHA
    (0x0035, Old),     // RSA_WITH_AES_256_CBC_SHA
    (0x003c, Old),     // RSA_WITH_AES_128_CBC_SHA256
    (0x000a, Old),     // RSA_WITH_3DES_EDE_CBC_SHA
    (0x0005, Old),     // RSA_WITH_RC4_128_SHA
    (0x0004, Old),     // RSA_WITH_RC4_128_MD5
];

/// Whether a suite is one of those that only old servers choose.
pub(super) fn is_old(suite: u16) -> bool {
    SUITES.contains(&(suite, Old))
}

// Extension types of RFC 6066, RFC 8422 and RFC 5246.
const SERVER_NAME: u8 = 0;
const SUPPORTED_GROUPS: u8 = 10;
const EC_POINT_FORMATS: u8 = 11;
const SIGNATURE_ALGORITHMS: u8 = 13;

/// x25519, P-256, P-384, P-521.
const GROUPS: [u8; 8] = [0, 29, 0, 23, 0, 24, 0, 25];

/// RSA and ECDSA with SHA-256, 384 and 512, RSA-PSS likewise, and SHA-1 last.
const SIGNATURES: [u8; 22] = [
    4, 1, 5, 1, 6, 1, 4, 3, 5, 3, 6, 3, 8, 4, 8, 5, 8, 6, 2, 1, 2, 3,
];

/// The record with the `ClientHello` for the server called `host`.
pub(super) fn client_hello(host: &str) -> Vec<u8> {
    let mut extensions = Vec::new();
    if host.parse::<IpAddr>().is_err() {
        let name = [&[0][..], &sized(2, host.as_bytes())].concat();
        extension(&mut extensions, SERVER_NAME, &sized(2, &name));
    }
    extension(&mut extensions, SUPPORTED_GROUPS, &sized(2, &GROUPS));
    extension(&mut extensions, EC_POINT_FORMATS, &sized(1, &[0]));
    extension(
        &mut extensions,
        SIGNATURE_ALGORITHMS,
        &sized(2, &SIGNATURES),
    );
    let mut body = vec![3, 3];
    // The random bytes: no key is ever derived from them.
    body.extend([0x5a; 32]);
    // No session, the suites, no compression.
    body.push(0);
    let suites = SUITES.iter().flat_map(|(suite, _)| suite.to_be_bytes());
    body.extend(sized(2, &suites.collect::<Vec<u8>>()));
    body.extend([1, 0]);
    body.extend(sized(2, &extensions));
    let message = [&[1][..], &sized(3, &body)].concat();
    [&[HANDSHAKE, 3, 1][..], &sized(2, &message)].concat()
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
