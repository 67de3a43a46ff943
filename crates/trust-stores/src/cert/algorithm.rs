//! The algorithm that a certificate is signed with.

use std::fmt;

use super::fields;
use crate::asn1::oid::{self, Oid};
use crate::asn1::{Element, tag};

/// How a certificate is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// RSA with the padding of PKCS#1 1.5.
    RsaPkcs1(Hash),
    /// RSA with the padding of PSS (RFC 4055); the hash is what its parameters name, SHA-1 if they name none.
    RsaPss(Hash),
    /// ECDSA, on the curve of the issuer's key.
    Ecdsa(Hash),
    /// DSA.
    Dsa(Hash),
    /// Ed25519 (RFC 8410).
    Ed25519,
    /// Ed448 (RFC 8410).
    Ed448,
    /// Any other.
    Other,
}

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Hash {
    /// MD2 (RFC 1319).
    Md2,
    /// MD4 (RFC 1320).
    Md4,
    /// MD5 (RFC 1321).
    Md5,
    /// SHA-1 (FIPS 180-4).
    Sha1,
    /// SHA-224 (FIPS 180-4).
    Sha224,
    /// SHA-256 (FIPS 180-4).
    Sha256,
    /// SHA-384 (FIPS 180-4).
    Sha384,
    /// SHA-512 (FIPS 180-4).
    Sha512,
    /// Any other.
    Other,
}

impl SignatureAlgorithm {
    /// From an `AlgorithmIdentifier`.
    pub(super) fn of(element: Element<'_>) -> Self {
        const PKCS_1: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01";
        const ECDSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4];
        let Some((id, parameters)) = fields::algorithm(element) else {
            return SignatureAlgorithm::Other;
        };
        if let Some([last]) = id.0.strip_prefix(PKCS_1) {
            return SignatureAlgorithm::RsaPkcs1(match last {
                2 => Hash::Md2,
                3 => Hash::Md4,
                4 => Hash::Md5,
                5 => Hash::Sha1,
                10 => return SignatureAlgorithm::RsaPss(pss_hash(parameters)),
                11 => Hash::Sha256,
                12 => Hash::Sha384,
                13 => Hash::Sha512,
                14 => Hash::Sha224,
                _ => return SignatureAlgorithm::Other,
            });
        }
        if let Some(last) = id.0.strip_prefix(ECDSA) {
            return SignatureAlgorithm::Ecdsa(match last {
                [1] => Hash::Sha1,
                [3, 1] => Hash::Sha224,
                [3, 2] => Hash::Sha256,
                [3, 3] => Hash::Sha384,
                [3, 4] => Hash::Sha512,
                _ => return SignatureAlgorithm::Other,
            });
        }
        match id {
            oid::ED25519 => SignatureAlgorithm::Ed25519,
            oid::ED448 => SignatureAlgorithm::Ed448,
            // id-dsa-with-sha1; dsaWithSHA1 and sha1WithRSASignature of OIW
            Oid([0x2a, 0x86, 0x48, 0xce, 0x38, 4, 3] | [0x2b, 0x0e, 3, 2, 0x1b]) => {
                SignatureAlgorithm::Dsa(Hash::Sha1)
            }
            Oid([0x2b, 0x0e, 3, 2, 0x1d]) => SignatureAlgorithm::RsaPkcs1(Hash::Sha1),
            // id-dsa-with-sha224 to -sha512 of NIST
            Oid([0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, last @ 1..=4]) => {
                SignatureAlgorithm::Dsa(match last {
                    1 => Hash::Sha224,
                    2 => Hash::Sha256,
                    3 => Hash::Sha384,
                    _ => Hash::Sha512,
                })
            }
            _ => SignatureAlgorithm::Other,
        }
    }

    /// The hash, where one is named.
    pub fn hash(self) -> Option<Hash> {
        match self {
            SignatureAlgorithm::RsaPkcs1(hash)
            | SignatureAlgorithm::RsaPss(hash)
            | SignatureAlgorithm::Ecdsa(hash)
            | SignatureAlgorithm::Dsa(hash) => Some(hash),
            _ => None,
        }
    }
}

/// `[0] hashAlgorithm` of `RSASSA-PSS-params`.
fn pss_hash(parameters: Option<Element<'_>>) -> Hash {
    let fields = parameters.and_then(|parameters| parameters.reader(tag::SEQUENCE));
    let Some(explicit) = fields.and_then(|mut fields| fields.read(tag::explicit(0))) else {
        return Hash::Sha1;
    };
    let algorithm = Element::whole(explicit.content).and_then(fields::algorithm);
    match algorithm.map(|(id, _)| id.0) {
        Some([0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, last]) => match last {
            1 => Hash::Sha256,
            2 => Hash::Sha384,
            3 => Hash::Sha512,
            4 => Hash::Sha224,
            _ => Hash::Other,
        },
        Some([0x2b, 0x0e, 3, 2, 0x1a]) => Hash::Sha1,
        _ => Hash::Other,
    }
}

impl Hash {
    /// Whether signatures over it must not be trusted, because collisions can be made (RFC 6151, RFC 6194,
    /// RFC 9155).
    pub fn is_broken(self) -> bool {
        matches!(self, Hash::Md2 | Hash::Md4 | Hash::Md5 | Hash::Sha1)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Hash::Md2 => "MD2",
            Hash::Md4 => "MD4",
            Hash::Md5 => "MD5",
            Hash::Sha1 => "SHA-1",
            Hash::Sha224 => "SHA-224",
            Hash::Sha256 => "SHA-256",
            Hash::Sha384 => "SHA-384",
            Hash::Sha512 => "SHA-512",
            Hash::Other => "another hash",
        })
    }
}
