//! JKS, the old Java keystore: trusted certificates out. (`sun.security.provider.JavaKeyStore` of
//! the JDK is its only specification.)

use sha1::{Digest, Sha1};

use super::alias::Alias;
use super::password::Password;
use crate::bundle::Bundle;

const MAGIC: u32 = 0xfeed_feed;
const VERSION: u32 = 2;
const TRUSTED_CERTIFICATE: u32 = 2;
/// What is hashed between password and content. Sun's joke, now a format.
const WHITENER: &[u8] = b"Mighty Aphrodite";

/// `bundle` as a JKS store whose integrity hash is keyed with `password`. The JVM loads it with
/// that password or with none.
pub(crate) fn encode(bundle: &Bundle<'_>, password: &Password) -> Vec<u8> {
    let mut out = Vec::new();
    put_u32(&mut out, MAGIC);
    put_u32(&mut out, VERSION);
    put_u32(&mut out, saturated(bundle.count()));
    for (certificate, alias) in bundle.iter().zip(Alias::for_all(bundle)) {
        put_u32(&mut out, TRUSTED_CERTIFICATE);
        put_utf(&mut out, alias.as_str());
        // The entry's date of creation. Not the clock's, which would change the bytes of each
        // run, and not 0, which some tools print as a fault: the start of validity.
        let milliseconds = certificate.not_before().unix().saturating_mul(1000);
        out.extend(milliseconds.to_be_bytes());
        put_utf(&mut out, "X.509");
        put_u32(&mut out, saturated(certificate.der().len()));
        out.extend(certificate.der());
    }
    let digest = Sha1::new()
        .chain_update(password.utf16_be())
        .chain_update(WHITENER)
        .chain_update(&out)
        .finalize();
    out.extend(digest);
    out
}

fn put_u32(out: &mut Vec<u8>, value: u32) {
    out.extend(value.to_be_bytes());
}

/// Java's modified UTF-8, which for the ASCII of an alias is ASCII.
fn put_utf(out: &mut Vec<u8>, ascii: &str) {
    let length = u16::try_from(ascii.len()).unwrap_or(u16::MAX);
    out.extend(length.to_be_bytes());
    out.extend(ascii.as_bytes());
}

fn saturated(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
