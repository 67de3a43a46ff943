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
    stream.write_all(StartTls::Postgres.request())?;
    let mut answer = [0];
    stream.read_exact(&mut answer)?;
    match &answer {
        b"S" => Ok(()),
        // Not, or what a server from before TLS says: an error.
        b"N" | b"E" => Err(Rejection::NoTls.into()),
        _ => Err(Rejection::OtherProtocol.into()),
    }
}

fn smtp(stream: &mut (impl Read + Write)) -> Result<(), Stopped> {
    expect(stream, "220")?;
    stream.write_all(b"EHLO trust-init.example.com\r\n")?;
    expect(stream, "250")?;
    stream.write_all(StartTls::Smtp.request())?;
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
    const SEQUENCE: u8 = 0x30;
    const MAX_ANSWER: usize = 64 << 10;
    stream.write_all(StartTls::Ldap.request())?;
    let mut header = [0; 2];
    stream.read_exact(&mut header)?;
    let mut length = vec![0; usize::from(header[1].saturating_sub(0x80)).min(4)];
    stream.read_exact(&mut length)?;
    let length = match header[1] {
        short @ 0..0x80 => usize::from(short),
        _ => length
            .iter()
            .fold(0, |sum, byte| sum << 8 | usize::from(*byte)),
    };
    if header[0] != SEQUENCE || length > MAX_ANSWER {
        return Err(Rejection::OtherProtocol.into());
    }
    let mut answer = vec![0; length];
    stream.read_exact(&mut answer)?;
    match ldap_result(&answer) {
        Some((0, _)) => Ok(()),
        Some((code, words)) => {
            let name = match code {
                1 => " (operationsError)",
                2 => " (protocolError)",
                8 => " (strongerAuthRequired)",
                52 => " (unavailable)",
                53 => " (unwillingToPerform)",
                _ => "",
            };
            let words = String::from_utf8_lossy(&words[..words.len().min(SHOWN)]);
            let line = format!("LDAP result {code}{name} {words}");
            Err(Rejection::Answered(line.trim().to_owned()).into())
        }
        None => Err(Rejection::OtherProtocol.into()),
    }
}

/// The result code and the diagnostic message of an `extendedResp` (RFC 4511, sections 4.1.9 and
/// 4.12), after the header of its `LDAPMessage`.
fn ldap_result(message: &[u8]) -> Option<(u8, &[u8])> {
    const EXTENDED_RESPONSE: u8 = 0x78;
    let (_, _, rest) = element(message)?;
    let (kind, response, _) = element(rest)?;
    if kind != EXTENDED_RESPONSE {
        return None;
    }
    let (_, code, rest) = element(response)?;
    let (_, _, rest) = element(rest)?;
    let (_, words, _) = element(rest)?;
    Some((*code.first()?, words))
}

/// The first element in BER: its tag, its content, and what follows.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[kind, first], rest) = bytes.split_first_chunk()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (length, rest) = rest.split_at_checked(usize::from(first - 0x80))?;
        let length = length.iter().take(4);
        let length = length.fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        (length, rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((kind, content, rest))
}

fn mysql(stream: &mut (impl Read + Write)) -> Result<(), Stopped> {
    /// No greeting is longer, and no error.
    const MAX_PACKET: usize = 4096;
    /// The version of the protocol in every greeting.
    const PROTOCOL: u8 = 10;
    /// What an error packet starts with.
    const ERROR: u8 = 0xff;
    let mut header = [0; 4];
    stream.read_exact(&mut header)?;
    let length = header[..3].iter().rev();
    let length = length.fold(0, |sum, byte| sum << 8 | usize::from(*byte));
    if length > MAX_PACKET {
        return Err(Rejection::OtherProtocol.into());
    }
    let mut packet = vec![0; length];
    stream.read_exact(&mut packet)?;
    match packet.split_first() {
        Some((&PROTOCOL, greeting)) if has_tls(greeting) => {}
        Some((&PROTOCOL, _)) => return Err(Rejection::NoTls.into()),
        Some((&ERROR, error)) => return Err(mysql_error(error).into()),
        _ => return Err(Rejection::OtherProtocol.into()),
    }
    stream.write_all(StartTls::Mysql.request())?;
    Ok(())
}

