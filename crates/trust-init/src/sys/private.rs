//! A file that only this user may read.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use rustix::fs::CWD;

use super::{Links, Parent, Staging, Umask, open_directory};

const PRIVATE_MODE: u32 = 0o600;

/// Writes a file that only this user may read. Readers see the old file or the whole new one;
/// anything but a regular file is left alone, so that nobody replaces `/dev/stdout`.
pub fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    if fs::symlink_metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(io::Error::other("not a regular file"));
    }
    let parent_path = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let _umask = Umask::cleared();
    let parent = open_directory(CWD, parent_path, Links::Follow)?;
    let staging = Staging::create(&parent, parent_path, Parent::Shared)?;
    staging
        .create_file(name, PRIVATE_MODE)?
        .write_all(content)?;
    staging.publish(name, &parent, name)
}
