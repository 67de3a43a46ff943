//! A process: its root, its directory and its variables, and by these which stores its clients read.

use std::collections::{HashMap, HashSet};
use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use super::stores::{
    Known, MOST, State, Trust, Who, certificates, fingerprints, inside, trusted, unreadable,
};
use crate::args::Variables;
use crate::error::{Code, Error};
use crate::image::{self, Image, ImageStore, Root};
use crate::layout;
use crate::read::roots;
use crate::wiring;
use crate::wiring::jvm_options::{self, COMMAND_LINE, JvmOptions, SPARK_OPTIONS, TrustStore};
use trust_stores::{DecodeOptions, Fingerprint, KeyEntries, Password, StoreSet};

/// A variable by its name.
type Lookup<'a> = Box<dyn Fn(&str) -> Option<OsString> + 'a>;

/// A process, or what can be seen of it.
pub struct Process<'a> {
    root: PathBuf,
    /// Where relative paths start.
    directory: PathBuf,
    variables: Lookup<'a>,
}

/// Where build writes unless it is told.
const USUAL_BUILD: &str = "/trust";

/// Where OpenSSL looks for hashes, by distribution.
const DIRECTORIES: [&str; 4] = [
    "/etc/ssl/certs",
    "/etc/pki/tls/certs",
    "/var/lib/ca-certificates/openssl",
    "/usr/lib/ssl/certs",
];

impl<'a> Process<'a> {
    /// This one.
    pub fn ours(variables: Variables<'a>) -> Self {
        Process::new(PathBuf::from("/"), env::current_dir(), move |name: &str| {
            variables(name)
        })
    }

    /// Another one, if it may be looked at.
    pub fn of(pid: u32) -> Result<Self, Error> {
        let process = PathBuf::from(format!("/proc/{pid}"));
        let environment = environment_of(&process)?;
        Ok(Process::new(
            process.join("root"),
            fs::read_link(process.join("cwd")),
            move |name: &str| environment.get(name).cloned(),
        ))
    }

    fn new(
        root: PathBuf,
        directory: io::Result<PathBuf>,
        variables: impl Fn(&str) -> Option<OsString> + 'a,
    ) -> Self {
        Process {
            root,
            directory: directory.unwrap_or_else(|_| PathBuf::from("/")),
            variables: Box::new(move |name: &str| match name {
                SPARK_OPTIONS => spark_options(&variables),
                _ => variables(name),
            }),
        }
    }

    /// What each client of it trusts, and what the variables name that lead others.
    pub fn stores(&self) -> (Vec<Trust>, Vec<Trust>) {
        let root = Root::new(&self.root);
        let known = self.known(&root);
        let trusts = self.trusts(&root, &known);
        let others = self.others(&root, &known, &trusts);
        (trusts, others)
    }

    fn trusts(&self, root: &Root, known: &Known) -> Vec<Trust> {
        let image = Image {
            root: self.root.clone(),
            environment: self.environment().without_named(),
            has_own: true,
        };
        // Where the clients look when no variable says otherwise.
        let (own, _) = image::find(&image, StoreSet::MERGED, MOST);
        Who::ALL
            .into_iter()
            .map(|who| {
                let own: Vec<&ImageStore> = own
                    .iter()
                    .filter(|holding| holding.stores.contains(who.store()))
                    .collect();
                let mut trust = match who {
                    Who::Java => self.java(root, &own),
                    _ => self.pem(root, &own, who),
                };
                trust.look_over(known);
                trust
            })
            .collect()
    }

    fn environment(&self) -> image::Environment {
        let from_its_directory = |name: &str| {
            if wiring::path_variables().any(|variable| variable.name == name) {
                self.path(name).map(PathBuf::into_os_string)
            } else {
                (self.variables)(name)
            }
        };
        image::Environment::of(&from_its_directory, &[])
    }

    /// A variable's path, from the process's own directory.
    fn path(&self, name: &str) -> Option<PathBuf> {
        Some(self.directory.join(self.value(name)?))
    }

    fn known(&self, root: &Root) -> Known {
        Known {
            public: fingerprints(&trusted(roots::sections(), false)),
            customer: customer(root, &self.environment()),
        }
    }

    /// What the variables name that lead clients of their own: each that is set, and how it fares.
    /// Those that led to `trusts` have been told.
    fn others(&self, root: &Root, known: &Known, trusts: &[Trust]) -> Vec<Trust> {
        wiring::path_variables()
            .map(|variable| variable.name)
            .filter(|name| trusts.iter().all(|trust| trust.found_by != *name))
            .filter_map(|name| {
                let mut trust = Trust::none(Who::Others(name));
                trust.named_pem(root, name, &self.path(name)?);
                trust.look_over(known);
                Some(trust)
            })
            .collect()
    }

    /// Whether its JVM has been told of a proxy: it reads no variable for that.
    pub fn has_proxy_for_java(&self) -> bool {
        JvmOptions::of(&*self.variables).sets("https.proxyHost")
    }

    /// A variable that is set to something.
    pub fn value(&self, name: &str) -> Option<OsString> {
        (self.variables)(name).filter(|value| !value.is_empty())
    }

