//! What Python's own ssl module and requests read: of the Python that the process is or would run.

use std::path::PathBuf;

use trust_doctor::store::{Absence, Installation, StoreContents, StoreNote};
use trust_doctor::{Client, Strictness};

use super::Reader;
use crate::image::python::{Python, PythonSearch, PythonVersion, Requests, RequestsStore};

/// `ssl.create_default_context` sets `VERIFY_X509_STRICT` and `VERIFY_X509_PARTIAL_CHAIN` since.
const STRICT_PYTHON: PythonVersion = PythonVersion(3, 13);

/// urllib3 sets both under such a Python since (`util/ssl_.py`, 2.4.0).
const STRICT_URLLIB3: PythonVersion = PythonVersion(2, 4);

/// The variables that requests reads, the first that is set (`Session.merge_environment_settings`).
const REQUESTS_VARIABLES: [&str; 2] = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"];

/// The Pythons of a process.
pub(super) struct Pythons {
    search: PythonSearch,
    found: Vec<Python>,
}

impl Pythons {
    pub(super) fn of(reader: &Reader<'_>) -> Self {
        let search = reader.process.python_search();
        let found = search.find(&reader.root);
        Pythons { search, found }
    }

    /// The one that the process is, or would run.
    fn first(&self) -> Option<&Python> {
        self.found.first()
    }
}

impl Reader<'_> {
    /// Python's own ssl module: OpenSSL's rules, with the OpenSSL of this Python.
    pub(super) fn python_ssl(&self, pythons: &Pythons) -> (StoreContents, Strictness) {
        let mut contents = StoreContents::default();
        let Some(python) = pythons.first() else {
            contents.absence = Some(Absence::NoPython);
            return (contents, Strictness::Unknown);
        };
        contents.installation = Some(installation(python));
        contents.notes = self.other_pythons(pythons);
        let directory = python.openssl_directory(&self.root, &self.library_path);
        let is_named = self.process.value("SSL_CERT_FILE").is_some();
        if directory.is_none() && !is_named {
            contents.absence = Some(Absence::StoreNotSeen);
        } else {
            self.openssl_defaults(&mut contents, directory.as_deref(), Client::Python);
        }
        let strictness = match python.version {
            None => Strictness::Unknown,
            Some(version) if version < STRICT_PYTHON => Strictness::Lenient,
            Some(_) => Strictness::Strict,
        };
        (contents, strictness)
    }

    /// requests: what its variables name, otherwise the bundle of certifi or of a distribution.
    pub(super) fn requests(&self, pythons: &Pythons) -> (StoreContents, Strictness) {
        let mut contents = StoreContents::default();
        let Some(python) = pythons.first() else {
            contents.absence = Some(Absence::NoPython);
            return (contents, Strictness::Unknown);
        };
        contents.installation = Some(installation(python));
        let Some(requests) = python.requests(&self.root, &pythons.search) else {
            contents.absence = Some(Absence::NoRequests);
            return (contents, Strictness::Unknown);
        };
        let mut variables = REQUESTS_VARIABLES.into_iter();
        let named = variables.find_map(|name| Some((name, self.process.path(name)?)));
        match (&requests.store, named) {
            (RequestsStore::ChangedBy(package), _) => {
                contents.absence = Some(Absence::ChangedBy(package));
            }
            (_, Some((name, path))) => {
                self.named_pem(&mut contents, name, &path, Some(Client::Requests));
            }
            (RequestsStore::Certifi(path), None) => {
                self.default_file(&mut contents, "certifi", path, Client::Requests);
            }
            (RequestsStore::Patched(path), None) => {
                let found_by = "the distribution's certifi";
                self.default_file(&mut contents, found_by, path, Client::Requests);
            }
            (RequestsStore::NotSeen, None) => contents.absence = Some(Absence::StoreNotSeen),
        }
        (contents, strictness_of_requests(python, &requests))
    }

    /// The other Pythons that the process may run, if their answers may differ.
    fn other_pythons(&self, pythons: &Pythons) -> Vec<StoreNote> {
        let bundle = |python: &Python| -> Option<PathBuf> {
            match python.requests(&self.root, &pythons.search)?.store {
                RequestsStore::Certifi(path) | RequestsStore::Patched(path) => Some(path),
                RequestsStore::ChangedBy(_) | RequestsStore::NotSeen => None,
            }
        };
        let Some((first, others)) = pythons.found.split_first() else {
            return Vec::new();
        };
        let judged = (first.version, bundle(first));
        let notes = others.iter().filter_map(|python| {
            let bundle = bundle(python);
            let differs = (python.version, bundle.clone()) != judged;
            differs.then(|| StoreNote::OtherPython {
                installation: installation(python),
                bundle,
            })
        });
        notes.collect()
    }
}

fn installation(python: &Python) -> Installation {
    let version = python.version;
    Installation {
        version: version.map(|PythonVersion(major, minor)| format!("{major}.{minor}")),
        program: python.program.clone(),
        found_by: python.found_by,
    }
}

fn strictness_of_requests(python: &Python, requests: &Requests) -> Strictness {
    match (python.version, requests.urllib3) {
        (Some(version), _) if version < STRICT_PYTHON => Strictness::Lenient,
        (_, Some(version)) if version < STRICT_URLLIB3 => Strictness::Lenient,
        (Some(_), Some(_)) => Strictness::Strict,
        _ => Strictness::Unknown,
    }
}
