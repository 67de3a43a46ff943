//! What extensions hold (RFC 5280, section 4.2.1), as strictly as the JVM reads those that are
//! critical.

use super::attributes;
use crate::asn1::primitive::{is_bit_string, is_minimal_integer, is_object_identifier};
use crate::asn1::{Element, Reader, tag};
use crate::cert::{Extension, Oid, oid};

/// Whether the JVM can read what a critical extension holds. It does not look into types that it does not
/// know. Those that it knows and that belong in no CA's certificate count as unreadable.
pub(super) fn is_readable(extension: &Extension<'_>) -> bool {
    let Some(value) = Element::whole(extension.value) else {
        return !is_known(extension.oid);
    };
    match extension.oid {
        oid::SUBJECT_KEY_IDENTIFIER => value.tag == tag::OCTET_STRING,
        oid::KEY_USAGE | oid::NETSCAPE_CERT_TYPE => {
            value.tag == tag::BIT_STRING && is_bit_string(value.content)
        }
        oid::SUBJECT_ALTERNATIVE_NAME => list(value, |name| general_name(name.tag, name.content)),
        oid::BASIC_CONSTRAINTS => basic_constraints(value),
        oid::NAME_CONSTRAINTS => name_constraints(value),
        oid::CRL_DISTRIBUTION_POINTS => list(value, distribution_point),
        oid::CERTIFICATE_POLICIES => list(value, policy),
        oid::POLICY_MAPPINGS => list(value, |pair| identifiers(pair, 2..=2)),
        oid::AUTHORITY_KEY_IDENTIFIER => authority_key_identifier(value),
        oid::POLICY_CONSTRAINTS => fields(value, |tag, content| {
            matches!(tag, 0x80 | 0x81) && is_int(content)
        }),
        oid::EXTENDED_KEY_USAGE => identifiers(value, 1..=usize::MAX),
        oid::INHIBIT_ANY_POLICY => value.tag == tag::INTEGER && is_int(value.content),
        id => !is_known(id),
    }
}

/// Whether the JVM knows the type, or may: it knows those of PKIX and of the standard itself.
fn is_known(id: Oid<'_>) -> bool {
    const CERTIFICATE_EXTENSIONS: &[u8] = &[0x55, 0x1d];
    const PKIX: &[u8] = &[0x2b, 6, 1, 5, 5, 7];
    id.0.starts_with(CERTIFICATE_EXTENSIONS)
        || id.0.starts_with(PKIX)
        || id == oid::NETSCAPE_CERT_TYPE
}

/// Every element of a SEQUENCE that is not empty passes.
fn list(value: Element<'_>, passes: impl Fn(Element<'_>) -> bool) -> bool {
    value.tag == tag::SEQUENCE && !value.content.is_empty() && value.all(passes)
}

/// Optional fields, each once and in the order of their tags; at least one.
fn fields(value: Element<'_>, passes: impl Fn(u8, &[u8]) -> bool) -> bool {
    let Some(children) = value.sequence() else {
        return false;
    };
    let number = |element: &Element<'_>| element.tag & tag::NUMBER;
    !children.is_empty()
        && children
            .windows(2)
            .all(|pair| number(&pair[0]) < number(&pair[1]))
        && children
            .iter()
            .all(|child| passes(child.tag, child.content))
}

/// An integer that Java's `int` holds.
fn fits_int(content: &[u8]) -> bool {
    content.len() <= 4 && is_minimal_integer(content)
}

/// An integer that Java's `int` holds, and not below 0.
fn is_int(content: &[u8]) -> bool {
    fits_int(content) && content.first().is_some_and(|b| *b < 0x80)
}

fn identifiers(value: Element<'_>, count: std::ops::RangeInclusive<usize>) -> bool {
    value.sequence().is_some_and(|ids| {
        count.contains(&ids.len()) && ids.iter().all(|id| id.identifier().is_some())
    })
}

/// `SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL }`.
fn basic_constraints(value: Element<'_>) -> bool {
    let is_boolean = |e: &Element<'_>| e.tag == tag::BOOLEAN && e.content.len() == 1;
    match value.sequence().as_deref() {
        Some([]) => true,
        Some([ca]) => is_boolean(ca),
        // The JVM accepts a negative length; OpenSSL ignores the whole extension.
        Some([ca, length]) => {
            is_boolean(ca) && length.tag == tag::INTEGER && fits_int(length.content)
        }
        _ => false,
    }
}

