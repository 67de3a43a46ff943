//! What a run changes: staged, then renamed into place.

use super::Target;
use crate::error::Error;
use crate::layout::{File, Tree, is_hashed};
use crate::sys::Staging;
use trust_stores::hashed_directory;

/// What differs between the output directory and the tree that a run writes.
pub(super) struct Changes {
    /// What is missing or different.
    tree: Tree,
    /// For each file of a hashed directory that is replaced: one with the old certificates and the
    /// new ones.
    unions: Vec<File>,
}

impl Changes {
    /// Compares what is in `target` with `tree`.
    pub(super) fn between(target: &Target<'_>, tree: &Tree) -> Self {
        let files = tree.files.iter().filter(|file| !target.holds(file));
        let links = tree.links.iter().filter(|link| !target.holds_link(link));
        let tree = Tree {
            files: files.cloned().collect(),
            links: links.copied().collect(),
        };
        let hashed = tree.files.iter().filter(|file| file.is_hashed());
        let unions = hashed
            .filter_map(|file| {
                // No build writes a link there, and a file that cannot be read is of no use to anyone.
                let old = target.content(&file.path).ok()??;
                let union = hashed_directory::transitional(&old, &file.content)?;
                Some(File::new(file.path.as_str(), union, 0))
            })
            .collect();
        Changes { tree, unions }
    }

    /// Whether nothing differs.
    pub(super) fn is_empty(&self) -> bool {
        self.tree.paths().next().is_none()
    }

    /// The paths of all that differs, sorted.
    pub(super) fn paths(&self) -> Vec<String> {
        let mut paths: Vec<String> = self.tree.paths().map(str::to_owned).collect();
        paths.sort_unstable();
        paths
    }

    /// Writes everything into `staging`, at the same paths.
    pub(super) fn stage(&self, staging: &Staging<'_>, target: &Target<'_>) -> Result<(), Error> {
        for directory in self.tree.directories() {
            staging
                .create_directory(directory)
                .map_err(|error| target.error(directory, error))?;
        }
        let files = self.tree.files.iter().map(|file| (file.path.clone(), file));
        let unions = self
            .unions
            .iter()
            .map(|file| (staged_union(&file.path), file));
        for (staged, file) in files.chain(unions) {
            staging
                .write(&staged, &file.content)
                .map_err(|error| target.error(&file.path, error))?;
        }
        for link in &self.tree.links {
            staging
                .link(link.target, link.path)
                .map_err(|error| target.error(link.path, error))?;
        }
        Ok(())
    }

    /// Adds the manifest.
    pub(super) fn stage_manifest(
        &mut self,
        manifest: &File,
        staging: &Staging<'_>,
        target: &Target<'_>,
    ) -> Result<(), Error> {
        staging
            .write(&manifest.path, &manifest.content)
            .map_err(|error| target.error(&manifest.path, error))?;
        self.tree.files.push(manifest.clone());
        Ok(())
    }

    /// Renames everything from `staging` into place: new directories as a whole, then files and links
    /// one by one.
    ///
    /// A hashed directory is many files, and no rename replaces them all at once. So it gains
    /// everything new before it loses anything old: first the files under new names, then the unions
    /// in place of the files that change, then the new files. Up to the last union it holds no less
    /// than the old set, and from then on no less than the new one, whatever ends the run, and even
    /// where many CAs have new keys under their old names.
    pub(super) fn publish(&self, staging: &Staging<'_>, target: &Target<'_>) -> Result<(), Error> {
        let rename = |staged: &str, path: &str| match target.parent(path) {
            Some((parent, name)) => staging
                .publish(staged, parent, name)
                .map_err(|error| target.error(path, error)),
            // It has gone along with its directory.
            None => Ok(()),
        };
        let is_new = |directory: &&str| !target.existing.contains_key(directory);
        for directory in self.tree.directories().filter(is_new) {
            rename(directory, directory)?;
        }
        let (gained, others): (Vec<_>, Vec<_>) = self
            .tree
            .paths()
            .partition(|path| is_hashed(path) && matches!(target.kind(path), Ok(None)));
        for path in gained {
            rename(path, path)?;
        }
        for union in &self.unions {
            rename(&staged_union(&union.path), &union.path)?;
        }
        for path in others {
            rename(path, path)?;
        }
        // Left are the directories whose files were renamed one by one.
        let directories: Vec<_> = self.tree.directories().collect();
        for directory in directories.iter().rev().filter(|path| !is_new(path)) {
            staging.remove_empty(directory);
        }
        Ok(())
    }
}

/// Where the union for `path` is staged.
fn staged_union(path: &str) -> String {
    format!("{path}.union")
}
