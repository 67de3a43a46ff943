//! The output tree: the stores in, every file with its bytes out. Nothing touches a disk here.

use std::rc::Rc;

use crate::bundle::{Bundle, Store, StoreSet, Stores};
use crate::cert::Fingerprint;
use crate::error::Error;
use crate::formats::java::{self, JavaForm};
use crate::formats::password::Password;
use crate::formats::{hashdir, pem};

/// The OS bundle.
pub const OS_BUNDLE: &str = "os/ca-certificates.crt";
/// The merged Python bundle.
pub const PYTHON_BUNDLE: &str = "python/cacert.pem";
/// The customer's certificates alone.
pub const CUSTOM_CHAIN: &str = "custom/client-ca-chain.pem";
/// The wiring.
pub const TRUST_ENV: &str = "trust.env";
/// The account of the run.
pub const MANIFEST: &str = "manifest.json";

const HASHED_DIRECTORY: &str = "os";
const OS_JAVA_STORE: &str = "os/java/cacerts";
const OS_BUNDLE_LINK: &str = "os/ca-bundle.crt";
const PKCS12_TRUSTSTORE: &str = "java/truststore.p12";
const JKS_TRUSTSTORE: &str = "java/truststore.jks";

/// The files that hold a whole store; the hashed directory holds what the OS bundle does.
pub const STORES: [&str; 6] = [
    OS_BUNDLE,
    OS_JAVA_STORE,
    PKCS12_TRUSTSTORE,
    JKS_TRUSTSTORE,
    PYTHON_BUNDLE,
    CUSTOM_CHAIN,
];

/// The directories that the tree can have, parents first.
pub const DIRECTORIES: [&str; 5] = ["os", "os/java", "java", "python", "custom"];

/// Where the Java truststore of a form stands.
pub fn java_truststore(form: JavaForm) -> &'static str {
    match form {
        JavaForm::Pkcs12 | JavaForm::Pkcs12Mac | JavaForm::Pkcs12Encrypted => PKCS12_TRUSTSTORE,
        JavaForm::Jks => JKS_TRUSTSTORE,
    }
}

/// Whether `path` is one that a build may write. What a build does not write of these, it
/// removes: an old store left behind would still be trusted.
pub fn is_ours(path: &str) -> bool {
    const FIXED: [&str; 9] = [
        OS_BUNDLE,
        OS_BUNDLE_LINK,
        OS_JAVA_STORE,
        PKCS12_TRUSTSTORE,
        JKS_TRUSTSTORE,
        PYTHON_BUNDLE,
        CUSTOM_CHAIN,
        TRUST_ENV,
        MANIFEST,
    ];
    FIXED.contains(&path)
        || path
            .split_once('/')
            .is_some_and(|(dir, name)| dir == HASHED_DIRECTORY && hashdir::is_hash_name(name))
}

/// A file to write.
#[derive(Clone, Debug)]
pub struct File {
    /// Its path in the tree.
    pub path: String,
    /// Its bytes; the plain Java store stands in two places, and is held once.
    pub content: Rc<Vec<u8>>,
    /// SHA-256 of the bytes.
    pub sha256: Fingerprint,
    /// How many certificates it holds.
    pub certificates: usize,
}

impl File {
    /// A file with its hash.
    pub fn new(
        path: impl Into<String>,
        content: impl Into<Rc<Vec<u8>>>,
        certificates: usize,
    ) -> Self {
        let content = content.into();
        File {
            path: path.into(),
            sha256: Fingerprint::of(&content),
            content,
            certificates,
        }
    }

    fn also_at(&self, path: &str) -> Self {
        File {
            path: path.to_owned(),
            ..self.clone()
        }
    }

    /// Whether it belongs to the hashed directory, which messages name as one.
    pub fn is_hashed(&self) -> bool {
        is_ours(&self.path)
            && self
                .path
                .rsplit_once('/')
                .is_some_and(|(_, name)| hashdir::is_hash_name(name))
    }
}

/// A symbolic link to write.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    /// Its path in the tree.
    pub path: &'static str,
    /// What it holds.
    pub target: &'static str,
}

