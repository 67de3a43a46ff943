//! `completions`: the definition of the command line as a script for a shell.
//!
//! Written by hand, because the script that `clap_complete` generates for bash completes no flag of a
//! program with a hyphen in its name (clap-rs/clap#6421). That crate can replace this file once that is
//! fixed.

use std::fmt::Write as _;

use clap::builder::PossibleValue;
use clap::{Arg, ArgAction, Args, Command, ValueEnum, ValueHint};

const EXAMPLES: &str = "\
Examples:
  trust-init completions bash > /etc/bash_completion.d/trust-init
  trust-init completions zsh > /usr/local/share/zsh/site-functions/_trust-init
  trust-init completions fish > ~/.config/fish/completions/trust-init.fish";

/// Print the script that lets a shell complete trust-init's command line
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct CompletionsArgs {
    /// The shell to print the script for
    #[arg(value_name = "SHELL", value_enum)]
    pub(super) shell: Shell,
}

/// A shell whose completions can be printed.
#[allow(missing_docs, reason = "a shell's name says it all")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
}

/// The script for `shell`.
pub fn completions(shell: Shell) -> String {
    let command = super::command();
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = match shell {
        Shell::Bash => bash(&command, &mut out),
        Shell::Zsh => zsh(&command, &mut out),
        Shell::Fish => fish(&command, &mut out),
    };
    out
}

/// What can be typed instead of a command, and does what an option does.
const WORDS: [(&str, &str); 2] = [
    ("help", "Print help, or the help of a command"),
    ("version", "Print version"),
];

/// The commands, with blanks between them.
fn names(command: &Command) -> String {
    let names: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
    names.join(" ")
}

/// The values that `argument` can take, with blanks between them; empty where it takes any.
fn values(argument: &Arg) -> String {
    let values = argument.get_possible_values();
    let names: Vec<&str> = values.iter().map(PossibleValue::get_name).collect();
    names.join(" ")
}

/// The flags of a command, each with its name.
fn flags(command: &Command) -> impl Iterator<Item = (&Arg, &str)> {
    let arguments = command.get_arguments();
    arguments.filter_map(|argument| Some((argument, argument.get_long()?)))
}

/// The values of the positional arguments that take a choice.
fn positional_values(command: &Command) -> impl Iterator<Item = String> {
    let positionals = command.get_positionals().map(values);
    positionals.filter(|values| !values.is_empty())
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
    let names = names(command);
    out.write_str(
        r"_trust_init() {
    local command=${COMP_WORDS[1]-} words=
    if ((COMP_CWORD == 1)); then
",
    )?;
    let others = WORDS.map(|(word, _)| word).join(" ");
    writeln!(out, "        words='{names} {others} --help --version'")?;
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
    writeln!(out, "            'help help') words='{names}' ;;")?;
    for subcommand in command.get_subcommands() {
        let name = subcommand.get_name();
        // The first word after a command follows the command's own name.
        let positionals = subcommand
            .get_positionals()
            .map(|one| (one, name.to_owned()));
        let flags = flags(subcommand).map(|(argument, flag)| (argument, format!("--{flag}")));
        for (argument, before) in flags.chain(positionals) {
            let values = values(argument);
            if !values.is_empty() {
                writeln!(out, "            '{name} {before}') words='{values}' ;;")?;
            }
        }
    }
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
    for (word, about) in WORDS {
        writeln!(out, "            '{word}:{about}'")?;
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
    let names = names(command);
    writeln!(
        out,
        "        help)\n            _arguments ':command:({names})'\n            ;;"
    )?;
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
        let values = values(argument);
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
    let rest = match positional_values(subcommand).next() {
        Some(values) => format!("':value:({values})'"),
        None if name == "exec" => String::from("'*:::command:_normal'"),
        None => String::from("'*:file:_files'"),
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
    for (word, about) in WORDS {
        writeln!(
            out,
            "complete -c trust-init -n __fish_use_subcommand -f -a {word} -d '{about}'"
        )?;
    }
    let names = names(command);
    writeln!(
        out,
        "complete -c trust-init -n '__fish_seen_subcommand_from help' -f -a '{names}'"
    )?;
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
            let values = values(argument);
            let values = if values.is_empty() {
                values
            } else {
                format!(" -a '{values}'")
            };
            writeln!(out, "{start} -l {flag}{value}{values} -d {help}")?;
        }
        for values in positional_values(subcommand) {
            writeln!(out, "{start} -f -a '{values}'")?;
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

    use super::flags;

    #[test]
    fn every_value_is_one_that_the_flag_takes() {
        let command = super::super::command();
        let mut found = 0;
        for subcommand in command.get_subcommands() {
            let name = subcommand.get_name();
            for (argument, flag) in flags(subcommand) {
                for value in argument.get_possible_values() {
                    let value = value.get_name();
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
