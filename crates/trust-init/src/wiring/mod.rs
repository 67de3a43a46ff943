//! The environment that makes clients read the stores. Said once, for every place that prints or
//! sets it.

pub mod jvm_options;

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::PathBuf;

use self::jvm_options::{JvmOptions, TrustStore};
use crate::layout::{self, OsLayout};
use trust_stores::{JavaFormat, Password, Store, StoreSet};

/// A variable that makes clients trust one of the stores.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// The store that serves its clients best.
    pub bundle: Store,
    /// What setting it does to its clients' own roots.
    pub effect: Effect,
    /// Who reads it.
    pub clients: &'static str,
}

/// What a variable does to the roots that its clients trust without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It names a file that replaces them.
    ReplacesRoots,
    /// It names a file that is added to them.
    AddsToRoots,
    /// It holds JVM options, one of which names a file that replaces them.
    JvmOption,
}

const fn replaces(name: &'static str, bundle: Store, clients: &'static str) -> Variable {
    Variable {
        name,
        bundle,
        effect: Effect::ReplacesRoots,
        clients,
    }
}

/// Every variable of the wiring, in the order in which it is printed. `exec`, `env`, trust.env,
/// `doctor` and the search of an image go by this table, and a test compares docs/exec.md with it.
pub const VARIABLES: [Variable; 9] = [
    replaces("SSL_CERT_FILE", Store::Os, "OpenSSL, Go, Ruby, httpx"),
    replaces("CURL_CA_BUNDLE", Store::Os, "curl"),
    replaces("GIT_SSL_CAINFO", Store::Os, "git"),
    replaces("REQUESTS_CA_BUNDLE", Store::Python, "requests"),
    replaces("PIP_CERT", Store::Python, "pip"),
    replaces("AWS_CA_BUNDLE", Store::Python, "boto3, AWS CLI"),
    replaces("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", Store::Python, "gRPC"),
    // Node adds it to its own roots, so it gets the customer's chain alone; if a platform has a base of
    // its own, the merged bundle, because that base is in no other store.
    Variable {
        name: NODE_VARIABLE,
        bundle: Store::Os,
        effect: Effect::AddsToRoots,
        clients: "Node.js",
    },
    Variable {
        name: JAVA_VARIABLE,
        bundle: Store::Java,
        effect: Effect::JvmOption,
        clients: "JVM",
    },
];

/// What Node.js adds to its own roots.
pub const NODE_VARIABLE: &str = "NODE_EXTRA_CA_CERTS";

const JAVA_VARIABLE: &str = jvm_options::VARIABLES[0];

/// Takes the place of a password that is not the well-known default.
pub const PASSWORD_PLACEHOLDER: &str = "CHANGE_ME";

/// The variables that name a PEM file.
pub fn path_variables() -> impl Iterator<Item = Variable> {
    VARIABLES
        .into_iter()
        .filter(|variable| variable.effect != Effect::JvmOption)
}

/// The merged bundle that replaces `store` if only some stores are built.
pub fn bundle_of(store: Store, built: StoreSet) -> Store {
    match store {
        Store::Os if !built.contains(Store::Os) => Store::Python,
        Store::Python if !built.contains(Store::Python) => Store::Os,
        _ => store,
    }
}

/// How many variables replace their clients' roots with the merged bundle `store`, if only the stores in
/// `built` are. The JVM's three count as one.
pub fn count_of_variables(store: Store, built: StoreSet) -> usize {
    VARIABLES
        .iter()
        .filter(|variable| variable.effect != Effect::AddsToRoots)
        .filter(|variable| bundle_of(variable.bundle, built) == store)
        .count()
}

/// The environment variables for a tree of stores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wiring {
    /// Of bundles, and Node's.
    variables: Vec<(&'static str, String)>,
    /// The JVM options that name the truststore.
    java: Option<String>,
    /// A merged bundle, for Node where it has certificates of its own.
    merged: Option<String>,
}

/// The form in which `env` prints the wiring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum EnvFormat {
    /// `export NAME='VALUE'`, for a POSIX shell.
    #[default]
    Shell,
    /// `NAME=VALUE`, as in trust.env.
    Dotenv,
    /// Items of a container's `env`, as YAML.
    Kubernetes,
    /// Lines of spark-defaults.conf.
    SparkDefaults,
    /// `--conf` options of spark-submit.
    SparkSubmit,
    // docker takes quotes as part of the value.
    /// Lines for `docker run --env-file`.
    Docker,
}

