//! The fields of a certificate as they are in its DER (RFC 5280, section 4.1).
//!
//! Accepts whatever can be told apart: of a tag only the number counts, and extra elements of a SEQUENCE
//! are skipped. So messages can name a damaged certificate by its subject; whether a client reads it is
//! decided in [`crate::strictness`]. Refuses what does not have these fields.

use super::validity::timestamp;
use crate::asn1::oid::Oid;
use crate::asn1::primitive::unsigned;
use crate::asn1::{Element, Reader, tag};
use crate::time::Timestamp;

/// The fields of one certificate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a> {
    /// All of them.
    pub(crate) whole: Element<'a>,
    /// What is signed.
    pub(crate) tbs: Element<'a>,
    /// `[0]` around the version.
    pub(crate) explicit_version: Option<Element<'a>>,
    pub(crate) version: Option<Element<'a>>,
    /// The version as people count it; it may be one that does not exist.
    pub(crate) version_number: u32,
    pub(crate) serial: Element<'a>,
    /// The signature algorithm within what is signed.
    pub(crate) inner_algorithm: Element<'a>,
    pub(crate) issuer: Element<'a>,
    pub(crate) validity: Element<'a>,
    pub(crate) not_before: Timestamp,
    pub(crate) not_after: Timestamp,
    pub(crate) subject: Element<'a>,
    pub(crate) public_key: PublicKey<'a>,
    pub(crate) issuer_unique_id: Option<Element<'a>>,
    pub(crate) subject_unique_id: Option<Element<'a>>,
    /// `[3]` around the extensions.
    pub(crate) explicit_extensions: Option<Element<'a>>,
    /// The SEQUENCE of extensions.
    pub(crate) extension_list: Option<Element<'a>>,
    /// The signature algorithm next to the signature.
    pub(crate) outer_algorithm: Element<'a>,
    pub(crate) signature: Element<'a>,
    /// Whether anything follows the signature in the outermost SEQUENCE.
    pub(crate) has_more: bool,
}

/// A `SubjectPublicKeyInfo`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PublicKey<'a> {
    pub(crate) whole: Element<'a>,
    pub(crate) algorithm: Element<'a>,
    /// The BIT STRING.
    pub(crate) key: Element<'a>,
}

/// An extension (RFC 5280, section 4.2): its type, whether it is critical, and its value in DER.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension<'a> {
    /// What kind of extension it is; [`oid`](crate::cert::oid) has the usual ones.
    pub oid: Oid<'a>,
    /// Whether clients must refuse the certificate if they do not know the extension.
    pub critical: bool,
    /// The contents of `extnValue`.
    pub value: &'a [u8],
}

impl<'a> Fields<'a> {
    /// The fields of the certificate that `der` starts with.
    pub(crate) fn first(der: &'a [u8]) -> Option<Self> {
        let (whole, _) = Element::first(der)?;
        let mut outer = reader(whole)?;
        let tbs = take(&mut outer, tag::SEQUENCE)?;
        let outer_algorithm = take_algorithm(&mut outer)?;
        let signature = take_bits(&mut outer)?;

        let mut inner = reader(tbs)?;
        let explicit_version = take_tagged(&mut inner, 0)?;
        let version = match explicit_version {
            Some(explicit) => Some(take_simple(&mut Reader(explicit.content), tag::INTEGER)?),
            None => None,
        };
        let version_number = match version {
            Some(version) => unsigned(version.content)?.saturating_add(1),
            None => 1,
        };
        let serial = take(&mut inner, tag::INTEGER)?;
        let inner_algorithm = take_algorithm(&mut inner)?;
        let issuer = take(&mut inner, tag::SEQUENCE)?;
        let validity = take(&mut inner, tag::SEQUENCE)?;
        let mut times = reader(validity)?;
        let not_before = timestamp(times.next()?)?;
        let not_after = timestamp(times.next()?)?;
        let subject = take(&mut inner, tag::SEQUENCE)?;
        let public_key = PublicKey::of(take(&mut inner, tag::SEQUENCE)?)?;
        let issuer_unique_id = take_unique_id(&mut inner, 1)?;
        let subject_unique_id = take_unique_id(&mut inner, 2)?;
        let (explicit_extensions, extension_list) = if inner.is_empty() {
            (None, None)
        } else {
            let (explicit, list) = take_extensions(inner)?;
            (Some(explicit), Some(list))
        };
        Some(Fields {
            whole,
            tbs,
            explicit_version,
            version,
            version_number,
            serial,
            inner_algorithm,
            issuer,
            validity,
            not_before,
            not_after,
            subject,
            public_key,
            issuer_unique_id,
            subject_unique_id,
            explicit_extensions,
            extension_list,
            outer_algorithm,
            signature,
            has_more: !outer.is_empty(),
        })
    }

    /// The contents of the SEQUENCE of extensions, for [`extensions`]; empty without one.
    pub(crate) fn extension_bytes(&self) -> &'a [u8] {
        self.extension_list.map_or(&[], |list| list.content)
    }

    /// The extensions, in their order.
    pub(crate) fn extensions(&self) -> impl Iterator<Item = Extension<'a>> + use<'a> {
        extensions(self.extension_bytes())
    }
}

