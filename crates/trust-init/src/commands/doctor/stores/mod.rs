//! Reads the stores that the clients of a process read, from the files that its variables and its
//! image lead them to. What a client reads if nothing leads it anywhere is not assumed: its store is not
//! seen.

mod java;
mod pem;
mod python;

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use trust_doctor::store::{
    self, BuiltInRoots, ClientStore, PemLoader, ProcessStores, ReadFailure, Reference,
    StoreContents, StoreProblem, VariableStore, fingerprints,
};
use trust_doctor::{Client, Strictness};
use trust_stores::{Certificate, DerivationBudget, Fingerprint, Store, StoreSet, mozilla};

use self::pem::HashedDirectory;
use self::python::Pythons;
use super::process::Process;
use crate::image::{self, Environment, Image, OwnStores, Root};
use crate::layout;
use crate::sys::{FileIdentity, MAX_CLIENT_STORE_SIZE};
use crate::wiring;
use crate::wiring::foreign::ForeignEffect;

/// Reads what each client of `process` trusts.
pub(super) fn read(process: &Process<'_>) -> ProcessStores {
    let reader = Reader {
        process,
        root: Root::new(&process.root),
        library_path: process.paths("LD_LIBRARY_PATH"),
        openssl_directory: OnceCell::new(),
        pem: PemLoader::default(),
        bundles: RefCell::default(),
        hashed_directories: RefCell::default(),
    };
    let reference = reader.reference();
    let clients = reader.clients(&reference);
    let variables = reader.variables(&reference, &clients);
    let switches = reader.switches();
    ProcessStores {
        clients,
        variables,
        switches,
    }
}

/// The public roots in this binary.
pub(super) fn public_roots() -> HashSet<Fingerprint> {
    fingerprints(&store::anchors(&mozilla::sections(), store::Entries::All))
}

/// What OpenSSL takes from a bundle.
type LoadedBundle = Result<Vec<Arc<Certificate>>, StoreProblem>;

struct Reader<'p> {
    process: &'p Process<'p>,
    root: Root,
    library_path: Vec<PathBuf>,
    /// The directory of the system's OpenSSL.
    openssl_directory: OnceCell<Option<PathBuf>>,
    pem: PemLoader,
    bundles: RefCell<HashMap<FileIdentity, LoadedBundle>>,
    /// By their real path.
    hashed_directories: RefCell<HashMap<PathBuf, Rc<HashedDirectory>>>,
}

impl Reader<'_> {
    fn reference(&self) -> Reference {
        Reference {
            public: public_roots(),
            customer: self.customer(&self.process.environment()),
        }
    }

    /// The customer's certificates, where a build has left them: next to a store that a variable
    /// names, or in the default place.
    fn customer(&self, environment: &Environment) -> HashSet<Fingerprint> {
        let beside = environment
            .named()
            .filter_map(|(_, path, _)| path.ancestors().nth(2).map(Path::to_owned));
        let chain = beside
            .chain([self.process.default_build()])
            .find_map(|build| {
                let chain = build.join(layout::CUSTOM_CHAIN);
                self.root.read(&chain, MAX_CLIENT_STORE_SIZE).ok()
            });
        fingerprints(&self.pem.hashed_file(&chain.unwrap_or_default()))
    }

    fn clients(&self, reference: &Reference) -> Vec<ClientStore> {
        // Where they look when no variable says otherwise.
        let wanted = match self.openssl_directory() {
            Some(_) => Store::Java.into(),
            None => StoreSet::from(Store::Java) | Store::Os.into(),
        };
        let image = Image {
            root: self.process.root.clone(),
            environment: self.process.environment().without_named(),
            own: OwnStores {
                each_for_its_output: true,
                os_for_all: false,
            },
        };
        let (found, _) = image::find(
            &image,
            wanted,
            MAX_CLIENT_STORE_SIZE,
            &DerivationBudget::default(),
        );
        let own = |wanted: Store| found.iter().find(|store| store.stores.contains(wanted));
        let pythons = Pythons::of(self);
        let read = |client: Client| {
            let lenient = |contents| (contents, Strictness::Lenient);
            let (mut contents, strictness) = match client {
                Client::OpenSsl => lenient(self.openssl(own(Store::Os))),
                Client::Curl => lenient(self.curl()),
                Client::Python => self.python_ssl(&pythons),
                Client::Requests => self.requests(&pythons),
                Client::Jvm => lenient(self.java(own(Store::Java))),
            };
            contents.compare(reference, BuiltInRoots::None);
            ClientStore {
                client,
                strictness,
                contents,
            }
        };
        Client::ALL.map(read).into()
    }

    /// The directory that is compiled into the system's OpenSSL; `None` if that is not here.
    fn openssl_directory(&self) -> Option<&Path> {
        let find = || image::openssl::system_directory(&self.root, &self.library_path, None);
        self.openssl_directory.get_or_init(find).as_deref()
    }

    /// The stores of variables that no client of `clients` follows.
    fn variables(&self, reference: &Reference, clients: &[ClientStore]) -> Vec<VariableStore> {
        let is_followed = |name: &str| {
            let mut followed = clients.iter().filter_map(|one| one.contents.found_by);
            followed.any(|one| one == name)
        };
        let ours = wiring::path_variables().map(|variable| {
            let adds = variable.effect == wiring::Effect::AddsToRoots;
            (variable.name, adds)
        });
        // OpenSSL's directories are among what its clients read.
        let foreign = self.process.foreign_variables().into_iter();
        let foreign = foreign
            .filter(|(variable, _)| variable.names_store() && variable.name != "SSL_CERT_DIR")
            .map(|(variable, _)| (variable.name, variable.effect == ForeignEffect::Adds));
        ours.chain(foreign)
            .filter(|(name, _)| !is_followed(name))
            .filter_map(|(name, adds)| {
                let mut contents = StoreContents::default();
                let path = self.process.path(name)?;
                self.named_pem(&mut contents, name, &path, None);
                let built_in = if adds {
                    BuiltInRoots::Kept
                } else {
                    BuiltInRoots::None
                };
                // Why nothing was read is already among the faults.
                if !contents.anchors.is_empty() {
                    contents.compare(reference, built_in);
                }
                Some(VariableStore {
                    variable: name,
                    contents,
                })
            })
            .collect()
    }

    /// The variables that turn off verification, or choose other roots.
    fn switches(&self) -> Vec<&'static str> {
        let set = self.process.foreign_variables().into_iter();
        let switches = set.filter(|(variable, _)| !variable.names_store());
        switches.map(|(variable, _)| variable.name).collect()
    }

    /// A path as the process sees it.
    fn inside(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.process.root)
            .map_or_else(|_| path.to_owned(), |below| Path::new("/").join(below))
    }
}

fn read_failure(error: &io::Error) -> ReadFailure {
    match error.kind() {
        io::ErrorKind::NotFound => ReadFailure::Missing,
        io::ErrorKind::PermissionDenied => ReadFailure::Permission,
        _ => ReadFailure::Other,
    }
}
