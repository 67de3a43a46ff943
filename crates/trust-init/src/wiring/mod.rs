//! The environment that makes clients read the stores. Said once, for every place that prints or
//! sets it.

pub mod jvm_options;

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::PathBuf;

use self::jvm_options::{JvmOptions, TrustStore};
use crate::layout::{self, OsLayout};
use trust_stores::{JavaFormat, Password, Store, StoreSet};

/// Variables that name a bundle, each with the store that serves their clients best: nearly all of
/// them read nothing else then.
pub const BUNDLE_VARIABLES: [(&str, Store); 7] = [
    ("SSL_CERT_FILE", Store::Os),
    ("CURL_CA_BUNDLE", Store::Os),
    ("GIT_SSL_CAINFO", Store::Os),
    ("REQUESTS_CA_BUNDLE", Store::Python),
    ("PIP_CERT", Store::Python),
    ("AWS_CA_BUNDLE", Store::Python),
    ("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", Store::Python),
];

/// Node adds to its own roots, so it gets the customer's chain alone; with a platform's base, which is
/// in no other store, the merged bundle.
pub const NODE_VARIABLE: &str = "NODE_EXTRA_CA_CERTS";

const JAVA_VARIABLE: &str = jvm_options::VARIABLES[0];

/// What stands for a password that is not the well-known default.
pub const PASSWORD_PLACEHOLDER: &str = "CHANGE_ME";

/// The merged bundle that stands in for `store` where only some are built.
pub fn bundle_of(store: Store, built: StoreSet) -> Store {
    match store {
        Store::Os if !built.contains(Store::Os) => Store::Python,
        Store::Python if !built.contains(Store::Python) => Store::Os,
        _ => store,
    }
}

/// How many variables get the merged bundle `store`, where some are built.
pub fn variables_of(store: Store, built: StoreSet) -> usize {
    match store {
        // The JVM's three count as one.
        Store::Java => 1,
        _ => BUNDLE_VARIABLES
            .iter()
            .filter(|(_, best)| bundle_of(*best, built) == store)
            .count(),
    }
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
        let mut variables: Vec<_> = BUNDLE_VARIABLES
            .into_iter()
            .filter_map(|(name, store)| Some((name, bundle(store)?)))
            .collect();
        let node = bundle(node).or_else(|| bundle(Store::Custom));
        variables.extend(node.map(|file| (NODE_VARIABLE, file)));
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
            let names = BUNDLE_VARIABLES.iter().map(|(name, _)| *name);
            let name = names.chain([NODE_VARIABLE]).find(|known| *known == name)?;
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
