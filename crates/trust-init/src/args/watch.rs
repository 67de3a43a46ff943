//! `watch`: builds, then builds again whenever a source changes.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::Variables;
use super::build::{BuildArgs, BuildPlan};
use super::values::{milliseconds, seconds};
use crate::error::Error;
use crate::read::{Location, is_descriptor};

const EXAMPLES: &str = "\
Exit codes: 0 ended by SIGTERM or SIGINT; with --healthy, 0 the stores are built, 1 they are not; if the
first build fails, those of build.

Examples:
  trust-init watch /etc/pki/custom-certs --out /trust
  trust-init watch --healthy --out /trust";

/// Build the stores, and build them again whenever a source changes
///
/// For a native sidecar (Kubernetes 1.29 or later). Watches the customer's sources, every --base that is a
/// path, and the password files. If the first build fails, watch fails as build would. After that,
/// unusable input leaves the stores as they are, and the error is repeated until it is fixed. Each build
/// reports which certificates were added and removed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct WatchArgs {
    /// Only report whether a running watch has built the stores of --out: exit code 0 or 1
    ///
    /// For a startupProbe in the watch's own container. No option but --out matters, so the same variables
    /// can be set. Stores left over from a watch that has ended do not count.
    #[arg(long, help_heading = "Watching")]
    healthy: bool,

    #[command(flatten)]
    timing: WatchTiming,
    #[command(flatten)]
    build: BuildArgs,
}

/// When to build again.
#[derive(Debug, Args)]
#[command(next_help_heading = "Watching")]
pub struct WatchTiming {
    /// Build once a source has not changed for this many milliseconds
    ///
    /// If it keeps changing, the stores are built after ten times as long anyway. For a ConfigMap or Secret that is
    /// mounted as a directory, watch does not wait, because its files change all at once.
    #[arg(long, value_name = "MILLISECONDS", value_parser = milliseconds, default_value = "500")]
    pub debounce: Duration,

    /// Also read the sources at this interval, in seconds, even if no change was reported
    ///
    /// NFS and similar file systems send no notification of a change made on another machine.
    #[arg(long, value_name = "SECONDS", value_parser = at_least_a_second, default_value = "60")]
    pub interval: Duration,

    /// While the stores cannot be built, retry and report it at this interval, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = at_least_a_second, default_value = "300")]
    pub remind: Duration,
}

/// What `watch` is to do.
#[derive(Debug)]
pub enum WatchPlan {
    /// Report whether a running watch has built the stores of this directory.
    Healthy(PathBuf),
    /// Keep the stores up to date.
    Run(Box<RunPlan>),
}

/// What is built, and when again.
#[derive(Debug)]
pub struct RunPlan {
    /// What is built.
    pub build: BuildPlan,
    /// When it is built again.
    pub timing: WatchTiming,
}

impl WatchPlan {
    pub(super) fn resolve(typed: WatchArgs, variables: Variables<'_>) -> Result<Self, Error> {
        if typed.healthy {
            let out = typed.build.output.directory(variables);
            return Ok(WatchPlan::Healthy(out));
        }
        let build = BuildPlan::resolve(typed.build, variables)?;
        if build.content.sources.customer.iter().any(is_pipe) {
            return Err(Error::usage("a pipe cannot be watched for changes")
                .at("--ca")
                .hint("name a file or a directory"));
        }
        Ok(WatchPlan::Run(Box::new(RunPlan {
            build,
            timing: typed.timing,
        })))
    }
}

/// Zero would keep a processor busy for nothing.
fn at_least_a_second(text: &str) -> Result<Duration, String> {
    Ok(seconds(text)?.max(Duration::from_secs(1)))
}

/// Standard input, or a path that a shell puts for `<(…)`.
fn is_pipe(location: &Location) -> bool {
    match location {
        Location::StandardInput => true,
        Location::Path(path) => is_descriptor(path),
    }
}
