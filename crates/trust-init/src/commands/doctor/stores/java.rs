//! What a JVM reads: what its options name, otherwise its own cacerts.

use std::path::PathBuf;

use trust_doctor::store::{self, Absence, Consequence, JavaProblem, StoreContents, StoreProblem};
use trust_stores::{DecodeOptions, KeyEntries, Password, SourceFormat};

use super::{Reader, read_failure};
use crate::image::ImageStore;
use crate::sys::MAX_CLIENT_STORE_SIZE;
use crate::wiring::jvm_options::{JvmOptions, TrustStore};

/// System properties that make a JVM read a token instead of a file.
const TOKEN_PROPERTIES: [&str; 2] = [
    "javax.net.ssl.trustStoreType",
    "javax.net.ssl.trustStoreProvider",
];

/// System properties that narrow what a JVM accepts of a server: the JSSE Reference Guide's
/// "Customizing JSSE", and a file that takes the place of `java.security`.
const NARROWING_PROPERTIES: [&str; 9] = [
    "jdk.tls.client.protocols",
    "jdk.tls.client.cipherSuites",
    "jdk.tls.client.SignatureSchemes",
    "jdk.tls.namedGroups",
    "jdk.tls.maxCertificateChainLength",
    "jdk.tls.maxHandshakeMessageSize",
    "jdk.security.allowNonCaAnchor",
    "com.sun.net.ssl.checkRevocation",
    "java.security.properties",
];

/// How a JCEKS keystore starts, which a JVM reads only if trustStoreType says so.
const JCEKS: [u8; 4] = 0xcece_cece_u32.to_be_bytes();

impl Reader<'_> {
    pub(super) fn java(&self, own: Option<&ImageStore>) -> StoreContents {
        let options = self.process.jvm_options();
        let mut narrowing = NARROWING_PROPERTIES.into_iter();
        let mut contents = StoreContents {
            setting: narrowing.find(|property| options.sets(property)),
            ..StoreContents::default()
        };
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
                let store_type = options.property(TOKEN_PROPERTIES[0]);
                if options.sets(TOKEN_PROPERTIES[1])
                    || store_type.is_some_and(|name| is_foreign(&name))
                {
                    contents.found_by = Some(variable);
                    contents.files.push(path);
                    let problem = StoreProblem::Java(JavaProblem::Token);
                    contents.absence = Some(Absence::Token);
                    contents.fault(variable, problem, Consequence::Reads);
                    return contents;
                }
                match self.root.read(&path, MAX_CLIENT_STORE_SIZE) {
                    Ok(bytes) => {
                        let is_typed = options.property(TOKEN_PROPERTIES[0]);
                        let is_typed = is_typed.is_some_and(|name| is_jceks(&name));
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

/// Whether a type of stores is not one of those that every JVM reads from a file. Their names are compared
/// without regard to case (`KeyStore.getInstance`).
fn is_foreign(store_type: &str) -> bool {
    const OF_FILES: [&str; 2] = ["JKS", "PKCS12"];
    let mut known = OF_FILES.iter();
    !known.any(|name| name.eq_ignore_ascii_case(store_type)) && !is_jceks(store_type)
}

fn is_jceks(store_type: &str) -> bool {
    store_type.eq_ignore_ascii_case("JCEKS")
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
        ..DecodeOptions::default()
    };
    // As JCEKS a JVM reads that and JKS, in which it is the other way round.
    let is_other = if is_typed {
        !bytes.starts_with(&JCEKS) && SourceFormat::detect(bytes) != SourceFormat::Jks
    } else {
        bytes.starts_with(&JCEKS)
    };
    let loaded = if is_other {
        Err(StoreProblem::Java(JavaProblem::NotAJavaStore))
    } else {
        store::load_java_store(bytes, &options)
    };
    match loaded {
        Ok(anchors) => contents.anchors = anchors,
        Err(problem) => contents.fault(found_by, problem, Consequence::Fails),
    }
}
