//! Builds trust stores from a customer's CA chain and the public roots, for every client in a
//! pod: OpenSSL and curl, the JVM, Python.
//!
//! One line through the house; each command is a stretch of it (`check` and `render` end before the last write,
//! `inspect` after judge):
//!
//! ```text
//! args → Plan
//!  read ──► decode ──► judge ──► Stores ──► encode ──► write ──► report
//!  [I/O]    pure       pure      pure       pure       [I/O]
//! ```
//!
//! | step | module | turns |
//! | --- | --- | --- |
//! | args | [`args`] | what was typed into a plan |
//! | read | [`read`], and [`image`] for the stores that an image has | paths into bytes with an origin |
//! | decode | [`formats`] | bytes into certificates and problems, none lost |
//! | judge | [`judge`], by the rules of [`policy`] and what [`clients`] refuse | those into verdicts |
//! | Stores | [`bundle`] | the kept into an ordered set for each output |
//! | encode | [`formats`], [`layout`], [`kubernetes`] | sets into files, or objects |
//! | write | [`write::atomic`] | files into a directory, all or nothing |
//! | report | [`report`] | all of it into words |
//!
//! What makes clients read the stores is [`wiring`].
//!
//! The library serves the binary and its tests; its interface follows theirs.

pub mod args;
pub mod commands;
#[cfg(feature = "doctor")]
pub mod doctor;
pub mod error;
pub mod image;
pub mod kubernetes;
pub mod layout;
pub mod read;
pub mod report;
pub mod wiring;
pub mod write;

use std::ffi::OsString;
use std::io::IsTerminal as _;

use args::{Command, Refusal, ReportPlan, Variables, WatchPlan};
use error::Errors;
use report::log::Log;
use report::style::Style;
use report::termination;
use trust_stores::Timestamp;

/// Runs the command that `argv` and `variables` ask for, at the moment `now`; gives the exit
/// code.
pub fn run(argv: &[OsString], variables: Variables<'_>, now: Timestamp) -> u8 {
    let is_exec = args::is_exec(argv);
    let (plan, report) = match args::parse(argv, variables) {
        Ok(parsed) => parsed,
        Err(refusal) => {
            let report = ReportPlan::recognized_in(argv, variables);
            let errors = match refusal {
                Refusal::Shown(text) => match report::stdout(&text) {
                    Ok(()) => return 0,
                    Err(error) => error.into(),
                },
                Refusal::Refused(errors) => errors,
            };
            return failed(&errors, &report, is_exec);
        }
    };
    let mut log = Log::stderr(report.log_format, report.quiet);
    let style = Style::of(std::io::stdout().is_terminal(), variables);
    let outcome = match plan {
        Command::Build(plan) => commands::build::run(&plan, now, &mut log).map(|()| 0),
        Command::Exec(plan) => commands::exec::run(&plan, variables, now, &mut log),
        Command::Check(plan) => commands::check::run(&plan, now, style, &mut log).and_then(answer),
        #[cfg(feature = "doctor")]
        Command::Doctor(plan) => {
            commands::doctor::run(&plan, variables, now, style, &mut log).and_then(told)
        }
        Command::Inspect(plan) => {
            commands::inspect::run(&plan, now, style, &mut log).and_then(answer)
        }
        Command::Env(plan) => commands::env::run(&plan, &mut log).and_then(|text| told((text, 0))),
        Command::Watch(plan) => match plan {
            WatchPlan::Healthy(out) => answer(commands::watch::healthy(&out)),
            WatchPlan::Run(plan) => commands::watch::run(*plan, &mut log),
        },
        Command::Render(plan) => {
            commands::render::run(&plan, now, &mut log).and_then(|text| told((text, 0)))
        }
        Command::Install(directory) => commands::install::run(&directory, &mut log).map(|()| 0),
        Command::Completions(shell) => told((args::completions(shell), 0)),
    };
    match outcome {
        Ok(code) => code,
        Err(errors) => failed(&errors, &report, is_exec),
    }
}

/// As env(1) and its like say that they failed, and not the command that they were to run.
const EXEC_FAILED: u8 = 125;

/// Reports why the run failed; gives the exit code.
fn failed(errors: &Errors, report: &ReportPlan, is_exec: bool) -> u8 {
    termination::write(&report.termination_log, errors);
    Log::stderr(report.log_format, report.quiet).errors(errors);
    if is_exec {
        EXEC_FAILED
    } else {
        errors.exit_code()
    }
}

/// Prints an answer; 0 for yes, 1 for no.
fn answer((text, is_yes): (String, bool)) -> Result<u8, Errors> {
    told((text, u8::from(!is_yes)))
}

/// Prints what was asked for; gives the exit code that goes with it.
fn told((text, code): (String, u8)) -> Result<u8, Errors> {
    report::stdout(&text)?;
    Ok(code)
}
