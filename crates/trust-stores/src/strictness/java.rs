//! The JVM: `sun.security.x509.X509CertImpl` and the key factories behind it, as of JDK 8 to 25.
//!
//! A truststore is loaded as a whole: if the parser refuses one certificate, the JVM trusts none of the
//! others. It checks more than the structure: extensions that are critical and known to it, RSA and
//! elliptic-curve keys, and what RFC 5280 says of versions and empty names.

use super::elliptic_curve::elliptic_curve;
use super::{Reason, Seen, StoreRefusals, attributes, extension};
use crate::asn1::primitive::{
    bit_length, is_bit_string, is_bmp_text, is_minimal_integer, is_object_identifier,
    is_of_wrong_form, magnitude, unsigned,
};
use crate::asn1::{Element, tag};
use crate::cert::fields::Fields;
use crate::cert::{Certificate, Extension, Oid, oid};

/// Why a JVM refuses to read the certificate, if one does.
pub fn java_refusal(certificate: &Certificate) -> Option<Reason> {
    StoreRefusals::of(certificate).java
}

/// Whether the JVM reads an extension. It refuses a certificate with one that is critical and damaged, and
/// ignores others until somebody asks for them.
pub fn java_reads(extension: &Extension<'_>) -> bool {
    let is_der = || Element::whole(extension.value).is_none_or(|value| is_der(value, 0));
    extension::is_readable(extension) && is_der()
}

/// Whether the JVM reads a certificate whose fields have been examined.
pub(super) fn read(certificate: &Certificate, fields: &Fields<'_>) -> Result<(), Reason> {
    if !is_der(fields.whole, 0) || !certificate.is_undone_by_java() {
        return Err("its encoding is not DER".into());
    }
    let version = match fields.version.map(|version| version.content) {
        None | Some([0]) => 1,
        Some([1]) => 2,
        Some([2]) => 3,
        Some(_) => return Err("its version is not 1, 2 or 3".into()),
    };
    if fields.serial.content.is_empty() {
        return Err("its serial number is empty".into());
    }
    let inner = algorithm(fields.inner_algorithm)?;
    if inner.1.is_some() && cannot_sign(inner.0) {
        return Err("its signature algorithm does not sign".into());
    }
    if inner.0 == oid::RSA_PSS && !inner.1.is_none_or(is_pss) {
        return Err("its RSA-PSS parameters are damaged".into());
    }
    if inner != algorithm(fields.outer_algorithm)? {
        return Err("its two signature algorithms differ".into());
    }
    names(fields)?;
    if !is_bit_string(fields.signature.content) {
        return Err("its signature is not a bit string".into());
    }
    let unique_ids = [fields.issuer_unique_id, fields.subject_unique_id];
    let mut unique_ids = unique_ids.into_iter().flatten().peekable();
    if version < 2 && unique_ids.peek().is_some() {
        return Err("it has unique identifiers, which version 1 does not allow".into());
    }
    if unique_ids.any(|id| !is_bit_string(id.content)) {
        return Err("it has a damaged unique identifier".into());
    }
    if version < 3 && fields.extension_list.is_some() {
        return Err(format!("it has extensions, which version {version} does not allow").into());
    }
    all_extensions(fields)?;
    key(fields)
}

/// Whether every length is in its shortest form, as far down as fields go, without looking into octet and
/// bit strings.
fn is_der(element: Element<'_>, depth: usize) -> bool {
    const MAX_DEPTH: usize = 32;
    if !element.is_minimal || is_of_wrong_form(element.tag) || depth > MAX_DEPTH {
        return false;
    }
    element.tag & tag::CONSTRUCTED == 0 || element.all(|child| is_der(child, depth + 1))
}

/// `RSASSA-PSS-params` (RFC 4055, section 3.1) as `sun.security.rsa.PSSParameters` reads them: up to four
/// fields, each with one element in it.
fn is_pss(parameters: &[u8]) -> bool {
    let Some(fields) = Element::whole(parameters).and_then(|whole| whole.sequence()) else {
        return false;
    };
    let is_field = |field: &Element<'_>| match (field.tag, Element::whole(field.content)) {
        (0xa0, Some(hash)) => algorithm(hash).is_ok_and(|(_, parameters)| parameters.is_none()),
        (0xa1, Some(mask)) => is_mask(mask),
        // The salt's length is one that Java's `int` holds; no limit by the key's length is checked.
        (0xa2, Some(salt)) => {
            salt.tag == tag::INTEGER && salt.content.len() <= 4 && unsigned(salt.content).is_some()
        }
        (0xa3, Some(trailer)) => trailer.tag == tag::INTEGER && trailer.content == [1],
        _ => false,
    };
    fields.windows(2).all(|pair| pair[0].tag < pair[1].tag) && fields.iter().all(is_field)
}

