//! Reads the sources that a plan names. Each is read once: the bytes that are hashed are the bytes that
//! are parsed.
//!
//! A customer's source that cannot be read fails the run. A base that cannot be read is skipped with a
//! warning, because it must never keep a pod from starting.

mod companions;
mod customer;
mod directory;
mod files;
mod snapshot;
#[cfg_attr(not(target_os = "linux"), path = "interval.rs")]
mod watcher;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

pub use self::customer::{Absent, AbsentKind, CustomerSources, Presence, SizeLimit};
pub use self::directory::{PassedOver, PassedOverKind, PasswordFile};
pub(crate) use self::files::{is_descriptor, open_file, read_file};
pub use self::files::{password, wait};
pub use self::snapshot::{Snapshot, WatchedPath};
pub use self::watcher::Watcher;

use self::directory::{SortedDirectory, SourceFile};
use self::files::{Found, look};
use crate::error::{Code, Error, Errors, shown_path};
use crate::image::{self, Image};
use crate::sys::MAX_STORE_SIZE;
use trust_stores::{DerivationBudget, Fingerprint, Password, Rule, SourceRole, StoreSet};

/// A source that a plan names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A file, or a directory whose files are read.
    Path(PathBuf),
    /// `-`.
    StandardInput,
}

/// A base that a plan names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// The embedded Mozilla roots.
    Mozilla,
    /// A file, or a directory whose files are read.
    Path(PathBuf),
}

/// The bytes of a source, and where they came from.
#[derive(Debug)]
pub struct Source {
    /// Its name in messages; escaped.
    pub name: String,
    /// The last part of its path, which goes into `caBundleHash`.
    pub base_name: Vec<u8>,
    /// Whether it is the customer's or a base.
    pub role: SourceRole,
    /// How it was found, if the plan does not name it: a variable, or the kind of place.
    pub found_by: Option<&'static str>,
    /// Its password, if a variable gave one with it.
    pub password: Option<Password>,
    /// The passwords next to it in its directory.
    pub passwords: Vec<PasswordFile>,
    /// The directory that was read, if it was found in one; escaped.
    pub directory: Option<String>,
    /// Its content, until it is decoded.
    pub bytes: Vec<u8>,
    /// How many bytes it has.
    pub size: usize,
    /// SHA-256 of the content, once it was asked for.
    sha256: OnceLock<Fingerprint>,
}

/// Everything that was read, and what was wrong with it.
#[derive(Debug, Default)]
pub struct Inputs {
    /// The customer's sources that a rule refuses before they are decoded.
    pub refused: Vec<Error>,
    /// The customer's sources, then the bases that are files.
    pub sources: Vec<Source>,
    /// Warnings: bases that were skipped, sources over the limit where that is tolerated.
    pub warnings: Vec<Error>,
    /// What was not read in the directories.
    pub passed_over: Vec<PassedOver>,
    /// The customer's optional sources that are not there.
    pub absent: Vec<Absent>,
    /// The hash of standard input without the newline at its end, if it has one.
    stdin_without_newline: Option<Fingerprint>,
}

/// Reads all sources. Every customer source that cannot be read is reported, not only the first.
///
/// In an image, it looks for the stores that the given outputs need. What it takes to open them there comes out of
/// `budget`.
pub fn read(
    customer: CustomerSources<'_>,
    bases: &[Base],
    image: Option<(&Image, StoreSet)>,
    budget: &DerivationBudget,
) -> Result<Inputs, Errors> {
    let mut inputs = Inputs::default();
    let mut faults = Vec::new();
    for location in customer.locations {
        faults.extend(inputs.customer(location, customer));
    }
    if let Some((image, _)) = image {
        faults.extend(fs::read_dir(&image.root).err().map(|error| {
            let mut fault = Error::unreadable(&image.root, &error);
            fault.message.insert_str(0, "named by --root: ");
            fault
        }));
    }
    if !faults.is_empty() {
        faults.append(&mut inputs.refused);
    }
    Errors::check(faults)?;
    // Sources that were not read completely have no hash.
    if inputs.refused.is_empty() {
        inputs.refused.extend(inputs.mismatch(customer.expected));
    }
    for base in bases {
        match base {
            // Not read: it is part of this program.
            Base::Mozilla => {}
            Base::Path(path) => inputs.base(path, customer.password_files),
        }
    }
    if let Some((image, wanted)) = image {
        inputs.image(image, wanted & StoreSet::MERGED, budget);
    }
    Ok(inputs)
}

