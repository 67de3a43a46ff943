//! Names that nobody can guess.

use std::io;

use trust_stores::hex;

use super::platform;

/// 128 random bits in hex. The process number would not do: in a container, every process can be
/// number 1.
pub fn random_name() -> io::Result<String> {
    Ok(hex::encode(&platform::random_bytes()?))
}
