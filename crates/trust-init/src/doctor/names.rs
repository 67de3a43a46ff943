//! What a certificate is for: its names, host names that they cover (RFC 9525), and those that a CA may
//! vouch for.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, GeneralSubtree};

use super::path::with;
use trust_stores::Certificate;

/// The names that a certificate is for.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// The dNSNames of subjectAltName.
    pub(super) dns: Vec<String>,
    /// Its addresses.
    pub(super) addresses: Vec<String>,
    /// The last common name of the subject.
    pub(super) common: Option<String>,
}

impl Names {
    pub(super) fn of(leaf: &Certificate) -> Self {
        with(leaf, |x509| {
            let mut names = Names::default();
            let alternative = x509.subject_alternative_name().ok().flatten();
            for name in alternative.iter().flat_map(|one| &one.value.general_names) {
                match name {
                    GeneralName::DNSName(name) => names.dns.push((*name).to_owned()),
                    GeneralName::IPAddress(bytes) => names.addresses.extend(address(bytes)),
                    _ => {}
                }
            }
            let common = x509.subject().iter_common_name().last();
            names.common = common.and_then(|name| name.as_str().ok().map(str::to_owned));
            names
        })
        .unwrap_or_default()
    }
}

/// Whether a CA's nameConstraints leave it all these names (RFC 5280, section 4.2.1.10): none is
/// excluded, and where names of its kind are permitted, it is among them.
pub(super) fn may_vouch(ca: &X509Certificate<'_>, names: &[String]) -> bool {
    let Some(constraints) = ca.name_constraints().ok().flatten() else {
        return true;
    };
    let constraints = constraints.value;
    names.iter().all(|name| {
        let mut excluded = constraints.excluded_subtrees.iter().flatten();
        let permitted = constraints.permitted_subtrees.iter().flatten();
        let permitted: Vec<bool> = permitted.filter_map(|tree| covers(tree, name)).collect();
        !excluded.any(|tree| covers(tree, name) == Some(true))
            && (permitted.is_empty() || permitted.contains(&true))
    })
}

fn address(bytes: &[u8]) -> Option<String> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(Ipv4Addr::from(four).to_string());
    }
    let sixteen = <[u8; 16]>::try_from(bytes).ok()?;
    Some(Ipv6Addr::from(sixteen).to_string())
}

/// RFC 9525, section 6.3: `*` stands for the whole left-most label, and for one alone. With
/// `is_partial` it may stand for a part of it, as OpenSSL and the JVM have it from RFC 2818.
pub(super) fn is_for(name: &str, host: &str, is_partial: bool) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    if name == host {
        return true;
    }
    let (Some((pattern, domain)), Some((label, of))) = (name.split_once('.'), host.split_once('.'))
    else {
        return false;
    };
    if domain != of || !domain.contains('.') || host.parse::<IpAddr>().is_ok() {
        return false;
    }
    match pattern.split_once('*') {
        Some(("", "")) => !label.is_empty(),
        Some((before, behind)) if is_partial && !pattern.starts_with("xn--") => {
            label.len() >= before.len() + behind.len()
                && label.starts_with(before)
                && label.ends_with(behind)
        }
        _ => false,
    }
}

/// Whether a subtree covers a name; nothing if it is of another kind.
fn covers(tree: &GeneralSubtree<'_>, host: &str) -> Option<bool> {
    let ip: Option<IpAddr> = host.parse().ok();
    match (&tree.base, ip) {
        (GeneralName::DNSName(base), None) => {
            let base = base.trim_start_matches('.').to_ascii_lowercase();
            let is_below = host
                .strip_suffix(&base)
                .is_some_and(|rest| rest.ends_with('.'));
            Some(base.is_empty() || host == base || is_below)
        }
        (GeneralName::IPAddress(bytes), Some(ip)) => {
            let octets = match ip {
                IpAddr::V4(ip) => ip.octets().to_vec(),
                IpAddr::V6(ip) => ip.octets().to_vec(),
            };
            let (network, mask) = bytes.split_at(bytes.len() / 2);
            (network.len() == octets.len()).then(|| {
                let pairs = octets.iter().zip(mask).map(|(octet, mask)| octet & mask);
                pairs.eq(network.iter().zip(mask).map(|(octet, mask)| octet & mask))
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::is_for;

    #[test]
    fn a_star_is_one_whole_label() {
        for (name, host, fits) in [
            ("login.example.com", "login.example.com", true),
            ("LOGIN.example.com.", "login.example.com", true),
            ("*.example.com", "login.example.com", true),
            ("*.example.com", "a.login.example.com", false),
            ("*.example.com", "example.com", false),
            ("*.com", "example.com", false),
            ("l*.example.com", "login.example.com", false),
            ("192.0.2.1", "192.0.2.1", true),
            ("*.0.2.1", "192.0.2.1", false),
        ] {
            assert_eq!(is_for(name, host, false), fits, "{name} {host}");
        }
    }
}