/// Everything to write, in the order in which it is put in place.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// The files.
    pub files: Vec<File>,
    /// The links.
    pub links: Vec<Link>,
}

impl Tree {
    /// The paths of all links and files, in the order in which they are put in place.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        let links = self.links.iter().map(|link| link.path);
        links.chain(self.files.iter().map(|file| file.path.as_str()))
    }

    /// The directories it needs, parents first.
    pub fn directories(&self) -> impl Iterator<Item = &'static str> {
        DIRECTORIES.into_iter().filter(|directory| {
            let is_below = |path: &str| {
                path.strip_prefix(directory)
                    .is_some_and(|rest| rest.starts_with('/'))
            };
            self.files.iter().any(|file| is_below(&file.path))
                || self.links.iter().any(|link| is_below(link.path))
        })
    }
}

/// The stores as a tree in the Debian layout: `os/` serves as /etc/ssl/certs. Of `stores` those in
/// `wanted` are written; the Java bundle stands in os/java/cacerts too.
pub fn debian(
    stores: &Stores<'_>,
    wanted: StoreSet,
    form: JavaForm,
    password: &Password,
) -> Result<Tree, Error> {
    let mut tree = Tree::default();
    let plain_java = match stores.java.as_ref() {
        Some(bundle) => Some(java_store(
            PKCS12_TRUSTSTORE,
            bundle,
            JavaForm::Pkcs12,
            password,
        )?),
        None => None,
    };
    if let Some(bundle) = &stores.os {
        for file in hashdir::encode(bundle) {
            let path = format!("{HASHED_DIRECTORY}/{}", file.name);
            tree.files
                .push(File::new(path, file.content, file.certificates));
        }
        let pem = pem::encode(bundle);
        tree.files.push(File::new(OS_BUNDLE, pem, bundle.count()));
        tree.links.push(Link {
            path: OS_BUNDLE_LINK,
            target: "ca-certificates.crt",
        });
        // Where a JDK's own cacerts stands: always plain. The JVM opens that place without a
        // password, and an encrypted store then gives no anchors and no error.
        tree.files
            .extend(plain_java.as_ref().map(|file| file.also_at(OS_JAVA_STORE)));
    }
    if let Some(bundle) = stores
        .java
        .as_ref()
        .filter(|_| wanted.contains(Store::Java))
    {
        tree.files.push(match (form, plain_java) {
            (JavaForm::Pkcs12, Some(file)) => file,
            _ => java_store(java_truststore(form), bundle, form, password)?,
        });
    }
    if let Some(bundle) = &stores.python {
        let pem = pem::encode_commented(bundle);
        tree.files
            .push(File::new(PYTHON_BUNDLE, pem, bundle.count()));
    }
    if let Some(bundle) = &stores.custom {
        let pem = pem::encode(bundle);
        tree.files
            .push(File::new(CUSTOM_CHAIN, pem, bundle.count()));
    }
    Ok(tree)
}

fn java_store(
    path: &str,
    bundle: &Bundle<'_>,
    form: JavaForm,
    password: &Password,
) -> Result<File, Error> {
    let store = java::encode(bundle, form, password).map_err(|error| {
        Error::output("unwritable", format!("cannot be encoded: {error}")).at(path)
    })?;
    Ok(File::new(path, store, bundle.count()))
}

#[cfg(test)]
mod tests {
    use super::{DIRECTORIES, is_ours};

    #[test]
    fn foreign_files_are_never_ours() {
        for ours in ["os/eea339da.0", "os/java/cacerts", "java/truststore.jks"] {
            assert!(is_ours(ours), "{ours}");
        }
        for foreign in [
            "eea339da.0",
            "os/site.pem",
            "java/eea339da.0",
            "bin/trust-init",
            "os",
        ] {
            assert!(!is_ours(foreign), "{foreign}");
        }
    }

    #[test]
    fn parents_come_first() {
        for (index, directory) in DIRECTORIES.iter().enumerate() {
            if let Some((parent, _)) = directory.rsplit_once('/') {
                assert!(DIRECTORIES[..index].contains(&parent));
            }
        }
    }
}
