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

/// The `ExtendedRequest` of `StartTLS` (RFC 4511, section 4.14).
const LDAP_REQUEST: &[u8] = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";

/// `SSLRequest` with `CLIENT_PROTOCOL_41`, `CLIENT_SSL`, `CLIENT_SECURE_CONNECTION`; 16 MiB; utf8mb4.
const MYSQL_REQUEST: &[u8] =
    b"\x20\0\0\x01\0\x8a\0\0\0\0\0\x01\x2d\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/// The steps of a protocol.
pub(super) fn steps(protocol: StartTls) -> &'static [Step] {
    match protocol {
        // SSLRequest, and "S" for yes.
        StartTls::Postgres => &[
            Step::Send(b"\0\0\0\x08\x04\xd2\x16\x2f"),
            Step::Exactly(b"S"),
        ],
        StartTls::Smtp => &[
            Step::Reply("220"),
            Step::Send(b"EHLO trust-init.example.com\r\n"),
            Step::Reply("250"),
            Step::Send(b"STARTTLS\r\n"),
            Step::Reply("220"),
        ],
        // resultCode success
        StartTls::Ldap => &[Step::Send(LDAP_REQUEST), Step::Within(b"\x0a\x01\0")],
        StartTls::Mysql => &[Step::Packet, Step::Send(MYSQL_REQUEST)],
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
