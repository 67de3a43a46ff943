//! Our reading of certificates beside that of `x509-parser`: over the public roots, the test vectors, and
//! thousands of damaged certificates, both accept the same and find the same in every field.
//!
//! [`is_explained`] is the ledger of what we read differently, and why.

#![allow(clippy::unwrap_used)]

mod damage;

use std::fs;
use std::path::Path;

use damage::Node;
use trust_stores::cert::{GeneralName, Key, Subtree, oid};
use trust_stores::{Certificate, DecodeOptions};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{
    AuthorityInfoAccess, BasicConstraints, GeneralName as TheirName, GeneralSubtree, KeyUsage,
    ParsedExtension, X509Extension,
};
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey;

/// `TRUST_STORES_DAMAGED` asks for more. A run of 400,000 found no other difference.
const DAMAGED: usize = 10_000;
const SEED: u64 = 20_261_127;

/// What the two make of a certificate differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Difference<'a> {
    OnlyWeAccept,
    OnlyTheyAccept,
    /// In a field, by its name.
    In(&'static str),
    /// In what an extension says, by its kind and value.
    InExtension(&'static str, &'a [u8]),
}

#[test]
fn both_read_the_same() {
    let certificates = certificates();
    assert!(certificates.len() > 250, "{}", certificates.len());
    let count = std::env::var("TRUST_STORES_DAMAGED").map(|count| count.parse().unwrap());
    let damaged = damage::damaged(SEED, &certificates, count.unwrap_or(DAMAGED));
    for der in certificates.iter().cloned().chain(damaged) {
        for difference in differences(&der) {
            let hex = trust_stores::hex::encode(&der);
            assert!(is_explained(difference, &der), "{difference:?} of {hex}");
        }
    }
}

/// The ledger.
fn is_explained(difference: Difference<'_>, der: &[u8]) -> bool {
    match difference {
        // They ignore the length of the [3] around the extensions, and whether a tag number below 31 is in
        // the form of the larger ones. No client does.
        Difference::OnlyTheyAccept => {
            let certificate = Node::whole(der).unwrap();
            let tbs = certificate.children.first();
            let last = tbs.and_then(|tbs| tbs.children.last());
            let has_extensions =
                last.is_some_and(|last| last.tag == 0xa3 && last.children.len() == 1);
            // An offset of 24 hours and a fraction without digits are times to them, and to no JVM.
            let has_odd_time = tbs.is_some_and(|tbs| !has_plain_times(tbs));
            !has_extensions || !certificate.is_whole() || has_odd_time
        }
        // They ignore the class of tags in keys and extensions, and what follows the value of an extension.
        // To us such a certificate has no such key or extension.
        Difference::In("RSA length") => {
            let certificate = Certificate::from_der(der.to_vec()).unwrap();
            !has_tags(certificate.public_key_bits(), &[0x30, 0x02])
        }
        Difference::InExtension(kind, value) => !match kind {
            // Nor do they ask that an integer be in its shortest form, as OpenSSL and the JVM do.
            "basicConstraints" => {
                let is_shortest = |node: &Node| !matches!(node.content[..], [] | [0, 0..=0x7f, ..]);
                has_tags(value, &[0x30, 0x01, 0x02])
                    && Node::whole(value).is_some_and(|node| node.children.iter().all(is_shortest))
            }
            "keyUsage" => has_tags(value, &[0x03]),
            "extendedKeyUsage" => has_tags(value, &[0x30, 0x06]),
            "subjectKeyIdentifier" => has_tags(value, &[0x04]),
            "authorityKeyIdentifier" => has_tags(
                value,
                &[0x30, 0x80, 0x82, 0xa1, 0xa4, 0x31, 0x06, 0x0c, 0x13],
            ),
            "caIssuers" => has_tags(value, &[0x30, 0x06, 0x86]),
            "nameConstraints" => has_tags(
                value,
                &[
                    0x30, 0xa0, 0xa1, 0x82, 0x81, 0x87, 0xa4, 0x31, 0x06, 0x0c, 0x13,
                ],
            ),
            _ => has_tags(
                value,
                &[0x30, 0x81, 0x82, 0x86, 0x87, 0xa4, 0x31, 0x06, 0x0c, 0x13],
            ),
        },
        // They read DER only, and the times of RFC 5280 only. OpenSSL and the JVM read BER too.
        Difference::OnlyWeAccept | Difference::In("extensions") => {
            let certificate = Certificate::from_der(der.to_vec()).unwrap();
            certificate.is_ber() || !certificate.has_plain_times()
        }
        Difference::In(_) => false,
    }
}

