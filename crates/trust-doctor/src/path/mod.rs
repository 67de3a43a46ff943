//! Whether a client gets from what a server presents to what it trusts.
//!
//! Written by hand because a TLS library has one answer and clients have several: rustls-webpki, the
//! obvious choice, follows the Web PKI and is none of them (it refuses a CA as a server's
//! certificate, and reads no common name). What clients do differently is in
//! [`Rules`]; the arithmetic of signatures is in `signature`. Not looked at: revocation and certificate
//! policies. What cannot be read of a certificate, and name constraints on anything but DNS names and
//! addresses, give [`Outcome::CannotTell`].

mod algorithms;
mod checks;

use trust_stores::Certificate;
use trust_stores::Timestamp;

use crate::client::Rules;
use crate::names::constrains_other_names;
use crate::outcome::{Doubt, Outcome, RefusalReason, Role, TrustedPath};
use crate::signature::{self, Signature};

/// A longer path is no real one.
const MAX_LENGTH: usize = 10;

/// A search ends after this many steps: CAs that sign each other make more paths than anyone walks.
const MAX_STEPS: usize = 1000;

/// A chain and the anchors that it should lead to, judged by one client's rules.
#[derive(Debug)]
pub struct PathBuilder<'a> {
    /// The rules of the client.
    pub rules: Rules,
    /// The trust anchors.
    pub anchors: &'a [Certificate],
    /// What the server presented, its own certificate first.
    pub chain: &'a [Certificate],
    /// The name or address that the server was called by.
    pub host: &'a str,
    /// The moment that validity is judged at.
    pub at: Timestamp,
}

/// A path under construction, the server's certificate first.
type Path<'p> = Vec<&'p Certificate>;

/// How a path ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// In a trust anchor.
    Anchor,
    /// Before one.
    Open,
}

/// Which signatures a search follows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Follow {
    /// Those that were computed and are good: only such a path is trusted.
    Good,
    /// Those that cannot be computed as well.
    GoodAndUnknown,
}

