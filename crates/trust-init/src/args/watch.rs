//! The arguments of `watch`, as typed and as meant.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::plan::{BuildPlan, out_of};
use super::typed::{Build, Output, Policy, Report, Sources, Stores, seconds};
use super::variables::Variables;
use crate::error::Error;
use crate::read::Location;

const DEFAULT_DEBOUNCE: Duration = Duration::from_millis(500);
const DEFAULT_INTERVAL: Duration = Duration::from_mins(1);
const DEFAULT_REMIND: Duration = Duration::from_mins(5);

const WATCH_HELP: &str = "\
Exit codes: 0 ended by SIGTERM or SIGINT, or --healthy and the stores stand; 1 --healthy and they do
not yet; else those of build, for the first build. Every option --some-option can be set as
TRUST_INIT_SOME_OPTION too; the option wins.

Examples:
  trust-init watch --ca /etc/pki/custom-certs --out /trust
  trust-init watch --healthy --out /trust";

/// Build the stores, and build them again on every change of a source
///
/// For a native sidecar (Kubernetes 1.29): the sources of --ca, every --base that is a path and the
/// password files are watched. The first build fails as build would. After it, input that cannot be
/// used leaves the stores as they are, and that is said until it is mended. What came and what went
/// is said with each build.
#[derive(Debug, Args)]
#[command(after_help = WATCH_HELP)]
pub(super) struct Watch {
    #[command(flatten)]
    pub(super) watching: Watching,
    #[command(flatten)]
    pub(super) sources: Sources,
    #[command(flatten)]
    pub(super) policy: Policy,
    #[command(flatten)]
    pub(super) stores: Stores,
    #[command(flatten)]
    pub(super) output: Output,
    #[command(flatten)]
    pub(super) report: Report,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Watching")]
pub(super) struct Watching {
    /// Only say whether a watch that runs has built the stores of --out: exit code 0 or 1
    ///
    /// For a startupProbe, in the watch's own container: no other option matters, so it may run with
    /// the same variables. Stores that were left by a watch that is dead do not count.
    #[arg(long)]
    pub(super) healthy: bool,

    /// How long a source must rest before it is built from, in milliseconds [default: 500]
    ///
    /// One that does not rest is built from after ten times that.
    #[arg(long, value_name = "MILLISECONDS", value_parser = milliseconds)]
    pub(super) debounce: Option<u32>,

    /// How often to read the sources even though nothing told of a change, in seconds [default: 60]
    ///
    /// NFS and its like tell nothing of a change that another machine made.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(super) interval: Option<u32>,

    /// How often to try again, and to say so, while the stores cannot be built, in seconds
    /// [default: 300]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(super) remind: Option<u32>,
}

fn milliseconds(text: &str) -> Result<u32, String> {
    let number = text.parse();
    number.map_err(|_| String::from("expected a whole number of milliseconds"))
}

/// What `watch` is to do.
#[derive(Debug)]
pub enum WatchPlan {
    /// Say whether the stores of this directory are a running watch's.
    Healthy(PathBuf),
    /// Keep the stores up to date.
    Run(Box<RunPlan>),
}

/// What is built, and when again.
#[derive(Debug)]
pub struct RunPlan {
    /// What is built.
    pub build: BuildPlan,
    /// How long a source must rest.
    pub debounce: Duration,
    /// How often to look, whatever is told.
    pub interval: Duration,
    /// How often to try again what failed.
    pub remind: Duration,
}

impl WatchPlan {
    pub(super) fn resolve(typed: Watch, variables: Variables<'_>) -> Result<Self, Error> {
        let Watch {
            watching,
            sources,
            policy,
            stores,
            output,
            report,
        } = typed;
        if watching.healthy {
            return Ok(WatchPlan::Healthy(out_of(&output)));
        }
        let build = Build {
            sources,
            policy,
            stores,
            output,
            report,
        };
        let build = BuildPlan::resolve(build, variables)?;
        if build.sources.customer.iter().any(is_read_once) {
            let message = "a pipe is read once, and cannot change: name a file or a directory";
            return Err(Error::usage(message).at("--ca"));
        }
        // Zero would keep a processor busy for nothing.
        let of_seconds = |typed: Option<u32>, default| {
            typed.map_or(default, |number| Duration::from_secs(number.max(1).into()))
        };
        let debounce = watching.debounce.map_or(DEFAULT_DEBOUNCE, |number| {
            Duration::from_millis(number.into())
        });
        Ok(WatchPlan::Run(Box::new(RunPlan {
            build,
            debounce,
            interval: of_seconds(watching.interval, DEFAULT_INTERVAL),
            remind: of_seconds(watching.remind, DEFAULT_REMIND),
        })))
    }
}

/// Standard input, or what a shell's `<(…)` stands for.
fn is_read_once(location: &Location) -> bool {
    match location {
        Location::StandardInput => true,
        Location::Path(path) => ["/dev/fd", "/proc/self/fd", "/dev/stdin"]
            .iter()
            .any(|pipes| path.starts_with(Path::new(pipes))),
    }
}
