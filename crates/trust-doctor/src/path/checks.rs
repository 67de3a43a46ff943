//! What a client checks of the certificates on a path, and of the server's name.

use std::collections::HashSet;
use std::net::IpAddr;

use trust_stores::cert::{Certificate, KeyUsage, oid};
use trust_stores::strictness::x509_strict_refusal;

use super::algorithms::{weak_key, weak_signature};
use super::{End, PathBuilder, role};
use crate::names::{Names, Wildcard, covers_host, may_issue_for};
use crate::outcome::{CertificateFault, RefusalReason, StrictFault};

/// The critical extensions of `id-ce` (2.5.29) that OpenSSL and the JVM both know, by their last
/// arc: keyUsage, the alternative names, basicConstraints, nameConstraints, CRL distribution
/// points, the policy extensions, extendedKeyUsage, freshestCRL.
const KNOWN_EXTENSIONS: [u8; 12] = [15, 17, 18, 19, 30, 31, 32, 33, 36, 37, 46, 54];

impl PathBuilder<'_> {
    /// Finds the first fault of a path's certificates.
    pub(super) fn check(&self, path: &[&Certificate], end: End) -> Result<(), RefusalReason> {
        for (index, certificate) in path.iter().copied().enumerate() {
            let is_anchor = end == End::Anchor && index + 1 == path.len();
            if let Some(fault) = self.fault(path, index, is_anchor) {
                return Err(RefusalReason::Certificate(
                    fault,
                    role(index, certificate),
                    Box::new(certificate.clone()),
                ));
            }
        }
        Ok(())
    }

    fn fault(
        &self,
        path: &[&Certificate],
        index: usize,
        is_anchor: bool,
    ) -> Option<CertificateFault> {
        let certificate = path[index];
        if (!is_anchor || self.rules.checks_anchor_validity())
            && let Some(fault) = self.validity_fault(certificate)
        {
            return Some(fault);
        }
        // No client checks the signature on a certificate that it trusts.
        let is_signed = !is_anchor && !certificate.is_self_signed();
        let weakness = is_signed
            .then(|| weak_signature(self.rules, certificate))
            .flatten()
            .or_else(|| weak_key(self.rules, certificate));
        if let Some(weakness) = weakness {
            return Some(CertificateFault::Weak(weakness));
        }
        if is_anchor && !self.rules.checks_anchor_extensions() {
            // All that a JVM asks of an anchor since 8u241 and 11.0.6 (JDK-8230318).
            let may_sign = index == 0 || may_sign(certificate);
            return (!may_sign).then_some(CertificateFault::NotACa);
        }
        self.extension_fault(path, index)
    }

    fn validity_fault(&self, certificate: &Certificate) -> Option<CertificateFault> {
        if self.at > certificate.not_after() {
            return Some(CertificateFault::Expired);
        }
        (self.at < certificate.not_before()).then_some(CertificateFault::NotYetValid)
    }

    fn extension_fault(&self, path: &[&Certificate], index: usize) -> Option<CertificateFault> {
        let certificate = path[index];
        if let Some(extension) = unknown_critical(certificate) {
            return Some(CertificateFault::UnknownExtension(extension));
        }
        if index == 0 && !self.may_shake_hands(certificate) {
            return Some(CertificateFault::NotForHandshakes);
        }
        if self.rules.is_strict
            && certificate.authority_key_identifier().is_none()
            && !certificate.is_self_signed()
        {
            let fault = StrictFault::NoAuthorityKeyIdentifier;
            return Some(CertificateFault::Strict(fault));
        }
        if index > 0
            && let Some(fault) = self.ca_fault(path, index)
        {
            return Some(fault);
        }
        let is_checked = index == 0 || self.rules.checks_ca_extended_key_usage();
        (is_checked && !self.is_for_servers(certificate)).then_some(CertificateFault::NotForServers)
    }

    /// Whether the extended key usage allows servers. OpenSSL has no purpose for "any"
    /// (`check_purpose_ssl_server` in `v3_purp.c`).
    fn is_for_servers(&self, certificate: &Certificate) -> bool {
        let usage = certificate.extended_key_usage();
        usage.is_none_or(|usage| usage.server_auth() || usage.any() && self.rules.is_jvm())
    }

    /// Whether the server's key usage lets it take part in a handshake: for a JVM by signing, for
    /// OpenSSL in any of three ways (`KU_TLS` in `v3_purp.c`).
    fn may_shake_hands(&self, certificate: &Certificate) -> bool {
        certificate.key_usage().is_none_or(|usage| {
            usage.digital_signature()
                || !self.rules.is_jvm() && (usage.key_encipherment() || usage.key_agreement())
        })
    }

    fn ca_fault(&self, path: &[&Certificate], index: usize) -> Option<CertificateFault> {
        let certificate = path[index];
        if !may_sign(certificate) {
            return Some(CertificateFault::NotACa);
        }
        // Self-issued ones do not count (RFC 5280, section 4.2.1.9).
        let below = path[1..index].iter().filter(|one| !one.is_self_signed());
        let constraints = certificate.basic_constraints();
        let limit = constraints.and_then(|constraints| constraints.path_length);
        if limit.is_some_and(|limit| below.count() > limit as usize) {
            return Some(CertificateFault::PathTooLong);
        }
        if self.rules.is_strict
            && let Some(reason) = x509_strict_refusal(certificate)
        {
            return Some(CertificateFault::Strict(StrictFault::Ca(reason)));
        }
        let names = self.constrained_names(path[0]);
        (!may_issue_for(certificate, &names)).then_some(CertificateFault::NameConstraint)
    }

    /// The names of the server's certificate that its CAs must be allowed to issue for: all of
    /// them, whichever one the server was called by.
    fn constrained_names(&self, leaf: &Certificate) -> Vec<String> {
        let names = Names::of(leaf);
        // Addresses do not keep the common name from being constrained; to OpenSSL only a name with
        // a dot is one of DNS (`cn2dnsid` in `v3_ncons.c`).
        let common = names.common.filter(|name| {
            names.dns.is_empty()
                && self.rules.falls_back_to_common_name()
                && (self.rules.is_jvm() || name.contains('.'))
        });
        let all = names.dns.into_iter().chain(names.addresses).chain(common);
        all.map(|name| name.to_ascii_lowercase()).collect()
    }

    /// Checks that the server's certificate is for the name that it was called by.
    pub(super) fn check_name(&self, leaf: &Certificate) -> Result<(), RefusalReason> {
        if self.rules.is_jvm() && self.host.contains('_') {
            return Err(RefusalReason::Underscore);
        }
        let names = Names::of(leaf);
        let is_address = self.host.parse::<IpAddr>().is_ok();
        let of_kind = if is_address {
            &names.addresses
        } else {
            &names.dns
        };
        let wildcard = if self.rules.matches_partial_wildcards() {
            Wildcard::PartOfLabel
        } else {
            Wildcard::WholeLabel
        };
        let covers = |name: &String| covers_host(name, self.host, wildcard);
        if of_kind.iter().any(covers) {
            return Ok(());
        }
        let common = names
            .common
            .filter(|name| !is_address && names.dns.is_empty() && covers(name));
        match common {
            Some(_) if self.rules.falls_back_to_common_name() => Ok(()),
            Some(name) => Err(RefusalReason::CommonNameOnly(name)),
            None => Err(RefusalReason::OtherName(
                [names.dns, names.addresses].concat(),
            )),
        }
    }
}

