//! The certificates of issuers that a server does not send, from where the certificates themselves
//! say that they are (caIssuers of RFC 5280, section 4.2.2.1). Only where it is asked for: whoever
//! issued the certificate chose the address, and no client here would fetch it.

use std::io::{self, Read as _, Write as _};

use super::Asked;
use super::connect::{self, Deadline, Route, Timed};
use super::path;
use crate::cert::Certificate;
use crate::formats::{self, Unlock};

/// What came of one address.
#[derive(Debug)]
pub struct Fetched {
    /// As the certificate names it.
    pub address: String,
    /// The issuer's certificate, whose key signed the one that named the address; else why not.
    pub outcome: Result<Certificate, String>,
}

/// From the server's certificate to its root, as many as a real chain has.
const MOST: usize = 8;

/// More than any issuer's certificate, with its PKCS#7 and the head of the answer.
const LARGEST: u64 = 128 << 10;

/// Fetches each issuer that is not among what was presented, up to the root.
pub fn fetch(asked: &Asked, route: &Route) -> Vec<Fetched> {
    let mut fetched: Vec<Fetched> = Vec::new();
    let Some(mut last) = asked.chain.first().cloned() else {
        return fetched;
    };
    for _ in 0..MOST {
        if last.is_self_signed() {
            break;
        }
        let sent = asked.chain.iter().find(|one| path::issued(one, &last));
        if let Some(issuer) = sent {
            last = issuer.clone();
            continue;
        }
        let Some(address) = path::issuers_address(&last) else {
            break;
        };
        let outcome = issuer_at(&address, &last, route);
        let issuer = outcome.clone();
        fetched.push(Fetched { address, outcome });
        let Ok(issuer) = issuer else {
            break;
        };
        last = issuer;
    }
    fetched
}

fn issuer_at(address: &str, of: &Certificate, route: &Route) -> Result<Certificate, String> {
    let bytes = get(address, route)?;
    // DER or a PKCS#7 by the RFC, and PEM by custom.
    let found = formats::decode(&bytes, &Unlock::default());
    found
        .into_iter()
        .filter_map(|found| found.content.ok())
        .map(|taken| taken.certificate)
        .find(|one| path::issued(one, of))
        .ok_or_else(|| String::from("what is there is not its issuer's certificate"))
}

/// The body of a plain HTTP answer: no redirection is followed, nothing is retried.
fn get(address: &str, route: &Route) -> Result<Vec<u8>, String> {
    let rest = address
        .strip_prefix("http://")
        .ok_or("only http:// is fetched")?;
    if !address.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(String::from("not an address"));
    }
    let target = rest.parse()?;
    let path = rest.find('/').map_or("/", |at| &rest[at..]);
    let deadline = Deadline::in_(route.limit);
    let web = connect::to_web_server(&target, route, deadline);
    let (mut stream, head) = web.map_err(|unreached| unreached.to_string())?;
    let wanted = if route.proxy.is_some() { address } else { path };
    let request = format!(
        "GET {wanted} HTTP/1.0\r\nHost: {}\r\n{head}Connection: close\r\n\r\n",
        target.host
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
    let status = answer.split(|byte| *byte == b'\r').next();
    let status = String::from_utf8_lossy(status.unwrap_or_default()).into_owned();
    if status.split(' ').nth(1) != Some("200") {
        return Err(format!("the answer is: {status}"));
    }
    let mut heads = answer.windows(4);
    let end = heads
        .position(|four| four == b"\r\n\r\n")
        .ok_or("it is no answer of HTTP")?;
    Ok(answer.split_off(end + 4))
}
