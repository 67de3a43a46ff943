//! `render`: prints the stores as Kubernetes objects.

use std::path::Path;

use clap::Args;

use super::Variables;
use super::output::DEFAULT_OUT;
use super::policy::{PolicyOptions, PolicyPlan};
use super::sources::{Consumer, ImageSearch, SourceOptions, SourcesPlan};
use super::stores::{StoreOptions, StoresPlan};
use crate::error::Error;
use crate::kubernetes::{self, Kind};

const EXAMPLES: &str = "\
Examples:
  trust-init render --ca client-ca-chain.pem --namespace customer | kubectl apply -f -
  trust-init render --ca client-ca-chain.pem --immutable --hash-suffix > stores.yaml
  trust-init render --ca client-ca-chain.pem --print pod";

/// Print the stores as Kubernetes objects, for pods without an init container
///
/// Judges and builds as build would, writes no file, and prints ConfigMaps or Secrets as YAML: NAME-java
/// with the Java truststore, NAME-pem with the merged bundle and the customer's chain. A comment at the
/// top shows what a pod needs: one projected volume, its mount, and the variables. The objects hold no
/// hashed directory: for clients that read /etc/ssl/certs and no variable, use build.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct RenderArgs {
    #[command(flatten)]
    objects: ObjectOptions,
    #[command(flatten)]
    sources: SourceOptions,
    #[command(flatten)]
    policy: PolicyOptions,
    #[command(flatten)]
    stores: StoreOptions,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Objects")]
struct ObjectOptions {
    /// Print objects of this kind
    #[arg(
        long,
        value_name = "KIND",
        value_enum,
        default_value_t,
        ignore_case = true
    )]
    kind: Kind,

    /// Start the objects' names with this
    #[arg(long, value_name = "NAME", value_parser = name, default_value = "trust")]
    name: String,

    /// Put the objects in this namespace instead of the one that they are applied to
    #[arg(long, value_name = "NAMESPACE", value_parser = namespace)]
    namespace: Option<String>,

    /// Let Kubernetes refuse later changes to their content
    ///
    /// A changed chain then needs a new name: see --hash-suffix.
    #[arg(long)]
    immutable: bool,

    /// End each name with ten hex digits of the content's hash
    ///
    /// A new chain then makes new objects next to the old ones, and running pods keep theirs.
    #[arg(long)]
    hash_suffix: bool,

    /// Allow objects that are too large for a client-side apply
    ///
    /// Above 250,000 bytes of JSON, kubectl apply and Argo CD cannot keep an object in an annotation;
    /// with --server-side, or ServerSideApply=true, they do not need to. Above 1,048,500 bytes Kubernetes
    /// itself refuses it.
    #[arg(long)]
    server_side_apply: bool,

    /// Print the objects, or what a pod needs to mount them
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    print: Print,
}

/// What `render` prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Print {
    /// The ConfigMaps or Secrets.
    #[default]
    Objects,
    /// The volumes, volumeMounts and env of a pod that mounts them, as YAML.
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
    /// The kind of object that holds them.
    pub kind: Kind,
    /// What the objects' names start with.
    pub name: String,
    /// Where the objects are to be.
    pub namespace: Option<String>,
    /// Whether Kubernetes is to refuse later changes to them.
    pub immutable: bool,
    /// Whether their names end with a hash.
    pub hash_suffix: bool,
    /// Whether they may be larger than client-side apply takes.
    pub server_side_apply: bool,
    /// What is printed.
    pub print: Print,
}

impl RenderPlan {
    pub(super) fn resolve(typed: RenderArgs, variables: Variables<'_>) -> Result<Self, Error> {
        let RenderArgs {
            objects,
            sources,
            policy,
            stores,
        } = typed;
        let policy = PolicyPlan::resolve(policy, sources.at)?;
        let bases = sources.bases(Consumer::OtherContainers)?;
        let out = ("--mounted-at", DEFAULT_OUT.as_ref());
        let stores = StoresPlan::resolve(stores, bases.node_store(), out)?;
        if stores.mounted_at == "/" || stores.mounted_at.contains(':') {
            let message = "a volume cannot be mounted at '/' or at a path that contains ':'";
            return Err(Error::usage(message).at("--mounted-at"));
        }
        let search = ImageSearch {
            variables,
            own_outputs: &[Path::new(&stores.mounted_at)],
            consumer: Consumer::OtherContainers,
        };
        Ok(RenderPlan {
            sources: SourcesPlan::resolve(sources, bases, &policy.policy, search)?,
            policy,
            stores,
            kind: objects.kind,
            name: objects.name,
            namespace: objects.namespace,
            immutable: objects.immutable,
            hash_suffix: objects.hash_suffix,
            server_side_apply: objects.server_side_apply,
            print: objects.print,
        })
    }
}

/// Kubernetes allows 253 characters; `-python` and a hash follow this name.
const LONGEST_NAME: usize = 253 - "-python-0123456789".len();

fn name(text: &str) -> Result<String, String> {
    if text.len() <= LONGEST_NAME && kubernetes::is_dns_subdomain(text) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "expected at most {LONGEST_NAME} lower-case letters, digits, '-' and '.', with a letter or digit \
         at both ends of each part"
    ))
}

fn namespace(text: &str) -> Result<String, String> {
    if kubernetes::is_dns_label(text) {
        return Ok(text.to_owned());
    }
    Err(String::from(
        "expected at most 63 lower-case letters, digits and '-', with a letter or digit at both ends",
    ))
}
