//! Variables that decide what a client trusts and that trust-init does not set by itself: what they name
//! shadows the stores silently. `exec` merges some of them if they are set, and warns about the others; `doctor`
//! looks at all. A test compares docs/exec.md with this table.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use trust_stores::escape::escape;

/// A variable that decides what a client trusts, and that is not set by default.
#[derive(Clone, Copy, Debug)]
pub struct ForeignVariable {
    /// Its name.
    pub name: &'static str,
    /// Who reads it.
    pub clients: &'static str,
    /// What it does to them.
    pub effect: ForeignEffect,
    /// What `exec` does if it has that effect.
    pub handling: Handling,
    /// The values that have this effect.
    when: Values,
}

/// What `exec` does with a variable that is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handling {
    /// If it names a file, merges it like a variable that is ours. For clients that talk to servers of every
    /// kind, and are given a file because an inspecting proxy or a mirror has a CA of its own.
    Merges,
    /// Warns. What it names is a directory or no store at all, or was chosen for servers that no public CA
    /// should speak for.
    Warns,
    /// Warns, unless the user wants it set (`--set-variable`).
    SetsOnRequest,
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
        handling: Handling::Warns,
        when,
    }
}

const fn merges(name: &'static str, clients: &'static str) -> ForeignVariable {
    ForeignVariable {
        handling: Handling::Merges,
        ..replaces(name, clients)
    }
}

const fn replaces(name: &'static str, clients: &'static str) -> ForeignVariable {
    foreign(name, clients, ForeignEffect::Replaces, Values::PathBut(&[]))
}

const fn turns_off(name: &'static str, clients: &'static str, when: Values) -> ForeignVariable {
    foreign(name, clients, ForeignEffect::TurnsOff, when)
}

/// Such variables of programs that are common in pods. From the documentation of their clients or their
/// source; docs/exec.md names those that were tried. A variable that is missing causes a warning only if it looks
/// like one of them ([`super::unknown`]).
pub const FOREIGN_VARIABLES: [ForeignVariable; 28] = [
    foreign(
        "SSL_CERT_DIR",
        "OpenSSL and what is built on it, Go, curl",
        ForeignEffect::Adds,
        Values::PathBut(&[]),
    ),
    merges("BUNDLE_SSL_CA_CERT", "Bundler"),
    merges("CARGO_HTTP_CAINFO", "cargo"),
    merges("COMPOSER_CAFILE", "Composer"),
    // A boolean, or the path of a bundle; `truststore` is the system's store.
    ForeignVariable {
        handling: Handling::Merges,
        ..foreign(
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
        )
    },
    ForeignVariable {
        effect: ForeignEffect::Adds,
        ..merges("DENO_CERT", "Deno")
    },
    replaces("GIT_SSL_CAPATH", "git"),
    // With either of these two LWP checks no host names, so what is added to them would speak for every host.
    replaces("HTTPS_CA_DIR", "Perl's LWP"),
    replaces("HTTPS_CA_FILE", "Perl's LWP"),
    merges("NIX_SSL_CERT_FILE", "Nix and its packages"),
    // Not set if it is not: npm would replace its roots, to which Node adds NODE_EXTRA_CA_CERTS.
    merges("NPM_CONFIG_CAFILE", "npm"),
    merges("npm_config_cafile", "npm"),
    merges("OCI_CLI_CERT_BUNDLE", "Oracle Cloud's CLI"),
    replaces("PERL_LWP_SSL_CA_PATH", "Perl's LWP"),
    // Who sets it trusts this CA with a database, and with sslmode=verify-ca whatever it signs for any host.
    // `system` is what OpenSSL reads (libpq 16).
    ForeignVariable {
        handling: Handling::SetsOnRequest,
        ..foreign(
            "PGSSLROOTCERT",
            "libpq: psql, psycopg; asyncpg",
            ForeignEffect::Replaces,
            Values::PathBut(&["system"]),
        )
    },
    merges("YARN_HTTPS_CA_FILE_PATH", "Yarn 2 and later"),
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

    /// Those that `exec` merges, with what each names: a file. `requested` are those that the user wants set.
    pub fn merged_in(
        variables: &dyn Fn(&str) -> Option<OsString>,
        requested: &[&str],
    ) -> impl Iterator<Item = (ForeignVariable, OsString)> {
        let is_merged = move |variable: ForeignVariable| match variable.handling {
            Handling::Merges => true,
            Handling::Warns => false,
            Handling::SetsOnRequest => requested.contains(&variable.name),
        };
        ForeignVariable::set_in(variables)
            .filter(move |(variable, value)| is_merged(*variable) && Path::new(value).is_file())
    }

    /// Those that `exec` sets only if the user wants it.
    pub const ON_REQUEST: &[&str] = &["PGSSLROOTCERT"];

    /// What `exec` does with it, in a word.
    pub fn handled(self) -> &'static str {
        match self.handling {
            Handling::Merges => "merges",
            Handling::Warns if self.effect == ForeignEffect::Chooses => "nothing",
            Handling::Warns if self.name == OPENSSL_DIRECTORY => "nothing",
            Handling::Warns => "warns",
            Handling::SetsOnRequest => "warns, or sets it on request",
        }
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

/// OpenSSL reads it besides a file, which exec sets.
const OPENSSL_DIRECTORY: &str = "SSL_CERT_DIR";

/// What `exec` says of the variables in an environment that keep programs from reading the stores, one
/// of which is in one of the `own` files; `None` if there is none. Variables that are `set` keep nobody.
pub fn warning(
    variables: &dyn Fn(&str) -> Option<OsString>,
    own: &[PathBuf],
    set: &[&str],
) -> Option<String> {
    let shadows = |(variable, value): &(ForeignVariable, OsString)| match variable.effect {
        ForeignEffect::TurnsOff => true,
        ForeignEffect::Replaces | ForeignEffect::Adds => {
            variable.name != OPENSSL_DIRECTORY
                && !set.contains(&variable.name)
                && !own.iter().any(|file| file == Path::new(value))
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
        escape(&format!(
            "these variables make programs ignore the stores: {names}"
        ))
        .into_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_on_request_are_the_tables() {
        let mut table = FOREIGN_VARIABLES.into_iter();
        let on_request = table
            .by_ref()
            .filter(|one| one.handling == Handling::SetsOnRequest);
        let on_request: Vec<&str> = on_request.map(|one| one.name).collect();
        assert_eq!(on_request, ForeignVariable::ON_REQUEST);
        // What turns something off or chooses among roots names no file.
        let merged = FOREIGN_VARIABLES
            .into_iter()
            .filter(|one| one.handling != Handling::Warns);
        for one in merged {
            assert!(one.names_store(), "{}", one.name);
        }
    }

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
