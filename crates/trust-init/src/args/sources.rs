//! Where the certificates come from: the customer's sources and the bases they are added to.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::Resettable;
use clap::{Args, ValueHint};

use super::Variables;
use super::values::{BaseName, BaseNames, seconds, size};
use crate::error::Error;
use crate::image::{Environment, Image, OwnStores};
use crate::read::{Base, Location, Presence, SizeLimit};
use trust_stores::{Fingerprint, Policy, Rule, Store, Timestamp};

/// How large a customer's source may be, unless `--max-size` says otherwise.
pub(super) const DEFAULT_MAX_SIZE: &str = "64KiB";

/// Sources without an option, as `build FILE`; `variables` knows their name.
#[derive(Debug, Args)]
pub(super) struct PositionalSources {
    /// The customer's CA certificates: files, directories, or '-' for standard input; same as --ca
    // Not below the heading of the options before it.
    #[arg(value_name = "SOURCE", help_heading = Resettable::Reset)]
    pub(super) source: Vec<PathBuf>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Sources")]
pub(super) struct SourceOptions {
    /// Read the customer's CA certificates from this file or directory, or '-' for standard input;
    /// repeatable
    ///
    /// The format is detected from the content: PEM, DER, PKCS#7 (.p7b), PKCS#12 (.p12, .pfx) or a Java
    /// keystore (.jks). In a directory, the files at its top level are read. Links are followed, and names
    /// that start with a dot are skipped, so a mounted ConfigMap works. What platforms put next to
    /// certificates (type, namespace, README) is passed over and reported, and a password next to a store,
    /// such as ca.password, opens it.
    #[arg(long, value_name = "PATH")]
    pub(super) ca: Vec<PathBuf>,

    /// Add the certificates to this base: 'mozilla', 'auto', 'os', 'none' or a path; repeatable [default:
    /// mozilla, or auto for exec]
    ///
    /// 'mozilla' is the set of public roots built into this program (see --version). 'auto' is, for each
    /// store, the one that the image under --root already has, otherwise 'mozilla'. 'os' is that image's OS
    /// bundle, for every store: with 'auto', a CA that only the OS bundle has reaches the JVM and Python
    /// too. A path names a bundle or directory of your own, such as the platform's corporate CAs; a problem
    /// in it never fails the run. A value without a '/' must be one of these words or a file that exists.
    /// 'none' writes the customer's certificates alone, and cannot be combined with another base.
    #[arg(long, value_name = "BASE", value_parser = BaseNames, value_hint = ValueHint::AnyPath, hide_possible_values = true)]
    pub(super) base: Vec<BaseName>,

    /// Search the image in this directory, instead of /, for the stores of --base auto and os
    ///
    /// Paths and links in the image are resolved inside this directory. The variables of this process
    /// count only for /.
    #[arg(long, value_name = "DIR")]
    pub(super) root: Option<PathBuf>,

    #[command(flatten)]
    pub(super) unlock: UnlockPlan,

    /// Refuse a customer's source that is larger than this, in bytes, KiB or MiB
    #[arg(long, value_name = "SIZE", value_parser = size, default_value = DEFAULT_MAX_SIZE)]
    max_size: u64,

    /// Judge validity at this time instead of now, as 2026-11-21 or 2026-11-21T08:00:00Z
    #[arg(long, value_name = "TIME")]
    pub(super) at: Option<Timestamp>,

    /// Refuse the customer's sources unless their SHA-256 (caBundleHash in the manifest) is this
    #[arg(long, value_name = "HEX")]
    expect_sha256: Option<Fingerprint>,

    /// Go on without a customer's source that is missing or empty, with the base alone
    ///
    /// For volumes with 'optional: true' and keys that are filled later. A missing source is reported, and
    /// recorded in the manifest. A source that exists and cannot be read is still refused, and so is a link
    /// that leads nowhere. With --wait, trust-init first waits for the source.
    #[arg(long)]
    optional: bool,

    /// Wait at most this many seconds for customer sources that are missing or still empty
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "0")]
    wait: Duration,
}

/// How to open stores that are read.
#[derive(Debug, Args)]
pub struct UnlockPlan {
    /// Read the password of the sources' PKCS#12 stores and Java keystores from this file, which holds
    /// one line
    ///
    /// Without it, only these stores open: those that need no password, those whose password is empty or
    /// 'changeit', and in a directory, those whose password is in a file next to them.
    #[arg(long = "ca-password-file", value_name = "PATH")]
    pub password_file: Option<PathBuf>,

    /// Take the certificates of stores that also hold private keys, and ignore the keys
    ///
    /// Without it, such a store is refused. A private key in PEM is always refused.
    #[arg(long)]
    pub certificates_only: bool,
}

/// Where the certificates come from.
#[derive(Debug)]
pub struct SourcesPlan {
    /// The customer's sources; empty for a platform without a customer.
    pub customer: Vec<Location>,
    /// What to add to; empty for `--base none`. What is found in an image is a base too.
    pub bases: Vec<Base>,
    /// The image whose stores are a base, with `--base auto` and `--base os`.
    pub image: Option<Image>,
    /// How to open stores that are read.
    pub unlock: UnlockPlan,
    /// How large a customer's source may be.
    pub limit: SizeLimit,
    /// What the customer's sources must hash to, if that was declared.
    pub expected: Option<Fingerprint>,
    /// How long to wait for the customer's sources.
    pub wait: Duration,
    /// Whether the customer's sources must be there.
    pub presence: Presence,
}

/// Who reads the stores that are built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Consumer {
    /// Other containers or machines; the default base is the same everywhere.
    OtherContainers,
    /// This process, once `exec` has become the command. Its variables will name the new stores, so a
    /// store that one names now is a base whatever `--base` says.
    ThisProcess,
}

