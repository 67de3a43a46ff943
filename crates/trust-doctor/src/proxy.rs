//! What a proxy URL and a `NO_PROXY` list mean.

use std::error::Error;
use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ipnet::IpNet;
use percent_encoding::percent_decode_str;

use crate::target::{Target, TargetError};

/// The variables that name the proxy of an `https` URL, in the order in which curl(1) and
/// `urllib.request` read them.
pub const PROXY_VARIABLES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/// The variables that list servers to reach without a proxy, in the same order.
pub const EXEMPTION_VARIABLES: [&str; 2] = ["no_proxy", "NO_PROXY"];

/// An HTTP proxy that opens tunnels (CONNECT, RFC 9110, section 9.3.6).
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    /// Where it listens.
    pub target: Target,
    /// User and password as the URL spells them.
    user_info: Option<String>,
}

impl Proxy {
    /// `HOST:PORT`, without user or password.
    pub fn authority(&self) -> String {
        self.target.authority_at(self.port())
    }

    /// The URL with user and password, for a program that is to use this proxy. Never to be shown.
    pub fn url(&self) -> String {
        let user = self.user_info.as_deref();
        let user = user.map_or_else(String::new, |user| format!("{user}@"));
        format!("http://{user}{}", self.authority())
    }

    /// User and password, if the URL has them. Never to be shown.
    pub fn credentials(&self) -> Option<(String, String)> {
        let user_info = self.user_info.as_deref()?;
        let (user, password) = user_info.split_once(':').unwrap_or((user_info, ""));
        let decode = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
        Some((decode(user), decode(password)))
    }

    /// 80 where the URL names no port.
    pub(crate) fn port(&self) -> u16 {
        self.target.port_or(80)
    }

    /// The header that tells the proxy its user (RFC 7617), with its line end; empty without one.
    pub fn authorization(&self) -> String {
        self.user_info
            .as_ref()
            .map_or_else(String::new, |user_info| {
                let user = STANDARD.encode(percent_decode_str(user_info).collect::<Vec<u8>>());
                format!("Proxy-Authorization: Basic {user}\r\n")
            })
    }
}

/// Shows no password.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.authority())
    }
}

/// Why a text does not name a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyError {
    /// It is a SOCKS proxy.
    Socks,
    /// TLS would begin at the proxy itself.
    Https,
    /// It is the address of a script that chooses proxies (proxy auto-configuration), and no proxy.
    AutoConfiguration,
    /// The URL's scheme is none of a proxy.
    Scheme,
    /// Its host cannot be read.
    Target(TargetError),
}

impl fmt::Display for ProxyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProxyError::Socks => f.write_str("SOCKS proxies are not supported, only http://"),
            ProxyError::Https => f.write_str(
                "proxies that are reached by TLS (https://) are not supported, only http://; most \
                 proxies take http:// on the same port",
            ),
            ProxyError::AutoConfiguration => f.write_str(
                "names a script that chooses proxies (PAC), which no client here reads: name the \
                 proxy that it chooses",
            ),
            ProxyError::Scheme => f.write_str("only http:// proxies are supported"),
            ProxyError::Target(error) => error.fmt(f),
        }
    }
}

impl Error for ProxyError {}

/// Takes a URL of the scheme `http`, or what follows its `http://`.
impl FromStr for Proxy {
    type Err = ProxyError;

    fn from_str(text: &str) -> Result<Self, ProxyError> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        if is_auto_configuration(scheme, rest) {
            return Err(ProxyError::AutoConfiguration);
        }
        match scheme.to_ascii_lowercase().as_str() {
            "http" => {}
            "https" => return Err(ProxyError::Https),
            socks if socks.starts_with("socks") => return Err(ProxyError::Socks),
            _ => return Err(ProxyError::Scheme),
        }
        let authority = rest.split('/').next().unwrap_or_default();
        let user_info = authority.rsplit_once('@').map(|(user, _)| user.to_owned());
        Ok(Proxy {
            target: rest.parse().map_err(ProxyError::Target)?,
            user_info,
        })
    }
}

/// Whether a URL leads to a script as browsers read it, by the names that such scripts have.
fn is_auto_configuration(scheme: &str, rest: &str) -> bool {
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    let file = path.rsplit('/').next().unwrap_or_default();
    let file = Path::new(file);
    let is_script = file
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("pac"));
    let is_in_path = path.contains('/');
    scheme.starts_with("pac+")
        || is_in_path && (is_script || file.as_os_str().eq_ignore_ascii_case("wpad.dat"))
}

/// Whether `NO_PROXY` exempts a server, as curl(1) and requests read the list: names and their
/// subdomains, addresses, networks (`10.0.0.0/8`), each also with a port, or `*`.
pub(crate) fn is_exempt(target: &Target, port: u16, no_proxy: &str) -> bool {
    let host = target.server_name();
    let address: Option<IpAddr> = host.parse().ok();
    no_proxy.split([',', ' ']).map(str::trim).any(|entry| {
        if entry == "*" {
            return true;
        }
        if let Some(address) = address.filter(|_| entry.contains('/')) {
            let network = entry.parse::<IpNet>();
            return network.is_ok_and(|network| network.contains(&address));
        }
        let Ok(entry) = entry.trim_start_matches('.').parse::<Target>() else {
            return false;
        };
        let is_subdomain = || {
            let labels = host.strip_suffix(entry.server_name());
            labels.is_some_and(|labels| labels.ends_with('.'))
        };
        entry.port.is_none_or(|named| named == port)
            && (host == entry.server_name() || address.is_none() && is_subdomain())
    })
}

#[cfg(test)]
mod tests {
    use super::{Proxy, ProxyError, is_exempt};
    use crate::target::Target;

    #[test]
    fn a_proxys_user_is_sent_and_never_shown() {
        let proxy: Proxy = "http://me:s%40cret@proxy.example.com:3128/"
            .parse()
            .unwrap();
        assert_eq!(proxy.authority(), "proxy.example.com:3128");
        assert!(!format!("{proxy:?}").contains("cret"));
        // me:s@cret
        let header = "Proxy-Authorization: Basic bWU6c0BjcmV0\r\n";
        assert_eq!(proxy.authorization(), header);
        assert_eq!(proxy.url(), "http://me:s%40cret@proxy.example.com:3128");
        let credentials = (String::from("me"), String::from("s@cret"));
        assert_eq!(proxy.credentials(), Some(credentials));
    }

    #[test]
    fn what_is_no_http_proxy_is_told_apart() {
        for (url, error) in [
            ("socks5h://proxy.example.com", ProxyError::Socks),
            ("https://proxy.example.com:3128", ProxyError::Https),
            (
                "http://proxy.example.com/proxy.pac?x",
                ProxyError::AutoConfiguration,
            ),
            ("http://wpad/wpad.dat", ProxyError::AutoConfiguration),
            ("file:///etc/proxy.pac", ProxyError::AutoConfiguration),
            ("ftp://proxy.example.com", ProxyError::Scheme),
        ] {
            assert_eq!(url.parse::<Proxy>(), Err(error), "{url}");
        }
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
            ("10.1.2.3", "10.9.9.9/8", true),
            ("10.1.2.3", "10.0.0.0/33", false),
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