    /// A client that reads PEM: what its variable names, else the image's own.
    fn pem(&self, root: &Root, own: &[&ImageStore], who: Who) -> Trust {
        let mut trust = Trust::none(who);
        let mut variables = who.variables().iter();
        match variables.find_map(|name| Some((*name, self.path(name)?))) {
            Some((name, path)) => trust.named_pem(root, name, &path),
            // Every certifi's, of which a Python reads one: the first.
            None => match own.first() {
                Some(holding) => trust.own(&self.root, holding),
                None => trust.fault("the image", "it has no bundle", "install ca-certificates"),
            },
        }
        // OpenSSL looks into its directory as well, whatever the variable says.
        if who == Who::OpenSsl {
            let named = self.value("SSL_CERT_DIR");
            let directories: Vec<PathBuf> = match &named {
                Some(list) => std::env::split_paths(list)
                    .map(|path| self.directory.join(path))
                    .collect(),
                None => DIRECTORIES.map(PathBuf::from).into(),
            };
            for directory in directories {
                if trust.hashed(root, &directory) {
                    trust.files.push(directory);
                    if named.is_none() {
                        break;
                    }
                }
            }
        }
        trust
    }

    fn java(&self, root: &Root, own: &[&ImageStore]) -> Trust {
        let mut trust = Trust::none(Who::Java);
        let options = JvmOptions::of(&*self.variables);
        match options.trust_store() {
            TrustStore::Unset => {}
            TrustStore::NoFile(variable) => {
                trust.found_by = variable;
                if options.sets(TYPE) || options.sets(PROVIDER) {
                    let message =
                        "trustStore is NONE: a token's certificates are not seen from here";
                    trust.fault(variable, message, "look at the token with its own tools");
                    trust.state = State::Absent;
                } else {
                    let message = "trustStore is NONE and no token is named: every handshake fails \
                                   (\"the trustAnchors parameter must be non-empty\")";
                    trust.broken(variable, message, "name a file, or take the option out");
                }
                return trust;
            }
            TrustStore::File {
                variable,
                path,
                password,
            } => {
                let path = self.directory.join(path);
                match root.read(&path, MOST) {
                    Ok(bytes) => {
                        trust.found_by = variable;
                        trust.files.push(path);
                        trust.java_store(&bytes, &unlock(password));
                        return trust;
                    }
                    Err(error) => {
                        let (what, hint) = unreadable(&error);
                        let message = format!(
                            "{}: {what}: a JVM takes its own cacerts instead, and says nothing",
                            path.display()
                        );
                        trust.lost(variable, &message, hint);
                    }
                }
            }
        }
        let Some(holding) = own.first() else {
            trust.state = State::Absent;
            return trust;
        };
        trust.found_by = holding.found_by;
        trust.files.push(inside(&self.root, &holding.path));
        // A password is for the store that is used, and so for cacerts.
        trust.java_store(&holding.bytes, &unlock(options.trust_store_password()));
        trust
    }
}

const TYPE: &str = "javax.net.ssl.trustStoreType";
const PROVIDER: &str = "javax.net.ssl.trustStoreProvider";

fn unlock(password: Option<Password>) -> DecodeOptions {
    DecodeOptions {
        password,
        key_entries: KeyEntries::Skip,
    }
}

/// The customer's certificates, where a build has left them: beside a store that a variable names,
/// or at the usual place.
fn customer(root: &Root, environment: &image::Environment) -> HashSet<Fingerprint> {
    let beside = environment
        .named()
        .filter_map(|(_, path, _)| path.ancestors().nth(2).map(Path::to_owned));
    let chain = beside
        .chain([PathBuf::from(USUAL_BUILD)])
        .find_map(|build| root.read(&build.join(layout::CUSTOM_CHAIN), MOST).ok());
    fingerprints(&certificates(
        &chain.unwrap_or_default(),
        &DecodeOptions::default(),
    ))
}

/// What a process has in its environment; of a JVM also what its command line says of a truststore,
/// and which JDK it is.
fn environment_of(process: &Path) -> Result<HashMap<String, OsString>, Error> {
    let read = |name: &str| {
        let path = process.join(name);
        fs::read(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Error::new(Code::Unreadable, "there is no such process")
                .at("--pid")
                .hint("of another container it is seen with shareProcessNamespace, or kubectl debug --target"),
            _ => Error::new(Code::Unreadable, "the process may not be looked at")
                .at("--pid")
                .hint("be the same user, or root with CAP_SYS_PTRACE: kubectl debug --profile sysadmin"),
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

/// `SPARK_JAVA_OPT_0` and on, in their order: Spark's entrypoint minds no gap.
fn spark_options(variables: Variables<'_>) -> Option<OsString> {
    const MOST: usize = 1000;
    let options = (0..MOST).filter_map(|number| variables(&format!("SPARK_JAVA_OPT_{number}")));
    let options: Vec<Vec<u8>> = options.map(OsString::into_vec).collect();
    let words = options.iter().map(Vec::as_slice);
    (!options.is_empty()).then(|| jvm_options::quoted(words))
}

/// The system properties on a JVM's command line. Behind the main class or `-jar` the words are the
/// application's.
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
