//! What a JVM reads: what its options name, otherwise its own cacerts.

use std::path::PathBuf;

use trust_doctor::store::{self, Absence, Consequence, JavaProblem, StoreContents, StoreProblem};
use trust_stores::{DecodeOptions, KeyEntries, Password};

use super::{Reader, read_failure};
use crate::image::ImageStore;
use crate::sys::MAX_CLIENT_STORE_SIZE;
use crate::wiring::jvm_options::{JvmOptions, TrustStore};

/// System properties that make a JVM read a token instead of a file.
const TOKEN_PROPERTIES: [&str; 2] = [
    "javax.net.ssl.trustStoreType",
    "javax.net.ssl.trustStoreProvider",
];

/// How a JCEKS keystore starts, which a JVM reads only if trustStoreType says so.
const JCEKS: [u8; 4] = 0xcece_cece_u32.to_be_bytes();

impl Reader<'_> {
    pub(super) fn java(&self, own: Option<&ImageStore>) -> StoreContents {
        let mut contents = StoreContents::default();
        let options = self.process.jvm_options();
        match options.trust_store() {
            TrustStore::Unset => {}
            TrustStore::NoFile(variable) => {
                no_file(&mut contents, variable, &options);
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
                        let is_typed = options.sets(TOKEN_PROPERTIES[0]);
                        load(&mut contents, variable, path, &bytes, password, is_typed);
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
            None => contents.absence = Some(Absence::NoProgram),
            Some(store) => load(
                &mut contents,
                store.found_by,
                self.inside(&store.path),
                &store.bytes,
                // The JVM tries this password on whichever store it uses, so on cacerts too.
                options.trust_store_password(),
                false,
            ),
        }
        contents
    }
}

/// `trustStore=NONE`.
fn no_file(contents: &mut StoreContents, variable: &'static str, options: &JvmOptions) {
    contents.found_by = Some(variable);
    let (problem, consequence) = if TOKEN_PROPERTIES.iter().any(|name| options.sets(name)) {
        contents.absence = Some(Absence::Token);
        (JavaProblem::Token, Consequence::Reads)
    } else {
        (JavaProblem::NoTrustStore, Consequence::Fails)
    };
    contents.fault(variable, StoreProblem::Java(problem), consequence);
}

fn load(
    contents: &mut StoreContents,
    found_by: &'static str,
    path: PathBuf,
    bytes: &[u8],
    password: Option<Password>,
    is_typed: bool,
) {
    contents.found_by = Some(found_by);
    contents.files.push(path);
    let options = DecodeOptions {
        password,
        key_entries: KeyEntries::Skip,
    };
    let loaded = if bytes.starts_with(&JCEKS) && !is_typed {
        Err(StoreProblem::Java(JavaProblem::NotAJavaStore))
    } else {
        store::load_java_store(bytes, &options)
    };
    match loaded {
        Ok(anchors) => contents.anchors = anchors,
        Err(problem) => contents.fault(found_by, problem, Consequence::Fails),
    }
}
