//! The customer's sources: what is asked of them, and how they are read.

use std::io;
use std::mem;
use std::path::Path;

use serde::Serialize;

use super::directory::SortedDirectory;
use super::files::{Found, dangles, is_missing, look, read_file, read_up_to};
use super::{Inputs, Location, Source};
use crate::error::{Error, shown_path};
use crate::sys::MAX_TOLERATED_SIZE;
use trust_stores::{Fingerprint, Level, Rule, SourceRole};

/// The customer's sources, and what is asked of them.
#[derive(Clone, Copy, Debug)]
pub struct CustomerSources<'a> {
    /// The sources.
    pub locations: &'a [Location],
    /// How large each may be.
    pub limit: SizeLimit,
    /// What they must hash to, if that was declared.
    pub expected: Option<Fingerprint>,
    /// Whether they must be there.
    pub presence: Presence,
    /// The password files that options name. They may be in a directory that is read.
    pub password_files: &'a [&'a Path],
}

/// Whether a customer's source must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// One that is missing or empty fails the run.
    Required,
    /// `--optional`: one that is missing or empty is left out. One that is there and cannot be read fails
    /// the run.
    Optional,
}

/// An optional source that is not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Absent {
    /// Its name in messages; escaped.
    pub name: String,
    /// In which way it is not there.
    pub kind: AbsentKind,
}

/// In which way a source is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AbsentKind {
    /// There is no file or directory of that name.
    Missing,
    /// The file is empty, or blank.
    EmptyFile,
    /// The directory has no file with certificates, and no subdirectory.
    EmptyDirectory,
}

/// How large a customer's source may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SizeLimit {
    /// `--max-size`, in bytes.
    pub bytes: u64,
    /// The level of `too-large`.
    pub level: Level,
}

impl SizeLimit {
    /// How much to read of a source: one byte more than is accepted, to see that it is too large.
    pub(crate) fn read_limit(self) -> u64 {
        let limit = if self.level == Level::Deny {
            self.bytes
        } else {
            self.bytes.max(MAX_TOLERATED_SIZE)
        };
        limit.saturating_add(1)
    }
}

impl Inputs {
    /// Reads a customer's source, or every file of a directory; returns what could not be read.
    pub(super) fn customer(
        &mut self,
        location: &Location,
        wanted: CustomerSources<'_>,
    ) -> Vec<Error> {
        let read_limit = wanted.limit.read_limit();
        let is_optional = wanted.presence == Presence::Optional;
        let (path, read) = match location {
            Location::StandardInput => {
                let name = Path::new("<stdin>");
                let read = read_up_to(io::stdin().lock(), read_limit);
                (name, read.map_err(|error| Error::unreadable(name, &error)))
            }
            Location::Path(path) => match look(path) {
                Ok(Found::Directory(listing)) => {
                    let sorted = SortedDirectory::read(listing, read_limit, wanted.password_files);
                    return self.customer_directory(path, sorted, wanted);
                }
                Ok(Found::File) => (path.as_path(), read_file(path, read_limit)),
                Err(fault) => (path.as_path(), Err(fault)),
            },
        };
        let taken = match read {
            Err(_) if is_optional && is_missing(path) => {
                self.absent(path, AbsentKind::Missing);
                Ok(())
            }
            Err(fault) => Err(fault),
            Ok(bytes) if is_optional && is_blank(&bytes) => {
                self.absent(path, AbsentKind::EmptyFile);
                Ok(())
            }
            Ok(bytes) => {
                let mut source = Source::new(path, SourceRole::Customer, bytes);
                if *location == Location::StandardInput {
                    source.base_name = b"-".to_vec();
                    let all_but_newline = source.bytes.strip_suffix(b"\n");
                    self.stdin_without_newline = all_but_newline.map(Fingerprint::of);
                }
                self.customer_source(source, wanted.limit)
            }
        };
        taken.err().into_iter().collect()
    }

    /// Takes what the directory at `path` has.
    fn customer_directory(
        &mut self,
        path: &Path,
        mut sorted: SortedDirectory,
        wanted: CustomerSources<'_>,
    ) -> Vec<Error> {
        let mut faults = mem::take(&mut sorted.faults);
        if sorted.sources.is_empty() && faults.is_empty() {
            // What a kubelet mounts has this link; one that leads nowhere is a broken volume.
            let data = path.join("..data");
            if dangles(&data) {
                faults.push(Error::unreadable(&data, &io::ErrorKind::NotFound.into()));
            } else if wanted.presence == Presence::Optional && sorted.directory().is_none() {
                self.absent(path, AbsentKind::EmptyDirectory);
            } else {
                faults.push(sorted.nothing(path));
            }
        }
        self.passed_over.append(&mut sorted.passed_over);
        for file in sorted.sources {
            if wanted.presence == Presence::Optional && is_blank(&file.bytes) {
                self.absent(&file.path, AbsentKind::EmptyFile);
                continue;
            }
            let source = Source::in_directory(path, SourceRole::Customer, file);
            faults.extend(self.customer_source(source, wanted.limit).err());
        }
        faults
    }

    fn absent(&mut self, path: &Path, kind: AbsentKind) {
        self.absent.push(Absent {
            name: shown_path(path),
            kind,
        });
    }

    fn customer_source(&mut self, source: Source, limit: SizeLimit) -> Result<(), Error> {
        let size = source.bytes.len() as u64;
        if size > limit.bytes {
            let fault = too_large(size, limit).at(&*source.name);
            if limit.level == Level::Deny {
                self.refused.push(fault);
                return Ok(());
            }
            if size >= limit.read_limit() {
                return Err(fault);
            }
            if limit.level == Level::Warn {
                self.warnings.push(fault);
            }
        }
        self.sources.push(source);
        Ok(())
    }
}

/// Whether there is nothing in a file: as the value of a ConfigMap's key whose template rendered nothing.
fn is_blank(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    text.trim_ascii().is_empty()
}

fn too_large(size: u64, limit: SizeLimit) -> Error {
    let bytes = limit.bytes;
    let message = if size >= limit.read_limit() {
        format!("larger than {bytes} bytes, the limit")
    } else {
        format!("{size} bytes, over the limit of {bytes}")
    };
    Error::new(Rule::TooLarge, message).hint(
        "a customer's CA chain is a few kilobytes: check that this is not a whole bundle or \
         another file; --max-size raises the limit",
    )
}
