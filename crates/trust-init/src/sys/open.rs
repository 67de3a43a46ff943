//! Opening regular files and directories. Whatever is found in place of a file (a pipe, a device, a
//! directory) is reported, and opening it never blocks the process.

use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::Path;

use rustix::buffer::spare_capacity;
use rustix::fs::{CWD, Dir, Mode, OFlags, fcntl_setfl, openat};
use rustix::io::{Errno, read};

/// How much more is read of a file that is larger than it was, or does not tell its size.
const PIECE: usize = 16 << 10;

/// What to do about a symbolic link at the end of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// Open what it leads to.
    Follow,
    /// Fail.
    Refuse,
}

impl Links {
    fn flags(self) -> OFlags {
        match self {
            Links::Follow => OFlags::empty(),
            Links::Refuse => OFlags::NOFOLLOW,
        }
    }
}

/// A regular file, or a pipe that was asked for, open for reading.
#[derive(Debug)]
pub struct RegularFile {
    /// The open file.
    pub file: File,
    /// Its metadata at the time it was opened.
    pub metadata: Metadata,
}

/// Opens the regular file at `path`, relative to `directory`.
pub fn open_regular(
    directory: impl AsFd,
    path: impl AsRef<Path>,
    links: Links,
) -> io::Result<RegularFile> {
    // Without NONBLOCK, opening a FIFO without a writer would hang, and so would the pod.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | links.flags();
    let file = openat(directory, path.as_ref(), flags, Mode::empty())?;
    RegularFile::new(File::from(file))
}

/// Opens the regular file or the pipe at `path`, a descriptor of this process. Opening never waits; reading
/// a pipe does, until nobody can write to it anymore.
pub fn open_regular_or_pipe(path: &Path) -> io::Result<RegularFile> {
    // A named FIFO whose writer has gone would hang a plain open.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(openat(CWD, path, flags, Mode::empty())?);
    let metadata = file.metadata()?;
    if metadata.file_type().is_fifo() {
        fcntl_setfl(&file, OFlags::empty())?;
        return Ok(RegularFile { file, metadata });
    }
    RegularFile::new(file)
}

/// Which file of the system one is, whatever path leads to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FileIdentity {
    device: u64,
    number: u64,
}

impl RegularFile {
    /// Which file it is.
    pub fn identity(&self) -> FileIdentity {
        FileIdentity {
            device: self.metadata.dev(),
            number: self.metadata.ino(),
        }
    }

    /// Takes an open file, if it is a regular one.
    pub fn new(file: File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        let found = match metadata.file_type() {
            kind if kind.is_file() => return Ok(RegularFile { file, metadata }),
            kind if kind.is_dir() => "a directory",
            kind if kind.is_fifo() => "a pipe (FIFO)",
            kind if kind.is_socket() => "a socket",
            _ => "a device",
        };
        Err(io::Error::other(format!("{found}, not a file")))
    }

    /// Reads the whole file, or its first `limit` bytes.
    pub fn read(&self, limit: u64) -> io::Result<Vec<u8>> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let size = usize::try_from(self.metadata.len()).unwrap_or(usize::MAX);
        // One more byte than the size shows the end of the file without growing the buffer.
        let mut bytes = Vec::with_capacity(size.min(limit) + 1);
        // By hand: `Read::read_to_end` of a part of a file takes many pieces, the first of 8 KiB.
        while bytes.len() < limit {
            if bytes.len() == bytes.capacity() {
                bytes.reserve(PIECE);
            }
            match read(&self.file, spare_capacity(&mut bytes)) {
                Ok(0) => break,
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        bytes.truncate(limit);
        Ok(bytes)
    }
}

/// Opens the directory at `path`, relative to `directory`.
pub fn open_directory(
    directory: impl AsFd,
    path: impl AsRef<Path>,
    links: Links,
) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | links.flags();
    Ok(openat(directory, path.as_ref(), flags, Mode::empty())?.into())
}

/// The names of everything in an open directory, in no order.
pub fn names(directory: impl AsFd) -> io::Result<Vec<OsString>> {
    let mut names = Vec::new();
    // Opened again: `directory` may be O_PATH, and its position is not ours to move.
    for entry in Dir::new(open_directory(directory, ".", Links::Follow)?)? {
        let entry = entry?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if name != "." && name != ".." {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}
