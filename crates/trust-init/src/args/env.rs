//! `env`: prints the variables that make clients read the stores.

use clap::{Args, ValueHint};

use super::sources::Bases;
use super::stores::{StoreOptions, StoresPlan};
use super::values::{BaseName, BaseNames};
use crate::error::Error;
use crate::wiring::EnvFormat;
use crate::write::default_directory::IN_CONTAINER;

const EXAMPLES: &str = "\
Examples:
  eval \"$(trust-init env --mounted-at /trust)\"
  trust-init env --format kubernetes
  spark-submit $(trust-init env --format spark-submit) ...";

/// Print the environment variables that make clients use the stores
///
/// Covers OpenSSL, curl, git, Perl, Python's libraries, gRPC, AWS, gcloud and Node, and the JVM's options.
/// Reads no files: it prints what a build with these options writes to trust.env, in the format of your
/// choice.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct EnvArgs {
    /// Print the variables in this format
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: EnvFormat,

    /// Name the bases that the build had: with a path among them, Node gets the merged bundle
    ///
    /// Node has roots of its own and adds one file to them: the customer's chain alone, unless a path
    /// adds the platform's CAs, which only the merged bundle holds.
    #[arg(long, value_name = "BASE", value_parser = BaseNames, value_hint = ValueHint::AnyPath, hide_possible_values = true)]
    base: Vec<BaseName>,

    #[command(flatten)]
    stores: StoreOptions,
}

/// What `env` is to do.
#[derive(Debug)]
pub struct EnvPlan {
    /// The stores that there will be.
    pub stores: StoresPlan,
    /// The format of what is printed.
    pub format: EnvFormat,
}

impl EnvPlan {
    pub(super) fn resolve(typed: EnvArgs) -> Result<Self, Error> {
        let node = Bases::resolve(&typed.base)?.node_store();
        let out = ("--mounted-at", IN_CONTAINER.as_ref());
        Ok(EnvPlan {
            stores: StoresPlan::resolve(typed.stores, node, out)?,
            format: typed.format,
        })
    }
}
