//! Why a command line leads to no command, in the form of our own errors.

use clap::builder::PossibleValue;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::habits;
use super::near::nearest;
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
                .hint("to build stores with a CA: trust-init build PATH")
                .hint("to run a command that trusts a CA: trust-init exec --ca PATH -- CMD ARGS...")
                .hint("to see whether a server is trusted: trust-init doctor HOST")
                .hint("for all commands: trust-init help");
        }
        (ErrorKind::MissingRequiredArgument, Some("exec")) => {
            return Error::usage("no command given")
                .hint("put it after --: trust-init exec --ca PATH -- CMD ARGS...");
        }
        (ErrorKind::MissingRequiredArgument, Some("install")) => {
            return Error::usage("no directory given")
                .hint("name the one to copy this program into: trust-init install DIR")
                .hint("install copies no certificate; to build stores with a CA: trust-init build PATH");
        }
        (ErrorKind::MissingRequiredArgument, Some(command)) => {
            let missing = error.get(ContextKind::InvalidArg).map(ToString::to_string);
            return Error::usage(format!("{} is missing", missing.unwrap_or_default()))
                .hint(format!("for the options: trust-init help {command}"));
        }
        _ => {}
    }
    let text = error.render().to_string();
    let mut lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("For more information"));
    let first = lines.next().unwrap_or("cannot be parsed");
    let mut fault = Error::usage(escape(&masked(first.trim_start_matches("error: "))));
    let habits = habits(error, command);
    if !habits.is_empty() {
        fault.hints = habits;
        return fault;
    }
    if error.kind() == ErrorKind::UnknownArgument
        && !first.contains("'-")
        && command == Some("exec")
    {
        fault = fault.hint("put -- before the command: trust-init exec --ca PATH -- CMD ARGS...");
    }
    fault.hints.extend(hints(error, lines));
    fault
}

/// What to write instead of a word that other programs take.
fn habits(error: &clap::Error, command: Option<&str>) -> Vec<String> {
    let typed = |kind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    match (error.kind(), command) {
        (ErrorKind::InvalidSubcommand, _) => {
            habits::of_command(&typed(ContextKind::InvalidSubcommand))
        }
        (ErrorKind::UnknownArgument, Some(command)) => {
            let definition = super::command();
            let command = definition.find_subcommand(command);
            let option = typed(ContextKind::InvalidArg);
            command.map_or_else(Vec::new, |command| habits::of_option(&option, command))
        }
        _ => Vec::new(),
    }
}

/// What else clap says, in `lines`, and what it does not know.
fn hints<'a>(error: &clap::Error, lines: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut hints = Vec::new();
    let mut has_tip = false;
    let similar = similar_value(error);
    for line in lines {
        let hint = match line.split_once(": ") {
            Some(("tip", _)) if similar.is_some() => continue,
            // A file whose name starts with a dash is rarer than a wrong option.
            Some(("tip", tip)) if tip.starts_with("to pass '") => continue,
            Some(("tip", tip)) => {
                has_tip = true;
                tip.to_owned()
            }
            // It is of the command with the tip's option alone.
            Some(("Usage", _)) if has_tip || error.kind() == ErrorKind::TooManyValues => continue,
            Some(("Usage", usage)) => format!("usage: {usage}"),
            _ => line.trim_matches(['[', ']']).to_owned(),
        };
        hints.push(escape(&hint).into_owned());
    }
    hints.extend(similar.map(|similar| format!("a similar value exists: '{similar}'")));
    match error.kind() {
        ErrorKind::InvalidSubcommand if !has_tip => hints.extend(similar_command(error)),
        ErrorKind::UnknownArgument if is_short(error) => {
            hints.push(String::from("an option has two dashes, as in --ca"));
        }
        ErrorKind::TooManyValues => {
            hints.push(String::from(
                "a switch has no value: write it alone, or leave it out",
            ));
        }
        ErrorKind::InvalidValue => hints.extend(other_bases(error)),
        _ => {}
    }
    hints
}

/// clap's message without the user, password and query of a URL that it quotes.
fn masked(message: &str) -> String {
    let Some((before, rest)) = message.split_once("://") else {
        return message.to_owned();
    };
    let (url, after) = rest.split_at(rest.rfind("' for '").unwrap_or(rest.len()));
    let (user, url) = match url.rsplit_once('@') {
        Some((_, url)) => ("***@", url),
        None => ("", url),
    };
    let (url, query) = match url.split_once('?') {
        Some((url, _)) => (url, "?***"),
        None => (url, ""),
    };
    format!("{before}://{user}{url}{query}{after}")
}

/// Whether the unknown option is one letter: clap takes `-base` for `-b`.
fn is_short(error: &clap::Error) -> bool {
    let argument = error.get(ContextKind::InvalidArg).map(ToString::to_string);
    argument.is_some_and(|text| text.starts_with('-') && !text.starts_with("--"))
}

/// The command that was probably meant.
fn similar_command(error: &clap::Error) -> Option<String> {
    let typed = error.get(ContextKind::InvalidSubcommand)?.to_string();
    let definition = super::definition();
    let names = definition.get_subcommands().map(clap::Command::get_name);
    let similar = nearest(&typed, &names.collect::<Vec<_>>())?;
    Some(format!("a similar subcommand exists: '{similar}'"))
}

/// The one of the values that an option has which was probably meant, by its own name or another.
fn similar_value(error: &clap::Error) -> Option<String> {
    if error.kind() != ErrorKind::InvalidValue {
        return None;
    }
    let (Some(ContextValue::String(word)), Some(ContextValue::Strings(known))) = (
        error.get(ContextKind::InvalidValue),
        error.get(ContextKind::ValidValue),
    ) else {
        return None;
    };
    let definition = super::command();
    let mut arguments = definition
        .get_subcommands()
        .flat_map(clap::Command::get_arguments);
    // clap's error does not have the other names.
    let values = arguments.find_map(|argument| {
        let values = argument.get_possible_values();
        let names = values.iter().map(PossibleValue::get_name);
        names.eq(known).then_some(values)
    })?;
    let spellings = values.iter().flat_map(PossibleValue::get_name_and_aliases);
    nearest(word, &spellings.collect::<Vec<_>>()).map(str::to_owned)
}

/// What else a word that is no base may have meant.
fn other_bases(error: &clap::Error) -> Option<String> {
    let argument = error.get(ContextKind::InvalidArg)?.to_string();
    let word = match error.get(ContextKind::InvalidValue)? {
        ContextValue::String(word) if argument.starts_with("--base ") => escape(word),
        _ => return None,
    };
    if word.contains("://") {
        return Some(String::from(
            "download it first, and give the path of the file",
        ));
    }
    let several = word.split([',', ':']).map(str::trim);
    let several = several.filter(|base| !base.is_empty());
    if several.clone().count() > 1 {
        let again: Vec<String> = several.map(|base| format!("--base {base}")).collect();
        return Some(format!(
            "give each base its own --base: {}",
            again.join(" ")
        ));
    }
    let is_empty = word.trim().is_empty();
    (!is_empty && similar_value(error).is_none()).then(|| {
        format!("no file here has this name; for one that may be absent, write './{word}'")
    })
}
