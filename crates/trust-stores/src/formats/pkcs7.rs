//! PKCS#7 (RFC 2315, now CMS, RFC 5652): the certificates of a `SignedData` in. Windows exports
//! chains this way (`.p7b`), with nothing signed in it.

use der::asn1::ObjectIdentifier;

use super::der as certificates;
use super::{Position, Problem, Section, children, object_identifier};
use crate::asn1::{self, Element, Fault, tag};

/// The bits of a tag that say whether it is universal or the context's.
const CLASS: u8 = 0xc0;

pub(super) const SIGNED_DATA: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");

/// The certificates of the PKCS#7 message `bytes`.
pub(super) fn decode(bytes: &[u8]) -> Vec<Section> {
    let sections = asn1::definite(bytes)
        .map_err(damaged)
        .and_then(|der| signed_data(&der));
    let problem = match sections {
        Ok(sections) if !sections.is_empty() => return sections,
        Ok(_) => Problem::hinted(
            "the PKCS#7 file holds no certificate",
            "export the CA's certificates again, with the whole certification path",
        ),
        Err(problem) => problem,
    };
    vec![Section::problem(Position::Whole, problem)]
}

fn damaged(fault: Fault) -> Problem {
    Problem::hinted(
        match fault {
            Fault::Broken => "the PKCS#7 file is cut short or damaged",
            Fault::TooDeep => "the PKCS#7 file is nested more deeply than any real one",
        },
        "copy the file again in binary mode, and compare its size",
    )
}

fn signed_data(der: &[u8]) -> Result<Vec<Section>, Problem> {
    let broken = || damaged(Fault::Broken);
    let message = Element::whole(der).and_then(children).ok_or_else(broken)?;
    let [kind, content] = message[..] else {
        return Err(broken());
    };
    if object_identifier(kind) != Some(SIGNED_DATA) {
        return Err(Problem::hinted(
            "the PKCS#7 message is not signed data, so it holds no certificates",
            "export the CA's certificates; in Windows, as \"Cryptographic Message Syntax Standard\" \
             (.P7B)",
        ));
    }
    let signed = Element::whole(content.content).and_then(children);
    let mut sections = Vec::new();
    // version, digestAlgorithms, contentInfo, then [0] certificates, [1] crls, signerInfos
    for field in signed.ok_or_else(broken)?.into_iter().skip(3) {
        if field.tag & CLASS != tag::context(0) {
            continue;
        }
        let is_certificates = field.tag | tag::CONSTRUCTED == tag::explicit(0);
        for element in field.children().ok_or_else(broken)? {
            let position = Position::Entry(sections.len() + 1);
            let content = if !is_certificates {
                Err(Problem::revocation_list())
            } else if element.tag == tag::SEQUENCE {
                certificates::certificate(element.encoded).map(Into::into)
            } else {
                Err(Problem::malformed(
                    "an attribute certificate, not a CA certificate",
                ))
            };
            sections.push(Section { position, content });
        }
    }
    Ok(sections)
}
