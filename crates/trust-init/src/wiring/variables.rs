//! The variables that make clients trust the stores: one table.

use super::jvm_options;
use trust_stores::{Store, StoreSet};

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
    /// Variables of the same clients that forbid to set this one, or to change it.
    pub forbidden_by: &'static [&'static str],
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
        forbidden_by: &[],
    }
}

/// Every variable of the wiring, in the order in which it is printed. `exec`, `env`, trust.env,
/// `doctor` and the search of an image go by this table, and a test compares docs/exec.md with it.
pub const VARIABLES: [Variable; 12] = [
    replaces(
        "SSL_CERT_FILE",
        Store::Os,
        "OpenSSL and what is built on it, Go",
    ),
    replaces("CURL_CA_BUNDLE", Store::Os, "curl"),
    replaces("GIT_SSL_CAINFO", Store::Os, "git"),
    // Nothing else changes with it (libwww-perl 6.68, `LWP::UserAgent::new`). `HTTPS_CA_FILE`, which LWP reads
    // as well, turns off the check of host names there, and so does `HTTPS_CA_DIR`: with either of them, public
    // roots would let any public certificate pass for any host. `PERL_LWP_SSL_CA_PATH` is a store by itself.
    Variable {
        forbidden_by: LWP_STORES,
        ..replaces("PERL_LWP_SSL_CA_FILE", Store::Os, "Perl's LWP")
    },
    // The property core/custom_ca_certs_file of `gcloud topic configurations`: the file that it verifies with.
    // Whether it verifies is another property, auth/disable_ssl_validation.
    replaces("CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE", Store::Os, "gcloud"),
    replaces("REQUESTS_CA_BUNDLE", Store::Python, "requests"),
    replaces("PIP_CERT", Store::Python, "pip"),
    replaces("AWS_CA_BUNDLE", Store::Python, "AWS CLI, boto3"),
    replaces("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", Store::Python, "gRPC"),
    // What `httplib2.certs.where` returns instead of certifi's bundle (httplib2 0.20 to 0.32); importing the
    // library fails if it is no file.
    replaces(
        "HTTPLIB2_CA_CERTS",
        Store::Python,
        "httplib2, google-api-python-client",
    ),
    // Node adds it to its own roots, so it gets the customer's chain alone; if a platform has a base of
    // its own, the merged bundle, because that base is in no other store.
    Variable {
        name: NODE_VARIABLE,
        bundle: Store::Os,
        effect: Effect::AddsToRoots,
        clients: "Node.js",
        forbidden_by: &[],
    },
    Variable {
        name: JAVA_VARIABLE,
        bundle: Store::Java,
        effect: Effect::JvmOption,
        clients: "JVM",
        forbidden_by: &[],
    },
];

/// Other stores of Perl's LWP.
const LWP_STORES: &[&str] = &["HTTPS_CA_FILE", "HTTPS_CA_DIR", "PERL_LWP_SSL_CA_PATH"];

/// What Node.js adds to its own roots.
pub const NODE_VARIABLE: &str = "NODE_EXTRA_CA_CERTS";

pub(super) const JAVA_VARIABLE: &str = jvm_options::VARIABLES[0];

/// Variables whose presence forbids to set `name`, or to change it.
pub(super) fn forbidden_by(name: &str) -> &'static [&'static str] {
    let variable = VARIABLES.iter().find(|variable| variable.name == name);
    variable.map_or(&[], |variable| variable.forbidden_by)
}

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
