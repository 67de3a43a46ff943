//! What each client of a process trusts: the files that it reads, what is in them, and what is
//! wrong with that. Clients say little of it: a JVM whose truststore is missing goes on with its own.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use super::path::Client;
use crate::image::{ImageStore, Root};
use crate::wiring;
use trust_stores::strictness;
use trust_stores::{
    Certificate, DecodeOptions, Fingerprint, Problem, SourceFormat, Store, hashed_directory,
};

/// The clients that are told of apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// OpenSSL's defaults: Python's own ssl module before 3.13, Ruby, PHP. curl reads the same
    /// stores, and takes any certificate in them for an anchor.
    OpenSsl,
    /// Python's requests, and what reads its variable.
    Python,
    /// The JVM.
    Java,
    /// Those that this variable leads, and nothing else: git, pip, Node and so on. What they make of a
    /// server is not judged.
    Others(&'static str),
}

impl Who {
    /// Those whose verdict is told, as they are listed.
    pub const ALL: [Who; 3] = [Who::OpenSsl, Who::Python, Who::Java];

    /// As reports name it.
    pub fn name(self) -> &'static str {
        match self {
            Who::OpenSsl => "OpenSSL",
            Who::Python => "Python requests",
            Who::Java => "JVM",
            Who::Others(variable) => variable,
        }
    }

    /// As JSON names it.
    pub fn code(self) -> &'static str {
        match self {
            Who::OpenSsl => "openssl",
            Who::Python => "python",
            Who::Java => "java",
            Who::Others(variable) => variable,
        }
    }

    /// By which rules it judges.
    pub fn client(self) -> Client {
        match self {
            Who::OpenSsl | Who::Others(_) => Client::OpenSsl,
            Who::Python => Client::Requests,
            Who::Java => Client::Jvm,
        }
    }

    /// The variables that it reads, the first that is set.
    pub(super) fn variables(self) -> &'static [&'static str] {
        match self {
            Who::OpenSsl => &["SSL_CERT_FILE"],
            Who::Python => &["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"],
            Who::Java | Who::Others(_) => &[],
        }
    }

    /// The output of a build that serves it.
    pub(super) fn store(self) -> Store {
        match self {
            Who::OpenSsl | Who::Others(_) => Store::Os,
            Who::Python => Store::Python,
            Who::Java => Store::Java,
        }
    }
}

/// A fault in how a client's store is named or what stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreFault {
    /// The variable, or what led to the file.
    pub place: String,
    /// What is wrong, and what the client does then.
    pub message: String,
    /// What to do.
    pub hint: &'static str,
    /// Whether the file that was meant is not read at all.
    pub is_lost: bool,
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
    /// What is wrong with them, in the order in which it was found.
    pub faults: Vec<StoreFault>,
    /// Whether the client can use them.
    pub state: State,
    /// How many of the customer's certificates are in it, where a build tells which those are.
    pub of_customer: Option<usize>,
}

/// Whether a client can use its stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It reads them, whatever is in them.
    Usable,
    /// It fails with any server: the last fault says why.
    Broken,
    /// There is no such client here, or its store is one that cannot be seen.
    Absent,
}

/// No store of an image is larger.
pub(super) const MOST: u64 = 16 << 20;

const USE_MERGED: &str = "point it at a merged store: trust-init build or exec writes one";
const MOUNT: &str = "check the path, and that the volume is mounted in this container";
const MODES: &str = "files of 0644 in directories of 0755 are read by every user: see fsGroup and \
                     defaultMode of the volume";

/// What stores are held against.
pub(super) struct Known {
    /// Mozilla's roots.
    pub(super) public: HashSet<Fingerprint>,
    /// The customer's certificates; none where no build tells which those are.
    pub(super) customer: HashSet<Fingerprint>,
}

impl Trust {
    /// That of one client.
    pub(super) fn of(who: Who, trusts: &[Trust]) -> Option<&Trust> {
        trusts.iter().find(|trust| trust.who == who)
    }

    pub(super) fn none(who: Who) -> Self {
        Trust {
            who,
            files: Vec::new(),
            found_by: "nothing",
            anchors: Vec::new(),
            faults: Vec::new(),
            state: State::Usable,
            of_customer: None,
        }
    }

    pub(super) fn own(&mut self, root: &Path, holding: &ImageStore) {
        self.found_by = holding.found_by;
        self.files.push(inside(root, &holding.path));
        self.anchors = certificates(&holding.bytes, &DecodeOptions::default());
    }

