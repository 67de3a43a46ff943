//! What clients that read PEM read: a file, which a variable or the image names, and the directories of
//! their OpenSSL.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use trust_doctor::Client;
use trust_doctor::store::{
    Absence, Consequence, StoreContents, StoreNote, StoreProblem, fingerprints,
};
use trust_stores::Certificate;
use trust_stores::hashed_directory::is_hash_name;

use super::{LoadedBundle, Reader, read_failure};
use crate::image::{self, ImageStore};
use crate::sys::MAX_CLIENT_STORE_SIZE;

/// Where OpenSSL looks for hashed files, by distribution: for programs that are linked with it
/// statically, where no library says.
const OPENSSL_DIRECTORIES: [&str; 4] = [
    "/etc/ssl/certs",
    "/etc/pki/tls/certs",
    "/var/lib/ca-certificates/openssl",
    "/usr/lib/ssl/certs",
];

/// The first curl that reads `SSL_CERT_FILE` where `SSL_CERT_DIR` is set as well (curl/curl#11325).
const READS_FILE_AND_DIRECTORY: (u32, u32) = (8, 2);

/// In place of a variable's name: what is compiled into OpenSSL.
const COMPILED_IN: &str = "OpenSSL's directory";

/// What the readers of a bundle do when it cannot be loaded. OpenSSL skips such a file; curl (exit code
/// 77) and requests end with an error.
pub(super) fn consequence_of_loss(client: Option<Client>) -> Consequence {
    match client {
        Some(Client::Curl | Client::Requests) => Consequence::Fails,
        Some(Client::OpenSsl | Client::Python | Client::Jvm) => Consequence::Skips,
        None => Consequence::SkipsOrFails,
    }
}

