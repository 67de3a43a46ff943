//! Which stores are built, and in which format.

use std::path::{self, Path, PathBuf};

use clap::Args;

use super::values::{java_formats, requested_variables, stores};
use crate::error::Error;
use crate::layout::{OsLayout, StoreForms};
use crate::wiring::can_be_named;
use trust_stores::escape::escape;
use trust_stores::{JavaFormat, Password, Store, StoreSet};

#[derive(Debug, Args)]
#[command(next_help_heading = "Stores")]
pub(super) struct StoreOptions {
    #[command(flatten)]
    pub(super) only: StoreSelection,

    /// Use this directory in trust.env: the main container's mount point of --out [default: --out, or
    /// /trust for env and render]
    #[arg(long, value_name = "DIR")]
    pub(super) mounted_at: Option<PathBuf>,

    /// Arrange os/ for images of this family
    #[arg(long, value_name = "LAYOUT", value_enum, default_value_t)]
    pub(super) os_layout: OsLayout,

    #[command(flatten)]
    pub(super) java: JavaOptions,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Stores")]
pub(super) struct StoreSelection {
    /// Build only these stores
    ///
    /// The customer's chain, trust.env and manifest.json are always written. A store left over from an
    /// earlier build that is not built now is deleted, because clients would keep trusting its old content.
    #[arg(long, value_name = "STORE,...", value_delimiter = ',', value_parser = stores(), default_value = "os,java,python")]
    only: Vec<Store>,

    #[command(flatten)]
    requested: RequestedVariables,
}

impl StoreSelection {
    /// What `--set-variable` names, for stores that are not built.
    pub(super) fn requested(&self) -> Vec<&'static str> {
        self.requested.set_variable.clone()
    }
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Stores")]
pub(super) struct RequestedVariables {
    /// Also set this variable, to the merged OS bundle
    ///
    /// PGSSLROOTCERT: psql, psycopg and other clients with libpq then verify with the merged bundle if
    /// sslmode=verify-full. Not set by default, because with it sslmode=require verifies the server's
    /// certificate too, like verify-ca.
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', value_parser = requested_variables())]
    set_variable: Vec<&'static str>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Stores")]
pub(super) struct JavaOptions {
    /// Write the Java truststore in this format
    ///
    /// os/java/cacerts is always plain pkcs12, because a JDK opens its own cacerts without a password.
    #[arg(long, value_name = "FORMAT", value_parser = java_formats(), default_value = JavaFormat::Pkcs12.name())]
    java_store: JavaFormat,

    /// Read the Java truststore's password from this file, which holds one line, instead of 'changeit'
    #[arg(long, value_name = "PATH")]
    java_password_file: Option<PathBuf>,
}

/// The option that sets variables besides ours.
pub const SET_VARIABLE: &str = "--set-variable";

/// Which stores to build, and in which format.
#[derive(Debug)]
pub struct StoresPlan {
    /// The stores to build, the customer's chain always among them.
    pub selected: StoreSet,
    /// Where the main container sees what is written; absolute.
    pub mounted_at: String,
    /// The form of `os/`.
    pub layout: OsLayout,
    /// The format of the Java truststore.
    pub java_store: JavaFormat,
    /// The file that holds its password.
    pub java_password_file: Option<PathBuf>,
    /// What Node adds to its own roots: the customer's chain, or the merged bundle where a base is the
    /// platform's own.
    pub node: Store,
    /// Variables that are set besides ours.
    pub requested: Vec<&'static str>,
}

impl StoresPlan {
    /// The form in which the stores are written, with `password` for the Java truststore.
    pub fn forms<'a>(&self, password: &'a Password) -> StoreForms<'a> {
        StoreForms {
            layout: self.layout,
            java: self.java_store,
            password,
        }
    }

    /// `out` is the directory that is mounted unless `--mounted-at` names another, with the flag that
    /// names it.
    pub(super) fn resolve(
        typed: StoreOptions,
        node: Store,
        out: (&str, &Path),
    ) -> Result<Self, Error> {
        let merged = typed.only.only.into_iter().map(StoreSet::from);
        let selected = merged.fold(StoreSet::from(Store::Custom), |set, store| set | store);
        let requested = typed.only.requested.set_variable;
        let has_bundle = selected.contains(Store::Os) || selected.contains(Store::Python);
        if !requested.is_empty() && !has_bundle {
            let message = "with --only java there is no bundle that it could name";
            return Err(Error::usage(message).at(SET_VARIABLE));
        }
        Ok(StoresPlan {
            selected,
            mounted_at: mounted_at(typed.mounted_at.as_deref(), out)?,
            layout: typed.os_layout,
            java_store: typed.java.java_store,
            java_password_file: typed.java.java_password_file,
            node,
            requested,
        })
    }
}

impl StoresPlan {
    /// Whether the wiring names the stores where they are written, in `out`.
    pub fn is_for(&self, out: &Path) -> bool {
        path::absolute(out).is_ok_and(|out| out == Path::new(&self.mounted_at))
    }
}

/// The directory that the wiring names: absolute, and without characters that it cannot hold.
fn mounted_at(typed: Option<&Path>, out: (&str, &Path)) -> Result<String, Error> {
    let (flag, path) = match typed {
        Some(path) => ("--mounted-at", path),
        None => out,
    };
    let refused = |message: &str| Error::usage(message).at(flag);
    let absolute = match typed {
        Some(path) => path.to_owned(),
        None => path::absolute(path).map_err(|_| refused("cannot be made absolute"))?,
    };
    if !absolute.is_absolute() {
        return Err(
            refused("not an absolute path").hint("give the path as the main container sees it")
        );
    }
    let text = absolute
        .to_str()
        .ok_or_else(|| refused("not UTF-8, so trust.env cannot hold it"))?;
    if !can_be_named(text) {
        let message = format!(
            "{}: has a character that trust.env cannot hold",
            escape(text)
        );
        return Err(
            refused(&message).hint("use a path without quotes, '\\', '$', '`' and line breaks")
        );
    }
    Ok(match text.trim_end_matches('/') {
        "" => String::from("/"),
        trimmed => trimmed.to_owned(),
    })
}
