//! Which certificates a client's parser refuses, decided before any store is written: with one such
//! certificate in it, the JVM refuses a whole truststore and OpenSSL a whole bundle.
//!
//! Where a client's answer is not certain, the certificate counts as refused. Left out of one store, it is
//! missing for those who need it; left in, it could take all the others with it. Tests compare each of these
//! functions with the real JVM and OpenSSL over thousands of damaged certificates.

mod elliptic_curve;
mod extension;
mod general_name;
mod gnutls;
mod java;
mod openssl;
mod openssl_verify;
mod uri;
mod x509_strict;

pub use gnutls::gnutls_refusal;
pub use java::{java_reads, java_refusal};
pub use openssl::openssl_refusal;
pub use openssl_verify::openssl_verify_refusal;
pub use x509_strict::x509_strict_refusal;

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::asn1::{Element, Reader, tag};
use crate::cert::Certificate;
use crate::cert::fields::Fields;

/// What is wrong with a certificate, as a clause about it: "its serial number is empty".
pub type Reason = Cow<'static, str>;

/// Why a store with the certificate is refused, by those that load it as a whole.
pub(crate) struct StoreRefusals {
    /// See [`java_refusal`].
    pub(crate) java: Option<Reason>,
    /// See [`openssl_refusal`].
    pub(crate) openssl: Option<Reason>,
}

impl StoreRefusals {
    /// Both answers.
    pub(crate) fn of(certificate: &Certificate) -> Self {
        if certificate.is_known_root() {
            return StoreRefusals {
                java: None,
                openssl: None,
            };
        }
        StoreRefusals::found_in(certificate)
    }

    /// Both, with one look at the fields.
    fn found_in(certificate: &Certificate) -> Self {
        let Some(fields) = certificate.fields() else {
            let damaged = Some(Reason::from(DAMAGED));
            return StoreRefusals {
                java: damaged.clone(),
                openssl: damaged,
            };
        };
        let structure = structure(&fields);
        let refusal = |read: fn(&Certificate, &Fields<'_>) -> Result<(), Reason>| {
            let structure = structure.clone();
            structure.and_then(|()| read(certificate, &fields)).err()
        };
        StoreRefusals {
            java: refusal(java::read),
            openssl: refusal(openssl::read),
        }
    }
}

const DAMAGED: &str = "it is damaged";

/// Whether each field has the tag that it must have, and nothing is between or after them. No client reads
/// a certificate otherwise.
fn structure(fields: &Fields<'_>) -> Result<(), Reason> {
    let version = fields.explicit_version.zip(fields.version);
    let has_odd_version = version.is_some_and(|(explicit, version)| {
        explicit.tag != tag::explicit(0) || explicit.content.len() != version.encoded.len()
    });
    let has_odd_validity = fields.validity.fields::<2>().is_none_or(|times| {
        times
            .iter()
            .any(|time| !matches!(time.tag, tag::UTC_TIME | tag::GENERALIZED_TIME))
    });
    let has_odd_key = fields.public_key.whole.fields::<2>().is_none();
    match wrong_type(fields) {
        Some(field) => Err(format!("its {field} has the wrong type").into()),
        None if has_odd_version => Err("its version has the wrong type".into()),
        None if has_odd_validity => Err("its validity is not two times".into()),
        None if has_odd_key => Err("its public key has extra fields".into()),
        None if fields.has_more => Err("it has extra fields".into()),
        None if !Reader(fields.extension_bytes()).all(is_extension) => {
            Err("it has an extension with fields of the wrong type".into())
        }
        None => Ok(()),
    }
}

