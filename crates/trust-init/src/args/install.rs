//! `install`: copies the program.

use std::path::PathBuf;

use clap::Args;

use super::habits::{names_certificates, not_installed};
use crate::error::{Error, shown_path};

const EXAMPLES: &str = "\
Example:
  trust-init install /trust/bin";

/// Copy this program into a directory; no certificate is installed
///
/// For a volume that other containers mount: after `trust-init install /trust/bin`, the main container can
/// run /trust/bin/trust-init exec. One rename puts the file in place, with mode 0755. No command of trust-init
/// changes what this machine trusts: build writes stores, and exec runs a command that uses them.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct InstallArgs {
    /// The directory; it is created if it does not exist
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

impl InstallArgs {
    /// The directory. Elsewhere, as with mkcert, what is installed is a certificate.
    pub(super) fn resolve(self) -> Result<PathBuf, Error> {
        let path = self.directory;
        if path.is_dir() || !names_certificates(&path) {
            return Ok(path);
        }
        let mut fault = Error::usage("install copies this program, and installs no certificate");
        fault.hints = not_installed(&path.to_string_lossy());
        Err(fault.at(shown_path(&path)))
    }
}
