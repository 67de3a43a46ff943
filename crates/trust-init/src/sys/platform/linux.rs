//! Linux: where pods run, and what this program is tested on.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

#[cfg(feature = "doctor")]
use rustix::fs::{MemfdFlags, memfd_create};
use rustix::fs::{Mode, OFlags, ResolveFlags, openat2, syncfs};
use rustix::io::Errno;
#[cfg(feature = "doctor")]
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use rustix::rand::{GetRandomFlags, getrandom};

/// Enough to pass through a directory, or to look what a file is.
pub const PATH_ONLY: OFlags = OFlags::PATH.union(OFlags::CLOEXEC);

/// These permission bits, as the system takes them.
pub fn permissions(bits: u32) -> Mode {
    Mode::from_raw_mode(bits)
}

/// Bytes that nobody can guess.
pub(super) fn random_bytes() -> io::Result<[u8; 16]> {
    let mut bytes = [0; 16];
    getrandom(&mut bytes, GetRandomFlags::empty())?;
    Ok(bytes)
}

/// Opens `path` as a process would whose root is `root`. `ENOSYS` or `EPERM` if this system does not let us.
pub fn open_in_root(root: impl AsFd, path: &Path, flags: OFlags) -> Result<OwnedFd, Errno> {
    let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
    openat2(root, path, flags, Mode::empty(), resolve)
}

/// Waits until everything on the file system of `directory` is on the disk.
pub fn flush(directory: &File) -> io::Result<()> {
    Ok(syncfs(directory)?)
}

/// A file without a path, for another program to read.
#[cfg(feature = "doctor")]
pub fn file_in_memory(name: &str) -> io::Result<File> {
    let create = |flags| memfd_create(name, MemfdFlags::CLOEXEC | flags);
    let memory = match create(MemfdFlags::NOEXEC_SEAL) {
        // Linux before 6.3.
        Err(Errno::INVAL) => create(MemfdFlags::empty()),
        other => other,
    };
    Ok(File::from(memory?))
}

/// A descriptor that can be read once the process has ended.
#[cfg(feature = "doctor")]
pub fn open_process(process: Pid) -> io::Result<OwnedFd> {
    Ok(pidfd_open(process, PidfdFlags::empty())?)
}
