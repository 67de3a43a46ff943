//! What no client reads in a container: fields that its format does not have, attributes, signed content. A
//! private key there is refused like any other, and a certificate there is not lost silently.

use memchr::memmem;

use super::{Problem, private_key};
use crate::asn1::{BerElement, tag};
use crate::cert::has_outer_fields;

/// Shorter bytes hold neither a key nor a certificate: a key of SEC 1 on a curve of 256 bits takes 39.
const SHORTEST: usize = 39;
/// How deep strings in pieces are looked for.
const MAX_DEPTH: usize = 16;

/// Where something stray is, which decides what a certificate there means.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// Where the format has a place for anything, which this names. A certificate there is no client's trust
    /// anchor, and none expects it to be.
    Meant(&'static str),
    /// Where the format has no place for it.
    Nowhere,
}

/// The keys and certificates in `element`, each as the problem that it is.
pub(super) fn search(element: BerElement<'_>, place: Place) -> Vec<Problem> {
    let mut found = Vec::new();
    scan(element.encoded, place, &mut found);
    pieces(element, place, &mut found, 0);
    found
}

/// Looks into the strings that are in pieces.
fn pieces(element: BerElement<'_>, place: Place, found: &mut Vec<Problem>, depth: usize) {
    // [0] is the tag of an OCTET STRING too, where it is IMPLICIT.
    if (element.tag == tag::OCTET_STRING_IN_PIECES || element.tag == tag::explicit(0))
        && let Ok(joined) = element.string()
    {
        scan(&joined, place, found);
    }
    if element.tag & tag::CONSTRUCTED != 0
        && element.tag != tag::OCTET_STRING_IN_PIECES
        && depth < MAX_DEPTH
    {
        for child in element.children().unwrap_or_default() {
            pieces(child, place, found, depth + 1);
        }
    }
}

/// Looks at `bytes`, whatever they are.
pub(super) fn scan(bytes: &[u8], place: Place, found: &mut Vec<Problem>) {
    if bytes.len() < SHORTEST {
        return;
    }
    if let Some(kind) = private_key::first(bytes) {
        push(found, Problem::private_key(kind));
    }
    let is_pem = memmem::find(bytes, b"-----BEGIN CERTIFICATE").is_some();
    if is_pem || holds_certificate(bytes) {
        push(found, certificate(place));
    }
}

fn push(found: &mut Vec<Problem>, problem: Problem) {
    if !found.contains(&problem) {
        found.push(problem);
    }
}

fn certificate(place: Place) -> Problem {
    match place {
        Place::Meant(name) => Problem::not_a_certificate(format!(
            "{name}, with a certificate that no client reads there"
        )),
        Place::Nowhere => Problem::hinted(
            "a certificate in a field of the store where no client looks for one",
            "export the store again; or, if the certificate is to be trusted, send it as PEM",
        ),
    }
}

/// Whether a certificate in DER starts at any offset of `bytes`.
fn holds_certificate(bytes: &[u8]) -> bool {
    memchr::memchr_iter(tag::SEQUENCE, bytes).any(|at| has_outer_fields(&bytes[at..]))
}
