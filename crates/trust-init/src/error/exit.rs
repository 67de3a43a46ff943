//! Every exit code of the program.

use std::io;

use super::{Code, Errors};

/// What the process tells whoever started it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// Done; or the answer is yes.
    Done = 0,
    /// The answer is no (`check`, `doctor`, `inspect --diff`, `watch --healthy`).
    No = 1,
    /// The command line or a variable is wrong.
    Usage = 2,
    /// A source cannot be read or a rule refuses it; so no answer can be given.
    Input = 3,
    /// The output cannot be written.
    Output = 4,
    /// `exec` failed before it could start the command. This one and the next two are those of env(1)
    /// and of shells.
    ExecFailed = 125,
    /// The command of `exec` exists and cannot be run.
    CannotRun = 126,
    /// The command of `exec` does not exist.
    NotFound = 127,
}

/// The answer of a command that is a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// All is well.
    Yes,
    /// Something is wrong, and the output says what.
    No,
    /// What it takes to answer could not be read or reached.
    CannotTell,
}

impl Answer {
    /// A plain yes or no.
    pub fn of(is_yes: bool) -> Self {
        if is_yes { Answer::Yes } else { Answer::No }
    }
}

impl From<Answer> for ExitCode {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Yes => ExitCode::Done,
            Answer::No => ExitCode::No,
            Answer::CannotTell => ExitCode::Input,
        }
    }
}

/// Which exit codes a failure has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Convention {
    /// Those of the first error.
    OfErrors,
    /// Those of `exec`, whose other codes belong to the command that it runs.
    OfExec,
}

impl ExitCode {
    /// The exit code of a run that ends with `errors`.
    pub fn of_failure(errors: &Errors, convention: Convention) -> Self {
        match convention {
            Convention::OfExec => ExitCode::ExecFailed,
            Convention::OfErrors => errors
                .iter()
                .next()
                .map_or(ExitCode::Input, |error| ExitCode::of(error.code)),
        }
    }

    /// The exit code of `exec` where the system could not start the command, as env(1) has it.
    pub fn of_exec(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => ExitCode::NotFound,
            _ => ExitCode::CannotRun,
        }
    }

    fn of(code: Code) -> Self {
        match code {
            Code::Usage => ExitCode::Usage,
            Code::Unwritable | Code::Locked | Code::ObjectSize => ExitCode::Output,
            Code::Command => ExitCode::CannotRun,
            _ => ExitCode::Input,
        }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        (code as u8).into()
    }
}
