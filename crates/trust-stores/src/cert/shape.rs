//! The outer shape of a certificate, and what is wrong with bytes that have it but cannot be read as one.

use super::NotACertificate;
use super::fields::is_simple;
use super::validity::timestamp;
use crate::asn1::{self, BerElement, Element, Reader, tag};

const IN_PIECES: NotACertificate = NotACertificate::Unreadable(
    "it is BER, not DER, with a string in pieces, which clients read in different ways",
);

/// Why `bytes` are not a certificate.
pub(super) fn complaint(bytes: &[u8]) -> NotACertificate {
    specific_complaint(bytes).unwrap_or(NotACertificate::Malformed)
}

fn specific_complaint(bytes: &[u8]) -> Option<NotACertificate> {
    let (first, _) = BerElement::first(bytes).ok()?;
    let definite = asn1::to_definite(first)?;
    let whole = Element::whole(&definite)?;
    let [tbs, _, signature] = whole.fields::<3>().filter(|_| whole.tag == tag::SEQUENCE)?;
    let is_bits = |element: Element<'_>| element.tag & tag::NUMBER == tag::BIT_STRING;
    let mut fields = tbs.reader(tag::SEQUENCE)?;
    fields.read(tag::explicit(0));
    fields.read(tag::INTEGER)?;
    // The signature algorithm and the issuer.
    let [_, _] = [fields.read(tag::SEQUENCE)?, fields.read(tag::SEQUENCE)?];
    let [starts, ends] = fields.read(tag::SEQUENCE)?.fields::<2>()?;
    // The subject and the key: now it is a certificate.
    let [_, key] = [fields.read(tag::SEQUENCE)?, fields.read(tag::SEQUENCE)?];
    let key_bits = Reader(key.content).nth(1)?;
    if !is_bits(signature) || !is_bits(key_bits) {
        return None;
    }
    if [starts, ends, signature, key_bits]
        .iter()
        .any(|one| !is_simple(one))
    {
        return Some(IN_PIECES);
    }
    Some(NotACertificate::Unreadable(
        if timestamp(starts).is_none() {
            "its notBefore is not a time"
        } else if timestamp(ends).is_none() {
            "its notAfter is not a time"
        } else {
            return None;
        },
    ))
}

/// Whether `bytes` start with the outer fields of a certificate in DER. Its content is not looked through, so this
/// can be asked at each offset of a file.
pub(crate) fn has_outer_fields(bytes: &[u8]) -> bool {
    outer_fields(bytes).is_some()
}

fn outer_fields(bytes: &[u8]) -> Option<()> {
    let (certificate, _) = Element::first(bytes)?;
    let [signed, algorithm, signature] = certificate.fields()?;
    let is_signed = (signed.tag, algorithm.tag, signature.tag)
        == (tag::SEQUENCE, tag::SEQUENCE, tag::BIT_STRING);
    let mut fields = signed.reader(tag::SEQUENCE).filter(|_| is_signed)?;
    fields.read(tag::explicit(0));
    fields.read(tag::INTEGER)?;
    let _algorithm = fields.read(tag::SEQUENCE)?;
    let _issuer = fields.read(tag::SEQUENCE)?;
    let [from, to] = fields.read(tag::SEQUENCE)?.fields()?;
    let is_time = |time: u8| matches!(time, tag::UTC_TIME | tag::GENERALIZED_TIME);
    (is_time(from.tag) && is_time(to.tag)).then_some(())
}
