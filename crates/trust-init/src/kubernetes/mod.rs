//! The stores as Kubernetes objects: stores in, ConfigMaps or Secrets and their sizes out, and what a
//! pod needs to mount them. Nothing touches a disk or a cluster here.
//!
//! Which object holds what, and under which key, follows from the options alone and never from the
//! certificates: whoever has mounted the objects once mounts those of the next chain too.

mod contents;
mod object;
mod pod;
mod yaml;

pub use contents::{Entry, Form, Part, parts};
pub use object::{CLIENT_SIDE_LIMIT, KUBERNETES_LIMIT, Kind, Meta, Object};
pub use pod::pod;

use std::fmt::Write as _;

/// `objects` as a stream of YAML documents. Its head is `pod` as a comment: who reads the file has to
/// know how to mount it, and what applies it passes a comment over.
pub fn stream(objects: &[Object<'_>], pod: &str) -> String {
    let size = objects.iter().map(|object| object.json_size() + 4096).sum();
    let mut out = String::with_capacity(size);
    out.push_str("# Trust stores, printed by trust-init render. A pod that mounts them has:\n#\n");
    for line in pod.lines() {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "#   {line}");
    }
    for object in objects {
        out.push_str("---\n");
        out.push_str(&object.yaml());
    }
    out
}

/// A name of one part or, between dots, several, as RFC 1123 has them: what most of Kubernetes' names
/// are.
pub fn is_dns_subdomain(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(is_dns_part)
}

/// A name of one part: what a namespace has.
pub fn is_dns_label(name: &str) -> bool {
    name.len() <= 63 && is_dns_part(name)
}

fn is_dns_part(part: &str) -> bool {
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
