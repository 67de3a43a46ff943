//! What each client of a process trusts: the file that it reads, what is in it, and what is wrong
//! with that. Clients say little of it: a JVM whose truststore is missing goes on with its own.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use super::path::Client;
use crate::bundle::{Store, StoreSet};
use crate::cert::{Certificate, Fingerprint};
use crate::formats::{self, Unlock};
use crate::image::{self, Image, Root};
use crate::jvm_options::{JvmOptions, TrustStore};
use crate::write::layout;

/// The clients that are told of apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// OpenSSL's defaults: Python's own ssl module, Ruby, PHP, wget's kin. curl reads the same
    /// stores, and takes any certificate in them for an anchor.
    OpenSsl,
    /// Python's requests, and what reads its variable.
    Python,
    /// The JVM.
    Java,
}

impl Who {
    /// All of them, as they are listed.
    pub const ALL: [Who; 3] = [Who::OpenSsl, Who::Python, Who::Java];

    /// As reports name it.
    pub fn name(self) -> &'static str {
        match self {
            Who::OpenSsl => "OpenSSL",
            Who::Python => "Python requests",
            Who::Java => "JVM",
        }
    }

    /// As JSON names it.
    pub fn code(self) -> &'static str {
        match self {
            Who::OpenSsl => "openssl",
            Who::Python => "python",
            Who::Java => "java",
        }
    }

    /// By which rules it judges.
    pub fn client(self) -> Client {
        match self {
            Who::OpenSsl | Who::Python => Client::OpenSsl,
            Who::Java => Client::Jvm,
        }
    }
}

/// A fault in how a client's store is named or what stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreFault {
    /// The variable, or the file.
    pub place: String,
    /// What is wrong, and what the client does then.
    pub message: String,
    /// What to do.
    pub hint: &'static str,
}

/// What one client trusts.
#[derive(Debug)]
pub struct Trust {
    /// Whose it is.
    pub who: Who,
    /// The files that it reads, as they were named.
    pub files: Vec<PathBuf>,
    /// What led to them.
    pub found_by: &'static str,
    /// What is in them.
    pub anchors: Vec<Certificate>,
    /// What is wrong with them, the gravest first.
    pub faults: Vec<StoreFault>,
    /// Whether the client fails with any server, by these.
    pub is_broken: bool,
    /// How many of the customer's certificates are in it, of how many; where a build tells them.
    pub of_customer: Option<(usize, usize)>,
}

/// A process, or what can be seen of it.
pub struct Process<'a> {
    /// Its root.
    pub root: PathBuf,
    /// Its variables.
    pub variables: &'a dyn Fn(&str) -> Option<OsString>,
}

/// No store of an image is larger.
const MOST: u64 = 16 << 20;

