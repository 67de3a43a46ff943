//! What a run changes: staged, then renamed into place.

use std::convert::Infallible;
use std::fs;
use std::io::{self, Write as _};

use super::Target;
use crate::error::Error;
use crate::layout::{File, Link, MANIFEST, Manifest, Tree, directories_of, is_hashed};
use crate::sys::{FILE_MODE, Staging, side_by_side};
use trust_stores::{BlockWriter, hashed_directory};

/// What differs between the output directory and the tree that a run writes.
pub(super) struct Changes<'t> {
    /// The files of hashed directories that are missing or different.
    hashed: Vec<&'t File<'t>>,
    /// All other files that are.
    others: Vec<&'t File<'t>>,
    links: Vec<Link>,
    /// Whether the manifest has been staged, because it is.
    has_manifest: bool,
    /// For each file of a hashed directory that is replaced: its path, and the old certificates and the
    /// new ones.
    unions: Vec<(&'t str, Vec<u8>)>,
}

impl<'t> Changes<'t> {
    /// Compares what is in `target` with `tree`.
    pub(super) fn between(target: &Target<'_>, tree: &'t Tree<'t>) -> Self {
        let (hashed, others): (Vec<_>, Vec<_>) =
            tree.files.iter().partition(|file| file.is_hashed());
        let differing = |files: &[&'t File<'t>]| -> Vec<&'t File<'t>> {
            let files = files.iter().copied();
            files.filter(|file| !target.holds(file)).collect()
        };
        let (hashed, others) = if target.existing.is_empty() {
            (hashed, differing(&others))
        } else {
            let second = || Ok::<_, Infallible>(differing(&others));
            let (hashed, Ok(others)) = side_by_side(|_| differing(&hashed), second);
            (hashed, others)
        };
        let unions = hashed.iter().filter_map(|file| {
            // No build writes a link there, and a file that cannot be read is of no use to anyone.
            let old = target.content(&file.path).ok()??;
            let union = hashed_directory::transitional(&old, &file.content.bytes())?;
            Some((file.path.as_str(), union))
        });
        let links = tree.links.iter().filter(|link| !target.holds_link(link));
        Changes {
            unions: unions.collect(),
            links: links.copied().collect(),
            has_manifest: false,
            hashed,
            others,
        }
    }

    /// Whether nothing differs.
    pub(super) fn is_empty(&self) -> bool {
        self.paths().next().is_none()
    }

    /// The paths of all that differs, in the order in which they are renamed into place.
    fn paths(&self) -> impl Iterator<Item = &'t str> + Clone + use<'_, 't> {
        let links = self.links.iter().map(|link| link.path);
        let files = self.hashed.iter().chain(&self.others);
        links
            .chain(files.map(|file| file.path.as_str()))
            .chain(self.has_manifest.then_some(MANIFEST))
    }

    /// The paths of all that differs, sorted.
    pub(super) fn into_paths(self) -> Vec<&'t str> {
        let mut paths: Vec<&str> = self.paths().collect();
        paths.sort_unstable();
        paths
    }

    /// Encodes everything into `staging`, at the same paths; the manifest too, unless `target` holds it.
    ///
    /// Creating the thousands of files of a hashed directory takes about as long as encoding and hashing the
    /// stores, so each is done by a thread of its own. The manifest takes less.
    pub(super) fn stage(
        &mut self,
        manifest: &dyn Manifest,
        staging: &Staging<'_>,
        target: &Target<'_>,
    ) -> Result<(), Error> {
        for directory in directories_of(self.paths()) {
            staging
                .create_directory(directory)
                .map_err(|error| target.error(directory, error))?;
        }
        for link in &self.links {
            staging
                .link(link.target, link.path)
                .map_err(|error| target.error(link.path, error))?;
        }
        let hashed_and_manifest = |wait: &dyn Fn() -> bool| {
            stage_files(&self.hashed, staging, target)?;
            stage_unions(&self.unions, staging, target)?;
            Ok::<_, Error>(stage_manifest(manifest, wait, staging, target))
        };
        let others = || stage_files(&by_content(&self.others), staging, target);
        let (hashed, others) = side_by_side(hashed_and_manifest, others);
        let manifest = hashed?;
        others?;
        self.has_manifest = manifest?;
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
        for directory in directories_of(self.paths()).filter(is_new) {
            rename(directory, directory)?;
        }
        let (gained, others): (Vec<_>, Vec<_>) = self
            .paths()
            .partition(|path| is_hashed(path) && matches!(target.kind(path), Ok(None)));
        for path in gained {
            rename(path, path)?;
        }
        for (path, _) in &self.unions {
            rename(&staged_union(path), path)?;
        }
        for path in others {
            rename(path, path)?;
        }
        // Left are the directories whose files were renamed one by one.
        let directories: Vec<_> = directories_of(self.paths()).collect();
        for directory in directories.iter().rev().filter(|path| !is_new(path)) {
            staging.remove_empty(directory);
        }
        Ok(())
    }
}

