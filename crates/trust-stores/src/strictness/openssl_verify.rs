//! What OpenSSL reads and then cannot verify with.
//!
//! `d2i_X509` takes extensions as bytes. The first look at the certificate in a chain decodes those that
//! verification needs (`ossl_x509v3_cache_extensions` of `crypto/x509/v3_purp.c`) and sets `EXFLAG_INVALID` if
//! one of them is damaged or there twice, critical or not. `X509_check_issued` then finds that it has issued
//! nothing and was issued by nobody, so the chain ends there: "unable to get local issuer certificate", for
//! an anchor too. Only an end that is itself an anchor of a partial chain needs no issuer, and passes.
//! A bundle that holds the certificate still loads, so that no other anchor suffers.

use super::openssl::{has_sound_length, name};
use super::{Reason, Seen};
use crate::asn1::primitive::{is_bit_string, is_minimal_integer, is_object_identifier};
use crate::asn1::{Element, Reader, tag};
use crate::cert::{Certificate, Oid, oid};

/// RFC 3820, section 3.8; `X509_V_ERR_PROXY_CERTIFICATES_NOT_ALLOWED`.
const PROXY_CERT_INFO: Oid<'static> = Oid(&[0x2b, 6, 1, 5, 5, 7, 1, 14]);

/// Why OpenSSL verifies no chain of two or more that has the certificate in it, though it can read it, if that
/// is so: what `X509_check_purpose` with the purpose -1 answers, and proxy certificates.
///
/// This is about the certificate by itself, whichever server presents it. What depends on its place in the
/// chain (whether it may sign, names, lengths, purposes) is not here, and neither is
/// [`openssl_refusal`](super::openssl_refusal), which comes first.
pub fn openssl_verify_refusal(certificate: &Certificate) -> Option<Reason> {
    let fields = certificate.fields()?;
    let mut seen = Seen::default();
    for extension in fields.extensions() {
        if extension.oid == PROXY_CERT_INFO {
            return Some("it is a proxy certificate, which OpenSSL accepts only on request".into());
        }
        let Some(sort) = Decoded::of(extension.oid) else {
            continue;
        };
        if !seen.insert(extension.oid.0) {
            return Some(format!("it has the extension {} twice", extension.oid).into());
        }
        // What follows the value is not looked at.
        let value = Element::first(extension.value).map(|(value, _)| value);
        if !value.is_some_and(|value| has_sound_length(value) && sort.is_sound(value)) {
            return Some(format!("its extension {} is damaged", extension.oid).into());
        }
    }
    None
}

/// The extensions that are decoded whenever a certificate is in a chain.
enum Decoded {
    BasicConstraints,
    KeyUsage,
    ExtendedKeyUsage,
    NetscapeCertType,
    SubjectKeyIdentifier,
    AuthorityKeyIdentifier,
    AlternativeName,
    NameConstraints,
    CrlDistributionPoints,
    IpAddressBlocks,
    AutonomousSystems,
}

impl Decoded {
    fn of(id: Oid<'_>) -> Option<Self> {
        Some(match id {
            oid::BASIC_CONSTRAINTS => Decoded::BasicConstraints,
            oid::KEY_USAGE => Decoded::KeyUsage,
            oid::EXTENDED_KEY_USAGE => Decoded::ExtendedKeyUsage,
            oid::NETSCAPE_CERT_TYPE => Decoded::NetscapeCertType,
            oid::SUBJECT_KEY_IDENTIFIER => Decoded::SubjectKeyIdentifier,
            oid::AUTHORITY_KEY_IDENTIFIER => Decoded::AuthorityKeyIdentifier,
            oid::SUBJECT_ALTERNATIVE_NAME => Decoded::AlternativeName,
            oid::NAME_CONSTRAINTS => Decoded::NameConstraints,
            oid::CRL_DISTRIBUTION_POINTS => Decoded::CrlDistributionPoints,
            oid::IP_ADDRESS_BLOCKS => Decoded::IpAddressBlocks,
            oid::AUTONOMOUS_SYSTEMS => Decoded::AutonomousSystems,
            _ => return None,
        })
    }