/// The mask generation function: MGF1 over a hash that the JVM knows for it. SHA-3 it knows since 17.
fn is_mask(mask: Element<'_>) -> bool {
    const SHA_512_224: Oid<'static> = Oid(&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 5]);
    const SHA_512_256: Oid<'static> = Oid(&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 6]);
    let Ok((oid::MGF1, Some(hash))) = algorithm(mask) else {
        return false;
    };
    let hash = Element::whole(hash).map(algorithm);
    matches!(
        hash,
        Some(Ok((
            oid::SHA_1
                | oid::SHA_224
                | oid::SHA_256
                | oid::SHA_384
                | oid::SHA_512
                | SHA_512_224
                | SHA_512_256,
            None
        )))
    )
}

/// An algorithm's identifier and the DER of its parameters; NULL counts as none.
fn algorithm(element: Element<'_>) -> Result<(Oid<'_>, Option<&[u8]>), Reason> {
    let damaged = "it has a damaged algorithm identifier";
    let mut fields = element.reader(tag::SEQUENCE).ok_or(damaged)?;
    let id = fields.next().and_then(|id| id.identifier());
    let parameters = fields.next();
    let is_damaged_null = |field: &Element<'_>| field.tag == tag::NULL && !field.content.is_empty();
    if !fields.is_empty() || parameters.as_ref().is_some_and(is_damaged_null) {
        return Err(damaged.into());
    }
    let parameters = parameters.filter(|field| field.tag != tag::NULL);
    Ok((id.ok_or(damaged)?, parameters.map(|field| field.encoded)))
}

fn names(fields: &Fields<'_>) -> Result<(), Reason> {
    let mut is_empty = [false; 2];
    let both = [(fields.issuer, "issuer"), (fields.subject, "subject")];
    for ((name, what), is_empty) in both.into_iter().zip(&mut is_empty) {
        let attributes =
            attributes(name).ok_or_else(|| format!("its {what} is not a list of sets"))?;
        // A set without attributes counts as nothing.
        *is_empty = attributes.clone().next().is_none();
        if attributes
            .clone()
            .any(|[kind, _]| kind.identifier().is_none())
        {
            return Err(format!("its {what} has an attribute with a damaged identifier").into());
        }
        let is_bad_text =
            |value: Element<'_>| value.tag == tag::BMP_STRING && !is_bmp_text(value.content);
        let mut values = attributes.map(|[_, value]| value);
        if values.any(is_bad_text) {
            return Err(
                format!("its {what} has a BMPString that is cut short or has surrogates").into(),
            );
        }
    }
    if is_empty[0] {
        return Err("its issuer is empty".into());
    }
    // Without a subject the name is in subjectAltName, which must then be critical.
    let other_name = fields
        .extensions()
        .find(|extension| extension.oid == oid::SUBJECT_ALTERNATIVE_NAME);
    match other_name {
        Some(other_name) if is_empty[1] && !other_name.critical => {
            Err("its subject is empty and its subjectAltName is not critical".into())
        }
        None if is_empty[1] => Err("its subject is empty".into()),
        _ => Ok(()),
    }
}

fn all_extensions(fields: &Fields<'_>) -> Result<(), Reason> {
    let mut seen = Seen::default();
    for extension in fields.extensions() {
        if !is_object_identifier(extension.oid.0) {
            return Err("it has an extension with a damaged identifier".into());
        }
        if !seen.insert(extension.oid.0) {
            return Err(format!("it has the extension {} twice", extension.oid).into());
        }
        // Without the critical flag it may hold anything: the JVM then ignores it.
        let is_der = || Element::whole(extension.value).is_none_or(|value| is_der(value, 0));
        let is_readable = || {
            !extension::is_known(extension.oid) || extension::is_readable(&extension) && is_der()
        };
        if extension.critical && !is_readable() {
            return Err(format!("its critical extension {} is damaged", extension.oid).into());
        }
    }
    Ok(())
}

