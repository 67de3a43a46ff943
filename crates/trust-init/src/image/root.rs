//! A directory used as the root of a file system: every path and every link in it resolves inside it,
//! as for a process in a chroot. `..` ends at the root, and an absolute link starts there again.
//!
//! openat2(2) follows a whole path in this way (`RESOLVE_IN_ROOT`). gVisor, kernels before 5.6 and the filters of
//! older container runtimes do not let us call it, and it does not read links as text in /proc. There a walk
//! decides: it opens each component relative to the directory before it, and never as a link, so changing the
//! tree meanwhile cannot lead it outside.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use memchr::memmem;
use rustix::buffer::spare_capacity;
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, fstat, openat, readlinkat, statat};
use rustix::io::{Errno, pread};

use super::elf;
use crate::sys::{
    FileIdentity, Links, PATH_ONLY, PathWalk, RegularFile, Step, names, open_in_root, open_regular,
};

/// The longest string that [`Root::string_after`] returns.
const LONGEST_STRING: usize = 256;

/// How much it reads at once.
const PIECE: usize = 256 << 10;

/// What followed each needle in each file that was searched.
type Strings = HashMap<(FileIdentity, &'static [u8]), Option<Vec<u8>>>;

/// A directory that is used as `/`.
#[derive(Debug)]
pub struct Root {
    path: PathBuf,
    /// The directory, once it has been opened.
    directory: OnceCell<OwnedFd>,
    /// Whether this process may not call openat2.
    is_walking: Cell<bool>,
    strings: RefCell<Strings>,
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
            directory: OnceCell::new(),
            is_walking: Cell::new(false),
            strings: RefCell::default(),
        }
    }

    /// A path inside, as seen from outside; for messages.
    pub fn outside(&self, inside: &Path) -> PathBuf {
        self.path.join(inside.strip_prefix("/").unwrap_or(inside))
    }

    /// The path with every link followed; an error if nothing is there.
    pub fn real(&self, path: &Path) -> io::Result<PathBuf> {
        // Most searches find nothing, which takes one call.
        if let Some(Err(error)) = self.open_at_once(path, PATH_ONLY) {
            return Err(error);
        }
        let end = self.walk(path)?;
        let mut real = PathBuf::from("/");
        // The first is the root.
        real.extend(end.directories.iter().skip(1).map(|(name, _)| name));
        real.extend(end.name);
        Ok(real)
    }

    /// Reads the file at `path`, or its first `limit` bytes.
    pub fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        self.open(path)?.read(limit)
    }

    /// Opens the file at `path`.
    pub fn open(&self, path: &Path) -> io::Result<RegularFile> {
        // Without NONBLOCK, opening a FIFO would wait for a writer.
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        if let Some(opened) = self.open_at_once(path, flags) {
            return RegularFile::new(File::from(opened?));
        }
        let end = self.walk(path)?;
        let (Some((_, parent)), Some(name)) = (end.directories.last(), end.name) else {
            return Err(io::Error::other("a directory, not a file"));
        };
        open_regular(parent, &name, Links::Refuse)
    }

    /// What follows the first occurrence of `needle` in the file at `path`, up to a NUL and at most
    /// [`LONGEST_STRING`]: a C string in a program or library. The file is read in pieces, and once for each
    /// needle.
    pub(super) fn string_after(&self, path: &Path, needle: &'static [u8]) -> Option<Vec<u8>> {
        let file = self.open(path).ok()?;
        let key = (file.identity(), needle);
        if let Some(known) = self.strings.borrow().get(&key) {
            return known.clone();
        }
        let found = string_after(&file.file, needle);
        self.strings.borrow_mut().insert(key, found.clone());
        found
    }

    /// Whether `path` leads to anything.
    pub fn exists(&self, path: &Path) -> bool {
        self.ends_at_directory(path).is_ok()
    }

    /// Whether `path` leads to something that is not a directory.
    pub(super) fn is_file(&self, path: &Path) -> bool {
        self.ends_at_directory(path).is_ok_and(|is_one| !is_one)
    }

    /// Whether `path` leads to a directory.
    pub fn is_directory(&self, path: &Path) -> bool {
        self.ends_at_directory(path).is_ok_and(|is_one| is_one)
    }

    fn ends_at_directory(&self, path: &Path) -> io::Result<bool> {
        let Some(opened) = self.open_at_once(path, PATH_ONLY) else {
            return Ok(self.walk(path)?.name.is_none());
        };
        let status = fstat(opened?)?;
        Ok(FileType::from_raw_mode(status.st_mode) == FileType::Directory)
    }

    /// The names in the directory at `path`, sorted, without those that start with a dot; none if it is
    /// not a directory.
    pub fn names(&self, path: &Path) -> Vec<OsString> {
        let mut names = self.all_names(path).unwrap_or_default();
        names.retain(|name| !name.as_bytes().starts_with(b"."));
        names.sort_unstable();
        names
    }

    fn all_names(&self, path: &Path) -> io::Result<Vec<OsString>> {
        if let Some(opened) = self.open_at_once(path, PATH_ONLY) {
            return names(opened?);
        }
        let end = self.walk(path)?;
        match (end.directories.last(), end.name) {
            (Some((_, directory)), None) => names(directory),
            _ => Err(Errno::NOTDIR.into()),
        }
    }

    fn directory(&self) -> io::Result<&OwnedFd> {
        if let Some(opened) = self.directory.get() {
            return Ok(opened);
        }
        // Walking through a directory does not need the permission to list it.
        let flags = PATH_ONLY | OFlags::DIRECTORY;
        let opened = openat(CWD, &self.path, flags, Mode::empty())?;
        Ok(self.directory.get_or_init(|| opened))
    }

    /// Opens what `path` leads to with openat2. `None` if only a walk can tell: this system does not let us, or
    /// the kernel's answer may differ from that of a walk.
    fn open_at_once(&self, path: &Path, flags: OFlags) -> Option<io::Result<OwnedFd>> {
        if self.is_walking.get() {
            return None;
        }
        let root = self.directory().ok()?;
        // As a walk reads it: no `.`, and no slash at the end, which would ask for a directory.
        let path: PathBuf = Path::new("/").join(path).components().collect();
        match open_in_root(root, &path, flags) {
            Ok(opened) => Some(Ok(opened)),
            Err(Errno::NOENT) => Some(Err(Errno::NOENT.into())),
            Err(error) => {
                // EPERM comes from a filter of a container runtime that does not know the call.
                let is_refused = matches!(error, Errno::NOSYS | Errno::PERM);
                self.is_walking.set(is_refused);
                None
            }
        }
    }

    fn walk(&self, path: &Path) -> io::Result<End> {
        let root = self.directory()?.try_clone()?;
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
                    let flags = PATH_ONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW;
                    let opened = openat(parent, &name, flags, Mode::empty())?;
                    end.directories.push((name, opened));
                }
                _ => end.name = Some(name),
            }
        }
        Ok(end)
    }
}

