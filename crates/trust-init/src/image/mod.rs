//! Which stores an image has, under a root: for `--base auto`.
//!
//! For each output the stores that variables name, and with them, unless each of its variables names
//! one, those at the places where distributions, JDKs and certifi keep theirs. Nothing is run, least
//! of all the image's Python.

mod places;
mod root;

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use self::root::Root;
use crate::error::Error;
use crate::wiring;
use crate::wiring::jvm_options::{JvmOptions, TrustStore};
use trust_stores::{DecodeOptions, KeyEntries, Password, Store, StoreSet};

/// What a process's variables say of an image's stores.
#[derive(Clone, Debug)]
pub struct Environment {
    named: Vec<Named>,
    java_home: Option<PathBuf>,
    /// Directories of a Python: a virtual environment, conda's.
    python_prefixes: Vec<PathBuf>,
    home: Option<PathBuf>,
    path: Vec<PathBuf>,
}

/// A store that a variable names.
#[derive(Clone, Debug)]
struct Named {
    variable: &'static str,
    store: Store,
    /// Whether its clients read nothing else: Node adds what its variable names to its own.
    is_enough: bool,
    path: PathBuf,
    password: Option<Password>,
}

impl Environment {
    /// Of an image that is mounted somewhere, and has no process.
    pub fn of_no_process() -> Self {
        Environment::of(&|_| None, &[])
    }

    /// The same without the stores that variables name.
    #[must_use]
    pub fn without_named(self) -> Self {
        Environment {
            named: Vec::new(),
            ..self
        }
    }

    /// What `variables` say. Stores under the directories `ours` are an earlier build's, and no base
    /// of this one: a CA that the customer took away would stay for ever.
    pub fn of(variables: &dyn Fn(&str) -> Option<OsString>, ours: &[&Path]) -> Self {
        let value = |name: &str| variables(name).filter(|value| !value.is_empty());
        let path = |name: &str| value(name).map(|value| absolute(Path::new(&value)));
        let bundles = wiring::BUNDLE_VARIABLES
            .into_iter()
            .map(|(name, store)| (name, Some(store)));
        let mut named: Vec<Named> = bundles
            .chain([(wiring::NODE_VARIABLE, None)])
            .filter_map(|(variable, group)| {
                Some(Named {
                    variable,
                    store: group.unwrap_or(Store::Os),
                    is_enough: group.is_some(),
                    path: path(variable)?,
                    password: None,
                })
            })
            .collect();
        if let TrustStore::File {
            variable,
            path,
            password,
        } = JvmOptions::of(variables).trust_store()
        {
            named.push(Named {
                variable,
                store: Store::Java,
                is_enough: true,
                path: absolute(&path),
                password,
            });
        }
        let ours: Vec<PathBuf> = ours.iter().flat_map(|path| both(path)).collect();
        named.retain(|named| {
            let mut places = both(&named.path).into_iter();
            !places.any(|place| ours.iter().any(|our| place.starts_with(our)))
        });
        let prefixes = ["VIRTUAL_ENV", "CONDA_PREFIX"];
        Environment {
            named,
            java_home: path("JAVA_HOME"),
            python_prefixes: prefixes.into_iter().filter_map(path).collect(),
            home: path("HOME"),
            path: value("PATH").map_or_else(places::path, |path| {
                std::env::split_paths(&path)
                    .map(|path| absolute(&path))
                    .collect()
            }),
        }
    }

    /// The stores that variables name: each variable, the file, and its password.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &Path, Option<&Password>)> {
        let named = self.named.iter();
        named.map(|one| (one.variable, one.path.as_path(), one.password.as_ref()))
    }
}

/// As the process takes it: from its working directory.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// A path as it is written and as it is, every link followed.
fn both(path: &Path) -> Vec<PathBuf> {
    let written = absolute(path);
    let real = fs::canonicalize(&written).ok();
    std::iter::once(written).chain(real).collect()
}

/// The image to look into.
#[derive(Clone, Debug)]
pub struct Image {
    /// Its root.
    pub root: PathBuf,
    /// What the variables say.
    pub environment: Environment,
    /// Whether the stores are looked for that no variable names.
    pub has_own: bool,
}

