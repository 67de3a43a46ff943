//! The certificates of issuers that a server does not send, from where the certificates themselves
//! point to (caIssuers of RFC 5280, section 4.2.2.1).
//!
//! Only on request: whoever issued the certificate chose the address, and no client that is
//! predicted here fetches it.

use std::io::{Read as _, Write as _};
use std::sync::Arc;

use trust_stores::{Certificate, DecodeOptions, decode};

use crate::connect::{self, Deadline, Route, Unreached};
use crate::path;
use crate::target::Target;

/// What came of one address.
#[derive(Debug)]
pub struct FetchedIssuer {
    /// The URL that the certificate names.
    pub address: String,
    /// The certificate that signed the one that names the address. Nobody vouches for it.
    pub outcome: Result<Certificate, FetchError>,
}

/// Why an issuer's certificate was not fetched. Nothing of the server's answer is kept, except the
/// status: the address may be one that the certificate's maker had no business with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchError {
    /// The URL's scheme is not `http`.
    NotHttp,
    /// It is no URL that can be asked.
    BadUrl,
    /// Its server cannot be reached.
    Unreached(Unreached),
    /// The connection failed, in the system's words.
    Failed(String),
    /// What came back is not HTTP.
    NotAnHttpAnswer,
    /// The server answered with this status instead of 200.
    Status(u16),
    /// There is something else than the issuer's certificate.
    NotTheIssuer,
}

/// No chain is longer.
const MAX_ISSUERS: usize = 8;

/// Larger than any certificate in a PKCS#7, with the head of the answer.
const MAX_ANSWER: u64 = 128 << 10;

/// Fetches each issuer that is not in `chain`, up to the root.
pub(crate) fn fetch(
    chain: &[Certificate],
    route: &Route,
    deadline: Deadline,
) -> Vec<FetchedIssuer> {
    let mut fetched = Vec::new();
    let Some(mut last) = chain.first().cloned() else {
        return fetched;
    };
    for _ in 0..MAX_ISSUERS {
        if last.is_self_signed() {
            break;
        }
        if let Some(issuer) = chain.iter().find(|one| path::may_have_signed(one, &last)) {
            last = issuer.clone();
            continue;
        }
        let Some(address) = path::issuer_url(&last) else {
            break;
        };
        let outcome = issuer_at(&address, &last, route, deadline);
        let next = outcome.as_ref().ok().cloned();
        fetched.push(FetchedIssuer { address, outcome });
        match next {
            Some(issuer) => last = issuer,
            None => break,
        }
    }
    fetched
}

fn issuer_at(
    address: &str,
    of: &Certificate,
    route: &Route,
    deadline: Deadline,
) -> Result<Certificate, FetchError> {
    let bytes = get(address, route, deadline)?;
    // DER or PKCS#7 by the RFC, PEM by custom.
    decode(&bytes, &DecodeOptions::default())
        .into_iter()
        .filter_map(|found| found.content.ok())
        .map(|taken| taken.certificate)
        .find(|one| path::may_have_signed(one, of))
        .map(Arc::unwrap_or_clone)
        .ok_or(FetchError::NotTheIssuer)
}

/// The body of a plain HTTP answer: no redirection is followed, nothing is tried twice.
fn get(address: &str, route: &Route, deadline: Deadline) -> Result<Vec<u8>, FetchError> {
    let rest = address.strip_prefix("http://").ok_or(FetchError::NotHttp)?;
    if !address.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(FetchError::BadUrl);
    }
    let target: Target = rest.parse().map_err(|_| FetchError::BadUrl)?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let authority = authority.rsplit('@').next().unwrap_or_default();
    let path = if path.is_empty() { "/" } else { path };
    let (mut stream, proxy) =
        connect::to_web_server(&target, route, deadline).map_err(FetchError::Unreached)?;
    let (resource, authorization) = match proxy {
        None => (path, String::new()),
        Some(proxy) => (address, proxy.authorization()),
    };
    let request = format!(
        "GET {resource} HTTP/1.0\r\nHost: {authority}\r\n{authorization}Connection: close\r\n\r\n"
    );
    let mut timed = deadline.on(&mut stream);
    let mut answer = Vec::new();
    timed
        .write_all(request.as_bytes())
        .and_then(|()| timed.take(MAX_ANSWER).read_to_end(&mut answer))
        .map_err(|error| FetchError::Failed(connect::reason(&error)))?;
    match status(&answer).ok_or(FetchError::NotAnHttpAnswer)? {
        200 => {}
        other => return Err(FetchError::Status(other)),
    }
    let mut windows = answer.windows(4);
    let end = windows
        .position(|window| window == b"\r\n\r\n")
        .ok_or(FetchError::NotAnHttpAnswer)?;
    Ok(answer.split_off(end + 4))
}

/// The number in `HTTP/1.1 200 OK`.
fn status(answer: &[u8]) -> Option<u16> {
    let number = answer.strip_prefix(b"HTTP/1.")?.get(2..5)?;
    str::from_utf8(number).ok()?.parse().ok()
}
