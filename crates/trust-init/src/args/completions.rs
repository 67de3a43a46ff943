//! `completions`: its arguments, and the definition of the command line in the words of a shell.
//!
//! The scripts are our own. `clap_complete` was rejected: it is 49 KB of the binary, knows none of our
//! values, and the script that its 4.6.11 writes for bash completes no flag of a program with a hyphen in
//! its name.

use std::fmt::Write as _;
use std::str::FromStr;

use clap::{Arg, ArgAction, Args, Command, ValueHint};

use super::typed::Report;
use crate::layout::OsLayout;
use crate::wiring;
use trust_stores::{JavaFormat, Rule};

const COMPLETIONS_HELP: &str = "\
Examples:
  trust-init completions bash > /etc/bash_completion.d/trust-init
  trust-init completions zsh > /usr/local/share/zsh/site-functions/_trust-init
  trust-init completions fish > ~/.config/fish/completions/trust-init.fish";

/// Print the script with which a shell completes this program's command line
#[derive(Debug, Args)]
#[command(after_help = COMPLETIONS_HELP)]
pub(super) struct Completions {
    /// bash, zsh or fish
    #[arg(value_name = "SHELL")]
    pub(super) shell: Shell,

    #[command(flatten)]
    pub(super) report: Report,
}

/// A shell whose completions can be printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// bash(1).
    Bash,
    /// zsh(1).
    Zsh,
    /// fish(1).
    Fish,
}

const SHELLS: [&str; 3] = ["bash", "zsh", "fish"];

impl FromStr for Shell {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "bash" => Ok(Shell::Bash),
            "zsh" => Ok(Shell::Zsh),
            "fish" => Ok(Shell::Fish),
            _ => Err(String::from("expected bash, zsh or fish")),
        }
    }
}

/// The script for `shell`.
pub fn completions(shell: Shell) -> String {
    let mut command = super::command();
    // Adds the flags that are clap's.
    command.build();
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = match shell {
        Shell::Bash => bash(&command, &mut out),
        Shell::Zsh => zsh(&command, &mut out),
        Shell::Fish => fish(&command, &mut out),
    };
    out
}

/// What can stand behind `--flag` of `command`; none where that is not a choice. Of a base, and only
/// there, a path can too.
fn values(command: &str, flag: &str) -> Vec<&'static str> {
    match (command, flag) {
        ("env", "format") => wiring::Format::ALL.map(wiring::Format::name).into(),
        ("check", "format") => vec!["human", "json", "junit"],
        ("inspect", "format") => vec!["table", "json", "pem"],
        (_, "format") => vec!["human", "json"],
        (_, "log-format") => vec!["text", "json"],
        (_, "java-store") => JavaFormat::ALL.map(JavaFormat::name).into(),
        (_, "os-layout") => OsLayout::ALL.map(OsLayout::name).into(),
        (_, "only") => vec!["os", "java", "python"],
        (_, "allow" | "warn" | "drop" | "deny") => Rule::ALL.map(Rule::code).into(),
        (_, "base") => vec!["mozilla", "auto", "none"],
        (_, "kind") => vec!["configmap", "secret"],
        (_, "print") => vec!["objects", "pod"],
        (_, "starttls") => vec!["postgres", "smtp", "ldap", "mysql"],
        _ => Vec::new(),
    }
}

/// The flags of a command, each with its name.
fn flags(command: &Command) -> impl Iterator<Item = (&Arg, &str)> {
    let arguments = command.get_arguments();
    arguments.filter_map(|argument| Some((argument, argument.get_long()?)))
}

fn takes_value(argument: &Arg) -> bool {
    matches!(argument.get_action(), ArgAction::Set | ArgAction::Append)
}

fn is_path(argument: &Arg) -> bool {
    argument.get_value_hint() == ValueHint::AnyPath
}

fn about(command: &Command) -> String {
    command
        .get_about()
        .map(ToString::to_string)
        .unwrap_or_default()
}

fn help(argument: &Arg) -> String {
    argument
        .get_help()
        .map(ToString::to_string)
        .unwrap_or_default()
}

/// Where the function offers nothing bash completes files, as behind most of our flags.
fn bash(command: &Command, out: &mut String) -> std::fmt::Result {
    let names: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
    let names = names.join(" ");
    out.write_str(
        r"_trust_init() {
    local command=${COMP_WORDS[1]-} words=
    if ((COMP_CWORD == 1)); then
",
    )?;
    writeln!(out, "        words='{names} --help --version'")?;
    out.write_str(
        r#"    elif [[ " ${COMP_WORDS[*]:0:COMP_CWORD} " == *' -- '* ]]; then
        [[ $3 == -- ]] && COMPREPLY=($(compgen -c -- "$2")) || COMPREPLY=()
        return
    elif [[ $2 == -* ]]; then
        case $command in
"#,
    )?;
    for subcommand in command.get_subcommands() {
        let flags: Vec<String> = flags(subcommand).map(|(_, f)| format!("--{f}")).collect();
        let (name, flags) = (subcommand.get_name(), flags.join(" "));
        writeln!(out, "            {name}) words='{flags}' ;;")?;
    }
    out.write_str("        esac\n    else\n        case \"$command $3\" in\n")?;
    for subcommand in command.get_subcommands() {
        let name = subcommand.get_name();
        for (_, flag) in flags(subcommand) {
            let values = values(name, flag).join(" ");
            if !values.is_empty() {
                writeln!(out, "            '{name} --{flag}') words='{values}' ;;")?;
            }
        }
    }
    let shells = SHELLS.join(" ");
    writeln!(
        out,
        "            'completions completions') words='{shells}' ;;"
    )?;
    out.write_str(
        r#"        esac
    fi
    COMPREPLY=($(compgen -W "$words" -- "$2"))
}
complete -o bashdefault -o default -F _trust_init trust-init
"#,
    )
}

