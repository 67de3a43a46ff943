//! What a host argument means: a name or an address, a port, and what is spoken there.

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use crate::protocol::{Protocol, Scheme, StartTls};

/// The port of TLS where neither the target nor the protocol names one.
const HTTPS_PORT: u16 = 443;

/// A server, as the user named it.
///
/// ```
/// use trust_doctor::Target;
///
/// let target: Target = "https://Login.Example.com:8443/path".parse()?;
/// assert_eq!(target.authority(None), "login.example.com:8443");
/// let target: Target = "jdbc:postgresql://db.example.com/orders".parse()?;
/// assert_eq!(target.authority(None), "db.example.com:5432");
/// # Ok::<(), trust_doctor::TargetError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// A name in lower case, or an address without brackets. A name keeps the final dot of DNS: OpenSSL and
    /// Python's `ssl` compare it so, and few certificates have one.
    pub host: String,
    /// The port, where one was given.
    pub(crate) port: Option<u16>,
    /// What the URL's scheme means, where there was one.
    scheme: Option<Scheme>,
}

impl Target {
    /// Takes what [`Target::from_str`] does, and lists: `a:9093,b:9093`, as Kafka's clients and URLs
    /// of databases have them.
    pub fn list(text: &str) -> Result<Vec<Self>, TargetError> {
        let (meaning, authority) = scheme_and_authority(text)?;
        let targets = authority.split(',').map(str::trim);
        let target = |one: &str| {
            // A URL may end so (RFC 3986, section 3.2.3); in HOST:$PORT the variable is not set.
            if matches!(meaning, Meant::Nothing) && one.ends_with(':') && !one.ends_with("::") {
                return Err(TargetError::NoPort);
            }
            Target::of(one, meaning)
        };
        targets.map(target).collect()
    }

    fn of(authority: &str, meaning: Meant) -> Result<Self, TargetError> {
        let (host, port) = host_and_port(authority)?;
        let scheme = match meaning {
            Meant::Unknown if port.is_none() => return Err(TargetError::UnknownScheme),
            Meant::Nothing | Meant::Unknown => None,
            Meant::Known(meaning) => Some(meaning),
        };
        Ok(Target { host, port, scheme })
    }

    /// How TLS begins there: as `asked`, otherwise as the URL's scheme says.
    pub fn starttls(&self, asked: Option<StartTls>) -> Option<StartTls> {
        asked.or_else(|| self.scheme?.starttls)
    }

    /// What is spoken there, as far as `asked`, the scheme or the port tells.
    pub fn protocol(&self, asked: Option<StartTls>) -> Option<Protocol> {
        let asked = asked.map(StartTls::protocol);
        asked
            .or_else(|| Some(self.scheme?.protocol))
            .or_else(|| Protocol::of_port(self.port?))
    }

    /// The port to connect to: the one given, otherwise that of the protocol, otherwise 443.
    pub fn port(&self, asked: Option<StartTls>) -> u16 {
        let of_scheme = || self.scheme.map(|scheme| scheme.port);
        let asked = asked.map(StartTls::default_port);
        self.port_or(asked.or_else(of_scheme).unwrap_or(HTTPS_PORT))
    }

    /// The name that a handshake asks for, which has no dot at its end (RFC 6066, section 3).
    pub(crate) fn server_name(&self) -> &str {
        self.host.strip_suffix('.').unwrap_or(&self.host)
    }

    pub(crate) fn port_or(&self, default: u16) -> u16 {
        self.port.unwrap_or(default)
    }

    /// `HOST:PORT`, with brackets around an IPv6 address.
    pub fn authority(&self, asked: Option<StartTls>) -> String {
        self.authority_at(self.port(asked))
    }

    pub(crate) fn authority_at(&self, port: u16) -> String {
        authority_of(&self.host, port)
    }
}

fn authority_of(host: &str, port: u16) -> String {
    if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    }
}

/// Why a text does not name a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetError {
    /// It is neither `HOST` nor `HOST:PORT`.
    NotAHost,
    /// It is a number: a port without its host.
    PortAlone,
    /// Nothing follows the ':'.
    NoPort,
    /// What follows the ':' is no port.
    NotAPort,
    /// The name has letters beyond ASCII, and no `xn--` form was given.
    NotAscii,
    /// Nothing is known of the URL's scheme, and it names no port.
    UnknownScheme,
    /// The URL's scheme is for connections without TLS; there is this one for those with it.
    NoTls(&'static str),
    /// The URL names a bucket or a path, and no host.
    NoHost,
    /// The hosts are in SRV records of the DNS (`mongodb+srv`).
    ServiceRecord,
    /// SQL Server: the handshake is wrapped in packets of its own protocol.
    SqlServer,
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TargetError::NotAHost => "expected HOST or HOST:PORT",
            TargetError::PortAlone => "a port without a host: expected HOST:PORT",
            TargetError::NoPort => "there is no port after the ':'",
            TargetError::NotAPort => "the port after the ':' must be a number from 1 to 65535",
            TargetError::NotAscii => {
                "expected an ASCII name: write other letters in their xn--… form"
            }
            TargetError::UnknownScheme => {
                "doctor does not know which port this kind of URL means: add it, as in HOST:PORT"
            }
            TargetError::NoTls(with) => {
                return write!(f, "this URL means a connection without TLS: use {with}, or HOST:PORT");
            }
            TargetError::NoHost => {
                "this URL names a bucket or a path, not a host: name the storage's endpoint"
            }
            TargetError::ServiceRecord => {
                "doctor does not look up SRV records: name one of the servers behind it, as in HOST:27017"
            }
            TargetError::SqlServer => {
                "doctor does not speak SQL Server's protocol (TDS), which wraps the handshake; its \
                 JDBC driver reads the JVM's store. With encrypt=strict TLS comes first: use HOST:1433"
            }
        })
    }
}

