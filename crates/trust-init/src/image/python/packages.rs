//! The packages that a Python imports: its requests, with the bundle that it reads.

use std::path::{Path, PathBuf};

use super::super::root::Root;
use super::{MAX_TEXT, Python, PythonSearch, PythonVersion};

/// The requests of a Python.
#[derive(Clone, Debug)]
pub struct Requests {
    /// The version of its urllib3, where a file's name tells.
    pub urllib3: Option<PythonVersion>,
    /// What it reads if no variable names a store.
    pub store: RequestsStore,
}

/// The bundle that requests reads if no variable names one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestsStore {
    /// certifi's own.
    Certifi(PathBuf),
    /// The one that a distribution's patch of certifi or requests names.
    Patched(PathBuf),
    /// This package changes what requests reads.
    ChangedBy(&'static str),
    /// It is not seen.
    NotSeen,
}

/// Packages that make requests read the system's store, in their own ways, when Python starts.
const PATCHES: [&str; 2] = ["pip_system_certs", "certifi_linux"];

impl Python {
    /// The requests that this Python imports; `None` if there is none.
    pub fn requests(&self, root: &Root, search: &PythonSearch) -> Option<Requests> {
        let directories = self.packages(search);
        let package = |name: &str| {
            let mut paths = directories.iter().map(|directory| directory.join(name));
            paths.find(|path| root.is_file(&path.join("__init__.py")))
        };
        let requests = package("requests")?;
        // requests before 2.16 has its own.
        let is_vendored = root.is_file(&requests.join("packages/urllib3/__init__.py"));
        let urllib3 = if is_vendored {
            Some(PythonVersion(1, 0))
        } else {
            package("urllib3").and_then(|path| installed_version(root, &path))
        };
        let changer = PATCHES.into_iter().find(|name| package(name).is_some());
        let store = match (changer, path_in_code(root, &requests.join("certs.py"))) {
            (Some(name), _) => RequestsStore::ChangedBy(name),
            (None, Some(bundle)) => RequestsStore::Patched(bundle),
            (None, None) => package("certifi").map_or(RequestsStore::NotSeen, |certifi| {
                match path_in_code(root, &certifi.join("core.py")) {
                    Some(path) => RequestsStore::Patched(path),
                    None => RequestsStore::Certifi(certifi.join("cacert.pem")),
                }
            }),
        };
        Some(Requests { urllib3, store })
    }

    /// The directories that it imports packages from, in its order (`site.py`).
    fn packages(&self, search: &PythonSearch) -> Vec<PathBuf> {
        let mut directories = search.python_path.clone();
        let Some(PythonVersion(major, minor)) = self.version else {
            return directories;
        };
        let name = format!("python{major}.{minor}");
        let site = |prefix: &Path, directory: &str| {
            ["lib", "lib64"].map(|lib| prefix.join(lib).join(&name).join(directory))
        };
        if let Some(environment) = &self.environment {
            directories.extend(site(&environment.prefix, "site-packages"));
            if !environment.includes_system_packages {
                return directories;
            }
        }
        let user = search.user_base.iter();
        directories.extend(user.flat_map(|base| site(base, "site-packages")));
        if self.base == Path::new("/usr") {
            // Debian's and Fedora's places for what an administrator installs, and Debian's own.
            for directory in ["dist-packages", "site-packages"] {
                directories.extend(site(Path::new("/usr/local"), directory));
            }
            directories.push(PathBuf::from(format!(
                "/usr/lib/python{major}/dist-packages"
            )));
        }
        directories.extend(site(&self.base, "site-packages"));
        directories
    }
}

/// The version of a package, as the directory with its metadata next to it is named
/// (`urllib3-2.4.0.dist-info`).
fn installed_version(root: &Root, package: &Path) -> Option<PythonVersion> {
    let name = package.file_name()?.to_str()?;
    let names = root.names(package.parent()?).into_iter();
    let mut versions = names.filter_map(|found| {
        let rest = found.to_str()?.strip_prefix(name)?.strip_prefix('-')?;
        super::parse_version(rest)
    });
    versions.next()
}

/// The absolute path of a bundle in the code of a package: distributions patch `certifi.where` or
/// `requests.certs.where` to return theirs. As published, neither has one.
fn path_in_code(root: &Root, file: &Path) -> Option<PathBuf> {
    let code = root.read(file, MAX_TEXT).ok()?;
    let code = String::from_utf8_lossy(&code);
    let mut strings = code.split(['"', '\'']);
    strings
        .find(|text| {
            text.starts_with('/') && [".crt", ".pem"].iter().any(|end| text.ends_with(end))
        })
        .map(PathBuf::from)
}
