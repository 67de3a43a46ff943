//! The wiring: the environment that makes clients read the stores. It is decided here, for every command
//! and document that prints or sets it.

pub mod foreign;
pub mod jvm_options;
mod print;
pub mod unknown;
mod variables;

use std::ffi::OsString;
use std::path::PathBuf;

use self::foreign::ForeignVariable;
use self::jvm_options::{JvmOptions, TrustStore};
pub use self::print::{EnvFormat, path_word};
pub use self::variables::{
    Effect, NODE_VARIABLE, VARIABLES, Variable, bundle_of, count_of_variables, path_variables,
};
use self::variables::{JAVA_VARIABLE, forbidden_by};
use crate::layout::{self, StoreForms};
use trust_stores::escape::is_unprintable;
use trust_stores::{Password, Store, StoreSet};

/// Takes the place of a password that is not the well-known default.
pub const PASSWORD_PLACEHOLDER: &str = "CHANGE_ME";

/// Whether the wiring can name `path`: a shell, the JVM and a line-based file must all read it as it is.
pub fn can_be_named(path: &str) -> bool {
    !path.contains(|c: char| is_unprintable(c) || "\"'\\$`".contains(c))
}

/// The environment variables for a tree of stores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wiring {
    /// Each variable that names a PEM file, with the file's path.
    variables: Vec<(&'static str, String)>,
    /// The JVM options that name the truststore.
    java: Option<String>,
    /// A merged bundle, for variables that are already set: Node's, and those that are not ours.
    merged: Option<String>,
    /// Variables that are not ours and that the user wants set. They name the merged bundle.
    requested: Vec<&'static str>,
    /// Variables that are not ours and that keep their value.
    left: Vec<&'static str>,
}

