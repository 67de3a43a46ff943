//! Variables that decide what a client trusts and that trust-init does not set: what they name shadows
//! the stores in silence. `exec` warns of them and `doctor` looks at them. A test compares docs/exec.md
//! with this table.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use trust_stores::escape::escape;

/// A variable that decides what a client trusts, and that is not ours.
#[derive(Clone, Copy, Debug)]
pub struct ForeignVariable {
    /// Its name.
    pub name: &'static str,
    /// Who reads it.
    pub clients: &'static str,
    /// What it does to them.
    pub effect: ForeignEffect,
    /// The values that have this effect.
    when: Values,
}

/// What a variable does to its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignEffect {
    /// It names a file or directory that replaces their roots.
    Replaces,
    /// It names a file or directory that they read besides their roots.
    Adds,
    /// It makes them read other roots: the system's, OpenSSL's, or those compiled in.
    Chooses,
    /// It makes them trust every server.
    TurnsOff,
}

/// Values that have an effect.
#[derive(Clone, Copy, Debug)]
enum Values {
    /// A path, and none of these words.
    PathBut(&'static [&'static str]),
    /// One of these words, in any case.
    OneOf(&'static [&'static str]),
    /// Anything, nothing included.
    Any,
    /// Anything but nothing.
    NotEmpty,
    /// A text with one of these words in it.
    Mentions(&'static [&'static str]),
}

const NO: &[&str] = &["0", "false", "no", "off"];

const fn foreign(
    name: &'static str,
    clients: &'static str,
    effect: ForeignEffect,
    when: Values,
) -> ForeignVariable {
    ForeignVariable {
        name,
        clients,
        effect,
        when,
    }
}

const fn replaces(name: &'static str, clients: &'static str) -> ForeignVariable {
    foreign(name, clients, ForeignEffect::Replaces, Values::PathBut(&[]))
}

const fn turns_off(name: &'static str, clients: &'static str, when: Values) -> ForeignVariable {
    foreign(name, clients, ForeignEffect::TurnsOff, when)
}

/// Such variables of programs that are common in pods. From the documentation of their clients or their
/// source; only those of OpenSSL, curl and Python were tried here. A variable that is missing is
/// not warned of.
pub const FOREIGN_VARIABLES: [ForeignVariable; 29] = [
    foreign(
        "SSL_CERT_DIR",
        "OpenSSL and what is built on it, Go, curl",
        ForeignEffect::Adds,
        Values::PathBut(&[]),
    ),
    replaces("BUNDLE_SSL_CA_CERT", "Bundler"),
    replaces("CARGO_HTTP_CAINFO", "cargo"),
    replaces("CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE", "gcloud"),
    // A boolean, or the path of a bundle; `truststore` is the system's store.
    foreign(
        "CONDA_SSL_VERIFY",
        "conda",
        ForeignEffect::Replaces,
        Values::PathBut(&[
            "0",
            "false",
            "no",
            "off",
            "1",
            "true",
            "yes",
            "on",
            "truststore",
        ]),
    ),
    foreign(
        "DENO_CERT",
        "Deno",
        ForeignEffect::Adds,
        Values::PathBut(&[]),
    ),
    replaces("GIT_SSL_CAPATH", "git"),
    replaces("HTTPLIB2_CA_CERTS", "httplib2"),
    replaces("HTTPS_CA_DIR", "Perl's LWP"),
    replaces("HTTPS_CA_FILE", "Perl's LWP"),
    replaces("NIX_SSL_CERT_FILE", "Nix and its packages"),
    replaces("NPM_CONFIG_CAFILE", "npm"),
    replaces("npm_config_cafile", "npm"),
    replaces("OCI_CLI_CERT_BUNDLE", "Oracle Cloud's CLI"),
    replaces("PERL_LWP_SSL_CA_FILE", "Perl's LWP"),
    replaces("PERL_LWP_SSL_CA_PATH", "Perl's LWP"),
    // `system` is what OpenSSL reads (libpq 16).
    foreign(
        "PGSSLROOTCERT",
        "libpq: psql, psycopg",
        ForeignEffect::Replaces,
        Values::PathBut(&["system"]),
    ),
    foreign(
        "DENO_TLS_CA_STORE",
        "Deno",
        ForeignEffect::Chooses,
        Values::NotEmpty,
    ),
    foreign(
        "NODE_OPTIONS",
        "Node.js",
        ForeignEffect::Chooses,
        Values::Mentions(&["--use-openssl-ca", "--use-system-ca"]),
    ),
    foreign(
        "NODE_USE_SYSTEM_CA",
        "Node.js",
        ForeignEffect::Chooses,
        Values::OneOf(&["1"]),
    ),
    turns_off(
        "AZURE_CLI_DISABLE_CONNECTION_VERIFICATION",
        "Azure's CLI",
        Values::NotEmpty,
    ),
    turns_off("CONDA_SSL_VERIFY", "conda", Values::OneOf(NO)),
    turns_off("GIT_SSL_NO_VERIFY", "git", Values::Any),
    turns_off(
        "NODE_TLS_REJECT_UNAUTHORIZED",
        "Node.js",
        Values::OneOf(&["0"]),
    ),
    turns_off("NPM_CONFIG_STRICT_SSL", "npm", Values::OneOf(NO)),
    turns_off("npm_config_strict_ssl", "npm", Values::OneOf(NO)),
    turns_off(
        "PERL_LWP_SSL_VERIFY_HOSTNAME",
        "Perl's LWP",
        Values::OneOf(&["0"]),
    ),
    turns_off("PIP_TRUSTED_HOST", "pip, for these hosts", Values::NotEmpty),
    // Python 3 does not read it.
    turns_off("PYTHONHTTPSVERIFY", "Python 2.7", Values::OneOf(&["0"])),
];

