//! What is in a store's safes: certificates with their names and trust, keys, other bags.

use std::collections::HashMap;

use super::decode::damaged;
use crate::asn1::{BerElement, Fault, tag};
use crate::cert::{Oid, oid};
use crate::formats::stray::{self, Place};
use crate::formats::{
    DecodedCertificate, Distrust, KeyEntries, Position, Problem, Section, Sections, SourceFormat,
    der,
};

/// How deeply safe contents may be nested.
const MAX_NESTING: usize = 4;

/// Gathers what bags hold.
pub(super) struct Bags {
    sections: Sections,
    key_entries: KeyEntries,
    /// How many bags there were, key entries that are skipped included.
    seen: usize,
    /// How many entries had no name.
    unnamed: usize,
    /// The section of the entry that each name has, as a JVM folds names; `None` if that is no certificate.
    by_name: HashMap<String, Option<usize>>,
}

impl Bags {
    pub(super) fn new(key_entries: KeyEntries) -> Self {
        Bags {
            sections: Sections::default(),
            key_entries,
            seen: 0,
            unnamed: 0,
            by_name: HashMap::new(),
        }
    }

    pub(super) fn sections(self) -> Vec<Section> {
        self.sections.into()
    }

    /// Adds the bags of `SafeContents`.
    pub(super) fn add(&mut self, safe_contents: &[u8]) -> Result<(), Problem> {
        self.add_nested(BerElement::whole(safe_contents).map_err(faulty)?, 0)
    }

    /// Adds what was put into fields that no reader of the store needs.
    pub(super) fn search(&mut self, unread: &[BerElement<'_>]) {
        self.search_at(&Position::Whole, unread);
    }

    fn search_at(&mut self, position: &Position, unread: &[BerElement<'_>]) {
        for element in unread {
            let problems = stray::search(*element, Place::Nowhere).into_iter();
            self.sections
                .extend(problems.map(|problem| Section::problem(position.clone(), problem)));
        }
    }

    fn add_nested(&mut self, safe_contents: BerElement<'_>, depth: usize) -> Result<(), Problem> {
        if depth > MAX_NESTING {
            return Err(Problem::container(SourceFormat::Pkcs12, Fault::TooDeep));
        }
        if safe_contents.tag != tag::SEQUENCE {
            return Err(damaged());
        }
        for bag in safe_contents.each() {
            let bag = Bag::read(bag.map_err(faulty)?).ok_or_else(damaged)?;
            if bag.id == oid::SAFE_CONTENTS_BAG {
                self.search(&bag.unread);
                self.add_nested(bag.value.ok_or_else(damaged)?, depth + 1)?;
                continue;
            }
            self.seen += 1;
            self.add_bag(&bag);
        }
        Ok(())
    }

    fn add_bag(&mut self, bag: &Bag<'_>) {
        let name = bag.name();
        let position = match name.as_deref() {
            None | Some("") => Position::Entry(self.seen),
            Some(alias) => Position::alias(alias),
        };
        self.search_at(&position, &bag.unread);
        self.search_name(&position, name.as_deref());
        let content = match bag.id {
            oid::CERT_BAG => self.certificate(&position, bag),
            oid::KEY_BAG | oid::SHROUDED_KEY_BAG | oid::SECRET_BAG => {
                self.names(name.as_deref(), None);
                if self.key_entries == KeyEntries::Skip {
                    return;
                }
                Err(Problem::key_entry(match bag.id {
                    oid::SECRET_BAG => "a secret key of a PKCS#12 store",
                    _ => "a key entry of a PKCS#12 store",
                }))
            }
            oid::CRL_BAG => Err(self.other(&position, bag, "a revocation list (CRL)".to_owned())),
            unknown => Err(self.other(&position, bag, format!("a bag of unknown type {unknown}"))),
        };
        if let Ok(DecodedCertificate {
            trusted_by_java: true,
            ..
        }) = content
        {
            self.names(name.as_deref(), Some(self.sections.next_index()));
        }
        self.sections.push(Section { position, content });
    }

    /// Records which entry a JVM finds under a name: of several, the last (JDK 8 to 25). The others are no
    /// anchors of its; OpenSSL takes all of them.
    fn names(&mut self, name: Option<&str>, section: Option<usize>) {
        // A JVM counts those without a name.
        self.unnamed += usize::from(name.is_none());
        let name = name.map_or_else(|| self.unnamed.to_string(), str::to_lowercase);
        let replaced = self.by_name.insert(name, section).flatten();
        if let Some(Section {
            content: Ok(replaced),
            ..
        }) = replaced.and_then(|section| self.sections.get_mut(section))
        {
            replaced.trusted_by_java = false;
        }
    }

    /// A bag that holds neither a certificate nor a key, unless it does.
    fn other(&mut self, position: &Position, bag: &Bag<'_>, kind: String) -> Problem {
        self.search_at(position, bag.value.as_slice());
        Problem::not_a_certificate(kind)
    }

    /// A name that is a key in text.
    fn search_name(&mut self, position: &Position, name: Option<&str>) {
        let mut found = Vec::new();
        stray::scan(
            name.unwrap_or_default().as_bytes(),
            Place::Nowhere,
            &mut found,
        );
        let found = found.into_iter();
        self.sections
            .extend(found.map(|problem| Section::problem(position.clone(), problem)));
    }

    /// `CertBag`: `SEQUENCE { type, [0] EXPLICIT OCTET STRING }`.
    fn certificate(
        &mut self,
        position: &Position,
        bag: &Bag<'_>,
    ) -> Result<DecodedCertificate, Problem> {
        let damaged = || Problem::malformed("the certificate bag is damaged");
        let fields = bag.value.and_then(|value| value.sequence().ok());
        let [kind, value, unread @ ..] = fields.as_deref().unwrap_or_default() else {
            return Err(damaged());
        };
        let values = value.children().map_err(|_| damaged())?;
        self.search_at(position, unread);
        if kind.identifier() != Some(oid::X509_CERTIFICATE) {
            self.search_at(position, &values);
            return Err(Problem::malformed("a certificate that is not X.509"));
        }
        let (der, unread) = values.split_first().ok_or_else(damaged)?;
        self.search_at(position, unread);
        let der = der.octets().map_err(|_| damaged())?;
        let usages = bag.attribute(oid::TRUSTED_KEY_USAGE);
        let distrust = match &usages {
            Some(usages) => {
                let usages: Vec<_> = usages.iter().filter_map(BerElement::identifier).collect();
                der::leaves_out_servers(&usages).then_some(Distrust::OtherUsesInStore)
            }
            None => None,
        };
        Ok(DecodedCertificate {
            certificate: der::certificate(der)?.into(),
            distrust,
            trusted_by_java: usages.is_some(),
        })
    }
}

fn faulty(fault: Fault) -> Problem {
    Problem::container(SourceFormat::Pkcs12, fault)
}

/// `SafeBag`: `SEQUENCE { id, [0] EXPLICIT value, attributes OPTIONAL }`.
struct Bag<'a> {
    id: Oid<'a>,
    value: Option<BerElement<'a>>,
    attributes: Vec<Attribute<'a>>,
    /// What no reader of the bag needs: fields that it should not have, and its attributes but for its name.
    unread: Vec<BerElement<'a>>,
}

/// `SEQUENCE { id, SET OF value }`.
struct Attribute<'a> {
    id: Oid<'a>,
    values: Vec<BerElement<'a>>,
}