    /// What a variable of a client that reads PEM names.
    pub(super) fn named_pem(&mut self, root: &Root, name: &'static str, path: &Path) {
        self.found_by = name;
        self.files.push(path.to_owned());
        if root.is_directory(path) {
            if self.who != Who::Python {
                let message = format!("{}: a directory, and a file is read there", path.display());
                self.lost(name, &message, USE_MERGED);
            } else if !self.hashed(root, path) {
                let message = "the directory has no file that is named by its hash, and OpenSSL \
                               reads no other";
                self.broken(
                    name,
                    message,
                    "name a file, or run: openssl rehash DIRECTORY",
                );
            }
            return;
        }
        let bytes = match root.read(path, MOST) {
            Ok(bytes) => bytes,
            Err(error) => {
                let (what, hint) = unreadable(&error);
                let message = format!("{}: {what}", path.display());
                return self.not_loaded(name, &message, hint);
            }
        };
        let found = trust_stores::decode(&bytes, &DecodeOptions::default());
        let mut problems = found.iter().filter_map(|found| match &found.content {
            Err(Problem::Malformed { message, .. }) => Some((&found.position, message)),
            _ => None,
        });
        if let Some((place, problem)) = problems.next() {
            let message = format!(
                "{}{place}: {problem}: the file is refused as a whole",
                path.display()
            );
            return self.not_loaded(name, &message, USE_MERGED);
        }
        self.anchors = trusted(found, false);
        let refused = self.anchors.iter().find_map(|one| {
            let reason = strictness::openssl_refusal(one)?;
            Some(format!("{}: {reason}", one.subject()))
        });
        if let Some(reason) = refused {
            self.anchors.clear();
            let message = format!("the file is refused as a whole for {reason}");
            self.not_loaded(name, &message, "take that certificate out of the file");
        }
    }

    /// OpenSSL passes over such a file in silence; requests ends with an error.
    fn not_loaded(&mut self, name: &str, what: &str, hint: &'static str) {
        match self.who {
            Who::Python => {
                let message = format!("{what}: requests fails with any server");
                self.broken(name, &message, hint);
            }
            Who::OpenSsl => {
                let message = format!("{what}: OpenSSL goes on without it, and says nothing");
                self.lost(name, &message, hint);
            }
            Who::Java | Who::Others(_) => {
                let message = format!("{what}: its clients fail, or go on without it");
                self.lost(name, &message, hint);
            }
        }
    }

    /// Takes what stands in a directory under its own hash. False if nothing does.
    pub(super) fn hashed(&mut self, root: &Root, directory: &Path) -> bool {
        let mut known = fingerprints(&self.anchors);
        let mut is_used = false;
        // As links of c_rehash for OpenSSL before 1.0 are, beside the right ones.
        let mut misnamed = Vec::new();
        for name in root.names(directory) {
            let Some(name) = name
                .to_str()
                .filter(|name| hashed_directory::is_hash_name(name))
            else {
                continue;
            };
            let bytes = root.read(&directory.join(name), MOST).unwrap_or_default();
            for certificate in certificates(&bytes, &DecodeOptions::default()) {
                if !name.starts_with(&certificate.subject().hash().file_stem()) {
                    misnamed.push((name.to_owned(), certificate));
                    continue;
                }
                is_used = true;
                if known.insert(certificate.fingerprint()) {
                    self.anchors.push(certificate);
                }
            }
        }
        misnamed.retain(|(_, certificate)| !known.contains(&certificate.fingerprint()));
        if let Some((name, certificate)) = misnamed.first() {
            let path = directory.join(name);
            let message = format!(
                "{}: OpenSSL does not find {} by this hash",
                path.display(),
                certificate.subject()
            );
            self.fault(self.found_by, &message, "run: openssl rehash DIRECTORY");
        }
        is_used
    }

