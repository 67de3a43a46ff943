//! Certificates for the unit tests of this crate.

use crate::cert::Certificate;
use crate::formats::{Position, Section};

/// One of Mozilla's roots, as DER.
pub(crate) fn root_der(index: usize) -> Vec<u8> {
    webpki_root_certs::TLS_SERVER_ROOT_CERTS[index].to_vec()
}

/// One of Mozilla's roots.
pub(crate) fn root(index: usize) -> Certificate {
    Certificate::from_der(root_der(index)).unwrap()
}

/// Another certificate with the subject of `root(index)`: its signature ends in `last`, which nobody checks.
pub(crate) fn namesake(index: usize, last: u8) -> Certificate {
    let mut der = root_der(index);
    *der.last_mut().unwrap() = last;
    Certificate::from_der(der).unwrap()
}

/// Like [`namesake`], without a subjectKeyIdentifier: its extension has an unknown identifier instead.
pub(crate) fn namesake_without_identifier(index: usize, last: u8) -> Certificate {
    const SUBJECT_KEY_IDENTIFIER: &[u8] = &[6, 3, 0x55, 0x1d, 14];
    let mut der = root_der(index);
    *der.last_mut().unwrap() = last;
    let at = memchr::memmem::find(&der, SUBJECT_KEY_IDENTIFIER).unwrap();
    der[at + 4] = 127;
    Certificate::from_der(der).unwrap()
}

/// A section that is this certificate.
pub(crate) fn section(certificate: &Certificate) -> Section {
    Section {
        position: Position::Whole,
        content: Ok(certificate.clone().into()),
    }
}
