//! `inspect`: shows what stores hold.

use std::path::PathBuf;

use clap::Args;

use super::policy::{DEFAULT_EXPIRES_SOON, PolicyPlan};
use super::sources::{DEFAULT_MAX_SIZE, UnlockPlan, locations};
use super::values::size;
use crate::error::Error;
use crate::read::Location;
use crate::report::inspect::InspectFormat;
use trust_stores::{Days, Policy, Timestamp};

const EXAMPLES: &str = "\
Exit codes: 0 shown, 1 --diff found a difference, 2 usage, 3 a source, or a part of one, cannot be read.

Examples:
  trust-init inspect customer.p7b
  trust-init inspect /trust
  trust-init inspect --format pem store.jks > ca.pem
  trust-init inspect /etc/ssl/certs/ca-certificates.crt --diff trust/os/ca-certificates.crt";

/// Show the contents of any store, bundle, directory or chain
///
/// Reads PEM, DER, PKCS#7, PKCS#12 and JKS, detected from the content; the files of a directory; or the
/// output directory of a build with all its stores. Nothing is refused: what the rules find is shown next
/// to each certificate, and what build would do with each source at the end. If a part of a source cannot
/// be read, or no certificate is found, the exit code is 3, and nothing is printed as PEM.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct InspectArgs {
    /// Files, directories, or '-' for standard input
    #[arg(value_name = "SOURCE")]
    source: Vec<PathBuf>,

    /// Show the certificates in this format
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: InspectFormat,

    /// Show what is added, removed and renewed in OTHER instead
    #[arg(long, value_name = "OTHER")]
    diff: Option<PathBuf>,

    #[command(flatten)]
    unlock: UnlockPlan,

    /// Judge validity at this time instead of now, as 2026-11-21 or 2026-11-21T08:00:00Z
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,

    /// Report certificates that expire within this many days
    #[arg(long, value_name = "DAYS", default_value = DEFAULT_EXPIRES_SOON)]
    expires_soon: Days,
}

/// What `inspect` is to do.
#[derive(Debug)]
pub struct InspectPlan {
    /// What to show.
    pub sources: Vec<Location>,
    /// What to compare it with.
    pub diff: Option<Location>,
    /// How to open stores.
    pub unlock: UnlockPlan,
    /// What to judge by: nothing is refused or left out.
    pub policy: PolicyPlan,
    /// The format in which it is shown.
    pub format: InspectFormat,
    /// How many bytes of a source `build` would read, to say what it would do.
    pub build_limit: u64,
}

impl InspectPlan {
    pub(super) fn resolve(typed: InspectArgs) -> Result<Self, Error> {
        if typed.source.is_empty() {
            return Err(Error::usage("nothing to inspect")
                .hint("name stores, bundles or directories, or '-' for standard input"));
        }
        if typed.diff.is_some() && typed.format == InspectFormat::Pem {
            return Err(Error::usage("a difference cannot be shown as pem").at("--diff"));
        }
        let count = typed.source.len();
        let mut sources = locations(typed.source.into_iter().chain(typed.diff).collect())?;
        let diff = sources.split_off(count).pop();
        Ok(InspectPlan {
            sources,
            diff,
            unlock: typed.unlock,
            policy: PolicyPlan {
                policy: Policy::lenient(),
                at: typed.at,
                expires_soon: typed.expires_soon,
                blocked: Vec::new(),
            },
            format: typed.format,
            build_limit: size(DEFAULT_MAX_SIZE).unwrap_or(u64::MAX),
        })
    }
}
