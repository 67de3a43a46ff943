//! `install`: copies the program.

use std::path::PathBuf;

use clap::Args;

const EXAMPLES: &str = "\
Example:
  trust-init install /trust/bin";

/// Copy this program into a directory
///
/// For a volume that other containers mount: after `trust-init install /trust/bin`, the main container can
/// run /trust/bin/trust-init exec. The file appears by one rename, with mode 0755.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct InstallArgs {
    /// The directory; it is created if it does not exist
    #[arg(value_name = "DIR")]
    pub(super) directory: PathBuf,
}
