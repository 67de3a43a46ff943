//! `render`: prints the stores as Kubernetes objects.

use clap::Args;

use super::Variables;
use super::content::{ContentOptions, ContentPlan};
use super::sources::{Consumer, PositionalSources};
use crate::error::Error;
use crate::kubernetes::{self, Kind};

const EXAMPLES: &str = "\
Examples:
  trust-init render client-ca-chain.pem --namespace customer | kubectl apply -f -
  trust-init render client-ca-chain.pem --immutable --hash-suffix > stores.yaml
  trust-init render client-ca-chain.pem --print pod";

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
    positional: PositionalSources,
    #[command(flatten)]
    objects: ObjectsPlan,
    #[command(flatten)]
    content: ContentOptions,
}

/// Which objects to print.
#[derive(Debug, Args)]
#[command(next_help_heading = "Objects")]
pub struct ObjectsPlan {
    /// Print objects of this kind
    #[arg(
        long,
        value_name = "KIND",
        value_enum,
        default_value_t,
        ignore_case = true
    )]
    pub kind: Kind,

    /// Start the objects' names with this
    #[arg(long, value_name = "NAME", value_parser = name, default_value = "trust")]
    pub name: String,

    /// Put the objects in this namespace instead of the one that they are applied to
    #[arg(long, value_name = "NAMESPACE", value_parser = namespace)]
    pub namespace: Option<String>,

    /// Let Kubernetes refuse later changes to their content
    ///
    /// A changed chain then needs a new name: see --hash-suffix.
    #[arg(long)]
    pub immutable: bool,

    /// End each name with ten hex digits of the content's hash
    ///
    /// A new chain then makes new objects next to the old ones, and running pods keep theirs.
    #[arg(long)]
    pub hash_suffix: bool,

    /// Allow objects that are too large for a client-side apply
    ///
    /// Above 250,000 bytes of JSON, kubectl apply and Argo CD cannot keep an object in an annotation;
    /// with --server-side, or ServerSideApply=true, they do not need to. Above 1,048,500 bytes Kubernetes
    /// itself refuses them.
    #[arg(long)]
    pub server_side_apply: bool,

    /// Print the objects, or what a pod needs to mount them
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    pub print: Print,
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
    /// What the stores will hold.
    pub content: ContentPlan,
    /// Which objects to print.
    pub objects: ObjectsPlan,
}

impl RenderPlan {
    pub(super) fn resolve(typed: RenderArgs, variables: Variables<'_>) -> Result<Self, Error> {
        let RenderArgs {
            positional,
            objects,
            content,
        } = typed;
        let content = content.with(positional);
        let out = ("--mounted-at", None);
        let content = ContentPlan::resolve(content, Consumer::OtherContainers, out, variables)?;
        let mounted_at = &content.stores.mounted_at;
        if mounted_at == "/" || mounted_at.contains(':') {
            let message = "a volume cannot be mounted at '/' or at a path that contains ':'";
            return Err(Error::usage(message).at("--mounted-at"));
        }
        Ok(RenderPlan { content, objects })
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
