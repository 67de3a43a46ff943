//! The output tree: which files a build writes, and what they are encoded from. Nothing here touches a disk.

mod content;

pub use content::{Content, Digest, Recipe};

use std::io;
use std::sync::Arc;

use crate::error::{Code, Error};
use trust_stores::{
    BlockWriter, Bundle, JavaFormat, Password, Store, StoreSet, Stores, hashed_directory, java,
};

/// The merged Python bundle.
pub const PYTHON_BUNDLE: &str = "python/cacert.pem";
/// The customer's certificates alone.
pub const CUSTOM_CHAIN: &str = "custom/client-ca-chain.pem";
/// The wiring, in dotenv form.
pub const TRUST_ENV: &str = "trust.env";
/// What was read, kept, dropped and written.
pub const MANIFEST: &str = "manifest.json";

const DEBIAN_BUNDLE: &str = "os/ca-certificates.crt";
const DEBIAN_BUNDLE_LINK: &str = "os/ca-bundle.crt";
const DEBIAN_HASHED: &str = "os";
const JAVA_CACERTS: &str = "os/java/cacerts";
const RHEL_BUNDLE: &str = "os/pem/tls-ca-bundle.pem";
const RHEL_HASHED: &str = "os/pem/directory-hash";
const RHEL_HASHED_LINKS: [&str; 2] = [
    "os/pem/directory-hash/ca-certificates.crt",
    "os/pem/directory-hash/ca-bundle.crt",
];
const RHEL_TRUSTED: &str = "os/openssl/ca-bundle.trust.crt";
const SUSE_BUNDLE: &str = "os/ca-bundle.pem";
const SUSE_HASHED: [&str; 2] = ["os/pem", "os/openssl"];
const SUSE_CACERTS: &str = "os/java-cacerts";
const PKCS12_TRUSTSTORE: &str = "java/truststore.p12";
const JKS_TRUSTSTORE: &str = "java/truststore.jks";

/// The files that hold a complete store. A hashed directory has the same certificates as the OS bundle.
pub const STORES: [&str; 10] = [
    DEBIAN_BUNDLE,
    JAVA_CACERTS,
    RHEL_BUNDLE,
    RHEL_TRUSTED,
    SUSE_BUNDLE,
    SUSE_CACERTS,
    PKCS12_TRUSTSTORE,
    JKS_TRUSTSTORE,
    PYTHON_BUNDLE,
    CUSTOM_CHAIN,
];

/// The directories that the tree can have, parents first.
pub const DIRECTORIES: [&str; 8] = [
    "os",
    "os/java",
    "os/pem",
    RHEL_HASHED,
    "os/openssl",
    "java",
    "python",
    "custom",
];

/// The directories of files that OpenSSL looks up by hash.
const HASHED_DIRECTORIES: [&str; 4] = [DEBIAN_HASHED, RHEL_HASHED, SUSE_HASHED[0], SUSE_HASHED[1]];

/// The form of `os/`: the directory of an image that it can be mounted over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum OsLayout {
    /// To mount over /etc/ssl/certs (Debian, Ubuntu, Alpine, distroless).
    #[default]
    #[value(aliases = ["ubuntu", "alpine", "distroless", "wolfi", "chainguard"])]
    Debian,
    // See update-ca-trust(8).
    /// To mount over /etc/pki/ca-trust/extracted (RHEL, UBI, Fedora, Amazon Linux).
    #[value(aliases = ["redhat", "ubi", "fedora", "centos", "rocky", "alma", "almalinux", "oracle", "amazon", "amazonlinux"])]
    Rhel,
    // See update-ca-certificates(8) there.
    /// To mount over /var/lib/ca-certificates (SUSE).
    #[value(aliases = ["sles", "opensuse", "bci"])]
    Suse,
}

