//! Encoders that write to a stream: whatever the stream takes at a time, it gets the bytes that every release
//! has written for these certificates.

#![allow(missing_docs, clippy::unwrap_used)]

use std::io::{self, Write};

use trust_stores::{
    Bundle, DecodeOptions, Fingerprint, JavaFormat, Password, Section, decode, java, pem,
};

const CHAIN: &[u8] = include_bytes!("../examples/client-ca-chain.pem");

/// Takes a few bytes at a time, and fails when it is full, as a disk does.
struct Narrow {
    taken: Vec<u8>,
    capacity: usize,
}

impl Write for Narrow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let space = (self.capacity - self.taken.len()).min(7);
        if space == 0 {
            return Err(io::Error::from_raw_os_error(28));
        }
        let now = &bytes[..bytes.len().min(space)];
        self.taken.extend_from_slice(now);
        Ok(now.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn sections() -> Vec<Section> {
    decode(CHAIN, &DecodeOptions::default())
}

fn bundle(sections: &[Section]) -> Bundle<'_> {
    Bundle::new(sections.iter().filter_map(Section::certificate)).unwrap()
}

/// Sees that `write` gives bytes with this SHA-256, and an error of the stream wherever that ends.
fn gives(sha256: &str, write: impl Fn(&mut Narrow) -> io::Result<()>) -> Vec<u8> {
    let narrow = |capacity| Narrow {
        taken: Vec::new(),
        capacity,
    };
    let mut whole = narrow(usize::MAX);
    write(&mut whole).unwrap();
    let bytes = whole.taken;
    assert_eq!(Fingerprint::of(&bytes).to_string(), sha256);
    for capacity in (0..bytes.len()).step_by(97).chain([bytes.len() - 1]) {
        let mut full = narrow(capacity);
        let error = write(&mut full).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull, "{error}");
        assert_eq!(full.taken, bytes[..capacity]);
    }
    bytes
}

#[test]
fn java_stores_are_the_same_in_pieces() {
    const SHA256: [&str; 4] = [
        "fd90970470bc888170d6bcaeb30695b7ea0e3dc624e6fa2fbe1636d119271030",
        "cb7aadbe7b4f5dca58e28668c3490a63aef250e17b3dbed3ad5bb5d7f00e92f7",
        "07f8dc1d9ef7d7ae6f14d35abd0031f686206f5d31fdf47d60f55602ec30a07a",
        "6550842fcc82b95358e2113be026faa2d74e55129a80dac6d05bbd7a1b5e14a2",
    ];
    let sections = sections();
    let bundle = bundle(&sections);
    let password = Password::default();
    for (format, sha256) in JavaFormat::ALL.into_iter().zip(SHA256) {
        let store = java::Truststore::new(&bundle, format, &password).unwrap();
        let written = gives(sha256, |out| store.write(out));
        assert_eq!(written, java::encode(&bundle, format, &password).unwrap());
    }
}

#[test]
fn pem_files_are_the_same_in_pieces() {
    let sections = sections();
    let bundle = bundle(&sections);
    let plain = gives(
        "1c35786a4dc6b736cc9139d0d5dd29debb1771042a075ea5e2a0926549520b07",
        |out| pem::write(&bundle, out),
    );
    assert_eq!(plain, pem::encode(&bundle));
    let commented = gives(
        "c12d403a591c2fbf43a673a5e0c3326975e9723c79b53d655f8fe5fda72ec421",
        |out| pem::write_commented(&bundle, out),
    );
    assert_eq!(commented, pem::encode_commented(&bundle));
    let trusted = gives(
        "052881af5a25122eda4301c81bbc8eb4d18d7dd03149b80380bd620b71b93646",
        |out| pem::write_trusted(&bundle, out),
    );
    assert_eq!(trusted, pem::encode_trusted(&bundle));
}
