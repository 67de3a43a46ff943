//! What was typed, resolved: defaults set, contradictions refused.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Variables, typed};
use crate::error::Error;
use crate::image::{Environment, Image};
use crate::layout::OsLayout;
use crate::read::{Base, Location, SizeLimit};
use crate::report::log::LogFormat;
use crate::report::{check, inspect, termination};
use crate::wiring;
use crate::write::{atomic, by_content};
use trust_stores::escape::{escape, is_unprintable};
use trust_stores::{
    Criteria, Days, Fingerprint, JavaFormat, Level, Policy, Rule, Store, StoreSet, Timestamp,
};

pub(super) const DEFAULT_OUT: &str = "/trust";
const DEFAULT_MAX_SIZE: u64 = 64 << 10;
const DEFAULT_EXPIRES_SOON: Days = Days::new(30);
const DEFAULT_LOCK_TIMEOUT: Duration = Duration::from_mins(1);

/// Where the certificates come from.
#[derive(Debug)]
pub struct SourcesPlan {
    /// The customer's sources; empty for a platform without a customer.
    pub customer: Vec<Location>,
    /// What to add to, and for which stores; empty for `--base none`.
    pub bases: Vec<(Base, StoreSet)>,
    /// The image whose stores are a base, with `--base auto`.
    pub image: Option<Image>,
    /// How to open stores that are read.
    pub unlock: UnlockPlan,
    /// How large a customer's source may be.
    pub limit: SizeLimit,
    /// What the customer's sources must hash to, if that was declared.
    pub expected: Option<Fingerprint>,
    /// How long to wait for the customer's sources.
    pub wait: Duration,
}

/// How to open stores that are read.
#[derive(Debug)]
pub struct UnlockPlan {
    /// Where their password stands.
    pub password_file: Option<PathBuf>,
    /// Whether keys in them are passed over.
    pub certificates_only: bool,
}

/// What to judge by.
#[derive(Debug)]
pub struct PolicyPlan {
    /// The level of each rule.
    pub policy: Policy,
    /// `--at`, if it was given.
    pub at: Option<Timestamp>,
    /// How near an end of validity is said.
    pub expires_soon: Days,
    /// Certificates that are not to be trusted.
    pub blocked: Vec<Fingerprint>,
}

/// Which stores to build, and in which form.
#[derive(Debug)]
pub struct StoresPlan {
    /// The stores.
    pub stores: StoreSet,
    /// Where the main container sees what is written; absolute.
    pub mounted_at: String,
    /// What `os/` looks like.
    pub layout: OsLayout,
    /// The Java truststore's form.
    pub java_store: JavaFormat,
    /// Where its password stands.
    pub java_password_file: Option<PathBuf>,
    /// What Node adds to its own roots: the customer's chain, or the merged bundle where a base is the
    /// platform's own.
    pub node: Store,
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
    /// Where to write.
    pub out: PathBuf,
    /// Whether to put the program there too.
    pub install: bool,
    /// How to write.
    pub write: atomic::Options,
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
}

/// Where the stores of `exec` come from.
#[derive(Debug)]
pub enum ExecStores {
    /// A directory that a build wrote.
    From(PathBuf),
    /// A build, written whole.
    Built(Box<BuildPlan>),
    /// A build, of which only what variables name is written, to the first of these that can be.
    BuiltAt(Box<BuildPlan>, Vec<PathBuf>),
}

/// What `env` is to do.
#[derive(Debug)]
pub struct EnvPlan {
    /// The stores that there will be.
    pub stores: StoresPlan,
    /// The form of what is printed.
    pub format: wiring::EnvFormat,
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
    /// How the verdict is written.
    pub format: check::CheckFormat,
    /// Whether warnings make it a no.
    pub strict: bool,
    /// A directory to compare with what would be written.
    pub against: Option<PathBuf>,
}

/// What `inspect` is to do.
#[derive(Debug)]
pub struct InspectPlan {
    /// What to show.
    pub sources: Vec<Location>,
    /// What to compare it with.
    pub diff: Option<Location>,
    /// How to open stores.
    pub unlock: UnlockPlan,
    /// What to judge by: nothing is refused or left out.
    pub policy: PolicyPlan,
    /// How it is shown.
    pub format: inspect::InspectFormat,
}

/// How to speak.
#[derive(Debug)]
pub struct ReportPlan {
    /// Of the log on stderr.
    pub format: LogFormat,
    /// Whether to leave out what went well.
    pub quiet: bool,
    /// Where the reason of a failure goes, if the file is there.
    pub termination_log: PathBuf,
}

