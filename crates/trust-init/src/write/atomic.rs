//! I/O out: puts a [`Tree`] in place so that no reader ever sees less than the old or the new
//! stores.
//!
//! 1. One run at a time: the output directory itself is locked (flock), with a time limit.
//! 2. What stands there already, byte for byte and as a run writes it, is left alone: a rename over
//!    a file makes ext4 flush it, and a build that changes nothing is to cost nothing.
//! 3. All else is written into a staging directory beside the stores, never inside `os/`, where Go
//!    reads every file; the manifest when all of it stands there. A dead run's staging directory is
//!    removed first.
//! 4. A directory that is new is renamed whole; into one that exists, file by file. Either is
//!    atomic. A hashed directory gains all that is new before anything old goes. The manifest comes
//!    last.
//! 5. What an earlier build wrote and this one does not is removed when all that is new stands.
//!
//! Anything that fails before step 4 leaves the old tree as it was. Links are never followed
//! below the output directory. Modes do not depend on the umask. Nothing is flushed to disk
//! unless asked: an emptyDir dies with its pod.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::CString;
use std::fs::{self, DirBuilder};
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::fs::{
    AtFlags, CWD, Dir, FileType, FlockOperation, Mode, OFlags, Stat, flock, fstat, mkdirat, openat,
    readlinkat, renameat, statat, symlinkat, syncfs, unlinkat,
};
use rustix::io::Errno;
use rustix::process::{geteuid, umask};

use crate::error::{Code, Error};
use crate::layout::{DIRECTORIES, File, MANIFEST, Tree, is_hashed, is_ours};
use trust_stores::hashed_directory;

const DIRECTORY_MODE: u32 = 0o755;
const FILE_MODE: u32 = 0o644;
const STAGING_PREFIX: &str = ".trust-init.";

/// How to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How long to wait for another run in the same directory.
    pub lock_timeout: Duration,
    /// Whether to flush the file system once at the end.
    pub sync: bool,
}

/// What else happened.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Paths that were written, sorted; all others of the tree stood there as they are to be.
    pub written: Vec<String>,
    /// Paths of an earlier build that were removed.
    pub removed: Vec<String>,
    /// Whether the file system could lock the directory.
    pub locked: bool,
}

/// Writes `tree` under `out`, which is created if it is not there, and goes again if that fails; and
/// `manifest`, which is asked for when all else is staged, and given back.
pub fn write(
    tree: &Tree,
    manifest: impl FnOnce() -> File,
    out: &Path,
    options: Options,
) -> Result<(Written, File), Error> {
    let _umask = Umask::cleared();
    let is_new = fs::symlink_metadata(out).is_err();
    let written = write_under(tree, manifest, out, options);
    if written.is_err() && is_new {
        // Not if another run has written there in the meantime: then it is not empty.
        let _ = fs::remove_dir(out);
    }
    written
}

fn write_under(
    tree: &Tree,
    manifest: impl FnOnce() -> File,
    out: &Path,
    options: Options,
) -> Result<(Written, File), Error> {
    DirBuilder::new()
        .recursive(true)
        .mode(DIRECTORY_MODE)
        .create(out)
        .map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
                let message = "not a directory: a file or a dangling link stands there";
                Error::new(Code::Unwritable, message)
                    .at_path(out)
                    .hint("remove it, or name another --out")
            }
            _ => Error::unwritable(out, &error),
        })?;
    let root = openat(
        CWD,
        out,
        directory_flags() - OFlags::NOFOLLOW,
        Mode::empty(),
    )
    .map_err(|error| Error::unwritable(out, &error.into()))?;
    let locked = lock(&root, out, options.lock_timeout)?;
    let target = Target::open(root, out, tree)?;
    target.sweep()?;
    let mut fresh = target.fresh(tree);
    let both = target.both(&fresh);
    let mut staging = None;
    if fresh.paths().next().is_some() {
        let staging = staging.insert(Staging::create(&target)?);
        staging.fill(&fresh)?;
        staging.fill_both(&both)?;
    }
    let manifest = manifest();
    if !target.holds(&manifest) {
        let staging = match &mut staging {
            Some(staging) => staging,
            none => none.insert(Staging::create(&target)?),
        };
        staging.write(&manifest.path, &manifest)?;
        fresh.files.push(manifest.clone());
    }
    if let Some(staging) = staging {
        target.publish(&fresh, &both, &staging)?;
        staging.finish(&fresh, &target);
    }
    let removed = target.remove_stale(tree)?;
    if options.sync {
        syncfs(&target.root).map_err(|error| target.fault("", error))?;
    }
    let mut written: Vec<String> = fresh.paths().map(str::to_owned).collect();
    written.sort_unstable();
    let written = Written {
        written,
        removed,
        locked,
    };
    Ok((written, manifest))
}

