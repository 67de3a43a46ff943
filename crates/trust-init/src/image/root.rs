//! A directory used as the root of a file system: every path and every link in it resolves inside it,
//! as for a process in a chroot. `..` ends at the root, and an absolute link starts there again.
//!
//! Each component is opened relative to the directory before it, and never as a link, so changing the
//! tree meanwhile cannot lead a walk outside. openat2(2) does the same with `RESOLVE_IN_ROOT`, but
//! gVisor and kernels before 5.6 do not have it.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read as _};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use memchr::memmem;
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, openat, readlinkat, statat};
use rustix::io::Errno;

use crate::sys::{Links, PathWalk, Step, names, open_regular};

/// The longest string that [`Root::string_after`] returns.
const LONGEST_STRING: usize = 256;

/// How much it reads at once.
const PIECE: u64 = 1 << 20;

/// A directory that is used as `/`.
#[derive(Debug)]
pub struct Root {
    path: PathBuf,
}

/// Where a path ends after every link has been followed.
struct End {
    /// The directories from the root on, open, with their names.
    directories: Vec<(OsString, OwnedFd)>,
    /// What is in the last of them, if the path does not end at a directory.
    name: Option<OsString>,
}

impl Root {
    /// The directory at `path`.
    pub fn new(path: &Path) -> Self {
        Root {
            path: path.to_owned(),
        }
    }

    /// A path inside, as seen from outside; for messages.
    pub fn outside(&self, inside: &Path) -> PathBuf {
        self.path.join(inside.strip_prefix("/").unwrap_or(inside))
    }

    /// The path with every link followed; an error if nothing is there.
    pub fn real(&self, path: &Path) -> io::Result<PathBuf> {
        let end = self.walk(path)?;
        let mut real = PathBuf::from("/");
        // The first is the root.
        real.extend(end.directories.iter().skip(1).map(|(name, _)| name));
        real.extend(end.name);
        Ok(real)
    }

    /// Reads the file at `path`, or its first `limit` bytes.
    pub fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let end = self.walk(path)?;
        let (Some((_, parent)), Some(name)) = (end.directories.last(), end.name) else {
            return Err(io::Error::other("a directory, not a file"));
        };
        open_regular(parent, &name, Links::Refuse)?.read(limit)
    }

    /// What follows the first occurrence of `needle` in the file at `path`, up to a NUL and at most
    /// [`LONGEST_STRING`]: a C string in a program or library. The file is read in pieces.
    pub(super) fn string_after(&self, path: &Path, needle: &[u8]) -> Option<Vec<u8>> {
        let end = self.walk(path).ok()?;
        let (_, parent) = end.directories.last()?;
        let mut file = open_regular(parent, end.name?, Links::Refuse).ok()?.file;
        let kept = needle.len() + LONGEST_STRING;
        let mut window = Vec::new();
        loop {
            let before = window.len();
            let read = (&mut file).take(PIECE).read_to_end(&mut window).ok()?;
            let is_last = read == 0;
            let found = memmem::find(&window, needle).map(|at| at + needle.len());
            if let Some(start) = found.filter(|at| is_last || at + LONGEST_STRING <= window.len()) {
                let rest = &window[start..window.len().min(start + LONGEST_STRING)];
                let text = rest.split(|byte| *byte == 0).next()?;
                return Some(text.to_vec());
            }
            if is_last {
                return None;
            }
            // A string that begins in this piece may end in the next.
            window.drain(..(before + read).saturating_sub(kept));
        }
    }

    /// Whether `path` leads to something that is not a directory.
    pub(super) fn is_file(&self, path: &Path) -> bool {
        self.walk(path).is_ok_and(|end| end.name.is_some())
    }

    /// Whether `path` leads to a directory.
    pub fn is_directory(&self, path: &Path) -> bool {
        self.walk(path).is_ok_and(|end| end.name.is_none())
    }

    /// The names in the directory at `path`, sorted, without those that start with a dot; none if it is
    /// not a directory.
    pub fn names(&self, path: &Path) -> Vec<OsString> {
        let Ok(end) = self.walk(path) else {
            return Vec::new();
        };
        let (Some((_, directory)), None) = (end.directories.last(), end.name) else {
            return Vec::new();
        };
        let mut names = names(directory).unwrap_or_default();
        names.retain(|name| !name.as_bytes().starts_with(b"."));
        names.sort_unstable();
        names
    }

    fn walk(&self, path: &Path) -> io::Result<End> {
        // Walking through a directory does not need the permission to list it.
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = openat(CWD, &self.path, flags, Mode::empty())?;
        let mut end = End {
            directories: vec![(OsString::new(), root)],
            name: None,
        };
        let mut walk = PathWalk::new(path);
        while let Some(step) = walk.next() {
            if end.name.is_some() {
                return Err(Errno::NOTDIR.into());
            }
            let name = match step {
                Step::Name(name) => name,
                Step::Root => {
                    end.directories.truncate(1);
                    continue;
                }
                Step::Parent => {
                    end.directories.truncate(1.max(end.directories.len() - 1));
                    continue;
                }
            };
            let Some((_, parent)) = end.directories.last() else {
                return Err(Errno::NOENT.into());
            };
            let status = statat(parent, &name, AtFlags::SYMLINK_NOFOLLOW)?;
            match FileType::from_raw_mode(status.st_mode) {
                FileType::Symlink => {
                    let target = readlinkat(parent, &name, Vec::new())?;
                    walk.follow(Path::new(OsStr::from_bytes(target.to_bytes())))?;
                }
                FileType::Directory => {
                    let flags = flags | OFlags::NOFOLLOW;
                    let opened = openat(parent, &name, flags, Mode::empty())?;
                    end.directories.push((name, opened));
                }
                _ => end.name = Some(name),
            }
        }
        Ok(end)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::{Path, PathBuf};

    use super::Root;

    fn real(root: &Path, path: &str) -> Option<PathBuf> {
        Root::new(root).real(Path::new(path)).ok()
    }

    #[test]
    fn nothing_leads_out_of_it() {
        let outside = tempfile::tempdir().unwrap();
        let root = outside.path().join("root");
        fs::create_dir_all(root.join("etc/ssl")).unwrap();
        fs::write(root.join("etc/ssl/bundle"), "inside").unwrap();
        fs::write(outside.path().join("secret"), "outside").unwrap();
        symlink("/etc/ssl/bundle", root.join("absolute")).unwrap();
        symlink("../../../../../secret", root.join("etc/up")).unwrap();
        symlink("../../../etc/ssl", root.join("etc/climbs")).unwrap();
        symlink("loop", root.join("loop")).unwrap();
        symlink("/secret", root.join("dangling")).unwrap();
        symlink(outside.path().join("secret"), root.join("host")).unwrap();
        let bundle = Some(PathBuf::from("/etc/ssl/bundle"));
        assert_eq!(real(&root, "/absolute"), bundle);
        assert_eq!(real(&root, "/etc/climbs/bundle"), bundle);
        assert_eq!(real(&root, "/../../etc/./ssl/bundle"), bundle);
        for nowhere in [
            "/etc/up",
            "/loop",
            "/dangling",
            "/host",
            "/../secret",
            "/etc/ssl/bundle/more",
            "/missing",
        ] {
            assert_eq!(real(&root, nowhere), None, "{nowhere}");
        }
        assert_eq!(
            Root::new(&root).read(Path::new("/absolute"), 3).unwrap(),
            b"ins"
        );
        assert!(Root::new(&root).read(Path::new("/etc"), 3).is_err());
    }
}
