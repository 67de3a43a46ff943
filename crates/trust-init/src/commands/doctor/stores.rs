//! Reads the stores that the clients of a process read, from the files that its variables and its
//! image lead them to.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use trust_doctor::store::{
    self, BuiltInRoots, ClientStore, Consequence, JavaProblem, ProcessStores, ReadFailure,
    Reference, StoreContents, StoreProblem, VariableStore, fingerprints, pem_anchors,
};
use trust_doctor::{Client, Strictness};
use trust_stores::hashed_directory::is_hash_name;
use trust_stores::{DecodeOptions, Fingerprint, KeyEntries, Password, Store, StoreSet};

use super::process::Process;
use crate::image::{self, Environment, Image, ImageStore, Root};
use crate::layout;
use crate::read::roots;
use crate::sys::MAX_CLIENT_STORE_SIZE;
use crate::wiring;
use crate::wiring::jvm_options::TrustStore;

/// Where `build` writes by default.
const DEFAULT_BUILD: &str = "/trust";

/// Where OpenSSL looks for hashed files, by distribution.
const OPENSSL_DIRECTORIES: [&str; 4] = [
    "/etc/ssl/certs",
    "/etc/pki/tls/certs",
    "/var/lib/ca-certificates/openssl",
    "/usr/lib/ssl/certs",
];

/// System properties that make a JVM read a token instead of a file.
const TOKEN_PROPERTIES: [&str; 2] = [
    "javax.net.ssl.trustStoreType",
    "javax.net.ssl.trustStoreProvider",
];

/// Reads what each client of `process` trusts.
pub(super) fn read(process: &Process<'_>) -> ProcessStores {
    let reader = Reader {
        process,
        root: Root::new(&process.root),
    };
    let reference = reader.reference();
    let clients = reader.clients(&reference);
    let variables = reader.variables(&reference, &clients);
    ProcessStores { clients, variables }
}

/// The variables that a client reads; the first that is set counts.
fn variables_of(client: Client) -> &'static [&'static str] {
    match client {
        Client::OpenSsl | Client::Python => &["SSL_CERT_FILE"],
        // curl(1)
        Client::Curl => &["CURL_CA_BUNDLE", "SSL_CERT_FILE"],
        Client::Requests => &["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"],
        Client::Jvm => &[],
    }
}

/// The output of a build that serves a client.
fn output_for(client: Client) -> Store {
    match client {
        Client::OpenSsl | Client::Curl | Client::Python => Store::Os,
        Client::Requests => Store::Python,
        Client::Jvm => Store::Java,
    }
}

/// What the readers of a bundle do when it cannot be loaded. OpenSSL skips such a file; requests
/// ends with an error.
fn consequence_of_loss(client: Option<Client>) -> Consequence {
    match client {
        Some(Client::Curl | Client::Requests) => Consequence::Fails,
        Some(Client::OpenSsl | Client::Python | Client::Jvm) => Consequence::Skips,
        None => Consequence::SkipsOrFails,
    }
}

struct Reader<'p> {
    process: &'p Process<'p>,
    root: Root,
}

