//! `check`: judges as `build` would, and writes nothing.

use std::path::{Path, PathBuf};

use clap::Args;

use super::Variables;
use super::output::DEFAULT_OUT;
use super::policy::{PolicyOptions, PolicyPlan};
use super::sources::{Consumer, ImageSearch, SourceOptions, SourcesPlan};
use super::stores::{StoreOptions, StoresPlan};
use crate::error::Error;
use crate::report::check::CheckFormat;

const EXAMPLES: &str = "\
Exit codes: 0 build would refuse nothing and leave out nothing, 1 it would, 2 usage, 3 a source cannot
be read.

Examples:
  trust-init check client-ca-chain.pem
  trust-init check --deny expired --format junit chains/*.pem > report.xml
  yq -r .trust.caBundle.pem values.yaml | trust-init check -";

/// Check a customer's CA certificates as build would, without writing anything
///
/// Reports what the rules find in each certificate. The answer is no if build would refuse a certificate
/// or leave it out. The verdict is written to standard output, so a pipeline can keep it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct CheckArgs {
    /// The customer's CA certificates: files, directories, or '-' for standard input; same as --ca
    #[arg(value_name = "SOURCE")]
    source: Vec<PathBuf>,

    #[command(flatten)]
    verdict: VerdictOptions,
    #[command(flatten)]
    sources: SourceOptions,
    #[command(flatten)]
    policy: PolicyOptions,
    #[command(flatten)]
    stores: StoreOptions,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Verdict")]
struct VerdictOptions {
    /// Write the verdict in this format
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: CheckFormat,

    /// Answer no to warnings too
    #[arg(long)]
    strict: bool,

    /// Also check that this directory holds exactly what build would write there
    ///
    /// Give the same options as the build had: another base, format or --mounted-at gives other files.
    #[arg(long, value_name = "DIR")]
    against: Option<PathBuf>,
}

/// What `check` is to do.
#[derive(Debug)]
pub struct CheckPlan {
    /// Where the certificates come from.
    pub sources: SourcesPlan,
    /// What to judge by.
    pub policy: PolicyPlan,
    /// The stores that `build` would build.
    pub stores: StoresPlan,
    /// The format of the verdict.
    pub format: CheckFormat,
    /// Whether the answer to a warning is no.
    pub strict: bool,
    /// A directory to compare with what would be written.
    pub against: Option<PathBuf>,
}

impl CheckPlan {
    pub(super) fn resolve(typed: CheckArgs, variables: Variables<'_>) -> Result<Self, Error> {
        let CheckArgs {
            source,
            verdict,
            mut sources,
            policy,
            stores,
        } = typed;
        sources.ca.extend(source);
        if sources.ca.is_empty() {
            return Err(Error::usage("nothing to check")
                .hint("name the customer's files or directories, or '-' for standard input"));
        }
        let policy = PolicyPlan::resolve(policy, sources.at)?;
        let bases = sources.bases(Consumer::OtherContainers)?;
        let out = verdict.against.as_deref().unwrap_or(DEFAULT_OUT.as_ref());
        let stores = StoresPlan::resolve(stores, bases.node_store(), ("--against", out))?;
        let search = ImageSearch {
            variables,
            own_outputs: &[out, Path::new(&stores.mounted_at)],
            consumer: Consumer::OtherContainers,
        };
        Ok(CheckPlan {
            sources: SourcesPlan::resolve(sources, bases, &policy.policy, search)?,
            policy,
            stores,
            format: verdict.format,
            strict: verdict.strict,
            against: verdict.against,
        })
    }
}