fn key(fields: &Fields<'_>) -> Result<(), Reason> {
    if !is_bit_string(fields.public_key.key.content) {
        return Err("its public key is not a bit string".into());
    }
    let (id, parameters) = algorithm(fields.public_key.algorithm)?;
    let [0, key @ ..] = fields.public_key.key.content else {
        return Err("its public key is not whole bytes".into());
    };
    let has_length = |length: usize| key.len() == length && parameters.is_none();
    let is_sound = match id {
        oid::RSA | RSA_OF_X500 => return rsa(key),
        oid::RSA_PSS if parameters.is_none_or(is_pss) => return rsa(key),
        oid::EC => return elliptic_curve(key, parameters.and_then(Element::whole)),
        oid::DSA | DSA_OF_OIW => is_dsa(key, parameters),
        oid::ED25519 => has_length(32),
        oid::ED448 => has_length(57),
        // PKCS#1 itself, which JDK 8 first takes for RSA, and PSS with damaged parameters.
        oid::RSA_PSS | Oid([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1]) => false,
        // ML-DSA (RFC 9881), which JDK 24 and later know.
        Oid([0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 17]) => has_length(1312),
        Oid([0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 18]) => has_length(1952),
        Oid([0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 19]) => has_length(2592),
        HSS_LMS => return Err("its key is HSS/LMS, and JDK 21 and later know only a few of these".into()),
        id if cannot_sign(id) => return Err("its key cannot sign".into()),
        _ => true,
    };
    if is_sound {
        Ok(())
    } else {
        Err("its public key is damaged".into())
    }
}

/// `rsa` of X.509 (1988), which the JVM takes for RSA.
const RSA_OF_X500: Oid<'static> = Oid(&[0x55, 8, 1, 1]);
/// `dsa` of the OIW, which the JVM takes for DSA.
const DSA_OF_OIW: Oid<'static> = Oid(&[0x2b, 0x0e, 3, 2, 12]);
/// RFC 8708.
const HSS_LMS: Oid<'static> = Oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 3, 17]);

/// Whether an algorithm is another's: of keys that cannot sign, or of encryption. The JVM reads the
/// parameters of those that it knows, wherever it finds them, and no CA has them.
fn cannot_sign(id: Oid<'_>) -> bool {
    let is_key_of_signer = matches!(id, oid::EC | oid::DSA | DSA_OF_OIW);
    is_key_of_signer
        || matches!(
            id.0,
            // Diffie-Hellman, PBE of PKCS#5 and PKCS#12, OAEP
            [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 3 | 5 | 12, ..]
                | [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 7]
                // Ciphers of RSA's, Diffie-Hellman of X9.42, AES, ML-KEM
                | [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 3, ..]
                | [0x2a, 0x86, 0x48, 0xce, 0x3e, ..]
                | [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1 | 4, ..]
                // X25519, X448
                | [0x2b, 0x65, 0x6e | 0x6f]
        )
}

/// Three integers as parameters, if any, and one as the key.
fn is_dsa(key: &[u8], parameters: Option<&[u8]>) -> bool {
    let is_integer =
        |e: &Element<'_>| e.tag == tag::INTEGER && e.is_minimal && is_minimal_integer(e.content);
    let is_group = parameters.is_none_or(|parameters| {
        let group = Element::whole(parameters).filter(|group| group.tag == tag::SEQUENCE);
        let numbers = group.and_then(|group| group.fields::<3>());
        numbers.is_some_and(|numbers| numbers.iter().all(is_integer))
    });
    is_group && Element::whole(key).as_ref().is_some_and(is_integer)
}

/// The limits of `sun.security.rsa.RSAKeyFactory`.
fn rsa(key: &[u8]) -> Result<(), Reason> {
    const SHORTEST: usize = 512;
    const LONGEST: usize = 16_384;
    const LONGEST_WITH_LARGE_EXPONENT: usize = 3072;
    let fields = Element::whole(key)
        .filter(|key| key.tag == tag::SEQUENCE && is_der(*key, 0))
        .and_then(|key| key.fields());
    let [modulus, exponent]: [Element<'_>; 2] = fields
        .filter(|fields| {
            fields
                .iter()
                .all(|field| field.tag == tag::INTEGER && !field.content.is_empty())
        })
        .ok_or("its RSA key is not two integers")?;
    let (modulus, exponent) = (magnitude(modulus.content), magnitude(exponent.content));
    let (length, exponent_length) = (bit_length(modulus), bit_length(exponent));
    if !(SHORTEST..=LONGEST).contains(&length.next_multiple_of(8)) {
        return Err(format!("its RSA key has {length} bits").into());
    }
    let is_below_3 = matches!(exponent, [] | [1 | 2]);
    let is_below_modulus = (exponent.len(), exponent) < (modulus.len(), modulus);
    let is_too_long = length > LONGEST_WITH_LARGE_EXPONENT && exponent_length > 64;
    if is_below_3 || !is_below_modulus || is_too_long {
        return Err("its RSA key has an impossible exponent".into());
    }
    Ok(())
}
