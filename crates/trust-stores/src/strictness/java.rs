//! The JVM: `sun.security.x509.X509CertImpl` and the key factories behind it, as of JDK 8 to 25.
//!
//! A truststore is loaded as a whole: one certificate that the parser refuses, and the JVM trusts
//! none of the others. It minds more than the structure: extensions that are critical and known to
//! it, RSA and elliptic-curve keys, and what RFC 5280 says of versions and empty names.

use std::collections::BTreeSet;

use super::extension;
use super::structure::{
    BIT_STRING, BMP_STRING, Extension, INTEGER, NULL, OBJECT_IDENTIFIER, Refused, SEQUENCE,
    Structure, attributes, is_bit_string, is_bmp_text, is_minimal_integer, is_object_identifier,
    is_of_wrong_form, is_validity, sequence,
};
use crate::asn1::Element;

/// Why a JVM refuses to read the certificate `der`, if one does.
pub fn refuses(der: &[u8]) -> Option<String> {
    read(der).err()
}

fn read(der: &[u8]) -> Result<(), Refused> {
    let certificate = Structure::of(der)?;
    let whole = Element::whole(der).ok_or("not one element")?;
    if !is_der(whole, 0) {
        return Err(String::from("an encoding that is not DER"));
    }
    let version = version(&certificate)?;
    if !is_minimal_integer(certificate.serial.content) {
        return Err(String::from(
            "the serial number is an integer with a needless leading byte, or empty",
        ));
    }
    let inner = algorithm(certificate.inner_algorithm)?;
    if inner.0 == RSA_PSS && !inner.1.is_none_or(is_pss) {
        return Err(String::from("RSA-PSS parameters that cannot be read"));
    }
    let outer = algorithm(certificate.outer_algorithm)?;
    if inner != outer {
        return Err(String::from("its two signature algorithms differ"));
    }
    names(&certificate)?;
    if !is_validity(&certificate.validity) {
        return Err(String::from("a validity that is no time"));
    }
    if certificate.signature.tag != BIT_STRING || !is_bit_string(certificate.signature.content) {
        return Err(String::from("the signature is no bit string"));
    }
    if version < 2 && !certificate.unique_ids.is_empty() {
        return Err(String::from("version 1 has no unique identifiers"));
    }
    if certificate
        .unique_ids
        .iter()
        .any(|id| !is_bit_string(id.content))
    {
        return Err(String::from("a unique identifier that is no bit string"));
    }
    if version < 3 && certificate.extensions.is_some() {
        return Err(format!(
            "version {version} has no extensions, yet it has some"
        ));
    }
    extensions(certificate.extensions.as_deref().unwrap_or_default())?;
    key(&certificate)
}

/// Whether every length is in its shortest form, as far down as fields go. What octet and bit
/// strings hold is not looked at here.
fn is_der(element: Element<'_>, depth: usize) -> bool {
    const CONSTRUCTED: u8 = 0x20;
    const MAX_DEPTH: usize = 32;
    if !element.is_minimal || is_of_wrong_form(element.tag) || depth > MAX_DEPTH {
        return false;
    }
    element.tag & CONSTRUCTED == 0 || element.all(|child| is_der(child, depth + 1))
}

/// The same of what an octet string holds, where that is DER at all.
fn is_der_within(octets: Element<'_>) -> bool {
    Element::whole(octets.content).is_none_or(|value| is_der(value, 0))
}

/// The version as people count it.
fn version(certificate: &Structure<'_>) -> Result<u8, Refused> {
    match certificate.version.map(|version| version.content) {
        None | Some([0]) => Ok(1),
        Some([1]) => Ok(2),
        Some([2]) => Ok(3),
        Some(_) => Err(String::from("a version other than 1, 2 and 3")),
    }
}

const RSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];

/// `RSASSA-PSS-params` (RFC 4055, section 3.1): up to four fields in the order of their tags, each
/// with one element in it.
fn is_pss(parameters: &[u8]) -> bool {
    let whole = Element::whole(parameters).filter(|whole| whole.tag == SEQUENCE);
    let Some(fields) = whole.and_then(|whole| whole.children()) else {
        return false;
    };
    let is_field = |field: &Element<'_>| match (field.tag, Element::whole(field.content)) {
        (0xa0 | 0xa1, Some(algorithm)) => is_hash(algorithm),
        (0xa2 | 0xa3, Some(number)) => number.tag == INTEGER && matches!(number.content, [_]),
        _ => false,
    };
    fields.windows(2).all(|pair| pair[0].tag < pair[1].tag) && fields.iter().all(is_field)
}