/// What is known about the image whose stores `--base auto` and `--base os` take.
#[derive(Clone, Copy)]
pub(super) struct ImageSearch<'a> {
    pub(super) variables: Variables<'a>,
    /// Variables that are set besides ours.
    pub(super) requested: &'a [&'static str],
    /// Directories whose stores an earlier build wrote.
    pub(super) own_outputs: &'a [&'a Path],
    pub(super) consumer: Consumer,
}

/// `--base`, checked.
#[derive(Debug)]
pub(super) struct Bases {
    added: Vec<Base>,
    own: OwnStores,
}

impl Bases {
    pub(super) fn resolve(typed: &[BaseName]) -> Result<Self, Error> {
        if typed.len() > 1 && typed.contains(&BaseName::None) {
            let message = "'none' cannot be combined with another base";
            return Err(Error::usage(message).at("--base"));
        }
        let added = typed.iter().filter_map(|name| match name {
            BaseName::Mozilla => Some(Base::Mozilla),
            BaseName::Path(path) => Some(Base::Path(path.clone())),
            BaseName::Auto | BaseName::Os | BaseName::None => None,
        });
        Ok(Bases {
            added: added.collect(),
            own: OwnStores {
                each_for_its_output: typed.contains(&BaseName::Auto),
                os_for_all: typed.contains(&BaseName::Os),
            },
        })
    }

    /// Whether nothing is added to: `--base none`.
    fn is_none(&self) -> bool {
        self.added.is_empty() && self.own == OwnStores::NONE
    }

    /// What Node adds to its own roots: the merged bundle if a base is the platform's or the OS bundle is for
    /// every client, because Node knows nothing of these; otherwise the customer's chain is enough.
    pub(super) fn node_store(&self) -> Store {
        let is_platforms = |base: &Base| matches!(base, Base::Path(_));
        if self.own.os_for_all || self.added.iter().any(is_platforms) {
            Store::Os
        } else {
            Store::Custom
        }
    }
}

impl SourceOptions {
    /// The bases that were named, or the consumer's default.
    pub(super) fn bases(&self, consumer: Consumer) -> Result<Bases, Error> {
        let default = match consumer {
            Consumer::OtherContainers => BaseName::Mozilla,
            Consumer::ThisProcess => BaseName::Auto,
        };
        match self.base.as_slice() {
            [] => Bases::resolve(&[default]),
            typed => Bases::resolve(typed),
        }
    }
}

impl SourcesPlan {
    pub(super) fn resolve(
        typed: SourceOptions,
        bases: Bases,
        policy: &Policy,
        search: ImageSearch<'_>,
    ) -> Result<Self, Error> {
        if typed.root.is_some() && bases.own == OwnStores::NONE {
            let message = "only --base auto and --base os search an image";
            return Err(Error::usage(message).at("--root"));
        }
        if typed.optional {
            check_optional(&typed, &bases)?;
        }
        let customer = locations(typed.ca)?;
        if customer.is_empty() {
            if typed.base.is_empty() {
                let hint = match search.consumer {
                    Consumer::OtherContainers => {
                        "name the customer's certificates: files or directories, or '-' for standard input"
                    }
                    Consumer::ThisProcess => "name the customer's certificates with --ca PATH",
                };
                return Err(Error::usage("nothing to read")
                    .hint(hint)
                    .hint("for a platform without a customer, name a --base"));
            }
            if bases.is_none() {
                let message = "with 'none' and without --ca there is nothing to write";
                return Err(Error::usage(message).at("--base"));
            }
            if typed.expect_sha256.is_some() {
                let message = "without --ca there is no source to compare with this hash";
                return Err(Error::usage(message).at("--expect-sha256"));
            }
        }
        if typed.max_size == 0 {
            return Err(Error::usage("must be at least 1 byte").at("--max-size"));
        }
        Ok(SourcesPlan {
            customer,
            bases: bases.added,
            image: image(typed.root, bases.own, search),
            unlock: typed.unlock,
            limit: SizeLimit {
                bytes: typed.max_size,
                level: policy.level(Rule::TooLarge),
            },
            expected: typed.expect_sha256,
            wait: typed.wait,
            presence: if typed.optional {
                Presence::Optional
            } else {
                Presence::Required
            },
        })
    }
}

/// Refuses what contradicts `--optional`.
fn check_optional(typed: &SourceOptions, bases: &Bases) -> Result<(), Error> {
    let refused = |message: &str| Err(Error::usage(message).at("--optional"));
    if typed.expect_sha256.is_some() {
        return refused("a source that may be missing cannot have the hash of --expect-sha256");
    }
    if bases.is_none() {
        return refused("with --base none, a source that is missing would leave nothing to trust");
    }
    Ok(())
}

fn image(root: Option<PathBuf>, own: OwnStores, search: ImageSearch<'_>) -> Option<Image> {
    let is_searched = own != OwnStores::NONE || search.consumer == Consumer::ThisProcess;
    let root = root.unwrap_or_else(|| PathBuf::from("/"));
    is_searched.then(|| Image {
        environment: if root == Path::new("/") {
            Environment::of(search.variables, search.requested, search.own_outputs)
        } else {
            Environment::of_no_process()
        },
        root,
        own,
    })
}

/// The paths as they are read: `-` is standard input, once.
pub(super) fn locations(paths: Vec<PathBuf>) -> Result<Vec<Location>, Error> {
    let stdin = Path::new("-");
    if paths.iter().filter(|path| *path == stdin).count() > 1 {
        return Err(Error::usage(
            "'-' can be given only once, because standard input is read once",
        ));
    }
    let location = |path| match path {
        path if path == stdin => Location::StandardInput,
        path => Location::Path(path),
    };
    Ok(paths.into_iter().map(location).collect())
}
