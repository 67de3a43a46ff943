//! Until the room of private keys is merged.
use crate::asn1::{Element, tag};

pub(super) fn of(bytes: &[u8]) -> Option<String> {
    if memchr::memmem::find(bytes, b"PRIVATE KEY-----").is_some() {
        return Some("PEM".into());
    }
    memchr::memchr_iter(tag::SEQUENCE, bytes).find_map(|at| key(&bytes[at..]))
}

fn key(bytes: &[u8]) -> Option<String> {
    let (element, _) = Element::first(bytes)?;
    let fields = element.sequence()?;
    let [version, second, third, ..] = &fields[..] else {
        return None;
    };
    let is_version = version.tag == tag::INTEGER && matches!(version.content, [0 | 1]);
    let algorithm = second.sequence().is_some_and(|fields| {
        let first = fields.first();
        first.is_some_and(|first| first.identifier().is_some())
    });
    let kind = match (second.tag, third.tag) {
        (tag::SEQUENCE, tag::OCTET_STRING) if algorithm => "PKCS#8 DER",
        (tag::INTEGER, tag::INTEGER) if fields.len() >= 6 => "PKCS#1 DER",
        (tag::OCTET_STRING, 0xa0) => "SEC 1 DER",
        _ => return None,
    };
    is_version.then(|| kind.to_owned())
}
