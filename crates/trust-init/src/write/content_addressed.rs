//! A content-addressed directory: named by what it holds, in the first place that can be written. For
//! `exec`, which runs in any image and as any user.
//!
//! A place where other users could rename the directory is the last resort. An existing directory of
//! that name is used again only if it is safe: owned by this user, not a link, writable by nobody
//! else, and with exactly these bytes in it. Anything else is left alone, and the stores go to a
//! directory with a name that nobody can guess. So restarts leave one directory.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::CWD;
use rustix::io::Errno;
use rustix::process::geteuid;
use sha2::{Digest as _, Sha256};

use crate::error::{Code, Error, shown_path, system_message};
use crate::layout::Tree;
use crate::sys::{
    Comparison, Links, Parent, Staging, Umask, names, open_directory, open_regular, random_name,
};
use crate::wiring::can_be_named;
use trust_stores::hex;

/// Where to try after TMPDIR. The last two are writable in most containers with a read-only root.
const DEFAULT_PLACES: [&str; 3] = ["/tmp", "/dev/shm", "/run"];

const OTHERS_MAY_WRITE: u32 = 0o022;

/// The directories to try, in this order.
pub fn places(variables: &dyn Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let is_usable = |path: &PathBuf| path.is_absolute() && path.to_str().is_some_and(can_be_named);
    let own = variables("TMPDIR").map(PathBuf::from).filter(is_usable);
    let defaults = DEFAULT_PLACES.map(PathBuf::from);
    own.into_iter().chain(defaults).collect()
}

/// A directory with the stores.
#[derive(Debug)]
pub struct StoresDirectory {
    /// Its path.
    pub path: PathBuf,
    /// Whether other users could rename it, and put other stores in its place.
    pub is_exposed: bool,
}

/// Writes `tree`, unless one of `places` already holds it. Places where other users cannot rename the
/// directory come first: an emptyDir that containers share is writable by all, without a sticky bit.
pub fn write(tree: &Tree<'_>, places: &[PathBuf]) -> Result<StoresDirectory, Error> {
    let mut fault = Error::new(
        Code::Unwritable,
        "found no directory to write the stores to",
    );
    let (safe, exposed): (Vec<_>, Vec<_>) = places.iter().partition(|place| is_safe(place));
    let safe = safe.into_iter().map(|place| (place, false));
    for (place, is_exposed) in safe.chain(exposed.into_iter().map(|place| (place, true))) {
        match write_in(place, tree) {
            Ok(name) => {
                return Ok(StoresDirectory {
                    path: place.join(name),
                    is_exposed,
                });
            }
            Err(error) => {
                let reason = system_message(&error);
                fault = fault.hint(format!("{}: {reason}", shown_path(place)));
            }
        }
    }
    Err(fault.hint("name a directory that can be written with --out or TMPDIR; in a pod, mount an emptyDir at /tmp"))
}

/// Whether only root and this user can rename what this user has there, and every user can reach it.
fn is_safe(place: &Path) -> bool {
    const STICKY: u32 = 0o1000;
    const OTHERS_MAY_ENTER: u32 = 0o001;
    fs::metadata(place).is_ok_and(|status| {
        let is_trusted_owner = [0, geteuid().as_raw()].contains(&status.uid());
        let mode = status.mode();
        is_trusted_owner
            && (mode & OTHERS_MAY_WRITE == 0 || mode & STICKY != 0)
            && mode & OTHERS_MAY_ENTER != 0
    })
}

/// Returns the name of the directory in `place`.
fn write_in(place: &Path, tree: &Tree<'_>) -> io::Result<String> {
    let parent = open_directory(CWD, place, Links::Follow)?;
    let name = content_name(tree);
    if let Some(existing) = find_existing(&parent, &name, tree)? {
        return Ok(existing);
    }
    let _umask = Umask::cleared();
    let staging = Staging::create(&parent, place, Parent::Shared)?;
    for directory in tree.directories() {
        staging.create_directory(directory)?;
    }
    for file in &tree.files {
        staging.write(&file.path, |out| file.content.write(out))?;
    }
    let unguessable = format!("{name}-{}", random_name()?);
    for name in [name, unguessable] {
        match staging.publish_whole(&name) {
            Ok(()) => return Ok(name),
            // The name is taken: by another run at the same moment, or by something to leave alone.
            Err(_) if is_usable(&parent, &name, tree) => return Ok(name),
            Err(Errno::EXIST | Errno::NOTEMPTY | Errno::NOTDIR | Errno::PERM | Errno::ACCESS) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Errno::EXIST.into())
}

/// `trust-init-` and 16 hex digits that depend on the files alone.
fn content_name(tree: &Tree<'_>) -> String {
    let mut hash = Sha256::new();
    for file in &tree.files {
        hash.update(file.path.as_bytes());
        hash.update([0]);
        hash.update(file.content.digest().sha256.as_bytes());
    }
    format!("trust-init-{}", hex::encode(&hash.finalize()[..8]))
}

/// A usable directory with this name, or with the longer one that a run chooses if the name is taken.
fn find_existing(parent: &File, name: &str, tree: &Tree<'_>) -> io::Result<Option<String>> {
    let names = names(parent)?.into_iter();
    let names = names.filter_map(|name| name.into_string().ok());
    let found: BTreeSet<String> = names.filter(|found| found.starts_with(name)).collect();
    Ok(found
        .into_iter()
        .find(|found| is_usable(parent, found, tree)))
}

/// Whether a directory is writable by this user alone, and holds `tree`.
fn is_usable(parent: &File, name: &str, tree: &Tree<'_>) -> bool {
    let Ok(directory) = open_directory(parent, name, Links::Refuse) else {
        return false;
    };
    let is_private = directory.metadata().is_ok_and(|status| {
        status.uid() == geteuid().as_raw() && status.mode() & OTHERS_MAY_WRITE == 0
    });
    is_private
        && tree.files.iter().all(|file| {
            open_regular(&directory, &file.path, Links::Refuse).is_ok_and(|found| {
                let compared = Comparison::with(found).holds(|out| file.content.write(out));
                compared.unwrap_or(false)
            })
        })
}
