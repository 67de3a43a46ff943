//! The Pythons of a process, found without running any: which one it would run, its version, the
//! packages that it imports, and where its requests and its ssl module look for trust.

mod packages;
mod search;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

pub use self::packages::{Requests, RequestsStore};
pub use self::search::{PythonSearch, USUAL_PLACE};
use super::openssl;
use super::places::children;
use super::root::Root;

/// A file of settings or of a package's code is never larger.
const MAX_TEXT: u64 = 1 << 20;

/// The first two numbers of a version: 3 and 13.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PythonVersion(pub u32, pub u32);

/// A Python of an image.
#[derive(Clone, Debug)]
pub struct Python {
    /// The program, as it was found.
    pub program: PathBuf,
    /// What led to it: a variable, or the kind of place.
    pub found_by: &'static str,
    /// Its version, where the names of files tell.
    pub version: Option<PythonVersion>,
    /// The prefix of the installation, which a virtual environment only refers to.
    base: PathBuf,
    /// The virtual environment, if it is one.
    environment: Option<VirtualEnvironment>,
}

/// What pyvenv.cfg says (PEP 405).
#[derive(Clone, Debug)]
struct VirtualEnvironment {
    prefix: PathBuf,
    includes_system_packages: bool,
}

impl Python {
    /// The Python whose program is at `program`, as it would find itself (`Modules/getpath.py`).
    fn at(root: &Root, found_by: &'static str, program: &Path) -> Option<Self> {
        let real = root.real(program).ok().filter(|real| root.is_file(real))?;
        let directory = program.parent()?;
        // Next to the program or one up, at its path as it was called: links are not followed.
        let prefixes = [Some(directory), directory.parent()];
        let settings = prefixes.into_iter().flatten().find_map(|prefix| {
            let text = root.read(&prefix.join("pyvenv.cfg"), MAX_TEXT).ok()?;
            Some((prefix, String::from_utf8_lossy(&text).into_owned()))
        });
        let home = settings
            .as_ref()
            .and_then(|(_, text)| setting(text, "home"))
            .map(PathBuf::from);
        // The program of a virtual environment is a link to the installation's, or a copy.
        let is_copy = settings.as_ref().is_some_and(|(prefix, _)| {
            root.real(prefix)
                .is_ok_and(|prefix| real.starts_with(prefix))
        });
        let base = match home {
            Some(home) if is_copy => home.parent()?.to_owned(),
            _ => real.parent()?.parent()?.to_owned(),
        };
        let version = real
            .file_name()
            .and_then(version_in_name)
            .or_else(|| {
                let (_, text) = settings.as_ref()?;
                let version = setting(text, "version").or_else(|| setting(text, "version_info"))?;
                parse_version(version)
            })
            .or_else(|| only_library(root, &base));
        let environment = settings.map(|(prefix, text)| VirtualEnvironment {
            prefix: prefix.to_owned(),
            includes_system_packages: setting(&text, "include-system-site-packages")
                .is_some_and(|value| value.eq_ignore_ascii_case("true")),
        });
        Some(Python {
            program: program.to_owned(),
            found_by,
            version,
            base,
            environment,
        })
    }

    /// Whether two are one, so that they import the same.
    fn is_same(&self, other: &Python) -> bool {
        let prefix = |python: &Python| {
            let environment = python.environment.as_ref();
            environment.map_or_else(|| python.base.clone(), |one| one.prefix.clone())
        };
        self.version == other.version && prefix(self) == prefix(other)
    }

    /// The directory in which its ssl module's OpenSSL looks for trust; `None` where that is not seen.
    pub fn openssl_directory(&self, root: &Root, library_path: &[PathBuf]) -> Option<PathBuf> {
        let Some(module) = self.ssl_module(root) else {
            // Without a module in a file, OpenSSL is part of Python (python-build-standalone).
            let mut files = children(root, &self.base.join("lib"));
            files.retain(|path| is_named(path, b"libpython"));
            files.push(root.real(&self.program).ok()?);
            return files
                .iter()
                .find_map(|file| openssl::directory_in(root, file));
        };
        if let Some(directory) = openssl::directory_in(root, &module) {
            return Some(directory);
        }
        let name = openssl::needed_by(root, &module)?;
        // conda's, which its module finds by a path relative to its own.
        if self.base != Path::new("/usr")
            && let Some(library) = openssl::library_in(root, &self.base.join("lib"), Some(name))
        {
            return openssl::directory_in(root, &library);
        }
        openssl::system_directory(root, library_path, Some(name))
    }

    fn ssl_module(&self, root: &Root) -> Option<PathBuf> {
        let libraries = self.libraries().into_iter();
        let mut modules =
            libraries.flat_map(|library| children(root, &library.join("lib-dynload")));
        modules.find(|path| is_named(path, b"_ssl."))
    }

    /// The directories of its standard library.
    fn libraries(&self) -> Vec<PathBuf> {
        let Some(PythonVersion(major, minor)) = self.version else {
            return Vec::new();
        };
        let name = format!("python{major}.{minor}");
        ["lib", "lib64"]
            .map(|lib| self.base.join(lib).join(&name))
            .into()
    }
}

fn is_named(path: &Path, start: &[u8]) -> bool {
    let name = path.file_name();
    name.is_some_and(|name| name.as_bytes().starts_with(start))
}

/// A value of pyvenv.cfg.
fn setting<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = text.lines().filter_map(|line| line.split_once('='));
    pairs.find_map(|(key, value)| key.trim().eq_ignore_ascii_case(name).then(|| value.trim()))
}

/// The version in `python3.13`, also of a build without a GIL (`python3.13t`).
fn version_in_name(name: &OsStr) -> Option<PythonVersion> {
    let name = name.to_str()?;
    parse_version(name.strip_prefix("python")?)
}

fn parse_version(text: &str) -> Option<PythonVersion> {
    let (major, rest) = text.split_once('.')?;
    let end = rest.find(|c: char| !c.is_ascii_digit());
    let minor = &rest[..end.unwrap_or(rest.len())];
    Some(PythonVersion(major.parse().ok()?, minor.parse().ok()?))
}

/// The version of the only standard library under a prefix.
fn only_library(root: &Root, base: &Path) -> Option<PythonVersion> {
    let libraries = children(root, &base.join("lib")).into_iter();
    let mut versions = libraries.filter_map(|path| {
        let version = version_in_name(path.file_name()?)?;
        root.is_file(&path.join("os.py")).then_some(version)
    });
    let first = versions.next()?;
    versions.next().is_none().then_some(first)
}
