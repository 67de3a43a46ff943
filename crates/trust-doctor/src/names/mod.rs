//! The names that a certificate is for, and the host names that they cover (RFC 9525), as each client
//! compares them.

mod curl;
pub(crate) mod jvm;
mod openssl;

use std::net::IpAddr;

use trust_stores::cert::{Certificate, GeneralName, oid};

use crate::client::{Client, Rules};

/// Whether a certificate is for a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coverage {
    /// It is.
    Covers,
    /// It is not.
    CoversNot,
    /// Versions of the JVM disagree.
    JavaVersion,
    /// The host is in the common name of the subject alone, where the client does not look.
    CommonNameOnly,
}

/// The names that a server's certificate is for.
#[derive(Debug, Default)]
pub(crate) struct Names<'a> {
    /// The dNSNames of subjectAltName.
    pub(crate) dns: Vec<&'a str>,
    /// Its addresses, as they are in the certificate.
    addresses: Vec<&'a [u8]>,
    /// The common names of the subject, in their order.
    pub(crate) common: Vec<String>,
    /// The identifier octet of the last common name's type.
    common_tag: u8,
}

impl<'a> Names<'a> {
    pub(crate) fn of(leaf: &'a Certificate) -> Self {
        let mut names = Names::default();
        for value in leaf.subject_values(oid::COMMON_NAME) {
            names.common_tag = value.tag;
            names.common.extend(value.text.map(String::from));
        }
        for name in leaf.subject_alternative_names().into_iter().flatten() {
            match name {
                GeneralName::Dns(name) => names.dns.push(name),
                GeneralName::Ip(octets) => names.addresses.push(octets),
                _ => {}
            }
        }
        names
    }

    /// All of subjectAltName that is compared with hosts, as text.
    pub(crate) fn listed(&self) -> Vec<String> {
        let dns = self.dns.iter().map(|name| (*name).to_owned());
        let addresses = self.addresses.iter().filter_map(|octets| address(octets));
        dns.chain(addresses.map(|address| address.to_string()))
            .collect()
    }

    /// Whether a client takes a certificate with these names for that of `host`.
    pub(crate) fn cover(&self, host: &str, rules: Rules) -> Coverage {
        // curl and urllib3 compare without the dot at the end.
        let name = host.strip_suffix('.').unwrap_or(host);
        match rules.client {
            Client::Jvm => match jvm::cover(self, name) {
                // JDK 11 takes no such host ("Illegal given domain name").
                Coverage::Covers if name != host => Coverage::JavaVersion,
                coverage => coverage,
            },
            Client::Curl => curl::cover(self, name),
            Client::Requests => openssl::cover(self, name, rules),
            Client::OpenSsl | Client::Python => openssl::cover(self, host, rules),
        }
    }

    /// What a client answers that takes an address by subjectAltName alone, which `covers` it or not.
    fn cover_address(&self, covers: bool, host: &str) -> Coverage {
        let is_common = self.dns.is_empty()
            && self.addresses.is_empty()
            && self.common.iter().any(|name| name == host);
        match covers {
            false if is_common => Coverage::CommonNameOnly,
            covers => Coverage::from(covers),
        }
    }

    /// Whether one of the addresses is that of `host`, octet by octet.
    fn have_address(&self, host: IpAddr) -> bool {
        let octets = match host {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        self.addresses.contains(&octets.as_slice())
    }
}

impl From<bool> for Coverage {
    fn from(covers: bool) -> Self {
        if covers {
            Coverage::Covers
        } else {
            Coverage::CoversNot
        }
    }
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    four.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from))
        .ok()
}