impl Process<'_> {
    /// What each client of it trusts.
    pub fn trusts(&self) -> Vec<Trust> {
        let root = Root::new(&self.root);
        let environment = image::Environment::of(self.variables, &[]);
        let image = Image {
            root: self.root.clone(),
            environment: environment.without_named(),
            has_own: true,
        };
        // Where the clients look when no variable says otherwise.
        let (own, _) = image::find(&image, StoreSet::MERGED, MOST);
        let mut trusts: Vec<Trust> = Who::ALL
            .into_iter()
            .map(|who| match who {
                Who::OpenSsl => self.pem(&root, &own, who, &["SSL_CERT_FILE"]),
                Who::Python => {
                    self.pem(&root, &own, who, &["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
                }
                Who::Java => self.java(&root, &own),
            })
            .collect();
        let customer = self.customer(&root);
        for trust in &mut trusts {
            trust.compare(&customer);
        }
        trusts
    }

    /// The customer's certificates, where a build has left them: beside a store that a variable
    /// names, or at the usual place.
    fn customer(&self, root: &Root) -> Vec<Fingerprint> {
        let named = image::Environment::of(self.variables, &[]);
        let builds = named
            .named()
            .filter_map(|(_, path, _)| path.ancestors().nth(2).map(Path::to_owned))
            .chain([PathBuf::from(USUAL_BUILD)]);
        for build in builds {
            let Ok(bytes) = root.read(&build.join(layout::CUSTOM_CHAIN), MOST) else {
                continue;
            };
            let certificates = certificates(&bytes, &Unlock::default(), false);
            return certificates.iter().map(Certificate::fingerprint).collect();
        }
        Vec::new()
    }

    /// A client that reads PEM: the first variable that is set, else the image's own.
    fn pem(
        &self,
        root: &Root,
        own: &[image::Holding],
        who: Who,
        variables: &[&'static str],
    ) -> Trust {
        let store = if who == Who::Python {
            Store::Python
        } else {
            Store::Os
        };
        let set = variables.iter().find_map(|name| {
            let value = (self.variables)(name).filter(|value| !value.is_empty())?;
            Some((*name, PathBuf::from(value)))
        });
        let mut trust = Trust::none(who);
        if let Some((name, path)) = set {
            trust.found_by = name;
            trust.files.push(path.clone());
            named_pem(root, &mut trust, name, &path);
        } else if let Some(holding) = own.iter().find(|one| one.stores.contains(store)) {
            trust.found_by = holding.found_by;
            trust.files.push(holding.path.clone());
            trust.anchors = certificates(&holding.bytes, &Unlock::default(), false);
        } else {
            trust.fault(
                "the image",
                "it has no bundle: every server is refused",
                "add one",
            );
        }
        // OpenSSL looks into its directory as well, whatever the variable says.
        if who == Who::OpenSsl {
            self.hashed(root, &mut trust);
        }
        trust
    }

    /// What stands in OpenSSL's directory under a hash.
    fn hashed(&self, root: &Root, trust: &mut Trust) {
        let named = (self.variables)("SSL_CERT_DIR").filter(|value| !value.is_empty());
        let directories: Vec<PathBuf> = match named {
            Some(list) => std::env::split_paths(&list).collect(),
            None => DIRECTORIES.map(PathBuf::from).into(),
        };
        let mut known: Vec<Fingerprint> =
            trust.anchors.iter().map(Certificate::fingerprint).collect();
        for directory in directories {
            let files = root.names(&directory);
            let hashes = files
                .iter()
                .filter(|name| name.to_str().is_some_and(formats::hashdir::is_hash_name));
            let mut is_used = false;
            for name in hashes {
                let bytes = root.read(&directory.join(name), MOST).unwrap_or_default();
                for certificate in certificates(&bytes, &Unlock::default(), false) {
                    is_used = true;
                    if !known.contains(&certificate.fingerprint()) {
                        known.push(certificate.fingerprint());
                        trust.anchors.push(certificate);
                    }
                }
            }
            if is_used {
                trust.files.push(directory);
                break;
            }
        }
    }

    fn java(&self, root: &Root, own: &[image::Holding]) -> Trust {
        let mut trust = Trust::none(Who::Java);
        let named = match JvmOptions::of(self.variables).trust_store() {
            TrustStore::File {
                variable,
                path,
                password,
            } => Some((variable, path, password)),
            _ => None,
        };
        if let Some((name, store, password)) = named {
            trust.found_by = name;
            trust.files.push(store.clone());
            let fallback = "a JVM goes on with its own cacerts, and says nothing";
            match root.read(&store, MOST) {
                Ok(bytes) => {
                    let unlock = Unlock {
                        password: password.clone(),
                        certificates_only: true,
                    };
                    trust.anchors = certificates(&bytes, &unlock, true);
                    if password.is_none() && formats::is_encrypted(&bytes) {
                        trust.anchors.clear();
                        let message = "the store is encrypted, and no trustStorePassword is given: a JVM finds no CA in it, and says nothing";
                        trust.broken(name, message, "use a store without encryption, or add -Djavax.net.ssl.trustStorePassword=…");
                    } else if trust.anchors.is_empty() && password.is_some() {
                        let message = "the store does not open with the trustStorePassword, or holds no trusted certificate";
                        trust.broken(name, message, "check it with: keytool -list -keystore FILE");
                    } else if trust.anchors.is_empty() {
                        let message = "the store gives a JVM no anchor: an entry is trusted only with Java's mark of trust";
                        trust.broken(
                            name,
                            message,
                            "build it with trust-init, or import each CA with keytool",
                        );
                    }
                    if let Some(reason) = trust
                        .anchors
                        .iter()
                        .find_map(|one| crate::clients::java::refuses(one.der()))
                    {
                        let message =
                            format!("a JVM refuses the whole store for one certificate: {reason}");
                        trust.broken(name, &message, "take that certificate out of the store");
                    } else if !trust.anchors.is_empty() && !has_public_roots(&trust.anchors) {
                        let message = "the store replaces the public roots, and has none of them";
                        trust.fault(
                            name,
                            message,
                            "use a merged store: trust-init build or exec writes one",
                        );
                    }
                    return trust;
                }
                Err(error) => {
                    let (what, hint) = unreadable(&error);
                    trust.fault(name, &format!("{what}: {fallback}"), hint);
                    trust.files.clear();
                }
            }
        }
        if let Some(holding) = own.iter().find(|one| one.stores.contains(Store::Java)) {
            trust.found_by = holding.found_by;
            trust.files.push(holding.path.clone());
            let unlock = Unlock {
                password: None,
                certificates_only: true,
            };
            trust.anchors = certificates(&holding.bytes, &unlock, true);
        }
        trust
    }
}

/// What a variable of a client that reads PEM names.
fn named_pem(root: &Root, trust: &mut Trust, name: &str, path: &Path) {
    const CHECK: &str = "point it at a merged bundle, or unset it";
    if root.is_directory(path) {
        if trust.who == Who::OpenSsl {
            trust.fault(
                name,
                "it names a directory: OpenSSL reads a file there",
                CHECK,
            );
            return;
        }
        for file in root.names(path) {
            let bytes = root.read(&path.join(file), MOST).unwrap_or_default();
            trust
                .anchors
                .extend(certificates(&bytes, &Unlock::default(), false));
        }
        return;
    }
    match root.read(path, MOST) {
        Ok(bytes) => {
            trust.anchors = certificates(&bytes, &Unlock::default(), false);
            if trust.anchors.is_empty() {
                let message = "the file holds no certificate that can be read";
                trust.broken(name, message, CHECK);
            } else if let Some(reason) = breaks_openssl(&trust.anchors) {
                let message =
                    format!("OpenSSL refuses the whole file for one certificate: {reason}");
                trust.broken(name, &message, "take that certificate out of the file");
            } else if !has_public_roots(&trust.anchors) {
                let message = "the file replaces the public roots, and has none of them";
                trust.fault(
                    name,
                    message,
                    "point it at a merged bundle: trust-init build or exec writes one",
                );
            }
        }
        Err(error) => {
            let (what, hint) = unreadable(&error);
            // OpenSSL passes over such a file; requests ends with an error.
            if trust.who == Who::Python {
                trust.broken(
                    name,
                    &format!("{what}: requests fails with any server"),
                    hint,
                );
            } else {
                trust.fault(
                    name,
                    &format!("{what}: OpenSSL goes on without, and says nothing"),
                    hint,
                );
            }
        }
    }
}

/// Where build writes unless it is told.
const USUAL_BUILD: &str = "/trust";

/// Where OpenSSL looks for hashes, by distribution.
const DIRECTORIES: [&str; 4] = [
    "/etc/ssl/certs",
    "/etc/pki/tls/certs",
    "/var/lib/ca-certificates/openssl",
    "/usr/lib/ssl/certs",
];

impl Trust {
    fn none(who: Who) -> Self {
        Trust {
            who,
            files: Vec::new(),
            found_by: "nothing",
            anchors: Vec::new(),
            faults: Vec::new(),
            is_broken: false,
            of_customer: None,
        }
    }

    /// Counts the customer's certificates, and says if any is missing.
    fn compare(&mut self, customer: &[Fingerprint]) {
        if customer.is_empty() {
            return;
        }
        let held = |one: &&Fingerprint| self.anchors.iter().any(|a| a.fingerprint() == **one);
        let held = customer.iter().filter(held).count();
        self.of_customer = Some((held, customer.len()));
        if held < customer.len() {
            let missing = customer.len() - held;
            let message = format!(
                "{missing} of the customer's {} CAs are not in what this client reads",
                customer.len()
            );
            let place = self.found_by;
            self.fault(
                place,
                &message,
                "point it at the stores that were built: see trust-init env",
            );
        }
    }

    fn fault(&mut self, place: &str, message: &str, hint: &'static str) {
        self.faults.push(StoreFault {
            place: place.to_owned(),
            message: message.to_owned(),
            hint,
        });
    }

    fn broken(&mut self, place: &str, message: &str, hint: &'static str) {
        self.is_broken = true;
        self.fault(place, message, hint);
    }
}

fn unreadable(error: &io::Error) -> (&'static str, &'static str) {
    match error.kind() {
        io::ErrorKind::NotFound => (
            "no such file",
            "check the path, and that the volume is mounted in this container",
        ),
        io::ErrorKind::PermissionDenied => (
            "this user may not read it",
            "files of 0644 in directories of 0755 are read by every user: see fsGroup and defaultMode",
        ),
        _ => ("it cannot be read", "it must be a file"),
    }
}

/// The certificates of some bytes. Of a PKCS#12, a JVM trusts those with Java's mark alone.
fn certificates(bytes: &[u8], unlock: &Unlock, by_java: bool) -> Vec<Certificate> {
    formats::decode(bytes, unlock)
        .into_iter()
        .filter_map(|found| found.content.ok())
        .filter(|taken| taken.distrust.is_none() && (taken.is_marked || !by_java))
        .map(|taken| taken.certificate)
        .collect()
}

fn breaks_openssl(anchors: &[Certificate]) -> Option<String> {
    anchors
        .iter()
        .find_map(|one| crate::clients::openssl::refuses(one.der()))
}

/// Whether a store has at least some of Mozilla's roots: half of them, since a platform may have
/// taken some away.
fn has_public_roots(anchors: &[Certificate]) -> bool {
    let public: std::collections::HashSet<Fingerprint> = crate::read::roots::found()
        .into_iter()
        .filter_map(|found| found.content.ok())
        .map(|taken| taken.certificate.fingerprint())
        .collect();
    let held = anchors
        .iter()
        .filter(|one| public.contains(&one.fingerprint()))
        .count();
    held * 2 > public.len()
}