fn string_after(file: &File, needle: &[u8]) -> Option<Vec<u8>> {
    let whole = 0..u64::MAX;
    let Some(code) = elf::code(file) else {
        return string_in(file, whole, needle);
    };
    // Before its code and behind it, which is quickly read; only then in all.
    let mut parts = [0..code.start, code.end..u64::MAX, whole].into_iter();
    parts.find_map(|part| string_in(file, part, needle))
}

fn string_in(file: &File, part: Range<u64>, needle: &[u8]) -> Option<Vec<u8>> {
    let kept = needle.len() + LONGEST_STRING;
    let mut window = Vec::with_capacity(kept + PIECE);
    let mut offset = part.start;
    // A string may begin in the part and end behind it.
    let end = part.end.saturating_add(kept as u64);
    loop {
        let is_last = offset >= end
            || match pread(file, spare_capacity(&mut window), offset) {
                Ok(count) => {
                    offset += count as u64;
                    count == 0
                }
                Err(Errno::INTR) => continue,
                Err(_) => return None,
            };
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
        window.drain(..window.len().saturating_sub(kept));
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::fs::{self, Permissions};
    use std::io;
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::os::unix::net::UnixListener;
    use std::path::{Path, PathBuf};

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::Root;

    fn real(root: &Path, path: &str) -> Option<PathBuf> {
        Root::new(root).real(Path::new(path)).ok()
    }

    /// A library: its header, a segment of code, and what follows.
    fn library(code: &[u8], rest: &[u8]) -> Vec<u8> {
        const CODE_AT: usize = 4096;
        let mut bytes = b"\x7fELF\x02\x01".to_vec();
        bytes.resize(CODE_AT, 0);
        bytes[0x20] = 64;
        bytes[0x36] = 56;
        bytes[0x38] = 1;
        bytes[64] = 1;
        bytes[68] = 5;
        bytes[72..80].copy_from_slice(&CODE_AT.to_le_bytes());
        bytes[96..104].copy_from_slice(&code.len().to_le_bytes());
        [&bytes, code, rest].concat()
    }

    #[test]
    fn a_string_is_found_wherever_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let find = |name: &str, bytes: &[u8]| {
            fs::write(folder.path().join(name), bytes).unwrap();
            let found = Root::new(folder.path()).string_after(Path::new(name), b"MARK: ");
            found.map(|found| String::from_utf8(found).unwrap())
        };
        let code = |text: &[u8]| [&*vec![0x90; 3 << 20], text, &[0x90; 99]].concat();
        let mark = b"\0MARK: /here\0";
        let here = Some(String::from("/here"));
        assert_eq!(find("behind", &library(&code(b""), mark)), here);
        assert_eq!(find("within", &library(&code(mark), b"more")), here);
        assert_eq!(find("no-library", &code(mark)), here);
        assert_eq!(find("nowhere", &library(&code(b""), b"more")), None);
        assert_eq!(find("cut", &library(&code(b""), mark)[..80]), None);
        let mut before = library(&code(b"MARK: /code\0"), b"");
        let at = 4096 - 8;
        before[at..at + 10].copy_from_slice(b"MARK: /a\0\0");
        assert_eq!(find("at-the-edge", &before), Some(String::from("/a")));
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

    /// All that a path leads to.
    #[derive(Debug, PartialEq, Eq)]
    struct Answers {
        real: Result<PathBuf, (Option<i32>, String)>,
        is_there: [bool; 3],
        names: Vec<OsString>,
        content: Result<Vec<u8>, (Option<i32>, String)>,
    }

    fn answers(root: &Root, path: &str) -> Answers {
        let path = Path::new(path);
        let reason = |error: io::Error| (error.raw_os_error(), error.to_string());
        Answers {
            real: root.real(path).map_err(reason),
            is_there: [
                root.exists(path),
                root.is_file(path),
                root.is_directory(path),
            ],
            names: root.names(path),
            content: root.read(path, 9).map_err(reason),
        }
    }

    fn assert_kernel_and_walk_agree(root: &Path, paths: &[&str]) {
        let by_kernel = Root::new(root);
        let by_walk = Root::new(root);
        by_walk.is_walking.set(true);
        for path in paths {
            let expected = answers(&by_walk, path);
            assert_eq!(answers(&by_kernel, path), expected, "{path}");
        }
    }

    /// What a path can lead to, and every kind of link.
    fn build_tree(root: &Path) {
        fs::create_dir_all(root.join("etc/ssl/deep")).unwrap();
        fs::write(root.join("etc/ssl/bundle"), "certificates").unwrap();
        fs::create_dir(root.join("closed")).unwrap();
        fs::write(root.join("closed/file"), "closed").unwrap();
        fs::write(root.join("etc/.hidden"), "").unwrap();
        for closed in ["etc/.hidden", "closed"] {
            fs::set_permissions(root.join(closed), Permissions::from_mode(0o0)).unwrap();
        }
        mknodat(CWD, root.join("pipe"), FileType::Fifo, Mode::RUSR, 0).unwrap();
        for (target, link) in [
            ("/etc/ssl/bundle", "absolute"),
            ("/etc/ssl/", "directory"),
            ("etc/ssl/bundle/", "with-slash"),
            ("../../etc/ssl", "etc/climbs"),
            ("../../../../secret", "etc/up"),
            ("loop", "loop"),
            ("/b", "a"),
            ("/a", "b"),
            ("/missing", "dangling"),
            ("/directory/../ssl/./deep/..", "winding"),
            (".", "here"),
            ("absolute", "link-1"),
        ] {
            symlink(target, root.join(link)).unwrap();
        }
        for number in 1..45 {
            let link = root.join(format!("link-{}", number + 1));
            symlink(format!("link-{number}"), link).unwrap();
        }
    }

    #[test]
    fn the_kernel_and_a_walk_agree_on_a_tree() {
        const PATHS: &str = "\
            . / // /.. etc /etc/ /etc/. /etc/ssl/bundle etc/ssl/bundle /etc/ssl/bundle/ \
            /etc/ssl/bundle/. /etc/ssl/bundle/.. /etc/ssl/bundle/more /etc/./ssl/../ssl/bundle \
            /etc/.hidden /absolute /absolute/ /directory /directory/bundle /directory/../ssl/bundle \
            /with-slash /etc/climbs/bundle /etc/up /../secret /loop /loop/x /a /dangling /winding \
            /missing /missing/.. /here/here/etc /pipe /pipe/x /socket /closed /closed/file /link-39 \
            /link-40 /link-41 /link-44";
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret"), "outside").unwrap();
        let root = outside.path().join("root");
        build_tree(&root);
        let _socket = UnixListener::bind(root.join("socket")).unwrap();
        let long = format!("/{}", "x".repeat(300));
        let (deep, too_deep) = ("/here".repeat(30) + "/etc", "/here".repeat(1000));
        let mut paths: Vec<&str> = PATHS.split_whitespace().collect();
        paths.extend(["", &long, &deep, &too_deep]);
        assert_kernel_and_walk_agree(&root, &paths);
        assert_kernel_and_walk_agree(&outside.path().join("none"), &["/", "/etc"]);
        assert_kernel_and_walk_agree(&outside.path().join("secret"), &["/", "/etc"]);
    }

    /// Magic links of /proc lead where their text says: in another root, what they really lead to is elsewhere.
    #[test]
    fn the_kernel_and_a_walk_agree_on_magic_links() {
        let paths = [
            "/proc/self",
            "/proc/self/exe",
            "/proc/self/root/etc",
            "/proc/self/cwd",
            "/proc/self/cwd/Cargo.toml",
            "/proc/self/fd/0",
            "/proc/self/ns/mnt",
            "/proc/self/root/../etc",
            "/proc/self/status/x",
            "/dev/stdin",
            "/dev/null",
        ];
        assert_kernel_and_walk_agree(Path::new("/"), &paths);
        assert_kernel_and_walk_agree(Path::new("/proc/self/root"), &paths);
        assert_kernel_and_walk_agree(
            Path::new("/proc"),
            &["/self/exe", "/self/root", "/self/cwd"],
        );
    }
}
