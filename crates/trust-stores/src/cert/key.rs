//! A certificate's public key, as far as rules and people ask: which algorithm, how long.

use std::fmt;

use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// RSA, with the bits of its modulus.
    Rsa(usize),
    /// DSA, with the bits of its prime.
    Dsa(usize),
    /// An elliptic curve's, with the bits of its field; the curve's name where it is a usual one.
    Ec(usize, Option<&'static str>),
    /// Of another algorithm: its name, or its identifier.
    Other(String),
}

/// Named curves of RFC 5480 and SEC 2, by the content of their identifiers.
const CURVES: [(&[u8], &str, usize); 5] = [
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 1], "P-192", 192),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7], "P-256", 256),
    (&[0x2b, 0x81, 4, 0, 0x22], "P-384", 384),
    (&[0x2b, 0x81, 4, 0, 0x23], "P-521", 521),
    (&[0x2b, 0x81, 4, 0, 0x0a], "secp256k1", 256),
];

impl Key {
    /// From a `SubjectPublicKeyInfo` in DER.
    pub(super) fn of(info: &[u8]) -> Self {
        let Ok((_, info)) = SubjectPublicKeyInfo::from_der(info) else {
            return Key::Other(String::from("unreadable"));
        };
        let bits = |bytes: &[u8]| {
            let significant = bytes.iter().position(|byte| *byte != 0);
            significant.map_or(0, |at| {
                let leading = bytes[at].leading_zeros() as usize;
                (bytes.len() - at) * 8 - leading
            })
        };
        match info.parsed() {
            Ok(PublicKey::RSA(key)) => Key::Rsa(bits(key.modulus)),
            Ok(PublicKey::DSA(_)) => Key::Dsa(
                info.algorithm
                    .parameters
                    .as_ref()
                    .and_then(|any| x509_parser::der_parser::parse_der(any.data).ok())
                    .and_then(|(_, prime)| prime.as_slice().map(bits).ok())
                    .unwrap_or_default(),
            ),
            Ok(PublicKey::EC(point)) => {
                let curve =
                    info.algorithm.parameters.as_ref().and_then(|parameters| {
                        CURVES.iter().find(|(oid, ..)| *oid == parameters.data)
                    });
                match curve {
                    Some((_, name, bits)) => Key::Ec(*bits, Some(name)),
                    None => Key::Ec(point.key_size(), None),
                }
            }
            _ => Key::Other(match info.algorithm.algorithm.to_id_string().as_str() {
                "1.3.101.112" => String::from("Ed25519"),
                "1.3.101.113" => String::from("Ed448"),
                "1.2.840.113549.1.1.10" => String::from("RSA-PSS"),
                other => String::from(other),
            }),
        }
    }

    /// Why clients of today would refuse it by its length, if they would: OpenSSL's security
    /// level 2, the default of Debian and others, asks for 112 bits of strength
    /// (`SSL_CTX_set_security_level(3))`: RSA and DSA of 2048 bits, curves of 224.
    pub fn weakness(&self) -> Option<String> {
        match *self {
            Key::Rsa(bits) | Key::Dsa(bits) if bits < 2048 => {
                Some(format!("{self}: OpenSSL's usual level asks for 2048 bits"))
            }
            Key::Ec(bits, _) if bits < 224 => {
                Some(format!("{self}: OpenSSL's usual level asks for 224 bits"))
            }
            _ => None,
        }
    }
}

/// For instance `RSA 4096`, `EC P-256`, `Ed25519`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Rsa(bits) => write!(f, "RSA {bits}"),
            Key::Dsa(bits) => write!(f, "DSA {bits}"),
            Key::Ec(_, Some(curve)) => write!(f, "EC {curve}"),
            Key::Ec(bits, None) => write!(f, "EC {bits}"),
            Key::Other(name) => f.write_str(name),
        }
    }
}
