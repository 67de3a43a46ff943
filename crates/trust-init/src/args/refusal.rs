//! Why a command line leads to no command, in the form of our own errors.

use clap::error::{ContextKind, ErrorKind};

use crate::error::{Error, Errors};
use trust_stores::escape::escape;

/// Why there is nothing to do.
#[derive(Debug)]
pub enum Refusal {
    /// Help or the version was asked for: this text.
    Shown(String),
    /// The command line or a variable cannot be followed.
    Refused(Errors),
}

impl From<clap::Error> for Refusal {
    fn from(error: clap::Error) -> Self {
        match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                Refusal::Shown(error.render().to_string())
            }
            _ => Refusal::Refused(usage(&error).into()),
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Refusal::Refused(error.into())
    }
}

/// clap's error as one of ours: its first line is the message, what else it says are hints.
pub(super) fn usage(error: &clap::Error) -> Error {
    let usage = error.get(ContextKind::Usage).map(ToString::to_string);
    let command = usage.as_deref().and_then(|usage| usage.split(' ').nth(2));
    match (error.kind(), command) {
        (ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand, _) => {
            return Error::usage("no command given")
                .hint("to build the stores: trust-init build --ca PATH --out DIR")
                .hint("for all commands: trust-init --help");
        }
        (ErrorKind::MissingRequiredArgument, Some("exec")) => {
            return Error::usage("no command given")
                .hint("put it after --: trust-init exec --ca PATH -- CMD ARGS...");
        }
        (ErrorKind::MissingRequiredArgument, Some(command)) => {
            let missing = error.get(ContextKind::InvalidArg).map(ToString::to_string);
            return Error::usage(format!("{} is missing", missing.unwrap_or_default()))
                .hint(format!("for the options: trust-init {command} --help"));
        }
        _ => {}
    }
    let text = error.render().to_string();
    let mut lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("For more information"));
    let first = lines.next().unwrap_or("cannot be parsed");
    let mut fault = Error::usage(escape(first.trim_start_matches("error: ")));
    if error.kind() == ErrorKind::UnknownArgument && !first.contains("'-") {
        fault = match command {
            Some("exec") => {
                fault.hint("put -- before the command: trust-init exec --ca PATH -- CMD ARGS...")
            }
            Some("build") => fault.hint("give each path its own --ca: --ca one.pem --ca two.pem"),
            _ => fault,
        };
    }
    let mut has_tip = false;
    for line in lines {
        let hint = match line.split_once(": ") {
            Some(("tip", tip)) => {
                has_tip = true;
                tip.to_owned()
            }
            // It is of the command with the tip's option alone.
            Some(("Usage", _)) if has_tip => continue,
            Some(("Usage", usage)) => format!("usage: {usage}"),
            _ => line.trim_matches(['[', ']']).to_owned(),
        };
        fault = fault.hint(escape(&hint));
    }
    fault
}
