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
        Some("407") => Err(Rejection::Unauthorized {
            status: status.to_owned(),
            schemes: schemes(&head),
        }
        .into()),
        _ => Err(Rejection::Answered(status.to_owned()).into()),
    }
}

/// The scheme of each challenge, one on a line as all proxies have them.
fn schemes(head: &str) -> Vec<String> {
    let mut schemes = Vec::new();
    for line in head.lines().skip(1) {
        let Some((name, challenge)) = line.split_once(':') else {
            continue;
        };
        let scheme = challenge.split([' ', ',']).find(|word| !word.is_empty());
        if let Some(scheme) = scheme.filter(|_| name.eq_ignore_ascii_case("proxy-authenticate"))
            && !schemes.iter().any(|one: &String| one == scheme)
        {
            schemes.push(scheme.to_owned());
        }
    }
    schemes
}

#[cfg(test)]
mod tests {
    use super::schemes;

    #[test]
    fn the_schemes_of_a_407_are_read() {
        let head = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Negotiate\r\n\
                    proxy-authenticate: NTLM\r\nProxy-Authenticate: Basic realm=\"corp\"\r\n\
                    Proxy-Authenticate: Basic realm=\"other\"\r\nX: Digest\r\n\r\n";
        assert_eq!(schemes(head), ["Negotiate", "NTLM", "Basic"]);
    }
}
