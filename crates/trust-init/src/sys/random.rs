//! Names that nobody can guess.

use std::io;

use rustix::rand::{GetRandomFlags, getrandom};
use trust_stores::hex;

/// 128 random bits in hex. The process number would not do: in a container, every process can be
/// number 1.
pub fn random_name() -> io::Result<String> {
    let mut bytes = [0; 16];
    getrandom(&mut bytes, GetRandomFlags::empty())?;
    Ok(hex::encode(&bytes))
}
