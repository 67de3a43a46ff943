//! Whether certificates may do on a path what they do there: sign others, and be a TLS server's.

use trust_stores::cert::{Certificate, Key, KeyUsage, Oid, oid};

use trust_stores::strictness::java_reads;

use super::PathBuilder;
use super::constraints::is_self_issued;
use super::openssl::is_self_signed;
use crate::client::Rules;
use crate::outcome::{CertificateFault, Doubt};

/// Bits of Netscape's certificate type.
mod netscape {
    pub(super) const SSL_SERVER: u8 = 0x40;
    pub(super) const SSL_CA: u8 = 0x04;
    pub(super) const ANY_CA: u8 = 0x07;
}

/// The extension of proxy certificates (RFC 3820), which OpenSSL does not take.
const PROXY_CERTIFICATE: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1, 14];

/// What makes a certificate a CA's to OpenSSL (`check_ca` in `v3_purp.c`).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum CaKind {
    /// It is none.
    None,
    /// basicConstraints say so.
    BasicConstraints,
    /// It is self-signed, and of version 1.
    RootOfVersion1,
    /// It has no basicConstraints, and keyUsage with keyCertSign.
    KeyUsage,
    /// It has no basicConstraints, and Netscape's certificate type says so.
    Netscape,
}

impl CaKind {
    pub(super) fn of(certificate: &Certificate) -> Self {
        let usage = certificate.key_usage();
        if usage.is_some_and(|usage| !usage.cert_sign()) {
            return CaKind::None;
        }
        let netscape = certificate.netscape_cert_type().unwrap_or_default();
        match certificate.basic_constraints() {
            Some(constraints) if constraints.ca => CaKind::BasicConstraints,
            None if certificate.version() == 1 && is_self_signed(certificate) => {
                CaKind::RootOfVersion1
            }
            None if usage.is_some() => CaKind::KeyUsage,
            None if netscape & netscape::ANY_CA != 0 => CaKind::Netscape,
            _ => CaKind::None,
        }
    }
}

impl PathBuilder<'_> {
    pub(super) fn purpose_fault(
        &self,
        path: &[&Certificate],
        index: usize,
        is_anchor: bool,
    ) -> Option<CertificateFault> {
        let certificate = path[index];
        if self.rules.is_jvm() && is_anchor {
            return (!may_be_javas_anchor(certificate)).then_some(CertificateFault::NotACa);
        }
        if let Some(extension) = unknown_critical(certificate, self.rules) {
            return Some(CertificateFault::UnknownExtension(extension));
        }
        let ca_fault = || self.ca_fault(path, index);
        let server_fault = || server_fault(certificate, index == 0, self.rules);
        if index == 0 {
            server_fault()
        } else {
            ca_fault().or_else(server_fault)
        }
    }

    fn ca_fault(&self, path: &[&Certificate], index: usize) -> Option<CertificateFault> {
        let certificate = path[index];
        let is_last = index + 1 == path.len();
        let may_sign = if self.rules.is_jvm() {
            may_sign_for_jvm(certificate, is_last, self.rules)
        } else {
            match CaKind::of(certificate) {
                CaKind::None => false,
                CaKind::BasicConstraints => true,
                CaKind::Netscape => {
                    let bits = certificate.netscape_cert_type().unwrap_or_default();
                    is_last && bits & netscape::SSL_CA != 0
                }
                CaKind::RootOfVersion1 | CaKind::KeyUsage => is_last,
            }
        };
        if !may_sign {
            return Some(CertificateFault::NotACa);
        }
        // Self-issued ones do not count (RFC 5280, section 4.2.1.9).
        let below = path[1..index]
            .iter()
            .filter(|one| !is_self_issued(one, self.rules));
        let constraints = certificate.basic_constraints();
        let limit = constraints.and_then(|constraints| constraints.path_length);
        limit
            .is_some_and(|limit| below.count() > limit as usize)
            .then_some(CertificateFault::PathTooLong)
    }

    /// What a JVM does with certificate policies is not computed: it only matters if a CA requires one
    /// or maps them, or if there are critical qualifiers (`PolicyChecker`). OpenSSL does not look at policies by default.
    pub(super) fn policy_doubt(&self, path: &[&Certificate]) -> Option<Doubt> {
        const RESTRICTIONS: [Oid<'_>; 2] = [oid::POLICY_CONSTRAINTS, oid::POLICY_MAPPINGS];
        if !self.rules.is_jvm() {
            return None;
        }
        // Since JDK 21 a damaged extendedKeyUsage is a failure, before that it is as if there were none.
        let leaf = path.first()?;
        let usage = leaf.extension(oid::EXTENDED_KEY_USAGE);
        if usage.is_some_and(|usage| !java_reads(&usage)) && path.len() > 1 {
            return Some(Doubt::JavaVersion(Box::new(Certificate::clone(leaf))));
        }
        let (_, below) = path.split_last()?;
        let is_qualified = |one: &&&Certificate| one.has_critical_policy_qualifiers();
        let qualified = below.iter().find(is_qualified).copied();
        let restricted = qualified.or_else(|| find_below(path, &RESTRICTIONS))?;
        Some(Doubt::Policies(Box::new(restricted.clone())))
    }

    /// OpenSSL compares addresses and autonomous systems (RFC 3779) with those of the CAs above, if it is
    /// built so.
    pub(super) fn resource_doubt(&self, path: &[&Certificate]) -> Option<Doubt> {
        if self.rules.is_jvm() {
            return None;
        }
        let found = find_below(path, &RESOURCES)?;
        let mut ids = RESOURCES.iter();
        let id = ids.find(|id| found.extension(**id).is_some())?;
        Some(Doubt::Extension(id.to_string(), Box::new(found.clone())))
    }
}

