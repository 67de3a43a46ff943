//! What platforms put next to certificates in a directory: a binding's `type` and `host`, a store's password,
//! a service account's `namespace` and `token`, a README.
//!
//! A file is such a companion by its name *and* by its content: a file that may hold a certificate, a key or
//! a store is a source, whatever its name, and text with another name is an error, because it may have been
//! meant as a certificate. docs/inputs.md has the names.

use std::path::Path;

use super::files::without_line_break;
use crate::sys::MAX_PASSWORD_SIZE;
use trust_stores::{Password, is_plain_text};

/// A companion of certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Companion {
    /// It may hold the password of a store in the same directory.
    Password,
    /// It is of no use here.
    Other,
}

/// How names end, as a word, of entries of a servicebinding.io binding, of a service account's token, and of
/// what operators write to connect to their service (`pgbouncer-host`).
const LAST_WORDS: &[&str] = &[
    "type",
    "provider",
    "host",
    "hostname",
    "port",
    "uri",
    "url",
    "endpoint",
    "address",
    "username",
    "user",
    "database",
    "dbname",
    "namespace",
    "token",
];

/// Other names of what operators and checksum tools write.
const NAMES: &[&str] = &[
    "bootstrap-servers",
    "bootstrapservers",
    "sasl.jaas.config",
    "pgpass",
    "sha256sums",
    "sha512sums",
];

/// How names begin that are for people.
const PREFIXES: &[&str] = &["readme", "notes", "license", "changelog"];

/// Checksums, templates, notes, the copies that editors keep, and OpenSSL's serial numbers.
const SUFFIXES: &[&str] = &[
    ".md", ".sha256", ".sha512", ".sha1", ".md5", ".tpl", ".tmpl", ".ctmpl", ".hcl", "~", ".bak",
    ".orig", ".srl",
];

/// How a name ends that is a password's, without `.txt`.
const PASSWORDS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "storepass",
    ".pass",
    ".pwd",
];

impl Companion {
    /// What a file of this name is, if its content agrees.
    pub(super) fn by_name(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let name = name.as_str();
        let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
        let stem = name.strip_suffix(".txt").unwrap_or(name);
        if PASSWORDS.iter().any(|end| stem.ends_with(end)) {
            return Some(Companion::Password);
        }
        let last_word = name.rsplit(|c: char| !c.is_ascii_alphanumeric()).next();
        let is_other = NAMES.contains(&name)
            || last_word.is_some_and(|word| LAST_WORDS.contains(&word))
            || PREFIXES.iter().any(|start| name.starts_with(start))
            || ends(SUFFIXES);
        is_other.then_some(Companion::Other)
    }

    /// What a file of this name and content is. A `binding` may have entries of any name, of one line each.
    pub(super) fn of(path: &Path, content: &[u8], is_binding: bool) -> Option<Self> {
        let is_entry = || is_binding && !names_certificates(path) && is_line(content);
        let companion = Companion::by_name(path)
            .or_else(|| is_entry().then_some(Companion::Other))
            .filter(|_| is_plain_text(content))?;
        Some(companion)
    }

    /// A password file that an option names, whatever its name is.
    pub(super) fn of_named_password(content: &[u8]) -> Option<Self> {
        is_plain_text(content).then_some(Companion::Password)
    }
}

/// Whether a directory with this file is a binding of servicebinding.io: `type` is the one entry that every
/// binding has.
pub(super) fn is_type_of_binding(path: &Path, content: &[u8]) -> bool {
    path.file_name().is_some_and(|name| name == "type") && is_line(content)
}

/// Whether `content` is one line that is not blank.
fn is_line(content: &[u8]) -> bool {
    let line = content.trim_ascii_end();
    !line.is_empty() && !line.contains(&b'\n')
}

/// Whether a name says that the file holds certificates or keys.
fn names_certificates(path: &Path) -> bool {
    const WORDS: &[&str] = &[
        "ca", "cas", "crt", "cer", "pem", "der", "p7b", "p7c", "p12", "pfx", "jks", "key", "root",
        "roots",
    ];
    const PARTS: &[&str] = &["cert", "chain", "bundle", "trust", "store"];
    let name = path.file_name().unwrap_or_default();
    let name = name.to_string_lossy().to_ascii_lowercase();
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    PARTS.iter().any(|part| name.contains(part)) || words.any(|word| WORDS.contains(&word))
}