    fn is_sound(&self, value: Element<'_>) -> bool {
        match self {
            Decoded::BasicConstraints => is_basic_constraints(value),
            Decoded::KeyUsage => is_key_usage(value),
            Decoded::ExtendedKeyUsage => is_list(value, |purpose| purpose.identifier().is_some()),
            Decoded::NetscapeCertType => {
                value.tag == tag::BIT_STRING && is_bit_string(value.content)
            }
            Decoded::SubjectKeyIdentifier => value.tag == tag::OCTET_STRING,
            Decoded::AuthorityKeyIdentifier => is_authority_key_identifier(value),
            Decoded::AlternativeName => is_list(value, is_general_name),
            Decoded::NameConstraints => is_name_constraints(value),
            Decoded::CrlDistributionPoints => is_list(value, is_distribution_point),
            Decoded::IpAddressBlocks => is_list(value, is_address_family),
            Decoded::AutonomousSystems => {
                are_fields(value, &[&|e| is_choice_in(e, 0), &|e| is_choice_in(e, 1)])
            }
        }
    }
}

/// A SEQUENCE OF, empty or not.
fn is_list(value: Element<'_>, passes: impl Fn(Element<'_>) -> bool) -> bool {
    value.tag == tag::SEQUENCE && value.all(passes)
}

/// A SEQUENCE of optional fields in this order.
fn are_fields(value: Element<'_>, fields: &[&dyn Fn(&Element<'_>) -> bool]) -> bool {
    let Some(mut reader) = value.reader(tag::SEQUENCE) else {
        return false;
    };
    for field in fields {
        reader.next_if(|element| field(element));
    }
    reader.is_empty()
}

/// A length below 0 is `X509V3_R_NEGATIVE_PATHLEN`.
fn is_basic_constraints(value: Element<'_>) -> bool {
    are_fields(
        value,
        &[
            &|ca| ca.tag == tag::BOOLEAN && ca.content.len() == 1,
            &|length| is_integer(length, tag::INTEGER) && length.content[0] < 0x80,
        ],
    )
}

fn is_integer(element: &Element<'_>, tag: u8) -> bool {
    element.tag == tag && is_minimal_integer(element.content)
}

/// One that allows nothing is `X509V3_R_EMPTY_KEY_USAGE`.
fn is_key_usage(value: Element<'_>) -> bool {
    let is_bits = value.tag == tag::BIT_STRING && is_bit_string(value.content);
    let [unused, bits @ ..] = value.content else {
        return false;
    };
    let allows = |(index, byte): (usize, &u8)| {
        let is_last = index + 1 == bits.len();
        byte & (0xff << if is_last { *unused & 7 } else { 0 }) != 0
    };
    is_bits && bits.iter().enumerate().take(2).any(allows)
}

fn is_authority_key_identifier(value: Element<'_>) -> bool {
    are_fields(
        value,
        &[
            &|key| key.tag == tag::context(0),
            &|issuer| issuer.tag == tag::explicit(1) && issuer.all(is_general_name),
            &|serial| is_integer(serial, tag::context(2)),
        ],
    )
}

/// `GENERAL_NAME` of `crypto/x509/v3_genn.c`: text may have any bytes, and addresses any length.
fn is_general_name(element: Element<'_>) -> bool {
    let inner = || Element::whole(element.content);
    match element.tag {
        0xa0 => element.fields::<2>().is_some_and(|[id, value]| {
            id.identifier().is_some()
                && value.tag == tag::explicit(0)
                && Element::whole(value.content).is_some()
        }),
        0x81 | 0x82 | 0x86 | 0x87 | 0xa3 => true,
        0xa4 => inner().is_some_and(|inner| {
            inner.tag == tag::SEQUENCE && name(inner, "alternative name").is_ok()
        }),
        0xa5 => is_edi_party_name(element),
        0x88 => is_object_identifier(element.content),
        _ => false,
    }
}

