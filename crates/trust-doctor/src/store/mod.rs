//! The stores that clients read, what is in them, and what is wrong with them. Clients say little
//! of it: a JVM whose truststore is missing silently uses its own.

mod known;
mod loading;
mod openssl_pem;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use trust_stores::cert::Name;
use trust_stores::strictness::Reason;
use trust_stores::{Certificate, Fingerprint, SourceFormat};

pub use self::loading::{
    Entries, PemLoader, anchors, java_anchors, load_java_store, load_pem_bundle, pem_anchors,
};
use crate::client::{Client, Strictness};

/// The store of a client whose verdicts are reported.
#[derive(Debug)]
pub struct ClientStore {
    /// The client that reads it.
    pub client: Client,
    /// How strictly it verifies.
    pub strictness: Strictness,
    /// What it reads.
    pub contents: StoreContents,
}

impl ClientStore {
    /// The store of one client.
    pub fn of(client: Client, stores: &[ClientStore]) -> Option<&ClientStore> {
        stores.iter().find(|store| store.client == client)
    }
}

/// The store that a variable names for programs whose verdicts are not predicted: git, pip, Node.
#[derive(Debug)]
pub struct VariableStore {
    /// The variable.
    pub variable: &'static str,
    /// What its programs read.
    pub contents: StoreContents,
}

/// The stores of a process.
#[derive(Debug)]
pub struct ProcessStores {
    /// One for each client whose verdicts are reported.
    pub clients: Vec<ClientStore>,
    /// Those that further variables name for other programs.
    pub variables: Vec<VariableStore>,
    /// Variables that are set and that turn off verification, or make a client read other roots.
    pub switches: Vec<&'static str>,
}

/// What is read of a store.
#[derive(Debug, Default)]
pub struct StoreContents {
    /// The files and directories, as they were named.
    pub files: Vec<PathBuf>,
    /// What led to them: a variable, or the kind of place in the image.
    pub found_by: Option<&'static str>,
    /// The trust anchors in them.
    pub anchors: Vec<Arc<Certificate>>,
    /// A setting of the client that decides about handshakes or paths and is not predicted.
    pub setting: Option<&'static str>,
    /// What is wrong, in the order in which it was found.
    pub faults: Vec<StoreFault>,
    /// Why the client is not judged, if it is not: it is not here, or its store cannot be seen.
    pub absence: Option<Absence>,
    /// The program that was judged, where there may be several of a kind.
    pub installation: Option<Installation>,
    /// What else there is to know.
    pub notes: Vec<StoreNote>,
    /// How many of the customer's certificates are in it, where it is known which those are.
    pub customer_anchors: Option<usize>,
}

/// Why a client is not judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Absence {
    /// There is no such program here.
    NoProgram,
    /// There is no Python here.
    NoPython,
    /// The Python here does not find requests among its packages.
    NoRequests,
    /// The program is here, and which store it reads is not seen.
    StoreNotSeen,
    /// This package decides what the client reads, and not its own rules.
    ChangedBy(&'static str),
    /// libcurl is here with `GnuTLS` only, whose rules are others.
    GnuTls,
    /// It reads a token, or a provider's own kind of store.
    Token,
}

/// A program of which there may be several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    /// The first two numbers of its version, where the names of files tell.
    pub version: Option<String>,
    /// The program.
    pub program: PathBuf,
    /// What led to it: a variable, or the kind of place.
    pub found_by: &'static str,
}

/// What there is to know of a client's store that is no fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreNote {
    /// Another Python is here too, of another version or with another requests.
    OtherPython {
        /// The Python.
        installation: Installation,
        /// The bundle that its requests reads without a variable; nothing without requests.
        bundle: Option<PathBuf>,
    },
    /// There is a libcurl with `GnuTLS` too (`libcurl-gnutls.so`), whose rules are others.
    GnuTlsCurl,
}

/// Something wrong with a store, or with how it is named.
#[derive(Clone, Debug)]
pub struct StoreFault {
    /// What led to the store: a variable, or the kind of place in the image.
    pub found_by: &'static str,
    /// The file or directory at fault, where it is not the store itself.
    pub path: Option<PathBuf>,
    /// What is wrong.
    pub problem: StoreProblem,
    /// What the client does then.
    pub consequence: Consequence,
}

/// What a client does about a fault of its store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// It reads the store nevertheless.
    Reads,
    /// It silently continues without the file.
    Skips,
    /// It silently uses its own store instead.
    FallsBack,
    /// Some programs continue without the file, others fail.
    SkipsOrFails,
    /// It fails with every server.
    Fails,
}