fn zsh(command: &Command, out: &mut String) -> std::fmt::Result {
    out.write_str(
        r"#compdef trust-init
_trust_init() {
    local curcontext=$curcontext state line
    _arguments -C ':command:->command' '*::argument:->argument'
    case $state in
    command)
        local -a commands=(
",
    )?;
    for subcommand in command.get_subcommands() {
        let about = zsh_text(&about(subcommand));
        writeln!(out, "            '{}:{about}'", subcommand.get_name())?;
    }
    out.write_str(
        r"        )
        _describe command commands
        ;;
    argument)
        case $words[1] in
",
    )?;
    for subcommand in command.get_subcommands() {
        zsh_arguments(subcommand, out)?;
    }
    out.write_str(
        r#"        esac
        ;;
    esac
}
if [[ $funcstack[1] == _trust-init ]]; then
    _trust_init "$@"
else
    compdef _trust_init trust-init
fi
"#,
    )
}

/// The branch of one command: its flags and what else it takes.
fn zsh_arguments(subcommand: &Command, out: &mut String) -> std::fmt::Result {
    let name = subcommand.get_name();
    writeln!(out, "        {name})\n            _arguments \\")?;
    for (argument, flag) in flags(subcommand) {
        let many = matches!(argument.get_action(), ArgAction::Append);
        let many = if many { "*" } else { "" };
        let help = zsh_text(&help(argument));
        let values = values(name, flag).join(" ");
        let value = match (takes_value(argument), is_path(argument)) {
            (false, _) => "",
            (true, true) => "=:path:_files",
            (true, false) if values.is_empty() => "=:value: ",
            (true, false) => &format!("=:value:({values})"),
        };
        let (equals, value) = value.split_at(value.find(':').unwrap_or_default());
        writeln!(
            out,
            "                '{many}--{flag}{equals}[{help}]{value}' \\"
        )?;
    }
    let rest = match name {
        "completions" => format!("':shell:({})'", SHELLS.join(" ")),
        "exec" => String::from("'*:::command:_normal'"),
        _ => String::from("'*:file:_files'"),
    };
    writeln!(out, "                {rest}\n            ;;")
}

fn fish(command: &Command, out: &mut String) -> std::fmt::Result {
    for subcommand in command.get_subcommands() {
        let (name, about) = (subcommand.get_name(), quoted(&about(subcommand)));
        writeln!(
            out,
            "complete -c trust-init -n __fish_use_subcommand -f -a {name} -d {about}"
        )?;
    }
    for subcommand in command.get_subcommands() {
        let name = subcommand.get_name();
        let start = format!("complete -c trust-init -n '__fish_seen_subcommand_from {name}'");
        for (argument, flag) in flags(subcommand) {
            let help = quoted(&help(argument));
            let value = match (takes_value(argument), is_path(argument)) {
                (false, _) => "",
                (true, true) => " -r -F",
                (true, false) => " -x",
            };
            let values = values(name, flag).join(" ");
            let values = if values.is_empty() {
                values
            } else {
                format!(" -a '{values}'")
            };
            writeln!(out, "{start} -l {flag}{value}{values} -d {help}")?;
        }
        if name == "completions" {
            writeln!(out, "{start} -f -a '{}'", SHELLS.join(" "))?;
        }
    }
    Ok(())
}

/// A word of fish.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// A text in a specification of zsh's `_arguments`, in single quotes.
fn zsh_text(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, character| {
        match character {
            '\'' => out.push_str("'\\''"),
            '[' | ']' | ':' | '\\' => out.extend(['\\', character]),
            other => out.push(other),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use clap::error::ErrorKind;

    use super::{flags, values};

    #[test]
    fn every_value_is_one_that_the_flag_takes() {
        let command = super::super::command();
        let mut found = 0;
        for subcommand in command.get_subcommands() {
            let name = subcommand.get_name();
            for (_, flag) in flags(subcommand) {
                for value in values(name, flag) {
                    let argv = ["trust-init", name, &format!("--{flag}={value}")];
                    let error = command.clone().try_get_matches_from(argv).err();
                    let kind = error.map(|error| error.kind());
                    assert!(
                        matches!(kind, None | Some(ErrorKind::MissingRequiredArgument)),
                        "{argv:?}: {kind:?}"
                    );
                    found += 1;
                }
            }
        }
        assert!(found > 100);
    }
}