/// `[0] EXPLICIT DirectoryString OPTIONAL, [1] EXPLICIT DirectoryString`.
fn is_edi_party_name(element: Element<'_>) -> bool {
    let is_text = |element: &Element<'_>, number: u8| {
        element.tag == tag::explicit(number)
            && Element::whole(element.content).is_some_and(|text| {
                matches!(
                    text.tag,
                    tag::PRINTABLE_STRING
                        | tag::T61_STRING
                        | tag::IA5_STRING
                        | tag::BMP_STRING
                        | tag::UNIVERSAL_STRING
                        | tag::UTF8_STRING
                )
            })
    };
    let mut fields = Reader(element.content);
    fields.next_if(|assigner| is_text(assigner, 0));
    fields.next_if(|party| is_text(party, 1)).is_some() && fields.is_empty()
}

fn is_name_constraints(value: Element<'_>) -> bool {
    let are_subtrees = |element: &Element<'_>, number: u8| {
        element.tag == tag::explicit(number) && element.all(is_subtree)
    };
    are_fields(value, &[&|e| are_subtrees(e, 0), &|e| are_subtrees(e, 1)])
}

fn is_subtree(subtree: Element<'_>) -> bool {
    let Some(mut fields) = subtree.reader(tag::SEQUENCE) else {
        return false;
    };
    let base = fields.next();
    fields.next_if(|least| is_integer(least, tag::context(0)));
    fields.next_if(|most| is_integer(most, tag::context(1)));
    base.is_some_and(is_general_name) && fields.is_empty()
}

/// One that names neither a place nor an issuer is `X509V3_R_INVALID_DISTPOINT` (`setup_dp`).
fn is_distribution_point(point: Element<'_>) -> bool {
    let has_names = |field: Element<'_>| match field.tag {
        0xa0 => true,
        0xa2 => !field.content.is_empty(),
        _ => false,
    };
    let is_name = |element: &Element<'_>| {
        element.tag == tag::explicit(0)
            && Element::whole(element.content).is_some_and(|name| match name.tag {
                0xa0 => name.all(is_general_name),
                0xa1 => super::is_relative_name(name.content),
                _ => false,
            })
    };
    are_fields(
        point,
        &[
            &is_name,
            &|reasons| reasons.tag == tag::context(1) && is_bit_string(reasons.content),
            &|issuer| issuer.tag == tag::explicit(2) && issuer.all(is_general_name),
        ],
    ) && Reader(point.content).any(has_names)
}

/// `IPAddressFamily` (RFC 3779, section 2.2.3).
fn is_address_family(family: Element<'_>) -> bool {
    family.tag == tag::SEQUENCE
        && family.fields::<2>().is_some_and(|[number, choice]| {
            number.tag == tag::OCTET_STRING
                && is_null_or_list(choice, |e| {
                    e.tag == tag::BIT_STRING && is_bit_string(e.content)
                })
        })
}

/// `ASIdentifierChoice` (RFC 3779, section 3.2.3) in `[number]`.
fn is_choice_in(element: &Element<'_>, number: u8) -> bool {
    element.tag == tag::explicit(number)
        && Element::whole(element.content)
            .is_some_and(|choice| is_null_or_list(choice, |e| is_integer(&e, tag::INTEGER)))
}

/// NULL, or a list of single values and of ranges of them.
fn is_null_or_list(choice: Element<'_>, is_value: impl Fn(Element<'_>) -> bool) -> bool {
    let is_range = |element: Element<'_>| {
        element.tag == tag::SEQUENCE
            && element
                .fields::<2>()
                .is_some_and(|[least, most]| is_value(least) && is_value(most))
    };
    choice.tag == tag::NULL && choice.content.is_empty()
        || is_list(choice, |element| is_value(element) || is_range(element))
}