/// Addresses and autonomous systems (RFC 3779).
const RESOURCES: [Oid<'_>; 2] = [oid::IP_ADDRESS_BLOCKS, oid::AUTONOMOUS_SYSTEMS];

/// The first certificate below the last of a path that has one of these extensions.
fn find_below<'p>(path: &[&'p Certificate], ids: &[Oid<'_>]) -> Option<&'p Certificate> {
    let (_, below) = path.split_last()?;
    let mut below = below.iter().copied();
    below.find(|one| ids.iter().any(|id| one.extension(*id).is_some()))
}

/// `verifyTrustAnchor` of `PKIXValidator`, since 8u241 and 11.0.6 (JDK-8230318).
pub(super) fn may_be_javas_anchor(certificate: &Certificate) -> bool {
    let is_ca = certificate
        .basic_constraints()
        .is_some_and(|constraints| constraints.ca);
    let usage = certificate.key_usage();
    certificate.version() < 3 || is_ca && usage.is_none_or(KeyUsage::cert_sign)
}

/// `ConstraintsChecker` and `KeyChecker`: before version 3 only an anchor's self-issued certificate is a
/// CA's.
fn may_sign_for_jvm(certificate: &Certificate, is_last: bool, rules: Rules) -> bool {
    let is_ca = match certificate.basic_constraints() {
        _ if certificate.version() < 3 => is_last && is_self_issued(certificate, rules),
        constraints => constraints.is_some_and(|constraints| constraints.ca),
    };
    is_ca && certificate.key_usage().is_none_or(KeyUsage::cert_sign)
}

/// Whether a certificate may be a TLS server's, or above one (`check_purpose_ssl_server` in OpenSSL's
/// `v3_purp.c`; `EndEntityChecker` of the JVM, which does not look above).
fn server_fault(
    certificate: &Certificate,
    is_leaf: bool,
    rules: Rules,
) -> Option<CertificateFault> {
    let is_jvm = rules.is_jvm();
    if is_leaf && let Some(usage) = certificate.key_usage() {
        // A JVM asks for what its key exchanges need (ECDHE, and all of TLS 1.3), OpenSSL of such a key
        // (`ssl_check_srvr_ecc_cert_and_alg`).
        let signs_only = matches!(certificate.key(), Key::Ec(_) | Key::Ed25519 | Key::Ed448);
        let excludes = if is_jvm || signs_only {
            !usage.digital_signature()
        } else {
            usage.excludes_handshakes()
        };
        if excludes {
            return Some(CertificateFault::NotForHandshakes);
        }
    }
    if !is_leaf && is_jvm {
        return None;
    }
    // OpenSSL has no purpose for "any".
    let is_for_servers = certificate
        .extended_key_usage()
        .is_none_or(|usage| usage.server_auth() || usage.server_gated() || usage.any() && is_jvm);
    let netscape = certificate.netscape_cert_type();
    let is_server = netscape.is_none_or(|bits| !is_leaf || bits & netscape::SSL_SERVER != 0);
    (!is_for_servers || !is_server).then_some(CertificateFault::NotForServers)
}

/// A critical extension that a client does not know, and so must refuse (RFC 5280, section 4.2).
fn unknown_critical(certificate: &Certificate, rules: Rules) -> Option<String> {
    let is_refused = |id: Oid<'_>, is_critical: bool| {
        if rules.is_jvm() {
            is_critical && !is_known_to_jvm(id)
        } else {
            is_critical && !is_known_to_openssl(id) || id.as_bytes() == PROXY_CERTIFICATE
        }
    };
    let mut extensions = certificate.extensions();
    extensions
        .find(|extension| is_refused(extension.oid, extension.critical))
        .map(|extension| extension.oid.to_string())
}

/// `X509_supported_extension` in `v3_purp.c`.
fn is_known_to_openssl(id: Oid<'_>) -> bool {
    match id.as_bytes() {
        // keyUsage, subjectAltName, basicConstraints, nameConstraints, CRL distribution points, the policy
        // extensions and extendedKeyUsage.
        [0x55, 0x1d, arc] => matches!(arc, 15 | 17 | 19 | 30..=33 | 36 | 37 | 54),
        // id-pkix-ocsp-nocheck.
        [0x2b, 6, 1, 5, 5, 7, 48, 1, 5] => true,
        _ => id == oid::NETSCAPE_CERT_TYPE || RESOURCES.contains(&id),
    }
}

/// What `ConstraintsChecker`, `KeyChecker` and `PolicyChecker` support.
fn is_known_to_jvm(id: Oid<'_>) -> bool {
    matches!(id.as_bytes(), [0x55, 0x1d, arc] if matches!(arc, 15 | 17 | 19 | 30 | 32 | 33 | 36 | 37 | 54))
}
