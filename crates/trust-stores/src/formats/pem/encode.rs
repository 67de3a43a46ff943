//! Bundles as PEM.

use std::io::{self, Write as _};

use crate::armor::write_armored;
use crate::blocks::BlockWriter;
use crate::bundle::Bundle;
use crate::escape::escape;
use crate::hex;

/// `bundle` as PEM with nothing but certificates, for OpenSSL, curl and most other programs.
///
/// ```
/// use trust_stores::{Bundle, DecodeOptions, Section, decode, pem};
///
/// let chain = include_bytes!("../../../examples/client-ca-chain.pem");
/// let sections = decode(chain, &DecodeOptions::default());
/// let bundle = Bundle::new(sections.iter().filter_map(Section::certificate)).unwrap();
///
/// // Comments are gone, and the order depends only on the certificates.
/// let text = String::from_utf8(pem::encode(&bundle))?;
/// assert_eq!(text.matches("-----BEGIN CERTIFICATE-----\n").count(), 2);
/// assert!(!text.contains('#'));
/// # Ok::<(), std::string::FromUtf8Error>(())
/// ```
pub fn encode(bundle: &Bundle<'_>) -> Vec<u8> {
    in_memory(|out| write(bundle, out))
}

/// `bundle` as OpenSSL's TRUSTED CERTIFICATE, each trusted for TLS servers and for nothing else.
pub fn encode_trusted(bundle: &Bundle<'_>) -> Vec<u8> {
    in_memory(|out| write_trusted(bundle, out))
}

/// `bundle` in the form of certifi's `cacert.pem`, with a comment before each certificate that names its
/// subject and issuer. The MD5 and SHA-1 fingerprints of certifi are left out: they identify nothing today.
pub fn encode_commented(bundle: &Bundle<'_>) -> Vec<u8> {
    in_memory(|out| write_commented(bundle, out))
}

fn in_memory(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> Vec<u8> {
    let mut out = Vec::new();
    // Writing to a vector cannot fail.
    let _ = write(&mut out);
    out
}

/// Writes what [`encode`] gives, a certificate at a time.
///
/// # Errors
///
/// Those of `out`.
pub fn write(bundle: &Bundle<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    BlockWriter::write_to(out, |out| {
        let mut certificates = bundle.iter();
        certificates.try_for_each(|certificate| certificate.write_pem(out))
    })
}

/// Writes what [`encode_trusted`] gives, a certificate at a time.
///
/// # Errors
///
/// Those of `out`.
pub fn write_trusted(bundle: &Bundle<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    // CertAux { trust SEQUENCE OF OBJECT IDENTIFIER: serverAuth }, see x_x509a.c of OpenSSL.
    const FOR_SERVERS: [u8; 14] = [0x30, 12, 0x30, 10, 6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 1];
    BlockWriter::write_to(out, |out| {
        for certificate in bundle.iter() {
            let der = [certificate.der(), &FOR_SERVERS].concat();
            write_armored("TRUSTED CERTIFICATE", &der, out)?;
        }
        Ok(())
    })
}

/// Writes what [`encode_commented`] gives, a certificate at a time.
///
/// # Errors
///
/// Those of `out`.
pub fn write_commented(bundle: &Bundle<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    BlockWriter::write_to(out, |out| {
        for certificate in bundle.iter() {
            let label = escape(certificate.subject().label().unwrap_or_default());
            writeln!(
                out,
                "\n# Issuer: {}\n# Subject: {}\n# Label: \"{label}\"\n# Serial: 0x{}\n# SHA256 Fingerprint: {}",
                certificate.issuer().as_str(),
                certificate.subject().as_str(),
                hex::encode(certificate.serial()),
                hex::encode_with_colons(certificate.fingerprint().as_bytes()),
            )?;
            certificate.write_pem(out)?;
        }
        Ok(())
    })
}