impl Reader<'_> {
    /// OpenSSL's defaults (`X509_STORE_set_default_paths`): `SSL_CERT_FILE` and `SSL_CERT_DIR`, and in
    /// place of each that is not set, what is compiled in. Without a library, the image's own bundle:
    /// a static program finds it in its own way, as Go does.
    pub(super) fn openssl(&self, own: Option<&ImageStore>) -> StoreContents {
        let mut contents = StoreContents::default();
        let compiled_in = self.openssl_directory();
        match (compiled_in, own) {
            (None, Some(store)) if self.process.path("SSL_CERT_FILE").is_none() => {
                let path = self.inside(&store.path);
                self.default_file(&mut contents, store.found_by, &path, Client::OpenSsl);
                self.openssl_directories(&mut contents, None);
            }
            (directory, _) => self.openssl_defaults(&mut contents, directory, Client::OpenSsl),
        }
        contents
    }

    /// What a client reads whose OpenSSL has `directory` compiled in.
    pub(super) fn openssl_defaults(
        &self,
        contents: &mut StoreContents,
        directory: Option<&Path>,
        client: Client,
    ) {
        match (self.process.path("SSL_CERT_FILE"), directory) {
            (Some(path), _) => self.named_pem(contents, "SSL_CERT_FILE", &path, Some(client)),
            (None, Some(directory)) => {
                let file = directory.join("cert.pem");
                contents.found_by = Some(COMPILED_IN);
                if self.root.exists(&file) {
                    self.default_file(contents, COMPILED_IN, &file, client);
                }
            }
            (None, None) => {}
        }
        self.openssl_directories(contents, directory);
        if contents.anchors.is_empty() && contents.faults.is_empty() {
            let found_by = contents.found_by.unwrap_or("the image");
            contents.fault(found_by, StoreProblem::NoBundle, Consequence::Reads);
        }
    }

    /// curl (`tool_operate.c`): `CURL_CA_BUNDLE`, otherwise `SSL_CERT_DIR` and `SSL_CERT_FILE`, the second
    /// only without the first before 8.2; in place of the file and of the directory, what is compiled in.
    /// A file that it cannot load is an error, a directory is not.
    pub(super) fn curl(&self) -> StoreContents {
        let mut contents = StoreContents::default();
        let path = self.process.paths("PATH");
        let Some(curl) = image::curl::find(&self.root, &path, &self.library_path) else {
            contents.absence = Some(Absence::NoProgram);
            return contents;
        };
        if curl.is_only_gnutls {
            contents.absence = Some(Absence::GnuTls);
            return contents;
        }
        contents
            .notes
            .extend(curl.has_gnutls.then_some(StoreNote::GnuTlsCurl));
        let value = |name: &'static str| Some((name, self.process.path(name)?));
        let bundle = value("CURL_CA_BUNDLE");
        let directories = match bundle {
            Some(_) => Vec::new(),
            None => self.process.paths("SSL_CERT_DIR"),
        };
        let file = match (value("SSL_CERT_FILE"), curl.version) {
            (None, _) => None,
            (file, _) if directories.is_empty() => file,
            (Some(_), None) if bundle.is_none() => {
                contents.absence = Some(Absence::StoreNotSeen);
                return contents;
            }
            (file, version) => file.filter(|_| version >= Some(READS_FILE_AND_DIRECTORY)),
        };
        match (bundle.or(file), curl.bundle) {
            (Some((name, path)), _) => {
                self.named_pem(&mut contents, name, &path, Some(Client::Curl));
            }
            (None, Some(path)) => {
                self.default_file(&mut contents, "curl's own path", &path, Client::Curl);
            }
            (None, None) if directories.is_empty() => {
                contents.absence = Some(Absence::StoreNotSeen);
                return contents;
            }
            (None, None) => contents.found_by = Some("SSL_CERT_DIR"),
        }
        let directories = if directories.is_empty() {
            curl.directory.into_iter().collect()
        } else {
            directories
        };
        self.hashed_directories(&mut contents, directories);
        contents
    }

    /// The file that a client reads without a variable.
    pub(super) fn default_file(
        &self,
        contents: &mut StoreContents,
        found_by: &'static str,
        path: &Path,
        client: Client,
    ) {
        contents.found_by = Some(found_by);
        contents.files.push(path.to_owned());
        match self.load(path) {
            Ok(anchors) => contents.anchors = anchors,
            Err(problem) => {
                let consequence = consequence_of_loss(Some(client));
                contents.fault_at(path, found_by, problem, consequence);
            }
        }
    }

    /// The directories of OpenSSL, which it reads whatever its variable for a file says.
    fn openssl_directories(&self, contents: &mut StoreContents, compiled_in: Option<&Path>) {
        let named = self.process.paths("SSL_CERT_DIR");
        if !named.is_empty() {
            self.hashed_directories(contents, named);
        } else if let Some(directory) = compiled_in {
            self.hashed_directories(contents, vec![directory.join("certs")]);
        } else {
            let mut usual = OPENSSL_DIRECTORIES.iter().map(Path::new);
            if let Some(used) = usual.find(|path| self.hashed_directory(contents, path)) {
                contents.files.push(used.to_owned());
            }
        }
    }

    fn hashed_directories(&self, contents: &mut StoreContents, directories: Vec<PathBuf>) {
        for path in directories {
            if self.hashed_directory(contents, &path) {
                contents.files.push(path);
            }
        }
    }

    /// What a variable names for `client`, or for other programs.
    pub(super) fn named_pem(
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
            let takes_directory = client == Some(Client::Requests) || variable == "GIT_SSL_CAPATH";
            if !takes_directory {
                contents.fault_at(path, variable, StoreProblem::DirectoryForFile, consequence);
            } else if !self.hashed_directory(contents, path) {
                contents.fault(variable, StoreProblem::DirectoryWithoutHashes, consequence);
            }
            return;
        }
        match self.load(path) {
            Ok(anchors) => contents.anchors = anchors,
            Err(problem) => contents.fault_at(path, variable, problem, consequence),
        }
    }

    /// The anchors of the bundle at `path`, which is read once, however many clients read it.
    fn load(&self, path: &Path) -> LoadedBundle {
        let unreadable = |error| StoreProblem::Unreadable(read_failure(&error));
        let file = self.root.open(path).map_err(unreadable)?;
        let identity = file.identity();
        if let Some(known) = self.bundles.borrow().get(&identity) {
            return known.clone();
        }
        let bytes = file.read(MAX_CLIENT_STORE_SIZE).map_err(unreadable)?;
        let loaded = self.pem.bundle(&bytes);
        let mut bundles = self.bundles.borrow_mut();
        bundles.insert(identity, loaded.clone());
        loaded
    }

    /// Adds the certificates that a directory has under their own hash. False if there are none.
    fn hashed_directory(&self, contents: &mut StoreContents, directory: &Path) -> bool {
        let found = self.read_hashed_directory(directory);
        let mut known = fingerprints(&contents.anchors);
        for certificate in &found.anchors {
            if known.insert(certificate.fingerprint()) {
                contents.anchors.push(Arc::clone(certificate));
            }
        }
        let mut misnamed = found.misnamed.iter();
        let unknown = misnamed.find(|(_, one)| !known.contains(&one.fingerprint()));
        if let Some((name, certificate)) = unknown {
            let problem = StoreProblem::WrongHash(certificate.subject().clone());
            let found_by = contents.found_by.unwrap_or("the image");
            contents.fault_at(directory.join(name), found_by, problem, Consequence::Reads);
        }
        !found.anchors.is_empty()
    }

    /// What is in a hashed directory, which is read once, however many clients read it.
    fn read_hashed_directory(&self, directory: &Path) -> Rc<HashedDirectory> {
        let Ok(real) = self.root.real(directory) else {
            return Rc::default();
        };
        if let Some(known) = self.hashed_directories.borrow().get(&real) {
            return Rc::clone(known);
        }
        let mut found = HashedDirectory::default();
        let names = self.root.names(&real).into_iter();
        let names: HashSet<String> = names
            .filter_map(|name| name.into_string().ok().filter(|name| is_hash_name(name)))
            .collect();
        let mut in_order: Vec<&String> = names.iter().collect();
        in_order.sort_unstable();
        for name in in_order {
            let bytes = self.root.read(&real.join(name), MAX_CLIENT_STORE_SIZE);
            let is_sought = is_in_sequence(name, &names);
            for certificate in self.pem.hashed_file(&bytes.unwrap_or_default()) {
                if is_sought && name.starts_with(&certificate.subject().hash().file_stem()) {
                    found.anchors.push(certificate);
                } else {
                    found.misnamed.push((name.clone(), certificate));
                }
            }
        }
        let found = Rc::new(found);
        let mut cache = self.hashed_directories.borrow_mut();
        cache.insert(real, Rc::clone(&found));
        found
    }
}

