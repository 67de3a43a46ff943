//! What a host argument means: a name or an address, and a port.

use std::error::Error;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::protocol::StartTls;

/// The port of TLS where neither the target nor the protocol names one.
const HTTPS_PORT: u16 = 443;

/// A server, as the user named it.
///
/// ```
/// use trust_doctor::Target;
///
/// let target: Target = "https://Login.Example.com:8443/path".parse()?;
/// assert_eq!(target.authority(None), "login.example.com:8443");
/// # Ok::<(), trust_doctor::TargetError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// A name in lower case, or an address without brackets.
    pub host: String,
    /// The port, where one was given.
    pub(crate) port: Option<u16>,
}

impl Target {
    /// The port to connect to: the one given, otherwise that of the protocol, otherwise 443.
    pub fn port(&self, starttls: Option<StartTls>) -> u16 {
        self.port_or(starttls.map_or(HTTPS_PORT, StartTls::default_port))
    }

    pub(crate) fn port_or(&self, default: u16) -> u16 {
        self.port.unwrap_or(default)
    }

    /// `HOST:PORT`, with brackets around an IPv6 address.
    pub fn authority(&self, starttls: Option<StartTls>) -> String {
        self.authority_at(self.port(starttls))
    }

    pub(crate) fn authority_at(&self, port: u16) -> String {
        if self.host.contains(':') {
            format!("[{}]:{port}", self.host)
        } else {
            format!("{}:{port}", self.host)
        }
    }
}

/// Why a text does not name a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetError {
    /// It is neither `HOST` nor `HOST:PORT`.
    NotAHost,
    /// The name has letters beyond ASCII, and no `xn--` form was given.
    NotAscii,
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TargetError::NotAHost => "expected HOST or HOST:PORT",
            TargetError::NotAscii => {
                "expected an ASCII name: write other letters in their xn--… form"
            }
        })
    }
}

impl Error for TargetError {}

/// Takes `HOST`, `HOST:PORT`, `[IPV6]:PORT`, and a URL, of which only host and port count.
impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let authority = authority
            .rsplit_once('@')
            .map_or(authority, |(_, rest)| rest);
        let (host, port) = if let Some(bracketed) = authority.strip_prefix('[') {
            let (host, rest) = bracketed.split_once(']').ok_or(TargetError::NotAHost)?;
            (host, rest.strip_prefix(':').unwrap_or(rest))
        } else if authority.matches(':').count() > 1 {
            (authority, "")
        } else {
            authority.split_once(':').unwrap_or((authority, ""))
        };
        let host = host.trim_end_matches('.');
        if !host.is_ascii() {
            return Err(TargetError::NotAscii);
        }
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
        if host.is_empty() || !host.chars().all(is_allowed) {
            return Err(TargetError::NotAHost);
        }
        let port = match port {
            "" => None,
            digits => Some(digits.parse().map_err(|_| TargetError::NotAHost)?),
        };
        // One spelling of each address, since those in certificates are compared with it.
        let address = host.parse::<IpAddr>().map(|address| address.to_string());
        Ok(Target {
            host: address.unwrap_or_else(|_| host.to_ascii_lowercase()),
            port,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn hosts_are_read_as_people_write_them() {
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
}
