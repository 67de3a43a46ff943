//! What extensions hold (RFC 5280, section 4.2.1), as strictly as the JVM reads those that are critical and
//! that it knows: the classes of `sun.security.x509` that `OIDMap` lists, as of JDK 8 to 25. It looks into
//! no other type, and of a value that it reads it often ignores the end.

use super::general_name::{Use, are_general_names, is_general_name};
use crate::asn1::primitive::{is_bit_string, is_minimal_integer};
use crate::asn1::{Element, Reader, tag};
use crate::cert::{Extension, Oid, oid};

/// Whether the JVM can read what a critical extension of a type that it knows holds. Those that belong in
/// revocation lists count as unreadable: no CA has them.
pub(super) fn is_readable(extension: &Extension<'_>) -> bool {
    let Some(value) = Element::whole(extension.value) else {
        return false;
    };
    match extension.oid {
        oid::SUBJECT_KEY_IDENTIFIER => value.tag == tag::OCTET_STRING,
        oid::KEY_USAGE | oid::NETSCAPE_CERT_TYPE => {
            value.tag == tag::BIT_STRING && is_bit_string(value.content)
        }
        oid::SUBJECT_ALTERNATIVE_NAME | oid::ISSUER_ALTERNATIVE_NAME => {
            value.tag == tag::SEQUENCE && are_general_names(value.content)
        }
        oid::BASIC_CONSTRAINTS => basic_constraints(value),
        oid::NAME_CONSTRAINTS => name_constraints(value),
        oid::CRL_DISTRIBUTION_POINTS | oid::FRESHEST_CRL => list(value, distribution_point),
        oid::CERTIFICATE_POLICIES => list(value, policy),
        oid::POLICY_MAPPINGS => list(value, policy_mapping),
        oid::AUTHORITY_KEY_IDENTIFIER => authority_key_identifier(value),
        oid::POLICY_CONSTRAINTS => fields(value, |tag, content| {
            matches!(tag, 0x80 | 0x81) && fits_int(content)
        }),
        oid::EXTENDED_KEY_USAGE => list(value, |purpose| purpose.identifier().is_some()),
        oid::INHIBIT_ANY_POLICY => {
            value.tag == tag::INTEGER && (fits_uint(value.content) || value.content == [0xff])
        }
        oid::AUTHORITY_INFORMATION_ACCESS | SUBJECT_INFORMATION_ACCESS => {
            list(value, access_description)
        }
        _ => false,
    }
}

const SUBJECT_INFORMATION_ACCESS: Oid<'static> = Oid(&[0x2b, 6, 1, 5, 5, 7, 1, 11]);

/// Whether the JVM knows the type, and looks into it.
pub(super) fn is_known(id: Oid<'_>) -> bool {
    match id {
        // From subjectKeyIdentifier to inhibitAnyPolicy, those of revocation lists among them.
        Oid([0x55, 0x1d, 14..=21 | 27..=33 | 35..=37 | 46 | 54]) => true,
        id => matches!(
            id,
            oid::AUTHORITY_INFORMATION_ACCESS
                | SUBJECT_INFORMATION_ACCESS
                | oid::NETSCAPE_CERT_TYPE
        ),
    }
}

/// Every element of a SEQUENCE passes.
fn list(value: Element<'_>, passes: impl Fn(Element<'_>) -> bool) -> bool {
    value.tag == tag::SEQUENCE && value.all(passes)
}

/// Optional fields, each once, in any order.
fn fields(value: Element<'_>, passes: impl Fn(u8, &[u8]) -> bool) -> bool {
    let Some(children) = value.sequence() else {
        return false;
    };
    let is_first = |index: usize| {
        children[..index]
            .iter()
            .all(|before| before.tag != children[index].tag)
    };
    (0..children.len()).all(is_first)
        && children
            .iter()
            .all(|child| passes(child.tag, child.content))
}

/// An integer that Java's `int` holds.
fn fits_int(content: &[u8]) -> bool {
    content.len() <= 4 && is_minimal_integer(content)
}

/// An integer that Java's `int` holds, and not below 0.
fn fits_uint(content: &[u8]) -> bool {
    fits_int(content) && content.first().is_some_and(|b| *b < 0x80)
}

