//! `exec`: builds for the image it runs in, then becomes another program.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Variables;
use super::build::BuildPlan;
use super::content::{ContentOptions, ContentPlan};
use super::policy::PolicyOptions;
use super::sources::{Consumer, SourceOptions};
use super::stores::{JavaOptions, StoreOptions, StoreSelection};
use crate::error::Error;
use crate::layout::OsLayout;
use crate::read::Location;
use crate::write::{self, DEFAULT_LOCK_TIMEOUT, content_addressed};

const EXAMPLES: &str = "\
Exit codes: 125 trust-init itself failed, 126 the command cannot be run, 127 the command was not found,
otherwise the command's own.

Examples:
  trust-init exec --ca /etc/pki/custom-certs -- /opt/entrypoint.sh driver
  trust-init exec --from /trust -- python3 job.py
  TRUST_INIT_CA=ca.pem trust-init exec -- curl https://service.example.com/";

/// Build the stores for this image, set the environment, and run a command
///
/// Finds the stores that the image already has, adds the customer's certificates to each, writes the
/// merged stores to a writable directory, points SSL_CERT_FILE, REQUESTS_CA_BUNDLE, JAVA_TOOL_OPTIONS and
/// similar variables at them, and replaces itself with the command: same process, same signals, the
/// command's own exit code. A variable that is already set is merged: the store that it names becomes the
/// base of the new one.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ExecArgs {
    /// The command and its arguments, after --
    #[arg(value_name = "CMD", required = true, last = true)]
    command: Vec<OsString>,

    /// Use the stores that an earlier build wrote to this directory, and build nothing
    ///
    /// The environment is set from its trust.env, so the build must have been for this path (see
    /// --mounted-at).
    #[arg(long, value_name = "DIR", conflicts_with_all = ["ca", "base", "out", "only"])]
    from: Option<PathBuf>,

    /// Leave variables that are already set unchanged, and report that their stores lack the customer's CAs
    #[arg(long)]
    keep_env: bool,

    #[command(flatten)]
    sources: SourceOptions,
    #[command(flatten)]
    policy: PolicyOptions,
    #[command(flatten)]
    only: StoreSelection,
    #[command(flatten)]
    java: JavaOptions,
    /// Write everything that build writes to this directory [default: a directory of its own under
    /// TMPDIR, /tmp, /dev/shm or /run]
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    out: Option<PathBuf>,
}

/// What `exec` is to do.
#[derive(Debug)]
pub struct ExecPlan {
    /// The program and its arguments.
    pub command: Vec<OsString>,
    /// Where the stores come from.
    pub stores: ExecStores,
    /// Whether variables that are set stay as they are.
    pub keep_env: bool,
    /// Variables that are set besides ours.
    pub requested: Vec<&'static str>,
}

/// Where the stores of `exec` come from.
#[derive(Debug)]
pub enum ExecStores {
    /// A directory that a build wrote.
    From(PathBuf),
    /// A build that writes everything.
    Built(Box<BuildPlan>),
    /// A build that writes only what variables name, to the first of these directories that can be
    /// written.
    BuiltAt(Box<ContentPlan>, Vec<PathBuf>),
}

impl ExecPlan {
    /// Whether `path` is in one of the customer's sources.
    pub fn reads(&self, path: &Path) -> bool {
        let content = match &self.stores {
            ExecStores::From(_) => return false,
            ExecStores::Built(plan) => &plan.content,
            ExecStores::BuiltAt(plan, _) => plan,
        };
        let mut sources = content.sources.customer.iter();
        sources.any(|source| matches!(source, Location::Path(source) if path.starts_with(source)))
    }

    pub(super) fn resolve(typed: ExecArgs, variables: Variables<'_>) -> Result<Self, Error> {
        let content = ContentOptions {
            sources: typed.sources,
            policy: typed.policy,
            stores: StoreOptions {
                only: typed.only,
                mounted_at: None,
                os_layout: OsLayout::default(),
                java: typed.java,
            },
        };
        let requested = content.stores.only.requested();
        let stores = match (typed.from, typed.out) {
            (Some(from), _) => ExecStores::From(from),
            (None, Some(out)) => ExecStores::Built(Box::new(BuildPlan {
                content: resolve(content, Some(&out), variables)?,
                out,
                install: false,
                write: write::Options {
                    lock_timeout: DEFAULT_LOCK_TIMEOUT,
                    sync: false,
                },
            })),
            (None, None) => {
                let content = resolve(content, None, variables)?;
                ExecStores::BuiltAt(Box::new(content), content_addressed::places(variables))
            }
        };
        Ok(ExecPlan {
            command: typed.command,
            stores,
            keep_env: typed.keep_env,
            requested,
        })
    }
}

/// The stores for the image that this process runs in.
fn resolve(
    content: ContentOptions,
    out: Option<&Path>,
    variables: Variables<'_>,
) -> Result<ContentPlan, Error> {
    let sources = &content.sources;
    if sources.ca.iter().any(|path| path == Path::new("-")) {
        let message = "standard input belongs to the command";
        return Err(Error::usage(message)
            .at("--ca")
            .hint("name a file or directory instead of '-'"));
    }
    if sources.root.is_some() {
        let message = "exec always searches the image that it runs in";
        return Err(Error::usage(message)
            .at("--root")
            .hint("to search another image, use build --root DIR"));
    }
    ContentPlan::resolve(content, Consumer::ThisProcess, ("--out", out), variables)
}
