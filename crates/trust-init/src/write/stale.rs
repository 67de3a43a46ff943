//! Deletes what an earlier build wrote and this one did not, because clients would keep trusting it.

use std::collections::BTreeSet;
use std::io;

use rustix::fs::{AtFlags, FileType, unlinkat};
use rustix::io::Errno;

use super::Target;
use crate::error::Error;
use crate::layout::{MANIFEST, Tree, is_output_path};
use crate::sys::names;

impl Target<'_> {
    /// Deletes every output file that is not in `tree`, and directories that are then empty. Returns
    /// the files' paths, sorted.
    pub(super) fn remove_stale(&self, tree: &Tree<'_>) -> Result<Vec<String>, Error> {
        let mut removed = Vec::new();
        for (directory, opened) in self.directories() {
            // Not all of the tree: the thousands of files of a directory that this run has created are never
            // looked up.
            let wanted = tree.paths().chain([MANIFEST]);
            let wanted: BTreeSet<&str> = wanted.filter(|path| is_in(directory, path)).collect();
            let names = names(opened).map_err(|error| self.error(directory, error))?;
            for name in names.iter().filter_map(|name| name.to_str()) {
                let path = if directory.is_empty() {
                    name.to_owned()
                } else {
                    format!("{directory}/{name}")
                };
                if !is_output_path(&path) || wanted.contains(path.as_str()) {
                    continue;
                }
                match self
                    .kind(&path)
                    .map_err(|error| self.still_trusted(&path, error))?
                {
                    // A directory with the name of a store was not written by a build, and what is gone was
                    // removed by another run, where none can be locked out.
                    None | Some(FileType::Directory) => {}
                    Some(_) => match unlinkat(opened, name, AtFlags::empty()) {
                        Ok(()) => removed.push(path),
                        Err(Errno::NOENT) => {}
                        Err(error) => return Err(self.still_trusted(&path, error)),
                    },
                }
            }
        }
        let needed: Vec<_> = tree.directories().collect();
        for directory in self.existing.keys().rev() {
            if !needed.contains(directory) {
                // This fails for a mount point, and where it has files that no build writes.
                let _ = unlinkat(self.root, *directory, AtFlags::REMOVEDIR);
            }
        }
        removed.sort_unstable();
        Ok(removed)
    }

    /// The error that a store of an earlier build cannot be removed.
    fn still_trusted(&self, path: &str, error: impl Into<io::Error>) -> Error {
        self.error(path, error).hint(
            "remove it: an earlier build wrote it, and clients that read it keep trusting what is in it",
        )
    }
}

/// Whether `path` is that of a file in `directory` itself, which is empty for the output directory.
fn is_in(directory: &str, path: &str) -> bool {
    path.rsplit_once('/').map_or("", |(parent, _)| parent) == directory
}
