//! The environment in: each option that was not typed can come from its `TRUST_INIT_…` variable.
//!
//! The variables become options on a longer command line, so an option has its variable by existing, and
//! both are checked by the same code. By hand, because clap's `env` feature cannot follow our rules: a
//! switch takes 1, true, yes and their opposites, and an empty variable counts as unset; lists of paths are
//! split at ':' in variables only; a typed option beats every variable that contradicts it; an error names
//! the variable; and the lookup is a parameter. Variables of no option are ignored, because Kubernetes
//! injects some for a Service called trust-init. `--ignore-variables` has no variable itself: whoever sets
//! the environment must not decide whether it counts.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args};

use super::near::nearest;
use super::refusal::{Refusal, usage};
use crate::error::Error;
use trust_stores::escape::escape;

/// Looks up a variable.
pub type Variables<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// The options that set rules' levels; a rule typed in one of them beats every variable.
const LEVEL_FLAGS: [&str; 4] = ["allow", "warn", "drop", "deny"];

/// Whether the environment may set options. Every command takes this option.
#[derive(Debug, Args)]
#[command(next_help_heading = "Messages")]
pub(super) struct VariableOptions {
    /// Let no variable set an option
    ///
    /// For callers that control the options but not the environment, such as a chart that starts trust-init
    /// in someone else's image. No variable can set this option or undo it.
    #[arg(long)]
    pub(super) ignore_variables: bool,
}

/// The option of [`VariableOptions`].
pub(super) const IGNORE: &str = "ignore-variables";

/// Whether `argv` has `--ignore-variables` among the options of trust-init: before any `--`.
pub(super) fn are_ignored(argv: &[OsString]) -> bool {
    let options = argv.iter().take_while(|word| *word != "--");
    let mut flags = options.filter_map(|word| word.to_str()?.strip_prefix("--"));
    flags.any(|flag| flag == IGNORE)
}

/// What `argv` says, with one more option for each variable that is set and whose option was not typed.
pub(super) fn matches(
    mut command: clap::Command,
    argv: &[OsString],
    variables: Variables<'_>,
) -> Result<ArgMatches, Refusal> {
    let typed = command.try_get_matches_from_mut(argv)?;
    if typed
        .subcommand()
        .is_some_and(|(_, options)| options.get_flag("ignore_variables"))
    {
        return Ok(typed);
    }
    let complete = complete(&command, &typed, argv, variables)?;
    // Usually no variable is set, and nothing needs to be parsed twice.
    if complete.len() == argv.len() {
        return Ok(typed);
    }
    Ok(command.try_get_matches_from_mut(complete)?)
}

fn complete(
    command: &clap::Command,
    typed: &ArgMatches,
    argv: &[OsString],
    variables: Variables<'_>,
) -> Result<Vec<OsString>, Refusal> {
    let mut complete = argv.to_vec();
    let found = typed.subcommand();
    let found = found.and_then(|(name, typed)| Some((command.find_subcommand(name)?, typed)));
    let Some((subcommand, typed)) = found else {
        return Ok(complete);
    };
    let is_typed = |argument: &Arg| {
        typed.value_source(argument.get_id().as_str()) == Some(ValueSource::CommandLine)
    };
    let contradicted: Vec<&Arg> = subcommand
        .get_arguments()
        .filter(|argument| is_typed(argument))
        .flat_map(|argument| subcommand.get_arg_conflicts_with(argument))
        .collect();
    // The command's name is the second word; options follow it, before any `--`.
    let mut position = 2;
    for argument in subcommand.get_arguments() {
        let has_variable = |long: &&str| !["help", IGNORE].contains(long);
        let Some(long) = argument.get_long().filter(has_variable) else {
            continue;
        };
        // Positional sources mean the same as --ca.
        let is_source = long == "ca" && matches!(typed.try_get_raw("source"), Ok(Some(_)));
        let is_level = LEVEL_FLAGS.contains(&long);
        if is_source || contradicted.contains(&argument) || (is_typed(argument) && !is_level) {
            continue;
        }
        let variable = variable_name(long);
        let Some(value) = variables(&variable).filter(|value| !value.is_empty()) else {
            continue;
        };
        let words = if is_level {
            level_words(long, typed, &value)
        } else {
            words(argument, long, &value).map_err(|fault| fault.at(variable.clone()))?
        };
        let alone = [OsString::new()].into_iter().chain(words.iter().cloned());
        match subcommand.clone().try_get_matches_from(alone) {
            // A required argument is elsewhere on the line.
            Err(error) if error.kind() != ErrorKind::MissingRequiredArgument => {
                return Err(usage(&error).at(variable).into());
            }
            _ => {}
        }
        let end = position + words.len();
        complete.splice(position..position, words);
        position = end;
    }
    Ok(complete)
}

/// What the variables of options start with.
pub(super) const PREFIX: &str = "TRUST_INIT_";

/// The variable of the option `--long`.
pub(super) fn variable_name(long: &str) -> String {
    let mut name = String::from(PREFIX);
    name.extend(long.chars().map(|c| match c {
        '-' => '_',
        c => c.to_ascii_uppercase(),
    }));
    name
}