/// What [`Wiring::merged_into`] does to the environment of a process.
#[derive(Debug, Default)]
pub struct Merged {
    /// Variables to set.
    pub set: Vec<(&'static str, OsString)>,
    /// Variables that keep what they had, each with why.
    pub kept: Vec<(&'static str, &'static str)>,
}

impl Wiring {
    /// The wiring of the `stores` that were written, as seen under the directory `mounted_at`; `node`
    /// is the one that Node adds to its own roots.
    pub fn new(
        mounted_at: &str,
        stores: StoreSet,
        layout: OsLayout,
        java: JavaFormat,
        password: &Password,
        node: Store,
    ) -> Self {
        let path = |name: &str| format!("{}/{name}", mounted_at.trim_end_matches('/'));
        let bundle = |store: Store| match bundle_of(store, stores) {
            one if !stores.contains(one) => None,
            Store::Os => Some(path(layout.bundle())),
            Store::Custom => Some(path(layout::CUSTOM_CHAIN)),
            _ => Some(path(layout::PYTHON_BUNDLE)),
        };
        let variables = path_variables().filter_map(|variable| {
            let file = match variable.effect {
                Effect::AddsToRoots => bundle(node).or_else(|| bundle(Store::Custom)),
                _ => bundle(variable.bundle),
            };
            Some((variable.name, file?))
        });
        let variables = variables.collect();
        let password = if password.is_default() {
            Password::DEFAULT
        } else {
            PASSWORD_PLACEHOLDER
        };
        let java = stores.contains(Store::Java).then(|| {
            let store = path(layout::java_truststore(java));
            jvm_options::trust_store(&store, java.requires_password().then_some(password))
        });
        Wiring {
            variables,
            java,
            merged: bundle(Store::Os),
        }
    }

    /// What [`Wiring::dotenv`] wrote.
    pub fn parse(dotenv: &str) -> Option<Self> {
        let mut wiring = Wiring {
            variables: Vec::new(),
            java: None,
            merged: None,
        };
        for line in dotenv.lines() {
            let (name, value) = line.split_once('=')?;
            let quoted = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
            let value = quoted.map_or_else(|| value.to_owned(), |v| v.replace("\\\"", "\""));
            if name == JAVA_VARIABLE {
                wiring.java = Some(value);
                continue;
            }
            let name = path_variables().find(|known| known.name == name)?.name;
            if wiring.merged.is_none() && name != NODE_VARIABLE {
                wiring.merged = Some(value.clone());
            }
            wiring.variables.push((name, value));
        }
        // Without either no client would trust the customer.
        (wiring.merged.is_some() || wiring.java.is_some()).then_some(wiring)
    }

    /// Each variable, and the file that it names; for Node the merged bundle, which it gets where
    /// it was set.
    pub fn files(&self) -> Vec<(&'static str, PathBuf)> {
        let bundles = self
            .variables
            .iter()
            .map(|(name, file)| match &self.merged {
                Some(merged) if *name == NODE_VARIABLE => (*name, merged.into()),
                _ => (*name, file.into()),
            });
        let java = self.java.clone().map(OsString::from);
        let store = JvmOptions::of(&|name| java.clone().filter(|_| name == JAVA_VARIABLE));
        let store = match store.trust_store() {
            TrustStore::File { path, .. } => Some((JAVA_VARIABLE, path)),
            _ => None,
        };
        bundles.chain(store).collect()
    }

    /// Whether it has the place of a password and not the password.
    pub fn has_placeholder(&self) -> bool {
        let java = self.java.as_deref().unwrap_or_default();
        java.ends_with(&format!("={PASSWORD_PLACEHOLDER}"))
    }

    /// All variables, the JVM's among them.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let java = self.java.iter().map(|options| (JAVA_VARIABLE, options));
        let variables = self.variables.iter().map(|(name, value)| (*name, value));
        variables
            .chain(java)
            .map(|(name, value)| (name, value.as_str()))
    }

