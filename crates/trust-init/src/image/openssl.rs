//! Where a build of OpenSSL looks for trust if no variable says otherwise: `cert.pem` and `certs` in
//! the directory that was compiled into it (`OPENSSLDIR`, which `openssl version -d` prints).
//! Distributions differ, and so do conda's and other private builds, so the library is asked.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use memchr::memmem;

use super::places::children;
use super::root::Root;

/// What `OpenSSL_version(OPENSSL_DIR)` returns begins so, since 1.1.0.
const MARK: &[u8] = b"OPENSSLDIR: \"";

/// Names of libcrypto, the newest first.
const LIBRARIES: [&str; 4] = [
    "libcrypto.so.3",
    "libcrypto.so.1.1",
    "libcrypto.so.10",
    "libcrypto.so.1.0.0",
];

/// Where the dynamic linker looks, in the order of distributions' ld.so.conf; `LD_LIBRARY_PATH` comes
/// before them.
const DIRECTORIES: [&str; 7] = [
    "/usr/local/lib64",
    "/usr/local/lib",
    "/usr/lib64",
    "/lib64",
    "/usr/lib",
    "/lib",
    "/usr/local/ssl/lib",
];

/// The default directory of the build of OpenSSL in a library or program.
pub(super) fn directory_in(root: &Root, file: &Path) -> Option<PathBuf> {
    let text = root.string_after(file, MARK)?;
    let directory = text.split(|byte| *byte == b'"').next()?;
    Some(PathBuf::from(OsStr::from_bytes(directory)))
}

/// The default directory of the system's OpenSSL; of the version `name` (`libcrypto.so.3`) only, if one
/// is given. `None` if there is no such library.
pub fn system_directory(
    root: &Root,
    library_path: &[PathBuf],
    name: Option<&str>,
) -> Option<PathBuf> {
    let names: Vec<&str> = LIBRARIES
        .into_iter()
        .filter(|one| name.is_none_or(|name| name == *one))
        .collect();
    let library = system_library(root, library_path, &names)?;
    directory_in(root, &library)
}

/// The first of `names` that the dynamic linker would find.
pub(super) fn system_library(
    root: &Root,
    library_path: &[PathBuf],
    names: &[&str],
) -> Option<PathBuf> {
    let usual = DIRECTORIES.into_iter().map(PathBuf::from);
    let multiarch = ["/usr/lib", "/lib"].into_iter().flat_map(|parent| {
        let mut children = children(root, Path::new(parent));
        children.retain(|path| memmem::find(path.as_os_str().as_bytes(), b"-linux-").is_some());
        children
    });
    let directories = library_path.iter().cloned().chain(usual).chain(multiarch);
    let directories: Vec<PathBuf> = directories.collect();
    names.iter().find_map(|name| {
        let mut paths = directories.iter().map(|directory| directory.join(name));
        paths.find(|path| root.is_file(path))
    })
}

/// The version of libcrypto that a library needs, as its file is named; it is a string in the ELF file.
pub(super) fn needed_by(root: &Root, file: &Path) -> Option<&'static str> {
    let rest = root.string_after(file, b"libcrypto.so.")?;
    let mut names = LIBRARIES.into_iter();
    names.find(|name| name.as_bytes().strip_prefix(b"libcrypto.so.") == Some(&rest[..]))
}

/// The libcrypto in a directory, of the version that is needed.
pub(super) fn library_in(root: &Root, directory: &Path, name: Option<&str>) -> Option<PathBuf> {
    let mut names = LIBRARIES
        .into_iter()
        .filter(|one| name.is_none_or(|name| name == *one));
    let mut paths = names.by_ref().map(|name| directory.join(name));
    paths.find(|path| root.is_file(path))
}
