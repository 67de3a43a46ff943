//! PKCS#7 (RFC 2315, now CMS, RFC 5652): the certificates of a `SignedData` in. Windows exports
//! chains so (`.p7b`), with nothing signed in it.

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode as _, Tag, Tagged as _};

use super::{Position, Problem, Section, der as certificates};
use crate::asn1::{self, Fault};

pub(super) const SIGNED_DATA: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");

/// The certificates of the PKCS#7 message `bytes`.
pub(super) fn decode(bytes: &[u8]) -> Vec<Section> {
    let found = asn1::definite(bytes)
        .map_err(damaged)
        .and_then(|der| signed_data(&der));
    match found {
        Ok(found) if found.is_empty() => {
            let problem = Problem::hinted(
                "a PKCS#7 file without a certificate in it",
                "export the CA's certificates again, with all those of its path",
            );
            vec![Section::problem(Position::Whole, problem)]
        }
        Ok(found) => found,
        Err(problem) => vec![Section::problem(Position::Whole, problem)],
    }
}

fn damaged(fault: Fault) -> Problem {
    Problem::hinted(
        match fault {
            Fault::Broken => "a PKCS#7 file that is cut short or damaged",
            Fault::TooDeep => "a PKCS#7 file nested deeper than any real one",
        },
        "copy the file again in binary mode, and compare its size",
    )
}

fn signed_data(der: &[u8]) -> Result<Vec<Section>, Problem> {
    let broken = |_| damaged(Fault::Broken);
    let message = AnyRef::from_der(der).map_err(broken)?;
    let [kind, content] = super::children(message).map_err(broken)?[..] else {
        return Err(damaged(Fault::Broken));
    };
    if kind.decode_as() != Ok(SIGNED_DATA) {
        return Err(Problem::hinted(
            "a PKCS#7 message that is not signed data, so without certificates",
            "export the CA's certificates: in Windows, \"Cryptographic Message Syntax Standard\" \
             (.P7B)",
        ));
    }
    let signed = AnyRef::from_der(content.value()).map_err(broken)?;
    let mut found = Vec::new();
    // version, digestAlgorithms, contentInfo, then [0] certificates, [1] crls, signerInfos
    for field in super::children(signed).map_err(broken)?.into_iter().skip(3) {
        let tag = field.tag();
        if !tag.is_context_specific() {
            continue;
        }
        let is_certificates = tag.number().value() == 0;
        for element in super::elements(field.value()).map_err(broken)? {
            let place = Position::Entry(found.len() + 1);
            found.push(match element.tag() {
                Tag::Sequence if is_certificates => {
                    let der = super::encoded(element).map_err(broken)?;
                    match certificates::certificate(&der) {
                        Ok(certificate) => Section::certificate(place, certificate),
                        Err(problem) => Section::problem(place, problem),
                    }
                }
                _ if is_certificates => {
                    let problem = Problem::malformed("an attribute certificate, not a CA's");
                    Section::problem(place, problem)
                }
                _ => Section::problem(place, Problem::revocation_list()),
            });
        }
    }
    Ok(found)
}
