//! What extensions say (RFC 5280, section 4.2). An extension that cannot be read counts as absent, except
//! keyUsage: clients that cannot read it allow the key nothing. Whether damage stops a client is decided in
//! [`crate::strictness`].

use super::fields::{self, Extension};
use super::span::Span;
use super::{Certificate, NameHash};
use crate::asn1::oid::{self, Oid};
use crate::asn1::primitive::{is_bit_string, unsigned};
use crate::asn1::{Element, Reader, tag};

/// Whether a certificate is a CA's (4.2.1.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BasicConstraints {
    /// Whether the extension is marked critical.
    pub critical: bool,
    /// The `cA` field.
    pub ca: bool,
    /// How many CAs may follow below it, if that is limited.
    pub path_length: Option<u32>,
}

/// What a key may be used for (4.2.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUsage(pub(super) u16);

impl KeyUsage {
    fn bit(self, number: u32) -> bool {
        self.0 & (0x8000 >> number) != 0
    }

    /// Bit 0, `digitalSignature`: to sign handshakes.
    pub fn digital_signature(self) -> bool {
        self.bit(0)
    }

    /// Bit 2, `keyEncipherment`: to decrypt the secret of a handshake with RSA key exchange.
    pub fn key_encipherment(self) -> bool {
        self.bit(2)
    }

    /// Bit 4, `keyAgreement`: to take part in a handshake with static Diffie-Hellman.
    pub fn key_agreement(self) -> bool {
        self.bit(4)
    }

    /// Bit 5, `keyCertSign`: to sign certificates.
    pub fn cert_sign(self) -> bool {
        self.bit(5)
    }

    /// Whether it allows nothing that a TLS server does: to sign, to decrypt, or to agree on a key.
    pub fn excludes_handshakes(self) -> bool {
        !(self.digital_signature() || self.key_encipherment() || self.key_agreement())
    }

    /// Bit 6, `cRLSign`: to sign revocation lists.
    pub fn crl_sign(self) -> bool {
        self.bit(6)
    }
}

/// The purposes that a certificate is for (4.2.1.12).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtendedKeyUsage<'a> {
    /// Each purpose as it is in DER.
    pub purposes: Vec<Oid<'a>>,
}

impl ExtendedKeyUsage<'_> {
    /// Whether TLS servers are among them by name.
    pub fn server_auth(&self) -> bool {
        self.purposes.contains(&oid::SERVER_AUTH)
    }

    /// Whether TLS servers are among them by one of the two names that browsers once gave to servers
    /// with strong ciphers (Server Gated Cryptography).
    pub fn server_gated(&self) -> bool {
        let ids = [oid::MICROSOFT_SERVER_GATED, oid::NETSCAPE_SERVER_GATED];
        ids.iter().any(|id| self.purposes.contains(id))
    }

    /// Whether any purpose will do.
    pub fn any(&self) -> bool {
        self.purposes.contains(&oid::ANY_EXTENDED_KEY_USAGE)
    }
}

/// Which key a certificate has (4.2.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubjectKeyIdentifier<'a> {
    /// Whether the extension is marked critical.
    pub critical: bool,
    /// The identifier, if it can be read.
    pub key_identifier: Option<&'a [u8]>,
}

/// Which key signed a certificate (4.2.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthorityKeyIdentifier<'a> {
    /// Whether the extension is marked critical.
    pub critical: bool,
    /// The identifier that the issuer's certificate has as its subjectKeyIdentifier.
    pub key_identifier: Option<&'a [u8]>,
    /// `authorityCertIssuer`, the issuer's own issuer: the contents of its `GeneralNames`.
    pub issuer: Option<&'a [u8]>,
    /// `authorityCertSerialNumber`, the serial number of the issuer's certificate.
    pub serial: Option<&'a [u8]>,
}

impl AuthorityKeyIdentifier<'_> {
    /// The first `directoryName` among the names of the issuer's own issuer.
    pub fn issuer_name(&self) -> Option<NameHash> {
        let mut names = Reader(self.issuer?).map(GeneralName::of);
        names.find_map(|name| match name {
            GeneralName::Directory(name) => NameHash::of_der(name),
            _ => None,
        })
    }
}

