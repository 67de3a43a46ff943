//! The encoding that a certificate came in. Nearly all are DER. OpenSSL and the JVM also read BER, in which
//! lengths may be indefinite and strings in pieces: such a certificate keeps its bytes, and is read in a form
//! with definite lengths that is made once.

use std::borrow::Cow;

use super::fields::{Extension, Fields};
use super::span::Span;
use crate::asn1::write::push;
use crate::asn1::{self, BerElement, Header, Reader, tag};

/// The bytes of a certificate.
#[derive(Clone, Debug)]
pub(super) enum Encoding {
    /// With definite lengths, though perhaps not the shortest, which DER requires.
    Der(Cow<'static, [u8]>),
    /// With what only BER allows.
    Ber(Box<Ber>),
}

/// A certificate in BER: as it was issued, and undone.
#[derive(Clone, Debug)]
pub(super) struct Ber {
    issued: Cow<'static, [u8]>,
    undone: Undone,
}

impl Ber {
    /// The signed part as it was issued.
    pub(super) fn tbs(&self) -> &[u8] {
        self.undone.tbs.within(&self.issued)
    }
}

/// A certificate in BER with its indefinite lengths made definite and its octet strings joined, within
/// extensions too.
#[derive(Clone, Debug)]
pub(super) struct Undone {
    definite: Vec<u8>,
    /// How many bytes it took in BER.
    pub(super) length: usize,
    /// Where in BER the signed part is.
    tbs: Span,
    /// See [`is_undone_by_java`].
    is_undone_by_java: bool,
}

impl Encoding {
    /// No bytes yet.
    pub(super) const NONE: Self = Encoding::Der(Cow::Borrowed(&[]));

    /// Without the bytes as they were issued.
    pub(super) fn ber(undone: Undone) -> Self {
        let issued = Cow::Borrowed(&[][..]);
        Encoding::Ber(Box::new(Ber { issued, undone }))
    }

    /// Puts the bytes in, as they were issued.
    pub(super) fn fill(&mut self, bytes: Cow<'static, [u8]>) {
        match self {
            Encoding::Der(issued) => *issued = bytes,
            Encoding::Ber(ber) => ber.issued = bytes,
        }
    }

    pub(super) fn issued(&self) -> &[u8] {
        match self {
            Encoding::Der(issued) => issued,
            Encoding::Ber(ber) => &ber.issued,
        }
    }

    /// With definite lengths.
    pub(super) fn definite(&self) -> &[u8] {
        match self {
            Encoding::Der(issued) => issued,
            Encoding::Ber(ber) => &ber.undone.definite,
        }
    }

    pub(super) fn is_undone_by_java(&self) -> bool {
        match self {
            Encoding::Der(_) => true,
            Encoding::Ber(ber) => ber.undone.is_undone_by_java,
        }
    }
}

/// Whether an element with an indefinite length may be somewhere in these fields: its end is two zeros.
pub(super) fn may_be_indefinite(fields: &Fields<'_>) -> bool {
    let signed = fields.tbs.encoded;
    memchr::memchr_iter(0, signed).any(|at| signed.get(at + 1) == Some(&0))
}

impl Undone {
    pub(super) fn definite(&self) -> &[u8] {
        &self.definite
    }

    /// The certificate that `bytes` start with; `None` unless it is one in BER.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let (whole, _) = BerElement::first(bytes).ok()?;
        let outer = asn1::to_definite(whole)?;
        let fields = Fields::first(&outer)?;
        let with_values = with_definite_values(&fields);
        let has_plain_values = with_values.is_none();
        let definite = match (with_values, &outer) {
            (Some(definite), _) => definite,
            (None, Cow::Owned(definite)) => definite.clone(),
            (None, Cow::Borrowed(_)) => return None,
        };
        let tbs = whole.children().ok()?.first()?.encoded;
        Some(Undone {
            definite,
            length: whole.encoded.len(),
            tbs: Span::of(tbs, bytes),
            is_undone_by_java: has_plain_values && is_undone_by_java(whole, Place::Whole),
        })
    }
}

/// The certificate with definite lengths in the values of its extensions; `None` if they had no others.
fn with_definite_values(fields: &Fields<'_>) -> Option<Vec<u8>> {
    let wrapped = |identifier: u8, content: &[u8]| {
        let mut out = Vec::with_capacity(content.len() + 8);
        push(&mut out, &[identifier], content).ok()?;
        Some(out)
    };
    let mut is_changed = false;
    let mut list = Vec::new();
    for element in Reader(fields.extension_bytes()) {
        let extension = Extension::of(element);
        let Some(definite) = extension.and_then(|extension| definite_value(&extension)) else {
            list.extend(element.encoded);
            continue;
        };
        is_changed = true;
        let octets = Reader(element.content).last()?.encoded;
        let kind = element.content.strip_suffix(octets)?;
        let value = wrapped(tag::OCTET_STRING, &definite)?;
        list.extend(wrapped(element.tag, &[kind, &value].concat())?);
    }
    if !is_changed {
        return None;
    }
    let (explicit, inner) = fields.explicit_extensions.zip(fields.extension_list)?;
    let explicit_bytes = wrapped(explicit.tag, &wrapped(inner.tag, &list)?)?;
    let before = fields.tbs.content.strip_suffix(explicit.encoded)?;
    let tbs = wrapped(fields.tbs.tag, &[before, &explicit_bytes].concat())?;
    let after = fields.whole.content.get(fields.tbs.encoded.len()..)?;
    wrapped(fields.whole.tag, &[&tbs, after].concat())
}

