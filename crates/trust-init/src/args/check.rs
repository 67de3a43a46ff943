//! `check`: judges as `build` would, and writes nothing.

use std::path::PathBuf;

use clap::Args;

use super::Variables;
use super::content::{ContentOptions, ContentPlan};
use super::sources::{Consumer, PositionalSources};
use crate::error::Error;
use crate::report::check::CheckFormat;
use crate::write::default_directory::IN_CONTAINER;

const EXAMPLES: &str = "\
Exit codes: 0 build would accept everything, 1 build would refuse or leave out a certificate, 2 usage,
3 a source cannot be read.

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
    #[command(flatten)]
    positional: PositionalSources,
    #[command(flatten)]
    verdict: VerdictPlan,
    #[command(flatten)]
    content: ContentOptions,
}

/// How to answer.
#[derive(Debug, Args)]
#[command(next_help_heading = "Verdict")]
pub struct VerdictPlan {
    /// Write the verdict in this format
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: CheckFormat,

    /// Answer no to warnings too
    #[arg(long)]
    pub strict: bool,

    /// Also check that this directory holds exactly what build would write there
    ///
    /// Give the options that the build had: another base, format or --mounted-at makes different files.
    #[arg(long, value_name = "DIR")]
    pub against: Option<PathBuf>,
}

/// What `check` is to do.
#[derive(Debug)]
pub struct CheckPlan {
    /// What `build` would be asked for.
    pub content: ContentPlan,
    /// How to answer.
    pub verdict: VerdictPlan,
}

impl CheckPlan {
    pub(super) fn resolve(typed: CheckArgs, variables: Variables<'_>) -> Result<Self, Error> {
        let CheckArgs {
            positional,
            verdict,
            content,
        } = typed;
        let content = content.with(positional);
        if content.sources.ca.is_empty() {
            return Err(Error::usage("nothing to check")
                .hint("name the customer's files or directories, or '-' for standard input"));
        }
        let out = verdict.against.as_deref().unwrap_or(IN_CONTAINER.as_ref());
        let out = ("--against", Some(out));
        Ok(CheckPlan {
            content: ContentPlan::resolve(content, Consumer::OtherContainers, out, variables)?,
            verdict,
        })
    }
}
