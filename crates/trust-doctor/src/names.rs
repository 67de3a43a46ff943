//! The names that a certificate is for, host names that they cover (RFC 9525), and the names that a
//! CA may issue for.

use std::borrow::Cow;
use std::net::IpAddr;

use trust_stores::cert::{Certificate, GeneralName, oid};

/// The names that a server's certificate is for.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// The dNSNames of subjectAltName.
    pub(crate) dns: Vec<String>,
    /// Its addresses.
    pub(crate) addresses: Vec<String>,
    /// The last common name of the subject.
    pub(crate) common: Option<String>,
}

impl Names {
    pub(crate) fn of(leaf: &Certificate) -> Self {
        let mut names = Names {
            common: leaf.common_name().map(Cow::into_owned),
            ..Names::default()
        };
        for name in leaf.subject_alternative_names().into_iter().flatten() {
            match name {
                GeneralName::Dns(name) => names.dns.push(name.to_owned()),
                GeneralName::Ip(octets) => names.addresses.extend(address(octets)),
                _ => {}
            }
        }
        names
    }
}

fn address(octets: &[u8]) -> Option<String> {
    let four = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    let address = four.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from));
    address.ok().map(|address| address.to_string())
}

/// Where `*` may be in the left-most label of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wildcard {
    /// It is the whole label (RFC 9525, section 6.3).
    WholeLabel,
    /// It may be a part of it, as RFC 2818 had it.
    PartOfLabel,
}

/// Whether a name of a certificate covers `host`. A wildcard covers one label. Only curl ignores a
/// dot at the end of the name.
pub(crate) fn covers_host(name: &str, host: &str, wildcard: Wildcard) -> bool {
    let name = name.to_ascii_lowercase();
    if name == host {
        return true;
    }
    let (Some((pattern, domain)), Some((label, rest))) =
        (name.split_once('.'), host.split_once('.'))
    else {
        return false;
    };
    // `wildcard_match` in OpenSSL's `v3_utl.c` takes no other characters; a JVM takes none at all.
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if domain != rest
        || !domain.contains('.')
        || !label.chars().all(is_plain)
        || host.parse::<IpAddr>().is_ok()
    {
        return false;
    }
    match pattern.split_once('*') {
        Some(("", "")) => !label.is_empty(),
        Some((start, end)) if wildcard == Wildcard::PartOfLabel && !pattern.starts_with("xn--") => {
            label.len() >= start.len() + end.len()
                && label.starts_with(start)
                && label.ends_with(end)
        }
        _ => false,
    }
}

/// Whether a CA may issue for all these names by its name constraints (RFC 5280, section
/// 4.2.1.10): none is excluded, and where names of its kind are permitted, it is among them.
/// Constraints that cannot be read permit nothing.
pub(crate) fn may_issue_for(ca: &Certificate, names: &[String]) -> bool {
    let Some(constraints) = ca.name_constraints() else {
        return ca.extension(oid::NAME_CONSTRAINTS).is_none();
    };
    names.iter().all(|name| {
        let permitted = constraints.permitted.iter();
        let permitted: Vec<bool> = permitted.filter_map(|base| is_within(name, base)).collect();
        let mut excluded = constraints.excluded.iter();
        !excluded.any(|base| is_within(name, base) == Some(true))
            && (permitted.is_empty() || permitted.contains(&true))
    })
}

/// Whether a CA constrains names that [`may_issue_for`] does not compare and `leaf` has.
pub(crate) fn constrains_other_names(ca: &Certificate, leaf: &Certificate) -> bool {
    let Some(constraints) = ca.name_constraints() else {
        return false;
    };
    let names = leaf.subject_alternative_names().unwrap_or_default();
    let is_compared = |name: &GeneralName| matches!(name, GeneralName::Dns(_) | GeneralName::Ip(_));
    let has_others = !names.iter().all(is_compared) || leaf.subject().as_str().contains('@');
    let mut bases = constraints.permitted.iter().chain(&constraints.excluded);
    bases.any(|base| match base {
        GeneralName::Dns(_) => names.contains(&GeneralName::Other),
        GeneralName::Ip(octets) => !matches!(octets.len(), 8 | 32),
        GeneralName::Uri(_) | GeneralName::Email(_) => has_others,
        // Directory names, which every subject is one of, and what cannot be read.
        _ => true,
    })
}

/// Whether a name is in a subtree; nothing if the subtree is of another kind. Addresses of IPv4 and
/// IPv6 are of one kind: a CA that is limited to networks of one may not issue for the other.
fn is_within(name: &str, base: &GeneralName<'_>) -> Option<bool> {
    match (base, name.parse::<IpAddr>()) {
        (GeneralName::Dns(base), Err(_)) => {
            // A base with a dot first is for the names below it only; Java 8 reads it otherwise.
            let base = base.to_ascii_lowercase();
            let parent = base.trim_start_matches('.');
            let is_below = name
                .strip_suffix(parent)
                .is_some_and(|labels| labels.ends_with('.'));
            Some(base.is_empty() || name == base || is_below)
        }
        (GeneralName::Ip(octets), Ok(address)) => {
            let address = match address {
                IpAddr::V4(address) => address.octets().to_vec(),
                IpAddr::V6(address) => address.octets().to_vec(),
            };
            let (network, mask) = octets.split_at(octets.len() / 2);
            let masked = |octets: &[u8]| -> Vec<u8> {
                let pairs = octets.iter().zip(mask);
                pairs.map(|(octet, mask)| octet & mask).collect()
            };
            Some(network.len() == address.len() && masked(&address) == masked(network))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{GeneralName, Wildcard, covers_host, is_within};

    #[test]
    fn a_wildcard_is_one_whole_label() {
        for (name, host, covers) in [
            ("login.example.com", "login.example.com", true),
            ("LOGIN.example.com", "login.example.com", true),
            ("login.example.com.", "login.example.com", false),
            ("*.example.com", "login.example.com", true),
            ("*.example.com", "a.login.example.com", false),
            ("*.example.com", "example.com", false),
            ("*.example.com", "my_db.example.com", false),
            ("my_db.example.com", "my_db.example.com", true),
            ("*.com", "example.com", false),
            ("l*.example.com", "login.example.com", false),
            ("192.0.2.1", "192.0.2.1", true),
            ("*.0.2.1", "192.0.2.1", false),
        ] {
            let found = covers_host(name, host, Wildcard::WholeLabel);
            assert_eq!(found, covers, "{name} {host}");
        }
    }

    #[test]
    fn a_subtree_holds_the_names_below_it() {
        for (name, base, is_in) in [
            ("login.example.com", "Example.com", true),
            ("example.com", "example.com", true),
            ("anexample.com", "example.com", false),
            ("login.example.com", ".example.com", true),
            ("example.com", ".example.com", false),
            ("example.com", "", true),
        ] {
            let found = is_within(name, &GeneralName::Dns(base));
            assert_eq!(found, Some(is_in), "{name} {base}");
        }
        let network = [192, 0, 2, 0, 255, 255, 255, 0];
        for (address, is_in) in [
            ("192.0.2.7", Some(true)),
            ("192.0.3.7", Some(false)),
            ("2001:db8::1", Some(false)),
            ("example.com", None),
        ] {
            assert_eq!(
                is_within(address, &GeneralName::Ip(&network)),
                is_in,
                "{address}"
            );
        }
    }
}