/// Whether the times among the fields of `tbs` are digits and the Z of UTC.
fn has_plain_times(tbs: &Node) -> bool {
    let is_plain = |time: &[u8]| {
        let digits = time.strip_suffix(b"Z").unwrap_or(b"-");
        digits.iter().all(u8::is_ascii_digit)
    };
    let mut times = tbs.children.iter().flat_map(|field| &field.children);
    times.all(|time| !matches!(time.tag, 0x17 | 0x18) || is_plain(&time.content))
}

/// Whether `value` is one element, with no other tags than these in it.
fn has_tags(value: &[u8], tags: &[u8]) -> bool {
    Node::whole(value).is_some_and(|node| node.tags().all(|tag| tags.contains(&tag)))
}

/// The public roots, and every certificate among the test vectors.
fn certificates() -> Vec<Vec<u8>> {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors");
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS;
    let mut all: Vec<Vec<u8>> = roots.iter().map(|root| root.to_vec()).collect();
    for directory in ["certificates", "pem", "stores"] {
        for entry in fs::read_dir(vectors.join(directory)).unwrap() {
            let bytes = fs::read(entry.unwrap().path()).unwrap();
            let sections = trust_stores::decode(&bytes, &DecodeOptions::default()).into_iter();
            let certificates = sections.filter_map(|section| section.content.ok());
            all.extend(certificates.map(|one| one.certificate.der().to_vec()));
            all.push(bytes);
        }
    }
    all.retain(|der| X509Certificate::from_der(der).is_ok());
    all
}

fn differences(der: &[u8]) -> Vec<Difference<'_>> {
    let ours = Certificate::from_der(der.to_vec());
    let theirs = X509Certificate::from_der(der).ok();
    match (&ours, theirs.filter(|(rest, _)| rest.is_empty())) {
        (Ok(ours), Some((_, theirs))) => {
            let fields = fields(ours, &theirs)
                .into_iter()
                .filter(|(_, agree)| !agree);
            let fields = fields.map(|(name, _)| Difference::In(name));
            let kinds = theirs.extensions().iter().filter_map(|extension| {
                let same_kind = theirs
                    .extensions()
                    .iter()
                    .filter(|other| other.oid == extension.oid);
                // We take the last of a kind, and they none.
                let (kind, agree) = extension_value(ours, extension)?;
                (!agree && same_kind.count() == 1)
                    .then_some(Difference::InExtension(kind, extension.value))
            });
            fields.chain(kinds).collect()
        }
        (Ok(_), None) => vec![Difference::OnlyWeAccept],
        (Err(_), Some(_)) => vec![Difference::OnlyTheyAccept],
        (Err(_), None) => Vec::new(),
    }
}

/// Each field by its name, and whether the two agree on it.
fn fields(ours: &Certificate, theirs: &X509Certificate<'_>) -> Vec<(&'static str, bool)> {
    let (key, validity) = (theirs.public_key(), theirs.validity());
    let common_name = theirs.subject().iter_common_name().last();
    // Beyond ASCII the old types of text are Latin-1 to us, as to OpenSSL, and UTF-8 to them.
    let common_name = common_name
        .and_then(|name| name.as_str().ok())
        .filter(|name| name.is_ascii());
    let extensions = theirs.extensions().iter();
    let extensions = extensions.map(|one| (one.oid.as_bytes(), one.critical, one.value));
    let own_extensions = ours.extensions();
    let own_extensions = own_extensions.map(|one| (one.oid.as_bytes(), one.critical, one.value));
    let rsa = match key.parsed() {
        Ok(PublicKey::RSA(key)) => {
            let digits = key.modulus.iter().skip_while(|digit| **digit == 0);
            let zeros = digits
                .clone()
                .next()
                .map_or(0, |digit| digit.leading_zeros());
            Some(digits.count() * 8 - zeros as usize)
        }
        _ => None,
    };
    let own_rsa = match ours.key() {
        Key::Rsa { bits } => Some(bits),
        _ => None,
    };
    vec![
        ("tbs", ours.tbs() == theirs.tbs_certificate.as_ref()),
        (
            "signature",
            ours.signature() == &*theirs.signature_value.data,
        ),
        (
            "version",
            ours.version() == theirs.version().0.saturating_add(1),
        ),
        ("serial", ours.serial() == theirs.raw_serial()),
        (
            "not before",
            ours.not_before().unix() == validity.not_before.timestamp(),
        ),
        (
            "not after",
            ours.not_after().unix() == validity.not_after.timestamp(),
        ),
        // Theirs ends where the key does, even if more follows.
        ("public key", ours.public_key_info().starts_with(key.raw)),
        (
            "key bits",
            ours.public_key_bits() == &*key.subject_public_key.data,
        ),
        ("RSA length", own_rsa == rsa),
        // They read four types of text only.
        (
            "common name",
            common_name.is_none_or(|name| ours.common_name().as_deref() == Some(name)),
        ),
        ("extensions", own_extensions.eq(extensions)),
    ]
}

