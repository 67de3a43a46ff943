//! Locks (flock) on files and directories, taken without waiting in the kernel: a wait there has no
//! time limit. The kernel releases a lock when its holder ends, however that happens.

use std::fs::{File, TryLockError};
use std::io;
use std::thread;
use std::time::{Duration, Instant};

/// What came of trying to lock a file.
#[derive(Debug)]
pub enum Lock {
    /// Locked, for as long as the file stays open.
    Acquired,
    /// Another process has held it all the time.
    Busy,
    /// The file system has no locks (some NFS mounts).
    Unsupported(io::Error),
}

/// Locks `file` for this process alone, trying for as long as `timeout`.
pub fn lock(file: &File, timeout: Duration) -> Lock {
    const PAUSE: Duration = Duration::from_millis(10);
    let deadline = Instant::now() + timeout;
    loop {
        match file.try_lock() {
            Ok(()) => return Lock::Acquired,
            Err(TryLockError::Error(error)) if error.kind() != io::ErrorKind::Interrupted => {
                return Lock::Unsupported(error);
            }
            Err(_) if Instant::now() >= deadline => return Lock::Busy,
            Err(_) => thread::sleep(PAUSE),
        }
    }
}

/// Whether another process holds the lock on `file`.
pub fn is_locked(file: &File) -> io::Result<bool> {
    match file.try_lock_shared() {
        // Ours now, until the file is closed.
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}