impl ReportPlan {
    pub(super) fn resolve(typed: &typed::Report) -> Self {
        let path = typed.termination_log.clone();
        ReportPlan {
            format: typed.log_format.unwrap_or_default(),
            quiet: typed.quiet,
            termination_log: path.unwrap_or_else(|| termination::DEFAULT_PATH.into()),
        }
    }
}

impl BuildPlan {
    pub(super) fn resolve(typed: typed::Build, variables: Variables<'_>) -> Result<Self, Error> {
        let typed::Build {
            sources,
            policy,
            stores,
            output,
            report: _,
        } = typed;
        let policy = PolicyPlan::resolve(policy, sources.at)?;
        let out = out_of(&output);
        if out == Path::new("/") {
            let message = "the root of the file system";
            return Err(Error::usage(message)
                .at("--out")
                .hint("name a directory of its own, such as /trust"));
        }
        let stores = StoresPlan::resolve(stores, &sources.base, ("--out", &out))?;
        let ours = [out.as_path(), Path::new(&stores.mounted_at)];
        let image = ImageVariables {
            variables,
            ours: &ours,
            is_exec: false,
        };
        let sources = SourcesPlan::resolve(sources, &policy.policy, image)?;
        Ok(BuildPlan {
            sources,
            policy,
            stores,
            out,
            install: output.install,
            write: atomic::Options {
                lock_timeout: output.lock_timeout.map_or(DEFAULT_LOCK_TIMEOUT, |seconds| {
                    Duration::from_secs(seconds.into())
                }),
                sync: output.sync,
            },
        })
    }
}

/// The directory to write.
pub(super) fn out_of(output: &typed::Output) -> PathBuf {
    output.out.clone().unwrap_or_else(|| DEFAULT_OUT.into())
}

impl ExecPlan {
    pub(super) fn resolve(typed: typed::Exec, variables: Variables<'_>) -> Result<Self, Error> {
        let typed::Exec {
            command,
            from,
            keep_env,
            sources,
            policy,
            java,
            only,
            out,
            report: _,
        } = typed;
        if let Some(from) = from {
            return Ok(ExecPlan {
                command,
                stores: ExecStores::From(from),
                keep_env,
            });
        }
        if sources.ca.iter().any(|path| path == Path::new("-")) {
            let message = "standard input is the command's: name a file";
            return Err(Error::usage(message).at("--ca"));
        }
        let policy = PolicyPlan::resolve(policy, sources.at)?;
        if sources.root.is_some() {
            let message = "exec looks into the image that it runs in";
            return Err(Error::usage(message)
                .at("--root")
                .hint("build --root DIR looks into another"));
        }
        let ours: Vec<&Path> = out.as_deref().into_iter().collect();
        let image = ImageVariables {
            variables,
            ours: &ours,
            is_exec: true,
        };
        let stores = typed::Stores {
            only,
            mounted_at: None,
            os_layout: None,
            java,
        };
        let seen_at = out.as_deref().unwrap_or(DEFAULT_OUT.as_ref());
        let stores = StoresPlan::resolve(stores, &sources.base, ("--out", seen_at))?;
        let sources = SourcesPlan::resolve(sources, &policy.policy, image)?;
        let places = match out {
            Some(_) => Vec::new(),
            None => by_content::places(variables),
        };
        let is_whole = out.is_some();
        let out = out.unwrap_or_else(|| DEFAULT_OUT.into());
        let build = Box::new(BuildPlan {
            sources,
            policy,
            stores,
            out,
            install: false,
            write: atomic::Options {
                lock_timeout: DEFAULT_LOCK_TIMEOUT,
                sync: false,
            },
        });
        Ok(ExecPlan {
            command,
            stores: if is_whole {
                ExecStores::Built(build)
            } else {
                ExecStores::BuiltAt(build, places)
            },
            keep_env,
        })
    }
}

impl EnvPlan {
    pub(super) fn resolve(typed: typed::Env) -> Result<Self, Error> {
        Ok(EnvPlan {
            stores: StoresPlan::resolve(
                typed.stores,
                &typed.base,
                ("--mounted-at", DEFAULT_OUT.as_ref()),
            )?,
            format: typed.format.unwrap_or_default(),
        })
    }
}

