//! OpenSSL's TRUSTED CERTIFICATE: a certificate, then what it is trusted for (`X509_AUX`, `crypto/x509/x_x509a.c`).
//! The second part is read and left off.

use super::{certificate, classify, key_in};
use crate::asn1::{self, BerElement, Element, tag};
use crate::cert::{Oid, certificate_length, oid};
use crate::formats::{DecodedCertificate, Distrust, Problem};

/// The certificate, and why OpenSSL would not trust it for a TLS server.
pub(in crate::formats) fn trusted_certificate(der: &[u8]) -> Result<DecodedCertificate, Problem> {
    let Some(length) = certificate_length(der) else {
        return Err(certificate(der).err().unwrap_or_else(|| classify(der)));
    };
    let distrust = match &der[length..] {
        [] => None,
        settings => distrust(settings)?,
    };
    Ok(DecodedCertificate {
        distrust,
        ..certificate(&der[..length])?.into()
    })
}

/// Whether bytes after a certificate are trust settings.
pub(super) fn are_settings(bytes: &[u8]) -> bool {
    let first = BerElement::first(bytes).ok();
    let definite = first.and_then(|(first, _)| asn1::to_definite(first));
    definite.is_some_and(|definite| TrustSettings::read(&definite).is_some())
}

/// Why OpenSSL would not trust a certificate with these settings for a TLS server, as its `obj_trust`
/// decides: rejected by name, or trusted only for other uses. A list of no uses trusts it for none.
fn distrust(bytes: &[u8]) -> Result<Option<Distrust>, Problem> {
    // In the alias, or anywhere else.
    if let Some(key) = key_in(bytes) {
        return Err(key);
    }
    let (first, rest) = BerElement::first(bytes).ok().unzip();
    let definite = first.and_then(asn1::to_definite);
    let settings = definite.as_deref().and_then(TrustSettings::read);
    let settings = settings.ok_or_else(|| {
        Problem::hinted(
            "the trust settings after the certificate cannot be read, so that OpenSSL refuses the whole file",
            "export the certificate again, without trust settings",
        )
    })?;
    if rest.is_some_and(|rest| !rest.is_empty()) {
        return Err(Problem::hinted(
            "something follows the trust settings",
            "remove it: openssl x509 -in FILE -trustout writes the certificate and its settings alone",
        ));
    }
    Ok(if settings.rejected.iter().any(is_for_servers) {
        Some(Distrust::RejectsServers)
    } else if settings
        .trusted
        .is_some_and(|uses| !uses.iter().any(is_for_servers))
    {
        Some(Distrust::OtherUses)
    } else {
        None
    })
}

/// The uses that `X509_AUX` names.
struct TrustSettings<'a> {
    /// `None` if there is no list, which trusts it for every use.
    trusted: Option<Vec<Oid<'a>>>,
    rejected: Vec<Oid<'a>>,
}

impl<'a> TrustSettings<'a> {
    /// `SEQUENCE { trust SEQUENCE OF OID, reject [0] SEQUENCE OF OID, alias UTF8String, keyid OCTET STRING, other [1]
    /// SEQUENCE OF AlgorithmIdentifier }`, each optional, in this order. OpenSSL reads nothing else.
    fn read(definite: &'a [u8]) -> Option<Self> {
        const REJECTED: u8 = tag::context(0);
        const OTHER: u8 = tag::context(1);
        let mut fields = Element::first(definite)?.0.reader(tag::SEQUENCE)?;
        let mut tagged =
            |tag| fields.next_if(|field| field.tag & !tag::CONSTRUCTED == tag & !tag::CONSTRUCTED);
        let trusted = match tagged(tag::SEQUENCE) {
            Some(list) => Some(identifiers(list)?),
            None => None,
        };
        let rejected = match tagged(REJECTED) {
            Some(list) => identifiers(list)?,
            None => Vec::new(),
        };
        tagged(tag::UTF8_STRING);
        tagged(tag::OCTET_STRING);
        let other = tagged(OTHER);
        let are_algorithms = other.is_none_or(|other| other.all(is_algorithm));
        (fields.is_empty() && are_algorithms).then_some(TrustSettings { trusted, rejected })
    }
}

fn identifiers(list: Element<'_>) -> Option<Vec<Oid<'_>>> {
    list.children()?.iter().map(Element::identifier).collect()
}

fn is_algorithm(element: Element<'_>) -> bool {
    let mut fields = element.reader(tag::SEQUENCE);
    let id = fields.as_mut().and_then(Iterator::next);
    id.is_some_and(|id| id.identifier().is_some())
}

fn is_for_servers(usage: &Oid<'_>) -> bool {
    matches!(*usage, oid::SERVER_AUTH | oid::ANY_EXTENDED_KEY_USAGE)
}

/// Whether trust for only these `usages` of an entry of a PKCS#12 store excludes TLS servers. An empty list
/// excludes nothing there.
pub(in crate::formats) fn leaves_out_servers(usages: &[Oid<'_>]) -> bool {
    !usages.is_empty() && !usages.iter().any(is_for_servers)
}
