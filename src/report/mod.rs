//! Every word that people and machines read: the log on stderr, the manifest, the termination
//! log. Nothing else in the program prints.

mod escape;
pub mod log;
pub mod manifest;
pub mod termination;

pub use escape::{escape, is_unprintable};

use std::io::{self, Write as _};

/// Writes what was asked for to standard output, and gives the exit code: 0, also where nobody
/// reads it to the end (`trust-init --help | head`).
pub fn stdout(text: &str) -> u8 {
    let _ = io::stdout().write_all(text.as_bytes());
    0
}
