//! curl's own comparison: `Curl_ossl_verifyhost` (`lib/vtls/openssl.c`) and `Curl_cert_hostcheck`
//! (`lib/vtls/hostcheck.c`).

use std::net::IpAddr;

use super::{Coverage, Names};

/// Whether a certificate is for a host. The common name, of an address too, counts where subjectAltName
/// has neither a dNSName nor an address.
pub(super) fn cover(names: &Names<'_>, host: &str) -> Coverage {
    let address = host.parse::<IpAddr>().ok();
    let last = names.common.last();
    let is_common = last.is_some_and(|name| name_covers(name, host));
    if names.dns.is_empty() && names.addresses.is_empty() {
        return Coverage::from(is_common);
    }
    match address {
        Some(address) => Coverage::from(names.have_address(address)),
        None if names.dns.is_empty() && is_common => Coverage::CommonNameOnly,
        None => Coverage::from(names.dns.iter().any(|name| name_covers(name, host))),
    }
}

/// A star is the whole first label, covers any label, and needs two dots in its name. A dot at the end
/// counts for nothing.
fn name_covers(name: &str, host: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let Some(domain) = name.strip_prefix("*.").filter(|rest| rest.contains('.')) else {
        return name.eq_ignore_ascii_case(host);
    };
    let rest = host.split_once('.').map(|(_, rest)| rest);
    host.parse::<IpAddr>().is_err() && rest.is_some_and(|rest| rest.eq_ignore_ascii_case(domain))
}

#[cfg(test)]
mod tests {
    use super::name_covers;

    /// As curl 7.88 and 8.23 answer.
    #[test]
    fn a_star_covers_any_label() {
        for (name, host, covers) in [
            ("login.example.com.", "login.example.com", true),
            ("*.example.com", "login.example.com", true),
            ("*.example.com.", "login.example.com", true),
            ("*.example.com", "my_db.example.com", true),
            ("*.example.com", "a.login.example.com", false),
            ("*.com", "example.com", false),
            ("l*.example.com", "login.example.com", false),
            ("*.0.2.1", "192.0.2.1", false),
            ("192.0.2.1", "192.0.2.1", true),
        ] {
            assert_eq!(name_covers(name, host), covers, "{name} {host}");
        }
    }
}
