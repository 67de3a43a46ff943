//! A directory taken as the root of a file system: every path and every link below it resolves
//! inside, as it would for a process that has it as its root. `..` ends at the root, an absolute
//! link starts there again.
//!
//! Each component is opened relative to the directory before it and never as a link, so nobody who
//! changes the tree meanwhile can lead a walk out of it. That is `RESOLVE_IN_ROOT` of openat2(2),
//! which gVisor and kernels before 5.6 do not have.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

use rustix::fs::AtFlags;
use rustix::fs::{CWD, Dir, FileType, Mode, OFlags, fstat, openat, readlinkat, statat};
use rustix::io::Errno;

/// As the kernel's own limit (`path_resolution(7)`).
const MOST_LINKS: usize = 40;

/// A directory that stands for `/`.
#[derive(Debug)]
pub struct Root {
    path: PathBuf,
}

/// Where a path ends, every link on the way followed.
struct End {
    /// The directories from the root on, open, with their names.
    directories: Vec<(OsString, OwnedFd)>,
    /// What is not a directory, at the end of them.
    name: Option<OsString>,
}

impl Root {
    /// The directory at `path`.
    pub fn new(path: &Path) -> Self {
        Root {
            path: path.to_owned(),
        }
    }

    /// A path inside as the whole system sees it, for messages.
    pub fn outside(&self, inside: &Path) -> PathBuf {
        self.path.join(inside.strip_prefix("/").unwrap_or(inside))
    }

    /// Where `path` leads, every link followed; an error if nothing is there.
    pub fn real(&self, path: &Path) -> io::Result<PathBuf> {
        let end = self.walk(path)?;
        let mut real = PathBuf::from("/");
        // The first is the root.
        real.extend(end.directories.iter().skip(1).map(|(name, _)| name));
        real.extend(end.name);
        Ok(real)
    }

    /// No more than `limit` bytes of the file at `path`.
    pub fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let end = self.walk(path)?;
        let not_a_file = || io::Error::other("not a file");
        let (Some((_, parent)), Some(name)) = (end.directories.last(), end.name) else {
            return Err(not_a_file());
        };
        // A FIFO without a writer would hang the open.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = openat(parent, &name, flags, Mode::empty())?;
        if !FileType::from_raw_mode(fstat(&file)?.st_mode).is_file() {
            return Err(not_a_file());
        }
        let mut bytes = Vec::new();
        File::from(file).take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Whether `path` leads to what is no directory.
    pub(super) fn is_file(&self, path: &Path) -> bool {
        self.walk(path).is_ok_and(|end| end.name.is_some())
    }

    /// Whether `path` leads to a directory.
    pub fn is_directory(&self, path: &Path) -> bool {
        self.walk(path).is_ok_and(|end| end.name.is_none())
    }

    /// The names in the directory at `path`, sorted; none if it is no directory.
    pub fn names(&self, path: &Path) -> Vec<OsString> {
        let Ok(end) = self.walk(path) else {
            return Vec::new();
        };
        let (Some((_, directory)), None) = (end.directories.last(), end.name) else {
            return Vec::new();
        };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let entries = openat(directory, ".", flags, Mode::empty()).and_then(Dir::new);
        let Ok(entries) = entries else {
            return Vec::new();
        };
        let mut names: Vec<OsString> = entries
            .flatten()
            .map(|entry| OsStr::from_bytes(entry.file_name().to_bytes()).to_owned())
            .filter(|name| !name.as_bytes().starts_with(b"."))
            .collect();
        names.sort_unstable();
        names
    }

    fn walk(&self, path: &Path) -> io::Result<End> {
        // To walk through a directory one need not be allowed to list it.
        let directory = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = openat(CWD, &self.path, directory, Mode::empty())?;
        let mut end = End {
            directories: vec![(OsString::new(), root)],
            name: None,
        };
        let mut ahead = components(path);
        let mut links = 0;
        while let Some(name) = ahead.pop_front() {
            if end.name.is_some() {
                return Err(Errno::NOTDIR.into());
            }
            if name == ".." {
                end.directories.truncate(1.max(end.directories.len() - 1));
                continue;
            }
            let Some((_, parent)) = end.directories.last() else {
                return Err(Errno::NOENT.into());
            };
            let kind = statat(parent, &name, AtFlags::SYMLINK_NOFOLLOW)?.st_mode;
            match FileType::from_raw_mode(kind) {
                FileType::Symlink => {
                    links += 1;
                    if links > MOST_LINKS {
                        return Err(Errno::LOOP.into());
                    }
                    let target = readlinkat(parent, &name, Vec::new())?;
                    let target = Path::new(OsStr::from_bytes(target.to_bytes()));
                    if target.is_absolute() {
                        end.directories.truncate(1);
                    }
                    let mut followed = components(target);
                    followed.append(&mut ahead);
                    ahead = followed;
                }
                FileType::Directory => {
                    let flags = directory | OFlags::NOFOLLOW;
                    let opened = openat(parent, &name, flags, Mode::empty())?;
                    end.directories.push((name, opened));
                }
                _ => end.name = Some(name),
            }
        }
        Ok(end)
    }
}

/// The names of a path, `..` among them.
fn components(path: &Path) -> VecDeque<OsString> {
    path.components()
        .filter_map(|component| match component {
            Component::Normal(name) => Some(name.to_owned()),
            Component::ParentDir => Some(OsString::from("..")),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
        })
        .collect()
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