/// What is wrong with a store.
#[derive(Clone, Debug)]
pub enum StoreProblem {
    /// The image has no bundle, and no variable names one.
    NoBundle,
    /// A variable names a directory where a file is read.
    DirectoryForFile,
    /// A variable names a directory without files named by hash, and OpenSSL reads no others.
    DirectoryWithoutHashes,
    /// The certificate of this subject is not in a file named by its hash.
    WrongHash(Name),
    /// The file cannot be read.
    Unreadable(ReadFailure),
    /// There is no certificate in PEM in the file, whose content seems to be of this format.
    NoPemCertificate(SourceFormat),
    /// Something in the file cannot be read, and so the whole file is refused.
    Malformed {
        /// Where in the file, as it follows the file's name: a line.
        place: String,
        /// What is wrong there.
        message: String,
    },
    /// The client refuses the whole file for one certificate.
    RefusedCertificate {
        /// The certificate's subject.
        subject: Name,
        /// What is wrong with it.
        reason: Reason,
    },
    /// A JVM cannot use its truststore, or not this way.
    Java(JavaProblem),
    /// More than half of the public roots are missing.
    NoPublicRoots,
    /// Some of the customer's certificates are missing.
    CustomerMissing {
        /// How many.
        missing: usize,
        /// Of how many.
        total: usize,
    },
}

/// What is wrong with a JVM's truststore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JavaProblem {
    /// The JVM reads a token or a provider's own kind of store, whose certificates cannot be seen from here.
    Token,
    /// The JVM is configured to read no file, and no token either.
    NoTrustStore,
    /// The file is neither PKCS#12 nor JKS.
    NotAJavaStore,
    /// The truststore is encrypted, and the JVM has no password.
    NoPassword,
    /// The truststore does not open with the password that the JVM has.
    WrongPassword,
    /// The truststore opens, and there is nothing in it.
    Empty,
    /// The truststore has only key entries. Of each, a JVM trusts the key's own certificate.
    OnlyKeys,
    /// Nothing in the truststore can be read.
    NothingReadable,
    /// No entry of the PKCS#12 truststore has Java's `trustedKeyUsage` attribute.
    NoJavaAttribute,
}

/// Why a file cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadFailure {
    /// There is no such file.
    Missing,
    /// This user may not read it.
    Permission,
    /// It is no file, or the system failed.
    Other,
}

/// Certificates that stores are compared with.
#[derive(Debug, Default)]
pub struct Reference {
    /// The public roots.
    pub public: HashSet<Fingerprint>,
    /// The customer's certificates; empty where nothing tells which those are.
    pub customer: HashSet<Fingerprint>,
}

/// Whether programs trust more than the store that a variable names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuiltInRoots {
    /// They trust only the store.
    None,
    /// They add it to roots of their own, as Node does.
    Kept,
}

impl StoreContents {
    /// Why its client fails with every server, if it does.
    pub fn breakage(&self) -> Option<&StoreFault> {
        let mut faults = self.faults.iter();
        faults.rfind(|fault| fault.consequence == Consequence::Fails)
    }

    /// Whether the client is not judged.
    pub fn is_absent(&self) -> bool {
        self.absence.is_some()
    }

    /// Records a fault about the store itself.
    pub fn fault(
        &mut self,
        found_by: &'static str,
        problem: StoreProblem,
        consequence: Consequence,
    ) {
        if consequence == Consequence::Fails {
            self.anchors.clear();
        }
        self.faults.push(StoreFault {
            found_by,
            path: None,
            problem,
            consequence,
        });
    }

    /// Records a fault about a file or directory.
    pub fn fault_at(
        &mut self,
        path: impl Into<PathBuf>,
        found_by: &'static str,
        problem: StoreProblem,
        consequence: Consequence,
    ) {
        self.fault(found_by, problem, consequence);
        if let Some(fault) = self.faults.last_mut() {
            fault.path = Some(path.into());
        }
    }

    /// Records what the store lacks of `reference`, unless the client cannot use it anyway.
    pub fn compare(&mut self, reference: &Reference, built_in: BuiltInRoots) {
        if self.is_absent() || self.breakage().is_some() {
            return;
        }
        let found_by = self.found_by.unwrap_or("the image");
        let Reference { public, customer } = reference;
        let held = fingerprints(&self.anchors);
        // Half of them: a platform may have removed some on purpose.
        let has_public = public.intersection(&held).count() * 2 >= public.len();
        if built_in == BuiltInRoots::None && !held.is_empty() && !has_public {
            self.fault(found_by, StoreProblem::NoPublicRoots, Consequence::Reads);
        }
        if customer.is_empty() {
            return;
        }
        let found = customer.intersection(&held).count();
        self.customer_anchors = Some(found);
        let total = customer.len();
        if found < total {
            let missing = total - found;
            let problem = StoreProblem::CustomerMissing { missing, total };
            self.fault(found_by, problem, Consequence::Reads);
        }
    }
}

/// The fingerprints of some certificates.
pub fn fingerprints(certificates: &[Arc<Certificate>]) -> HashSet<Fingerprint> {
    certificates.iter().map(|one| one.fingerprint()).collect()
}