    /// As trust.env has it: a line each, values in double quotes where they need it. A POSIX shell
    /// reads it too.
    pub fn dotenv(&self) -> String {
        self.lines(|name, value| {
            if value.chars().all(is_plain) {
                format!("{name}={value}")
            } else {
                format!("{name}=\"{}\"", value.replace('"', "\\\""))
            }
        })
    }

    /// In the form asked for.
    pub fn print(&self, format: EnvFormat) -> String {
        match format {
            EnvFormat::Shell => self.lines(|name, value| {
                // A JVM's options add up; all else is one file.
                let before = if name == JAVA_VARIABLE {
                    "\"${JAVA_TOOL_OPTIONS:+$JAVA_TOOL_OPTIONS }\""
                } else {
                    ""
                };
                format!("export {name}={before}{}", shell(value))
            }),
            EnvFormat::Dotenv => self.dotenv(),
            EnvFormat::Docker => self.lines(|name, value| format!("{name}={value}")),
            // A JSON string is a YAML string.
            EnvFormat::Kubernetes => self.lines(|name, value| {
                let value = serde_json::Value::from(value);
                format!("- name: {name}\n  value: {value}")
            }),
            EnvFormat::SparkDefaults => {
                self.spark(|property, value| format!("{property} {}", value.replace('\\', "\\\\")))
            }
            // On one line: then `$(…)` serves where nothing is quoted, and `eval` everywhere.
            EnvFormat::SparkSubmit => {
                let lines = self.spark(|property, value| {
                    format!("--conf {}", shell(&format!("{property}={value}")))
                });
                lines.trim_end().replace('\n', " ") + "\n"
            }
        }
    }

    fn lines(&self, line: impl Fn(&str, &str) -> String) -> String {
        self.all().fold(String::new(), |mut out, (name, value)| {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{}", line(name, value));
            out
        })
    }

    /// Spark's properties: variables for the driver (in cluster mode) and the executors, JVM
    /// options before those of the user, so that the user's own win.
    fn spark(&self, line: impl Fn(&str, &str) -> String) -> String {
        let mut out = String::new();
        for prefix in ["spark.kubernetes.driverEnv.", "spark.executorEnv."] {
            for (name, value) in &self.variables {
                let _ = writeln!(out, "{}", line(&format!("{prefix}{name}"), value));
            }
        }
        if let Some(options) = &self.java {
            for who in ["driver", "executor"] {
                let property = format!("spark.{who}.defaultJavaOptions");
                let _ = writeln!(out, "{}", line(&property, options));
            }
        }
        out
    }

    /// What to change in the environment `variables`, so that every client there reads these
    /// stores. A variable that is set is pointed at the merged result, which has its store as a
    /// base; with `keep`, it is left.
    pub fn merged_into(&self, variables: &dyn Fn(&str) -> Option<OsString>, keep: bool) -> Merged {
        const BY_FLAG: &str = "by --keep-env";
        let mut merged = Merged::default();
        let is_set = |name: &str| variables(name).is_some_and(|value| !value.is_empty());
        for (name, value) in &self.variables {
            match (*name, &self.merged) {
                (name, _) if keep && is_set(name) => merged.kept.push((name, BY_FLAG)),
                // What it named is in the merged bundle, not among the customer's alone.
                (NODE_VARIABLE, Some(bundle)) if is_set(name) => {
                    merged.set.push((name, bundle.into()));
                }
                (NODE_VARIABLE, None) if is_set(name) => {
                    let reason = "there is no merged bundle to point it at (--only)";
                    merged.kept.push((name, reason));
                }
                (name, _) => merged.set.push((name, value.into())),
            }
        }
        if let Some(ours) = &self.java {
            let options = JvmOptions::of(variables);
            match options.trust_store() {
                TrustStore::NoFile(name) => {
                    let reason = "its trustStore is NONE, no file that could be merged";
                    merged.kept.push((name, reason));
                }
                TrustStore::File { variable, .. } if keep => merged.kept.push((variable, BY_FLAG)),
                _ => merged.set.extend(options.with_trust_store(ours)),
            }
        }
        merged
    }
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "/._-=:,@%+".contains(c)
}

/// A word of a POSIX shell.
fn shell(value: &str) -> String {
    if value.chars().all(is_plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', "'\\''"))
    }
}
