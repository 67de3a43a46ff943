//! OpenSSL, and all that reads certificates with it: curl, Python, Ruby, Node.
//!
//! A bundle is read certificate by certificate with `PEM_X509_INFO_read_bio`, and the first that
//! `d2i_X509` refuses ends it: nothing of the bundle is trusted then. `d2i_X509` minds the tags of
//! fields, the encoding of integers, bit strings and identifiers, and the text of names
//! (`tasn_dec.c`, `a_int.c`, `a_bitstr.c` and `a_object.c` of crypto/asn1, `x_name.c` of
//! crypto/x509). Extensions and
//! keys it takes as bytes.

use super::structure::{
    BIT_STRING, BMP_STRING, BOOLEAN, ENUMERATED, Extension, IA5_STRING, INTEGER, NULL,
    NUMERIC_STRING, OBJECT_IDENTIFIER, PRINTABLE_STRING, Refused, SEQUENCE, Structure, T61_STRING,
    UNIVERSAL_STRING, UTF8_STRING, attributes, is_bit_string, is_bmp_text, is_minimal_integer,
    is_object_identifier, is_of_wrong_form, is_universal_text, is_validity, sequence,
};
use crate::asn1::Element;
use crate::cert::Certificate;

/// Why OpenSSL refuses to read the certificate `der`, if it does.
pub fn refuses(der: &[u8]) -> Option<String> {
    read(der).err()
}

fn read(der: &[u8]) -> Result<(), Refused> {
    let certificate = Structure::of(der)?;
    for (integer, what) in [
        (certificate.version, "the version"),
        (Some(certificate.serial), "the serial number"),
    ] {
        if integer.is_some_and(|integer| !is_minimal_integer(integer.content)) {
            return Err(format!(
                "{what} is an integer with a needless leading byte, or empty"
            ));
        }
    }
    for algorithm in [
        certificate.inner_algorithm,
        certificate.outer_algorithm,
        certificate.key_algorithm,
    ] {
        self::algorithm(algorithm)?;
    }
    name(certificate.issuer, "issuer")?;
    name(certificate.subject, "subject")?;
    if !is_validity(&certificate.validity) {
        return Err(String::from(
            "a validity that is not UTCTime or GeneralizedTime",
        ));
    }
    let bits = [certificate.key, certificate.signature];
    if bits.iter().any(|bits| bits.tag != BIT_STRING)
        || bits
            .iter()
            .chain(&certificate.unique_ids)
            .any(|bits| !is_bit_string(bits.content))
    {
        return Err(String::from(
            "a bit string that is empty, or with more than 7 bits unused",
        ));
    }
    certificate
        .extensions
        .iter()
        .flatten()
        .try_for_each(extension)
}

fn algorithm(element: Element<'_>) -> Result<(), Refused> {
    let fields = sequence(element, "an algorithm identifier")?;
    match fields[..] {
        [id] => object_identifier(id),
        [id, parameters] if is_sound(parameters) => object_identifier(id),
        [_, _] => Err(String::from("an algorithm with damaged parameters")),
        _ => Err(String::from("an algorithm identifier of other fields")),
    }
}

/// What `asn1_ex_c2i` asks of an element of any type.
fn is_sound(element: Element<'_>) -> bool {
    let content = element.content;
    match element.tag {
        BOOLEAN => content.len() == 1,
        INTEGER | ENUMERATED => is_minimal_integer(content),
        BIT_STRING => is_bit_string(content),
        NULL => content.is_empty() && element.is_minimal,
        OBJECT_IDENTIFIER => is_object_identifier(content),
        BMP_STRING => content.len().is_multiple_of(2),
        UNIVERSAL_STRING => content.len().is_multiple_of(4),
        tag => !is_of_wrong_form(tag),
    }
}

fn object_identifier(id: Element<'_>) -> Result<(), Refused> {
    if id.tag == OBJECT_IDENTIFIER && is_object_identifier(id.content) {
        Ok(())
    } else {
        Err(String::from("an object identifier that is damaged"))
    }
}

fn extension(extension: &Extension<'_>) -> Result<(), Refused> {
    object_identifier(extension.id)?;
    match extension.critical {
        Some(critical) if critical.content.len() != 1 => Err(String::from(
            "an extension whose critical flag is not one byte",
        )),
        _ => Ok(()),
    }
}

