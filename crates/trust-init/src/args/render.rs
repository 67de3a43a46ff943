//! The arguments of `render`, as typed and as meant.

use std::path::Path;

use clap::Args;

use super::plan::{DEFAULT_OUT, ImageVariables};
use super::typed::{Policy, Report, Sources, Stores};
use super::{PolicyPlan, SourcesPlan, StoresPlan, Variables};
use crate::error::Error;
use crate::kubernetes::{self, Kind};

const RENDER_HELP: &str = "\
Every option --some-option can be set as TRUST_INIT_SOME_OPTION too; the option wins.

Examples:
  trust-init render --ca client-ca-chain.pem --namespace customer | kubectl apply -f -
  trust-init render --ca client-ca-chain.pem --immutable --hash-suffix > stores.yaml
  trust-init render --ca client-ca-chain.pem --print pod";

/// Print the stores as Kubernetes objects, for pods without an init container
///
/// Judges and builds as build would, writes no file, and prints ConfigMaps or Secrets as YAML:
/// NAME-java with the Java truststore, NAME-pem with the merged bundle and the customer's chain.
/// Their head tells in a comment what a pod needs: one volume that is projected from them, its mount,
/// and the variables. There is no hashed directory in them: a client that reads /etc/ssl/certs and
/// no variable needs build.
#[derive(Debug, Args)]
#[command(after_help = RENDER_HELP)]
pub(super) struct Render {
    #[command(flatten)]
    pub(super) objects: Objects,
    #[command(flatten)]
    pub(super) sources: Sources,
    #[command(flatten)]
    pub(super) policy: Policy,
    #[command(flatten)]
    pub(super) stores: Stores,
    #[command(flatten)]
    pub(super) report: Report,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Objects")]
pub(super) struct Objects {
    /// configmap or secret [default: configmap]
    #[arg(long, value_name = "KIND", ignore_case = true)]
    kind: Option<Kind>,

    /// What the objects' names begin with [default: trust]
    #[arg(long, value_name = "NAME", value_parser = name)]
    name: Option<String>,

    /// Their namespace [default: none is written, so that of whoever applies them]
    #[arg(long, value_name = "NAMESPACE", value_parser = namespace)]
    namespace: Option<String>,

    /// Let Kubernetes refuse every later change of their content
    ///
    /// A changed chain then needs a new name: see --hash-suffix.
    #[arg(long)]
    immutable: bool,

    /// End each name with ten hex digits of the hash of the content
    ///
    /// A new chain makes new objects beside the old, and pods that run keep theirs.
    #[arg(long)]
    hash_suffix: bool,

    /// Allow objects that only a server-side apply can bring in
    ///
    /// Over 250,000 bytes of JSON, kubectl apply and Argo CD cannot keep an object in an
    /// annotation; with --server-side, or ServerSideApply=true, they need not. Over 1,048,500 bytes
    /// Kubernetes refuses it.
    #[arg(long)]
    server_side_apply: bool,

    /// What is printed: objects, or pod [default: objects]
    ///
    /// pod: volumes, volumeMounts and env of a pod that mounts the objects, as YAML.
    #[arg(long, value_name = "WHAT")]
    print: Option<Print>,
}

/// What `render` prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Print {
    /// The objects.
    #[default]
    Objects,
    /// The volumes, volumeMounts and env of a pod that mounts them.
    Pod,
}

/// What `render` is to do.
#[derive(Debug)]
pub struct RenderPlan {
    /// Where the certificates come from.
    pub sources: SourcesPlan,
    /// What to judge by.
    pub policy: PolicyPlan,
    /// Which stores to build.
    pub stores: StoresPlan,
    /// What holds them.
    pub kind: Kind,
    /// What the objects' names begin with.
    pub name: String,
    /// Where the objects are to be.
    pub namespace: Option<String>,
    /// Whether they can be changed.
    pub immutable: bool,
    /// Whether their names end with a hash.
    pub hash_suffix: bool,
    /// Whether they may be larger than client-side apply takes.
    pub server_side_apply: bool,
    /// What is printed.
    pub print: Print,
}

impl RenderPlan {
    pub(super) fn resolve(typed: Render, variables: Variables<'_>) -> Result<Self, Error> {
        let Render {
            objects,
            sources,
            policy,
            stores,
            report: _,
        } = typed;
        let policy = PolicyPlan::resolve(policy, sources.at)?;
        let stores = StoresPlan::resolve(
            stores,
            &sources.base,
            ("--mounted-at", DEFAULT_OUT.as_ref()),
        )?;
        if stores.mounted_at == "/" || stores.mounted_at.contains(':') {
            let message = "a volume cannot be mounted at '/', nor where a path has ':' in it";
            return Err(Error::usage(message).at("--mounted-at"));
        }
        let ours = [Path::new(&stores.mounted_at)];
        let image = ImageVariables {
            variables,
            ours: &ours,
            is_exec: false,
        };
        Ok(RenderPlan {
            sources: SourcesPlan::resolve(sources, &policy.policy, image)?,
            policy,
            stores,
            kind: objects.kind.unwrap_or_default(),
            name: objects.name.unwrap_or_else(|| String::from("trust")),
            namespace: objects.namespace,
            immutable: objects.immutable,
            hash_suffix: objects.hash_suffix,
            server_side_apply: objects.server_side_apply,
            print: objects.print.unwrap_or_default(),
        })
    }
}

/// A name of Kubernetes has 253 characters at most; '-python' and a hash come behind this one.
const LONGEST_NAME: usize = 253 - "-python-0123456789".len();

fn name(text: &str) -> Result<String, String> {
    if text.len() <= LONGEST_NAME && kubernetes::is_dns_subdomain(text) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "expected lower-case letters, digits, '-' and '.', with a letter or digit at both ends of \
         each part, {LONGEST_NAME} characters at most"
    ))
}

fn namespace(text: &str) -> Result<String, String> {
    if kubernetes::is_dns_label(text) {
        return Ok(text.to_owned());
    }
    Err(String::from(
        "expected lower-case letters, digits and '-', with a letter or digit at both ends, 63 \
         characters at most",
    ))
}
