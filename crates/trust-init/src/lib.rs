//! Builds trust stores from a customer's CA chain and the public roots, for every client in a pod:
//! OpenSSL and curl, the JVM, Python.
//!
//! There is one line through the house, and each command is a stretch of it. Only its ends touch the
//! world:
//!
//! ```text
//! args ──► read ──► decode ──► judge ──► Stores ──► encode ──► write ──► report
//! ```
//!
//! | step | room | turns |
//! | --- | --- | --- |
//! | args | [`args`] | the command line and variables into a plan |
//! | read | [`read`], and [`image`] for the stores that an image has | paths into bytes with an origin |
//! | decode | [`trust_stores::decode`] | bytes into certificates and problems, none lost |
//! | judge | [`trust_stores::Judge`] | certificates into verdicts, by the rules of the policy |
//! | Stores | [`trust_stores::Stores`] | what is kept into an ordered bundle for each store |
//! | encode | [`layout`], [`kubernetes`] | bundles into files or objects |
//! | write | [`mod@write`] | files into a directory, all or nothing |
//! | report | [`report`] | all of it into words |
//!
//! [`commands`] puts these steps together, [`wiring`] makes clients read the stores, and [`error`] decides
//! codes and exit codes. `ask` runs the programs of a pod, if a user wants that. No room imports from one above it; ARCHITECTURE.md has their order, and a test
//! holds it.
//!
//! The library serves the binary and its tests; its interface follows theirs.

pub mod args;
#[cfg(feature = "doctor")]
pub mod ask;
pub mod commands;
pub mod error;
pub mod image;
pub mod kubernetes;
pub mod layout;
pub mod read;
pub mod report;
pub mod sys;
pub mod wiring;
pub mod write;

use std::ffi::OsString;

use args::{Refusal, ReportPlan, Variables};
use error::exit::Convention;
use error::{Errors, ExitCode};
use report::log::Log;
use report::style::Style;
use report::termination;
use trust_stores::Timestamp;

/// Runs the command that `argv` and `variables` ask for, at the time `now`. `names` are those of all
/// variables that are set.
pub fn run(
    argv: &[OsString],
    variables: Variables<'_>,
    names: &[OsString],
    now: Timestamp,
) -> ExitCode {
    let convention = if args::is_exec(argv) {
        Convention::OfExec
    } else {
        Convention::OfErrors
    };
    let (command, plan) = match args::parse(argv, variables) {
        Ok(parsed) => parsed,
        Err(refusal) => {
            let plan = ReportPlan::recognized_in(argv, variables);
            let errors = match refusal {
                Refusal::Shown(text) => match report::print(&text) {
                    Ok(()) => return ExitCode::Done,
                    Err(error) => error.into(),
                },
                Refusal::Refused(errors) => errors,
            };
            // Often the reason why something is missing.
            warn_about_variables(argv, names, variables, &mut log(&plan, variables));
            return failed(&errors, &plan, variables, convention);
        }
    };
    let mut log = log(&plan, variables);
    warn_about_variables(argv, names, variables, &mut log);
    commands::run(command, argv, variables, names, now, &mut log)
        .unwrap_or_else(|errors| failed(&errors, &plan, variables, convention))
}

fn log(plan: &ReportPlan, variables: Variables<'_>) -> Log {
    Log::new(plan.log_format)
        .quiet(plan.quiet)
        .styled(Style::of_stderr(variables))
}

fn warn_about_variables(
    argv: &[OsString],
    names: &[OsString],
    variables: Variables<'_>,
    log: &mut Log,
) {
    for warning in args::doubts(argv, names, variables) {
        log.warning(&warning);
    }
}

/// Reports why the run failed; gives the exit code.
fn failed(
    errors: &Errors,
    plan: &ReportPlan,
    variables: Variables<'_>,
    convention: Convention,
) -> ExitCode {
    termination::write(&plan.termination_log, errors);
    log(plan, variables).errors(errors);
    ExitCode::of_failure(errors, convention)
}
