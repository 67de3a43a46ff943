//! Where the stores are written.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::Variables;
use super::values::seconds;
use crate::write::default_directory::default_directory;

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputOptions {
    /// Write the stores to this directory; it is created if it does not exist [default: /trust in a
    /// container, ./trust elsewhere]
    ///
    /// A container is recognized by one of these: /trust exists; trust-init is process 1;
    /// KUBERNETES_SERVICE_HOST is set; /.dockerenv, /run/.containerenv, /dev/termination-log or
    /// /var/run/secrets/kubernetes.io exists; the root file system is an overlay.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Also copy this program to bin/trust-init there, for exec in the main container
    #[arg(long)]
    pub(super) install: bool,

    /// Wait at most this many seconds for another run that writes to the same directory
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "60")]
    pub(super) lock_timeout: Duration,

    /// Flush the file system once at the end, for stores that must survive a power failure
    #[arg(long)]
    pub(super) sync: bool,
}

impl OutputOptions {
    /// The directory to write.
    pub(super) fn directory(&self, variables: Variables<'_>) -> PathBuf {
        let default = || default_directory(variables).to_owned();
        self.out.clone().unwrap_or_else(default)
    }
}
