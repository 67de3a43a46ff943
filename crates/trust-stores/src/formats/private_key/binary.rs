//! Keys in binary: DER at any offset, and the files of programs.

use memchr::memmem;

use super::{Hit, Kind, openpgp};
use crate::asn1::{Element, Header, tag};
use crate::cert::{Oid, oid};

/// The first key in `bytes`.
pub(super) fn find(bytes: &[u8]) -> Option<Hit> {
    let hits = [
        java_keystore(bytes),
        program_file(bytes),
        store_entry(bytes),
        plain(bytes),
        encrypted(bytes),
        openpgp::find(bytes).map(|at| (at, "OpenPGP")),
    ];
    let (start, kind) = hits.into_iter().flatten().min_by_key(|(start, _)| *start)?;
    Some(Hit {
        range: start..bytes.len(),
        kind: Kind::new(kind),
    })
}

/// In octets: 512 bits, as RSA had when it was young.
const SHORTEST_MODULUS: usize = 64;

pub(super) type Found = Option<(usize, &'static str)>;

/// PKCS#8 (RFC 5958), PKCS#1 (RFC 8017), SEC 1 (RFC 5915) and DSA's: a SEQUENCE whose first field is the
/// version, 0 or 1.
fn plain(bytes: &[u8]) -> Found {
    memmem::find_iter(bytes, &[tag::INTEGER, 1]).find_map(|at| plain_at(bytes, at))
}

/// The key whose version is at this offset.
pub(super) fn plain_at(bytes: &[u8], at: usize) -> Found {
    let [tag::INTEGER, 1, version @ 0..=1, fields @ ..] = &bytes[at..] else {
        return None;
    };
    let (start, length) = header_before(bytes, at)?;
    // Lengths agree, even in a key that is cut.
    let first = Header::of(fields)?;
    let needed = 3 + first.length + first.content.unwrap_or_default();
    if length.is_some_and(|length| length < needed) {
        return None;
    }
    let kind = match first.tag {
        tag::SEQUENCE if is_pkcs8(fields, *version) => "PKCS#8 DER",
        tag::INTEGER if first.content >= Some(SHORTEST_MODULUS) => numbers(fields),
        tag::OCTET_STRING if *version == 1 && is_sec1(fields) => "SEC 1 DER",
        _ => return None,
    };
    Some((start, kind))
}

/// The offset of the SEQUENCE header that ends at `at`, and the length of its content if that is definite.
fn header_before(bytes: &[u8], at: usize) -> Option<(usize, Option<usize>)> {
    // Two octets to five: lengths that a key can have, in DER, and the indefinite one.
    (2..=5).find_map(|length| {
        let start = at.checked_sub(length)?;
        let header = Header::of(&bytes[start..at])?;
        let is_it = header.tag == tag::SEQUENCE && header.length == length;
        is_it.then_some((start, header.content))
    })
}

/// Whether an algorithm and an OCTET STRING follow the version. In a revocation list, a name follows; in what is
/// encrypted, nothing.
fn is_pkcs8(fields: &[u8], version: u8) -> bool {
    let algorithm = Header::of(fields).and_then(|header| fields.get(header.length..));
    let id = algorithm.and_then(|algorithm| Element::first(algorithm)?.0.identifier());
    let next = Element::first(fields).and_then(|(_, rest)| rest.first());
    match (id, next) {
        (Some(_), Some(next)) => next & !tag::CONSTRUCTED == tag::OCTET_STRING,
        // Cut off after the algorithm, which must be a key's.
        (Some(id), None) => version == 0 && is_key_algorithm(id),
        (None, _) => false,
    }
}

fn is_key_algorithm(id: Oid<'_>) -> bool {
    // 1.2.840.113549.1.3, Diffie and Hellman's, and 1.3.101, those of Ed25519 and its relatives
    matches!(id, oid::RSA | oid::RSA_PSS | oid::EC | oid::DSA)
        || id
            .as_bytes()
            .starts_with(b"\x2a\x86\x48\x86\xf7\x0d\x01\x03")
        || matches!(id.as_bytes(), [0x2b, 0x65, _])
}

/// The kind of key that is made of INTEGERs after its version: RSA's modulus, or DSA's prime and subgroup.
fn numbers(fields: &[u8]) -> &'static str {
    // RSA's exponent is short. What is cut or garbled after the modulus is still a key.
    let second = Element::first(fields).and_then(|(_, rest)| Header::of(rest));
    match second.map(|second| (second.tag, second.content)) {
        Some((tag::INTEGER, Some(20..))) => "DSA DER",
        _ => "PKCS#1 DER",
    }
}

/// Whether a number as long as a curve's follows, and after it at most a curve and a public key.
fn is_sec1(fields: &[u8]) -> bool {
    let length = Header::of(fields).and_then(|header| header.content);
    length.is_some_and(|length| (20..=72).contains(&length))
        && match Element::first(fields) {
            None => true,
            Some((_, rest)) => rest
                .first()
                .is_none_or(|next| [tag::explicit(0), tag::explicit(1)].contains(next)),
        }
}