/// The password that a password file holds: its one line, or what follows `jksPassword=` in Confluent's
/// `jksPassword.txt`.
pub(super) fn password(content: &[u8]) -> Option<Password> {
    let line = without_line_break(std::str::from_utf8(content).ok()?);
    let line = line.strip_prefix("jksPassword=").unwrap_or(line);
    let is_password = !line.is_empty()
        && line.len() as u64 <= MAX_PASSWORD_SIZE
        && !line.contains(['\n', '\r', '\0']);
    is_password.then(|| Password::new(line))
}

/// How well the name of a password file fits that of a store: `ca.password` is for `ca.p12`, and
/// `truststore.jks.password` for `truststore.jks`.
pub(super) fn is_for(password: &Path, store: &Path) -> bool {
    let name = |path: &Path| {
        let name = path.file_name().unwrap_or_default();
        name.to_string_lossy().to_ascii_lowercase()
    };
    let store = name(store);
    let stem = store.rsplit_once('.').map_or(&*store, |(stem, _)| stem);
    name(password)
        .strip_prefix(stem)
        .is_some_and(|rest| !rest.is_empty())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Companion, is_for, password};

    fn of(name: &str, content: &str, is_binding: bool) -> Option<Companion> {
        Companion::of(Path::new(name), content.as_bytes(), is_binding)
    }

    #[test]
    fn a_companion_is_one_by_name_and_by_content() {
        use Companion::{Other, Password};
        for (name, content, expected) in [
            ("type", "ca-certificates", Some(Other)),
            ("README.txt", "what this is\n\nand why\n", Some(Other)),
            ("ca.crt.sha256", "00  ca.crt\n", Some(Other)),
            ("ca.crt.tpl", "{{ .ca }}", Some(Other)),
            ("ca.password", "O5AGkQSlB9Ah", Some(Password)),
            ("jksPassword.txt", "jksPassword=secret\n", Some(Password)),
            ("storepass", "", Some(Password)),
            ("pgbouncer-host", "db", Some(Other)),
            ("POSTGRES_USER", "app", Some(Other)),
            ("export", "db", None),
            ("ca.crt", "{{ .ca }}", None),
            ("corporate", "404 page not found", None),
            ("type", "-----BEGIN CERTIFICATE-----\n", None),
            ("password", "\0\u{1}", None),
        ] {
            assert_eq!(of(name, content, false), expected, "{name}");
        }
    }

    #[test]
    fn a_binding_has_entries_of_any_name_but_a_certificates() {
        for name in ["sslmode", "kafka.sasl", "pool_size"] {
            assert_eq!(
                of(name, "require\n", true),
                Some(Companion::Other),
                "{name}"
            );
            assert_eq!(of(name, "require\n", false), None, "{name}");
            assert_eq!(of(name, "two\nlines\n", true), None, "{name}");
        }
        for name in [
            "ca",
            "ca.crt",
            "certificates",
            "ssl-root",
            "truststore",
            "tls-ca-bundle",
            "private-key",
        ] {
            assert_eq!(of(name, "404 page not found", true), None, "{name}");
        }
    }

    #[test]
    fn a_password_is_one_line() {
        let is = |content: &str, expected: Option<&str>| {
            assert!(
                password(content.as_bytes()) == expected.map(trust_stores::Password::new),
                "{content:?}"
            );
        };
        is("secret", Some("secret"));
        is(" secret \r\n", Some(" secret "));
        is("jksPassword=secret\n", Some("secret"));
        is("\u{feff}secret\r\n", Some("secret"));
        is("", None);
        is("\n", None);
        is("a\nb\n", None);
    }

    #[test]
    fn a_password_is_for_the_store_that_its_name_begins_with() {
        let fits = |password, store| is_for(Path::new(password), Path::new(store));
        assert!(fits("ca.password", "ca.p12"));
        assert!(fits("truststore.jks.password", "truststore.jks"));
        assert!(fits("truststorePassword.txt", "d/TrustStore.jks"));
        assert!(!fits("user.password", "ca.p12"));
        assert!(!fits("password", "ca.p12"));
    }
}