impl ForeignVariable {
    /// Those that have an effect in an environment.
    pub fn set_in(
        variables: &dyn Fn(&str) -> Option<OsString>,
    ) -> impl Iterator<Item = (ForeignVariable, OsString)> {
        FOREIGN_VARIABLES.into_iter().filter_map(|variable| {
            let value = variables(variable.name)?;
            variable.when.include(&value).then_some((variable, value))
        })
    }

    /// Whether its value is the path of a store.
    pub fn names_store(self) -> bool {
        matches!(self.when, Values::PathBut(_))
    }

    /// What it does, in words that follow its name.
    pub fn does(self) -> &'static str {
        match self.effect {
            ForeignEffect::Replaces => "replaces the roots",
            ForeignEffect::Adds => "adds to the roots",
            ForeignEffect::Chooses => "chooses other roots",
            ForeignEffect::TurnsOff => "turns off verification",
        }
    }
}

impl Values {
    fn include(self, value: &OsStr) -> bool {
        let text = value.to_string_lossy().to_lowercase();
        match self {
            Values::PathBut(words) => !text.is_empty() && !words.contains(&text.as_str()),
            Values::OneOf(words) => words.contains(&text.as_str()),
            Values::Any => true,
            Values::NotEmpty => !text.is_empty(),
            Values::Mentions(words) => words.iter().any(|word| text.contains(word)),
        }
    }
}

/// What `exec` says of the variables in an environment that keep programs from reading the stores, one
/// of which is in one of the `own` files; `None` if there is none.
pub fn warning(variables: &dyn Fn(&str) -> Option<OsString>, own: &[PathBuf]) -> Option<String> {
    let shadows = |(variable, value): &(ForeignVariable, OsString)| match variable.effect {
        ForeignEffect::TurnsOff => true,
        ForeignEffect::Replaces | ForeignEffect::Adds => {
            variable.name != "SSL_CERT_DIR" && !own.iter().any(|file| file == Path::new(value))
        }
        // What they choose is set as well, except what is compiled in.
        ForeignEffect::Chooses => false,
    };
    let set = ForeignVariable::set_in(variables).filter(shadows);
    let words: Vec<String> = set
        .map(|(variable, _)| {
            let (name, clients) = (variable.name, variable.clients);
            match variable.effect {
                ForeignEffect::TurnsOff => format!("{name} ({clients}: no verification)"),
                _ => format!("{name} ({clients})"),
            }
        })
        .collect();
    (!words.is_empty()).then(|| {
        let names = words.join(", ");
        escape(&format!("set, and not read from the stores: {names}")).into_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_is_taken_for_what_it_does() {
        let effect = |name: &str, value: &str| {
            let lookup = |asked: &str| (asked == name).then(|| value.into());
            let mut set = ForeignVariable::set_in(&lookup);
            set.next().map(|(variable, _)| variable.effect)
        };
        assert_eq!(
            effect("CONDA_SSL_VERIFY", "/ca.pem"),
            Some(ForeignEffect::Replaces)
        );
        assert_eq!(
            effect("CONDA_SSL_VERIFY", "False"),
            Some(ForeignEffect::TurnsOff)
        );
        assert_eq!(effect("CONDA_SSL_VERIFY", "true"), None);
        assert_eq!(
            effect("GIT_SSL_NO_VERIFY", ""),
            Some(ForeignEffect::TurnsOff)
        );
        assert_eq!(effect("NODE_TLS_REJECT_UNAUTHORIZED", "1"), None);
        assert_eq!(effect("PGSSLROOTCERT", "system"), None);
        let options = "--max-old-space-size=4096 --use-openssl-ca";
        assert_eq!(
            effect("NODE_OPTIONS", options),
            Some(ForeignEffect::Chooses)
        );
    }
}