/// The words that `value` means.
fn words(argument: &Arg, long: &str, value: &OsStr) -> Result<Vec<OsString>, Error> {
    match argument.get_action() {
        ArgAction::SetTrue => match value.to_str() {
            Some("1" | "true" | "yes") => Ok(vec![format!("--{long}").into()]),
            Some("0" | "false" | "no") => Ok(Vec::new()),
            _ => Err(no_switch(value)),
        },
        // A list of paths, as PATH is; lists with commas are clap's.
        ArgAction::Append if argument.get_value_delimiter().is_none() => {
            let paths = paths(value.as_bytes());
            let paths = paths.into_iter().filter(|path| !path.is_empty());
            let words: Vec<OsString> = paths.map(|path| flag(long, path)).collect();
            if words.is_empty() {
                return Err(Error::usage("a list without a path in it")
                    .hint("name the paths, separated by ':', or leave the variable empty"));
            }
            Ok(words)
        }
        _ => Ok(vec![flag(long, value.as_bytes())]),
    }
}

/// The paths of a list. A ':' in a URL's scheme, user or port separates none: a URL is refused as a whole,
/// and no part of it is shown as a path, which could be its password.
fn paths(list: &[u8]) -> Vec<&[u8]> {
    let mut paths = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < list.len() {
        if list[at..].starts_with(b"://") {
            at += 3;
            at += list[at..].iter().take_while(|byte| **byte != b'/').count();
        } else {
            if list[at] == b':' {
                paths.push(&list[start..at]);
                start = at + 1;
            }
            at += 1;
        }
    }
    paths.push(&list[start..]);
    paths
}

/// The refusal of a value that turns no switch on or off.
fn no_switch(value: &OsStr) -> Error {
    let shown = value.to_string_lossy();
    let message = format!(
        "invalid value '{}': expected 1, true or yes; or 0, false or no",
        escape(&shown)
    );
    match nearest(&shown, &["true", "yes", "false", "no"]) {
        Some(similar) => Error::usage(message).hint(format!("a similar value exists: '{similar}'")),
        None => Error::usage(message),
    }
}

/// The rules of a level's variable, without those that a level flag was typed for.
fn level_words(long: &str, typed: &ArgMatches, value: &OsStr) -> Vec<OsString> {
    let typed = LEVEL_FLAGS.iter().filter_map(|flag| typed.get_raw(flag));
    let typed: Vec<&OsStr> = typed.flatten().collect();
    value
        .as_bytes()
        .split(|byte| *byte == b',')
        .map(<[u8]>::trim_ascii)
        .filter(|rule| !typed.contains(&OsStr::from_bytes(rule)))
        .map(|rule| flag(long, rule))
        .collect()
}

