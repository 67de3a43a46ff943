//! Staging: a new directory next to the target, filled there and renamed into place, so that readers
//! see the old files or the new ones and never half of one.

use std::fs::{self, File};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rustix::fs::{AtFlags, OFlags, mkdirat, openat, renameat, symlinkat, unlinkat};
use rustix::io::Errno;
use rustix::process::geteuid;

use super::{DIRECTORY_MODE, FILE_MODE, Links, names, open_directory, permissions, random_name};

/// The directory that a staging directory is created in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parent {
    /// Locked by this run, if the file system can lock it. Then no other run is writing there, whatever
    /// staging directories a run finds are a dead one's, and [`sweep`] removes them.
    Locked,
    /// Not locked, and perhaps shared with other users (`/tmp`). [`sweep`] leaves these alone.
    Shared,
}

impl Parent {
    fn prefix(self) -> &'static str {
        match self {
            Parent::Locked => ".trust-init.",
            Parent::Shared => ".trust-init-",
        }
    }
}

/// A staging directory. It is removed when dropped, with all that has not been renamed away.
///
/// Clear the umask first ([`super::Umask`]): modes are given in full.
#[derive(Debug)]
pub struct Staging<'a> {
    parent: &'a File,
    directory: File,
    name: String,
    path: PathBuf,
    /// What was created in it, to remove that without another file descriptor: paths that end with NUL, and
    /// before that with a slash if they are directories. One text for thousands of files takes little memory.
    created: Mutex<String>,
}

impl<'a> Staging<'a> {
    /// Creates a staging directory in the open directory `parent`, whose path is `parent_path`.
    pub fn create(parent: &'a File, parent_path: &Path, kind: Parent) -> io::Result<Self> {
        let name = format!("{}{}", kind.prefix(), random_name()?);
        mkdirat(parent, &name, permissions(DIRECTORY_MODE))?;
        let directory = open_directory(parent, &name, Links::Refuse)
            .and_then(|directory| match kind {
                // Where other users may rename, one could have put a directory of their own there.
                Parent::Shared if directory.metadata()?.uid() != geteuid().as_raw() => {
                    Err(Errno::PERM.into())
                }
                _ => Ok(directory),
            })
            .inspect_err(|_| {
                let _ = unlinkat(parent, &name, AtFlags::REMOVEDIR);
            })?;
        Ok(Staging {
            parent,
            directory,
            path: parent_path.join(&name),
            name,
            created: Mutex::default(),
        })
    }

    /// Creates a directory.
    pub fn create_directory(&self, path: &str) -> io::Result<()> {
        mkdirat(&self.directory, path, permissions(DIRECTORY_MODE))?;
        self.note(path, "/");
        Ok(())
    }

    fn note(&self, path: &str, end: &str) {
        let mut created = self.created.lock().unwrap_or_else(PoisonError::into_inner);
        for part in [path, end, "\0"] {
            created.push_str(part);
        }
    }

    /// Creates a file with this mode, open for writing.
    pub fn create_file(&self, path: &str, mode: u32) -> io::Result<File> {
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = openat(&self.directory, path, flags, permissions(mode))?;
        self.note(path, "");
        Ok(file.into())
    }

    /// Has `encode` write a file that every user may read.
    pub fn write(
        &self,
        path: &str,
        encode: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> io::Result<()> {
        encode(&mut self.create_file(path, FILE_MODE)?)
    }

    /// Creates a symbolic link to `target`.
    pub fn link(&self, target: &str, path: &str) -> io::Result<()> {
        symlinkat(target, &self.directory, path)?;
        self.note(path, "");
        Ok(())
    }

    /// Renames the file or directory `staged` to `name` in the open directory `target`.
    pub fn publish(&self, staged: &str, target: impl AsFd, name: &str) -> io::Result<()> {
        Ok(renameat(&self.directory, staged, target, name)?)
    }

    /// Renames the staging directory itself to `name`, in its parent.
    pub fn publish_whole(&self, name: &str) -> Result<(), Errno> {
        renameat(self.parent, &self.name, self.parent, name)?;
        // No longer to be removed: the open directory is the published one now.
        self.created
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        Ok(())
    }

    /// Removes a directory that has become empty, if it has.
    pub fn remove_empty(&self, path: &str) {
        let _ = unlinkat(&self.directory, path, AtFlags::REMOVEDIR);
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        let (parent, name) = (self.parent, &self.name);
        let remove = || unlinkat(parent, name, AtFlags::REMOVEDIR);
        // After a success it is empty, or has been renamed.
        if matches!(remove(), Ok(()) | Err(Errno::NOENT)) {
            return;
        }
        // Through the open directory: there may be no more file descriptors, which could be why it failed.
        let created = self
            .created
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        for path in created.split_terminator('\0').rev() {
            let _ = match path.strip_suffix('/') {
                Some(path) => unlinkat(&self.directory, path, AtFlags::REMOVEDIR),
                None => unlinkat(&self.directory, path, AtFlags::empty()),
            };
        }
        // What cannot be removed here, the next run sweeps.
        if remove().is_err() {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Which staging directories are those of dead runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remains {
    /// All of them: the caller holds the lock.
    All,
    /// Those that nothing was added to for an hour. Where nothing can be locked, a younger one may be that of
    /// a run that is not finished.
    Old,
}

impl Remains {
    fn include(self, path: &Path) -> bool {
        const OLD: Duration = Duration::from_hours(1);
        match self {
            Remains::All => true,
            Remains::Old => {
                let changed = fs::symlink_metadata(path).and_then(|metadata| metadata.modified());
                // One from the future is not old.
                let age = changed.map(|changed| changed.elapsed().unwrap_or_default());
                age.is_ok_and(|age| age > OLD)
            }
        }
    }
}

/// Removes what dead runs left in the open directory `parent`, whose path is `parent_path`.
pub fn sweep(parent: &File, parent_path: &Path, remains: Remains) -> io::Result<()> {
    let prefix = Parent::Locked.prefix().as_bytes();
    for name in names(parent)? {
        let path = parent_path.join(&name);
        if name.as_bytes().starts_with(prefix) && remains.include(&path) {
            // One that cannot be removed, another user's for instance, does no harm.
            let _ = remove(&path);
        }
    }
    Ok(())
}

/// Removes a file, or a directory with everything in it, without following links.
fn remove(path: &Path) -> io::Result<()> {
    if fs::symlink_metadata(path)?.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    }
}
