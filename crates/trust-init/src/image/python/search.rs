//! Where the Pythons of a process are, in the order in which it would run them.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::super::places::{PYTHON_PARENTS, PYTHON_PREFIXES, children, default_path};
use super::super::root::Root;
use super::{MAX_TEXT, Python, is_named};

/// What of a process decides which Python it runs and what that imports.
#[derive(Clone, Debug)]
pub struct PythonSearch {
    /// Its own program, if that is a Python.
    program: Option<PathBuf>,
    /// Programs that variables name.
    named: Vec<(&'static str, PathBuf)>,
    /// Prefixes that variables name.
    prefixes: Vec<(&'static str, PathBuf)>,
    directory: PathBuf,
    path: Vec<PathBuf>,
    home: Option<PathBuf>,
    pyenv: Pyenv,
    pub(super) python_path: Vec<PathBuf>,
    pub(super) user_base: Option<PathBuf>,
}

/// How pyenv chooses a version.
#[derive(Clone, Debug)]
struct Pyenv {
    root: Option<PathBuf>,
    version: Option<OsString>,
}

/// Variables that name a Python for Spark, first the driver's.
const PROGRAM_VARIABLES: [&str; 2] = ["PYSPARK_DRIVER_PYTHON", "PYSPARK_PYTHON"];

/// Variables that name the prefix of a Python.
const PREFIX_VARIABLES: [&str; 2] = ["VIRTUAL_ENV", "CONDA_PREFIX"];

/// How a Python was found that no variable names and that is not in `PATH`.
pub const USUAL_PLACE: &str = "a usual place";

/// Names of the program in a prefix's `bin`.
const NAMES: [&str; 2] = ["python3", "python"];

/// conda's trees in a home directory.
const CONDA_TREES: [&str; 4] = ["miniconda3", "miniforge3", "anaconda3", "mambaforge"];

impl PythonSearch {
    /// Of a process with these variables, which works in `directory` and runs `program`.
    pub fn of(
        variables: &dyn Fn(&str) -> Option<OsString>,
        directory: &Path,
        program: Option<PathBuf>,
    ) -> Self {
        let value = |name: &str| variables(name).filter(|value| !value.is_empty());
        let path = |name: &str| value(name).map(|value| directory.join(value));
        let list = |name: &str| {
            let paths = value(name).map(|list| {
                let paths = std::env::split_paths(&list);
                paths.map(|path| directory.join(path)).collect()
            });
            paths.unwrap_or_default()
        };
        let search_path: Vec<PathBuf> = list("PATH");
        let home = path("HOME");
        let user_base = path("PYTHONUSERBASE").or_else(|| Some(home.as_ref()?.join(".local")));
        PythonSearch {
            program: program.filter(|path| path.file_name().is_some_and(is_python)),
            named: PROGRAM_VARIABLES
                .into_iter()
                .filter_map(|name| Some((name, PathBuf::from(value(name)?))))
                .filter(|(_, path)| path.file_name().is_some_and(is_python))
                .collect(),
            prefixes: PREFIX_VARIABLES
                .into_iter()
                .filter_map(|name| Some((name, path(name)?)))
                .collect(),
            directory: directory.to_owned(),
            path: if search_path.is_empty() {
                default_path()
            } else {
                search_path
            },
            home,
            pyenv: Pyenv {
                root: path("PYENV_ROOT"),
                version: value("PYENV_VERSION"),
            },
            python_path: list("PYTHONPATH"),
            user_base: user_base.filter(|_| value("PYTHONNOUSERSITE").is_none()),
        }
    }

    /// The Pythons, each once. The first is the one that the process is or would run.
    pub fn find(&self, root: &Root) -> Vec<Python> {
        let mut found = Vec::new();
        let mut take = |by: &'static str, program: &Path| {
            let python = Python::at(root, by, program);
            if let Some(python) = python
                && !found.iter().any(|one: &Python| one.is_same(&python))
            {
                found.push(python);
            }
        };
        if let Some(program) = &self.program {
            take("the process's program", program);
        }
        for (variable, program) in &self.named {
            if program.components().count() > 1 {
                take(variable, &self.directory.join(program));
            } else if let Some(program) = self.on_path(root, program.as_os_str()) {
                take(variable, &program);
            }
        }
        for (variable, prefix) in &self.prefixes {
            in_prefix(root, prefix, |program| take(variable, program));
        }
        for name in [".venv", "venv"] {
            let prefix = self.directory.join(name);
            if root.is_file(&prefix.join("pyvenv.cfg")) {
                in_prefix(root, &prefix, |program| {
                    take("the working directory", program);
                });
            }
        }
        for name in NAMES {
            if let Some(program) = self.on_path(root, OsStr::new(name)) {
                take("PATH", &program);
            }
        }
        if found.is_empty() {
            for prefix in self.usual_prefixes(root) {
                in_prefix(root, &prefix, |program| {
                    found.extend(Python::at(root, USUAL_PLACE, program));
                });
                if !found.is_empty() {
                    break;
                }
            }
        }
        found
    }

    /// Prefixes that no variable leads to.
    fn usual_prefixes(&self, root: &Root) -> Vec<PathBuf> {
        let mut prefixes: Vec<PathBuf> = PYTHON_PREFIXES.map(PathBuf::from).into();
        for parent in PYTHON_PARENTS {
            prefixes.extend(children(root, Path::new(parent)));
        }
        if let Some(home) = &self.home {
            prefixes.extend(CONDA_TREES.map(|name| home.join(name)));
            prefixes.extend(children(root, &home.join(".local/share/uv/python")));
            prefixes.extend(children(root, &home.join(".pyenv/versions")));
        }
        prefixes
    }

    /// A program as a shell finds it; behind a shim of pyenv, the program that it runs.
    fn on_path(&self, root: &Root, name: &OsStr) -> Option<PathBuf> {
        for directory in &self.path {
            let program = directory.join(name);
            if !root.is_file(&program) {
                continue;
            }
            match self.pyenv_of(root, directory) {
                None => return Some(program),
                Some(pyenv) => {
                    let version = self.pyenv_version(root, &pyenv);
                    let prefix = version.and_then(|version| in_versions(root, &pyenv, &version));
                    if let Some(prefix) = prefix {
                        return Some(prefix.join("bin").join(name));
                    }
                    // `system`: what comes behind the shims.
                }
            }
        }
        None
    }

    /// The tree of pyenv whose shims are in `directory`.
    fn pyenv_of(&self, root: &Root, directory: &Path) -> Option<PathBuf> {
        if !is_named(directory, b"shims") {
            return None;
        }
        let named = self.pyenv.root.iter().cloned();
        let mut trees = named.chain(directory.parent().map(Path::to_owned));
        trees.find(|tree| root.is_directory(&tree.join("versions")))
    }

    /// The version that pyenv chooses: by its variable, by a file in the working directory or above, or
    /// for all (`pyenv-version-name`).
    fn pyenv_version(&self, root: &Root, pyenv: &Path) -> Option<String> {
        let named = self.pyenv.version.as_ref().and_then(|value| value.to_str());
        if let Some(named) = named {
            return named.split(':').next().map(ToOwned::to_owned);
        }
        let above = self.directory.ancestors();
        let files = above.map(|directory| directory.join(".python-version"));
        let mut files = files.chain([pyenv.join("version")]);
        files.find_map(|file| {
            let text = root.read(&file, MAX_TEXT).ok()?;
            let text = String::from_utf8_lossy(&text).into_owned();
            text.split_whitespace().next().map(ToOwned::to_owned)
        })
    }
}

/// The prefix of a version of pyenv, the newest that begins so if there is none of that name.
fn in_versions(root: &Root, pyenv: &Path, version: &str) -> Option<PathBuf> {
    let version = version.strip_prefix("python-").unwrap_or(version);
    let exact = pyenv.join("versions").join(version);
    if root.is_directory(&exact) {
        return Some(exact);
    }
    let start = format!("{version}.");
    let mut alike = children(root, &pyenv.join("versions"));
    alike.retain(|path| is_named(path, start.as_bytes()));
    let patch = |path: &PathBuf| {
        let name = path.file_name()?.to_str()?;
        name.strip_prefix(&start)?.parse::<u32>().ok()
    };
    alike.into_iter().max_by_key(patch)
}

/// The first program of Python in a prefix.
fn in_prefix(root: &Root, prefix: &Path, mut take: impl FnMut(&Path)) {
    let mut programs = NAMES.iter().map(|name| prefix.join("bin").join(name));
    if let Some(program) = programs.find(|path| root.is_file(path)) {
        take(&program);
    }
}

/// Whether a program's name is a Python's: `python`, `python3`, `python3.13t`.
fn is_python(name: &OsStr) -> bool {
    let rest = name.as_bytes().strip_prefix(b"python");
    rest.is_some_and(|rest| {
        let is_version = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b't' | b'd');
        rest.iter().all(is_version)
    })
}
