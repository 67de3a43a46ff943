//! The algorithm that a certificate is signed with, as far as it is broken.

use std::fmt;

/// A hash function that signatures must not use any more: collisions can be made (RFC 6151,
/// RFC 6194, RFC 9155).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeakHash {
    /// MD2.
    Md2,
    /// MD4.
    Md4,
    /// MD5.
    Md5,
    /// SHA-1.
    Sha1,
}

impl WeakHash {
    /// The broken hash of a signature algorithm, by the content of its identifier.
    pub(super) fn of(algorithm: &[u8]) -> Option<Self> {
        const PKCS_1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1];
        if let Some([arc]) = algorithm.strip_prefix(PKCS_1) {
            return match arc {
                2 => Some(WeakHash::Md2),
                3 => Some(WeakHash::Md4),
                4 => Some(WeakHash::Md5),
                5 => Some(WeakHash::Sha1),
                _ => None,
            };
        }
        match algorithm {
            // ecdsa-with-SHA1; id-dsa-with-sha1; sha1WithRSASignature of OIW
            [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1]
            | [0x2a, 0x86, 0x48, 0xce, 0x38, 4, 3]
            | [0x2b, 0x0e, 3, 2, 0x1b | 0x1d] => Some(WeakHash::Sha1),
            _ => None,
        }
    }
}

impl fmt::Display for WeakHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            WeakHash::Md2 => "MD2",
            WeakHash::Md4 => "MD4",
            WeakHash::Md5 => "MD5",
            WeakHash::Sha1 => "SHA-1",
        })
    }
}
