//! The words for what a server presents: each certificate, and what it is to the others.

use std::net::IpAddr;

use trust_doctor::chain::{Place, is_in_order, places};
use trust_stores::cert::{GeneralName, SignatureAlgorithm};
use trust_stores::escape::escape;
use trust_stores::{Certificate, Timestamp};

use crate::report::text::count;

/// What `--verbose` adds to a certificate, a line each.
pub(super) fn details(certificate: &Certificate, place: Place, at: Timestamp) -> Vec<String> {
    let mut lines = facts(certificate, at);
    lines.push(place_words(place));
    lines
}

/// The key, the validity and the names of a certificate, a line each.
pub(super) fn facts(certificate: &Certificate, at: Timestamp) -> Vec<String> {
    let mut lines = vec![
        format!(
            "key {}, signed with {}",
            certificate.key(),
            signature_algorithm(certificate.signature_algorithm())
        ),
        validity(certificate, at),
    ];
    let names = names(certificate);
    if !names.is_empty() {
        lines.push(format!("names {}", names.join(", ")));
    }
    lines
}

fn validity(certificate: &Certificate, at: Timestamp) -> String {
    let (from, until) = (certificate.not_before(), certificate.not_after());
    let left = at.days_until(until);
    let left = if until < at {
        format!("expired {} ago", days(-left))
    } else {
        format!("{} left", days(left))
    };
    format!(
        "valid from {} until {}: {} in all, {left}",
        from.date(),
        until.date(),
        days(from.days_until(until))
    )
}

fn days(number: i64) -> String {
    count(usize::try_from(number).unwrap_or_default(), "day")
}

/// The algorithm as people name it: `RSA with SHA-256`.
pub(super) fn signature_algorithm(algorithm: SignatureAlgorithm) -> String {
    match algorithm {
        SignatureAlgorithm::RsaPkcs1(hash) => format!("RSA with {hash}"),
        SignatureAlgorithm::RsaPss(parameters) => format!(
            "RSA-PSS with {} and a salt of {} bytes",
            parameters.hash, parameters.salt_length
        ),
        SignatureAlgorithm::Ecdsa(hash) => format!("ECDSA with {hash}"),
        SignatureAlgorithm::Dsa(hash) => format!("DSA with {hash}"),
        SignatureAlgorithm::Ed25519 => String::from("Ed25519"),
        SignatureAlgorithm::Ed448 => String::from("Ed448"),
        _ => String::from("another algorithm"),
    }
}

/// The names in subjectAltName; the kind is before those that are no DNS names. Escaped.
pub(super) fn names(certificate: &Certificate) -> Vec<String> {
    let names = certificate.subject_alternative_names().unwrap_or_default();
    names.iter().map(name).collect()
}

fn name(name: &GeneralName<'_>) -> String {
    match name {
        GeneralName::Dns(name) => escape(name).into_owned(),
        GeneralName::Ip(octets) => address(octets).map_or_else(
            || String::from("a damaged address"),
            |address| address.to_string(),
        ),
        GeneralName::Uri(uri) => format!("URI {}", escape(uri)),
        GeneralName::Email(address) => format!("mail {}", escape(address)),
        GeneralName::Directory(_) => String::from("a directory name"),
        _ => String::from("a name of another kind"),
    }
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    match octets.len() {
        4 => <[u8; 4]>::try_from(octets).ok().map(IpAddr::from),
        _ => <[u8; 16]>::try_from(octets).ok().map(IpAddr::from),
    }
}

/// What a certificate is to the others.
pub(super) fn place_words(place: Place) -> String {
    match place {
        Place::Server => String::from("the server's own"),
        Place::IssuerOf(child) => format!("the issuer of {child}"),
        Place::RootOf(child) => format!(
            "the root above {child}: superfluous, because clients use the copy in their own store"
        ),
        Place::CopyOf(first) => format!("superfluous: the same as {first}"),
        Place::Unrelated => String::from("superfluous: it issued none of the others"),
    }
}

/// What is odd about the chain as a whole, a sentence each.
pub(super) fn oddities(chain: &[Certificate], places: &[Place]) -> Vec<String> {
    let mut found = Vec::new();
    if !is_in_order(places) {
        found.push(String::from(
            "not in order: each certificate should directly follow the one that it issued",
        ));
    }
    let end = upward(chain).pop();
    if let Some(end) = end.filter(|end| !end.is_self_signed()) {
        found.push(format!(
            "ends below {}, which is not sent; every client needs that one in its store{}",
            end.issuer(),
            if chain.len() == 1 {
                " unless it is an intermediate, which a server must send"
            } else {
                ""
            }
        ));
    }
    found
}

/// The way from the server's own certificate along the issuers that it sends.
pub(super) fn upward(chain: &[Certificate]) -> Vec<&Certificate> {
    let places = places(chain);
    let issuer_of = |child: usize| {
        let mut issuers = places.iter();
        issuers.position(
            |place| matches!(place, Place::IssuerOf(one) | Place::RootOf(one) if *one == child),
        )
    };
    let way = std::iter::successors(Some(0), |child| issuer_of(*child));
    way.map_while(|index| chain.get(index)).collect()
}

/// A chain with the place of each of its certificates.
pub(super) fn placed(chain: &[Certificate]) -> impl Iterator<Item = (&Certificate, Place)> {
    chain.iter().zip(places(chain))
}