/// A hash function, or a mask generation function over one.
fn is_hash(element: Element<'_>) -> bool {
    let Ok((_, parameters)) = algorithm(element) else {
        return false;
    };
    let Some(inner) = parameters.and_then(Element::whole) else {
        return parameters.is_none();
    };
    algorithm(inner).is_ok_and(|(_, parameters)| parameters.is_none())
}

/// An algorithm's identifier and parameters; NULL stands for none.
fn algorithm(element: Element<'_>) -> Result<(&[u8], Option<&[u8]>), Refused> {
    let fields = sequence(element, "an algorithm identifier")?;
    let (id, parameters) = match fields[..] {
        [id] => (id, None),
        [id, parameters] => (id, Some(parameters)),
        _ => return Err(String::from("an algorithm identifier of other fields")),
    };
    if id.tag != OBJECT_IDENTIFIER || !is_object_identifier(id.content) {
        return Err(String::from("an object identifier that is damaged"));
    }
    match parameters {
        Some(null) if null.tag == NULL => {
            if null.content.is_empty() {
                Ok((id.content, None))
            } else {
                Err(String::from("a NULL that is not empty"))
            }
        }
        other => Ok((id.content, other.map(|parameters| parameters.encoded))),
    }
}

fn names(certificate: &Structure<'_>) -> Result<(), Refused> {
    for (name, what) in [
        (certificate.issuer, "issuer"),
        (certificate.subject, "subject"),
    ] {
        let attributes =
            attributes(name).ok_or_else(|| format!("the {what} is no sequence of sets"))?;
        if attributes
            .iter()
            .any(|(kind, _)| kind.tag != OBJECT_IDENTIFIER || !is_object_identifier(kind.content))
        {
            return Err(format!(
                "an attribute of the {what} has a damaged identifier"
            ));
        }
        let is_bad_text =
            |value: &Element<'_>| value.tag == BMP_STRING && !is_bmp_text(value.content);
        if attributes.iter().any(|(_, value)| is_bad_text(value)) {
            return Err(format!(
                "the {what} has a BMPString that is cut, or has surrogates"
            ));
        }
    }
    if certificate.issuer.content.is_empty() {
        return Err(String::from("its issuer is empty"));
    }
    // Without a subject the name is the subjectAltName's, and that must be critical.
    let has_other_name = certificate.extensions.iter().flatten().any(|extension| {
        extension.id.content == SUBJECT_ALTERNATIVE_NAME && extension.is_critical()
    });
    if certificate.subject.content.is_empty() && !has_other_name {
        return Err(String::from("its subject is empty"));
    }
    Ok(())
}

const SUBJECT_ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 0x11];

fn extensions(extensions: &[Extension<'_>]) -> Result<(), Refused> {
    let mut seen = BTreeSet::new();
    for extension in extensions {
        if !is_object_identifier(extension.id.content) {
            return Err(String::from("an extension with a damaged identifier"));
        }
        if extension
            .critical
            .is_some_and(|critical| critical.content.len() != 1)
        {
            return Err(String::from(
                "an extension whose critical flag is not one byte",
            ));
        }
        if !seen.insert(extension.id.content) {
            return Err(String::from("it has an extension twice"));
        }
        // One that is not critical may hold anything: the JVM then goes without it.
        if extension.is_critical()
            && !(extension::is_readable(extension) && is_der_within(extension.value))
        {
            return Err(String::from("a critical extension that cannot be read"));
        }
    }
    Ok(())
}

fn key(certificate: &Structure<'_>) -> Result<(), Refused> {
    const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
    const PKCS_1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1];
    const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
    const DSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1];
    const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
    const ED448: &[u8] = &[0x2b, 0x65, 0x71];
    let bits = certificate.key;
    if bits.tag != BIT_STRING || !is_bit_string(bits.content) {
        return Err(String::from("the public key is no bit string"));
    }
    let (id, parameters) = algorithm(certificate.key_algorithm)?;
    let [0, key @ ..] = bits.content else {
        return Err(String::from("the public key is not whole bytes"));
    };
    match id {
        RSA => rsa(key),
        RSA_PSS if parameters.is_none_or(is_pss) => rsa(key),
        RSA_PSS => Err(String::from("RSA-PSS parameters that cannot be read")),
        // PKCS#1 itself, which JDK 8 takes for RSA and then finds that it is not.
        PKCS_1 => Err(String::from("a key of an algorithm that is none")),
        EC => elliptic_curve(key, parameters.and_then(Element::whole)),
        DSA => {
            let is_integer =
                |e: &Element<'_>| e.tag == INTEGER && e.is_minimal && is_minimal_integer(e.content);
            let is_group = parameters.is_none_or(|parameters| {
                let numbers = Element::whole(parameters)
                    .filter(|group| group.tag == SEQUENCE)
                    .and_then(|group| group.children());
                numbers.is_some_and(|numbers| numbers.len() == 3 && numbers.iter().all(is_integer))
            });
            if is_group && Element::whole(key).as_ref().is_some_and(is_integer) {
                Ok(())
            } else {
                Err(String::from("a DSA key that is not its integers"))
            }
        }
        ED25519 | ED448 => {
            let length = if id == ED25519 { 32 } else { 57 };
            if key.len() == length && parameters.is_none() {
                Ok(())
            } else {
                Err(String::from("an EdDSA key of another length"))
            }
        }
        // ML-DSA (RFC 9881), which JDK 24 and later know.
        [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, set @ 17..=19] => {
            let length = match set {
                17 => 1312,
                18 => 1952,
                _ => 2592,
            };
            if key.len() == length && parameters.is_none() {
                Ok(())
            } else {
                Err(String::from("an ML-DSA key of another length"))
            }
        }
        // Diffie-Hellman and X25519, X448: read by the JVM, and no CA's.
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 3, ..]
        | [0x2a, 0x86, 0x48, 0xce, 0x3e, ..]
        | [0x2b, 0x65, 0x6e | 0x6f] => Err(String::from("a key that can sign nothing")),
        _ => Ok(()),
    }
}