/// Whether a certificate may sign others: it is a CA's, and its key usage does not exclude that.
fn may_sign(certificate: &Certificate) -> bool {
    let usage = certificate.key_usage();
    certificate.is_ca() && usage.is_none_or(KeyUsage::cert_sign)
}

/// An extension that clients read and that cannot be read here, or is there twice: OpenSSL refuses
/// such a certificate, others may ignore the extension.
pub(super) fn unreadable_extension(certificate: &Certificate) -> Option<String> {
    let is_readable = |id| match id {
        oid::BASIC_CONSTRAINTS => certificate.basic_constraints().is_some(),
        oid::EXTENDED_KEY_USAGE => certificate.extended_key_usage().is_some(),
        oid::SUBJECT_ALTERNATIVE_NAME => certificate.subject_alternative_names().is_some(),
        _ => true,
    };
    let mut seen = HashSet::new();
    let mut ids = certificate.extensions().map(|extension| extension.oid);
    let id = ids.find(|id| !seen.insert(*id) || !is_readable(*id))?;
    Some(id.to_string())
}

/// A critical extension that clients do not know, and so must refuse (RFC 5280, section 4.2).
fn unknown_critical(certificate: &Certificate) -> Option<String> {
    let is_known = |id: &[u8]| {
        id.strip_prefix(&[0x55, 0x1d])
            .is_some_and(|arcs| matches!(arcs, [arc] if KNOWN_EXTENSIONS.contains(arc)))
    };
    let mut critical = certificate
        .extensions()
        .filter(|extension| extension.critical);
    critical
        .find(|extension| !is_known(extension.oid.as_bytes()))
        .map(|extension| extension.oid.to_string())
}
