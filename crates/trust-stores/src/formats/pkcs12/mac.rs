//! `MacData`: the MAC over a store, and what it takes to check it.

use std::borrow::Cow;

use super::decode::{Candidate, damaged, iterations_of, too_much_work};
use super::hash::Hash;
use super::pbkdf2::{Algorithm, Derivation};
use crate::asn1::BerElement;
use crate::cert::{Oid, oid};
use crate::formats::Problem;
use crate::formats::derivation_budget::DerivationBudget;

/// A MAC, not checked yet.
pub(super) struct MacData<'a> {
    algorithm: Algorithm<'a>,
    digest: Cow<'a, [u8]>,
    salt: Cow<'a, [u8]>,
    iterations: Option<BerElement<'a>>,
}

impl<'a> MacData<'a> {
    /// `SEQUENCE { DigestInfo, salt, iterations DEFAULT 1 }`.
    pub(super) fn read(element: BerElement<'a>) -> Option<Self> {
        let fields = element.sequence().ok()?;
        let [info, salt, iterations @ ..] = &fields[..] else {
            return None;
        };
        let info = info.sequence().ok()?;
        let [algorithm, digest] = &info[..] else {
            return None;
        };
        Some(MacData {
            algorithm: Algorithm::read(*algorithm)?,
            digest: digest.octets().ok()?,
            salt: salt.octets().ok()?,
            iterations: iterations.first().copied(),
        })
    }

    /// Whether it tells no password from the empty one, because its key is derived from UTF-8.
    pub(super) fn is_pbmac1(&self) -> bool {
        self.algorithm.id == oid::PBMAC1
    }

    /// Whether `candidate` gives this MAC over `content`.
    pub(super) fn verifies(
        &self,
        content: &[u8],
        candidate: &Candidate,
        budget: &DerivationBudget,
    ) -> Result<bool, Problem> {
        let mac = if self.is_pbmac1() {
            self.pbmac1(content, candidate, budget)?
        } else {
            let id = self.algorithm.id;
            let hash = Hash::of(id).ok_or_else(|| unknown_mac(id))?;
            let iterations = self.iterations.map_or(Ok(1), iterations_of)?;
            budget
                .spend(iterations, hash.round)
                .map_err(too_much_work)?;
            hash.mac(&candidate.utf16, &self.salt, iterations, content)
        };
        Ok(*mac == *self.digest)
    }

    /// PBMAC1 (RFC 9579): its salt and iterations are in its own parameters.
    fn pbmac1(
        &self,
        content: &[u8],
        candidate: &Candidate,
        budget: &DerivationBudget,
    ) -> Result<Vec<u8>, Problem> {
        let [derivation, scheme] = self.algorithm.pair().ok_or_else(damaged)?;
        let hash = Hash::of_hmac(scheme.id).ok_or_else(|| unknown_mac(scheme.id))?;
        let derivation = Derivation::read(derivation)?;
        // RFC 9579, section 4: the length must be there, so that a key of another length cannot be chosen.
        let length = derivation.key_length.ok_or_else(damaged)?;
        let key = derivation.derive(&candidate.utf8, length, budget);
        Ok(hash.hmac(&key.map_err(too_much_work)?, content))
    }
}

fn unknown_mac(id: Oid<'_>) -> Problem {
    Problem::hinted(
        format!(
            "the PKCS#12 store's MAC uses an unsupported algorithm ({id}), so its password cannot be checked"
        ),
        "extract the certificates as PEM: openssl pkcs12 -in FILE -nokeys -out ca.pem",
    )
}
