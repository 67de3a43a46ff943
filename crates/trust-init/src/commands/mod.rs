//! The commands, a page each: which stretch of the line from arguments to report they are. What
//! several of them share is in `pipeline`.

mod build;
mod check;
#[cfg(feature = "doctor")]
mod doctor;
mod env;
mod exec;
mod inspect;
mod install;
mod pipeline;
mod render;
mod watch;

use std::ffi::OsString;

use crate::args::{self, Command, Variables, WatchPlan};
use crate::error::{Errors, ExitCode};
use crate::report;
use crate::report::log::Log;
use trust_stores::Timestamp;

/// Runs `command`, which `argv` asks for. Validity is judged at its `--at`, or at `now`.
pub fn run(
    command: Command,
    argv: &[OsString],
    variables: Variables<'_>,
    names: &[OsString],
    now: Timestamp,
    log: &mut Log,
) -> Result<ExitCode, Errors> {
    match command {
        Command::Build(plan) => build::run(&plan, argv, now, log),
        Command::Exec(plan) => exec::run(&plan, variables, names, now, log),
        Command::Check(plan) => check::run(&plan, variables, now, log),
        #[cfg(feature = "doctor")]
        Command::Doctor(plan) => doctor::run(&plan, variables, now, log),
        Command::Inspect(plan) => inspect::run(&plan, variables, now, log),
        Command::Env(plan) => env::run(&plan, log),
        Command::Watch(WatchPlan::Healthy(out)) => watch::healthy(&out, variables),
        Command::Watch(WatchPlan::Run(plan)) => watch::run(*plan, log),
        Command::Render(plan) => render::run(&plan, now, log),
        Command::Install(directory) => install::run(&directory, log),
        Command::Completions(shell) => {
            report::print(&args::completions(shell))?;
            Ok(ExitCode::Done)
        }
    }
}
