//! The places where images keep their stores.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::Environment;
use super::root::Root;

/// OS bundles; the first that exists is the image's. The list and its order are those of Go's
/// `crypto/x509/root_linux.go`, with SUSE's real file added.
pub(super) const OS_BUNDLES: [&str; 7] = [
    "/etc/ssl/certs/ca-certificates.crt", // Debian, Ubuntu, Alpine, distroless
    "/etc/pki/tls/certs/ca-bundle.crt",   // Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",             // SUSE
    "/etc/pki/tls/cacert.pem",            // OpenELEC
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // RHEL 7
    "/etc/ssl/cert.pem",                  // Alpine
    "/var/lib/ca-certificates/ca-bundle.pem", // SUSE without its links
];

/// Java stores of a distribution, to which its JDKs link.
const SHARED_CACERTS: [&str; 4] = [
    "/etc/ssl/certs/java/cacerts",
    "/etc/pki/java/cacerts",
    "/etc/pki/ca-trust/extracted/java/cacerts",
    "/var/lib/ca-certificates/java-cacerts",
];

/// Stores inside a JDK or JRE. JSSE prefers the first if both exist (JSSE reference guide).
const JDK_STORES: [[&str; 2]; 2] = [
    ["lib/security/jssecacerts", "lib/security/cacerts"],
    ["jre/lib/security/jssecacerts", "jre/lib/security/cacerts"],
];

/// Directories in which each subdirectory may be a JDK.
const JDK_PARENTS: [&str; 7] = [
    "/usr/lib/jvm",
    "/usr/java",
    "/usr/local",
    "/opt",
    "/opt/java",
    "/opt/jdk",
    "/usr/lib64/jvm",
];

/// Prefixes of Python installations and virtual environments.
pub(super) const PYTHON_PREFIXES: [&str; 8] = [
    "/usr",
    "/usr/local",
    "/opt/venv",
    "/opt/conda",
    "/opt/bitnami/python",
    "/venv",
    "/app/.venv",
    "/app/venv",
];

/// Directories in which each subdirectory may be such a prefix.
pub(super) const PYTHON_PARENTS: [&str; 2] = ["/opt", "/opt/conda/envs"];

/// The directories of programs if PATH is not set.
pub(super) fn default_path() -> Vec<PathBuf> {
    [
        "/usr/local/sbin",
        "/usr/local/bin",
        "/usr/sbin",
        "/usr/bin",
        "/sbin",
        "/bin",
    ]
    .map(PathBuf::from)
    .into()
}

/// Java stores, each with how it was found: those of the JDK that `JAVA_HOME` names and of the `java` on
/// PATH, which are the ones in use. Without these, those of every JDK in the usual places, because any of
/// them may be in use.
pub(super) fn java_stores(root: &Root, environment: &Environment) -> Vec<(&'static str, PathBuf)> {
    let mut stores = Vec::new();
    let home = environment.java_home.iter();
    stores.extend(home.filter_map(|home| Some(("JAVA_HOME", in_jdk(root, home)?))));
    if let Some(java) = on_path(root, environment, "java") {
        // HOME/bin/java, or HOME/jre/bin/java before Java 9.
        let homes = java.ancestors().skip(2).take(2);
        stores.extend(
            homes
                .filter_map(|home| Some(("java on PATH", in_jdk(root, home)?)))
                .take(1),
        );
    }
    if stores.is_empty() {
        let jdks = JDK_PARENTS
            .iter()
            .flat_map(|parent| children(root, Path::new(parent)));
        let alone = ["/opt/java", "/opt/jdk", "/usr/java"].map(PathBuf::from);
        stores.extend(
            jdks.chain(alone)
                .filter_map(|home| Some(("a JDK", in_jdk(root, &home)?))),
        );
    }
    if stores.is_empty() {
        let shared = SHARED_CACERTS
            .into_iter()
            .map(PathBuf::from)
            .find(|path| root.exists(path));
        stores.extend(shared.map(|path| ("the OS's Java store", path)));
    }
    stores
}

/// The path of the store that a JDK uses.
fn in_jdk(root: &Root, home: &Path) -> Option<PathBuf> {
    JDK_STORES
        .as_flattened()
        .iter()
        .map(|store| home.join(store))
        .find(|path| root.exists(path))
}

/// The bundles of every certifi and of conda, each with how it was found. Which Python will run cannot be
/// determined from outside.
pub(super) fn python_bundles(
    root: &Root,
    environment: &Environment,
) -> Vec<(&'static str, PathBuf)> {
    let mut prefixes: Vec<PathBuf> = Vec::new();
    prefixes.extend(environment.python_prefixes.iter().cloned());
    // The python of a virtual environment is a link to another installation; both have packages.
    for directory in &environment.path {
        for name in ["python3", "python"] {
            let python = directory.join(name);
            if let Ok(real) = root.real(&python) {
                let prefix = |path: &Path| path.ancestors().nth(2).map(Path::to_owned);
                prefixes.extend(prefix(&python));
                prefixes.extend(prefix(&real));
            }
        }
    }
    prefixes.extend(PYTHON_PREFIXES.map(PathBuf::from));
    for parent in PYTHON_PARENTS {
        prefixes.extend(children(root, Path::new(parent)));
    }
    prefixes.extend(environment.home.iter().map(|home| home.join(".local")));
    let mut bundles: Vec<(&'static str, PathBuf)> = Vec::new();
    for prefix in prefixes {
        let found = certifi(root, &prefix)
            .into_iter()
            .map(|path| ("certifi", path));
        // conda's own OpenSSL reads this bundle.
        let conda = Some(prefix.join("ssl/cacert.pem")).filter(|path| root.exists(path));
        bundles.extend(found.chain(conda.map(|path| ("conda", path))));
    }
    bundles
}

/// `PREFIX/lib/python3.X/site-packages/certifi/cacert.pem`, and the same in Debian's `dist-packages`.
fn certifi(root: &Root, prefix: &Path) -> Vec<PathBuf> {
    ["lib", "lib64"]
        .into_iter()
        .flat_map(|lib| children(root, &prefix.join(lib)))
        .filter(|path| {
            path.file_name()
                .is_some_and(|name| name.as_bytes().starts_with(b"python"))
        })
        .flat_map(|python| ["site-packages", "dist-packages"].map(|name| python.join(name)))
        .map(|packages| packages.join("certifi/cacert.pem"))
        .filter(|path| root.exists(path))
        .collect()
}

/// The real path of a program, found as a shell finds it.
fn on_path(root: &Root, environment: &Environment, name: &str) -> Option<PathBuf> {
    let mut places = environment
        .path
        .iter()
        .map(|directory| directory.join(name));
    places
        .find(|path| root.is_file(path))
        .and_then(|path| root.real(&path).ok())
}

/// The paths of everything in a directory.
pub(super) fn children(root: &Root, directory: &Path) -> Vec<PathBuf> {
    let names = root.names(directory).into_iter();
    names.map(|name| directory.join(name)).collect()
}
