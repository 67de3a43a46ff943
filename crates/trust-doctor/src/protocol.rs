//! Protocols that begin in plain text and switch to TLS on request.

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
}