    /// What a JVM makes of a store's bytes.
    pub(super) fn java_store(&mut self, bytes: &[u8], unlock: &DecodeOptions) {
        let name = self.found_by;
        if !matches!(
            SourceFormat::detect(bytes),
            SourceFormat::Pkcs12 | SourceFormat::Jks
        ) {
            let message = "no store of a form that a JVM reads: every handshake fails";
            return self.broken(
                name,
                message,
                "PEM goes into SSL_CERT_FILE; a JVM takes PKCS#12 or JKS",
            );
        }
        if unlock.password.is_none() && trust_stores::is_encrypted(bytes) {
            let message = "the store is encrypted and no trustStorePassword is given: a JVM finds \
                           no CA in it (\"the trustAnchors parameter must be non-empty\")";
            let hint =
                "use a store without encryption, or add -Djavax.net.ssl.trustStorePassword=…";
            return self.broken(name, message, hint);
        }
        let found = trust_stores::decode(bytes, unlock);
        let is_closed = found.iter().all(|found| found.content.is_err());
        self.anchors = trusted(found, true);
        if self.anchors.is_empty() {
            let (message, hint) = match (is_closed, &unlock.password) {
                (true, Some(_)) => (
                    "the store does not open with that trustStorePassword, or is damaged: every \
                     handshake fails (\"keystore password was incorrect\")",
                    "give the right password, or use a store without encryption, which needs none",
                ),
                (true, None) => (
                    "the store holds nothing that can be read: every handshake fails",
                    "build it with trust-init",
                ),
                (false, _) => (
                    "no entry has Java's mark (trustedKeyUsage), and a JVM trusts no other: every \
                     handshake fails (\"the trustAnchors parameter must be non-empty\")",
                    "build it with trust-init, or import each certificate with keytool",
                ),
            };
            return self.broken(name, message, hint);
        }
        let refused = self.anchors.iter().find_map(|one| {
            let reason = strictness::java_refusal(one)?;
            Some(format!("{}: {reason}", one.subject()))
        });
        if let Some(reason) = refused {
            let message = format!("a JVM refuses the whole store for {reason}");
            self.broken(name, &message, "take that certificate out of the store");
        }
    }

    /// What can be said when all is read.
    pub(super) fn look_over(&mut self, known: &Known) {
        // Of others that read nothing, that has been said.
        let is_told = self.anchors.is_empty() && matches!(self.who, Who::Others(_));
        if self.state != State::Usable || is_told {
            return;
        }
        let Known { public, customer } = known;
        let held = fingerprints(&self.anchors);
        // Half of them: a platform may have taken some away.
        let adds = self.who == Who::Others(wiring::NODE_VARIABLE);
        if !adds && !held.is_empty() && public.intersection(&held).count() * 2 < public.len() {
            let message = "the public roots are replaced by what it names, and not in it";
            self.fault(self.found_by, message, USE_MERGED);
        }
        if customer.is_empty() {
            return;
        }
        let of_customer = customer.intersection(&held).count();
        self.of_customer = Some(of_customer);
        if of_customer < customer.len() {
            let message = format!(
                "{} of the customer's {} CAs are not in what this client reads",
                customer.len() - of_customer,
                customer.len()
            );
            let hint = "point it at the stores that were built: see trust-init env";
            self.fault(self.found_by, &message, hint);
        }
    }

    pub(super) fn fault(&mut self, place: &str, message: &str, hint: &'static str) {
        self.faults.push(StoreFault {
            place: place.to_owned(),
            message: message.to_owned(),
            hint,
            is_lost: false,
        });
    }

    /// What is named is not read.
    pub(super) fn lost(&mut self, place: &str, message: &str, hint: &'static str) {
        self.fault(place, message, hint);
        if let Some(fault) = self.faults.last_mut() {
            fault.is_lost = true;
        }
    }

    /// And so the client fails with every server.
    pub(super) fn broken(&mut self, place: &str, message: &str, hint: &'static str) {
        self.state = State::Broken;
        self.anchors.clear();
        self.lost(place, message, hint);
    }
}

/// A path as the process sees it.
pub(super) fn inside(root: &Path, path: &Path) -> PathBuf {
    path.strip_prefix(root)
        .map_or_else(|_| path.to_owned(), |below| Path::new("/").join(below))
}

pub(super) fn fingerprints(certificates: &[Certificate]) -> HashSet<Fingerprint> {
    certificates.iter().map(Certificate::fingerprint).collect()
}

pub(super) fn unreadable(error: &io::Error) -> (&'static str, &'static str) {
    match error.kind() {
        io::ErrorKind::NotFound => ("no such file", MOUNT),
        io::ErrorKind::PermissionDenied => ("this user may not read it", MODES),
        _ => ("it cannot be read", "it must be a file"),
    }
}

pub(super) fn certificates(bytes: &[u8], unlock: &DecodeOptions) -> Vec<Certificate> {
    trusted(trust_stores::decode(bytes, unlock), false)
}

/// The certificates that a client takes for anchors. Of a PKCS#12, a JVM takes those with Java's
/// mark alone.
pub(super) fn trusted(found: Vec<trust_stores::Section>, by_java: bool) -> Vec<Certificate> {
    found
        .into_iter()
        .filter_map(|found| found.content.ok())
        .filter(|taken| taken.distrust.is_none() && (taken.trusted_by_java || !by_java))
        .map(|taken| taken.certificate)
        .collect()
}