/// The process's umask, cleared while this lives: modes are given in full.
struct Umask(Mode);

impl Umask {
    fn cleared() -> Self {
        Umask(umask(Mode::empty()))
    }
}

impl Drop for Umask {
    fn drop(&mut self) {
        umask(self.0);
    }
}

fn directory_flags() -> OFlags {
    OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC
}

/// Locks the directory for this process. False where the file system has no such locks (NFS).
fn lock(root: &OwnedFd, out: &Path, timeout: Duration) -> Result<bool, Error> {
    let deadline = Instant::now() + timeout;
    loop {
        match flock(root, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(true),
            Err(Errno::WOULDBLOCK | Errno::INTR) => {}
            Err(_) => return Ok(false),
        }
        if Instant::now() >= deadline {
            let message = format!("another run has held it for {} s", timeout.as_secs());
            return Err(Error::new(Code::Locked, message)
                .at_path(out)
                .hint("give each run an --out of its own, or raise --lock-timeout"));
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// The output directory, and those directories below it that exist already.
struct Target<'a> {
    out: &'a Path,
    root: OwnedFd,
    existing: BTreeMap<&'static str, OwnedFd>,
}

impl<'a> Target<'a> {
    /// Opens every directory that stands, and sees to it that each file can be renamed to where
    /// it goes, before anything is changed.
    fn open(root: OwnedFd, out: &'a Path, tree: &Tree) -> Result<Self, Error> {
        let mut target = Target {
            out,
            root,
            existing: BTreeMap::new(),
        };
        for directory in DIRECTORIES {
            let Some((parent, name)) = target.parent(directory) else {
                continue;
            };
            match openat(parent, name, directory_flags(), Mode::empty()) {
                Ok(opened) => {
                    target.existing.insert(directory, opened);
                }
                Err(Errno::NOENT) => {}
                Err(Errno::LOOP | Errno::NOTDIR) => {
                    let message = "not a directory: a link or a file stands in its place";
                    return Err(Error::new(Code::Unwritable, message)
                        .at_path(&out.join(directory))
                        .hint("remove it; links are not followed below --out"));
                }
                Err(error) => return Err(target.fault(directory, error)),
            }
        }
        for path in tree.paths().chain([MANIFEST]) {
            let Some((parent, name)) = target.parent(path) else {
                continue;
            };
            let standing = statat(parent, name, AtFlags::SYMLINK_NOFOLLOW);
            if standing.is_ok_and(|s| FileType::from_raw_mode(s.st_mode).is_dir()) {
                return Err(
                    Error::new(Code::Unwritable, "a directory stands in its place")
                        .at_path(&out.join(path))
                        .hint("remove it, or name another --out"),
                );
            }
        }
        Ok(target)
    }

    /// The open directory that `path` goes into, and its name there; `None` if that directory is
    /// yet to come.
    fn parent<'p>(&self, path: &'p str) -> Option<(BorrowedFd<'_>, &'p str)> {
        match path.rsplit_once('/') {
            None => Some((self.root.as_fd(), path)),
            Some((directory, name)) => {
                let opened = self.existing.get(directory)?;
                Some((opened.as_fd(), name))
            }
        }
    }

    /// What of `tree` does not stand there yet.
    fn fresh(&self, tree: &Tree) -> Tree {
        let files = tree.files.iter();
        let links = tree.links.iter();
        Tree {
            files: files.filter(|file| !self.holds(file)).cloned().collect(),
            links: links
                .filter(|link| {
                    let standing = self.parent(link.path);
                    let standing = standing.and_then(|(p, n)| readlinkat(p, n, Vec::new()).ok());
                    standing.is_none_or(|standing| standing.as_bytes() != link.target.as_bytes())
                })
                .copied()
                .collect(),
        }
    }

    /// Whether `file` stands there already.
    fn holds(&self, file: &File) -> bool {
        self.is_held(&file.path, &file.content).unwrap_or(false)
    }

    /// The same, or why nobody can tell. A file that another user owns, or that has a second name, could
    /// change after this look: it does not count.
    fn is_held(&self, path: &str, content: &[u8]) -> io::Result<bool> {
        let Some((mut file, standing)) = self.regular(path)? else {
            return Ok(false);
        };
        let is_like_ours = Mode::from_raw_mode(standing.st_mode) == Mode::from_raw_mode(FILE_MODE)
            && standing.st_uid == geteuid().as_raw()
            && standing.st_nlink == 1
            && u64::try_from(standing.st_size) == Ok(content.len() as u64);
        if !is_like_ours {
            return Ok(false);
        }
        let mut block = [0; 16 << 10];
        for expected in content.chunks(block.len()) {
            let found = &mut block[..expected.len()];
            file.read_exact(found)?;
            if found != expected {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The regular file at `path`, open, if one stands there.
    fn regular(&self, path: &str) -> io::Result<Option<(fs::File, Stat)>> {
        let Some((parent, name)) = self.parent(path) else {
            return Ok(None);
        };
        // A FIFO in its place must not hang the open.
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = openat(parent, name, flags, Mode::empty())?;
        let standing = fstat(&opened)?;
        let is_file = FileType::from_raw_mode(standing.st_mode).is_file();
        Ok(is_file.then(|| (fs::File::from(opened), standing)))
    }

    /// For each file of a hashed directory that `fresh` replaces, the one that holds both.
    fn both(&self, fresh: &Tree) -> Vec<File> {
        let hashed = fresh.files.iter().filter(|file| file.is_hashed());
        hashed
            .filter_map(|file| {
                // A link is no build's, and what cannot be read serves nobody.
                let standing = self.content(&file.path).ok()??;
                let both = hashed_directory::transitional(&standing, &file.content)?;
                Some(File::new(file.path.as_str(), both, 0))
            })
            .collect()
    }

    /// What the file at `path` holds, unless it is larger than any that a build writes there.
    fn content(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        const MOST: u64 = 4 << 20;
        let Some((file, _)) = self.regular(path)? else {
            return Ok(None);
        };
        let mut content = Vec::new();
        let length = file.take(MOST + 1).read_to_end(&mut content)?;
        Ok((length as u64 <= MOST).then_some(content))
    }

    fn stands(&self, path: &str) -> bool {
        self.parent(path)
            .is_some_and(|(parent, name)| statat(parent, name, AtFlags::SYMLINK_NOFOLLOW).is_ok())
    }

    fn fault(&self, path: &str, error: Errno) -> Error {
        let path = if path.is_empty() {
            self.out.to_owned()
        } else {
            self.out.join(path)
        };
        Error::unwritable(&path, &error.into())
    }

    /// Removes what dead runs left. Under the lock, no staging directory can be a living run's.
    fn sweep(&self) -> Result<(), Error> {
        for name in self.names(self.root.as_fd(), "")? {
            if name.as_bytes().starts_with(STAGING_PREFIX.as_bytes()) {
                let path = self
                    .out
                    .join(String::from_utf8_lossy(name.as_bytes()).as_ref());
                // One that cannot be removed, another user's for instance, is in nobody's way.
                let _ = remove(&path);
            }
        }
        Ok(())
    }

    fn names(&self, directory: BorrowedFd<'_>, path: &str) -> Result<Vec<CString>, Error> {
        Dir::read_from(directory)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map(|entries| {
                entries
                    .iter()
                    .map(|entry| entry.file_name().to_owned())
                    .collect()
            })
            .map_err(|error| self.fault(path, error))
    }

    /// Renames everything from `staging` into place: new directories whole, then files and links
    /// one by one.
    ///
    /// A hashed directory is many files, which no rename replaces at once. So it gains all that is
    /// new before anything old goes: files under new names, then `both` in place of each file that
    /// changes. Until then it holds no less than the old set, and from then on no less than the new
    /// one, whatever ends the run, and even where many CAs have new keys under their old names.
    fn publish(&self, tree: &Tree, both: &[File], staging: &Staging<'_>) -> Result<(), Error> {
        for directory in tree.directories() {
            if self.existing.contains_key(directory) {
                continue;
            }
            // Below a directory that is new itself, it has gone along.
            if let Some((parent, name)) = self.parent(directory) {
                renameat(&staging.directory, directory, parent, name)
                    .map_err(|error| self.fault(directory, error))?;
            }
        }
        let (gained, others): (Vec<_>, Vec<_>) = tree
            .paths()
            .partition(|path| is_hashed(path) && !self.stands(path));
        for path in gained {
            self.put(staging, path, path)?;
        }
        for file in both {
            self.put(staging, &staged_both(&file.path), &file.path)?;
        }
        for path in others {
            self.put(staging, path, path)?;
        }
        Ok(())
    }

    /// Renames what is staged as `staged` to `path`, unless it has gone there with its directory.
    fn put(&self, staging: &Staging<'_>, staged: &str, path: &str) -> Result<(), Error> {
        let Some((parent, name)) = self.parent(path) else {
            return Ok(());
        };
        renameat(&staging.directory, staged, parent, name).map_err(|error| self.fault(path, error))
    }

    /// Removes every file of ours that `tree` does not have, and directories that are then empty.
    fn remove_stale(&self, tree: &Tree) -> Result<Vec<String>, Error> {
        let wanted: BTreeSet<&str> = tree.paths().chain([MANIFEST]).collect();
        let mut removed = Vec::new();
        let root = [("", &self.root)];
        let existing = self.existing.iter().map(|(path, opened)| (*path, opened));
        for (directory, opened) in existing.chain(root) {
            for name in self.names(opened.as_fd(), directory)? {
                let Ok(name) = name.to_str() else {
                    continue;
                };
                let path = if directory.is_empty() {
                    name.to_owned()
                } else {
                    format!("{directory}/{name}")
                };
                if !is_ours(&path) || wanted.contains(path.as_str()) {
                    continue;
                }
                // No build writes a directory of such a name: it is somebody else's.
                let standing = statat(opened, name, AtFlags::SYMLINK_NOFOLLOW);
                if standing.is_ok_and(|s| !FileType::from_raw_mode(s.st_mode).is_dir()) {
                    unlinkat(opened, name, AtFlags::empty())
                        .map_err(|error| self.fault(&path, error))?;
                    removed.push(path);
                }
            }
        }
        let needed: Vec<_> = tree.directories().collect();
        for directory in self.existing.keys().rev() {
            if !needed.contains(directory) {
                // Not empty, or a mount point: then it is somebody else's too.
                let _ = unlinkat(&self.root, *directory, AtFlags::REMOVEDIR);
            }
        }
        removed.sort_unstable();
        Ok(removed)
    }
}

/// The staging directory of this run; removed when dropped.
struct Staging<'a> {
    target: &'a Target<'a>,
    directory: OwnedFd,
    path: PathBuf,
}

impl<'a> Staging<'a> {
    fn create(target: &'a Target<'a>) -> Result<Self, Error> {
        let nanoseconds = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_nanos());
        let name = format!("{STAGING_PREFIX}{}.{nanoseconds:x}", std::process::id());
        mkdirat(&target.root, &name, Mode::from_raw_mode(DIRECTORY_MODE))
            .map_err(|error| target.fault("", error))?;
        let directory =
            openat(&target.root, &name, directory_flags(), Mode::empty()).map_err(|error| {
                let _ = unlinkat(&target.root, &name, AtFlags::REMOVEDIR);
                target.fault(&name, error)
            })?;
        Ok(Staging {
            target,
            directory,
            path: target.out.join(name),
        })
    }

    /// Writes everything of `tree` here, in the same places.
    fn fill(&self, tree: &Tree) -> Result<(), Error> {
        for directory in tree.directories() {
            mkdirat(
                &self.directory,
                directory,
                Mode::from_raw_mode(DIRECTORY_MODE),
            )
            .map_err(|error| self.target.fault(directory, error))?;
        }
        for file in &tree.files {
            self.write(&file.path, file)?;
        }
        for link in &tree.links {
            symlinkat(link.target, &self.directory, link.path)
                .map_err(|error| self.target.fault(link.path, error))?;
        }
        Ok(())
    }

    fn fill_both(&self, both: &[File]) -> Result<(), Error> {
        let mut files = both.iter();
        files.try_for_each(|file| self.write(&staged_both(&file.path), file))
    }

    fn write(&self, staged: &str, file: &File) -> Result<(), Error> {
        self.write_file(staged, &file.content)
            .map_err(|error| Error::unwritable(&self.target.out.join(&file.path), &error))
    }

    fn write_file(&self, path: &str, content: &[u8]) -> io::Result<()> {
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = openat(&self.directory, path, flags, Mode::from_raw_mode(FILE_MODE))?;
        fs::File::from(file).write_all(content)
    }

    /// Removes what is left of the staging directory after everything was renamed away: the
    /// directories whose files went one by one. What cannot be removed, dropping this tries again.
    fn finish(&self, tree: &Tree, target: &Target<'_>) {
        let directories: Vec<_> = tree.directories().collect();
        for directory in directories.into_iter().rev() {
            if target.existing.contains_key(directory) {
                let _ = unlinkat(&self.directory, directory, AtFlags::REMOVEDIR);
            }
        }
    }
}

impl Drop for Staging<'_> {
    fn drop(&mut self) {
        // An empty directory goes at once; after a failure there may be files in it. What even
        // this leaves, the next run sweeps.
        if fs::remove_dir(&self.path).is_err() {
            let _ = remove(&self.path);
        }
    }
}

/// Where the file that holds both the old and the new certificates of `path` is staged.
fn staged_both(path: &str) -> String {
    format!("{path}.both")
}

/// Removes a file, or a directory with all that is in it, without following links.
fn remove(path: &Path) -> io::Result<()> {
    if fs::symlink_metadata(path)?.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    }
}