impl<'a> PublicKey<'a> {
    /// From a `SubjectPublicKeyInfo`.
    pub(crate) fn of(whole: Element<'a>) -> Option<Self> {
        let mut fields = reader(whole)?;
        Some(PublicKey {
            whole,
            algorithm: take_algorithm(&mut fields)?,
            key: take_bits(&mut fields)?,
        })
    }
}

impl<'a> Extension<'a> {
    /// `SEQUENCE { extnID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }`.
    pub(crate) fn of(element: Element<'a>) -> Option<Self> {
        let mut fields = reader(element)?;
        let oid = fields.next_if(is_simple)?;
        let critical = match take(&mut fields, tag::BOOLEAN) {
            // Any value but 0 is true, as in BER: some CAs write 1.
            Some(critical) => {
                *critical
                    .content
                    .first()
                    .filter(|_| critical.content.len() == 1)?
                    != 0
            }
            None => false,
        };
        let value = take_simple(&mut fields, tag::OCTET_STRING)?;
        Some(Extension {
            oid: Oid(oid.content),
            critical,
            value: value.content,
        })
    }
}

/// The algorithm and the issuer in what is `signed`, without a look at what follows.
pub(super) fn algorithm_and_issuer(signed: Element<'_>) -> Option<[Element<'_>; 2]> {
    let mut fields = reader(signed)?;
    take_tagged(&mut fields, 0)?;
    let _serial = take(&mut fields, tag::INTEGER)?;
    Some([
        take(&mut fields, tag::SEQUENCE)?,
        take(&mut fields, tag::SEQUENCE)?,
    ])
}

/// The extensions in the content of a SEQUENCE of them.
pub(crate) fn extensions(content: &[u8]) -> impl Iterator<Item = Extension<'_>> {
    Reader(content).map_while(Extension::of)
}

/// An `AlgorithmIdentifier`: its identifier, and its parameters if it has any.
pub(crate) fn algorithm(element: Element<'_>) -> Option<(Oid<'_>, Option<Element<'_>>)> {
    let mut fields = reader(element)?;
    let oid = fields.next_if(is_simple)?;
    let has_parameters = !fields.is_empty();
    let parameters = fields.next();
    (parameters.is_some() == has_parameters).then_some((Oid(oid.content), parameters))
}

/// The bits of a BIT STRING, without the octet that counts the unused ones.
pub(crate) fn bits(bit_string: Element<'_>) -> &[u8] {
    bit_string.content.get(1..).unwrap_or_default()
}

fn is_numbered(tag: u8) -> impl Fn(&Element<'_>) -> bool {
    move |element| element.tag & tag::NUMBER == tag & tag::NUMBER
}

fn reader(sequence: Element<'_>) -> Option<Reader<'_>> {
    is_numbered(tag::SEQUENCE)(&sequence).then_some(Reader(sequence.content))
}

fn take<'a>(reader: &mut Reader<'a>, tag: u8) -> Option<Element<'a>> {
    reader.next_if(is_numbered(tag))
}

/// Whether it is of a simple type, not made of others. An identifier of another tag is still one.
pub(super) fn is_simple(element: &Element<'_>) -> bool {
    element.tag & tag::CONSTRUCTED == 0
}

fn take_simple<'a>(reader: &mut Reader<'a>, tag: u8) -> Option<Element<'a>> {
    take(reader, tag).filter(is_simple)
}

/// A field that may be missing. `None` if the number is another class's.
#[expect(clippy::option_option, reason = "refused, or absent, or there")]
fn take_tagged<'a>(reader: &mut Reader<'a>, number: u8) -> Option<Option<Element<'a>>> {
    const CLASS: u8 = 0xc0;
    let field = take(reader, tag::context(number));
    field
        .is_none_or(|field| field.tag & CLASS == tag::context(0))
        .then_some(field)
}

#[expect(clippy::option_option, reason = "refused, or absent, or there")]
fn take_unique_id<'a>(reader: &mut Reader<'a>, number: u8) -> Option<Option<Element<'a>>> {
    let id = take_tagged(reader, number)?;
    id.is_none_or(|id| !id.content.is_empty()).then_some(id)
}

/// The last field of what is signed: `[3]`, and the SEQUENCE of extensions in it.
fn take_extensions(mut reader: Reader<'_>) -> Option<(Element<'_>, Element<'_>)> {
    let explicit = take(&mut reader, tag::explicit(3)).filter(|_| reader.is_empty())?;
    let list = Element::whole(explicit.content).filter(is_numbered(tag::SEQUENCE))?;
    let are_extensions = list.all(|extension| Extension::of(extension).is_some());
    are_extensions.then_some((explicit, list))
}

fn take_algorithm<'a>(reader: &mut Reader<'a>) -> Option<Element<'a>> {
    take(reader, tag::SEQUENCE).filter(|element| algorithm(*element).is_some())
}

/// A BIT STRING whose unused bits are 0 (X.690, 11.2).
fn take_bits<'a>(reader: &mut Reader<'a>) -> Option<Element<'a>> {
    take_simple(reader, tag::BIT_STRING).filter(|bits| match bits.content {
        [unused] => *unused == 0,
        [unused, .., last] => last.trailing_zeros() >= u32::from(*unused),
        [] => false,
    })
}