impl Inputs {
    /// SHA-256 of the customer's sources: of one, what `sha256sum` prints for it; of several, the SHA-256
    /// of the lines that `sha256sum` prints for them, with base names, sorted. None without a customer
    /// source.
    pub fn ca_bundle_hash(&self) -> Option<Fingerprint> {
        let mut customer = self.sources.iter().filter(|s| s.role.is_customer());
        let first = customer.next()?;
        let mut lines = vec![sha256sum_line(first)];
        lines.extend(customer.map(sha256sum_line));
        if lines.len() == 1 {
            return Some(first.sha256());
        }
        lines.sort_unstable();
        Some(Fingerprint::of(&lines.concat()))
    }

    /// If the customer's only source is standard input and ends in a newline, the hash without it: `yq`, `jq -r`
    /// and `echo` add one to what a ConfigMap, a Secret or a chart's values have.
    pub fn hash_without_newline(&self) -> Option<Fingerprint> {
        let mut customer = self.sources.iter().filter(|s| s.role.is_customer());
        let _only = customer.next()?;
        self.stdin_without_newline
            .filter(|_| customer.next().is_none())
    }

    fn mismatch(&self, expected: Option<Fingerprint>) -> Option<Error> {
        let (expected, found) = (expected?, self.ca_bundle_hash()?);
        if found == expected {
            return None;
        }
        let message =
            format!("the SHA-256 of the customer's sources is {found}, expected {expected}");
        let hint = if self.hash_without_newline() == Some(expected) {
            "without the newline at the end of standard input, it would be the expected one: print it without one, \
             as jq -j and kubectl -o jsonpath do"
        } else {
            "they have changed since the hash was declared: check them (sha256sum), then declare the new hash"
        };
        let fault = Error::new(Rule::HashMismatch, message).at("--expect-sha256");
        Some(fault.hint(hint))
    }

    fn base(&mut self, path: &Path, password_files: &[&Path]) {
        // What an option names is a base of every store; what an image has, of its own.
        let role = SourceRole::Base(StoreSet::MERGED);
        let limit = MAX_STORE_SIZE + 1;
        match look(path) {
            Ok(Found::Directory(listing)) => {
                let mut sorted = SortedDirectory::read(listing, limit, password_files);
                if sorted.sources.is_empty() && sorted.faults.is_empty() {
                    sorted.faults.push(sorted.nothing(path));
                }
                self.warnings.extend(sorted.faults.into_iter().map(skipped));
                self.passed_over.append(&mut sorted.passed_over);
                for file in sorted.sources {
                    self.push_base(Source::in_directory(path, role, file));
                }
            }
            Ok(Found::File) => match read_file(path, limit) {
                Ok(bytes) => self.push_base(Source::new(path, role, bytes)),
                Err(fault) => self.warnings.push(skipped(fault)),
            },
            Err(fault) => self.warnings.push(skipped(fault)),
        }
    }

    fn image(&mut self, image: &Image, wanted: StoreSet, budget: &DerivationBudget) {
        let (stores, faults) = image::find(image, wanted, MAX_STORE_SIZE + 1, budget);
        self.warnings.extend(faults.into_iter().map(skipped));
        for store in stores {
            self.push_base(Source {
                found_by: Some(store.found_by),
                password: store.password,
                ..Source::new(&store.path, SourceRole::Base(store.stores), store.bytes)
            });
        }
    }

    fn push_base(&mut self, source: Source) {
        if source.bytes.len() as u64 > MAX_STORE_SIZE {
            let fault = Error::new(Code::Unreadable, "larger than 4 MiB, the limit for a base");
            self.warnings.push(skipped(fault.at(source.name)));
        } else {
            self.sources.push(source);
        }
    }
}

impl Source {
    fn new(path: &Path, role: SourceRole, bytes: Vec<u8>) -> Self {
        let base_name = path.file_name().unwrap_or(path.as_os_str());
        Source {
            name: shown_path(path),
            base_name: base_name.as_encoded_bytes().to_owned(),
            role,
            found_by: None,
            password: None,
            passwords: Vec::new(),
            directory: None,
            sha256: OnceLock::new(),
            size: bytes.len(),
            bytes,
        }
    }

    /// SHA-256 of its content, which is computed once.
    pub fn sha256(&self) -> Fingerprint {
        *self.sha256.get_or_init(|| Fingerprint::of(&self.bytes))
    }

    /// Frees its content, of which the certificates have copies, and the hash stays.
    pub fn release(&mut self) {
        self.sha256();
        self.bytes = Vec::new();
    }

    /// A file of the directory at `directory`.
    fn in_directory(directory: &Path, role: SourceRole, file: SourceFile) -> Self {
        Source {
            passwords: file.passwords,
            directory: Some(shown_path(directory)),
            ..Source::new(&file.path, role, file.bytes)
        }
    }
}

fn sha256sum_line(source: &Source) -> Vec<u8> {
    let mut line = format!("{}  ", source.sha256()).into_bytes();
    line.extend(&source.base_name);
    line.push(b'\n');
    line
}

fn skipped(mut fault: Error) -> Error {
    fault.message.push_str(": this base is skipped");
    fault
}
