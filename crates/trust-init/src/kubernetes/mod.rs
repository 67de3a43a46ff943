//! The stores as Kubernetes objects: ConfigMaps or Secrets, their sizes, and what a pod needs to mount
//! them. Nothing here touches a disk or a cluster.
//!
//! Which object has which key depends on the options alone, never on the certificates, so a pod that
//! mounts these objects can mount those of the next chain without a change.

mod contents;
mod object;
mod pod;
mod yaml;

pub use contents::{Bundles, Encoding, Entry, ObjectContent, ObjectRole, contents};
pub use object::{Kind, MAX_CLIENT_SIDE_JSON, MAX_DATA, Metadata, Object};
pub use pod::pod_snippet;

use std::fmt::Write as _;

/// `objects` as a stream of YAML documents. It starts with `pod_snippet` as a comment, which tells the reader how
/// to mount them.
pub fn stream(objects: &[Object<'_>], pod_snippet: &str) -> String {
    // YAML has four spaces before a line in place of JSON's backslash.
    let size = objects
        .iter()
        .map(|object| object.json_size() / 15 * 16 + 4096)
        .sum();
    let mut out = String::with_capacity(size);
    out.push_str("# Trust stores, printed by trust-init render. A pod that mounts them has:\n#\n");
    for line in pod_snippet.lines() {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "#   {line}");
    }
    for object in objects {
        out.push_str("---\n");
        object.write_yaml(&mut out);
    }
    out
}

/// Whether `name` is a DNS subdomain (RFC 1123): one or more labels with dots between them. Most names in
/// Kubernetes are.
pub fn is_dns_subdomain(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(has_label_characters)
}

/// Whether `name` is a DNS label (RFC 1123), as the name of a namespace must be.
pub fn is_dns_label(name: &str) -> bool {
    name.len() <= 63 && has_label_characters(name)
}

fn has_label_characters(part: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    part.bytes().all(|byte| is_word(byte) || byte == b'-')
        && part.bytes().next().is_some_and(is_word)
        && part.bytes().last().is_some_and(is_word)
}

#[cfg(test)]
mod tests {
    use super::{is_dns_label, is_dns_subdomain};

    #[test]
    fn names_are_those_that_kubernetes_takes() {
        for good in ["a", "0", "trust-1", "a--b"] {
            assert!(is_dns_label(good) && is_dns_subdomain(good), "{good}");
        }
        assert!(is_dns_subdomain("trust.example.com") && !is_dns_label("trust.example.com"));
        for bad in [
            "", "-a", "a-", "A", "a_b", "a b", "é", "a\n", "a..b", ".a", "a.",
        ] {
            assert!(!is_dns_label(bad) && !is_dns_subdomain(bad), "{bad:?}");
        }
        assert!(is_dns_label(&"a".repeat(63)) && !is_dns_label(&"a".repeat(64)));
        assert!(is_dns_subdomain(&"a".repeat(253)) && !is_dns_subdomain(&"a".repeat(254)));
    }
}