impl PathBuilder<'_> {
    /// Whether the client trusts the server; the reason against it is that of the path that got
    /// furthest.
    pub fn judge(&self) -> Outcome {
        if let Ok(path) = self.find(Follow::Good) {
            return match self.doubt(&path) {
                Some(doubt) => Outcome::CannotTell(doubt),
                None => Outcome::Trusted(TrustedPath {
                    certificates: path.into_iter().map(Certificate::fingerprint).collect(),
                }),
            };
        }
        match self.find(Follow::GoodAndUnknown) {
            Err(reason) => Outcome::Refused(reason),
            Ok(path) => Outcome::CannotTell(Doubt::Signature(Box::new(unverified(&path).clone()))),
        }
    }

    /// A path to an anchor.
    fn find(&self, follow: Follow) -> Result<Path<'_>, RefusalReason> {
        let leaf = self.chain.first().ok_or(RefusalReason::NoCertificate)?;
        let found = self.extend(&mut vec![leaf], follow, &mut 0)?;
        self.check_name(leaf)?;
        Ok(found)
    }

    /// Looks for a way from the last certificate of `path` to an anchor.
    fn extend<'p>(
        &'p self,
        path: &mut Path<'p>,
        follow: Follow,
        steps: &mut usize,
    ) -> Result<Path<'p>, RefusalReason> {
        let Some(last) = path.last().copied() else {
            return Err(RefusalReason::NoCertificate);
        };
        let is_anchor = self.is_anchor(last);
        if is_anchor && (last.is_self_signed() || self.rules.ends_at_any_anchor()) {
            self.check(path, End::Anchor)?;
            return Ok(path.clone());
        }
        if last.is_self_signed() {
            self.check(path, End::Open)?;
            let last = Box::new(last.clone());
            return Err(if path.len() == 1 {
                RefusalReason::SelfSigned(last)
            } else {
                RefusalReason::UntrustedRoot(last)
            });
        }
        let mut furthest: Option<RefusalReason> = None;
        for issuer in self.issuers(last, path) {
            *steps += 1;
            if *steps > MAX_STEPS {
                break;
            }
            match signature::verify(last, issuer) {
                Signature::Good => {}
                Signature::Unknown if follow == Follow::GoodAndUnknown => {}
                Signature::Unknown | Signature::Bad => {
                    let namesake = || RefusalReason::SameName(Box::new(issuer.clone()));
                    furthest.get_or_insert_with(namesake);
                    continue;
                }
            }
            path.push(issuer);
            let found = self.extend(path, follow, steps);
            path.pop();
            match found {
                Ok(found) => return Ok(found),
                // The first reason that is more than a dead end says most.
                Err(reason) if furthest.as_ref().is_none_or(RefusalReason::is_dead_end) => {
                    furthest = Some(reason);
                }
                Err(_) => {}
            }
        }
        Err(match furthest {
            Some(reason) => reason,
            None if is_anchor => RefusalReason::IntermediateAnchor(Box::new(last.clone())),
            None => self.dead_end(path, last)?,
        })
    }

    /// Why there is no issuer of the last certificate; an error if something on the path is worse.
    fn dead_end(
        &self,
        path: &[&Certificate],
        last: &Certificate,
    ) -> Result<RefusalReason, RefusalReason> {
        self.check(path, End::Open)?;
        let name = last.issuer().hash();
        let mut anchors = self.anchors.iter();
        Ok(
            match anchors.find(|anchor| anchor.subject().hash() == name) {
                Some(namesake) => RefusalReason::SameName(Box::new(namesake.clone())),
                None => {
                    RefusalReason::MissingIssuer(Box::new(last.clone()), role(path.len() - 1, last))
                }
            },
        )
    }

    /// The issuers to try for `last`, in this order. The JVM tries all. OpenSSL takes one by its
    /// name and key identifier, from its store if there is any, and never tries another: the first
    /// that is valid, otherwise the one that expired last (`get1_best_issuer_other_than_current` in
    /// `x509_lu.c`). Once it has taken one from its store, it ignores what was sent (`build_chain`
    /// in `x509_vfy.c`).
    fn issuers<'p>(&'p self, last: &Certificate, path: &[&Certificate]) -> Path<'p> {
        let is_candidate = |issuer: &&Certificate| {
            path.len() < MAX_LENGTH
                && issuer.may_have_issued(last)
                && !path
                    .iter()
                    .any(|one| one.fingerprint() == issuer.fingerprint())
        };
        let trusted: Vec<&Certificate> = self.anchors.iter().filter(is_candidate).collect();
        let sent: Vec<&Certificate> = self.chain.iter().skip(1).filter(is_candidate).collect();
        if self.rules.is_jvm() {
            return [trusted, sent].concat();
        }
        let is_in_store = path.iter().skip(1).any(|one| self.is_anchor(one));
        let candidates = if trusted.is_empty() && !is_in_store {
            sent
        } else {
            trusted
        };
        let is_valid =
            |one: &&&Certificate| one.not_before() <= self.at && self.at <= one.not_after();
        let first = candidates.iter().find(is_valid);
        let best = first.or_else(|| candidates.iter().max_by_key(|one| one.not_after()));
        best.copied().into_iter().collect()
    }

    /// What a client may see on this path to an anchor that is not seen here.
    fn doubt(&self, path: &[&Certificate]) -> Option<Doubt> {
        if let Some(certificate) = algorithms::disputed(self.rules, path) {
            return Some(Doubt::Algorithm(Box::new(certificate.clone())));
        }
        let read = if self.rules.checks_anchor_extensions() {
            path.len()
        } else {
            path.len() - 1
        };
        path[..read].iter().enumerate().find_map(|(index, one)| {
            if let Some(id) = checks::unreadable_extension(one) {
                return Some(Doubt::Extension(id, Box::new(Certificate::clone(one))));
            }
            (index > 0 && constrains_other_names(one, path[0]))
                .then(|| Doubt::NameConstraint(Box::new(Certificate::clone(one))))
        })
    }

    fn is_anchor(&self, certificate: &Certificate) -> bool {
        let fingerprint = certificate.fingerprint();
        self.anchors
            .iter()
            .any(|anchor| anchor.fingerprint() == fingerprint)
    }
}

fn role(index: usize, certificate: &Certificate) -> Role {
    if index == 0 {
        Role::Leaf
    } else if certificate.is_self_signed() {
        Role::Root
    } else {
        Role::Intermediate
    }
}

/// The certificate on a path whose signature is not known to be good: the first such, or the
/// server's own.
fn unverified<'p>(path: &[&'p Certificate]) -> &'p Certificate {
    let mut pairs = path.windows(2);
    let pair = pairs.find(|pair| signature::verify(pair[0], pair[1]) != Signature::Good);
    pair.map_or(path[0], |pair| pair[0])
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
