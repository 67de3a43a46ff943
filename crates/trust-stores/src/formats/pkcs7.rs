//! PKCS#7 (RFC 2315, now CMS, RFC 5652): the certificates of a `SignedData` in. Windows exports
//! chains this way (`.p7b`), with nothing signed in it.

use super::{Position, Problem, Section, Sections, SourceFormat, der};
use crate::asn1::{self, Element, Fault, Reader, tag};
use crate::cert::oid;

/// The bits of a tag that say whether it is universal or the context's.
const CLASS: u8 = 0xc0;

/// The certificates of the PKCS#7 message `bytes`.
pub(super) fn decode(bytes: &[u8]) -> Vec<Section> {
    let sections = asn1::to_definite(bytes)
        .map_err(damaged)
        .and_then(|der| signed_data(&der));
    let problem = match sections {
        Ok(sections) if !sections.is_empty() => return sections.into(),
        Ok(_) => Problem::hinted(
            "the PKCS#7 file holds no certificate",
            "export the CA's certificates again, with the whole certification path",
        ),
        Err(problem) => problem,
    };
    vec![Section::problem(Position::Whole, problem)]
}

fn damaged(fault: Fault) -> Problem {
    Problem::container(SourceFormat::Pkcs7, fault)
}

fn signed_data(der: &[u8]) -> Result<Sections, Problem> {
    let broken = || damaged(Fault::Broken);
    let message = Element::whole(der).filter(|message| message.tag == tag::SEQUENCE);
    let [kind, content] = message
        .and_then(|message| message.fields())
        .ok_or_else(broken)?;
    if kind.identifier() != Some(oid::SIGNED_DATA) {
        return Err(Problem::hinted(
            "the PKCS#7 message is not signed data, so it holds no certificates",
            "export the CA's certificates; in Windows, as \"Cryptographic Message Syntax Standard\" \
             (.P7B)",
        ));
    }
    let signed = Element::whole(content.content).and_then(|signed| signed.sequence());
    let mut sections = Sections::default();
    // version, digestAlgorithms, contentInfo, then [0] certificates, [1] crls, signerInfos
    for field in signed.ok_or_else(broken)?.into_iter().skip(3) {
        if field.tag & CLASS != tag::context(0) {
            continue;
        }
        let is_certificates = field.tag | tag::CONSTRUCTED == tag::explicit(0);
        // One by one: a list of millions would take more memory than the file.
        let mut elements = Reader(field.content);
        for element in &mut elements {
            let position = Position::Entry(sections.seen() + 1);
            let content = if !is_certificates {
                Err(Problem::revocation_list())
            } else if element.tag == tag::SEQUENCE {
                der::certificate(element.encoded).map(Into::into)
            } else {
                Err(Problem::malformed(
                    "an attribute certificate, not a CA certificate",
                ))
            };
            sections.push(Section { position, content });
        }
        if !elements.is_empty() {
            return Err(broken());
        }
    }
    Ok(sections)
}
