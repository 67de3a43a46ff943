//! How a JVM builds a path (`sun.security.validator.PKIXValidator`).
//!
//! Where each certificate is issued by the next one and the last of them by an anchor, that path is
//! validated and no other is tried. Otherwise `SunCertPathBuilder` tries all that there are.

use trust_stores::Certificate;
use trust_stores::cert::java_name;

use super::algorithms::disputed;
use super::checks::unfit_key;
use super::constraints::{self, is_self_issued};
use super::purpose::may_be_javas_anchor;
use super::work::Work;
use super::{End, Found, Path, PathBuilder, Search, is_on};
use crate::outcome::{Doubt, RefusalReason};
use crate::signature::{self, Signature};

/// `PKIXBuilderParameters.getMaxPathLength`: CAs between the server and the anchor that are not
/// self-issued.
const MAX_INTERMEDIATES: usize = 5;

impl PathBuilder<'_> {
    /// A path that the JVM finds nothing against.
    pub(super) fn search_as_jvm<'p>(&'p self, leaf: &'p Certificate, work: &Work) -> Search<'p> {
        if self.is_anchor(leaf) {
            // Neither its dates nor its extensions are looked at, but its key signs the handshake.
            let path = vec![leaf];
            // JDK 8 and 11 have more curves than later ones.
            let unfit = unfit_key(leaf, true).map(|_| leaf);
            let disputed = disputed(self.rules, &path).or(unfit);
            let doubt = disputed.map(|one| Doubt::Algorithm(Box::new(one.clone())));
            return Ok(Found { path, doubt });
        }
        match self.ordered() {
            Some(path) => self.validate(&path, work),
            None => self.extend(&mut vec![leaf], work),
        }
    }

    /// The certificates before the anchor, if the server sends them in order and nothing that is not on
    /// the path.
    fn ordered(&self) -> Option<Path<'_>> {
        let mut path: Path<'_> = Vec::with_capacity(self.chain.len());
        for certificate in self.chain {
            if let Some(last) = path.last() {
                if !is_named_by(certificate, last) {
                    return None;
                }
                if self.is_anchors_key(certificate) {
                    return Some(path);
                }
            }
            path.push(certificate);
        }
        let last = path.last()?;
        let mut anchors = self.anchors();
        anchors
            .any(|anchor| is_named_by(anchor, last))
            .then_some(path)
    }

    /// Whether an anchor has this name and key.
    fn is_anchors_key(&self, certificate: &Certificate) -> bool {
        self.anchors().any(|anchor| {
            anchor.subject().hash() == certificate.subject().hash()
                && are_same(anchor.subject_der(), certificate.subject_der())
                && anchor.public_key_info() == certificate.public_key_info()
        })
    }

    /// Tries each anchor at the end of a path.
    fn validate<'p>(&'p self, path: &[&'p Certificate], work: &Work) -> Search<'p> {
        let dead_end = self.dead_end(path);
        let last = path[path.len() - 1];
        let mut best = Best::default();
        for anchor in self.anchors().filter(|anchor| may_issue(anchor, last)) {
            let mut path = path.to_vec();
            path.push(anchor);
            let doubt = match verify(&path, work) {
                Ok(doubt) => doubt,
                Err(reason) => {
                    best.refused(reason);
                    continue;
                }
            };
            match self.check(&path, End::Anchor, work) {
                Err(reason) => best.refused(reason),
                Ok(checked) => match doubt.or(checked) {
                    None => {
                        let doubt = self.namesake_doubt(last);
                        return Ok(Found { path, doubt });
                    }
                    doubt => best.found(Found { path, doubt }),
                },
            }
        }
        if best.is_empty() {
            self.check(path, End::Open, work)?;
        }
        best.or(dead_end)
    }

    /// Of two anchors that could have issued a certificate the JVM takes either, and gives up if that one
    /// is no CA's.
    fn namesake_doubt(&self, last: &Certificate) -> Option<Doubt> {
        let is_refused = |anchor: &&Certificate| {
            may_issue(anchor, last)
                && !may_be_javas_anchor(anchor)
                && signature::verify(last, anchor) == Signature::Good
        };
        let refused = self.anchors().find(is_refused)?;
        Some(Doubt::JavaVersion(Box::new(refused.clone())))
    }

    /// Looks for a way from the last certificate of `path` to an anchor.
    fn extend<'p>(&'p self, path: &mut Path<'p>, work: &Work) -> Search<'p> {
        let last = path[path.len() - 1];
        let mut best = Best::default();
        for (issuer, end) in self.issuers(last, path) {
            if !work.may_verify() {
                break;
            }
            let verified = signature::verify(last, issuer);
            if verified == Signature::Bad {
                best.refused(RefusalReason::SameName(Box::new(issuer.clone())));
                continue;
            }
            path.push(issuer);
            let found = match end {
                End::Open => self.extend(path, work),
                End::Anchor => self.complete(path, work),
            };
            path.pop();
            match found {
                Ok(found) if verified == Signature::Unknown => {
                    let doubt = Some(Doubt::Signature(Box::new(last.clone())));
                    best.found(Found { doubt, ..found });
                }
                Ok(found) if found.doubt.is_none() => return Ok(found),
                Ok(found) => best.found(found),
                Err(reason) => best.refused(reason),
            }
        }
        if best.is_empty() {
            self.check(path, End::Open, work)?;
        }
        best.or(self.dead_end(path))
    }

    /// Checks a path that ends in an anchor. JDK 11 also heeds the anchor's constraints where it builds a
    /// path itself (`X509CertSelector.setPathToNames`).
    fn complete<'p>(&self, path: &[&'p Certificate], work: &Work) -> Search<'p> {
        let doubt = self.check(path, End::Anchor, work)?;
        let of_anchor = constraints::check(path, self.rules, true, work).err();
        let of_anchor = of_anchor.map(|(_, ca)| Doubt::JavaVersion(Box::new(ca.clone())));
        Ok(Found {
            path: path.to_vec(),
            doubt: doubt
                .or(of_anchor)
                .or_else(|| self.self_issued_doubt(path))
                .or_else(|| self.exception_doubt())
                .or_else(|| self.no_ca_doubt()),
        })
    }

    /// A path that is being built may come to an anchor that is no CA's, by whichever certificate was sent,
    /// and some JVMs then give up.
    fn no_ca_doubt(&self) -> Option<Doubt> {
        let mut anchors = self.anchors();
        let first = anchors.find(|anchor| {
            !may_be_javas_anchor(anchor) && self.chain.iter().any(|one| is_named_by(anchor, one))
        })?;
        Some(Doubt::JavaVersion(Box::new(first.clone())))
    }

    /// JDK 21 and 25 throw at an empty subtree about hosts, on a path that leads nowhere too.
    fn exception_doubt(&self) -> Option<Doubt> {
        let mut sent = self.chain.iter().skip(1);
        let thrown_at = sent.find(|one| constraints::has_empty_host(one))?;
        Some(Doubt::JavaVersion(Box::new(thrown_at.clone())))
    }

    /// Of two self-issued certificates below an anchor JDK 11 builds a path, JDK 8, 17, 21 and 25 do not.
    fn self_issued_doubt(&self, path: &[&Certificate]) -> Option<Doubt> {
        let (_, below) = path.split_last()?;
        let mut self_issued = below.iter().filter(|one| is_self_issued(one, self.rules));
        let second = self_issued.nth(1)?;
        Some(Doubt::JavaVersion(Box::new(Certificate::clone(second))))
    }

    /// The issuers to try for `last`: anchors of its name, then what was sent and is valid. An anchor must
    /// be valid too, unless it is the first to be looked for (`ForwardBuilder.getMatchingCACerts` keeps
    /// the date in its selector) and of version 3.
    fn issuers<'p>(
        &'p self,
        last: &Certificate,
        path: &[&Certificate],
    ) -> Vec<(&'p Certificate, End)> {
        let is_namesake = |one: &&Certificate| is_named_by(one, last) && !is_on(path, one);
        let below = path
            .iter()
            .skip(1)
            .filter(|one| !is_self_issued(one, self.rules));
        let is_room = below.count() < MAX_INTERMEDIATES;
        let anchors = self.anchors().filter(is_namesake);
        let sent = self.chain.iter().skip(1).filter(is_namesake);
        let sent = sent.filter(|one| is_room && self.is_valid(one) && !self.is_anchor(one));
        let is_first = path.len() == 1;
        let anchors = anchors.filter(|one| {
            may_issue(one, last) && (is_first && one.version() >= 3 || self.is_valid(one))
        });
        anchors
            .map(|one| (one, End::Anchor))
            .chain(sent.map(|one| (one, End::Open)))
            .collect()
    }
}

