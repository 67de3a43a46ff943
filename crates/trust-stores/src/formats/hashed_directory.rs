//! OpenSSL's hashed directory (CApath): a [`Bundle`] in, the files that OpenSSL looks for out.
//!
//! OpenSSL looks up a subject's hash as `HASH.0`, `HASH.1` and so on, up to the first that is
//! missing. It reads every certificate of a file, so here each hash is one file, `HASH.0`, and replacing it
//! is one rename: with numbered files, no order of renames would always keep what the old and the new set
//! share in place. While several are being replaced, each holds [`transitional`] content.

use std::collections::BTreeSet;
use std::iter;

use crate::bundle::Bundle;
use crate::cert::Certificate;
use crate::hex;
use memchr::memmem::find;

/// A file of the directory.
#[derive(Clone, Debug)]
pub struct HashedFile<'a> {
    /// `HASH.0`.
    pub name: String,
    /// Its certificates, in the order of the whole bundle. It holds them as [`pem::encode`](crate::pem::encode)
    /// gives them.
    pub bundle: Bundle<'a>,
}

/// The files for `bundle`, in the order of their names.
///
/// ```
/// use trust_stores::{Bundle, DecodeOptions, Section, decode, hashed_directory, pem};
///
/// let chain = include_bytes!("../../examples/client-ca-chain.pem");
/// let sections = decode(chain, &DecodeOptions::default());
/// let bundle = Bundle::new(sections.iter().filter_map(Section::certificate)).unwrap();
///
/// for file in hashed_directory::files(&bundle) {
///     // What `openssl x509 -subject_hash` prints, and `.0`.
///     assert!(hashed_directory::is_hash_name(&file.name));
///     assert_eq!(file.bundle.count(), 1);
///     assert!(pem::encode(&file.bundle).starts_with(b"-----BEGIN CERTIFICATE-----"));
/// }
/// ```
pub fn files<'a>(bundle: &Bundle<'a>) -> impl Iterator<Item = HashedFile<'a>> + use<'a> {
    let hash = |certificate: &Certificate| certificate.subject().hash().short();
    let mut certificates: Vec<&'a Certificate> = bundle.iter().collect();
    // Stable, so that those of one hash keep their order.
    certificates.sort_by_cached_key(|certificate| hash(certificate));
    Bundle::runs(certificates.into(), hash).map(move |bundle| {
        let hash = bundle.iter().next().map_or(0, hash);
        HashedFile {
            name: hex::with(hash.to_be_bytes(), |stem| [stem, ".0"].concat()),
            bundle,
        }
    })
}

/// What a file holds until every other one has its new content: all of `current`, then those certificates of
/// the `new` file that it lacks. `None` if it lacks none.
///
/// A certificate that does not say which key signed it is tried against the first CA of the name, which is
/// still the old one. No certificate is in the file twice, because OpenSSL 1.0 would read no further.
pub fn transitional(current: &[u8], new: &[u8]) -> Option<Vec<u8>> {
    let mut content = current.to_vec();
    if !content.is_empty() && !content.ends_with(b"\n") {
        content.push(b'\n');
    }
    let old_length = content.len();
    let known: BTreeSet<&[u8]> = sections(current).collect();
    for certificate in sections(new).filter(|section| !known.contains(section)) {
        content.extend_from_slice(certificate);
        content.push(b'\n');
    }
    (content.len() > old_length).then_some(content)
}

/// The text of each certificate in a file, from its BEGIN to its END.
fn sections(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
    const END: &[u8] = b"-----END CERTIFICATE-----";
    let mut rest = text;
    iter::from_fn(move || {
        let begun = &rest[find(rest, BEGIN)?..];
        let (section, after) = begun.split_at(find(begun, END)? + END.len());
        rest = after;
        Some(section)
    })
}

/// Whether `name` is a file name that OpenSSL would look for: eight lower-case hex digits, a dot, a number.
pub fn is_hash_name(name: &str) -> bool {
    let Some((hash, [b'.', number @ ..])) = name.as_bytes().split_first_chunk::<8>() else {
        return false;
    };
    hash.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        && !number.is_empty()
        && number.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::{is_hash_name, transitional};

    #[test]
    fn transitional_content_is_the_current_one_and_what_it_lacks() {
        let [a, b, c] = ["MIIA", "MIIB", "MIIC"].map(|body| {
            format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
        });
        let of = |current: &str, new: &str| {
            let both = transitional(current.as_bytes(), new.as_bytes())?;
            String::from_utf8(both).ok()
        };
        assert_eq!(of(&a, &b), Some([a.as_str(), &b].concat()));
        // None twice.
        let (ab, bc) = ([a.as_str(), &b].concat(), [b.as_str(), &c].concat());
        assert_eq!(of(&ab, &bc), Some([ab.as_str(), &c].concat()));
        // What a run that died left behind lacks nothing.
        assert_eq!(of(&ab, &b), None);
        assert_eq!(of(&ab, &ab), None);
        // Somebody edited it: the markers must not run together.
        assert_eq!(of(a.trim_end(), &b), Some([a.as_str(), &b].concat()));
        assert_eq!(of(a.trim_end(), &a), None);
        assert_eq!(of(&format!("# mine\n{a}"), &a), None);
        assert_eq!(of("", &b), Some(b.clone()));
    }

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