impl Reader<'_> {
    fn reference(&self) -> Reference {
        Reference {
            public: fingerprints(&store::anchors(roots::sections(), store::Entries::All)),
            customer: self.customer(&self.process.environment()),
        }
    }

    /// The customer's certificates, where a build has left them: beside a store that a variable
    /// names, or in the default place.
    fn customer(&self, environment: &Environment) -> HashSet<Fingerprint> {
        let beside = environment
            .named()
            .filter_map(|(_, path, _)| path.ancestors().nth(2).map(Path::to_owned));
        let chain = beside
            .chain([PathBuf::from(DEFAULT_BUILD)])
            .find_map(|build| {
                let chain = build.join(layout::CUSTOM_CHAIN);
                self.root.read(&chain, MAX_CLIENT_STORE_SIZE).ok()
            });
        fingerprints(&pem_anchors(&chain.unwrap_or_default()))
    }

    fn clients(&self, reference: &Reference) -> Vec<ClientStore> {
        let image = Image {
            root: self.process.root.clone(),
            environment: self.process.environment().without_named(),
            searches_usual_places: true,
        };
        // Where the clients look when no variable says otherwise.
        let (found, _) = image::find(&image, StoreSet::MERGED, MAX_CLIENT_STORE_SIZE);
        let read = |client: Client| {
            let own = found
                .iter()
                .find(|store| store.stores.contains(output_for(client)));
            let mut contents = match client {
                Client::Jvm => self.java(own),
                _ => self.pem(own, client),
            };
            contents.compare(reference, BuiltInRoots::None);
            ClientStore {
                client,
                strictness: Strictness::Lenient,
                contents,
            }
        };
        Client::ALL.map(read).into()
    }

    /// The stores of variables that no client of `clients` follows.
    fn variables(&self, reference: &Reference, clients: &[ClientStore]) -> Vec<VariableStore> {
        let is_followed = |name: &str| {
            let mut followed = clients.iter().filter_map(|one| one.contents.found_by);
            followed.any(|one| one == name)
        };
        wiring::path_variables()
            .filter(|variable| !is_followed(variable.name))
            .filter_map(|variable| {
                let mut contents = StoreContents::default();
                let path = self.process.path(variable.name)?;
                self.named_pem(&mut contents, variable.name, &path, None);
                let built_in = if variable.effect == wiring::Effect::AddsToRoots {
                    BuiltInRoots::Kept
                } else {
                    BuiltInRoots::None
                };
                // Why nothing was read is already among the faults.
                if !contents.anchors.is_empty() {
                    contents.compare(reference, built_in);
                }
                Some(VariableStore {
                    variable: variable.name,
                    contents,
                })
            })
            .collect()
    }

    /// A client that reads PEM: what its variable names, otherwise the image's own bundle.
    fn pem(&self, own: Option<&ImageStore>, client: Client) -> StoreContents {
        let mut contents = StoreContents::default();
        let mut variables = variables_of(client).iter();
        let named = variables.find_map(|name| Some((*name, self.process.path(name)?)));
        match (named, own) {
            (Some((name, path)), _) => self.named_pem(&mut contents, name, &path, Some(client)),
            (None, Some(store)) => {
                let path = self.inside(&store.path);
                contents.found_by = Some(store.found_by);
                contents.files.push(path.clone());
                match store::load_pem_bundle(&store.bytes) {
                    Ok(anchors) => contents.anchors = anchors,
                    Err(problem) => {
                        let consequence = consequence_of_loss(Some(client));
                        contents.fault_at(path, store.found_by, problem, consequence);
                    }
                }
            }
            (None, None) => contents.fault("the image", StoreProblem::NoBundle, Consequence::Reads),
        }
        if matches!(client, Client::OpenSsl | Client::Curl | Client::Python) {
            self.openssl_directories(&mut contents);
        }
        contents
    }

    /// OpenSSL also looks into its directories, whatever its variable for a file says.
    fn openssl_directories(&self, contents: &mut StoreContents) {
        let Some(list) = self.process.value("SSL_CERT_DIR") else {
            let mut defaults = OPENSSL_DIRECTORIES.iter().map(Path::new);
            if let Some(used) = defaults.find(|path| self.hashed_directory(contents, path)) {
                contents.files.push(used.to_owned());
            }
            return;
        };
        for path in std::env::split_paths(&list) {
            let path = self.process.directory.join(path);
            if self.hashed_directory(contents, &path) {
                contents.files.push(path);
            }
        }
    }

    /// What a variable names for `client`, or for other programs.
    fn named_pem(
        &self,
        contents: &mut StoreContents,
        variable: &'static str,
        path: &Path,
        client: Option<Client>,
    ) {
        contents.found_by = Some(variable);
        contents.files.push(path.to_owned());
        let consequence = consequence_of_loss(client);
        if self.root.is_directory(path) {
            if client != Some(Client::Requests) {
                contents.fault_at(path, variable, StoreProblem::DirectoryForFile, consequence);
            } else if !self.hashed_directory(contents, path) {
                contents.fault(variable, StoreProblem::DirectoryWithoutHashes, consequence);
            }
            return;
        }
        let loaded = match self.root.read(path, MAX_CLIENT_STORE_SIZE) {
            Ok(bytes) => store::load_pem_bundle(&bytes),
            Err(error) => Err(StoreProblem::Unreadable(read_failure(&error))),
        };
        match loaded {
            Ok(anchors) => contents.anchors = anchors,
            Err(problem) => contents.fault_at(path, variable, problem, consequence),
        }
    }

    /// Adds the certificates that a directory has under their own hash. False if there are none.
    fn hashed_directory(&self, contents: &mut StoreContents, directory: &Path) -> bool {
        let mut known = fingerprints(&contents.anchors);
        let mut is_used = false;
        // Links that c_rehash made for OpenSSL before 1.0 can be beside the right ones.
        let mut misnamed = Vec::new();
        for name in self.root.names(directory) {
            let name = name.to_str().filter(|name| is_hash_name(name));
            let Some(name) = name else {
                continue;
            };
            let bytes = self.root.read(&directory.join(name), MAX_CLIENT_STORE_SIZE);
            for certificate in pem_anchors(&bytes.unwrap_or_default()) {
                if !name.starts_with(&certificate.subject().hash().file_stem()) {
                    misnamed.push((name.to_owned(), certificate));
                    continue;
                }
                is_used = true;
                if known.insert(certificate.fingerprint()) {
                    contents.anchors.push(certificate);
                }
            }
        }
        misnamed.retain(|(_, certificate)| !known.contains(&certificate.fingerprint()));
        if let Some((name, certificate)) = misnamed.first() {
            let problem = StoreProblem::WrongHash(certificate.subject().clone());
            let found_by = contents.found_by.unwrap_or("the image");
            contents.fault_at(directory.join(name), found_by, problem, Consequence::Reads);
        }
        is_used
    }

    /// A JVM: what its options name, otherwise its own cacerts.
    fn java(&self, own: Option<&ImageStore>) -> StoreContents {
        let mut contents = StoreContents::default();
        let options = self.process.jvm_options();
        match options.trust_store() {
            TrustStore::Unset => {}
            TrustStore::NoFile(variable) => {
                contents.found_by = Some(variable);
                if TOKEN_PROPERTIES.iter().any(|name| options.sets(name)) {
                    contents.fault(
                        variable,
                        StoreProblem::Java(JavaProblem::Token),
                        Consequence::Reads,
                    );
                    contents.is_absent = true;
                } else {
                    contents.fault(
                        variable,
                        StoreProblem::Java(JavaProblem::NoTrustStore),
                        Consequence::Fails,
                    );
                }
                return contents;
            }
            TrustStore::File {
                variable,
                path,
                password,
            } => {
                let path = self.process.directory.join(path);
                match self.root.read(&path, MAX_CLIENT_STORE_SIZE) {
                    Ok(bytes) => {
                        load_java(&mut contents, variable, path, &bytes, password);
                        return contents;
                    }
                    Err(error) => {
                        let problem = StoreProblem::Unreadable(read_failure(&error));
                        contents.fault_at(path, variable, problem, Consequence::FallsBack);
                    }
                }
            }
        }
        match own {
            None => contents.is_absent = true,
            Some(store) => load_java(
                &mut contents,
                store.found_by,
                self.inside(&store.path),
                &store.bytes,
                // The JVM tries this password on whichever store it uses, so on cacerts too.
                options.trust_store_password(),
            ),
        }
        contents
    }

    /// A path as the process sees it.
    fn inside(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.process.root)
            .map_or_else(|_| path.to_owned(), |below| Path::new("/").join(below))
    }
}

fn load_java(
    contents: &mut StoreContents,
    found_by: &'static str,
    path: PathBuf,
    bytes: &[u8],
    password: Option<Password>,
) {
    contents.found_by = Some(found_by);
    contents.files.push(path);
    let options = DecodeOptions {
        password,
        key_entries: KeyEntries::Skip,
    };
    match store::load_java_store(bytes, &options) {
        Ok(anchors) => contents.anchors = anchors,
        Err(problem) => contents.fault(found_by, problem, Consequence::Fails),
    }
}

fn read_failure(error: &io::Error) -> ReadFailure {
    match error.kind() {
        io::ErrorKind::NotFound => ReadFailure::Missing,
        io::ErrorKind::PermissionDenied => ReadFailure::Permission,
        _ => ReadFailure::Other,
    }
}
