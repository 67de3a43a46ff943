//! The algorithm that a certificate is signed with.

use std::fmt;

use super::fields;
use crate::asn1::oid::{self, Oid};
use crate::asn1::primitive::unsigned;
use crate::asn1::{Element, tag};

/// How a certificate is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// RSA with the padding of PKCS#1 1.5.
    RsaPkcs1(Hash),
    /// RSA with the padding of PSS (RFC 4055).
    RsaPss(PssParameters),
    /// ECDSA, on the curve of the issuer's key.
    Ecdsa(Hash),
    /// DSA.
    Dsa(Hash),
    /// Ed25519 (RFC 8410).
    Ed25519,
    /// Ed448 (RFC 8410).
    Ed448,
    /// Any other, or one of these with parameters that it does not have.
    Other,
}

/// How a signature with the padding of PSS is made (`RSASSA-PSS-params` of RFC 4055, section 3.1); or, in
/// a key, the only way in which it signs (section 3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PssParameters {
    /// The hash of what is signed; SHA-1 if none is named.
    pub hash: Hash,
    /// The hash within MGF1, the mask generation function; SHA-1 if none is named.
    pub mask_hash: Hash,
    /// The length of the salt in bytes, 20 if none is named. In a key it is the least.
    pub salt_length: u32,
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
        let has_parameters = parameters.is_some_and(|parameters| parameters.tag != tag::NULL);
        if has_parameters && id != oid::RSA_PSS {
            return SignatureAlgorithm::Other;
        }
        if let Some([last]) = id.0.strip_prefix(PKCS_1) {
            return SignatureAlgorithm::RsaPkcs1(match last {
                2 => Hash::Md2,
                3 => Hash::Md4,
                4 => Hash::Md5,
                5 => Hash::Sha1,
                10 => {
                    let parameters = parameters.and_then(PssParameters::of);
                    return parameters
                        .map_or(SignatureAlgorithm::Other, SignatureAlgorithm::RsaPss);
                }
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
            // RFC 8410, section 3: not even NULL.
            oid::ED25519 | oid::ED448 if parameters.is_some() => SignatureAlgorithm::Other,
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
            SignatureAlgorithm::RsaPss(parameters) => Some(parameters.hash),
            SignatureAlgorithm::RsaPkcs1(hash)
            | SignatureAlgorithm::Ecdsa(hash)
            | SignatureAlgorithm::Dsa(hash) => Some(hash),
            _ => None,
        }
    }
}

impl PssParameters {
    /// From `RSASSA-PSS-params`. `None` if they are damaged, or name another mask generation function than
    /// MGF1 or another trailer than 1: no client takes that.
    pub(super) fn of(parameters: Element<'_>) -> Option<Self> {
        let mut fields = parameters.reader(tag::SEQUENCE)?;
        let mut field = |number| {
            let explicit = fields.next_if(|field| field.tag == tag::explicit(number));
            explicit.map(|explicit| Element::whole(explicit.content))
        };
        let [hash, mask, salt, trailer] = [field(0), field(1), field(2), field(3)];
        if !fields.is_empty() {
            return None;
        }
        let number = |element: Option<Element<'_>>| {
            let integer = element.filter(|element| element.tag == tag::INTEGER)?;
            unsigned(integer.content)
        };
        if trailer.is_some_and(|trailer| number(trailer) != Some(1)) {
            return None;
        }
        Some(PssParameters {
            hash: hash.map_or(Some(Hash::Sha1), |hash| Hash::of(hash?))?,
            mask_hash: mask.map_or(Some(Hash::Sha1), |mask| match fields::algorithm(mask?)? {
                (oid::MGF1, Some(hash)) => Hash::of(hash),
                _ => None,
            })?,
            salt_length: salt.map_or(Some(20), number)?,
        })
    }
}

impl Hash {
    /// From an `AlgorithmIdentifier`.
    fn of(element: Element<'_>) -> Option<Self> {
        let (id, parameters) = fields::algorithm(element)?;
        let is_plain = parameters.is_none_or(|parameters| parameters.tag == tag::NULL);
        is_plain.then_some(match id {
            // id-md5 of RFC 3279
            Oid([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 5]) => Hash::Md5,
            oid::SHA_1 => Hash::Sha1,
            oid::SHA_224 => Hash::Sha224,
            oid::SHA_256 => Hash::Sha256,
            oid::SHA_384 => Hash::Sha384,
            oid::SHA_512 => Hash::Sha512,
            _ => Hash::Other,
        })
    }

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
