//! `X509_check_host` and `X509_check_ip` of OpenSSL (`crypto/x509/v3_utl.c`), by which `s_client` and Python
//! compare.

use std::net::IpAddr;

use super::{Coverage, Names};
use crate::client::{Client, Rules};

pub(super) fn cover(names: &Names<'_>, host: &str, rules: Rules) -> Coverage {
    if let Ok(address) = host.parse::<IpAddr>() {
        return names.cover_address(names.have_address(address), host);
    }
    let partial = rules.client == Client::OpenSsl;
    // Python's codec for host names, which leaves a final dot.
    let is_label = |label: &str| (1..=63).contains(&label.len());
    let name = host.strip_suffix('.').unwrap_or(host);
    if !partial && !name.split('.').all(is_label) {
        return Coverage::CoversNot;
    }
    let covers = |name: &str| covers(name, host, partial);
    if !names.dns.is_empty() {
        return Coverage::from(names.dns.iter().any(|name| covers(name)));
    }
    if !names.common.iter().any(|name| covers(name)) {
        return Coverage::CoversNot;
    }
    if rules.falls_back_to_common_name() {
        Coverage::Covers
    } else {
        Coverage::CommonNameOnly
    }
}

/// Whether a name covers a host; `partial` allows `*` as a part of a label, which Python forbids
/// (`X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS`).
fn covers(name: &str, host: &str, partial: bool) -> bool {
    match star(name, partial) {
        None => name.eq_ignore_ascii_case(host),
        Some((before, after)) => star_covers(before, after, host),
    }
}

/// What is before and after the star of a name that may have one (`valid_star`): in the first label, at its
/// start or end, with two dots after it, and all labels of letters, digits and inner hyphens.
fn star(name: &str, partial: bool) -> Option<(&str, &str)> {
    let (before, after) = name.split_once('*')?;
    let (rest_of_label, domain) = after.split_once('.')?;
    let is_whole = before.is_empty() && rest_of_label.is_empty();
    let is_at_an_end = before.is_empty() || rest_of_label.is_empty();
    let is_plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let starts_well = |label: &str| label.is_empty() || !label.starts_with('-');
    let is_label = |label: &str| {
        is_plain(label) && !label.is_empty() && starts_well(label) && !label.ends_with('-')
    };
    let is_sound = is_at_an_end
        && (is_whole || partial && !is_international(before))
        && is_plain(before)
        && !before.ends_with('-')
        && starts_well(before)
        && is_plain(rest_of_label)
        && !rest_of_label.ends_with('-')
        && domain.contains('.')
        && domain.split('.').all(is_label);
    is_sound.then_some((before, after))
}

/// Whether a host is one of those that a star stands for (`wildcard_match`).
fn star_covers(before: &str, after: &str, host: &str) -> bool {
    let (Some(start), Some(middle)) = (
        host.get(..before.len()),
        host.get(before.len()..host.len().saturating_sub(after.len())),
    ) else {
        return false;
    };
    let Some(end) = host.get(before.len() + middle.len()..) else {
        return false;
    };
    let is_whole = before.is_empty() && after.starts_with('.');
    start.eq_ignore_ascii_case(before)
        && end.eq_ignore_ascii_case(after)
        && !(is_whole && middle.is_empty())
        && (is_whole || !is_international(host))
        && middle
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn is_international(label: &str) -> bool {
    label
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("xn--"))
}

#[cfg(test)]
mod tests {
    use super::covers;

    /// As `openssl verify -verify_hostname` of 3.0 and 3.6 answer.
    #[test]
    fn a_star_is_in_the_first_label_and_has_two_dots_behind_it() {
        for (name, host, whole, partial) in [
            ("LOGIN.example.com", "login.example.com", true, true),
            ("login.example.com.", "login.example.com", false, false),
            ("login.example.com", "login.example.com.", false, false),
            ("login.example.com.", "login.example.com.", true, true),
            ("*.example.com", "login.example.com.", false, false),
            ("*.example.com", "login.example.com", true, true),
            ("*.example.com.", "login.example.com", false, false),
            ("*.example.com", "a.login.example.com", false, false),
            ("*.example.com", "example.com", false, false),
            ("*.example.com", "my_db.example.com", false, false),
            ("my_db.example.com", "my_db.example.com", true, true),
            ("*.com", "example.com", false, false),
            ("l*.example.com", "login.example.com", false, true),
            ("*n.example.com", "login.example.com", false, true),
            ("l*n.example.com", "login.example.com", false, false),
            ("login*.example.com", "login.example.com", false, true),
            ("login.*.com", "login.example.com", false, false),
            ("**.example.com", "login.example.com", false, false),
            ("*.example.com", "xn--bcher-kva.example.com", true, true),
            ("x*.example.com", "xn--bcher-kva.example.com", false, false),
            (
                "xn--*.example.com",
                "xn--bcher-kva.example.com",
                false,
                false,
            ),
            ("*.exam_ple.com", "login.exam_ple.com", false, false),
        ] {
            assert_eq!(covers(name, host, false), whole, "{name} {host}");
            assert_eq!(covers(name, host, true), partial, "{name} {host}");
        }
    }
}