/// Whether OpenSSL comes to a file: it counts from `.0` on and stops at the first number that is missing
/// (`get_cert_by_subject_ex` in `by_dir.c`). OpenSSL 3 also lists the directories of its defaults, whatever
/// the numbers; curl, requests and OpenSSL 1.1 do not.
fn is_in_sequence(name: &str, names: &HashSet<String>) -> bool {
    let Some((hash, number)) = name.split_once('.') else {
        return false;
    };
    let count = number.parse::<usize>().unwrap_or(usize::MAX);
    count < names.len()
        && count.to_string() == number
        && (0..count).all(|before| names.contains(&format!("{hash}.{before}")))
}

/// The certificates of a hashed directory.
#[derive(Debug, Default)]
pub(super) struct HashedDirectory {
    /// Those in a file named by their hash.
    anchors: Vec<Arc<Certificate>>,
    /// The others: links that `c_rehash` made for OpenSSL before 1.0 can be next to the right ones.
    misnamed: Vec<(String, Arc<Certificate>)>,
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::is_in_sequence;

    /// As `openssl verify -CApath` finds them.
    #[test]
    fn a_hashed_file_counts_from_zero_without_a_gap() {
        let names = [
            "aaaaaaaa.0",
            "aaaaaaaa.1",
            "aaaaaaaa.3",
            "bbbbbbbb.1",
            "cccccccc.00",
        ];
        let all: HashSet<String> = names.map(String::from).into();
        let found = names.map(|name| is_in_sequence(name, &all));
        assert_eq!(found, [true, true, false, false, false]);
    }
}