/// The kind of an extension that both read, and whether they agree on what it says.
fn extension_value(ours: &Certificate, theirs: &X509Extension<'_>) -> Option<(&'static str, bool)> {
    Some(match theirs.parsed_extension() {
        ParsedExtension::BasicConstraints(BasicConstraints {
            ca,
            path_len_constraint,
        }) => {
            let own = ours
                .basic_constraints()
                .map(|own| (own.critical, own.ca, own.path_length));
            (
                "basicConstraints",
                own == Some((theirs.critical, *ca, *path_len_constraint)),
            )
        }
        ParsedExtension::KeyUsage(KeyUsage { flags }) => {
            let own = key_usage(ours)?;
            let agree = own
                .iter()
                .all(|(bit, is_set)| (flags >> bit & 1 == 1) == *is_set);
            ("keyUsage", agree)
        }
        ParsedExtension::ExtendedKeyUsage(usage) => {
            let own = ours
                .extended_key_usage()
                .map(|own| (own.server_auth(), own.any()));
            (
                "extendedKeyUsage",
                own == Some((usage.server_auth, usage.any)),
            )
        }
        ParsedExtension::SubjectAlternativeName(names) => {
            let names = names.general_names.iter().map(plain);
            let own = ours.subject_alternative_names();
            let agree = own.is_some_and(|own| names.eq(own.into_iter().map(comparable)));
            ("subjectAltName", agree)
        }
        ParsedExtension::NameConstraints(constraints) => {
            // Subtrees that cannot be read limit nothing, to both.
            let agree = ours.name_constraints().is_none_or(|own| {
                have_bases(constraints.permitted_subtrees.as_ref(), &own.permitted)
                    && have_bases(constraints.excluded_subtrees.as_ref(), &own.excluded)
            });
            ("nameConstraints", agree)
        }
        ParsedExtension::SubjectKeyIdentifier(identifier) => {
            let own = ours.subject_key_identifier();
            let own = own.and_then(|own| own.key_identifier);
            ("subjectKeyIdentifier", own == Some(identifier.0))
        }
        ParsedExtension::AuthorityKeyIdentifier(identifier) => {
            let own = ours.authority_key_identifier();
            let key = identifier.key_identifier.as_ref().map(|key| key.0);
            // An empty serial number is none to them.
            let fields = (key, identifier.authority_cert_serial.unwrap_or_default());
            let own = own.map(|own| (own.key_identifier, own.serial.unwrap_or_default()));
            ("authorityKeyIdentifier", own == Some(fields))
        }
        ParsedExtension::AuthorityInfoAccess(access) => {
            ("caIssuers", ca_issuers(access).eq(ours.ca_issuers()))
        }
        _ => return None,
    })
}

/// The bits of keyUsage by their numbers.
fn key_usage(ours: &Certificate) -> Option<[(u16, bool); 5]> {
    let usage = ours.key_usage()?;
    Some([
        (0, usage.digital_signature()),
        (2, usage.key_encipherment()),
        (4, usage.key_agreement()),
        (5, usage.cert_sign()),
        (6, usage.crl_sign()),
    ])
}

/// Whether their subtrees have our names.
fn have_bases(theirs: Option<&Vec<GeneralSubtree<'_>>>, ours: &[Subtree<'_>]) -> bool {
    let bases = theirs.into_iter().flatten().map(|tree| plain(&tree.base));
    bases.eq(ours.iter().map(|tree| comparable(tree.base)))
}

/// The addresses that their reading has for the issuer's certificate.
fn ca_issuers<'a>(access: &AuthorityInfoAccess<'a>) -> impl Iterator<Item = &'a str> {
    access.accessdescs.iter().filter_map(|description| {
        let is_issuers = description.access_method.as_bytes() == oid::CA_ISSUERS.as_bytes();
        match description.access_location {
            TheirName::URI(uri) if is_issuers => Some(uri),
            _ => None,
        }
    })
}

/// All that is not compared.
const OTHER: GeneralName<'_> = GeneralName::Other {
    tag: 0,
    content: &[],
};

/// A directory name, which we leave in its DER and they read up to the first damage, counts as `Other`.
fn comparable(name: GeneralName<'_>) -> GeneralName<'_> {
    match name {
        GeneralName::Directory(_) | GeneralName::Other { .. } => OTHER,
        other => other,
    }
}

/// Their name in our terms; what we do not tell apart is `Other`.
fn plain<'a>(name: &TheirName<'a>) -> GeneralName<'a> {
    match name {
        TheirName::DNSName(name) => GeneralName::Dns(name),
        TheirName::IPAddress(octets) => GeneralName::Ip(octets),
        TheirName::URI(uri) => GeneralName::Uri(uri),
        TheirName::RFC822Name(address) => GeneralName::Email(address),
        _ => OTHER,
    }
}