impl CheckPlan {
    pub(super) fn resolve(typed: typed::Check, variables: Variables<'_>) -> Result<Self, Error> {
        let typed::Check {
            source,
            verdict,
            mut sources,
            policy,
            stores,
            report: _,
        } = typed;
        sources.ca.extend(source);
        if sources.ca.is_empty() {
            return Err(Error::usage("nothing to check")
                .hint("name the customer's files or directories, or '-' for standard input"));
        }
        let policy = PolicyPlan::resolve(policy, sources.at)?;
        let out = verdict.against.as_deref().unwrap_or(DEFAULT_OUT.as_ref());
        let stores = StoresPlan::resolve(stores, &sources.base, ("--against", out))?;
        let ours = [out, Path::new(&stores.mounted_at)];
        let image = ImageVariables {
            variables,
            ours: &ours,
            is_exec: false,
        };
        Ok(CheckPlan {
            sources: SourcesPlan::resolve(sources, &policy.policy, image)?,
            policy,
            stores,
            format: verdict.format.unwrap_or_default(),
            strict: verdict.strict,
            against: verdict.against,
        })
    }
}

impl InspectPlan {
    pub(super) fn resolve(typed: typed::Inspect) -> Result<Self, Error> {
        let typed::Inspect {
            source,
            format,
            diff,
            unlock,
            at,
            expires_soon,
            report: _,
        } = typed;
        if source.is_empty() {
            return Err(Error::usage("nothing to inspect")
                .hint("name stores, bundles or directories, or '-' for standard input"));
        }
        let mut paths = source;
        paths.extend(diff.clone());
        let mut sources = locations(paths)?;
        let diff = diff.and_then(|_| sources.pop());
        let format = format.unwrap_or_default();
        if diff.is_some() && format == inspect::InspectFormat::Pem {
            return Err(Error::usage("a difference cannot be shown as pem").at("--diff"));
        }
        Ok(InspectPlan {
            sources,
            diff,
            unlock: unlock.into(),
            policy: PolicyPlan {
                policy: Policy::lenient(),
                at,
                expires_soon: expires_soon.unwrap_or(DEFAULT_EXPIRES_SOON),
                blocked: Vec::new(),
            },
            format,
        })
    }
}

/// What to add to, where nothing is said.
const MOZILLA: &str = "mozilla";
const AUTO: &str = "auto";

/// What tells of an image's stores.
#[derive(Clone, Copy)]
pub(super) struct ImageVariables<'a> {
    pub(super) variables: Variables<'a>,
    /// Directories whose stores are an earlier build's.
    pub(super) ours: &'a [&'a Path],
    /// exec points every variable at what it builds, so what one names is a base whatever else is.
    pub(super) is_exec: bool,
}

impl SourcesPlan {
    pub(super) fn resolve(
        typed: typed::Sources,
        policy: &Policy,
        of_image: ImageVariables<'_>,
    ) -> Result<Self, Error> {
        let customer = locations(typed.ca)?;
        let default = if of_image.is_exec { AUTO } else { MOZILLA };
        let (bases, is_auto) = if typed.base.is_empty() {
            bases(&[default.into()])?
        } else {
            bases(&typed.base)?
        };
        if typed.root.is_some() && !is_auto {
            let message = "only --base auto looks into an image";
            return Err(Error::usage(message).at("--root"));
        }
        let root = typed.root.unwrap_or_else(|| PathBuf::from("/"));
        let image = (is_auto || of_image.is_exec).then(|| Image {
            environment: if root == Path::new("/") {
                Environment::of(of_image.variables, of_image.ours)
            } else {
                Environment::of_no_process()
            },
            root,
            has_own: is_auto,
        });
        if customer.is_empty() {
            if typed.base.is_empty() {
                return Err(Error::usage("nothing to read").hint(
                    "give the customer's certificates with --ca PATH, or name a --base for a \
                     platform without a customer",
                ));
            }
            if bases.is_empty() && !is_auto {
                let message = "'none' without --ca leaves nothing to write";
                return Err(Error::usage(message).at("--base"));
            }
            if typed.expect_sha256.is_some() {
                let message = "without --ca there is nothing that could have this hash";
                return Err(Error::usage(message).at("--expect-sha256"));
            }
        }
        let bytes = typed.max_size.unwrap_or(DEFAULT_MAX_SIZE);
        if bytes == 0 {
            return Err(Error::usage("no source is that small").at("--max-size"));
        }
        Ok(SourcesPlan {
            customer,
            bases,
            image,
            unlock: typed.unlock.into(),
            limit: SizeLimit {
                bytes,
                level: policy.level(Rule::TooLarge),
            },
            expected: typed.expect_sha256,
            wait: Duration::from_secs(typed.wait.unwrap_or_default().into()),
        })
    }
}

impl From<typed::Unlock> for UnlockPlan {
    fn from(typed: typed::Unlock) -> Self {
        UnlockPlan {
            password_file: typed.ca_password_file,
            certificates_only: typed.certificates_only,
        }
    }
}

impl PolicyPlan {
    pub(super) fn resolve(typed: typed::Policy, at: Option<Timestamp>) -> Result<Self, Error> {
        Ok(PolicyPlan {
            policy: resolve_policy(&typed)?,
            at,
            expires_soon: typed.expires_soon.unwrap_or(DEFAULT_EXPIRES_SOON),
            blocked: typed.block,
        })
    }