/// The best answer of several paths: one with a doubt, otherwise the first reason that says more than that
/// a path ended, otherwise the first.
#[derive(Default)]
struct Best<'p> {
    found: Option<Found<'p>>,
    reason: Option<RefusalReason>,
}

impl<'p> Best<'p> {
    fn found(&mut self, found: Found<'p>) {
        self.found.get_or_insert(found);
    }

    fn refused(&mut self, reason: RefusalReason) {
        if self.reason.as_ref().is_none_or(RefusalReason::is_dead_end) {
            self.reason = Some(reason);
        }
    }

    fn is_empty(&self) -> bool {
        self.found.is_none() && self.reason.is_none()
    }

    fn or(self, dead_end: RefusalReason) -> Search<'p> {
        self.found.ok_or(self.reason.unwrap_or(dead_end))
    }
}

/// Whether an anchor may be the issuer (`AdaptableX509CertSelector`): by its name, its key identifier and
/// its serial number.
fn may_issue(anchor: &Certificate, certificate: &Certificate) -> bool {
    let key = certificate.authority_key_identifier();
    let serial = key.and_then(|key| key.serial);
    let is_named = key.is_some_and(|key| key.key_identifier.is_some());
    anchor.may_have_issued(certificate)
        && is_named_by(anchor, certificate)
        && serial.is_none_or(|serial| serial == anchor.serial())
        && !(is_named && has_damaged_identifier(anchor))
}

/// Whether a certificate has the issuer's name of another.
fn is_named_by(issuer: &Certificate, certificate: &Certificate) -> bool {
    issuer.subject().hash() == certificate.issuer().hash()
        && are_same(issuer.subject_der(), certificate.issuer_der())
}

/// Whether two names that are one to OpenSSL are one to a JVM.
pub(super) fn are_same(one: &[u8], other: &[u8]) -> bool {
    one == other || java_name(one) == java_name(other)
}

fn has_damaged_identifier(anchor: &Certificate) -> bool {
    let own = anchor.subject_key_identifier();
    own.is_some_and(|own| own.key_identifier.is_none())
}

/// Verifies every signature below the anchor.
fn verify(path: &[&Certificate], work: &Work) -> Result<Option<Doubt>, RefusalReason> {
    let mut doubt = None;
    for pair in path.windows(2).rev() {
        if !work.may_verify() {
            return Ok(Some(Doubt::TooMuchWork));
        }
        match signature::verify(pair[0], pair[1]) {
            Signature::Good => {}
            Signature::Bad => return Err(RefusalReason::SameName(Box::new(pair[1].clone()))),
            Signature::Unknown => doubt = Some(Doubt::Signature(Box::new(pair[0].clone()))),
        }
    }
    Ok(doubt)
}
