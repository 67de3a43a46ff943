//! A process: its root, its directory and its variables.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use crate::args::Variables;
use crate::error::{Code, Error};
use crate::image::python::PythonSearch;
use crate::image::{self, Root};
use crate::wiring;
use crate::wiring::foreign::ForeignVariable;
use crate::wiring::jvm_options::{self, COMMAND_LINE, JvmOptions, SPARK_OPTIONS};
use crate::write::default_directory::{IN_CONTAINER, default_directory};

/// A variable by its name.
type Lookup<'a> = Box<dyn Fn(&str) -> Option<OsString> + 'a>;

/// A process, as far as its clients' configuration goes.
pub(super) struct Process<'a> {
    pub(super) root: PathBuf,
    /// Where relative paths start.
    pub(super) directory: PathBuf,
    /// The program that it runs; of this process, nothing.
    pub(super) program: Option<PathBuf>,
    variables: Lookup<'a>,
}

impl<'a> Process<'a> {
    /// This process.
    pub(super) fn current(variables: Variables<'a>) -> Self {
        Process::new(PathBuf::from("/"), env::current_dir(), move |name: &str| {
            variables(name)
        })
    }

    /// Another one, if this user may look at it.
    pub(super) fn of(pid: u32) -> Result<Self, Error> {
        let process = PathBuf::from(format!("/proc/{pid}"));
        let environment = environment_of(&process)?;
        let root = process.join("root");
        let program = program_of(&process, &root, &environment);
        let directory = fs::read_link(process.join("cwd"));
        let lookup = move |name: &str| environment.get(name).cloned();
        Ok(Process {
            program,
            ..Process::new(root, directory, lookup)
        })
    }

    fn new(
        root: PathBuf,
        directory: io::Result<PathBuf>,
        variables: impl Fn(&str) -> Option<OsString> + 'a,
    ) -> Self {
        // A thousand names are looked up for them.
        let spark_options = OnceCell::new();
        Process {
            root,
            directory: directory.unwrap_or_else(|_| PathBuf::from("/")),
            program: None,
            variables: Box::new(move |name: &str| match name {
                SPARK_OPTIONS => spark_options
                    .get_or_init(|| options_for_spark(&variables))
                    .clone(),
                _ => variables(name),
            }),
        }
    }

    /// What decides which Python it runs.
    pub(super) fn python_search(&self) -> PythonSearch {
        PythonSearch::of(&*self.variables, &self.directory, self.program.clone())
    }

    /// Where `build` writes by default: of another process it is not known whether it is in a container, and
    /// nearly always it is.
    pub(super) fn default_build(&self) -> PathBuf {
        let default = if self.root == Path::new("/") {
            default_directory(&*self.variables)
        } else {
            Path::new(IN_CONTAINER)
        };
        self.directory.join(default)
    }

    /// The paths in a variable that lists directories.
    pub(super) fn paths(&self, name: &str) -> Vec<PathBuf> {
        let list = self.value(name).unwrap_or_default();
        let paths = env::split_paths(&list).filter(|path| !path.as_os_str().is_empty());
        paths.map(|path| self.directory.join(path)).collect()
    }

    /// The variables that decide what a client trusts and that are not ours.
    pub(super) fn foreign_variables(&self) -> Vec<(ForeignVariable, OsString)> {
        ForeignVariable::set_in(&*self.variables).collect()
    }

    /// What its variables say of the stores, with paths from its own directory.
    pub(super) fn environment(&self) -> image::Environment {
        let lookup = |name: &str| {
            if wiring::path_variables().any(|variable| variable.name == name) {
                self.path(name).map(PathBuf::into_os_string)
            } else {
                (self.variables)(name)
            }
        };
        image::Environment::of(&lookup, &[], &[])
    }

    /// A variable's path, from the process's own directory.
    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        Some(self.directory.join(self.value(name)?))
    }

    /// A variable that is set and not empty.
    pub(super) fn value(&self, name: &str) -> Option<OsString> {
        (self.variables)(name).filter(|value| !value.is_empty())
    }

    /// The options of its JVM.
    pub(super) fn jvm_options(&self) -> JvmOptions {
        JvmOptions::of(&*self.variables)
    }

    /// Whether its JVM is configured with a proxy: it reads no variable for that.
    pub(super) fn has_proxy_for_java(&self) -> bool {
        self.jvm_options().sets("https.proxyHost")
    }
}

