//! Every word that people and machines read: the log on stderr, the manifest, the termination
//! log. Nothing else in the program prints.

pub mod check;
#[cfg(feature = "doctor")]
pub mod doctor;
pub mod inspect;
pub mod log;
pub mod manifest;
mod records;
pub mod style;
pub mod termination;

use std::io::{self, Write as _};
use std::path::Path;

use crate::error::Error;

/// A number with its noun, in the plural where it needs it.
fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

/// A report as JSON with two spaces of indentation and a final newline.
fn json<T: serde::Serialize>(report: &T) -> String {
    // Neither maps with odd keys nor a failing stream: it cannot fail.
    let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
    text.push('\n');
    text
}

/// Writes what was asked for to standard output. That nobody reads it to the end is no fault
/// (`trust-init --help | head`); a full disk is.
pub fn stdout(text: &str) -> Result<(), Error> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(text.as_bytes());
    match written.and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::unwritable(Path::new("<stdout>"), &error))
        }
        _ => Ok(()),
    }
}
