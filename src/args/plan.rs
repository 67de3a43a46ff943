//! What was typed, resolved: defaults set, contradictions refused.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::typed;
use crate::bundle::{Store, StoreSet};
use crate::error::Error;
use crate::formats::java::JavaForm;
use crate::moment::Moment;
use crate::policy::{Level, Policy, Rule};
use crate::read::{Base, Location, SizeLimit};
use crate::report::log::Format;
use crate::report::{escape, is_unprintable, termination};
use crate::write::atomic;

const DEFAULT_OUT: &str = "/trust";
const DEFAULT_MAX_SIZE: u64 = 64 << 10;
const DEFAULT_LOCK_TIMEOUT: Duration = Duration::from_mins(1);

/// What `build` is to do.
#[derive(Debug)]
pub struct BuildPlan {
    /// The customer's sources; empty for a platform without a customer.
    pub customer: Vec<Location>,
    /// What to add to, and for which stores; empty for `--base none`.
    pub bases: Vec<(Base, StoreSet)>,
    /// How large a customer's source may be.
    pub limit: SizeLimit,
    /// The level of each rule.
    pub policy: Policy,
    /// `--at`, if it was given.
    pub at: Option<Moment>,
    /// The stores to build.
    pub stores: StoreSet,
    /// Where to write.
    pub out: PathBuf,
    /// Where the main container sees what is written; absolute.
    pub mounted_at: String,
    /// The Java truststore's form.
    pub java_store: JavaForm,
    /// Where its password stands.
    pub java_password_file: Option<PathBuf>,
    /// How to write.
    pub write: atomic::Options,
}

/// How to speak.
#[derive(Debug)]
pub struct ReportPlan {
    /// Of the log on stderr.
    pub format: Format,
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
    pub(super) fn resolve(typed: typed::Build) -> Result<Self, Error> {
        let typed::Build {
            sources,
            policy,
            output,
            report: _,
        } = typed;
        let policy = resolve_policy(&policy)?;
        let customer = customer(sources.ca)?;
        let bases = bases(&sources.base)?;
        if customer.is_empty() {
            if sources.base.is_empty() {
                return Err(Error::usage("nothing to read").hint(
                    "give the customer's certificates with --ca PATH, or name a --base for a \
                     platform without a customer",
                ));
            }
            if bases.is_empty() {
                let message = "'none' without --ca leaves nothing to write";
                return Err(Error::usage(message).at("--base"));
            }
        }
        let out = output.out.unwrap_or_else(|| DEFAULT_OUT.into());
        if out == Path::new("/") {
            let message = "the root of the file system";
            return Err(Error::usage(message)
                .at("--out")
                .hint("name a directory of its own, such as /trust"));
        }
        let mounted_at = mounted_at(output.mounted_at.as_deref(), &out)?;
        let merged = output
            .only
            .iter()
            .fold(StoreSet::NONE, |set, store| set | (*store).into());
        let merged = if merged.is_empty() {
            StoreSet::MERGED
        } else {
            merged
        };
        Ok(BuildPlan {
            customer,
            bases,
            limit: SizeLimit {
                bytes: sources.max_size.unwrap_or(DEFAULT_MAX_SIZE),
                level: policy.level(Rule::TooLarge),
            },
            policy,
            at: sources.at,
            stores: merged | Store::Custom.into(),
            out,
            mounted_at,
            java_store: output.java_store.unwrap_or(JavaForm::Pkcs12),
            java_password_file: output.java_password_file,
            write: atomic::Options {
                lock_timeout: output.lock_timeout.map_or(DEFAULT_LOCK_TIMEOUT, |seconds| {
                    Duration::from_secs(seconds.into())
                }),
                sync: output.sync,
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
    Policy::with(&settings).map_err(Error::usage)
}

fn customer(paths: Vec<PathBuf>) -> Result<Vec<Location>, Error> {
    let stdin = Path::new("-");
    if paths.iter().filter(|path| *path == stdin).count() > 1 {
        return Err(Error::usage("'-' can be given once: standard input is read once").at("--ca"));
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

fn bases(typed: &[PathBuf]) -> Result<Vec<(Base, StoreSet)>, Error> {
    let mut bases = Vec::new();
    for base in typed {
        bases.push(match base.to_str() {
            Some("mozilla") => Base::Mozilla,
            Some("none") if typed.len() == 1 => return Ok(Vec::new()),
            Some("none") => {
                let message = "'none' stands alone: it cannot be added to another base";
                return Err(Error::usage(message).at("--base"));
            }
            Some("auto") => {
                let message = "'auto' is not known to this version of build";
                return Err(Error::usage(message)
                    .at("--base")
                    .hint("a file of that name is ./auto"));
            }
            _ => Base::Path(base.clone()),
        });
    }
    if bases.is_empty() {
        bases.push(Base::Mozilla);
    }
    // Each base goes to every merged store. One that is found in an image will go to its own.
    Ok(bases
        .into_iter()
        .map(|base| (base, StoreSet::MERGED))
        .collect())
}

/// The path of the wiring: absolute, and such that a shell, the JVM and a line-based file take it.
fn mounted_at(typed: Option<&Path>, out: &Path) -> Result<String, Error> {
    let (flag, path) = match typed {
        Some(path) => ("--mounted-at", path),
        None => ("--out", out),
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
