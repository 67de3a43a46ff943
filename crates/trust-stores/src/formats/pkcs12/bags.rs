//! What is in a store's safes: certificates with their names and trust, keys, other bags.

use der::asn1::ObjectIdentifier;

use super::decode::Failure;
use super::{CERT_BAG, FRIENDLY_NAME, TRUSTED_KEY_USAGE, X509_CERTIFICATE};
use crate::asn1::{Element, tag};
use crate::formats::der as certificates;
use crate::formats::{
    DecodedCertificate, Distrust, KeyEntries, Position, Problem, Section, children,
    object_identifier, octets,
};

const KEY_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.1");
const SHROUDED_KEY_BAG: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.2");
const CRL_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.4");
const SECRET_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.5");
const SAFE_CONTENTS_BAG: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.6");

/// How deeply safe contents may be nested.
const MAX_NESTING: usize = 4;

/// Gathers what bags hold.
pub(super) struct Bags {
    pub(super) sections: Vec<Section>,
    key_entries: KeyEntries,
    /// How many bags there were, key entries that are skipped included.
    seen: usize,
}

impl Bags {
    pub(super) fn new(key_entries: KeyEntries) -> Self {
        Bags {
            sections: Vec::new(),
            key_entries,
            seen: 0,
        }
    }

    /// Adds the bags of `SafeContents`.
    pub(super) fn add(&mut self, safe_contents: &[u8]) -> Result<(), Failure> {
        self.add_nested(safe_contents, 0)
    }

    fn add_nested(&mut self, safe_contents: &[u8], depth: usize) -> Result<(), Failure> {
        if depth > MAX_NESTING {
            return Err(Failure::TooDeep);
        }
        let bags = Element::whole(safe_contents).and_then(children);
        for bag in bags.ok_or(Failure::Damaged)? {
            let bag = Bag::read(bag).ok_or(Failure::Damaged)?;
            if bag.id == SAFE_CONTENTS_BAG {
                self.add_nested(bag.value, depth + 1)?;
                continue;
            }
            self.seen += 1;
            let position = match bag.alias() {
                Some(alias) => Position::alias(&alias),
                None => Position::Entry(self.seen),
            };
            let content = match bag.id {
                CERT_BAG => bag.certificate(),
                KEY_BAG | SHROUDED_KEY_BAG | SECRET_BAG if self.key_entries == KeyEntries::Skip => {
                    continue;
                }
                KEY_BAG | SHROUDED_KEY_BAG => {
                    Err(Problem::key_entry("a key entry of a PKCS#12 store"))
                }
                SECRET_BAG => Err(Problem::key_entry("a secret key of a PKCS#12 store")),
                CRL_BAG => Err(Problem::revocation_list()),
                other => Err(Problem::malformed(format!("a bag of unknown type {other}"))),
            };
            self.sections.push(Section { position, content });
        }
        Ok(())
    }
}

/// `SafeBag`: `SEQUENCE { id, [0] EXPLICIT value, attributes OPTIONAL }`.
struct Bag<'a> {
    id: ObjectIdentifier,
    value: &'a [u8],
    attributes: Option<Element<'a>>,
}

impl<'a> Bag<'a> {
    fn read(element: Element<'a>) -> Option<Self> {
        let fields = children(element)?;
        let [id, value, attributes @ ..] = &fields[..] else {
            return None;
        };
        Some(Bag {
            id: object_identifier(*id)?,
            value: value.content,
            attributes: attributes.first().copied(),
        })
    }

    /// The name of the entry, if it has one that is not empty.
    fn alias(&self) -> Option<String> {
        let name = *self.attribute(FRIENDLY_NAME)?.first()?;
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
        let fields = Element::whole(self.value).and_then(children);
        let [kind, value] = fields
            .and_then(|fields| fields.try_into().ok())
            .ok_or_else(damaged)?;
        if object_identifier(kind) != Some(X509_CERTIFICATE) {
            return Err(Problem::malformed("a certificate that is not X.509"));
        }
        let der = Element::whole(value.content)
            .and_then(octets)
            .ok_or_else(damaged)?;
        let usages = self.attribute(TRUSTED_KEY_USAGE).map(|values| {
            let usages = values.into_iter().filter_map(object_identifier);
            usages.collect::<Vec<_>>()
        });
        let distrust = match &usages {
            Some(usages) if certificates::leaves_out_servers(usages) => {
                Some(Distrust::OtherUsesInStore)
            }
            _ => None,
        };
        Ok(DecodedCertificate {
            certificate: certificates::certificate(der)?,
            distrust,
            trusted_by_java: usages.is_some(),
        })
    }

    /// The values of one attribute: `SET OF SEQUENCE { id, SET OF value }`.
    fn attribute(&self, id: ObjectIdentifier) -> Option<Vec<Element<'a>>> {
        let attributes = self.attributes?.children()?;
        attributes
            .into_iter()
            .filter_map(children)
            .find_map(|fields| match fields[..] {
                [name, values] if object_identifier(name) == Some(id) => values.children(),
                _ => None,
            })
    }
}
