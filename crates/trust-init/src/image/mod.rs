//! Which stores an image has, under a root: for `--base auto` and `--base os`.
//!
//! For each output it takes the stores that variables name and, unless every variable of that output
//! names one, those at the places where distributions, JDKs and certifi keep theirs. Nothing is run,
//! least of all the image's Python.

mod added;
pub mod curl;
mod elf;
pub mod openssl;
mod places;
pub mod python;
mod root;

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use self::added::{AddedCa, added_cas};
pub use self::root::Root;
use crate::error::Error;
use crate::wiring::foreign::ForeignVariable;
use crate::wiring::jvm_options::{JvmOptions, TrustStore};
use crate::wiring::{self, Effect};
use trust_stores::{
    DecodeOptions, DecodedCertificate, DerivationBudget, KeyEntries, Password, Store, StoreSet,
};

/// What a process's variables say about an image's stores.
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
    effect: Effect,
    path: PathBuf,
    password: Option<Password>,
}

impl Environment {
    /// No variables: an image that is mounted somewhere has no process.
    pub fn of_no_process() -> Self {
        Environment::of(&|_| None, &[], &[])
    }

    /// This environment without the stores that variables name.
    #[must_use]
    pub fn without_named(self) -> Self {
        Environment {
            named: Vec::new(),
            ..self
        }
    }

