//! What sources hold at a moment.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::Inputs;
use super::files::{files_of, read_file};
use crate::error::shown_path;
use trust_stores::Fingerprint;

/// The link in the volume of a ConfigMap, a Secret or a projection that leads to what it holds. The kubelet, and
/// drivers that use its code, write a new directory and rename a new link to it over this one, so that every file
/// changes at once.
const VOLUME_DATA: &str = "..data";

/// A path that is read and can change: a file, or a directory's files.
#[derive(Clone, Debug)]
pub struct WatchedPath {
    /// The path.
    pub path: PathBuf,
    /// How much of a file is read.
    pub limit: u64,
}

/// The files that are watched, and the SHA-256 of the content of each, or none if it cannot be read.
///
/// Content decides, not modification times: those come from another machine's clock, and a file can be
/// written twice within one tick.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Snapshot(BTreeMap<PathBuf, Option<Fingerprint>>);

impl Snapshot {
    /// Reads all of `watched`.
    pub fn take(watched: &[WatchedPath]) -> Self {
        let mut snapshot = Snapshot::default();
        for WatchedPath { path, limit } in watched {
            let files = files_of(path).unwrap_or_else(|_| vec![path.clone()]);
            for file in files {
                let bytes = read_file(&file, *limit).ok();
                let hash = bytes.map(|bytes| Fingerprint::of(&bytes));
                snapshot.0.insert(file, hash);
            }
        }
        snapshot
    }

    /// Whether `inputs` have the same content. If not, a file changed between this snapshot and the
    /// time when it was read.
    pub fn matches(&self, inputs: &Inputs) -> bool {
        let mut seen: BTreeMap<String, &Option<Fingerprint>> = BTreeMap::new();
        seen.extend(self.0.iter().map(|(path, hash)| (shown_path(path), hash)));
        let mut named = inputs.sources.iter().filter(|s| s.found_by.is_none());
        named.all(|source| seen.get(&source.name) == Some(&&Some(source.sha256())))
    }

    /// The files that were added, removed or changed since `before`.
    pub fn changes_since<'a>(
        &'a self,
        before: &'a Snapshot,
    ) -> impl Iterator<Item = &'a Path> + use<'a> {
        let new = self.0.iter();
        let new = new.filter(|(path, hash)| before.0.get(*path) != Some(*hash));
        let old = before.0.keys();
        let old = old.filter(|path| !self.0.contains_key(*path));
        new.map(|(path, _)| path.as_path())
            .chain(old.map(PathBuf::as_path))
    }

    /// Whether something has changed since `before`, and all of it in volumes that have been swapped: then it is
    /// whole, and nothing more is to come.
    pub fn is_swap_of(&self, before: &Snapshot) -> bool {
        let mut changed = self.changes_since(before).peekable();
        let is_readable = |path: &Path| self.0.get(path) != Some(&None);
        changed.peek().is_some()
            && changed.all(|path| is_readable(path) && is_in_whole_volume(path))
    }
}

/// Whether `path` is in a volume with a link for each file that it holds. After the kubelet has swapped the data, it
/// adds the links of new files, and removes those that lead nowhere now.
fn is_in_whole_volume(path: &Path) -> bool {
    let mut directories = path.ancestors();
    let Some(volume) = directories.find(|directory| directory.join(VOLUME_DATA).is_symlink())
    else {
        return false;
    };
    let Ok(mut files) = fs::read_dir(volume.join(VOLUME_DATA)) else {
        return false;
    };
    files.all(|file| file.is_ok_and(|file| volume.join(file.file_name()).exists()))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use super::{Snapshot, WatchedPath};

    fn look(path: &Path) -> Snapshot {
        Snapshot::take(&[WatchedPath {
            path: path.to_owned(),
            limit: 100,
        }])
    }

    /// The first two steps of the kubelet: the files in a new directory, and the link to it renamed.
    fn swap(volume: &Path, name: &str, files: &[(&str, &str)]) {
        let directory = volume.join(name);
        fs::create_dir_all(&directory).unwrap();
        for (file, content) in files {
            fs::write(directory.join(file), content).unwrap();
        }
        symlink(name, volume.join("..data_tmp")).unwrap();
        fs::rename(volume.join("..data_tmp"), volume.join("..data")).unwrap();
    }

    fn link(volume: &Path, file: &str) {
        symlink(Path::new("..data").join(file), volume.join(file)).unwrap();
    }

    #[test]
    fn a_volume_is_swapped_when_its_links_are_those_of_its_files() {
        let directory = tempfile::tempdir().unwrap();
        let volume = directory.path();
        swap(volume, "..1", &[("a", "one"), ("b", "two")]);
        link(volume, "a");
        link(volume, "b");
        let before = look(volume);
        assert!(!look(volume).is_swap_of(&before), "nothing has changed");
        swap(volume, "..2", &[("a", "three"), ("b", "two")]);
        assert!(look(volume).is_swap_of(&before));
        let file = look(&volume.join("a"));
        swap(volume, "..2b", &[("a", "three and a half"), ("b", "two")]);
        assert!(look(&volume.join("a")).is_swap_of(&file));

        swap(volume, "..3", &[("a", "four"), ("b", "two"), ("c", "new")]);
        assert!(!look(volume).is_swap_of(&before), "a link is missing");
        link(volume, "c");
        assert!(look(volume).is_swap_of(&before));

        swap(volume, "..4", &[("a", "five"), ("c", "new")]);
        assert!(!look(volume).is_swap_of(&before), "a link leads nowhere");
        fs::remove_file(volume.join("b")).unwrap();
        assert!(look(volume).is_swap_of(&before));
    }

    #[test]
    fn a_file_that_a_volume_does_not_hold_is_no_swap() {
        let directory = tempfile::tempdir().unwrap();
        let volume = directory.path().join("volume");
        let file = directory.path().join("file");
        let look = || {
            Snapshot::take(&[&volume, &file].map(|path| WatchedPath {
                path: path.clone(),
                limit: 100,
            }))
        };
        swap(&volume, "..1", &[("a", "one")]);
        link(&volume, "a");
        fs::write(&file, "half").unwrap();
        let before = look();
        fs::write(&file, "whole").unwrap();
        assert!(!look().is_swap_of(&before));
        swap(&volume, "..2", &[("a", "two")]);
        assert!(!look().is_swap_of(&before), "both have changed");
    }
}