impl<'a> Bag<'a> {
    fn read(element: BerElement<'a>) -> Option<Self> {
        let fields = element.sequence().ok()?;
        let [id, value, more @ ..] = &fields[..] else {
            return None;
        };
        let values = value.children().ok()?;
        let attributes = more
            .first()
            .and_then(|attributes| attributes.children().ok());
        // A set that cannot be read is looked through as it is.
        let attributes = attributes.unwrap_or_else(|| more.iter().take(1).copied().collect());
        let is_name = |attribute: &BerElement<'_>| {
            Attribute::read(*attribute).is_some_and(|attribute| attribute.is_name())
        };
        let unread = values.iter().skip(1).chain(more.iter().skip(1));
        let unread = unread.chain(attributes.iter().filter(|attribute| !is_name(attribute)));
        let unread = unread.copied().collect();
        Some(Bag {
            id: id.identifier()?,
            value: values.first().copied(),
            attributes: attributes.into_iter().filter_map(Attribute::read).collect(),
            unread,
        })
    }

    /// The name of the entry, if it has one.
    fn name(&self) -> Option<String> {
        let name = *self.attribute(oid::FRIENDLY_NAME)?.first()?;
        let content = name.string().ok()?;
        let (units, rest) = content.as_chunks::<2>();
        if name.tag & !tag::CONSTRUCTED != tag::BMP_STRING || !rest.is_empty() {
            return None;
        }
        let units = units.iter().map(|unit| u16::from_be_bytes(*unit));
        char::decode_utf16(units).collect::<Result<_, _>>().ok()
    }

    /// The values of one attribute.
    fn attribute(&self, id: Oid<'_>) -> Option<&[BerElement<'a>]> {
        let found = self.attributes.iter().find(|attribute| attribute.id == id);
        found.map(|attribute| &attribute.values[..])
    }
}

impl<'a> Attribute<'a> {
    /// Whether it is a name and nothing else.
    fn is_name(&self) -> bool {
        let [value] = &self.values[..] else {
            return false;
        };
        self.id == oid::FRIENDLY_NAME && value.tag == tag::BMP_STRING
    }

    fn read(element: BerElement<'a>) -> Option<Self> {
        let fields = element.sequence().ok()?;
        let [id, values] = &fields[..] else {
            return None;
        };
        Some(Attribute {
            id: id.identifier()?,
            values: values.children().ok()?,
        })
    }
}
