//! Puts a [`Tree`] in place so that readers always see the complete old set or the complete new one.
//!
//! 1. One run at a time: the output directory itself is locked (flock), with a time limit.
//! 2. Files that are already there, byte for byte and as a run writes them, are left alone. A rename
//!    over a file makes ext4 flush it, and a build that changes nothing should cost nothing.
//! 3. All others are encoded into a staging directory next to the stores, never inside `os/`, where Go
//!    reads every file: those of hashed directories by one thread, and at the same time the others by a
//!    second. The first then encodes the manifest, whose end waits for the second. Staging directories of
//!    dead runs are removed first.
//! 4. A new directory is renamed as a whole; into an existing one, files are renamed one by one. Either
//!    is atomic. A hashed directory gains everything new before it loses anything old.
//! 5. Stores left over from an earlier build are deleted last, because clients would keep trusting
//!    them.
//!
//! No store is in memory as a whole: it is encoded for the comparison up to the first difference, and again
//! for step 3. A failure before step 4 leaves the old tree as it was. Links are never followed below the output
//! directory. Modes do not depend on the umask. Nothing is flushed to disk unless `--sync` asks for
//! it: an emptyDir is deleted with its pod.

pub mod content_addressed;
pub mod default_directory;
mod directory;
mod publish;
mod stale;
mod target;
pub mod watch_lock;

use std::fs;
use std::path::Path;
use std::time::Duration;

pub use self::directory::OutputDirectory;
use self::publish::Changes;
use self::target::Target;
use crate::error::Error;
use crate::layout::{Manifest, Tree};
use crate::sys::{Umask, flush};

/// How long a run without `--lock-timeout` waits for another one that writes to the same directory.
pub const DEFAULT_LOCK_TIMEOUT: Duration = Duration::from_mins(1);

/// How to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How long to wait for another run in the same directory.
    pub lock_timeout: Duration,
    /// Whether to flush the file system once at the end.
    pub sync: bool,
}

/// What a run changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Written<'t> {
    /// Paths that were written, sorted. All others of the tree already held the same bytes.
    pub written: Vec<&'t str>,
    /// Paths that were left over from an earlier build, and deleted.
    pub removed: Vec<String>,
    /// Whether the file system could lock the directory.
    pub is_locked: bool,
}

/// Writes `tree` and its manifest under `out`, which is created if it does not exist, and removed
/// again if that fails.
pub fn write<'t>(
    tree: &'t Tree<'t>,
    manifest: &dyn Manifest,
    out: &Path,
    options: Options,
) -> Result<Written<'t>, Error> {
    let _umask = Umask::cleared();
    let is_new = fs::symlink_metadata(out).is_err();
    let written = write_in_turn(tree, manifest, out, options);
    if written.is_err() && is_new {
        // This fails if another run has written there in the meantime, as it should.
        let _ = fs::remove_dir(out);
    }
    written
}

/// Waits for the lock, and writes. Where there are no locks, another run may rename or remove what this one
/// has seen, so a failure there is tried again.
fn write_in_turn<'t>(
    tree: &'t Tree<'t>,
    manifest: &dyn Manifest,
    out: &Path,
    options: Options,
) -> Result<Written<'t>, Error> {
    const ATTEMPTS_WITHOUT_LOCK: usize = 5;
    let output = OutputDirectory::open(out, options.lock_timeout)?;
    if !output.is_locked {
        for _ in 1..ATTEMPTS_WITHOUT_LOCK {
            if let Ok(written) = write_under(tree, manifest, &output, options) {
                return Ok(written);
            }
        }
    }
    write_under(tree, manifest, &output, options)
}

fn write_under<'t>(
    tree: &'t Tree<'t>,
    manifest: &dyn Manifest,
    output: &OutputDirectory<'_>,
    options: Options,
) -> Result<Written<'t>, Error> {
    let target = Target::open(output, tree)?;
    let mut changes = Changes::between(&target, tree);
    if !changes.is_empty() || !target.holds_manifest(manifest, &|| true) {
        let staging = output.stage()?;
        changes.stage(manifest, &staging, &target)?;
        changes.publish(&staging, &target)?;
    }
    let removed = target.remove_stale(tree)?;
    if options.sync {
        flush(&output.directory).map_err(|error| target.error("", error))?;
    }
    Ok(Written {
        written: changes.into_paths(),
        removed,
        is_locked: output.is_locked,
    })
}
