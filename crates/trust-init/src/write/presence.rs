//! Says that somebody who lives keeps the stores of a directory up to date: a lock (flock) on a file
//! beside them. The kernel takes it off when its holder ends, however that comes about, so stores that
//! a dead watch left in an emptyDir, or a build, are never taken for a living one's.

use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::fd::OwnedFd;
use rustix::fs::{CWD, FlockOperation, Mode, OFlags, flock, openat};
use rustix::io::Errno;

use crate::layout::MANIFEST;

/// Not of the names that a build sweeps as a dead run's.
const NAME: &str = ".trust-init-watch";

/// Held as long as this process keeps the stores of a directory.
#[derive(Debug)]
pub struct Presence {
    _lock: OwnedFd,
}

impl Presence {
    /// Takes the place of whoever keeps the stores of `out`; `None` if somebody else does.
    pub fn take(out: &Path) -> io::Result<Option<Self>> {
        // A probe that looks at this moment holds the lock for an instant.
        const PATIENCE: Duration = Duration::from_secs(1);
        let flags = OFlags::RDONLY | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = openat(CWD, out.join(NAME), flags, Mode::from_raw_mode(0o644))?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Some(Presence { _lock: file })),
                Err(Errno::WOULDBLOCK | Errno::INTR) if Instant::now() < deadline => {
                    thread::sleep(Duration::from_millis(10));
                }
                Err(Errno::WOULDBLOCK | Errno::INTR) => return Ok(None),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Whether somebody who lives has built the stores of `out`, and keeps them.
    pub fn is_held(out: &Path) -> io::Result<bool> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = match openat(CWD, out.join(NAME), flags, Mode::empty()) {
            Ok(file) => file,
            Err(Errno::NOENT | Errno::NOTDIR) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        match flock(&file, FlockOperation::NonBlockingLockShared) {
            // Ours now, and gone with the file.
            Ok(()) => Ok(false),
            Err(Errno::WOULDBLOCK) => Ok(out.join(MANIFEST).is_file()),
            Err(error) => Err(error.into()),
        }
    }
}
