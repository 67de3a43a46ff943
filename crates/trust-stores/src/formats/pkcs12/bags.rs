//! What is in a store's safes: certificates with their names and trust, keys, other bags.

use super::decode::damaged;
use crate::asn1::{Element, Fault, tag};
use crate::cert::{Oid, oid};
use crate::formats::{
    DecodedCertificate, Distrust, KeyEntries, Position, Problem, Section, Sections, SourceFormat,
    der,
};

/// How deeply safe contents may be nested.
const MAX_NESTING: usize = 4;

/// Gathers what bags hold.
pub(super) struct Bags {
    pub(super) sections: Sections,
    key_entries: KeyEntries,
    /// How many bags there were, key entries that are skipped included.
    seen: usize,
}

impl Bags {
    pub(super) fn new(key_entries: KeyEntries) -> Self {
        Bags {
            sections: Sections::default(),
            key_entries,
            seen: 0,
        }
    }

    /// Adds the bags of `SafeContents`.
    pub(super) fn add(&mut self, safe_contents: &[u8]) -> Result<(), Problem> {
        self.add_nested(safe_contents, 0)
    }

    fn add_nested(&mut self, safe_contents: &[u8], depth: usize) -> Result<(), Problem> {
        if depth > MAX_NESTING {
            return Err(Problem::container(SourceFormat::Pkcs12, Fault::TooDeep));
        }
        let bags = Element::whole(safe_contents).and_then(|bags| bags.reader(tag::SEQUENCE));
        let mut bags = bags.ok_or_else(damaged)?;
        for bag in &mut bags {
            let bag = Bag::read(bag).ok_or_else(damaged)?;
            if bag.id == oid::SAFE_CONTENTS_BAG {
                self.add_nested(bag.value, depth + 1)?;
                continue;
            }
            self.seen += 1;
            let position = match bag.alias() {
                Some(alias) => Position::alias(&alias),
                None => Position::Entry(self.seen),
            };
            let content = match bag.id {
                oid::CERT_BAG => bag.certificate(),
                oid::KEY_BAG | oid::SHROUDED_KEY_BAG | oid::SECRET_BAG
                    if self.key_entries == KeyEntries::Skip =>
                {
                    continue;
                }
                oid::KEY_BAG | oid::SHROUDED_KEY_BAG => {
                    Err(Problem::key_entry("a key entry of a PKCS#12 store"))
                }
                oid::SECRET_BAG => Err(Problem::key_entry("a secret key of a PKCS#12 store")),
                oid::CRL_BAG => Err(Problem::revocation_list()),
                other => Err(Problem::malformed(format!("a bag of unknown type {other}"))),
            };
            self.sections.push(Section { position, content });
        }
        if bags.is_empty() {
            Ok(())
        } else {
            Err(damaged())
        }
    }
}

/// `SafeBag`: `SEQUENCE { id, [0] EXPLICIT value, attributes OPTIONAL }`.
struct Bag<'a> {
    id: Oid<'a>,
    value: &'a [u8],
    attributes: Option<Element<'a>>,
}

impl<'a> Bag<'a> {
    fn read(element: Element<'a>) -> Option<Self> {
        let fields = element.sequence()?;
        let [id, value, attributes @ ..] = &fields[..] else {
            return None;
        };
        Some(Bag {
            id: id.identifier()?,
            value: value.content,
            attributes: attributes.first().copied(),
        })
    }

    /// The name of the entry, if it has one that is not empty.
    fn alias(&self) -> Option<String> {
        let name = *self.attribute(oid::FRIENDLY_NAME)?.first()?;
        let (units, rest) = name.content.as_chunks::<2>();
        if name.tag != tag::BMP_STRING || !rest.is_empty() {
            return None;
        }
        let units = units.iter().map(|unit| u16::from_be_bytes(*unit));
        let alias: String = char::decode_utf16(units).collect::<Result<_, _>>().ok()?;
        (!alias.is_empty()).then_some(alias)
    }

    /// `CertBag`: `SEQUENCE { type, [0] EXPLICIT OCTET STRING }`.
    fn certificate(&self) -> Result<DecodedCertificate, Problem> {
        let damaged = || Problem::malformed("the certificate bag is damaged");
        let bag = Element::whole(self.value).filter(|bag| bag.tag == tag::SEQUENCE);
        let [kind, value] = bag.and_then(|bag| bag.fields()).ok_or_else(damaged)?;
        if kind.identifier() != Some(oid::X509_CERTIFICATE) {
            return Err(Problem::malformed("a certificate that is not X.509"));
        }
        let der = Element::whole(value.content)
            .and_then(|value| value.octets())
            .ok_or_else(damaged)?;
        let usages = self.attribute(oid::TRUSTED_KEY_USAGE).map(|values| {
            let usages = values.iter().filter_map(Element::identifier);
            usages.collect::<Vec<_>>()
        });
        let distrust = match &usages {
            Some(usages) if der::leaves_out_servers(usages) => Some(Distrust::OtherUsesInStore),
            _ => None,
        };
        Ok(DecodedCertificate {
            certificate: der::certificate(der)?,
            distrust,
            trusted_by_java: usages.is_some(),
        })
    }

    /// The values of one attribute: `SET OF SEQUENCE { id, SET OF value }`.
    fn attribute(&self, id: Oid<'_>) -> Option<Vec<Element<'a>>> {
        let attributes = self.attributes?.children()?;
        attributes
            .iter()
            .filter_map(Element::sequence)
            .find_map(|fields| match fields[..] {
                [name, values] if name.identifier() == Some(id) => values.children(),
                _ => None,
            })
    }
}
