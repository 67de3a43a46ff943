//! The files of a directory, read and sorted: sources, the passwords of stores among them, and what is passed
//! over.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::companions::{self, Companion};
use super::files::{Listing, read_listed};
use crate::error::{Code, Error, shown_path};
use trust_stores::{Password, SourceFormat};

/// The most passwords that a store is tried with.
const MAX_PASSWORDS: usize = 4;

/// Something in a directory that is not read as a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PassedOver {
    /// Its path; escaped.
    pub name: String,
    /// What it is.
    pub kind: PassedOverKind,
}

/// What is passed over in a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PassedOverKind {
    /// Text in which there is no certificate, key or store.
    Companion,
    /// Such text, with which the directory's stores are tried.
    Password,
    /// A subdirectory.
    Directory,
}

/// A password that is next to a store.
#[derive(Clone, Debug)]
pub struct PasswordFile {
    /// The name of its file; escaped.
    pub name: String,
    /// The password.
    pub password: Password,
}

/// A file that is a source.
pub(super) struct SourceFile {
    pub(super) path: PathBuf,
    pub(super) bytes: Vec<u8>,
    /// The passwords to try it with.
    pub(super) passwords: Vec<PasswordFile>,
}

/// What a directory has.
#[derive(Default)]
pub(super) struct SortedDirectory {
    pub(super) sources: Vec<SourceFile>,
    pub(super) passed_over: Vec<PassedOver>,
    /// The files that cannot be read.
    pub(super) faults: Vec<Error>,
}

impl SortedDirectory {
    /// Reads each file, as far as `limit` bytes. The password files that options name are passed over too.
    pub(super) fn read(listing: Listing, limit: u64, named: &[&Path]) -> Self {
        let named: Vec<PathBuf> = named.iter().flat_map(fs::canonicalize).collect();
        let is_named = |path: &Path| {
            !named.is_empty() && fs::canonicalize(path).is_ok_and(|path| named.contains(&path))
        };
        let mut sorted = SortedDirectory::default();
        let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
        for path in listing.files {
            match read_listed(&path, limit) {
                Ok(bytes) => files.push((path, bytes)),
                Err(fault) => sorted.faults.push(fault.hint(
                    "if other files of the directory have the CA, name those, a --ca each; in a pod, \
                     list them under the volume's items",
                )),
            }
        }
        let is_binding = files
            .iter()
            .any(|(path, bytes)| companions::is_type_of_binding(path, bytes));
        let mut passwords = Vec::new();
        for (path, bytes) in files {
            // Of what is longer, not all was read.
            let is_whole = (bytes.len() as u64) < limit;
            let companion = if is_named(&path) {
                Companion::of_named_password(&bytes)
            } else {
                Companion::of(&path, &bytes, is_binding)
            };
            match companion.filter(|_| is_whole) {
                Some(companion) => {
                    sorted.pass_over(&path, companion.into());
                    if companion == Companion::Password
                        && let Some(password) = companions::password(&bytes)
                    {
                        passwords.push((path, password));
                    }
                }
                None => sorted.sources.push(SourceFile {
                    path,
                    bytes,
                    passwords: Vec::new(),
                }),
            }
        }
        for path in listing.directories {
            sorted.pass_over(&path, PassedOverKind::Directory);
        }
        for source in &mut sorted.sources {
            source.passwords = passwords_for(source, &passwords);
        }
        sorted
    }

    fn pass_over(&mut self, path: &Path, kind: PassedOverKind) {
        self.passed_over.push(PassedOver {
            name: shown_path(path),
            kind,
        });
    }

    /// That nothing in it, the directory at `path`, is a source.
    pub(super) fn nothing(&self, path: &Path) -> Error {
        let message = "there is no file with certificates at the top of the directory";
        let fault = Error::new(Code::Unreadable, message).at_path(path);
        match self.directory() {
            Some(one) => fault.hint(format!(
                "subdirectories are not read: name each that has certificates, such as --ca {}",
                one.name
            )),
            None => fault.hint(
                "Files whose names start with a dot are not read. In a pod, check that the ConfigMap or Secret behind \
                 it has a key with the CA, and that it is mounted. If it may be missing, --optional goes on without it.",
            ),
        }
    }

    /// The first subdirectory, in which certificates may be.
    pub(super) fn directory(&self) -> Option<&PassedOver> {
        let mut passed_over = self.passed_over.iter();
        passed_over.find(|one| one.kind == PassedOverKind::Directory)
    }
}

impl From<Companion> for PassedOverKind {
    fn from(companion: Companion) -> Self {
        match companion {
            Companion::Password => PassedOverKind::Password,
            Companion::Other => PassedOverKind::Companion,
        }
    }
}

/// The passwords to try a store with: first those whose file is named for it.
fn passwords_for(source: &SourceFile, passwords: &[(PathBuf, Password)]) -> Vec<PasswordFile> {
    let format = SourceFormat::detect(&source.bytes);
    if !matches!(format, SourceFormat::Pkcs12 | SourceFormat::Jks) {
        return Vec::new();
    }
    let (own, others): (Vec<_>, Vec<_>) = passwords
        .iter()
        .partition(|(file, _)| companions::is_for(file, &source.path));
    let all = own.into_iter().chain(others).take(MAX_PASSWORDS);
    all.map(|(file, password)| PasswordFile {
        name: shown_path(file),
        password: password.clone(),
    })
    .collect()
}
