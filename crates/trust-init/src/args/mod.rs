//! The command line and the environment in, a plan out.
//!
//! A file per command: what was typed (clap's structure and the help), what it means (the plan), and how
//! one becomes the other. The options that commands share are beside them, in `sources`, `policy`,
//! `stores`, `output` and `report`. `variables` adds what the environment sets. A plan is complete:
//! nothing later asks for an option again.

mod build;
mod check;
mod completions;
#[cfg(feature = "doctor")]
mod doctor;
mod env;
mod exec;
mod inspect;
mod install;
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

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args as _, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

pub use build::BuildPlan;
pub use check::CheckPlan;
pub use completions::{Shell, completions};
#[cfg(feature = "doctor")]
pub use doctor::{DoctorPlan, ProxyPlan};
pub use env::EnvPlan;
pub use exec::{ExecPlan, ExecStores};
pub use inspect::InspectPlan;
pub use policy::PolicyPlan;
pub use refusal::Refusal;
pub use render::{Print, RenderPlan};
pub use report::ReportPlan;
pub use sources::{SourcesPlan, UnlockPlan};
pub use stores::StoresPlan;
pub use variables::Variables;
pub use watch::{RunPlan, WatchPlan};

use crate::read::roots;

/// Make every client in a pod trust a customer's CAs as well as the public ones
#[derive(Debug, Parser)]
#[command(
    name = "trust-init",
    version,
    long_version = long_version(),
    disable_help_subcommand = true,
    arg_required_else_help = true,
    subcommand_required = true,
    after_help = EXIT_CODES
)]
struct CommandLine {
    #[command(subcommand)]
    command: Typed,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 the answer is no (check, doctor, inspect --diff, watch --healthy), 2 usage,
3 input, 4 output; for exec: 125 trust-init itself failed, 126 the command cannot be run, 127 the
command was not found, otherwise the command's own.";

/// The end of every command's help.
const VARIABLES: &str = "\
Every option --some-option can also be set as TRUST_INIT_SOME_OPTION; the option wins. In a
variable, several paths are separated by ':', and a switch is 1, true or yes.";

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
    let count = roots::count();
    format!(
        "{version}\nMozilla roots: {} of {} ({count} certificates)",
        roots::VERSION,
        roots::DATE.date()
    )
}

/// The definition of the command line. The options of [`ReportPlan`] come after each command's own; as
/// clap's global arguments they could also precede the command, whose name is the second word for
/// everything here.
fn definition() -> clap::Command {
    let report = ReportPlan::augment_args(clap::Command::default());
    CommandLine::command().mut_subcommands(|command| {
        let after_help = command.get_after_help().cloned().unwrap_or_default();
        command
            .args(report.get_arguments())
            .after_help(format!("{VARIABLES}\n\n{after_help}"))
    })
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
    let matches = variables::matches(definition(), argv, variables)?;
    let (_, options) = matches.subcommand().unwrap_or(("", &matches));
    let report = ReportPlan::from_arg_matches(options)?;
    let command = match CommandLine::from_arg_matches(&matches)?.command {
        Typed::Build(typed) => Command::Build(BuildPlan::resolve(typed, variables)?),
        Typed::Watch(typed) => Command::Watch(WatchPlan::resolve(typed, variables)?),
        Typed::Exec(typed) => Command::Exec(ExecPlan::resolve(typed, variables)?),
        Typed::Check(typed) => Command::Check(CheckPlan::resolve(typed, variables)?),
        Typed::Inspect(typed) => Command::Inspect(InspectPlan::resolve(typed)?),
        #[cfg(feature = "doctor")]
        Typed::Doctor(typed) => Command::Doctor(DoctorPlan::resolve(typed)?),
        Typed::Env(typed) => Command::Env(EnvPlan::resolve(typed)?),
        Typed::Render(typed) => Command::Render(RenderPlan::resolve(typed, variables)?),
        Typed::Install(typed) => Command::Install(typed.directory),
        Typed::Completions(typed) => Command::Completions(typed.shell),
    };
    Ok((command, report))
}

/// Whether `argv` asks for `exec`: no option precedes a command's name.
pub fn is_exec(argv: &[OsString]) -> bool {
    argv.get(1).is_some_and(|command| command == "exec")
}

#[cfg(test)]
mod tests {
    #[test]
    fn clap_finds_no_fault_in_the_definition() {
        super::definition().debug_assert();
    }
}