/// The limits of `sun.security.rsa.RSAKeyFactory`.
fn rsa(key: &[u8]) -> Result<(), Refused> {
    const SHORTEST: usize = 512;
    const LONGEST: usize = 16_384;
    const LONGEST_WITH_LARGE_EXPONENT: usize = 3072;
    let fields = Element::whole(key)
        .filter(|key| key.tag == SEQUENCE && is_der(*key, 0))
        .and_then(|key| key.fields());
    let [modulus, exponent]: [Element<'_>; 2] = fields
        .filter(|fields| {
            fields
                .iter()
                .all(|field| field.tag == INTEGER && is_minimal_integer(field.content))
        })
        .ok_or("an RSA key that is not two integers")?;
    let (modulus, exponent) = (magnitude(modulus.content), magnitude(exponent.content));
    let (length, exponent_length) = (bits(modulus), bits(exponent));
    if !(SHORTEST..=LONGEST).contains(&length.next_multiple_of(8)) {
        return Err(format!("an RSA key of {length} bits"));
    }
    let is_below_3 = matches!(exponent, [] | [1 | 2]);
    let is_below_modulus = (exponent.len(), exponent) < (modulus.len(), modulus);
    let is_too_long = length > LONGEST_WITH_LARGE_EXPONENT && exponent_length > 64;
    if is_below_3 || !is_below_modulus || is_too_long {
        return Err(String::from("an RSA key with an impossible exponent"));
    }
    Ok(())
}

/// The bytes of an integer, which is taken as positive, without leading zeros.
fn magnitude(content: &[u8]) -> &[u8] {
    let start = content.iter().position(|byte| *byte != 0);
    start.map_or(&[], |start| &content[start..])
}

fn bits(magnitude: &[u8]) -> usize {
    magnitude.first().map_or(0, |first| {
        magnitude.len() * 8 - first.leading_zeros() as usize
    })
}

/// The curves that every JDK knows by name, and points that are not compressed.
fn elliptic_curve(point: &[u8], curve: Option<Element<'_>>) -> Result<(), Refused> {
    const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
    const P384: &[u8] = &[0x2b, 0x81, 4, 0, 0x22];
    const P521: &[u8] = &[0x2b, 0x81, 4, 0, 0x23];
    let length = match curve.map(|curve| (curve.tag, curve.content)) {
        Some((OBJECT_IDENTIFIER, P256)) => 32,
        Some((OBJECT_IDENTIFIER, P384)) => 48,
        Some((OBJECT_IDENTIFIER, P521)) => 66,
        Some((OBJECT_IDENTIFIER, _)) => {
            return Err(String::from("a curve other than P-256, P-384 and P-521"));
        }
        Some(_) => return Err(String::from("a curve that is written out instead of named")),
        None => return Err(String::from("an elliptic-curve key without its curve")),
    };
    if point.first() == Some(&4) && point.len() == 1 + 2 * length {
        Ok(())
    } else {
        Err(String::from("a point that is compressed or cut"))
    }
}
