//! The tunnel that an HTTP proxy opens (CONNECT, RFC 9110, section 9.3.6).

use std::io::{Read as _, Write as _};

use super::{Rejection, Step, Stopped, Timed, Unreached};
use crate::proxy::Proxy;

/// The head of an answer is not read beyond this.
const MAX_HEAD: usize = 8192;

/// Asks `proxy` for a tunnel to `authority`.
pub(super) fn open(
    stream: &mut Timed<'_>,
    proxy: &Proxy,
    authority: &str,
) -> Result<(), Unreached> {
    let outcome = request(stream, proxy, authority);
    outcome.map_err(|stopped| stopped.at(Step::Proxy, Unreached::ProxyRefused))
}

fn request(stream: &mut Timed<'_>, proxy: &Proxy, authority: &str) -> Result<(), Stopped> {
    let authorization = proxy.authorization();
    let request =
        format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{authorization}\r\n");
    stream.write_all(request.as_bytes())?;
    // Byte by byte: what follows the head is TLS.
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < MAX_HEAD {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.extend(byte);
    }
    let head = String::from_utf8_lossy(&head);
    let status = head.lines().next().unwrap_or_default();
    match status.split(' ').nth(1) {
        Some(code) if code.starts_with('2') => Ok(()),
        _ => Err(Rejection::Answered(status.to_owned()).into()),
    }
}
