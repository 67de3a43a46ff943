//! PKCS#7 (RFC 2315, now CMS, RFC 5652): the certificates of a `SignedData` in. Windows exports
//! chains this way (`.p7b`), with nothing signed in it.

use super::stray::{self, Place};
use super::{Position, Problem, Section, Sections, SourceFormat, check_end, der};
use crate::asn1::{BerElement, Fault, tag};
use crate::cert::oid;

const CERTIFICATES: u8 = tag::explicit(0);
const CRLS: u8 = tag::explicit(1);

/// The certificates of the PKCS#7 message that `bytes` start with.
pub(super) fn decode(bytes: &[u8]) -> Vec<Section> {
    let (message, rest) = match BerElement::first(bytes) {
        Ok(found) => found,
        Err(fault) => return vec![Section::problem(Position::Whole, damaged(fault))],
    };
    let mut found = Message::default();
    if let Err(problem) = found.read(message) {
        found.0.push(Section::problem(Position::Whole, problem));
    } else if found.0.is_empty() {
        let problem = Problem::hinted(
            "the PKCS#7 file holds no certificate",
            "export the CA's certificates again, with the whole certification path",
        );
        found.0.push(Section::problem(Position::Whole, problem));
    }
    check_end(found.0.into(), bytes, rest)
}

fn damaged(fault: Fault) -> Problem {
    Problem::container(SourceFormat::Pkcs7, fault)
}

/// Gathers what a message holds.
#[derive(Default)]
struct Message(Sections);

impl Message {
    /// `ContentInfo`: `SEQUENCE { type, [0] EXPLICIT SignedData }`.
    fn read(&mut self, message: BerElement<'_>) -> Result<(), Problem> {
        let fields = message.sequence().map_err(damaged)?;
        let [kind, content, unread @ ..] = &fields[..] else {
            return Err(damaged(Fault::Broken));
        };
        self.search(unread, Place::Nowhere);
        let contents = content.children().map_err(damaged)?;
        if kind.identifier() != Some(oid::SIGNED_DATA) {
            self.search(&contents, Place::Nowhere);
            return Err(Problem::hinted(
                "the PKCS#7 message is not signed data, so it holds no certificates",
                "export the CA's certificates; in Windows, as \"Cryptographic Message Syntax Standard\" \
                 (.P7B)",
            ));
        }
        let Some((signed, unread)) = contents.split_first() else {
            return Err(damaged(Fault::Broken));
        };
        self.search(unread, Place::Nowhere);
        self.signed_data(&signed.sequence().map_err(damaged)?)
    }

    /// version, digestAlgorithms, contentInfo, then [0] certificates, [1] crls, signerInfos
    fn signed_data(&mut self, fields: &[BerElement<'_>]) -> Result<(), Problem> {
        for (index, field) in fields.iter().enumerate() {
            match (index, field.tag | tag::CONSTRUCTED) {
                (2, _) => self.search(&[*field], Place::Meant("signed content")),
                (3.., CERTIFICATES) => self.certificates(*field)?,
                (3.., CRLS) => self.crls(*field)?,
                (3.., tag::SET) => self.search(&[*field], Place::Meant("a signature")),
                _ => self.search(&[*field], Place::Nowhere),
            }
        }
        Ok(())
    }

    fn certificates(&mut self, set: BerElement<'_>) -> Result<(), Problem> {
        for element in set.each() {
            let element = element.map_err(damaged)?;
            let content = if element.tag == tag::SEQUENCE {
                der::certificate(element.encoded).map(Into::into)
            } else {
                self.search(&[element], Place::Meant("an attribute certificate"));
                Err(Problem::not_a_certificate("an attribute certificate"))
            };
            self.push(content);
        }
        Ok(())
    }

    fn crls(&mut self, set: BerElement<'_>) -> Result<(), Problem> {
        for element in set.each() {
            let element = element.map_err(damaged)?;
            self.search(&[element], Place::Nowhere);
            self.push(Err(Problem::revocation_list()));
        }
        Ok(())
    }

    fn push(&mut self, content: Result<super::DecodedCertificate, Problem>) {
        let position = Position::Entry(self.0.seen() + 1);
        self.0.push(Section { position, content });
    }

    /// Looks for what no reader takes from these fields.
    fn search(&mut self, unread: &[BerElement<'_>], place: Place) {
        for element in unread {
            for problem in stray::search(*element, place) {
                self.push(Err(problem));
            }
        }
    }
}
