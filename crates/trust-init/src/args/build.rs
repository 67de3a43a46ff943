//! `build`: reads the sources and writes every store.

use std::path::{Path, PathBuf};

use clap::Args;

use super::Variables;
use super::content::{ContentOptions, ContentPlan};
use super::output::OutputOptions;
use super::sources::{Consumer, PositionalSources};
use crate::error::Error;
use crate::write;

const EXAMPLES: &str = "\
Examples:
  trust-init build client-ca-chain.pem
  trust-init build --ca /etc/pki/custom-certs --base auto --out /trust";

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
    positional: PositionalSources,
    #[command(flatten)]
    content: ContentOptions,
    #[command(flatten)]
    pub(super) output: OutputOptions,
}

/// What `build` is to do.
#[derive(Debug)]
pub struct BuildPlan {
    /// What the stores will hold.
    pub content: ContentPlan,
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
            positional,
            content,
            output,
        } = typed;
        let directory = output.directory(variables);
        if directory == Path::new("/") {
            return Err(Error::usage("refusing to write to the root directory")
                .at("--out")
                .hint("name a directory of its own, such as /trust"));
        }
        let content = content.with(positional);
        let out = ("--out", Some(directory.as_path()));
        Ok(BuildPlan {
            content: ContentPlan::resolve(content, Consumer::OtherContainers, out, variables)?,
            out: directory,
            install: output.install,
            write: write::Options {
                lock_timeout: output.lock_timeout,
                sync: output.sync,
            },
        })
    }
}
