//! `NameConstraintsExtension.verify` of the JVM (`sun.security.x509`), and the `constrains` of each kind of
//! name there.

use std::net::IpAddr;

use trust_stores::cert::{Certificate, oid};

use super::{Constraints, Item, Place, Subtrees, Verdict, kind};
use crate::names::{Coverage, jvm as hosts};
use crate::path::work::Work;

pub(super) fn verdict(
    constraints: &Constraints<'_>,
    certificate: &Certificate,
    work: &Work,
) -> Verdict {
    let bases = || {
        constraints
            .permitted
            .bases
            .iter()
            .chain(&constraints.excluded.bases)
    };
    if bases().any(|(_, is_bounded)| *is_bounded) {
        return Verdict::Forbidden;
    }
    let items = items(certificate);
    if !work.may_compare(items.len() * constraints.count()) {
        return Verdict::NotCompared;
    }
    let mut worst = Verdict::Allowed;
    for item in &items {
        match item_verdict(constraints, item) {
            Verdict::Forbidden => return Verdict::Forbidden,
            Verdict::Allowed => {}
            doubt => worst = doubt,
        }
    }
    worst
}

/// The names of a certificate, a CA's too: the subject; subjectAltName or, without one, the addresses of
/// mail in the subject; and the last common name where it could be the host's or its address and
/// subjectAltName has none of that kind.
fn items(certificate: &Certificate) -> Vec<Item<'_>> {
    let mut items = Vec::new();
    if certificate.subject_attribute_count() > 0 {
        items.push(Item::directory(certificate.subject_der()));
    }
    if let Some(names) = certificate.subject_alternative_names() {
        items.extend(names.into_iter().map(Item::of));
    } else {
        let mails = certificate.subject_values(oid::EMAIL_ADDRESS);
        items.extend(mails.filter_map(|mail| Some(Item::text(kind::EMAIL, mail.text?))));
    }
    if let Some(common) = certificate.common_name() {
        let has = |kind| items.iter().any(|item: &Item<'_>| item.kind == kind);
        match common.parse::<IpAddr>() {
            Ok(_) if has(kind::IP) => {}
            Ok(IpAddr::V4(address)) => items.push(Item::new(kind::IP, address.octets().to_vec())),
            Ok(IpAddr::V6(address)) => items.push(Item::new(kind::IP, address.octets().to_vec())),
            Err(_) if !has(kind::DNS) && is_dns_name(&common) => {
                items.push(Item::text(kind::DNS, common));
            }
            Err(_) => {}
        }
    }
    items
}

/// What the constructor of `DNSName` takes: labels of letters, digits and hyphens.
fn is_dns_name(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    text.split('.').all(is_label)
}

fn item_verdict(constraints: &Constraints<'_>, item: &Item<'_>) -> Verdict {
    let of_kind = |trees: &Subtrees<'_>| -> Vec<Place> {
        let bases = trees
            .bases
            .iter()
            .filter(|(base, _)| base.kind == item.kind);
        bases.map(|(base, _)| place(item, base)).collect()
    };
    let (permitted, excluded) = (
        of_kind(&constraints.permitted),
        of_kind(&constraints.excluded),
    );
    let is_outside = |place: &Place| matches!(place, Place::Outside | Place::Empty);
    let is_outside = !permitted.is_empty() && permitted.iter().all(is_outside);
    let mut all = permitted.iter().chain(&excluded);
    if is_outside
        || excluded.contains(&Place::Within)
        || all.clone().any(|one| *one == Place::Invalid)
    {
        return Verdict::Forbidden;
    }
    let is_permitted = permitted.is_empty() || permitted.contains(&Place::Within);
    if is_permitted && excluded.iter().all(|place| *place == Place::Outside) {
        return Verdict::Allowed;
    }
    if all.any(|place| matches!(place, Place::JavaVersion | Place::Empty)) {
        Verdict::JavaVersion
    } else {
        Verdict::NotCompared
    }
}

