//! Keys in binary: DER at any offset, and the files of programs.

use memchr::memmem;

use super::{Hit, Kind};
use crate::asn1::{Element, Header, tag};
use crate::cert::oid;

/// The first key in `bytes`.
pub(super) fn find(bytes: &[u8]) -> Option<Hit> {
    let hits = [
        program_file(bytes).map(|kind| (0, kind)),
        plain(bytes),
        encrypted(bytes),
        store_entry(bytes),
        openssh(bytes),
    ];
    let (start, kind) = hits.into_iter().flatten().min_by_key(|(start, _)| *start)?;
    Some(Hit {
        range: start..bytes.len(),
        kind: Kind::new(kind),
    })
}

type Found = Option<(usize, &'static str)>;

/// PKCS#8 (RFC 5958), PKCS#1 (RFC 8017), SEC 1 (RFC 5915) and DSA's: a SEQUENCE whose first field is the
/// version, 0 or 1.
fn plain(bytes: &[u8]) -> Found {
    memmem::find_iter(bytes, &[tag::INTEGER, 1]).find_map(|at| {
        let version = *bytes.get(at + 2).filter(|version| **version <= 1)?;
        let fields = &bytes[at + 3..];
        let start = header_before(bytes, at)?;
        let kind = match *fields.first()? {
            tag::SEQUENCE if is_pkcs8(fields, version) => "PKCS#8 DER",
            tag::INTEGER => numbers(fields)?,
            tag::OCTET_STRING if version == 1 && is_sec1(fields) => "SEC 1 DER",
            _ => return None,
        };
        Some((start, kind))
    })
}

/// The offset of the SEQUENCE header that ends at `at`.
fn header_before(bytes: &[u8], at: usize) -> Option<usize> {
    // Two octets to five: lengths that a key can have, in DER, and the indefinite one.
    (2..=5)
        .filter_map(|length| at.checked_sub(length))
        .find(|start| {
            Header::of(&bytes[*start..at])
                .is_some_and(|header| header.tag == tag::SEQUENCE && header.length == at - start)
        })
}

/// Whether an algorithm and an OCTET STRING follow the version. In a revocation list, a name follows.
fn is_pkcs8(fields: &[u8], version: u8) -> bool {
    let Some(header) = Header::of(fields) else {
        return false;
    };
    let Some((algorithm, _)) = Element::first(&fields[header.length..]) else {
        return false;
    };
    let Some(id) = algorithm.identifier() else {
        return false;
    };
    match Element::first(fields) {
        // Cut off after the algorithm, which must be a key's.
        None => matches!(id, oid::RSA | oid::RSA_PSS | oid::EC | oid::DSA),
        Some((_, rest)) => match rest.first() {
            Some(next) => next & !tag::CONSTRUCTED == tag::OCTET_STRING,
            None => version == 0,
        },
    }
}

/// The kind of key that is made of INTEGERs after its version: RSA's modulus, or DSA's prime and subgroup.
fn numbers(fields: &[u8]) -> Option<&'static str> {
    const SHORTEST: usize = 32;
    let header = Header::of(fields)?;
    header.content.filter(|length| *length >= SHORTEST)?;
    let second = Element::first(fields).and_then(|(_, rest)| Header::of(rest));
    let Some(second) = second else {
        return Some("PKCS#1 DER");
    };
    match (second.tag, second.content?) {
        (tag::INTEGER, 0..=16) => Some("PKCS#1 DER"),
        (tag::INTEGER, _) => Some("DSA DER"),
        _ => None,
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
            let algorithm = header_before(bytes, at.checked_sub(2)?)?;
            let start = header_before(bytes, algorithm)?;
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

/// The file of ssh-keygen (OpenSSH's `PROTOCOL.key`).
fn openssh(bytes: &[u8]) -> Found {
    Some((memmem::find(bytes, b"openssh-key-v1\0")?, "OpenSSH"))
}

/// What `bytes` are, if they are a file of a program that keeps keys.
fn program_file(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        // An algorithm, and how the key was derived.
        [b'E', b'd', b'B' | 0, b'K' | 0, ..] if bytes.len() == 104 => Some("signify"),
        [b'E', b'd', b'S' | 0, b'c' | 0, b'B', b'2', ..] if bytes.len() == 158 => Some("minisign"),
        [0x1e, 0xf1, 0xb5, 0xb0, 0, 0, 0, 0, ..] => Some("Microsoft PVK"),
        [
            7,
            2,
            0,
            0,
            _,
            _,
            0,
            0,
            b'R' | b'D',
            b'S',
            b'A' | b'S',
            b'2',
            ..,
        ] => Some("Microsoft PRIVATEKEYBLOB"),
        _ => is_pgp(bytes).then_some("OpenPGP"),
    }
}

/// Whether `bytes` start with the packet of a secret key (RFC 9580, 5.5.3).
fn is_pgp(bytes: &[u8]) -> bool {
    let ([0x94, _, body @ ..]
    | [0x95, _, _, body @ ..]
    | [0x96, _, _, _, _, body @ ..]
    | [0xc5, 0..=191, body @ ..]
    | [0xc5, 192..=223, _, body @ ..]
    | [0xc5, 255, _, _, _, _, body @ ..]) = bytes
    else {
        return false;
    };
    // The version, four octets of a date, the algorithm.
    matches!(
        body,
        [3..=6, _, _, _, _, 1..=3 | 16..=19 | 22 | 25..=36, _, ..]
    )
}
