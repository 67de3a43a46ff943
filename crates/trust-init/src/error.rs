//! What can end a run: where, what, and what to do about it.
//!
//! An [`Error`] is data. How it reads on a terminal, in JSON or in a termination log is
//! [`crate::report`]'s affair; what exit code it gives is decided here, in one place.

use std::fmt;
use std::io;
use std::path::Path;

use trust_stores::escape::escape;
use trust_stores::{Denial, Hint};

/// What kind of fault it is; decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The command line or a variable cannot be followed.
    Usage,
    /// A source cannot be read, or a rule at level `deny` refuses it.
    Input,
    /// The output cannot be written.
    Output,
}

impl Kind {
    /// The process's exit code.
    pub fn exit_code(self) -> u8 {
        match self {
            Kind::Usage => 2,
            Kind::Input => 3,
            Kind::Output => 4,
        }
    }
}

/// One fault. Texts in it are already escaped: an error can be printed as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What kind of fault, for the exit code.
    pub kind: Kind,
    /// A short kebab-case code: a rule's, or one of [`CODES`].
    pub code: &'static str,
    /// The file (and line), flag or variable that it is about.
    pub place: Option<String>,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// What to do about it, a line each.
    pub hints: Vec<String>,
}

/// The codes of errors that are not rules of the policy. A rule's code is its own.
pub const CODES: [&str; 7] = [
    "usage",
    "command",
    "unreadable",
    "password-file",
    "unwritable",
    "locked",
    "object-size",
];

impl Error {
    fn new(kind: Kind, code: &'static str, message: impl Into<String>) -> Self {
        Error {
            kind,
            code,
            place: None,
            message: message.into(),
            hints: Vec::new(),
        }
    }

    /// The command line or a variable cannot be followed.
    pub fn usage(message: impl Into<String>) -> Self {
        Error::new(Kind::Usage, "usage", message)
    }

    /// An input is refused or cannot be read.
    pub fn input(code: &'static str, message: impl Into<String>) -> Self {
        Error::new(Kind::Input, code, message)
    }

    /// The output cannot be written.
    pub fn output(code: &'static str, message: impl Into<String>) -> Self {
        Error::new(Kind::Output, code, message)
    }

    /// A file that cannot be opened or read.
    pub fn unreadable(path: &Path, error: &io::Error) -> Self {
        let fault = Error::input("unreadable", io_message(error)).at_path(path);
        match error.kind() {
            io::ErrorKind::NotFound => {
                fault.hint("check the path, and that the volume is mounted in this container")
            }
            io::ErrorKind::PermissionDenied => fault.hint(
                "this process's user may not read it: check the file's mode, and fsGroup or \
                 defaultMode of the volume",
            ),
            _ => fault,
        }
    }

    /// A path that cannot be made, written, renamed or removed.
    pub fn unwritable(path: &Path, error: &io::Error) -> Self {
        let fault = Error::output("unwritable", io_message(error)).at_path(path);
        match error.kind() {
            io::ErrorKind::PermissionDenied => fault.hint(
                "--out must be a directory that this process's user may write: in a pod, an \
                 emptyDir",
            ),
            io::ErrorKind::ReadOnlyFilesystem => {
                fault.hint("mount a writable volume there (an emptyDir), or name another --out")
            }
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => fault.hint(
                "the volume is full, of bytes or of files: with Mozilla's roots the stores take about \
                 1.5 MiB and 140 files; see sizeLimit of the emptyDir",
            ),
            io::ErrorKind::InvalidFilename => fault.hint("name a shorter --out"),
            _ => fault,
        }
    }

    /// The same fault, said of a path.
    #[must_use]
    pub fn at_path(self, path: &Path) -> Self {
        let place = escape(&path.to_string_lossy()).into_owned();
        self.at(place)
    }

    /// The same fault, said of a place that is already escaped.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// The same fault with one more remedy.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error[{}]: ", self.code)?;
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// What the system said, without Rust's "(os error 2)": lower case as all our messages.
fn io_message(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => error.kind().to_string(),
    }
}

/// One or more faults that end a run; all that were found are told, not just the first.
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

    /// The faults, in the order they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Error> {
        self.0.iter()
    }

    /// The exit code: that of the first fault.
    pub fn exit_code(&self) -> u8 {
        self.0
            .first()
            .map_or(Kind::Input, |fault| fault.kind)
            .exit_code()
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
            ..Error::input(denial.rule.code(), denial.message)
        }
    }
}

/// A hint of the library in the words of this program, which can name the option that helps.
pub fn hint_text(hint: Hint) -> String {
    let text = match hint {
        Hint::FillFile => {
            "put the CA certificates in it, as PEM; if a ConfigMap is filled later, --wait waits for it"
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
