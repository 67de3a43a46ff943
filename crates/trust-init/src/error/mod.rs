//! What ends a run or deserves a warning: where, what, and what to do about it.
//!
//! An [`Error`] is data. How it reads on a terminal, in JSON or in a termination log is decided in
//! `report`; its code in [`code`], and its exit code in [`exit`].

mod address;
pub mod code;
pub mod exit;

use std::fmt;
use std::io;
use std::path::Path;

use address::Address;
pub use code::Code;
pub use exit::ExitCode;

use trust_stores::escape::escape;
use trust_stores::{Denial, Hint};

/// One fault. Its texts are already escaped, so that it can be printed as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What it is about, for machines.
    pub code: Code,
    /// The file (and line), flag or variable that it is about.
    pub place: Option<String>,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// What to do about it, a line each.
    pub hints: Vec<String>,
    /// How many things it is about: more than one only where a source has too many to name each.
    pub count: usize,
}

impl Error {
    /// A fault without a place or a remedy so far.
    pub fn new(code: impl Into<Code>, message: impl Into<String>) -> Self {
        Error {
            code: code.into(),
            place: None,
            message: message.into(),
            hints: Vec::new(),
            count: 1,
        }
    }

    /// The command line or a variable is wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Error::new(Code::Usage, message)
    }

    /// A file that cannot be opened or read.
    pub fn unreadable(path: &Path, error: &io::Error) -> Self {
        let fault = Error::new(Code::Unreadable, system_message(error)).at_path(path);
        let is_absent = matches!(
            error.kind(),
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename
        );
        if let Some(address) = path.to_str().filter(|_| is_absent).and_then(Address::of) {
            return Error {
                place: Some(address.shown()),
                hints: address.hints(),
                ..fault
            };
        }
        match error.kind() {
            io::ErrorKind::NotFound if path.is_symlink() => Error {
                message: "a link that leads nowhere".to_owned(),
                ..fault.hint("check what it leads to; in a container, also that the volume there is mounted")
            },
            io::ErrorKind::NotFound => {
                fault.hint("check the path; in a container, also that the volume is mounted")
            }
            io::ErrorKind::PermissionDenied => fault.hint(
                "this process's user may not read it: check the file's owner and mode; in a pod, the \
                 volume's fsGroup or defaultMode",
            ),
            _ => fault,
        }
    }

    /// A path that cannot be made, written, renamed or removed.
    pub fn unwritable(path: &Path, error: &io::Error) -> Self {
        let fault = Error::new(Code::Unwritable, system_message(error)).at_path(path);
        match error.kind() {
            io::ErrorKind::PermissionDenied => fault.hint(
                "--out must be a directory that this process's user can write to: in a pod, an \
                 emptyDir",
            ),
            io::ErrorKind::ReadOnlyFilesystem => {
                fault.hint("choose another --out; in a pod, mount an emptyDir there")
            }
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => fault.hint(
                "the disk is full (space or inodes): with Mozilla's roots, the stores need about \
                 1.5 MiB and 140 files; in a pod, check the sizeLimit of the emptyDir",
            ),
            io::ErrorKind::InvalidFilename => fault.hint("choose a shorter path for --out"),
            _ => fault,
        }
    }

    /// Says that the fault is at `path`, which it escapes.
    #[must_use]
    pub fn at_path(self, path: &Path) -> Self {
        self.at(shown_path(path))
    }

    /// Says where the fault is; `place` is already escaped.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// Adds a remedy after those that it has.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

/// A path as messages show it: escaped.
pub fn shown_path(path: &Path) -> String {
    escape(&path.to_string_lossy()).into_owned()
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error[{}]: ", self.code.as_str())?;
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// What the system reports, without Rust's "(os error 2)": in lower case, like all messages of this program.
pub fn system_message(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => error.kind().to_string(),
    }
}

/// One or more faults that end a run: all that were found, not only the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errors(Vec<Error>);

impl Errors {
    /// `Err` with all of `faults`, or `Ok` if there are none.
    pub fn check(faults: Vec<Error>) -> Result<(), Errors> {
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Errors(faults))
        }
    }

    /// The faults of all `results` together, if there is one.
    pub fn all(results: impl IntoIterator<Item = Result<(), Errors>>) -> Option<Errors> {
        let failed = results.into_iter().filter_map(Result::err);
        let faults: Vec<Error> = failed.flat_map(|errors| errors.0).collect();
        Errors::check(faults).err()
    }

    /// The faults, in the order they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Error> {
        self.0.iter()
    }
}

impl From<Error> for Errors {
    fn from(fault: Error) -> Self {
        Errors(vec![fault])
    }
}

impl From<Denial> for Error {
    fn from(denial: Denial) -> Self {
        let hint = denial.hint.map(hint_text);
        Error {
            place: denial.origin,
            hints: hint.into_iter().chain(denial.left_out).collect(),
            count: denial.count,
            ..Error::new(denial.rule, denial.message)
        }
    }
}

/// A hint of the library in the words of this program, which can name the option that helps.
pub fn hint_text(hint: Hint) -> String {
    let text = match hint {
        Hint::FillFile => {
            "put the CA certificates in it, as PEM; if it is filled later, --wait waits for that; if it may stay empty, \
             --optional goes on without it"
        }
        Hint::SkipKeys => {
            "Export a store without keys, or read only its certificates with --certificates-only. \
             If this file was ever shared, treat the key as compromised."
        }
        Hint::GivePassword => "put the password in a file and name it with --ca-password-file",
        Hint::CheckPassword(format) => {
            let command = Hint::password_check(format);
            return format!("check --ca-password-file, and the password with: {command}");
        }
        Hint::UpdateRoots => {
            "use a newer trust-init, or name a bundle of your own with --base PATH"
        }
        other => return other.to_string(),
    };
    text.to_owned()
}