impl OsLayout {
    /// The path of the OS bundle.
    pub fn bundle(self) -> &'static str {
        match self {
            OsLayout::Debian => DEBIAN_BUNDLE,
            OsLayout::Rhel => RHEL_BUNDLE,
            OsLayout::Suse => SUSE_BUNDLE,
        }
    }

    fn hashed(self) -> &'static [&'static str] {
        match self {
            OsLayout::Debian => &[DEBIAN_HASHED],
            OsLayout::Rhel => &[RHEL_HASHED],
            OsLayout::Suse => &SUSE_HASHED,
        }
    }

    /// Every path of the OS bundle, including links.
    pub(crate) fn bundle_paths(self) -> Vec<&'static str> {
        let links = self.links().into_iter().map(|link| link.path);
        [self.bundle()].into_iter().chain(links).collect()
    }

    /// The path where the JDK of such an image looks for its truststore.
    pub(crate) fn cacerts(self) -> &'static str {
        match self {
            OsLayout::Debian | OsLayout::Rhel => JAVA_CACERTS,
            OsLayout::Suse => SUSE_CACERTS,
        }
    }

    fn links(self) -> Vec<Link> {
        match self {
            OsLayout::Debian => vec![Link {
                path: DEBIAN_BUNDLE_LINK,
                target: "ca-certificates.crt",
            }],
            OsLayout::Rhel => RHEL_HASHED_LINKS
                .map(|path| Link {
                    path,
                    target: "../tls-ca-bundle.pem",
                })
                .into(),
            OsLayout::Suse => Vec::new(),
        }
    }
}

/// The form in which the stores are written.
#[derive(Clone, Copy, Debug)]
pub struct StoreForms<'a> {
    /// The form of `os/`.
    pub layout: OsLayout,
    /// The format of the Java truststore.
    pub java: JavaFormat,
    /// The password of the Java truststore.
    pub password: &'a Password,
}

/// The path of the Java truststore in this format.
pub fn java_truststore(format: JavaFormat) -> &'static str {
    match format {
        JavaFormat::Pkcs12 | JavaFormat::Pkcs12Mac | JavaFormat::Pkcs12Encrypted => {
            PKCS12_TRUSTSTORE
        }
        JavaFormat::Jks => JKS_TRUSTSTORE,
    }
}

/// Whether `path` is one that a build may write. A build deletes those that it does not write, because
/// clients would keep trusting an old store.
pub fn is_output_path(path: &str) -> bool {
    const FIXED: [&str; 3] = [DEBIAN_BUNDLE_LINK, TRUST_ENV, MANIFEST];
    STORES.contains(&path)
        || FIXED.contains(&path)
        || RHEL_HASHED_LINKS.contains(&path)
        || is_hashed(path)
}

/// Whether `path` is a file of a hashed directory.
pub fn is_hashed(path: &str) -> bool {
    let mut directories = HASHED_DIRECTORIES.iter();
    directories.any(|directory| {
        let name = path
            .strip_prefix(directory)
            .and_then(|rest| rest.strip_prefix('/'));
        name.is_some_and(hashed_directory::is_hash_name)
    })
}

/// A file to write.
#[derive(Clone, Debug)]
pub struct File<'a> {
    /// Its path in the tree.
    pub path: String,
    /// What it holds. The plain Java store has two paths, and is hashed once.
    pub content: Arc<Content<'a>>,
}

impl<'a> File<'a> {
    /// A file whose content `recipe` gives.
    pub fn new(path: impl Into<String>, recipe: Recipe<'a>) -> Self {
        File {
            path: path.into(),
            content: Arc::new(Content::new(recipe)),
        }
    }

    fn also_at(&self, path: impl Into<String>) -> Self {
        File {
            path: path.into(),
            content: Arc::clone(&self.content),
        }
    }

    /// Whether it has the same content as `other` because both were made of one.
    pub fn is_copy_of(&self, other: &File<'_>) -> bool {
        Arc::ptr_eq(&self.content, &other.content)
    }

    /// Whether it belongs to a hashed directory, which messages report as one item.
    pub fn is_hashed(&self) -> bool {
        is_hashed(&self.path)
    }
}

/// The manifest of a tree, which is not in it because it has the digest of each of its files.
pub trait Manifest: Sync {
    /// Encodes it into `out`. Most of it is known before all files are encoded, and written before this calls
    /// `wait`, which returns when asking for digests costs nothing, or with the reason why there will be none.
    fn write(
        &self,
        out: &mut BlockWriter<'_>,
        wait: &mut dyn FnMut() -> io::Result<()>,
    ) -> io::Result<()>;
}

/// A symbolic link to write.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    /// Its path in the tree.
    pub path: &'static str,
    /// What it points to.
    pub target: &'static str,
}

/// Everything to write but the manifest, in the order in which it is renamed into place.
#[derive(Clone, Debug, Default)]
pub struct Tree<'a> {
    /// The files.
    pub files: Vec<File<'a>>,
    /// The links.
    pub links: Vec<Link>,
}

impl Tree<'_> {
    /// The paths of all links and files, in the order in which they are renamed into place.
    pub fn paths(&self) -> impl Iterator<Item = &str> + Clone {
        let links = self.links.iter().map(|link| link.path);
        links.chain(self.files.iter().map(|file| file.path.as_str()))
    }

    /// The directories it needs, parents first.
    pub fn directories(&self) -> impl Iterator<Item = &'static str> {
        directories_of(self.paths())
    }
}

