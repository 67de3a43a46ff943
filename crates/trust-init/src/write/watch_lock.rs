//! Shows that a running `watch` keeps the stores of a directory up to date: a lock on a file next to
//! them. The kernel releases it when the watch ends, however that happens, so stores that were left in
//! an emptyDir by a dead watch, or by a build, are never mistaken for maintained ones.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::Duration;

use rustix::fs::{CWD, OFlags, openat};

use crate::layout::MANIFEST;
use crate::sys::{FILE_MODE, Links, Lock, is_locked, lock, open_regular, permissions};

/// Not a name that a build sweeps as a dead run's.
const NAME: &str = ".trust-init-watch";

/// Held while this process keeps the stores of a directory up to date.
#[derive(Debug)]
pub struct WatchLock {
    _file: File,
}

impl WatchLock {
    /// Locks the stores of `out`; `None` if another watch has.
    pub fn acquire(out: &Path) -> io::Result<Option<Self>> {
        // A probe holds the lock for an instant.
        const TIMEOUT: Duration = Duration::from_secs(1);
        // NONBLOCK, because a FIFO of that name would hang the open.
        let flags =
            OFlags::RDONLY | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = openat(CWD, out.join(NAME), flags, permissions(FILE_MODE))?;
        let file = File::from(file);
        match lock(&file, TIMEOUT) {
            Lock::Acquired => Ok(Some(WatchLock { _file: file })),
            Lock::Busy => Ok(None),
            Lock::Unsupported(error) => Err(error),
        }
    }

    /// Whether a running watch has built the stores of `out` and keeps them up to date.
    pub fn is_held(out: &Path) -> io::Result<bool> {
        match open_regular(CWD, out.join(NAME), Links::Refuse) {
            Ok(lock) => Ok(is_locked(&lock.file)? && out.join(MANIFEST).is_file()),
            Err(error) => match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(false),
                _ => Err(error),
            },
        }
    }
}