/// A store that an image has.
#[derive(Debug)]
pub struct Holding {
    /// Where it stands, as messages name it.
    pub path: PathBuf,
    /// What led to it: a variable, or the kind of place.
    pub found_by: &'static str,
    /// The outputs that it is the base of.
    pub stores: StoreSet,
    /// Its password, where a variable gives one.
    pub password: Option<Password>,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Looks through an image, reading no file beyond `limit` bytes. Gives the stores that it has for
/// the outputs in `wanted`, each once, and what a variable names and cannot be read.
///
/// What a variable names is the base of its output. The image's own store is one too, unless each
/// variable of that output names a store: clients whose variable was not set read the image's own
/// until now, and their variable is going to be set.
pub fn find(image: &Image, wanted: StoreSet, limit: u64) -> (Vec<Holding>, Vec<Error>) {
    let mut search = Search {
        root: Root::new(&image.root),
        wanted,
        limit,
        seen: Vec::new(),
        holdings: Vec::new(),
        faults: Vec::new(),
    };
    let environment = &image.environment;
    let mut lacking = wanted;
    for store in [Store::Os, Store::Java, Store::Python] {
        let of_store = |one: &&Named| wiring::bundle_of(one.store, wanted) == store;
        let mut enough = 0;
        for named in environment.named.iter().filter(of_store) {
            enough += usize::from(search.named(named, store) && named.is_enough);
        }
        if enough >= wiring::variables_of(store, wanted) {
            lacking = lacking - store.into();
        }
    }
    if !image.has_own {
        return (search.holdings, search.faults);
    }
    if lacking.contains(Store::Os) {
        let _ = places::OS_BUNDLES
            .into_iter()
            .any(|path| search.take(Path::new(path), "the OS bundle", Store::Os));
    }
    if lacking.contains(Store::Java) {
        for (found_by, path) in places::java_stores(&search.root, environment) {
            search.take(&path, found_by, Store::Java);
        }
    }
    if lacking.contains(Store::Python) {
        let mut is_found = false;
        for (found_by, path) in places::python_bundles(&search.root, environment) {
            is_found |= search.take(&path, found_by, Store::Python);
        }
        if !is_found {
            // Debian's requests reads the system's bundle.
            search.lend_the_os_bundle();
        }
    }
    (search.holdings, search.faults)
}

struct Search {
    root: Root,
    wanted: StoreSet,
    limit: u64,
    /// The real paths taken, with the place of each among the holdings.
    seen: Vec<PathBuf>,
    holdings: Vec<Holding>,
    faults: Vec<Error>,
}

impl Search {
    /// Takes what a variable names, a file or all files of a directory. True if there is a
    /// certificate in it; what else it is, is a fault.
    fn named(&mut self, named: &Named, store: Store) -> bool {
        let files = if self.root.is_directory(&named.path) {
            let inside = self.root.names(&named.path).into_iter();
            inside
                .map(|file| named.path.join(file))
                .filter(|file| !self.root.is_directory(file))
                .collect()
        } else {
            vec![named.path.clone()]
        };
        let mut is_taken = false;
        for file in files {
            let password = named.password.clone();
            match self.try_take(&file, named.variable, store, password, true) {
                Ok(()) => is_taken = true,
                Err(error) => {
                    let path = self.root.outside(&file);
                    let mut fault = Error::unreadable(&path, &error);
                    fault.message = format!("{} names it: {}", named.variable, fault.message);
                    fault.hints.clear();
                    self.faults.push(fault);
                }
            }
        }
        is_taken
    }

    fn take(&mut self, path: &Path, found_by: &'static str, store: Store) -> bool {
        self.try_take(path, found_by, store, None, false).is_ok()
    }

    /// Takes the file at `path` as a base of an output; once, however many paths lead to it. With
    /// `is_checked`, it must hold a certificate.
    fn try_take(
        &mut self,
        path: &Path,
        found_by: &'static str,
        store: Store,
        password: Option<Password>,
        is_checked: bool,
    ) -> io::Result<()> {
        if !self.wanted.contains(store) {
            return Ok(());
        }
        let real = self.root.real(path)?;
        if let Some(index) = self.seen.iter().position(|seen| *seen == real) {
            let holding = &mut self.holdings[index];
            holding.stores = holding.stores | store.into();
            return Ok(());
        }
        let bytes = self.root.read(&real, self.limit)?;
        if bytes.is_empty() {
            return Err(io::Error::other("the file is empty"));
        }
        if is_checked && !holds_a_certificate(&bytes, password.clone()) {
            let reason = if password.is_some() {
                "no certificate in it can be read, or its password is another"
            } else {
                "no certificate in it can be read"
            };
            return Err(io::Error::other(reason));
        }
        self.seen.push(real);
        self.holdings.push(Holding {
            path: self.root.outside(path),
            found_by,
            stores: store.into(),
            password,
            bytes,
        });
        Ok(())
    }

    /// The image's own OS bundle serves Python as well.
    fn lend_the_os_bundle(&mut self) {
        for holding in &mut self.holdings {
            if holding.stores.contains(Store::Os) {
                holding.stores = holding.stores | Store::Python.into();
            }
        }
    }
}

fn holds_a_certificate(bytes: &[u8], password: Option<Password>) -> bool {
    let unlock = DecodeOptions {
        password,
        key_entries: KeyEntries::Skip,
    };
    let mut found = trust_stores::decode(bytes, &unlock).into_iter();
    found.any(|found| found.content.is_ok())
}