/// The directories that files at `paths` need, parents first.
pub fn directories_of<'p>(
    paths: impl Iterator<Item = &'p str> + Clone,
) -> impl Iterator<Item = &'static str> {
    DIRECTORIES.into_iter().filter(move |directory| {
        paths.clone().any(|path| {
            path.strip_prefix(directory)
                .is_some_and(|rest| rest.starts_with('/'))
        })
    })
}

/// The complete tree for the stores in `wanted`. `os/` also gets a Java store if there is a Java bundle.
pub fn tree<'a>(
    stores: &Stores<'a>,
    wanted: StoreSet,
    forms: StoreForms<'_>,
) -> Result<Tree<'a>, Error> {
    let mut tree = bundles(stores, wanted, forms)?;
    let layout = forms.layout;
    let Some(bundle) = &stores.os else {
        return Ok(tree);
    };
    let mut os = Vec::new();
    for hashed in hashed_directory::files(bundle) {
        let content = Arc::new(Content::new(Recipe::Pem(hashed.bundle)));
        for directory in layout.hashed() {
            os.push(File {
                path: [*directory, "/", &hashed.name].concat(),
                content: Arc::clone(&content),
            });
        }
    }
    if layout == OsLayout::Rhel {
        os.push(File::new(RHEL_TRUSTED, Recipe::TrustedPem(bundle.clone())));
    }
    // In place of a JDK's own cacerts, always plain: the JVM opens that path without a password, and an
    // encrypted store then yields no trust anchors and no error.
    if let Some(bundle) = &stores.java {
        let plain = StoreForms {
            java: JavaFormat::Pkcs12,
            ..forms
        };
        let mut files = tree.files.iter();
        let same = files.find(|file| file.path == PKCS12_TRUSTSTORE && forms.java == plain.java);
        os.push(match same {
            Some(file) => file.also_at(layout.cacerts()),
            None => java_store(layout.cacerts(), bundle, plain)?,
        });
    }
    tree.files.splice(0..0, os);
    tree.links.extend(layout.links());
    Ok(tree)
}

/// Only the files that variables name: one bundle for each store.
pub fn bundles<'a>(
    stores: &Stores<'a>,
    wanted: StoreSet,
    forms: StoreForms<'_>,
) -> Result<Tree<'a>, Error> {
    let mut files = Vec::new();
    if let Some(bundle) = &stores.os {
        files.push(File::new(
            forms.layout.bundle(),
            Recipe::Pem(bundle.clone()),
        ));
    }
    if let Some(bundle) = stores
        .java
        .as_ref()
        .filter(|_| wanted.contains(Store::Java))
    {
        let path = java_truststore(forms.java);
        files.push(java_store(path, bundle, forms)?);
    }
    if let Some(bundle) = &stores.python {
        let recipe = Recipe::CommentedPem(bundle.clone());
        files.push(File::new(PYTHON_BUNDLE, recipe));
    }
    if let Some(bundle) = &stores.custom {
        files.push(File::new(CUSTOM_CHAIN, Recipe::Pem(bundle.clone())));
    }
    Ok(Tree {
        files,
        links: Vec::new(),
    })
}

/// The Java store at `path`. Fails if it cannot be encoded.
pub(crate) fn java_store<'a>(
    path: &str,
    bundle: &Bundle<'a>,
    forms: StoreForms<'_>,
) -> Result<File<'a>, Error> {
    let store = java::Truststore::new(bundle, forms.java, forms.password).map_err(|error| {
        Error::new(Code::Unwritable, format!("cannot be encoded: {error}")).at(path)
    })?;
    let recipe = Recipe::Java(Box::new(store), bundle.count());
    Ok(File::new(path, recipe))
}

#[cfg(test)]
mod tests {
    use super::{DIRECTORIES, is_output_path};

    #[test]
    fn foreign_files_are_not_output_paths() {
        for path in [
            "os/eea339da.0",
            "os/java/cacerts",
            "os/pem/directory-hash/eea339da.0",
            "os/pem/directory-hash/ca-bundle.crt",
            "java/truststore.jks",
        ] {
            assert!(is_output_path(path), "{path}");
        }
        for foreign in [
            "eea339da.0",
            "os/site.pem",
            "java/eea339da.0",
            "bin/trust-init",
            "os",
        ] {
            assert!(!is_output_path(foreign), "{foreign}");
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
