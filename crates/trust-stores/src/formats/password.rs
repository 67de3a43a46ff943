//! The password of a store, read or written.

use std::fmt;

/// A store's password. Its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Java's own default password. Everyone knows it, so it protects nothing.
    pub const DEFAULT: &str = "changeit";

    /// A password of the user's own.
    pub fn new(password: impl Into<String>) -> Self {
        Password(password.into())
    }

    /// Whether it is the default, which everybody knows.
    pub fn is_default(&self) -> bool {
        self.0 == Password::DEFAULT
    }

    /// Whether all of it is printable ASCII.
    pub fn is_printable_ascii(&self) -> bool {
        self.0.bytes().all(|byte| matches!(byte, b' '..=b'~'))
    }

    /// As Java's `char`s, big-endian, which the hash of JKS begins with.
    pub(super) fn utf16_be(&self) -> Vec<u8> {
        self.0.encode_utf16().flat_map(u16::to_be_bytes).collect()
    }

    /// The same with the terminating NUL that PKCS#12 asks for (RFC 7292, appendix B.1).
    pub(super) fn bmp_string(&self) -> Vec<u8> {
        let mut bytes = self.utf16_be();
        bytes.extend([0, 0]);
        bytes
    }

    /// As UTF-8, which PBES2 derives its key from.
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