/// `SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL }`. What does not begin with a
/// BOOLEAN is no CA's, whatever it is; a negative length is one.
fn basic_constraints(value: Element<'_>) -> bool {
    let Some(mut fields) = value.reader(tag::SEQUENCE) else {
        return false;
    };
    match fields.next() {
        None => fields.is_empty(),
        Some(ca) if ca.tag == tag::BOOLEAN => {
            let length = fields.next();
            let is_length =
                length.is_some_and(|length| length.tag == tag::INTEGER && fits_int(length.content));
            ca.content.len() == 1 && (is_length || length.is_none() && fields.is_empty())
        }
        Some(_) => true,
    }
}

/// `[0] permittedSubtrees`, `[1] excludedSubtrees`.
fn name_constraints(value: Element<'_>) -> bool {
    fields(value, |tag, subtrees| {
        matches!(tag, 0xa0 | 0xa1) && Reader(subtrees).all(subtree) && is_whole(subtrees)
    })
}

/// Whether bytes are elements up to their end.
fn is_whole(content: &[u8]) -> bool {
    Reader(content).collect_all().is_some()
}

/// `SEQUENCE { base, [0] minimum DEFAULT 0, [1] maximum OPTIONAL }`.
fn subtree(subtree: Element<'_>) -> bool {
    let Some(parts) = subtree.sequence() else {
        return false;
    };
    let is_distance =
        |part: &Element<'_>| matches!(part.tag, 0x80 | 0x81) && fits_int(part.content);
    matches!(&parts[..], [base, distances @ ..]
        if is_general_name(*base, Use::Constraint) && distances.iter().all(is_distance))
}

/// `SEQUENCE { identifier, qualifiers SEQUENCE OF … OPTIONAL }`.
fn policy(policy: Element<'_>) -> bool {
    let qualifier = |qualifier: Element<'_>| {
        qualifier
            .reader(tag::SEQUENCE)
            .and_then(|mut fields| fields.next())
            .is_some_and(|id| id.identifier().is_some())
    };
    match policy.sequence().as_deref() {
        Some([id]) => id.identifier().is_some(),
        Some([id, qualifiers]) => {
            id.identifier().is_some()
                && !qualifiers.content.is_empty()
                && list(*qualifiers, qualifier)
        }
        _ => false,
    }
}

/// `SEQUENCE { issuerDomainPolicy, subjectDomainPolicy }`.
fn policy_mapping(pair: Element<'_>) -> bool {
    let is_identifier = |id: &Element<'_>| id.identifier().is_some();
    matches!(pair.sequence().as_deref(), Some([one, other, ..]) if is_identifier(one) && is_identifier(other))
}

/// `[0] distributionPoint`, `[1] reasons`, `[2] cRLIssuer`; the first or the last must be there.
fn distribution_point(point: Element<'_>) -> bool {
    let is_names = |tag| matches!(tag, 0xa0 | 0xa2);
    fields(point, |tag, content| match tag {
        0xa0 => Element::first(content).is_some_and(|(name, _)| match name.tag {
            0xa0 => are_general_names(name.content),
            // nameRelativeToCRLIssuer
            0xa1 => super::is_relative_name(name.content),
            _ => false,
        }),
        0x81 => is_bit_string(content),
        0xa2 => are_general_names(content),
        _ => false,
    }) && point
        .children()
        .is_some_and(|fields| fields.iter().any(|field| is_names(field.tag)))
}

/// `[0] keyIdentifier`, `[1] authorityCertIssuer`, `[2] authorityCertSerialNumber`.
fn authority_key_identifier(value: Element<'_>) -> bool {
    fields(value, |tag, content| match tag {
        0x80 => true,
        0xa1 => are_general_names(content),
        0x82 => is_minimal_integer(content),
        _ => false,
    })
}

/// `SEQUENCE { accessMethod, accessLocation }`.
fn access_description(access: Element<'_>) -> bool {
    matches!(access.sequence().as_deref(), Some([method, location])
        if method.identifier().is_some() && is_general_name(*location, Use::Name))
}
