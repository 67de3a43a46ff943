//! The clients of each protocol, and what they verify a server with.
//!
//! Tried on the programs: psql 15, psycopg 3.3, psycopg2 2.9, asyncpg 0.32, pgjdbc 42.5, mariadb 10.11,
//! `MariaDB` Connector/J 2.7, `PyMySQL` 1.2, pymongo 4.20. The others are taken from their documentation.

use super::Protocol;

/// A client of a protocol, with its defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProtocolClient {
    /// What it is called.
    pub name: &'static str,
    /// What it verifies a server with.
    pub reads: Source,
    /// The setting without which it accepts any certificate, if it needs one.
    pub verifies_with: Option<&'static str>,
    /// The setting by which it reads another store; `FILE` is a bundle of PEM.
    pub setting: Option<&'static str>,
}

/// Where a client finds its CAs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The store of [`Client::Jvm`](crate::Client::Jvm).
    JvmStore,
    /// The store of [`Client::Python`](crate::Client::Python), which is OpenSSL's.
    OpenSslStore,
    /// The bundle of [`Client::Requests`](crate::Client::Requests).
    RequestsBundle,
    /// This, which no other client reads.
    Own(&'static str),
    /// Nothing, until a setting names something.
    Nothing,
}
use Source::{JvmStore, Nothing, OpenSslStore, Own, RequestsBundle};

const fn client(
    name: &'static str,
    reads: Source,
    verifies_with: Option<&'static str>,
    setting: Option<&'static str>,
) -> ProtocolClient {
    ProtocolClient {
        name,
        reads,
        verifies_with,
        setting,
    }
}

const POSTGRES: &[ProtocolClient] = &[
    client(
        "psql, psycopg (libpq)",
        Own("~/.postgresql/root.crt"),
        Some("sslmode=verify-full"),
        Some(
            "PGSSLMODE=verify-full PGSSLROOTCERT=FILE (set by --set-variable PGSSLROOTCERT), or \
             sslrootcert=system from libpq 16",
        ),
    ),
    client(
        "pgjdbc",
        Own("~/.postgresql/root.crt"),
        Some("ssl=true or sslmode=verify-full"),
        Some(
            "sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory, which reads the JVM's store, or \
             sslrootcert=FILE",
        ),
    ),
    client(
        "asyncpg",
        Own("~/.postgresql/root.crt"),
        Some("sslmode=verify-full"),
        Some("ssl=True, which reads OpenSSL's store, or sslrootcert=FILE"),
    ),
];

const MYSQL: &[ProtocolClient] = &[
    client(
        "MySQL Connector/J",
        JvmStore,
        Some("sslMode=VERIFY_IDENTITY"),
        None,
    ),
    client(
        "MariaDB Connector/J",
        JvmStore,
        Some("sslMode=verify-full (useSsl=true before 3.0)"),
        None,
    ),
    client(
        "mysql (libmysqlclient)",
        Nothing,
        Some("--ssl-mode=VERIFY_IDENTITY"),
        Some("--ssl-ca=FILE"),
    ),
    client(
        "mariadb (libmariadb)",
        OpenSslStore,
        Some("--ssl-verify-server-cert"),
        None,
    ),
    client(
        "PyMySQL",
        OpenSslStore,
        Some("ssl_verify_cert=True and ssl_verify_identity=True"),
        None,
    ),
];

const LDAP: &[ProtocolClient] = &[
    client("JNDI", JvmStore, None, None),
    client(
        "ldapsearch, python-ldap (libldap)",
        Own("TLS_CACERT in /etc/ldap/ldap.conf"),
        None,
        Some("LDAPTLS_CACERT=FILE"),
    ),
    client(
        "ldap3",
        Nothing,
        Some("Tls(validate=ssl.CERT_REQUIRED)"),
        Some("Tls(ca_certs_file=FILE)"),
    ),
];

const MONGO: &[ProtocolClient] = &[
    client("the Java driver", JvmStore, None, None),
    client("pymongo", OpenSslStore, None, Some("tlsCAFile=FILE")),
    client(
        "mongosh",
        Own("Node's roots"),
        None,
        Some("NODE_EXTRA_CA_CERTS=FILE"),
    ),
];

const KAFKA: &[ProtocolClient] = &[
    client(
        "Kafka's Java clients",
        JvmStore,
        None,
        Some("ssl.truststore.location"),
    ),
    client(
        "librdkafka, confluent-kafka",
        Own("the OS's bundle at its usual places, no variable"),
        None,
        Some("ssl.ca.location=FILE"),
    ),
    client("kafka-python", OpenSslStore, None, Some("ssl_cafile=FILE")),
];

const SMTP: &[ProtocolClient] = &[
    client("Jakarta Mail", JvmStore, None, None),
    client(
        "smtplib",
        OpenSslStore,
        Some("context=ssl.create_default_context()"),
        None,
    ),
];

const AMQP: &[ProtocolClient] = &[
    client(
        "RabbitMQ's Java client",
        JvmStore,
        Some("useSslProtocol(SSLContext.getDefault()) and enableHostnameVerification()"),
        None,
    ),
    client(
        "pika",
        OpenSslStore,
        Some("SSLOptions(ssl.create_default_context())"),
        None,
    ),
];

const REDIS: &[ProtocolClient] = &[
    client("Jedis, Lettuce", JvmStore, None, None),
    client("redis-py", OpenSslStore, None, Some("ssl_ca_certs=FILE")),
];

const ORACLE: &[ProtocolClient] = &[
    client(
        "ojdbc",
        JvmStore,
        Some("oracle.net.ssl_server_dn_match=true"),
        None,
    ),
    client(
        "python-oracledb, thin",
        OpenSslStore,
        None,
        Some("wallet_location"),
    ),
];

const SNOWFLAKE: &[ProtocolClient] = &[
    client("snowflake-jdbc", JvmStore, None, None),
    client("snowflake-connector-python", RequestsBundle, None, None),
];

const TRINO: &[ProtocolClient] = &[
    client(
        "trino-jdbc",
        JvmStore,
        Some("SSL=true"),
        Some("SSLTrustStorePath"),
    ),
    client("trino for Python", RequestsBundle, None, None),
];

impl Protocol {
    /// Its usual clients; none for HTTPS, whose clients have verdicts of their own.
    pub fn clients(self) -> &'static [ProtocolClient] {
        match self {
            Protocol::Https => &[],
            Protocol::Postgres => POSTGRES,
            Protocol::Mysql => MYSQL,
            Protocol::Ldap => LDAP,
            Protocol::Mongo => MONGO,
            Protocol::Kafka => KAFKA,
            Protocol::Smtp => SMTP,
            Protocol::Amqp => AMQP,
            Protocol::Redis => REDIS,
            Protocol::Oracle => ORACLE,
            Protocol::Snowflake => SNOWFLAKE,
            Protocol::Trino => TRINO,
        }
    }
}