/// The first field whose tag is not the one that it must have.
fn wrong_type(fields: &Fields<'_>) -> Option<&'static str> {
    let key = &fields.public_key;
    let tags = [
        (Some(&fields.whole), tag::SEQUENCE, "encoding"),
        (Some(&fields.tbs), tag::SEQUENCE, "signed part"),
        (fields.version.as_ref(), tag::INTEGER, "version"),
        (Some(&fields.serial), tag::INTEGER, "serial number"),
        (
            Some(&fields.inner_algorithm),
            tag::SEQUENCE,
            "inner signature algorithm",
        ),
        (Some(&fields.issuer), tag::SEQUENCE, "issuer"),
        (Some(&fields.validity), tag::SEQUENCE, "validity"),
        (Some(&fields.subject), tag::SEQUENCE, "subject"),
        (Some(&key.whole), tag::SEQUENCE, "public key"),
        (Some(&key.algorithm), tag::SEQUENCE, "key algorithm"),
        (Some(&key.key), tag::BIT_STRING, "public key"),
        (
            fields.issuer_unique_id.as_ref(),
            tag::context(1),
            "issuer's unique identifier",
        ),
        (
            fields.subject_unique_id.as_ref(),
            tag::context(2),
            "subject's unique identifier",
        ),
        (
            fields.explicit_extensions.as_ref(),
            tag::explicit(3),
            "list of extensions",
        ),
        (
            fields.extension_list.as_ref(),
            tag::SEQUENCE,
            "list of extensions",
        ),
        (
            Some(&fields.outer_algorithm),
            tag::SEQUENCE,
            "signature algorithm",
        ),
        (Some(&fields.signature), tag::BIT_STRING, "signature"),
    ];
    let is_odd = |field: Option<&Element<'_>>, tag| field.is_some_and(|field| field.tag != tag);
    let mut odd = tags
        .into_iter()
        .filter(|(field, tag, _)| is_odd(*field, *tag));
    odd.next().map(|(_, _, name)| name)
}

fn is_extension(element: Element<'_>) -> bool {
    element.reader(tag::SEQUENCE).is_some_and(|mut fields| {
        let has_id = fields.read(tag::OBJECT_IDENTIFIER).is_some();
        fields.read(tag::BOOLEAN);
        has_id && fields.read(tag::OCTET_STRING).is_some() && fields.is_empty()
    })
}

/// Whether the content of a SET is attributes of a name, each a type and a value.
fn is_relative_name(content: &[u8]) -> bool {
    Reader(content).collect_all().is_some_and(|attributes| {
        attributes.iter().all(|attribute| {
            let fields = attribute.fields::<2>();
            attribute.tag == tag::SEQUENCE
                && fields.is_some_and(|[kind, _]| kind.identifier().is_some())
        })
    })
}

/// The identifiers of the extensions that were looked at so far.
#[derive(Default)]
struct Seen<'a> {
    /// The first of them. Nearly all certificates have fewer extensions, and take no memory for a set.
    few: [Option<&'a [u8]>; 16],
    others: BTreeSet<&'a [u8]>,
}

impl<'a> Seen<'a> {
    /// Adds the `identifier`, and tells whether it was not there.
    fn insert(&mut self, identifier: &'a [u8]) -> bool {
        for place in &mut self.few {
            match place {
                None => {
                    *place = Some(identifier);
                    return true;
                }
                Some(other) if *other == identifier => return false,
                Some(_) => {}
            }
        }
        self.others.insert(identifier)
    }
}

/// Each attribute of a name: its type and value. `None` if the name is not a list of sets of them.
fn attributes<'a>(name: Element<'a>) -> Option<impl Iterator<Item = [Element<'a>; 2]> + Clone> {
    let fields = |attribute: Element<'a>| {
        let is_sequence = attribute.tag == tag::SEQUENCE;
        attribute.fields().filter(|_| is_sequence)
    };
    // They are looked at twice, which takes less time than a list of them.
    let are_all =
        name.all(|set| set.tag == tag::SET && set.all(|attribute| fields(attribute).is_some()));
    let sets = Reader(name.content).flat_map(|set| Reader(set.content));
    are_all.then(|| sets.filter_map(fields))
}

#[cfg(all(test, feature = "mozilla"))]
mod tests {
    use super::StoreRefusals;
    use crate::cert::roots;

    #[test]
    fn no_root_is_refused() {
        for root in roots::all() {
            let found = StoreRefusals::found_in(&root);
            assert_eq!(
                (found.java, found.openssl),
                (None, None),
                "{}",
                root.subject()
            );
        }
    }
}
