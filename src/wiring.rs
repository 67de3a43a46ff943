//! The environment that makes clients read the stores. Said once, for every place that prints or
//! sets it.

use std::fmt::Write as _;

use crate::bundle::{Store, StoreSet};
use crate::formats::java::JavaForm;
use crate::formats::password::{DEFAULT_PASSWORD, Password};
use crate::write::layout;

/// The environment variables for a tree of stores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wiring {
    variables: Vec<(&'static str, String)>,
}

/// What stands for a password that is not the well-known default.
pub const PASSWORD_PLACEHOLDER: &str = "CHANGE_ME";

impl Wiring {
    /// The wiring of the `stores` that were written, as seen under the directory `mounted_at`.
    ///
    /// Each variable names a merged bundle, for nearly all of these clients then read nothing
    /// else; Node adds to its own roots, so it gets the customer's chain alone.
    pub fn new(mounted_at: &str, stores: StoreSet, java: JavaForm, password: &Password) -> Self {
        let path = |name: &str| format!("{}/{name}", mounted_at.trim_end_matches('/'));
        let either = |first: Store, second: Store| {
            [first, second]
                .into_iter()
                .find(|store| stores.contains(*store))
                .map(|store| match store {
                    Store::Os => path(layout::OS_BUNDLE),
                    _ => path(layout::PYTHON_BUNDLE),
                })
        };
        let mut variables = Vec::new();
        if let Some(bundle) = either(Store::Os, Store::Python) {
            for name in ["SSL_CERT_FILE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO"] {
                variables.push((name, bundle.clone()));
            }
        }
        if let Some(bundle) = either(Store::Python, Store::Os) {
            for name in [
                "REQUESTS_CA_BUNDLE",
                "PIP_CERT",
                "AWS_CA_BUNDLE",
                "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
            ] {
                variables.push((name, bundle.clone()));
            }
        }
        if stores.contains(Store::Custom) {
            variables.push(("NODE_EXTRA_CA_CERTS", path(layout::CUSTOM_CHAIN)));
        }
        if stores.contains(Store::Java) {
            let options = java_options(&path(layout::java_truststore(java)), java, password);
            variables.push(("JAVA_TOOL_OPTIONS", options));
        }
        Wiring { variables }
    }

    /// In dotenv form: a line each, values in double quotes where they need it. A POSIX shell
    /// reads it too.
    pub fn dotenv(&self) -> String {
        let mut out = String::new();
        for (name, value) in &self.variables {
            let plain = |c: char| c.is_ascii_alphanumeric() || "/._-=:,@%+".contains(c);
            // Writing to a String cannot fail.
            let _ = if value.chars().all(plain) {
                writeln!(out, "{name}={value}")
            } else {
                let value = value.replace('"', "\\\"");
                writeln!(out, "{name}=\"{value}\"")
            };
        }
        out
    }
}

/// JVM options that name the store. No trustStoreType: every JDK tells PKCS#12 from JKS, and a
/// store that the user names later on the command line may be of the other type.
fn java_options(store: &str, java: JavaForm, password: &Password) -> String {
    // JAVA_TOOL_OPTIONS is split at white space, and quotes hold a value together.
    let store = if store.contains(char::is_whitespace) {
        format!("\"{store}\"")
    } else {
        store.to_owned()
    };
    let mut options = format!("-Djavax.net.ssl.trustStore={store}");
    if java.wants_password() {
        let password = if password.is_default() {
            DEFAULT_PASSWORD
        } else {
            PASSWORD_PLACEHOLDER
        };
        options.push_str(" -Djavax.net.ssl.trustStorePassword=");
        options.push_str(password);
    }
    options
}
