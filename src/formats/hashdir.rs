//! OpenSSL's hashed directory (CApath): a bundle in, the files that OpenSSL looks for out.
//!
//! OpenSSL looks up a subject's hash as `HASH.0`, `HASH.1` and so on, up to the first that is
//! missing. It reads every certificate of a file, so each hash is one file here, `HASH.0`, and
//! replacing it is one rename: with numbered files, no order of renames would keep what the old
//! and the new set share in place at every moment.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::bundle::Bundle;

/// A file of the directory.
#[derive(Debug)]
pub struct HashFile {
    /// `HASH.0`.
    pub name: String,
    /// Its certificates as PEM, in the bundle's order.
    pub content: Rc<Vec<u8>>,
    /// How many those are.
    pub certificates: usize,
}

/// The files for `bundle`, in the order of their names.
pub fn encode(bundle: &Bundle<'_>) -> Vec<HashFile> {
    let mut files: BTreeMap<String, HashFile> = BTreeMap::new();
    for certificate in bundle.iter() {
        let name = format!("{}.0", certificate.subject().hash().file_stem());
        // Nearly every hash has one certificate, whose text is there already.
        files
            .entry(name.clone())
            .and_modify(|file| {
                Rc::make_mut(&mut file.content).extend_from_slice(certificate.pem());
                file.certificates += 1;
            })
            .or_insert_with(|| HashFile {
                name,
                content: Rc::clone(certificate.pem()),
                certificates: 1,
            });
    }
    files.into_values().collect()
}

/// Whether `name` is one that OpenSSL would look for: eight lower-case hex digits, a dot, a
/// number.
pub fn is_hash_name(name: &str) -> bool {
    let Some((hash, number)) = name.split_once('.') else {
        return false;
    };
    hash.len() == 8
        && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::is_hash_name;

    #[test]
    fn hash_names_are_what_openssl_looks_for() {
        assert!(is_hash_name("eea339da.0"));
        assert!(is_hash_name("00000000.17"));
        for other in [
            "eea339da",
            "EEA339DA.0",
            "eea339da.r0",
            "eea339d.0",
            "eea339da.",
        ] {
            assert!(!is_hash_name(other), "{other}");
        }
    }
}
