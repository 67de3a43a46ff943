//! How OpenSSL builds a path (`build_chain` in `crypto/x509/x509_vfy.c`).
//!
//! It never tries a second path. Each issuer is the best candidate by its name and by what the
//! authorityKeyIdentifier says, from the store if there is one there; signatures are verified at the
//! end.

use trust_stores::Certificate;
use trust_stores::cert::SignatureAlgorithm;

use super::work::Work;
use super::{End, Found, Path, PathBuilder, Search, is_on};
use crate::outcome::{Doubt, RefusalReason};
use crate::signature::{self, Signature};

/// The server's certificate, 100 CAs (`X509_VERIFY_PARAM_set_depth`) and the anchor.
const MAX_LENGTH: usize = 102;

impl PathBuilder<'_> {
    /// The path that OpenSSL, curl or Python builds, and what it finds against it.
    pub(super) fn search_as_openssl<'p>(
        &'p self,
        leaf: &'p Certificate,
        work: &Work,
    ) -> Search<'p> {
        let (mut path, end) = self.build(leaf);
        let doubt = verify(&path, work)?;
        let checked = self.check(&path, end, work)?;
        if end == End::Open {
            // A server's certificate that is in the store itself is the last resort.
            if !(self.rules.ends_at_any_anchor() && self.is_anchor(leaf)) {
                return Err(self.dead_end(&path));
            }
            path.truncate(1);
        }
        let doubt = doubt
            .or(checked)
            .or_else(|| self.root_doubt(&path))
            .or_else(|| self.is_circular(&path).then_some(Doubt::TooMuchWork));
        Ok(Found { path, doubt })
    }

    /// Whether CAs of the store signed each other in a circle: OpenSSL may walk round until the chain is too
    /// long, by the order in which it holds them.
    fn is_circular(&self, path: &[&Certificate]) -> bool {
        (1..path.len()).any(|index| {
            let is_before =
                |one: &&&Certificate| may_issue(one, path[index]) && self.is_anchor(one);
            path[..index].iter().any(|one| is_before(&one))
        })
    }

    /// OpenSSL takes a root for one only if it knows the algorithm of its signature, which it does not
    /// verify.
    fn root_doubt(&self, path: &[&Certificate]) -> Option<Doubt> {
        let root = path.last()?;
        let is_unknown = root.signature_algorithm() == SignatureAlgorithm::Other;
        (is_unknown && !self.rules.ends_at_any_anchor())
            .then(|| Doubt::Signature(Box::new(Certificate::clone(root))))
    }

    fn build<'p>(&'p self, leaf: &'p Certificate) -> (Path<'p>, End) {
        let mut path = vec![leaf];
        let mut is_in_store = false;
        loop {
            let last = path[path.len() - 1];
            let trusted = self.best(&self.anchors(), &path, last);
            if is_self_signed(last) {
                // Another root of the same name does not help.
                let is_trusted = is_in_store
                    || trusted.is_some_and(|one| one.fingerprint() == last.fingerprint());
                return (path, if is_trusted { End::Anchor } else { End::Open });
            }
            let issuer = match trusted {
                _ if path.len() == MAX_LENGTH => break,
                Some(issuer) => {
                    is_in_store = true;
                    path.push(issuer);
                    if self.rules.ends_at_any_anchor() {
                        return (path, End::Anchor);
                    }
                    continue;
                }
                // Once it has taken one from its store, it ignores what was sent.
                None if is_in_store => break,
                None => self.best(&self.chain.iter().skip(1), &path, last),
            };
            match issuer {
                Some(issuer) => path.push(issuer),
                None => break,
            }
        }
        (path, End::Open)
    }

    /// The first candidate that is valid, otherwise the one that expired last
    /// (`get1_best_issuer_other_than_current` in `x509_lu.c`).
    fn best<'p>(
        &self,
        certificates: &(impl Iterator<Item = &'p Certificate> + Clone),
        path: &[&Certificate],
        last: &Certificate,
    ) -> Option<&'p Certificate> {
        let is_candidate = |one: &&Certificate| {
            may_issue(one, last) && (!is_on(path, one) || one.fingerprint() == last.fingerprint())
        };
        let candidates = || certificates.clone().filter(is_candidate);
        candidates()
            .find(|one| self.is_valid(one))
            .or_else(|| candidates().max_by_key(|one| one.not_after()))
    }
}

/// Whether a certificate may be another's issuer (`ossl_x509_likely_issued` in `v3_purp.c`): by its name,
/// by its key identifier, serial number and issuer where the authorityKeyIdentifier has them, and by the
/// kind of its key.
fn may_issue(issuer: &Certificate, certificate: &Certificate) -> bool {
    let key = certificate.authority_key_identifier();
    issuer.may_have_issued(certificate)
        && signature::may_use(certificate.signature_algorithm(), &issuer.key())
        && key.is_none_or(|key| {
            key.serial.is_none_or(|serial| serial == issuer.serial())
                && key
                    .issuer_name()
                    .is_none_or(|name| name == issuer.issuer().hash())
        })
}

/// Whether a certificate is a root to OpenSSL (`EXFLAG_SS`); its signature is not looked at.
pub(super) fn is_self_signed(certificate: &Certificate) -> bool {
    may_issue(certificate, certificate)
}

/// Verifies every signature but that of the last certificate (`internal_verify`).
fn verify(path: &[&Certificate], work: &Work) -> Result<Option<Doubt>, RefusalReason> {
    let mut doubt = None;
    for pair in path.windows(2) {
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
