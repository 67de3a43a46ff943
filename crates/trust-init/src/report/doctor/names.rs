//! The words for a certificate that is not for the host that was called.

use super::causes::Words;
use super::own_words::is_address;

const NO_UNDERSCORE: &str = "a JVM refuses every name with an underscore: give the server a name \
                             without one";

/// A JVM takes no such host, whatever the certificate says.
pub(super) fn underscore(host: &str) -> Words {
    Words::new(format!(
        "host names may not have an underscore, whatever the certificate says: {host}"
    ))
    .fix(NO_UNDERSCORE)
}

/// The certificate has the host in its subject alone.
pub(super) fn common(name: &str) -> Words {
    if is_address(name) {
        return Words::new(format!(
            "the address {name} is only in the subject, where only curl of these clients looks"
        ))
        .fix("the server's owner must reissue the certificate with this IP address in subjectAltName");
    }
    Words::new(format!(
        "the name {name} is only in the subject, where newer clients do not look"
    ))
    .fix("the server's owner must reissue the certificate with a subjectAltName")
}

/// The certificate is for these names, none of which is the host's.
pub(super) fn other(names: &[String], host: &str) -> Words {
    // A dNSName, then: an address would have covered it.
    if is_address(host) && names.iter().any(|name| name == host) {
        return Words::new(format!(
            "the certificate has the address {host} as a DNS name, where clients do not look"
        ))
        .fix("have it reissued with this address as an IP address in subjectAltName");
    }
    let listed = if names.is_empty() {
        String::from("names no host")
    } else {
        format!("is for {}", names.join(", "))
    };
    let words = Words::new(format!("the certificate is not for {host}: it {listed}"));
    let is_no_name = |name: &String| name.contains(['/', ':', ' ']) && !is_address(name);
    let mut words = if is_but_for_the_dot(names, host) {
        words.fix("leave out the dot at the end of the name, which these clients compare")
    } else if !names.is_empty() && names.iter().all(is_no_name) {
        words.fix(
            "have it reissued with only the name: no scheme, port or space belongs in a DNS name",
        )
    } else {
        words.fix("use one of its names, or have it reissued with this one")
    };
    let stars: Vec<&str> = names
        .iter()
        .filter_map(|name| name.strip_prefix("*."))
        .collect();
    if host.contains('_') {
        return words
            .fix("an asterisk does not cover a name with an underscore")
            .fix(NO_UNDERSCORE);
    }
    if stars
        .iter()
        .any(|domain| !domain.contains('.') && host.ends_with(domain))
    {
        words =
            words.fix("OpenSSL, Python and curl do not accept an asterisk before a single label");
    } else if stars.iter().any(|domain| host.ends_with(domain)) {
        words = words.fix("an asterisk stands for exactly one label");
    }
    words
}

/// Whether one of the names covers the host without the dot at its end.
fn is_but_for_the_dot(names: &[String], host: &str) -> bool {
    let Some(bare) = host.strip_suffix('.') else {
        return false;
    };
    let parent = bare.split_once('.').map(|(_, parent)| parent);
    names.iter().any(|name| match name.strip_prefix("*.") {
        Some(domain) => parent.is_some_and(|parent| parent.eq_ignore_ascii_case(domain)),
        None => bare.eq_ignore_ascii_case(name),
    })
}
