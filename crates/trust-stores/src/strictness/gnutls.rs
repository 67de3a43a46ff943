//! Readers of PEM bundles that are stricter than OpenSSL: GnuTLS (wget, and git and curl in some distributions)
//! and BoringSSL (gRPC). GnuTLS refuses a bundle as a whole for one certificate that it cannot read; gRPC stops
//! there and goes on without those that follow.

use super::Reason;
use crate::cert::Certificate;

/// Why GnuTLS and BoringSSL refuse to read a certificate that OpenSSL reads, as far as that was measured: for
/// its encoding and its times. OpenSSL verifies no chain with such a time.
pub fn gnutls_refusal(certificate: &Certificate) -> Option<Reason> {
    if certificate.is_ber() {
        Some("it is BER, not DER".into())
    } else if !certificate.has_plain_times() {
        Some("its validity is not in the form of RFC 5280".into())
    } else {
        None
    }
}