/// The value of an extension with definite lengths, if it is in BER. Only the values that clients look into are
/// ASN.1 for sure: those of X.509 and PKIX.
fn definite_value(extension: &Extension<'_>) -> Option<Vec<u8>> {
    const X_509: &[u8] = &[0x55, 0x1d];
    const PKIX: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1];
    let is_known = [X_509, PKIX]
        .iter()
        .any(|arc| extension.oid.0.starts_with(arc));
    let value = BerElement::whole(extension.value)
        .ok()
        .filter(|_| is_known)?;
    match asn1::to_definite(value)? {
        Cow::Owned(definite) => Some(definite),
        Cow::Borrowed(_) => None,
    }
}

/// Where in a certificate an element is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Whole,
    SignedPart,
    /// In one of them that has an indefinite length.
    Undone,
    Elsewhere,
}

/// Whether every JVM makes DER of a certificate: `sun.security.util.DerIndefLenConverter` is applied to the
/// whole, or to the signed part, and then to all within. Of other elements with an indefinite length some
/// versions read past the end; strings in pieces they do not join.
fn is_undone_by_java(element: BerElement<'_>, place: Place) -> bool {
    let is_definite = Header::of(element.encoded).is_some_and(|header| header.content.is_some());
    if element.tag == tag::OCTET_STRING_IN_PIECES || !is_definite && place == Place::Elsewhere {
        return false;
    }
    if element.tag & tag::CONSTRUCTED == 0 {
        return true;
    }
    let within = |index: usize| match place {
        Place::Undone => Place::Undone,
        _ if !is_definite => Place::Undone,
        Place::Whole if index == 0 => Place::SignedPart,
        _ => Place::Elsewhere,
    };
    let children = element.children().unwrap_or_default().into_iter();
    children
        .enumerate()
        .all(|(index, child)| is_undone_by_java(child, within(index)))
}

/// How many bytes the certificate takes that `bytes` start with, in DER or BER.
pub(crate) fn certificate_length(bytes: &[u8]) -> Option<usize> {
    match Fields::first(bytes) {
        Some(fields) => Some(fields.whole.encoded.len()),
        None => Some(Undone::of(bytes)?.length),
    }
}

#[cfg(test)]
mod tests {
    use crate::asn1::Element;
    use crate::cert::{Certificate, Fingerprint, NotACertificate, oid};
    use crate::testing::{root, root_der};

    /// An element with an indefinite length.
    fn indefinite(element: &[u8]) -> Vec<u8> {
        let element = Element::whole(element).unwrap();
        [&[element.tag, 0x80], element.content, &[0, 0]].concat()
    }

    #[test]
    fn a_certificate_in_ber_keeps_its_bytes_and_says_what_it_says_in_der() {
        let der = root(0);
        let issued = indefinite(der.der());
        let ber = Certificate::from_der(issued.clone()).unwrap();
        assert!(ber.is_ber() && !der.is_ber());
        assert_eq!(ber.der(), issued);
        assert_eq!(ber.fingerprint(), Fingerprint::of(&issued));
        assert_eq!(ber.tbs(), der.tbs());
        assert_eq!(ber.subject_der(), der.subject_der());
        assert_eq!(ber.public_key_info(), der.public_key_info());
        assert_eq!(ber.signature(), der.signature());
        assert_eq!(ber.basic_constraints(), der.basic_constraints());
        assert!(ber.is_undone_by_java());
    }

    #[test]
    fn what_is_signed_is_as_it_was_issued() {
        let der = root(0);
        let [tbs, algorithm, signature] = Element::whole(der.der()).unwrap().fields().unwrap();
        let tbs = indefinite(tbs.encoded);
        let content = [&tbs, algorithm.encoded, signature.encoded].concat();
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        let issued = [&[0x30, 0x82], &length[..], &content].concat();
        let ber = Certificate::from_der(issued).unwrap();
        assert_eq!(ber.tbs(), tbs);
        assert_eq!(ber.subject_der(), der.subject_der());
        assert!(ber.is_undone_by_java());
    }

    #[test]
    fn the_value_of_an_extension_is_read_in_ber_too() {
        let vector =
            include_bytes!("../../../../tests/vectors/certificates/ber-extension-value.der");
        let ber = Certificate::from_der(&vector[..]).unwrap();
        assert!(ber.is_ber() && !ber.is_undone_by_java());
        assert_eq!(ber.der(), vector);
        assert!(ber.is_ca());
        let value = ber.extension(oid::BASIC_CONSTRAINTS).unwrap().value;
        assert_eq!(value, [0x30, 3, 1, 1, 0xff]);
    }

    #[test]
    fn zeros_in_der_are_no_ber() {
        for index in 0..webpki_root_certs::TLS_SERVER_ROOT_CERTS.len() {
            assert!(!root(index).is_ber(), "{index}");
        }
    }

    #[test]
    fn bytes_after_the_end_are_counted() {
        let mut issued = indefinite(&root_der(0));
        issued.extend([0, 0]);
        let refused = Certificate::from_der(issued).unwrap_err();
        assert_eq!(refused, NotACertificate::TrailingBytes(2));
    }

    #[test]
    fn a_certificate_in_der_takes_no_more_memory_for_it() {
        assert_eq!(size_of::<super::Encoding>(), size_of::<Vec<u8>>());
    }
}