pub(super) fn place(item: &Item<'_>, base: &Item<'_>) -> Place {
    let (name, tree) = (item.bytes(), base.bytes());
    match item.kind {
        kind::DNS => dns(name, tree),
        kind::EMAIL => email(name, tree),
        kind::URI => uri(name, tree),
        kind::REGISTERED_ID if name == tree => Place::Within,
        kind::IP => address(name, tree),
        kind::DIRECTORY if !(item.is_plain && base.is_plain) => Place::NotCompared,
        kind::DIRECTORY => item.place_below(base),
        // `UnsupportedOperationException`.
        _ => Place::Invalid,
    }
}

fn within(is_within: bool) -> Place {
    if is_within {
        Place::Within
    } else {
        Place::Outside
    }
}

/// What is before the end of a name, if that is `end`.
fn before<'n>(name: &'n [u8], end: &[u8]) -> Option<&'n [u8]> {
    let (start, rest) = name.split_at_checked(name.len().checked_sub(end.len())?)?;
    rest.eq_ignore_ascii_case(end).then_some(start)
}

/// `DNSName.constrains`. JVMs differ about a dot at the start of a base, which the RFC does not have: to
/// some nothing is below it (8 to 17), to others what is (21), or the name after the dot as well (the
/// updates of 2026). Those also drop a dot at the end, and compare what stars stand for.
fn dns(name: &[u8], base: &[u8]) -> Place {
    if base.is_empty() {
        return Place::Empty;
    }
    let texts = std::str::from_utf8(name)
        .ok()
        .zip(std::str::from_utf8(base).ok());
    if name.contains(&b'*')
        && texts.is_none_or(|(name, base)| hosts::name_covers(name, base) != Coverage::CoversNot)
    {
        return Place::JavaVersion;
    }
    let is_below = |name: &[u8], base: &[u8]| match before(name, base) {
        Some(above) => above.is_empty() || above.ends_with(b"."),
        None => false,
    };
    let plain = |text: &[u8]| {
        let text = text.strip_prefix(b".").unwrap_or(text);
        text.strip_suffix(b".").unwrap_or(text).to_vec()
    };
    let has_dot = |text: &[u8]| text.starts_with(b".") || text.ends_with(b".");
    if (has_dot(name) || has_dot(base)) && is_below(&plain(name), &plain(base)) {
        return Place::JavaVersion;
    }
    within(is_below(name, base))
}

/// `URIName.constrains`: hosts only, and with a dot first the names below it.
fn uri(name: &[u8], base: &[u8]) -> Place {
    let is_plain = |text: &[u8]| {
        text.iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
    };
    let text = std::str::from_utf8(name).unwrap_or_default();
    let rest = text.split_once("://").map(|(_, rest)| rest);
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
    let Some(host) = host.map(str::as_bytes).filter(|host| !host.is_empty()) else {
        return Place::NotCompared;
    };
    if !is_plain(host) || !is_plain(base) || base.is_empty() {
        return Place::NotCompared;
    }
    within(match before(host, base) {
        Some(above) => base.starts_with(b".") != above.is_empty(),
        None => false,
    })
}

/// `RFC822Name.constrains`: as OpenSSL's, but mailboxes are not told apart by case.
fn email(name: &[u8], base: &[u8]) -> Place {
    within(match before(name, base) {
        Some([]) => true,
        Some(_) if base.contains(&b'@') => false,
        Some(above) => base.starts_with(b".") || above.ends_with(b"@"),
        None => false,
    })
}

/// `IPAddressName.constrains`: a network with bits beside its mask holds nothing, one without a mask
/// itself. Before JDK 21 it compares an IPv4 address with the start of an IPv6 network, and the other way
/// round.
fn address(address: &[u8], base: &[u8]) -> Place {
    if !matches!(address.len(), 4 | 16) || !matches!(base.len(), 4 | 8 | 16 | 32) {
        return Place::NotCompared;
    }
    if matches!(base.len(), 4 | 16) {
        return within(address == base);
    }
    let (network, mask) = base.split_at(base.len() / 2);
    let mut octets = address.iter().zip(network).zip(mask);
    let is_within = octets.all(|((octet, network), mask)| octet & mask == *network);
    if is_within && address.len() != network.len() {
        return Place::JavaVersion;
    }
    within(is_within)
}
