//! The command line and the environment in, a plan out.
//!
//! A file per command: what was typed (clap's structure and the help), what it means (the plan), and how
//! one becomes the other. The options that commands share are next to them, in `content`
//! (`sources`, `policy`, `stores`), `output` and `report`. `variables` adds what the environment sets. A plan is complete:
//! nothing later asks for an option again.

mod build;
mod check;
mod completions;
mod content;
#[cfg(feature = "doctor")]
mod doctor;
mod doubts;
mod env;
mod exec;
mod habits;
mod inspect;
mod install;
mod near;
mod output;
mod policy;
mod refusal;
mod render;
mod report;
mod sources;
mod stores;
mod values;
mod variables;
mod watch;

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, FromArgMatches as _, Subcommand};

pub use build::BuildPlan;
pub use check::{CheckPlan, VerdictPlan};
pub use completions::{Shell, completions};
pub use content::ContentPlan;
#[cfg(feature = "doctor")]
pub use doctor::{Bundle, DoctorPlan, Programs, ProxyPlan};
pub use doubts::doubts;
pub use env::EnvPlan;
pub use exec::{ExecPlan, ExecStores};
pub use inspect::InspectPlan;
pub use policy::PolicyPlan;
pub use refusal::Refusal;
pub use render::{ObjectsPlan, Print, RenderPlan};
pub use report::ReportPlan;
pub use sources::{SourcesPlan, UnlockPlan};
pub use stores::{SET_VARIABLE, StoresPlan};
pub use variables::Variables;
pub use watch::{RunPlan, WatchPlan, WatchTiming};

use trust_stores::mozilla;

const OF_A_COMMAND: &str = "For the options of a command: trust-init help COMMAND";

const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 the answer is no (check, doctor, inspect --diff, watch --healthy), 2 usage,
3 input, 4 output; for exec: 125 trust-init itself failed, 126 the command cannot be run, 127 the
command was not found, otherwise the command's own.";

/// The end of every command's help.
const VARIABLES: &str = "\
Every option --some-option can also be set as TRUST_INIT_SOME_OPTION; the option wins. In a
variable, several paths are separated by ':', and a switch is 1, true or yes. With --ignore-variables,
which has no variable, none of them counts.";

/// What was typed, by command.
#[derive(Debug, Subcommand)]
enum Typed {
    Build(build::BuildArgs),
    Watch(watch::WatchArgs),
    Exec(exec::ExecArgs),
    Check(check::CheckArgs),
    Inspect(inspect::InspectArgs),
    #[cfg(feature = "doctor")]
    Doctor(doctor::DoctorArgs),
    Env(env::EnvArgs),
    Render(render::RenderArgs),
    Install(install::InstallArgs),
    Completions(completions::CompletionsArgs),
}

/// What to do.
#[derive(Debug)]
pub enum Command {
    /// Build the stores.
    Build(BuildPlan),
    /// Build, and become another program.
    Exec(ExecPlan),
    /// Judge, and write nothing.
    Check(CheckPlan),
    /// Diagnose what is trusted, and what a server presents.
    #[cfg(feature = "doctor")]
    Doctor(DoctorPlan),
    /// Show what stores hold.
    Inspect(InspectPlan),
    /// Print the wiring.
    Env(EnvPlan),
    /// Build, and build again on every change.
    Watch(WatchPlan),
    /// Print the stores as Kubernetes objects.
    Render(RenderPlan),
    /// Copy the program into this directory.
    Install(PathBuf),
    /// Print the completion script for a shell.
    Completions(Shell),
}

fn long_version() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let count = mozilla::count();
    format!(
        "{version}\nMozilla roots: {} of {} ({count} certificates)",
        mozilla::VERSION,
        mozilla::DATE.date()
    )
}

/// The definition of the command line.
///
/// The options of a command are defined only once it is typed, which [`Subcommand`] alone cannot do: to
/// define those of all commands takes a quarter of a millisecond, a quarter of a short run.
fn definition() -> clap::Command {
    clap::Command::new("trust-init")
        .about("Make every client in a pod trust a customer's CAs as well as the public ones")
        .version(env!("CARGO_PKG_VERSION"))
        .long_version(long_version())
        .disable_help_subcommand(true)
        .arg_required_else_help(true)
        .subcommand_required(true)
        .after_help(format!("{OF_A_COMMAND}\n\n{EXIT_CODES}"))
        .subcommands([
            subcommand::<build::BuildArgs>("build"),
            subcommand::<watch::WatchArgs>("watch"),
            subcommand::<exec::ExecArgs>("exec"),
            subcommand::<check::CheckArgs>("check"),
            subcommand::<inspect::InspectArgs>("inspect"),
            #[cfg(feature = "doctor")]
            subcommand::<doctor::DoctorArgs>("doctor"),
            subcommand::<env::EnvArgs>("env"),
            subcommand::<render::RenderArgs>("render"),
            subcommand::<install::InstallArgs>("install"),
            subcommand::<completions::CompletionsArgs>("completions"),
        ])
}

