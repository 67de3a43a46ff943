//! Whom to ask: a host, a port, and the way there.

use std::net::IpAddr;
use std::str::FromStr;

/// What is spoken before TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartTls {
    /// `PostgreSQL`'s `SSLRequest`.
    Postgres,
    /// SMTP's STARTTLS (RFC 3207).
    Smtp,
    /// LDAP's `StartTLS` (RFC 4511, section 4.14).
    Ldap,
    /// `MySQL`'s `SSLRequest`.
    Mysql,
}

impl StartTls {
    /// Every protocol.
    pub const ALL: [StartTls; 4] = [
        StartTls::Postgres,
        StartTls::Smtp,
        StartTls::Ldap,
        StartTls::Mysql,
    ];

    /// Every protocol, with its name and its port.
    const TABLE: [(StartTls, &'static str, u16); 4] = [
        (StartTls::Postgres, "postgres", 5432),
        (StartTls::Smtp, "smtp", 25),
        (StartTls::Ldap, "ldap", 389),
        (StartTls::Mysql, "mysql", 3306),
    ];

    /// As `--starttls` names it.
    pub fn name(self) -> &'static str {
        let mut all = StartTls::TABLE.into_iter();
        all.find(|(one, ..)| *one == self)
            .map_or("", |(_, name, _)| name)
    }

    fn port(self) -> u16 {
        let mut all = StartTls::TABLE.into_iter();
        all.find(|(one, ..)| *one == self)
            .map_or(443, |(.., port)| port)
    }
}

/// A server, as it was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// A name or an address, without brackets.
    pub host: String,
    /// The port, where one was given.
    port: Option<u16>,
}

impl Target {
    /// The port, or the usual one.
    pub fn port(&self, starttls: Option<StartTls>) -> u16 {
        self.port_or(starttls.map_or(443, StartTls::port))
    }

    /// The port, or this one.
    pub(super) fn port_or(&self, usual: u16) -> u16 {
        self.port.unwrap_or(usual)
    }

    /// `HOST:PORT`, with brackets around an IPv6 address.
    pub fn authority(&self, starttls: Option<StartTls>) -> String {
        let port = self.port(starttls);
        if self.host.contains(':') {
            format!("[{}]:{port}", self.host)
        } else {
            format!("{}:{port}", self.host)
        }
    }
}

/// Takes `HOST`, `HOST:PORT`, `[IPV6]:PORT`, and a URL, of which the host and the port count.
impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || String::from("expected HOST or HOST:PORT");
        let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let authority = authority
            .rsplit_once('@')
            .map_or(authority, |(_, rest)| rest);
        let (host, port) = if let Some(bracketed) = authority.strip_prefix('[') {
            let (host, rest) = bracketed.split_once(']').ok_or_else(wrong)?;
            (host, rest.strip_prefix(':').unwrap_or(rest))
        } else if authority.matches(':').count() > 1 {
            (authority, "")
        } else {
            authority.split_once(':').unwrap_or((authority, ""))
        };
        let host = host.trim_end_matches('.');
        if !host.is_ascii() {
            return Err(String::from(
                "expected a name in ASCII: xn--… where it has other letters",
            ));
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
        if host.is_empty() || !host.chars().all(is_name) {
            return Err(wrong());
        }
        let port = match port {
            "" => None,
            digits => Some(digits.parse().map_err(|_| wrong())?),
        };
        // One way to write an address, since those of certificates are compared with it.
        let address = host.parse::<IpAddr>().map(|address| address.to_string());
        Ok(Target {
            host: address.unwrap_or_else(|_| host.to_ascii_lowercase()),
            port,
        })
    }
}

/// An HTTP proxy that tunnels (CONNECT, RFC 9110, section 9.3.6).
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    /// Where it listens.
    pub target: Target,
    /// User and password, as the URL has them.
    pub(super) user_info: Option<String>,
}

impl Proxy {
    /// `host:port`, and nothing of a user.
    pub fn shown(&self) -> String {
        format!("{}:{}", self.target.host, self.port())
    }

    /// 80 where none is given, as its URL has it.
    pub(super) fn port(&self) -> u16 {
        self.target.port_or(80)
    }
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown())
    }
}

