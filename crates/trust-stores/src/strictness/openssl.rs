//! OpenSSL, and everything that reads certificates with it: curl, Python, Ruby, Node.
//!
//! A bundle is read certificate by certificate with `PEM_X509_INFO_read_bio`, and the first that `d2i_X509`
//! refuses ends it: nothing of the bundle is trusted then. `d2i_X509` checks the tags of fields, the encoding
//! of integers, bit strings and identifiers, and the text of names (`tasn_dec.c`, `a_int.c`, `a_bitstr.c` and
//! `a_object.c` of crypto/asn1, `x_name.c` of crypto/x509). Extensions and keys it takes as bytes.

use super::{Reason, StoreRefusals, attributes};
use crate::asn1::primitive::{
    is_bit_string, is_bmp_text, is_minimal_integer, is_object_identifier, is_of_wrong_form,
    is_universal_text,
};
use crate::asn1::{Element, Reader, tag};
use crate::cert::Certificate;
use crate::cert::fields::Fields;

/// Why OpenSSL refuses to read the certificate, if it does.
pub fn openssl_refusal(certificate: &Certificate) -> Option<Reason> {
    StoreRefusals::of(certificate).openssl
}

/// Whether OpenSSL reads a certificate whose fields have been examined.
pub(super) fn read(_: &Certificate, fields: &Fields<'_>) -> Result<(), Reason> {
    for (integer, what) in [
        (fields.version, "version"),
        (Some(fields.serial), "serial number"),
    ] {
        if integer.is_some_and(|integer| !is_minimal_integer(integer.content)) {
            return Err(format!("its {what} is empty or has a superfluous leading byte").into());
        }
    }
    if let Some(times) = fields.validity.fields::<2>()
        && times.into_iter().any(|time| !is_sound(time))
    {
        return Err("its validity has a time without seconds, which OpenSSL 3.6 refuses".into());
    }
    for (algorithm, what) in [
        (fields.inner_algorithm, "inner signature algorithm"),
        (fields.outer_algorithm, "signature algorithm"),
        (fields.public_key.algorithm, "key algorithm"),
    ] {
        let mut parts = Reader(algorithm.content);
        let has_id = parts.next().is_some_and(|id| id.identifier().is_some());
        let has_parameters = parts.next().is_none_or(is_sound);
        if !has_id || !has_parameters || !parts.is_empty() {
            return Err(format!("its {what} is damaged").into());
        }
    }
    name(fields.issuer, "issuer")?;
    name(fields.subject, "subject")?;
    for (bits, what) in [
        (Some(fields.public_key.key), "public key"),
        (Some(fields.signature), "signature"),
        (fields.issuer_unique_id, "issuer's unique identifier"),
        (fields.subject_unique_id, "subject's unique identifier"),
    ] {
        if bits.is_some_and(|bits| !is_bit_string(bits.content)) {
            return Err(format!("its {what} is empty, or has more than 7 unused bits").into());
        }
    }
    let mut ids = fields.extensions().map(|extension| extension.oid.0);
    if ids.all(is_object_identifier) {
        Ok(())
    } else {
        Err("it has an extension with a damaged identifier".into())
    }
}

/// Whether OpenSSL 3.0 reads the length: it takes one that is not minimal, but not of nothing at the end.
pub(super) fn has_sound_length(element: Element<'_>) -> bool {
    element.is_minimal || !element.content.is_empty()
}

/// What `asn1_ex_c2i` requires of an element of any type.
fn is_sound(element: Element<'_>) -> bool {
    const UTC_TIME_LENGTH: usize = "YYMMDDHHMMSSZ".len();
    const GENERALIZED_TIME_LENGTH: usize = "YYYYMMDDHHMMSSZ".len();
    let content = element.content;
    if !has_sound_length(element) {
        return false;
    }
    match element.tag {
        tag::BOOLEAN => content.len() == 1,
        tag::INTEGER | tag::ENUMERATED => is_minimal_integer(content),
        tag::BIT_STRING => is_bit_string(content),
        tag::NULL => content.is_empty(),
        tag::OBJECT_IDENTIFIER => is_object_identifier(content),
        tag::BMP_STRING => content.len().is_multiple_of(2),
        tag::UNIVERSAL_STRING => content.len().is_multiple_of(4),
        // OpenSSL 3.6 looks at how long they are, and at nothing else.
        tag::UTC_TIME => content.len() >= UTC_TIME_LENGTH,
        tag::GENERALIZED_TIME => content.len() >= GENERALIZED_TIME_LENGTH,
        tag => !is_of_wrong_form(tag),
    }
}

/// `X509_NAME_ENTRY` takes the types of `B_ASN1_PRINTABLE`, and `x509_name_canon` turns the text
/// among them into UTF-8.
pub(super) fn name(name: Element<'_>, what: &str) -> Result<(), Reason> {
    let attributes = attributes(name).ok_or_else(|| format!("its {what} is not a list of sets"))?;
    for [kind, value] in attributes {
        let fault = match value.tag {
            _ if kind.identifier().is_none() => "an attribute with a damaged identifier",
            tag::UTF8_STRING if str::from_utf8(value.content).is_err() => {
                "a UTF8String that is not UTF-8"
            }
            tag::BMP_STRING if !is_bmp_text(value.content) => {
                "a BMPString that is cut short or has surrogates"
            }
            tag::UNIVERSAL_STRING if !is_universal_text(value.content) => {
                "a UniversalString that is cut short or not Unicode"
            }
            _ if !is_sound(value) => "a damaged value",
            // The types of B_ASN1_PRINTABLE that have a name.
            tag::BIT_STRING
            | tag::SEQUENCE
            | tag::UTF8_STRING
            | tag::NUMERIC_STRING
            | tag::PRINTABLE_STRING
            | tag::T61_STRING
            | tag::IA5_STRING
            | tag::UNIVERSAL_STRING
            | tag::BMP_STRING => continue,
            tag => {
                return Err(format!(
                    "its {what} has a value of type {tag:#04x}, which names cannot have"
                )
                .into());
            }
        };
        return Err(format!("its {what} has {fault}").into());
    }
    Ok(())
}
