//! How a probe starts TLS in another protocol: steps that each probe can take, so that no protocol is
//! written in three languages.

use std::fmt;

use trust_doctor::StartTls;

/// A step before the handshake. What a probe reads on its command line is its `Display`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Send these bytes.
    Send(&'static [u8]),
    /// The server sends exactly these bytes.
    Exactly(&'static [u8]),
    /// These bytes are within the next thing that the server sends.
    Within(&'static [u8]),
    /// The server sends a reply of one or several lines with this code (RFC 5321, section 4.2).
    Reply(&'static str),
    /// The server sends a packet of `MySQL`.
    Packet,
}

/// The steps of a protocol.
pub(super) fn steps(protocol: StartTls) -> &'static [Step] {
    const POSTGRES: &[Step] = &[
        Step::Send(StartTls::Postgres.request()),
        // Yes.
        Step::Exactly(b"S"),
    ];
    const SMTP: &[Step] = &[
        Step::Reply("220"),
        Step::Send(b"EHLO trust-init.example.com\r\n"),
        Step::Reply("250"),
        Step::Send(StartTls::Smtp.request()),
        Step::Reply("220"),
    ];
    const LDAP: &[Step] = &[
        Step::Send(StartTls::Ldap.request()),
        // resultCode success
        Step::Within(b"\x0a\x01\0"),
    ];
    const MYSQL: &[Step] = &[Step::Packet, Step::Send(StartTls::Mysql.request())];
    match protocol {
        StartTls::Postgres => POSTGRES,
        StartTls::Smtp => SMTP,
        StartTls::Ldap => LDAP,
        StartTls::Mysql => MYSQL,
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use trust_stores::hex::encode;
        match self {
            Step::Send(bytes) => write!(f, "send:{}", encode(bytes)),
            Step::Exactly(bytes) => write!(f, "exactly:{}", encode(bytes)),
            Step::Within(bytes) => write!(f, "within:{}", encode(bytes)),
            Step::Reply(code) => write!(f, "reply:{code}"),
            Step::Packet => f.write_str("packet:"),
        }
    }
}
