//! The password of a store, read or written.

use std::fmt;

/// The password of a PKCS#12 store or Java keystore. Its `Debug` is `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Java's own default password. Everyone knows it, so it protects nothing.
    pub const DEFAULT: &str = "changeit";

    /// This password. An empty one is not the same as none.
    pub fn new(password: impl Into<String>) -> Self {
        Password(password.into())
    }

    /// Whether it is [`Password::DEFAULT`].
    pub fn is_default(&self) -> bool {
        self.0 == Password::DEFAULT
    }

    /// Whether it consists of printable ASCII, the only characters that the JDK takes for PKCS#12.
    pub fn is_printable_ascii(&self) -> bool {
        self.0.bytes().all(|byte| matches!(byte, b' '..=b'~'))
    }

    /// UTF-16, big-endian, which the integrity hash of JKS begins with.
    pub(super) fn utf16_be(&self) -> Vec<u8> {
        self.0.encode_utf16().flat_map(u16::to_be_bytes).collect()
    }

    /// UTF-16, big-endian, with the terminating NUL that PKCS#12 requires (RFC 7292, appendix B.1).
    pub(super) fn bmp_string(&self) -> Vec<u8> {
        let mut bytes = self.utf16_be();
        bytes.extend([0, 0]);
        bytes
    }

    /// UTF-8, which PBES2 derives its key from.
    pub(super) fn utf8(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl Default for Password {
    fn default() -> Self {
        Password::new(Password::DEFAULT)
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