impl FromStr for Proxy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let rest = match text.split_once("://") {
            Some(("http", rest)) => rest,
            Some(_) => return Err(String::from("only http:// proxies are spoken to")),
            None => text,
        };
        let authority = rest.split('/').next().unwrap_or_default();
        let user_info = authority.rsplit_once('@').map(|(user, _)| user.to_owned());
        Ok(Proxy {
            target: rest.parse()?,
            user_info,
        })
    }
}

/// Whether a server is one that `NO_PROXY` keeps from the proxy, as curl(1) and requests read it: names
/// and their sub-domains, addresses, networks (`10.0.0.0/8`), any of them with a port, or `*`.
pub fn is_exempt(target: &Target, port: u16, no_proxy: &str) -> bool {
    let host = target.host.as_str();
    let address: Option<IpAddr> = host.parse().ok();
    no_proxy.split([',', ' ']).map(str::trim).any(|entry| {
        if entry == "*" {
            return true;
        }
        if let (Some(address), Some((network, bits))) = (address, entry.split_once('/')) {
            return is_within(address, network, bits);
        }
        let Ok(entry) = entry.trim_start_matches('.').parse::<Target>() else {
            return false;
        };
        let is_port = entry.port.is_none_or(|named| named == port);
        let is_below = || {
            let above = host.strip_suffix(&entry.host);
            above.is_some_and(|rest| rest.ends_with('.'))
        };
        is_port && (host == entry.host || address.is_none() && is_below())
    })
}

/// Whether an address is in a network of so many bits.
fn is_within(address: IpAddr, network: &str, bits: &str) -> bool {
    let (Ok(network), Ok(bits)) = (network.parse::<IpAddr>(), bits.parse::<u32>()) else {
        return false;
    };
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) if bits <= 32 => {
            let differ = address.to_bits() ^ network.to_bits();
            bits == 0 || differ >> (32 - bits) == 0
        }
        (IpAddr::V6(address), IpAddr::V6(network)) if bits <= 128 => {
            let differ = address.to_bits() ^ network.to_bits();
            bits == 0 || differ >> (128 - bits) == 0
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Proxy, Target, is_exempt};

    #[test]
    fn hosts_are_read_as_people_give_them() {
        for (text, host, port) in [
            ("Login.Example.com", "login.example.com", 443),
            ("kafka.example.com:9093", "kafka.example.com", 9093),
            ("[2001:db8::1]:8443", "2001:db8::1", 8443),
            ("2001:db8::1", "2001:db8::1", 443),
            (
                "https://user:pw@login.example.com:444/a?b",
                "login.example.com",
                444,
            ),
            ("example.com.", "example.com", 443),
            ("[0:0:0:0:0:0:0:1]:8443", "::1", 8443),
        ] {
            let target: Target = text.parse().unwrap();
            assert_eq!(
                (target.host.as_str(), target.port(None)),
                (host, port),
                "{text}"
            );
        }
        for wrong in [
            "",
            ".",
            ":443",
            "a b",
            "host:port",
            "host:99999",
            "[::1",
            "bücher.example",
        ] {
            assert!(wrong.parse::<Target>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_proxys_user_is_never_shown() {
        let proxy: Proxy = "http://me:secret@proxy.example.com:3128/".parse().unwrap();
        assert_eq!(proxy.shown(), "proxy.example.com:3128");
        assert!(!format!("{proxy:?}").contains("secret"));
        assert!("socks5://proxy.example.com".parse::<Proxy>().is_err());
    }

    #[test]
    fn no_proxy_is_read_as_curl_reads_it() {
        for (host, list, exempt) in [
            ("a.example.com", "example.com", true),
            ("a.example.com", ".example.com", true),
            ("anexample.com", "example.com", false),
            ("example.com", "other, example.com", true),
            ("10.0.0.1", "10.0.0.1", true),
            ("example.com", "*", true),
            ("example.com", "", false),
            ("10.1.2.3", "10.0.0.0/8", true),
            ("11.1.2.3", "10.0.0.0/8", false),
            ("10.1.2.3", "0.0.0.0/0", true),
            ("2001:db8::1", "2001:db8::/32", true),
            ("2001:db9::1", "2001:db8::/32", false),
            ("::1", "[::1]", true),
            ("example.com", "example.com:443", true),
            ("example.com", "example.com:8443", false),
            ("0.0.0.1", "1", false),
        ] {
            let target: Target = host.parse().unwrap();
            assert_eq!(is_exempt(&target, 443, list), exempt, "{host} {list}");
        }
    }
}