/// `EncryptedPrivateKeyInfo` (RFC 5958): a SEQUENCE of an algorithm for encryption and an OCTET STRING. Java
/// keystores have it with algorithms of their own.
fn encrypted(bytes: &[u8]) -> Found {
    // 1.2.840.113549.1, PKCS
    const PKCS: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01";
    // 1.3.6.1.4.1.42.2, Sun
    const SUN: &[u8] = b"\x2b\x06\x01\x04\x01\x2a\x02";
    let is_encryption = |id: &[u8]| {
        if let Some(arc) = id.strip_prefix(PKCS) {
            // PKCS#5 less PBKDF2 and PBMAC1, and the schemes of PKCS#12
            matches!(arc, [5, 1..=11 | 13] | [12, 1, _])
        } else {
            matches!(id.strip_prefix(SUN), Some([17 | 19, ..]))
        }
    };
    let find = |prefix| {
        memmem::find_iter(bytes, prefix).find_map(|at| {
            let (algorithm, _) = header_before(bytes, at.checked_sub(2)?)?;
            let (start, length) = header_before(bytes, algorithm)?;
            // As the first element of another, it is the content of a BouncyCastle keystore (BCFKS).
            let (_, around) = header_before(bytes, start).unwrap_or_default();
            if around.is_some_and(|around| length.is_some_and(|length| around > length)) {
                return None;
            }
            let (id, _) = Element::first(&bytes[at - 2..])?;
            if !is_encryption(id.identifier()?.as_bytes()) {
                return None;
            }
            let is_key = match Element::first(&bytes[algorithm..]) {
                Some((_, rest)) => rest
                    .first()
                    .is_none_or(|next| next & !tag::CONSTRUCTED == tag::OCTET_STRING),
                // Cut off within the parameters of the algorithm.
                None => true,
            };
            is_key.then_some((start, "encrypted PKCS#8 DER"))
        })
    };
    let hits = [find(PKCS), find(SUN)];
    hits.into_iter().flatten().min_by_key(|(start, _)| *start)
}

/// A key in the bags of a PKCS#12 store, even one whose other bags are encrypted.
fn store_entry(bytes: &[u8]) -> Found {
    // keyBag and pkcs8ShroudedKeyBag but for their last arc
    const BAGS: &[u8] = b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01";
    memmem::find_iter(bytes, BAGS).find_map(|at| {
        let is_key = matches!(bytes.get(at + BAGS.len()), Some(1 | 2));
        is_key.then_some((at, "a key entry of a PKCS#12 store"))
    })
}

/// The files of programs that keep keys, by the bytes that such a file starts with.
fn program_file(bytes: &[u8]) -> Found {
    MAGICS
        .into_iter()
        .filter_map(|(magic, form)| Some((memmem::find(bytes, magic)?, form)))
        .min_by_key(|(start, _)| *start)
}

/// Bytes that only a file with a key has and whose file it is.
const MAGICS: [(&[u8], &str); 10] = [
    // The end of a BEGIN line, in either order of bytes: the name of an entry in PKCS#12.
    (
        b"P\0R\0I\0V\0A\0T\0E\0 \0K\0E\0Y\0-",
        "PRIVATE KEY in UTF-16",
    ),
    // OpenSSH's PROTOCOL.key
    (b"openssh-key-v1\0", "OpenSSH"),
    // The algorithm of the key, how it was encrypted, that of its checksum or the rounds.
    (b"EdScB2", "minisign"),
    (b"Ed\0\0B2", "minisign"),
    (b"EdBK\0\0", "signify"),
    (b"\x1e\xf1\xb5\xb0\0\0\0\0", "Microsoft PVK"),
    // PRIVATEKEYSTRUC with CALG_RSA_KEYX or CALG_RSA_SIGN, and RSAPUBKEY
    (b"\x07\x02\0\0\0\xa4\0\0RSA2", "Microsoft PRIVATEKEYBLOB"),
    (b"\x07\x02\0\0\0\x24\0\0RSA2", "Microsoft PRIVATEKEYBLOB"),
    (b"\x07\x02\0\0\0\x22\0\0DSS2", "Microsoft PRIVATEKEYBLOB"),
    (b"\x07\x02\0\0\0\x24\0\0DSS2", "Microsoft PRIVATEKEYBLOB"),
];

/// A Java keystore whose first entry is a key. The keys of other entries are encrypted in DER.
fn java_keystore(bytes: &[u8]) -> Found {
    let find = |magic: &[u8]| {
        memmem::find_iter(bytes, magic).find(|at| {
            let entries = &bytes[at + magic.len()..];
            // The version, the count of entries, the type of the first.
            matches!(entries, [0, 0, 0, 1 | 2, _, _, _, _, 0, 0, 0, 1 | 3, ..])
        })
    };
    let start = find(b"\xfe\xed\xfe\xed").or_else(|| find(b"\xce\xce\xce\xce"))?;
    Some((start, "a key entry of a Java keystore"))
}