    /// Reads `variables`. Stores under the directories `own_outputs` come from an earlier build and are
    /// not used as a base: a CA that the customer removed would stay forever. `requested` are the variables
    /// that the user wants set besides ours.
    pub fn of(
        variables: &dyn Fn(&str) -> Option<OsString>,
        requested: &[&str],
        own_outputs: &[&Path],
    ) -> Self {
        let value = |name: &str| variables(name).filter(|value| !value.is_empty());
        let path = |name: &str| value(name).map(|value| absolute(Path::new(&value)));
        let mut named: Vec<Named> = wiring::path_variables()
            .filter_map(|variable| {
                Some(Named {
                    variable: variable.name,
                    store: variable.bundle,
                    effect: variable.effect,
                    path: path(variable.name)?,
                    password: None,
                })
            })
            .collect();
        let foreign = ForeignVariable::merged_in(variables, requested);
        named.extend(foreign.map(|(variable, value)| Named {
            variable: variable.name,
            store: Store::Os,
            // Their clients are not those that the bundle is for.
            effect: Effect::AddsToRoots,
            path: absolute(Path::new(&value)),
            password: None,
        }));
        if let TrustStore::File {
            variable,
            path,
            password,
        } = JvmOptions::of(variables).trust_store()
        {
            named.push(Named {
                variable,
                store: Store::Java,
                effect: Effect::JvmOption,
                path: absolute(&path),
                password,
            });
        }
        let outputs: Vec<PathBuf> = own_outputs
            .iter()
            .flat_map(|output| literal_and_real(output))
            .collect();
        let is_in_output = |path: &PathBuf| outputs.iter().any(|output| path.starts_with(output));
        // Links are followed only if there is something to compare their ends with.
        if !outputs.is_empty() {
            named.retain(|named| !literal_and_real(&named.path).iter().any(is_in_output));
        }
        let prefixes = ["VIRTUAL_ENV", "CONDA_PREFIX"];
        Environment {
            named,
            java_home: path("JAVA_HOME"),
            python_prefixes: prefixes.into_iter().filter_map(path).collect(),
            home: path("HOME"),
            path: value("PATH").map_or_else(places::default_path, |path| {
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

/// A relative path starts at the working directory, as it does for the process.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// A path as it is written, and with every link followed.
fn literal_and_real(path: &Path) -> Vec<PathBuf> {
    let literal = absolute(path);
    let real = fs::canonicalize(&literal).ok();
    std::iter::once(literal).chain(real).collect()
}

/// The image to search.
#[derive(Clone, Debug)]
pub struct Image {
    /// Its root.
    pub root: PathBuf,
    /// Its variables.
    pub environment: Environment,
    /// What to take besides the stores that variables name.
    pub own: OwnStores,
}

/// Which of an image's own stores, at the places where distributions, JDKs and certifi keep them, are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnStores {
    /// Each for its own output: `--base auto`.
    pub each_for_its_output: bool,
    /// The OS bundle for all outputs: `--base os`.
    pub os_for_all: bool,
}

impl OwnStores {
    /// None of them.
    pub const NONE: OwnStores = OwnStores {
        each_for_its_output: false,
        os_for_all: false,
    };
}

/// A store that was found in an image.
#[derive(Debug)]
pub struct ImageStore {
    /// Its path in messages.
    pub path: PathBuf,
    /// How it was found: a variable, or the kind of place.
    pub found_by: &'static str,
    /// The outputs that it is the base of.
    pub stores: StoreSet,
    /// Its password, if a variable gives one.
    pub password: Option<Password>,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Searches an image, reading at most `limit` bytes of a file. Returns the stores that it has for the
/// outputs in `wanted`, each once, and an error for each file that a variable names and that cannot be
/// read.
///
/// What a variable names is a base of its output. The image's own store is one too, unless every
/// variable of that output names a store: clients whose variable was not set have read the image's own
/// store so far, and their variable is going to be set.
///
/// What it takes to open protected stores comes out of `budget`.
pub fn find(
    image: &Image,
    wanted: StoreSet,
    limit: u64,
    budget: &DerivationBudget,
) -> (Vec<ImageStore>, Vec<Error>) {
    let mut search = Search {
        root: Root::new(&image.root),
        wanted,
        limit,
        real_paths: Vec::new(),
        found: Vec::new(),
        faults: Vec::new(),
        budget: budget.clone(),
    };
    let environment = &image.environment;
    let mut needs_own = wanted;
    for store in [Store::Os, Store::Java, Store::Python] {
        let of_store = |named: &&Named| wiring::bundle_of(named.store, wanted) == store;
        let mut replaced = 0;
        for named in environment.named.iter().filter(of_store) {
            let is_found = search.take_named(named, store);
            replaced += usize::from(is_found && named.effect != Effect::AddsToRoots);
        }
        if replaced >= wiring::count_of_variables(store, wanted) {
            needs_own = needs_own - store.into();
        }
    }
    if image.own.os_for_all {
        search.take_os_bundle(wanted);
    }
    if image.own.each_for_its_output {
        search.take_own(needs_own, environment);
    }
    (search.found, search.faults)
}

struct Search {
    root: Root,
    wanted: StoreSet,
    limit: u64,
    /// The real path of each store in `found`.
    real_paths: Vec<PathBuf>,
    found: Vec<ImageStore>,
    faults: Vec<Error>,
    /// The run's: a store is opened to see whether it holds a certificate.
    budget: DerivationBudget,
}

/// What a file must hold to be used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    /// Something: judging it comes later.
    Bytes,
    /// At least one certificate that can be read.
    Certificate,
}

impl Search {
    /// Takes the image's own stores for the outputs in `needed`.
    fn take_own(&mut self, needed: StoreSet, environment: &Environment) {
        if needed.contains(Store::Os) {
            self.take_os_bundle(Store::Os.into());
        }
        if needed.contains(Store::Java) {
            for (found_by, path) in places::java_stores(&self.root, environment) {
                self.take(&path, found_by, Store::Java);
            }
        }
        if needed.contains(Store::Python) {
            let mut is_found = false;
            for (found_by, path) in places::python_bundles(&self.root, environment) {
                is_found |= self.take(&path, found_by, Store::Python);
            }
            if !is_found {
                // Debian's requests reads the system's bundle.
                self.use_os_bundle_for_python();
            }
        }
    }

    /// Takes the image's OS bundle as a base of the outputs in `needed`.
    fn take_os_bundle(&mut self, needed: StoreSet) {
        let _ = places::OS_BUNDLES.into_iter().map(Path::new).any(|path| {
            let takes = |store| self.take(path, "the OS bundle", store);
            needed
                .iter()
                .map(takes)
                .fold(false, |any, is_taken| any | is_taken)
        });
    }

    /// Takes what a variable names: a file, or all files of a directory. Returns whether any holds a
    /// certificate; the others are reported.
    fn take_named(&mut self, named: &Named, store: Store) -> bool {
        let files = if self.root.is_directory(&named.path) {
            let inside = self.root.names(&named.path).into_iter();
            inside
                .map(|name| named.path.join(name))
                .filter(|file| !self.root.is_directory(file))
                .collect()
        } else {
            vec![named.path.clone()]
        };
        let mut is_taken = false;
        for file in files {
            let password = named.password.clone();
            match self.try_take(&file, named.variable, store, password, Expect::Certificate) {
                Ok(()) => is_taken = true,
                Err(error) => {
                    let path = self.root.outside(&file);
                    let mut fault = Error::unreadable(&path, &error);
                    fault.message = format!("named by {}: {}", named.variable, fault.message);
                    fault.hints.clear();
                    self.faults.push(fault);
                }
            }
        }
        is_taken
    }

    fn take(&mut self, path: &Path, found_by: &'static str, store: Store) -> bool {
        self.try_take(path, found_by, store, None, Expect::Bytes)
            .is_ok()
    }

    /// Takes the file at `path` as a base of an output; once, however many paths lead to it.
    fn try_take(
        &mut self,
        path: &Path,
        found_by: &'static str,
        store: Store,
        password: Option<Password>,
        expect: Expect,
    ) -> io::Result<()> {
        if !self.wanted.contains(store) {
            return Ok(());
        }
        let real = self.root.real(path)?;
        if let Some(index) = self.real_paths.iter().position(|seen| *seen == real) {
            let known = &mut self.found[index];
            known.stores = known.stores | store.into();
            return Ok(());
        }
        let bytes = self.root.read(&real, self.limit)?;
        if bytes.is_empty() {
            return Err(io::Error::other("the file is empty"));
        }
        if expect == Expect::Certificate
            && certificates(&bytes, password.clone(), &self.budget)
                .next()
                .is_none()
        {
            let reason = if password.is_some() {
                "found no certificate that can be read; the password may be wrong"
            } else {
                "found no certificate that can be read"
            };
            return Err(io::Error::other(reason));
        }
        self.real_paths.push(real);
        self.found.push(ImageStore {
            path: self.root.outside(path),
            found_by,
            stores: store.into(),
            password,
            bytes,
        });
        Ok(())
    }

    /// Makes the image's OS bundle the base of Python's store as well.
    fn use_os_bundle_for_python(&mut self) {
        for store in &mut self.found {
            if store.stores.contains(Store::Os) {
                store.stores = store.stores | Store::Python.into();
            }
        }
    }
}

/// The certificates in a file of the image; keys next to them do not matter.
fn certificates(
    bytes: &[u8],
    password: Option<Password>,
    budget: &DerivationBudget,
) -> impl Iterator<Item = DecodedCertificate> {
    let unlock = DecodeOptions {
        password,
        key_entries: KeyEntries::Skip,
        budget: budget.clone(),
    };
    let sections = trust_stores::decode(bytes, &unlock).into_iter();
    sections.filter_map(|section| section.content.ok())
}
