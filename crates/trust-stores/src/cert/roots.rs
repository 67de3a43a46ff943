//! Mozilla's roots, which are compiled into the program, and a table of what the parser finds in them. It wrote the
//! table itself: hashing and reading them at each start took most of the time of `check`.

#[rustfmt::skip]
#[expect(clippy::unreadable_literal, reason = "a test writes it")]
mod table;

use std::borrow::Cow;

use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

use super::encoding::Encoding;
use super::{Certificate, Fingerprint};

/// The roots, in the order of their crate.
pub(crate) fn all() -> impl ExactSizeIterator<Item = Certificate> {
    let known = table::ROOTS.iter().zip(TLS_SERVER_ROOT_CERTS);
    known.map(|(known, der)| Certificate {
        encoding: Encoding::Der(Cow::Borrowed(der)),
        ..known.clone()
    })
}

/// Whether the certificate with that fingerprint is one of the roots.
pub(crate) fn contains(fingerprint: Fingerprint) -> bool {
    without_bytes(fingerprint).is_some()
}

/// The root with that fingerprint, whose bytes are not in it.
pub(super) fn without_bytes(fingerprint: Fingerprint) -> Option<&'static Certificate> {
    let position = table::ROOTS.binary_search_by_key(&fingerprint, Certificate::fingerprint);
    table::ROOTS.get(position.ok()?)
}

impl Fingerprint {
    /// One that is written in the code, in lower-case hex.
    pub(crate) const fn known(hex: &str) -> Self {
        Fingerprint(bytes(hex))
    }
}

/// The bytes that lower-case hex digits stand for.
const fn bytes<const N: usize>(hex: &str) -> [u8; N] {
    const fn value(digit: u8) -> u8 {
        match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => panic!("not a hex digit"),
        }
    }
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    assert!(
        pairs.len() == N && rest.is_empty(),
        "the wrong number of digits"
    );
    let mut bytes = [0; N];
    let mut index = 0;
    while index < N {
        bytes[index] = value(pairs[index][0]) << 4 | value(pairs[index][1]);
        index += 1;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::{env, fs};

    use webpki_root_certs::TLS_SERVER_ROOT_CERTS;

    use super::{all, contains};
    use crate::cert::fields::Fields;
    use crate::cert::{Certificate, Fingerprint, Name};
    use crate::hex;

    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/cert/roots/table.rs");
    const HOW: &str =
        "TRUST_INIT_WRITE_GOLDEN=1 ./test quick -- the_table_is_what_the_parser_finds";

    /// As the parser reads them: `Certificate::from_der` takes a root from the table.
    fn parsed() -> impl Iterator<Item = Certificate> {
        let roots = TLS_SERVER_ROOT_CERTS.iter();
        roots.map(|der| {
            let fields = Fields::first(der).unwrap();
            let mut root = Certificate::with(&fields, der, Fingerprint::of(der));
            root.encoding.fill(der.to_vec().into());
            root
        })
    }

    #[test]
    fn the_table_is_what_the_parser_finds() {
        let table = table();
        if env::var_os("TRUST_INIT_WRITE_GOLDEN").is_some() {
            fs::write(FILE, &table).unwrap();
        }
        let written = fs::read_to_string(FILE).unwrap();
        assert!(written == table, "the table is old; write it again: {HOW}");
    }

    #[test]
    fn a_root_of_the_table_equals_the_one_that_is_parsed() {
        assert_eq!(all().len(), TLS_SERVER_ROOT_CERTS.len());
        for (known, parsed) in all().zip(parsed()) {
            assert_eq!(known.der(), parsed.der());
            let read = Certificate::from_der(parsed.der().to_vec()).unwrap();
            // Every field: none is left out of what is derived.
            assert_eq!(format!("{known:?}"), format!("{parsed:?}"));
            assert_eq!(format!("{read:?}"), format!("{parsed:?}"));
        }
    }

    #[test]
    fn every_root_is_found_by_its_fingerprint() {
        assert!(all().all(|root| contains(root.fingerprint())));
        assert!(!contains(Fingerprint::of(b"")));
    }

    fn table() -> String {
        let mut table = format!(
            "//! What the parser finds in each of Mozilla's roots. Do not edit; a test writes this file:\n\
             //! `{HOW}`\n\
             //! If it does not compile any more, empty the list first.\n\n\
             use super::bytes;\n\
             use crate::cert::encoding::Encoding;\n\
             use crate::cert::extensions::Known;\n\
             use crate::cert::span::Span;\n\
             use crate::cert::{{\n    \
                 BasicConstraints, Certificate, Fingerprint, Hash, KeyUsage, Name, SignatureAlgorithm,\n\
             }};\n\
             use crate::time::Timestamp;\n\n\
             /// The roots without their bytes.\n\
             pub(super) static ROOTS: &[Certificate] = &[\n"
        );
        for root in parsed() {
            writeln!(table, "    {},", expression(&root)).unwrap();
        }
        table + "];\n"
    }

    /// A certificate without its bytes, as Rust.
    fn expression(root: &Certificate) -> String {
        let Certificate {
            encoding: _,
            fingerprint,
            subject,
            issuer,
            version,
            not_before,
            not_after,
            has_plain_times,
            signature_algorithm,
            known,
            tbs,
            serial,
            subject_der,
            public_key,
            extensions,
            signature,
        } = root;
        let issuer = match issuer {
            Some(issuer) => format!("Some({})", name(issuer)),
            None => "None".to_owned(),
        };
        let algorithm = format!("{signature_algorithm:?}").replace('(', "(Hash::");
        format!(
            "Certificate {{ encoding: Encoding::NONE, fingerprint: Fingerprint::known(\"{fingerprint}\"), \
             subject: {}, issuer: {issuer}, version: {version}, \
             not_before: Timestamp::from_unix({}), not_after: Timestamp::from_unix({}), \
             has_plain_times: {has_plain_times}, signature_algorithm: SignatureAlgorithm::{algorithm}, \
             known: {known:?}, tbs: {tbs:?}, serial: {serial:?}, subject_der: {subject_der:?}, \
             public_key: {public_key:?}, extensions: {extensions:?}, signature: {signature:?} }}",
            name(subject),
            not_before.unix(),
            not_after.unix(),
        )
    }

    fn name(name: &Name) -> String {
        let hash = hex::encode(&name.hash().0);
        let (text, label) = (name.as_str(), name.label());
        format!("Name::known({text:?}, {label:?}, bytes(\"{hash}\"))")
    }
}
