//! Log lines about what was written, and about what changed since the build before.

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::path::Path;

use super::Log;
use crate::error::{Code, Error, shown_path};
use crate::layout::{self, Tree};
use crate::report::tally::MAX_LINES;
use crate::report::text::count;
use trust_stores::{Fingerprint, Judgement, Store, StoreSet};

/// A certificate that is in a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedCertificate {
    fingerprint: Fingerprint,
    stores: StoreSet,
    subject: String,
}

impl TrustedCertificate {
    /// Every certificate that is in a store, by fingerprint.
    pub fn all_of(judgement: &Judgement) -> Vec<Self> {
        let entries = judgement.sections.iter();
        let in_stores = entries.filter(|entry| !entry.stores.is_empty());
        let mut all: Vec<Self> = in_stores
            .filter_map(|entry| {
                let certificate = entry.certificate.as_ref()?;
                Some(TrustedCertificate {
                    fingerprint: certificate.fingerprint(),
                    stores: entry.stores,
                    subject: certificate.subject().to_string(),
                })
            })
            .collect();
        all.sort_unstable_by_key(|one| one.fingerprint);
        all
    }
}

impl Log {
    /// Reports the paths of `tree`, and the manifest, that are in `written`: a line for each file, one for a hashed directory.
    /// The others already had the right bytes, and are only counted.
    pub fn stores_written(&mut self, out: &Path, tree: &Tree<'_>, written: &[&str]) {
        let (hashed, single): (Vec<_>, Vec<_>) = tree.files.iter().partition(|f| f.is_hashed());
        let mut directories: BTreeMap<&str, HashedDirectory> = BTreeMap::new();
        for file in hashed {
            let hashed = directories.entry(directory_of(&file.path)).or_default();
            hashed.files += 1;
            hashed.certificates += file.content.certificates();
        }
        for path in written.iter().filter(|path| layout::is_hashed(path)) {
            directories.entry(directory_of(path)).or_default().written += 1;
        }
        for (directory, hashed) in directories {
            if hashed.written > 0 {
                let name = shown_path(&out.join(directory).join("HASH.0"));
                self.info(&format!("wrote {name}: {hashed}"));
            }
        }
        let single = single
            .iter()
            .map(|file| (file.path.as_str(), file.content.certificates()));
        let single = single.chain([(layout::MANIFEST, 0)]);
        for (path, certificates) in single.filter(|(path, _)| written.binary_search(path).is_ok()) {
            let name = shown_path(&out.join(path));
            let holds = match certificates {
                0 => String::new(),
                certificates => format!(": {}", count(certificates, "certificate")),
            };
            self.info(&format!("wrote {name}{holds}"));
        }
        // The manifest is one more.
        let unchanged = (tree.paths().count() + 1).saturating_sub(written.len());
        if unchanged > 0 {
            let files = count(unchanged, "file");
            let out = shown_path(out);
            self.info(&format!("left {files} in {out} unchanged"));
        }
    }

    /// Warns about each of `stores` that is not written because nothing is left for it, and says what that
    /// means for its clients: no variable names the store, so they have what they had.
    pub fn stores_empty(&mut self, stores: StoreSet) {
        for store in stores.iter() {
            let clients = match store {
                Store::Os => "OpenSSL, curl and git keep their own roots",
                Store::Java => "JVMs keep their own roots",
                Store::Python => "Python's libraries keep their own roots",
                Store::Custom => "Node.js keeps its own roots",
            };
            let message = format!(
                "no certificate is left for this store, so it is not written: {clients}, without the \
                 customer's CAs"
            );
            let fault = Error::new(Code::StoreEmpty, message).at(store.name());
            self.warning(&fault.hint("the lines above name what was left out and why"));
        }
    }

    /// Reports files of an earlier build that this one removed; one line for a hashed directory. In a directory
    /// that `tree` still has, they are certificates that are no longer in the sources, and a rotation ends so.
    /// A whole store that is gone is a warning, because its clients now have what they had before.
    pub fn leftovers_removed(&mut self, out: &Path, tree: &Tree<'_>, paths: &[String]) {
        let hashed_in = |directory: &str| {
            let mut hashed = tree.files.iter().filter(|file| file.is_hashed());
            hashed.any(|file| directory_of(&file.path) == directory)
        };
        let removed = |path: &Path, what: &str| {
            let message = format!("removed {what} left over from an earlier build");
            Error::new(Code::Stale, message).at(shown_path(&out.join(path)))
        };
        let (hashed, single): (Vec<_>, Vec<_>) =
            paths.iter().partition(|path| layout::is_hashed(path));
        let mut directories: BTreeMap<&str, usize> = BTreeMap::new();
        for path in hashed {
            *directories.entry(directory_of(path)).or_default() += 1;
        }
        for (directory, files) in directories {
            let path = Path::new(directory).join("HASH.N");
            let fact = removed(&path, &count(files, "file"));
            if hashed_in(directory) {
                self.note(&fact);
            } else {
                self.warning(&fact);
            }
        }
        for path in single {
            self.warning(&removed(Path::new(path), "a file"));
        }
    }

    /// Names the sources that made another build necessary.
    pub fn sources_changed(&mut self, names: &[String]) {
        self.list("changed:", names);
    }

    /// Names what was added and removed between two builds.
    pub fn stores_changed(&mut self, old: &[TrustedCertificate], new: &[TrustedCertificate]) {
        self.list("added to", &missing_from(old, new));
        self.list("removed from", &missing_from(new, old));
    }

    /// A line for each of `things`, up to [`MAX_LINES`].
    fn list(&mut self, what: &str, things: &[impl Display]) {
        for thing in things.iter().take(MAX_LINES) {
            self.info(&format!("{what} {thing}"));
        }
        let more = things.len().saturating_sub(MAX_LINES);
        if more > 0 {
            self.info(&format!("{what} … {more} more, not shown"));
        }
    }
}

/// What `new` has in a store and `old` does not, a line each.
fn missing_from(old: &[TrustedCertificate], new: &[TrustedCertificate]) -> Vec<String> {
    let line = |one: &TrustedCertificate| {
        let before = old.binary_search_by_key(&one.fingerprint, |known| known.fingerprint);
        let before = before.map_or(StoreSet::NONE, |index| old[index].stores);
        let stores = one.stores - before;
        let TrustedCertificate {
            fingerprint,
            subject,
            ..
        } = one;
        (!stores.is_empty()).then(|| format!("{stores}: {subject} ({fingerprint})"))
    };
    new.iter().filter_map(line).collect()
}

fn directory_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// How a hashed directory is summed up in one line.
#[derive(Default)]
struct HashedDirectory {
    files: usize,
    written: usize,
    certificates: usize,
}

impl Display for HashedDirectory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.written < self.files {
            write!(f, "{} of ", self.written)?;
        }
        let files = count(self.files, "file");
        write!(f, "{files}, {}", count(self.certificates, "certificate"))
    }
}
