//! What was typed, and what it resolves to.
//!
//! `typed` is clap's picture of the command line. `variables` adds what the environment says.
//! `plan` checks it all together and gives a plan that nothing has to be asked of again.

mod completions;
#[cfg(feature = "doctor")]
mod doctor;
mod plan;
mod render;
mod typed;
mod values;
mod variables;
mod watch;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _, Subcommand as _};

pub use completions::{Shell, completions};
#[cfg(feature = "doctor")]
pub use doctor::{DoctorPlan, ProxyPlan};
pub use plan::{
    BuildPlan, CheckPlan, EnvPlan, ExecPlan, ExecStores, InspectPlan, PolicyPlan, ReportPlan,
    SourcesPlan, StoresPlan, UnlockPlan,
};
pub use render::{Print, RenderPlan};
pub use variables::Variables;
pub use watch::{RunPlan, WatchPlan};

use crate::error::{Error, Errors};
use crate::report::log::LogFormat;
use trust_stores::escape::escape;

/// What to do.
#[derive(Debug)]
pub enum Command {
    /// Build the stores.
    Build(BuildPlan),
    /// Build, and become another program.
    Exec(ExecPlan),
    /// Judge, and write nothing.
    Check(CheckPlan),
    /// Say what is trusted, and what a server presents.
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
    /// Print what a shell completes the command line with.
    Completions(Shell),
}

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
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                let fault = Error::usage("no command is given")
                    .hint("to build the stores: trust-init build --ca PATH --out DIR")
                    .hint("trust-init --help tells the rest");
                Refusal::Refused(fault.into())
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

/// The command line's definition, for what is generated from it.
pub fn command() -> clap::Command {
    let mut command = typed::Cli::command();
    command.build();
    command
}

/// The command that `argv` asks for, with `variables` for the flags that it does not have.
pub fn parse(
    argv: &[OsString],
    variables: Variables<'_>,
) -> Result<(Command, ReportPlan), Refusal> {
    let is_known = argv
        .get(1)
        .and_then(|word| word.to_str())
        .is_some_and(typed::Command::has_subcommand);
    // The list of commands needs a line of each; a command needs its own arguments alone.
    let command = if is_known {
        typed::Cli::command()
    } else {
        command()
    };
    let matches = variables::matches(command, argv, variables)?;
    let (report, command) = match typed::Cli::from_arg_matches(&matches)?.command {
        typed::Command::Build(build) => (
            ReportPlan::resolve(&build.report),
            Command::Build(BuildPlan::resolve(build, variables)?),
        ),
        typed::Command::Watch(watch) => (
            ReportPlan::resolve(&watch.report),
            Command::Watch(WatchPlan::resolve(watch, variables)?),
        ),
        typed::Command::Exec(exec) => (
            ReportPlan::resolve(&exec.report),
            Command::Exec(ExecPlan::resolve(exec, variables)?),
        ),
        typed::Command::Env(env) => (
            ReportPlan::resolve(&env.report),
            Command::Env(EnvPlan::resolve(env)?),
        ),
        typed::Command::Render(render) => (
            ReportPlan::resolve(&render.report),
            Command::Render(RenderPlan::resolve(render, variables)?),
        ),
        typed::Command::Install(install) => (
            ReportPlan::resolve(&install.report),
            Command::Install(install.directory),
        ),
        typed::Command::Completions(completions) => (
            ReportPlan::resolve(&completions.report),
            Command::Completions(completions.shell),
        ),
        typed::Command::Check(check) => (
            ReportPlan::resolve(&check.report),
            Command::Check(CheckPlan::resolve(check, variables)?),
        ),
        #[cfg(feature = "doctor")]
        typed::Command::Doctor(doctor) => (
            ReportPlan::resolve(&doctor.report),
            Command::Doctor(DoctorPlan::resolve(doctor)?),
        ),
        typed::Command::Inspect(inspect) => (
            ReportPlan::resolve(&inspect.report),
            Command::Inspect(InspectPlan::resolve(inspect)?),
        ),
    };
    Ok((command, report))
}

/// Whether the command line asks for `exec`, by the look of it.
pub fn is_exec(argv: &[OsString]) -> bool {
    argv.get(1).is_some_and(|command| command == "exec")
}

/// The log's format by the look of it, where the command line could not be followed.
pub fn log_format(argv: &[OsString], variables: Variables<'_>) -> LogFormat {
    let is_json = |word: &OsString| word == "json";
    let typed = argv.iter().any(|word| word == "--log-format=json")
        || argv
            .windows(2)
            .any(|pair| pair[0] == "--log-format" && is_json(&pair[1]));
    if typed || variables("TRUST_INIT_LOG_FORMAT").is_some_and(|value| is_json(&value)) {
        LogFormat::Json
    } else {
        LogFormat::Text
    }
}

/// clap's complaint in the form of our own errors.
fn usage(error: &clap::Error) -> Error {
    let text = error.render().to_string();
    let mut lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("For more information"));
    let first = lines.next().unwrap_or("cannot be understood");
    let is_exec = text.contains("trust-init exec");
    if is_exec && error.kind() == ErrorKind::MissingRequiredArgument {
        return Error::usage("no command is given")
            .hint("put it behind --: trust-init exec --ca PATH -- CMD ARGS...");
    }
    let mut fault = Error::usage(escape(first.trim_start_matches("error: ")));
    if error.kind() == ErrorKind::UnknownArgument && !first.contains("'-") {
        if is_exec {
            fault =
                fault.hint("put -- before the command: trust-init exec --ca PATH -- CMD ARGS...");
        } else if text.contains("trust-init build") {
            fault = fault.hint("each path needs a --ca of its own: --ca one.pem --ca two.pem");
        }
    }
    for line in lines {
        let line = line.trim_start_matches("tip: ");
        let line = line
            .strip_prefix('[')
            .and_then(|line| line.strip_suffix(']'))
            .unwrap_or(line);
        fault = fault.hint(escape(line));
    }
    fault
}
