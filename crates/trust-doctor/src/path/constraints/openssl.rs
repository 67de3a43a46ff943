//! `NAME_CONSTRAINTS_check` and `NAME_CONSTRAINTS_check_CN` of OpenSSL (`crypto/x509/v3_ncons.c`).

use std::borrow::Cow;

use trust_stores::cert::{Certificate, oid};

use super::{Constraints, Item, Place, Subtrees, Verdict, kind};
use crate::client::Rules;
use crate::path::work::Work;

const IA5_STRING: u8 = 0x16;

/// OpenSSL refuses a certificate for which there would be more comparisons (`NAME_CHECK_MAX`).
const MAX_COMPARISONS: usize = 1 << 20;

pub(super) fn verdict(
    constraints: &Constraints<'_>,
    certificate: &Certificate,
    is_leaf: bool,
    rules: Rules,
    work: &Work,
) -> Verdict {
    let alternative = certificate.subject_alternative_names().unwrap_or_default();
    let count = certificate.subject_attribute_count() + alternative.len();
    if count > 0 && constraints.count() > MAX_COMPARISONS / count {
        return Verdict::Forbidden;
    }
    if !work.may_compare(count * constraints.count()) {
        return Verdict::NotCompared;
    }
    let subject = Item::directory(certificate.subject_der());
    let subject = Some(subject).filter(|_| certificate.subject_attribute_count() > 0);
    let mut items: Vec<Item<'_>> = subject.into_iter().collect();
    for mail in certificate.subject_values(oid::EMAIL_ADDRESS) {
        match mail.text {
            Some(text) if mail.tag == IA5_STRING => items.push(Item::text(kind::EMAIL, text)),
            _ => return Verdict::Forbidden,
        }
    }
    let has_dns = alternative
        .iter()
        .map(|name| Item::of(*name))
        .any(|name| name.kind == kind::DNS);
    items.extend(alternative.into_iter().map(Item::of));
    if is_leaf && !has_dns && rules.falls_back_to_common_name() {
        for common in certificate.subject_values(oid::COMMON_NAME) {
            let text = common.text.unwrap_or_default();
            let text = text.trim_end_matches('\0').to_owned();
            if text.contains('\0') {
                return Verdict::Forbidden;
            }
            if is_dns_name(&text) {
                items.push(Item::text(kind::DNS, Cow::Owned(text)));
            }
        }
    }
    combined(items.iter().map(|item| item_verdict(constraints, item)))
}

/// The worst of several verdicts.
fn combined(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let mut worst = Verdict::Allowed;
    for verdict in verdicts {
        match verdict {
            Verdict::Forbidden => return Verdict::Forbidden,
            Verdict::Allowed => {}
            doubt => worst = doubt,
        }
    }
    worst
}

/// Whether a common name looks like a host's (`cn2dnsid`): two labels or more, of letters, digits,
/// underscores and inner hyphens.
fn is_dns_name(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    text.contains('.') && text.split('.').all(is_label)
}

/// `nc_match`.
fn item_verdict(constraints: &Constraints<'_>, item: &Item<'_>) -> Verdict {
    let of_kind = |trees: &Subtrees<'_>| -> Vec<Place> {
        let bases = trees
            .bases
            .iter()
            .filter(|(base, _)| is_of_kind(item, base));
        let places = bases.map(|(base, is_bounded)| match is_bounded {
            true => Place::Invalid,
            false => place(item, base),
        });
        places.collect()
    };
    let (permitted, excluded) = (
        of_kind(&constraints.permitted),
        of_kind(&constraints.excluded),
    );
    let mut all = permitted.iter().chain(&excluded);
    let is_outside =
        !permitted.is_empty() && permitted.iter().all(|place| *place == Place::Outside);
    if is_outside || excluded.contains(&Place::Within) || all.any(|place| *place == Place::Invalid)
    {
        return Verdict::Forbidden;
    }
    let is_permitted = permitted.is_empty() || permitted.contains(&Place::Within);
    if is_permitted && excluded.iter().all(|place| *place == Place::Outside) {
        Verdict::Allowed
    } else {
        Verdict::NotCompared
    }
}

