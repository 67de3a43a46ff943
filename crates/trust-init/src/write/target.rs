//! What is already in the output directory.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use rustix::fs::{AtFlags, FileType, readlinkat, statat};
use rustix::io::Errno;
use rustix::process::geteuid;

use super::OutputDirectory;
use crate::error::{Code, Error};
use crate::layout::{DIRECTORIES, File, Link, MANIFEST, Tree};
use crate::sys::{
    Comparison, FILE_MODE, Links, MAX_STORE_SIZE, RegularFile, open_directory, open_regular,
};

/// The output directory, and those of its subdirectories that exist before the run.
pub(super) struct Target<'a> {
    out: &'a Path,
    pub(super) root: &'a fs::File,
    pub(super) existing: BTreeMap<&'static str, fs::File>,
}

impl<'a> Target<'a> {
    /// Opens every subdirectory that exists, and makes sure that each file can be renamed to its
    /// place, before anything is changed.
    pub(super) fn open(output: &'a OutputDirectory<'_>, tree: &Tree<'_>) -> Result<Self, Error> {
        let mut target = Target {
            out: output.path,
            root: &output.directory,
            existing: BTreeMap::new(),
        };
        for directory in DIRECTORIES {
            if let Some(opened) = target.open_below(directory)? {
                target.existing.insert(directory, opened);
            }
        }
        for path in tree.paths().chain([MANIFEST]) {
            if matches!(target.kind(path), Ok(Some(kind)) if kind.is_dir()) {
                let message = "expected a file, found a directory";
                return Err(Error::new(Code::Unwritable, message)
                    .at_path(&target.out.join(path))
                    .hint("remove it, or name another --out"));
            }
        }
        Ok(target)
    }

    fn open_below(&self, directory: &str) -> Result<Option<fs::File>, Error> {
        let Some((parent, name)) = self.parent(directory) else {
            return Ok(None);
        };
        match open_directory(parent, name, Links::Refuse) {
            Ok(opened) => Ok(Some(opened)),
            Err(error) => match Errno::from_io_error(&error) {
                Some(Errno::NOENT) => Ok(None),
                Some(Errno::LOOP | Errno::NOTDIR) => {
                    let message = "expected a directory, found a link or a file";
                    Err(Error::new(Code::Unwritable, message)
                        .at_path(&self.out.join(directory))
                        .hint("remove it; links are not followed below --out"))
                }
                _ => Err(self.error(directory, error)),
            },
        }
    }

    /// The open directory that `path` goes into, and its name there; `None` if that directory did
    /// not exist before the run.
    pub(super) fn parent<'p>(&self, path: &'p str) -> Option<(BorrowedFd<'_>, &'p str)> {
        match path.rsplit_once('/') {
            None => Some((self.root.as_fd(), path)),
            Some((directory, name)) => {
                let opened = self.existing.get(directory)?;
                Some((opened.as_fd(), name))
            }
        }
    }

    /// Every open directory with its path, the output directory itself last.
    pub(super) fn directories(&self) -> impl Iterator<Item = (&str, &fs::File)> {
        let existing = self.existing.iter().map(|(path, opened)| (*path, opened));
        existing.chain([("", self.root)])
    }

    /// What kind of file is at `path`, a link not followed; `None` if there is none.
    pub(super) fn kind(&self, path: &str) -> io::Result<Option<FileType>> {
        let Some((parent, name)) = self.parent(path) else {
            return Ok(None);
        };
        match statat(parent, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(status) => Ok(Some(FileType::from_raw_mode(status.st_mode))),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether `file` is already there. If that cannot be determined, it is written again.
    pub(super) fn holds(&self, file: &File<'_>) -> bool {
        self.holds_at(&file.path, |out| file.content.write(out))
    }

    /// Whether a run has left what `write` writes at `path`. A file that another user owns, or that has a
    /// second name, could change after this check: it does not count.
    pub(super) fn holds_at(
        &self,
        path: &str,
        write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
    ) -> bool {
        let Ok(Some(found)) = self.open_file(path) else {
            return false;
        };
        let metadata = &found.metadata;
        let is_as_written = metadata.permissions().mode() & 0o7777 == FILE_MODE
            && metadata.uid() == geteuid().as_raw()
            && metadata.nlink() == 1;
        is_as_written && Comparison::with(found).holds(write).unwrap_or(false)
    }

    /// Whether `link` is already there.
    pub(super) fn holds_link(&self, link: &Link) -> bool {
        let found = self
            .parent(link.path)
            .and_then(|(parent, name)| readlinkat(parent, name, Vec::new()).ok());
        found.is_some_and(|found| found.as_bytes() == link.target.as_bytes())
    }

    /// What the file at `path` holds; `None` if there is none, or if it is larger than any that a
    /// build writes.
    pub(super) fn content(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        let Some(file) = self.open_file(path)? else {
            return Ok(None);
        };
        let content = file.read(MAX_STORE_SIZE + 1)?;
        Ok((content.len() as u64 <= MAX_STORE_SIZE).then_some(content))
    }

    fn open_file(&self, path: &str) -> io::Result<Option<RegularFile>> {
        let Some((parent, name)) = self.parent(path) else {
            return Ok(None);
        };
        open_regular(parent, name, Links::Refuse).map(Some)
    }

    /// The error that `path` cannot be written; without a path, that the output directory cannot.
    pub(super) fn error(&self, path: &str, error: impl Into<io::Error>) -> Error {
        let error = error.into();
        if path.is_empty() {
            Error::unwritable(self.out, &error)
        } else {
            Error::unwritable(&self.out.join(path), &error)
        }
    }
}
