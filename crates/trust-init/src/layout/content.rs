//! What a file of the tree holds: what it is encoded from, and how. It is encoded each time it is written or
//! compared, because all stores together would take more memory than the certificates in them.

use std::io::{self, Write};
use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};

use trust_stores::{Bundle, Fingerprint, java, pem};

/// The content of a file, and what is known about it once it has been encoded.
#[derive(Clone, Debug)]
pub struct Content<'a> {
    recipe: Recipe<'a>,
    digest: OnceLock<Digest>,
}

/// How a file is made.
#[derive(Clone, Debug)]
pub enum Recipe<'a> {
    /// From nothing but these bytes.
    Bytes(Vec<u8>),
    /// A PEM file.
    Pem(Bundle<'a>),
    /// A PEM file with a comment for each certificate.
    CommentedPem(Bundle<'a>),
    /// A PEM file that says what each certificate is trusted for.
    TrustedPem(Bundle<'a>),
    /// A Java truststore of a bundle with this many certificates. In a box, because there are thousands of the
    /// others, which are much smaller.
    Java(Box<java::Truststore<'a>>, usize),
}

/// The size and the SHA-256 of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest {
    /// How many they are.
    pub size: u64,
    /// Their SHA-256.
    pub sha256: Fingerprint,
}

impl<'a> Content<'a> {
    /// What `recipe` gives.
    pub fn new(recipe: Recipe<'a>) -> Self {
        Content {
            recipe,
            digest: OnceLock::new(),
        }
    }

    /// How many certificates it holds.
    pub fn certificates(&self) -> usize {
        match &self.recipe {
            Recipe::Bytes(_) => 0,
            Recipe::Pem(bundle) | Recipe::CommentedPem(bundle) | Recipe::TrustedPem(bundle) => {
                bundle.count()
            }
            Recipe::Java(_, certificates) => *certificates,
        }
    }

    /// Encodes it into `out`; only that can fail. Afterwards its digest is known.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.has_digest() {
            return self.encode(out);
        }
        let mut hashing = Hashing::new(out);
        self.encode(&mut hashing)?;
        // Another thread may have encoded it meanwhile: to the same bytes.
        let _ = self.digest.set(hashing.digest());
        Ok(())
    }

    fn encode(&self, out: &mut dyn Write) -> io::Result<()> {
        match &self.recipe {
            Recipe::Bytes(bytes) => out.write_all(bytes),
            Recipe::Pem(bundle) => pem::write(bundle, out),
            Recipe::CommentedPem(bundle) => pem::write_commented(bundle, out),
            Recipe::TrustedPem(bundle) => pem::write_trusted(bundle, out),
            Recipe::Java(store, _) => store.write(out),
        }
    }

    /// Whether its digest is known, because it has been encoded.
    pub fn has_digest(&self) -> bool {
        self.digest.get().is_some()
    }

    /// The digest of its bytes, for which it is encoded if it has not been yet.
    pub fn digest(&self) -> Digest {
        let compute = || {
            let mut nowhere = io::sink();
            let mut hashing = Hashing::new(&mut nowhere);
            // What goes nowhere does not fail.
            let _ = self.encode(&mut hashing);
            hashing.digest()
        };
        *self.digest.get_or_init(compute)
    }

    /// Its bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // Writing to a vector cannot fail.
        let _ = self.encode(&mut bytes);
        bytes
    }
}

/// Passes on what is written to it, and hashes it.
struct Hashing<'a> {
    out: &'a mut dyn Write,
    size: u64,
    hash: Sha256,
}

impl<'a> Hashing<'a> {
    fn new(out: &'a mut dyn Write) -> Self {
        Hashing {
            out,
            size: 0,
            hash: Sha256::new(),
        }
    }

    fn digest(self) -> Digest {
        let sha256: [u8; 32] = self.hash.finalize().into();
        Digest {
            size: self.size,
            sha256: sha256.into(),
        }
    }
}

impl Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.size += bytes.len() as u64;
        self.out.write_all(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::{Content, Digest, Recipe};
    use trust_stores::Fingerprint;

    /// Fails when it is full.
    struct Disk {
        space: usize,
    }

    impl io::Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.space = self
                .space
                .checked_sub(bytes.len())
                .ok_or(io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_digest_is_that_of_the_bytes_however_it_came_to_be_known() {
        for length in [0, 1, 65_536, 300_000] {
            let bytes = vec![b'x'; length];
            let expected = Digest {
                size: length as u64,
                sha256: Fingerprint::of(&bytes),
            };
            let asked = Content::new(Recipe::Bytes(bytes.clone()));
            assert_eq!(asked.digest(), expected);
            let written = Content::new(Recipe::Bytes(bytes.clone()));
            for _ in 0..2 {
                assert_eq!(written.bytes(), bytes);
                assert_eq!(written.digest(), expected);
            }
        }
    }

    #[test]
    fn content_that_was_not_written_to_the_end_has_no_digest_yet() {
        let content = Content::new(Recipe::Bytes(vec![0; 70_000]));
        let mut full = Disk { space: 65_536 };
        let error = content.write(&mut full).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert!(content.digest.get().is_none());
        assert_eq!(content.digest().size, 70_000);
    }
}
