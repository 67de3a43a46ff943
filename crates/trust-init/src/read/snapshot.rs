//! What sources hold at a moment.

use std::path::PathBuf;

use super::Inputs;
use super::files::{files_of, read_file};
use crate::error::shown_path;
use trust_stores::Fingerprint;

/// A path that is read and can change: a file, or a directory's files.
#[derive(Clone, Debug)]
pub struct WatchedPath {
    /// The path.
    pub path: PathBuf,
    /// How much of a file is read.
    pub limit: u64,
}

/// The files that are watched: the name of each in messages, and the SHA-256 of its content, or none
/// if it cannot be read.
///
/// Content decides, not modification times: those come from another machine's clock, and a file can be
/// written twice within one tick.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Snapshot(Vec<(String, Option<Fingerprint>)>);

impl Snapshot {
    /// Reads all of `watched`.
    pub fn take(watched: &[WatchedPath]) -> Self {
        let mut snapshot = Snapshot::default();
        for WatchedPath { path, limit } in watched {
            let files = files_of(path).unwrap_or_else(|_| vec![path.clone()]);
            for file in files {
                let bytes = read_file(&file, *limit).ok();
                let hash = bytes.map(|bytes| Fingerprint::of(&bytes));
                snapshot.0.push((shown_path(&file), hash));
            }
        }
        snapshot
    }

    /// Whether `inputs` have the same content. If not, a file changed between this snapshot and the
    /// time when it was read.
    pub fn matches(&self, inputs: &Inputs) -> bool {
        let mut named = inputs.sources.iter().filter(|s| s.found_by.is_none());
        named.all(|source| self.0.contains(&(source.name.clone(), Some(source.sha256))))
    }

    /// The names of the files that were added, removed or changed since `before`.
    pub fn changes_since<'a>(&'a self, before: &'a Snapshot) -> Vec<&'a str> {
        let new = self.0.iter().filter(|file| !before.0.contains(file));
        let old = before.0.iter().filter(|file| !self.0.contains(file));
        let mut names: Vec<&str> = new.chain(old).map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}
