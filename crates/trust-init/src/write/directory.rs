//! The directory that a run writes to: created, opened, locked, and cleared of what dead runs left.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::time::Duration;

use rustix::fs::CWD;

use crate::error::{Code, Error};
use crate::sys::{
    self, DIRECTORY_MODE, Links, Lock, Parent, Remains, Staging, lock, open_directory,
};

/// An output directory, locked for as long as this exists.
#[derive(Debug)]
pub struct OutputDirectory<'a> {
    /// Its path, as the user named it.
    pub path: &'a Path,
    /// The open directory.
    pub directory: File,
    /// Whether the file system could lock it.
    pub is_locked: bool,
}

impl<'a> OutputDirectory<'a> {
    /// Opens the directory at `path`, with its parents if they are missing, and waits for its lock.
    /// The umask must be clear.
    pub fn open(path: &'a Path, lock_timeout: Duration) -> Result<Self, Error> {
        let unwritable = |error: io::Error| Error::unwritable(path, &error);
        DirBuilder::new()
            .recursive(true)
            .mode(DIRECTORY_MODE)
            .create(path)
            .map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
                    let message = "expected a directory, found a file or a dangling link";
                    Error::new(Code::Unwritable, message)
                        .at_path(path)
                        .hint("remove it, or name another --out")
                }
                _ => unwritable(error),
            })?;
        let directory = open_directory(CWD, path, Links::Follow).map_err(unwritable)?;
        let is_locked = match lock(&directory, lock_timeout) {
            Lock::Acquired => true,
            Lock::Unsupported(_) => false,
            Lock::Busy => {
                let seconds = lock_timeout.as_secs();
                let message = format!("another run has held the lock on it for {seconds} s");
                return Err(Error::new(Code::Locked, message)
                    .at_path(path)
                    .hint("give each run an --out of its own, or raise --lock-timeout"));
            }
        };
        let remains = if is_locked {
            Remains::All
        } else {
            Remains::Old
        };
        sys::sweep(&directory, path, remains).map_err(unwritable)?;
        Ok(OutputDirectory {
            path,
            directory,
            is_locked,
        })
    }

    /// A staging directory in it.
    pub fn stage(&self) -> Result<Staging<'_>, Error> {
        Staging::create(&self.directory, self.path, Parent::Locked)
            .map_err(|error| Error::unwritable(self.path, &error))
    }
}