/// Whether a greeting (`Protocol::HandshakeV10`, after its version) has `CLIENT_SSL`.
fn has_tls(greeting: &[u8]) -> bool {
    const CLIENT_SSL: u8 = 0x08;
    // The server's version up to its NUL, 4 bytes of a thread, 8 of salt, 1 of filler; then the lower
    // half of the capabilities, its lower byte first.
    let end = greeting.iter().position(|byte| *byte == 0);
    let capabilities = end.and_then(|end| greeting.get(end + 15));
    capabilities.is_some_and(|byte| byte & CLIENT_SSL != 0)
}

/// The number and the words of an error packet, after its first byte, without the state that some
/// servers put in between (`#HY000`).
fn mysql_error(error: &[u8]) -> Rejection {
    let Some((number, words)) = error.split_first_chunk() else {
        return Rejection::OtherProtocol;
    };
    let words = match words {
        [b'#', _, _, _, _, _, rest @ ..] => rest,
        _ => words,
    };
    let words = String::from_utf8_lossy(&words[..words.len().min(SHOWN)]);
    Rejection::Answered(format!("{} {words}", u16::from_le_bytes(*number)))
}

fn answered(bytes: &[u8]) -> Rejection {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(SHOWN)]);
    Rejection::Answered(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read, Write};

    use super::{Rejection, Stopped, ldap, mysql, postgres};

    /// A server that says what it says, whatever it hears.
    struct Server<'a>(&'a [u8]);

    impl Read for Server<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.read(buffer)
        }
    }

    impl Write for Server<'_> {
        fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
            Ok(buffer.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn rejection(outcome: Result<(), Stopped>) -> Option<Rejection> {
        match outcome {
            Err(Stopped::Rejected(rejection)) => Some(rejection),
            Err(Stopped::Io(error)) => panic!("{error}"),
            Ok(()) => None,
        }
    }

    /// The greeting of a server with these lower capabilities.
    fn greeting(capabilities: u16) -> Vec<u8> {
        let [low, high] = capabilities.to_le_bytes();
        let greeting = [
            b"\x0a8.0.36\0\x08\0\0\0saltsalt\0",
            &[low, high][..],
            b"\x2d\x02\0",
        ]
        .concat();
        let length = u8::try_from(greeting.len()).unwrap();
        [&[length, 0, 0, 0][..], &greeting].concat()
    }

    #[test]
    fn mysql_tells_whether_it_has_tls() {
        let mysql = |said: &[u8]| rejection(mysql(&mut Server(said)));
        assert_eq!(mysql(&greeting(0xffff)), None);
        assert_eq!(mysql(&greeting(0xf7ff)), Some(Rejection::NoTls));
        let refused = b"\x1c\0\0\0\xff\x6a\x04#HY000Host is not allowed";
        let words = String::from("1130 Host is not allowed");
        assert_eq!(mysql(refused), Some(Rejection::Answered(words)));
        assert_eq!(
            mysql(b"SSH-2.0-OpenSSH\r\n"),
            Some(Rejection::OtherProtocol)
        );
        assert_eq!(mysql(b"\x01\0\0\0\x09"), Some(Rejection::OtherProtocol));
    }

    #[test]
    fn ldaps_result_code_counts() {
        let ldap = |said: &[u8]| rejection(ldap(&mut Server(said)));
        assert_eq!(
            ldap(b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\0\x04\0\x04\0"),
            None
        );
        // As OpenLDAP without a certificate answers.
        let refused = b"\x30\x1b\x02\x01\x01\x78\x16\x0a\x01\x02\x04\0\x04\x0funsupported op.";
        let words = String::from("LDAP result 2 (protocolError) unsupported op.");
        assert_eq!(ldap(refused), Some(Rejection::Answered(words)));
        // Active Directory writes long lengths.
        let long = b"\x30\x84\0\0\0\x10\x02\x01\x01\x78\x84\0\0\0\x07\x0a\x01\x34\x04\0\x04\0";
        let words = String::from("LDAP result 52 (unavailable)");
        assert_eq!(ldap(long), Some(Rejection::Answered(words)));
        assert_eq!(ldap(b"220 mail"), Some(Rejection::OtherProtocol));
    }

    #[test]
    fn postgres_says_one_letter() {
        let postgres = |said: &[u8]| rejection(postgres(&mut Server(said)));
        assert_eq!(postgres(b"S"), None);
        assert_eq!(postgres(b"N"), Some(Rejection::NoTls));
        assert_eq!(postgres(b"2"), Some(Rejection::OtherProtocol));
    }
}
