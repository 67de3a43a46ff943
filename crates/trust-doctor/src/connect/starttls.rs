//! The words by which a client asks for TLS in other protocols.

use std::io::{Read, Write};

use super::{Rejection, Step, Stopped, Timed, Unreached};
use crate::protocol::StartTls;

/// So much of an answer is kept for the report.
const SHOWN: usize = 120;

/// No line of SMTP is longer than 512 bytes (RFC 5321, section 4.5.3.1.5).
const MAX_LINE: usize = 2000;

/// Brings the server to the point where it expects a `ClientHello`.
pub(super) fn negotiate(stream: &mut Timed<'_>, protocol: StartTls) -> Result<(), Unreached> {
    let outcome = match protocol {
        StartTls::Postgres => postgres(stream),
        StartTls::Smtp => smtp(stream),
        StartTls::Ldap => ldap(stream),
        StartTls::Mysql => mysql(stream),
    };
    outcome.map_err(|stopped| stopped.at(Step::StartTls, Unreached::StartTlsRefused))
}

fn postgres(stream: &mut (impl Read + Write)) -> Result<(), Stopped> {
    stream.write_all(&[0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f])?;
    let mut answer = [0];
    stream.read_exact(&mut answer)?;
    if answer == *b"S" {
        Ok(())
    } else {
        Err(Rejection::NoTls.into())
    }
}

fn smtp(stream: &mut (impl Read + Write)) -> Result<(), Stopped> {
    expect(stream, "220")?;
    stream.write_all(b"EHLO trust-init.example.com\r\n")?;
    expect(stream, "250")?;
    stream.write_all(b"STARTTLS\r\n")?;
    expect(stream, "220")
}

/// Reads an SMTP reply, all its lines, which must have this code.
fn expect(stream: &mut impl Read, code: &str) -> Result<(), Stopped> {
    loop {
        let mut line = Vec::new();
        while !line.ends_with(b"\n") && line.len() <= MAX_LINE {
            let mut byte = [0];
            stream.read_exact(&mut byte)?;
            line.extend(byte);
        }
        if !line.starts_with(code.as_bytes()) {
            return Err(answered(&line).into());
        }
        if line.get(3) != Some(&b'-') {
            return Ok(());
        }
    }
}

fn ldap(stream: &mut (impl Read + Write)) -> Result<(), Stopped> {
    // LDAPMessage { 1, extendedReq { 1.3.6.1.4.1.1466.20037 } }
    let mut request = vec![0x30, 0x1d, 2, 1, 1, 0x77, 0x18, 0x80, 0x16];
    request.extend(b"1.3.6.1.4.1.1466.20037");
    stream.write_all(&request)?;
    let mut answer = [0; 256];
    let length = stream.read(&mut answer)?;
    // extendedResp { resultCode success, … }
    let success = [0x0a, 1, 0];
    if answer[..length].windows(3).any(|window| window == success) {
        Ok(())
    } else {
        Err(Rejection::NoTls.into())
    }
}

fn mysql(stream: &mut (impl Read + Write)) -> Result<(), Stopped> {
    /// The version of the protocol in every greeting; an error packet starts otherwise.
    const PROTOCOL: u8 = 10;
    let mut header = [0; 4];
    stream.read_exact(&mut header)?;
    let length = usize::from(header[0]) | usize::from(header[1]) << 8;
    let mut greeting = vec![0; length];
    stream.read_exact(&mut greeting)?;
    if greeting.first() != Some(&PROTOCOL) {
        return Err(answered(&greeting).into());
    }
    // CLIENT_PROTOCOL_41, CLIENT_SSL, CLIENT_SECURE_CONNECTION; 16 MiB; utf8mb4
    let mut request = vec![32, 0, 0, 1, 0, 0x8a, 0, 0, 0, 0, 0, 1, 45];
    request.resize(36, 0);
    stream.write_all(&request)?;
    Ok(())
}

fn answered(bytes: &[u8]) -> Rejection {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(SHOWN)]);
    Rejection::Answered(text.trim().to_owned())
}