/// The program of a process, as it was called: a Python knows its virtual environment by that, and the
/// kernel only the file that runs.
fn program_of(
    process: &Path,
    root: &Path,
    environment: &HashMap<String, OsString>,
) -> Option<PathBuf> {
    let outside = fs::read_link(process.join("exe")).ok()?;
    let base = fs::read_link(root).unwrap_or_else(|_| PathBuf::from("/"));
    let inside = outside.strip_prefix(base).unwrap_or(&outside);
    let program = Path::new("/").join(inside);
    let command = fs::read(process.join("cmdline")).unwrap_or_default();
    let called = command.split(|byte| *byte == 0).next().unwrap_or_default();
    let called = PathBuf::from(OsString::from_vec(called.to_vec()));
    let directory = fs::read_link(process.join("cwd")).unwrap_or_default();
    let mut candidates = vec![directory.join(&called)];
    if called.components().count() == 1 {
        let path = environment.get("PATH").cloned().unwrap_or_default();
        candidates = env::split_paths(&path)
            .map(|directory| directory.join(&called))
            .collect();
    }
    let root = Root::new(root);
    let is_it = |path: &PathBuf| root.real(path).is_ok_and(|real| real == program);
    Some(candidates.into_iter().find(is_it).unwrap_or(program))
}

/// A process's environment; for a JVM also the system properties on its command line, and its JDK.
fn environment_of(process: &Path) -> Result<HashMap<String, OsString>, Error> {
    let read = |name: &str| {
        let path = process.join(name);
        fs::read(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Error::new(Code::Unreadable, "no such process")
                .at("--pid")
                .hint("check the number with ps; in a pod, a process of another container is visible with shareProcessNamespace, or kubectl debug --target"),
            _ => Error::new(Code::Unreadable, "not allowed to look at this process")
                .at("--pid")
                .hint("run as the same user or as root; in a pod, root also needs CAP_SYS_PTRACE: kubectl debug --profile sysadmin"),
        })
    };
    let environ = read("environ")?;
    let pairs = environ.split(|byte| *byte == 0).filter_map(|pair| {
        let at = pair.iter().position(|byte| *byte == b'=')?;
        let name = String::from_utf8(pair[..at].to_vec()).ok()?;
        Some((name, OsString::from_vec(pair[at + 1..].to_vec())))
    });
    let mut environment: HashMap<String, OsString> = pairs.collect();
    let program = fs::read_link(process.join("exe")).unwrap_or_default();
    if program.file_name().is_some_and(|name| name == "java") {
        let words = read("cmdline")?;
        let options = jvm_options(&words).into_iter();
        environment.insert(COMMAND_LINE.to_owned(), jvm_options::quoted(options));
        let home = program.ancestors().nth(2);
        environment.extend(home.map(|home| (String::from("JAVA_HOME"), home.into())));
    }
    Ok(environment)
}

/// `SPARK_JAVA_OPT_0` and so on, in their order. Spark's entrypoint allows gaps.
fn options_for_spark(variables: Variables<'_>) -> Option<OsString> {
    const MOST: usize = 1000;
    let options = (0..MOST).filter_map(|number| variables(&format!("SPARK_JAVA_OPT_{number}")));
    let options: Vec<Vec<u8>> = options.map(OsString::into_vec).collect();
    let words = options.iter().map(Vec::as_slice);
    (!options.is_empty()).then(|| jvm_options::quoted(words))
}

/// The system properties on a JVM's command line. After the main class or `-jar`, arguments belong
/// to the application.
fn jvm_options(command: &[u8]) -> Vec<&[u8]> {
    // Options that take the next word (java(1)).
    const WITH_A_WORD: [&[u8]; 10] = [
        b"-cp",
        b"-classpath",
        b"--class-path",
        b"-p",
        b"--module-path",
        b"--upgrade-module-path",
        b"--add-modules",
        b"--add-exports",
        b"--add-opens",
        b"--add-reads",
    ];
    let mut words = command.split(|byte| *byte == 0).skip(1);
    let mut options = Vec::new();
    while let Some(word) = words.next() {
        if WITH_A_WORD.contains(&word) {
            words.next();
        } else if word.starts_with(b"-D") {
            options.push(word);
        } else if !word.starts_with(b"-") || matches!(word, b"-jar" | b"-m" | b"--module") {
            break;
        }
    }
    options
}
