//! A certificate's public key: which algorithm, how long.

use std::fmt;

use super::algorithm::PssParameters;
use super::fields::{self, PublicKey};
use crate::asn1::oid::{self, Oid};
use crate::asn1::primitive::{bit_length, is_minimal_integer};
use crate::asn1::{Element, tag};

/// A public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Key<'a> {
    /// RSA.
    Rsa {
        /// The length of the modulus.
        bits: usize,
    },
    /// RSA, only for signatures with the padding of PSS (RFC 4055).
    RsaPss {
        /// The length of the modulus.
        bits: usize,
        /// The only way in which it signs, if it is restricted to one.
        restriction: Option<PssParameters>,
    },
    /// DSA.
    Dsa {
        /// The length of the prime.
        bits: usize,
    },
    /// A point of an elliptic curve.
    Ec(Curve),
    /// Ed25519 (RFC 8410).
    Ed25519,
    /// Ed448 (RFC 8410).
    Ed448,
    /// Of another algorithm, or of one of these and damaged.
    Other(Oid<'a>),
}

/// An elliptic curve (RFC 5480; SEC 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Curve {
    /// NIST's P-192, secp192r1.
    P192,
    /// NIST's P-224, secp224r1.
    P224,
    /// NIST's P-256, secp256r1.
    P256,
    /// NIST's P-384, secp384r1.
    P384,
    /// NIST's P-521, secp521r1.
    P521,
    /// The curve of Bitcoin.
    Secp256k1,
    /// `brainpoolP256r1` (RFC 5639).
    BrainpoolP256r1,
    /// `brainpoolP384r1` (RFC 5639).
    BrainpoolP384r1,
    /// `brainpoolP512r1` (RFC 5639).
    BrainpoolP512r1,
    /// Any other, or one that is written out instead of named.
    Other {
        /// The length of a coordinate.
        bits: usize,
    },
}

impl<'a> Key<'a> {
    pub(super) fn of(key: &PublicKey<'a>) -> Self {
        let Some((id, parameters)) = fields::algorithm(key.algorithm) else {
            return Key::Other(Oid(&[]));
        };
        let bits = fields::bits(key.key);
        let known = match id {
            oid::RSA => rsa_bits(bits).map(|bits| Key::Rsa { bits }),
            oid::DSA => integer(bits).map(|_| Key::Dsa {
                bits: parameters.map_or(0, |group| integer(group.content).map_or(0, bit_length)),
            }),
            oid::EC => Some(Key::Ec(Curve::of(parameters, bits))),
            oid::RSA_PSS => pss(parameters, bits),
            oid::ED25519 => Some(Key::Ed25519),
            oid::ED448 => Some(Key::Ed448),
            _ => None,
        };
        known.unwrap_or(Key::Other(id))
    }

    /// Why current clients refuse the key for its length, if they do: OpenSSL's security level 2, the
    /// default of Debian and others, requires 112 bits of strength (`SSL_CTX_set_security_level(3)`): 2048
    /// bits for RSA and DSA, and 224 for curves.
    pub fn weakness(&self) -> Option<String> {
        let wanted = match *self {
            Key::Rsa { bits } | Key::RsaPss { bits, .. } | Key::Dsa { bits } if bits < 2048 => 2048,
            Key::Ec(curve) if curve.bits() < 224 => 224,
            _ => return None,
        };
        Some(format!(
            "{self}: OpenSSL's usual level asks for {wanted} bits"
        ))
    }
}

impl Curve {
    fn of(parameters: Option<Element<'_>>, point: &[u8]) -> Self {
        let name = parameters.filter(|parameters| parameters.tag == tag::OBJECT_IDENTIFIER);
        match name.map(|name| Oid(name.content)) {
            Some(oid::P192) => Curve::P192,
            Some(oid::P224) => Curve::P224,
            Some(oid::P256) => Curve::P256,
            Some(oid::P384) => Curve::P384,
            Some(oid::P521) => Curve::P521,
            Some(oid::SECP256K1) => Curve::Secp256k1,
            Some(oid::BRAINPOOL_P256R1) => Curve::BrainpoolP256r1,
            Some(oid::BRAINPOOL_P384R1) => Curve::BrainpoolP384r1,
            Some(oid::BRAINPOOL_P512R1) => Curve::BrainpoolP512r1,
            _ => Curve::Other {
                // SEC 1, section 2.3.3: 4 is both coordinates, 2 and 3 are one.
                bits: match point {
                    [4, coordinates @ ..] => coordinates.len() * 8 / 2,
                    [2 | 3, coordinate @ ..] => coordinate.len() * 8,
                    _ => 0,
                },
            },
        }
    }

    /// The length of a coordinate; the strength is half of it.
    pub fn bits(self) -> usize {
        match self {
            Curve::P192 => 192,
            Curve::P224 => 224,
            Curve::P256 | Curve::Secp256k1 | Curve::BrainpoolP256r1 => 256,
            Curve::P384 | Curve::BrainpoolP384r1 => 384,
            Curve::BrainpoolP512r1 => 512,
            Curve::P521 => 521,
            Curve::Other { bits } => bits,
        }
    }
}

/// `RSAPublicKey`: `SEQUENCE { modulus INTEGER, publicExponent INTEGER }`.
fn rsa_bits(key: &[u8]) -> Option<usize> {
    let (key, _) = Element::first(key)?;
    let mut fields = key.reader(tag::SEQUENCE)?;
    let modulus = fields.next_if(is_integer)?;
    fields.next_if(is_integer)?;
    Some(bit_length(modulus.content))
}

/// A key with the identifier of PSS. `None` if its parameters are damaged.
fn pss<'a>(parameters: Option<Element<'_>>, bits: &[u8]) -> Option<Key<'a>> {
    let restriction = match parameters {
        Some(parameters) => Some(PssParameters::of(parameters)?),
        None => None,
    };
    let bits = rsa_bits(bits)?;
    Some(Key::RsaPss { bits, restriction })
}

/// The content of the INTEGER that `bytes` start with.
fn integer(bytes: &[u8]) -> Option<&[u8]> {
    let (integer, _) = Element::first(bytes)?;
    is_integer(&integer).then_some(integer.content)
}

fn is_integer(element: &Element<'_>) -> bool {
    element.tag == tag::INTEGER && is_minimal_integer(element.content)
}

/// For instance `RSA 4096`, `EC P-256`, `Ed25519`.
impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Rsa { bits } => write!(f, "RSA {bits}"),
            Key::RsaPss { bits, .. } => write!(f, "RSA-PSS {bits}"),
            Key::Dsa { bits } => write!(f, "DSA {bits}"),
            Key::Ec(curve) => write!(f, "EC {curve}"),
            Key::Ed25519 => f.write_str("Ed25519"),
            Key::Ed448 => f.write_str("Ed448"),
            Key::Other(oid) => fmt::Display::fmt(oid, f),
        }
    }
}

/// As NIST, SEC 2 and RFC 5639 name it; only the length for other curves.
impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Curve::P192 => f.write_str("P-192"),
            Curve::P224 => f.write_str("P-224"),
            Curve::P256 => f.write_str("P-256"),
            Curve::P384 => f.write_str("P-384"),
            Curve::P521 => f.write_str("P-521"),
            Curve::Secp256k1 => f.write_str("secp256k1"),
            Curve::BrainpoolP256r1 => f.write_str("brainpoolP256r1"),
            Curve::BrainpoolP384r1 => f.write_str("brainpoolP384r1"),
            Curve::BrainpoolP512r1 => f.write_str("brainpoolP512r1"),
            Curve::Other { bits } => write!(f, "{bits}"),
        }
    }
}