fn subcommand<A: Args>(name: &'static str) -> clap::Command {
    clap::Command::new(name).defer(options::<A>)
}

/// Defines the options of a command, and after them those that all commands take. As clap's global arguments
/// these could also precede the command, whose name is the second word for everything here.
fn options<A: Args>(command: clap::Command) -> clap::Command {
    let command = A::augment_args(command);
    let after_help = command.get_after_help().cloned().unwrap_or_default();
    let of_all = ReportPlan::augment_args(clap::Command::default());
    let of_all = variables::VariableOptions::augment_args(of_all);
    command
        .args(of_all.get_arguments())
        .after_help(format!("{VARIABLES}\n\n{after_help}"))
}

/// The complete definition, for what is generated from it.
pub fn command() -> clap::Command {
    let mut command = definition();
    command.build();
    command
}

/// The command that `argv` asks for, with `variables` for the options that it does not have.
pub fn parse(
    argv: &[OsString],
    variables: Variables<'_>,
) -> Result<(Command, ReportPlan), Refusal> {
    let argv = &*with_options(argv);
    let name = argv.get(1).and_then(|word| word.to_str());
    let is_version = matches!(name, Some("--version" | "-V"));
    let definition = if is_version || name.is_some_and(Typed::has_subcommand) {
        definition()
    } else {
        // The list of commands shows what each one does.
        command()
    };
    let matches = variables::matches(definition, argv, variables)?;
    let (_, options) = matches.subcommand().unwrap_or(("", &matches));
    let report = ReportPlan::from_arg_matches(options)?;
    let command = match Typed::from_arg_matches(&matches)? {
        Typed::Build(typed) => Command::Build(BuildPlan::resolve(typed, variables)?),
        Typed::Watch(typed) => Command::Watch(WatchPlan::resolve(typed, variables)?),
        Typed::Exec(typed) => Command::Exec(ExecPlan::resolve(typed, variables)?),
        Typed::Check(typed) => Command::Check(CheckPlan::resolve(typed, variables)?),
        Typed::Inspect(typed) => Command::Inspect(InspectPlan::resolve(typed)?),
        #[cfg(feature = "doctor")]
        Typed::Doctor(typed) => Command::Doctor(DoctorPlan::resolve(typed)?),
        Typed::Env(typed) => Command::Env(EnvPlan::resolve(typed)?),
        Typed::Render(typed) => Command::Render(RenderPlan::resolve(typed, variables)?),
        Typed::Install(typed) => Command::Install(typed.resolve()?),
        Typed::Completions(typed) => Command::Completions(typed.shell),
    };
    Ok((command, report))
}

/// `help`, `help COMMAND` and `version` as the options that say the same.
fn with_options(argv: &[OsString]) -> Cow<'_, [OsString]> {
    let word = |index: usize| argv.get(index).and_then(|word| word.to_str());
    let program = argv.iter().take(1).cloned();
    match word(1) {
        Some("version") => program.chain(["--version".into()]).collect(),
        Some("help") => {
            let of_all = ["help", "version"];
            let command = word(2).filter(|word| !of_all.contains(word) && !word.starts_with('-'));
            let words = command.into_iter().chain(["--help"]);
            program.chain(words.map(OsString::from)).collect()
        }
        _ => Cow::Borrowed(argv),
    }
}

/// Whether `argv` asks for `exec`: no option precedes a command's name.
pub fn is_exec(argv: &[OsString]) -> bool {
    argv.get(1).is_some_and(|command| command == "exec")
}

#[cfg(test)]
mod tests {
    use clap::Subcommand as _;

    use super::{Typed, command, definition};

    #[test]
    fn clap_finds_no_fault_in_the_definition() {
        definition().debug_assert();
    }

    #[test]
    fn the_definition_has_the_commands_that_can_be_typed() {
        let typed = Typed::augment_subcommands(clap::Command::new("trust-init"));
        let names = |command: &clap::Command| -> Vec<String> {
            let commands = command.get_subcommands();
            commands.map(|one| one.get_name().to_owned()).collect()
        };
        assert_eq!(names(&command()), names(&typed));
    }
}
