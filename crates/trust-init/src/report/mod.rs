//! Every word that people and machines read: the log on stderr, the answers on stdout, the manifest,
//! the termination log. Nothing else in the program prints.

pub mod check;
#[cfg(feature = "doctor")]
pub mod doctor;
pub mod inspect;
pub mod log;
pub mod manifest;
mod records;
pub mod siblings;
pub mod style;
mod tally;
pub mod termination;
mod text;

use std::io::{self, Write as _};

pub(crate) use records::unanswered;

use crate::error::{Code, Error, system_message};

/// Writes what was asked for to standard output. A reader that stops early is no fault
/// (`trust-init --help | head`); a full disk is.
pub fn print(text: &str) -> Result<(), Error> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(text.as_bytes());
    match written.and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::new(Code::Unwritable, system_message(&error)).at("<stdout>"))
        }
        _ => Ok(()),
    }
}