impl Error for TargetError {}

/// Takes `HOST`, `HOST:PORT`, `[IPV6]:PORT`, and a URL, of which scheme, host and port count.
impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let (meaning, authority) = scheme_and_authority(text)?;
        Target::of(authority, meaning)
    }
}

/// What a text says about its scheme.
#[derive(Clone, Copy)]
enum Meant {
    Nothing,
    Unknown,
    Known(Scheme),
}

/// The schemes of connections without TLS, and what those with it have.
const WITHOUT_TLS: [(&str, &str); 5] = [
    ("http", "https://"),
    ("ws", "wss://"),
    ("amqp", "amqps://"),
    ("redis", "rediss://"),
    ("plaintext", "ssl://"),
];

fn scheme_and_authority(text: &str) -> Result<(Meant, &str), TargetError> {
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, text),
    };
    let authority = rest.split(['/', '?', '#', ';']).next().unwrap_or_default();
    let bare = authority
        .rsplit_once('@')
        .map_or(authority, |(_, rest)| rest);
    let Some(scheme) = scheme.map(str::to_ascii_lowercase) else {
        return Ok((Meant::Nothing, bare));
    };
    if let Some((_, with)) = WITHOUT_TLS.iter().find(|(name, _)| *name == scheme) {
        return Err(TargetError::NoTls(with));
    }
    match scheme.as_str() {
        "mongodb+srv" => return Err(TargetError::ServiceRecord),
        "s3" | "s3a" | "s3n" | "gs" | "abfs" | "wasb" | "hdfs" | "dbfs" | "file" => {
            return Err(TargetError::NoHost);
        }
        // CONTAINER@ACCOUNT.dfs.core.windows.net
        "abfss" | "wasbs" if !authority.contains('@') => return Err(TargetError::NoHost),
        _ if scheme.contains("sqlserver") || scheme.contains("mssql") => {
            return Err(TargetError::SqlServer);
        }
        _ => {}
    }
    let meant = Scheme::of(&scheme).map_or(Meant::Unknown, Meant::Known);
    Ok((meant, bare))
}

fn host_and_port(authority: &str) -> Result<(String, Option<u16>), TargetError> {
    let (host, port) = if let Some(bracketed) = authority.strip_prefix('[') {
        let (host, rest) = bracketed.split_once(']').ok_or(TargetError::NotAHost)?;
        host.parse::<Ipv6Addr>()
            .map_err(|_| TargetError::NotAHost)?;
        let port = rest.strip_prefix(':');
        if port.is_none() && !rest.is_empty() {
            return Err(TargetError::NotAHost);
        }
        (host, port.unwrap_or_default())
    } else if authority.matches(':').count() > 1 {
        authority
            .parse::<Ipv6Addr>()
            .map_err(|_| TargetError::NotAHost)?;
        (authority, "")
    } else {
        authority.split_once(':').unwrap_or((authority, ""))
    };
    if !host.is_ascii() {
        return Err(TargetError::NotAscii);
    }
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    // A dot at the end is kept: some clients do not find it in any certificate.
    let name = host.strip_suffix('.').unwrap_or(host);
    if name.is_empty() || name.ends_with('.') || !name.chars().all(is_allowed) {
        return Err(TargetError::NotAHost);
    }
    // No name of the DNS starts so (RFC 952), and it is an option that follows `--`.
    if name.starts_with('-') {
        return Err(TargetError::NotAHost);
    }
    if name.chars().all(|c| c.is_ascii_digit()) {
        return Err(TargetError::PortAlone);
    }
    let port = match port {
        "" => None,
        digits => match digits.parse() {
            Ok(port) if port > 0 && digits.starts_with(|c: char| c.is_ascii_digit()) => Some(port),
            _ => return Err(TargetError::NotAPort),
        },
    };
    // One spelling of each address, since those in certificates are compared with it.
    let address = name.parse::<IpAddr>().map(|address| address.to_string());
    Ok((address.unwrap_or_else(|_| host.to_ascii_lowercase()), port))
}

