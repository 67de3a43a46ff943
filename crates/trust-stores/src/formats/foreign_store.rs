//! Keystores that hold certificates and that no reader of the JDK, OpenSSL or Python opens: named, with the
//! command that converts them.

use super::Problem;
use crate::asn1::within_sequence;

/// The problem with `bytes`, if they are such a keystore.
pub(super) fn identify(bytes: &[u8]) -> Option<Problem> {
    if is_bks(bytes) {
        return Some(Problem::hinted(
            "a BouncyCastle keystore (BKS or UBER), which only BouncyCastle reads",
            "convert it: keytool -importkeystore -srckeystore FILE -srcstoretype BKS -destkeystore ca.p12 \
             -deststoretype PKCS12 -providerclass org.bouncycastle.jce.provider.BouncyCastleProvider \
             -providerpath bcprov.jar; of a UBER store, -srcstoretype UBER",
        ));
    }
    is_bcfks(bytes).then(|| {
        Problem::hinted(
            "a BouncyCastle keystore (BCFKS), which only BouncyCastle reads",
            "convert it: keytool -importkeystore -srckeystore FILE -srcstoretype BCFKS -destkeystore ca.p12 \
             -deststoretype PKCS12 -providerclass org.bouncycastle.jce.provider.BouncyCastleProvider \
             -providerpath bcprov.jar",
        )
    })
}

/// The version, 1 or 2, and a salt of 20 bytes (`BcKeyStoreSpi.engineLoad`).
fn is_bks(bytes: &[u8]) -> bool {
    matches!(bytes, [0, 0, 0, 1 | 2, 0, 0, 0, 20, ..])
}

/// `ObjectStore`: its data, encrypted by PBES2, then a check of its integrity.
fn is_bcfks(bytes: &[u8]) -> bool {
    const PBES2: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d";
    let algorithm = within_sequence(bytes)
        .and_then(within_sequence)
        .and_then(within_sequence);
    algorithm.is_some_and(|algorithm| algorithm.starts_with(PBES2))
}
