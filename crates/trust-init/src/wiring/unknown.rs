//! Variables that are in no table here, and look as if they named the CAs of a client.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use rustix::fs::CWD;
use trust_stores::{DecodeOptions, decode};

use super::foreign::FOREIGN_VARIABLES;
use super::variables::VARIABLES;
use crate::sys;

/// At most so many files are opened, and so much of each is read: its first certificate is enough.
const MOST_FILES: usize = 8;
const HEAD: u64 = 16 << 10;

/// Those among `names` that name a file, by its full path, whose first certificate is a CA's. A server's own
/// certificate is no store. Files that `is_known` are not opened.
pub fn naming_cas<'n>(
    names: &'n [OsString],
    variables: &dyn Fn(&str) -> Option<OsString>,
    is_known: &dyn Fn(&Path) -> bool,
) -> Vec<&'n str> {
    let suspects = names.iter().filter_map(|name| name.to_str());
    let suspects = suspects.filter(|name| speaks_of_cas(name) && !is_in_a_table(name));
    let paths = suspects.filter_map(|name| {
        let path = PathBuf::from(variables(name)?);
        (path.is_absolute() && !is_known(&path)).then_some((name, path))
    });
    let mut found: Vec<&str> = paths
        .take(MOST_FILES)
        .filter(|(_, path)| starts_with_a_ca(path))
        .map(|(name, _)| name)
        .collect();
    found.sort_unstable();
    found
}

fn speaks_of_cas(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let mut words = name.split('_');
    ["CERT", "SSL", "TLS"]
        .iter()
        .any(|part| name.contains(part))
        || words.any(|word| ["CA", "CAS", "CAFILE", "CAINFO", "CAPATH", "CABUNDLE"].contains(&word))
}

fn is_in_a_table(name: &str) -> bool {
    // Options of this program.
    name.starts_with("TRUST_INIT_")
        || VARIABLES.iter().any(|known| known.name == name)
        || FOREIGN_VARIABLES.iter().any(|known| known.name == name)
}

fn starts_with_a_ca(path: &Path) -> bool {
    let head = sys::open_regular(CWD, path, sys::Links::Follow).and_then(|file| file.read(HEAD));
    let mut found = decode(&head.unwrap_or_default(), &DecodeOptions::default()).into_iter();
    let first = found.find_map(|section| section.content.ok());
    first.is_some_and(|first| first.certificate.is_ca())
}

#[cfg(test)]
mod tests {
    use super::{is_in_a_table, speaks_of_cas};

    #[test]
    fn names_that_speak_of_cas_are_told_from_others() {
        for name in [
            "VAULT_CACERT",
            "MY_CA_FILE",
            "ETCDCTL_CACERT",
            "my_ssl_bundle",
            "CA",
            "SINGER_TLS_ROOTS",
        ] {
            assert!(speaks_of_cas(name) && !is_in_a_table(name), "{name}");
        }
        for name in [
            "CATALOG",
            "LOCATION",
            "SPARK_CACHE_DIR",
            "PATH",
            "JAVA_HOME",
        ] {
            assert!(!speaks_of_cas(name), "{name}");
        }
        for name in ["SSL_CERT_FILE", "PGSSLROOTCERT", "TRUST_INIT_CA"] {
            assert!(is_in_a_table(name), "{name}");
        }
    }
}