#[cfg(test)]
mod tests {
    use super::{Target, TargetError};
    use crate::protocol::{Protocol, StartTls};

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
            ("Example.com.", "example.com.", 443),
            ("127.0.0.1.", "127.0.0.1", 443),
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
            "[::1]443",
            "[host]:443",
            "a:b:443",
            "localhost:1:2",
            "-h",
            "bücher.example",
            "a:9093,b:9093",
        ] {
            assert!(wrong.parse::<Target>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_wrong_port_is_named() {
        for (text, error) in [
            ("443", TargetError::PortAlone),
            ("localhost:", TargetError::NoPort),
            ("[::1]:", TargetError::NoPort),
            ("localhost:https", TargetError::NotAPort),
            ("localhost:0", TargetError::NotAPort),
            ("localhost:65536", TargetError::NotAPort),
            ("localhost:+443", TargetError::NotAPort),
            ("[::1]:https", TargetError::NotAPort),
        ] {
            assert_eq!(Target::list(text), Err(error), "{text}");
        }
        for whole in ["::", "https://localhost:/", "1.2.3.4", "1a"] {
            assert!(Target::list(whole).is_ok(), "{whole}");
        }
    }

    const URLS: [(&str, &str, Option<StartTls>); 15] = [
        (
            "jdbc:postgresql://db.example.com/orders?password=x",
            "db.example.com:5432",
            Some(StartTls::Postgres),
        ),
        (
            "postgres://me:s@cret@db.example.com:6432/orders",
            "db.example.com:6432",
            Some(StartTls::Postgres),
        ),
        (
            "postgresql+psycopg://db.example.com",
            "db.example.com:5432",
            Some(StartTls::Postgres),
        ),
        (
            "jdbc:mysql:loadbalance://db.example.com/orders",
            "db.example.com:3306",
            Some(StartTls::Mysql),
        ),
        (
            "ldap://directory.example.com",
            "directory.example.com:389",
            Some(StartTls::Ldap),
        ),
        (
            "LDAPS://directory.example.com/o=x",
            "directory.example.com:636",
            None,
        ),
        (
            "mongodb://db.example.com/?tls=true",
            "db.example.com:27017",
            None,
        ),
        ("amqps://queue.example.com", "queue.example.com:5671", None),
        ("rediss://cache.example.com", "cache.example.com:6379", None),
        (
            "SASL_SSL://kafka.example.com:9094",
            "kafka.example.com:9094",
            None,
        ),
        (
            "jdbc:oracle:thin:@tcps://db.example.com/orders",
            "db.example.com:2484",
            None,
        ),
        (
            "jdbc:snowflake://a-b.snowflakecomputing.com/?db=x",
            "a-b.snowflakecomputing.com:443",
            None,
        ),
        (
            "jdbc:trino://trino.example.com:8443/hive",
            "trino.example.com:8443",
            None,
        ),
        (
            "abfss://box@lake.dfs.core.windows.net/x",
            "lake.dfs.core.windows.net:443",
            None,
        ),
        (
            "gopher+x://login.example.com:70",
            "login.example.com:70",
            None,
        ),
    ];

    #[test]
    fn a_scheme_means_a_protocol_and_a_port() {
        for (url, authority, starttls) in URLS {
            let target: Target = url.parse().unwrap();
            let said = (target.authority(None), target.starttls(None));
            assert_eq!(said, (authority.to_owned(), starttls), "{url}");
        }
        let target: Target = "ldaps://directory.example.com".parse().unwrap();
        let asked = Some(StartTls::Ldap);
        assert_eq!((target.port(asked), target.starttls(asked)), (389, asked));
    }

    #[test]
    fn a_url_that_means_no_server_says_what_to_name() {
        for (url, error) in [
            ("http://login.example.com", TargetError::NoTls("https://")),
            ("redis://cache.example.com", TargetError::NoTls("rediss://")),
            ("mongodb+srv://db.example.com", TargetError::ServiceRecord),
            ("s3a://bucket/path", TargetError::NoHost),
            ("abfss://box/path", TargetError::NoHost),
            (
                "jdbc:sqlserver://db.example.com:1433;encrypt=true",
                TargetError::SqlServer,
            ),
            ("gopher://login.example.com", TargetError::UnknownScheme),
        ] {
            assert_eq!(url.parse::<Target>(), Err(error), "{url}");
        }
    }

    #[test]
    fn a_list_is_several_servers() {
        for list in [
            "a.example.com:9093, b.example.com:9093",
            "kafka://a.example.com,b.example.com:9093",
        ] {
            let targets = Target::list(list).unwrap();
            let authorities: Vec<String> = targets.iter().map(|one| one.authority(None)).collect();
            assert_eq!(
                authorities,
                ["a.example.com:9093", "b.example.com:9093"],
                "{list}"
            );
            assert!(
                targets
                    .iter()
                    .all(|one| one.protocol(None) == Some(Protocol::Kafka))
            );
        }
        assert!(Target::list("a.example.com,").is_err());
    }
}
