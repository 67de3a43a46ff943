//! `install`: copies this program to where other containers can run it.

use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::error::{Error, Errors, ExitCode, shown_path};
use crate::report::log::Log;
use crate::sys::Umask;
use crate::write::{DEFAULT_LOCK_TIMEOUT, OutputDirectory};

const NAME: &str = "trust-init";
const MODE: u32 = 0o755;
/// While it is being written, nobody may run it.
const INCOMPLETE_MODE: u32 = 0o600;

/// Copies this program into `directory` and renames it into place: anyone who runs it gets the old one
/// or the new one, complete.
pub(super) fn run(directory: &Path, log: &mut Log) -> Result<ExitCode, Errors> {
    // Not by its path: it may have been replaced since, or be outside of a chroot.
    let running = Path::new("/proc/self/exe");
    let program = File::open(running).map_err(|error| {
        Error::unreadable(running, &error).hint("install copies the running program from there")
    })?;
    copy(program, directory).map_err(|mut fault| {
        let hint = "name a directory that this process's user may read and write, and that no other run is using";
        fault.hints = vec![hint.to_owned()];
        if directory.is_file() {
            let hint = "install copies this program; to build stores with a CA: trust-init build PATH";
            fault = fault.hint(hint);
        }
        fault
    })?;
    let target = directory.join(NAME);
    log.info(&format!("wrote {}", shown_path(&target)));
    Ok(ExitCode::Done)
}

fn copy(mut program: File, directory: &Path) -> Result<(), Error> {
    let unwritable = |error: io::Error| Error::unwritable(directory, &error);
    let _umask = Umask::cleared();
    // Locked, so that a build in the same directory does not sweep the copy.
    let output = OutputDirectory::open(directory, DEFAULT_LOCK_TIMEOUT)?;
    let staging = output.stage()?;
    let mut copy = staging
        .create_file(NAME, INCOMPLETE_MODE)
        .map_err(unwritable)?;
    io::copy(&mut program, &mut copy)
        .and_then(|_| copy.set_permissions(Permissions::from_mode(MODE)))
        .map_err(unwritable)?;
    // The kernel runs no file that is open for writing.
    drop(copy);
    staging
        .publish(NAME, &output.directory, NAME)
        .map_err(unwritable)
}