/// Stages `files`. Those next to each other with the same content are encoded once.
fn stage_files(
    files: &[&File<'_>],
    staging: &Staging<'_>,
    target: &Target<'_>,
) -> Result<(), Error> {
    let mut alike = files.chunk_by(|one, next| one.is_copy_of(next));
    alike.try_for_each(|files| match files {
        [file] => staging
            .write(&file.path, |out| file.content.write(out))
            .map_err(|error| target.error(&file.path, error)),
        copies => stage_copies(copies, staging, target),
    })
}

fn stage_copies(
    files: &[&File<'_>],
    staging: &Staging<'_>,
    target: &Target<'_>,
) -> Result<(), Error> {
    let mut copies = Copies::default();
    for file in files {
        let created = staging.create_file(&file.path, FILE_MODE);
        let created = created.map_err(|error| target.error(&file.path, error))?;
        copies.files.push((&file.path, created));
    }
    let Some(file) = files.first() else {
        return Ok(());
    };
    let written = file.content.write(&mut copies);
    written.map_err(|error| target.error(copies.failed.unwrap_or(&file.path), error))
}

/// Writes the same to several files.
#[derive(Default)]
struct Copies<'p> {
    files: Vec<(&'p str, fs::File)>,
    /// The path of the one that could not be written.
    failed: Option<&'p str>,
}

impl io::Write for Copies<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for (path, file) in &mut self.files {
            if let Err(error) = file.write_all(bytes) {
                self.failed = Some(path);
                return Err(error);
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// `files` with those of the same content next to each other.
fn by_content<'f>(files: &[&'f File<'f>]) -> Vec<&'f File<'f>> {
    let mut sorted = files.to_vec();
    let first = |file: &File<'_>| files.iter().position(|other| other.is_copy_of(file));
    sorted.sort_by_key(|file| first(file));
    sorted
}

fn stage_unions(
    unions: &[(&str, Vec<u8>)],
    staging: &Staging<'_>,
    target: &Target<'_>,
) -> Result<(), Error> {
    unions.iter().try_for_each(|(path, union)| {
        staging
            .write(&staged_union(path), |out| out.write_all(union))
            .map_err(|error| target.error(path, error))
    })
}

/// Stages the manifest unless `target` holds it; gives whether it did. `wait` waits for the other thread's
/// files, whose digests it has, and tells whether they are staged.
fn stage_manifest(
    manifest: &dyn Manifest,
    wait: &dyn Fn() -> bool,
    staging: &Staging<'_>,
    target: &Target<'_>,
) -> Result<bool, Error> {
    if target.holds_manifest(manifest, wait) {
        return Ok(false);
    }
    staging
        .write(MANIFEST, |out| encode_manifest(manifest, wait, out))
        .map_err(|error| target.error(MANIFEST, error))?;
    Ok(true)
}

fn encode_manifest(
    manifest: &dyn Manifest,
    wait: &dyn Fn() -> bool,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut wait = || {
        // Never shown: the failure that was waited for is.
        let failure = || io::Error::other("other files could not be written");
        wait().then_some(()).ok_or_else(failure)
    };
    BlockWriter::write_to(out, |out| manifest.write(out, &mut wait))
}

impl Target<'_> {
    /// Whether `manifest` is already there, as [`Target::holds`] tells it of other files.
    pub(super) fn holds_manifest(&self, manifest: &dyn Manifest, wait: &dyn Fn() -> bool) -> bool {
        self.holds_at(MANIFEST, |out| encode_manifest(manifest, wait, out))
    }
}

/// Where the union for `path` is staged.
fn staged_union(path: &str) -> String {
    format!("{path}.union")
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::io::Write as _;

    use super::Copies;

    #[test]
    fn each_copy_gets_everything_and_the_one_that_fails_is_known() {
        let directory = tempfile::tempdir().unwrap();
        let paths = ["a", "b"].map(|name| directory.path().join(name));
        let mut copies = Copies::default();
        for (name, path) in ["a", "b"].into_iter().zip(&paths) {
            copies.files.push((name, File::create(path).unwrap()));
        }
        copies.write_all(b"some ").unwrap();
        copies.write_all(b"bytes").unwrap();
        for path in paths {
            assert_eq!(fs::read(path).unwrap(), b"some bytes");
        }
        let full = File::options().write(true).open("/dev/full").unwrap();
        copies.files.push(("full", full));
        assert!(copies.failed.is_none() && copies.write_all(b"more").is_err());
        assert_eq!(copies.failed, Some("full"));
    }
}
