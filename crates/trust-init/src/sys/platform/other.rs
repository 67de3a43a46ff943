//! Other systems, such as macOS: compiled by `./test unit`, and never run. docs/install.md says what is missing there.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{Mode, OFlags, RawMode};
use rustix::io::Errno;
#[cfg(feature = "doctor")]
use rustix::process::Pid;

/// Enough to pass through a directory, or to look what a file is. Without NONBLOCK, opening a FIFO would hang.
pub const PATH_ONLY: OFlags = OFlags::RDONLY
    .union(OFlags::NONBLOCK)
    .union(OFlags::CLOEXEC);

/// These permission bits, as the system takes them.
pub fn permissions(bits: u32) -> Mode {
    // Twelve bits, which fit into any system's type.
    RawMode::try_from(bits & 0o7777).map_or(Mode::empty(), Mode::from_raw_mode)
}

/// Bytes that nobody can guess.
pub(super) fn random_bytes() -> io::Result<[u8; 16]> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// No call does this here: callers walk along the path.
pub fn open_in_root(_root: impl AsFd, _path: &Path, _flags: OFlags) -> Result<OwnedFd, Errno> {
    Err(Errno::NOSYS)
}

/// Asks the system to write everything to the disks; unlike on Linux, it may not wait.
pub fn flush(_directory: &File) -> io::Result<()> {
    rustix::fs::sync();
    Ok(())
}

/// There are none here, so no program is asked that would read one.
#[cfg(feature = "doctor")]
pub fn file_in_memory(_name: &str) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

/// There are none here: callers look at intervals.
#[cfg(feature = "doctor")]
pub fn open_process(_process: Pid) -> io::Result<OwnedFd> {
    Err(io::ErrorKind::Unsupported.into())
}