    /// What to judge by, if it is `now`.
    pub fn criteria(&self, now: Timestamp) -> Criteria<'_> {
        Criteria {
            policy: &self.policy,
            at: self.at.unwrap_or(now),
            expires_soon: self.expires_soon,
            blocked: &self.blocked,
        }
    }
}

impl StoresPlan {
    pub(super) fn resolve(
        typed: typed::Stores,
        base: &[PathBuf],
        out: (&str, &Path),
    ) -> Result<Self, Error> {
        let mounted_at = mounted_at(typed.mounted_at.as_deref(), out)?;
        let (bases, _) = bases(base)?;
        let is_platforms = |(base, _): &(Base, StoreSet)| matches!(base, Base::Path(_));
        let merged = typed
            .only
            .iter()
            .fold(StoreSet::NONE, |set, store| set | (*store).into());
        let merged = if merged.is_empty() {
            StoreSet::MERGED
        } else {
            merged
        };
        Ok(StoresPlan {
            stores: merged | Store::Custom.into(),
            mounted_at,
            layout: typed.os_layout.unwrap_or_default(),
            java_store: typed.java.java_store.unwrap_or(JavaFormat::Pkcs12),
            java_password_file: typed.java.java_password_file,
            node: if bases.iter().any(is_platforms) {
                Store::Os
            } else {
                Store::Custom
            },
        })
    }
}

fn resolve_policy(typed: &typed::Policy) -> Result<Policy, Error> {
    let settings: Vec<(Level, Rule)> = [
        (Level::Allow, &typed.allow),
        (Level::Warn, &typed.warn),
        (Level::Drop, &typed.drop),
        (Level::Deny, &typed.deny),
    ]
    .into_iter()
    .flat_map(|(level, rules)| rules.iter().map(move |rule| (level, *rule)))
    .collect();
    Policy::with(&settings).map_err(|error| Error::usage(error.to_string()))
}

fn locations(paths: Vec<PathBuf>) -> Result<Vec<Location>, Error> {
    let stdin = Path::new("-");
    if paths.iter().filter(|path| *path == stdin).count() > 1 {
        return Err(Error::usage(
            "'-' can be given once: standard input is read once",
        ));
    }
    Ok(paths
        .into_iter()
        .map(|path| {
            if path == stdin {
                Location::StandardInput
            } else {
                Location::Path(path)
            }
        })
        .collect())
}

/// The bases, and whether the image's own stores are among them.
fn bases(typed: &[PathBuf]) -> Result<(Vec<(Base, StoreSet)>, bool), Error> {
    let mut bases = Vec::new();
    let mut is_auto = false;
    for base in typed {
        bases.push(match base.to_str() {
            Some(MOZILLA) => Base::Mozilla,
            Some("none") if typed.len() == 1 => return Ok((Vec::new(), false)),
            Some("none") => {
                let message = "'none' stands alone: it cannot be added to another base";
                return Err(Error::usage(message).at("--base"));
            }
            Some(AUTO) => {
                is_auto = true;
                continue;
            }
            _ => Base::Path(base.clone()),
        });
    }
    // Each base goes to every merged store; what is found in an image goes to its own.
    let bases = bases.into_iter().map(|base| (base, StoreSet::MERGED));
    Ok((bases.collect(), is_auto))
}

/// The path of the wiring: absolute, and such that a shell, the JVM and a line-based file take it.
fn mounted_at(typed: Option<&Path>, out: (&str, &Path)) -> Result<String, Error> {
    let (flag, path) = match typed {
        Some(path) => ("--mounted-at", path),
        None => out,
    };
    let refused = |message: &str| Error::usage(message).at(flag);
    let absolute = if typed.is_some() {
        path.to_owned()
    } else {
        std::path::absolute(path).map_err(|_| refused("cannot be made absolute"))?
    };
    if !absolute.is_absolute() {
        return Err(refused("not an absolute path").hint("it is a path in the main container"));
    }
    let text = absolute
        .to_str()
        .ok_or_else(|| refused("not UTF-8: trust.env could not hold it"))?;
    if text.contains(|c: char| is_unprintable(c) || matches!(c, '"' | '\'' | '\\' | '$' | '`')) {
        let message = format!("{}: a character that trust.env cannot hold", escape(text));
        return Err(refused(&message).hint("quotes, '\\', '$', '`' and line breaks cannot be used"));
    }
    Ok(match text.trim_end_matches('/') {
        "" => String::from("/"),
        trimmed => trimmed.to_owned(),
    })
}
