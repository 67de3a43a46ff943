//! The JVM's comparison: `sun.security.util.HostnameChecker`.

use std::net::IpAddr;

use super::{Coverage, Names, address};

/// The types of text that every JVM reads a common name of: UTF8, Printable, T61, IA5 and BMP. With others
/// some or all fail.
const TEXT_TYPES: [u8; 5] = [0x0c, 0x13, 0x14, 0x16, 0x1e];

pub(super) fn cover(names: &Names<'_>, host: &str) -> Coverage {
    if let Ok(wanted) = host.parse::<IpAddr>() {
        // `InetAddress` takes an IPv4 address in an IPv6 one for the same.
        let addresses = names.addresses.iter().filter_map(|octets| address(octets));
        let mut addresses = addresses.map(|address| address.to_canonical());
        let covers = addresses.any(|address| address == wanted.to_canonical());
        return names.cover_address(covers, host);
    }
    if !is_host_name(host) {
        return Coverage::CoversNot;
    }
    let common = names.common.last().map(String::as_str);
    let candidates = if names.dns.is_empty() {
        common.as_slice()
    } else {
        names.dns.as_slice()
    };
    let is_text = !names.dns.is_empty() || TEXT_TYPES.contains(&names.common_tag);
    let mut found = Coverage::CoversNot;
    for name in candidates {
        match name_covers(name, host) {
            Coverage::Covers if !is_text => found = Coverage::JavaVersion,
            Coverage::Covers => return Coverage::Covers,
            Coverage::CoversNot => {}
            other => found = other,
        }
    }
    found
}

/// Whether the JVM takes a host name at all (`SNIHostName`, by the rules of STD 3): letters, digits and
/// inner hyphens.
fn is_host_name(host: &str) -> bool {
    host.split('.').all(|label| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    })
}

/// Stars may be anywhere in a name that has a dot after the last of them; since JDK 21 in the first label
/// only. They stand for any part of a label.
pub(crate) fn name_covers(name: &str, host: &str) -> Coverage {
    if !name.contains('*') {
        return match name.eq_ignore_ascii_case(host) {
            true if may_end_in_hyphen(host) => Coverage::JavaVersion,
            is_equal => Coverage::from(is_equal),
        };
    }
    let after_last = name.rsplit('*').next().unwrap_or_default();
    let domain = after_last.split_once('.').map(|(_, domain)| domain);
    let is_sound = domain.is_some_and(|domain| !domain.is_empty())
        && is_host_name(&name.replace('*', "x"))
        && name.split('.').count() == host.split('.').count();
    let mut labels = name.split('.').zip(host.split('.'));
    if !is_sound
        || !labels
            .clone()
            .all(|(pattern, label)| label_covers(pattern, label))
    {
        return Coverage::CoversNot;
    }
    let is_first_only = labels
        .clone()
        .skip(1)
        .all(|(pattern, _)| !pattern.contains('*'));
    // JDK 8 compares an international label as it is, later ones the letters that it stands for.
    let is_international = |label: &str| label.starts_with("xn--");
    let is_part = |pattern: &str| pattern.contains('*') && pattern != "*";
    let has_letters = labels.any(|(pattern, label)| {
        is_part(pattern) && (is_international(label) || is_international(pattern))
    });
    if is_first_only && !has_letters && !may_end_in_hyphen(host) {
        Coverage::Covers
    } else {
        Coverage::JavaVersion
    }
}

/// Whether an international label may stand for one with a hyphen at an end, which JVMs since 11 refuse.
fn may_end_in_hyphen(host: &str) -> bool {
    let mut labels = host
        .split('.')
        .filter_map(|label| label.strip_prefix("xn--"));
    labels.any(|encoded| encoded.starts_with('-') || encoded.contains("--"))
}

/// `matchWildCards`.
fn label_covers(pattern: &str, label: &str) -> bool {
    let (pattern, label) = (pattern.to_ascii_lowercase(), label.to_ascii_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|start| label.strip_prefix(start)) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{Coverage, name_covers};

    /// As JDK 8, 11, 17, 21 and 25 answer.
    #[test]
    fn a_star_is_any_part_of_a_label() {
        use Coverage::{Covers, CoversNot, JavaVersion};
        for (name, host, expected) in [
            ("LOGIN.example.com", "login.example.com", Covers),
            ("login.example.com.", "login.example.com", CoversNot),
            ("*.example.com", "login.example.com", Covers),
            ("*.example.com", "a.login.example.com", CoversNot),
            ("l*n.example.com", "login.example.com", Covers),
            ("**.example.com", "login.example.com", Covers),
            ("*.corp", "server.corp", Covers),
            ("s*", "server", CoversNot),
            ("*", "server", CoversNot),
            ("*.", "server", CoversNot),
            ("*.*.com", "login.example.com", JavaVersion),
            ("login.e*.com", "login.example.com", JavaVersion),
            ("login.example.*", "login.example.com", CoversNot),
            ("*.exam_ple.com", "login.exam-ple.com", CoversNot),
            ("*.example.com", "xn--bcher-kva.example.com", Covers),
            ("xn--bcher-kva.com", "xn--bcher-kva.com", Covers),
            ("xn--test--wg5h0h.com", "xn--test--wg5h0h.com", JavaVersion),
            ("x*.example.com", "xn--bcher-kva.example.com", JavaVersion),
        ] {
            assert_eq!(name_covers(name, host), expected, "{name} {host}");
        }
    }
}
