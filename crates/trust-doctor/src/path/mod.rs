//! Whether a client gets from what a server presents to what it trusts.
//!
//! Written by hand because a TLS library has one answer and clients have several: rustls-webpki, the
//! obvious choice, follows the Web PKI and is none of them (it refuses a CA as a server's
//! certificate, and reads no common name). Each client's way of building a path is a module
//! (`openssl`, `jvm`); what they check on it is in `checks`, `purpose`, `strict` and
//! `constraints`. Not looked at: revocation. What cannot be read of a certificate or is not compared
//! gives [`Outcome::CannotTell`].

mod algorithms;
mod checks;
mod constraints;
mod jvm;
mod openssl;
mod purpose;
mod strict;
mod work;

use std::sync::Arc;

use trust_stores::Certificate;
use trust_stores::Timestamp;
use trust_stores::cert::oid;
use trust_stores::strictness::java_reads;

use crate::client::Rules;
use crate::names::{Coverage, Names};
use crate::outcome::{CertificateFault, Doubt, Outcome, RefusalReason, Role, TrustedPath};
use crate::signature::{self, Signature};
use work::Work;

/// A chain and the anchors that it should lead to, judged by one client's rules.
#[derive(Debug)]
pub struct PathBuilder<'a> {
    /// The rules of the client.
    pub rules: Rules,
    /// The trust anchors.
    pub anchors: &'a [Arc<Certificate>],
    /// What the server presented, its own certificate first.
    pub chain: &'a [Certificate],
    /// The name or address that the server was called by.
    pub host: &'a str,
    /// The moment that validity is judged at.
    pub at: Timestamp,
}

/// A path, the server's certificate first.
type Path<'p> = Vec<&'p Certificate>;

/// How a path ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// In a trust anchor.
    Anchor,
    /// Before one.
    Open,
}

/// A path that a client found nothing against; or what is not known of it.
struct Found<'p> {
    path: Path<'p>,
    doubt: Option<Doubt>,
}

/// What came of a search.
type Search<'p> = Result<Found<'p>, RefusalReason>;

impl<'a> PathBuilder<'a> {
    /// Whether the client trusts the server; the reason against it is that of the path that got
    /// furthest.
    pub fn judge(&self) -> Outcome {
        let Some(leaf) = self.chain.first() else {
            return Outcome::Refused(RefusalReason::NoCertificate);
        };
        if let Some(reason) = self.unread() {
            return Outcome::Refused(reason);
        }
        let work = Work::default();
        let search = if self.rules.is_jvm() {
            self.search_as_jvm(leaf, &work)
        } else {
            self.search_as_openssl(leaf, &work)
        };
        let found = match search {
            Ok(found) => found,
            Err(_) if work.is_used_up() => return Outcome::CannotTell(Doubt::TooMuchWork),
            Err(reason) => return Outcome::Refused(reason),
        };
        let name_doubt = match self.check_name(leaf) {
            Ok(doubt) => doubt,
            Err(reason) => return Outcome::Refused(reason),
        };
        match found.doubt.or(name_doubt) {
            Some(doubt) => Outcome::CannotTell(doubt),
            None => Outcome::Trusted(TrustedPath {
                certificates: found
                    .path
                    .into_iter()
                    .map(Certificate::fingerprint)
                    .collect(),
            }),
        }
    }

    /// Why there is no issuer of the last certificate of a path.
    fn dead_end(&self, path: &[&Certificate]) -> RefusalReason {
        let Some(last) = path.last().copied() else {
            return RefusalReason::NoCertificate;
        };
        if constraints::is_self_issued(last, self.rules)
            && signature::verify(last, last) == Signature::Good
            && (last.is_self_signed() || !self.is_anchor(last))
        {
            let last = Box::new(last.clone());
            return if path.len() == 1 {
                RefusalReason::SelfSigned(last)
            } else {
                RefusalReason::UntrustedRoot(last)
            };
        }
        let at_fault = |fault| {
            let role = role(path.len() - 1, last);
            RefusalReason::Certificate(fault, role, Box::new(last.clone()))
        };
        let mut anchors = self.anchors();
        let namesake = anchors.find(|anchor| anchor.subject().hash() == last.issuer().hash());
        match namesake {
            // It is its issuer, or itself one, and its authorityKeyIdentifier says otherwise.
            Some(namesake) if signature::verify(last, namesake) == Signature::Good => {
                at_fault(CertificateFault::WrongKeyIdentifier)
            }
            _ if self.is_anchor(last) => RefusalReason::IntermediateAnchor(Box::new(last.clone())),
            Some(namesake) => RefusalReason::SameName(Box::new(namesake.clone())),
            None => {
                RefusalReason::MissingIssuer(Box::new(last.clone()), role(path.len() - 1, last))
            }
        }
    }

    /// Checks that the server's certificate is for the name that it was called by.
    fn check_name(&self, leaf: &Certificate) -> Result<Option<Doubt>, RefusalReason> {
        if self.rules.is_jvm() && self.host.contains('_') {
            return Err(RefusalReason::Underscore);
        }
        let names = Names::of(leaf);
        // Since JDK 21 a subjectAltName that cannot be read is a failure, before that it is as if there were
        // none.
        let alternative = leaf.extension(oid::SUBJECT_ALTERNATIVE_NAME);
        if self.rules.is_jvm() && alternative.is_some_and(|names| !java_reads(&names)) {
            return Ok(Some(Doubt::JavaVersion(Box::new(leaf.clone()))));
        }
        match names.cover(self.host, self.rules) {
            Coverage::Covers => Ok(None),
            Coverage::JavaVersion => Ok(Some(Doubt::JavaVersion(Box::new(leaf.clone())))),
            Coverage::CommonNameOnly => {
                let name = names.common.into_iter().next_back().unwrap_or_default();
                Err(RefusalReason::CommonNameOnly(name))
            }
            Coverage::CoversNot => Err(RefusalReason::OtherName(names.listed())),
        }
    }

    fn anchors(&self) -> impl Iterator<Item = &'a Certificate> + Clone {
        self.anchors.iter().map(Arc::as_ref)
    }

    fn is_anchor(&self, certificate: &Certificate) -> bool {
        let fingerprint = certificate.fingerprint();
        self.anchors()
            .any(|anchor| anchor.fingerprint() == fingerprint)
    }
}

fn role(index: usize, certificate: &Certificate) -> Role {
    if index == 0 {
        Role::Leaf
    } else if certificate.subject().hash() == certificate.issuer().hash() {
        Role::Root
    } else {
        Role::Intermediate
    }
}

fn is_on(path: &[&Certificate], certificate: &Certificate) -> bool {
    let fingerprint = certificate.fingerprint();
    path.iter().any(|one| one.fingerprint() == fingerprint)
}

/// Where a certificate says that its issuer's can be fetched (RFC 5280, section 4.2.2.1).
pub(crate) fn issuer_url(certificate: &Certificate) -> Option<String> {
    certificate.ca_issuers().first().map(ToString::to_string)
}

/// Whether `issuer` is the issuer of `certificate` by its name and, as far as that can be
/// computed, by the signature.
pub(crate) fn may_have_signed(issuer: &Certificate, certificate: &Certificate) -> bool {
    issuer.may_have_issued(certificate) && signature::verify(certificate, issuer) != Signature::Bad
}