fn flag(long: &str, value: &[u8]) -> OsString {
    let mut word = format!("--{long}=").into_bytes();
    word.extend(value);
    OsString::from_vec(word)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::ffi::OsString;

    use super::super::{Command, Refusal, definition, parse};
    use super::{IGNORE, complete, variable_name};

    fn completed(argv: &[&str], variables: &[(&str, &str)]) -> Result<Vec<String>, String> {
        let argv: Vec<OsString> = argv.iter().map(OsString::from).collect();
        let variables: HashMap<&str, &str> = variables.iter().copied().collect();
        let lookup = |name: &str| variables.get(name).map(OsString::from);
        let mut command = definition();
        let completed = command
            .try_get_matches_from_mut(&argv)
            .map_err(Refusal::from)
            .and_then(|typed| complete(&command, &typed, &argv, &lookup));
        match completed {
            Ok(words) => Ok(words
                .iter()
                .skip(2)
                .map(|word| word.to_str().unwrap().to_owned())
                .collect()),
            Err(Refusal::Refused(errors)) => Err(errors.iter().next().unwrap().to_string()),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_flag_has_its_variable() {
        let command = crate::args::command();
        let mut seen = 0;
        for subcommand in command.get_subcommands() {
            for argument in subcommand.get_arguments() {
                let Some(long) = argument.get_long() else {
                    continue;
                };
                if long == "help" || long == IGNORE {
                    continue;
                }
                seen += 1;
                let value = match (subcommand.get_name(), long) {
                    ("env", "format") => "docker",
                    (_, "format") => "json",
                    (_, other) => other,
                };
                let fingerprint = "ab".repeat(32);
                let value = match value {
                    "max-size" | "lock-timeout" | "sync" | "quiet" | "strict" | "wait"
                    | "certificates-only" | "expires-soon" | "install" | "keep-env" | "pid"
                    | "verbose" | "ask" | "timeout" | "fetch-issuers" | "immutable"
                    | "hash-suffix" | "server-side-apply" | "healthy" | "debounce" | "interval"
                    | "remind" | "optional" => "1",
                    "kind" => "secret",
                    "name" | "namespace" => "customer",
                    "print" => "pod",
                    "expect-sha256" | "block" => &fingerprint,
                    "json" | "docker" => value,
                    "starttls" => "smtp",
                    "set-variable" => "PGSSLROOTCERT",
                    "os-layout" => "suse",
                    "at" => "2026-11-21",
                    "only" => "os",
                    "java-store" => "jks",
                    "log-format" => "json",
                    "allow" | "warn" | "drop" | "deny" => "expired",
                    _ => "/a/path",
                };
                let variable = variable_name(long);
                let argv = match subcommand.get_name() {
                    "install" => vec!["trust-init", "install", "/bin"],
                    "exec" => vec!["trust-init", "exec", "--", "true"],
                    "completions" => vec!["trust-init", "completions", "bash"],
                    name => vec!["trust-init", name],
                };
                let words = completed(&argv, &[(&variable, value)]);
                let words = words.map(|words| words[..1].to_vec());
                let switch = vec![format!("--{long}")];
                let option = vec![format!("--{long}={value}")];
                let words = words.unwrap();
                assert!(words == switch || words == option, "{variable}: {words:?}");
            }
        }
        assert!(seen > 100, "{seen}");
    }

    #[test]
    fn a_flag_beats_its_variable() {
        let words = completed(
            &["trust-init", "build", "--out", "typed", "--ca=typed"],
            &[("TRUST_INIT_OUT", "set"), ("TRUST_INIT_CA", "set")],
        );
        assert_eq!(words.unwrap(), ["--out", "typed", "--ca=typed"]);
    }

    #[test]
    fn a_source_that_was_typed_beats_the_variable_of_ca() {
        let words = completed(
            &["trust-init", "check", "typed"],
            &[("TRUST_INIT_CA", "set"), ("TRUST_INIT_STRICT", "1")],
        );
        assert_eq!(words.unwrap(), ["--strict", "typed"]);
    }

    #[test]
    fn a_rule_that_was_typed_beats_every_level_variable() {
        let words = completed(
            &["trust-init", "build", "--deny", "expired"],
            &[("TRUST_INIT_WARN", "expired,distrusted")],
        );
        assert_eq!(words.unwrap(), ["--warn=distrusted", "--deny", "expired"]);
    }

    #[test]
    fn lists_of_paths_are_split_in_variables_only() {
        let words = completed(&["trust-init", "build"], &[("TRUST_INIT_CA", "/a:/b c:")]);
        assert_eq!(words.unwrap(), ["--ca=/a", "--ca=/b c"]);
        let words = completed(
            &["trust-init", "build"],
            &[(
                "TRUST_INIT_CA",
                "/a:https://me:secret@ca.example.com:8443/b:/c:x://",
            )],
        );
        let url = "--ca=https://me:secret@ca.example.com:8443/b";
        assert_eq!(words.unwrap(), ["--ca=/a", url, "--ca=/c", "--ca=x://"]);
        let words = completed(&["trust-init", "build", "--ca", "/a:/b"], &[]);
        assert_eq!(words.unwrap(), ["--ca", "/a:/b"]);
    }

    #[test]
    fn an_error_names_the_variable() {
        for (variable, value) in [
            ("TRUST_INIT_SYNC", "perhaps"),
            ("TRUST_INIT_MAX_SIZE", "huge"),
            ("TRUST_INIT_DENY", "expird"),
        ] {
            let error = completed(&["trust-init", "build"], &[(variable, value)]).unwrap_err();
            assert!(
                error.starts_with(&format!("error[usage]: {variable}: ")),
                "{error}"
            );
        }
    }

    #[test]
    fn empty_false_and_foreign_variables_change_nothing() {
        let words = completed(
            &["trust-init", "build"],
            &[
                ("TRUST_INIT_OUT", ""),
                ("TRUST_INIT_SYNC", "false"),
                ("TRUST_INIT_QUIET", ""),
                ("TRUST_INIT_PORT", "tcp://192.0.2.1:443"),
            ],
        );
        assert_eq!(words.unwrap(), [""; 0]);
    }

    #[test]
    fn no_variable_decides_whether_variables_count() {
        let words = completed(
            &["trust-init", "build"],
            &[("TRUST_INIT_IGNORE_VARIABLES", "1")],
        );
        assert_eq!(words.unwrap(), [""; 0]);
    }

    #[test]
    fn variables_that_are_ignored_reach_no_plan() {
        let lookup = |name: &str| Some(OsString::from(format!("of {name}")));
        let ca = |words: &[&str]| {
            let argv: Vec<OsString> = words.iter().map(OsString::from).collect();
            match parse(&argv, &lookup).unwrap() {
                (Command::Check(plan), _) => plan.content.sources.customer.len(),
                other => panic!("check was asked for: {other:?}"),
            }
        };
        assert_eq!(ca(&["trust-init", "check", "--ignore-variables", "/a"]), 1);
    }

    #[test]
    fn variables_reach_the_plan() {
        let argv = [OsString::from("trust-init"), OsString::from("build")];
        let lookup = |name: &str| (name == "TRUST_INIT_CA").then(|| OsString::from("/a:/b"));
        let (Command::Build(plan), _) = parse(&argv, &lookup).unwrap() else {
            panic!("build was asked for");
        };
        assert_eq!(plan.content.sources.customer.len(), 2);
    }
}