/// What [`Wiring::merged_into`] does to the environment of a process.
#[derive(Debug, Default)]
pub struct Merged {
    /// Variables to set.
    pub set: Vec<(&'static str, OsString)>,
    /// Variables that keep their value, each with the reason.
    pub kept: Vec<(&'static str, &'static str)>,
}

impl Wiring {
    /// The wiring for `stores`, if they are mounted at `mounted_at`; `node` is the store that Node adds
    /// to its own roots.
    pub fn new(mounted_at: &str, stores: StoreSet, forms: StoreForms<'_>, node: Store) -> Self {
        let path = |name: &str| format!("{}/{name}", mounted_at.trim_end_matches('/'));
        let bundle = |store: Store| match bundle_of(store, stores) {
            store if !stores.contains(store) => None,
            Store::Os => Some(path(forms.layout.bundle())),
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
        let password = if forms.password.is_default() {
            Password::DEFAULT
        } else {
            PASSWORD_PLACEHOLDER
        };
        let java = stores.contains(Store::Java).then(|| {
            let store = path(layout::java_truststore(forms.java));
            jvm_options::trust_store_options(
                &store,
                forms.java.requires_password().then_some(password),
            )
        });
        Wiring {
            variables,
            java,
            merged: bundle(Store::Os),
            requested: Vec::new(),
            left: Vec::new(),
        }
    }

    /// The same wiring, which also sets those of [`ForeignVariable::ON_REQUEST`] that are `requested`, if there
    /// is a merged bundle that they can name.
    #[must_use]
    pub fn with(mut self, requested: &[&'static str]) -> Self {
        self.requested.extend(requested);
        self.requested.sort_unstable();
        self.requested.dedup();
        self
    }

    /// The same wiring, which leaves a variable that is not ours as it is.
    pub fn leave(&mut self, name: &'static str) {
        self.left.push(name);
    }

    /// Whether there is a merged bundle.
    pub fn has_bundle(&self) -> bool {
        self.merged.is_some()
    }

    /// Reads what [`Wiring::dotenv`] wrote; `None` if the text is anything else.
    pub fn parse(dotenv: &str) -> Option<Self> {
        let mut wiring = Wiring {
            variables: Vec::new(),
            java: None,
            merged: None,
            requested: Vec::new(),
            left: Vec::new(),
        };
        for line in dotenv.lines() {
            let (name, value) = line.split_once('=')?;
            let quoted = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
            let value = quoted.map_or_else(|| value.to_owned(), |v| v.replace("\\\"", "\""));
            if name == JAVA_VARIABLE {
                wiring.java = Some(value);
                continue;
            }
            let mut on_request = ForeignVariable::ON_REQUEST.iter();
            if let Some(name) = on_request.find(|known| **known == name) {
                wiring.requested.push(name);
                continue;
            }
            let name = path_variables().find(|known| known.name == name)?.name;
            if wiring.merged.is_none() && name != NODE_VARIABLE {
                wiring.merged = Some(value.clone());
            }
            wiring.variables.push((name, value));
        }
        // Without either, no client would trust the customer's CAs.
        (wiring.merged.is_some() || wiring.java.is_some()).then_some(wiring)
    }

    /// Each variable with the file that it names; for Node, the merged bundle, which it gets if its
    /// variable is already set.
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

    /// Whether it has [`PASSWORD_PLACEHOLDER`] instead of the password.
    pub fn has_placeholder(&self) -> bool {
        let java = self.java.as_deref().unwrap_or_default();
        java.ends_with(&format!("={PASSWORD_PLACEHOLDER}"))
    }

    /// The file that a variable of [`Wiring::merged_into`] names afterwards, ours or not.
    pub fn file_of(&self, name: &str) -> Option<PathBuf> {
        let ours = self.files().into_iter().find(|(known, _)| *known == name);
        let merged = || Some(PathBuf::from(self.merged.as_deref()?));
        ours.map(|(_, file)| file).or_else(merged)
    }

    /// All variables, the JVM's among them.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let java = self
            .java
            .iter()
            .map(|options| (JAVA_VARIABLE, options.as_str()));
        self.paths().chain(java)
    }

    /// The variables that name a PEM file.
    fn paths(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let variables = self.variables.iter();
        let variables = variables.map(|(name, value)| (*name, value.as_str()));
        let merged = self.merged.as_deref();
        let requested = self.requested.iter().copied();
        variables.chain(requested.filter_map(move |name| Some((name, merged?))))
    }

    /// What to change in the environment `variables` so that every client there reads these stores. A
    /// variable that is set is changed to the merged store, which has the store that it named as a base;
    /// with `keep`, it is left unchanged.
    pub fn merged_into(&self, variables: &dyn Fn(&str) -> Option<OsString>, keep: bool) -> Merged {
        const BY_FLAG: &str = "because of --keep-env";
        const BY_LWP: &str =
            "because HTTPS_CA_FILE, HTTPS_CA_DIR or PERL_LWP_SSL_CA_PATH is set as well";
        let mut merged = Merged::default();
        let is_set = |name: &str| variables(name).is_some_and(|value| !value.is_empty());
        for (name, value) in &self.variables {
            match (*name, &self.merged) {
                (name, _) if keep && is_set(name) => merged.kept.push((name, BY_FLAG)),
                (name, _) if forbidden_by(name).iter().any(|other| is_set(other)) => {
                    // If it is not set, the warning about the others says enough.
                    merged.kept.extend(is_set(name).then_some((name, BY_LWP)));
                }
                // What it named is in the merged bundle, but not in the customer's chain.
                (NODE_VARIABLE, Some(bundle)) if is_set(name) => {
                    merged.set.push((name, bundle.into()));
                }
                (NODE_VARIABLE, None) if is_set(name) => {
                    let reason = "because --only builds no merged bundle";
                    merged.kept.push((name, reason));
                }
                (name, _) => merged.set.push((name, value.into())),
            }
        }
        if let Some(bundle) = &self.merged {
            let set = ForeignVariable::merged_in(variables, &self.requested);
            let set = set.map(|(variable, _)| variable.name);
            let set = set.filter(|name| !keep && !self.left.contains(name));
            // One that is set and names no file is not ours to change: `system` makes libpq verify.
            let unset = self.requested.iter().copied().filter(|name| !is_set(name));
            merged
                .set
                .extend(set.chain(unset).map(|name| (name, bundle.into())));
        }
        if let Some(ours) = &self.java {
            let options = JvmOptions::of(variables);
            match options.trust_store() {
                TrustStore::NoFile(name) => {
                    let reason = "because its trustStore is NONE, which names no file";
                    merged.kept.push((name, reason));
                }
                TrustStore::File { variable, .. } if keep => merged.kept.push((variable, BY_FLAG)),
                _ => merged.set.extend(options.with_trust_store(ours)),
            }
        }
        merged
    }
}
