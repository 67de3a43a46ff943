//! Where the stores are written.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::values::seconds;

/// Where a build writes, unless `--out` names another directory.
pub(super) const DEFAULT_OUT: &str = "/trust";

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputOptions {
    /// Write the stores to this directory; it is created if it does not exist
    #[arg(long, value_name = "DIR", default_value = DEFAULT_OUT)]
    pub(super) out: PathBuf,

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
