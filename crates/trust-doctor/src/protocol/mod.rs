//! What servers speak inside TLS, how TLS begins there, and what the clients of each protocol trust.

mod clients;

pub use self::clients::{ProtocolClient, Source};

/// A protocol whose clients ask for TLS before the handshake.
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
    /// Every protocol, in the order that help lists them.
    pub const ALL: [StartTls; 4] = [
        StartTls::Postgres,
        StartTls::Smtp,
        StartTls::Ldap,
        StartTls::Mysql,
    ];

    /// The name that users type.
    pub fn as_str(self) -> &'static str {
        match self {
            StartTls::Postgres => "postgres",
            StartTls::Smtp => "smtp",
            StartTls::Ldap => "ldap",
            StartTls::Mysql => "mysql",
        }
    }

    /// The port that its servers listen on by convention.
    pub fn default_port(self) -> u16 {
        match self {
            StartTls::Postgres => 5432,
            StartTls::Smtp => 25,
            StartTls::Ldap => 389,
            StartTls::Mysql => 3306,
        }
    }

    /// The one whose servers listen on this port by convention (587 is a mail server's too).
    pub fn of_port(port: u16) -> Option<Self> {
        match port {
            587 => Some(StartTls::Smtp),
            _ => StartTls::ALL
                .into_iter()
                .find(|one| one.default_port() == port),
        }
    }

    /// The message by which a client asks for TLS; in SMTP and `MySQL`, after the server's greeting.
    pub const fn request(self) -> &'static [u8] {
        match self {
            StartTls::Postgres => b"\0\0\0\x08\x04\xd2\x16\x2f",
            StartTls::Smtp => b"STARTTLS\r\n",
            // LDAPMessage { 1, extendedReq { 1.3.6.1.4.1.1466.20037 } }
            StartTls::Ldap => b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037",
            // CLIENT_PROTOCOL_41, CLIENT_SSL, CLIENT_SECURE_CONNECTION; 16 MiB; utf8mb4
            StartTls::Mysql => {
                b"\x20\0\0\x01\0\x8a\0\0\0\0\0\x01\x2d\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
            }
        }
    }

    /// What its clients speak.
    pub fn protocol(self) -> Protocol {
        match self {
            StartTls::Postgres => Protocol::Postgres,
            StartTls::Smtp => Protocol::Smtp,
            StartTls::Ldap => Protocol::Ldap,
            StartTls::Mysql => Protocol::Mysql,
        }
    }
}

/// What a server speaks inside TLS. It decides which clients it has, and what those trust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP, and what is built on it.
    Https,
    /// `PostgreSQL`, and what speaks its protocol.
    Postgres,
    /// `MySQL` and `MariaDB`.
    Mysql,
    /// LDAP, with TLS from the start or on request.
    Ldap,
    /// `MongoDB`.
    Mongo,
    /// Kafka.
    Kafka,
    /// SMTP, with TLS from the start or on request.
    Smtp,
    /// AMQP.
    Amqp,
    /// Redis.
    Redis,
    /// Oracle's database.
    Oracle,
    /// Snowflake, which is HTTP with clients of its own.
    Snowflake,
    /// Trino, likewise.
    Trino,
}

/// What a URL's scheme says about its server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scheme {
    /// As URLs have it, in lower case.
    name: &'static str,
    pub(crate) protocol: Protocol,
    /// The port of a URL that names none.
    pub(crate) port: u16,
    /// How TLS begins, if not at once.
    pub(crate) starttls: Option<StartTls>,
}

const fn at_once(name: &'static str, protocol: Protocol, port: u16) -> Scheme {
    Scheme {
        name,
        protocol,
        port,
        starttls: None,
    }
}

const fn on_request(
    name: &'static str,
    protocol: Protocol,
    starttls: StartTls,
    port: u16,
) -> Scheme {
    Scheme {
        name,
        protocol,
        port,
        starttls: Some(starttls),
    }
}

/// The schemes whose servers speak TLS. Ports are IANA's, or the ones that the clients assume.
const SCHEMES: [Scheme; 25] = [
    at_once("https", Protocol::Https, 443),
    at_once("wss", Protocol::Https, 443),
    at_once("abfss", Protocol::Https, 443),
    at_once("wasbs", Protocol::Https, 443),
    on_request("postgresql", Protocol::Postgres, StartTls::Postgres, 5432),
    on_request("postgres", Protocol::Postgres, StartTls::Postgres, 5432),
    on_request("redshift", Protocol::Postgres, StartTls::Postgres, 5439),
    on_request("mysql", Protocol::Mysql, StartTls::Mysql, 3306),
    on_request("mariadb", Protocol::Mysql, StartTls::Mysql, 3306),
    on_request("ldap", Protocol::Ldap, StartTls::Ldap, 389),
    at_once("ldaps", Protocol::Ldap, 636),
    at_once("mongodb", Protocol::Mongo, 27017),
    at_once("kafka", Protocol::Kafka, 9093),
    // As Kafka's own lists of listeners have it.
    at_once("ssl", Protocol::Kafka, 9093),
    at_once("sasl_ssl", Protocol::Kafka, 9093),
    on_request("smtp", Protocol::Smtp, StartTls::Smtp, 25),
    on_request("submission", Protocol::Smtp, StartTls::Smtp, 587),
    at_once("smtps", Protocol::Smtp, 465),
    at_once("submissions", Protocol::Smtp, 465),
    at_once("amqps", Protocol::Amqp, 5671),
    at_once("rediss", Protocol::Redis, 6379),
    at_once("oracle", Protocol::Oracle, 2484),
    at_once("tcps", Protocol::Oracle, 2484),
    at_once("snowflake", Protocol::Snowflake, 443),
    at_once("trino", Protocol::Trino, 443),
];

impl Scheme {
    /// The one that a URL begins with: `postgresql`, and the same in `jdbc:postgresql` and
    /// `postgresql+psycopg`, which name their driver.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let mut words = text.split([':', '@', '+']);
        words.find_map(|word| SCHEMES.into_iter().find(|scheme| scheme.name == word))
    }
}

impl Protocol {
    /// The name that machines read.
    pub fn as_str(self) -> &'static str {
        match self {
            Protocol::Https => "https",
            Protocol::Postgres => "postgres",
            Protocol::Mysql => "mysql",
            Protocol::Ldap => "ldap",
            Protocol::Mongo => "mongodb",
            Protocol::Kafka => "kafka",
            Protocol::Smtp => "smtp",
            Protocol::Amqp => "amqp",
            Protocol::Redis => "redis",
            Protocol::Oracle => "oracle",
            Protocol::Snowflake => "snowflake",
            Protocol::Trino => "trino",
        }
    }

    /// The one whose servers speak TLS on this port by convention, from the start.
    pub fn of_port(port: u16) -> Option<Self> {
        if port == 443 {
            return None;
        }
        let mut schemes = SCHEMES.iter();
        let scheme = schemes.find(|scheme| scheme.port == port && scheme.starttls.is_none())?;
        Some(scheme.protocol)
    }
}
