//! A directory named by what it holds, in the first place that can be written: for `exec`, which
//! runs in any image and as any user.
//!
//! A place where others could rename it away is the last resort. A directory of that name is used
//! again only if it is ours: of this user, no link, writable by nobody else, and with just these
//! bytes in it. Anything else that waits there is left alone, and the stores go to a directory with
//! a name that nobody can guess. So restarts leave one.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Dir, Mode, OFlags, fstat, mkdirat, openat, renameat};
use rustix::io::Errno;
use rustix::process::{geteuid, umask};
use rustix::rand::{GetRandomFlags, getrandom};
use sha2::{Digest as _, Sha256};

use crate::error::{Code, Error};
use crate::layout::Tree;
use trust_stores::escape::{escape, is_unprintable};
use trust_stores::{Fingerprint, hex};

/// Without TMPDIR. The last two are writable in most containers whose root is read-only.
const PLACES: [&str; 3] = ["/tmp", "/dev/shm", "/run"];

/// Also when the command runs as another user: it reads, and writes nothing.
const DIRECTORY_MODE: u32 = 0o755;
const FILE_MODE: u32 = 0o644;
const OTHERS_MAY_WRITE: u32 = 0o022;

/// Where to try, in this order.
pub fn places(variables: &dyn Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let is_usable = |path: &PathBuf| {
        // It goes into variables, JVM options among them.
        let text = path.to_str();
        path.is_absolute()
            && text
                .is_some_and(|text| !text.contains(|c| is_unprintable(c) || "\"'\\$`".contains(c)))
    };
    let own = variables("TMPDIR").map(PathBuf::from).filter(is_usable);
    own.into_iter().chain(PLACES.map(PathBuf::from)).collect()
}

/// Writes `tree`, or finds it written; gives its directory, and whether other users could rename
/// that away. A place where they cannot comes first: an emptyDir that pods share is writable by all
/// and has no sticky bit, and the one who may read it must be anybody.
pub fn write(tree: &Tree, places: &[PathBuf]) -> Result<(PathBuf, bool), Error> {
    let mut fault = Error::new(Code::Unwritable, "no place to write the stores to");
    let (safe, shared): (Vec<_>, Vec<_>) = places.iter().partition(|place| is_safe(place));
    let safe = safe.into_iter().map(|place| (place, false));
    for (place, is_shared) in safe.chain(shared.into_iter().map(|place| (place, true))) {
        match put(tree, place) {
            Ok(name) => return Ok((place.join(name), is_shared)),
            Err(error) => {
                let reason = Error::unwritable(place, &error).message;
                let place = escape(&place.to_string_lossy()).into_owned();
                fault = fault.hint(format!("{place}: {reason}"));
            }
        }
    }
    Err(fault.hint("mount an emptyDir at /tmp, or name a place with --out or TMPDIR"))
}

/// Whether nobody but root and this user can rename what this user has there, and every user can
/// get there.
fn is_safe(place: &Path) -> bool {
    const STICKY: u32 = 0o1000;
    const OTHERS_MAY_ENTER: u32 = 0o001;
    fs::metadata(place).is_ok_and(|status| {
        let owner = [0, geteuid().as_raw()].contains(&status.uid());
        let mode = status.mode();
        owner
            && (mode & OTHERS_MAY_WRITE == 0 || mode & STICKY != 0)
            && mode & OTHERS_MAY_ENTER != 0
    })
}

fn put(tree: &Tree, place: &Path) -> io::Result<String> {
    let directory = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let place_fd = openat(CWD, place, directory, Mode::empty())?;
    let name = name(tree);
    if let Some(standing) = standing(&place_fd, &name, tree)? {
        return Ok(standing);
    }
    let fresh = Fresh::create(&place_fd, place, tree)?;
    let other = format!("{name}-{}", random()?);
    for name in [name, other] {
        match renameat(&place_fd, &fresh.name, &place_fd, &name) {
            Ok(()) => return Ok(name),
            // Something stands there: another run's of this moment, or what is not to be touched.
            Err(_) if is_ours(&place_fd, &name, tree) => return Ok(name),
            Err(Errno::EXIST | Errno::NOTEMPTY | Errno::NOTDIR | Errno::PERM | Errno::ACCESS) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Errno::EXIST.into())
}

/// `trust-init-` and 16 hex digits that the files decide.
fn name(tree: &Tree) -> String {
    let mut hash = Sha256::new();
    for file in &tree.files {
        hash.update(file.path.as_bytes());
        hash.update([0]);
        hash.update(file.sha256().as_bytes());
    }
    format!("trust-init-{}", hex::encode(&hash.finalize()[..8]))
}

/// 128 bits that nobody can guess, in hex.
pub(crate) fn random() -> io::Result<String> {
    let mut bytes = [0; 16];
    getrandom(&mut bytes, GetRandomFlags::empty())?;
    Ok(hex::encode(&bytes))
}

/// A directory of this name, or of an earlier run that found the name taken.
fn standing(place: &OwnedFd, name: &str, tree: &Tree) -> io::Result<Option<String>> {
    let mut found = BTreeSet::new();
    for entry in Dir::read_from(place)? {
        let entry = entry?;
        let entry = entry.file_name().to_string_lossy().into_owned();
        if entry.starts_with(name) {
            found.insert(entry);
        }
    }
    Ok(found.into_iter().find(|found| is_ours(place, found, tree)))
}

/// Whether a directory is this user's alone, and holds `tree`.
fn is_ours(place: &OwnedFd, name: &str, tree: &Tree) -> bool {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let Ok(directory) = openat(place, name, flags, Mode::empty()) else {
        return false;
    };
    fstat(&directory).is_ok_and(|status| {
        status.st_uid == geteuid().as_raw() && status.st_mode & OTHERS_MAY_WRITE == 0
    }) && tree.files.iter().all(|file| {
        read(&directory, &file.path, file.content.len())
            .is_ok_and(|bytes| Fingerprint::of(&bytes) == file.sha256())
    })
}

fn read(directory: &OwnedFd, path: &str, size: usize) -> io::Result<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = openat(directory, path, flags, Mode::empty())?;
    let mut bytes = Vec::with_capacity(size + 1);
    File::from(file)
        .take(size as u64 + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A directory that goes again, unless it was renamed.
struct Fresh {
    name: String,
    path: PathBuf,
}

impl Fresh {
    fn create(place_fd: &OwnedFd, place: &Path, tree: &Tree) -> io::Result<Self> {
        let name = format!(".trust-init-{}", random()?);
        let former = umask(Mode::empty());
        let filled = mkdirat(place_fd, &name, Mode::from_raw_mode(DIRECTORY_MODE))
            .map_err(io::Error::from)
            .map(|()| Fresh {
                path: place.join(&name),
                name,
            })
            .and_then(|fresh| fresh.fill(place_fd, tree).map(|()| fresh));
        umask(former);
        filled
    }

    fn fill(&self, place: &OwnedFd, tree: &Tree) -> io::Result<()> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let directory = openat(place, &self.name, flags, Mode::empty())?;
        if fstat(&directory)?.st_uid != geteuid().as_raw() {
            // Somebody was quicker than this line.
            return Err(Errno::PERM.into());
        }
        for below in tree.directories() {
            mkdirat(&directory, below, Mode::from_raw_mode(DIRECTORY_MODE))?;
        }
        for file in &tree.files {
            let flags =
                OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let mode = Mode::from_raw_mode(FILE_MODE);
            let opened = openat(directory.as_fd(), &file.path, flags, mode)?;
            File::from(opened).write_all(&file.content)?;
        }
        Ok(())
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}