/// A name in subjectAltName, in nameConstraints, or where something can be fetched (4.2.1.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GeneralName<'a> {
    /// A `dNSName`.
    Dns(&'a str),
    /// An `iPAddress`: 4 or 16 octets; in nameConstraints 8 or 32, the network and its mask.
    Ip(&'a [u8]),
    /// A `uniformResourceIdentifier`.
    Uri(&'a str),
    /// An `rfc822Name`, a mail address.
    Email(&'a str),
    /// A `directoryName`: a distinguished name in DER.
    Directory(&'a [u8]),
    /// Of another kind, or text that is not UTF-8.
    Other {
        /// Its first identifier octet, such as `0x82` for a `dNSName`.
        tag: u8,
        /// Its contents octets.
        content: &'a [u8],
    },
}

/// Names below a CA, of one kind (4.2.1.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subtree<'a> {
    /// The name at their head.
    pub base: GeneralName<'a>,
    /// Whether it says how far below (`minimum` above 0, or `maximum`), which RFC 5280 forbids.
    pub is_bounded: bool,
}

/// The names that the certificates below a CA may be for (4.2.1.10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameConstraints<'a> {
    /// If there are any of a kind, names of that kind must be among them.
    pub permitted: Vec<Subtree<'a>>,
    /// No name may be among these.
    pub excluded: Vec<Subtree<'a>>,
}

/// The extensions that every build asks about, read when the certificate is.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub(super) basic_constraints: Option<BasicConstraints>,
    pub(super) key_usage: Option<KeyUsage>,
    pub(super) subject_key: Option<KeyPlace>,
    pub(super) authority_key: Option<KeyPlace>,
}

/// Whether an extension is critical, and where in the certificate its key identifier is.
type KeyPlace = (bool, Option<Span>);

impl Known {
    pub(super) fn of(der: &[u8], extensions: &[u8]) -> Self {
        let mut known = Known::default();
        let span = |bytes: Option<&[u8]>| bytes.map(|bytes| Span::of(bytes, der));
        for Extension {
            oid,
            critical,
            value,
        } in fields::extensions(extensions)
        {
            match oid {
                oid::BASIC_CONSTRAINTS => {
                    known.basic_constraints = basic_constraints(value, critical);
                }
                oid::KEY_USAGE => known.key_usage = Some(key_usage(value)),
                oid::SUBJECT_KEY_IDENTIFIER => {
                    let octets = Element::whole(value).filter(|e| e.tag == tag::OCTET_STRING);
                    known.subject_key = Some((critical, span(octets.map(|e| e.content))));
                }
                oid::AUTHORITY_KEY_IDENTIFIER => {
                    let fields = authority_key_identifier(value, critical);
                    known.authority_key = Some((critical, span(fields.key_identifier)));
                }
                _ => {}
            }
        }
        known
    }
}

/// What the extensions say, each asked for by its name.
impl Certificate {
    /// Its extensions, in their order.
    pub fn extensions(&self) -> impl Iterator<Item = Extension<'_>> {
        fields::extensions(self.extensions.within(self.definite()))
    }

    /// The extension of one kind, if there is one: the last, if there are several.
    pub fn extension(&self, oid: Oid<'_>) -> Option<Extension<'_>> {
        self.extensions()
            .filter(|extension| extension.oid == oid)
            .last()
    }

    /// Whether it is a CA's, if it says.
    pub fn basic_constraints(&self) -> Option<BasicConstraints> {
        self.known.basic_constraints
    }

    /// What its key may be used for, if that is limited.
    pub fn key_usage(&self) -> Option<KeyUsage> {
        self.known.key_usage
    }

    /// Which key it has.
    pub fn subject_key_identifier(&self) -> Option<SubjectKeyIdentifier<'_>> {
        let (critical, span) = self.known.subject_key?;
        Some(SubjectKeyIdentifier {
            critical,
            key_identifier: span.map(|span| span.within(self.definite())),
        })
    }

    /// Which key signed it.
    pub fn authority_key_identifier(&self) -> Option<AuthorityKeyIdentifier<'_>> {
        let extension = self.extension(oid::AUTHORITY_KEY_IDENTIFIER)?;
        Some(authority_key_identifier(
            extension.value,
            extension.critical,
        ))
    }

    /// The two identifiers by which issuers are looked up, without another look at the extensions.
    pub(crate) fn key_identifiers(&self) -> [Option<&[u8]>; 2] {
        [self.known.subject_key, self.known.authority_key].map(|key| {
            let (_, span) = key?;
            Some(span?.within(self.definite()))
        })
    }

    /// The bits of Netscape's certificate type, the first from the left: an SSL client, an SSL server, mail,
    /// objects, reserved, an SSL CA, a mail CA, an object CA. An extension that cannot be read allows nothing.
    pub fn netscape_cert_type(&self) -> Option<u8> {
        let value = Element::whole(self.extension(oid::NETSCAPE_CERT_TYPE)?.value);
        let bits = value.filter(|e| e.tag == tag::BIT_STRING && is_bit_string(e.content));
        Some(bits.map_or(0, |bits| {
            fields::bits(bits).first().copied().unwrap_or_default()
        }))
    }

    /// The purposes it is for, if they are limited.
    pub fn extended_key_usage(&self) -> Option<ExtendedKeyUsage<'_>> {
        let purposes = self
            .sequence(oid::EXTENDED_KEY_USAGE)?
            .collect_all()?
            .into_iter();
        let purposes =
            purposes.map(|id| (id.tag == tag::OBJECT_IDENTIFIER).then_some(Oid(id.content)));
        Some(ExtendedKeyUsage {
            purposes: purposes.collect::<Option<_>>()?,
        })
    }

    /// The names it is for, besides the subject.
    pub fn subject_alternative_names(&self) -> Option<Vec<GeneralName<'_>>> {
        let names = self
            .sequence(oid::SUBJECT_ALTERNATIVE_NAME)?
            .collect_all()?;
        Some(names.into_iter().map(GeneralName::of).collect())
    }

    /// The names that the certificates below it may be for, if they are limited.
    pub fn name_constraints(&self) -> Option<NameConstraints<'_>> {
        let mut fields = self.sequence(oid::NAME_CONSTRAINTS)?;
        let mut subtrees = |number| match fields.read(tag::explicit(number)) {
            Some(list) => list.children()?.into_iter().map(Subtree::of).collect(),
            None => Some(Vec::new()),
        };
        Some(NameConstraints {
            permitted: subtrees(0)?,
            excluded: subtrees(1)?,
        })
    }

    /// Whether its certificatePolicies is critical and has qualifiers (4.2.1.4).
    pub fn has_critical_policy_qualifiers(&self) -> bool {
        let policies = self.extension(oid::CERTIFICATE_POLICIES);
        let list = self.sequence(oid::CERTIFICATE_POLICIES);
        let has_qualifiers =
            |policy: Element<'_>| policy.sequence().is_some_and(|fields| fields.len() > 1);
        policies.is_some_and(|policies| policies.critical)
            && list.into_iter().flatten().any(has_qualifiers)
    }

    /// The addresses that its authorityInfoAccess has for the issuer's certificate (4.2.2.1).
    pub fn ca_issuers(&self) -> Vec<&str> {
        let descriptions = self.sequence(oid::AUTHORITY_INFORMATION_ACCESS);
        let locations = descriptions
            .into_iter()
            .flatten()
            .filter_map(|description| {
                let mut fields = description.reader(tag::SEQUENCE)?;
                let (method, location) = (fields.next()?, fields.next()?);
                match GeneralName::of(location) {
                    GeneralName::Uri(uri) if Oid(method.content) == oid::CA_ISSUERS => Some(uri),
                    _ => None,
                }
            });
        locations.collect()
    }

    /// The elements of an extension that is a SEQUENCE.
    fn sequence(&self, oid: Oid<'_>) -> Option<Reader<'_>> {
        Element::whole(self.extension(oid)?.value)?.reader(tag::SEQUENCE)
    }
}