/// `GeneralName`, by its tag.
fn general_name(tag: u8, content: &[u8]) -> bool {
    match tag {
        // otherName: an identifier, then a value of its own
        0xa0 => {
            let fields = Reader(content).collect_all();
            matches!(fields.as_deref(), Some([id, value]) if id.identifier().is_some() && value.tag == 0xa0)
        }
        // rfc822Name, dNSName
        0x81 | 0x82 => content.is_ascii() && !content.is_empty(),
        // directoryName
        0xa4 => Element::whole(content).is_some_and(is_name),
        0x86 => is_uri(content),
        0x87 => matches!(content.len(), 4 | 8 | 16 | 32),
        0x88 => is_object_identifier(content),
        _ => false,
    }
}

fn is_name(name: Element<'_>) -> bool {
    name.tag == tag::SEQUENCE
        && attributes(name).is_some_and(|attributes| {
            attributes
                .into_iter()
                .all(|[kind, value]| kind.identifier().is_some() && value.tag & tag::NUMBER != 0)
        })
}

/// `GeneralNames`, implicitly tagged.
fn general_names(content: &[u8]) -> bool {
    Reader(content).collect_all().is_some_and(|names| {
        !names.is_empty()
            && names
                .iter()
                .all(|name| general_name(name.tag, name.content))
    })
}

/// A part of what `java.net.URI` accepts: a scheme, and characters that need no quoting.
fn is_uri(content: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(content) else {
        return false;
    };
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    let host = rest.split('/').next().unwrap_or_default();
    !scheme.is_empty()
        && scheme.bytes().all(|byte| byte.is_ascii_alphabetic())
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
        && !host.starts_with(['.', '-'])
        && rest
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~/?#=&,;+:@!$'()*".contains(&byte))
        && rest.matches('#').count() <= 1
}

/// `[0] permittedSubtrees`, `[1] excludedSubtrees`.
fn name_constraints(value: Element<'_>) -> bool {
    fields(value, |tag, subtrees| {
        let subtrees = Reader(subtrees).collect_all();
        matches!(tag, 0xa0 | 0xa1)
            && subtrees.is_some_and(|list| !list.is_empty() && list.into_iter().all(subtree))
    })
}

/// `SEQUENCE { base, [0] minimum DEFAULT 0, [1] maximum OPTIONAL }`.
fn subtree(subtree: Element<'_>) -> bool {
    let is_base = |base: &Element<'_>| general_name(base.tag, base.content);
    let is_distance = |e: &Element<'_>, tag: u8| e.tag == tag && is_int(e.content);
    match subtree.sequence().as_deref() {
        Some([base]) => is_base(base),
        Some([base, distance]) => {
            is_base(base) && (is_distance(distance, 0x80) || is_distance(distance, 0x81))
        }
        Some([base, least, most]) => {
            is_base(base) && is_distance(least, 0x80) && is_distance(most, 0x81)
        }
        _ => false,
    }
}

/// `SEQUENCE { identifier, qualifiers SEQUENCE OF … OPTIONAL }`.
fn policy(policy: Element<'_>) -> bool {
    let qualifier = |qualifier: Element<'_>| matches!(qualifier.sequence().as_deref(), Some([id, _]) if id.identifier().is_some());
    match policy.sequence().as_deref() {
        Some([id]) => id.identifier().is_some(),
        Some([id, qualifiers]) => id.identifier().is_some() && list(*qualifiers, qualifier),
        _ => false,
    }
}

/// `[0] distributionPoint`, `[1] reasons`, `[2] cRLIssuer`; the first or the last must be there.
fn distribution_point(point: Element<'_>) -> bool {
    fields(point, |tag, content| match tag {
        // Only fullName: nobody has seen nameRelativeToCRLIssuer.
        0xa0 => Element::whole(content).is_some_and(|e| e.tag == 0xa0 && general_names(e.content)),
        0x81 => is_bit_string(content),
        0xa2 => general_names(content),
        _ => false,
    }) && point
        .children()
        .is_some_and(|fields| fields.iter().any(|field| field.tag != 0x81))
}

/// `[0] keyIdentifier`, `[1] authorityCertIssuer`, `[2] authorityCertSerialNumber`.
fn authority_key_identifier(value: Element<'_>) -> bool {
    fields(value, |tag, content| match tag {
        0x80 => true,
        0xa1 => general_names(content),
        0x82 => is_minimal_integer(content),
        _ => false,
    })
}