/// `X509_NAME_ENTRY` takes the types of `B_ASN1_PRINTABLE`, and `x509_name_canon` turns the text
/// among them into UTF-8.
fn name(name: Element<'_>, what: &str) -> Result<(), Refused> {
    let attributes =
        attributes(name).ok_or_else(|| format!("the {what} is no sequence of sets"))?;
    for (kind, value) in attributes {
        object_identifier(kind)?;
        let bad = |fault: &str| Err(format!("the {what} has {fault}"));
        match value.tag {
            UTF8_STRING if std::str::from_utf8(value.content).is_err() => {
                return bad("a UTF8String that is not UTF-8");
            }
            BMP_STRING if !is_bmp_text(value.content) => {
                return bad("a BMPString that is cut, or has surrogates");
            }
            UNIVERSAL_STRING if !is_universal_text(value.content) => {
                return bad("a UniversalString that is cut, or not Unicode");
            }
            _ if !is_sound(value) => return bad("a damaged value"),
            // The types of B_ASN1_PRINTABLE that have a name.
            BIT_STRING | SEQUENCE | UTF8_STRING | NUMERIC_STRING | PRINTABLE_STRING
            | T61_STRING | IA5_STRING | UNIVERSAL_STRING | BMP_STRING => {}
            tag => {
                return bad(&format!(
                    "a value of a type that names do not have ({tag:#04x})"
                ));
            }
        }
    }
    Ok(())
}

/// Why OpenSSL refuses chains with this CA under `X509_V_FLAG_X509_STRICT`, which Python's default
/// context has set since 3.13, if it does (`check_extensions` of `x509_vfy.c`). Of one
/// that is no CA other rules speak.
pub fn strictly_refuses(certificate: &Certificate) -> Option<String> {
    if !certificate.is_ca() {
        return None;
    }
    let extensions = certificate.extensions();
    let reason = match extensions.basic_constraints {
        // Only basicConstraints make a CA there.
        None => "it is of version 1",
        Some(_) if certificate.version() < 3 => "its version has no extensions, yet it has some",
        Some(constraints) if !constraints.critical => "its basicConstraints is not critical",
        Some(_) => match extensions.key_usage {
            None => "it has no keyUsage",
            Some(usage) if !usage.cert_sign => {
                // Without keyCertSign it signs nothing anyway; no-cert-sign says so.
                return None;
            }
            Some(_) => return strict_identity(certificate),
        },
    };
    Some(String::from(reason))
}

fn strict_identity(certificate: &Certificate) -> Option<String> {
    let extensions = certificate.extensions();
    let is_empty = |der: &[u8]| der.is_empty();
    let structure = Structure::of(certificate.der()).ok()?;
    let reason = if is_empty(structure.issuer.content) {
        "its issuer is empty"
    } else if is_empty(structure.subject.content) {
        "its subject is empty"
    } else if structure.inner_algorithm.encoded != structure.outer_algorithm.encoded {
        "its two signature algorithms differ"
    } else if extensions
        .subject_key_identifier
        .as_ref()
        .is_some_and(|identifier| identifier.critical)
    {
        "its subjectKeyIdentifier is critical"
    } else if extensions
        .authority_key_identifier
        .as_ref()
        .is_some_and(|identifier| identifier.critical)
    {
        "its authorityKeyIdentifier is critical"
    } else if extensions.subject_key_identifier.is_none() {
        "it has no subjectKeyIdentifier"
    } else if extensions.authority_key_identifier.is_none() && !certificate.is_self_signed() {
        "it has no authorityKeyIdentifier"
    } else if extensions.empty_subject_alternative_name {
        "its subjectAltName is empty"
    } else if has_explicit_curve(&structure) {
        "its key has explicit curve parameters"
    } else {
        return None;
    };
    Some(String::from(reason))
}

/// An elliptic curve written out instead of named (RFC 3279, section 2.3.5).
fn has_explicit_curve(certificate: &Structure<'_>) -> bool {
    const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
    match certificate.key_algorithm.children().as_deref() {
        Some([id, parameters]) => id.content == EC_PUBLIC_KEY && parameters.tag == SEQUENCE,
        _ => false,
    }
}
