//! The certificates of issuers that a server does not send, from where the certificates themselves
//! say that they are (caIssuers of RFC 5280, section 4.2.2.1). Only where it is asked for: whoever
//! issued the certificate chose the address, and no client here would fetch it.

use std::io::{self, Read as _, Write as _};

use super::connect::{self, Deadline, Route, Timed};
use super::path;
use super::target::Target;
use trust_stores::{Certificate, DecodeOptions};

/// What came of one address.
#[derive(Debug)]
pub struct Fetched {
    /// As the certificate names it.
    pub address: String,
    /// The issuer's certificate, whose key signed the one that named the address; else why not.
    pub outcome: Result<Certificate, String>,
}

/// The same before it leaves its thread, as DER.
#[derive(Debug)]
pub struct Download {
    address: String,
    outcome: Result<Vec<u8>, String>,
}

impl From<Download> for Fetched {
    fn from(download: Download) -> Self {
        let parsed = |der: Vec<u8>| Certificate::from_der(der).map_err(|error| error.to_string());
        Fetched {
            address: download.address,
            outcome: download.outcome.and_then(parsed),
        }
    }
}

/// From the server's certificate to its root, as many as a real chain has.
const MOST: usize = 8;

/// More than any issuer's certificate, with its PKCS#7 and the head of the answer.
const LARGEST: u64 = 128 << 10;

/// Fetches each issuer that is not among what was presented, up to the root.
pub(super) fn fetch(chain: &[Certificate], route: &Route, deadline: Deadline) -> Vec<Download> {
    let mut downloads = Vec::new();
    let Some(mut last) = chain.first().cloned() else {
        return downloads;
    };
    for _ in 0..MOST {
        if last.is_self_signed() {
            break;
        }
        if let Some(issuer) = chain.iter().find(|one| path::issued(one, &last)) {
            last = issuer.clone();
            continue;
        }
        let Some(address) = path::issuers_address(&last) else {
            break;
        };
        let found = issuer_at(&address, &last, route, deadline);
        downloads.push(Download {
            address,
            outcome: found
                .as_ref()
                .map(|one| one.der().to_vec())
                .map_err(Clone::clone),
        });
        let Ok(issuer) = found else {
            break;
        };
        last = issuer;
    }
    downloads
}

fn issuer_at(
    address: &str,
    of: &Certificate,
    route: &Route,
    deadline: Deadline,
) -> Result<Certificate, String> {
    let bytes = get(address, route, deadline)?;
    // DER or a PKCS#7 by the RFC, and PEM by custom.
    let found = trust_stores::decode(&bytes, &DecodeOptions::default());
    found
        .into_iter()
        .filter_map(|found| found.content.ok())
        .map(|taken| taken.certificate)
        .find(|one| path::issued(one, of))
        .ok_or_else(|| String::from("what is there is not its issuer's certificate"))
}

/// The body of a plain HTTP answer: no redirection is followed, nothing is retried. Of what a server
/// says nothing is told but its number: it may be one that the certificate's maker had no business with.
fn get(address: &str, route: &Route, deadline: Deadline) -> Result<Vec<u8>, String> {
    let rest = address
        .strip_prefix("http://")
        .ok_or("only http:// is fetched")?;
    if !address.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(String::from("not an address"));
    }
    let target: Target = rest.parse()?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let authority = authority.rsplit('@').next().unwrap_or_default();
    let path = if path.is_empty() { "/" } else { path };
    let (mut stream, credentials) =
        connect::to_web_server(&target, route, deadline).map_err(|error| error.to_string())?;
    let wanted = if route.proxy_to(&target, target.port_or(80)).is_some() {
        address
    } else {
        path
    };
    let request = format!(
        "GET {wanted} HTTP/1.0\r\nHost: {authority}\r\n{credentials}Connection: close\r\n\r\n"
    );
    let mut timed = Timed {
        stream: &mut stream,
        deadline,
    };
    let mut answer = Vec::new();
    let asked = timed
        .write_all(request.as_bytes())
        .and_then(|()| timed.take(LARGEST).read_to_end(&mut answer));
    asked.map_err(|error: io::Error| connect::without_number(&error))?;
    match status(&answer).ok_or("it is no answer of HTTP")? {
        200 => {}
        other => return Err(format!("the server answers {other}")),
    }
    let mut heads = answer.windows(4);
    let end = heads
        .position(|four| four == b"\r\n\r\n")
        .ok_or("it is no answer of HTTP")?;
    Ok(answer.split_off(end + 4))
}

/// The number in `HTTP/1.1 200 OK`.
fn status(answer: &[u8]) -> Option<u16> {
    let number = answer.strip_prefix(b"HTTP/1.")?.get(2..5)?;
    str::from_utf8(number).ok()?.parse().ok()
}
