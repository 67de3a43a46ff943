//! The codes that messages carry, so that scripts and alerts need not match their words. A code never
//! changes its meaning; docs/log.md lists all of them.

use serde::{Serialize, Serializer};

use trust_stores::Rule;

/// How much a message matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something was done.
    Info,
    /// Somebody should look, though the run continues.
    Warning,
    /// A certificate was left out.
    Dropped,
    /// The run failed.
    Error,
}

impl Severity {
    /// The word that starts a message.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Dropped => "dropped",
            Severity::Error => "error",
        }
    }
}

/// Defines [`Code`] from one line for each code, so that no list of them can miss one. The comment on a
/// code is its description in docs/log.md too.
macro_rules! codes {
    ($(#[doc = $description:literal] $code:ident = $name:literal, $severity:ident;)*) => {
        /// What a message is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code {
            $(#[doc = $description] $code,)*
            /// What a rule of the policy found; the code is the rule's.
            Rule(Rule),
        }

        impl Code {
            /// Every code that is not a rule's.
            pub const OWN: &[Code] = &[$(Code::$code),*];

            /// The code as messages, JSON and the documentation write it, in kebab case.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Code::$code => $name,)*
                    Code::Rule(rule) => rule.code(),
                }
            }

            /// How much it usually matters. A rule's level is the policy's to decide.
            pub fn severity(self) -> Severity {
                match self {
                    $(Code::$code => Severity::$severity,)*
                    Code::Rule(_) => Severity::Error,
                }
            }

            /// What it means, as docs/log.md says it.
            pub fn description(self) -> &'static str {
                match self {
                    $(Code::$code => $description.trim_ascii(),)*
                    Code::Rule(rule) => rule.description(),
                }
            }
        }
    };
}

codes! {
    /// the command line or a `TRUST_INIT_…` variable is invalid
    Usage = "usage", Error;
    /// a variable that looks like a misspelled `TRUST_INIT_…` variable is ignored, or a list in one has an empty path
    Variable = "variable", Warning;
    /// a customer's source cannot be opened or read; for a base, a warning
    Unreadable = "unreadable", Error;
    /// with `--optional`, a customer's source is missing or empty; for `watch`, a warning if it was there before
    Absent = "absent", Info;
    /// a CA that the image's builder added to its OS bundle is not in all of the image's stores
    NotInEveryStore = "not-in-every-store", Info;
    /// files or subdirectories of a directory are not read, because they hold no certificates
    PassedOver = "passed-over", Info;
    /// the file of `--java-password-file` or `--ca-password-file` is empty, has more than one line, or holds a password that a JVM does not accept
    PasswordFile = "password-file", Error;
    /// a directory or file under `--out` cannot be written
    Unwritable = "unwritable", Error;
    /// another run held `--out` for longer than `--lock-timeout`, or another `watch` uses it
    Locked = "locked", Error;
    /// an object of `render` would be larger than `kubectl apply` or Kubernetes accepts
    ObjectSize = "object-size", Error;
    /// an object of `render` needs a server-side apply, because `--server-side-apply` was given
    ServerSideApply = "server-side-apply", Warning;
    /// no base left a certificate for a store, so Mozilla's roots take its place
    BaseEmpty = "base-empty", Warning;
    /// the rules left no certificate for a store, so it is not written, and its clients keep their own roots
    StoreEmpty = "store-empty", Warning;
    /// `exec` cannot become the command: exit code 126 or 127
    Command = "command", Error;
    /// `exec` leaves a variable unchanged, because of `--keep-env` or because its store cannot be merged
    KeepEnv = "keep-env", Warning;
    /// `exec --from`: a variable named certificates that are not in the stores
    NotMerged = "not-merged", Warning;
    /// variables that `exec` does not set keep programs from reading the stores, or turn off verification
    ForeignVariable = "foreign-variable", Warning;
    /// the only place that `exec` can write to is one where every user may rename files
    SharedPlace = "shared-place", Warning;
    /// a store of an earlier build that this build does not write was deleted; information if it still writes that hashed directory
    Stale = "stale", Warning;
    /// `trust.env` has a placeholder instead of the truststore's password
    Password = "password", Warning;
    /// the file system cannot lock a directory (NFS); for `watch`, nor a file, so `watch --healthy` cannot tell
    Unlocked = "unlocked", Warning;
    /// `watch` cannot build from its sources as they are now; the stores are still those that were built at the time shown
    Kept = "kept", Warning;
    /// inotify does not report every change to `watch`, so it only looks at intervals
    Unwatched = "unwatched", Warning;
    /// `doctor` cannot use the proxy that a variable names, and connected without it
    Proxy = "proxy", Warning;
    /// `doctor --save-chain` wrote what a server presented, which nobody has verified
    Unverified = "unverified", Warning;
}

impl From<Rule> for Code {
    fn from(rule: Rule) -> Self {
        Code::Rule(rule)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Code;
    use trust_stores::Rule;

    #[test]
    fn a_code_has_one_meaning() {
        let own = Code::OWN.iter().map(|code| code.as_str());
        let all: BTreeSet<&str> = own.chain(Rule::ALL.map(Rule::code)).collect();
        assert_eq!(all.len(), Code::OWN.len() + Rule::ALL.len());
    }
}