impl<'a> GeneralName<'a> {
    fn of(element: Element<'a>) -> Self {
        let content = element.content;
        // Many CAs write UTF-8 where ASCII is asked for.
        let other = GeneralName::Other {
            tag: element.tag,
            content,
        };
        let text = |kind: fn(&'a str) -> Self| str::from_utf8(content).map_or(other, kind);
        match element.tag {
            0x81 => text(GeneralName::Email),
            0x82 => text(GeneralName::Dns),
            0xa4 => GeneralName::Directory(content),
            0x86 => text(GeneralName::Uri),
            0x87 => GeneralName::Ip(content),
            _ => other,
        }
    }
}

impl<'a> Subtree<'a> {
    /// `SEQUENCE { base, minimum [0] INTEGER DEFAULT 0, maximum [1] INTEGER OPTIONAL }`.
    fn of(element: Element<'a>) -> Option<Self> {
        let mut fields = element.reader(tag::SEQUENCE)?;
        let base = GeneralName::of(fields.next()?);
        let minimum = fields.read(tag::context(0));
        let is_zero = minimum.is_none_or(|minimum| minimum.content == [0]);
        Some(Subtree {
            base,
            is_bounded: !is_zero || !fields.is_empty(),
        })
    }
}

/// `SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER (0..MAX) OPTIONAL }`.
fn basic_constraints(value: &[u8], critical: bool) -> Option<BasicConstraints> {
    let mut fields = Element::whole(value)?.reader(tag::SEQUENCE)?;
    let ca = match fields.read(tag::BOOLEAN).map(|ca| ca.content) {
        // Any value but 0 is true, as in BER.
        Some([ca]) => *ca != 0,
        None => false,
        Some(_) => return None,
    };
    let path_length = if fields.is_empty() {
        None
    } else {
        Some(unsigned(fields.read(tag::INTEGER)?.content)?)
    };
    fields.is_empty().then_some(BasicConstraints {
        critical,
        ca,
        path_length,
    })
}

fn key_usage(value: &[u8]) -> KeyUsage {
    let bits =
        Element::whole(value).filter(|e| e.tag == tag::BIT_STRING && is_bit_string(e.content));
    KeyUsage(match bits.map_or(&[][..], fields::bits) {
        [] => 0,
        [first] => u16::from_be_bytes([*first, 0]),
        [first, second, ..] => u16::from_be_bytes([*first, *second]),
    })
}

fn authority_key_identifier(value: &[u8], critical: bool) -> AuthorityKeyIdentifier<'_> {
    let fields = Element::whole(value).and_then(|value| value.reader(tag::SEQUENCE));
    let mut fields = fields.unwrap_or(Reader(&[]));
    let mut field = |tag| fields.read(tag).map(|field| field.content);
    AuthorityKeyIdentifier {
        critical,
        key_identifier: field(tag::context(0)),
        issuer: field(tag::explicit(1)),
        serial: field(tag::context(2)),
    }
}
