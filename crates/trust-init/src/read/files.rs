//! Reads files, and lists those of a directory.

use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::CWD;

use super::Location;
use super::companions::Companion;
use crate::error::{Code, Error};
use crate::sys::{Links, MAX_PASSWORD_SIZE, RegularFile, open_regular, open_regular_or_pipe};
use trust_stores::Password;

/// What a path leads to.
pub(super) enum Found {
    /// A file, or what is found in place of one.
    File,
    /// A directory.
    Directory(Listing),
}

/// What is at the top of a directory, sorted by name. Names that start with a dot are skipped, as a ConfigMap
/// mount's `..data` must be.
#[derive(Default)]
pub(super) struct Listing {
    pub(super) files: Vec<PathBuf>,
    /// Subdirectories, which are not read, and links to them.
    pub(super) directories: Vec<PathBuf>,
}

/// Looks what `path` is. Links are followed, because the keys of a ConfigMap mount are links.
pub(super) fn look(path: &Path) -> Result<Found, Error> {
    let unreadable = |error: io::Error| Error::unreadable(path, &error);
    if !fs::metadata(path).map_err(unreadable)?.is_dir() {
        return Ok(Found::File);
    }
    let mut listing = Listing::default();
    for entry in fs::read_dir(path).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name();
        // A new ext4 volume has the directory lost+found.
        if name.as_encoded_bytes().starts_with(b".") || name == "lost+found" {
            continue;
        }
        let file = entry.path();
        let metadata = fs::metadata(&file).map_err(|error| Error::unreadable(&file, &error))?;
        if metadata.is_dir() {
            listing.directories.push(file);
        } else {
            listing.files.push(file);
        }
    }
    listing.files.sort_unstable();
    listing.directories.sort_unstable();
    Ok(Found::Directory(listing))
}

/// The file itself, or the files at the top of a directory, sorted by name.
pub(super) fn files_of(path: &Path) -> Result<Vec<PathBuf>, Error> {
    Ok(match look(path)? {
        Found::File => vec![path.to_owned()],
        Found::Directory(listing) => listing.files,
    })
}

/// Whether there is nothing at `path`: no file, no directory, and no link on the way that leads nowhere. What
/// may not be looked at is not nothing.
pub(super) fn is_missing(path: &Path) -> bool {
    is_not_found(fs::symlink_metadata(path)) && !path.ancestors().any(dangles)
}

/// Whether `path` is a link that leads nowhere.
pub(super) fn dangles(path: &Path) -> bool {
    path.is_symlink() && is_not_found(fs::metadata(path))
}

fn is_not_found(found: io::Result<fs::Metadata>) -> bool {
    found.is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// Reads a regular file, or its first `limit` bytes; or the pipe behind a shell's `<(…)`.
pub(crate) fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, Error> {
    read_opened(path, open(path), limit)
}

/// Opens what [`read_file`] reads.
pub(crate) fn open_file(path: &Path) -> Result<RegularFile, Error> {
    open(path).map_err(|error| unreadable(path, &error))
}

fn open(path: &Path) -> io::Result<RegularFile> {
    if is_descriptor(path) {
        open_regular_or_pipe(path)
    } else {
        open_regular(CWD, path, Links::Follow)
    }
}

/// Reads a regular file that a directory has, or its first `limit` bytes. The pipes in `/proc/self/fd` were not
/// named: the other end of one may be ours, and would never close.
pub(super) fn read_listed(path: &Path, limit: u64) -> Result<Vec<u8>, Error> {
    read_opened(path, open_regular(CWD, path, Links::Follow), limit)
}

fn read_opened(path: &Path, opened: io::Result<RegularFile>, limit: u64) -> Result<Vec<u8>, Error> {
    let read = opened.and_then(|file| file.read(limit));
    read.map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    let fault = Error::unreadable(path, error);
    if fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_fifo()) {
        fault.hint("name a file or a shell's <(…), or read standard input with '--ca -'")
    } else {
        fault
    }
}

/// Whether `path` names an open descriptor of this process, in a form that shells and people write. Any
/// other path that leads to one (`/dev/fd/3/../pipe`, a link) is a path like all others.
pub(crate) fn is_descriptor(path: &Path) -> bool {
    // As text: `components` would skip a `.` in it.
    let path = path.as_os_str().as_encoded_bytes();
    let number = path
        .strip_prefix(b"/dev/fd/")
        .or_else(|| path.strip_prefix(b"/proc/self/fd/"));
    // 1 and 2 are for output: this process has the other end of such a pipe, and would wait for itself.
    let is_number = |name: &[u8]| {
        !name.is_empty() && name.iter().all(u8::is_ascii_digit) && name != b"1" && name != b"2"
    };
    path == b"/dev/stdin" || number.is_some_and(is_number)
}

/// Reads to the end, or `limit` bytes.
pub(super) fn read_up_to(reader: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Waits until each of the customer's sources exists and is not empty, but no longer than `limit`.
/// `OpenShift` fills a ConfigMap after the pod has started; a volume can come late. Reading reports what
/// is still missing then.
pub fn wait(customer: &[Location], limit: Duration) {
    const PAUSE: Duration = Duration::from_millis(100);
    let end = Instant::now() + limit;
    let is_filled = |file: &Path| fs::metadata(file).is_ok_and(|metadata| metadata.len() > 0);
    // What is only next to a CA is there before it.
    let is_filled_source = |file: &PathBuf| Companion::by_name(file).is_none() && is_filled(file);
    let is_ready = |location: &Location| match location {
        Location::StandardInput => true,
        Location::Path(path) => match look(path) {
            Ok(Found::File) => is_filled(path),
            Ok(Found::Directory(listing)) => listing.files.iter().any(is_filled_source),
            Err(_) => false,
        },
    };
    while Instant::now() < end && !customer.iter().all(is_ready) {
        thread::sleep(PAUSE.min(end.saturating_duration_since(Instant::now())));
    }
}

/// Reads a password file: its one line, without the line break.
pub fn password(path: &Path) -> Result<Password, Error> {
    let refused = |message: &str| {
        let fault = Error::new(Code::PasswordFile, message).at_path(path);
        fault.hint("write only the password to it, on one line, as UTF-8")
    };
    let bytes = read_file(path, MAX_PASSWORD_SIZE + 1)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| refused("not UTF-8 text"))?;
    let line = without_line_break(text);
    if line.is_empty() {
        // The JVM treats an empty password as none, and then silently finds no trust anchors. Stores
        // that are read are tried with the empty password anyway.
        return Err(refused("the password is empty"));
    }
    if bytes.len() as u64 > MAX_PASSWORD_SIZE || line.contains(['\n', '\r', '\0']) {
        return Err(refused("more than one line of text"));
    }
    Ok(Password::new(line))
}

/// The text of a password file without the byte-order mark of Windows' editors and the line break at its end.
pub(super) fn without_line_break(text: &str) -> &str {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}
