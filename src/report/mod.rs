//! Every word that people and machines read: the log on stderr, the manifest, the termination
//! log. Nothing else in the program prints.

pub mod check;
pub mod doctor;
mod escape;
pub mod inspect;
pub mod log;
pub mod manifest;
mod records;
pub mod style;
pub mod termination;

pub use escape::{escape, is_unprintable};

use std::io::{self, Write as _};

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

/// Writes what was asked for to standard output, and gives the exit code: 0, also where nobody
/// reads it to the end (`trust-init --help | head`).
pub fn stdout(text: &str) -> u8 {
    let _ = io::stdout().write_all(text.as_bytes());
    0
}
