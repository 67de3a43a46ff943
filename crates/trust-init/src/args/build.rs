//! `build`: reads the sources and writes every store.

use std::path::{Path, PathBuf};

use clap::Args;

use super::Variables;
use super::output::OutputOptions;
use super::policy::{PolicyOptions, PolicyPlan};
use super::sources::{Consumer, ImageSearch, SourceOptions, SourcesPlan};
use super::stores::{StoreOptions, StoresPlan};
use crate::error::Error;
use crate::write;

const EXAMPLES: &str = "\
Example:
  trust-init build --ca client-ca-chain.pem --out trust";

/// Build the OS bundle, the Java truststore and the Python bundle
///
/// Reads the customer's CA certificates, adds them to the public roots, and writes to --out: the OS
/// bundle and OpenSSL's hashed directory (os/), a Java truststore (java/), a Python bundle (python/), the
/// customer's certificates alone (custom/), the environment variables that point clients at them
/// (trust.env), and a record of what was kept or dropped and why (manifest.json). A run that fails leaves
/// the previous stores unchanged.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct BuildArgs {
    #[command(flatten)]
    pub(super) sources: SourceOptions,
    #[command(flatten)]
    pub(super) policy: PolicyOptions,
    #[command(flatten)]
    pub(super) stores: StoreOptions,
    #[command(flatten)]
    pub(super) output: OutputOptions,
}

/// What `build` is to do.
#[derive(Debug)]
pub struct BuildPlan {
    /// Where the certificates come from.
    pub sources: SourcesPlan,
    /// What to judge by.
    pub policy: PolicyPlan,
    /// Which stores to build.
    pub stores: StoresPlan,
    /// The directory to write.
    pub out: PathBuf,
    /// Whether to copy the program there too.
    pub install: bool,
    /// How to write.
    pub write: write::Options,
}

impl BuildPlan {
    pub(super) fn resolve(typed: BuildArgs, variables: Variables<'_>) -> Result<Self, Error> {
        let BuildArgs {
            sources,
            policy,
            stores,
            output,
        } = typed;
        if output.out == Path::new("/") {
            return Err(Error::usage("refusing to write to the root directory")
                .at("--out")
                .hint("name a directory of its own, such as /trust"));
        }
        let policy = PolicyPlan::resolve(policy, sources.at)?;
        let bases = sources.bases(Consumer::OtherContainers)?;
        let stores = StoresPlan::resolve(stores, bases.node_store(), ("--out", &output.out))?;
        let search = ImageSearch {
            variables,
            own_outputs: &[&output.out, Path::new(&stores.mounted_at)],
            consumer: Consumer::OtherContainers,
        };
        Ok(BuildPlan {
            sources: SourcesPlan::resolve(sources, bases, &policy.policy, search)?,
            policy,
            stores,
            out: output.out,
            install: output.install,
            write: write::Options {
                lock_timeout: output.lock_timeout,
                sync: output.sync,
            },
        })
    }
}