/// Whether a subtree is about names of this kind; an otherName's type is a part of its kind.
fn is_of_kind(item: &Item<'_>, base: &Item<'_>) -> bool {
    let is_mailbox = item.kind == kind::OTHER && item.bytes().starts_with(SMTP_UTF8_MAILBOX);
    match (item.kind, base.kind) {
        (kind::OTHER, kind::EMAIL) => is_mailbox,
        (kind::OTHER, kind::OTHER) => !is_mailbox && type_id(item) == type_id(base),
        (item, base) => item == base,
    }
}

/// id-on-SmtpUTF8Mailbox (RFC 8398), an address with letters beyond ASCII, in DER.
const SMTP_UTF8_MAILBOX: &[u8] = &[0x06, 8, 0x2b, 6, 1, 5, 5, 7, 8, 9];

/// The DER of an otherName's type-id.
fn type_id<'i>(name: &'i Item<'_>) -> Option<&'i [u8]> {
    let bytes = name.bytes();
    let length = usize::from(*bytes.get(1)?);
    bytes.get(..2 + length)
}

/// `nc_match_single`.
pub(super) fn place(item: &Item<'_>, base: &Item<'_>) -> Place {
    let (name, tree) = (item.bytes(), base.bytes());
    match item.kind {
        kind::DNS => within(is_below(name, tree)),
        kind::EMAIL => email(name, tree),
        kind::URI => uri(name, tree),
        kind::IP => address(name, tree),
        kind::DIRECTORY => item.place_below(base),
        kind::OTHER if base.kind == kind::EMAIL => Place::NotCompared,
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

/// `nc_dns`: with a dot first, only what is below.
fn is_below(name: &[u8], base: &[u8]) -> bool {
    let Some((above, end)) = name.split_at_checked(name.len().wrapping_sub(base.len())) else {
        return base.is_empty();
    };
    let is_at_label = above.is_empty() || base.starts_with(b".") || above.ends_with(b".");
    base.is_empty() || end.eq_ignore_ascii_case(base) && is_at_label
}

/// `nc_email`: an address, all addresses at a host or, with a dot first, at the hosts below it.
fn email(name: &[u8], base: &[u8]) -> Place {
    let parts = |text: &[u8]| {
        let at = text.iter().rposition(|byte| *byte == b'@')?;
        Some((text[..at].to_vec(), text[at + 1..].to_vec()))
    };
    let Some((own_box, own_host)) = parts(name) else {
        return Place::Invalid;
    };
    match parts(base) {
        None if base.starts_with(b".") => within(
            name.len() > base.len() && name[name.len() - base.len()..].eq_ignore_ascii_case(base),
        ),
        None => within(own_host.eq_ignore_ascii_case(base)),
        Some((mailbox, host)) => within(
            (mailbox.is_empty() || mailbox == own_box) && own_host.eq_ignore_ascii_case(&host),
        ),
    }
}

/// `nc_uri`. Versions differ in how they read what is before or after a plain host.
fn uri(name: &[u8], base: &[u8]) -> Place {
    let Ok(text) = std::str::from_utf8(name) else {
        return Place::NotCompared;
    };
    let Some((_, rest)) = text.split_once("://") else {
        return Place::Invalid;
    };
    let host = rest.split(['/', ':']).next().unwrap_or_default();
    if host.is_empty() {
        return Place::Invalid;
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    if !host.bytes().all(is_plain) {
        return Place::NotCompared;
    }
    let host = host.as_bytes();
    within(if base.starts_with(b".") {
        host.len() > base.len() && host[host.len() - base.len()..].eq_ignore_ascii_case(base)
    } else {
        host.eq_ignore_ascii_case(base)
    })
}

/// `nc_ip`: any mask will do.
fn address(address: &[u8], base: &[u8]) -> Place {
    if !matches!(address.len(), 4 | 16) || !matches!(base.len(), 8 | 32) {
        return Place::Invalid;
    }
    let (network, mask) = base.split_at(base.len() / 2);
    let mut octets = address.iter().zip(network).zip(mask);
    within(
        address.len() == network.len()
            && octets.all(|((octet, network), mask)| octet & mask == network & mask),
    )
}
