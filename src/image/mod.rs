//! Which stores an image has, under a root: for `--base auto`.
//!
//! For each output the store that a variable names comes first, then those at the places where
//! distributions, JDKs and certifi keep theirs. Nothing is run, least of all the image's Python.

mod places;
mod root;

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

pub use self::root::Root;
use crate::bundle::{Store, StoreSet};
use crate::error::Error;
use crate::formats::password::Password;
use crate::jvm_options::{self, JvmOptions};
use crate::wiring;

/// What a process's variables say of an image's stores.
#[derive(Clone, Debug)]
pub struct Environment {
    named: Vec<Named>,
    java_home: Option<PathBuf>,
    /// Directories of a Python: a virtual environment, conda's.
    python_prefixes: Vec<(&'static str, PathBuf)>,
    home: Option<PathBuf>,
    path: Vec<PathBuf>,
}

/// A store that a variable names.
#[derive(Clone, Debug)]
struct Named {
    variable: &'static str,
    store: Store,
    path: PathBuf,
    password: Option<Password>,
}

impl Environment {
    /// Of an image that is mounted somewhere, and has no process.
    pub fn of_no_process() -> Self {
        Environment::of(&|_| None, None)
    }

    /// The same without the stores that variables name.
    #[must_use]
    pub fn without_named(self) -> Self {
        Environment {
            named: Vec::new(),
            ..self
        }
    }

    /// What `variables` say. Stores under `out` are an earlier build's, and no base of this one: a
    /// CA that the customer took away would stay for ever.
    pub fn of(variables: &dyn Fn(&str) -> Option<OsString>, out: Option<&Path>) -> Self {
        let value = |name: &str| variables(name).filter(|value| !value.is_empty());
        let path = |name: &str| value(name).map(PathBuf::from);
        let mut named: Vec<Named> = wiring::BUNDLE_VARIABLES
            .into_iter()
            .chain([(wiring::NODE_VARIABLE, Store::Os)])
            .filter_map(|(variable, store)| {
                Some(Named {
                    variable,
                    store,
                    path: path(variable)?,
                    password: None,
                })
            })
            .collect();
        // The last that names one wins in a JVM.
        let options = jvm_options::VARIABLES
            .into_iter()
            .rev()
            .find_map(|variable| {
                let text = value(variable)?.into_string().ok()?;
                let options = JvmOptions::of(&text);
                Some(Named {
                    variable,
                    store: Store::Java,
                    path: options.trust_store()?.into(),
                    password: options.trust_store_password(),
                })
            });
        named.extend(options);
        named.retain(|named| out.is_none_or(|out| !named.path.starts_with(out)));
        let prefixes = ["VIRTUAL_ENV", "CONDA_PREFIX"];
        Environment {
            named,
            java_home: path("JAVA_HOME"),
            python_prefixes: prefixes
                .into_iter()
                .filter_map(|name| Some((name, path(name)?)))
                .collect(),
            home: path("HOME"),
            path: value("PATH")
                .map_or_else(places::path, |path| std::env::split_paths(&path).collect()),
        }
    }
}

/// The image to look into.
#[derive(Clone, Debug)]
pub struct Image {
    /// Its root.
    pub root: PathBuf,
    /// What the variables say.
    pub environment: Environment,
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
    for named in &environment.named {
        search.named(named);
    }
    if search.lacks(Store::Os) {
        let _ = places::OS_BUNDLES
            .into_iter()
            .any(|path| search.take(Path::new(path), "the OS bundle", Store::Os, None));
    }
    if search.lacks(Store::Java) {
        for (found_by, path) in places::java_stores(&search.root, environment) {
            search.take(&path, found_by, Store::Java, None);
        }
    }
    if search.lacks(Store::Python) {
        for (found_by, path) in places::python_bundles(&search.root, environment) {
            search.take(&path, found_by, Store::Python, None);
        }
    }
    search.lend(Store::Os, Store::Python);
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
    /// Whether an output that is wanted has no base yet.
    fn lacks(&self, store: Store) -> bool {
        self.wanted.contains(store) && !self.holdings.iter().any(|h| h.stores.contains(store))
    }

    fn named(&mut self, named: &Named) {
        // With --only the variable gets the bundle that there is.
        let store = wiring::bundle_of(named.store, self.wanted);
        let files = if self.root.is_directory(&named.path) {
            let inside = self.root.names(&named.path).into_iter();
            inside.map(|file| named.path.join(file)).collect()
        } else {
            vec![named.path.clone()]
        };
        for file in files {
            let password = named.password.clone();
            if let Err(error) = self.try_take(&file, named.variable, store, password) {
                let path = self.root.outside(&file);
                let mut fault = Error::unreadable(&path, &error);
                fault.message = format!("{} names it: {}", named.variable, fault.message);
                fault.hints.clear();
                self.faults.push(fault);
            }
        }
    }

    fn take(
        &mut self,
        path: &Path,
        found_by: &'static str,
        store: Store,
        password: Option<Password>,
    ) -> bool {
        self.try_take(path, found_by, store, password).is_ok()
    }

    /// Takes the file at `path` as a base of an output; once, however many paths lead to it.
    fn try_take(
        &mut self,
        path: &Path,
        found_by: &'static str,
        store: Store,
        password: Option<Password>,
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

    /// What serves one output serves another that has nothing of its own.
    fn lend(&mut self, from: Store, to: Store) {
        if self.lacks(to) {
            for holding in &mut self.holdings {
                if holding.stores.contains(from) {
                    holding.stores = holding.stores | to.into();
                }
            }
        }
    }
}
